/* SPDX-License-Identifier: MIT */
/* Port `bare`: no slots, since a handler would share that of the task it interrupts. Bound: constant. */
#include "tarn/config.h"
#include "tarn/port.h"

#ifdef TARN_BLOCKS_CACHE
_Thread_local uint32_t tarn_port_slot_plus_1;
#endif

uint32_t tarn_port_slot(void)
{
    return TARN_SLOT_NONE;
}
