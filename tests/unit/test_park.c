/* SPDX-License-Identifier: MIT */
/*
 * Parked blocks (tarn_options.park): what a program can tell of them, and what it cannot.
 *
 * Pools with a lock and without one, whose calls take a shorter way, on each engine. That blocks are parked is told from
 * a view of the pool's bytes, which has nothing given back: free blocks that are neighbours and have not merged.
 */
#include "tarn/why.h"
#include "test.h"

enum { BYTES = 32768, PARK = 256, SIZE = 44, TAKES = 48 };

static _Alignas(4096) unsigned char memory[BYTES];
static _Alignas(4096) unsigned char elsewhere[BYTES];

typedef void pool_test(const tarn_options *options);

/* The test on each engine, locked and unlocked. */
static void on_each(uint32_t park, pool_test *test)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t i = 0; i < 2 * count; i++) {
        tarn_options options = {.engine = engines[i / 2], .park = park};
        options.flags = i % 2 == 0 ? 0 : TARN_POOL_UNLOCKED;
        test(&options);
    }
}

static tarn_pool *make(const tarn_options *options)
{
    tarn_pool *pool = NULL;
    assert_int_equal(tarn_init(&pool, memory, BYTES, options), TARN_OK);
    return pool;
}

static tarn_stats stats_of(const tarn_pool *pool)
{
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    return stats;
}

/* Of the bytes as they are, which are sound. */
static tarn_stats viewed(const void *bytes)
{
    tarn_view view;
    tarn_stats stats;
    assert_int_equal(tarn_view_open(&view, bytes, BYTES), TARN_OK);
    assert_int_equal(tarn_view_check(&view, NULL), TARN_OK);
    assert_int_equal(tarn_view_stats(&view, &stats), TARN_OK);
    return stats;
}

/* What both say but how many pieces the free memory is in. */
static void assert_same_figures(const tarn_stats *a, const tarn_stats *b)
{
    assert_int_equal(a->used, b->used);
    assert_int_equal(a->free, b->free);
    assert_int_equal(a->peak, b->peak);
    assert_int_equal(a->blocks, b->blocks);
    assert_int_equal(a->refusals, b->refusals);
}

static bool count_used(const tarn_block *block, void *context)
{
    *(uint64_t *)context += tarn_block_counts(block) ? block->size : 0;
    return true;
}

/* ---- served next, and free to whoever looks ---- */

static void freed_is_next(const tarn_options *options)
{
    tarn_pool *pool = make(options);
    void *first = tarn_alloc(pool, SIZE);
    void *second = tarn_alloc(pool, SIZE);
    void *other = tarn_alloc(pool, SIZE + 8);
    assert_non_null(other);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(tarn_free(pool, first), TARN_OK);
        assert_int_equal(tarn_free(pool, second), TARN_OK);
        assert_int_equal(viewed(memory).free_blocks, 3);
        assert_ptr_equal(tarn_alloc(pool, SIZE - i), second);
        assert_ptr_equal(tarn_alloc_aligned(pool, SIZE, 1), first);
    }
    assert_int_equal(tarn_free(pool, other), TARN_OK);
    assert_ptr_not_equal(tarn_alloc(pool, SIZE), other);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void the_next_request_of_a_size_gets_the_block_freed_last(void **state)
{
    (void)state;
    on_each(PARK, freed_is_next);
}

static void seen_as_free(const tarn_options *options)
{
    uint64_t walked = 0;
    tarn_verdict verdict;
    tarn_pool *pool = make(options);
    void *blocks[4];
    for (uint32_t i = 0; i < 4; i++) {
        blocks[i] = tarn_alloc(pool, SIZE);
    }
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(tarn_free(pool, blocks[i]), TARN_OK);
    }
    tarn_stats before = viewed(memory);
    assert_int_equal(before.free_blocks, 4);
    assert_int_equal(before.used, 48);
    assert_int_equal(before.blocks, 1);
    assert_int_equal(tarn_walk(pool, count_used, &walked), TARN_OK);
    assert_int_equal(walked, 48);
    assert_int_equal(viewed(memory).free_blocks, 2); /* a look has them given back */
    blocks[0] = tarn_alloc(pool, SIZE);
    assert_int_equal(tarn_free(pool, blocks[0]), TARN_OK);
    tarn_stats stats = stats_of(pool);
    assert_same_figures(&stats, &before);
    assert_int_equal(stats.free_blocks, 2);
    blocks[0] = tarn_alloc(pool, SIZE);
    assert_int_equal(tarn_free(pool, blocks[0]), TARN_OK);
    assert_int_equal(tarn_why(pool, 100, 0, &verdict), TARN_OK);
    assert_int_equal(verdict.free, stats.free);
    assert_int_equal(verdict.free_blocks, 2);
    assert_sound(pool, "after looks");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void parked_blocks_are_free_to_whoever_looks(void **state)
{
    (void)state;
    on_each(PARK, seen_as_free);
}

/* ---- given back again ---- */

static void freed_twice(const tarn_options *options)
{
    tarn_pool *pool = make(options);
    void *block = tarn_alloc(pool, SIZE);
    void *behind = tarn_alloc(pool, SIZE);
    assert_non_null(behind);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_int_equal(tarn_free(pool, block), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_resize(pool, block, 8), TARN_E_DOUBLE_FREE);
    assert_null(tarn_realloc(pool, block, 400));
    assert_int_equal(tarn_recognise(pool, block), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_usable(pool, block), 0);
    assert_int_equal(viewed(memory).free_blocks, 2); /* it stays parked */
    assert_int_equal(stats_of(pool).refusals, 3);
    assert_int_equal(tarn_free(pool, block), TARN_E_DOUBLE_FREE);
    assert_sound(pool, "after refusals");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void a_parked_block_given_back_again_is_refused(void **state)
{
    (void)state;
    on_each(PARK, freed_twice);
}

/* ---- no request is refused because blocks are parked ---- */

/* Takes all there is in small blocks, and parks all but those with a number below kept. */
static uint32_t park_all(tarn_pool *pool, void *blocks[], uint32_t kept)
{
    uint32_t count = 0;
    for (void *block = tarn_alloc(pool, SIZE); block != NULL; block = tarn_alloc(pool, SIZE)) {
        blocks[count++] = block;
    }
    for (uint32_t i = kept; i < count; i++) {
        assert_int_equal(tarn_free(pool, blocks[i]), TARN_OK);
    }
    assert_true(viewed(memory).free_blocks >= count - kept);
    return count;
}

static void served_by_what_is_parked(const tarn_options *options)
{
    static void *blocks[BYTES / TAKES];
    for (uint32_t way = 0; way < 6; way++) {
        tarn_pool *pool = make(options);
        uint32_t count = park_all(pool, blocks, 1);
        size_t most = (size_t)(count - 1) * TAKES - 4;
        unsigned char *old = blocks[0];
        unsigned char *block = NULL;
        memset(old, 0x5A, SIZE);
        switch (way) {
        case 0:
            block = tarn_alloc(pool, most);
            break;
        case 1:
            block = tarn_alloc_aligned(pool, most / 2, 4096);
            assert_int_equal((uintptr_t)block % 4096, 0);
            break;
        case 2:
            block = tarn_calloc(pool, 1, most);
            break;
        case 3:
            block = tarn_realloc(pool, old, most);
            break;
        case 4:
            block = tarn_resize(pool, old, most + TAKES) == TARN_OK ? old : NULL;
            break;
        default:
            block = tarn_alloc(pool, SIZE + 8); /* of another size, and small */
        }
        assert_non_null(block);
        for (uint32_t i = 0; i < SIZE; i++) {
            assert_int_equal(way == 3 ? block[i] : old[i], 0x5A);
        }
        assert_int_equal(stats_of(pool).refusals, 1); /* where park_all() found the end */
        assert_sound(pool, "after it was served");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

static void a_request_that_needs_what_is_parked_is_served(void **state)
{
    (void)state;
    on_each(BYTES, served_by_what_is_parked);
}

/* ---- the budget ---- */

static void kept_within_the_budget(const tarn_options *options)
{
    void *blocks[20];
    tarn_pool *pool = make(options);
    for (uint32_t i = 0; i < 20; i++) {
        blocks[i] = tarn_alloc(pool, SIZE);
    }
    assert_non_null(tarn_alloc(pool, 400));
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 20; i++) {
            assert_int_equal(tarn_free(pool, blocks[i]), TARN_OK);
        }
        uint32_t parked = PARK / TAKES;
        tarn_stats stats = viewed(memory);
        assert_int_equal(stats.free_blocks, parked + 2); /* what the others merged to, and the wilderness */
        assert_true(stats.peak <= 20 * TAKES + 404 + 4);
        for (uint32_t i = 0; i < parked; i++) {
            assert_ptr_equal(tarn_alloc(pool, SIZE), blocks[parked - 1 - i]);
        }
        for (uint32_t i = parked; i < 20; i++) {
            assert_non_null(tarn_alloc(pool, SIZE));
        }
        assert_int_equal(stats_of(pool).blocks, 21);
    }
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void no_more_is_parked_of_a_size_than_was_asked_for(void **state)
{
    (void)state;
    on_each(PARK, kept_within_the_budget);
}

static void large_blocks_are_not_parked(void **state)
{
    (void)state;
    tarn_options options = {.park = 4096};
    for (size_t granules = 64; granules <= 65; granules++) {
        tarn_pool *pool = make(&options);
        void *block = tarn_alloc(pool, 8 * granules - 4);
        assert_non_null(tarn_alloc(pool, SIZE));
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_non_null(block = tarn_alloc(pool, SIZE)); /* from the block just freed, unless that is parked */
        tarn_stats stats = viewed(memory);
        assert_int_equal(stats.free_blocks, 2);
        assert_true((stats.peak == 8 * granules + 2 * TAKES) == (granules == 64));
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

/* ---- images ---- */

static void image_moves(const tarn_options *options)
{
    unsigned char *blocks[12];
    tarn_pool *pool = make(options);
    for (uint32_t i = 0; i < 12; i++) {
        blocks[i] = tarn_alloc(pool, SIZE + 8 * (i % 3));
        memset(blocks[i], (int)i, SIZE);
    }
    for (uint32_t i = 0; i < 12; i++) {
        if (i % 4 != 0) {
            assert_int_equal(tarn_free(pool, blocks[i]), TARN_OK);
        }
    }
    memcpy(elsewhere, memory, BYTES);
    tarn_stats seen = viewed(elsewhere);
    assert_int_equal(seen.free_blocks, 10);
    tarn_stats live = stats_of(pool);
    assert_same_figures(&seen, &live);
    tarn_pool *moved = NULL;
    assert_int_equal(tarn_adopt(&moved, elsewhere, BYTES), TARN_OK);
    assert_int_equal(viewed(elsewhere).free_blocks, live.free_blocks); /* its lists were not used */
    assert_sound(moved, "adopted");
    tarn_stats adopted = stats_of(moved);
    assert_same_figures(&adopted, &live);
    assert_int_equal(adopted.free_blocks, live.free_blocks);
    for (uint32_t i = 0; i < 12; i++) {
        unsigned char *block = elsewhere + (blocks[i] - memory);
        if (i % 4 == 0) {
            assert_int_equal(block[SIZE - 1], i);
        }
        assert_int_equal(tarn_free(moved, block) == TARN_OK, i % 4 == 0);
    }
    assert_int_equal(stats_of(moved).used, 0);
    assert_int_equal(tarn_deinit(moved), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void an_image_with_parked_blocks_is_read_and_adopted(void **state)
{
    (void)state;
    on_each(PARK, image_moves);
}

/* ---- what cannot be had together ---- */

static void assert_refused(tarn_options options)
{
    tarn_pool *pool = (tarn_pool *)memory;
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_E_ARGUMENT);
    assert_null(pool);
    assert_int_equal(tarn_overhead(BYTES, &options), 0);
    options.park = 15; /* no block is as small: nothing is parked, and nothing is in the way */
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void pools_whose_blocks_have_more_than_a_header_do_not_park(void **state)
{
    (void)state;
    assert_refused((tarn_options){.park = PARK, .extension_words = 1});
    assert_refused((tarn_options){.park = PARK, .extension_words = 1, .modules = 2});
    assert_refused((tarn_options){.park = PARK, .recognition = TARN_RECOGNISE_EXACT});
    assert_refused((tarn_options){.park = PARK, .flags = TARN_POOL_GUARD});
    assert_refused((tarn_options){.park = PARK, .flags = TARN_POOL_POISON});
    assert_refused((tarn_options){.park = PARK, .flags = TARN_POOL_ZERO_ON_FREE});
    assert_refused((tarn_options){.park = PARK, .flags = TARN_POOL_BACKUP});
    assert_refused((tarn_options){.park = PARK, .quarantine = 1000});
    assert_refused((tarn_options){.park = TARN_PARK_DEFAULT, .extension_words = 3});
    tarn_options with_cursor = {.park = PARK, .flags = TARN_POOL_CURSOR};
    freed_is_next(&with_cursor);
    freed_twice(&with_cursor);
}

/* ---- all ways alike ---- */

enum { SLOTS = 64, STEPS = 6000, WORD_LAYOUT = 4, WORD_SEAL = 44, WORD_WITNESS = 56 };

/* Requests, frees and changes of size by chance; notes where each block lies. */
static void live_through(tarn_pool *pool, uint32_t *places)
{
    unsigned char *slots[SLOTS] = {NULL};
    prng random = prng_make(test_seed(), 1);
    for (uint32_t i = 0; i < STEPS; i++) {
        unsigned char **slot = &slots[prng_below(&random, SLOTS)];
        size_t size = prng_below(&random, prng_below(&random, 8) == 0 ? 2000 : 120);
        uint32_t what = prng_below(&random, 10);
        if (*slot == NULL) {
            *slot = tarn_alloc(pool, size);
        } else if (what < 8) {
            assert_int_equal(tarn_free(pool, *slot), TARN_OK);
            *slot = NULL;
        } else if (what == 8) {
            unsigned char *moved = tarn_realloc(pool, *slot, size);
            *slot = moved != NULL ? moved : *slot;
        } else {
            (void)tarn_resize(pool, *slot, size);
        }
        places[i] = *slot == NULL ? 0 : (uint32_t)(*slot - memory);
    }
}

static void ignore_event(const tarn_event *event, void *context)
{
    (void)event;
    (void)context;
}

static void every_way_of_a_call_does_the_same(void **state)
{
    (void)state;
    static uint32_t wanted[STEPS];
    static uint32_t places[STEPS];
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t i = 0; i < 4 * count; i++) {
        bool watched = (i & 1u) != 0;
        tarn_options options = {.engine = engines[i / 4], .park = PARK, .key = 77};
        options.flags = (i & 2u) != 0 ? TARN_POOL_UNLOCKED : 0;
        memset(memory, 0, BYTES);
        tarn_pool *pool = make(&options);
        if (watched) {
            assert_listening(tarn_events_add(ignore_event, NULL));
        }
        live_through(pool, i % 4 == 0 ? wanted : places);
        assert_true(!watched || tarn_events_remove(ignore_event, NULL) == TARN_OK);
        memset(memory + WORD_LAYOUT, 0, 4);  /* says whether there is a lock, */
        memset(memory + WORD_SEAL, 0, 4);    /* is sealed, */
        memset(memory + WORD_WITNESS, 0, 4); /* and is in a sum */
        if (i % 4 == 0) {
            memcpy(elsewhere, memory, BYTES);
        } else {
            assert_memory_equal(places, wanted, sizeof wanted);
            assert_memory_equal(memory, elsewhere, BYTES);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_next_request_of_a_size_gets_the_block_freed_last),
                                       cmocka_unit_test(parked_blocks_are_free_to_whoever_looks),
                                       cmocka_unit_test(a_parked_block_given_back_again_is_refused),
                                       cmocka_unit_test(a_request_that_needs_what_is_parked_is_served),
                                       cmocka_unit_test(no_more_is_parked_of_a_size_than_was_asked_for),
                                       cmocka_unit_test(large_blocks_are_not_parked),
                                       cmocka_unit_test(an_image_with_parked_blocks_is_read_and_adopted),
                                       cmocka_unit_test(pools_whose_blocks_have_more_than_a_header_do_not_park),
                                       cmocka_unit_test(every_way_of_a_call_does_the_same)};
    tarn_options options = {.park = PARK};
    if (tarn_overhead(BYTES, &options) == 0) {
        printf("built without parked blocks\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
