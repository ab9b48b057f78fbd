/* SPDX-License-Identifier: MIT */
/**
 * @file los_memory.h
 * @brief The dynamic memory interface of Huawei LiteOS 5.0 over tarn pools.
 *
 * Source compatible: names, types, numbers, messages and success behaviour are the original's. Where the original
 * crashes, corrupts or answers with garbage, this one gives the failure that the guides document; each such case is in
 * docs/porting-liteos.md. Every function exists in every configuration and with every engine.
 *
 * A pool handle is the address given to LOS_MemInit(). Each block (a "node") costs its size rounded up to 8, plus one
 * header H: 8 bytes with the owner word, which is the default. Sizes and counts include the end node, which is one
 * header long and always used, so an empty pool reports H used bytes in 1 used node; size - used - free is one constant
 * for a pool's whole life.
 *
 * Common contract: Units: all sizes are bytes. Interrupts: as tarn_port_lock(); listings and checks: no, they print or
 * walk. Lock: pool, once, unless stated. Bound: that of the engine (docs/design.md); linear walks the blocks.
 * Source: LiteOS 5.0 unless stated.
 */
#ifndef TARN_LOS_MEMORY_H
#define TARN_LOS_MEMORY_H

#include "los_base.h"
#include "los_membox.h"
#include "tarn/liteos.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @name Error numbers of LOS_MemNodeSizeCheck() and LOS_MemCheckLevelSet() */
/**@{*/
#define LOS_ERRNO_MEMCHECK_PARA_NULL LOS_ERRNO_OS_ERROR(LOS_MOD_MEM, 0x01)   /**< an argument is NULL */
#define LOS_ERRNO_MEMCHECK_OUTSIDE LOS_ERRNO_OS_ERROR(LOS_MOD_MEM, 0x02)     /**< the address is not in the pool */
#define LOS_ERRNO_MEMCHECK_NO_HEAD LOS_ERRNO_OS_ERROR(LOS_MOD_MEM, 0x03)     /**< no used block is found for it */
#define LOS_ERRNO_MEMCHECK_WRONG_LEVEL LOS_ERRNO_OS_ERROR(LOS_MOD_MEM, 0x04) /**< there is no such check level */
#define LOS_ERRNO_MEMCHECK_DISABLED LOS_ERRNO_OS_ERROR(LOS_MOD_MEM, 0x05)    /**< checking is switched off */
/**@}*/

/** @name Check levels */
/**@{*/
#define LOS_MEM_CHECK_LEVEL_LOW 0        /**< exactly the start of a block is accepted */
#define LOS_MEM_CHECK_LEVEL_HIGH 1       /**< any address inside a block is accepted */
#define LOS_MEM_CHECK_LEVEL_DISABLE 0xff /**< nothing is checked */
#define LOS_MEM_CHECK_LEVEL_DEFAULT LOS_MEM_CHECK_LEVEL_DISABLE
/**@}*/

#define MEM_MODULE_MAX 0x20 /**< highest valid module id, so there are 33 */
#define LOS_OMIT_LR_CNT 2   /**< call levels skipped by the leak check */
#define LOS_RECORD_LR_CNT 3 /**< call levels shown by the leak check */
#define OS_MEM_WATERLINE NO

/** Called by LOS_MemAlloc(), with valid arguments, before it takes a lock. NULL at start. */
typedef VOID (*MALLOC_HOOK)(VOID);
extern MALLOC_HOOK g_MALLOC_HOOK;

extern UINT8 *m_aucSysMem0;          /**< base of the exception-interaction pool; m_aucSysMem1 if there is none */
extern UINT8 *m_aucSysMem1;          /**< base of the system pool */
extern UINTPTR g_sys_mem_addr_end;   /**< end of the system pool */
extern UINTPTR g_excInteractMemSize; /**< size of the exception-interaction pool, 0 if there is none */

/** State of a pool: one layout in every configuration, LiteOS 5.0's names and OpenHarmony's. */
typedef struct {
    __extension__ union {
        UINT32 uwTotalUsedSize; /**< bytes in used nodes, headers and end node included; control data excluded */
        UINT32 totalUsedSize;
    };
    __extension__ union {
        UINT32 uwTotalFreeSize; /**< bytes in free nodes, headers included */
        UINT32 totalFreeSize;
    };
    __extension__ union {
        UINT32 uwMaxFreeNodeSize; /**< bytes of the largest free node, header included */
        UINT32 maxFreeNodeSize;
    };
    __extension__ union {
        UINT32 uwUsedNodeNum; /**< used nodes, the end node among them */
        UINT32 usedNodeNum;
    };
    __extension__ union {
        UINT32 uwFreeNodeNum; /**< free nodes */
        UINT32 freeNodeNum;
    };
    __extension__ union {
        UINT32 uwUsageWaterLine; /**< highest use since init, control data included */
        UINT32 usageWaterLine;
    };
} LOS_MEM_POOL_STATUS;

/**
 * Makes a pool in [@p pool, @p pool + @p size). A start that is not a multiple of the pointer size loses the bytes up
 * to the next one, an end those after the last one; a [WARN] line says so and LOS_MemPoolSizeGet() tells what is left.
 *
 * Returns: LOS_OK. The range may lie inside one allocated block of another pool: pools nest.
 * Fails: LOS_NOK for @p pool NULL, @p size too small for one block or 0x40000000 and more, and, with the message
 * `[ERR] pool [%p, %p) conflict with pool [%p, %p)`, for any other overlap with a registered pool, itself included; and
 * with `[ERR] LOS_MemInit: registry is full, TARN_REGISTRY_CAPACITY is %u` where as many pools are registered. A membox
 * (los_membox.h) is no reason to fail: one that is overlapped, or where the registry is full the one made first, is
 * listed no longer.
 * Bound: control data, registered pools. Interrupts: no. Lock: registry.
 */
UINT32 LOS_MemInit(VOID *pool, UINT32 size);

/**
 * Deletes a pool and those that lie in its blocks: later calls with them fail, and the range may be initialised again.
 * Blocks that were not given back are lost, and a [WARN] line counts them.
 *
 * Returns: LOS_OK. Fails: LOS_NOK if @p pool is NULL, unknown or deleted.
 * Bound: registered pools. Interrupts: no. Lock: pool, registry (not both at once).
 */
UINT32 LOS_MemDeInit(VOID *pool);

/**
 * Returns a block of @p size bytes, aligned to 8, contents undefined.
 *
 * Fails: NULL if @p pool is NULL or no pool, @p size is 0 or 0x40000000 and more, or there is no room. With linear
 * `[ERR] there's not enough whole to alloc 0x%x Bytes!` says so, with LOSCFG_MEM_DEBUG the pool's table row does. With
 * LOSCFG_BASE_MEM_NODE_INTEGRITY_CHECK also for a damaged pool, after what LOS_MemIntegrityCheck() prints.
 */
VOID *LOS_MemAlloc(VOID *pool, UINT32 size);

/**
 * Takes back a block of LOS_MemAlloc(), LOS_MemAllocAlign() or LOS_MemRealloc(). Free neighbours merge at once. Pools
 * that lie in the block are unlisted first.
 *
 * Returns: LOS_OK. Fails: LOS_NOK, and nothing changes, if an argument is NULL, @p pool is no pool, or @p ptr is not a
 * block that it handed out: freed, interior, misaligned, of another pool (a nested one too), or its header overwritten.
 * With linear `[ERR] 0x%x out of range!` names an address that lies outside the pool. A refusal is constant in time.
 */
UINT32 LOS_MemFree(VOID *pool, VOID *ptr);

/**
 * Gives a block a new size, contents kept up to the smaller one: in place where it can, shrinking always. The result
 * of a block of LOS_MemAllocAlign() is aligned to 8 only. @p ptr NULL allocates, @p size 0 frees. A block in which a
 * registered pool lies neither shrinks nor moves; a membox in it does not keep it from moving.
 *
 * Returns: the block, moved or not; NULL after a free. Fails: NULL, and the block is untouched, as LOS_MemAlloc() and
 * LOS_MemFree() fail; a refused free prints `[ERR] LOS_MemRealloc, %d` with linear, and
 * `[ERR] node[%p] carries a pool and cannot be moved` says that of such a block. Where each allocation is checked, so
 * is a realloc to more than the block holds.
 * Bound: the engine's, plus a copy per byte where the block moves.
 */
VOID *LOS_MemRealloc(VOID *pool, VOID *ptr, UINT32 size);

/**
 * LOS_MemAlloc() at a multiple of @p boundary, any power of two; below 8 it means 8. Does not call g_MALLOC_HOOK.
 *
 * Returns: the block. Fails: as LOS_MemAlloc(), and NULL for a @p boundary that is 0 or no power of two, or if both
 * together reach 0x40000000.
 */
VOID *LOS_MemAllocAlign(VOID *pool, UINT32 size, UINT32 boundary);

/**
 * Returns the size of the pool: the one given to LOS_MemInit(), if start and size were multiples of the pointer size.
 *
 * Fails: LOS_NOK (tarn_liteos_settings.query_failure chooses another) if @p pool is NULL or no pool; the first time, a
 * message says that this is no size. LOS_MemInfoGet() is the way to ask without doubt. Bound: constant.
 */
UINT32 LOS_MemPoolSizeGet(const VOID *pool);

/** Returns bytes in used nodes, headers and end node included. Fails and bound: as LOS_MemPoolSizeGet(). */
UINT32 LOS_MemTotalUsedGet(VOID *pool);

/** Returns the number of used nodes, the end node included: 1 for an empty pool. Fails and bound: as
 *  LOS_MemPoolSizeGet(). */
UINT32 LOS_MemUsedBlksGet(VOID *pool);

/** Returns the number of free nodes: 1 for a fresh pool. Fails and bound: as LOS_MemPoolSizeGet(). */
UINT32 LOS_MemFreeBlksGet(VOID *pool);

/**
 * Returns the address one header past the end of the last used block: where the payload begins that would follow it;
 * the end of the pool if that block is the last thing in it.
 *
 * Fails: as LOS_MemPoolSizeGet(). Bound: blocks. Interrupts: no.
 */
UINTPTR LOS_MemLastUsedGet(VOID *pool);

/**
 * Returns the id of the task that allocated the block in which @p ptr lies, in any registered pool, the innermost
 * first; the task limit if it was no task (start-up, interrupt), 0 if the pool has no owner word.
 *
 * Fails: OS_INVALID if @p ptr is NULL or in no block, with `[ERR] input ptr %p is out of system memory range[%p, %p]`,
 * and in a free node, with `[ERR] input ptr %p is belong to a free mem node`.
 * Bound: blocks, registered pools. Interrupts: no. Lock: registry, pools (one at a time).
 */
UINT32 LOS_MemTaskIdGet(const VOID *ptr);

/**
 * Fills @p poolStatus.
 *
 * Returns: LOS_OK. Fails: LOS_NOK, with `[ERR] can't use NULL addr to save info` for @p poolStatus NULL and
 * `[ERR] wrong mem pool addr: %p, line:%d` for @p pool NULL or no pool; nothing is written.
 */
UINT32 LOS_MemInfoGet(VOID *pool, LOS_MEM_POOL_STATUS *poolStatus);

/**
 * Prints number and table of each registered LiteOS pool in order of initialisation.
 *
 * Returns: how many there are. Fails: a pool whose header is destroyed is counted and shows the message of
 * LOS_MemInfoGet() in place of its table.
 * Bound: registered pools. Interrupts: no. Lock: registry, pools (one at a time).
 */
UINT32 LOS_MemPoolList(VOID);

/**
 * Prints how many free nodes there are of each power of two, 2^4 to 2^28, and 2^29 if there are any.
 *
 * Returns: LOS_OK. Fails: LOS_NOK for @p pool NULL or no pool, with `[ERR] wrong mem pool addr: %p, line:%d`, or
 * damaged, with what LOS_MemIntegrityCheck() prints.
 * Bound: as tarn_walk(). Interrupts: no.
 */
UINT32 LOS_MemFreeNodeShow(VOID *pool);

/**
 * Checks every invariant of the pool, whatever the configuration.
 *
 * Returns: LOS_OK. Fails: LOS_NOK for @p pool NULL or no pool, and for a damaged one with
 * `[ERR] [LOS_MemIntegrityCheck], %d, memory check error!` and a line that names the broken rule, its place and owner.
 * Never panics. Bound: blocks. Interrupts: no.
 */
UINT32 LOS_MemIntegrityCheck(const VOID *pool);

/** The misspelling of a guide: a small L for the I. */
#define LOS_MemlntegrityCheck LOS_MemIntegrityCheck

/**
 * Tells the payload capacity of the block at @p ptr, and how many bytes of it there are from @p ptr on.
 *
 * Returns: LOS_OK. Fails, tested in this order, outputs untouched: LOS_ERRNO_MEMCHECK_DISABLED (the level is DISABLE),
 * _PARA_NULL, _OUTSIDE (@p ptr not in @p pool, or that no pool), _NO_HEAD (no used block there; at level LOW also any
 * address that is not the block's start).
 * Bound: constant at level LOW, blocks at HIGH. Interrupts: no.
 */
UINT32 LOS_MemNodeSizeCheck(VOID *pool, VOID *ptr, UINT32 *totalSize, UINT32 *availSize);

/**
 * Sets the check level of all pools and prints its name.
 *
 * Returns: LOS_OK. Fails: LOS_ERRNO_MEMCHECK_WRONG_LEVEL, with a message, for other than the three levels.
 * Bound: constant. Interrupts: no. Lock: none.
 */
UINT32 LOS_MemCheckLevelSet(UINT8 checkLevel);

/** Returns the check level. Fails: never. Bound: constant. Interrupts: yes. Lock: none. */
UINT8 LOS_MemCheckLevelGet(VOID);

/**
 * LOS_MemAlloc() for module @p moduleId, 0 to MEM_MODULE_MAX; the node's bytes count for it until LOS_MemMfree().
 *
 * Returns: the block. Fails: as LOS_MemAlloc(); a larger id prints `[ERR] error module ID input!` and gives NULL.
 * Lock: pool, count (not both at once).
 */
VOID *LOS_MemMalloc(VOID *pool, UINT32 size, UINT32 moduleId);

/**
 * LOS_MemAllocAlign() for a module.
 *
 * Returns: the block. Fails: as LOS_MemAllocAlign() and LOS_MemMalloc(). Lock: pool, count (not both at once).
 */
VOID *LOS_MemMallocAlign(VOID *pool, UINT32 size, UINT32 boundary, UINT32 moduleId);

/**
 * LOS_MemFree() of a module's block. If another module allocated it, a message says so, that one is credited, and the
 * block is freed.
 *
 * Returns: LOS_OK. Fails: LOS_NOK as LOS_MemFree(), and with the message of LOS_MemMalloc() for a bad id.
 * Lock: pool, count (not both at once).
 */
UINT32 LOS_MemMfree(VOID *pool, VOID *ptr, UINT32 moduleId);

/**
 * LOS_MemRealloc() for a module. If another one allocated the block, a message says so, the old size is credited to
 * that one, and the block belongs to @p moduleId from now on.
 *
 * Returns: as LOS_MemRealloc(). Fails: NULL as LOS_MemRealloc() and LOS_MemMalloc(); nothing changes.
 * Lock: pool, count (not both at once).
 */
VOID *LOS_MemMrealloc(VOID *pool, VOID *ptr, UINT32 size, UINT32 moduleId);

/**
 * Returns the bytes that module @p moduleId holds in all pools, headers included. Blocks of LOS_MemMalloc() that are
 * freed with LOS_MemFree() stay counted, as documented.
 *
 * Fails: OS_NULL_INT, with the message of LOS_MemMalloc(), for a bad id. Bound: constant. Lock: count.
 */
UINT32 LOS_MemMusedGet(UINT32 moduleId);

/**
 * Prints what LOS_MemIntegrityCheck() would, if the pool is damaged, and `check finish`. Header copies, which the
 * original lists here, are not kept in this version.
 *
 * Fails: NULL prints nothing. Bound: blocks. Interrupts: no.
 */
VOID LOS_MemBadNodeShow(VOID *pool);

/**
 * OsMemUsedNodeShow() by the name that OpenHarmony gives it: the used nodes with their return addresses.
 *
 * Fails: NULL prints `input param is NULL`, a damaged pool what LOS_MemIntegrityCheck() prints. Bound: as tarn_walk().
 * Interrupts: no. Source: OpenHarmony.
 */
VOID LOS_MemUsedNodeShow(VOID *pool);

/**
 * Frees every block of @p pool that task @p taskID allocated: for a task that is gone.
 *
 * Returns: LOS_OK, also if it has none. Fails: OS_ERROR for @p pool NULL or no pool, a pool without owner words, a
 * damaged one, and for a @p taskID from the task limit on.
 * Bound: blocks, once more for each 16 that are freed. Interrupts: no. Source: OpenHarmony.
 */
UINT32 LOS_MemFreeByTaskID(VOID *pool, UINT32 taskID);

#ifdef __cplusplus
}
#endif

#endif
