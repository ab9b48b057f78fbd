/* SPDX-License-Identifier: MIT */
/*
 * Giving parked blocks back: before anybody looks at the pool, and when a request finds no room.
 *
 * Bound: one engine operation for each parked block, one more where what it became part of is large enough for a
 * request; reaping, the blocks of the pool.
 */
#include "config.h"

#if !defined(TARN_ONLY_PLAIN) || defined(TARN_SRC_SMALL)

#include "engine.h"
#include "park.h"

void tarn_park_format(unsigned char *base)
{
    uint32_t words[IMAGE_PARK_LIMIT - IMAGE_PARK_CHECK];
    park_words(word_load(base + 4u * IMAGE_LAYOUT), word_load(base + 4u * IMAGE_KEY), words);
    for (uint32_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        word_store(base + 4u * (IMAGE_PARK_CHECK + i), words[i]);
    }
}

void tarn_park_forget(const image *im)
{
    for (uint32_t size = PARK_SMALLEST; size <= PARK_LARGEST; size++) {
        word_store(park_head(im, size), park_none(im));
    }
}

/* The first block of the list of this size, and the granules of the free space that it became part of: TARN_E_EXHAUSTED
 * if there is none. */
static tarn_status settle_one(const image *im, uint32_t size, uint32_t *merged)
{
    block_ref b = {0, size, 0};
    tarn_status status = park_pop(im, size, &b.offset);
    if (status != TARN_OK) {
        return status;
    }
    b.header = block_header(im, b.offset);
    uint32_t left = (b.header & BLOCK_LEFT_FREE) != 0 ? word_load(block_left_tag(im, b.offset)) : 0;
    status = engine_of(im)->release(im, &b);
    if (status != TARN_OK) { /* its links are what they were */
        park_toggle(im, b.offset);
        word_store(park_head(im, size), b.offset);
        return status;
    }
    uint32_t start = b.offset - left;
    *merged = image_holds(im, start) ? block_size(im, block_header(im, start)) : image_top_size(im);
    return TARN_OK;
}

/* need 0: all. Else whether the request can be served is asked where there is free space now that may do. */
SMALL_IN_CALLERS static SMALL_INLINE tarn_status park_settle(const image *im, uint32_t need, uint32_t alignment)
{
    if (LAYOUT_PARKS_MASK == 0) {
        return TARN_OK;
    }
    for (uint32_t size = PARK_SMALLEST; size <= PARK_LARGEST; size++) {
        uint32_t merged = 0;
        tarn_status status = settle_one(im, size, &merged);
        while (status == TARN_OK) {
            if (need != 0 && merged >= need && engine_of(im)->would_take(im, need, alignment) == TARN_OK) {
                return TARN_OK;
            }
            status = settle_one(im, size, &merged);
        }
        if (status == TARN_E_DAMAGED) {
            return status;
        }
    }
    return TARN_OK;
}

tarn_status tarn_park_settle(const image *im)
{
    return park_settle(im, 0, 0);
}

tarn_status tarn_park_settle_for(const image *im, uint32_t need, uint32_t alignment)
{
    return park_settle(im, need, alignment);
}

void tarn_park_reap(const image *im)
{
    uint32_t size;
    if (LAYOUT_PARKS_MASK == 0) {
        return;
    }
    tarn_park_forget(im);
    for (uint32_t offset = im->first; image_holds(im, offset); offset += size) {
        block_ref b = {offset, block_size(im, block_header(im, offset)), block_header(im, offset)};
        size = b.size;
        if (block_parked(b.header)) {
            uint32_t next = offset + b.size;
            bool merges = image_holds(im, next) && block_free(block_header(im, next));
            size += merges ? block_size(im, block_header(im, next)) : 0;
            b.header ^= BLOCK_USED | BLOCK_MARK;
            block_write(im, offset, b.size, b.header);
            (void)engine_of(im)->release(im, &b);
        }
    }
}

#endif
