/* SPDX-License-Identifier: MIT */
/*
 * A port for Zephyr, in place of libtarn-posix, -nolock or -bare: compile it with the application, on one core or
 * several. Compiled here against stubs only (tests/target/stubs), never run: no Zephyr is in Debian. What it relies on:
 *
 *   k_spin_lock() masks interrupts and keeps other cores out. It may not be taken twice by one core, which no call of
 *   tarn does but the Mynewt face's nested sections, which this port does not serve.
 *
 * A thread's tag is the address of its k_thread in units of 8 bytes: different for all threads within 8 MiB of RAM.
 *
 * Not here: tarn_port_report(), of a program that calls tarn_reports_on(); tarn_port_slot(), of a build with caches of
 * blocks (TARN_BLOCKS_CACHE).
 *
 * Bound: lock and unlock: Zephyr's, and the time that another core is inside.
 */
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "tarn/port.h"

static struct k_spinlock lock;

/* One for all: what another thread does while a sink of events is at work is not told to sinks. */
static unsigned char event_guard;

uintptr_t tarn_port_lock(const void *address)
{
    (void)address;
    return (uintptr_t)k_spin_lock(&lock).key;
}

void tarn_port_unlock(const void *address, uintptr_t state)
{
    (void)address;
    k_spin_unlock(&lock, (k_spinlock_key_t){.key = (int)state});
}

uint32_t tarn_port_task(void)
{
    if (k_is_in_isr() || k_is_pre_kernel()) {
        return TARN_TASK_NONE;
    }
    return (uint32_t)((uintptr_t)k_current_get() >> 3) % TARN_TASK_NONE;
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

void tarn_port_print(const char *text, size_t length)
{
    printk("%.*s", (int)length, text);
}

/* ---- waiting, for tarn_blocks_get_wait() only ---- */

static atomic_t count;

uint32_t tarn_port_event_count(const void *address)
{
    (void)address;
    return (uint32_t)atomic_get(&count);
}

/* Looks once a millisecond, or a tick if that is longer. */
uint32_t tarn_port_event_wait(const void *address, uint32_t seen, uint32_t milliseconds)
{
    uint32_t start = k_uptime_get_32();
    uint32_t passed = 0;
    (void)address;
    while ((uint32_t)atomic_get(&count) == seen && passed < milliseconds) {
        k_msleep(1);
        passed = milliseconds == UINT32_MAX ? 0 : k_uptime_get_32() - start;
    }
    return milliseconds == UINT32_MAX ? milliseconds : passed < milliseconds ? milliseconds - passed : 0;
}

void tarn_port_event_wake(const void *address)
{
    (void)address;
    (void)atomic_inc(&count);
}
