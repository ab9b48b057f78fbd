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

#if TARN_ENGINES_IN == 1

/* In a build with one engine its operations have names of their own. A call through this table, which no program
 * links, is a call of the operation; so a program links only those that it uses. A file that compiles them for itself
 * (small.c) says so. */
#ifndef ENGINE_ONLY_LINKAGE
#define ENGINE_ONLY_LINKAGE
#endif

ENGINE_ONLY_LINKAGE uint32_t tarn_only_index_bytes(uint32_t size_bits);
ENGINE_ONLY_LINKAGE tarn_status tarn_only_take(const image *im, uint32_t need, uint32_t *taken);
ENGINE_ONLY_LINKAGE tarn_status tarn_only_take_aligned(const image *im, uint32_t need, uint32_t alignment,
                                                       uint32_t *taken);
ENGINE_ONLY_LINKAGE tarn_status tarn_only_would_take(const image *im, uint32_t need, uint32_t alignment);
ENGINE_ONLY_LINKAGE bool tarn_only_may_release(const image *im, const block_ref *given);
ENGINE_ONLY_LINKAGE tarn_status tarn_only_release(const image *im, const block_ref *given);
ENGINE_ONLY_LINKAGE tarn_status tarn_only_extend(const image *im, const block_ref *given, uint32_t need);
ENGINE_ONLY_LINKAGE bool tarn_only_may_trim(const image *im, const block_ref *given, uint32_t need);
ENGINE_ONLY_LINKAGE tarn_status tarn_only_trim(const image *im, const block_ref *given, uint32_t need);
ENGINE_ONLY_LINKAGE tarn_status tarn_only_absorb_left(const image *im, const block_ref *given, uint32_t need,
                                                      block_ref *moved);
ENGINE_ONLY_LINKAGE uint32_t tarn_only_largest(const image *im);
ENGINE_ONLY_LINKAGE uint32_t tarn_only_widest(const image *im);
ENGINE_ONLY_LINKAGE void tarn_only_rebuild(const image *im, bool keeps_marks);
ENGINE_ONLY_LINKAGE void *tarn_only_plain_alloc(tarn_pool *pool, size_t size);
ENGINE_ONLY_LINKAGE bool tarn_only_plain_free(tarn_pool *pool, const void *block);
ENGINE_ONLY_LINKAGE tarn_status tarn_only_plain_resize(tarn_pool *pool, const void *block, size_t size, size_t *usable);

static const tarn_engine engine_only = {
    tarn_only_index_bytes, tarn_only_take,        tarn_only_take_aligned, tarn_only_would_take,
    tarn_only_may_release, tarn_only_release,     tarn_only_extend,       tarn_only_may_trim,
    tarn_only_trim,        tarn_only_absorb_left, tarn_only_largest,      tarn_only_widest,
    tarn_only_rebuild,     tarn_only_plain_alloc, tarn_only_plain_free,   tarn_only_plain_resize};

/* Whether the engine of this number, TARN_ENGINE_* or what a damaged layout may have, is compiled in. */
static inline bool engine_is_in(uint32_t number)
{
    return number == ONLY_ENGINE;
}

/* Of one that is. */
static inline const tarn_engine *engine_of_layout(uint32_t layout)
{
    (void)layout;
    return &engine_only;
}

#else

/* By number less 1; NULL where the engine is not compiled in, and for the number that a damaged layout may have. */
extern const tarn_engine *const tarn_engines[4];

extern const tarn_engine tarn_engine_tlsf;
extern const tarn_engine tarn_engine_bestfit;
extern const tarn_engine tarn_engine_linear;

static inline bool engine_is_in(uint32_t number)
{
    return tarn_engines[number - 1u] != NULL;
}

static inline const tarn_engine *engine_of_layout(uint32_t layout)
{
    return tarn_engines[layout_engine(layout) - 1u];
}

#endif

static inline const tarn_engine *engine_of(const image *im)
{
    return engine_of_layout(im->layout);
}

#endif
