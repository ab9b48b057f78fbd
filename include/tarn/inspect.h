/* SPDX-License-Identifier: MIT */
/**
 * @file inspect.h
 * @brief One way to look: statistics, walk, full check, of live pools and of the bytes of any pool wherever they are.
 *
 * A tarn_view reads the bytes of a pool image without ever writing or trusting them: ROM, dumps, foreign byte order,
 * hostile input. The tarn_pool functions are views taken of a live pool under its lock.
 */
#ifndef TARN_INSPECT_H
#define TARN_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tarn/pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** State of a pool, in bytes; headers and extension words count as part of their block. */
typedef struct tarn_stats {
    uint64_t bytes;        /**< size given at init, adopt or grow */
    uint64_t capacity;     /**< bytes that blocks can occupy; control data and rounding excluded */
    uint64_t used;         /**< bytes in used blocks; with a slab, of its pages and not of the objects in them */
    uint64_t free;         /**< bytes in free blocks, and in those that wait to be; used + free = capacity */
    uint64_t peak;         /**< highest value of used since init, reset or tarn_peak_reset(); where blocks are parked,
                                of used and parked: at most 63 times tarn_options.park more */
    uint64_t largest_free; /**< bytes of the largest free block, its header included */
    uint64_t largest_request; /**< the largest size that tarn_alloc() would serve now, exactly; where blocks wait,
                                   without these: having them leave may serve a larger one */
    uint32_t blocks;          /**< used blocks; each page of the slab is one, an object is none */
    uint32_t free_blocks;     /**< free blocks */
    uint32_t refusals;        /**< requests and frees refused since init or reset; stays at 2^20 - 1 */
    uint32_t engine;          /**< TARN_ENGINE_* */
    uint32_t granule;         /**< bytes */
    uint32_t extension_words; /**< before each header */
    uint32_t overhead;        /**< bytes of header and extension words per block */
    uint32_t check_bits;      /**< width of the header check */
    uint32_t exact;           /**< 1 if the pool carries the exact map */
    uint32_t max_alignment;   /**< largest alignment asked for, bytes */
    uint32_t key;             /**< salt of the header checks */
    uint32_t modules; /**< rows of the table of modules, 0 if there is none; of a heap, the most of any region */
    uint32_t tail;    /**< bytes at the end of each used block that are the pool's: 0 to 16, a multiple of 4 */
    uint32_t policy;  /**< TARN_POLICY_* */
    uint32_t closed;  /**< 1 if damage has closed the pool */
    uint32_t quarantined_blocks; /**< blocks that wait; in no other count */
    uint64_t quarantined;        /**< bytes in them; part of free */
} tarn_stats;

/** @name States of tarn_block.state */
/**@{*/
#define TARN_BLOCK_FREE 0u
#define TARN_BLOCK_USED 1u
#define TARN_BLOCK_CARRIES_POOL 2u /**< used, and a registered pool lies inside */
/** held back: being filled, or set aside as damaged. Used in every count (tarn_stats, the rows of modules, quotas), and
    nobody's: in no leak group, no task's bytes. Its words say who had it last. */
#define TARN_BLOCK_HELD_BACK 3u
#define TARN_BLOCK_QUARANTINED 4u /**< given back and waiting, or on its way: counted as free */
/** a page of the slab (tarn_options.slab): used in every count, and nobody's; tarn_slab_walk() lists what lies in it */
#define TARN_BLOCK_SLAB 5u
/**@}*/

/* What follows first gives back what is parked (tarn_options.park), and then the empty pages of the slab. An operation
 * for each is added to every bound then: at most park / size blocks of each of 63 sizes, and a page of each class.
 * Views, which write nothing, take parked blocks for free ones, each for itself, and empty pages for used ones: the
 * largest request and the verdicts they tell are those of a pool that would serve nothing from them. */

/** One block as a walk sees it: a copy, valid whatever happens to the pool afterwards. */
typedef struct tarn_block {
    uint64_t offset; /**< of the payload from the image's first byte */
    uint64_t size;   /**< bytes the block occupies, header and extension words included */
    uint32_t
        usable; /**< bytes of payload, saturated at 2^32 - 1; of a used block with a tail word, the size asked for */
    uint32_t state;    /**< TARN_BLOCK_* */
    uint32_t owner;    /**< #TARN_OWNER; this and the rest are of a used block, 0 where the pool has no such word */
    uint32_t site;     /**< who called, see tarn/account.h */
    uint32_t sequence; /**< how many allocations the pool had served before; after 2^32 - 1 comes 2^31 */
    uint32_t tag;      /**< the program's own */
    uint32_t callers[TARN_WORDS_CALLERS_MAX]; /**< who called the caller, and so on outwards; 0 from where unknown */
    uint32_t freed; /**< who called to give it back, as site; of a block that waits, or was set aside when it left, in a
                         pool with call sites */
} tarn_block;

/**
 * Returns whether @p block counts as used: it is neither free nor waiting to be.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
static inline bool tarn_block_counts(const tarn_block *block)
{
    return block->state != TARN_BLOCK_FREE && block->state != TARN_BLOCK_QUARANTINED;
}

/**
 * Returns whether somebody has @p block: it counts as used and is not held back.
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
static inline bool tarn_block_owned(const tarn_block *block)
{
    return block->state == TARN_BLOCK_USED || block->state == TARN_BLOCK_CARRIES_POOL;
}

/** @name Rules: the numbered invariants of an image, as docs/design.md states them. */
/**@{*/
#define TARN_RULE_HEADER 1u    /**< I1 the pool header is known, legal and consistent with the bytes given */
#define TARN_RULE_TILING 2u    /**< I2 blocks follow each other without gap from first to end, none below the minimum */
#define TARN_RULE_CHECK 3u     /**< I3 every header's check bits match its offset, size and state */
#define TARN_RULE_MERGED 4u    /**< I4 no two free blocks are neighbours */
#define TARN_RULE_LEFT 5u      /**< I5 the left-free flag says whether the left neighbour is free */
#define TARN_RULE_TAG 6u       /**< I6 a free block's last word is its size */
#define TARN_RULE_LISTED 7u    /**< I7 every free block is in the one list or tree that its size selects, once */
#define TARN_RULE_LINKS 8u     /**< I8 the word that a link names points back */
#define TARN_RULE_BITMAP 9u    /**< I9 a list's bit is set if and only if the list is not empty */
#define TARN_RULE_COUNTS 10u   /**< I10 the statistics equal what a walk counts; peak is at least used */
#define TARN_RULE_MAP 11u      /**< I11 the exact map marks the starts of used blocks and nothing else */
#define TARN_RULE_MODULES 12u  /**< I12 each module's row equals what a walk counts of it; its peak is at least that */
#define TARN_RULE_SEQUENCE 13u /**< I13 while the counter is below 2^31, every block's number is below the counter */
#define TARN_RULE_TAIL 14u     /**< I14 a used block's tail word proves itself, its slack lies in the block */
#define TARN_RULE_GUARD 15u    /**< I15 the bytes between the size asked for and the tail are as they were filled */
#define TARN_RULE_FILL 16u     /**< I16 free memory holds the fill, in pools that verify it; so does a waiting block */
#define TARN_RULE_BACKUP 17u /**< I17 each block's copy of its header is that of its header, in pools that have them */
#define TARN_RULE_QUARANTINE \
    18u                      /**< I18 the list of waiting blocks has each of them once, and its words say how many */
#define TARN_RULE_CURSOR 19u /**< I19 the place of tarn_check_some() is where a block begins */
#define TARN_RULE_PARKED 20u /**< I20 the lists of parked blocks have each of them once, and their rests add up */
#define TARN_RULE_SLAB 21u   /**< I21 each page of the slab proves itself and is where its class looks for it, once */
/**@}*/

/** What a check found first. */
typedef struct tarn_finding {
    uint32_t rule;     /**< TARN_RULE_*; 0 if nothing is wrong */
    uint32_t expected; /**< the value that the rule wants, where it is one word */
    uint64_t offset;   /**< of the payload (or word, for I1, I9 and I10) from the image's first byte */
    uint32_t found;    /**< the word that is there */
    uint32_t round; /**< of a check in steps: 1 if this call ended a round, so that the next begins another; else 0 */
} tarn_finding;

/** The bytes of an image, held for reading. Fill it with tarn_view_open(); fields are private. */
typedef struct tarn_view {
    const unsigned char *base;
    size_t bytes;
    uint32_t swapped;
    uint32_t first, end, top;
    uint32_t layout, key;
} tarn_view;

/** Called for each block; return false to stop. */
typedef bool tarn_visit(const tarn_block *block, void *context);

/**
 * Returns the state of @p pool in @p *stats but for largest_free and largest_request, which are 0; all zero on failure.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED.
 * Units: bytes. Bound: constant on every engine. Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_counts_get(const tarn_pool *pool, tarn_stats *stats);

/**
 * Returns the whole state of @p pool in @p *stats; all zero on failure.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED.
 * Units: bytes. Bound: reads one free list (tlsf), one tree path (bestfit) or all blocks (linear). Interrupts: as the
 * port. Lock: pool. Source: tarn.
 */
tarn_status tarn_stats_get(const tarn_pool *pool, tarn_stats *stats);

/**
 * Sets the peak, and the peak of each module, to what is used now.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL.
 * Bound: constant; modules. Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_peak_reset(tarn_pool *pool);

/**
 * Returns the largest size that tarn_alloc() would serve now, without having any block leave the quarantine; 0 if none,
 * or if @p pool is not a pool.
 *
 * Fails: as said. Units: bytes. Bound: constant (tlsf), log2 of the pool (bestfit), blocks (linear).
 * Interrupts: as the port. Lock: pool. Source: tarn.
 */
size_t tarn_largest(const tarn_pool *pool);

/**
 * Calls @p visit for each block in address order. The callback runs outside the lock and may call any function on the
 * pool; blocks that others take or give back meanwhile may or may not be seen, never half of one, and none that was not
 * there at a moment of the walk.
 *
 * Returns: #TARN_OK, also when the callback stopped it. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED.
 * Bound: blocks, in slices of 8; as many again for each slice at whose end blocks changed meanwhile. Interrupts:
 * no. Lock: pool, released around each callback. Source: tarn.
 */
tarn_status tarn_walk(const tarn_pool *pool, tarn_visit *visit, void *context);

/**
 * Calls @p visit for each object of the slab that somebody has (tarn_options.slab), in address order, as tarn_walk()
 * does for blocks: a record's size and usable are the bytes of the object, its state #TARN_BLOCK_USED, or
 * #TARN_BLOCK_CARRIES_POOL if a registered pool lies, or has lain, in an object of its page. None in a pool without a
 * slab; pages that do not prove themselves are passed over, tarn_check() names them.
 *
 * Returns: #TARN_OK, also when the callback stopped it. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED (the
 * pool's header). Bound: objects of all pages, each with the bits of its page, in slices of 8 objects; and a bit for
 * each 512 bytes of the pool. Interrupts: no. Lock: pool, released around each callback. Source: tarn.
 */
tarn_status tarn_slab_walk(const tarn_pool *pool, tarn_visit *visit, void *context);

/**
 * Finds the block that contains @p address, header and extension words included.
 *
 * Returns: #TARN_OK and the record in @p *block. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_FOREIGN,
 * #TARN_E_DAMAGED.
 * Bound: constant if the address begins a payload, else blocks. Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_block_at(const tarn_pool *pool, const void *address, tarn_block *block);

/**
 * Checks every invariant of @p pool. @p finding may be NULL.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED with the first broken rule in
 * @p *finding. Never crashes or loops on damaged metadata, and writes nothing, but that blocks which are parked
 * (tarn_options.park) are given back first, as before every look at a live pool.
 * Bound: blocks, once more for every 16 modules. Interrupts: as the port, held for the whole check. Lock: pool. Source:
 * tarn.
 */
tarn_status tarn_check(const tarn_pool *pool, tarn_finding *finding);

/**
 * Checks the next part of @p pool, made with #TARN_POOL_CURSOR, and goes on from there at the next call, whoever makes
 * it: up to @p parts blocks, or to the end of a round over the pool. Part of a round are first the control data, then
 * the blocks in order of address, then the wilderness; whatever is broken when a round begins and stays so is found in
 * it. What is looked at: everything about one block (I2 to I6, its place in the index I7 to I9, I11, I13 to I17, its
 * link I18, as a page of a slab I21), the index's heads and bits, the slab's table, the pool's header (I1). What is left
 * to tarn_check(): whether counts equal what they count (I10, I12, I18, I21), and so free blocks and pages that no list
 * leads to any more though each names the next, and a full page that the table has lost.
 * @p finding may be NULL.
 *
 * Other calls may come in between and at the same time. Where blocks merge or grow over the place at which the check
 * stands it goes back to the start of what they have become: a round may take more calls than blocks / @p parts.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_ARGUMENT (a pool without the flag);
 * #TARN_E_DAMAGED with the rule in @p *finding: the call ends there and the next goes on behind it, but where it cannot,
 * behind a block whose header is broken or where the pool's is, begins another round. Either way @p finding->round says
 * if it does.
 * Bound: parts. Each is a block, and as many more as it has pieces of 512 bytes where fill is verified, of 1024 granules
 * in exact pools or of 1024 units of a page in those with a slab; or 32 heads of the index, of which the first has the
 * classes of the slab too, at most 64 with two pages each. A block costs up to 29 steps more in a tree (bestfit), a page
 * one for 32 of its objects. Interrupts: as the port, held for all parts of the call. Lock: pool. Source: tarn.
 */
tarn_status tarn_check_some(tarn_pool *pool, uint32_t parts, tarn_finding *finding);

/**
 * Puts the metadata of @p pool right where the bytes still say what they were: a block's header in which one bit has
 * changed (and no other bit would do as well), with #TARN_POOL_BACKUP one that was overwritten, as long as its copy is
 * there, and the copies; flags, size tags, the header of the wilderness; from the blocks then the index, the exact map,
 * the statistics, the rows of modules, the counter, and the list of waiting blocks, by address. Users' bytes, tails,
 * guards and fills are not
 * touched, nor are the pool's own header and the quarantine's limit, which follow from nothing else. @p finding may be
 * NULL.
 *
 * Returns: #TARN_OK, the pool is sound now. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL; #TARN_E_DAMAGED with what is still
 * wrong in @p *finding: if that is about blocks' headers or tags (#TARN_RULE_TILING, #TARN_RULE_CHECK,
 * #TARN_RULE_MERGED, #TARN_RULE_TAG) or copies (#TARN_RULE_BACKUP), nothing has been changed. A tag is put right only
 * if it is the only wrong one, and not the only one; copies are, if others are right.
 * Bound: blocks, 32 times; index and map; granules for each header that is found by its copy. Interrupts: as the port,
 * held for the whole. Lock: pool. Source: tarn.
 */
tarn_status tarn_repair(tarn_pool *pool, tarn_finding *finding);

/**
 * Has pools with #TARN_POLICY_REPAIR repaired from now on, those adopted too, and pools with #TARN_POLICY_CLOSE looked
 * at for a pointer that is no block, because its block's header may be what is lost; a program that does not call this
 * does not link the check and the repair for it.
 *
 * Returns: #TARN_OK, also if they were. Fails: never.
 * Bound: constant. Interrupts: no. Lock: none, so call it before other threads use such a pool. Source: tarn.
 */
tarn_status tarn_repairs_on(void);

/**
 * Opens a pool again that damage has closed (#TARN_POLICY_CLOSE), if a full check finds nothing any more: after
 * tarn_repair(), or whatever else was done about the damage. @p finding may be NULL.
 *
 * Returns: #TARN_OK, also of a sound pool that was open. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL; #TARN_E_DAMAGED with
 * the first broken rule in @p *finding: the pool stays closed.
 * Bound: as tarn_check(). Interrupts: as the port, held for the whole check. Lock: pool. Source: tarn.
 */
tarn_status tarn_reopen(tarn_pool *pool, tarn_finding *finding);

/**
 * Holds the image whose first byte is at @p bytes, in either byte order, at any address, for reading. (The image of a
 * live pool begins at its handle rounded up to 8.) Nothing is written to it, ever; the bytes must stay in place as long
 * as the view is used.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_TRUNCATED, #TARN_E_DAMAGED (header, I1).
 * Units: bytes. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_view_open(tarn_view *view, const void *bytes, size_t size);

/**
 * tarn_stats_get() on a view: the counts are those in the header, not recounted; largest_free and largest_request are
 * found by walking the blocks.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_DAMAGED (the walk met a broken block).
 * Units: bytes. Bound: blocks. Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_view_stats(const tarn_view *view, tarn_stats *stats);

/**
 * Calls @p visit for each block of the view in address order.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_DAMAGED at the first block that breaks I2 or I3.
 * Bound: blocks. Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_view_walk(const tarn_view *view, tarn_visit *visit, void *context);

/**
 * tarn_check() on a view.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_DAMAGED with the first broken rule in @p *finding (may be NULL).
 * Bound: blocks. Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_view_check(const tarn_view *view, tarn_finding *finding);

/** @name Faces: whose pool a registry entry is. */
/**@{*/
#define TARN_FACE_NATIVE 0u
#define TARN_FACE_LITEOS 1u
#define TARN_FACE_FMEMP 2u
#define TARN_FACE_MYNEWT 3u
#define TARN_FACE_BLOCKS 4u /**< block pools of tarn/blocks.h: the handle is a tarn_blocks */
#define TARN_FACE_MEMBOX 5u /**< static memory of LiteOS (los_membox.h) */
/**@}*/

/** A registered pool. */
typedef struct tarn_registration {
    tarn_pool *pool;  /**< the handle; of MYNEWT and MEMBOX the buffer, which is no image */
    size_t bytes;     /**< size given */
    const char *name; /**< as given at init, NULL if none */
    uint32_t face;    /**< TARN_FACE_* */
} tarn_registration;

/**
 * Copies the @p index-th registered pool of @p face, in order of initialisation, to @p *entry.
 *
 * Returns: true. Fails: false if there are no more or @p entry is NULL. The pool itself is not touched.
 * Bound: registry capacity. Interrupts: as the port. Lock: registry. Source: tarn.
 */
bool tarn_registered(uint32_t face, uint32_t index, tarn_registration *entry);

#ifdef __cplusplus
}
#endif

#endif
