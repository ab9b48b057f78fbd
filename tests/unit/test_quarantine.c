/* SPDX-License-Identifier: MIT */
/*
 * Quarantine, one thing at a time; against a model: tests/model/test_quarantine_model.c;
 * its list: test_quarantine_list.c.
 *
 * QU1 the oldest leaves first, when a newer one needs its room, and a block that does not fit the limit never waits
 * QU2 each byte of a waiting block, changed, is found by the check, and when it leaves: told with its owner, the call that
 *     took it and the one that gave it back; the block is set aside
 * QU3 what waits is refused as given back already, by every call, and counts as free
 * QU4 a request, a resize and a realloc that would fail have blocks leave, and only as many as they need
 */
#include "quarantine_pool.h"

/* ---- QU1 ---- */

static void oldest_leaves_first(uint32_t engine, uint32_t flags)
{
    tarn_pool *pool = make(engine, 0, flags, 3 * 88);
    unsigned char *blocks[6];
    for (uint32_t i = 0; i < 6; i++) {
        blocks[i] = take(pool, SIZE);
    }
    assert_int_equal(block_at(pool, blocks[0]).size, 88);
    for (uint32_t i = 0; i < 6; i++) {
        give(pool, blocks[i]);
        for (uint32_t k = 0; k <= i; k++) {
            assert_int_equal(block_at(pool, blocks[k]).state, k + 3 > i ? TARN_BLOCK_QUARANTINED : TARN_BLOCK_FREE);
        }
        assert_int_equal(stats_of(pool).quarantined_blocks, i < 3 ? i + 1 : 3);
        assert_int_equal(stats_of(pool).blocks, 5 - i);
    }
    assert_int_equal(stats_of(pool).quarantined, 3 * 88);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_sound(pool, "flushed");
    tarn_stats stats = stats_of(pool);
    assert_true(stats.free_blocks == 1 && stats.quarantined == 0 && stats.free == stats.capacity);
}

static void test_oldest_leaves_first(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < engine_count; i++) {
        oldest_leaves_first(engines[i], 0);
        oldest_leaves_first(engines[i], TARN_POOL_POISON);
        oldest_leaves_first(engines[i], TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE | TARN_POOL_GUARD);
    }
}

static void test_larger_than_the_limit_never_waits(void **state)
{
    (void)state;
    tarn_pool *pool = make(0, 0, TARN_POOL_POISON, 100);
    unsigned char *small = take(pool, 10);
    unsigned char *large = take(pool, 200);
    (void)take(pool, 10);
    give(pool, small);
    give(pool, large);
    assert_int_equal(block_at(pool, large).state, TARN_BLOCK_FREE);
    assert_int_equal(block_at(pool, small).state, TARN_BLOCK_QUARANTINED);
    assert_int_equal(stats_of(pool).quarantined_blocks, 1);
}

/* Four leave at most: a large block behind many small ones is free at once, and makes room for the next. */
static void test_four_leave_at_most(void **state)
{
    (void)state;
    tarn_pool *pool = make(0, 0, 0, 240);
    unsigned char *small[10];
    for (uint32_t i = 0; i < 10; i++) {
        small[i] = take(pool, 8);
    }
    unsigned char *large = take(pool, 200);
    for (uint32_t i = 0; i < 10; i++) {
        give(pool, small[i]);
    }
    assert_int_equal(stats_of(pool).quarantined_blocks, 10);
    give(pool, large);
    assert_int_equal(stats_of(pool).quarantined_blocks, 6);
    assert_int_equal(block_at(pool, small[3]).state, TARN_BLOCK_FREE);
    assert_int_equal(block_at(pool, small[4]).state, TARN_BLOCK_QUARANTINED);
    assert_int_equal(block_at(pool, large).state, TARN_BLOCK_FREE);
}

/* ---- QU2 ---- */

static const void *given_by;

static void note_caller(const tarn_event *event, void *context)
{
    (void)context;
    if (event->kind == TARN_EVENT_FREE) {
        given_by = event->caller;
    }
}

static tarn_report last_report;
static uint32_t reports;

static void report_damage(const tarn_event *event, void *context)
{
    if (event->kind == TARN_EVENT_CORRUPT && event->pool == context) {
        assert_int_equal(tarn_report_about(event->pool, event->block, event->status, &last_report), TARN_OK);
        reports++;
    }
}

static void assert_use_after_free(const tarn_report *report, const unsigned char *at, uint32_t i, uint32_t words)
{
    assert_int_equal(report->rule, TARN_RULE_FILL);
    assert_int_equal(report->guess, TARN_GUESS_USE_AFTER_FREE);
    assert_int_equal(report->block.offset, at - memory);
    assert_int_equal(report->first_bad, at + i - memory);
    assert_int_equal(report->block.owner, words >= TARN_WORDS_OWNER ? TARN_OWNER(7, 3) : 0);
    assert_true((report->block.site != 0) == (words >= TARN_WORDS_SITE));
    assert_ptr_equal(tarn_site_address(report->block.freed), words >= TARN_WORDS_SITE ? given_by : NULL);
}

static void write_while_it_waits(uint32_t engine, uint32_t words, uint32_t flags, uint32_t i)
{
    tarn_report report;
    tarn_pool *pool = make(engine, words, flags, 512);
    (void)take(pool, 40);
    unsigned char *at = take(pool, SIZE);
    (void)take(pool, 40);
    assert_int_equal(tarn_owner_set(pool, at, TARN_OWNER(7, 3)), words != 0 ? TARN_OK : TARN_E_ARGUMENT);
    give(pool, at);
    at[i] ^= (unsigned char)(1u << i % 8u);
    assert_int_equal(tarn_check(pool, NULL), TARN_E_DAMAGED);
    assert_int_equal(tarn_report_about(pool, at, TARN_E_DAMAGED, &report), TARN_OK);
    assert_use_after_free(&report, at, i, words);
    assert_int_equal(report.block.state, TARN_BLOCK_QUARANTINED);
    reports = 0;
    assert_listening(tarn_events_add(report_damage, pool));
    assert_int_equal(tarn_quarantine_flush(pool), TARN_E_DAMAGED);
    assert_int_equal(tarn_events_remove(report_damage, pool), TARN_OK);
    assert_int_equal(reports, 1);
    assert_use_after_free(&last_report, at, i, words);
    assert_int_equal(last_report.block.state, TARN_BLOCK_HELD_BACK);
    assert_int_equal(stats_of(pool).blocks, 3);
    assert_int_equal(tarn_free(pool, at), TARN_E_DOUBLE_FREE);
    assert_sound(pool, "set aside");
}

static void test_every_write_while_it_waits_is_found(void **state)
{
    (void)state;
    uint32_t found = 0;
    assert_listening(tarn_events_add(note_caller, NULL));
    for (uint32_t e = 0; e < engine_count; e++) {
        for (uint32_t i = 0; i < SIZE; i++, found++) {
            write_while_it_waits(engines[e], i % 4u, i % 2u == 0 ? 0 : TARN_POOL_POISON | TARN_POOL_GUARD, i);
        }
    }
    assert_int_equal(tarn_events_remove(note_caller, NULL), TARN_OK);
    printf("%u bytes changed while their block waited, each found and told\n", (unsigned)found);
}

/* By the free that has it leave, which is served. */
static void test_a_free_tells_of_the_one_that_leaves(void **state)
{
    (void)state;
    tarn_pool *pool = make(0, TARN_WORDS_SITE, 0, 200);
    unsigned char *first = take(pool, SIZE);
    unsigned char *second = take(pool, SIZE);
    unsigned char *third = take(pool, SIZE);
    give(pool, first);
    give(pool, second);
    first[5] = 0;
    watch_begin(&seen);
    assert_int_equal(tarn_free(pool, third), TARN_OK);
    assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_int_equal(watch_status(&seen, TARN_EVENT_UNDO), -1);
    watch_end(&seen);
    assert_int_equal(block_at(pool, first).state, TARN_BLOCK_HELD_BACK);
    assert_int_equal(block_at(pool, third).state, TARN_BLOCK_QUARANTINED);
    assert_int_equal(stats_of(pool).refusals, 0);
    assert_sound(pool, "told");
}

static void add_text(const char *text, size_t length, void *context)
{
    strncat((char *)context, text, length);
}

static void test_a_second_free_is_told_with_the_first(void **state)
{
    (void)state;
    tarn_report report;
    char text[4096] = "";
    tarn_pool *pool = make(0, TARN_WORDS_SITE, 0, 512);
    unsigned char *at = take(pool, SIZE);
    assert_listening(tarn_events_add(note_caller, NULL));
    give(pool, at);
    assert_int_equal(tarn_events_remove(note_caller, NULL), TARN_OK);
    assert_int_equal(tarn_free(pool, at), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_report_about(pool, at, TARN_E_DOUBLE_FREE, &report), TARN_OK);
    assert_int_equal(report.guess, TARN_GUESS_DOUBLE_FREE);
    assert_ptr_equal(tarn_site_address(report.block.freed), given_by);
    tarn_report_text(&report, add_text, text);
    assert_non_null(strstr(text, "given back, waiting"));
    assert_non_null(strstr(text, "given back from 0x"));
}

/* ---- QU3 ---- */

static void refuse_every_call(uint32_t engine, uint32_t recognition)
{
    tarn_options options = {.engine = engine, .recognition = recognition, .quarantine = 512, .extension_words = 1};
    tarn_pool *pool = make_with(&options);
    unsigned char *at = take(pool, SIZE);
    (void)take(pool, SIZE);
    give(pool, at);
    tarn_stats before = stats_of(pool);
    assert_int_equal(tarn_free(pool, at), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_resize(pool, at, 10), TARN_E_DOUBLE_FREE);
    assert_null(tarn_realloc(pool, at, 100));
    assert_int_equal(tarn_recognise(pool, at), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_usable(pool, at), 0);
    assert_int_equal(tarn_owner_set(pool, at, 1), TARN_E_DOUBLE_FREE);
    tarn_stats after = stats_of(pool);
    assert_int_equal(after.refusals, before.refusals + 3);
    assert_true(after.blocks == 1 && after.quarantined_blocks == 1 && after.used + after.free == after.capacity);
    assert_sound(pool, "refused");
}

static void test_what_waits_is_nobodys(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < engine_count; i++) {
        refuse_every_call(engines[i], TARN_RECOGNISE_KEYED);
        refuse_every_call(engines[i], TARN_RECOGNISE_EXACT);
    }
}

static void test_modules_and_leaks_leave_it_out(void **state)
{
    (void)state;
    tarn_module row;
    tarn_group rows[4];
    tarn_options options = {.modules = 3, .extension_words = TARN_WORDS_SEQUENCE, .quarantine = 512};
    tarn_pool *pool = make_with(&options);
    tarn_purpose purpose = {.module = 1};
    unsigned char *at = tarn_alloc_for(pool, SIZE, &purpose);
    assert_non_null(at);
    assert_int_equal(tarn_quota_set(pool, 1, block_at(pool, at).size), TARN_OK);
    give(pool, at);
    assert_int_equal(tarn_module_get(pool, 1, &row), TARN_OK);
    assert_true(row.live == 0 && row.blocks == 0);
    tarn_groups groups = {.rows = rows, .capacity = 4};
    assert_int_equal(tarn_groups_get(pool, NULL, &groups), TARN_OK);
    assert_int_equal(groups.count, 0);
    assert_non_null(tarn_alloc_for(pool, SIZE, &purpose)); /* the quota is not used up by what waits */
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_sound(pool, "flushed");
}

/* It was on no count, so that taking it off one must not show. */
static void test_leaving_raises_no_peak(void **state)
{
    (void)state;
    tarn_pool *pool = make(0, 0, 0, 512);
    void *first = take(pool, SIZE);
    (void)take(pool, SIZE);
    uint64_t peak = stats_of(pool).peak;
    give(pool, first);
    (void)take(pool, SIZE);
    assert_int_equal(stats_of(pool).peak, peak);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_int_equal(stats_of(pool).peak, peak);
    assert_sound(pool, "flushed");
}

/* ---- QU4 ---- */

/* Fills the pool with blocks of SIZE bytes; returns how many. */
static uint32_t fill_up(tarn_pool *pool, unsigned char **blocks, uint32_t most)
{
    uint32_t count = 0;
    while (count < most && (blocks[count] = tarn_alloc(pool, SIZE)) != NULL) {
        count++;
    }
    return count;
}

static void leave_as_needed(uint32_t engine)
{
    unsigned char *blocks[64];
    tarn_pool *pool = make(engine, 0, TARN_POOL_POISON, BYTES);
    uint32_t count = fill_up(pool, blocks, 64);
    assert_true(count > 8 && count < 64);
    for (uint32_t i = 0; i < 6; i++) {
        give(pool, blocks[i]);
    }
    assert_int_equal(stats_of(pool).quarantined_blocks, 6);
    uint32_t refusals = stats_of(pool).refusals;
    tarn_verdict verdict;
    assert_int_equal(tarn_why(pool, SIZE, 1, &verdict), TARN_OK);
    assert_int_equal(verdict.verdict, TARN_WHY_FITS);
    assert_int_equal(tarn_why(pool, 7 * 88, 1, &verdict), TARN_OK);
    assert_int_equal(verdict.verdict, TARN_WHY_EXHAUSTED);
    assert_ptr_equal(tarn_alloc(pool, SIZE), blocks[0]);
    assert_int_equal(stats_of(pool).quarantined_blocks, 5);
    assert_non_null(tarn_alloc(pool, 3 * 88 - 16));
    assert_int_equal(stats_of(pool).quarantined_blocks, 2);
    assert_int_equal(stats_of(pool).refusals, refusals);
    assert_null(tarn_alloc(pool, 3 * 88));
    assert_int_equal(stats_of(pool).quarantined_blocks, 0);
    assert_int_equal(stats_of(pool).refusals, refusals + 1);
    assert_sound(pool, "asked");
}

static void grow_into_what_waits(uint32_t engine)
{
    unsigned char *blocks[64];
    tarn_pool *pool = make(engine, 0, TARN_POOL_GUARD, BYTES);
    uint32_t count = fill_up(pool, blocks, 64);
    give(pool, blocks[5]);
    give(pool, blocks[1]);
    assert_int_equal(tarn_resize(pool, blocks[0], 120), TARN_OK); /* 5 has to leave too, being older */
    assert_int_equal(stats_of(pool).quarantined_blocks, 0);
    give(pool, blocks[3]);
    unsigned char *moved = tarn_realloc(pool, blocks[7], 60); /* in place */
    assert_ptr_equal(moved, blocks[7]);
    assert_int_equal(stats_of(pool).quarantined_blocks, 1);
    assert_ptr_equal(tarn_realloc(pool, blocks[2], 150), blocks[2]);
    assert_int_equal(stats_of(pool).quarantined_blocks, 0);
    assert_null(tarn_realloc(pool, blocks[7], BYTES));
    assert_int_equal(tarn_resize(pool, blocks[count - 1], 300), TARN_E_EXHAUSTED);
    assert_sound(pool, "grown");
}

static void test_requests_have_blocks_leave(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < engine_count; i++) {
        leave_as_needed(engines[i]);
        grow_into_what_waits(engines[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oldest_leaves_first),
        cmocka_unit_test(test_larger_than_the_limit_never_waits),
        cmocka_unit_test(test_four_leave_at_most),
        cmocka_unit_test(test_every_write_while_it_waits_is_found),
        cmocka_unit_test(test_a_free_tells_of_the_one_that_leaves),
        cmocka_unit_test(test_a_second_free_is_told_with_the_first),
        cmocka_unit_test(test_what_waits_is_nobodys),
        cmocka_unit_test(test_modules_and_leaks_leave_it_out),
        cmocka_unit_test(test_leaving_raises_no_peak),
        cmocka_unit_test(test_requests_have_blocks_leave),
    };
    engine_count = engines_built(engines);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
