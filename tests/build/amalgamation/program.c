/* SPDX-License-Identifier: MIT */
/*
 * Uses pools of each engine, a heap of regions and block pools through tarn.h alone, and prints what came of it, with a
 * sum of every image's bytes: run_amalgamation.sh compares what it prints with each way to build the library.
 *
 * Valid C and C++.
 */
#include <stdio.h>
#include <string.h>

#include "tarn.h"

enum { BYTES = 65536, LIVE = 96, OPERATIONS = 3000, SHAPES = 12 };

#if defined(__cplusplus)
alignas(4096) static unsigned char memory[BYTES];
#else
static _Alignas(4096) unsigned char memory[BYTES];
#endif

static uint32_t seed = 20261129;

static uint32_t below(uint32_t limit)
{
    seed = seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return (seed >> 8) % limit;
}

/* FNV-1a. */
static uint32_t sum_of(const unsigned char *bytes, size_t count)
{
    uint32_t sum = UINT32_C(2166136261);
    for (size_t i = 0; i < count; i++) {
        sum = (sum ^ bytes[i]) * UINT32_C(16777619);
    }
    return sum;
}

static void one_operation(tarn_pool *pool, void **live, uint32_t *refused)
{
    uint32_t i = below(LIVE), size = 1u + below(below(4) == 0 ? 3000 : 90);
    if (live[i] == NULL) {
        live[i] = below(5) == 0 ? tarn_alloc_aligned(pool, size, (size_t)8 << below(5)) : tarn_alloc(pool, size);
        *refused += live[i] == NULL;
    } else if (below(3) == 0) {
        void *moved = tarn_realloc(pool, live[i], size);
        *refused += moved == NULL;
        live[i] = moved != NULL ? moved : live[i];
    } else {
        *refused += tarn_free(pool, (unsigned char *)live[i] + (below(50) == 0 ? 8 : 0)) != TARN_OK;
        live[i] = tarn_recognise(pool, live[i]) == TARN_OK ? live[i] : NULL;
    }
}

static tarn_options shape(uint32_t engine, uint32_t i)
{
    tarn_options options;
    memset(&options, 0, sizeof options);
    options.engine = engine;
    options.granule = UINT32_C(4) << i % 3u;
    options.recognition = i % 2u == 0 ? TARN_RECOGNISE_KEYED : TARN_RECOGNISE_AUTO;
    options.extension_words = i % 4u == 1u;
    options.modules = i % 4u == 1u ? 4u : 0;
    options.flags = i == 2 ? TARN_POOL_GUARD | TARN_POOL_POISON : i == 4 ? TARN_POOL_BACKUP : TARN_POOL_CURSOR;
    options.quarantine = i == 6 ? 2000 : 0;
    options.park = i == 8 ? 2000 : 0;
    options.slab = i == 10 ? 32 : 0;
    return options;
}

static int use_pool(uint32_t engine, uint32_t i)
{
    tarn_options options = shape(engine, i);
    tarn_pool *pool;
    void *live[LIVE] = {NULL};
    uint32_t refused = 0;
    memset(memory, 0, sizeof memory);
    tarn_status made = tarn_init(&pool, memory, sizeof memory, &options);
    if (made != TARN_OK) {
        return printf("%u.%u: %s\n", engine, i, tarn_status_text(made)) < 0;
    }
    for (uint32_t step = 0; step < OPERATIONS; step++) {
        one_operation(pool, live, &refused);
    }
    tarn_verdict verdict;
    tarn_stats now;
    int failed = tarn_check(pool, NULL) != TARN_OK || tarn_stats_get(pool, &now) != TARN_OK ||
                 tarn_why(pool, 40000, 8, &verdict) != TARN_OK;
    printf("%u.%u: %08x, %u blocks, %u used, %u refused, %s\n", engine, i, sum_of(memory, sizeof memory), now.blocks,
           (unsigned)now.used, refused, tarn_why_text(verdict.verdict));
    return failed | (tarn_deinit(pool) != TARN_OK);
}

/* An overrun, found and told of. */
static int tell_of_damage(void)
{
    tarn_options options = shape(TARN_ENGINE_TLSF, 2);
    tarn_pool *pool;
    tarn_report report;
    tarn_status made = tarn_init(&pool, memory, 4096, &options);
    if (made != TARN_OK) { /* this library was built without */
        return printf("%s\n", tarn_status_text(made)) < 0;
    }
    char *block = (char *)tarn_alloc(pool, 24);
    block[24] = 'x';
    tarn_status status = tarn_free(pool, block);
    int failed = status != TARN_E_DAMAGED || tarn_report_about(pool, block, status, &report) != TARN_OK;
    printf("%s: %s, at %u\n", tarn_status_text(status), tarn_guess_text(report.guess), (unsigned)report.block.offset);
    tarn_deinit(pool);
    return failed;
}

static int use_heap(void)
{
    static TARN_STORAGE(table, TARN_HEAP_BYTES(2));
    tarn_region_options slow;
    tarn_heap *heap;
    memset(&slow, 0, sizeof slow);
    slow.rank = 1;
    slow.line = 64;
    int failed = tarn_heap_init(&heap, table, sizeof table) != TARN_OK ||
                 tarn_heap_add(heap, memory, 4096, NULL) != TARN_OK ||
                 tarn_heap_add(heap, memory + 8192, 16384, &slow) != TARN_OK;
    unsigned served = 0;
    while (tarn_heap_alloc(heap, 200, NULL) != NULL) {
        served++;
    }
    failed |= tarn_heap_check(heap, NULL, NULL) != TARN_OK;
    printf("heap: %u blocks, %08x %08x\n", served, sum_of(memory, 4096), sum_of(memory + 8192, 16384));
    return failed | (tarn_heap_remove(heap, memory, NULL) != TARN_E_IN_USE);
}

static int use_blocks(uint32_t flags)
{
    tarn_blocks_options options;
    tarn_blocks *pool;
    void *block[40];
    memset(&options, 0, sizeof options);
    memset(memory, 0, 4096);
    options.flags = flags;
    if (tarn_blocks_init(&pool, memory, 4096, 56, &options) != TARN_OK) {
        return 1;
    }
    int failed = 0;
    for (uint32_t i = 0; i < 40; i++) {
        block[i] = tarn_blocks_get(pool);
        failed |= block[i] == NULL;
    }
    for (uint32_t i = 0; i < 40; i += 3) {
        failed |= tarn_blocks_put(pool, block[i]) != TARN_OK;
    }
    failed |= tarn_blocks_put(pool, (char *)block[1] + 4) == TARN_OK || tarn_blocks_check(pool, NULL) != TARN_OK;
    printf("blocks %u: %08x\n", flags, sum_of(memory, 4096));
    return failed | (tarn_blocks_deinit(pool) != TARN_OK);
}

int main(void)
{
    int failed = 0;
    printf("tarn %s\n", TARN_VERSION_STRING);
    for (uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        for (uint32_t i = 0; i < SHAPES; i++) {
            failed |= use_pool(engine, i);
        }
    }
    failed |= tell_of_damage();
    failed |= use_heap();
    failed |= use_blocks(0);
    failed |= use_blocks(TARN_BLOCKS_MAP | TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON);
    return failed;
}
