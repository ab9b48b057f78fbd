/* SPDX-License-Identifier: MIT */
/*
 * Caches per thread over the PORT discipline (TARN_BLOCKS_CACHE), after the magazines of Bonwick and Adams 2001: each
 * slot has a list in use and a spare one. Get and put work on the list in use, without a lock; whole lists of one batch
 * are exchanged with the pool's list under the lock.
 *
 * C1 Only the thread whose slot it is changes a slot; others read single words of it.
 * C2 Blocks in caches count as out in the pool's own count; who looks subtracts them.
 * C3 The spare list is empty or one batch; the list in use is at most one batch.
 * Bound: constant, but for a refill: one batch of links is followed.
 */
#ifndef TARN_SRC_BLOCKS_CACHE_H
#define TARN_SRC_BLOCKS_CACHE_H

#include "blocks.h"
#include "tarn/port.h"

#if !TARN_ON(TARN_BLOCKS_CACHE)

/* Never called, since no pool has the magic for it; a compiler that does not optimise asks for them all the same. */
static inline bool blocks_cache_get(unsigned char *b, uint32_t *offset)
{
    (void)b;
    (void)offset;
    return false;
}

static inline bool blocks_cache_put(unsigned char *b, void *block)
{
    (void)b;
    (void)block;
    return false;
}

#elif !TARN_ON(TARN_BLOCKS_SYNC_PORT)
#error "tarn/config.h: TARN_BLOCKS_CACHE needs TARN_BLOCKS_SYNC_PORT"
#else

/* Fills the empty list in use, from the spare one or under the lock; false if there is nothing to fill it with. */
bool tarn_blocks_cache_refill(unsigned char *b, unsigned char *list);

/* Tells that the link in a cached block leads nowhere; the pool's list serves instead. */
void tarn_blocks_cache_damaged(unsigned char *b, uint32_t offset);

/* Makes the full list in use an empty one; false if the pool's counts do not allow it. */
bool tarn_blocks_cache_flush(unsigned char *b, unsigned char *list);

static inline uint32_t blocks_list_get(const unsigned char *list, uint32_t word)
{
    return word_load(list + word);
}

static inline void blocks_list_put(unsigned char *list, uint32_t word, uint32_t value)
{
    word_store_shared(list + word, value);
}

/* The running thread's list in use; NULL if it has no slot in this pool. The spare list is right behind. */
static inline unsigned char *blocks_cache_list(unsigned char *b)
{
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    uint32_t slot = tarn_port_slot();
    if (!blocks_likely(slot < blocks_slots(layout))) {
        return NULL;
    }
    /* Only pools without flags have caches, so nothing lies between the header and the slots. */
    return b + BLOCKS_HEADER_BYTES + TARN_BLOCKS_SLOT_BYTES * slot + BLOCKS_SLOT_AT;
}

/* False leaves it to the pool's own list. */
static inline bool blocks_cache_get(unsigned char *b, uint32_t *offset)
{
    unsigned char *list = blocks_cache_list(b);
    if (!blocks_likely(list != NULL)) {
        return false;
    }
    uint32_t count = blocks_list_get(list, BLOCKS_LIST_COUNT);
    if (!blocks_likely(count != 0)) {
        if (!tarn_blocks_cache_refill(b, list)) {
            return false;
        }
        count = blocks_list_get(list, BLOCKS_LIST_COUNT);
    }
    uint32_t first = blocks_list_get(list, BLOCKS_LIST_HEAD);
    uint32_t next = word_load(b + first);
    if (TARN_ON(TARN_BLOCKS_CHECKS) &&
        !blocks_likely(next == 0 || blocks_number(b, next) < blocks_shared(b, BLOCKS_FRESH))) {
        tarn_blocks_cache_damaged(b, first);
        return false;
    }
    blocks_list_put(list, BLOCKS_LIST_HEAD, next);
    blocks_list_put(list, BLOCKS_LIST_COUNT, count - 1u);
    *offset = first;
    return true;
}

/* False leaves the block to the pool's own list, or to who says why it is refused. */
static inline bool blocks_cache_put(unsigned char *b, void *block)
{
    uintptr_t distance = (uintptr_t)block - (uintptr_t)b;
    uint32_t offset = (uint32_t)distance;
    unsigned char *list = blocks_cache_list(b);
    if (!blocks_likely(list != NULL && distance == offset &&
                       blocks_number(b, offset) < blocks_shared(b, BLOCKS_FRESH))) {
        return false;
    }
    uint32_t count = blocks_list_get(list, BLOCKS_LIST_COUNT);
    if (!blocks_likely(count < blocks_word(b, BLOCKS_BATCH))) {
        if (!tarn_blocks_cache_flush(b, list)) {
            return false;
        }
        count = 0;
    }
    if (count == 0) {
        blocks_list_put(list, BLOCKS_LIST_HEAD, 0);
        blocks_list_put(list, BLOCKS_LIST_TAIL, offset);
    }
    word_store(block, blocks_list_get(list, BLOCKS_LIST_HEAD));
    blocks_list_put(list, BLOCKS_LIST_HEAD, offset);
    blocks_list_put(list, BLOCKS_LIST_COUNT, count + 1u);
    return true;
}

#endif

#endif
