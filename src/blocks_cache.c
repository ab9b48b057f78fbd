/* SPDX-License-Identifier: MIT */
/*
 * What caches exchange with the pool's list, a batch at a time.
 *
 * Bound: a batch of links is followed, or written, by refill; flush is constant.
 */
#include "config.h"

#if TARN_ON(TARN_BLOCKS_CACHE)

#include "blocks_cache.h"
#include "blocks_full.h"
#include "tarn/events.h"

static unsigned char *spare_of(unsigned char *list)
{
    return list + BLOCKS_LIST_BYTES;
}

static void list_set(unsigned char *list, uint32_t head, uint32_t tail, uint32_t count)
{
    blocks_list_put(list, BLOCKS_LIST_HEAD, head);
    blocks_list_put(list, BLOCKS_LIST_TAIL, tail);
    blocks_list_put(list, BLOCKS_LIST_COUNT, count);
}

static void list_move(unsigned char *to, unsigned char *from)
{
    list_set(to, blocks_list_get(from, BLOCKS_LIST_HEAD), blocks_list_get(from, BLOCKS_LIST_TAIL),
             blocks_list_get(from, BLOCKS_LIST_COUNT));
    list_set(from, 0, 0, 0);
}

/* In the critical section: up to a batch off the pool's list, as far as its links are sound. */
static uint32_t take_listed(unsigned char *b, unsigned char *list)
{
    uint32_t batch = blocks_batch(b);
    uint32_t fresh = blocks_word(b, BLOCKS_FRESH);
    uint32_t head = blocks_word(b, BLOCKS_HEAD);
    uint32_t at = head;
    uint32_t tail = 0;
    uint32_t count = 0;
    while (count < batch && at != 0) {
        uint32_t next = word_load(b + at);
        if (next != 0 && blocks_number(b, next) >= fresh) {
            break;
        }
        tail = at;
        at = next;
        count++;
    }
    if (count != 0) {
        word_store(b + tail, 0);
        blocks_set(b, BLOCKS_HEAD, at);
        list_set(list, head, tail, count);
    }
    return count;
}

/* In the critical section, where the list is empty: up to a batch that were never handed out, in order of address. */
static uint32_t cache_take_fresh(unsigned char *b, unsigned char *list)
{
    uint32_t fresh = blocks_word(b, BLOCKS_FRESH);
    uint32_t left = blocks_word(b, BLOCKS_COUNT) - fresh;
    uint32_t batch = blocks_batch(b);
    uint32_t count = left < batch ? left : batch;
    for (uint32_t i = 0; i < count; i++) {
        word_store(b + blocks_offset(b, fresh + i), i + 1u < count ? blocks_offset(b, fresh + i + 1u) : 0);
    }
    if (count != 0) {
        word_store_shared(b + 4u * BLOCKS_FRESH, fresh + count);
        list_set(list, blocks_offset(b, fresh), blocks_offset(b, fresh + count - 1u), count);
    }
    return count;
}

/* Fills the empty list in use, from the spare one or under the lock; false if there is nothing to fill it with. */
static bool refill(unsigned char *b, unsigned char *list)
{
    unsigned char *spare = spare_of(list);
    if (blocks_list_get(spare, BLOCKS_LIST_COUNT) != 0) {
        list_move(list, spare);
        return true;
    }
    uint32_t count = 0;
    uintptr_t state = blocks_enter(b);
    if (blocks_alive(b)) {
        count = blocks_word(b, BLOCKS_HEAD) != 0 ? take_listed(b, list) : cache_take_fresh(b, list);
        blocks_count_taken(b, count);
        tarn_blocks_note_mark(b, blocks_word(b, BLOCKS_LAYOUT));
    }
    blocks_leave(b, state);
    return count != 0;
}

/* Makes the full list in use an empty one; false if the pool's counts do not allow it. */
static bool flush(unsigned char *b, unsigned char *list)
{
    unsigned char *spare = spare_of(list);
    uint32_t count = blocks_list_get(spare, BLOCKS_LIST_COUNT);
    bool flushed = true;
    if (count != 0) {
        uintptr_t state = blocks_enter(b);
        uint32_t used = blocks_used(b);
        flushed = blocks_alive(b) && used >= count;
        if (flushed) {
            word_store(b + blocks_list_get(spare, BLOCKS_LIST_TAIL), blocks_word(b, BLOCKS_HEAD));
            blocks_set(b, BLOCKS_HEAD, blocks_list_get(spare, BLOCKS_LIST_HEAD));
            blocks_count_given(b, count);
            list_set(spare, 0, 0, 0);
        }
        blocks_leave(b, state);
    }
    if (flushed) {
        list_move(spare, list);
    }
    return flushed;
}

bool tarn_blocks_cache_take(tarn_blocks *pool, uint32_t *offset)
{
    unsigned char *b = blocks_image(pool);
    unsigned char *list = blocks_cache_list(b, tarn_port_slot());
    if (list == NULL || (blocks_list_get(list, BLOCKS_LIST_HEAD) == 0 && !refill(b, list))) {
        return false;
    }
    if (blocks_cache_pop(b, list, offset)) {
        return true;
    }
    (void)tarn_blocks_refuse(pool, TARN_E_DAMAGED, TARN_EVENT_CORRUPT, b + blocks_list_get(list, BLOCKS_LIST_HEAD));
    return false; /* the pool's own list serves */
}

void *tarn_blocks_cache_get_slow(tarn_blocks *pool)
{
    uint32_t offset;
    return tarn_blocks_cache_take(pool, &offset) ? blocks_image(pool) + offset : tarn_blocks_get_mapped(pool);
}

tarn_status tarn_blocks_cache_put_slow(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    unsigned char *list = blocks_cache_list(b, tarn_port_slot());
    uint32_t number;
    bool served = list != NULL && blocks_locate(b, block, &number) && number < blocks_shared(b, BLOCKS_FRESH) &&
                  (blocks_list_get(list, BLOCKS_LIST_COUNT) < blocks_batch(b) || flush(b, list)) &&
                  blocks_cache_push(b, list, block);
    return served ? TARN_OK : tarn_blocks_put_mapped(pool, block); /* who takes it, or says why not */
}

#else

typedef int blocks_cache_is_off;

#endif
