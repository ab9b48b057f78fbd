/* SPDX-License-Identifier: MIT */
/*
 * The bins of engine `tlsf`: how many there are, and the one that a size falls in (index_tlsf.h says what they are
 * for).
 *
 * Bound: constant for everything here.
 */
#ifndef TARN_SRC_BINS_H
#define TARN_SRC_BINS_H

#include "word.h"

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

#endif
