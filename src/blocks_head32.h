/* SPDX-License-Identifier: MIT */
/* The head of the ATOMIC discipline where atomics have 32 bits: number + 1 of the first block in 16, tag in 16. */
#ifndef TARN_SRC_BLOCKS_HEAD32_H
#define TARN_SRC_BLOCKS_HEAD32_H

#include "blocks.h"

enum { BLOCKS_FORMAT = BLOCKS_FORMAT_TAGGED_32 };

typedef uint32_t blocks_head;

static inline uint32_t blocks_count_limit(void)
{
    return UINT16_MAX;
}

static inline blocks_head blocks_head_load(const unsigned char *b)
{
    return __atomic_load_n(word_at(b + 4u * BLOCKS_HEAD), __ATOMIC_ACQUIRE);
}

static inline uint32_t blocks_head_first(const unsigned char *b, blocks_head head)
{
    (void)b;
    return head & UINT16_MAX;
}

static inline blocks_head blocks_head_popped(const unsigned char *b, blocks_head head, uint32_t second)
{
    (void)b;
    return head - (head & UINT16_MAX) + (UINT32_C(1) << 16) + second;
}

static inline blocks_head blocks_head_pushed(const unsigned char *b, blocks_head head, uint32_t number)
{
    (void)b;
    return head - (head & UINT16_MAX) + number + 1u;
}

/* On failure *head is what is there now. */
static inline bool blocks_head_change(unsigned char *b, blocks_head *head, blocks_head wanted)
{
    return __atomic_compare_exchange_n(word_at(b + 4u * BLOCKS_HEAD), head, wanted, true, __ATOMIC_ACQUIRE,
                                       __ATOMIC_ACQUIRE);
}

/* For a push, which reads nothing that the head names. */
static inline blocks_head blocks_head_peek(const unsigned char *b)
{
    return __atomic_load_n(word_at(b + 4u * BLOCKS_HEAD), __ATOMIC_RELAXED);
}

static inline bool blocks_head_push(unsigned char *b, blocks_head *head, blocks_head wanted)
{
    return __atomic_compare_exchange_n(word_at(b + 4u * BLOCKS_HEAD), head, wanted, true, __ATOMIC_RELEASE,
                                       __ATOMIC_RELAXED);
}

static inline bool blocks_head_takes(const unsigned char *b, blocks_head head)
{
    (void)b;
    (void)head;
    return true;
}

static inline void blocks_note_popped(unsigned char *b)
{
    (void)__atomic_fetch_add(word_at(b + 4u * BLOCKS_USED), 1u, __ATOMIC_RELAXED);
}

/* False if no block is out. */
static inline bool blocks_note_pushing(unsigned char *b)
{
    uint32_t used = blocks_shared(b, BLOCKS_USED);
    do {
        if (used == 0) {
            return false;
        }
    } while (!__atomic_compare_exchange_n(word_at(b + 4u * BLOCKS_USED), &used, used - 1u, true, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    return true;
}

static inline uint32_t blocks_used(const unsigned char *b)
{
    return blocks_shared(b, BLOCKS_USED);
}

/* The tag goes on. */
static inline void blocks_list_reset(unsigned char *b)
{
    blocks_head head = blocks_head_popped(b, blocks_head_load(b), 0);
    __atomic_store_n(word_at(b + 4u * BLOCKS_HEAD), head, __ATOMIC_RELEASE);
    word_store_shared(b + 4u * BLOCKS_USED, 0);
    word_store_shared(b + 4u * BLOCKS_FRESH, 0);
}

static inline void blocks_list_set(unsigned char *b, uint32_t head, uint32_t used)
{
    blocks_set(b, BLOCKS_HEAD, head == 0 ? 0 : blocks_number(b, head) + 1u);
    blocks_set(b, BLOCKS_HEAD_HIGH, 0);
    blocks_set(b, BLOCKS_USED, used);
}

#endif
