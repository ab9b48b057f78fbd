/* SPDX-License-Identifier: MIT */
/*
 * Block pools of a seeded sequence, plain as a build for plain pools alone has them, and what came of each call:
 * answers, figures, and a sum over every byte of the pool. Two builds of one discipline that print the same do the
 * same.
 *   core_blocks SEED POOLS
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prng.h"
#include "tarn/blocks.h"

enum { LARGEST = 16384, LIVE = 64, CALLS = 200 };

static _Alignas(4096) unsigned char memory[LARGEST];
static uint32_t sum;
static size_t made, refused, got, mistakes;

static void note(uint32_t value)
{
    sum = (sum ^ value) * UINT32_C(0x01000193);
}

static void note_place(const void *block)
{
    note(block == NULL ? UINT32_MAX : (uint32_t)((const unsigned char *)block - memory));
}

static void note_pool(const tarn_blocks *pool)
{
    tarn_stats stats;
    note((uint32_t)tarn_blocks_check(pool, NULL));
    note((uint32_t)tarn_blocks_stats(pool, &stats));
    note(tarn_blocks_low(pool));
    for (size_t i = 0; i < sizeof stats; i++) {
        note(((const unsigned char *)&stats)[i]);
    }
    for (size_t i = 0; i < sizeof memory; i++) {
        note(memory[i]);
    }
}

/* Sizes, options and memory, one in two of which init refuses; NULL if it did. */
static tarn_blocks *some_pool(prng *random)
{
    static const uint32_t alignments[] = {0, 0, 0, 0, 0, 4, 8, 16, 64, 4096, 1, 2, 12, 8192, UINT32_C(1) << 31};
    static const size_t sizes[] = {0, 1, 4, 24, 32, 100, 256, 1000, UINT32_MAX - 8192u, UINT32_MAX - 8191u, SIZE_MAX};
    tarn_blocks_options options = {.alignment = alignments[prng_below(random, 15)]};
    tarn_blocks *pool = (tarn_blocks *)(void *)memory;
    size_t size = prng_below(random, 2) != 0 ? prng_below(random, 300) : sizes[prng_below(random, 11)];
    size_t bytes = prng_below(random, 8) != 0 ? prng_below(random, LARGEST) : SIZE_MAX - prng_below(random, 8192);
    unsigned char *at = memory + 8u * prng_below(random, 4) + (prng_below(random, 8) != 0 ? 0 : 4u);
    bytes = prng_below(random, 64) != 0 ? bytes : (size_t)(UINT32_MAX + UINT64_C(1));
    options.count = prng_below(random, 2) != 0 ? 0 : prng_below(random, 200);
    options.flags = prng_below(random, 8) != 0 ? TARN_BLOCKS_UNREGISTERED : 128u;
    options.slots = prng_below(random, 16) != 0 ? 0 : 256u;
    bytes = bytes < LARGEST && bytes > (size_t)(memory + LARGEST - at) ? (size_t)(memory + LARGEST - at) : bytes;
    note((uint32_t)tarn_blocks_bytes(options.count, size, &options));
    const tarn_blocks_options *choices = prng_below(random, 4) != 0 ? &options : NULL;
    tarn_status status = tarn_blocks_init(&pool, at, bytes, size, choices);
    note((uint32_t)status);
    assert((status == TARN_OK) == (pool != NULL));
    made += status == TARN_OK;
    refused += status != TARN_OK;
    return pool;
}

/* A put of what is none: refused by both builds with the same reason. */
static void some_mistake(tarn_blocks *pool, prng *random, unsigned char *block)
{
    static unsigned char elsewhere[16];
    unsigned char *wrong[] = {NULL,
                              elsewhere,
                              block + 4,
                              block + 1,
                              (unsigned char *)pool,
                              memory - 1,
                              memory + prng_below(random, LARGEST),
                              (unsigned char *)(uintptr_t)8};
    unsigned char *at = wrong[prng_below(random, 8)];
    tarn_blocks *handle = prng_below(random, 8) != 0 ? pool : (tarn_blocks *)(void *)((unsigned char *)pool + 8);
    mistakes++;
    if (prng_below(random, 16) == 0) {
        note((uint32_t)tarn_blocks_put(NULL, block));
        note_place(tarn_blocks_get(NULL));
    }
    if (at != block) {
        note((uint32_t)tarn_blocks_put(handle, at));
        note_place(handle == pool ? NULL : tarn_blocks_get(handle));
    }
}

/* A write to the link of the block that get would hand out next is refused while it stands there. */
static void some_write(tarn_blocks *pool, prng *random, unsigned char *block)
{
    uint32_t link;
    uint32_t wild = prng_below(random, 2) != 0 ? prng_next(random) : prng_below(random, LARGEST);
    memcpy(&link, block, sizeof link);
    memcpy(block, &wild, sizeof wild);
    note_place(tarn_blocks_get(pool) == NULL ? NULL : block);
    note_pool(pool);
}

static void use_pool(tarn_blocks *pool, prng *random)
{
    unsigned char *live[LIVE];
    uint32_t out = 0;
    for (int call = 0; call < CALLS; call++) {
        uint32_t which = prng_below(random, 16);
        if (which < 8 && out < LIVE) {
            live[out] = tarn_blocks_get(pool);
            note_place(live[out]);
            out += live[out] != NULL;
            got++;
        } else if (which < 13 && out != 0) {
            uint32_t at = prng_below(random, out);
            note((uint32_t)tarn_blocks_put(pool, live[at]));
            live[at] = live[--out];
        } else if (which == 13) {
            some_mistake(pool, random, out != 0 ? live[out - 1u] : (unsigned char *)pool + 64);
        } else if (which == 14 && prng_below(random, 8) == 0) {
            note((uint32_t)tarn_blocks_low_reset(pool));
            note_pool(pool);
        } else if (which == 15 && prng_below(random, 64) == 0) {
            note((uint32_t)tarn_blocks_clear(pool));
            out = 0;
        }
    }
    note_pool(pool);
    if (out != 0 && tarn_blocks_put(pool, live[--out]) == TARN_OK) {
        some_write(pool, random, live[out]);
    }
}

int main(int count, char **arguments)
{
    assert(count == 3);
    prng random = prng_make(strtoull(arguments[1], NULL, 10), 1);
    for (unsigned long left = strtoul(arguments[2], NULL, 10); left != 0; left--) {
        memset(memory, (int)prng_below(&random, 256), sizeof memory);
        tarn_blocks *pool = some_pool(&random);
        if (pool != NULL) {
            use_pool(pool, &random);
        }
        printf("%08x\n", (unsigned)sum);
    }
    printf("%zu pools, %zu refused, %zu gets, %zu mistakes\n", made, refused, got, mistakes);
    return 0;
}
