/* SPDX-License-Identifier: MIT */
/*
 * Blocks of heaps of several regions that grow to the left, or do not, and what lines make of sizes and alignments.
 */
#include "regions.h"
#include "tarn/port.h"

static uint64_t used(tarn_heap *heap)
{
    return used_bytes(heap);
}

/* Three blocks in a row in memory[0], with all other space taken: the middle one is the caller's to grow. */
typedef struct row {
    tarn_heap *heap;
    unsigned char *left;
    unsigned char *middle;
    unsigned char *right;
} row;

enum { EACH = 396 }; /* with its header a multiple of every granule, so that one byte more is one granule more */

static void fill_up(tarn_heap *heap)
{
    size_t largest;
    while ((largest = tarn_heap_largest(heap, NULL)) != 0) {
        assert_non_null(tarn_heap_alloc(heap, largest, NULL));
    }
}

static row make_row(const tarn_region_options *options)
{
    row r;
    r.heap = make_heap();
    add(r.heap, 0, options);
    r.left = tarn_heap_alloc(r.heap, EACH, NULL);
    r.middle = tarn_heap_alloc(r.heap, EACH, NULL);
    r.right = tarn_heap_alloc(r.heap, EACH, NULL);
    fill_up(r.heap);
    assert_true(r.left < r.middle && r.middle < r.right);
    for (uint32_t i = 0; i < EACH; i++) {
        r.middle[i] = (unsigned char)(i * 7u + 1u);
    }
    return r;
}

static void assert_contents(const unsigned char *block)
{
    for (uint32_t i = 0; i < EACH; i++) {
        assert_int_equal(block[i], (unsigned char)(i * 7u + 1u));
    }
}

/* ---- growing to the left ---- */

/* Nowhere else is room: the block takes as much of its left neighbour as it needs, and no more. */
static void a_block_grows_into_its_left_neighbour(void **state)
{
    (void)state;
    static const uint32_t more[] = {1, 64, 200, EACH - 8, EACH};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t e = 0; e < count; e++) {
        for (uint32_t i = 0; i < 5; i++) {
            tarn_region_options options = {0};
            options.pool.engine = engines[e];
            row r = make_row(&options);
            uint64_t before = used(r.heap);
            assert_int_equal(tarn_heap_free(r.heap, r.left), TARN_OK);
            unsigned char *grown = tarn_heap_realloc(r.heap, r.middle, EACH + more[i], NULL);
            assert_true(grown != NULL && grown >= r.left && grown < r.middle);
            assert_contents(grown);
            size_t usable = tarn_heap_usable(r.heap, grown);
            assert_true(usable >= EACH + more[i]);
            memset(grown, 0xEE, usable);
            assert_true(used(r.heap) <= before);
            assert_heap_sound(r.heap);
            assert_int_equal(tarn_heap_free(r.heap, grown), TARN_OK);
            assert_int_equal(tarn_heap_usable(r.heap, r.right) >= EACH, 1);
            assert_heap_sound(r.heap);
        }
    }
}

/* Both neighbours free: from the left what it has, from the right the rest. */
static void a_block_grows_to_both_sides_where_one_is_too_small(void **state)
{
    (void)state;
    row r = make_row(NULL);
    assert_int_equal(tarn_heap_free(r.heap, r.left), TARN_OK);
    assert_int_equal(tarn_heap_free(r.heap, r.right), TARN_OK);
    unsigned char *grown = tarn_heap_realloc(r.heap, r.middle, 3 * EACH, NULL);
    assert_ptr_equal(grown, r.left);
    assert_contents(grown);
    assert_heap_sound(r.heap);
}

/* A used neighbour, one too small, or an alignment that a granule does not give: then only elsewhere, or nowhere. */
static void a_block_does_not_grow_left_where_it_must_not(void **state)
{
    (void)state;
    const tarn_request on64 = {NULL, 0, 0, 64};
    for (uint32_t elsewhere = 0; elsewhere < 2; elsewhere++) {
        for (uint32_t reason = 0; reason < 3; reason++) {
            row r = make_row(NULL);
            size_t size = reason == 1 ? 2 * EACH + 100 : EACH + 100;
            if (reason != 0) {
                assert_int_equal(tarn_heap_free(r.heap, r.left), TARN_OK);
            }
            if (elsewhere != 0) {
                add(r.heap, 1, NULL);
            }
            uint64_t before = used(r.heap);
            unsigned char *grown = tarn_heap_realloc(r.heap, r.middle, size, reason == 2 ? &on64 : NULL);
            if (elsewhere != 0) {
                assert_int_equal(region_index(grown), 1);
                assert_int_equal(reason == 2 ? (uintptr_t)grown % 64 : 0, 0);
                assert_contents(grown);
                assert_true(tarn_heap_recognise(r.heap, r.middle) != TARN_OK);
            } else {
                assert_null(grown);
                assert_contents(r.middle);
                assert_int_equal(used(r.heap), before);
            }
            assert_heap_sound(r.heap);
        }
    }
}

/* The free neighbour is in a region that the request does not allow. */
static void a_block_leaves_a_region_that_does_not_serve(void **state)
{
    (void)state;
    const uint32_t fast[] = {TARN_CAP_FAST};
    const tarn_request request = {fast, 1, 0, 0};
    const tarn_region_options options = with_capabilities(TARN_CAP_FAST);
    row r = make_row(NULL);
    assert_int_equal(tarn_heap_free(r.heap, r.left), TARN_OK);
    assert_null(tarn_heap_realloc(r.heap, r.middle, EACH + 100, &request));
    assert_contents(r.middle);
    add(r.heap, 1, &options);
    unsigned char *moved = tarn_heap_realloc(r.heap, r.middle, EACH + 100, &request);
    assert_int_equal(region_index(moved), 1);
    assert_contents(moved);
    assert_heap_sound(r.heap);
}

/* The owner word travels with the block, and so do the words behind it. */
static void a_block_keeps_its_module_on_the_way_left(void **state)
{
    (void)state;
    tarn_region_options options = {0};
    tarn_leftovers left;
    options.pool.extension_words = 3;
    tarn_heap *heap = make_heap();
    add(heap, 0, &options);
    void *first = tarn_heap_alloc(heap, EACH, NULL);
    void *block = tarn_heap_alloc(heap, EACH, NULL);
    fill_up(heap);
    assert_int_equal(tarn_heap_owner_set(heap, block, TARN_OWNER(9, 1234)), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, first), TARN_OK);
    assert_true((uintptr_t)tarn_heap_realloc(heap, block, EACH + 50, NULL) < (uintptr_t)block);
    assert_int_equal(tarn_heap_remove(heap, memory[0], &left), TARN_E_IN_USE);
    assert_int_equal(left.owner[0], TARN_OWNER(9, tarn_port_task()));
    assert_int_equal(left.owner_blocks[0], 1);
}

/* No region but another is large enough; the contents come along, cut to the new size where it is smaller. */
static void a_block_moves_with_its_bytes_and_no_others(void **state)
{
    (void)state;
    tarn_region_options lined = with_capabilities(TARN_CAP_DMA);
    const uint32_t dma[] = {TARN_CAP_DMA};
    const tarn_request request = {dma, 1, 0, 0};
    lined.line = 64;
    for (size_t size = 8; size <= 2 * EACH; size += 56) {
        row r = make_row(NULL);
        add(r.heap, 1, &lined);
        unsigned char *guard = tarn_heap_alloc(r.heap, 64, &request);
        unsigned char *moved = tarn_heap_realloc(r.heap, r.middle, size, &request);
        unsigned char *behind = tarn_heap_alloc(r.heap, 64, &request);
        assert_true(region_index(guard) == 1 && region_index(moved) == 1 && region_index(behind) == 1);
        for (uint32_t i = 0; i < EACH && i < size; i++) {
            assert_int_equal(moved[i], (unsigned char)(i * 7u + 1u));
        }
        assert_heap_sound(r.heap);
    }
}

/* ---- lines ---- */

static void nothing_asked_for_is_a_line(void **state)
{
    (void)state;
    static const uint32_t lines[] = {16, 64, 1024};
    for (uint32_t i = 0; i < 3; i++) {
        tarn_heap *heap = make_heap();
        tarn_region_options options = {0};
        options.line = lines[i];
        add(heap, 0, &options);
        unsigned char *none = tarn_heap_alloc(heap, 0, NULL);
        unsigned char *zero = tarn_heap_calloc(heap, 0, 7, NULL);
        assert_int_equal(tarn_heap_usable(heap, none), lines[i]);
        assert_int_equal(tarn_heap_usable(heap, zero), lines[i]);
        memset(none, 1, lines[i]);
        memset(zero, 2, lines[i]);
        assert_int_equal(tarn_heap_resize(heap, none, 2u * lines[i]), TARN_E_EXHAUSTED);
        assert_int_equal(tarn_heap_resize(heap, zero, 0), TARN_OK);
        assert_int_equal(tarn_heap_usable(heap, zero), lines[i]);
        assert_ptr_equal(tarn_heap_realloc(heap, zero, 0, NULL), zero);
        assert_heap_sound(heap);
    }
    tarn_heap *heap = make_heap();
    add(heap, 0, NULL);
    assert_true(tarn_heap_usable(heap, tarn_heap_alloc(heap, 0, NULL)) >= 1);
}

/* Lines align every block: one at an alignment up to the line costs what any other does, and may grow left. */
static void an_alignment_up_to_the_line_is_no_request(void **state)
{
    (void)state;
    tarn_region_options options = {0};
    options.line = 64;
    for (size_t alignment = 1; alignment <= 64; alignment *= 2) {
        const tarn_request request = {NULL, 0, 0, alignment};
        row r = make_row(&options);
        assert_int_equal(tarn_heap_free(r.heap, r.left), TARN_OK);
        unsigned char *grown = tarn_heap_realloc(r.heap, r.middle, EACH + 100, &request);
        assert_true(grown != NULL && grown < r.middle);
        assert_int_equal((uintptr_t)grown % 64, 0);
        assert_contents(grown);
        assert_heap_sound(r.heap);
    }
}

/* Sizes around the end of what can be added without wrapping, with lines and without. */
static void sizes_near_the_end_of_the_address_space_are_refused(void **state)
{
    (void)state;
    static const uint32_t lines[] = {0, 16, 4096};
    static _Alignas(4096) unsigned char wide[5 * REGION];
    for (uint32_t i = 0; i < 3; i++) {
        tarn_heap *heap = make_heap();
        tarn_region_options options = {0};
        options.line = lines[i];
        assert_int_equal(tarn_heap_add(heap, wide, sizeof wide, &options), TARN_OK);
        void *block = tarn_heap_alloc(heap, 100, NULL);
        for (size_t less = 0; less <= 3u * 4096u; less += less < 64 ? 1 : 61) {
            assert_null(tarn_heap_alloc(heap, SIZE_MAX - less, NULL));
            assert_int_equal(tarn_heap_resize(heap, block, SIZE_MAX - less), TARN_E_NEVER_FITS);
        }
        assert_heap_sound(heap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_grows_into_its_left_neighbour),
        cmocka_unit_test(a_block_grows_to_both_sides_where_one_is_too_small),
        cmocka_unit_test(a_block_does_not_grow_left_where_it_must_not),
        cmocka_unit_test(a_block_leaves_a_region_that_does_not_serve),
        cmocka_unit_test(a_block_keeps_its_module_on_the_way_left),
        cmocka_unit_test(a_block_moves_with_its_bytes_and_no_others),
        cmocka_unit_test(nothing_asked_for_is_a_line),
        cmocka_unit_test(an_alignment_up_to_the_line_is_no_request),
        cmocka_unit_test(sizes_near_the_end_of_the_address_space_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
