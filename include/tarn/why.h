/* SPDX-License-Identifier: MIT */
/**
 * @file why.h
 * @brief Why a request is served or refused: one verdict, with what it rests on.
 *
 * A request that fails has one of five reasons, and each calls for something else: a pool that could never serve it
 * wants other memory, an exhausted one a leak found or more of it, a fragmented one other sizes or lifetimes, a spent
 * quota its module looked at, a damaged one a report.
 */
#ifndef TARN_WHY_H
#define TARN_WHY_H

#include <stddef.h>
#include <stdint.h>

#include "tarn/account.h"
#include "tarn/blocks.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"
#include "tarn/regions.h"
#include "tarn/verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TARN_WHY_OWNERS = 8 };

/** A verdict; sizes in bytes, headers and extension words included but in what a request may ask for. */
typedef struct tarn_verdict {
    uint32_t verdict;         /**< TARN_WHY_* */
    tarn_status status;       /**< what the request would be answered: #TARN_OK if it fits */
    uint64_t needed;          /**< what a block for the request occupies, lost alignment not counted */
    uint64_t free;            /**< in all free blocks together */
    uint64_t largest_free;    /**< in the largest free block */
    uint64_t largest_request; /**< the largest size that a request of this alignment would be served now, exactly, if
                                   need be by having blocks leave the quarantine */
    uint32_t free_blocks;     /**< how many pieces the free bytes are in */
    uint32_t between;         /**< FRAGMENTED: the fewest used blocks that would have to go, neighbours of each other;
                                   0 if a free block is large enough and the engine does not look at it (tlsf looks at
                                   the head of the request's own bin) or a piece of it lies too badly aligned */
    uint64_t between_bytes;   /**< FRAGMENTED: what these blocks occupy */
    uint64_t between_at;      /**< FRAGMENTED: payload of the first of them from the image's first byte */
    uint32_t owners;          /**< entries of the arrays that are filled: whose these blocks are */
    uint32_t owner[TARN_WHY_OWNERS];        /**< owner words, see #TARN_OWNER, in order of address */
    uint32_t owner_blocks[TARN_WHY_OWNERS]; /**< blocks of each */
    const void *region; /**< of a heap of regions: the one that the figures are of, as given to tarn_heap_add() */
} tarn_verdict;

/**
 * Says whether @p pool would serve tarn_alloc_aligned() of @p size and @p alignment now (0: tarn_alloc()), and why not.
 * Nothing is changed or counted.
 *
 * Of a sound pool the verdict is what the request is answered, if nobody uses the pool in between: it is served if and
 * only if it fits, of every engine and alignment. Blocks that wait (tarn_options.quarantine) count as free, since the
 * request has them leave; one that was written to while it waited is damage, which is met when it leaves. What is
 * parked, or an empty page of the slab, is given back first, as by whoever looks.
 *
 * Returns: #TARN_OK and the verdict in @p *verdict. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_ARGUMENT (the
 * alignment is no power of two); @p *verdict is then all zero but for status. A damaged pool is a verdict.
 * Units: bytes. Bound: six times the blocks, and alignment / granule searches. Interrupts: as the port, held for the
 * whole look. Lock: pool. Source: tarn.
 */
tarn_status tarn_why(const tarn_pool *pool, size_t size, size_t alignment, tarn_verdict *verdict);

/**
 * tarn_why() of tarn_alloc_for(): what the quota of the module leaves counts too.
 *
 * Returns: #TARN_OK. Fails: as tarn_why(), and #TARN_E_ARGUMENT for a module above 0xFFF.
 * Units: bytes. Bound: as tarn_why(). Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_why_for(const tarn_pool *pool, size_t size, const tarn_purpose *purpose, tarn_verdict *verdict);

/**
 * tarn_why() of a view. An image does not know where it lay: alignment counts from its first byte, and above the
 * granule largest_request is a size that fits at any address, not the largest of all; what fits at some addresses only
 * is fragmented, with no block in between. Quotas are not looked at.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT, as tarn_why().
 * Units: bytes. Bound: six times the blocks. Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_view_why(const tarn_view *view, uint64_t size, uint64_t alignment, tarn_verdict *verdict);

/**
 * tarn_why() of tarn_heap_alloc(): the verdict of the region that would serve @p request; if none would, of the one
 * that is closest to it: over quota, as the refused request itself would be told (the quota of the request's module in
 * that region); then fragmented, the fewest blocks in between first; then exhausted; then never.
 *
 * Returns: #TARN_OK. Fails: as tarn_why(), and #TARN_E_ARGUMENT for a request that tarn_heap_alloc() refuses as such.
 * Units: bytes. Bound: regions times tarn_why(). Interrupts: as the port, held for the whole look. Lock: heap.
 * Source: tarn.
 */
tarn_status tarn_heap_why(tarn_heap *heap, size_t size, const tarn_request *request, tarn_verdict *verdict);

/**
 * tarn_why() of a block pool, for a block of at least @p size bytes. It is never fragmented.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL; @p *verdict is then all zero but for status.
 * Units: bytes. Bound: as tarn_blocks_stats(). Interrupts: as built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_why(const tarn_blocks *pool, size_t size, tarn_verdict *verdict);

/**
 * tarn_blocks_why() of a view, for a block of at least @p size bytes at a multiple of @p alignment (0: any). What is
 * not sound as tarn_blocks_view_check() has it is damaged.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT (the alignment is no power of two); @p *verdict is then all
 * zero but for status.
 * Units: bytes. Bound: as tarn_blocks_view_check(). Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_blocks_view_why(const tarn_blocks_view *view, uint64_t size, uint64_t alignment,
                                 tarn_verdict *verdict);

/**
 * Returns a word for @p verdict: "fits", "never fits", "exhausted", "fragmented", "over quota", "damaged"; "unknown"
 * for others.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
const char *tarn_why_text(uint32_t verdict);

#ifdef __cplusplus
}
#endif

#endif
