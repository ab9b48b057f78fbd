/* SPDX-License-Identifier: MIT */
/*
 * Pools that park, and one wrong word of their control data, or two: no call leaves the pool, which lies in front of a
 * page that faults, or takes a parked block back once more, and no byte of a live block changes. A check says what is
 * wrong, and a repair or a reset puts right what follows from the layout. What parking must not take: blocks that carry
 * a pool, and pools whose headers are too narrow to tell a parked block.
 */
#include "test.h"

enum {
    BYTES = 8192,
    SIZE = 40,
    PARK = 4096,
    FILL = 0x5A,
    WORD_LAYOUT = 1,
    WORD_TOP = 5,
    WORD_CHECK = 12,
    WORD_NONE = 16,
    WORD_HEADS = 18
};

static uint32_t *word(void *memory, uint32_t index)
{
    return (uint32_t *)memory + index;
}

static tarn_pool *make(void *memory, size_t bytes, tarn_options options)
{
    tarn_pool *pool;
    memset(memory, 0, bytes);
    assert_int_equal(tarn_init(&pool, memory, bytes, &options), TARN_OK);
    return pool;
}

static bool is_filled(const unsigned char *block)
{
    uint32_t same = 0;
    while (same < SIZE && block[same] == FILL) {
        same++;
    }
    return same == SIZE;
}

static void a_block_that_carries_a_pool_is_not_parked(void **state)
{
    guarded g = guarded_map(BYTES);
    (void)state;
    for (uint32_t flags = 0; flags <= TARN_POOL_UNLOCKED; flags += TARN_POOL_UNLOCKED) {
        tarn_pool *inner;
        tarn_pool *pool = make(g.bytes, g.size, (tarn_options){.park = PARK, .flags = flags});
        void *block = tarn_alloc(pool, 400);
        assert_int_equal(tarn_init(&inner, block, 400, NULL), TARN_OK);
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_sound(pool, "after the free of a block with a pool");
        assert_non_null(tarn_alloc(pool, 400));
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
    guarded_unmap(&g);
}

static void headers_too_narrow_for_it_are_refused(void **state)
{
    static unsigned char memory[65536];
    tarn_pool *pool;
    tarn_options options = {.park = PARK, .max_bytes = (((size_t)1 << 28) << 1) + 64};
    (void)state;
    assert_int_equal(tarn_init(&pool, memory, sizeof memory, &options), TARN_E_TOO_LARGE);
    options.park = 0;
    options.recognition = TARN_RECOGNISE_KEYED;
    assert_int_equal(tarn_init(&pool, memory, sizeof memory, &options), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* The bit of the layout that names the section, set in pools that have none and are too small for one. */
static void a_section_that_is_not_there_is_not_read(void **state)
{
    static const size_t sizes[] = {64, 128, 192, 256};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    uint32_t tried = 0;
    (void)state;
    for (uint32_t i = 0; i < 8u * count; i++) {
        guarded g = guarded_map(sizes[i % 4u]);
        tarn_options options = {.engine = engines[i / 8u], .flags = i / 4u % 2u != 0 ? TARN_POOL_UNLOCKED : 0};
        tarn_pool *pool;
        memset(g.bytes, 0, g.size);
        if (tarn_init(&pool, g.bytes, g.size, &options) == TARN_OK) {
            *word(g.bytes, WORD_LAYOUT) ^= UINT32_C(1) << 31;
            assert_null(tarn_alloc(pool, 500));
            assert_null(tarn_alloc(pool, 1));
            assert_null(tarn_realloc(pool, g.bytes + 56, 8));
            assert_int_not_equal(tarn_free(pool, g.bytes + 56), TARN_OK);
            assert_int_equal(tarn_check(pool, NULL), TARN_E_DAMAGED);
            *word(g.bytes, WORD_LAYOUT) ^= UINT32_C(1) << 31;
            assert_int_equal(tarn_deinit(pool), TARN_OK);
            tried++;
        }
        guarded_unmap(&g);
    }
    printf("%u small pools with bit 31 of their layout set\n", (unsigned)tried);
    assert_true(tried >= 4);
}

/* What is done to a word of the section. */
static uint32_t damaged(uint32_t value, uint32_t kind)
{
    return kind < 32u ? value ^ UINT32_C(1) << kind : kind == 32u ? 0 : UINT32_MAX;
}

/* Each word that parking goes by, each bit of it, none of them and all. */
static void a_word_of_the_section_misleads_nobody(void **state)
{
    guarded g = guarded_map(BYTES);
    uint32_t tried = 0;
    (void)state;
    for (uint32_t i = 0; i < 2u * 34u * (WORD_NONE - WORD_CHECK); i++) {
        tarn_options options = {.park = PARK, .flags = i % 2u != 0 ? TARN_POOL_UNLOCKED : 0};
        tarn_pool *pool = make(g.bytes, g.size, options);
        unsigned char *live = tarn_alloc(pool, SIZE);
        unsigned char *parked = tarn_alloc(pool, SIZE);
        unsigned char *other = tarn_alloc(pool, SIZE);
        memset(live, FILL, SIZE);
        memset(other, FILL, SIZE);
        assert_int_equal(tarn_free(pool, parked), TARN_OK);
        uint32_t *at = word(g.bytes, WORD_CHECK + i / 2u / 34u);
        uint32_t before = *at;
        *at = damaged(before, i / 2u % 34u);
        if (*at == before) {
            continue;
        }
        assert_int_not_equal(tarn_free(pool, parked), TARN_OK);
        unsigned char *again = tarn_alloc(pool, SIZE);
        assert_true(again == NULL || (again != live && again != other));
        assert_true(again == NULL || tarn_free(pool, again) == TARN_OK);
        assert_int_equal(tarn_check(pool, NULL), TARN_E_DAMAGED);
        assert_int_equal(tarn_repair(pool, NULL), TARN_OK);
        assert_true(is_filled(live) && is_filled(other));
        assert_int_equal(tarn_free(pool, live) | tarn_free(pool, other), TARN_OK);
        assert_int_equal(*at, before);
        *at = damaged(before, i / 2u % 34u);
        assert_int_equal(tarn_reset(pool), TARN_OK);
        assert_sound(pool, "after a reset");
        tried++;
    }
    printf("%u words of the section damaged and put right\n", (unsigned)tried);
    assert_true(guarded_intact(&g));
    guarded_unmap(&g);
}

/* A layout of another granule, a wilderness elsewhere, a first block that is none. */
static void a_word_of_the_header_leads_nowhere(void **state)
{
    guarded g = guarded_map(BYTES);
    (void)state;
    for (uint32_t i = 0; i < 32u * 5u * 2u; i++) {
        uint32_t index = WORD_LAYOUT + i / 64u; /* layout, key, first, end, top */
        tarn_options options = {.park = PARK, .flags = TARN_POOL_UNLOCKED, .granule = i % 2u != 0 ? 4 : 8};
        tarn_pool *pool = make(g.bytes, g.size, options);
        unsigned char *live = tarn_alloc(pool, SIZE);
        unsigned char *parked = tarn_alloc(pool, SIZE);
        memset(live, FILL, SIZE);
        assert_int_equal(tarn_free(pool, parked), TARN_OK);
        *word(g.bytes, index) ^= UINT32_C(1) << i / 2u % 32u;
        unsigned char *got = tarn_alloc(pool, SIZE);
        assert_true(got == NULL || got == parked);
        assert_null(tarn_alloc(pool, 500));
        assert_int_not_equal(tarn_free(pool, NULL), TARN_OK);
        assert_int_not_equal(tarn_free(pool, pool), TARN_OK);
        assert_int_not_equal(tarn_free(pool, g.bytes + BYTES), TARN_OK);
        assert_true(is_filled(live));
        assert_int_not_equal(tarn_check(pool, NULL), TARN_OK);
    }
    assert_true(guarded_intact(&g));
    guarded_unmap(&g);
}

/* A link to the pool's last granule, in a pool with no wilderness. */
static void a_link_to_the_end_is_not_followed(void **state)
{
    guarded g = guarded_map(BYTES);
    (void)state;
    for (uint32_t flags = 0; flags <= TARN_POOL_UNLOCKED; flags += TARN_POOL_UNLOCKED) {
        tarn_pool *pool = make(g.bytes, g.size, (tarn_options){.park = PARK, .granule = 4, .flags = flags});
        uint32_t *first = tarn_alloc(pool, SIZE);
        void *second = tarn_alloc(pool, SIZE);
        for (size_t largest = tarn_largest(pool); largest != 0; largest = tarn_largest(pool)) {
            assert_non_null(tarn_alloc(pool, largest));
        }
        assert_int_equal(tarn_free(pool, first), TARN_OK);
        *first = *word(g.bytes, WORD_TOP) - 1u;
        assert_ptr_equal(tarn_alloc(pool, SIZE), first);
        assert_int_equal(tarn_free(pool, second), TARN_OK);
        assert_null(tarn_alloc(pool, SIZE));
    }
    guarded_unmap(&g);
}

/* A head that a top behind the end would admit. */
static void a_top_behind_the_end_admits_no_head(void **state)
{
    guarded g = guarded_map(BYTES);
    (void)state;
    for (uint32_t flags = 0; flags <= TARN_POOL_UNLOCKED; flags += TARN_POOL_UNLOCKED) {
        tarn_pool *pool = make(g.bytes, g.size, (tarn_options){.park = PARK, .flags = flags});
        assert_int_equal(tarn_free(pool, tarn_alloc(pool, SIZE)), TARN_OK);
        *word(g.bytes, WORD_TOP) = UINT32_MAX;
        *word(g.bytes, WORD_HEADS + (SIZE + 11) / 8 - 2) = BYTES / 8 + 1;
        assert_null(tarn_alloc(pool, SIZE));
        assert_int_equal(tarn_check(pool, NULL), TARN_E_DAMAGED);
    }
    guarded_unmap(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_block_that_carries_a_pool_is_not_parked),
                                       cmocka_unit_test(headers_too_narrow_for_it_are_refused),
                                       cmocka_unit_test(a_section_that_is_not_there_is_not_read),
                                       cmocka_unit_test(a_word_of_the_section_misleads_nobody),
                                       cmocka_unit_test(a_word_of_the_header_leads_nowhere),
                                       cmocka_unit_test(a_link_to_the_end_is_not_followed),
                                       cmocka_unit_test(a_top_behind_the_end_admits_no_head)};
    tarn_options options = {.park = PARK};
    if (tarn_overhead(BYTES, &options) == 0) {
        printf("built without parked blocks\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
