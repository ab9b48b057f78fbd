/* SPDX-License-Identifier: MIT */
/*
 * The discipline that this library was built with (Kconfig, TARN_BLOCKS_SYNC_*); each is one header with the same
 * functions. ATOMIC on a machine that cannot compare and swap a word (Cortex-M0) is PORT: there the lock masks
 * interrupts.
 */
#ifndef TARN_SRC_BLOCKS_SYNC_H
#define TARN_SRC_BLOCKS_SYNC_H

#include "config.h"

#if TARN_ON(TARN_BLOCKS_SYNC_NONE)
#include "blocks_none.h"
#elif TARN_ON(TARN_BLOCKS_SYNC_MASK)
#include "blocks_mask.h"
#elif TARN_ON(TARN_BLOCKS_SYNC_ATOMIC) && defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_4)
#include "blocks_atomic.h"
#elif TARN_ON(TARN_BLOCKS_SYNC_ATOMIC) || TARN_ON(TARN_BLOCKS_SYNC_PORT)
#include "blocks_port.h"
#else
#error "tarn/config.h: define one of TARN_BLOCKS_SYNC_NONE, _PORT, _MASK, _ATOMIC to 1"
#endif

#endif
