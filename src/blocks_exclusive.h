/* SPDX-License-Identifier: MIT */
/*
 * The list of free blocks of a pool that one caller has to itself: alone in the world (blocks_none.h), under the
 * port's lock (blocks_port.h) or with the core's interrupts masked in place (blocks_mask.h).
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
    blocks_set(b, BLOCKS_GIVEN, 0);
    blocks_set(b, BLOCKS_TAKEN, 0);
    word_store_shared(b + 4u * BLOCKS_FRESH, 0); /* read outside the section too */
}

/* The list as someone who has counted it wants it: offset of the first block, and how many are out. */
static inline void blocks_list_set(unsigned char *b, uint32_t head, uint32_t used)
{
    blocks_set(b, BLOCKS_HEAD, head);
    blocks_set(b, BLOCKS_GIVEN, 0);
    blocks_set(b, BLOCKS_TAKEN, used);
}

static inline uint32_t blocks_used(const unsigned char *b)
{
    return blocks_word(b, BLOCKS_TAKEN) - blocks_word(b, BLOCKS_GIVEN);
}

/* The magic, in the critical section. */
static inline uint32_t blocks_magic(const unsigned char *b)
{
    return blocks_word(b, BLOCKS_MAGIC);
}

static inline uint32_t blocks_fresh(const unsigned char *b)
{
    return blocks_word(b, BLOCKS_FRESH);
}

static inline uint32_t blocks_mark(const unsigned char *b)
{
    return blocks_word(b, BLOCKS_MARK);
}

static inline void blocks_count_taken(unsigned char *b, uint32_t count)
{
    blocks_set(b, BLOCKS_TAKEN, blocks_word(b, BLOCKS_TAKEN) + count);
}

static inline void blocks_count_given(unsigned char *b, uint32_t count)
{
    blocks_set(b, BLOCKS_GIVEN, blocks_word(b, BLOCKS_GIVEN) + count);
}

/* Takes a block off the list whose first it is. */
static inline blocks_taking blocks_unlink(unsigned char *b, uint32_t first, uint32_t *offset)
{
    uint32_t next = word_load(b + first);
    if (TARN_ON(TARN_BLOCKS_CHECKS) && !blocks_likely(next == 0 || blocks_number(b, next) < blocks_fresh(b))) {
        return BLOCKS_BROKEN;
    }
    *offset = blocks_again(b, BLOCKS_HEAD, first);
    blocks_set(b, BLOCKS_HEAD, next);
    blocks_count_taken(b, 1);
    return BLOCKS_TAKEN_ONE;
}

/* Takes the first block of the list. */
static inline blocks_taking blocks_pop(unsigned char *b, uint32_t *offset)
{
    uint32_t first = blocks_word(b, BLOCKS_HEAD);
    return blocks_likely(first != 0) ? blocks_unlink(b, first, offset) : BLOCKS_NONE;
}

/* The same, with its number; a head that leads nowhere is told before it is followed. */
static inline blocks_taking blocks_pop_number(unsigned char *b, uint32_t *offset, uint32_t *number)
{
    uint32_t first = blocks_word(b, BLOCKS_HEAD);
    if (!blocks_likely(first != 0)) {
        return BLOCKS_NONE;
    }
    *number = blocks_number(b, first);
    return blocks_likely(*number < blocks_fresh(b)) ? blocks_unlink(b, first, offset) : BLOCKS_BROKEN;
}

/* Takes a block that was never handed out, when the list is empty. *is_fresh is set if so. */
static inline blocks_taking blocks_pop_fresh(unsigned char *b, uint32_t *offset, bool *is_fresh)
{
    uint32_t fresh = blocks_fresh(b);
    if (fresh >= blocks_word(b, BLOCKS_COUNT)) {
        return BLOCKS_NONE;
    }
    *is_fresh = true;
    word_store_shared(b + 4u * BLOCKS_FRESH, fresh + 1u); /* caches read it outside the section */
    blocks_count_taken(b, 1);
    *offset = blocks_offset(b, fresh);
    return BLOCKS_TAKEN_ONE;
}

/* Puts a block, whose number has been verified, first in the list. */
static inline void blocks_link_first(unsigned char *b, void *block)
{
    word_store(block, blocks_word(b, BLOCKS_HEAD));
    blocks_set(b, BLOCKS_HEAD, (uint32_t)((uintptr_t)block - (uintptr_t)b));
}

/* The same, and counts it, where blocks are known to be out. */
static inline bool blocks_push_out(unsigned char *b, void *block, uint32_t number)
{
    (void)number;
    blocks_link_first(b, block);
    blocks_count_given(b, 1);
    return true;
}

/* The same; false if no block is out. Where memory is not added to, the count is not read once more. */
static inline bool blocks_push(unsigned char *b, void *block, uint32_t number)
{
    (void)number;
    uint32_t given = blocks_word(b, BLOCKS_GIVEN);
    if (!blocks_likely(given != blocks_word(b, BLOCKS_TAKEN))) {
        return false;
    }
    blocks_link_first(b, block);
    blocks_set(b, BLOCKS_GIVEN, (BLOCKS_ON_X86 ? blocks_word(b, BLOCKS_GIVEN) : given) + 1u);
    return true;
}

/* Sets or clears a bit of a shared word, by its number modulo 32; false if it was so already. */
static inline bool blocks_bit_set(unsigned char *at, uint32_t number)
{
    uint32_t before = word_load(at);
    if (!blocks_likely((before >> (number & 31u) & 1u) == 0)) {
        return false;
    }
    word_store(at, before | UINT32_C(1) << (number & 31u));
    return true;
}

static inline bool blocks_bit_clear(unsigned char *at, uint32_t number)
{
    uint32_t before = word_load(at);
    if (!blocks_likely((before >> (number & 31u) & 1u) != 0)) {
        return false;
    }
    word_store(at, before & ~(UINT32_C(1) << (number & 31u)));
    return true;
}

/* Adds one to a count that stays at its largest value. */
static inline void blocks_increment(unsigned char *at)
{
    uint32_t value = word_load(at) + 1u;
    if (value != 0) {
        word_store(at, value);
    }
}

/* Raises a word to at least this value. */
static inline void blocks_raise(unsigned char *at, uint32_t value)
{
    if (word_load(at) < value) {
        word_store(at, value);
    }
}

#endif
