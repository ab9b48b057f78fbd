/* SPDX-License-Identifier: MIT */
/**
 * @file los_memstat_pri.h
 * @brief Use per task, under the names that the LiteOS shell and kernel call.
 */
#ifndef TARN_LOS_MEMSTAT_PRI_H
#define TARN_LOS_MEMSTAT_PRI_H

#include "los_typedef.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Returns the bytes, headers included, that blocks of task @p taskId hold in all registered LiteOS pools. Ids from the
 * task limit on share one slot: start-up, interrupts, and ports that know no tasks. Pools without owner word count 0.
 *
 * Fails: never. Units: bytes. Bound: as tarn_walk() per pool. Interrupts: no. Lock: registry, pools (one at a time).
 * Source: LiteOS 5.0.
 */
UINT32 OsMemTaskUsage(UINT32 taskId);

/**
 * Forgets the task, at its deletion: its blocks now count for the slot of those that are no task. Prints
 * `mem used of task '%u' is:0x%x, not zero when task being deleted` if there are any.
 *
 * Fails: never; ids from the task limit on are ignored. Bound: as tarn_walk() per pool. Interrupts: no. Lock: registry,
 * pools (one at a time). Source: LiteOS 5.0.
 */
VOID OsMemTaskClear(UINT32 taskId);

#define OS_MEM_USAGE(taskId) OsMemTaskUsage(taskId)
#define OS_MEM_CLEAR(taskId) OsMemTaskClear(taskId)

#ifdef __cplusplus
}
#endif

#endif
