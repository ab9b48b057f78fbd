/* SPDX-License-Identifier: MIT */
/*
 * Engine `tlsf`: two-level segregated fit (Masmano, Ripoll, Crespo, Real: TLSF, ECRTS 2004), as one line of bins.
 *
 * A bin holds the free blocks of one size range. Bins are exact below 2^(S+1) granules; above, each power of two is cut
 * into 2^S equal ranges (S = 2 in pools up to 2^13 granules, else 3), so that bin numbers are continuous in the size.
 * A request of g granules takes any block of the first non-empty bin whose every block is at least g. Where rounding up
 * to that bin skips the one that g itself falls in, the head of the skipped bin is looked at first: a fresh fit there
 * makes coarse bins as good as fine ones.
 *
 *   index: bitmap words (at most 7), then one list head per bin
 *
 * I7 a free block is in the list of its bin, once   I9 bit b of the bitmap is set <=> list b is not empty
 * Bound: constant; the bitmap scan reads at most 7 words.
 */
#ifndef TARN_SRC_INDEX_TLSF_H
#define TARN_SRC_INDEX_TLSF_H

#include "links.h"

enum { TLSF_NO_BIN = 0xFFFF };

/* log2 of the ranges per power of two. */
static inline uint32_t tlsf_ranges(uint32_t size_bits)
{
    return size_bits <= 13u ? 2u : 3u;
}

/* Sizes are below 2^size_bits: the last bin is the one of 2^size_bits - 1. */
static inline uint32_t tlsf_bins(uint32_t size_bits)
{
    uint32_t ranges = tlsf_ranges(size_bits);
    return (size_bits + 1u - ranges) << ranges;
}

static inline uint32_t tlsf_bitmap_words(uint32_t size_bits)
{
    return (tlsf_bins(size_bits) + 31u) >> 5;
}

static inline uint32_t tlsf_index_bytes(uint32_t size_bits)
{
    return 4u * tlsf_bitmap_words(size_bits) + heads_bytes(tlsf_bins(size_bits), size_bits);
}

/* How far sizes are shifted in the power of two that size lies in. */
static inline uint32_t tlsf_scale(uint32_t ranges, uint32_t size)
{
    uint32_t top = highest_bit(size);
    return top > ranges ? top - ranges : 0;
}

/* The bin that size falls in. */
static inline uint32_t tlsf_bin(uint32_t ranges, uint32_t size)
{
    uint32_t scale = tlsf_scale(ranges, size);
    return (scale << ranges) + (size >> scale);
}

/* The first bin whose every block holds size. */
static inline uint32_t tlsf_bin_above(uint32_t ranges, uint32_t size)
{
    if (ONLY_PLAIN) {
        return tlsf_bin(ranges, size - 1u) + 1u; /* the same, and no code; no block is smaller than 2 */
    }
    uint32_t scale = tlsf_scale(ranges, size);
    return (scale << ranges) + ((size - 1u) >> scale) + 1u;
}

/* The index, opened. */
typedef struct tlsf {
    unsigned char *bitmap;
    heads heads;
    uint32_t ranges;
    uint32_t bins;
    uint32_t words;
} tlsf;

/* Of the lists; what tlsf_open() answers costs little code where only some of it is asked for. */
SMALL_ONE_COPY unsigned char *tlsf_heads_at(const image *im)
{
    return image_index(im) + 4u * tlsf_bitmap_words(im->size_bits);
}

SMALL_IN_CALLERS static inline tlsf tlsf_open(const image *im)
{
    uint32_t size_bits = im->size_bits;
    tlsf index;
    index.bitmap = image_index(im);
    index.ranges = tlsf_ranges(size_bits);
    index.bins = tlsf_bins(size_bits);
    index.words = tlsf_bitmap_words(size_bits);
    index.heads.at = ONLY_PLAIN ? tlsf_heads_at(im) : index.bitmap + 4u * index.words;
    index.heads.narrow = heads_narrow(size_bits);
    return index;
}

/* The list of free blocks of this size. */
static inline uint32_t tlsf_list(const image *im, uint32_t size)
{
    return tlsf_bin(tlsf_ranges(im->size_bits), size);
}

static inline void tlsf_insert(const image *im, uint32_t offset, uint32_t size, uint32_t bin)
{
    (void)size;
    tlsf index = tlsf_open(im);
    if (list_push(im, index.heads, bin, offset)) {
        unsigned char *word = index.bitmap + 4u * (bin >> 5);
        word_store(word, word_load(word) | UINT32_C(1) << (bin & 31u));
    }
}

static inline void tlsf_clear_bit(const tlsf *index, uint32_t bin)
{
    unsigned char *word = index->bitmap + 4u * (bin >> 5);
    word_store(word, word_load(word) & ~(UINT32_C(1) << (bin & 31u)));
}

static inline void tlsf_remove(const image *im, uint32_t offset, uint32_t size)
{
    (void)size;
    tlsf index = tlsf_open(im);
    uint32_t bin;
    if (list_remove(im, index.heads, offset, &bin)) {
        tlsf_clear_bit(&index, bin);
    }
}

/* These two: of what tlsf_find() found. */
static inline bool tlsf_leads(const image *im, uint32_t offset, uint32_t size, uint32_t bin)
{
    (void)size;
    return list_leads(im, bin, offset);
}

static inline void tlsf_pop(const image *im, uint32_t offset, uint32_t size, uint32_t bin)
{
    (void)size;
    tlsf index = tlsf_open(im);
    if (list_pop(im, index.heads, bin, offset)) {
        tlsf_clear_bit(&index, bin);
    }
}

static inline bool tlsf_linked(const image *im, uint32_t offset, uint32_t size)
{
    (void)size;
    tlsf index = tlsf_open(im);
    return list_linked(im, index.heads, index.bins, offset);
}

static inline bool tlsf_admits(const image *im, uint32_t size, uint32_t bin)
{
    (void)size;
    return list_admits(im, tlsf_open(im).heads, bin);
}

/* First non-empty bin at or after the given one. */
static inline uint32_t tlsf_scan(const tlsf *index, uint32_t bin)
{
    uint32_t word = bin >> 5;
    if (word >= index->words) {
        return TLSF_NO_BIN;
    }
    uint32_t bits = word_load(index->bitmap + 4u * word) & UINT32_MAX << (bin & 31u);
    while (bits == 0) {
        if (++word == index->words) {
            return TLSF_NO_BIN;
        }
        bits = word_load(index->bitmap + 4u * word);
    }
    bin = (word << 5) + lowest_bit(bits);
    return bin < index->bins ? bin : TLSF_NO_BIN;
}

/* A free block that holds need granules, still listed, and its bin; 0 if there is none. Where its own bin is the first
 * whose every block holds need, a build that wants little code looks at it twice. */
static inline uint32_t tlsf_find(const image *im, uint32_t need, uint32_t *bin)
{
    tlsf index = tlsf_open(im);
    uint32_t above = tlsf_bin_above(index.ranges, need);
    uint32_t own = tlsf_bin(index.ranges, need);
    if ((ONLY_PLAIN || own != above) && own < index.bins) {
        uint32_t head = heads_get(index.heads, own);
        if (image_holds(im, head) && block_size(im, block_header(im, head)) >= need) {
            *bin = own;
            return head;
        }
    }
    *bin = tlsf_scan(&index, above);
    return *bin == TLSF_NO_BIN ? 0 : heads_get(index.heads, *bin);
}

/* The head of the last non-empty bin, 0 if there is none. */
static inline uint32_t tlsf_last_head(const image *im)
{
    tlsf index = tlsf_open(im);
    for (uint32_t word = index.words; word-- != 0;) {
        uint32_t bits = word_load(index.bitmap + 4u * word);
        if (bits != 0) {
            uint32_t bin = (word << 5) + highest_bit(bits);
            return bin < index.bins ? heads_get(index.heads, bin) : 0;
        }
    }
    return 0;
}

/* The largest need that tlsf_find() would serve: that head, by the look at its own bin. */
static inline uint32_t tlsf_largest(const image *im)
{
    uint32_t head = tlsf_last_head(im);
    return image_holds(im, head) ? block_size(im, block_header(im, head)) : 0;
}

/* The largest block of the last non-empty bin; as many steps as that list is long, and no more than blocks exist. */
static inline uint32_t tlsf_widest(const image *im)
{
    uint32_t widest = 0;
    uint32_t steps = image_get(im, IMAGE_LISTED);
    for (uint32_t offset = tlsf_last_head(im); image_holds(im, offset) && steps != 0; steps--) {
        uint32_t size = block_size(im, block_header(im, offset));
        widest = size > widest ? size : widest;
        offset = link_get(im, offset, 0);
    }
    return widest;
}

#endif
