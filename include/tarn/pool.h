/* SPDX-License-Identifier: MIT */
/**
 * @file pool.h
 * @brief Pools of blocks of any size inside memory that the caller gives.
 *
 * A pool is its bytes: one contiguous region, no pointer in it, no lock, no run-time state. The handle is the address
 * the caller gave; the image begins at the next multiple of 8 bytes, and the blocks are aligned to the pool's granule.
 *
 * Every contract below has the same lines. "Bound" counts instructions of the `tlsf` engine unless it says otherwise:
 * `bestfit` adds a term in log2(pool size / granule), `linear` one in the number of blocks. "Lock" names what is taken
 * through the port, once, for the image's address; pools made with #TARN_POOL_UNLOCKED take none and leave exclusion
 * to the caller. "Interrupts: as the port" means: yes where the port's lock masks interrupts (bare), no where it is a
 * mutex (posix). No call is async-signal-safe on posix.
 *
 * Any call on a pool whose header contradicts itself answers #TARN_E_DAMAGED, or as for no pool where it has no status.
 * On a pool that damage has closed (#TARN_POLICY_CLOSE), calls that look (tarn/inspect.h, why.h, report.h),
 * tarn_deinit() and tarn_repair() do what they always do, tarn_reopen() opens it again, and any other answers
 * #TARN_E_CLOSED, or as for no pool.
 *
 * A call that meets damage does what the pool's policy says, once: with ISOLATE a request may set aside, one by one,
 * as many free blocks as were written to; with REPAIR, and with CLOSE after tarn_repairs_on(), a pointer that is no
 * block adds tarn_check() in a pool without exact map; with REPAIR damage adds tarn_repair().
 */
#ifndef TARN_POOL_H
#define TARN_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "tarn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A pool; the address is the one the caller gave to tarn_init() or tarn_adopt(). Never defined. */
typedef struct tarn_pool tarn_pool;

/** @name Engines: how free blocks are found. Chosen per pool among those compiled in. */
/**@{*/
#define TARN_ENGINE_DEFAULT 0u /**< the first compiled in of: tlsf, bestfit, linear */
#define TARN_ENGINE_TLSF 1u    /**< two-level segregated good fit, constant bound */
#define TARN_ENGINE_BESTFIT 2u /**< the smallest block that serves; bound grows with log2 of the pool */
#define TARN_ENGINE_LINEAR 3u  /**< best fit by walking all blocks; no index, least memory, no bound */
/**@}*/

/** @name Recognition: how a pointer given back is told from any other address. */
/**@{*/
#define TARN_RECOGNISE_AUTO 0u /**< keyed where the check has at least 10 bits (4 MiB at granule 8), else exact */
#define TARN_RECOGNISE_KEYED \
    1u /**< header check bits of this block and the next; chance: docs/design.md, Recognition */
#define TARN_RECOGNISE_EXACT 2u /**< one bit per granule marks every used block; no false accepts */
/**@}*/

/** @name Extension words: what each block knows about who has it. Each number includes the words of those before. */
/**@{*/
#define TARN_WORDS_OWNER 1u    /**< module and task, see #TARN_OWNER */
#define TARN_WORDS_SITE 2u     /**< the call: its return address less that of tarn_alloc(), modulo 2^32 */
#define TARN_WORDS_SEQUENCE 3u /**< how many allocations came before; tarn/account.h */
#define TARN_WORDS_TAG 4u      /**< the program's own */
#define TARN_WORDS_CALLERS 5u  /**< and more: the caller's caller, and so on, one each, from the port's backtrace */
#define TARN_WORDS_CALLERS_MAX 3u
/**@}*/

/** @name Flags of tarn_options.flags. GUARD, POISON and ZERO_ON_FREE together, and BACKUP, cost each block a word at
 *  its end; a block that tarn_realloc() cannot extend then moves to a new block, and with the first three tarn_usable()
 *  answers the size asked for. tarn_options.quarantine costs the word of the first three and one or two more. */
/**@{*/
#define TARN_POOL_UNLOCKED 1u     /**< calls on this pool take no lock */
#define TARN_POOL_UNREGISTERED 2u /**< the pool is not listed in the registry */
#define TARN_POOL_ZEROED 4u       /**< the caller vouches that the memory reads as zero: a fresh mapping */
#define TARN_POOL_GUARD \
    8u /**< writes past the size asked for are found by free, realloc, resize and the check:
                                       #TARN_E_DAMAGED */
#define TARN_POOL_POISON \
    16u                            /**< free memory holds 0xDD, and is looked at when it is handed out and by the check:
                                       writes after free are found. Each byte is filled once when it is freed, and at
                                       init, reset and grow. What was written to is set aside and the request refused:
                                       #TARN_E_DAMAGED */
#define TARN_POOL_ZERO_ON_FREE 32u /**< free memory holds zero; with POISON, that is looked at */
#define TARN_POOL_BACKUP 64u  /**< each block ends in a word that tarn_repair() finds an overwritten header again by */
#define TARN_POOL_CURSOR 256u /**< tarn_check_some() works: 8 bytes for where it stands */
/**@}*/

/** @name Policies: what a pool does about damage that one of its calls meets. Whatever it is, #TARN_EVENT_CORRUPT tells
 *  of the damage, outside every lock, before anything is done about it. docs/design.md, Policies.
 *
 *  A block that was given back and has been filled (POISON, ZERO_ON_FREE, a quarantine) has left the program. If it
 *  then meets damage that keeps it from being free, it is set aside, never handed out again, and the call answers
 *  #TARN_E_DAMAGED without #TARN_EVENT_UNDO; CLOSE closes the pool as well. It goes on where that was put right: by
 *  REPAIR, or with CONTINUE if only its own end was written over. One that leaves the quarantine is treated alike, but
 *  the call that made it leave is served; if it was itself written to while it waited, it is set aside whatever the
 *  policy, and REPAIR does nothing more.
 *
 *  In a pool with a quarantine the word at a block's end (its tail) also says whether the block waits. Where that word
 *  itself was written over, not only the slack in front of it, nothing tells a used block from one that waits: CONTINUE
 *  and ISOLATE then refuse, #TARN_E_DAMAGED, as STOP does, and the block stays where it is. */
/**@{*/
#define TARN_POLICY_STOP 0u /**< the call is refused, #TARN_E_DAMAGED, and nothing has changed */
#define TARN_POLICY_CONTINUE \
    1u /**< what only users' bytes broke (guard, fill) is put right and the call served; else
                                     as STOP, and so where a quarantine is and a tail was written over */
#define TARN_POLICY_ISOLATE \
    2u /**< a block with a broken guard is taken from the program and never handed out again,
                                     its free answers #TARN_E_DAMAGED; one with a broken fill is set aside and another
                                     served; else as STOP, and so where a quarantine is and a tail was written over */
#define TARN_POLICY_CLOSE \
    3u /**< as STOP, and later calls answer #TARN_E_CLOSED until tarn_reopen(); looking, and
                                     tarn_deinit(), go on. A pointer that is no block is no damage; but after
                                     tarn_repairs_on(), without exact map, the pool is looked at for one, and closed
                                     if a check finds damage, tails, guards and fills aside (not a heap's regions) */
#define TARN_POLICY_REPAIR \
    4u /**< after tarn_repairs_on(): tarn_repair(), and the call is made once more; without exact map also for
                                     a pointer that is no block, if a check then finds damage. What it does not put
                                     right (tails, guards, fills) is damage only to calls that meet it */
/**@}*/

/** tarn_options.park: the size of the pool / 1024, at most 4096. Nothing is parked in a pool below 16 KiB then. */
#define TARN_PARK_DEFAULT 1u

/** tarn_options.slab: objects of up to 32 bytes, in a pool of 128 KiB and more; none in a smaller one. */
#define TARN_SLAB_DEFAULT 1u

/** Choices made once, at init. All-zero is the default pool. */
typedef struct tarn_options {
    uint32_t engine;          /**< TARN_ENGINE_*; 0 = default */
    uint32_t granule;         /**< bytes: 4, 8 or 16; alignment of every payload; 0 = 8 */
    uint32_t extension_words; /**< 32-bit words before each header, 0..7: TARN_WORDS_* */
    uint32_t recognition;     /**< TARN_RECOGNISE_* */
    uint32_t flags;           /**< TARN_POOL_* */
    uint32_t key;             /**< salt of the header checks; 0 = derived from size and layout */
    uint32_t modules;         /**< rows of the table of modules (tarn/account.h), 16 bytes each, 0..127, of which row 0
                                   is that of no module; 0 = no table. Needs an extension word */
    uint32_t park;     /**< bytes of each size from 2 granules to 64 that blocks given back may hold, as they are,
                                   for the next request of their size; 0 = none, below 2 granules none, or
                                   #TARN_PARK_DEFAULT. See tarn_free(). Not with an extension word, quarantine, GUARD,
                                   POISON, ZERO_ON_FREE, BACKUP or EXACT; AUTO then takes no exact map. At most 2^26
                                   granules of blocks (512 MiB where they are 8 bytes): #TARN_E_TOO_LARGE */
    size_t max_bytes;  /**< size up to which tarn_grow() shall work; 0 = the size given. Index and exact map are
                                   laid out for it: beyond 4 MiB max_bytes / 64 at once, unless keyed is asked */
    const char *name;  /**< shown in listings, not copied, may be NULL */
    uint32_t policy;   /**< TARN_POLICY_* */
    size_t quarantine; /**< bytes that blocks given back may hold while they wait, filled, before their memory is
                                   free, their headers included; 0 = none. See tarn_free() */
    uint32_t slab;     /**< requests of up to so many bytes are served from pages of 512 bytes, in which objects of one
                                   size (a multiple of the granule) lie without a header each; 0 = none, at most 128, or
                                   #TARN_SLAB_DEFAULT. See tarn_alloc(). Not with a table of modules, quarantine, GUARD,
                                   POISON, ZERO_ON_FREE, BACKUP or EXACT, nor in a heap of regions; AUTO then takes no
                                   exact map, and as with park 2^26 granules are the most. Costs about 300 bytes, 20 for
                                   each size, and a 4096th of the pool or of max_bytes: grown past that, pages come from
                                   what lies below */
} tarn_options;

/** What a caller was compiled against; tarn_init() passes it, so that a mismatch is refused instead of misread. */
#define TARN_INTERFACE ((UINT32_C(1) << 16) | sizeof(tarn_options))

/** tarn_init() with the caller's interface word spelled out; same contract. */
tarn_status tarn_init_interface(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options,
                                uint32_t interface_word);

/**
 * Makes a pool in [@p memory, @p memory + @p bytes) and sets @p *pool to @p memory. @p options NULL means defaults.
 *
 * Returns: #TARN_OK; a pool registered at the same start is replaced, other overlaps are allowed (see registry).
 * Fails: #TARN_E_NULL (pool or memory), #TARN_E_ARGUMENT (an option out of range, or the range wraps the address
 * space), #TARN_E_TOO_SMALL, #TARN_E_TOO_LARGE, #TARN_E_MISALIGNED (granule 16 and the first multiple of 8 at or after
 * @p memory is not a multiple of 16; or, of a library that has plain pools alone, TARN_ONLY_PLAIN, @p memory is not
 * a multiple of 8), #TARN_E_ENGINE, #TARN_E_INTERFACE, #TARN_E_UNAVAILABLE (an option that the
 * library was built without: TARN_WITH_* in docs/configuration.md; or #TARN_POLICY_REPAIR
 * before tarn_repairs_on()); @p *pool is then NULL and memory untouched.
 * A full registry is no failure: the pool works and is not listed; an event says so.
 * Units: bytes. Bound: control data of the pool (cleared), and with POISON or ZERO_ON_FREE the whole (filled); inside
 * another registered pool, that pool's blocks unless
 * the range begins at a payload. Interrupts: no. Lock: registry, pools around it (one at a time). Source: tarn.
 */
static inline tarn_status tarn_init(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options)
{
    return tarn_init_interface(pool, memory, bytes, options, TARN_INTERFACE);
}

/**
 * Takes over an image that someone else made (another program, another address, another word size) as sole owner.
 * Every invariant is checked first and the index of free blocks is rebuilt from the blocks, so that a hostile image
 * cannot lead a later call outside [@p memory, @p memory + @p bytes).
 *
 * Returns: #TARN_OK, and @p *pool is @p memory. The pool takes locks and is registered as a native one, whatever its
 * maker chose; no block of it counts as carrying a pool. Over-aligned blocks keep their alignment only modulo what old
 * and new address share (tarn_stats.max_alignment tells the largest ever asked for).
 * Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL (magic, version, byte order), #TARN_E_TRUNCATED, #TARN_E_MISALIGNED (the
 * address differs from the original modulo the granule), #TARN_E_ENGINE, #TARN_E_DAMAGED; the bytes are then unchanged.
 * Bound: blocks of the pool, and as tarn_init(). Interrupts: no. Lock: as tarn_init(). Source: tarn.
 */
tarn_status tarn_adopt(tarn_pool **pool, void *memory, size_t bytes);

/**
 * Ends a pool: voids its header, so that later calls with the handle are refused, and unlists it. The blocks are lost,
 * their number is in the event; pools nested in them end too. Blocks that wait are not looked at.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL.
 * Bound: registry capacity. Interrupts: no. Lock: pool, registry (not both at once). Source: tarn.
 */
tarn_status tarn_deinit(tarn_pool *pool);

/**
 * Drops every block at once: the pool is as after init, peaks and refusals included, and pointers from before are
 * refused until their place is handed out again. Pools nested in its blocks are unlisted. Quotas stay, and sequence
 * numbers go on. Blocks that wait are dropped unseen (tarn_quarantine_flush() looks at them first).
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL.
 * Bound: control data; with POISON or ZERO_ON_FREE a store per byte under the lock. Interrupts: as the port.
 * Lock: pool, registry (not both at once). Source: tarn.
 */
tarn_status tarn_reset(tarn_pool *pool);

/**
 * Extends the pool in place to @p bytes from its handle; blocks stay where they are.
 *
 * Returns: #TARN_OK (also when the added bytes are fewer than a granule). Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL,
 * #TARN_E_ARGUMENT (smaller than now), #TARN_E_TOO_LARGE (beyond tarn_options.max_bytes as rounded up by the header's
 * size field), #TARN_E_DAMAGED (the free space at the end is not what its header says; nothing has changed).
 * Units: bytes. Bound: constant; with POISON or ZERO_ON_FREE a store per added byte under the lock. Interrupts: as the
 * port. Lock: pool. Source: tarn.
 */
tarn_status tarn_grow(tarn_pool *pool, size_t bytes);

/**
 * Returns how many of @p bytes a pool with @p options spends before its first payload, lost alignment not counted;
 * 0 if no such pool can be made.
 *
 * Fails: as said. Units: bytes. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
size_t tarn_overhead(size_t bytes, const tarn_options *options);

/**
 * Returns a block of at least @p size bytes (0 counts as 1) aligned to the granule, contents undefined.
 *
 * Fails: NULL if pool is NULL or not a pool, no free block serves the request, or in a pool with a table of modules the
 * quota of row 0 leaves less than it takes, or with #TARN_POOL_POISON the memory had been written to since it was free
 * (the event's block is what was set aside); the refusal is counted and raised as an event with its status.
 * With tarn_options.quarantine no request is refused for want of memory while blocks wait: the oldest leaves and it is
 * tried again, until it is served or none waits; then every free block is looked at, also those that the engine passes
 * over. With tarn_options.park none is while blocks are parked: one that finds
 * no room gives back what is parked, until it is served or nothing is.
 * With tarn_options.slab a request of up to that size, without an alignment or with one below the granule, gets an
 * object of the smallest class that holds it, from a page that has one, or a new page; a block where no page can be
 * had, with empty pages given back if need be; and if there is none an object of a larger class. Objects are blocks to
 * every call that takes one: they stay where they are within the size of their class, and move beyond. Figures and
 * walks count pages, which are used blocks (#TARN_BLOCK_SLAB), not objects (tarn_slab_walk()). A page that is empty is
 * kept for the next request of its class until somebody looks at the pool or a request finds no room.
 * Units: bytes. Bound: constant, with a slab once more for a page that comes and, if there is no room, for each class;
 * for each block that leaves once more, and a load per byte of it outside the lock,
 * which is then taken three times, and in a pool with a quarantine for a request that finds no room all the same the
 * blocks of the pool once; where blocks are parked and there is no room, once more for each, in one hold of the
 * lock: at most park / size blocks of each of 63 sizes. Interrupts: as the port. Lock: pool. Source: tarn; tlsf after
 * Masmano et al. 2004.
 */
void *tarn_alloc(tarn_pool *pool, size_t size);

/**
 * tarn_alloc() at a multiple of @p alignment, a power of two (values below the granule mean the granule).
 *
 * Returns: the block. Fails: as tarn_alloc(), and NULL for an alignment that is zero or not a power of two.
 * Units: bytes. Bound: as tarn_alloc(). Interrupts: as the port. Lock: pool. Source: tarn.
 */
void *tarn_alloc_aligned(tarn_pool *pool, size_t size, size_t alignment);

/**
 * Returns a block of @p count * @p size zero bytes.
 *
 * Fails: as tarn_alloc(), and NULL if the product overflows.
 * Units: bytes. Bound: as tarn_alloc(), plus a store per byte outside the lock. Interrupts: as the port. Lock: pool.
 * Source: tarn.
 */
void *tarn_calloc(tarn_pool *pool, size_t count, size_t size);

/**
 * Gives @p block the new @p size (0 counts as 1), keeping its contents up to the smaller size: in place, else into a
 * free left neighbour, else in a new block. @p block NULL allocates.
 *
 * Of its extension words (#TARN_WORDS_OWNER and on), a block that stays where it is keeps all. One that moves keeps
 * module and tag; task, site, sequence number and callers are those of this call. While it moves to a new block, both
 * count for the module's quota.
 *
 * Returns: the block's address, moved or not, aligned to the granule.
 * Fails: NULL as tarn_alloc(), or if @p block is not a used block of this pool (event), or if it carries a registered
 * pool and cannot grow where it is; the old block is then untouched. A block that carries a pool is never cut.
 * Parked blocks are no free neighbours: the block moves rather than have them given back, which is done only if it
 * would fail otherwise.
 * Units: bytes. Bound: as tarn_alloc(), plus a copy per byte outside the lock where it moves. Interrupts: as the port.
 * Lock: pool. Source: tarn.
 */
void *tarn_realloc(tarn_pool *pool, void *block, size_t size);

/**
 * tarn_realloc() whose result is a multiple of @p alignment, a power of two.
 *
 * Returns: as tarn_realloc(). Fails: as tarn_realloc(), and NULL for an alignment that is zero or not a power of two.
 * Units: bytes. Bound: as tarn_realloc(). Interrupts: as the port. Lock: pool. Source: tarn.
 */
void *tarn_realloc_aligned(tarn_pool *pool, void *block, size_t size, size_t alignment);

/**
 * Gives @p block the new @p size where it stands, never moving it: shrinks, or grows into free space to its right. A
 * block that carries a registered pool keeps its size instead of shrinking.
 *
 * Returns: #TARN_OK; the block keeps its extension words. Fails: #TARN_E_EXHAUSTED, #TARN_E_NEVER_FITS or #TARN_E_QUOTA
 * (block untouched), and as tarn_free(). What is cut off is free at once and does not wait; to grow, waiting blocks
 * leave as for tarn_alloc(), and all that is parked is given back.
 * Units: bytes. Bound: as tarn_alloc(). Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_resize(tarn_pool *pool, void *block, size_t size);

/**
 * Takes @p block back; free neighbours merge at once. A refused pointer changes nothing but the refusal count.
 *
 * With tarn_options.park a block of 2 to 64 granules (at least 12 bytes) stays as it is while those of its size that
 * are parked hold no more than park bytes with it: the next request of its size gets it, the last parked first. It is
 * free in whatever looks at the pool, which gives back what is parked first, and giving it back again is
 * #TARN_E_DOUBLE_FREE. What is written to it meanwhile may break a list: requests of that size are then refused,
 * #TARN_E_DAMAGED, until a repair.
 *
 * With tarn_options.quarantine the block is filled and waits: it is used by nobody, free in every count, and giving it
 * back again is told for certain (#TARN_E_DOUBLE_FREE). For its sake the oldest that wait leave, at most 4, as long as
 * it does not fit the limit; if it still does not, or is larger than the limit, it does not wait. Who leaves is looked
 * at: one that has been written to since it was given back is set aside, never handed out again, and told
 * (#TARN_EVENT_CORRUPT, the event's block; its report names who had it and who gave it back).
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_FOREIGN, #TARN_E_MISALIGNED, #TARN_E_NOT_A_BLOCK
 * (interior, stale, of a nested pool, or its header overwritten), #TARN_E_DOUBLE_FREE, #TARN_E_DAMAGED (a neighbour's
 * metadata that merging needs, a row of the table of modules that holds less than this block of it, bytes past the
 * size asked for, with #TARN_POOL_GUARD, or the list of waiting blocks). How surely each
 * is told: docs/design.md, Recognition.
 * Bound: constant (a page of the slab that is empty then goes back with it); with POISON, ZERO_ON_FREE or a quarantine
 * a store per byte outside the lock, which is taken twice;
 * for each of at most 4 that leave a load per byte outside the lock, which is taken three times more; a block that
 * carries a registered pool adds the registry's capacity. Interrupts: as the port.
 * Lock: pool. Source: tarn.
 */
tarn_status tarn_free(tarn_pool *pool, void *block);

/**
 * Has all blocks that wait (tarn_options.quarantine) leave: each is looked at and becomes free, or is set aside and
 * told (#TARN_EVENT_CORRUPT, the event's block) if it has been written to since it was given back.
 *
 * Returns: #TARN_OK, also if none waits. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED (one was set aside;
 * or the list is broken, which is refused, counted and dealt with by the pool's policy as by tarn_free()).
 * Bound: the blocks that wait and a load per byte of them, outside the lock, which is taken twice for each. Interrupts:
 * as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_quarantine_flush(tarn_pool *pool);

/**
 * Tells whether @p block is a used block of this pool, changing nothing: a question, so that what it finds is neither
 * counted nor told, and no policy acts on it.
 *
 * Returns: #TARN_OK. Fails: as tarn_free(), whose look at the neighbours it leaves out. Bound: constant. Interrupts: as
 * the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_recognise(const tarn_pool *pool, const void *block);

/**
 * Returns how many bytes @p block can hold, at least what was asked for; 0 if it is not a used block of this pool.
 *
 * Fails: as said. Units: bytes. Bound: constant. Interrupts: as the port. Lock: pool. Source: tarn.
 */
size_t tarn_usable(const tarn_pool *pool, const void *block);

/** Owner word of a block: 12 bits of module over 20 bits of task tag. */
#define TARN_OWNER(module, task) (((uint32_t)(module) << 20) | ((uint32_t)(task)&0xFFFFFu))

/**
 * Stores @p owner in the block's extension word 0. Allocation writes the module asked for (tarn_alloc_for(), else 0)
 * and the port's task tag there. In a pool with a table of modules the block counts in the new module's row from then
 * on. Another owner than before is told (TARN_EVENT_OWNER).
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if the pool has no extension words; #TARN_E_QUOTA if the new module's
 * quota leaves less than the block takes (nothing changed); else as tarn_recognise(). #TARN_E_DAMAGED is counted, told
 * (#TARN_EVENT_CORRUPT) and met by the pool's policy, as in a resize; other refusals are neither counted nor told.
 * Bound: constant. Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_owner_set(tarn_pool *pool, void *block, uint32_t owner);

/**
 * Stores @p owner as tarn_owner_set() does, if the owner is @p expected: for whoever has looked before and may be late.
 *
 * Returns: #TARN_OK. Fails: as tarn_owner_set(), and #TARN_E_ARGUMENT if the owner is another.
 * Bound: constant. Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_owner_replace(tarn_pool *pool, void *block, uint32_t expected, uint32_t owner);

/** @name Storage for a static pool, aligned for every granule */
/**@{*/
#if defined(__cplusplus)
#define TARN_STORAGE(identifier, size) unsigned char identifier alignas(16)[size]
#else
#define TARN_STORAGE(identifier, size) _Alignas(16) unsigned char identifier[size]
#endif
#if defined(__GNUC__)
/** The same in a linker section, a string; mark it NOLOAD in the linker script, or the image carries its bytes. */
#define TARN_STORAGE_IN(identifier, size, section_name) \
    unsigned char identifier[size] __attribute__((aligned(16), section(section_name)))
#endif
/**@}*/

#ifdef __cplusplus
}
#endif

#endif
