/* SPDX-License-Identifier: MIT */
/*
 * Get and put. What a plain pool needs, a list and nothing else, is done here in a few instructions; whatever is out of
 * the ordinary (a handle that is no pool, options, the first round after init, refusals, damage) goes to blocks_full.c.
 *
 * Bound: constant, see the disciplines (blocks_none.h, blocks_port.h, blocks_atomic.h).
 */
#include "blocks_cache.h"
#include "blocks_full.h"

static inline bool is_plain(const unsigned char *b)
{
    return blocks_likely(blocks_magic(b) == BLOCKS_PLAIN);
}

static inline bool is_cached(const unsigned char *b)
{
    return TARN_ON(TARN_BLOCKS_CACHE) && blocks_shared(b, BLOCKS_MAGIC) == BLOCKS_CACHED;
}

/* The first block of the list; false if another way is to be tried. */
static inline bool take_listed(unsigned char *b, uint32_t *offset)
{
    uintptr_t state = blocks_enter(b);
    bool taken = is_plain(b) && blocks_pop(b, offset) == BLOCKS_TAKEN_ONE;
    blocks_leave(b, state);
    return taken;
}

static inline bool give_listed(unsigned char *b, void *block)
{
    uintptr_t distance = (uintptr_t)block - (uintptr_t)b;
    uint32_t offset = (uint32_t)distance;
    uintptr_t state = blocks_enter(b);
    bool taken = false;
    if (is_plain(b) && blocks_likely(distance == offset)) {
        uint32_t number = blocks_number(b, offset);
        taken = blocks_likely(number < blocks_fresh(b)) && blocks_push(b, block, number);
    }
    blocks_leave(b, state);
    return taken;
}

void *tarn_blocks_get(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    uint32_t offset;
    if (blocks_likely(b != NULL)) {
        if (blocks_likely(is_cached(b) ? blocks_cache_get(b, &offset) : take_listed(b, &offset))) {
            return b + offset;
        }
    }
    return tarn_blocks_get_full(pool);
}

tarn_status tarn_blocks_put(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    if (blocks_likely(b != NULL)) {
        if (blocks_likely(is_cached(b) ? blocks_cache_put(b, block) : give_listed(b, block))) {
            return TARN_OK;
        }
    }
    return tarn_blocks_put_full(pool, block);
}
