/* SPDX-License-Identifier: MIT */
/**
 * @file fmempory_pool.h
 * @brief The memory pool of the Phytium SDK (FMemp) over tarn heaps. Also under the names fmemory_pool.h and
 * common/fmempory_pool.h.
 *
 * Source compatible: names, types, numbers and success behaviour are the original's, of the older releases
 * (FMempRemove) and the newer ones (FMempDeinit). Where the original crashes, corrupts or answers with garbage, this
 * one gives the failure that the guide documents; docs/porting-phytium.md lists each case.
 *
 * Common contract: Units: all sizes are bytes. Interrupts: as tarn_port_lock(); FMemListAll(): no. Lock: heap, as
 * tarn/regions.h says. Bound: that of tarn/regions.h, unless stated. Source: Phytium SDK, fmemory_pool, unless stated.
 *
 * Every function refuses a @p memp that is NULL, zeroed, filled with any one byte, or whose is_ready and two pointers
 * do not fit each other, and a copy of one whose pool has ended, as long as the buffer can be read. FMempInit() and
 * FMempDeinit() ask the registry besides, before they read where a structure points. The functions on blocks do not: a
 * copy of a pool whose buffer was given back to the system is not told from a pool, and reading there may fault.
 */
#ifndef FMEMORY_POOL_H
#define FMEMORY_POOL_H

#include "ferror_code.h"
#include "fslink_list.h"
#include "tlsf.h"

/* The SDK's header brings it, and SDK code takes printf from there. */
#if __STDC_HOSTED__
#include <stdio.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** @name Error numbers */
/**@{*/
#define FMEMP_SUCCESS FT_SUCCESS                                                /**< done */
#define FMEMP_ERR_INVALID_BUF FT_MAKE_ERRCODE(ErrorModGeneral, ErrCommMemp, 0)  /**< no range of memory */
#define FMEMP_ERR_INIT_TLFS FT_MAKE_ERRCODE(ErrorModGeneral, ErrCommMemp, 1)    /**< no pool can be made there */
#define FMEMP_ERR_BAD_MALLOC FT_MAKE_ERRCODE(ErrorModGeneral, ErrCommMemp, 2)   /**< too small for a pool */
#define FMEMP_ERR_ALREADY_INIT FT_MAKE_ERRCODE(ErrorModGeneral, ErrCommMemp, 3) /**< only with TARN_FMEMP_STRICT_INIT */
#define FMEMP_ERR_INIT_TLSF FMEMP_ERR_INIT_TLFS /**< the misspelling of the name, mended */
/**@}*/

/** What became of a tagged address; the last one makes the type as wide as an int with every compiler option. */
typedef enum { FMEMP_TAG_ALLOCATED = 0, FMEMP_TAG_FREEED, FMEMP_TAG_STATUS_WIDTH = 0x7fffffff } FMempTagStatus;

#define FMEMP_TAG_MSG_LEN 125 /**< bytes of a tag's text, its end included */

/** Who allocated an address, as FMEMP_TAG_DEBUG keeps it. */
typedef struct FMempTag {
    uintptr mem_addr;
    uintptr id;       /**< counts from 0 for each pool */
    fsize_t mem_size; /**< as asked for, 0 once it is freed */
    char msg[FMEMP_TAG_MSG_LEN];
    FMempTagStatus status;
    struct FMempTag *next;
} FMempTag;

/** The first region of a pool. */
typedef struct {
    pool_t pool_addr;
    FSListNode list;
} FMempPoolList;

/** A memory pool. Zero it before FMempInit(); one layout whether or not tags are kept. */
typedef struct {
    FMempPoolList *pools_list;
    tlsf_t tlsf_ptr;     /**< the heap, for the functions of tlsf.h */
    u32 is_ready;        /**< #FT_COMPONENT_IS_READY while it is initialised */
    FMempTag *tags_list; /**< newest first */
    u32 life;            /**< which of all initialisations made it; tells it from others over the same buffer */
} FMemp;

/**
 * Makes a pool in [@p begin_addr, @p end_addr), of any alignment. What @p memp holds is not believed: it is taken for
 * initialised only if the registry lists a live heap there (once the registry was ever full, if a live heap is there).
 * With the same start the pool is then left as it is, with a warning; with another one it ends, with its tags and a
 * warning, and the new one is made. A pool that the registry has no room for works and is told: a warning, and
 * #TARN_EVENT_UNLISTED_INIT; pools in its blocks are then the caller's to end.
 *
 * Returns: #FMEMP_SUCCESS. Fails: #FMEMP_ERR_INVALID_BUF (@p memp or @p begin_addr NULL, or the end not behind the
 * start; a message), #FMEMP_ERR_BAD_MALLOC (too small for one block of 20 bytes; the message says how many bytes are
 * needed), #FMEMP_ERR_INIT_TLFS (more than 2 GiB); @p memp is then zero, unless it is a live pool, which stays.
 * #FMEMP_ERR_ALREADY_INIT with TARN_FMEMP_STRICT_INIT where a live pool is left as it is.
 * Bound: control data (cleared), registry, tags. Interrupts: no. Lock: heap, registry, tags (no two at once).
 */
FError FMempInit(FMemp *memp, void *begin_addr, void *end_addr);

/**
 * Ends the pool, with every block in it and every registered pool in those; its tags are free for others. It may be
 * initialised again. A copy of the structure will do.
 *
 * Fails: a pool that is not initialised is left alone, and so is one that another structure was given over the buffer.
 * Bound: regions times registry, tags. Interrupts: no. Lock: heap, registry, tags (no two at once).
 */
void FMempDeinit(FMemp *memp);

/** FMempDeinit() under its older name; same contract. */
void FMempRemove(FMemp *memp);

/**
 * Returns a block of at least @p nbytes, and of at least 20, contents undefined.
 *
 * Fails: NULL where there is no room.
 */
void *FMempMalloc(FMemp *memp, fsize_t nbytes);

/**
 * Returns @p count times @p size zero bytes, at least 20.
 *
 * Fails: NULL where there is no room or the product overflows. Bound: as said, plus a store per byte outside the lock.
 */
void *FMempCalloc(FMemp *memp, fsize_t count, fsize_t size);

/**
 * Returns @p size zero bytes, at least 20, at a multiple of @p align; 0 means the natural alignment.
 *
 * Fails: NULL where there is no room or @p align is no power of two. Bound: as said, plus a store per byte outside the
 * lock.
 */
void *FMempMallocAlign(FMemp *memp, fsize_t size, fsize_t align);

/**
 * Gives the block @p nbytes, in place where it can. @p ptr NULL allocates (NULL for 0 bytes), @p nbytes 0 frees.
 *
 * Returns: the block, moved or not; NULL after a free. Fails: NULL, and the block is untouched, where there is no room,
 * for any @p nbytes up to SIZE_MAX, or if @p ptr is no block of this pool (message).
 * Bound: as said, plus a copy per byte outside the lock where it moves.
 */
void *FMempRealloc(FMemp *memp, void *ptr, fsize_t nbytes);

/**
 * Takes a block back; NULL does nothing. Registered pools in a block of the pool's own buffer end with it; in a region
 * added later they are the caller's to end first.
 *
 * Fails: a pointer that is no block of this pool (freed, interior, foreign) is refused with a message.
 */
void FMempFree(FMemp *memp, void *ptr);

/**
 * Tells the bytes that blocks can occupy, those that they do, and the highest number that they ever did, over all
 * regions; headers included, control data excluded, so that total is constant while no region comes or goes. Any output
 * may be NULL; what exceeds 32 bits is 0xFFFFFFFF.
 *
 * Fails: outputs are 0. Bound: regions.
 */
void FMemProbe(FMemp *memp, u32 *total, u32 *used, u32 *max_used);

/**
 * Prints the totals, what a full check says (0: sound), and each allocated block, under the number of its tag and with
 * what that says, or under "-" if it has none.
 *
 * Fails: prints nothing for no pool, the check alone where that finds the heap's own table damaged. Bound: as
 * tarn_check() and tarn_walk(), plus blocks times tags. Lock: heap, held for each whole check and released around each
 * line; the tags' own.
 */
void FMemListAll(FMemp *memp);

/**
 * FMempMalloc(), and notes for the address who asked: "<file>_<line>: <msg>". Tags live in a table of TARN_FMEMP_TAGS
 * for the whole program, not in the pool. Where it is full, the address that was freed first makes room (the newest of
 * each other pool is kept), or a pool that is no more; if there is none, the block is handed out untagged, and the
 * first time a message says so.
 *
 * Returns: the block. Fails: as FMempMalloc(). Bound: as said, plus tags; where the table is full, times the registry.
 * Lock: heap, tags, registry (no two at once).
 */
void *FMempMallocTag(FMemp *memp, fsize_t nbytes, const char *file, unsigned long line, const char *msg);

/** FMempMallocAlign() with a tag. Returns: the block. Fails: as FMempMallocAlign(). Bound: as said, plus tags.
 *  Lock: heap, tags (not both at once). */
void *FMempMallocAlignTag(FMemp *memp, fsize_t size, fsize_t align, const char *file, unsigned long line,
                          const char *msg);

/** FMempCalloc() with a tag. Returns: the block. Fails: as FMempCalloc(). Bound: as said, plus tags. Lock: heap, tags
 *  (not both at once). */
void *FMempCallocTag(FMemp *memp, fsize_t count, fsize_t size, const char *file, unsigned long line, const char *msg);

/** FMempRealloc() with a tag; the old tag stays as it is if it fails. Returns: the block. Fails: as FMempRealloc().
 *  Bound: as said, plus tags. Lock: heap, tags (not both at once). */
void *FMempReallocTag(FMemp *memp, void *ptr, fsize_t size, const char *file, unsigned long line, const char *msg);

/** FMempFree(), and the address's tag says freed from now on. Fails: as FMempFree(), and "Free twice !!!" if the tag
 *  said so already. Bound: as said, plus tags. Lock: heap, tags (not both at once). */
void FMempFreeTag(FMemp *memp, void *ptr);

/** @name What SDK code calls: with FMEMP_TAG_DEBUG defined before this header, tagged */
/**@{*/
#ifdef FMEMP_TAG_DEBUG
#define FMEMP_MALLOC(memp, size) FMempMallocTag((memp), (size), __FILE__, __LINE__, "")
#define FMEMP_MALLOC_ALIGN(memp, size, align) FMempMallocAlignTag((memp), (size), (align), __FILE__, __LINE__, "")
#define FMEMP_CALLOC(memp, count, size) FMempCallocTag((memp), (count), (size), __FILE__, __LINE__, "")
#define FMEMP_REALLOC(memp, ptr, nbytes) FMempReallocTag((memp), (ptr), (nbytes), __FILE__, __LINE__, "")
#define FMEMP_FREE(memp, ptr) FMempFreeTag((memp), (ptr))
#else
#define FMEMP_MALLOC(memp, size) FMempMalloc((memp), (size))
#define FMEMP_MALLOC_ALIGN(memp, size, align) FMempMallocAlign((memp), (size), (align))
#define FMEMP_CALLOC(memp, count, size) FMempCalloc((memp), (count), (size))
#define FMEMP_REALLOC(memp, ptr, nbytes) FMempRealloc((memp), (ptr), (nbytes))
#define FMEMP_FREE(memp, ptr) FMempFree((memp), (ptr))
#endif
/**@}*/

#ifdef __cplusplus
}
#endif

#endif
