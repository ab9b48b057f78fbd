/* SPDX-License-Identifier: MIT */
/**
 * @file liteos_checked.h
 * @brief memset() and memcpy() as LiteOS's libc has them under LOSCFG_BASE_MEM_NODE_SIZE_CHECK: a file that includes
 * this after <string.h> calls the ones that do not write past the end of a block of the system pool.
 *
 * LOS_MemCheckLevelSet() switches the check; at its default, DISABLE, everything is written as asked for. Where
 * los_lms.h is included too, before or after, memcpy() is the one of this file.
 */
#ifndef TARN_LITEOS_CHECKED_H
#define TARN_LITEOS_CHECKED_H

#include <stddef.h>

#include "los_typedef.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * memset(), if @p size bytes from @p destination on stay inside its block of the system pool, or it is in none.
 *
 * Returns: @p destination. Fails: NULL, nothing written, after the message of OsMemSysNodeCheck().
 * Units: bytes. Bound: as LOS_MemNodeSizeCheck(), and a store per byte. Interrupts: no. Lock: pool. Source: LiteOS 5.0.
 */
VOID *tarn_liteos_memset(VOID *destination, int byte, size_t size);

/**
 * memcpy(), if @p size bytes from @p destination on and from @p source on stay inside their blocks.
 *
 * Returns: @p destination. Fails: NULL, nothing written, after the message of OsMemSysNodeCheck().
 * Units: bytes. Bound: as LOS_MemNodeSizeCheck(), and a copy per byte. Interrupts: no. Lock: pool. Source: LiteOS 5.0.
 */
VOID *tarn_liteos_memcpy(VOID *destination, const VOID *source, size_t size);

#undef memset
#undef memcpy
#define memset tarn_liteos_memset
#define memcpy tarn_liteos_memcpy

#ifdef __cplusplus
}
#endif

#endif
