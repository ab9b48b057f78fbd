/* SPDX-License-Identifier: MIT */
/*
 * Blocks: the header in front of each payload, the tag at the end of free ones, and telling a block from anything else.
 *
 *   used:  [extension words][header][payload ............................]
 *   free:  [...........where][header][next][engine's own]........[size tag]      (where follows next without extension)
 *   parked: as used, its flags apart (park.h)
 *
 *   header, from the highest bit:  [width] | check (what size leaves) | size in granules | mark | left free | used
 *
 * The check covers offset, size, used, mark and the pool's key, so that a header proves itself on every touch; the
 * left-free flag is outside it, so that freeing a block rewrites no check of its neighbour.
 *
 * I2 blocks tile [first, end) without gap, none but the wilderness below the minimum   I3 every check matches
 * I4 no two free blocks are neighbours   I5 left free <=> the left neighbour is free   I6 a free block ends in its size
 * Bound: constant for everything here.
 */
#ifndef TARN_SRC_BLOCK_H
#define TARN_SRC_BLOCK_H

#include "image.h"

#define BLOCK_USED 1u
#define BLOCK_LEFT_FREE 2u
#define BLOCK_MARK 4u /* on a used block: a registered pool lies inside; on one that is not: it is parked */
#define BLOCK_SIZE_SHIFT 3u

/* Two odd constants without structure (golden ratio; a prime near 2^32/sqrt(2)): the product's high bits, which the
 * check takes, depend on every bit of offset, body and key. */
static inline uint32_t block_mix(uint32_t key, uint32_t offset, uint32_t body)
{
    return ((offset * UINT32_C(0x9E3779B1)) ^ body ^ key) * UINT32_C(0xB504F32D);
}

/* What the flags of a header add to its check: apart from the product, so that a header whose flags alone change is
 * changed by a constant. The top three bits of its multiples by 0 to 7 are 0 to 7 in some order: where a check is three
 * bits wide, no two states of a block have the same. */
#define BLOCK_FLAGS 7u
#define BLOCK_FLAG_MIX UINT32_C(0xA3C6EF37)

/* The check bits, wherever they will lie, of a header whose left-free flag does not count. */
static inline uint32_t block_check(uint32_t key, uint32_t offset, uint32_t body)
{
    return block_mix(key, offset, body & ~BLOCK_FLAGS) ^ (body & (BLOCK_USED | BLOCK_MARK)) * BLOCK_FLAG_MIX;
}

static inline uint32_t block_seal(const image *im, uint32_t offset, uint32_t body)
{
    return body | (block_check(im->key, offset, body) & im->check_mask) | image_width_code(im);
}

static inline uint32_t block_header(const image *im, uint32_t offset)
{
    return word_load(image_payload(im, offset) - 4);
}

static inline uint32_t block_size(const image *im, uint32_t header)
{
    return (header & im->body_mask) >> BLOCK_SIZE_SHIFT;
}

static inline bool block_used(uint32_t header)
{
    return (header & BLOCK_USED) != 0;
}

static inline bool block_free(uint32_t header)
{
    return (header & (BLOCK_USED | BLOCK_MARK)) == 0;
}

static inline bool block_parked(uint32_t header)
{
    return (header & (BLOCK_USED | BLOCK_MARK)) == BLOCK_MARK;
}

/* I3 for one header: what is not body is check and, in pools whose headers tell it, the width. */
static inline bool block_proves(const image *im, uint32_t offset, uint32_t header)
{
    if (ONLY_PLAIN) { /* the same, and no code */
        return header == block_seal(im, offset, header & im->body_mask);
    }
    uint32_t seal = (block_check(im->key, offset, header & im->body_mask) & im->check_mask) | image_width_code(im);
    return ((header ^ seal) & ~im->body_mask) == 0;
}

/* flags: BLOCK_USED and BLOCK_MARK are sealed, BLOCK_LEFT_FREE is stored as it is. */
static inline void block_write(const image *im, uint32_t offset, uint32_t size, uint32_t flags)
{
    uint32_t body = size << BLOCK_SIZE_SHIFT | (flags & (BLOCK_USED | BLOCK_MARK));
    word_store(image_payload(im, offset) - 4, block_seal(im, offset, body) | (flags & BLOCK_LEFT_FREE));
}

/* A header that lies inside another block from now on must not prove itself any more. Size 0 is never accepted. */
static inline void block_void(const image *im, uint32_t offset)
{
    word_store(image_payload(im, offset) - 4, 0);
}

static inline void block_set_left_free(const image *im, uint32_t offset)
{
    unsigned char *header = image_payload(im, offset) - 4;
    word_store(header, word_load(header) | BLOCK_LEFT_FREE);
}

static inline void block_clear_left_free(const image *im, uint32_t offset)
{
    unsigned char *header = image_payload(im, offset) - 4;
    word_store(header, word_load(header) & ~BLOCK_LEFT_FREE);
}

/* Granules of the block at offset, by its header; 0 if none may begin there. */
SMALL_ONE_COPY uint32_t block_extent(const image *im, uint32_t offset)
{
    return image_holds(im, offset) ? block_size(im, block_header(im, offset)) : 0;
}

/* The last word of the block that ends where the block at offset begins. */
static inline unsigned char *block_left_tag(const image *im, uint32_t offset)
{
    return image_payload(im, offset) - image_lead_bytes(im) - 4;
}

/* The header at offset is that of a free block of this size: nothing free lies to the left of one (I4), so that it has
 * no flag, and one comparison is enough. */
static inline bool block_says_free(const image *im, uint32_t offset, uint32_t size)
{
    return block_header(im, offset) == block_seal(im, offset, size << BLOCK_SIZE_SHIFT);
}

/* The block at offset may be of this size and ends in it. */
static inline bool block_is_tagged(const image *im, uint32_t offset, uint32_t size)
{
    return size != 0 && size < image_get(im, IMAGE_TOP) - offset &&
           word_load(block_left_tag(im, offset + size)) == size;
}

/* The free block at offset, which lies in the pool if size is not 0, is what a link, tag or flag says it is. Headers of
 * blocks that merged lie in free memory, and where that was handed out; where such a block ended there is no tag of its
 * size. */
static inline bool block_is_free(const image *im, uint32_t offset, uint32_t size)
{
    return block_is_tagged(im, offset, size) && block_says_free(im, offset, size);
}

/* The wilderness is where and as large as its header says: end and top are what they were when it was written. */
static inline bool block_top_proves(const image *im)
{
    uint32_t top = image_get(im, IMAGE_TOP);
    return block_header(im, top) == block_seal(im, top, image_top_size(im) << BLOCK_SIZE_SHIFT);
}

/* Makes the wilderness begin at offset. */
static inline void block_set_top(const image *im, uint32_t offset)
{
    image_set(im, IMAGE_TOP, offset);
    block_write(im, offset, image_get(im, IMAGE_END) - offset, 0);
}

/* What must stay free in front of a payload for its address to be a multiple of alignment. A gap is no block if it is
 * shorter than the minimum: then one alignment more. */
static inline uint32_t block_gap(const image *im, uint32_t offset, uint32_t alignment)
{
    uint32_t step = alignment >> image_shift(im);
    uintptr_t past = (im->origin + ((uintptr_t)offset << image_shift(im))) & (alignment - 1u);
    uint32_t gap = past == 0 ? 0 : (uint32_t)((alignment - past) >> image_shift(im));
    if (gap != 0 && gap < image_minimum(im)) {
        gap += (image_minimum(im) - gap + step - 1u) / step * step;
    }
    return gap;
}

/* ---- statistics (I10): every block handed out or taken back passes here ---- */

static inline void count_used(const image *im, uint32_t added)
{
    uint32_t used = image_get(im, IMAGE_USED) + added;
    image_set(im, IMAGE_USED, used);
    if (used > image_get(im, IMAGE_PEAK)) {
        image_set(im, IMAGE_PEAK, used);
    }
}

static inline void count_unused(const image *im, uint32_t removed)
{
    image_set(im, IMAGE_USED, image_get(im, IMAGE_USED) - removed);
}

static inline void count_refusal(const image *im)
{
    uint32_t refusals = image_tally(im, TALLY_REFUSALS, TALLY_REFUSALS_BITS);
    if (refusals + 1u < UINT32_C(1) << TALLY_REFUSALS_BITS) {
        image_set_tally(im, TALLY_REFUSALS, TALLY_REFUSALS_BITS, refusals + 1u);
    }
}

/* ---- recognition ---- */

/* A block that proved itself. */
typedef struct block_ref {
    uint32_t offset;
    uint32_t size; /* granules */
    uint32_t header;
} block_ref;

/* The byte so far from the image's first lies in a page of the slab (slab.h): none there is a block's payload but the
 * page's own, which is the slab's. */
bool tarn_slab_holds(const image *im, uintptr_t distance);

/*
 * Tells a used block's payload from every other address: range and granule, pages of the slab, map or header check,
 * size inside the pool, and the header of the next block, which was written independently of this one.
 */
static inline tarn_status block_recognise(const image *im, const void *address, block_ref *found)
{
    uintptr_t distance = (uintptr_t)address - (uintptr_t)im->base;
    uintptr_t low = (uintptr_t)im->first << image_shift(im);
    uintptr_t high = (uintptr_t)image_get(im, IMAGE_END) << image_shift(im);
    if (distance - low >= high - low) {
        return TARN_E_FOREIGN;
    }
    if ((distance & (((uintptr_t)1 << image_shift(im)) - 1u)) != 0) {
        return TARN_E_MISALIGNED;
    }
    uint32_t offset = (uint32_t)(distance >> image_shift(im));
    if (layout_has_slab(im->layout) && tarn_slab_holds(im, distance)) {
        return TARN_E_NOT_A_BLOCK;
    }
    if (offset >= image_get(im, IMAGE_TOP)) {
        return TARN_E_DOUBLE_FREE; /* the wilderness: whatever was there has been taken back */
    }
    uint32_t header = block_header(im, offset);
    uint32_t size = block_size(im, header);
    bool whole = block_proves(im, offset, header) && size != 0 && size <= image_get(im, IMAGE_TOP) - offset;
    if (layout_has_map(im->layout) && !map_test(im, offset)) {
        return whole && !block_used(header) ? TARN_E_DOUBLE_FREE : TARN_E_NOT_A_BLOCK;
    }
    if (!whole) {
        return layout_has_map(im->layout) ? TARN_E_DAMAGED : TARN_E_NOT_A_BLOCK;
    }
    if (!block_used(header)) {
        return TARN_E_DOUBLE_FREE;
    }
    uint32_t next = block_header(im, offset + size);
    if (!block_proves(im, offset + size, next) || (next & BLOCK_LEFT_FREE) != 0) {
        return TARN_E_DAMAGED;
    }
    found->offset = offset;
    found->size = size;
    found->header = header;
    return TARN_OK;
}

/* The block whose extent contains the offset; false if the walk meets damage or the wilderness. Reads every header
 * before it. */
static inline bool block_around(const image *im, uint32_t offset, block_ref *found)
{
    uint32_t at = im->first;
    while (image_holds(im, at)) {
        uint32_t header = block_header(im, at);
        uint32_t size = block_size(im, header);
        if (!block_proves(im, at, header) || size == 0 || size > image_get(im, IMAGE_TOP) - at) {
            return false;
        }
        if (offset - at < size) {
            found->offset = at;
            found->size = size;
            found->header = header;
            return true;
        }
        at += size;
    }
    return false;
}

#endif
