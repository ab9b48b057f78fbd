/* SPDX-License-Identifier: MIT */
/*
 * The generator of every random test: the same numbers from the same seed on every machine and word size.
 */
#ifndef TARN_TESTS_SUPPORT_PRNG_H
#define TARN_TESTS_SUPPORT_PRNG_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct prng {
    uint64_t state;
} prng;

/* One step of splitmix64 (Steele, Lea, Flood 2014): every state is a good one, so that streams need no warming up. */
static inline uint64_t prng_step(prng *random)
{
    random->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = random->state;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* A generator of its own for each stream of a seed. */
static inline prng prng_make(uint64_t seed, uint64_t stream)
{
    prng random = {seed};
    random.state = prng_step(&random) ^ stream * UINT64_C(0xD1342543DE82EF95);
    return random;
}

/* 32 random bits. */
static inline uint32_t prng_next(prng *random)
{
    return (uint32_t)(prng_step(random) >> 32);
}

/* 0 <= result < below; below is not 0. */
static inline uint32_t prng_below(prng *random, uint32_t below)
{
    return (uint32_t)((uint64_t)prng_next(random) * below >> 32);
}

/* Fills memory with random bytes. */
static inline void prng_fill(prng *random, void *bytes, size_t size)
{
    unsigned char *at = (unsigned char *)bytes;
    for (size_t i = 0; i < size; i += 4) {
        uint32_t word = prng_next(random);
        memcpy(at + i, &word, size - i < 4 ? size - i : 4);
    }
}

#endif
