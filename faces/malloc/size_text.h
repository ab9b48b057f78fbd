/* SPDX-License-Identifier: MIT */
/**
 * @file size_text.h
 * @brief Sizes as people write them, for TARN_POOL and the command's --pool; no locale, no allocation.
 */
#ifndef TARN_FACES_MALLOC_SIZE_TEXT_H
#define TARN_FACES_MALLOC_SIZE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/** The largest pool of the malloc face: 2^29 granules of 16 bytes. */
#define TARN_MALLOC_LARGEST_POOL (UINT64_C(1) << 33)

static inline unsigned tarn_size_suffix_shift(char suffix)
{
    switch (suffix) {
    case 'k':
    case 'K':
        return 10;
    case 'm':
    case 'M':
        return 20;
    case 'g':
    case 'G':
        return 30;
    default:
        return 0;
    }
}

/**
 * Reads decimal digits and at most one of k, m, g (powers of 1024, either case).
 *
 * Returns: true and the number in @p *bytes. Fails: false for anything else, for 0, and for what exceeds 64 bits.
 * Units: bytes. Bound: length of the text. Interrupts: yes. Lock: none. Source: tarn.
 */
static inline bool tarn_size_read(const char *text, uint64_t *bytes)
{
    uint64_t number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (number > (UINT64_MAX - digit) / 10) {
            return false;
        }
        number = number * 10 + digit;
    }
    unsigned shift = tarn_size_suffix_shift(*at);
    if (at == text || number == 0 || number > UINT64_MAX >> shift || at[shift != 0 ? 1 : 0] != '\0') {
        return false;
    }
    *bytes = number << shift;
    return true;
}

#endif
