/* SPDX-License-Identifier: MIT */
/*
 * The list of free blocks of a pool that one caller has to itself: alone in the world (blocks_none.h) or under the
 * port's lock (blocks_port.h).
 *
 * X1 All that a call relies on is looked at before it writes the first word.
 * Bound: constant.
 */
#ifndef TARN_SRC_BLOCKS_EXCLUSIVE_H
#define TARN_SRC_BLOCKS_EXCLUSIVE_H

#include "blocks.h"

enum { BLOCKS_FORMAT = BLOCKS_FORMAT_OFFSET };

/* The most blocks that a pool can have. */
static inline uint32_t blocks_count_limit(void)
{
    return UINT32_MAX;
}

/* The list as it was before the first block was ever handed out. */
static inline void blocks_list_reset(unsigned char *b)
{
    blocks_set(b, BLOCKS_HEAD, 0);
    blocks_set(b, BLOCKS_USED, 0);
    blocks_set(b, BLOCKS_FRESH, 0);
}

/* The list as someone who has counted it wants it: offset of the first block, and how many are out. */
static inline void blocks_list_set(unsigned char *b, uint32_t head, uint32_t used)
{
    blocks_set(b, BLOCKS_HEAD, head);
    blocks_set(b, BLOCKS_HEAD_HIGH, 0);
    blocks_set(b, BLOCKS_USED, used);
}

static inline uint32_t blocks_used(const unsigned char *b)
{
    return blocks_word(b, BLOCKS_USED);
}

/* Takes the first block of the list: its offset, BLOCKS_NONE or BLOCKS_BROKEN. */
static inline uint32_t blocks_pop(unsigned char *b)
{
    uint32_t offset = blocks_word(b, BLOCKS_HEAD);
    if (!blocks_likely(offset != 0)) {
        return BLOCKS_NONE;
    }
    uint32_t next = word_load(b + offset);
    if (TARN_ON(TARN_BLOCKS_CHECKS) &&
        !blocks_likely(next == 0 || blocks_number(b, next) < blocks_word(b, BLOCKS_FRESH))) {
        return BLOCKS_BROKEN;
    }
    blocks_set(b, BLOCKS_HEAD, next);
    blocks_set(b, BLOCKS_USED, blocks_word(b, BLOCKS_USED) + 1u);
    return offset;
}

/* Takes a block that was never handed out, when the list is empty: its offset or BLOCKS_NONE. *is_fresh is set if
 * so. */
static inline uint32_t blocks_pop_fresh(unsigned char *b, bool *is_fresh)
{
    uint32_t fresh = blocks_word(b, BLOCKS_FRESH);
    if (fresh >= blocks_word(b, BLOCKS_COUNT)) {
        return BLOCKS_NONE;
    }
    *is_fresh = true;
    word_store_shared(b + 4u * BLOCKS_FRESH, fresh + 1u); /* caches read it outside the section */
    blocks_set(b, BLOCKS_USED, blocks_word(b, BLOCKS_USED) + 1u);
    return blocks_offset(b, fresh);
}

/* Puts a block, whose number has been verified, first in the list; false if no block is out. */
static inline bool blocks_push(unsigned char *b, uint32_t offset, uint32_t number)
{
    (void)number;
    uint32_t used = blocks_word(b, BLOCKS_USED);
    if (!blocks_likely(used != 0)) {
        return false;
    }
    word_store(b + offset, blocks_word(b, BLOCKS_HEAD));
    blocks_set(b, BLOCKS_HEAD, offset);
    blocks_set(b, BLOCKS_USED, used - 1u);
    return true;
}

/* Sets or clears bits of a shared word and answers what it was. */
static inline uint32_t blocks_bits_set(unsigned char *at, uint32_t bits)
{
    uint32_t before = word_load(at);
    word_store(at, before | bits);
    return before;
}

static inline uint32_t blocks_bits_clear(unsigned char *at, uint32_t bits)
{
    uint32_t before = word_load(at);
    word_store(at, before & ~bits);
    return before;
}

/* Adds one to a count that stays at its largest value. */
static inline void blocks_increment(unsigned char *at)
{
    uint32_t value = word_load(at);
    word_store(at, value + (value != UINT32_MAX ? 1u : 0u));
}

/* Raises a word to at least this value. */
static inline void blocks_raise(unsigned char *at, uint32_t value)
{
    if (word_load(at) < value) {
        word_store(at, value);
    }
}

#endif
