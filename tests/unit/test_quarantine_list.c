/* SPDX-License-Identifier: MIT */
/*
 * Quarantine: the list of those that wait, and what happens to the pool around it.
 *
 * QU5 each word of the list, changed, is found by the check and refuses what would go by it; repair puts it right
 * QU6 adopt, reset, grow and views of either byte order know it
 */
#include "anatomy.h"
#include "quarantine_pool.h"

enum { PARTS = 2048 };

static _Alignas(4096) unsigned char copy[BYTES];
static part parts[PARTS];

/* ---- QU5 ---- */

static tarn_pool *make_list(uint32_t engine, uint32_t words)
{
    unsigned char *blocks[6];
    tarn_pool *pool = make(engine, words, TARN_POOL_POISON, 1024);
    for (uint32_t i = 0; i < 6; i++) {
        blocks[i] = take(pool, SIZE);
    }
    give(pool, blocks[4]);
    give(pool, blocks[0]);
    give(pool, blocks[2]);
    return pool;
}

/* Of the link and the site of the free, only the link is metadata that a rule is about. */
static bool is_site(size_t count, size_t i, uint32_t words)
{
    return parts[i].kind == PART_LINK && words >= TARN_WORDS_SITE &&
           !(i + 1u < count && parts[i + 1u].kind == PART_LINK && parts[i + 1u].offset == parts[i].offset);
}

static void break_word(uint32_t engine, uint32_t words, size_t i, uint32_t bit)
{
    tarn_finding finding;
    tarn_report report;
    tarn_pool *pool = make_list(engine, words);
    uint32_t was = part_get(memory, &parts[i]);
    part_set(memory, &parts[i], was ^ UINT32_C(1) << bit);
    assert_int_equal(tarn_check(pool, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.rule, TARN_RULE_QUARANTINE);
    assert_int_equal(tarn_report_about(pool, NULL, TARN_E_DAMAGED, &report), TARN_OK);
    assert_int_equal(report.rule, TARN_RULE_QUARANTINE);
    assert_int_equal(tarn_repair(pool, &finding), TARN_OK);
    assert_sound(pool, "repaired");
    bool limit = parts[i].kind == PART_QUARANTINE && i + 2u < PARTS && parts[i + 2u].kind != PART_QUARANTINE;
    assert_true(!limit || part_get(memory, &parts[i]) == was); /* of the list, by address, the ends may be others */
    assert_int_equal(stats_of(pool).quarantined_blocks, 3);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_sound(pool, "flushed");
}

static void test_the_list_is_checked_and_repaired(void **state)
{
    (void)state;
    uint32_t broken = 0;
    for (uint32_t e = 0; e < engine_count; e++) {
        for (uint32_t words = 0; words < 3; words++) {
            (void)make_list(engines[e], words);
            size_t count = anatomy(memory, parts, PARTS);
            for (size_t i = 0; i < count; i++) {
                bool listed = parts[i].kind == PART_QUARANTINE || parts[i].kind == PART_LINK;
                for (uint32_t bit = 0; listed && bit < 32 && !is_site(count, i, words); bit++, broken++) {
                    break_word(engines[e], words, i, bit);
                }
            }
        }
    }
    printf("%u bits of the list changed, each found and repaired\n", (unsigned)broken);
    assert_int_equal(broken, engine_count * 3u * 9u * 32u);
}

/* What would go by a broken list is refused, and nothing changes. */
static void test_a_broken_list_refuses(void **state)
{
    (void)state;
    tarn_pool *pool = make_list(0, 0);
    unsigned char *used = take(pool, SIZE);
    size_t count = anatomy(memory, parts, PARTS);
    size_t oldest = part_find(parts, count, 0, PART_QUARANTINE);
    part_set(memory, &parts[oldest], part_get(memory, &parts[oldest]) + 1u);
    watch_begin(&seen);
    assert_int_equal(tarn_free(pool, used), TARN_E_DAMAGED);
    assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_null(tarn_alloc(pool, 3500));
    assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_E_DAMAGED);
    watch_end(&seen);
    assert_int_equal(tarn_usable(pool, used), SIZE);
    assert_non_null(tarn_alloc(pool, SIZE));
    assert_int_equal(tarn_repair(pool, NULL), TARN_OK);
    give(pool, used);
}

/* ---- QU6 ---- */

static uint32_t waiting_seen;

static bool count_waiting(const tarn_block *block, void *context)
{
    (void)context;
    waiting_seen += block->state == TARN_BLOCK_QUARANTINED ? 1u : 0;
    return true;
}

static void test_views_and_adopted_pools_know_it(void **state)
{
    (void)state;
    for (uint32_t e = 0; e < engine_count; e++) {
        for (uint32_t swap = 0; swap < 2; swap++) {
            tarn_view view;
            tarn_stats stats;
            (void)make_list(engines[e], 2);
            size_t count = anatomy(memory, parts, PARTS);
            memcpy(copy, memory, BYTES);
            if (swap != 0) {
                anatomy_swap(copy, parts, count);
            }
            assert_int_equal(tarn_view_open(&view, copy, BYTES), TARN_OK);
            assert_int_equal(tarn_view_check(&view, NULL), TARN_OK);
            assert_int_equal(tarn_view_stats(&view, &stats), TARN_OK);
            assert_true(stats.quarantined_blocks == 3 && stats.blocks == 3 && stats.tail == 12);
            waiting_seen = 0;
            assert_int_equal(tarn_view_walk(&view, count_waiting, NULL), TARN_OK);
            assert_int_equal(waiting_seen, 3);
        }
        tarn_pool *pool;
        (void)make_list(engines[e], 2);
        memcpy(copy, memory, BYTES);
        assert_int_equal(tarn_adopt(&pool, copy, BYTES), TARN_OK);
        assert_sound(pool, "adopted");
        assert_int_equal(stats_of(pool).quarantined_blocks, 3);
        assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
        assert_sound(pool, "flushed");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

static void test_reset_and_grow(void **state)
{
    (void)state;
    tarn_pool *pool = NULL;
    tarn_options options = {.quarantine = 300, .max_bytes = BYTES, .flags = TARN_POOL_POISON};
    assert_int_equal(tarn_init(&pool, memory, 1500, &options), TARN_OK);
    void *first = take(pool, SIZE);
    void *second = take(pool, SIZE);
    give(pool, first);
    assert_int_equal(tarn_grow(pool, BYTES), TARN_OK);
    assert_sound(pool, "grown");
    assert_int_equal(stats_of(pool).quarantined_blocks, 1);
    assert_int_equal(tarn_reset(pool), TARN_OK);
    assert_sound(pool, "reset");
    tarn_stats stats = stats_of(pool);
    assert_true(stats.quarantined == 0 && stats.quarantined_blocks == 0 && stats.free == stats.capacity);
    assert_int_equal(tarn_free(pool, second), TARN_E_DOUBLE_FREE);
    first = take(pool, SIZE);
    give(pool, first);
    assert_int_equal(stats_of(pool).quarantined_blocks, 1); /* the limit has stayed */
}

/* A block that carries a pool waits without it. */
static void test_a_nested_pool_ends(void **state)
{
    (void)state;
    need_registry();
    tarn_pool *inner;
    tarn_pool *pool = make(0, 0, 0, 2048);
    unsigned char *at = take(pool, 1000);
    assert_int_equal(tarn_init(&inner, at, 1000, NULL), TARN_OK);
    assert_int_equal(block_at(pool, at).state, TARN_BLOCK_CARRIES_POOL);
    give(pool, at);
    assert_int_equal(block_at(pool, at).state, TARN_BLOCK_QUARANTINED);
    assert_int_equal(tarn_deinit(inner), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_sound(pool, "flushed");
}

/* A tail would have to be written once the bytes have moved, outside the lock: such a block moves, or is refused. */
static void test_blocks_with_tails_never_grow_to_the_left(void **state)
{
    static const uint32_t flags[] = {TARN_POOL_GUARD, TARN_POOL_POISON, TARN_POOL_ZERO_ON_FREE, 0};
    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        tarn_pool *pool = make(0, 0, flags[i % 4u], i >= 3 ? 200 : 0);
        unsigned char *left = take(pool, 1500);
        unsigned char *block = take(pool, 1000);
        while (tarn_alloc(pool, 8) != NULL) {
        }
        give(pool, left);
        assert_int_equal(block_at(pool, left).state, TARN_BLOCK_FREE);
        assert_null(tarn_realloc(pool, block, 2000));
        assert_int_equal(tarn_usable(pool, block), 1000);
        assert_ptr_equal(tarn_realloc(pool, block, 1400), left);
        assert_sound(pool, "moved");
    }
}

static void test_flush_refuses_what_is_no_pool(void **state)
{
    (void)state;
    memset(memory, 0, BYTES);
    assert_int_equal(tarn_quarantine_flush(NULL), TARN_E_NULL);
    assert_int_equal(tarn_quarantine_flush((tarn_pool *)(void *)memory), TARN_E_NOT_A_POOL);
    tarn_pool *pool = make(0, 0, 0, 0);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_int_equal(stats_of(pool).tail, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_list_is_checked_and_repaired),
        cmocka_unit_test(test_a_broken_list_refuses),
        cmocka_unit_test(test_views_and_adopted_pools_know_it),
        cmocka_unit_test(test_reset_and_grow),
        cmocka_unit_test(test_a_nested_pool_ends),
        cmocka_unit_test(test_blocks_with_tails_never_grow_to_the_left),
        cmocka_unit_test(test_flush_refuses_what_is_no_pool),
    };
    engine_count = engines_built(engines);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
