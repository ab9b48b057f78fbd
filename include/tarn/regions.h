/* SPDX-License-Identifier: MIT */
/**
 * @file regions.h
 * @brief Heaps of several regions: on-chip and external memory, DMA buffers, memory that comes and goes at run time.
 *
 * A heap is a run-time object in memory that the caller gives, not an image: a table of regions, each of which carries
 * a pool of its own, a complete image that is reached only through the heap. Regions may lie anywhere in the address
 * space; blocks never cross them. A heap has one lock, taken from the port for the heap's address and never while
 * another is held: once per call, by add twice, by a realloc that moves the block for each of its steps. Events
 * about blocks (events.h) name the heap as their pool. A pool made in a block of a heap is not known to the heap,
 * unless it lies in the region that an FMemp was made with: end that pool before its block is freed or resized.
 *
 * Any call on a heap whose table contradicts itself answers #TARN_E_DAMAGED, or as for no heap where it has no status.
 * A region that damage has closed (#TARN_POLICY_CLOSE) is passed over by requests, and calls on its blocks answer
 * #TARN_E_CLOSED; it may be looked at, removed, and opened again.
 *
 * What a call costs, with R regions in the heap and P masks in the request (1 if there is none):
 *
 *     find the region of a block   log2(R) + 1 steps
 *     alloc                        P * R failed searches of a region at most, then one alloc
 *     free, resize in place        find, then one free or resize
 *
 * With R at most what the heap's memory was made for, and regions of the `tlsf` engine, every one of them is constant.
 * docs/regions.md has the figures.
 */
#ifndef TARN_REGIONS_H
#define TARN_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tarn/account.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A heap; the address is the one given to tarn_heap_init(). Never defined. */
typedef struct tarn_heap tarn_heap;

/** @name Capabilities of a region: what its memory is good for. tarn knows no meaning of any bit but the caller's. */
/**@{*/
#define TARN_CAP_FAST 1u                             /**< on-chip, tightly coupled */
#define TARN_CAP_DMA 2u                              /**< reachable by DMA engines */
#define TARN_CAP_EXTERNAL 4u                         /**< behind a slower bus */
#define TARN_CAP_USER(n) (UINT32_C(1) << (8u + (n))) /**< n = 0..23, the program's own */
/**@}*/

/** How a region is used; all-zero is a plain one, first come first used. */
typedef struct tarn_region_options {
    uint32_t capabilities; /**< TARN_CAP_* */
    uint32_t line;         /**< bytes of a cache line: every block owns whole lines; 0: no such promise */
    uint32_t rank;         /**< 0..255: regions of lower rank are asked first, among equals the one added earlier */
    uint32_t reserved;     /**< 0 */
    tarn_options pool;     /**< the region's pool; flags: #TARN_POOL_ZEROED, #TARN_POOL_CURSOR, and without lines
                                 #TARN_POOL_GUARD, #TARN_POOL_POISON, #TARN_POOL_ZERO_ON_FREE; policy: #TARN_POLICY_STOP
                                 or, of the region, #TARN_POLICY_CLOSE; max_bytes, quarantine and slab 0, name not used.
                                 Words, sequence numbers, modules and their quotas are the region's own, see
                                 tarn_heap_quota_set() */
} tarn_region_options;

/**
 * What a request asks for beyond its size. A region serves a mask if it has all its bits; masks are tried in order, and
 * a request is refused if no region of any of them has room: fallback happens where the list allows it and nowhere
 * else. A last mask of 0 means "or anywhere".
 */
typedef struct tarn_request {
    const uint32_t *capabilities; /**< masks, in order of preference */
    uint32_t count;               /**< how many; 0: any region */
    uint32_t module;              /**< 0..0xFFF, for regions with extension words; 0: none in particular */
    size_t alignment;             /**< a power of two; 0: the region's granule */
} tarn_request;

/** A region as listings give it. */
typedef struct tarn_region {
    void *memory;          /**< as given to tarn_heap_add(); its name in all calls */
    size_t bytes;          /**< as given */
    tarn_pool *pool;       /**< the image's handle, for views; not to be passed to the functions of pool.h */
    uint32_t capabilities; /**< as given */
    uint32_t line;         /**< as given */
    uint32_t rank;         /**< as given */
    uint32_t reserved;
} tarn_region;

enum { TARN_LEFTOVER_OWNERS = 8 };

/** Why a region could not be removed. */
typedef struct tarn_leftovers {
    uint64_t bytes;                              /**< in used blocks, headers included */
    uint32_t blocks;                             /**< used blocks */
    uint32_t owners;                             /**< entries of the arrays that are filled; 0 without owner words */
    uint32_t owner[TARN_LEFTOVER_OWNERS];        /**< owner words, see #TARN_OWNER, in order of address */
    uint32_t owner_blocks[TARN_LEFTOVER_OWNERS]; /**< blocks of each; those held back are nobody's */
} tarn_leftovers;

/** What tarn_heap_check() found first. */
typedef struct tarn_heap_finding {
    void *memory;         /**< the region, NULL if the heap's own table is broken */
    tarn_finding finding; /**< in the region's image */
} tarn_heap_finding;

/** The heap's table: sorted, without overlap, and its counts equal the sum over its regions. */
#define TARN_RULE_REGIONS 64u

/** Bytes of a heap for so many regions, as a constant; 65535 regions at most. */
#define TARN_HEAP_BYTES(regions) ((40u + 26u * (size_t)(regions) + 7u) & ~(size_t)7u)

/** Called for each block of a walk; @p payload is its address. Return false to stop. */
typedef bool tarn_heap_visit(const tarn_region *region, void *payload, const tarn_block *block, void *context);

/**
 * Makes an empty heap in [@p memory, @p memory + @p bytes), for as many regions as #TARN_HEAP_BYTES says. Whatever lay
 * there before, a heap too, is forgotten.
 *
 * Returns: #TARN_OK, and @p *heap is @p memory. Fails: #TARN_E_NULL, #TARN_E_MISALIGNED (not a multiple of the pointer
 * size), #TARN_E_TOO_SMALL (for one region); @p *heap is then NULL.
 * Units: bytes. Bound: constant. Interrupts: no. Lock: none. Source: tarn.
 */
tarn_status tarn_heap_init(tarn_heap **heap, void *memory, size_t bytes);

/**
 * Ends a heap: later calls with it are refused. Its regions are not touched, they may be gone already.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL.
 * Bound: constant. Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_deinit(tarn_heap *heap);

/** What a caller of tarn_heap_add() was compiled against. */
#define TARN_REGIONS_INTERFACE ((UINT32_C(1) << 16) | sizeof(tarn_region_options))

/** tarn_heap_add() with the caller's interface word spelled out; same contract. */
tarn_status tarn_heap_add_interface(tarn_heap *heap, void *memory, size_t bytes, const tarn_region_options *options,
                                    uint32_t interface_word);

/**
 * Adds the region [@p memory, @p memory + @p bytes), making a pool in it. @p options NULL means a plain region.
 *
 * With options->line set to L every block owns whole lines: its payload begins on a line, ends with one, and no byte
 * that tarn or another block may write lies in between. The header lies in a line of its own in front, so that a block
 * costs its size rounded up to L, plus L.
 *
 * Returns: #TARN_OK. Fails, @p memory untouched: #TARN_E_NULL, #TARN_E_NOT_A_POOL (no heap), #TARN_E_REGIONS_FULL (the
 * heap's table), #TARN_E_OVERLAP (with another region or the heap itself), #TARN_E_ARGUMENT (an option out of range; L
 * neither 0 nor a power of two from 16 to 4096, below the headers' size, or with granule 4; in a heap of tlsf.h or
 * FMemp a line, extension words, or a granule other than 8), #TARN_E_INTERFACE, and as tarn_init(). That another heap
 * has the memory already is not seen.
 * Units: bytes. Bound: control data of the pool (cleared), with POISON or ZERO_ON_FREE all of it (filled), regions.
 * Interrupts: no. Lock: heap, registry (one at a time; the latter for the key of the pool). Source: tarn.
 */
static inline tarn_status tarn_heap_add(tarn_heap *heap, void *memory, size_t bytes, const tarn_region_options *options)
{
    return tarn_heap_add_interface(heap, memory, bytes, options, TARN_REGIONS_INTERFACE);
}

/**
 * Takes the region at @p memory out of the heap; its memory is the caller's again. @p leftovers may be NULL.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL (no heap), #TARN_E_FOREIGN (no region begins there),
 * #TARN_E_IN_USE (blocks are in use: how many and whose in @p *leftovers, nothing changed), #TARN_E_DAMAGED (its pool's
 * header is destroyed; it is removed all the same).
 * Bound: regions; where it is refused and the region has owner words, its blocks. Interrupts: no. Lock: heap.
 * Source: tarn.
 */
tarn_status tarn_heap_remove(tarn_heap *heap, void *memory, tarn_leftovers *leftovers);

/**
 * Returns a block of at least @p size bytes (0 counts as 1), contents undefined. @p request may be NULL: any region.
 *
 * Fails: NULL if @p heap is no heap, the request has an illegal alignment or module, or no region that it names has
 * room and, for the module, quota; the refusal is counted and raised as one event. Damaged regions are passed over; one
 * event names the last of them. With #TARN_POOL_POISON also if the memory of the region that had room had been written
 * to: the block is set aside (the event's block), as tarn_alloc() does.
 * Units: bytes. Bound: P * R searches, see above; with POISON a load per byte outside the lock. Interrupts: as the
 * port. Lock: heap. Source: tarn.
 */
void *tarn_heap_alloc(tarn_heap *heap, size_t size, const tarn_request *request);

/**
 * Returns a block of @p count * @p size zero bytes.
 *
 * Fails: as tarn_heap_alloc(), and NULL if the product overflows.
 * Units: bytes. Bound: as tarn_heap_alloc(), plus a store per byte outside the lock. Interrupts: as the port.
 * Lock: heap. Source: tarn.
 */
void *tarn_heap_calloc(tarn_heap *heap, size_t count, size_t size, const tarn_request *request);

/**
 * Gives @p block the new @p size (0 counts as 1), contents kept up to the smaller size: where it is, if its region
 * serves @p request; else in a new block of any region that does. @p block NULL allocates. A block that stays where it
 * is keeps its extension words. One that moves keeps module and tag; the other words are those of this call.
 *
 * Returns: the block's address, moved or not. Fails: NULL as tarn_heap_alloc(), or if @p block is no used block of this
 * heap (event); the old block is then untouched.
 * Units: bytes. Bound: as tarn_heap_alloc(), plus a copy per byte outside the lock where it moves. Interrupts: as the
 * port. Lock: heap. Source: tarn.
 */
void *tarn_heap_realloc(tarn_heap *heap, void *block, size_t size, const tarn_request *request);

/**
 * Gives @p block the new @p size where it stands.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_EXHAUSTED, #TARN_E_NEVER_FITS or #TARN_E_QUOTA (block untouched), and as
 * tarn_heap_free().
 * Units: bytes. Bound: find, and a resize. Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_resize(tarn_heap *heap, void *block, size_t size);

/**
 * Takes @p block back, whichever region it lies in.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL (no heap), #TARN_E_FOREIGN (in no region), and as
 * tarn_free(). A refused pointer changes nothing but the heap's refusal count.
 * Bound: find, and a free; with POISON or ZERO_ON_FREE twice, and a store per byte outside the lock; in the region that
 * an FMemp was made with, a block that carries a registered pool adds the registry's capacity. Interrupts: as the port.
 * Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_free(tarn_heap *heap, void *block);

/**
 * Tells whether tarn_heap_free() would take @p block, changing nothing: a question, neither counted nor told, on which
 * no policy acts.
 *
 * Returns and fails: as tarn_heap_free(). Bound: find, constant. Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_recognise(tarn_heap *heap, const void *block);

/**
 * Returns how many bytes @p block can hold, all of them the caller's; 0 if it is no used block of this heap.
 *
 * Fails: as said. Units: bytes. Bound: find, constant. Interrupts: as the port. Lock: heap. Source: tarn.
 */
size_t tarn_heap_usable(tarn_heap *heap, const void *block);

/**
 * Stores @p owner in the block's owner word; tarn_heap_alloc() writes the request's module and the port's task tag
 * there.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if the region has no extension words, #TARN_E_QUOTA as tarn_owner_set();
 * else as tarn_heap_recognise(). #TARN_E_DAMAGED is counted, told (#TARN_EVENT_CORRUPT) and met by the region's policy.
 * Bound: find, constant. Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_owner_set(tarn_heap *heap, void *block, uint32_t owner);

/**
 * Stores @p tag in the block's tag word, where tarn_heap_alloc() writes 0.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if the region has fewer than #TARN_WORDS_TAG extension words; else as
 * tarn_heap_recognise(), with #TARN_E_DAMAGED met as by tarn_heap_owner_set().
 * Bound: find, constant. Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_tag_set(tarn_heap *heap, void *block, uint32_t tag);

/**
 * tarn_quota_set() for the region at @p memory, or with @p memory NULL for each region that has a table of modules now:
 * each then limits what the blocks of @p module may occupy in it, to as much, rounded down to its granules. A heap has
 * no table: what a module may have of the whole heap is the sum, nothing in a region limited to 0, and as much as there
 * is in regions without a table and in those added later. A request goes on to the next region where a quota refuses
 * it.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL (no heap), #TARN_E_FOREIGN (no region begins there),
 * #TARN_E_ARGUMENT (the region has no table of modules, or none has; a module above 0xFFF), #TARN_E_DAMAGED (a region's
 * header; the other regions are limited all the same).
 * Units: bytes. Bound: regions. Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_quota_set(tarn_heap *heap, const void *memory, uint32_t module, uint64_t bytes);

/**
 * Copies the row in which @p module counts in the region at @p memory to @p *row, or with @p memory NULL the sum of
 * those of each region that has a table: its peak is the sum of the regions' peaks, at least the peak of the sum; its
 * quota #TARN_QUOTA_NONE if any of them has none; its row the highest.
 *
 * Returns: #TARN_OK. Fails: as tarn_heap_quota_set(), #TARN_E_NULL also for @p row; @p *row is then all zero.
 * Units: bytes. Bound: regions. Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_module_get(tarn_heap *heap, const void *memory, uint32_t module, tarn_module *row);

/**
 * Copies the @p index-th region, in the order in which requests try them, to @p *region.
 *
 * Returns: true; false if there are no more, or an argument is NULL or no heap. Fails: as said.
 * Bound: constant. Interrupts: as the port. Lock: heap. Source: tarn.
 */
bool tarn_heap_region(tarn_heap *heap, uint32_t index, tarn_region *region);

/**
 * Copies the region in which @p address lies to @p *region.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_FOREIGN.
 * Bound: log2(R) + 1 steps. Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_region_of(tarn_heap *heap, const void *address, tarn_region *region);

/**
 * Fills @p *stats for the region at @p memory, or with @p memory NULL for the whole heap: sums, the largest of the
 * largests, and the peak of the sum, which is a moment that was. For the whole heap, granule, check_bits and exact are
 * the least of any region, overhead and extension_words the most, engine is that of all or 0, key is 0. In a region
 * with lines a block's size includes the line of its header.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL (no heap), #TARN_E_FOREIGN (no region begins there),
 * #TARN_E_DAMAGED (a region's header); @p *stats is then all zero.
 * Units: bytes. Bound: R times tarn_stats_get(). Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_stats(tarn_heap *heap, const void *memory, tarn_stats *stats);

/**
 * Sets the peaks, the heap's and each region's, to what is used now.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL.
 * Bound: R. Interrupts: as the port. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_peak_reset(tarn_heap *heap);

/**
 * Returns the largest size that tarn_heap_alloc() would serve now for @p request (NULL: any region) at no alignment in
 * particular; 0 if none. request->alignment is not looked at.
 *
 * Fails: as said. Units: bytes. Bound: P * R times tarn_largest(). Interrupts: as the port. Lock: heap. Source: tarn.
 */
size_t tarn_heap_largest(tarn_heap *heap, const tarn_request *request);

/**
 * Calls @p visit for each block of the region at @p memory, or with @p memory NULL of all regions in order of address.
 * The callback runs outside the lock and may call any function on the heap, tarn_heap_add() and tarn_heap_remove() too;
 * of a region that it removes up to 15 more blocks may be named, whose payloads are then nobody's to read.
 *
 * Returns: #TARN_OK, also when the callback stopped it. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_FOREIGN,
 * #TARN_E_DAMAGED.
 * Bound: as tarn_walk() for each region. Interrupts: no. Lock: heap, released around each callback. Source: tarn.
 */
tarn_status tarn_heap_walk(tarn_heap *heap, const void *memory, tarn_heap_visit *visit, void *context);

/**
 * Opens the region at @p memory again that damage has closed (#TARN_POLICY_CLOSE): as tarn_reopen().
 *
 * Returns: #TARN_OK. Fails: as tarn_reopen(), and #TARN_E_FOREIGN (no region begins there).
 * Bound: blocks. Interrupts: as the port, held for the whole check. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_reopen(tarn_heap *heap, void *memory, tarn_finding *finding);

/**
 * Checks the heap's table and every invariant of each region, or of the region at @p memory alone. @p finding may be
 * NULL.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_FOREIGN, #TARN_E_DAMAGED with what was found
 * first.
 * Bound: blocks. Interrupts: as the port, held for the whole check. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_check(tarn_heap *heap, const void *memory, tarn_heap_finding *finding);

/**
 * Checks the heap's table and the next part of the region at @p *memory, made with #TARN_POOL_CURSOR, as
 * tarn_check_some() does. @p *memory NULL means the first region; it goes to the next when a region's round is over,
 * and where the region has gone to the one behind its place. After the last it is NULL again, and
 * @p finding->finding.round 1. @p finding may be NULL.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL; #TARN_E_ARGUMENT (a region without the flag; @p *memory
 * has gone on to the next); #TARN_E_DAMAGED with what was found.
 * Bound: regions, and as tarn_check_some(). Interrupts: as the port, held for the whole call. Lock: heap. Source: tarn.
 */
tarn_status tarn_heap_check_some(tarn_heap *heap, void **memory, uint32_t parts, tarn_heap_finding *finding);

#ifdef __cplusplus
}
#endif

#endif
