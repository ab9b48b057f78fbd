/* SPDX-License-Identifier: MIT */
/* What the tests of heaps share: six regions, a heap for them, and a check of the whole. */
#ifndef TARN_TESTS_UNIT_REGIONS_H
#define TARN_TESTS_UNIT_REGIONS_H

#include "test.h"

#include "tarn/regions.h"

enum { REGION = 8192, REGIONS = 6 };

static _Alignas(4096) unsigned char memory[REGIONS][REGION];
static _Alignas(8) unsigned char heap_memory[TARN_HEAP_BYTES(REGIONS)];

static inline tarn_heap *make_heap(void)
{
    tarn_heap *heap;
    assert_int_equal(tarn_heap_init(&heap, heap_memory, sizeof heap_memory), TARN_OK);
    assert_ptr_equal(heap, heap_memory);
    return heap;
}

static inline tarn_region_options with_capabilities(uint32_t capabilities)
{
    tarn_region_options options = {0};
    options.capabilities = capabilities;
    return options;
}

static inline void add(tarn_heap *heap, uint32_t index, const tarn_region_options *options)
{
    assert_int_equal(tarn_heap_add(heap, memory[index], REGION, options), TARN_OK);
}

static inline uint32_t region_index(const void *block)
{
    for (uint32_t i = 0; i < REGIONS; i++) {
        if ((uintptr_t)block - (uintptr_t)memory[i] < REGION) {
            return i;
        }
    }
    return REGIONS;
}

static inline void assert_heap_sound(tarn_heap *heap)
{
    tarn_heap_finding finding;
    tarn_status status = tarn_heap_check(heap, NULL, &finding);
    if (status != TARN_OK) {
        fail_msg("rule %u in region %p, offset %llu", finding.finding.rule, finding.memory,
                 (unsigned long long)finding.finding.offset);
    }
}

static inline uint64_t used_bytes(tarn_heap *heap)
{
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    return stats.used;
}

#endif
