/* SPDX-License-Identifier: MIT */
/* Port `bare`: no slots, since a handler would share that of the task it interrupts. Bound: constant. */
#include "tarn/port.h"

_Thread_local uint32_t tarn_port_slot_plus_1;

uint32_t tarn_port_slot(void)
{
    return TARN_SLOT_NONE;
}
