/* SPDX-License-Identifier: MIT */
/*
 * Block pools as a whole: clear and the end, the low mark, what the constructor and a walk see. The same in every build
 * (TARN_BLOCKS_SYNC_*).
 */
#include "blocks_pool.h"

static void clear_and_deinit_wake_who_waits(void **state)
{
    (void)state;
    tarn_blocks *pool = make(20, &(tarn_blocks_options){.count = 1, .flags = TARN_BLOCKS_WAITABLE});
    void *only = tarn_blocks_get(pool);
    assert_null(tarn_blocks_get_wait(pool, 0));
    uint32_t before = tarn_port_event_count(pool);
    assert_int_equal(tarn_blocks_clear(pool), TARN_OK);
    assert_int_not_equal(tarn_port_event_count(pool), before);
    assert_ptr_equal(tarn_blocks_get_wait(pool, 0), only);
    before = tarn_port_event_count(pool);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
    assert_int_not_equal(tarn_port_event_count(pool), before);
    assert_null(tarn_blocks_get_wait(pool, UINT32_MAX));
}

static void the_low_mark_can_be_reset(void **state)
{
    (void)state;
    unsigned char *blocks[COUNT];
    unsigned char plain[4];
    tarn_blocks *pool = make(4, &(tarn_blocks_options){.count = COUNT});
    assert_int_equal(tarn_blocks_low(pool), COUNT);
    for (int i = 0; i < 6; i++) {
        blocks[i] = tarn_blocks_get(pool);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(tarn_blocks_put(pool, blocks[i]), TARN_OK);
    }
    assert_int_equal(tarn_blocks_low(pool), 4);
    assert_int_equal(stats_of(pool).peak, 6 * 4);
    memcpy(plain, memory, 4);
    assert_int_equal(tarn_blocks_low_reset(pool), TARN_OK);
    assert_memory_not_equal(memory, plain, 4);
    assert_int_equal(tarn_blocks_low(pool), 8);
    for (int i = 0; i < 4; i++) { /* up to the old mark and beyond it */
        assert_non_null(blocks[i] = tarn_blocks_get(pool));
        assert_int_equal(tarn_blocks_low(pool), 7 - i);
        assert_blocks_sound(pool);
    }
    assert_memory_equal(memory, plain, 4); /* as many out as ever before: plain again, and no mark (word 14) */
    assert_memory_equal(memory + 4 * 14, "\0\0\0\0", 4);
    blocks[6] = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_low(pool), 3);
    assert_int_equal(tarn_blocks_low_reset(pool), TARN_OK);
    assert_int_equal(tarn_blocks_low(pool), 3);
    assert_int_equal(tarn_blocks_put(pool, blocks[5]), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, blocks[4]), TARN_OK);
    assert_int_equal(tarn_blocks_low_reset(pool), TARN_OK);
    assert_non_null(blocks[4] = tarn_blocks_get(pool));
    assert_int_equal(tarn_blocks_low(pool), 4);
    assert_int_equal(tarn_blocks_put(pool, blocks[4]), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, blocks[3]), TARN_OK);
    assert_non_null(blocks[3] = tarn_blocks_get(pool)); /* fewer out than since the reset: the mark stays */
    assert_int_equal(tarn_blocks_low(pool), 4);
    assert_non_null(blocks[4] = tarn_blocks_get(pool));
    assert_non_null(blocks[5] = tarn_blocks_get(pool));
    assert_int_equal(tarn_blocks_low(pool), 3);
    assert_int_equal(tarn_blocks_put(pool, blocks[6]), TARN_OK);
    assert_int_equal(tarn_blocks_low(pool), 3);
    assert_blocks_sound(pool);
}

static void clear_is_as_after_init(void **state)
{
    (void)state;
    static unsigned char after_init[ROOM];
    for (uint32_t flags = 0; flags < 64; flags++) {
        tarn_blocks *pool = make(16, &(tarn_blocks_options){.count = COUNT, .flags = flags, .slots = flags & 1u});
        size_t control = 64 + 4 + 4 * COUNT;
        memcpy(after_init, memory, control);
        unsigned char *first = tarn_blocks_get(pool);
        assert_non_null(tarn_blocks_get(pool));
        assert_int_equal(tarn_blocks_put(pool, first), TARN_OK);
        assert_int_equal(tarn_blocks_put(pool, first + 1), TARN_E_NOT_A_BLOCK);
        assert_int_equal(tarn_blocks_low_reset(pool), TARN_OK);
        assert_int_equal(tarn_blocks_clear(pool), TARN_OK);
        memset(memory + 8, 0, 8); /* the head's tag goes on */
        memset(after_init + 8, 0, 8);
        if (memory + control <= first) {
            assert_memory_equal(memory, after_init, control);
        }
        assert_ptr_equal(tarn_blocks_get(pool), first);
        assert_int_equal(stats_of(pool).blocks, 1);
        assert_int_equal(stats_of(pool).peak, stats_of(pool).used);
        assert_blocks_sound(pool);
    }
}

static void note_block(void *block, void *context)
{
    uint32_t *count = context;
    memcpy((unsigned char *)block + 4, count, sizeof *count);
    ++*count;
}

static void the_constructor_sees_every_block_once(void **state)
{
    (void)state;
    uint32_t count = 0;
    uint32_t seen;
    tarn_blocks *pool = make(12, &(tarn_blocks_options){.count = COUNT, .flags = TARN_BLOCKS_GUARD | TARN_BLOCKS_MAP});
    assert_int_equal(tarn_blocks_construct(pool, note_block, &count), TARN_OK);
    assert_int_equal(count, COUNT);
    for (uint32_t i = 0; i < COUNT; i++) {
        unsigned char *block = tarn_blocks_get(pool);
        memcpy(&seen, block + 4, sizeof seen);
        assert_int_equal(seen, i);
        if (i % 2u == 0) {
            assert_int_equal(tarn_blocks_put(pool, block), TARN_OK);
            assert_ptr_equal(tarn_blocks_get(pool), block);
            memcpy(&seen, block + 4, sizeof seen);
            assert_int_equal(seen, i);
        }
    }
    assert_int_equal(tarn_blocks_construct(pool, note_block, &count), TARN_E_IN_USE);
    assert_int_equal(tarn_blocks_construct(pool, NULL, &count), TARN_E_NULL);
    pool = make(12, NULL);
    assert_int_equal(tarn_blocks_put(pool, tarn_blocks_get(pool)), TARN_OK);
    assert_int_equal(tarn_blocks_construct(pool, note_block, &count), TARN_E_IN_USE); /* it had a user */
    pool = make(12, &(tarn_blocks_options){.flags = TARN_BLOCKS_POISON});
    assert_int_equal(tarn_blocks_construct(pool, note_block, &count), TARN_E_ARGUMENT);
    assert_int_equal(count, COUNT);
}

static bool count_states(const tarn_block *block, void *context)
{
    uint32_t *counts = context;
    counts[block->state]++;
    counts[2] = block->owner != 0 ? counts[2] + 1u : counts[2];
    return true;
}

static bool stop_at_third(const tarn_block *block, void *context)
{
    (void)block;
    return ++*(uint32_t *)context != 3;
}

static void walk_and_lookup_tell_each_block(void **state)
{
    (void)state;
    unsigned char *blocks[3000];
    uint32_t counts[3] = {0, 0, 0};
    tarn_block record;
    tarn_blocks *pool = make(12, &(tarn_blocks_options){.count = 3000, .flags = TARN_BLOCKS_OWNER});
    for (int i = 0; i < 2500; i++) {
        blocks[i] = tarn_blocks_get(pool);
    }
    for (int i = 0; i < 2500; i += 2) {
        assert_int_equal(tarn_blocks_put(pool, blocks[i]), TARN_OK);
    }
    for (int i = 1; i < 2500; i += 2) {
        assert_int_equal(tarn_blocks_owner_set(pool, blocks[i], TARN_OWNER(5, i)), TARN_OK);
    }
    assert_int_equal(tarn_blocks_owner_set(pool, blocks[0] + 4, 1), TARN_E_NOT_A_BLOCK);
    assert_int_equal(tarn_blocks_walk(pool, count_states, counts), TARN_OK);
    assert_int_equal(counts[TARN_BLOCK_USED], 1250);
    assert_int_equal(counts[TARN_BLOCK_FREE], 1750);
    assert_int_equal(counts[2], 1250);
    assert_int_equal(tarn_blocks_at(pool, blocks[2001] + 11, &record), TARN_OK);
    assert_int_equal(record.state, TARN_BLOCK_USED);
    assert_int_equal(record.owner, TARN_OWNER(5, 2001));
    assert_int_equal(record.offset, blocks[2001] - memory);
    assert_int_equal(tarn_blocks_at(pool, blocks[2000], &record), TARN_OK);
    assert_int_equal(record.state, TARN_BLOCK_FREE);
    assert_int_equal(tarn_blocks_at(pool, blocks[0] + 12 * 2999, &record), TARN_OK);
    assert_int_equal(record.state, TARN_BLOCK_FREE);
    assert_int_equal(tarn_blocks_at(pool, blocks[0] + 12 * 3000, &record), TARN_E_FOREIGN);
    assert_int_equal(tarn_blocks_at(pool, memory, &record), TARN_E_FOREIGN);
    assert_int_equal(tarn_blocks_walk(pool, NULL, NULL), TARN_E_NULL);
    uint32_t visited = 0;
    tarn_blocks_view view;
    assert_int_equal(tarn_blocks_walk(pool, stop_at_third, &visited), TARN_OK);
    assert_int_equal(visited, 3);
    visited = 0;
    assert_int_equal(tarn_blocks_view_open(&view, memory, sizeof memory), TARN_OK);
    assert_int_equal(tarn_blocks_view_walk(&view, stop_at_third, &visited), TARN_OK);
    assert_int_equal(visited, 3);
    pool = make(12, NULL);
    assert_int_equal(tarn_blocks_owner_set(pool, tarn_blocks_get(pool), 1), TARN_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clear_and_deinit_wake_who_waits), cmocka_unit_test(the_low_mark_can_be_reset),
        cmocka_unit_test(clear_is_as_after_init),          cmocka_unit_test(the_constructor_sees_every_block_once),
        cmocka_unit_test(walk_and_lookup_tell_each_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
