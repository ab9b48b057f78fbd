/* SPDX-License-Identifier: MIT */
/*
 * Heaps of several regions, function by function: what is accepted and refused, where requests go, what a cache line
 * promises, how a region leaves.
 */
#define _DEFAULT_SOURCE

#include "test.h"

#include <pthread.h>
#include <sys/mman.h>

#include "tarn/events.h"
#include "tarn/port.h"
#include "tarn/regions.h"

enum { REGION = 8192, REGIONS = 6 };

static _Alignas(4096) unsigned char memory[REGIONS][REGION];
static _Alignas(8) unsigned char heap_memory[TARN_HEAP_BYTES(REGIONS)];

static tarn_heap *make_heap(void)
{
    tarn_heap *heap;
    assert_int_equal(tarn_heap_init(&heap, heap_memory, sizeof heap_memory), TARN_OK);
    assert_ptr_equal(heap, heap_memory);
    return heap;
}

static tarn_region_options with_capabilities(uint32_t capabilities)
{
    tarn_region_options options = {0};
    options.capabilities = capabilities;
    return options;
}

static void add(tarn_heap *heap, uint32_t index, const tarn_region_options *options)
{
    assert_int_equal(tarn_heap_add(heap, memory[index], REGION, options), TARN_OK);
}

static uint32_t region_index(const void *block)
{
    for (uint32_t i = 0; i < REGIONS; i++) {
        if ((uintptr_t)block - (uintptr_t)memory[i] < REGION) {
            return i;
        }
    }
    return REGIONS;
}

static void assert_heap_sound(tarn_heap *heap)
{
    tarn_heap_finding finding;
    tarn_status status = tarn_heap_check(heap, NULL, &finding);
    if (status != TARN_OK) {
        fail_msg("rule %u in region %p, offset %llu", finding.finding.rule, finding.memory,
                 (unsigned long long)finding.finding.offset);
    }
}

static uint64_t used_bytes(tarn_heap *heap)
{
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    return stats.used;
}

/* ---- the object ---- */

static void init_refuses_what_cannot_hold_a_heap(void **state)
{
    (void)state;
    tarn_heap *heap = (tarn_heap *)heap_memory;
    assert_int_equal(tarn_heap_init(NULL, heap_memory, sizeof heap_memory), TARN_E_NULL);
    assert_int_equal(tarn_heap_init(&heap, NULL, sizeof heap_memory), TARN_E_NULL);
    assert_null(heap);
    assert_int_equal(tarn_heap_init(&heap, heap_memory + 2, sizeof heap_memory - 2), TARN_E_MISALIGNED);
    assert_int_equal(tarn_heap_init(&heap, heap_memory, TARN_HEAP_BYTES(1) - 1), TARN_E_TOO_SMALL);
    assert_null(heap);
    assert_int_equal(tarn_heap_init(&heap, heap_memory, TARN_HEAP_BYTES(1)), TARN_OK);
}

static void every_call_refuses_what_is_no_heap(void **state)
{
    (void)state;
    static _Alignas(8) unsigned char garbage[TARN_HEAP_BYTES(2)];
    memset(garbage, 0xA5, sizeof garbage);
    tarn_heap *ended = make_heap();
    assert_int_equal(tarn_heap_deinit(ended), TARN_OK);
    tarn_heap *const none[] = {NULL, (tarn_heap *)garbage, (tarn_heap *)(garbage + 1), ended};
    for (uint32_t i = 0; i < 4; i++) {
        tarn_heap *heap = none[i];
        tarn_status status = i == 0 ? TARN_E_NULL : TARN_E_NOT_A_POOL;
        tarn_stats stats;
        tarn_region region;
        assert_int_equal(tarn_heap_deinit(heap), status);
        assert_int_equal(tarn_heap_add(heap, memory[0], REGION, NULL), status);
        assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), status);
        assert_null(tarn_heap_alloc(heap, 8, NULL));
        assert_null(tarn_heap_calloc(heap, 1, 8, NULL));
        assert_null(tarn_heap_realloc(heap, memory[0], 8, NULL));
        assert_int_equal(tarn_heap_resize(heap, memory[0], 8), status);
        assert_int_equal(tarn_heap_free(heap, memory[0]), status);
        assert_int_equal(tarn_heap_recognise(heap, memory[0]), status);
        assert_int_equal(tarn_heap_usable(heap, memory[0]), 0);
        assert_int_equal(tarn_heap_owner_set(heap, memory[0], 1), status);
        assert_false(tarn_heap_region(heap, 0, &region));
        assert_int_equal(tarn_heap_region_of(heap, memory[0], &region), status);
        assert_int_equal(tarn_heap_stats(heap, NULL, &stats), status);
        assert_int_equal(tarn_heap_peak_reset(heap), status);
        assert_int_equal(tarn_heap_largest(heap, NULL), 0);
        assert_int_equal(tarn_heap_check(heap, NULL, NULL), status);
    }
}

static void a_heap_without_regions_serves_nothing(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    assert_null(tarn_heap_alloc(heap, 1, NULL));
    assert_int_equal(tarn_heap_largest(heap, NULL), 0);
    assert_int_equal(used_bytes(heap), 0);
    assert_int_equal(tarn_heap_free(heap, memory[0]), TARN_E_FOREIGN);
    assert_heap_sound(heap);
}

/* ---- adding ---- */

static void add_refuses_overlap_and_leaves_memory_alone(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    add(heap, 1, NULL);
    memset(memory[0], 0x5A, REGION);
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION + 1, NULL), TARN_E_OVERLAP);
    assert_int_equal(memory[0][0], 0x5A);
    assert_int_equal(tarn_heap_add(heap, memory[1], REGION, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(heap, memory[1] + 512, 1024, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(heap, memory[1] + REGION - 8, 1024, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(heap, heap_memory, sizeof heap_memory, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(heap, heap_memory + 16, 64, NULL), TARN_E_OVERLAP);
    add(heap, 0, NULL);
    add(heap, 2, NULL);
    assert_heap_sound(heap);
}

static void add_refuses_illegal_options(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    const uint32_t bad_lines[] = {1, 8, 24, 48, 8192};
    tarn_region_options options = {0};
    for (uint32_t i = 0; i < 5; i++) {
        options.line = bad_lines[i];
        assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    }
    options.line = 16;
    options.pool.extension_words = 4; /* 20 bytes in front of a payload do not fit a line of 16 */
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options = (tarn_region_options){0};
    options.line = 64;
    options.pool.granule = 4;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options = (tarn_region_options){0};
    options.rank = 256;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options = (tarn_region_options){0};
    options.pool.flags = TARN_POOL_UNLOCKED;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options = (tarn_region_options){0};
    options.pool.max_bytes = REGION;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_add(heap, NULL, REGION, NULL), TARN_E_NULL);
    assert_int_equal(tarn_heap_add(heap, memory[0], 16, NULL), TARN_E_TOO_SMALL);
    assert_int_equal(tarn_heap_add(heap, memory[0], SIZE_MAX, NULL), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_add_interface(heap, memory[0], REGION, NULL, TARN_REGIONS_INTERFACE + 1u),
                     TARN_E_INTERFACE);
}

static void the_table_is_as_large_as_its_memory(void **state)
{
    (void)state;
    tarn_heap *heap;
    assert_int_equal(tarn_heap_init(&heap, heap_memory, TARN_HEAP_BYTES(3)), TARN_OK);
    uint32_t added = 0;
    while (added < REGIONS && tarn_heap_add(heap, memory[added], REGION, NULL) == TARN_OK) {
        added++;
    }
    assert_true(added == 3 || added == 4); /* rounding up to 8 may make room for one more */
    assert_int_equal(tarn_heap_add(heap, memory[added], REGION, NULL), TARN_E_REGIONS_FULL);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, memory[added], REGION, NULL), TARN_OK);
    assert_heap_sound(heap);
}

static void a_full_table_writes_nothing_behind_its_memory(void **state)
{
    (void)state;
    static _Alignas(8) unsigned char fenced[TARN_HEAP_BYTES(REGIONS) + 16];
    for (uint32_t regions = 1; regions <= REGIONS; regions++) {
        tarn_heap *heap;
        size_t bytes = TARN_HEAP_BYTES(regions);
        memset(fenced, 0xC3, sizeof fenced);
        assert_int_equal(tarn_heap_init(&heap, fenced, bytes), TARN_OK);
        for (uint32_t i = 0; i < REGIONS; i++) {
            (void)tarn_heap_add(heap, memory[REGIONS - 1u - i], REGION, NULL);
        }
        for (size_t i = bytes; i < sizeof fenced; i++) {
            assert_int_equal(fenced[i], 0xC3);
        }
    }
}

/* ---- where requests go ---- */

static void regions_are_tried_by_rank_then_by_age(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options late = {0};
    late.rank = 9;
    add(heap, 3, &late);
    add(heap, 5, NULL);
    add(heap, 1, NULL);
    const uint32_t order[] = {5, 1, 3};
    for (uint32_t i = 0; i < 3; i++) {
        tarn_region region;
        assert_true(tarn_heap_region(heap, i, &region));
        assert_ptr_equal(region.memory, memory[order[i]]);
        assert_int_equal(region.bytes, REGION);
        for (uint32_t taken = 0; region_index(tarn_heap_alloc(heap, 2000, NULL)) == order[i]; taken++) {
            assert_true(taken < 4);
        }
    }
    tarn_region none;
    assert_false(tarn_heap_region(heap, 3, &none));
    assert_heap_sound(heap);
}

static void preferences_are_tried_in_order_and_fall_back_only_where_listed(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    const tarn_region_options plain = with_capabilities(0);
    const tarn_region_options fast = with_capabilities(TARN_CAP_FAST);
    const tarn_region_options fast_dma = with_capabilities(TARN_CAP_FAST | TARN_CAP_DMA);
    const tarn_region_options own = with_capabilities(TARN_CAP_USER(0) | TARN_CAP_USER(23));
    add(heap, 0, &plain);
    add(heap, 1, &fast);
    add(heap, 2, &fast_dma);
    add(heap, 3, &own);
    const uint32_t dma_only[] = {TARN_CAP_DMA};
    const uint32_t dma_else_fast[] = {TARN_CAP_DMA, TARN_CAP_FAST};
    const uint32_t dma_else_any[] = {TARN_CAP_DMA, 0};
    const uint32_t both[] = {TARN_CAP_FAST | TARN_CAP_DMA};
    const uint32_t external[] = {TARN_CAP_EXTERNAL};
    const uint32_t user[] = {TARN_CAP_USER(23)};
    const tarn_request only = {dma_only, 1, 0, 0};
    const tarn_request else_fast = {dma_else_fast, 2, 0, 0};
    const tarn_request else_any = {dma_else_any, 2, 0, 0};
    assert_int_equal(region_index(tarn_heap_alloc(heap, 5000, &else_any)), 2);
    assert_null(tarn_heap_alloc(heap, 5000, &only));
    assert_int_equal(region_index(tarn_heap_alloc(heap, 5000, &else_fast)), 1);
    assert_null(tarn_heap_alloc(heap, 5000, &else_fast));
    assert_int_equal(region_index(tarn_heap_alloc(heap, 5000, &else_any)), 0);
    assert_int_equal(region_index(tarn_heap_alloc(heap, 100, &(tarn_request){both, 1, 0, 0})), 2);
    assert_int_equal(region_index(tarn_heap_alloc(heap, 100, &(tarn_request){user, 1, 0, 0})), 3);
    assert_null(tarn_heap_alloc(heap, 1, &(tarn_request){external, 1, 0, 0}));
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 3);
    assert_heap_sound(heap);
}

static void alignment_and_bad_requests(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    add(heap, 0, NULL);
    for (size_t alignment = 1; alignment <= 2048; alignment *= 2) {
        void *block = tarn_heap_alloc(heap, 10, &(tarn_request){NULL, 0, 0, alignment});
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % alignment, 0);
    }
    assert_null(tarn_heap_alloc(heap, 10, &(tarn_request){NULL, 0, 0, 3}));
    assert_null(tarn_heap_alloc(heap, 10, &(tarn_request){NULL, 2, 0, 0}));
    assert_null(tarn_heap_alloc(heap, SIZE_MAX, NULL));
    assert_null(tarn_heap_alloc(heap, SIZE_MAX - 100, NULL));
    assert_null(tarn_heap_calloc(heap, SIZE_MAX / 2, 3, NULL));
    unsigned char *zero = tarn_heap_calloc(heap, 10, 10, NULL);
    assert_non_null(zero);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(zero[i], 0);
    }
    assert_heap_sound(heap);
}

static void largest_is_exact_with_and_without_lines(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options dma = with_capabilities(TARN_CAP_DMA);
    const uint32_t masks[] = {TARN_CAP_DMA};
    const tarn_request request = {masks, 1, 0, 0};
    dma.line = 64;
    add(heap, 0, NULL);
    add(heap, 1, &dma);
    for (uint32_t round = 0; round < 8; round++) {
        for (uint32_t lines = 0; lines < 2; lines++) {
            const tarn_request *asked = lines != 0 ? &request : NULL;
            size_t largest = tarn_heap_largest(heap, asked);
            assert_null(tarn_heap_alloc(heap, largest + 1, asked));
            void *block = tarn_heap_alloc(heap, largest, asked);
            assert_non_null(block);
            assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
            assert_non_null(tarn_heap_alloc(heap, 150u * round + 1u, asked));
        }
    }
    assert_heap_sound(heap);
}

/* ---- lines ---- */

/* Every byte of every line that a block owns, written before all other operations on the heap, is still there after. */
static void blocks_own_whole_lines(void **state)
{
    (void)state;
    const uint32_t lines[] = {16, 32, 64, 128, 4096};
    for (uint32_t l = 0; l < 5; l++) {
        for (uint32_t off = 0; off < 64; off += 4) {
            tarn_heap *heap = make_heap();
            tarn_region_options options = {0};
            unsigned char *blocks[40];
            uint32_t count = 0;
            options.line = lines[l];
            options.pool.extension_words = lines[l] == 16 ? 3 : 7;
            size_t bytes = lines[l] == 4096 ? 5u * REGION : REGION;
            assert_int_equal(tarn_heap_add(heap, memory[0] + off, bytes - off, &options), TARN_OK);
            tarn_region region;
            assert_true(tarn_heap_region(heap, 0, &region));
            assert_int_equal(region.line, lines[l]);
            assert_int_equal(region.bytes, bytes - off);
            while (count < 40 && (blocks[count] = tarn_heap_alloc(heap, 1u + 37u * count, NULL)) != NULL) {
                size_t usable = tarn_heap_usable(heap, blocks[count]);
                assert_int_equal((uintptr_t)blocks[count] % lines[l], 0);
                assert_int_equal(usable % lines[l], 0);
                assert_true(usable >= 1u + 37u * count && usable < 1u + 37u * count + lines[l]);
                memset(blocks[count], (int)count + 1, usable);
                count++;
            }
            assert_true(count >= 3);
            for (uint32_t i = 1; i < count; i += 2) {
                assert_int_equal(tarn_heap_free(heap, blocks[i]), TARN_OK);
            }
            for (uint32_t i = 0; i < count; i += 2) {
                size_t usable = tarn_heap_usable(heap, blocks[i]);
                for (size_t b = 0; b < usable; b++) {
                    assert_int_equal(blocks[i][b], i + 1u);
                }
            }
            assert_heap_sound(heap);
        }
    }
}

static void lines_hold_for_resize_realloc_and_alignment(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options options = {0};
    options.line = 32;
    assert_int_equal(tarn_heap_add(heap, memory[0] + 12, REGION - 12, &options), TARN_OK);
    unsigned char *first = tarn_heap_alloc(heap, 100, NULL);
    unsigned char *block = tarn_heap_alloc(heap, 33, NULL);
    memset(block, 7, 64);
    assert_int_equal(tarn_heap_usable(heap, block), 64);
    assert_int_equal(tarn_heap_resize(heap, block, 65), TARN_OK);
    assert_int_equal(tarn_heap_usable(heap, block), 96);
    assert_int_equal(tarn_heap_resize(heap, block, 32), TARN_OK);
    assert_int_equal(tarn_heap_usable(heap, block), 32);
    assert_non_null(tarn_heap_alloc(heap, 1, NULL));
    assert_int_equal(tarn_heap_free(heap, first), TARN_OK);
    unsigned char *left = tarn_heap_realloc(heap, block, 120, NULL); /* into the left neighbour */
    assert_true(left >= first && left < block);
    assert_int_equal((uintptr_t)left % 32, 0);
    assert_int_equal(tarn_heap_usable(heap, left), 128);
    assert_int_equal(left[31], 7);
    for (size_t alignment = 8; alignment <= 1024; alignment *= 2) {
        void *aligned = tarn_heap_alloc(heap, 5, &(tarn_request){NULL, 0, 0, alignment});
        assert_int_equal((uintptr_t)aligned % (alignment > 32 ? alignment : 32), 0);
        assert_int_equal(tarn_heap_usable(heap, aligned), 32);
    }
    assert_int_equal(tarn_heap_resize(heap, left, SIZE_MAX), TARN_E_NEVER_FITS);
    assert_heap_sound(heap);
}

/* ---- blocks ---- */

static void bad_pointers_are_refused_and_counted(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_heap *other;
    static _Alignas(8) unsigned char other_memory[TARN_HEAP_BYTES(1)];
    assert_int_equal(tarn_heap_init(&other, other_memory, sizeof other_memory), TARN_OK);
    add(heap, 0, NULL);
    add(heap, 2, NULL);
    add(other, 1, NULL);
    unsigned char *block = tarn_heap_alloc(heap, 100, NULL);
    void *foreign = tarn_heap_alloc(other, 100, NULL);
    assert_int_equal(tarn_heap_free(heap, NULL), TARN_E_NULL);
    assert_int_equal(tarn_heap_free(heap, foreign), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_free(heap, &heap), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_free(heap, block + 4), TARN_E_MISALIGNED);
    assert_int_equal(tarn_heap_free(heap, block + 8), TARN_E_NOT_A_BLOCK);
    assert_int_equal(tarn_heap_recognise(heap, block), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, block), TARN_E_DOUBLE_FREE);
    assert_null(tarn_heap_realloc(heap, block, 50, NULL));
    assert_int_equal(tarn_heap_resize(heap, block, 50), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_heap_usable(heap, block), 0);
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 7);
    assert_heap_sound(heap);
}

static void realloc_moves_between_regions_where_it_must(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    const tarn_region_options fast = with_capabilities(TARN_CAP_FAST);
    add(heap, 0, &fast);
    assert_int_equal(tarn_heap_add(heap, memory[1], 4u * REGION, NULL), TARN_OK);
    unsigned char *block = tarn_heap_alloc(heap, 4000, NULL);
    assert_int_equal(region_index(block), 0);
    for (uint32_t i = 0; i < 4000; i++) {
        block[i] = (unsigned char)(i * 7u);
    }
    unsigned char *moved = tarn_heap_realloc(heap, block, 20000, NULL);
    assert_int_equal(region_index(moved), 1);
    assert_int_equal(tarn_heap_recognise(heap, block), TARN_E_DOUBLE_FREE);
    const uint32_t masks[] = {TARN_CAP_FAST};
    const tarn_request request = {masks, 1, 0, 0};
    assert_null(tarn_heap_realloc(heap, moved, 20001, &request)); /* the fast region is too small: untouched */
    assert_int_equal(tarn_heap_recognise(heap, moved), TARN_OK);
    unsigned char *back = tarn_heap_realloc(heap, moved, 4000, &request); /* small enough where it is, but not fast */
    assert_int_equal(region_index(back), 0);
    for (uint32_t i = 0; i < 4000; i++) {
        assert_int_equal(back[i], (unsigned char)(i * 7u));
    }
    assert_null(tarn_heap_realloc(heap, back, SIZE_MAX, NULL));
    assert_int_equal(tarn_heap_recognise(heap, back), TARN_OK);
    assert_ptr_equal(tarn_heap_realloc(heap, back, 100, NULL), back);
    assert_int_equal(tarn_heap_free(heap, back), TARN_OK);
    assert_int_equal(used_bytes(heap), 0);
    assert_heap_sound(heap);
}

/* ---- statistics ---- */

/* The peak of the sum, not the sum of peaks: two regions that are full in turn. */
static void the_peak_is_a_moment_that_was(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    const tarn_region_options fast = with_capabilities(TARN_CAP_FAST);
    const tarn_region_options dma = with_capabilities(TARN_CAP_DMA);
    const uint32_t masks[] = {TARN_CAP_FAST, TARN_CAP_DMA};
    add(heap, 0, &fast);
    add(heap, 1, &dma);
    for (uint32_t i = 0; i < 2; i++) {
        void *block = tarn_heap_alloc(heap, 4092, &(tarn_request){&masks[i], 1, 0, 0});
        assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    }
    tarn_stats whole, one;
    assert_int_equal(tarn_heap_stats(heap, NULL, &whole), TARN_OK);
    assert_int_equal(whole.peak, 4096);
    assert_int_equal(whole.used, 0);
    assert_int_equal(whole.bytes, 2 * REGION);
    assert_int_equal(whole.used + whole.free, whole.capacity);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(tarn_heap_stats(heap, memory[i], &one), TARN_OK);
        assert_int_equal(one.peak, 4096);
        assert_int_equal(one.bytes, REGION);
    }
    assert_int_equal(tarn_heap_stats(heap, memory[2], &one), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_peak_reset(heap), TARN_OK);
    assert_int_equal(tarn_heap_stats(heap, NULL, &whole), TARN_OK);
    assert_int_equal(whole.peak, 0);
}

/* ---- leaving ---- */

static void a_region_in_use_stays_and_says_whose(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options owned = {0};
    tarn_leftovers left;
    void *blocks[12];
    owned.pool.extension_words = 1;
    add(heap, 2, &owned);
    add(heap, 0, NULL);
    for (uint32_t i = 0; i < 12; i++) {
        blocks[i] = tarn_heap_alloc(heap, 20, NULL);
        assert_int_equal(tarn_heap_owner_set(heap, blocks[i], TARN_OWNER(i % 3u, 77)), TARN_OK);
    }
    assert_int_equal(tarn_heap_remove(heap, memory[2], &left), TARN_E_IN_USE);
    assert_int_equal(left.blocks, 12);
    assert_int_equal(left.bytes, 12 * 32); /* 20 bytes, header and owner word, on granule 8 */
    assert_int_equal(left.owners, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(left.owner[i], TARN_OWNER(i, 77));
        assert_int_equal(left.owner_blocks[i], 4);
    }
    assert_int_equal(tarn_heap_remove(heap, memory[1], &left), TARN_E_FOREIGN);
    assert_int_equal(left.blocks, 0);
    for (uint32_t i = 0; i < 12; i++) {
        assert_int_equal(tarn_heap_free(heap, blocks[i]), TARN_OK);
    }
    assert_int_equal(tarn_heap_remove(heap, memory[2], &left), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, blocks[0]), TARN_E_FOREIGN);
    void *unowned = tarn_heap_alloc(heap, 20, NULL);
    assert_int_equal(tarn_heap_owner_set(heap, unowned, 1), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_remove(heap, memory[0], &left), TARN_E_IN_USE);
    assert_int_equal(left.blocks, 1);
    assert_int_equal(left.owners, 0);
    assert_heap_sound(heap);
}

static void a_region_leaves_while_others_live(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    for (uint32_t i = 0; i < 3; i++) {
        add(heap, i, NULL);
    }
    void *blocks[3];
    for (uint32_t i = 0; i < 3; i++) {
        blocks[i] = tarn_heap_alloc(heap, 6000, NULL);
        assert_int_equal(region_index(blocks[i]), i);
    }
    assert_int_equal(tarn_heap_free(heap, blocks[1]), TARN_OK);
    assert_int_equal(tarn_heap_remove(heap, memory[1], NULL), TARN_OK);
    memset(memory[1], 0xEE, REGION); /* it is the caller's again */
    assert_null(tarn_heap_alloc(heap, 6000, NULL));
    assert_int_equal(tarn_heap_free(heap, blocks[0]), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, blocks[2]), TARN_OK);
    assert_heap_sound(heap);
    add(heap, 1, NULL);
    assert_heap_sound(heap);
    assert_int_equal(used_bytes(heap), 0);
}

static void a_destroyed_region_is_passed_over_found_and_removable(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    add(heap, 0, NULL);
    add(heap, 1, NULL);
    void *lost = tarn_heap_alloc(heap, 100, NULL);
    memset(memory[0], 0, 64);
    void *block = tarn_heap_alloc(heap, 100, NULL);
    assert_int_equal(region_index(block), 1);
    assert_int_equal(tarn_heap_free(heap, lost), TARN_E_DAMAGED);
    tarn_heap_finding finding;
    assert_int_equal(tarn_heap_check(heap, NULL, &finding), TARN_E_DAMAGED);
    assert_ptr_equal(finding.memory, memory[0]);
    assert_int_equal(finding.finding.rule, TARN_RULE_HEADER);
    assert_int_equal(tarn_heap_check(heap, memory[1], &finding), TARN_OK);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_E_DAMAGED);
    assert_heap_sound(heap);
    assert_int_equal(used_bytes(heap), 104);
}

static void *allocate_and_tell(void *heap)
{
    assert_non_null(tarn_heap_alloc(heap, 20, NULL));
    return (void *)(uintptr_t)tarn_port_task();
}

static void a_block_belongs_to_the_task_that_asked(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options owned = {0};
    tarn_leftovers left;
    pthread_t thread;
    void *task = NULL;
    owned.pool.extension_words = 1;
    add(heap, 0, &owned);
    (void)tarn_port_task(); /* the first tag, 0, is this thread's */
    assert_int_equal(pthread_create(&thread, NULL, allocate_and_tell, heap), 0);
    assert_int_equal(pthread_join(thread, &task), 0);
    assert_true((uintptr_t)task != 0);
    assert_int_equal(tarn_heap_remove(heap, memory[0], &left), TARN_E_IN_USE);
    assert_int_equal(left.owners, 1);
    assert_int_equal(left.owner[0], TARN_OWNER(0, (uintptr_t)task));
}

/* ---- looking ---- */

typedef struct visits {
    tarn_heap *heap;
    uint32_t blocks;
    uint32_t free_blocks;
    uintptr_t last;
    bool freeing;
} visits;

static bool count_visit(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    visits *v = context;
    assert_true((uintptr_t)payload > v->last);
    assert_true((uintptr_t)payload - (uintptr_t)region->memory < region->bytes);
    v->last = (uintptr_t)payload;
    if (block->state == TARN_BLOCK_FREE) {
        v->free_blocks++;
        return true;
    }
    v->blocks++;
    if (v->freeing) {
        assert_int_equal(tarn_heap_free(v->heap, payload), TARN_OK);
    }
    return true;
}

static void a_walk_sees_every_block_and_its_callback_may_free(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region region;
    for (uint32_t i = 0; i < 3; i++) {
        add(heap, 2u - i, NULL);
    }
    uint32_t blocks = 0;
    while (tarn_heap_alloc(heap, 100, NULL) != NULL) {
        blocks++;
    }
    visits v = {heap, 0, 0, 0, false};
    assert_int_equal(tarn_heap_walk(heap, NULL, count_visit, &v), TARN_OK);
    assert_int_equal(v.blocks, blocks);
    visits one = {heap, 0, 0, 0, false};
    assert_int_equal(tarn_heap_walk(heap, memory[1], count_visit, &one), TARN_OK);
    assert_int_equal(one.blocks, blocks / 3);
    assert_int_equal(tarn_heap_walk(heap, memory[3], count_visit, &one), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_walk(heap, NULL, NULL, NULL), TARN_E_NULL);
    assert_int_equal(tarn_heap_region_of(heap, memory[1] + 5000, &region), TARN_OK);
    assert_ptr_equal(region.memory, memory[1]);
    assert_int_equal(tarn_heap_region_of(heap, memory[3], &region), TARN_E_FOREIGN);
    visits freeing = {heap, 0, 0, 0, true};
    assert_int_equal(tarn_heap_walk(heap, NULL, count_visit, &freeing), TARN_OK);
    assert_int_equal(freeing.blocks, blocks);
    assert_int_equal(used_bytes(heap), 0);
    assert_heap_sound(heap);
}

static bool remove_others(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)payload;
    (void)block;
    visits *v = context;
    v->blocks++;
    (void)tarn_heap_remove(v->heap, region->memory, NULL);
    (void)tarn_heap_remove(v->heap, memory[1], NULL);
    return true;
}

static void regions_may_leave_during_a_walk(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    for (uint32_t i = 0; i < 3; i++) {
        add(heap, i, NULL);
    }
    visits v = {heap, 0, 0, 0, false};
    assert_int_equal(tarn_heap_walk(heap, NULL, remove_others, &v), TARN_OK);
    assert_int_equal(v.blocks, 2);
    tarn_region region;
    assert_false(tarn_heap_region(heap, 0, &region));
}

/* ---- events ---- */

typedef struct told {
    uint32_t kinds[16];
    const void *pool;
} told;

static void note_event(const tarn_event *event, void *context)
{
    told *t = context;
    t->kinds[event->kind]++;
    t->pool = event->pool;
}

/* One FAIL for a request that no region served, none for one that the second did. */
static void events_tell_what_became_of_a_request(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    told t = {{0}, NULL};
    add(heap, 0, NULL);
    assert_int_equal(tarn_heap_add(heap, memory[1], 2 * REGION, NULL), TARN_OK);
    assert_int_equal(tarn_events_add(note_event, &t), TARN_OK);
    void *block = tarn_heap_alloc(heap, REGION, NULL);
    assert_int_equal(t.kinds[TARN_EVENT_ALLOC], 1);
    assert_int_equal(t.kinds[TARN_EVENT_FAIL], 0);
    assert_null(tarn_heap_alloc(heap, 4 * REGION, NULL));
    assert_int_equal(t.kinds[TARN_EVENT_FAIL], 1);
    assert_ptr_equal(t.pool, heap);
    assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, block), TARN_E_DOUBLE_FREE);
    assert_int_equal(t.kinds[TARN_EVENT_FREE], 2);
    assert_int_equal(t.kinds[TARN_EVENT_UNDO], 1);
    assert_int_equal(t.kinds[TARN_EVENT_REFUSE], 1);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_OK);
    assert_int_equal(t.kinds[TARN_EVENT_DEINIT], 1);
    assert_int_equal(tarn_events_remove(note_event, &t), TARN_OK);
}

/* ---- anywhere ---- */

/* A static buffer, the stack's side and, if it can be had, the other half of the address space. */
static void regions_lie_anywhere_in_the_address_space(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    void *hints[] = {(void *)(uintptr_t)0x10000000u,
                     (void *)(UINTPTR_MAX / 2u / 4096u * 4096u - (uintptr_t)0x40000000u)};
    void *mapped[2];
    add(heap, 0, NULL);
    for (uint32_t i = 0; i < 2; i++) {
        mapped[i] = mmap(hints[i], 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(mapped[i] != MAP_FAILED);
        assert_int_equal(tarn_heap_add(heap, mapped[i], 65536, NULL), TARN_OK);
    }
    uintptr_t far = (uintptr_t)mapped[0] > (uintptr_t)memory ? (uintptr_t)mapped[0] - (uintptr_t)memory
                                                             : (uintptr_t)memory - (uintptr_t)mapped[0];
    printf("  regions at %p, %p, %p: %#zx apart\n", (void *)memory, mapped[0], mapped[1], (size_t)far);
    void *blocks[3] = {tarn_heap_alloc(heap, 6000, NULL), tarn_heap_alloc(heap, 40000, NULL),
                       tarn_heap_alloc(heap, 40000, NULL)};
    for (uint32_t i = 0; i < 3; i++) {
        tarn_region region;
        assert_non_null(blocks[i]);
        memset(blocks[i], 1, 6000);
        assert_int_equal(tarn_heap_region_of(heap, blocks[i], &region), TARN_OK);
        assert_ptr_equal(region.memory, i == 0 ? (void *)memory[0] : mapped[i - 1u]);
    }
    assert_heap_sound(heap);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(tarn_heap_free(heap, blocks[i]), TARN_OK);
    }
    assert_int_equal(tarn_heap_remove(heap, mapped[0], NULL), TARN_OK);
    assert_int_equal(tarn_heap_remove(heap, mapped[1], NULL), TARN_OK);
    assert_int_equal(munmap(mapped[0], 65536) | munmap(mapped[1], 65536), 0);
    assert_int_equal(tarn_heap_free(heap, blocks[1]), TARN_E_FOREIGN);
    assert_heap_sound(heap);
}

/* ---- headers that tell their width: the private flag cannot be had through the public door ---- */

static void the_private_flag_is_refused(void **state)
{
    (void)state;
    tarn_pool *pool;
    tarn_options options = {0};
    options.flags = UINT32_C(1) << 31;
    assert_int_equal(tarn_init(&pool, memory[0], REGION, &options), TARN_E_ARGUMENT);
    assert_null(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_refuses_what_cannot_hold_a_heap),
        cmocka_unit_test(every_call_refuses_what_is_no_heap),
        cmocka_unit_test(a_heap_without_regions_serves_nothing),
        cmocka_unit_test(add_refuses_overlap_and_leaves_memory_alone),
        cmocka_unit_test(add_refuses_illegal_options),
        cmocka_unit_test(the_table_is_as_large_as_its_memory),
        cmocka_unit_test(a_full_table_writes_nothing_behind_its_memory),
        cmocka_unit_test(regions_are_tried_by_rank_then_by_age),
        cmocka_unit_test(preferences_are_tried_in_order_and_fall_back_only_where_listed),
        cmocka_unit_test(alignment_and_bad_requests),
        cmocka_unit_test(largest_is_exact_with_and_without_lines),
        cmocka_unit_test(blocks_own_whole_lines),
        cmocka_unit_test(lines_hold_for_resize_realloc_and_alignment),
        cmocka_unit_test(bad_pointers_are_refused_and_counted),
        cmocka_unit_test(realloc_moves_between_regions_where_it_must),
        cmocka_unit_test(the_peak_is_a_moment_that_was),
        cmocka_unit_test(a_region_in_use_stays_and_says_whose),
        cmocka_unit_test(a_block_belongs_to_the_task_that_asked),
        cmocka_unit_test(a_region_leaves_while_others_live),
        cmocka_unit_test(a_destroyed_region_is_passed_over_found_and_removable),
        cmocka_unit_test(a_walk_sees_every_block_and_its_callback_may_free),
        cmocka_unit_test(regions_may_leave_during_a_walk),
        cmocka_unit_test(events_tell_what_became_of_a_request),
        cmocka_unit_test(regions_lie_anywhere_in_the_address_space),
        cmocka_unit_test(the_private_flag_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
