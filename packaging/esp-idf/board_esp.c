/* SPDX-License-Identifier: MIT */
/*
 * What the `bare` port asks of a board, by ESP-IDF's FreeRTOS: a critical section that keeps the other core out too.
 *
 * A task's number is made of the address of its control block, so that tasks whose blocks lie within 8 MiB have
 * different ones. On two cores, sinks of events may be called by both at once, or an event that one core raises while a
 * sink is at work on the other is not told.
 * Bound: the kernel's, and waiting for the other core.
 */
#include <stdio.h>

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "tarn.h"

enum { NO_TASK = 0xFFFFF, ADDRESS_SHIFT = 3 };

static portMUX_TYPE section = portMUX_INITIALIZER_UNLOCKED;

uintptr_t tarn_board_mask(void)
{
    portENTER_CRITICAL_SAFE(&section);
    return 0; /* the section counts for itself how often it was entered */
}

void tarn_board_unmask(uintptr_t state)
{
    (void)state;
    portEXIT_CRITICAL_SAFE(&section);
}

uint32_t tarn_board_task(void)
{
    TaskHandle_t task = xPortInIsrContext() ? NULL : xTaskGetCurrentTaskHandle(); /* none before the scheduler runs */
    return task == NULL ? NO_TASK : (uint32_t)((uintptr_t)task >> ADDRESS_SHIFT) % NO_TASK;
}

/* An interrupt may not write to stdout. */
void tarn_board_write(const char *text, size_t length)
{
    if (!xPortInIsrContext()) {
        (void)fwrite(text, 1, length, stdout);
    }
}

uint32_t tarn_board_milliseconds(void)
{
    return (uint32_t)xTaskGetTickCount() * (uint32_t)portTICK_PERIOD_MS;
}

void tarn_board_idle(void)
{
    vTaskDelay(1);
}
