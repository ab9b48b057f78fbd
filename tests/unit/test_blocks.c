/* SPDX-License-Identifier: MIT */
/*
 * Block pools, call by call: order and alignment of blocks, every refusal with its reason and its event, counts,
 * several at once; the pool as a whole: test_blocks_state.c. The same in every build (TARN_BLOCKS_SYNC_*).
 */
#include "blocks_pool.h"

static void blocks_come_in_address_order_then_last_in_first_out(void **state)
{
    (void)state;
    unsigned char *blocks[COUNT];
    tarn_blocks *pool = make(24, &(tarn_blocks_options){.count = COUNT});
    for (int i = 0; i < COUNT; i++) {
        blocks[i] = tarn_blocks_get(pool);
        assert_ptr_equal(blocks[i], blocks[0] + 24 * i);
        memset(blocks[i], i, 24);
    }
    assert_null(tarn_blocks_get(pool));
    for (int i = 0; i < COUNT; i++) {
        for (int byte = 0; byte < 24; byte++) {
            assert_int_equal(blocks[i][byte], i);
        }
    }
    assert_int_equal(tarn_blocks_put(pool, blocks[3]), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, blocks[7]), TARN_OK);
    assert_blocks_sound(pool);
    assert_ptr_equal(tarn_blocks_get(pool), blocks[7]);
    assert_ptr_equal(tarn_blocks_get(pool), blocks[3]);
    assert_null(tarn_blocks_get(pool));
    tarn_stats stats = stats_of(pool);
    assert_int_equal(stats.blocks, COUNT);
    assert_int_equal(stats.free_blocks, 0);
    assert_int_equal(stats.refusals, 2);
    assert_int_equal(stats.used, COUNT * 24);
    assert_int_equal(stats.capacity, COUNT * 24);
    assert_int_equal(stats.largest_request, 0);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
}

static void statistics_tell_sizes_and_what_still_fits(void **state)
{
    (void)state;
    tarn_blocks *pool =
        make(20, &(tarn_blocks_options){.count = 2, .alignment = 32, .flags = TARN_BLOCKS_MAP | TARN_BLOCKS_GUARD});
    tarn_stats stats = stats_of(pool);
    assert_int_equal(stats.bytes, sizeof memory);
    assert_int_equal(stats.largest_free, 32);
    assert_int_equal(stats.largest_request, 20);
    assert_int_equal(stats.overhead, 12);
    assert_int_equal(stats.granule, 32);
    assert_int_equal(stats.max_alignment, 32);
    assert_int_equal(stats.exact, 1);
    assert_non_null(tarn_blocks_get(pool));
    assert_non_null(tarn_blocks_get(pool));
    stats = stats_of(pool);
    assert_int_equal(stats.largest_free, 0);
    assert_int_equal(stats.largest_request, 0);
    assert_int_equal(stats.peak, 64);
    assert_int_equal(stats_of(make(20, NULL)).exact, 0);
}

static void put_says_why_it_refuses(void **state)
{
    (void)state;
    watch w;
    tarn_blocks *pool = make(24, &(tarn_blocks_options){.count = COUNT});
    unsigned char *one = tarn_blocks_get(pool);
    unsigned char *two = tarn_blocks_get(pool);
    const struct {
        void *block;
        tarn_status status;
    } cases[] = {
        {NULL, TARN_E_NULL},
        {memory, TARN_E_FOREIGN},
        {one - 1, TARN_E_FOREIGN},
        {one - 24, TARN_E_FOREIGN},
        {one + 24 * COUNT, TARN_E_FOREIGN},
        {(void *)((uintptr_t)memory + ROOM + 4096u), TARN_E_FOREIGN},
        {(void *)(uintptr_t)1, TARN_E_FOREIGN},
        {(void *)UINTPTR_MAX, TARN_E_FOREIGN},
        {one + 1, TARN_E_NOT_A_BLOCK},
        {one + 4, TARN_E_NOT_A_BLOCK},
        {one + 8, TARN_E_NOT_A_BLOCK},
        {two + 23, TARN_E_NOT_A_BLOCK},
        {two + 24, TARN_E_DOUBLE_FREE},
        {one + 24 * (COUNT - 1), TARN_E_DOUBLE_FREE},
    };
    watch_begin(&w);
    if (UINTPTR_MAX > UINT32_MAX) { /* an offset that is right in its lower half */
        unsigned char *far = (unsigned char *)(uintptr_t)((uint64_t)(uintptr_t)two + (UINT64_C(1) << 32));
        assert_int_equal(tarn_blocks_put(pool, far), TARN_E_FOREIGN);
        assert_int_equal(stats_of(pool).blocks, 2);
        assert_int_equal(tarn_blocks_clear(pool), TARN_OK);
        assert_ptr_equal(tarn_blocks_get(pool), one);
        assert_ptr_equal(tarn_blocks_get(pool), two);
    }
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        watch_clear(&w);
        assert_int_equal(tarn_blocks_recognise(pool, cases[i].block), cases[i].status);
        assert_int_equal(w.count, 0);
        assert_int_equal(tarn_blocks_put(pool, cases[i].block), cases[i].status);
        assert_int_equal(w.count, 1);
        assert_int_equal(watch_status(&w, TARN_EVENT_REFUSE), cases[i].status);
        assert_ptr_equal(w.events[0].block, cases[i].block);
        assert_ptr_equal(w.events[0].pool, pool);
        assert_int_equal(stats_of(pool).refusals, i + 1u);
        assert_int_equal(stats_of(pool).blocks, 2);
    }
    watch_end(&w);
    assert_int_equal(tarn_blocks_put(pool, two), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_blocks_put(pool, two), TARN_E_DOUBLE_FREE);
    assert_int_equal(stats_of(pool).blocks, 0);
    assert_blocks_sound(pool);
    print_message("%u kinds of bad address refused\n", (unsigned)(sizeof cases / sizeof cases[0] + 2u));
}

static void what_is_no_pool_is_refused(void **state)
{
    (void)state;
    tarn_stats stats;
    tarn_finding finding;
    uint32_t cursor = 0;
    tarn_blocks *pool = make(24, NULL);
    void *block = tarn_blocks_get(pool);
    memcpy(memory + 8192 + 4, memory, 256);
    tarn_blocks *shifted = (tarn_blocks *)(void *)(memory + 8192 + 4);
    assert_int_equal(tarn_blocks_stats(shifted, &stats), TARN_E_NOT_A_POOL); /* not at a multiple of 8 */
    assert_int_equal(tarn_blocks_clear(shifted), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
    tarn_blocks *bad[] = {pool, (tarn_blocks *)(void *)(memory + 8), (tarn_blocks *)(void *)(memory + 4096)};
    for (uint32_t i = 0; i < 3; i++) {
        assert_null(tarn_blocks_get(bad[i]));
        assert_int_equal(tarn_blocks_put(bad[i], block), TARN_E_NOT_A_POOL);
        assert_int_equal(tarn_blocks_clear(bad[i]), TARN_E_NOT_A_POOL);
        assert_int_equal(tarn_blocks_deinit(bad[i]), TARN_E_NOT_A_POOL);
        assert_int_equal(tarn_blocks_stats(bad[i], &stats), TARN_E_NOT_A_POOL);
        assert_int_equal(tarn_blocks_check(bad[i], &finding), TARN_E_NOT_A_POOL);
        assert_int_equal(tarn_blocks_check_some(bad[i], &cursor, 1, &finding), TARN_E_NOT_A_POOL);
        assert_int_equal(tarn_blocks_low_reset(bad[i]), TARN_E_NOT_A_POOL);
        assert_int_equal(tarn_blocks_low(bad[i]), 0);
        assert_int_equal(tarn_blocks_usable(bad[i]), 0);
        assert_int_equal(tarn_blocks_get_many(bad[i], &block, 1), TARN_E_NOT_A_POOL);
        assert_int_equal(tarn_blocks_put_many(bad[i], &block, 1), TARN_E_NOT_A_POOL);
    }
    assert_null(tarn_blocks_get(NULL));
    assert_int_equal(tarn_blocks_put(NULL, memory), TARN_E_NULL);
    assert_int_equal(tarn_blocks_clear(NULL), TARN_E_NULL);
    assert_int_equal(tarn_blocks_deinit(NULL), TARN_E_NULL);
    assert_int_equal(tarn_blocks_stats(NULL, &stats), TARN_E_NULL);
    assert_int_equal(tarn_blocks_check(NULL, &finding), TARN_E_NULL);
}

static void get_wait_says_why_it_refuses(void **state)
{
    (void)state;
    watch w;
    tarn_blocks *pool = make(24, NULL);
    watch_begin(&w);
    assert_null(tarn_blocks_get_wait(pool, UINT32_MAX));
    assert_int_equal(watch_status(&w, TARN_EVENT_FAIL), TARN_E_ARGUMENT); /* it is not waitable */
    assert_int_equal(stats_of(pool).refusals, 1);
    assert_null(tarn_blocks_get_wait(NULL, UINT32_MAX));
    assert_int_equal(watch_status(&w, TARN_EVENT_FAIL), TARN_E_NULL);
    assert_null(tarn_blocks_get_wait((tarn_blocks *)(void *)(memory + 4096), UINT32_MAX));
    assert_int_equal(watch_status(&w, TARN_EVENT_FAIL), TARN_E_NOT_A_POOL);
    pool = make(24, &(tarn_blocks_options){.count = 1, .flags = TARN_BLOCKS_WAITABLE});
    assert_non_null(tarn_blocks_get_wait(pool, UINT32_MAX));
    assert_null(tarn_blocks_get_wait(pool, 0));
    assert_int_equal(watch_status(&w, TARN_EVENT_FAIL), TARN_E_EXHAUSTED);
    assert_int_equal(stats_of(pool).refusals, 1);
    watch_end(&w);
}

static void init_says_why_it_refuses(void **state)
{
    (void)state;
    tarn_blocks *pool = NULL;
    const tarn_blocks_options bad[] = {{.alignment = 3},           {.alignment = 2}, {.alignment = 8192},
                                       {.alignment = 0x80000000u}, {.flags = 128},   {.slots = 256}};
    for (uint32_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        pool = (tarn_blocks *)(void *)memory;
        assert_int_equal(tarn_blocks_init(&pool, memory, ROOM, 8, &bad[i]), TARN_E_ARGUMENT);
        assert_null(pool);
        assert_int_equal(tarn_blocks_bytes(1, 8, &bad[i]), 0);
    }
    assert_int_equal(tarn_blocks_init(NULL, memory, ROOM, 8, NULL), TARN_E_NULL);
    assert_int_equal(tarn_blocks_init(&pool, NULL, ROOM, 8, NULL), TARN_E_NULL);
    assert_int_equal(tarn_blocks_init(&pool, memory + 4, ROOM - 4, 8, NULL), TARN_E_MISALIGNED);
    assert_int_equal(tarn_blocks_init(&pool, memory, 0, 8, NULL), TARN_E_TOO_SMALL);
    assert_int_equal(tarn_blocks_init(&pool, memory, 71, 8, NULL), TARN_E_TOO_SMALL);
    assert_int_equal(tarn_blocks_init(&pool, memory, 72, 8, NULL), TARN_OK);
    assert_int_equal(tarn_blocks_init(&pool, memory, 72, 8, &(tarn_blocks_options){.count = 2}), TARN_E_TOO_SMALL);
    assert_int_equal(tarn_blocks_init(&pool, memory, ROOM, SIZE_MAX, NULL), TARN_E_TOO_LARGE);
    assert_int_equal(tarn_blocks_init(&pool, memory, ROOM, UINT32_MAX, NULL), TARN_E_TOO_LARGE);
    assert_int_equal(tarn_blocks_init(&pool, memory, ROOM, UINT32_MAX - 65536u, NULL), TARN_E_TOO_SMALL);
    assert_int_equal(tarn_blocks_init(&pool, memory, SIZE_MAX, 8, NULL), TARN_E_ARGUMENT);
    assert_int_equal(tarn_blocks_bytes(0, 8, NULL), 0);
    assert_int_equal(tarn_blocks_bytes(1u << 16, 65536, NULL), 0); /* 4 GiB */
    if (SIZE_MAX > UINT32_MAX) {
        assert_int_equal(tarn_blocks_init(&pool, memory, (size_t)UINT32_MAX + 1u, 8, NULL), TARN_E_TOO_LARGE);
    }
    assert_int_equal(tarn_blocks_init_interface(&pool, memory, ROOM, 8, NULL, TARN_BLOCKS_INTERFACE + 4u),
                     TARN_E_INTERFACE);
    assert_null(pool);
}

static void assert_event(const watch *w, uint32_t index, uint32_t kind, const tarn_blocks *pool, const void *block)
{
    assert_true(index < w->count);
    assert_int_equal(w->events[index].kind, kind);
    assert_ptr_equal(w->events[index].pool, pool);
    assert_ptr_equal(w->events[index].block, block);
}

/* Asked for by the flag, or by a sink that is there when the pool is made. */
static void a_pool_with_events_tells_each_get_and_put(void **state)
{
    (void)state;
    watch w;
    for (int flagged = 0; flagged < 2; flagged++) {
        tarn_blocks *pool = NULL;
        memset(memory, 0, sizeof memory);
        if (flagged) {
            pool = make(24, &(tarn_blocks_options){.flags = TARN_BLOCKS_EVENTS | TARN_BLOCKS_MAP});
            watch_begin(&w);
        } else {
            watch_begin(&w);
            pool = make(24, &(tarn_blocks_options){.flags = TARN_BLOCKS_MAP});
            assert_event(&w, 0, TARN_EVENT_INIT, pool, NULL);
            assert_int_equal(w.events[0].size, sizeof memory);
            watch_clear(&w);
        }
        void *one = tarn_blocks_get(pool);
        void *two = tarn_blocks_get(pool);
        assert_event(&w, 0, TARN_EVENT_ALLOC, pool, one);
        assert_int_equal(w.events[0].size, 24);
        assert_event(&w, 1, TARN_EVENT_ALLOC, pool, two);
        assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
        assert_event(&w, 2, TARN_EVENT_FREE, pool, one);
        assert_int_equal(tarn_blocks_put(pool, one), TARN_E_DOUBLE_FREE); /* announced, and taken back */
        assert_event(&w, 3, TARN_EVENT_FREE, pool, one);
        assert_event(&w, 4, TARN_EVENT_UNDO, pool, one);
        assert_int_equal(w.events[4].status, TARN_E_DOUBLE_FREE);
        assert_event(&w, 5, TARN_EVENT_REFUSE, pool, one);
        assert_int_equal(tarn_blocks_clear(pool), TARN_OK);
        assert_event(&w, 6, TARN_EVENT_RESET, pool, NULL);
        one = tarn_blocks_get(pool);
        watch_clear(&w);
        assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
        assert_event(&w, 0, TARN_EVENT_DEINIT, pool, NULL);
        assert_int_equal(w.events[0].size, 1); /* block out */
        assert_int_equal(w.count, 1);
        watch_end(&w);
    }
}

static void a_block_belongs_to_who_got_it_last(void **state)
{
    (void)state;
    tarn_block record;
    tarn_blocks *pool = make(24, &(tarn_blocks_options){.flags = TARN_BLOCKS_OWNER});
    void *block = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_at(pool, block, &record), TARN_OK);
    assert_int_equal(record.owner, TARN_OWNER(0, tarn_port_task()));
    assert_int_equal(tarn_blocks_owner_set(pool, block, TARN_OWNER(7, 9)), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, block), TARN_OK);
    assert_memory_equal(memory + 64, "\0\0\0\0", 4); /* nobody's, and so it stands in a dump */
    assert_int_equal(tarn_blocks_at(pool, block, &record), TARN_OK);
    assert_int_equal(record.owner, 0);
    assert_ptr_equal(tarn_blocks_get(pool), block);
    assert_int_equal(tarn_blocks_at(pool, block, &record), TARN_OK);
    assert_int_equal(record.owner, TARN_OWNER(0, tarn_port_task()));
}

static void several_at_once_are_all_or_none(void **state)
{
    (void)state;
    void *blocks[COUNT + 1];
    watch w;
    for (uint32_t flags = 0; flags < 64; flags++) {
        tarn_blocks *pool = make(20, &(tarn_blocks_options){.count = COUNT, .flags = flags});
        assert_int_equal(tarn_blocks_get_many(pool, blocks, COUNT + 1), TARN_E_NEVER_FITS);
        assert_null(blocks[0]);
        assert_int_equal(tarn_blocks_get_many(pool, blocks, 7), TARN_OK);
        assert_int_equal(stats_of(pool).blocks, 7);
        void *more[4];
        assert_int_equal(tarn_blocks_get_many(pool, more, 4), TARN_E_EXHAUSTED);
        assert_null(more[0]);
        assert_null(more[2]);
        assert_int_equal(stats_of(pool).blocks, 7);
        assert_blocks_sound(pool);
        void *kept = blocks[5];
        blocks[5] = memory + 1;
        watch_begin(&w);
        assert_int_equal(tarn_blocks_put_many(pool, blocks, 7), TARN_E_FOREIGN);
        assert_int_equal(watch_status(&w, TARN_EVENT_REFUSE), TARN_E_FOREIGN);
        assert_ptr_equal(w.events[w.count - 1u].block, memory + 1);
        watch_end(&w);
        assert_int_equal(stats_of(pool).blocks, 7);
        blocks[5] = kept;
        assert_int_equal(tarn_blocks_put_many(pool, blocks, 7), TARN_OK);
        assert_int_equal(stats_of(pool).blocks, 0);
        assert_int_equal(tarn_blocks_put_many(pool, blocks, 7), TARN_E_DOUBLE_FREE);
        assert_non_null(tarn_blocks_get(pool));
        if (flags == 0 || (flags & TARN_BLOCKS_MAP) != 0) { /* more than are out */
            assert_int_equal(tarn_blocks_put_many(pool, blocks, 7), TARN_E_DOUBLE_FREE);
            assert_int_equal(stats_of(pool).blocks, 1);
        }
        assert_int_equal(tarn_blocks_clear(pool), TARN_OK);
        assert_int_equal(tarn_blocks_get_many(pool, blocks, COUNT), TARN_OK);
        assert_int_equal(tarn_blocks_get_many(pool, blocks + COUNT, 1), TARN_E_EXHAUSTED);
        assert_int_equal(tarn_blocks_get_many(pool, NULL, 1), TARN_E_NULL);
        assert_int_equal(tarn_blocks_get_many(pool, NULL, 0), TARN_OK);
        assert_int_equal(tarn_blocks_put_many(pool, NULL, 0), TARN_OK);
        assert_blocks_sound(pool);
    }
}

static void several_at_once_say_why_they_are_refused(void **state)
{
    (void)state;
    void *both[2];
    for (uint32_t flags = 0; flags < 64; flags++) {
        tarn_blocks *pool = make(20, &(tarn_blocks_options){.count = COUNT, .flags = flags});
        unsigned char *one = tarn_blocks_get(pool);
        both[0] = one;
        both[1] = one;
        assert_int_equal(tarn_blocks_put_many(pool, both, 2), TARN_E_DOUBLE_FREE);
        assert_int_equal(stats_of(pool).blocks, 1);
        assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
        if ((flags & TARN_BLOCKS_POISON) != 0) {
            one[8] ^= 1;
            uint64_t refusals = stats_of(pool).refusals;
            assert_int_equal(tarn_blocks_get_many(pool, both, 2), TARN_E_DAMAGED);
            assert_null(both[0]);
            assert_int_equal(stats_of(pool).refusals, refusals + 1u);
            one[8] ^= 1;
        }
        assert_blocks_sound(pool);
    }
}

static bool count_held(const tarn_block *block, void *context)
{
    *(uint32_t *)context += block->state == TARN_BLOCK_HELD_BACK;
    return true;
}

static uint32_t held_in(tarn_blocks *pool)
{
    uint32_t held = 0;
    assert_int_equal(tarn_blocks_walk(pool, count_held, &held), TARN_OK);
    return held;
}

/* Written to while they were free, in the middle or behind the end: each refuses one get and no more. */
static void what_was_written_to_is_held_back(void **state)
{
    (void)state;
    enum { SIZE = 20, BAD = 3 };
    unsigned char *blocks[COUNT];
    uint32_t pools = 0;
    for (uint32_t flags = 0; flags < 64; flags++) {
        if ((flags & (TARN_BLOCKS_POISON | TARN_BLOCKS_GUARD)) == 0) {
            continue;
        }
        watch seen;
        tarn_block record;
        tarn_report report;
        bool fills = (flags & TARN_BLOCKS_POISON) != 0;
        tarn_blocks *pool = make(SIZE, &(tarn_blocks_options){.count = COUNT, .flags = flags});
        for (uint32_t i = 0; i < COUNT; i++) {
            blocks[i] = tarn_blocks_get(pool);
        }
        for (uint32_t i = COUNT; i-- != 0;) {
            assert_int_equal(tarn_blocks_put(pool, blocks[i]), TARN_OK);
        }
        for (uint32_t i = 0; i < BAD; i++) { /* the first that get would serve */
            blocks[i][fills ? 8 : SIZE] ^= 3;
        }
        for (uint32_t i = 0; i < BAD; i++) {
            watch_begin(&seen);
            assert_null(tarn_blocks_get(pool));
            assert_int_equal(seen.count, 1);
            assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
            assert_ptr_equal(seen.events[0].block, blocks[i]);
            watch_end(&seen);
            assert_int_equal(tarn_blocks_report(pool, blocks[i], TARN_E_DAMAGED, &report), TARN_OK);
            assert_int_equal(report.rule, fills ? TARN_RULE_BLOCKS_POISON : TARN_RULE_BLOCKS_GUARD);
            assert_int_equal(report.block.state, TARN_BLOCK_HELD_BACK);
        }
        assert_int_equal(stats_of(pool).refusals, BAD);
        assert_int_equal(stats_of(pool).blocks, BAD);
        assert_int_equal(held_in(pool), BAD);
        assert_blocks_sound(pool);
        for (uint32_t i = BAD; i < COUNT; i++) {
            assert_ptr_equal(tarn_blocks_get(pool), blocks[i]);
        }
        assert_null(tarn_blocks_get(pool));
        assert_int_equal(tarn_blocks_at(pool, blocks[0], &record), TARN_OK);
        assert_int_equal(record.state, TARN_BLOCK_HELD_BACK);
        assert_int_equal(record.owner, 0);
        if ((flags & TARN_BLOCKS_MAP) != 0) {
            assert_int_equal(tarn_blocks_put(pool, blocks[0]), fills ? TARN_E_DOUBLE_FREE : TARN_E_DAMAGED);
        }
        assert_blocks_sound(pool);
        assert_int_equal(tarn_blocks_adopt(&pool, memory, sizeof memory), TARN_OK);
        assert_int_equal(held_in(pool), BAD);
        for (uint32_t i = BAD; i < COUNT; i++) {
            assert_int_equal(tarn_blocks_put(pool, blocks[i]), TARN_OK);
        }
        assert_int_equal(stats_of(pool).blocks, BAD);
        assert_int_equal(tarn_blocks_clear(pool), TARN_OK);
        for (uint32_t i = 0; i < COUNT; i++) {
            assert_ptr_equal(tarn_blocks_get(pool), blocks[i]);
        }
        assert_int_equal(held_in(pool), 0);
        assert_blocks_sound(pool);
        pools++;
    }
    printf("  %u kinds of pool, %u blocks held back in each\n", (unsigned)pools, (unsigned)BAD);
}

/* That the event count changes is what wakes a waiter, or keeps the next one from sleeping. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_come_in_address_order_then_last_in_first_out),
        cmocka_unit_test(statistics_tell_sizes_and_what_still_fits),
        cmocka_unit_test(put_says_why_it_refuses),
        cmocka_unit_test(what_is_no_pool_is_refused),
        cmocka_unit_test(get_wait_says_why_it_refuses),
        cmocka_unit_test(init_says_why_it_refuses),
        cmocka_unit_test(a_pool_with_events_tells_each_get_and_put),
        cmocka_unit_test(a_block_belongs_to_who_got_it_last),
        cmocka_unit_test(several_at_once_are_all_or_none),
        cmocka_unit_test(several_at_once_say_why_they_are_refused),
        cmocka_unit_test(what_was_written_to_is_held_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
