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

#include "bins.h"
#include "links.h"

static inline uint32_t tlsf_index_bytes(uint32_t size_bits)
{
    return 4u * tlsf_bitmap_words(size_bits) + heads_bytes(tlsf_bins(size_bits), size_bits);
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

#ifdef TARN_ONLY_PLAIN

/* The index, opened: that was done with the image. */
typedef struct tlsf_index {
    uint32_t none;
} tlsf_index;

static inline const tlsf_index *tlsf_open(const image *im, tlsf_index *index)
{
    (void)im;
    (void)index;
    return NULL;
}

static inline heads tlsf_heads(const image *im, const tlsf_index *index)
{
    (void)index;
    return (heads){im->heads, true};
}

static inline unsigned char *tlsf_bitmap(const image *im, const tlsf_index *index)
{
    (void)index;
    return im->index;
}

static inline uint32_t tlsf_ranges_of(const image *im, const tlsf_index *index)
{
    (void)index;
    return im->ranges;
}

static inline uint32_t tlsf_bins_of(const image *im, const tlsf_index *index)
{
    (void)index;
    return tlsf_bins(im->size_bits);
}

static inline uint32_t tlsf_words_of(const image *im, const tlsf_index *index)
{
    (void)index;
    return (uint32_t)(im->heads - im->index) >> 2;
}

#else

/* The index, opened. */
typedef struct tlsf_index {
    unsigned char *bitmap;
    heads heads;
    uint32_t ranges;
    uint32_t bins;
    uint32_t words;
} tlsf_index;

static inline const tlsf_index *tlsf_open(const image *im, tlsf_index *index)
{
    uint32_t size_bits = im->size_bits;
    index->bitmap = image_index(im);
    index->ranges = tlsf_ranges(size_bits);
    index->bins = tlsf_bins(size_bits);
    index->words = tlsf_bitmap_words(size_bits);
    index->heads = (heads){index->bitmap + 4u * index->words, heads_narrow(size_bits)};
    return index;
}

static inline heads tlsf_heads(const image *im, const tlsf_index *index)
{
    (void)im;
    return index->heads;
}

static inline unsigned char *tlsf_bitmap(const image *im, const tlsf_index *index)
{
    (void)im;
    return index->bitmap;
}

static inline uint32_t tlsf_ranges_of(const image *im, const tlsf_index *index)
{
    (void)im;
    return index->ranges;
}

static inline uint32_t tlsf_bins_of(const image *im, const tlsf_index *index)
{
    (void)im;
    return index->bins;
}

static inline uint32_t tlsf_words_of(const image *im, const tlsf_index *index)
{
    (void)im;
    return index->words;
}

#endif

/* The list of free blocks of this size. */
static inline uint32_t tlsf_list(const image *im, const tlsf_index *index, uint32_t size)
{
    return tlsf_bin(tlsf_ranges_of(im, index), size);
}

static inline void tlsf_insert(const image *im, const tlsf_index *index, uint32_t offset, uint32_t size, uint32_t bin)
{
    (void)size;
    if (list_push(im, tlsf_heads(im, index), bin, offset)) {
        unsigned char *word = tlsf_bitmap(im, index) + 4u * (bin >> 5);
        word_store(word, word_load(word) | UINT32_C(1) << (bin & 31u));
    }
}

static inline void tlsf_clear_bit(const image *im, const tlsf_index *index, uint32_t bin)
{
    unsigned char *word = tlsf_bitmap(im, index) + 4u * (bin >> 5);
    word_store(word, word_load(word) & ~(UINT32_C(1) << (bin & 31u)));
}

static inline void tlsf_remove(const image *im, const tlsf_index *index, uint32_t offset, uint32_t size)
{
    (void)size;
    uint32_t bin;
    if (list_remove(im, tlsf_heads(im, index), offset, &bin)) {
        tlsf_clear_bit(im, index, bin);
    }
}

/* These two: of what tlsf_find() found. */
static inline bool tlsf_leads(const image *im, const tlsf_index *index, uint32_t offset, uint32_t size, uint32_t bin)
{
    (void)index;
    (void)size;
    return list_leads(im, bin, offset);
}

static inline void tlsf_pop(const image *im, const tlsf_index *index, uint32_t offset, uint32_t size, uint32_t bin)
{
    (void)size;
    if (list_pop(im, tlsf_heads(im, index), bin, offset)) {
        tlsf_clear_bit(im, index, bin);
    }
}

static inline bool tlsf_linked(const image *im, const tlsf_index *index, uint32_t offset, uint32_t size)
{
    (void)size;
    return list_linked(im, tlsf_heads(im, index), tlsf_bins_of(im, index), offset);
}

static inline bool tlsf_admits(const image *im, const tlsf_index *index, uint32_t size, uint32_t bin)
{
    (void)size;
    return list_admits(im, tlsf_heads(im, index), bin);
}

/* First non-empty bin at or after the given one; no bin if there is none. */
static inline uint32_t tlsf_scan(const image *im, const tlsf_index *index, uint32_t bin)
{
    uint32_t word = bin >> 5;
    if (word >= tlsf_words_of(im, index)) {
        return bin;
    }
    uint32_t bits = word_load(tlsf_bitmap(im, index) + 4u * word) & UINT32_MAX << (bin & 31u);
    while (bits == 0) {
        if (++word == tlsf_words_of(im, index)) {
            return word << 5;
        }
        bits = word_load(tlsf_bitmap(im, index) + 4u * word);
    }
    return (word << 5) + lowest_bit(bits);
}

/* A free block that holds need granules, still listed, and its bin; 0 if there is none. Where its own bin is the first
 * whose every block holds need, a build that wants little code looks at it twice. */
static inline uint32_t tlsf_find(const image *im, const tlsf_index *index, uint32_t need, uint32_t *bin)
{
    uint32_t above = tlsf_bin_above(tlsf_ranges_of(im, index), need);
    uint32_t own = tlsf_bin(tlsf_ranges_of(im, index), need);
    if ((ONLY_PLAIN || own != above) && own < tlsf_bins_of(im, index)) {
        uint32_t head = heads_get(tlsf_heads(im, index), own);
        if (image_holds(im, head) && block_size(im, block_header(im, head)) >= need) {
            *bin = own;
            return head;
        }
    }
    *bin = tlsf_scan(im, index, above);
    return *bin < tlsf_bins_of(im, index) ? heads_get(tlsf_heads(im, index), *bin) : 0;
}

/* The head of the last non-empty bin, 0 if there is none. */
static inline uint32_t tlsf_last_head(const image *im)
{
    tlsf_index index;
    (void)tlsf_open(im, &index);
    for (uint32_t word = tlsf_words_of(im, &index); word-- != 0;) {
        uint32_t bits = word_load(tlsf_bitmap(im, &index) + 4u * word);
        if (bits != 0) {
            uint32_t bin = (word << 5) + highest_bit(bits);
            return bin < tlsf_bins_of(im, &index) ? heads_get(tlsf_heads(im, &index), bin) : 0;
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
