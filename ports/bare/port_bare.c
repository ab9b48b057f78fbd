/* SPDX-License-Identifier: MIT */
/*
 * Port `bare`: one core without an operating system, or with one that masks interrupts. The critical section is the
 * interrupt mask, which costs no memory and makes every call whose contract says "Interrupts: as the port" usable from
 * handlers. What is particular to a board is in the four functions of board.h.
 *
 * The section lasts as long as the operation: constant for `tlsf`, growing with the pool for `bestfit` and with the
 * number of blocks for `linear`, which should therefore not be used by handlers on a system with deadlines.
 *
 * Bound: the board's.
 */
#include "tarn/port.h"

#include "board.h"

/* One for all: an interrupt that arrives while a sink is at work is not told to sinks, which need not be reentrant. */
static unsigned char event_guard;

uintptr_t tarn_port_lock(const void *address)
{
    (void)address;
    return tarn_board_mask();
}

void tarn_port_unlock(const void *address, uintptr_t state)
{
    (void)address;
    tarn_board_unmask(state);
}

uint32_t tarn_port_task(void)
{
    return tarn_board_task();
}

uint32_t tarn_port_callers(const void **frames, uint32_t count)
{
    (void)frames;
    (void)count;
    return 0;
}

unsigned char *tarn_port_event_guard(void)
{
    return &event_guard;
}

void tarn_port_print(const char *text, size_t length)
{
    tarn_board_write(text, length);
}
