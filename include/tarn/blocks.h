/* SPDX-License-Identifier: MIT */
/**
 * @file blocks.h
 * @brief Pools of blocks of one size inside memory that the caller gives.
 *
 * A block pool is its bytes: one image in the caller's memory, offsets instead of pointers, no lock, no run-time state,
 * the same in 32-bit and 64-bit programs. The handle is the address given, and a free block is a link of 4 bytes: no
 * memory is spent per block. After init blocks are handed out in order of address; then the one given back last comes
 * first.
 *
 * How calls exclude each other is chosen when the library is built (`TARN_BLOCKS_SYNC_*`), one contract for all:
 * "Lock: as built" means none in NONE (one context at a time, the caller sees to it), the port's lock for the pool in
 * PORT, the core's interrupt mask in MASK, and compare-and-swap loops without a lock in ATOMIC. "Interrupts: as built"
 * means: not in NONE unless the caller masks them; in PORT where the port's lock masks interrupts (bare), but for pools
 * with slots in builds that use them; in MASK from handlers that the mask keeps out (not NMI, HardFault or SError, and
 * none where the code is unprivileged), and where MASK is PORT, as there; always in ATOMIC. "Bound: constant" is, in
 * ATOMIC, for each attempt: an attempt is repeated only if another call on the pool succeeded meanwhile (lock-free, not
 * wait-free). With ATOMIC the counts are exact when no call is under way. With ATOMIC, and with slots in builds that
 * use them, tarn_blocks_clear() and tarn_blocks_deinit() need the pool to themselves.
 *
 * Any call on a pool whose header contradicts itself answers #TARN_E_DAMAGED, or as for no pool where it has no status.
 * Not looked at are, by get and put, the heads of the lists, and in a plain pool (one made without flags) the rest of
 * the header: they trust these words once the magic is right.
 *
 * With "Interrupts: as built" a call that raises an event while a sink is installed, and put in a pool with
 * #TARN_BLOCKS_WAITABLE once somebody has waited, may be made from interrupts only where the port's lock masks them:
 * not from signal handlers on posix, in ATOMIC either.
 */
#ifndef TARN_BLOCKS_H
#define TARN_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tarn/inspect.h"
#include "tarn/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A block pool; the address is the one given to tarn_blocks_init() or tarn_blocks_adopt(). Never defined. */
typedef struct tarn_blocks tarn_blocks;

/** @name Flags of tarn_blocks_options.flags. Any of the first six makes get and put take the full path. */
/**@{*/
#define TARN_BLOCKS_MAP 1u       /**< one bit per block tells exactly what is handed out: double puts are refused */
#define TARN_BLOCKS_OWNER 2u     /**< one word per block: who has it, see #TARN_OWNER */
#define TARN_BLOCKS_GUARD 4u     /**< a word after each block, verified at put: writes past the end are found */
#define TARN_BLOCKS_POISON 8u    /**< free blocks are filled, verified at get: writes after put are found */
#define TARN_BLOCKS_WAITABLE 16u /**< put, clear and deinit wake who waits in tarn_blocks_get_wait() */
#define TARN_BLOCKS_EVENTS \
    32u /**< get and put raise ALLOC and FREE, get asks gates; implied if a sink or gate is \
                                  installed at init */
#define TARN_BLOCKS_UNREGISTERED 64u /**< the pool is not listed in the registry */
/**@}*/

/** Choices made once, at init. All-zero is the default pool. */
typedef struct tarn_blocks_options {
    uint32_t count;     /**< blocks; 0 = as many as the memory holds */
    uint32_t alignment; /**< of every block: a power of two, 4 to 4096; 0 = the largest of 4, 8 and 16 that divides the
                             size rounded up to 4, which is enough for an array of any C type of that size */
    uint32_t flags;     /**< TARN_BLOCKS_* */
    uint32_t slots;     /**< caches of the running threads, 0 to 255, used in builds with `TARN_BLOCKS_CACHE` by pools
                             without flags, else only kept in place; each costs #TARN_BLOCKS_SLOT_BYTES */
    const char *name;   /**< for listings and tarn_blocks_named(), not copied, may be NULL */
} tarn_blocks_options;

/** Bytes of one cache: what it changes lies in the middle, so that no two caches share a line of 64 bytes. */
#define TARN_BLOCKS_SLOT_BYTES 128u

/** @name Sizes as integer constant expressions, for storage aligned to the blocks' alignment and to 8. */
/**@{*/
/** The size rounded up to whole words. */
#define TARN_BLOCKS_WORDS(size) (((size_t)(size) + 3u) & ~(size_t)3u)
/** The alignment that option 0 means. */
#define TARN_BLOCKS_NATURAL(size)                                    \
    (TARN_BLOCKS_WORDS(size) % 16u == 0 && (size) != 0  ? (size_t)16 \
     : TARN_BLOCKS_WORDS(size) % 8u == 0 && (size) != 0 ? (size_t)8  \
                                                        : (size_t)4)
/** The alignment in force, alignment being as in the options. */
#define TARN_BLOCKS_ALIGNMENT(size, alignment) ((alignment) != 0 ? (size_t)(alignment) : TARN_BLOCKS_NATURAL(size))
/** From one block to the next. */
#define TARN_BLOCKS_STRIDE(size, alignment, flags)                                                         \
    ((((size) == 0 ? (size_t)4 : TARN_BLOCKS_WORDS(size)) + (((flags)&TARN_BLOCKS_GUARD) != 0 ? 4u : 0u) + \
      TARN_BLOCKS_ALIGNMENT(size, alignment) - 1u) &                                                       \
     ~(TARN_BLOCKS_ALIGNMENT(size, alignment) - 1u))
/** Everything in front of the first block, before alignment. */
#define TARN_BLOCKS_CONTROL(count, flags, slots)                                  \
    ((size_t)64 + TARN_BLOCKS_SLOT_BYTES * (size_t)(slots) +                      \
     (((flags)&TARN_BLOCKS_MAP) != 0 ? ((size_t)(count) + 31u) / 32u * 4u : 0u) + \
     (((flags)&TARN_BLOCKS_OWNER) != 0 ? (size_t)(count)*4u : 0u))
/** Bytes of a pool of @p count blocks of @p size bytes with these options. */
#define TARN_BLOCKS_BYTES_WITH(count, size, alignment, flags, slots)                             \
    (((TARN_BLOCKS_CONTROL(count, flags, slots) + TARN_BLOCKS_ALIGNMENT(size, alignment) - 1u) & \
      ~(TARN_BLOCKS_ALIGNMENT(size, alignment) - 1u)) +                                          \
     (size_t)(count)*TARN_BLOCKS_STRIDE(size, alignment, flags))
/** Bytes of a pool of @p count blocks of @p size bytes without options. */
#define TARN_BLOCKS_BYTES(count, size) TARN_BLOCKS_BYTES_WITH(count, size, 0, 0, 0)
#if defined(__cplusplus)
/** Storage for a pool without options. */
#define TARN_BLOCKS_STORAGE(identifier, count, size) \
    unsigned char identifier alignas(16)[TARN_BLOCKS_BYTES(count, size)]
/** Storage for a pool with these options. */
#define TARN_BLOCKS_STORAGE_WITH(identifier, count, size, alignment, flags, slots) \
    unsigned char identifier alignas(                                              \
        (alignment) > 16 ? (alignment) : 16)[TARN_BLOCKS_BYTES_WITH(count, size, alignment, flags, slots)]
#else
#define TARN_BLOCKS_STORAGE(identifier, count, size) \
    _Alignas(16) unsigned char identifier[TARN_BLOCKS_BYTES(count, size)]
#define TARN_BLOCKS_STORAGE_WITH(identifier, count, size, alignment, flags, slots) \
    _Alignas((alignment) > 16                                                      \
                 ? (alignment)                                                     \
                 : 16) unsigned char identifier[TARN_BLOCKS_BYTES_WITH(count, size, alignment, flags, slots)]
#endif
/**@}*/

/** What a caller was compiled against; tarn_blocks_init() passes it. */
#define TARN_BLOCKS_INTERFACE ((UINT32_C(1) << 16) | sizeof(tarn_blocks_options))

/** tarn_blocks_init() with the caller's interface word spelled out; same contract. */
tarn_status tarn_blocks_init_interface(tarn_blocks **pool, void *memory, size_t bytes, size_t size,
                                       const tarn_blocks_options *options, uint32_t interface_word);

/**
 * Makes a pool of blocks of @p size bytes (0 counts as 1) in [@p memory, @p memory + @p bytes) and sets @p *pool to
 * @p memory. @p options NULL means defaults. The blocks are not touched.
 *
 * Returns: #TARN_OK; a block pool registered at the same start is replaced. Fails: #TARN_E_NULL (pool or memory),
 * #TARN_E_ARGUMENT (an option out of range, or the range wraps the address space), #TARN_E_MISALIGNED (memory is not a
 * multiple of 8), #TARN_E_TOO_SMALL (for one block, or for the count asked for), #TARN_E_TOO_LARGE (4 GiB and more, or
 * more blocks than the build's head counts: 2^24 - 1 with ATOMIC, 2^16 - 1 where it has 32-bit atomics only),
 * #TARN_E_INTERFACE, #TARN_E_UNAVAILABLE (slots, or a flag but UNREGISTERED, in a build for plain pools alone:
 * TARN_BLOCKS_ONLY_PLAIN); @p *pool is then NULL and memory untouched. A full registry is no failure: an event says so.
 * Units: bytes. Bound: control data (cleared), and as tarn_init() inside another registered pool. Interrupts: no.
 * Lock: registry, pools around it (one at a time). Source: tarn.
 */
static inline tarn_status tarn_blocks_init(tarn_blocks **pool, void *memory, size_t bytes, size_t size,
                                           const tarn_blocks_options *options)
{
    return tarn_blocks_init_interface(pool, memory, bytes, size, options, TARN_BLOCKS_INTERFACE);
}

/**
 * Returns the bytes of a pool of @p count blocks of @p size bytes, what #TARN_BLOCKS_BYTES_WITH says; options->count is
 * not looked at. 0 if no such pool can be made.
 *
 * Fails: as said. Units: bytes. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
size_t tarn_blocks_bytes(size_t count, size_t size, const tarn_blocks_options *options);

/**
 * Takes over an image that someone else made (another program, another address or word size, another build) as sole
 * owner. Everything is checked first, so that a hostile image cannot lead a later call outside the memory.
 *
 * Returns: #TARN_OK, and @p *pool is @p memory; the pool is registered without a name, and not with more bytes than are
 * given, whatever the image says. Fails: #TARN_E_NULL,
 * #TARN_E_NOT_A_POOL (magic, version, byte order), #TARN_E_TRUNCATED, #TARN_E_MISALIGNED (not a multiple of 8, or
 * another address modulo the blocks' alignment), #TARN_E_TOO_LARGE (for this build's head), #TARN_E_DAMAGED; the bytes
 * are then unchanged. Blocks that lay in caches are in the pool's list afterwards.
 * Bound: blocks. Interrupts: no. Lock: as tarn_blocks_init(). Source: tarn.
 */
tarn_status tarn_blocks_adopt(tarn_blocks **pool, void *memory, size_t bytes);

/**
 * Ends a pool: voids its header, so that later calls with the handle are refused, and unlists it. The event has the
 * number of blocks that are out.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED.
 * Bound: registry capacity. Interrupts: no. Lock: as built, registry (not both at once). Source: tarn.
 */
tarn_status tarn_blocks_deinit(tarn_blocks *pool);

/**
 * Takes every block back at once: the pool is as after init, marks and refusals included. Blocks still held by others
 * must not be put or written afterwards, so none may be on its way back either.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED.
 * Bound: control data. Interrupts: as built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_clear(tarn_blocks *pool);

/**
 * Makes the list of free blocks of a pool with #TARN_BLOCKS_MAP anew from its map, when a link or the head leads
 * nowhere and get is refused for good: blocks that the map does not mark are free, in order of address, those held back
 * stay so. Blocks that are out are not touched, and nobody else may use the pool meanwhile, so none may be on its way
 * either.
 *
 * Returns: #TARN_OK; whether all is well now tarn_blocks_check() tells. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL,
 * #TARN_E_DAMAGED (the header), #TARN_E_ARGUMENT (a pool without a map).
 * Bound: blocks. Interrupts: as built, held for the whole. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_repair(tarn_blocks *pool);

/** Called with each block of a pool. */
typedef void tarn_blocks_constructor(void *block, void *context);

/**
 * Calls @p constructor for every block in order of address, once, before the first is handed out: for what blocks shall
 * hold between uses, all but the first 4 bytes, which are the link of a free block, and nothing if the pool has
 * #TARN_BLOCKS_POISON. There is no put callback: TARN_EVENT_FREE is raised before a pool with #TARN_BLOCKS_EVENTS takes
 * a block back. A pool calls no function of its own accord, since its bytes hold no pointer.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED, #TARN_E_IN_USE (a block was handed out
 * since init or clear), #TARN_E_ARGUMENT (the pool has #TARN_BLOCKS_POISON).
 * Bound: blocks. Interrupts: no. Lock: none; nobody else may use the pool meanwhile. Source: tarn.
 */
tarn_status tarn_blocks_construct(tarn_blocks *pool, tarn_blocks_constructor *constructor, void *context);

/**
 * Returns a block, contents undefined but for what tarn_blocks_construct() says.
 *
 * Fails: NULL if pool is NULL or no block pool, no block is free (#TARN_E_EXHAUSTED), or what get must rely on is
 * damaged (#TARN_E_DAMAGED: the link in a free block leads to no block, in builds with `TARN_BLOCKS_CHECKS`; a free
 * block's fill or guard was overwritten; the first block in the list is out by the map), nothing being changed then but
 * that a block which is out by the map leaves the list, and one whose fill or guard was overwritten is held back
 * (#TARN_BLOCK_HELD_BACK) until tarn_blocks_clear(): it counts as out and is nobody's (no put takes it with
 * #TARN_BLOCKS_MAP; without, a put of it brings it back), and the next get serves the block behind it. The refusal is
 * counted and raised as an event with its status and block. With slots, blocks in the caches
 * of other threads are out of reach.
 * Units: none. Bound: constant, plus a compare per word with #TARN_BLOCKS_POISON; with slots a refill moves up to
 * `TARN_BLOCKS_BATCH` blocks. Interrupts: as built. Lock: as built. Source: tarn; Treiber 1986 for ATOMIC.
 */
void *tarn_blocks_get(tarn_blocks *pool);

/**
 * Takes @p block back. A refused address changes nothing but the refusal count.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_FOREIGN (outside the blocks), #TARN_E_NOT_A_BLOCK
 * (no block begins there), #TARN_E_DOUBLE_FREE (never handed out; or none is out; with #TARN_BLOCKS_MAP: this one is
 * not out), #TARN_E_DAMAGED (its guard was overwritten: the block stays out, for tarn_blocks_check() to show). In a
 * pool without the map a block put twice while others are out is not noticed; with slots in use, blocks in caches count
 * as out here.
 * Bound: constant, plus a store per word with #TARN_BLOCKS_POISON; with slots a flush is constant too. Interrupts: as
 * built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_put(tarn_blocks *pool, void *block);

/**
 * Fills @p blocks with @p count blocks, or none.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_EXHAUSTED, #TARN_E_NEVER_FITS (more than the pool
 * has), #TARN_E_DAMAGED; @p blocks is then all NULL and the pool has what it had. With ATOMIC others may find blocks
 * missing until the call has failed. A block written to while it was free is held back, as by tarn_blocks_get().
 * Bound: count times tarn_blocks_get(). Interrupts: as built. Lock: as built, for the whole call in a plain pool.
 * Source: tarn.
 */
tarn_status tarn_blocks_get_many(tarn_blocks *pool, void **blocks, size_t count);

/**
 * Takes @p count blocks back, or none if one of them would be refused. An address that stands twice in the array is
 * noticed at once if the array has more than are out, else with #TARN_BLOCKS_MAP only, when those before it have been
 * taken back.
 *
 * Returns: #TARN_OK. Fails: as tarn_blocks_put(), for the first that is refused.
 * Bound: count times tarn_blocks_put(). Interrupts: as built. Lock: as built, for the whole call in a plain pool.
 * Source: tarn.
 */
tarn_status tarn_blocks_put_many(tarn_blocks *pool, void *const *blocks, size_t count);

/**
 * tarn_blocks_get() that waits up to @p milliseconds (UINT32_MAX: for ever) for a block, in a pool made with
 * #TARN_BLOCKS_WAITABLE. Who uses it needs a port with the three functions of port.h for event counts.
 *
 * Returns: a block. Fails: as tarn_blocks_get(), for exhaustion when the time is over and for other reasons at once,
 * one of which is a pool that is not waitable (#TARN_E_ARGUMENT); also when the pool is ended with tarn_blocks_deinit()
 * meanwhile.
 * Units: milliseconds. Bound: the time given. Interrupts: no. Lock: as built, and the port's around waiting. Source:
 * tarn.
 */
void *tarn_blocks_get_wait(tarn_blocks *pool, uint32_t milliseconds);

/**
 * Tells whether tarn_blocks_put() would take @p block, changing nothing.
 *
 * Returns and fails: as tarn_blocks_put(). Bound: constant. Interrupts: as built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_recognise(const tarn_blocks *pool, const void *block);

/**
 * Returns how many bytes each block can hold, all of them the caller's: the size given, rounded up; 0 if no pool.
 *
 * Fails: as said. Units: bytes. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
size_t tarn_blocks_usable(const tarn_blocks *pool);

/**
 * Stores @p owner as the owner of @p block; get stores module 0 and the port's task tag. With #TARN_BLOCKS_EVENTS
 * another owner is told (TARN_EVENT_OWNER).
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if the pool has no #TARN_BLOCKS_OWNER; else as tarn_blocks_put().
 * Bound: constant. Interrupts: as built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_owner_set(tarn_blocks *pool, void *block, uint32_t owner);

/**
 * Returns the block pool of this name, the one made first if there are several; NULL if there is none, or @p name is.
 *
 * Fails: as said. Bound: registry capacity squared, and the names' lengths. Interrupts: as the port. Lock: registry.
 * Source: tarn.
 */
tarn_blocks *tarn_blocks_named(const char *name);

/** @name Rules: the numbered invariants of a block pool's image, as docs/blocks.md states them. */
/**@{*/
#define TARN_RULE_BLOCKS_HEADER 32u /**< B1 the header is known, legal and consistent with the bytes given */
#define TARN_RULE_BLOCKS_LINK 33u   /**< B2 a free block's link is 0 or names a block that was handed out once */
#define TARN_RULE_BLOCKS_LISTED 34u /**< B3 no block is in the list or a cache twice, and no list goes on for ever */
#define TARN_RULE_BLOCKS_COUNTS 35u /**< B4 the counts equal what following the lists counts */
#define TARN_RULE_BLOCKS_MAP 36u    /**< B5 the map marks exactly the blocks that are out and not held back */
#define TARN_RULE_BLOCKS_GUARD 37u  /**< B6 the guard after every block ever handed out, and not held back, is intact */
#define TARN_RULE_BLOCKS_POISON 38u /**< B7 the fill of every listed block is intact */
/**@}*/

/**
 * Returns the state of @p pool in @p *stats, in bytes of whole strides; all zero on failure. What is held back is used.
 * peak is since init, clear or tarn_blocks_low_reset(); blocks in caches are free; largest_request is what a block
 * holds if one is free; granule is the blocks' alignment, overhead what a block costs beside its size, exact whether
 * there is a map; engine, extension_words, check_bits and key are 0.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED.
 * Units: bytes. Bound: constant, and a step per slot. Interrupts: as built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_stats(const tarn_blocks *pool, tarn_stats *stats);

/**
 * Returns the fewest blocks that were free at once since init, clear or tarn_blocks_low_reset(); 0 if no pool. Blocks
 * in caches count as out for this mark.
 *
 * Fails: as said. Units: blocks. Bound: constant. Interrupts: as built. Lock: as built. Source: tarn.
 */
uint32_t tarn_blocks_low(const tarn_blocks *pool);

/**
 * Sets the mark of tarn_blocks_low() to what is free now. Until as many blocks are out as ever before, get takes the
 * full path to keep the new mark.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED.
 * Bound: constant. Interrupts: as built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_low_reset(tarn_blocks *pool);

/**
 * Calls @p visit for each block in order of address; tarn_block.offset is from the handle. The callback runs outside
 * the lock and may call any function on the pool; blocks that others get or put meanwhile are seen as they were or are,
 * and what other threads have in caches, while they use them, as free or as out.
 *
 * Returns: #TARN_OK, also when the callback stopped it. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED; with
 * ATOMIC this also if others changed the list under each of 16 attempts to follow it.
 * Bound: blocks, plus the free list once per 1024 blocks. Interrupts: no. Lock: as built, released around each
 * callback.
 * Source: tarn.
 */
tarn_status tarn_blocks_walk(const tarn_blocks *pool, tarn_visit *visit, void *context);

/**
 * Finds the block that contains @p address.
 *
 * Returns: #TARN_OK and the record in @p *block. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_FOREIGN,
 * #TARN_E_DAMAGED. Bound: blocks (the free list). Interrupts: as built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_at(const tarn_blocks *pool, const void *address, tarn_block *block);

/**
 * Checks every invariant of @p pool. @p finding may be NULL; its offsets are from the handle. Exact when no call is
 * under way elsewhere; with PORT always, but for caches and fill: a call that is under way may not have written the
 * fill of a block that it takes back.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED with the first broken rule in
 * @p *finding. Never crashes or loops on damaged metadata, and writes nothing.
 * Bound: blocks, and their bytes with #TARN_BLOCKS_POISON; with slots the lists once more per 1024 blocks. Interrupts:
 * as built, held for the whole check. Lock: as built.
 * Source: tarn.
 */
tarn_status tarn_blocks_check(const tarn_blocks *pool, tarn_finding *finding);

/**
 * The part of tarn_blocks_check() that can be done in steps, as tarn_check_some() does it: the header, and for the next
 * @p blocks blocks, from @p *cursor on (0 at first), guard, map and, where the map says that one is free, link and
 * fill. Blocks of a block pool never merge, so that the caller can keep the place: any pool can be checked, by several
 * at once. *cursor is 0 again, and @p finding->round 1, when all have been seen, or the header is broken. What it
 * leaves out: the lists as a whole (B3, B4).
 *
 * Returns and fails: as tarn_blocks_check(), where a call that finds something ends with that block. Bound: the blocks
 * asked for. Interrupts: as built. Lock: as built. Source: tarn.
 */
tarn_status tarn_blocks_check_some(const tarn_blocks *pool, uint32_t *cursor, uint32_t blocks, tarn_finding *finding);

/** The bytes of a block pool's image, held for reading. Fill it with tarn_blocks_view_open(); fields are private. */
typedef struct tarn_blocks_view {
    const unsigned char *base;
    size_t bytes;
    uint32_t swapped;
    uint32_t reserved;
} tarn_blocks_view;

/**
 * Holds the image whose first byte is at @p bytes, in either byte order, for reading: ROM, dumps, hostile input.
 * Nothing is written to it, ever.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_MISALIGNED (not a multiple of 4), #TARN_E_NOT_A_POOL,
 * #TARN_E_TRUNCATED,
 * #TARN_E_DAMAGED (header, B1).
 * Units: bytes. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_blocks_view_open(tarn_blocks_view *view, const void *bytes, size_t size);

/**
 * tarn_blocks_stats() of a view.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL.
 * Units: bytes. Bound: slots. Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_blocks_view_stats(const tarn_blocks_view *view, tarn_stats *stats);

/**
 * tarn_blocks_walk() of a view.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_DAMAGED (a list that breaks B2 or B3; what was visited stands).
 * Bound: as tarn_blocks_walk(). Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_blocks_view_walk(const tarn_blocks_view *view, tarn_visit *visit, void *context);

/**
 * tarn_blocks_check() of a view.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_DAMAGED with the first broken rule in @p *finding (may be NULL).
 * Bound: as tarn_blocks_check(). Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_blocks_view_check(const tarn_blocks_view *view, tarn_finding *finding);

#ifdef __cplusplus
}
#endif

#endif
