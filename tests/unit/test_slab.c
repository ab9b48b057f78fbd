/* SPDX-License-Identifier: MIT */
/*
 * The slab (tarn_options.slab): what a program can tell of it, and what it cannot.
 *
 * Pools with a lock and without one, on each engine. Pages are told from walks: they are used blocks.
 */
#include "tarn/account.h"
#include "tarn/report.h"
#include "tarn/why.h"
#include "test.h"

enum { BYTES = 131072, LARGEST = 32, PAGE = 512 };

static _Alignas(4096) unsigned char memory[BYTES];
static _Alignas(4096) unsigned char elsewhere[BYTES + 4096];

typedef void pool_test(const tarn_options *options);

static void on_each(uint32_t words, pool_test *test)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t i = 0; i < 2 * count; i++) {
        tarn_options options = {.engine = engines[i / 2], .slab = LARGEST, .extension_words = words};
        options.flags = i % 2 == 0 ? 0 : TARN_POOL_UNLOCKED;
        if (tarn_overhead(BYTES, &options) != 0) { /* words are built */
            test(&options);
        }
    }
}

static tarn_pool *make(const tarn_options *options)
{
    tarn_pool *pool = NULL;
    assert_int_equal(tarn_init(&pool, memory, BYTES, options), TARN_OK);
    return pool;
}

static void end(tarn_pool *pool)
{
    assert_sound(pool, "at the end");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static tarn_stats stats_of(const tarn_pool *pool)
{
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    return stats;
}

static bool count_page(const tarn_block *block, void *context)
{
    *(uint32_t *)context += block->state == TARN_BLOCK_SLAB ? 1u : 0;
    return true;
}

static uint32_t pages_of(const tarn_pool *pool)
{
    uint32_t pages = 0;
    assert_int_equal(tarn_walk(pool, count_page, &pages), TARN_OK);
    return pages;
}

static bool count_any(const tarn_block *block, void *context)
{
    (void)block;
    ++*(uint32_t *)context;
    return true;
}

static uint32_t objects_of(const tarn_pool *pool)
{
    uint32_t objects = 0;
    assert_int_equal(tarn_slab_walk(pool, count_any, &objects), TARN_OK);
    return objects;
}

static bool keep_record(const tarn_block *block, void *context)
{
    *(tarn_block *)context = *block;
    return block->state != TARN_BLOCK_SLAB;
}

/* ---- pages and figures ---- */

static void counted_by_pages(const tarn_options *options)
{
    tarn_pool *pool = make(options);
    void *objects[64];
    for (uint32_t i = 0; i < 64; i++) {
        objects[i] = tarn_alloc(pool, 1 + i % 8u);
        assert_non_null(objects[i]);
        assert_int_equal(tarn_usable(pool, objects[i]), 8);
    }
    uint32_t pages = pages_of(pool);
    tarn_stats stats = stats_of(pool);
    assert_in_range(pages, 2, 4);
    assert_int_equal(stats.blocks, pages);
    assert_int_equal(stats.used, pages * PAGE);
    assert_int_equal(objects_of(pool), 64);
    for (uint32_t i = 0; i < 64; i++) {
        assert_int_equal(tarn_recognise(pool, objects[i]), TARN_OK);
        assert_int_equal(tarn_free(pool, objects[i]), TARN_OK);
    }
    stats = stats_of(pool);
    assert_int_equal(stats.used, 0);
    assert_int_equal(stats.free_blocks, 1);
    assert_int_equal(objects_of(pool), 0);
    end(pool);
}

static void figures_count_pages(void **state)
{
    (void)state;
    on_each(0, counted_by_pages);
}

static void by_size(const tarn_options *options)
{
    tarn_pool *pool = make(options);
    for (size_t size = 0; size <= LARGEST; size++) {
        void *object = tarn_alloc(pool, size);
        size_t class = size == 0 ? 8 : (size + 7u) / 8u * 8u;
        assert_int_equal(tarn_usable(pool, object), class);
    }
    uint32_t objects = objects_of(pool);
    assert_int_equal(objects, LARGEST + 1);
    assert_non_null(tarn_alloc(pool, LARGEST + 1));
    assert_non_null(tarn_alloc_aligned(pool, 16, 8));
    assert_non_null(tarn_alloc_aligned(pool, 16, 64));
    assert_int_equal(objects_of(pool), objects);
    assert_non_null(tarn_alloc_aligned(pool, 16, 1));
    assert_int_equal(objects_of(pool), objects + 1);
    end(pool);
}

static void sizes_up_to_the_limit_have_classes(void **state)
{
    (void)state;
    on_each(0, by_size);
    on_each(1, by_size);
}

/* ---- pointers ---- */

static void told_apart(const tarn_options *options)
{
    tarn_block page;
    tarn_pool *pool = make(options);
    unsigned char *first = tarn_alloc(pool, 24);
    unsigned char *second = tarn_alloc(pool, 24);
    unsigned char *never = second + 24;
    memset(first, 0xFF, 24);
    memset(second, 0xFF, 24);
    assert_ptr_equal(second, first + 24);
    for (uint32_t i = 1; i < 24; i++) {
        assert_int_not_equal(tarn_free(pool, first + i), TARN_OK);
        assert_int_not_equal(tarn_resize(pool, first + i, 8), TARN_OK);
        assert_null(tarn_realloc(pool, first + i, 100));
    }
    assert_int_equal(tarn_free(pool, first + 4), TARN_E_MISALIGNED);
    assert_int_equal(tarn_free(pool, first + 8), TARN_E_NOT_A_BLOCK);
    assert_int_equal(tarn_free(pool, never), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_walk(pool, keep_record, &page), TARN_OK);
    assert_int_equal(page.state, TARN_BLOCK_SLAB);
    assert_int_equal(tarn_free(pool, memory + page.offset), TARN_E_NOT_A_BLOCK); /* the page itself is nobody's */
    assert_int_equal(tarn_usable(pool, memory + page.offset), 0);
    assert_int_equal(tarn_free(pool, first), TARN_OK);
    assert_int_equal(tarn_free(pool, first), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_resize(pool, first, 8), TARN_E_DOUBLE_FREE);
    assert_null(tarn_realloc(pool, first, 8));
    assert_int_equal(tarn_free(pool, second), TARN_OK);
    (void)stats_of(pool); /* who looks has the page given back */
    assert_int_not_equal(tarn_free(pool, second), TARN_OK);
    assert_int_equal(stats_of(pool).used, 0);
    end(pool);
}

static void objects_are_told_from_every_other_address(void **state)
{
    (void)state;
    on_each(0, told_apart);
    on_each(2, told_apart);
}

static void found_inside(const tarn_options *options)
{
    tarn_block record;
    tarn_pool *pool = make(options);
    unsigned char *object = tarn_alloc(pool, 30);
    assert_int_equal(tarn_block_at(pool, object + 31, &record), TARN_OK);
    assert_int_equal(record.offset, (uint64_t)(object - memory));
    assert_int_equal(record.usable, 32);
    assert_int_equal(record.state, TARN_BLOCK_USED);
    assert_int_equal(tarn_block_at(pool, object + 32, &record), TARN_OK);
    assert_int_equal(record.state, TARN_BLOCK_FREE);
    assert_int_equal(tarn_block_at(pool, object - 8, &record), TARN_OK);
    assert_int_equal(record.state, TARN_BLOCK_SLAB);
    end(pool);
}

static void an_address_in_an_object_finds_it(void **state)
{
    (void)state;
    on_each(0, found_inside);
}

/* ---- sizes that change ---- */

static void resized(const tarn_options *options)
{
    tarn_pool *pool = make(options);
    unsigned char *object = tarn_calloc(pool, 5, 4);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(object[i], 0);
        object[i] = (unsigned char)i;
    }
    assert_int_equal(tarn_resize(pool, object, 24), TARN_OK);
    assert_int_equal(tarn_resize(pool, object, 0), TARN_OK);
    assert_int_equal(tarn_resize(pool, object, 25), TARN_E_EXHAUSTED);
    assert_int_equal(tarn_resize(pool, object, SIZE_MAX), TARN_E_NEVER_FITS);
    assert_ptr_equal(tarn_realloc(pool, object, 3), object);
    assert_null(tarn_realloc(pool, object, BYTES));
    unsigned char *moved = tarn_realloc(pool, object, 30);
    assert_ptr_not_equal(moved, object);
    assert_int_equal(tarn_usable(pool, moved), 32);
    unsigned char *block = tarn_realloc(pool, moved, 1000);
    unsigned char *aligned = tarn_realloc_aligned(pool, tarn_alloc(pool, 20), 20, 256);
    assert_int_equal((uintptr_t)aligned % 256, 0);
    for (uint32_t i = 0; i < 20; i++) {
        assert_int_equal(block[i], i);
    }
    assert_int_equal(objects_of(pool), 0);
    assert_ptr_equal(tarn_realloc(pool, block, 10), block);
    end(pool);
}

static void an_object_stays_within_its_class_and_moves_beyond(void **state)
{
    (void)state;
    on_each(0, resized);
    on_each(1, resized);
}

/* ---- words ---- */

static void owned(const tarn_options *options)
{
    const tarn_purpose purpose = {0, 7, 99};
    tarn_block record;
    tarn_task_use use;
    tarn_pool *pool = make(options);
    void *object = tarn_alloc_for(pool, 10, &purpose);
    void *other = tarn_alloc(pool, 10);
    assert_int_equal(tarn_block_at(pool, object, &record), TARN_OK);
    assert_int_equal(record.owner >> 20, 7);
    assert_int_equal(record.tag, 99);
    assert_int_not_equal(record.site, 0);
    assert_int_equal(tarn_owner_set(pool, object, TARN_OWNER(3, 5)), TARN_OK);
    assert_int_equal(tarn_owner_replace(pool, object, TARN_OWNER(7, 5), 1), TARN_E_ARGUMENT);
    assert_int_equal(tarn_owner_replace(pool, object, TARN_OWNER(3, 5), TARN_OWNER(4, 6)), TARN_OK);
    assert_int_equal(tarn_tag_set(pool, object, 1234), TARN_OK);
    object = tarn_realloc(pool, object, 500);
    assert_int_equal(tarn_block_at(pool, object, &record), TARN_OK);
    assert_int_equal(record.owner >> 20, 4);
    assert_int_equal(record.tag, 1234);
    assert_int_equal(tarn_owner_set(pool, other, TARN_OWNER(1, 77)), TARN_OK);
    assert_int_equal(tarn_task_live(pool, 77, &use), TARN_OK);
    assert_int_equal(use.blocks, 1);
    assert_int_equal(use.live, 16);
    end(pool);
}

static void objects_have_the_words_of_blocks(void **state)
{
    (void)state;
    on_each(4, owned);
}

/* ---- room ---- */

static void exhausted(const tarn_options *options)
{
    tarn_verdict verdict;
    tarn_pool *pool = make(options);
    static void *small[BYTES / 8];
    uint32_t count = 0;
    while ((small[count] = tarn_alloc(pool, 8)) != NULL) {
        count++;
    }
    assert_in_range(count, BYTES / 9, BYTES / 8);
    assert_int_equal(tarn_why(pool, 8, 0, &verdict), TARN_OK);
    assert_int_not_equal(verdict.verdict, TARN_WHY_FITS);
    assert_int_equal(tarn_free(pool, small[100]), TARN_OK);
    assert_int_equal(tarn_why(pool, 8, 0, &verdict), TARN_OK);
    assert_int_equal(verdict.verdict, TARN_WHY_FITS);
    assert_int_equal(tarn_largest(pool), 8);
    assert_null(tarn_alloc(pool, 9));
    assert_non_null(tarn_alloc(pool, 8));
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(tarn_free(pool, small[i]), TARN_OK);
    }
    /* an empty page is kept, and given back for whoever needs the room */
    tarn_stats before = stats_of(pool);
    void *object = tarn_alloc(pool, 8);
    assert_int_equal(tarn_free(pool, object), TARN_OK);
    void *all = tarn_alloc(pool, (size_t)before.largest_request);
    assert_non_null(all);
    assert_int_equal(tarn_free(pool, all), TARN_OK);
    end(pool);
}

static void a_request_that_fits_without_empty_pages_is_served(void **state)
{
    (void)state;
    on_each(0, exhausted);
}

static void larger_classes_serve_last(void **state)
{
    const tarn_options options = {.slab = LARGEST};
    tarn_pool *pool = make(&options);
    void *large = tarn_alloc(pool, 32);
    (void)state;
    while (tarn_alloc(pool, 4000) != NULL) {
    }
    while (tarn_alloc(pool, 40) != NULL) {
    }
    while (tarn_alloc(pool, 16) != NULL && objects_of(pool) < 14) { /* those that the page of 32 has left */
    }
    assert_int_equal(pages_of(pool), 1);
    assert_int_equal(tarn_usable(pool, large), 32);
    end(pool);
}

/* ---- lives of pools ---- */

static void moved_and_reset(const tarn_options *options)
{
    tarn_pool *pool = make(options);
    unsigned char *object = tarn_alloc(pool, 24);
    memset(object, 0x5A, 24);
    for (uint32_t shift = 8; shift <= 2056; shift += 2048) { /* not a multiple of a page's size */
        tarn_pool *moved = NULL;
        memcpy(elsewhere + shift, memory, BYTES);
        assert_int_equal(tarn_adopt(&moved, elsewhere + shift, BYTES), TARN_OK);
        unsigned char *there = elsewhere + shift + (object - memory);
        assert_int_equal(there[23], 0x5A);
        assert_int_equal(tarn_usable(moved, there), 24);
        void *more[100];
        for (uint32_t i = 0; i < 100; i++) {
            more[i] = tarn_alloc(moved, 24);
            assert_non_null(more[i]);
        }
        assert_int_equal(tarn_free(moved, there), TARN_OK);
        assert_int_equal(objects_of(moved), 100);
        assert_int_equal(stats_of(moved).blocks, pages_of(moved));
        assert_sound(moved, "moved");
        assert_int_equal(tarn_deinit(moved), TARN_OK);
    }
    assert_int_equal(tarn_reset(pool), TARN_OK);
    assert_int_equal(pages_of(pool), 0);
    assert_int_not_equal(tarn_free(pool, object), TARN_OK);
    assert_int_equal(stats_of(pool).used, 0);
    assert_non_null(tarn_alloc(pool, 24));
    assert_int_equal(objects_of(pool), 1);
    end(pool);
    assert_int_equal(tarn_free(pool, object), TARN_E_NOT_A_POOL);
}

static void a_slab_moves_and_is_reset_with_its_pool(void **state)
{
    (void)state;
    on_each(0, moved_and_reset);
    on_each(3, moved_and_reset);
}

static void a_pool_grows_past_its_table(void **state)
{
    const tarn_options options = {.slab = LARGEST};
    tarn_pool *pool = NULL;
    (void)state;
    assert_int_equal(tarn_init(&pool, memory, 40000, &options), TARN_OK);
    while (tarn_alloc(pool, 32) != NULL) {
    }
    assert_int_equal(tarn_grow(pool, BYTES / 2), TARN_OK);
    while (tarn_alloc(pool, 32) != NULL) {
        tarn_stats stats = stats_of(pool);
        assert_int_equal(stats.peak, stats.used); /* nothing of pages that have no place */
    }
    assert_true(stats_of(pool).blocks > 450); /* blocks of 40, where pages have no place */
    end(pool);
}

static void a_pool_in_an_object_ends_with_it(void **state)
{
    need_registry();
    const tarn_options options = {.slab = 128};
    const tarn_options linear = {.engine = TARN_ENGINE_LINEAR, .granule = 4};
    tarn_registration entry;
    tarn_pool *inner = NULL;
    (void)state;
    tarn_pool *pool = make(&options);
    void *object = tarn_alloc(pool, 128);
    void *other = tarn_alloc(pool, 128);
    if (tarn_init(&inner, object, 128, &linear) == TARN_OK) {
        assert_null(tarn_realloc(pool, object, 400));
        assert_int_equal(tarn_free(pool, other), TARN_OK);
        assert_non_null(tarn_alloc(inner, 8));
        assert_int_equal(tarn_free(pool, object), TARN_OK);
        assert_null(tarn_alloc(inner, 8));
        for (uint32_t i = 0; tarn_registered(TARN_FACE_NATIVE, i, &entry); i++) {
            assert_ptr_not_equal(entry.pool, inner);
        }
    } else { /* built without that engine */
        assert_int_equal(tarn_free(pool, other), TARN_OK);
        assert_int_equal(tarn_free(pool, object), TARN_OK);
    }
    assert_int_equal(stats_of(pool).used, 0);
    end(pool);
}

/* ---- options ---- */

static void what_a_slab_cannot_be_with_is_refused(void **state)
{
    static const tarn_options refused[] = {
        {.slab = 129},
        {.slab = 32, .extension_words = 1, .modules = 2},
        {.slab = 32, .recognition = TARN_RECOGNISE_EXACT},
        {.slab = 32, .flags = TARN_POOL_GUARD},
        {.slab = 32, .flags = TARN_POOL_POISON},
        {.slab = 32, .flags = TARN_POOL_ZERO_ON_FREE},
        {.slab = 32, .flags = TARN_POOL_BACKUP},
        {.slab = 32, .quarantine = 1000},
        {.slab = 32, .park = 256, .extension_words = 1},
    };
    tarn_pool *pool = NULL;
    (void)state;
    for (uint32_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        tarn_status status = tarn_init(&pool, memory, BYTES, &refused[i]);
        assert_true(status == TARN_E_ARGUMENT || status == TARN_E_UNAVAILABLE);
    }
    tarn_options options = {.slab = TARN_SLAB_DEFAULT};
    assert_int_equal(tarn_overhead(BYTES - 8, &options), tarn_overhead(BYTES - 8, NULL));
    assert_true(tarn_overhead(BYTES, &options) > tarn_overhead(BYTES, NULL));
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    assert_int_equal(tarn_usable(pool, tarn_alloc(pool, 32)), 32);
    assert_int_equal(objects_of(pool), 1);
    end(pool);
}

static bool slab_is_built(void)
{
    const tarn_options options = {.slab = LARGEST};
    return tarn_overhead(BYTES, &options) != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_count_pages),
        cmocka_unit_test(sizes_up_to_the_limit_have_classes),
        cmocka_unit_test(objects_are_told_from_every_other_address),
        cmocka_unit_test(an_address_in_an_object_finds_it),
        cmocka_unit_test(an_object_stays_within_its_class_and_moves_beyond),
        cmocka_unit_test(objects_have_the_words_of_blocks),
        cmocka_unit_test(a_request_that_fits_without_empty_pages_is_served),
        cmocka_unit_test(larger_classes_serve_last),
        cmocka_unit_test(a_slab_moves_and_is_reset_with_its_pool),
        cmocka_unit_test(a_pool_grows_past_its_table),
        cmocka_unit_test(a_pool_in_an_object_ends_with_it),
        cmocka_unit_test(what_a_slab_cannot_be_with_is_refused),
    };
    if (!slab_is_built()) {
        printf("no slab in this build\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
