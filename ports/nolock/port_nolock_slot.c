/* SPDX-License-Identifier: MIT */
/* Port `nolock`: the only thread has the only slot. Bound: constant. */
#include "tarn/config.h"
#include "tarn/port.h"

#ifdef TARN_BLOCKS_CACHE
_Thread_local uint32_t tarn_port_slot_plus_1 = 1;
#endif

uint32_t tarn_port_slot(void)
{
    return 0;
}
