/* SPDX-License-Identifier: MIT */
/**
 * @file los_memrecord_pri.h
 * @brief The memory record: a trace of every allocation, valid and invalid free of LiteOS pools, to be printed.
 *
 * Recording costs nothing until OsMemRecordShowSet(1) is called; with LOSCFG_MEM_RECORDINFO the first LOS_MemInit()
 * does that. Records wait in a ring, and whoever calls OsMemRecordShow() prints those that came since: the original has
 * a task of the kernel for it, this one any task of the program. A line is
 *
 *     [REC] 12 alloc 0x20001040 size 64 task 3 LR 0x8000a51 0x8000b07 0x0
 *
 * number, what happened (alloc, realloc in place, free, invalid free), address (0x0: refused), size, task, and three
 * return addresses as OsMemUsedNodeShow() has them. The original codes the same fields in base 64 against tables it
 * prints beside them.
 */
#ifndef TARN_LOS_MEMRECORD_PRI_H
#define TARN_LOS_MEMRECORD_PRI_H

#include "los_typedef.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The original has two buffers of so many records. */
#define RECORD_LEN 4000

/**
 * Gives the record @p bytes at @p memory, in place of the 2 * RECORD_LEN records that a hosted system maps. What was
 * recorded before is dropped.
 *
 * Returns: LOS_OK. Fails: LOS_NOK for NULL, memory that is not aligned for a pointer, or too little for one record.
 * Units: bytes. Bound: constant. Interrupts: no. Lock: port. Source: tarn.
 */
UINT32 tarn_liteos_record_memory(VOID *memory, UINT32 bytes);

/**
 * Begins (@p value other than 0) or ends recording; the shell's memshowenable and memshowdisable.
 *
 * Fails: prints `[ERR] no memory for the memory record` where none was given and nobody maps any, and
 * `[ERR] no room for the memory record's listener` where the sinks of events.h are taken. Bound: constant.
 * Interrupts: no. Lock: port, registry (one at a time). Source: LiteOS 5.0.
 */
VOID OsMemRecordShowSet(UINT32 value);

/**
 * Prints the records that came since the last call, and how many were overwritten before they could be printed.
 *
 * Fails: never. Bound: records. Interrupts: no. Lock: port, around each record. Source: LiteOS 5.0.
 */
VOID OsMemRecordShow(VOID);

/**
 * Records an allocation of @p size bytes at @p ptr, NULL for a refused one: for allocators other than LiteOS pools.
 *
 * Fails: nothing is recorded while recording is off. Units: bytes. Bound: the port's backtrace. Interrupts: no.
 * Lock: port. Source: LiteOS 5.0.
 */
VOID OsMemRecordMalloc(const VOID *ptr, UINT32 size);

/**
 * Records a free, an invalid one if @p size is 0.
 *
 * Fails, Units, Bound, Interrupts, Lock: as OsMemRecordMalloc(). Source: LiteOS 5.0.
 */
VOID OsMemRecordFree(const VOID *ptr, UINT32 size);

#ifdef __cplusplus
}
#endif

#endif
