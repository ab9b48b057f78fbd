/* SPDX-License-Identifier: MIT */
/*
 * Get and put. What a plain pool needs, a list and nothing else, is done here in a few instructions; whatever is out of the
 * ordinary (a handle that is no pool, options, the first round after init, refusals, damage) goes to blocks_full.c.
 *
 * Bound: constant, see the disciplines (blocks_none.h, blocks_port.h, blocks_atomic.h).
 */
#include "blocks_full.h"

static inline bool is_plain(const unsigned char *b)
{
    return blocks_likely(blocks_shared(b, BLOCKS_MAGIC) == BLOCKS_PLAIN);
}

void *tarn_blocks_get(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    if (blocks_likely(b != NULL)) {
        uintptr_t state = blocks_enter(b);
        uint32_t offset = is_plain(b) ? blocks_pop(b) : (uint32_t)BLOCKS_NONE;
        blocks_leave(b, state);
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
        uint32_t offset = (uint32_t)distance;
        uintptr_t state = blocks_enter(b);
        uint32_t number = blocks_number(b, offset);
        bool taken = is_plain(b) && blocks_likely(distance == offset && number < blocks_shared(b, BLOCKS_FRESH)) &&
                     blocks_push(b, offset, number);
        blocks_leave(b, state);
        if (blocks_likely(taken)) {
            return TARN_OK;
        }
    }
    return tarn_blocks_put_full(pool, block);
}
