/* SPDX-License-Identifier: MIT */
/*
 * Port `nolock`: event counts. There is nobody who could put a block while the only thread waits, so it does not.
 *
 * Bound: constant.
 */
#include "tarn/port.h"

uint32_t tarn_port_event_count(const void *address)
{
    (void)address;
    return 0;
}

uint32_t tarn_port_event_wait(const void *address, uint32_t seen, uint32_t milliseconds)
{
    (void)address;
    (void)seen;
    (void)milliseconds;
    return 0;
}

void tarn_port_event_wake(const void *address)
{
    (void)address;
}
