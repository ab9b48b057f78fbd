/* SPDX-License-Identifier: MIT */
/*
 * Engine `linear` (the algorithm that LiteOS calls bestfit_little): best fit by walking the blocks, no index at all.
 *
 * Free blocks carry only their size tag, so the smallest block is one header and one tag: 8 bytes.
 *
 * I7 holds by construction: a free block is found where it lies.
 * Bound: none; each search reads one header per block.
 */
#ifndef TARN_SRC_INDEX_LINEAR_H
#define TARN_SRC_INDEX_LINEAR_H

#include "block.h"

static inline uint32_t linear_index_bytes(uint32_t size_bits)
{
    (void)size_bits;
    return 0;
}

/* The index, opened: there is none. */
typedef struct linear_index {
    uint32_t none;
} linear_index;

static inline const linear_index *linear_open(const image *im, linear_index *index)
{
    (void)im;
    (void)index;
    return NULL;
}

static inline uint32_t linear_list(const image *im, const linear_index *index, uint32_t size)
{
    (void)im;
    (void)index;
    (void)size;
    return 0;
}

static inline void linear_insert(const image *im, const linear_index *index, uint32_t offset, uint32_t size,
                                 uint32_t list)
{
    (void)im;
    (void)index;
    (void)offset;
    (void)size;
    (void)list;
}

static inline void linear_remove(const image *im, const linear_index *index, uint32_t offset, uint32_t size)
{
    (void)im;
    (void)index;
    (void)offset;
    (void)size;
}

static inline bool linear_linked(const image *im, const linear_index *index, uint32_t offset, uint32_t size)
{
    (void)im;
    (void)index;
    (void)offset;
    (void)size;
    return true;
}

static inline bool linear_leads(const image *im, const linear_index *index, uint32_t offset, uint32_t size,
                                uint32_t list)
{
    (void)list;
    return linear_linked(im, index, offset, size);
}

static inline void linear_pop(const image *im, const linear_index *index, uint32_t offset, uint32_t size, uint32_t list)
{
    (void)list;
    linear_remove(im, index, offset, size);
}

static inline bool linear_admits(const image *im, const linear_index *index, uint32_t size, uint32_t list)
{
    (void)im;
    (void)index;
    (void)size;
    (void)list;
    return true;
}

/* The block after the one at offset; the wilderness if a damaged size would lead out of the pool or nowhere. */
static inline uint32_t linear_next(const image *im, uint32_t offset, uint32_t size)
{
    uint32_t top = image_get(im, IMAGE_TOP);
    return size == 0 || size > top - offset ? top : offset + size;
}

/* The smallest free block that holds need granules, the first of equals; 0 if there is none. */
static inline uint32_t linear_find(const image *im, const linear_index *index, uint32_t need, uint32_t *list)
{
    (void)index;
    *list = 0;
    uint32_t best = 0;
    uint32_t best_size = UINT32_MAX;
    uint32_t offset = im->first;
    while (image_holds(im, offset)) {
        uint32_t header = block_header(im, offset);
        uint32_t size = block_size(im, header);
        if (block_free(header) && size >= need && size < best_size) {
            best = offset;
            best_size = size;
        }
        offset = linear_next(im, offset, size);
    }
    return best;
}

static inline uint32_t linear_largest(const image *im)
{
    uint32_t largest = 0;
    uint32_t offset = im->first;
    while (image_holds(im, offset)) {
        uint32_t header = block_header(im, offset);
        uint32_t size = block_size(im, header);
        if (block_free(header) && size > largest) {
            largest = size;
        }
        offset = linear_next(im, offset, size);
    }
    return largest;
}

/* Finding is exact, so that the largest block is the largest request. */
static inline uint32_t linear_widest(const image *im)
{
    return linear_largest(im);
}

#endif
