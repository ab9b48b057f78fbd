/* SPDX-License-Identifier: MIT */
/**
 * @file tlsf.h
 * @brief The interface of mattconte/tlsf 3.1 over tarn heaps.
 *
 * Source compatible: names, types and success behaviour are the original's. Where the original crashes, corrupts or
 * asserts, this one gives the documented failure, and a line through the port says why; docs/porting-tlsf.md lists each
 * case. What differs is that a region has to hold a pool's control data, so that a few hundred bytes are too few.
 *
 * A program that carries a tlsf.c of its own keeps it: these functions are then not linked.
 *
 * Common contract: Units: all sizes are bytes. Interrupts: as tarn_port_lock(), for the functions that take a lock.
 * Lock: heap, as tarn/regions.h says, unless stated; the original has none, and two locks at once are never held.
 * Bound: constant for each region of the heap that has no room, with the `tlsf` engine (tarn/regions.h), unless stated.
 * A @p tlsf that is NULL or no live heap is refused by every function. Source: mattconte/tlsf 3.1.
 */
#ifndef INCLUDED_tlsf
#define INCLUDED_tlsf

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A heap of any number of regions up to TARN_TLSF_REGIONS; the address given to tlsf_create(). */
typedef void *tlsf_t;

/** A region of a heap; the address given to tlsf_add_pool(). */
typedef void *pool_t;

/**
 * Makes an empty heap in the tlsf_size() bytes at @p mem.
 *
 * Returns: @p mem. Fails: NULL for @p mem NULL or not a multiple of tlsf_align_size(). Bound: constant. Lock: none.
 */
tlsf_t tlsf_create(void *mem);

/**
 * Makes a heap at @p mem whose first region is what the heap leaves of the @p bytes.
 *
 * Returns: @p mem. Fails: NULL as tlsf_create(), and if @p bytes do not hold tlsf_size() and a region; the message says
 * how many would. Bound: control data of the region (cleared).
 */
tlsf_t tlsf_create_with_pool(void *mem, size_t bytes);

/** Ends the heap; its regions are not touched, they may be gone already. Fails: never. */
void tlsf_destroy(tlsf_t tlsf);

/** Returns the region added first of those that are there, that of tlsf_create_with_pool(). Fails: NULL without any. */
pool_t tlsf_get_pool(tlsf_t tlsf);

/**
 * Adds the region [@p mem, @p mem + @p bytes).
 *
 * Returns: @p mem. Fails: NULL, memory untouched, for @p mem NULL or misaligned, a region too small (the message says
 * what it takes), beyond 2 GiB or overlapping another of this heap, and if the heap has TARN_TLSF_REGIONS already.
 * Bound: control data of the region (cleared).
 */
pool_t tlsf_add_pool(tlsf_t tlsf, void *mem, size_t bytes);

/**
 * Removes a region none of whose blocks is used; its memory is the caller's again.
 *
 * Fails: a region in use, or an address that is none, is refused with a message and nothing changes; one whose header
 * is destroyed cannot say what is used: it is removed, with a message. Bound: regions.
 */
void tlsf_remove_pool(tlsf_t tlsf, pool_t pool);

/**
 * Returns a block of at least @p bytes, aligned to 8.
 *
 * Fails: NULL for 0 bytes, and where no region has room.
 */
void *tlsf_malloc(tlsf_t tlsf, size_t bytes);

/**
 * Returns a block of at least @p bytes at a multiple of @p align; 0 means the natural alignment.
 *
 * Fails: NULL for 0 bytes, @p align no power of two, and where no region has room.
 */
void *tlsf_memalign(tlsf_t tlsf, size_t align, size_t bytes);

/**
 * Gives the block @p size bytes, in place where it can. @p ptr NULL allocates, @p size 0 frees.
 *
 * Returns: the block, moved or not, in any region; NULL after a free. Fails: NULL, and the block is untouched, where no
 * region has room, for any @p size up to SIZE_MAX, or if @p ptr is no block of this heap (message).
 * Bound: as said, plus a copy per byte outside the lock where it moves.
 */
void *tlsf_realloc(tlsf_t tlsf, void *ptr, size_t size);

/**
 * Takes a block back, whichever region it is in; NULL does nothing.
 *
 * Fails: a pointer that is no block of this heap (freed, interior, foreign) is refused with a message.
 */
void tlsf_free(tlsf_t tlsf, void *ptr);

/**
 * Returns how many bytes the block at @p ptr holds, at least what was asked for. It must be a block: there is no heap
 * to ask. Fails: 0 for NULL. Bound: constant. Lock: none.
 */
size_t tlsf_block_size(void *ptr);

/** Returns the bytes of a heap without regions: 40 + 26 * TARN_TLSF_REGIONS, rounded up to 8, on 32 and 64 bits. Fails:
 *  never. Bound: constant. Lock: none. */
size_t tlsf_size(void);

/** Returns the alignment that memory given to this interface must have: the pointer size. Fails: never. Bound:
 *  constant. Lock: none. */
size_t tlsf_align_size(void);

/** Returns what the smallest block holds. Fails: never. Bound: constant. Lock: none. */
size_t tlsf_block_size_min(void);

/** Returns the size from which on a request can never be served. Fails: never. Bound: constant. Lock: none. */
size_t tlsf_block_size_max(void);

/**
 * Returns what a region spends at most: N + tlsf_pool_overhead() bytes serve a request for N as long as the sum is
 * below 1 MiB, N + N / 63 + tlsf_pool_overhead() any; above 1 MiB a region carries a map of its blocks. Fails: never.
 * Bound: constant. Lock: none.
 */
size_t tlsf_pool_overhead(void);

/** Returns what each block costs besides its size rounded up to 8k + 4: 4. Fails: never. Bound: constant. Lock:
 *  none. */
size_t tlsf_alloc_overhead(void);

/** Called for each block: its payload, how many bytes that holds, whether it is used. */
typedef void (*tlsf_walker)(void *ptr, size_t size, int used, void *user);

/**
 * Calls @p walker for each block of the region in order of address; NULL prints a line for each. The walker may free
 * and allocate. There is no heap to lock, as in the original: nobody else may use the region meanwhile.
 *
 * Fails: NULL, or an address where no region is, calls nothing. Bound: as tarn_walk(). Interrupts: no. Lock: none.
 */
void tlsf_walk_pool(pool_t pool, tlsf_walker walker, void *user);

/**
 * Checks every invariant of every region.
 *
 * Returns: 0, or minus how many regions are damaged. Fails: -1 for no heap, or if its own table is damaged.
 * Bound: blocks. Interrupts: no. Lock: heap, held for each whole check.
 */
int tlsf_check(tlsf_t tlsf);

/**
 * Checks every invariant of one region; nobody else may use it meanwhile.
 *
 * Returns: 0. Fails: -1 if it is damaged or no region. Bound: blocks. Interrupts: no. Lock: none.
 */
int tlsf_check_pool(pool_t pool);

#ifdef __cplusplus
}
#endif

#endif
