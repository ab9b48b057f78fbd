/* SPDX-License-Identifier: MIT */
/*
 * Policies: what a pool does about damage that a call meets; to its own data: test_policy_metadata.c.
 *
 * PT1 a broken guard or tail, at free: STOP and REPAIR refuse and change nothing, CONTINUE serves, ISOLATE takes the
 *     block from everybody, CLOSE refuses this call and every later one until the pool is sound and opened again
 * PT2 a broken fill, at a request: STOP refuses it, CONTINUE hands the block out, ISOLATE serves another one
 * PT4 each time CORRUPT is told once, without a lock, while a report can still see what is broken
 */
#include "policy.h"

/* ---- PT1 ---- */

static void free_broken(uint32_t engine, uint32_t policy, uint32_t flags, uint32_t place)
{
    tarn_pool *pool = make(engine, policy, flags, 2);
    unsigned char *before = tarn_alloc(pool, SIZE);
    unsigned char *at = tarn_alloc(pool, SIZE);
    unsigned char *after = tarn_alloc(pool, SIZE);
    assert_true(before != NULL && after != NULL);
    watch_clear(&seen);
    at[SIZE + place] ^= 0x10;
    bool frees = policy == TARN_POLICY_CONTINUE;
    assert_int_equal(tarn_free(pool, at), frees ? TARN_OK : TARN_E_DAMAGED);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_true(told_rule == TARN_RULE_GUARD || told_rule == TARN_RULE_TAIL);
    assert_int_equal(told(TARN_EVENT_UNDO), frees || policy == TARN_POLICY_ISOLATE ? 0 : 1);
    if (policy == TARN_POLICY_CLOSE) {
        is_closed(pool, after);
    }
    assert_int_equal(stats_of(pool).refusals, frees ? 0 : 1);
    assert_int_equal(stats_of(pool).blocks, frees ? 2 : 3);
    if (policy == TARN_POLICY_ISOLATE) {
        assert_int_equal(state_at(pool, at), TARN_BLOCK_HELD_BACK);
        assert_int_equal(tarn_free(pool, at), TARN_E_DOUBLE_FREE);
    } else if (!frees) {
        assert_int_equal(tarn_check(pool, NULL), TARN_E_DAMAGED);
        at[SIZE + place] ^= 0x10;
        assert_int_equal(tarn_reopen(pool, NULL), TARN_OK);
        assert_int_equal(stats_of(pool).closed, 0);
        assert_int_equal(tarn_free(pool, at), TARN_OK);
    }
    assert_sound(pool, "dealt with");
    assert_int_equal(tarn_free(pool, before), TARN_OK);
    assert_int_equal(tarn_free(pool, after), TARN_OK);
    assert_sound(pool, "emptied");
    calls++;
}

static void test_a_broken_guard_at_free(void **state)
{
    static const uint32_t flags[] = {TARN_POOL_GUARD, TARN_POOL_GUARD | TARN_POOL_POISON};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
            for (uint32_t place = 0; place < 8; place++) { /* 43 bytes: slack, then the tail */
                free_broken(engines[i], policy, flags[place % 2u], place);
            }
        }
    }
    printf("  %u frees of blocks written past, and calls on pools closed by them\n", (unsigned)calls);
}

static void test_a_broken_guard_at_a_change_of_size(void **state)
{
    (void)state;
    for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
        for (uint32_t size = 1; size < 700; size += 233) {
            tarn_pool *pool = make(TARN_ENGINE_DEFAULT, policy, TARN_POOL_GUARD, 0);
            unsigned char *at = tarn_alloc(pool, SIZE);
            unsigned char *next = tarn_alloc(pool, SIZE);
            assert_non_null(next);
            memset(at, 0x31, SIZE);
            at[SIZE] = 0x31;
            unsigned char *now = size % 2u != 0                           ? tarn_realloc(pool, at, size)
                                 : tarn_resize(pool, at, size) == TARN_OK ? at
                                                                          : NULL;
            bool serves = policy == TARN_POLICY_CONTINUE && !(size % 2u == 0 && size > SIZE);
            assert_true((now != NULL) == serves);
            assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
            for (uint32_t i = 0; serves && i < size && i < SIZE; i++) {
                assert_int_equal(now[i], 0x31);
            }
            if (serves) {
                assert_sound(pool, "resized");
                assert_int_equal(tarn_usable(pool, now), size);
                assert_int_equal(stats_of(pool).refusals, 0);
            }
        }
    }
}

/* A tail that no longer proves itself, met by a change of owner or tag; asking finds it too and does nothing. */
static void change_of_broken(uint32_t policy, bool tags)
{
    enum { TAIL_END = 51 }; /* of 72 bytes, 20 in front: 43, slack, and the word whose last byte that is */
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, policy, TARN_POOL_GUARD, 4);
    unsigned char *at = tarn_alloc(pool, SIZE);
    unsigned char *other = tarn_alloc(pool, SIZE);
    assert_true(at != NULL && other != NULL);
    at[TAIL_END] ^= 0x10;
    watch_clear(&seen);
    assert_int_equal(tarn_recognise(pool, at), TARN_E_DAMAGED);
    assert_int_equal(tarn_owner_set(pool, at + 8, 1), TARN_E_NOT_A_BLOCK);
    assert_int_equal(seen.count, 0);
    assert_int_equal(stats_of(pool).closed, 0);
    bool serves = policy == TARN_POLICY_CONTINUE;
    tarn_status status = tags ? tarn_tag_set(pool, at, 5) : tarn_owner_set(pool, at, TARN_OWNER(2, 5));
    assert_int_equal(status, serves ? TARN_OK : TARN_E_DAMAGED);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_int_equal(seen.count, 1);
    assert_int_equal(told_rule, TARN_RULE_TAIL);
    assert_int_equal(stats_of(pool).refusals, serves ? 0 : 1);
    if (policy == TARN_POLICY_CLOSE) {
        is_closed(pool, other);
    } else {
        assert_int_equal(tarn_owner_set(pool, other, TARN_OWNER(2, 5)), TARN_OK);
    }
    assert_int_equal(tarn_check(pool, NULL), serves ? TARN_OK : TARN_E_DAMAGED);
}

static void change_of_broken_in_heap(bool tags)
{
    static _Alignas(16) unsigned char table[TARN_HEAP_BYTES(1)];
    enum { TAIL_END = 51 };
    tarn_heap *heap;
    tarn_region_options options = {
        .pool = {.flags = TARN_POOL_GUARD, .policy = TARN_POLICY_CLOSE, .extension_words = 4}};
    memset(memory, 0, BYTES);
    assert_int_equal(tarn_heap_init(&heap, table, sizeof table), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, memory, BYTES, &options), TARN_OK);
    unsigned char *at = tarn_heap_alloc(heap, SIZE, NULL);
    assert_non_null(at);
    at[TAIL_END] ^= 0x10;
    watch_clear(&seen);
    assert_int_equal(tarn_heap_recognise(heap, at), TARN_E_DAMAGED);
    assert_int_equal(seen.count, 0);
    tarn_status status = tags ? tarn_heap_tag_set(heap, at, 5) : tarn_heap_owner_set(heap, at, 5);
    assert_int_equal(status, TARN_E_DAMAGED);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, memory, &stats), TARN_OK);
    assert_int_equal(stats.closed, 1);
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 1);
    assert_int_equal(tarn_heap_owner_set(heap, at, 5), TARN_E_CLOSED);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

static void test_a_broken_tail_at_a_change_of_words(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
            change_of_broken(policy, i != 0);
        }
        change_of_broken_in_heap(i != 0);
    }
}

/* ---- PT2 ---- */

/* What was written to had never been a block: there are no former words that could be told of it. */
static void ask_for_never_used(uint32_t engine, uint32_t policy, uint32_t words)
{
    tarn_pool *pool = make(engine, policy, TARN_POOL_POISON, words);
    unsigned char *first = tarn_alloc(pool, SIZE);
    assert_non_null(first);
    first[2 * SIZE + 80] ^= 0x40;
    (void)tarn_alloc(pool, 4 * SIZE);
    assert_int_equal(tarn_reopen(pool, NULL), TARN_OK);
    assert_sound(pool, "after a request for memory never used");
    calls++;
}

static void ask_for_written(uint32_t engine, uint32_t policy, uint32_t words)
{
    tarn_pool *pool = make(engine, policy, TARN_POOL_POISON, words);
    unsigned char *other = tarn_alloc(pool, SIZE);
    unsigned char *at = tarn_alloc(pool, SIZE);
    unsigned char *last = tarn_alloc(pool, SIZE);
    uint32_t used = stats_of(pool).blocks - 1u;
    assert_non_null(last);
    assert_int_equal(tarn_free(pool, at), TARN_OK);
    at[30] ^= 0x40;
    watch_clear(&seen);
    unsigned char *now = tarn_alloc(pool, SIZE);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_int_equal(told_rule, TARN_RULE_FILL);
    if (policy == TARN_POLICY_CONTINUE) {
        assert_ptr_equal(now, at);
        assert_int_equal(tarn_usable(pool, now), SIZE);
        assert_int_equal(stats_of(pool).blocks, used + 1u);
    } else if (policy == TARN_POLICY_ISOLATE) {
        assert_true(now != NULL && now != at);
        assert_int_equal(stats_of(pool).blocks, used + 2u);
    } else {
        assert_null(now);
        assert_int_equal(stats_of(pool).refusals, 1);
        assert_int_equal(stats_of(pool).blocks, used + 1u);
        assert_int_equal(stats_of(pool).closed, policy == TARN_POLICY_CLOSE);
    }
    assert_int_equal(state_at(pool, at), policy == TARN_POLICY_CONTINUE ? TARN_BLOCK_USED : TARN_BLOCK_HELD_BACK);
    if (now != NULL && words != 0) {
        tarn_block record;
        assert_int_equal(tarn_block_at(pool, now, &record), TARN_OK);
        assert_true(words < 3 || record.sequence >= 3);
        assert_int_equal(stats_of(pool).refusals, 0);
    }
    assert_int_equal(tarn_reopen(pool, NULL), TARN_OK); /* what was written to is nobody's */
    assert_true(now == NULL || tarn_free(pool, now) == TARN_OK);
    assert_int_equal(tarn_free(pool, other), TARN_OK);
    assert_int_equal(tarn_free(pool, last), TARN_OK);
    assert_sound(pool, "served");
    calls++;
}

static void test_a_broken_fill_at_a_request(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    calls = 0;
    for (uint32_t i = 0; i < count * 8u; i++) {
        for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
            ask_for_written(engines[i / 8u], policy, i % 8u);
            ask_for_never_used(engines[i / 8u], policy, i % 8u);
        }
    }
    printf("  %u requests for memory written to after free\n", (unsigned)calls);
}

/* Breaks the header of the block whose bytes are looked at outside the lock. */
static void break_header(const tarn_event *event, void *context)
{
    if (event->kind == TARN_EVENT_LEAVE && event->block == context) {
        unsigned char *at = event->block;
        at[-1] ^= 0x40;
        at[-3] ^= 0x04;
    }
}

/* A block that is to be set aside and is none any more: nothing is held or handed out, and that is told once. */
static void test_what_cannot_be_held(void **state)
{
    (void)state;
    for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
        tarn_pool *pool = make(TARN_ENGINE_DEFAULT, policy, TARN_POOL_POISON, 0);
        unsigned char *at = tarn_alloc(pool, SIZE);
        assert_non_null(tarn_alloc(pool, SIZE));
        assert_int_equal(tarn_free(pool, at), TARN_OK);
        at[30] ^= 0x40;
        watch_clear(&seen);
        assert_listening(tarn_events_add_kinds(break_header, at, TARN_EVENTS_OF(TARN_EVENT_LEAVE)));
        assert_null(tarn_alloc(pool, SIZE));
        assert_int_equal(tarn_events_remove(break_header, at), TARN_OK);
        assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
        assert_int_equal(told(TARN_EVENT_ALLOC), 0);
        assert_int_equal(stats_of(pool).refusals, 1);
        assert_int_equal(stats_of(pool).closed, policy == TARN_POLICY_CLOSE);
        for (uint32_t i = 0; i < seen.count; i++) {
            assert_true(seen.events[i].kind != TARN_EVENT_CORRUPT || seen.events[i].block == NULL);
        }
    }
}

/* ISOLATE goes on until nothing is left. */
static void test_isolating_ends(void **state)
{
    unsigned char *blocks[12];
    (void)state;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, TARN_POLICY_ISOLATE, TARN_POOL_POISON, 0);
    for (uint32_t i = 0; i < 12; i++) {
        blocks[i] = tarn_alloc(pool, SIZE);
    }
    while (tarn_alloc(pool, 1) != NULL) {
    }
    for (uint32_t i = 0; i < 12; i += 2) {
        assert_int_equal(tarn_free(pool, blocks[i]), TARN_OK);
        blocks[i][30] = 0;
    }
    watch_clear(&seen);
    assert_null(tarn_alloc(pool, SIZE));
    assert_int_equal(told(TARN_EVENT_CORRUPT), 6);
    assert_int_equal(watch_status(&seen, TARN_EVENT_FAIL), TARN_E_EXHAUSTED);
    assert_sound(pool, "all set aside");
}

/* ---- beginning and ending ---- */

static void test_policies_are_chosen_at_init_and_stay(void **state)
{
    tarn_pool *pool;
    tarn_options options = {.policy = TARN_POLICY_REPAIR + 1u};
    (void)state;
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_E_ARGUMENT);
    for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
        pool = make(TARN_ENGINE_DEFAULT, policy, 0, 0);
        assert_int_equal(tarn_reset(pool), TARN_OK);
        assert_int_equal(stats_of(pool).policy, policy);
        assert_int_equal(stats_of(pool).closed, 0);
        assert_int_equal(tarn_adopt(&pool, memory, BYTES), TARN_OK);
        assert_int_equal(stats_of(pool).policy, policy);
    }
}

static tarn_pool *closed_pool(unsigned char **broken)
{
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, TARN_POLICY_CLOSE, TARN_POOL_GUARD, 0);
    unsigned char *at = tarn_alloc(pool, SIZE);
    at[SIZE] ^= 1;
    assert_int_equal(tarn_free(pool, at), TARN_E_DAMAGED);
    *broken = at + SIZE;
    return pool;
}

static void test_a_closed_pool_ends_and_is_adopted(void **state)
{
    unsigned char *broken;
    tarn_view view;
    (void)state;
    tarn_pool *pool = closed_pool(&broken);
    assert_int_equal(tarn_view_open(&view, memory, BYTES), TARN_OK);
    assert_int_equal(tarn_adopt(&pool, memory, BYTES), TARN_E_DAMAGED);
    *broken ^= 1;
    assert_int_equal(tarn_adopt(&pool, memory, BYTES), TARN_OK);
    assert_non_null(tarn_alloc(pool, SIZE));
    pool = closed_pool(&broken);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    assert_int_equal(tarn_reopen(pool, NULL), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_reopen(NULL, NULL), TARN_E_NULL);
}

/* R4 holds in a closed pool too: a nested pool that ends takes its mark along. */
static void test_a_closed_pool_loses_the_mark_of_a_nested_one(void **state)
{
    (void)state;
    need_registry();
    tarn_pool *inner = NULL;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, TARN_POLICY_CLOSE, TARN_POOL_GUARD, 0);
    void *carrier = tarn_alloc(pool, 1000);
    unsigned char *at = tarn_alloc(pool, SIZE);
    assert_int_equal(tarn_init(&inner, carrier, 1000, NULL), TARN_OK);
    assert_int_equal(state_at(pool, carrier), TARN_BLOCK_CARRIES_POOL);
    at[SIZE] ^= 1;
    assert_int_equal(tarn_free(pool, at), TARN_E_DAMAGED);
    assert_int_equal(tarn_deinit(inner), TARN_OK);
    at[SIZE] ^= 1;
    assert_int_equal(tarn_reopen(pool, NULL), TARN_OK);
    assert_int_equal(state_at(pool, carrier), TARN_BLOCK_USED);
}

static void test_a_region_closes_and_the_heap_goes_on(void **state)
{
    static _Alignas(16) unsigned char table[TARN_HEAP_BYTES(2)];
    static _Alignas(16) unsigned char second[BYTES];
    tarn_heap *heap;
    tarn_stats stats;
    tarn_region_options options;
    (void)state;
    memset(&options, 0, sizeof options);
    assert_int_equal(tarn_heap_init(&heap, table, sizeof table), TARN_OK);
    options.pool.policy = TARN_POLICY_ISOLATE;
    assert_int_equal(tarn_heap_add(heap, memory, BYTES, &options), TARN_E_ARGUMENT);
    options.pool.policy = TARN_POLICY_CLOSE;
    options.pool.flags = TARN_POOL_GUARD;
    assert_int_equal(tarn_heap_add(heap, memory, BYTES, &options), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, second, BYTES, &options), TARN_OK);
    unsigned char *at = tarn_heap_alloc(heap, SIZE, NULL);
    assert_true(at > memory && at < memory + BYTES);
    at[SIZE] ^= 1;
    assert_int_equal(tarn_heap_free(heap, at), TARN_E_DAMAGED);
    assert_int_equal(tarn_heap_free(heap, at), TARN_E_CLOSED);
    assert_int_equal(tarn_heap_stats(heap, memory, &stats), TARN_OK);
    assert_true(stats.closed == 1 && stats.largest_request == 0);
    unsigned char *other = tarn_heap_alloc(heap, SIZE, NULL);
    assert_true(other > second && other < second + BYTES);
    assert_int_equal(tarn_heap_reopen(heap, memory, NULL), TARN_E_DAMAGED);
    assert_int_equal(tarn_heap_reopen(heap, memory + 8, NULL), TARN_E_FOREIGN);
    at[SIZE] ^= 1;
    assert_int_equal(tarn_heap_reopen(heap, memory, NULL), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, at), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, other), TARN_OK);
    assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_broken_guard_at_free),
        cmocka_unit_test(test_a_broken_guard_at_a_change_of_size),
        cmocka_unit_test(test_a_broken_tail_at_a_change_of_words),
        cmocka_unit_test(test_a_broken_fill_at_a_request),
        cmocka_unit_test(test_what_cannot_be_held),
        cmocka_unit_test(test_isolating_ends),
        cmocka_unit_test(test_policies_are_chosen_at_init_and_stay),
        cmocka_unit_test(test_a_closed_pool_ends_and_is_adopted),
        cmocka_unit_test(test_a_closed_pool_loses_the_mark_of_a_nested_one),
        cmocka_unit_test(test_a_region_closes_and_the_heap_goes_on),
    };
    if (!has_events()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, begin, end);
}
