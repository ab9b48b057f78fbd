/* SPDX-License-Identifier: MIT */
/*
 * Requests of a seeded sequence on pools of the shape that a build for plain pools alone has, and what came of each:
 * answers, figures, and a sum over every byte of the pool. Two builds of tarn that print the same do the same.
 *   core_same SEED OPERATIONS ENGINE PARK
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "prng.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"

enum { LARGEST = 400 * 1024, LIVE = 400 };

static _Alignas(4096) unsigned char memory[LARGEST];
static unsigned char *live[LIVE];
static uint32_t sum;

static void note(uint32_t value)
{
    sum = (sum ^ value) * UINT32_C(0x01000193);
}

/* Where in the pool; NULL apart. */
static void note_place(const void *block)
{
    note(block == NULL ? UINT32_MAX : (uint32_t)((const unsigned char *)block - memory));
}

static void note_pool(tarn_pool *pool, size_t bytes)
{
    tarn_stats stats;
    memset(&stats, 0, sizeof stats);
    note((uint32_t)tarn_check(pool, NULL));
    note((uint32_t)tarn_stats_get(pool, &stats));
    for (size_t i = 0; i < sizeof stats; i++) {
        note(((const unsigned char *)&stats)[i]);
    }
    for (size_t i = 0; i < bytes; i++) {
        note(memory[i]);
    }
}

static size_t some_size(prng *random, size_t bytes)
{
    switch (prng_below(random, 16)) {
    case 0:
        return prng_below(random, (uint32_t)bytes * 2u);
    case 1:
    case 2:
    case 3:
        return prng_below(random, 3000);
    case 4:
        return prng_below(random, 2) != 0 ? SIZE_MAX - prng_below(random, 40) : 0;
    default:
        return prng_below(random, 120);
    }
}

static void *some_request(tarn_pool *pool, prng *random, size_t size)
{
    static const size_t alignments[] = {1, 2, 4, 8, 16, 32, 64, 256, 4096, 0, 24, (size_t)1 << 20};
    switch (prng_below(random, 6)) {
    case 0:
        return tarn_alloc_aligned(pool, size, alignments[prng_below(random, 12)]);
    case 1:
        return tarn_calloc(pool, prng_below(random, 4), size);
    default:
        return tarn_alloc(pool, size);
    }
}

/* A pointer that is none, or is given back too often: refused by both builds with the same reason. */
static void some_mistake(tarn_pool *pool, prng *random, size_t bytes)
{
    unsigned char *at = memory + prng_below(random, (uint32_t)bytes + 64u) - 32;
    bool known = false;
    for (uint32_t i = 0; i < LIVE; i++) {
        known = known || live[i] == at;
    }
    if (!known) {
        note((uint32_t)tarn_free(pool, at));
        note((uint32_t)tarn_resize(pool, at, 40));
        note_place(tarn_realloc(pool, at, 40));
    }
}

static void some_operation(tarn_pool *pool, prng *random, size_t bytes)
{
    unsigned char **slot = &live[prng_below(random, LIVE)];
    size_t size = some_size(random, bytes);
    switch (prng_below(random, 12)) {
    case 0:
        some_mistake(pool, random, bytes);
        break;
    case 1:
        if (*slot != NULL) {
            note((uint32_t)tarn_resize(pool, *slot, size));
        }
        break;
    case 2:
    case 3: {
        void *moved = tarn_realloc(pool, *slot, size);
        note_place(moved);
        *slot = moved != NULL ? moved : *slot;
        break;
    }
    case 4: {
        void *moved = tarn_realloc_aligned(pool, *slot, size, (size_t)1 << prng_below(random, 8));
        note_place(moved);
        *slot = moved != NULL ? moved : *slot;
        break;
    }
    default:
        if (*slot != NULL) {
            unsigned char *block = *slot;
            *slot = NULL;
            note((uint32_t)tarn_free(pool, block));
            if (prng_below(random, 8) == 0) {
                note((uint32_t)tarn_free(pool, block));
            }
        } else {
            *slot = some_request(pool, random, size);
            note_place(*slot);
        }
    }
}

static void run(prng *random, uint32_t operations, const tarn_options *options, size_t bytes)
{
    tarn_pool *pool;
    memset(live, 0, sizeof live);
    memset(memory, 0xA5, sizeof memory);
    tarn_status status = tarn_init(&pool, memory, bytes, options);
    note((uint32_t)status);
    note((uint32_t)tarn_overhead(bytes, options));
    if (status != TARN_OK) {
        return;
    }
    for (uint32_t i = 0; i < operations; i++) {
        some_operation(pool, random, bytes);
        if (prng_below(random, operations / 8u + 1u) == 0) {
            note_pool(pool, bytes);
        }
    }
    note_pool(pool, bytes);
    printf("%u bytes, status %d, sum %08x\n", (unsigned)bytes, (int)status, (unsigned)sum);
}

int main(int count, char **arguments)
{
    static const size_t sizes[] = {40, 64, 100, 256, 1000, 4096, 4100, 16384, 65536, 70000, 300000, LARGEST};
    assert(count == 5);
    prng random = prng_make(strtoul(arguments[1], NULL, 0), 0);
    uint32_t operations = (uint32_t)strtoul(arguments[2], NULL, 0);
    tarn_options options;
    memset(&options, 0, sizeof options);
    options.engine = (uint32_t)strtoul(arguments[3], NULL, 0);
    options.park = (uint32_t)strtoul(arguments[4], NULL, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        options.flags = i % 2u == 0 ? 0 : TARN_POOL_UNLOCKED;
        options.key = i % 3u == 0 ? 0 : (uint32_t)i * 77u;
        options.max_bytes = i % 4u == 0 ? sizes[i] * 2u : 0;
        run(&random, operations, &options, sizes[i]);
    }
    return 0;
}
