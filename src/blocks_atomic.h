/* SPDX-License-Identifier: MIT */
/*
 * Discipline ATOMIC: no lock. The list is one word, changed by compare and swap (Treiber 1986) with a tag against the
 * case that a block was taken, and others, and came back between a look at the list and the change (ABA).
 *
 * A1 Every change of the list is one compare-and-swap of the head, which has a tag that each pop raises by one.
 * A2 The link of the first block may be read while the block's new owner writes there. What is read is used only if the
 *    head, tag included, is unchanged afterwards; a link that leads nowhere is damage only under the same condition.
 * A3 A block is pushed with release and popped with acquire order: what its last owner wrote happened before. A pop
 *    needs no release: it is a read-modify-write, and so what was released by pushes before it goes on through it. What
 *    it read, a link, it read before its change, which depends on it.
 * A4 fresh only grows (but in clear). It is read after the head, so that a list that was seen has no block beyond it.
 *
 * Without 64-bit atomics the head is 32 bits and does not count the list; used is then a word of its own, raised after
 * a pop and lowered before a push, so that it never counts a block that is out as in.
 *
 * A tag returns after 2^w pops, w = 64 - 2 * log2(count + 1) rounded up, or 16: a thread that is stopped between its
 * look and its change for exactly a multiple of so many pops, with the same first block and length then, would not
 * notice.
 *
 * Bound: constant per attempt; an attempt fails only if another call succeeded.
 */
#ifndef TARN_SRC_BLOCKS_ATOMIC_H
#define TARN_SRC_BLOCKS_ATOMIC_H

#include "blocks.h"

#if defined(__GCC_HAVE_SYNC_COMPARE_AND_SWAP_8) && !TARN_ON(TARN_BLOCKS_ATOMIC_32)
#include "blocks_head64.h"
#else
#include "blocks_head32.h"
#endif

static inline uintptr_t blocks_enter(const unsigned char *b)
{
    (void)b;
    return 0;
}

static inline void blocks_leave(const unsigned char *b, uintptr_t state)
{
    (void)b;
    (void)state;
}

/* Number + 1 of the block behind the one at an offset, 0 if there is none; false if its link leads nowhere. */
static inline bool blocks_second(const unsigned char *b, uint32_t offset, uint32_t *second)
{
    uint32_t next = word_load_racing(b + offset); /* A2 */
    if (next == 0) {
        *second = 0;
        return true;
    }
    uint32_t number = blocks_number(b, next);
    *second = number + 1u;
    return blocks_likely(number < blocks_shared(b, BLOCKS_FRESH));
}

static inline uint32_t blocks_magic(const unsigned char *b)
{
    return blocks_shared(b, BLOCKS_MAGIC);
}

static inline uint32_t blocks_fresh(const unsigned char *b)
{
    return blocks_shared(b, BLOCKS_FRESH);
}

static inline uint32_t blocks_mark(const unsigned char *b)
{
    return blocks_shared(b, BLOCKS_MARK);
}

static inline blocks_taking blocks_pop(unsigned char *b, uint32_t *taken)
{
    blocks_head head = blocks_head_load(b);
    for (;;) {
        uint32_t first = blocks_head_first(b, head);
        if (!blocks_likely(first != 0)) {
            return BLOCKS_NONE;
        }
        uint32_t offset = blocks_offset(b, first - 1u);
        uint32_t second;
        if (blocks_likely(blocks_second(b, offset, &second))) {
            if (blocks_likely(blocks_head_change(b, &head, blocks_head_popped(b, head, second)))) {
                blocks_note_popped(b);
                *taken = offset;
                return BLOCKS_TAKEN_ONE;
            }
        } else if (blocks_head_change(b, &head, head)) { /* a load might answer what the head was before the link */
            return BLOCKS_BROKEN;
        }
    }
}

/* The same, with its number. */
static inline blocks_taking blocks_pop_number(unsigned char *b, uint32_t *offset, uint32_t *number)
{
    blocks_taking taking = blocks_pop(b, offset);
    *number = taking == BLOCKS_TAKEN_ONE ? blocks_number(b, *offset) : 0;
    return *number < blocks_word(b, BLOCKS_COUNT) ? taking : BLOCKS_BROKEN;
}

/* The list was seen empty. It is looked at once more where nothing is fresh: only then was there a moment without
 * any. */
static inline blocks_taking blocks_pop_fresh(unsigned char *b, uint32_t *offset, bool *is_fresh)
{
    uint32_t fresh = blocks_shared(b, BLOCKS_FRESH);
    do {
        if (fresh >= blocks_word(b, BLOCKS_COUNT)) {
            return blocks_pop(b, offset);
        }
    } while (!__atomic_compare_exchange_n(word_at(b + 4u * BLOCKS_FRESH), &fresh, fresh + 1u, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_ACQUIRE));
    *is_fresh = true;
    blocks_note_popped(b);
    *offset = blocks_offset(b, fresh);
    return BLOCKS_TAKEN_ONE;
}

static inline bool blocks_push(unsigned char *b, void *block, uint32_t number)
{
    if (!blocks_note_pushing(b)) {
        return false;
    }
    blocks_head head = blocks_head_peek(b);
    do {
        if (!blocks_likely(blocks_head_takes(b, head))) {
            return false;
        }
        uint32_t first = blocks_head_first(b, head);
        word_store_shared(block, first == 0 ? 0 : blocks_offset(b, first - 1u));
    } while (!blocks_likely(blocks_head_push(b, &head, blocks_head_pushed(b, head, number))));
    return true;
}

/* The same where blocks were out a moment ago. */
static inline bool blocks_push_out(unsigned char *b, void *block, uint32_t number)
{
    return blocks_push(b, block, number);
}

static inline bool blocks_bit_set(unsigned char *at, uint32_t number)
{
    uint32_t bit = UINT32_C(1) << (number & 31u);
    return (__atomic_fetch_or(word_at(at), bit, __ATOMIC_ACQ_REL) & bit) == 0;
}

static inline bool blocks_bit_clear(unsigned char *at, uint32_t number)
{
    uint32_t bit = UINT32_C(1) << (number & 31u);
    return (__atomic_fetch_and(word_at(at), ~bit, __ATOMIC_ACQ_REL) & bit) != 0;
}

static inline void blocks_increment(unsigned char *at)
{
    uint32_t value = word_load_shared(at);
    while (value != UINT32_MAX &&
           !__atomic_compare_exchange_n(word_at(at), &value, value + 1u, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

static inline void blocks_raise(unsigned char *at, uint32_t least)
{
    uint32_t value = word_load_shared(at);
    while (value < least &&
           !__atomic_compare_exchange_n(word_at(at), &value, least, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
}

#endif
