/* SPDX-License-Identifier: MIT */
/*
 * What is done to one pool under the lock that guards it, for those who hold one: the operations on pools (pool.c) and
 * those on heaps of several (regions_blocks.c).
 *
 * Bound: one or two engine operations each, but for find_carrier().
 */
#ifndef TARN_SRC_STEPS_H
#define TARN_SRC_STEPS_H

#include "engine.h"
#include "tarn/events.h"

static inline bool is_power_of_two(size_t value)
{
    return value != 0 && (value & (value - 1u)) == 0;
}

/* A pool's first extension word, right at the block's first byte. */
static inline unsigned char *owner_word(const image *im, uint32_t offset)
{
    return image_payload(im, offset) - im->lead_bytes;
}

static inline bool has_owner(const image *im)
{
    return im->lead_bytes != 4u;
}

static inline void note_alignment(const image *im, size_t alignment)
{
    uint32_t log2 = highest_bit((uint32_t)alignment);
    if (log2 > image_tally(im, TALLY_ALIGNMENT, 5)) {
        image_set_tally(im, TALLY_ALIGNMENT, 5, log2);
    }
}

/* Takes a block of need granules, 0 meaning more than any; alignment is a power of two. */
static inline tarn_status take_granules(const image *im, uint32_t need, size_t alignment, uint32_t *offset)
{
    if (need == 0 || need > image_get(im, IMAGE_END) - im->first) {
        return TARN_E_NEVER_FITS;
    }
    if (alignment <= (size_t)1 << im->shift) {
        return engine_of(im)->take(im, need, offset);
    }
    if (alignment > UINT32_MAX || alignment >> im->shift > image_get(im, IMAGE_END)) {
        return TARN_E_NEVER_FITS;
    }
    tarn_status status = engine_of(im)->take_aligned(im, need, (uint32_t)alignment, offset);
    if (status == TARN_OK) {
        note_alignment(im, alignment);
    }
    return status;
}

/* The extension words of a block just taken. */
static inline void set_first_owner(const image *im, uint32_t offset, uint32_t owner)
{
    if (has_owner(im)) {
        word_store(owner_word(im, offset), owner);
        for (uint32_t at = 4; at + 4u < im->lead_bytes; at += 4u) {
            word_store_shared(owner_word(im, offset) + at, 0);
        }
    }
}

/* The size where the block stands. One that carries a pool is not cut: that pool goes on using it. */
static inline tarn_status resize_block(const image *im, const block_ref *b, uint32_t need, size_t alignment)
{
    if (!is_power_of_two(alignment)) {
        return TARN_E_ARGUMENT;
    }
    if (need == 0) {
        return TARN_E_NEVER_FITS;
    }
    if (((uintptr_t)image_payload(im, b->offset) & (alignment - 1u)) != 0) {
        return TARN_E_EXHAUSTED;
    }
    tarn_status status = TARN_OK;
    if (need > b->size) {
        status = engine_of(im)->extend(im, b, need);
    } else if ((b->header & BLOCK_MARK) == 0) {
        status = engine_of(im)->trim(im, b, need);
    }
    if (status == TARN_OK) {
        note_alignment(im, alignment);
    }
    return status;
}

/* The block begins further left, over the end of its free neighbour. Extension words travel here, the payload when the
 * lock is given up. NULL if that is not possible. */
static inline void *relocate_left(const image *im, const void *address, uint32_t need, size_t alignment)
{
    block_ref b;
    block_ref moved;
    if (alignment > (size_t)1 << im->shift || block_recognise(im, address, &b) != TARN_OK) {
        return NULL;
    }
    unsigned char *words = owner_word(im, b.offset);
    if (need <= b.size || engine_of(im)->absorb_left(im, &b, need, &moved) != TARN_OK) {
        return NULL;
    }
    for (uint32_t at = 0; at + 4u < im->lead_bytes; at += 4u) {
        word_store_shared(owner_word(im, moved.offset) + at, word_load(words + at));
    }
    return image_payload(im, moved.offset);
}

/* The event that tells a refusal: of a pointer, of a size, or because of damage. */
static inline uint32_t refusal_event(tarn_status status)
{
    bool about_pointer = status == TARN_E_NULL || status == TARN_E_NOT_A_POOL || status == TARN_E_FOREIGN ||
                         status == TARN_E_MISALIGNED || status == TARN_E_NOT_A_BLOCK || status == TARN_E_DOUBLE_FREE;
    if (about_pointer) {
        return TARN_EVENT_REFUSE;
    }
    return status == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : TARN_EVENT_FAIL;
}

/* The used block that wholly contains the range. Reads the headers before it, unless the range begins the block. */
static inline tarn_status find_carrier(const image *im, const void *start, size_t bytes, block_ref *b)
{
    uintptr_t distance = (uintptr_t)start - (uintptr_t)im->base;
    if (block_recognise(im, start, b) != TARN_OK && !block_around(im, (uint32_t)(distance >> im->shift), b)) {
        return TARN_E_NOT_A_BLOCK;
    }
    uintptr_t into = (uintptr_t)start - (uintptr_t)image_payload(im, b->offset);
    size_t usable = image_usable(im, b->size);
    bool inside = block_used(b->header) && into <= usable && bytes <= usable - into;
    return inside ? TARN_OK : TARN_E_NOT_A_BLOCK;
}

#endif
