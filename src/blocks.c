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
    return blocks_likely(blocks_shared(b, BLOCKS_MAGIC) == BLOCKS_PLAIN);
}

static inline bool is_cached(const unsigned char *b)
{
    return TARN_ON(TARN_BLOCKS_CACHE) && blocks_shared(b, BLOCKS_MAGIC) == BLOCKS_CACHED;
}

/* The first block of the list, BLOCKS_NONE or BLOCKS_BROKEN. */
static inline uint32_t take_listed(unsigned char *b)
{
    uintptr_t state = blocks_enter(b);
    uint32_t offset = is_plain(b) ? blocks_pop(b) : (uint32_t)BLOCKS_NONE;
    blocks_leave(b, state);
    return offset;
}

static inline bool give_listed(unsigned char *b, uintptr_t distance)
{
    uint32_t offset = (uint32_t)distance;
    uintptr_t state = blocks_enter(b);
    uint32_t number = blocks_number(b, offset);
    bool taken = is_plain(b) && blocks_likely(distance == offset && number < blocks_shared(b, BLOCKS_FRESH)) &&
                 blocks_push(b, offset, number);
    blocks_leave(b, state);
    return taken;
}

void *tarn_blocks_get(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    if (blocks_likely(b != NULL)) {
        uint32_t offset = is_cached(b) ? blocks_cache_get(b) : take_listed(b);
        if (blocks_likely(offset > BLOCKS_BROKEN)) {
            return b + offset;
        }
    }
    return tarn_blocks_get_full(pool);
}

tarn_status tarn_blocks_put(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    if (blocks_likely(b != NULL)) {
        uintptr_t distance = (uintptr_t)block - (uintptr_t)b;
        if (blocks_likely(is_cached(b) ? blocks_cache_put(b, distance) : give_listed(b, distance))) {
            return TARN_OK;
        }
    }
    return tarn_blocks_put_full(pool, block);
}
