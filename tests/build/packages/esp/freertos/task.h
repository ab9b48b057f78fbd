/* SPDX-License-Identifier: MIT */
/* A stand-in for FreeRTOS's header. */
#ifndef TARN_TESTS_STUB_TASK_H
#define TARN_TESTS_STUB_TASK_H

#include <stddef.h>

#include "freertos/FreeRTOS.h"

typedef void *TaskHandle_t;

static inline TaskHandle_t xTaskGetCurrentTaskHandle(void)
{
    return NULL;
}

static inline TickType_t xTaskGetTickCount(void)
{
    return 0;
}

static inline void vTaskDelay(TickType_t ticks)
{
    (void)ticks;
}

#endif
