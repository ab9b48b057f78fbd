/* SPDX-License-Identifier: MIT */
/*
 * Blocks of heaps of several regions: where requests go, what a cache line promises, what moves, what is counted and
 * told.
 */
#include "regions.h"

#include "tarn/events.h"

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
    assert_listening(tarn_events_add(note_event, &t));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_are_tried_by_rank_then_by_age),
        cmocka_unit_test(preferences_are_tried_in_order_and_fall_back_only_where_listed),
        cmocka_unit_test(alignment_and_bad_requests),
        cmocka_unit_test(largest_is_exact_with_and_without_lines),
        cmocka_unit_test(blocks_own_whole_lines),
        cmocka_unit_test(lines_hold_for_resize_realloc_and_alignment),
        cmocka_unit_test(bad_pointers_are_refused_and_counted),
        cmocka_unit_test(realloc_moves_between_regions_where_it_must),
        cmocka_unit_test(the_peak_is_a_moment_that_was),
        cmocka_unit_test(events_tell_what_became_of_a_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
