/* SPDX-License-Identifier: MIT */
/*
 * Port `nolock`: one thread, no interrupt that uses tarn. The lock is empty, and the program says so by linking this
 * port; it is never a default.
 *
 * Bound: constant, but for print.
 */
#include <stdio.h>

#include "tarn/port.h"

static unsigned char event_guard;

uintptr_t tarn_port_lock(const void *address)
{
    (void)address;
    return 0;
}

void tarn_port_unlock(const void *address, uintptr_t state)
{
    (void)address;
    (void)state;
}

uint32_t tarn_port_task(void)
{
    return TARN_TASK_NONE;
}

uint32_t tarn_port_callers(const void **frames, uint32_t count)
{
    (void)frames;
    (void)count;
    return 0;
}

const void *tarn_port_code(const void *guess)
{
    return guess; /* one program, without libraries far away */
}

unsigned char *tarn_port_event_guard(void)
{
    return &event_guard;
}

/* Through the program's own stdout, so that listings keep their place between the program's printf()s. */
void tarn_port_print(const char *text, size_t length)
{
    (void)fwrite(text, 1, length, stdout);
}
