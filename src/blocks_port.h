/* SPDX-License-Identifier: MIT */
/* Discipline PORT: each call on a pool is under the port's lock for it, a mutex (posix) or masked interrupts (bare). */
#ifndef TARN_SRC_BLOCKS_PORT_H
#define TARN_SRC_BLOCKS_PORT_H

#include "blocks_exclusive.h"
#include "tarn/port.h"

static inline uintptr_t blocks_enter(const unsigned char *b)
{
    return tarn_port_lock(b);
}

static inline void blocks_leave(const unsigned char *b, uintptr_t state)
{
    tarn_port_unlock(b, state);
}

#endif
