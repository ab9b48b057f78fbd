/* SPDX-License-Identifier: MIT */
/*
 * Quarantine: blocks given back that wait, filled, before their memory is free, so that whoever still uses one is found
 * before another has it.
 *
 *   section, behind the rows of modules (account.h):  oldest | newest | granules | blocks | limit | seal
 *   waiting:  [extension words][header][fill .......][link][site of the free, where sites are known][tail]
 *
 * A list from the oldest to the newest; link is the next one's offset, 0 at the end. Link and site lie where slack was,
 * past whatever the program had been given, so that a write after free breaks the fill and not the list. To
 * recognition, neighbours and map a waiting block is used, its tail says what it is; no count has it (tail_counts()).
 *
 * I18 the list has every block whose tail says quarantined, once; granules and blocks are theirs; granules <= limit
 *     <= what a header's size field can say; seal is the limit's, in other bits
 * Q1  who takes the oldest off the list owns it until it is free or set aside: its tail says leaving
 * Q2  a block enters if, after at most QUARANTINE_LEAVES others have left for it, it fits the limit; else it is free at
 *     once
 * Q3  a request is refused for want of memory only when none waits, and no free block serves it: then each is looked
 *     at, so that what left for it has not left in vain, and tarn_why() can tell before
 * Bound: constant under the lock, and the blocks of the pool once for a request that is refused; a load per byte of
 * each block that leaves, outside it.
 */
#ifndef TARN_SRC_QUARANTINE_H
#define TARN_SRC_QUARANTINE_H

#include "access.h"
#include "account.h"
#include "tail.h"

enum { WAIT_OLDEST, WAIT_NEWEST, WAIT_GRANULES, WAIT_BLOCKS, WAIT_LIMIT, WAIT_SEAL, WAIT_WORDS };

enum { QUARANTINE_LEAVES = 4 };

_Static_assert(4u * WAIT_WORDS == IMAGE_QUARANTINE_BYTES, "image.h makes room for them");

static inline unsigned char *wait_word(const image *im, uint32_t index)
{
    return account_end(im) - layout_behind_rows(im->layout) + 4u * (size_t)index;
}

static inline uint32_t wait_get(const image *im, uint32_t index)
{
    return word_load(wait_word(im, index));
}

static inline void wait_set(const image *im, uint32_t index, uint32_t value)
{
    word_store(wait_word(im, index), value);
}

/* I18: the limit is one that the pool can have, were it grown as far as its headers can say. */
static inline uint32_t wait_limit_most(uint32_t layout)
{
    return (UINT32_C(1) << layout_size_bits(layout)) - 1u;
}

/* The limit follows from nothing else in the pool, so that it is there twice, and each tells the other: the seal is a
 * multiple of it, by an odd number and its inverse modulo 2^32. One that was written over leads to no possible limit,
 * but for the share of all words that possible limits are. */
static inline uint32_t wait_seal(uint32_t limit)
{
    return (limit + 1u) * UINT32_C(0x9E3779B1);
}

static inline uint32_t wait_sealed(uint32_t seal)
{
    return seal * UINT32_C(0x0E8B2F51) - 1u;
}

/* A limit that a pool with this layout may have while so many granules wait. */
static inline bool wait_limit_may_be(uint32_t layout, uint32_t limit, uint32_t granules)
{
    return limit >= granules && limit <= wait_limit_most(layout);
}

static inline void wait_limit_set(const image *im, uint32_t limit)
{
    wait_set(im, WAIT_LIMIT, limit);
    wait_set(im, WAIT_SEAL, wait_seal(limit));
}

/* Blocks that wait. */
static inline uint32_t wait_blocks(const image *im)
{
    return layout_quarantines(im->layout) ? wait_get(im, WAIT_BLOCKS) : 0;
}

/* The ends of the list, and what follows the oldest, are what they must be: then one may enter, or leave. */
bool tarn_quarantine_sound(const image *im);

/* Puts a block whose tail says leaving, or quarantined, and that no count has, behind the newest. */
void tarn_quarantine_append(const image *im, const block_ref *b);

/* Takes a used block that may be released out of all counts: it is leaving. */
void tarn_quarantine_uncount(const image *im, const block_ref *b);

/* Holds a block that is leaving, in any pool with tails: used in every count. */
void tarn_quarantine_set_aside(const image *im, const block_ref *b);

/* Under the lock: what take_noted() (steps.h) found no room for, from whatever free block serves; the wilderness is
 * none (anywhere.c). TARN_E_EXHAUSTED, TARN_E_DAMAGED. */
tarn_status tarn_take_anywhere(const image *im, uint32_t need, size_t alignment, origin *o, uint32_t *taken);

/* Outside the lock: a block that was uncounted and filled enters, or is free. A refusal is counted unless *remedy is
 * one: TARN_E_DAMAGED, and as tarn_tail_leaving(). */
tarn_status tarn_quarantine_enter(const tarn_pool *pool, const void *address, uint32_t key, const void *caller,
                                  uint32_t *remedy);

/* Outside the lock: the oldest leaves. Damage is told; one that has been written to, or that what lies around keeps
 * from being free, is set aside, *whole (if not NULL) is then false. TARN_E_EXHAUSTED if none waits, TARN_E_DAMAGED if
 * the list is broken. */
tarn_status tarn_quarantine_leave(const tarn_pool *pool, const void *caller, bool *whole);

#endif
