/* SPDX-License-Identifier: MIT */
/**
 * @file los_memory_pri.h
 * @brief Those kernel-private names of LiteOS dynamic memory that start-up code, shells and ported libcs call.
 */
#ifndef TARN_LOS_MEMORY_PRI_H
#define TARN_LOS_MEMORY_PRI_H

#include "los_typedef.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes the system pool at @p memStart, rounded up to 64 bytes, with the configured size; for targets where nobody
 * maps memory.
 *
 * Returns: LOS_OK. Fails: LOS_NOK if the system pool exists already or LOS_MemInit() refuses.
 * Bound: as LOS_MemInit(). Interrupts: no. Lock: port, registry (not both at once). Source: LiteOS 5.0.
 */
UINT32 OsMemSystemInit(UINTPTR memStart);

/**
 * Makes the exception-interaction pool, m_aucSysMem0, of g_excInteractMemSize bytes (0x100000 if that is 0) at
 * @p memStart rounded up to 64 bytes.
 *
 * Returns: LOS_OK. Fails: LOS_NOK as LOS_MemInit(); m_aucSysMem0 is then unchanged.
 * Bound: as LOS_MemInit(). Interrupts: no. Lock: registry. Source: LiteOS 5.0.
 */
UINT32 OsMemExcInteractionInit(UINTPTR memStart);

/**
 * Checks the system pool, and the exception-interaction pool if there is one, and prints that they passed.
 *
 * Fails: prints what LOS_MemIntegrityCheck() prints. Bound: as it. Interrupts: no. Lock: pool. Source: LiteOS 5.0.
 */
VOID OsMemIntegrityMultiCheck(VOID);

/**
 * Prints the table of LOS_MemPoolList() for one pool, without its number.
 *
 * Fails: prints `[ERR] wrong mem pool addr: %p, line:%d`. Bound: as LOS_MemInfoGet(). Interrupts: no. Lock: pool.
 * Source: LiteOS 5.0.
 */
VOID OsMemInfoPrint(const VOID *pool);

/**
 * Prints the used nodes of @p pool, each with three return addresses: of the call that made it, of who called that, and
 * so on. They read 0 where the pool was made without LOSCFG_MEM_LEAKCHECK (or tarn_liteos_settings.callers), and the
 * outer two where the port knows no callers (bare, nolock). A node that LOS_MemRealloc() has moved shows that call.
 *
 * Fails: NULL prints `input param is NULL`, a damaged pool what LOS_MemIntegrityCheck() prints. Bound: as tarn_walk().
 * Interrupts: no. Lock: pool. Source: LiteOS 5.0.
 */
VOID OsMemUsedNodeShow(VOID *pool);

/**
 * Nothing: a pool of tarn has no end node that could be lost. The original rewrites that node's link to @p preAddr.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: LiteOS 5.0.
 */
VOID OsMemResetEndNode(VOID *pool, UINTPTR preAddr);

/** @name Shell commands
 *  Given the words behind the command's name; whoever has a shell registers them there. */
/**@{*/

/**
 * memcheck: OsMemIntegrityMultiCheck().
 *
 * Returns: LOS_OK. Fails: OS_ERROR and the usage for any argument. Bound: as LOS_MemIntegrityCheck(). Interrupts: no.
 * Lock: pool. Source: LiteOS 5.0.
 */
UINT32 OsShellCmdMemCheck(INT32 argc, const CHAR *argv[]);

/**
 * memused: OsMemUsedNodeShow() of the system pool, and of the exception-interaction pool if there is one.
 *
 * Returns: LOS_OK. Fails: OS_ERROR and the usage for any argument. Bound: as OsMemUsedNodeShow(). Interrupts: no.
 * Lock: pool. Source: LiteOS 5.0.
 */
UINT32 OsShellCmdMemUsed(INT32 argc, const CHAR *argv[]);

/**
 * free, free -k, free -m: size, used and free bytes of the system pool (Mem) and the exception-interaction pool (Mem1,
 * if there is one), then the sizes of text, data, rodata and bss, if the linker script has LiteOS's symbols for them.
 *
 * Returns: LOS_OK. Fails: OS_ERROR and the usage for anything else. Bound: constant. Interrupts: no. Lock: pool.
 * Source: LiteOS 5.0.
 */
UINT32 OsShellCmdFree(INT32 argc, const CHAR *argv[]);

/**
 * readreg ADDRESS [LENGTH]: dumps LENGTH bytes (16) that lie in one registered LiteOS pool.
 *
 * Returns: LOS_OK. Fails: OS_ERROR and the usage, or `readreg invalid address %s` (`length`) for what is no number or
 * not in a pool. Bound: LENGTH, registered pools. Interrupts: no. Lock: registry. Source: LiteOS 5.0.
 */
UINT32 OsShellCmdMemRead(INT32 argc, const CHAR *argv[]);

/**
 * memshowenable: OsMemRecordShowSet(1), los_memrecord_pri.h.
 *
 * Returns: LOS_OK. Fails: never; as OsMemRecordShowSet(). Bound: constant. Interrupts: no. Lock: as that.
 * Source: LiteOS 5.0.
 */
UINT32 OsShellCmdMemRecordEnable(INT32 argc, const CHAR *argv[]);

/**
 * memshowdisable: OsMemRecordShowSet(0).
 *
 * Returns: LOS_OK. Fails: never. Bound: constant. Interrupts: no. Lock: as OsMemRecordShowSet(). Source: LiteOS 5.0.
 */
UINT32 OsShellCmdMemRecordDisable(INT32 argc, const CHAR *argv[]);
/**@}*/

/**
 * Tells a checked memset (@p pos 0) or memcpy (@p pos 1) whether @p len bytes stay inside the block of the system pool
 * that @p dst (and for memcpy @p src) lies in. Memory that is no block, and the level DISABLE, are not judged.
 *
 * Returns: LOS_OK. Fails: LOS_NOK with a message between dashed lines; NULL and other @p pos are LOS_OK.
 * Units: bytes. Bound: as LOS_MemNodeSizeCheck(). Interrupts: no. Lock: pool. Source: LiteOS 5.0.
 */
UINT32 OsMemSysNodeCheck(VOID *dst, VOID *src, UINT32 len, UINT8 pos);

#ifdef __cplusplus
}
#endif

#endif
