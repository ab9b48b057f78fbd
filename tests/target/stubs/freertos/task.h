/* SPDX-License-Identifier: MIT */
/* See FreeRTOS.h beside this file. */
#ifndef TARN_TESTS_STUB_TASK_H
#define TARN_TESTS_STUB_TASK_H

#include "FreeRTOS.h"

typedef struct tskTaskControlBlock *TaskHandle_t;

#define taskSCHEDULER_NOT_STARTED ((BaseType_t)1)
#define taskENTER_CRITICAL() vPortEnterCritical()
#define taskEXIT_CRITICAL() vPortExitCritical()
#define taskENTER_CRITICAL_FROM_ISR() ulPortRaiseBASEPRI()
#define taskEXIT_CRITICAL_FROM_ISR(x) vPortSetBASEPRI(x)

void vPortEnterCritical(void);
void vPortExitCritical(void);
UBaseType_t ulPortRaiseBASEPRI(void);
void vPortSetBASEPRI(UBaseType_t mask);
BaseType_t xTaskGetSchedulerState(void);
TaskHandle_t xTaskGetCurrentTaskHandle(void);
TickType_t xTaskGetTickCount(void);
void vTaskDelay(TickType_t ticks);

#endif
