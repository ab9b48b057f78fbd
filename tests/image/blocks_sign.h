/* SPDX-License-Identifier: MIT */
/* The sum in word 15 of a block pool's header, worked out apart from the library (src/blocks.h says what it is over).
 * */
#ifndef TARN_TESTS_IMAGE_BLOCKS_SIGN_H
#define TARN_TESTS_IMAGE_BLOCKS_SIGN_H

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

#endif
