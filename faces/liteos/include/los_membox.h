/* SPDX-License-Identifier: MIT */
/**
 * @file los_membox.h
 * @brief The static memory of Huawei LiteOS 5.0: boxes of one size in the caller's buffer, or, dynamic, at most so many
 * blocks of the system pool.
 *
 * Source compatible: names, numbers, structure members, block counts and success behaviour are the original's, and so
 * is every byte of the buffer: control, then uwBlkSize bytes for each box, of which the first are a head of one
 * pointer, which leads to the next free box or says that this one is out. Where the original crashes or corrupts, this
 * one refuses; docs/porting-liteos.md lists each case.
 *
 * A file that defines LOSCFG_KERNEL_MEMBOX_DYNAMIC or LOSCFG_KERNEL_MEMBOX_STATIC gets that kind, any other the one
 * that the library was configured with. A membox is of the kind of the file that initialises it, and used by files of
 * that kind. The structure is the same in both; a dynamic membox is its first 12 bytes.
 *
 * A membox has no end. One whose buffer lies in a block of a LiteOS pool ends with that block.
 *
 * Common contract: Units: sizes are bytes. Interrupts: as tarn_port_lock() for the static kind, but for init and show;
 * as LOS_MemAlloc() for the dynamic one. Lock: membox, once, unless stated. Source: LiteOS 5.0 unless stated.
 */
#ifndef TARN_LOS_MEMBOX_H
#define TARN_LOS_MEMBOX_H

#include "los_base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The head of a box: the next free one. */
typedef struct tagMEMBOX_NODE {
    struct tagMEMBOX_NODE *pstNext; /**< NULL at the end of the list; no address while the box is out */
} LOS_MEMBOX_NODE;

/** What a membox's buffer begins with. */
typedef struct {
    UINT32 uwBlkSize;           /**< static: bytes from one box to the next; dynamic: as given */
    UINT32 uwBlkNum;            /**< boxes */
    UINT32 uwBlkCnt;            /**< boxes that are out */
    LOS_MEMBOX_NODE stFreeList; /**< static: the free boxes */
} LOS_MEMBOX_INFO;

typedef LOS_MEMBOX_INFO OS_MEMBOX_S;

/** Rounds up to the size of a pointer; the spelling is the original's. */
#define LOS_MEMBOX_ALLIGNED(memAddr) (((UINTPTR)(memAddr) + sizeof(UINTPTR) - 1) & (~(sizeof(UINTPTR) - 1)))

/** The head behind a head. */
#define OS_MEMBOX_NEXT(addr, blkSize) ((LOS_MEMBOX_NODE *)(VOID *)((UINT8 *)(addr) + (blkSize)))

/** Bytes of a head. */
#define OS_MEMBOX_NODE_HEAD_SIZE sizeof(LOS_MEMBOX_NODE)

/** Bytes of a buffer for @p blkNum boxes of @p blkSize bytes: exactly so many boxes fit. */
#define LOS_MEMBOX_SIZE(blkSize, blkNum) \
    (sizeof(LOS_MEMBOX_INFO) + (LOS_MEMBOX_ALLIGNED((blkSize) + OS_MEMBOX_NODE_HEAD_SIZE) * (blkNum)))

/* Which kind the file that includes this asks for, by name, so that only that kind is linked. A symbol that is defined
 * to nothing is on, as in LiteOS: 0 - - 1 is 1. One defined to 0 is off. */
#define TARN_LITEOS_ASKED(symbol) ((0 - symbol - 1) != -1) /* NOLINT(bugprone-macro-parentheses): may be nothing */
#if defined(TARN_LITEOS_MEMBOX_AS_CONFIGURED)
#elif defined(LOSCFG_KERNEL_MEMBOX_DYNAMIC) && TARN_LITEOS_ASKED(LOSCFG_KERNEL_MEMBOX_DYNAMIC)
#define TARN_LITEOS_BOX(function) tarn_liteos_system_box_##function
#elif defined(LOSCFG_KERNEL_MEMBOX_STATIC) && TARN_LITEOS_ASKED(LOSCFG_KERNEL_MEMBOX_STATIC)
#define TARN_LITEOS_BOX(function) tarn_liteos_box_##function
#endif
#if defined(TARN_LITEOS_BOX)
#define LOS_MemboxInit TARN_LITEOS_BOX(init)
#define LOS_MemboxAlloc TARN_LITEOS_BOX(alloc)
#define LOS_MemboxFree TARN_LITEOS_BOX(free)
#define LOS_MemboxClr TARN_LITEOS_BOX(clear)
#define LOS_ShowBox TARN_LITEOS_BOX(show)
#endif

/**
 * Makes a membox in [@p pool, @p pool + @p poolSize). Static: of as many boxes of @p blkSize bytes as fit, all free, in
 * order of address. Dynamic: of @p poolSize / @p blkSize boxes, of which none is in the buffer. Whatever was a membox
 * there is none any more.
 *
 * Returns: LOS_OK. With pointers of 8 bytes a @p pool that is a multiple of 4 only is accepted, as its boxes then are,
 * and the [WARN] line of LOS_MemInit() says so.
 * Fails: LOS_NOK, and nothing is written, for @p pool NULL or no multiple of 4, @p blkSize 0, @p poolSize smaller than
 * the control or too small for one box, and a range that wraps the address space.
 * Bound: boxes, registry; dynamic: constant. Interrupts: no. Lock: membox, registry, pools around it (one at a time).
 */
UINT32 LOS_MemboxInit(VOID *pool, UINT32 poolSize, UINT32 blkSize);

/**
 * Returns a box, contents undefined: static the one freed last, dynamic a block of LOS_MemAlloc().
 *
 * Fails: NULL if @p pool is NULL or no membox, every box is out, the list of free boxes is damaged, or, dynamic, the
 * system pool has no room.
 * Bound: constant; dynamic: as LOS_MemAlloc(). Lock: membox; dynamic: pool too (not both at once).
 */
VOID *LOS_MemboxAlloc(VOID *pool);

/**
 * Takes a box back.
 *
 * Returns: LOS_OK. Fails: LOS_NOK, and nothing changes, if an argument is NULL, @p pool is no membox or no box of it is
 * out; static: if @p box is not the address of a box, that box is not out (freed already, never handed out, or its
 * head overwritten), or the list of free boxes is damaged; dynamic: as LOS_MemFree() of the system pool.
 * Bound: constant; dynamic: as LOS_MemFree(). Lock: membox; dynamic: pool too (not both at once).
 */
UINT32 LOS_MemboxFree(VOID *pool, VOID *box);

/**
 * Fills a box that is out with 0: static all of it, uwBlkSize - OS_MEMBOX_NODE_HEAD_SIZE bytes, dynamic uwBlkSize.
 *
 * Fails: does nothing, static where LOS_MemboxFree() would refuse the box; dynamic for what is no block of the system
 * pool, or one with fewer bytes, and NULL prints `[WARN] LOS_MemboxClr : invalid parameter!`.
 * Bound: the bytes; dynamic: and as tarn_block_at(). Lock: membox, not while it fills; dynamic: pool too (not both at
 * once).
 */
VOID LOS_MemboxClr(VOID *pool, VOID *box);

/**
 * Prints `membox(%p,0x%x,0x%x):` with size and number, and, static, each line behind `[INFO] `, the list of free boxes
 * and all boxes with what their heads hold. Boxes that others take or give back meanwhile are seen as they were or are.
 *
 * Fails: prints nothing if @p pool is NULL or no membox; a damaged list ends at the damage.
 * Bound: boxes. Interrupts: no. Lock: membox, released around each print.
 */
VOID LOS_ShowBox(VOID *pool);

/**
 * Tells the number of boxes, how many are out, and uwBlkSize.
 *
 * Returns: LOS_OK. Fails: LOS_NOK, and nothing is written, if an argument is NULL or @p boxMem no membox.
 * Bound: constant.
 */
UINT32 LOS_MemboxStatisticsGet(const VOID *boxMem, UINT32 *maxBlk, UINT32 *blkCnt, UINT32 *blkSize);

#ifdef __cplusplus
}
#endif

#endif
