/* SPDX-License-Identifier: MIT */
/*
 * Get and put. What a plain pool needs, a list and nothing else, is done here in a few instructions; whatever is out of
 * the ordinary (a handle that is no pool, options, the first round after init, refusals, damage) goes to blocks_full.c.
 *
 * Bound: constant, see the disciplines (blocks_none.h, blocks_port.h, blocks_atomic.h).
 */
#include "blocks_cache.h"
#include "blocks_full.h"

#if !BLOCKS_SMALL

/* With caches the lists of others are left to what is called next, so that no register is saved for them here. Outside
 * x86 what cannot be served goes on to one function, NULL too: with two of them the arguments would be kept in other
 * registers than they came in. */
void *tarn_blocks_get(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    uint32_t offset;
    if ((BLOCKS_ON_X86 || TARN_ON(TARN_BLOCKS_CACHE)) && !blocks_likely(b != NULL)) {
        return tarn_blocks_get_full(pool);
    }
    if (TARN_ON(TARN_BLOCKS_CACHE)) {
        return blocks_cache_get(pool);
    }
    bool taken = blocks_likely(b != NULL) && blocks_likely(blocks_take_listed(b, &offset));
    return taken ? b + offset : tarn_blocks_get_mapped(pool);
}

tarn_status tarn_blocks_put(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    if ((BLOCKS_ON_X86 || TARN_ON(TARN_BLOCKS_CACHE)) && !blocks_likely(b != NULL)) {
        return tarn_blocks_put_full(pool, block);
    }
    if (TARN_ON(TARN_BLOCKS_CACHE)) {
        return blocks_cache_put(pool, block);
    }
    bool given = blocks_likely(b != NULL) && blocks_likely(blocks_give_listed(b, block));
    return given ? TARN_OK : tarn_blocks_put_mapped(pool, block);
}

#endif
