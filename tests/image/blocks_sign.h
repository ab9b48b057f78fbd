/* SPDX-License-Identifier: MIT */
/* Images of block pools made by others: the sum in word 15 of the header, worked out apart from the library
 * (src/blocks.h says what it is over), and the other byte order. */
#ifndef TARN_TESTS_IMAGE_BLOCKS_SIGN_H
#define TARN_TESTS_IMAGE_BLOCKS_SIGN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* As whoever changes an image on purpose does it: the sum is right again, and only what the words say is another. */
static inline void blocks_sign(unsigned char *bytes)
{
    const uint64_t factor = UINT64_C(0x9E3779B97F4A7C15);
    static const unsigned places[][2] = {{1, 0}, {6, 7}, {8, 9}, {10, 11}, {12, 0}};
    uint64_t sum = 0;
    for (unsigned i = 0; i < 5; i++) {
        uint32_t low;
        uint32_t high = 0;
        memcpy(&low, bytes + 4u * places[i][0], 4);
        memcpy(&high, bytes + 4u * places[i][1], places[i][1] != 0 ? 4 : 0);
        sum = (sum ^ low ^ (uint64_t)high << 32) * factor;
    }
    uint32_t high = (uint32_t)(sum >> 32);
    memcpy(bytes + 60, &high, 4);
}

/* As a maker of the other byte order would have written it: a head of 64 bits has its halves the other way round. */
static inline void blocks_turn_around(unsigned char *bytes, size_t size)
{
    uint32_t layout;
    unsigned char half[4];
    memcpy(&layout, bytes + 4, 4);
    if ((layout & 15u) == 1u) {
        memcpy(half, bytes + 8, 4);
        memmove(bytes + 8, bytes + 12, 4);
        memcpy(bytes + 12, half, 4);
    }
    for (size_t at = 0; at + 4u <= size; at += 4u) {
        unsigned char word[4] = {bytes[at + 3u], bytes[at + 2u], bytes[at + 1u], bytes[at]};
        memcpy(bytes + at, word, 4);
    }
}

#endif
