/* SPDX-License-Identifier: MIT */
/**
 * @file size_text.h
 * @brief Sizes as people write them in the environment and on the command line; no locale, no allocation.
 */
#ifndef TARN_FACES_SIZE_TEXT_H
#define TARN_FACES_SIZE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* The value of a digit of decimal or hexadecimal numbers, 16 for what is none. */
static inline unsigned tarn_size_digit(char letter)
{
    if (letter >= '0' && letter <= '9') {
        return (unsigned)(letter - '0');
    }
    char small = (char)(letter | 0x20);
    return small >= 'a' && small <= 'f' ? (unsigned)(small - 'a') + 10u : 16u;
}

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
 * Reads a decimal number, or a hexadecimal one after 0x, and at most one of k, m, g (powers of 1024, either case).
 *
 * Returns: true and the number in @p *bytes. Fails: false for anything else, for 0, and for what exceeds 64 bits.
 * Units: bytes. Bound: length of the text. Interrupts: yes. Lock: none. Source: tarn.
 */
static inline bool tarn_size_read(const char *text, uint64_t *bytes)
{
    unsigned base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
    const char *first = base == 16 ? text + 2 : text;
    const char *at = first;
    uint64_t number = 0;
    for (unsigned digit; (digit = tarn_size_digit(*at)) < base; at++) {
        if (number > (UINT64_MAX - digit) / base) {
            return false;
        }
        number = number * base + digit;
    }
    unsigned shift = tarn_size_suffix_shift(*at);
    if (at == first || number == 0 || number > UINT64_MAX >> shift || at[shift != 0 ? 1 : 0] != '\0') {
        return false;
    }
    *bytes = number << shift;
    return true;
}

#endif
