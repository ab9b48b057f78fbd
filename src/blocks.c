/* SPDX-License-Identifier: MIT */
/*
 * Get and put. What a plain pool needs, a list and nothing else, is done here in a few instructions; whatever is out of
 * the ordinary (a handle that is no pool, options, the first round after init, refusals, damage) goes to blocks_full.c.
 *
 * Bound: constant, see the disciplines (blocks_none.h, blocks_port.h, blocks_atomic.h).
 */
#include "blocks_cache.h"
#include "blocks_full.h"

/* With caches the lists of others are left to what is called next, so that no register is saved for them here. */
void *tarn_blocks_get(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    uint32_t offset;
    if (!blocks_likely(b != NULL)) {
        return tarn_blocks_get_full(pool);
    }
    if (TARN_ON(TARN_BLOCKS_CACHE)) {
        return blocks_cache_get(pool);
    }
    if (BLOCKS_ONLY_PLAIN) {
        return tarn_blocks_get_full(pool);
    }
    return blocks_likely(blocks_take_listed(b, &offset)) ? b + offset : tarn_blocks_get_mapped(pool);
}

tarn_status tarn_blocks_put(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    if (!blocks_likely(b != NULL)) {
        return tarn_blocks_put_full(pool, block);
    }
    if (TARN_ON(TARN_BLOCKS_CACHE)) {
        return blocks_cache_put(pool, block);
    }
    if (BLOCKS_ONLY_PLAIN) {
        return tarn_blocks_put_full(pool, block);
    }
    return blocks_likely(blocks_give_listed(b, block)) ? TARN_OK : tarn_blocks_put_mapped(pool, block);
}
