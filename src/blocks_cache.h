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

/* Never called; a compiler that does not optimise asks for them all the same. */
static inline void *blocks_cache_get(tarn_blocks *pool)
{
    (void)pool;
    return NULL;
}

static inline tarn_status blocks_cache_put(tarn_blocks *pool, void *block)
{
    (void)pool;
    (void)block;
    return TARN_E_NOT_A_POOL;
}

static inline bool tarn_blocks_cache_take(tarn_blocks *pool, uint32_t *offset)
{
    (void)pool;
    (void)offset;
    return false;
}

#elif !TARN_ON(TARN_BLOCKS_SYNC_PORT)
#error "tarn/config.h: TARN_BLOCKS_CACHE needs TARN_BLOCKS_SYNC_PORT"
#else

/* The calls below where the slot is not known yet, the list in use is empty or full, a link is damaged, or the caches
 * cannot serve. */
void *tarn_blocks_cache_get_slow(tarn_blocks *pool);

/* A block from the running thread's cache, filled again if need be; false if that cannot serve. */
bool tarn_blocks_cache_take(tarn_blocks *pool, uint32_t *offset);

/* The way back. */
tarn_status tarn_blocks_cache_put_slow(tarn_blocks *pool, void *block);

static inline uint32_t blocks_list_get(const unsigned char *list, uint32_t word)
{
    return word_load(list + word);
}

static inline void blocks_list_put(unsigned char *list, uint32_t word, uint32_t value)
{
    word_store_shared(list + word, value);
}

/* The list in use of a slot; NULL if the pool has no such slot, or no caches to use. The spare list is right behind. */
static inline unsigned char *blocks_cache_list(unsigned char *b, uint32_t slot)
{
    if (!blocks_likely(blocks_shared(b, BLOCKS_MAGIC) == BLOCKS_CACHED &&
                       slot < blocks_slots(blocks_word(b, BLOCKS_LAYOUT)))) {
        return NULL;
    }
    /* Only pools without flags have caches, so nothing lies between the header and the slots. */
    return b + BLOCKS_HEADER_BYTES + (size_t)TARN_BLOCKS_SLOT_BYTES * slot + BLOCKS_SLOT_AT;
}

/* The running thread's, if it is known without a call. */
static inline unsigned char *blocks_cache_known(unsigned char *b)
{
    return blocks_cache_list(b, tarn_port_slot_plus_1 - 1u);
}

/* The block that the list in use has first; false, and nothing done, if there is none or its link leads nowhere. */
static inline bool blocks_cache_pop(unsigned char *b, unsigned char *list, uint32_t *offset)
{
    uint32_t first = blocks_list_get(list, BLOCKS_LIST_HEAD);
    if (!blocks_likely(first != 0)) {
        return false;
    }
    uint32_t next = word_load(b + first);
    if (TARN_ON(TARN_BLOCKS_CHECKS) &&
        !blocks_likely(next == 0 || blocks_number(b, next) < blocks_shared(b, BLOCKS_FRESH))) {
        return false;
    }
    blocks_list_put(list, BLOCKS_LIST_HEAD, next);
    blocks_list_put(list, BLOCKS_LIST_COUNT, blocks_list_get(list, BLOCKS_LIST_COUNT) - 1u);
    *offset = first;
    return true;
}

static inline void *blocks_cache_get(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    unsigned char *list = blocks_cache_known(b);
    uint32_t offset;
    return blocks_likely(list != NULL && blocks_cache_pop(b, list, &offset)) ? b + offset
                                                                             : tarn_blocks_cache_get_slow(pool);
}

/* False, and nothing done, if no block lies there that was handed out, or the list in use is full. */
static inline bool blocks_cache_push(unsigned char *b, unsigned char *list, void *block)
{
    uintptr_t distance = (uintptr_t)block - (uintptr_t)b;
    uint32_t offset = (uint32_t)distance;
    uint32_t count = blocks_list_get(list, BLOCKS_LIST_COUNT);
    if (!blocks_likely(distance == offset && blocks_number(b, offset) < blocks_shared(b, BLOCKS_FRESH) &&
                       count < blocks_batch(b))) {
        return false;
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

static inline tarn_status blocks_cache_put(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    unsigned char *list = blocks_cache_known(b);
    return blocks_likely(list != NULL && blocks_cache_push(b, list, block)) ? TARN_OK
                                                                            : tarn_blocks_cache_put_slow(pool, block);
}

#endif

#endif
