/* SPDX-License-Identifier: MIT */
/*
 * The registry: what is listed, what replaces what, and what happens to pools that lie in blocks of others.
 *
 * R1 pools are listed in the order of initialisation, each once; a pool made at a listed start replaces the entry
 * R2 a full registry is no failure: the pool works, is not listed, and an event says so
 * R3 freeing a block that carries pools, and resetting the pool around, first unlists and voids every pool inside
 * R4 nothing is listed that was refused, has ended, or asked not to be
 */
#include "tarn/config.h"
#include "test.h"

enum { BYTES = 16384, SMALL = 256 };

static _Alignas(4096) unsigned char memory[BYTES];
static unsigned char many[TARN_REGISTRY_CAPACITY + 1][SMALL] __attribute__((aligned(16)));
static watch seen;

static int begin(void **state)
{
    (void)state;
    memset(memory, 0, sizeof memory);
    watch_begin(&seen);
    return 0;
}

static int end(void **state)
{
    (void)state;
    watch_end(&seen);
    return 0;
}

static uint32_t listed(uint32_t face)
{
    tarn_registration entry = {0};
    uint32_t count = 0;
    while (tarn_registered(face, count, &entry)) {
        count++;
    }
    return count;
}

static bool is_listed(const void *pool)
{
    tarn_registration entry = {0};
    for (uint32_t i = 0; tarn_registered(TARN_FACE_NATIVE, i, &entry); i++) {
        if (entry.pool == pool) {
            return true;
        }
    }
    return false;
}

static tarn_pool *make_at(void *at, size_t bytes, uint32_t flags)
{
    tarn_pool *pool = NULL;
    tarn_options options = {.flags = flags, .name = "made here"};
    assert_int_equal(tarn_init(&pool, at, bytes, &options), TARN_OK);
    return pool;
}

/* ---- R1, R4 ---- */

static void pools_are_listed_in_order(void **state)
{
    (void)state;
    uint32_t before = listed(TARN_FACE_NATIVE);
    tarn_registration entry = {0};
    tarn_pool *pools[3];
    for (uint32_t i = 0; i < 3; i++) {
        pools[i] = make_at(many[2 - i], SMALL, 0);
    }
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(tarn_registered(TARN_FACE_NATIVE, before + i, &entry));
        assert_true(entry.pool == pools[i] && entry.bytes == SMALL && entry.face == TARN_FACE_NATIVE);
        assert_string_equal(entry.name, "made here");
    }
    assert_false(tarn_registered(TARN_FACE_NATIVE, before + 3, &entry));
    assert_false(tarn_registered(TARN_FACE_NATIVE, 0, NULL));
    assert_false(tarn_registered(TARN_FACE_MYNEWT + 1u, 0, &entry));
    assert_int_equal(tarn_deinit(pools[1]), TARN_OK);
    assert_true(tarn_registered(TARN_FACE_NATIVE, before + 1, &entry) && entry.pool == pools[2]);
    assert_int_equal(tarn_deinit(pools[0]), TARN_OK);
    assert_int_equal(tarn_deinit(pools[2]), TARN_OK);
    assert_int_equal(listed(TARN_FACE_NATIVE), before);
}

static void same_start_replaces_and_other_overlaps_are_allowed(void **state)
{
    (void)state;
    uint32_t before = listed(TARN_FACE_NATIVE);
    tarn_registration entry = {0};
    tarn_pool *first = make_at(memory, BYTES, 0);
    tarn_pool *again = make_at(memory, BYTES / 2, 0);
    assert_ptr_equal(first, again);
    assert_int_equal(listed(TARN_FACE_NATIVE), before + 1);
    assert_true(tarn_registered(TARN_FACE_NATIVE, before, &entry) && entry.bytes == BYTES / 2);
    tarn_pool *overlapping = make_at(memory + BYTES / 4, BYTES / 2, 0);
    assert_int_equal(listed(TARN_FACE_NATIVE), before + 2);
    assert_int_equal(tarn_deinit(overlapping), TARN_OK);
    assert_int_equal(tarn_deinit(again), TARN_OK);
    assert_int_equal(listed(TARN_FACE_NATIVE), before);
}

static void refused_and_unregistered_pools_are_not_listed(void **state)
{
    (void)state;
    tarn_pool *pool = NULL;
    assert_int_equal(tarn_init(&pool, memory, 16, NULL), TARN_E_TOO_SMALL);
    assert_false(is_listed(memory));
    pool = make_at(memory, BYTES, TARN_POOL_UNREGISTERED);
    assert_false(is_listed(memory));
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void adopted_pools_are_listed_with_their_own_size(void **state)
{
    (void)state;
    tarn_registration entry = {0};
    tarn_pool *pool = make_at(memory, 1003, TARN_POOL_UNREGISTERED);
    uint32_t before = listed(TARN_FACE_NATIVE);
    assert_int_equal(tarn_adopt(&pool, memory, BYTES), TARN_OK);
    assert_true(tarn_registered(TARN_FACE_NATIVE, before, &entry));
    assert_true(entry.pool == pool && entry.bytes == 1003 && entry.name == NULL);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- R2 ---- */

static void a_full_registry_is_no_failure(void **state)
{
    (void)state;
    uint32_t others = listed(TARN_FACE_NATIVE) + listed(TARN_FACE_LITEOS) + listed(TARN_FACE_FMEMP);
    uint32_t room = TARN_REGISTRY_CAPACITY - others;
    for (uint32_t i = 0; i < room; i++) {
        (void)make_at(many[i], SMALL, 0);
    }
    assert_int_equal(watch_status(&seen, TARN_EVENT_UNLISTED_INIT), -1);
    tarn_pool *unlisted = make_at(many[room], SMALL, 0);
    assert_int_equal(watch_status(&seen, TARN_EVENT_UNLISTED_INIT), TARN_E_REGISTRY_FULL);
    assert_false(is_listed(unlisted));
    assert_non_null(tarn_alloc(unlisted, 8));
    watch_clear(&seen);
    assert_int_equal(tarn_adopt(&unlisted, many[room], SMALL), TARN_OK);
    assert_int_equal(watch_status(&seen, TARN_EVENT_UNLISTED_INIT), TARN_E_REGISTRY_FULL);
    assert_ptr_equal(make_at(many[0], SMALL, 0), many[0]); /* replacing needs no room */
    assert_true(is_listed(many[0]));
    assert_int_equal(tarn_deinit(unlisted), TARN_OK);
    for (uint32_t i = 0; i < room; i++) {
        assert_int_equal(tarn_deinit((tarn_pool *)(void *)many[i]), TARN_OK);
    }
    printf("%u of %u entries were free\n", (unsigned)room, (unsigned)TARN_REGISTRY_CAPACITY);
}

/* ---- R3 ---- */

static uint32_t state_of(tarn_pool *pool, const void *block)
{
    tarn_block record = {0};
    assert_int_equal(tarn_block_at(pool, block, &record), TARN_OK);
    return record.state;
}

/* Unlisted, voided, told; and the memory is the outer pool's again. */
static void assert_dropped(tarn_pool *inner)
{
    tarn_stats stats = {0};
    bool told = false;
    for (uint32_t i = 0; i < seen.count; i++) {
        told = told || (seen.events[i].kind == TARN_EVENT_UNLIST && seen.events[i].pool == inner);
    }
    assert_true(told);
    assert_false(is_listed(inner));
    assert_int_equal(tarn_stats_get(inner, &stats), TARN_E_NOT_A_POOL);
}

static void freeing_the_block_ends_the_pools_inside(void **state)
{
    (void)state;
    for (size_t at = 0; at <= 40; at += 20) { /* at the block's first byte and inside it */
        tarn_pool *outer = make_at(memory, BYTES, 0);
        unsigned char *block = tarn_alloc(outer, 4096);
        assert_int_equal(state_of(outer, block), TARN_BLOCK_USED);
        tarn_pool *first = make_at(block + at, 1024, 0);
        tarn_pool *second = make_at(block + 2048, 1024, 0);
        assert_int_equal(state_of(outer, block), TARN_BLOCK_CARRIES_POOL);
        assert_sound(outer, "carries pools");
        void *inner_block = tarn_alloc(first, 64);
        assert_int_not_equal(tarn_free(outer, inner_block), TARN_OK);
        watch_clear(&seen);
        assert_int_equal(tarn_free(outer, block), TARN_OK);
        assert_dropped(first);
        assert_dropped(second);
        assert_true(is_listed(outer));
        assert_int_equal(tarn_free(first, inner_block), TARN_E_NOT_A_POOL);
        assert_sound(outer, "carried pools");
        assert_int_equal(tarn_deinit(outer), TARN_OK);
    }
}

static void a_pool_in_no_block_marks_nothing(void **state)
{
    (void)state;
    tarn_pool *outer = make_at(memory, BYTES, 0);
    unsigned char *block = tarn_alloc(outer, 1024);
    unsigned char *next = tarn_alloc(outer, 1024);
    tarn_pool *across = make_at(block + 512, 1024, TARN_POOL_UNREGISTERED); /* damages next's header; not looked at */
    assert_int_equal(state_of(outer, block), TARN_BLOCK_USED);
    assert_int_equal(tarn_deinit(across), TARN_OK);
    assert_int_equal(tarn_reset(outer), TARN_OK);
    block = tarn_alloc(outer, 1024);
    next = tarn_alloc(outer, 1024);
    tarn_pool *wild = make_at(next + 2048, 1024, 0); /* the wilderness */
    assert_int_equal(state_of(outer, block), TARN_BLOCK_USED);
    assert_int_equal(state_of(outer, next), TARN_BLOCK_USED);
    assert_int_equal(tarn_deinit(wild), TARN_OK);
    assert_int_equal(tarn_deinit(outer), TARN_OK);
}

static void resetting_ends_the_pools_inside(void **state)
{
    (void)state;
    tarn_pool *outer = make_at(memory, BYTES, 0);
    tarn_pool *first = make_at(tarn_alloc(outer, 2048), 2048, 0);
    tarn_pool *second = make_at(tarn_alloc(outer, 2048), 2048, 0);
    watch_clear(&seen);
    assert_int_equal(tarn_reset(outer), TARN_OK);
    assert_dropped(first);
    assert_dropped(second);
    assert_true(is_listed(outer));
    assert_non_null(tarn_alloc(outer, 8));
    assert_sound(outer, "reset around pools");
    assert_int_equal(tarn_deinit(outer), TARN_OK);
}

/* Pools in pools in pools: a level ends all levels inside it and none outside. */
static void levels_of_nesting_end_together(void **state)
{
    enum { LEVELS = 5 };
    (void)state;
    for (uint32_t ended = 0; ended + 1u < LEVELS; ended++) {
        tarn_pool *pools[LEVELS];
        void *carrier[LEVELS] = {NULL};
        size_t bytes = BYTES;
        pools[0] = make_at(memory, bytes, 0);
        for (uint32_t i = 1; i < LEVELS; i++) {
            assert_non_null(tarn_alloc(pools[i - 1u], 40));
            bytes = bytes * 3u / 5u;
            carrier[i - 1u] = tarn_alloc(pools[i - 1u], bytes);
            pools[i] = make_at(carrier[i - 1u], bytes, 0);
        }
        for (uint32_t i = 0; i + 1u < LEVELS; i++) {
            assert_int_equal(state_of(pools[i], carrier[i]), TARN_BLOCK_CARRIES_POOL);
        }
        watch_clear(&seen);
        assert_int_equal(tarn_free(pools[ended], carrier[ended]), TARN_OK);
        for (uint32_t i = 0; i < LEVELS; i++) {
            if (i <= ended) {
                assert_sound(pools[i], "levels");
            } else {
                assert_dropped(pools[i]);
            }
        }
        for (uint32_t i = ended + 1u; i-- != 0;) {
            assert_int_equal(tarn_deinit(pools[i]), TARN_OK);
        }
    }
}

/* A pool that ended in time leaves nothing to do. */
static void an_ended_pool_is_only_memory(void **state)
{
    (void)state;
    tarn_pool *outer = make_at(memory, BYTES, 0);
    unsigned char *block = tarn_alloc(outer, 2048);
    tarn_pool *inner = make_at(block, 2048, 0);
    assert_int_equal(tarn_deinit(inner), TARN_OK);
    watch_clear(&seen);
    assert_int_equal(tarn_free(outer, block), TARN_OK);
    assert_int_equal(watch_status(&seen, TARN_EVENT_UNLIST), -1);
    assert_int_equal(tarn_deinit(outer), TARN_OK);
}

/* A block that carries a pool may grow where it is; it is not cut, and refuses to move, into its free left neighbour or
 * elsewhere. When the pool inside has ended, it is a block like any other. */
static void a_carrying_block_stays(void **state)
{
    (void)state;
    tarn_pool *outer = make_at(memory, BYTES, 0);
    unsigned char *left = tarn_alloc(outer, 1024);
    unsigned char *block = tarn_alloc(outer, 2048);
    tarn_pool *inner = make_at(block, 2048, 0);
    assert_int_equal(tarn_free(outer, left), TARN_OK);
    assert_ptr_equal(tarn_realloc(outer, block, 3000), block);
    assert_int_equal(state_of(outer, block), TARN_BLOCK_CARRIES_POOL);
    assert_int_equal(tarn_grow(inner, 2050), TARN_OK);
    assert_true((unsigned char *)tarn_alloc(outer, 1100) > block); /* in the way */
    size_t usable = tarn_usable(outer, block);
    assert_int_equal(tarn_resize(outer, block, 100), TARN_OK);
    assert_ptr_equal(tarn_realloc(outer, block, 100), block);
    assert_int_equal(tarn_usable(outer, block), usable);
    watch_clear(&seen);
    assert_null(tarn_realloc(outer, block, 3500));
    assert_int_equal(watch_status(&seen, TARN_EVENT_FAIL), TARN_E_EXHAUSTED);
    assert_int_equal(watch_status(&seen, TARN_EVENT_UNLIST), -1);
    assert_sound(inner, "carrier resized");
    assert_sound(outer, "carrier resized");
    assert_int_equal(tarn_deinit(inner), TARN_OK);
    assert_int_equal(state_of(outer, block), TARN_BLOCK_USED);
    assert_true((unsigned char *)tarn_realloc(outer, block, 3500) != NULL);
    assert_sound(outer, "carrier moved");
    assert_int_equal(tarn_deinit(outer), TARN_OK);
}

/* Deinit and init at the same start end what lies in the blocks, as free and reset do. */
static void ending_a_pool_ends_the_pools_inside(void **state)
{
    (void)state;
    for (uint32_t again = 0; again < 2; again++) {
        tarn_pool *outer = make_at(memory, BYTES, 0);
        tarn_pool *inner = make_at(tarn_alloc(outer, 2048), 2048, 0);
        watch_clear(&seen);
        if (again != 0) {
            outer = make_at(memory, BYTES, 0);
        } else {
            assert_int_equal(tarn_deinit(outer), TARN_OK);
        }
        assert_dropped(inner);
        assert_int_equal(tarn_deinit(outer), again != 0 ? TARN_OK : TARN_E_NOT_A_POOL);
    }
}

#define test(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(pools_are_listed_in_order),
        test(same_start_replaces_and_other_overlaps_are_allowed),
        test(refused_and_unregistered_pools_are_not_listed),
        test(adopted_pools_are_listed_with_their_own_size),
        test(a_full_registry_is_no_failure),
        test(freeing_the_block_ends_the_pools_inside),
        test(a_pool_in_no_block_marks_nothing),
        test(resetting_ends_the_pools_inside),
        test(levels_of_nesting_end_together),
        test(an_ended_pool_is_only_memory),
        test(a_carrying_block_stays),
        test(ending_a_pool_ends_the_pools_inside),
    };
    if (!has_events() || !has_registry()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
