/* SPDX-License-Identifier: MIT */
/* Port `nolock`: the only thread has the only slot. Bound: constant. */
#include "tarn/port.h"

_Thread_local uint32_t tarn_port_slot_plus_1 = 1;

uint32_t tarn_port_slot(void)
{
    return 0;
}
