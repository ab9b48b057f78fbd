/* SPDX-License-Identifier: MIT */
/*
 * Port `bare`: event counts, one for all addresses. Linked only into programs that wait for blocks; these write two
 * more functions of board.h.
 *
 * Bound: wait: the time given; otherwise the board's.
 */
#include "board.h"
#include "tarn/port.h"

static volatile uint32_t count;

uint32_t tarn_port_event_count(const void *address)
{
    (void)address;
    return count;
}

uint32_t tarn_port_event_wait(const void *address, uint32_t seen, uint32_t milliseconds)
{
    uint32_t start = tarn_board_milliseconds();
    uint32_t passed = 0;
    (void)address;
    while (count == seen && passed < milliseconds) {
        tarn_board_idle();
        passed = milliseconds == UINT32_MAX ? 0 : tarn_board_milliseconds() - start;
    }
    return milliseconds == UINT32_MAX ? milliseconds : passed < milliseconds ? milliseconds - passed : 0;
}

void tarn_port_event_wake(const void *address)
{
    uintptr_t state = tarn_board_mask();
    (void)address;
    count = count + 1u;
    tarn_board_unmask(state);
}
