/* SPDX-License-Identifier: MIT */
/*
 * Headers that tell the width of their own size field, for callers who ask a block's size and name no pool
 * (tlsf_block_size). Four widths, told by a prefix code in the highest bits; the check takes what lies between.
 *
 *   code   size bits   check   pools of granule 8 up to
 *   000    11          15      16 KiB
 *   001    14          12      128 KiB
 *   01     17          10      1 MiB
 *   1      28           0      2 GiB
 *
 * Each width has a check of its own, so that the layout word names the width by its check field.
 * Bound: constant.
 */
#ifndef TARN_SRC_WIDTH_H
#define TARN_SRC_WIDTH_H

#include <stdbool.h>
#include <stdint.h>

#define WIDTH_LARGEST 28u

/* The check of the narrowest of the four that holds sizes of so many bits. */
static inline uint32_t width_check_for(uint32_t size_bits)
{
    if (size_bits <= 11u) {
        return 15u;
    }
    if (size_bits <= 14u) {
        return 12u;
    }
    return size_bits <= 17u ? 10u : 0u;
}

static inline bool width_is_told(uint32_t check)
{
    return check == 15u || check == 12u || check == 10u || check == 0u;
}

/* Bits of the prefix. */
static inline uint32_t width_told_bits(uint32_t check)
{
    if (check == 0) {
        return 1;
    }
    return check == 10u ? 2u : 3u;
}

/* The prefix, in its place. */
static inline uint32_t width_code(uint32_t check)
{
    return check == 15u ? 0 : UINT32_C(1) << (32u - width_told_bits(check));
}

/* Size bits that a header tells. */
static inline uint32_t width_of_header(uint32_t header)
{
    if (header >> 31 != 0) {
        return 28u;
    }
    if (header >> 30 != 0) {
        return 17u;
    }
    return header >> 29 != 0 ? 14u : 11u;
}

#endif
