/* SPDX-License-Identifier: MIT */
/*
 * What heaps of several regions count and tell: every call's events in order, with status, pool, block and size, and
 * how often a call that was refused adds to the refusals: once.
 */
#include "regions.h"

#include "tarn/events.h"

/* One event that is due; the pool is the heap unless another is named. */
typedef struct due {
    uint32_t kind;
    tarn_status status;
    const void *block;
    size_t size;
    size_t alignment;
    const void *pool;
} due;

static watch seen;

static uint32_t refusals(tarn_heap *heap)
{
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    return stats.refusals;
}

static void watched(tarn_heap **heap, uint32_t regions)
{
    *heap = make_heap();
    for (uint32_t i = 0; i < regions; i++) {
        add(*heap, i, NULL);
    }
    watch_begin(&seen);
}

/* The events since the last call, no more and no fewer. */
static void assert_told(const tarn_heap *heap, const due *expected, uint32_t count)
{
    for (uint32_t i = 0; i < count && i < seen.count; i++) {
        const tarn_event *event = &seen.events[i];
        const due *e = &expected[i];
        const void *pool = e->pool != NULL ? e->pool : heap;
        if (event->kind != e->kind || event->status != e->status || event->pool != pool || event->block != e->block ||
            event->size != e->size || event->alignment != e->alignment) {
            fail_msg("event %u: kind %u for %u, status %d for %d, pool %p for %p, block %p for %p, size %zu for %zu, "
                     "alignment %zu for %zu",
                     i, event->kind, e->kind, event->status, e->status, (void *)event->pool, pool, event->block,
                     e->block, event->size, e->size, event->alignment, e->alignment);
        }
    }
    assert_int_equal(seen.count, count);
    watch_clear(&seen);
}

#define ASSERT_TOLD(heap, ...)                                           \
    do {                                                                 \
        const due told[] = {__VA_ARGS__};                                \
        assert_told(heap, told, (uint32_t)(sizeof told / sizeof *told)); \
    } while (0)

/* ---- requests ---- */

static void a_request_tells_one_event_whatever_became_of_it(void **state)
{
    (void)state;
    const tarn_request lined = {NULL, 0, 0, 64};
    const tarn_request odd = {NULL, 0, 0, 3};
    tarn_heap *heap;
    watched(&heap, 2);
    void *block = tarn_heap_alloc(heap, 100, &lined);
    ASSERT_TOLD(heap, {TARN_EVENT_ALLOC, TARN_OK, block, 100, 64, NULL});
    size_t all = tarn_heap_largest(heap, NULL);
    void *second = tarn_heap_alloc(heap, all, NULL); /* the first region has no room: that is no event */
    assert_int_equal(region_index(second), 1);
    ASSERT_TOLD(heap, {TARN_EVENT_ALLOC, TARN_OK, second, all, 0, NULL});
    assert_int_equal(refusals(heap), 0);
    assert_null(tarn_heap_alloc(heap, all, &lined));
    ASSERT_TOLD(heap, {TARN_EVENT_FAIL, TARN_E_EXHAUSTED, NULL, all, 64, NULL});
    assert_null(tarn_heap_alloc(heap, SIZE_MAX, NULL));
    ASSERT_TOLD(heap, {TARN_EVENT_FAIL, TARN_E_NEVER_FITS, NULL, SIZE_MAX, 0, NULL});
    assert_null(tarn_heap_alloc(heap, 10, &odd));
    ASSERT_TOLD(heap, {TARN_EVENT_FAIL, TARN_E_ARGUMENT, NULL, 10, 3, NULL});
    assert_null(tarn_heap_calloc(heap, SIZE_MAX / 2u, 3, NULL));
    ASSERT_TOLD(heap, {TARN_EVENT_FAIL, TARN_E_NEVER_FITS, NULL, SIZE_MAX, 0, NULL});
    assert_int_equal(refusals(heap), 4);
    watch_end(&seen);
}

/* A mask that nothing serves is no other request: three masks refused are one refusal, one event. */
static void a_request_of_several_masks_is_refused_once(void **state)
{
    (void)state;
    const uint32_t masks[] = {TARN_CAP_DMA, TARN_CAP_FAST, 0};
    const tarn_request request = {masks, 3, 0, 0};
    tarn_heap *heap;
    watched(&heap, 2);
    assert_null(tarn_heap_alloc(heap, REGION, &request));
    ASSERT_TOLD(heap, {TARN_EVENT_FAIL, TARN_E_NEVER_FITS, NULL, REGION, 0, NULL});
    assert_int_equal(refusals(heap), 1);
    watch_end(&seen);
}

/* Of two reasons the one that may pass is told, and damage before it, in whichever order the regions are asked. */
static void the_reason_told_does_not_depend_on_the_order_of_regions(void **state)
{
    (void)state;
    for (uint32_t order = 0; order < 2; order++) {
        tarn_heap *heap;
        watched(&heap, 0);
        tarn_region_options small = {0};
        small.rank = 1u + 2u * order;
        tarn_region_options full = {0};
        full.rank = 2;
        tarn_region_options broken = {0};
        broken.rank = 4u * order;
        assert_int_equal(tarn_heap_add(heap, memory[0], 1024, &small), TARN_OK);
        add(heap, 1, &full);
        void *block = tarn_heap_alloc(heap, 4000, NULL);
        assert_int_equal(region_index(block), 1);
        watch_clear(&seen);
        assert_null(tarn_heap_alloc(heap, 6000, NULL));
        ASSERT_TOLD(heap, {TARN_EVENT_FAIL, TARN_E_EXHAUSTED, NULL, 6000, 0, NULL});
        add(heap, 2, &broken);
        memset(memory[2], 0, 64);
        watch_clear(&seen);
        assert_null(tarn_heap_alloc(heap, 6000, NULL));
        ASSERT_TOLD(heap, {TARN_EVENT_CORRUPT, TARN_E_DAMAGED, NULL, 6000, 0, memory[2]},
                    {TARN_EVENT_FAIL, TARN_E_DAMAGED, NULL, 6000, 0, NULL});
        watch_end(&seen);
    }
}

static void the_last_damaged_region_passed_over_is_told(void **state)
{
    (void)state;
    tarn_heap *heap;
    watched(&heap, 4);
    memset(memory[0], 0, 64);
    memset(memory[2], 0, 64);
    void *block = tarn_heap_alloc(heap, 100, NULL);
    assert_int_equal(region_index(block), 1);
    ASSERT_TOLD(heap, {TARN_EVENT_CORRUPT, TARN_E_DAMAGED, NULL, 100, 0, memory[0]},
                {TARN_EVENT_ALLOC, TARN_OK, block, 100, 0, NULL});
    size_t all = tarn_heap_largest(heap, NULL);
    void *far = tarn_heap_alloc(heap, all, NULL);
    assert_int_equal(region_index(far), 3);
    ASSERT_TOLD(heap, {TARN_EVENT_CORRUPT, TARN_E_DAMAGED, NULL, all, 0, memory[2]},
                {TARN_EVENT_ALLOC, TARN_OK, far, all, 0, NULL});
    watch_end(&seen);
}

/* ---- giving back ---- */

static void a_free_is_told_before_and_a_refusal_after(void **state)
{
    (void)state;
    tarn_heap *heap;
    watched(&heap, 2);
    unsigned char *block = tarn_heap_alloc(heap, 100, NULL);
    watch_clear(&seen);
    assert_int_equal(tarn_heap_free(heap, NULL), TARN_E_NULL);
    ASSERT_TOLD(heap, {TARN_EVENT_REFUSE, TARN_E_NULL, NULL, 0, 0, NULL});
    assert_int_equal(refusals(heap), 0);
    assert_int_equal(tarn_heap_free(heap, block + 8), TARN_E_NOT_A_BLOCK);
    ASSERT_TOLD(heap, {TARN_EVENT_FREE, TARN_OK, block + 8, 0, 0, NULL},
                {TARN_EVENT_UNDO, TARN_E_NOT_A_BLOCK, block + 8, 0, 0, NULL},
                {TARN_EVENT_REFUSE, TARN_E_NOT_A_BLOCK, block + 8, 0, 0, NULL});
    assert_int_equal(refusals(heap), 1);
    assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    ASSERT_TOLD(heap, {TARN_EVENT_FREE, TARN_OK, block, 0, 0, NULL});
    assert_int_equal(refusals(heap), 1);
    watch_end(&seen);
}

/* The free neighbour that the block would merge with is broken: an invariant, not the caller, is at fault. */
static void a_free_beside_a_broken_block_changes_nothing(void **state)
{
    (void)state;
    tarn_heap *heap;
    watched(&heap, 1);
    unsigned char *beside = tarn_heap_alloc(heap, 100, NULL);
    unsigned char *block = tarn_heap_alloc(heap, 100, NULL);
    assert_int_equal(tarn_heap_free(heap, beside), TARN_OK);
    memset(block - 8, 0x5A, 4); /* the free block's last word, which tells its size */
    watch_clear(&seen);
    assert_int_equal(tarn_heap_free(heap, block), TARN_E_DAMAGED);
    ASSERT_TOLD(heap, {TARN_EVENT_FREE, TARN_OK, block, 0, 0, NULL},
                {TARN_EVENT_UNDO, TARN_E_DAMAGED, block, 0, 0, NULL},
                {TARN_EVENT_CORRUPT, TARN_E_DAMAGED, block, 0, 0, NULL});
    assert_int_equal(refusals(heap), 1);
    assert_int_equal(tarn_heap_recognise(heap, block), TARN_OK);
    watch_end(&seen);
}

/* ---- changing size ---- */

static void a_resize_that_fails_is_undone_and_stays(void **state)
{
    (void)state;
    tarn_heap *heap;
    watched(&heap, 2);
    unsigned char *block = tarn_heap_alloc(heap, 100, NULL);
    assert_non_null(tarn_heap_alloc(heap, 100, NULL));
    watch_clear(&seen);
    assert_int_equal(tarn_heap_resize(heap, block, 50), TARN_OK);
    ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, block, 50, 0, NULL});
    const size_t sizes[] = {200, SIZE_MAX};
    const tarn_status why[] = {TARN_E_EXHAUSTED, TARN_E_NEVER_FITS};
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(tarn_heap_resize(heap, block, sizes[i]), why[i]);
        ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, block, sizes[i], 0, NULL},
                    {TARN_EVENT_UNDO, why[i], block, sizes[i], 0, NULL},
                    {TARN_EVENT_FAIL, why[i], block, sizes[i], 0, NULL});
        assert_int_equal(refusals(heap), i + 1u);
    }
    assert_int_equal(tarn_heap_resize(heap, block + 8, 50), TARN_E_NOT_A_BLOCK);
    ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, block + 8, 50, 0, NULL},
                {TARN_EVENT_UNDO, TARN_E_NOT_A_BLOCK, block + 8, 50, 0, NULL},
                {TARN_EVENT_REFUSE, TARN_E_NOT_A_BLOCK, block + 8, 50, 0, NULL});
    assert_int_equal(refusals(heap), 3);
    watch_end(&seen);
}

/* In place, to the left, elsewhere, nowhere: each undoes what it announced, and only the last is a refusal. */
static void a_realloc_tells_each_step_and_refuses_once(void **state)
{
    (void)state;
    const tarn_request on64 = {NULL, 0, 0, 64};
    tarn_heap *heap;
    watched(&heap, 2);
    unsigned char *left = tarn_heap_alloc(heap, 200, NULL);
    unsigned char *block = tarn_heap_alloc(heap, 200, NULL);
    assert_non_null(tarn_heap_alloc(heap, 200, NULL));
    watch_clear(&seen);
    assert_ptr_equal(tarn_heap_realloc(heap, block, 180, NULL), block);
    ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, block, 180, 0, NULL});

    unsigned char *moved = tarn_heap_realloc(heap, block, 300, &on64);
    ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, block, 300, 64, NULL},
                {TARN_EVENT_UNDO, TARN_E_EXHAUSTED, block, 300, 64, NULL},
                {TARN_EVENT_FREE, TARN_OK, block, 0, 0, NULL}, {TARN_EVENT_UNDO, TARN_E_EXHAUSTED, block, 0, 0, NULL},
                {TARN_EVENT_ALLOC, TARN_OK, moved, 300, 64, NULL}, {TARN_EVENT_FREE, TARN_OK, block, 0, 0, NULL});

    block = tarn_heap_alloc(heap, 200, NULL);
    assert_true(block > left && block < moved);
    assert_int_equal(tarn_heap_free(heap, left), TARN_OK);
    watch_clear(&seen);
    left = tarn_heap_realloc(heap, block, 300, NULL);
    assert_true(left < block);
    ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, block, 300, 0, NULL},
                {TARN_EVENT_UNDO, TARN_E_EXHAUSTED, block, 300, 0, NULL}, {TARN_EVENT_FREE, TARN_OK, block, 0, 0, NULL},
                {TARN_EVENT_ALLOC, TARN_OK, left, 300, 0, NULL});
    assert_int_equal(refusals(heap), 0);

    assert_null(tarn_heap_realloc(heap, left, 9000, NULL));
    ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, left, 9000, 0, NULL},
                {TARN_EVENT_UNDO, TARN_E_NEVER_FITS, left, 9000, 0, NULL}, {TARN_EVENT_FREE, TARN_OK, left, 0, 0, NULL},
                {TARN_EVENT_UNDO, TARN_E_EXHAUSTED, left, 0, 0, NULL},
                {TARN_EVENT_FAIL, TARN_E_NEVER_FITS, NULL, 9000, 0, NULL});
    assert_int_equal(refusals(heap), 1);
    assert_int_equal(tarn_heap_recognise(heap, left), TARN_OK);
    assert_heap_sound(heap);
    watch_end(&seen);
}

static void a_realloc_of_what_cannot_be_is_undone_and_refused(void **state)
{
    (void)state;
    const tarn_request odd = {NULL, 0, 0, 3};
    tarn_heap *heap;
    watched(&heap, 1);
    unsigned char *block = tarn_heap_alloc(heap, 100, NULL);
    watch_clear(&seen);
    assert_null(tarn_heap_realloc(heap, block + 8, 50, NULL));
    ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, block + 8, 50, 0, NULL},
                {TARN_EVENT_UNDO, TARN_E_NOT_A_BLOCK, block + 8, 50, 0, NULL},
                {TARN_EVENT_REFUSE, TARN_E_NOT_A_BLOCK, block + 8, 50, 0, NULL});
    assert_int_equal(refusals(heap), 1);
    assert_null(tarn_heap_realloc(heap, block, 50, &odd));
    ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, block, 50, 3, NULL},
                {TARN_EVENT_UNDO, TARN_E_ARGUMENT, block, 50, 3, NULL},
                {TARN_EVENT_FAIL, TARN_E_ARGUMENT, block, 50, 0, NULL});
    assert_int_equal(refusals(heap), 2);
    memset(memory[0], 0, 64);
    assert_null(tarn_heap_realloc(heap, block, 50, NULL));
    ASSERT_TOLD(heap, {TARN_EVENT_RESIZE, TARN_OK, block, 50, 0, NULL},
                {TARN_EVENT_UNDO, TARN_E_DAMAGED, block, 50, 0, NULL},
                {TARN_EVENT_CORRUPT, TARN_E_DAMAGED, block, 50, 0, NULL});
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_E_DAMAGED);
    assert_int_equal(refusals(heap), 3);
    watch_end(&seen);
}

/* ---- regions ---- */

/* A pool begins and ends with its region: events name it, not the heap. What was destroyed ends unannounced. */
static void regions_tell_that_they_come_and_leave(void **state)
{
    (void)state;
    tarn_heap *heap;
    watched(&heap, 0);
    add(heap, 0, NULL);
    ASSERT_TOLD(heap, {TARN_EVENT_INIT, TARN_OK, NULL, REGION, 0, memory[0]});
    add(heap, 1, NULL);
    void *block = tarn_heap_alloc(heap, 100, NULL);
    watch_clear(&seen);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_E_IN_USE);
    assert_int_equal(tarn_heap_remove(heap, memory[2], NULL), TARN_E_FOREIGN);
    assert_int_equal(seen.count, 0);
    assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    watch_clear(&seen);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_OK);
    ASSERT_TOLD(heap, {TARN_EVENT_DEINIT, TARN_OK, NULL, 0, 0, memory[0]});
    memset(memory[1], 0, 64);
    assert_int_equal(tarn_heap_remove(heap, memory[1], NULL), TARN_E_DAMAGED);
    assert_int_equal(seen.count, 0);
    watch_end(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_tells_one_event_whatever_became_of_it),
        cmocka_unit_test(a_request_of_several_masks_is_refused_once),
        cmocka_unit_test(the_reason_told_does_not_depend_on_the_order_of_regions),
        cmocka_unit_test(the_last_damaged_region_passed_over_is_told),
        cmocka_unit_test(a_free_is_told_before_and_a_refusal_after),
        cmocka_unit_test(a_free_beside_a_broken_block_changes_nothing),
        cmocka_unit_test(a_resize_that_fails_is_undone_and_stays),
        cmocka_unit_test(a_realloc_tells_each_step_and_refuses_once),
        cmocka_unit_test(a_realloc_of_what_cannot_be_is_undone_and_refused),
        cmocka_unit_test(regions_tell_that_they_come_and_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
