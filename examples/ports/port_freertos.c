/* SPDX-License-Identifier: MIT */
/*
 * A port for FreeRTOS on one core, in place of libtarn-posix, -nolock or -bare: compile it with the firmware.
 * Compiled here against stubs only (tests/target/stubs), never run: no FreeRTOS is in Debian. What it relies on:
 *
 *   taskENTER_CRITICAL() nests, and masks the interrupts up to configMAX_SYSCALL_INTERRUPT_PRIORITY; handlers that are
 *   more urgent must not use tarn, as they must not use FreeRTOS. Before the scheduler runs, the first
 *   taskENTER_CRITICAL() masks them until it does. xPortIsInsideInterrupt() is there (Cortex-M, ...), and
 *   FreeRTOSConfig.h has INCLUDE_xTaskGetSchedulerState and INCLUDE_xTaskGetCurrentTaskHandle.
 *
 * A task's tag is the address of its control block in units of 8 bytes: different for all tasks within 8 MiB of RAM.
 *
 * Not here: tarn_port_report(), of a program that calls tarn_reports_on(); tarn_port_slot(), of a build with caches of
 * blocks (TARN_BLOCKS_CACHE).
 *
 * Bound: lock and unlock: FreeRTOS's.
 */
#include <FreeRTOS.h>
#include <task.h>

#include "tarn/port.h"

/* One for all: what another task does while a sink of events is at work is not told to sinks. */
static unsigned char event_guard;

uintptr_t tarn_port_lock(const void *address)
{
    (void)address;
    if (xPortIsInsideInterrupt()) {
        return (uintptr_t)taskENTER_CRITICAL_FROM_ISR();
    }
    taskENTER_CRITICAL();
    return 0;
}

void tarn_port_unlock(const void *address, uintptr_t state)
{
    (void)address;
    if (xPortIsInsideInterrupt()) {
        taskEXIT_CRITICAL_FROM_ISR((UBaseType_t)state);
    } else {
        taskEXIT_CRITICAL();
    }
}

uint32_t tarn_port_task(void)
{
    if (xPortIsInsideInterrupt() || xTaskGetSchedulerState() == taskSCHEDULER_NOT_STARTED) {
        return TARN_TASK_NONE;
    }
    return (uint32_t)((uintptr_t)xTaskGetCurrentTaskHandle() >> 3) % TARN_TASK_NONE;
}

uint32_t tarn_port_callers(const void **frames, uint32_t count)
{
    (void)frames;
    (void)count;
    return 0;
}

const void *tarn_port_code(const void *guess)
{
    return guess;
}

unsigned char *tarn_port_event_guard(void)
{
    return &event_guard;
}

/* What a board has for a console; not in FreeRTOS. */
void board_write(const char *text, size_t length);

void tarn_port_print(const char *text, size_t length)
{
    board_write(text, length);
}

/* ---- waiting, for tarn_blocks_get_wait() only ---- */

static volatile uint32_t count;

uint32_t tarn_port_event_count(const void *address)
{
    (void)address;
    return count;
}

/* Looks once a tick: simple, and at most a tick late. Ticks are summed up, since TickType_t may have 16 bits. */
uint32_t tarn_port_event_wait(const void *address, uint32_t seen, uint32_t milliseconds)
{
    TickType_t last = xTaskGetTickCount();
    uint64_t ticks = 0;
    uint64_t passed = 0;
    (void)address;
    while (count == seen && passed < milliseconds) {
        vTaskDelay(1);
        TickType_t now = xTaskGetTickCount();
        ticks += (TickType_t)(now - last);
        last = now;
        passed = milliseconds == UINT32_MAX ? 0 : ticks * 1000u / configTICK_RATE_HZ;
    }
    return milliseconds == UINT32_MAX ? milliseconds : passed < milliseconds ? milliseconds - (uint32_t)passed : 0;
}

void tarn_port_event_wake(const void *address)
{
    uintptr_t state = tarn_port_lock(address);
    count = count + 1u;
    tarn_port_unlock(address, state);
}
