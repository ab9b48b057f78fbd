/* SPDX-License-Identifier: MIT */
/*
 * What the public operations call: one constant table per engine compiled in, chosen by the engine number in the image.
 *
 * Every operation runs under the pool's lock, never copies or fills user memory, and refuses before it changes
 * anything: a status other than TARN_OK means that the image is as it was.
 */
#ifndef TARN_SRC_ENGINE_H
#define TARN_SRC_ENGINE_H

#include "block.h"

typedef struct tarn_engine {
    /* Bytes of index for pools with this many size bits. */
    uint32_t (*index_bytes)(uint32_t size_bits);
    /* Hands out a block of need granules: TARN_E_EXHAUSTED, TARN_E_DAMAGED. */
    tarn_status (*take)(const image *im, uint32_t need, uint32_t *taken);
    /* The same with the payload on a multiple of alignment bytes, a power of two above the granule. */
    tarn_status (*take_aligned)(const image *im, uint32_t need, uint32_t alignment, uint32_t *taken);
    /* What take(), or take_aligned() for an alignment above the granule, would answer. */
    tarn_status (*would_take)(const image *im, uint32_t need, uint32_t alignment);
    /* Tells whether release() would take a recognised block. */
    bool (*may_release)(const image *im, const block_ref *given);
    /* Takes a recognised block back: TARN_E_DAMAGED. */
    tarn_status (*release)(const image *im, const block_ref *given);
    /* Grows a recognised block to need granules to its right: TARN_E_EXHAUSTED, TARN_E_DAMAGED. */
    tarn_status (*extend)(const image *im, const block_ref *given, uint32_t need);
    /* Tells whether trim() would do so. */
    bool (*may_trim)(const image *im, const block_ref *given, uint32_t need);
    /* Shrinks a recognised block to need granules: TARN_E_DAMAGED. It may stay larger where the rest would be no
     * block. */
    tarn_status (*trim)(const image *im, const block_ref *given, uint32_t need);
    /* Grows a recognised block to need granules to its left, and to its right where that is not enough:
     * TARN_E_EXHAUSTED, TARN_E_DAMAGED. The payload bytes are the caller's to move; the new block holds the old one's
     * from end to end. */
    tarn_status (*absorb_left)(const image *im, const block_ref *given, uint32_t need, block_ref *moved);
    /* Granules of the largest request that take() would serve. */
    uint32_t (*largest)(const image *im);
    /* Granules of the largest free block. */
    uint32_t (*widest)(const image *im);
    /* Makes the index anew from the blocks, which the caller has verified, and takes all marks off unless told to keep
     * them. */
    void (*rebuild)(const image *im, bool keeps_marks);
    /* Of a plain pool (plain.h): a block of this size, NULL if that is for the general operations. */
    void *(*plain_alloc)(tarn_pool *pool, size_t size);
    /* Of a plain pool: takes the block back; false if that is for the general operations. */
    bool (*plain_free)(tarn_pool *pool, const void *block);
    /* Of a plain pool: changes the block's size where it stands. TARN_E_EXHAUSTED: it may only move, and holds *usable
     * bytes; TARN_E_ARGUMENT, TARN_E_DAMAGED: that is for the general operations. */
    tarn_status (*plain_resize)(tarn_pool *pool, const void *block, size_t size, size_t *usable);
} tarn_engine;

/* By number less 1; NULL where the engine is not compiled in, and for the number that a damaged layout may have. */
extern const tarn_engine *const tarn_engines[4];

extern const tarn_engine tarn_engine_tlsf;
extern const tarn_engine tarn_engine_bestfit;
extern const tarn_engine tarn_engine_linear;

static inline const tarn_engine *engine_of(const image *im)
{
    return tarn_engines[layout_engine(im->layout) - 1u];
}

#endif
