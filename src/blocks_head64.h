/* SPDX-License-Identifier: MIT */
/*
 * The head of the ATOMIC discipline in one 64-bit word: number + 1 of the first block, length of the list, tag. The
 * length makes the count of blocks out part of the same compare and swap: used = fresh - length, at no further atomic
 * operation.
 */
#ifndef TARN_SRC_BLOCKS_HEAD64_H
#define TARN_SRC_BLOCKS_HEAD64_H

#include "blocks.h"

enum { BLOCKS_FORMAT = BLOCKS_FORMAT_COUNTED_64 };

typedef uint64_t __attribute__((may_alias, aligned(8))) blocks_head_word;
typedef uint64_t blocks_head;

/* A tag of at least 16 bits. */
static inline uint32_t blocks_count_limit(void)
{
    return (UINT32_C(1) << 24) - 1u;
}

/* Bits of a number. */
static inline uint32_t blocks_head_width(const unsigned char *b)
{
    return blocks_word(b, BLOCKS_SHIFT) >> 8 & 31u;
}

static inline blocks_head_word *blocks_head_at(const unsigned char *b)
{
    return (blocks_head_word *)(void *)(uintptr_t)(b + 4u * BLOCKS_HEAD);
}

static inline blocks_head blocks_head_load(const unsigned char *b)
{
    return __atomic_load_n(blocks_head_at(b), __ATOMIC_ACQUIRE);
}

static inline uint32_t blocks_head_first(const unsigned char *b, blocks_head head)
{
    return (uint32_t)head & ((UINT32_C(1) << blocks_head_width(b)) - 1u);
}

static inline uint32_t blocks_head_length(const unsigned char *b, blocks_head head)
{
    uint32_t width = blocks_head_width(b);
    return (uint32_t)(head >> width) & ((UINT32_C(1) << width) - 1u);
}

static inline blocks_head blocks_head_popped(const unsigned char *b, blocks_head head, uint32_t second)
{
    uint32_t width = blocks_head_width(b);
    blocks_head one_less = (head >> width) - 1u + (UINT64_C(1) << width); /* and one tag more */
    return one_less << width | second;
}

static inline blocks_head blocks_head_pushed(const unsigned char *b, blocks_head head, uint32_t number)
{
    uint32_t width = blocks_head_width(b);
    return ((head >> width) + 1u) << width | (number + 1u);
}

/* On failure *head is what is there now. */
static inline bool blocks_head_change(unsigned char *b, blocks_head *head, blocks_head wanted)
{
    return __atomic_compare_exchange_n(blocks_head_at(b), head, wanted, true, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE);
}

/* For a push, which reads fresh behind the head (A4). */
static inline blocks_head blocks_head_peek(const unsigned char *b)
{
    return blocks_head_load(b);
}

/* Release is for the block's link (A3). Acquire is for the attempt after a failure, which reads fresh behind the head
 * that the failure told (A4); C11 allows no order on failure that is stronger than on success, hence both there. */
static inline bool blocks_head_push(unsigned char *b, blocks_head *head, blocks_head wanted)
{
    return __atomic_compare_exchange_n(blocks_head_at(b), head, wanted, true, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* False if every block that was ever handed out is in the list. */
static inline bool blocks_head_takes(const unsigned char *b, blocks_head head)
{
    return blocks_head_length(b, head) < blocks_shared(b, BLOCKS_FRESH);
}

static inline void blocks_note_popped(unsigned char *b)
{
    (void)b;
}

static inline bool blocks_note_pushing(unsigned char *b)
{
    (void)b;
    return true;
}

/* The head is read first (A4). */
static inline uint32_t blocks_used(const unsigned char *b)
{
    uint32_t length = blocks_head_length(b, blocks_head_load(b));
    uint32_t fresh = blocks_shared(b, BLOCKS_FRESH);
    return fresh > length ? fresh - length : 0;
}

/* The tag goes on. */
static inline void blocks_list_reset(unsigned char *b)
{
    uint32_t twice = 2u * blocks_head_width(b);
    blocks_head tag = (blocks_head_load(b) >> twice) + 1u;
    __atomic_store_n(blocks_head_at(b), tag << twice, __ATOMIC_RELEASE);
    word_store_shared(b + 4u * BLOCKS_FRESH, 0);
}

static inline void blocks_list_set(unsigned char *b, uint32_t head, uint32_t used)
{
    uint32_t width = blocks_head_width(b);
    uint64_t length = blocks_word(b, BLOCKS_FRESH) - used;
    *blocks_head_at(b) = length << width | (head == 0 ? 0 : blocks_number(b, head) + 1u);
    blocks_set(b, BLOCKS_USED, 0);
}

#endif
