/* SPDX-License-Identifier: MIT */
/*
 * A request served from any free block, also one that the engine would pass over: what a pool with a quarantine does
 * before it refuses (quarantine.h, Q3).
 *
 * No engine hands out a block that one names to it. But each lets a used block grow to its left, over the end of a free
 * one, and cuts a block: so the block behind the free one grows, is divided again where it began, and what the request
 * does not need is cut off. All links and lists are the engine's to look at and to change.
 *
 * AW1 nothing is changed before the engine has looked at what it relies on, also at the list of what is cut off. Only
 *     links that are forged to agree until the free block has left its list can mislead it; then what came is held.
 * AW2 counts, peak included, are those of a block that was taken in one go
 * Bound: the blocks in front of the one that serves, then three operations of the engine.
 */
#include "quarantine.h"

#include "engine.h"
#include "leave.h"
#include "steps.h"

/* A free block that serves, and what lies behind it. */
typedef struct any_piece {
    uint32_t came; /* granules of its end that the block begins in front of, all of it if less would be no block */
    block_ref behind;
} any_piece;

/* Of a free block, the last place that serves: less has to be cut off behind it. */
static bool any_serves(const image *im, const block_ref *b, uint32_t need, uint32_t alignment, uint32_t *came)
{
    uint32_t gap = block_gap(im, b->offset, alignment);
    if (!block_free(b->header) || gap > b->size || b->size - gap < need) {
        return false;
    }
    uint32_t wanted = need + (b->size - gap - need) % (alignment >> image_shift(im));
    *came = b->size - wanted >= image_minimum(im) ? wanted : b->size;
    return true;
}

/* Whatever has no used block behind it is not sound: the wilderness leaves no free block in front of it (I4). */
static tarn_status any_find(const image *im, uint32_t need, uint32_t alignment, any_piece *found)
{
    bool serves = false;
    for (uint32_t offset = im->first; image_holds(im, offset); offset += found->behind.size) {
        uint32_t header = block_header(im, offset);
        found->behind = (block_ref){offset, block_size(im, header), header};
        if (!block_proves(im, offset, header) || found->behind.size == 0) {
            return TARN_E_DAMAGED;
        }
        if (serves) {
            return block_used(header) ? TARN_OK : TARN_E_DAMAGED;
        }
        serves = any_serves(im, &found->behind, need, alignment, &found->came);
    }
    return serves ? TARN_E_DAMAGED : TARN_E_EXHAUSTED;
}

/* The block that grew, divided where it began before; what came is a block of its own, counted. */
static void any_divide(const image *im, const block_ref *grown, const block_ref *behind)
{
    uint32_t size = behind->offset - grown->offset;
    block_write(im, grown->offset, size, BLOCK_USED | (block_header(im, grown->offset) & BLOCK_LEFT_FREE));
    block_write(im, behind->offset, behind->size, behind->header & ~BLOCK_LEFT_FREE);
    map_mark(im, behind->offset);
    image_set(im, IMAGE_BLOCKS, image_get(im, IMAGE_BLOCKS) + 1u);
}

/* Whether trim() will cut the block that is to come down to need granules. It looks at what lies behind the block and
 * at the list that what is cut off belongs in, and both are there already. */
static bool any_may_cut(const image *im, const any_piece *piece, uint32_t need)
{
    block_ref coming = {piece->behind.offset - piece->came, piece->came, 0};
    return engine_of(im)->may_trim(im, &coming, need);
}

/* A used block in every count, and nobody's. */
static void any_hold(const image *im, const block_ref *b)
{
    size_t all = image_usable(im, b->size);
    (void)tarn_dress_block(im, b->offset, image_get(im, IMAGE_TOP), all);
    tarn_tail_hold(im, b);
}

static tarn_status any_take(const image *im, uint32_t need, uint32_t alignment, uint32_t *taken)
{
    any_piece piece;
    block_ref grown;
    uint32_t peak = image_get(im, IMAGE_PEAK);
    tarn_status status = any_find(im, need, alignment, &piece);
    if (status != TARN_OK) {
        return status;
    }
    if (!any_may_cut(im, &piece, need)) {
        return TARN_E_DAMAGED;
    }
    status = engine_of(im)->absorb_left(im, &piece.behind, piece.behind.size + piece.came, &grown);
    if (status != TARN_OK) {
        return status == TARN_E_EXHAUSTED ? TARN_E_DAMAGED : status;
    }
    any_divide(im, &grown, &piece.behind);
    uint32_t header = block_header(im, grown.offset);
    block_ref b = {grown.offset, block_size(im, header), header};
    status = engine_of(im)->trim(im, &b, need);
    if (status != TARN_OK) {
        any_hold(im, &b);
    }
    uint32_t used = image_get(im, IMAGE_USED);
    image_set(im, IMAGE_PEAK, used > peak ? used : peak);
    *taken = b.offset;
    return status;
}

tarn_status tarn_take_anywhere(const image *im, uint32_t need, size_t alignment, origin *o, uint32_t *taken)
{
    uint32_t granule = UINT32_C(1) << image_shift(im);
    bool above = alignment > granule;
    *taken = 0;
    tarn_status status = any_take(im, need, above ? (uint32_t)alignment : granule, taken);
    if (status == TARN_OK && above) {
        note_alignment(im, alignment);
    }
    if (*taken != 0 && has_owner(im)) {
        tarn_words_write(im, *taken, o);
        forget_former(im, *taken + block_size(im, block_header(im, *taken)));
    }
    return status;
}
