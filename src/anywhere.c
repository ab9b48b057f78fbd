/* SPDX-License-Identifier: MIT */
/*
 * A request served from any free block, also one that the engine would pass over: what a pool with a quarantine does
 * before it refuses (quarantine.h, Q3).
 *
 * No engine hands out a block that one names to it. But each lets a used block grow to its left, over the end of a free
 * one, and cuts a block: so the block behind the free one grows, is divided again where it began, and what the request
 * does not need is cut off. All links and lists are the engine's to look at and to change.
 *
 * AW1 nothing is changed before the engine has looked at what it relies on; what only the cut finds broken ends in a
 *     block given back, or held if that is not possible either
 * AW2 counts, peak included, are those of a block that was taken in one go
 * Bound: the blocks in front of the one that serves, then three operations of the engine.
 */
#include "quarantine.h"

#include "engine.h"
#include "steps.h"

/* A free block that serves, and what lies behind it. */
typedef struct any_piece {
    uint32_t wanted; /* granules of its end that the payload begins in front of */
    block_ref behind;
} any_piece;

/* Of a free block, the last place that serves: less has to be cut off behind it. */
static bool any_serves(const image *im, const block_ref *b, uint32_t need, uint32_t alignment, uint32_t *wanted)
{
    uint32_t gap = block_gap(im, b->offset, alignment);
    if (!block_free(b->header) || gap > b->size || b->size - gap < need) {
        return false;
    }
    *wanted = need + (b->size - gap - need) % (alignment >> image_shift(im));
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
        serves = any_serves(im, &found->behind, need, alignment, &found->wanted);
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

static void any_undo(const image *im, const block_ref *b)
{
    if (engine_of(im)->release(im, b) != TARN_OK) {
        word_store(tail_word(im, b->offset, b->size),
                   tail_seal(im, b->offset, layout_reserve_bytes(im->layout) | TAIL_HELD << TAIL_STATE_SHIFT));
    }
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
    status = engine_of(im)->absorb_left(im, &piece.behind, piece.behind.size + piece.wanted, &grown);
    if (status != TARN_OK) {
        return status == TARN_E_EXHAUSTED ? TARN_E_DAMAGED : status;
    }
    any_divide(im, &grown, &piece.behind);
    uint32_t header = block_header(im, grown.offset);
    block_ref b = {grown.offset, block_size(im, header), header};
    status = engine_of(im)->trim(im, &b, need);
    if (status != TARN_OK) {
        any_undo(im, &b);
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
    tarn_status status = any_take(im, need, above ? (uint32_t)alignment : granule, taken);
    if (status == TARN_OK && above) {
        note_alignment(im, alignment);
    }
    if (status == TARN_OK && has_owner(im)) {
        tarn_words_write(im, *taken, o);
        forget_former(im, *taken + block_size(im, block_header(im, *taken)));
    }
    return status;
}
