/* SPDX-License-Identifier: MIT */
/**
 * @file fmempory_pool.h
 * @brief The memory pool of the Phytium SDK (FMemp) over tarn heaps. Also under the names fmemory_pool.h and
 * common/fmempory_pool.h.
 *
 * Source compatible: names, types, numbers and success behaviour are the original's, of the older releases (FMempRemove)
 * and the newer ones (FMempDeinit). Where the original crashes, corrupts or answers with garbage, this one gives the
 * failure that the guide documents; docs/porting-phytium.md lists each case.
 *
 * Common contract: Units: all sizes are bytes. Interrupts: as tarn_port_lock(); FMemListAll(): no. Lock: heap, as tarn/regions.h says.
 * Bound: that of tarn/regions.h, unless stated. A @p memp that is NULL, zeroed or not initialised is refused by every
 * function. Source: Phytium SDK, fmemory_pool, unless stated.
 */
#ifndef FMEMORY_POOL_H
#define FMEMORY_POOL_H

#include "ferror_code.h"
#include "fslink_list.h"
#include "tlsf.h"

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
} FMemp;

/**
 * Makes a pool in [@p begin_addr, @p end_addr), of any alignment. What @p memp holds is not believed: it is taken for
 * initialised only if the list of live pools agrees. Then, and with the same buffer, the pool is left as it is, with a
 * warning.
 *
 * Returns: #FMEMP_SUCCESS. Fails: #FMEMP_ERR_INVALID_BUF (@p memp or @p begin_addr NULL, or the end not behind the start;
 * a message), #FMEMP_ERR_BAD_MALLOC (too small; the message says how many bytes are needed), #FMEMP_ERR_INIT_TLFS (more
 * than 2 GiB); @p memp is then zero. #FMEMP_ERR_ALREADY_INIT
 * instead of the warning with TARN_FMEMP_STRICT_INIT.
 * Bound: control data (cleared), registry. Interrupts: no. Lock: heap, registry (not both at once).
 */
FError FMempInit(FMemp *memp, void *begin_addr, void *end_addr);

/**
 * Ends the pool, with every block in it. It may be initialised again.
 *
 * Fails: a pool that is not initialised is left alone. Bound: registry, tags. Interrupts: no. Lock: heap, registry (not
 * both at once).
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
 * Takes a block back; NULL does nothing.
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
 * Prints the totals, what a full check says (0: sound), and each allocated block, with its tag if it has one.
 *
 * Fails: prints nothing for no pool. Bound: blocks times tags. Lock: heap, released around each line; the tags' own.
 */
void FMemListAll(FMemp *memp);

/**
 * FMempMalloc(), and notes for the address who asked: "<file>_<line>: <msg>". Tags live in a table of TARN_FMEMP_TAGS for
 * the whole program, not in the pool; where it is full, the block is handed out untagged and a message says so.
 *
 * Returns: the block. Fails: as FMempMalloc(). Bound: as said, plus tags. Lock: heap, tags (not both at once).
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

/** FMempFree(), and the address's tag says freed from now on. Fails: as FMempFree(), and "Free twice !!!" if the tag said
 *  so already. Bound: as said, plus tags. Lock: heap, tags (not both at once). */
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
