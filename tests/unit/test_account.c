/* SPDX-License-Identifier: MIT */
/*
 * Modules, quotas, and leaks: what tarn/account.h says of pools on every engine.
 *
 * Q1 a quota is met to the byte, in whole granules; what is refused changes nothing but the refusal count
 * Q2 rows are the sums of what a walk sees, whatever the operations (tarn_check() compares)
 * H1 a block that is held back is in no group and no task's bytes; its module's row keeps it
 * L1 two snapshots and a listing find exactly what was handed out between them and is still there
 */
#include "tarn/account.h"
#include "tarn/port.h"
#include "test.h"

enum { BYTES = 16384, MODULES = 5 };

static _Alignas(4096) unsigned char memory[BYTES];
static tarn_pool *pool;
static uint32_t engine;

static tarn_pool *make(uint32_t words, uint32_t modules)
{
    tarn_options options = {.engine = engine, .extension_words = words, .modules = modules};
    assert_int_equal(tarn_init(&pool, memory, sizeof memory, &options), TARN_OK);
    return pool;
}

static tarn_module row_of(uint32_t module)
{
    tarn_module row;
    assert_int_equal(tarn_module_get(pool, module, &row), TARN_OK);
    return row;
}

static void assert_row(uint32_t module, uint64_t live, uint32_t blocks)
{
    tarn_module row = row_of(module);
    assert_int_equal(row.live, live);
    assert_int_equal(row.blocks, blocks);
}

static void *alloc_for(size_t size, uint32_t module)
{
    tarn_purpose purpose = {.module = module, .tag = 7};
    return tarn_alloc_for(pool, size, &purpose);
}

static uint32_t refusals(void)
{
    tarn_stats stats;
    assert_int_equal(tarn_counts_get(pool, &stats), TARN_OK);
    return stats.refusals;
}

/* ---- modules ---- */

static void blocks_count_for_their_module(void **state)
{
    (void)state;
    make(1, MODULES);
    unsigned char *none = tarn_alloc(pool, 24); /* 8 bytes of owner and header: 32 */
    unsigned char *two = alloc_for(56, 2);
    unsigned char *last = alloc_for(56, MODULES - 1);
    unsigned char *beyond = alloc_for(120, 0xFFF);
    assert_row(0, 32, 1);
    assert_row(1, 0, 0);
    assert_row(2, 64, 1);
    assert_row(MODULES - 1, 64 + 128, 2);
    assert_row(0xFFF, 64 + 128, 2);
    assert_int_equal(row_of(0xFFF).row, MODULES - 1);
    assert_int_equal(tarn_free(pool, last), TARN_OK);
    assert_row(0xFFF, 128, 1);
    assert_int_equal(row_of(0xFFF).peak, 192);
    assert_int_equal(tarn_owner_set(pool, none, TARN_OWNER(2, 9)), TARN_OK);
    assert_row(0, 0, 0);
    assert_row(2, 96, 2);
    assert_int_equal(tarn_peak_reset(pool), TARN_OK);
    assert_int_equal(row_of(0xFFF).peak, 128);
    assert_sound(pool, "after moves between modules");
    assert_int_equal(tarn_free(pool, none), TARN_OK);
    assert_int_equal(tarn_free(pool, two), TARN_OK);
    assert_int_equal(tarn_free(pool, beyond), TARN_OK);
    for (uint32_t i = 0; i < MODULES; i++) {
        assert_row(i, 0, 0);
    }
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void a_quota_is_met_to_the_byte(void **state)
{
    (void)state;
    watch seen;
    make(1, MODULES);
    assert_int_equal(row_of(3).quota, TARN_QUOTA_NONE);
    assert_int_equal(tarn_quota_set(pool, 3, 263), TARN_OK); /* 32 granules and 7 bytes */
    assert_int_equal(row_of(3).quota, 256);
    unsigned char *half = alloc_for(120, 3);
    assert_non_null(half);
    uint32_t before = refusals();
    watch_begin(&seen);
    assert_null(alloc_for(121, 3));
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.events[0].kind, TARN_EVENT_FAIL);
    assert_int_equal(seen.events[0].status, TARN_E_QUOTA);
    assert_int_equal(seen.events[0].verdict, TARN_WHY_OVER_QUOTA);
    watch_end(&seen);
    assert_int_equal(refusals(), before + 1);
    assert_row(3, 128, 1);
    unsigned char *rest = alloc_for(120, 3);
    assert_non_null(rest);
    assert_row(3, 256, 2);
    assert_null(alloc_for(1, 3));
    assert_non_null(alloc_for(1, 2));
    assert_int_equal(tarn_resize(pool, rest, 100), TARN_OK);
    assert_int_equal(tarn_resize(pool, half, 500), TARN_E_QUOTA);
    assert_null(tarn_realloc(pool, half, 500));
    assert_row(3, 256 - 128 + 112, 2);
    assert_int_equal(tarn_quota_set(pool, 3, TARN_QUOTA_NONE), TARN_OK);
    unsigned char *moved = tarn_realloc(pool, half, 500);
    assert_non_null(moved);
    assert_sound(pool, "after a realloc that moved");
    assert_row(3, 112 + 512, 2);
    assert_int_equal(tarn_quota_set(pool, 3, 0), TARN_OK);
    assert_null(alloc_for(1, 3));
    assert_int_equal(tarn_free(pool, moved), TARN_OK);
    unsigned char *other = alloc_for(1, 1);
    assert_int_equal(tarn_owner_set(pool, other, TARN_OWNER(3, 0)), TARN_E_QUOTA);
    assert_sound(pool, "with a quota of nothing");
    assert_int_equal(tarn_reset(pool), TARN_OK);
    assert_row(3, 0, 0);
    assert_int_equal(row_of(3).peak, 0);
    assert_int_equal(row_of(3).quota, 0);
    assert_sound(pool, "after reset");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void refusals_are_documented_ones(void **state)
{
    (void)state;
    tarn_module row;
    uint32_t next;
    static const tarn_options bad[] = {{.modules = 4}, {.modules = 128, .extension_words = 1}, {.modules = UINT32_MAX}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(tarn_init(&pool, memory, sizeof memory, &bad[i]), TARN_E_ARGUMENT);
    }
    make(2, 0);
    assert_int_equal(tarn_quota_set(pool, 0, 1), TARN_E_ARGUMENT);
    assert_int_equal(tarn_quota_set(NULL, 0, 1), TARN_E_NULL);
    assert_int_equal(tarn_module_get(pool, 0, &row), TARN_E_ARGUMENT);
    assert_int_equal(tarn_module_get(pool, 0, NULL), TARN_E_NULL);
    assert_int_equal(tarn_sequence_get(pool, &next), TARN_E_ARGUMENT);
    assert_int_equal(tarn_tag_set(pool, tarn_alloc(pool, 1), 1), TARN_E_ARGUMENT);
    assert_null(alloc_for(1, 0x1000));
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    make(1, 127);
    assert_int_equal(tarn_quota_set(pool, 0x1000, 1), TARN_E_ARGUMENT);
    assert_int_equal(tarn_quota_set(pool, 0xFFF, 1), TARN_OK);
    assert_int_equal(row_of(126).quota, 0);
    assert_sound(pool, "with as many modules as there can be");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    assert_int_equal(tarn_quota_set(pool, 0, 1), TARN_E_NOT_A_POOL);
}

/* Q2, on whatever chance brings. */
static void rows_are_sums_at_any_time(void **state)
{
    (void)state;
    enum { HELD = 64 };
    void *held[HELD] = {NULL};
    prng random = prng_make(test_seed(), engine);
    uint64_t steps = test_scaled(20000);
    uint64_t over = 0;
    make(4, MODULES);
    assert_int_equal(tarn_quota_set(pool, 1, 2000), TARN_OK);
    for (uint64_t i = 0; i < steps; i++) {
        uint32_t slot = prng_below(&random, HELD);
        size_t size = prng_below(&random, 400);
        switch (held[slot] == NULL ? 0 : prng_below(&random, 4)) {
        case 0:
            if (held[slot] == NULL) {
                held[slot] = alloc_for(size, prng_below(&random, MODULES + 2));
                over += held[slot] == NULL;
            }
            break;
        case 1: {
            void *moved = tarn_realloc(pool, held[slot], size);
            held[slot] = moved != NULL ? moved : held[slot];
            break;
        }
        case 2:
            (void)tarn_owner_set(pool, held[slot], TARN_OWNER(prng_below(&random, MODULES), 1));
            break;
        default:
            assert_int_equal(tarn_free(pool, held[slot]), TARN_OK);
            held[slot] = NULL;
        }
        if (i % 50 == 0) {
            assert_sound(pool, "in the middle of it");
            assert_true(row_of(1).live < 2000 + 64); /* a block may be larger by what is no block */
        }
    }
    printf("%s: %lu steps, %lu refused, seed %lu\n", engine_name(engine), (unsigned long)steps, (unsigned long)over,
           (unsigned long)test_seed());
    assert_true(over != 0 || steps < 1000);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- leaks ---- */

SEPARATE static void *leak_here(size_t size)
{
    void *block = tarn_alloc(pool, size);
    __asm__ volatile("" ::: "memory"); /* no tail call */
    return block;
}

SEPARATE static void *leak_there(size_t size)
{
    void *block = alloc_for(size, 3);
    __asm__ volatile("" ::: "memory");
    return block;
}

static bool task_is(uint32_t owner, void *context)
{
    return (owner & TARN_TASK_NONE) == *(uint32_t *)context;
}

static void snapshots_tell_what_leaked(void **state)
{
    (void)state;
    tarn_group rows[4];
    tarn_groups groups = {.rows = rows, .capacity = 4};
    make(4, 0);
    (void)leak_here(100);
    tarn_selection what = {.by_number = true, .open = true};
    assert_int_equal(tarn_sequence_get(pool, &what.first), TARN_OK);
    assert_int_equal(what.first, 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tarn_free(pool, leak_here(24)), TARN_OK);
        (void)leak_here(24);
        (void)leak_there(100);
    }
    assert_int_equal(tarn_groups_get(pool, &what, &groups), TARN_OK);
    assert_int_equal(groups.count, 2);
    assert_int_equal(groups.blocks, 6);
    assert_int_equal(groups.unlisted_blocks, 0);
    assert_int_equal(rows[0].blocks, 3);
    assert_int_equal(rows[0].owner >> 20, 0);
    assert_int_equal(rows[0].oldest, 2);
    assert_int_equal(rows[0].bytes, 3 * 48);
    assert_int_equal(rows[1].owner >> 20, 3);
    assert_int_equal(rows[1].blocks, 3);
    uintptr_t into = (uintptr_t)tarn_site_address(rows[0].site) - (uintptr_t)leak_here;
    assert_true(into != 0 && into < 256);
    what.open = false;
    assert_int_equal(tarn_sequence_get(pool, &what.end), TARN_OK);
    (void)leak_here(8);
    groups.capacity = 1;
    assert_int_equal(tarn_groups_get(pool, &what, &groups), TARN_OK);
    assert_int_equal(groups.blocks, 6);
    assert_int_equal(groups.unlisted_blocks, 3);
    groups.capacity = 4;
    assert_int_equal(tarn_groups_get(pool, NULL, &groups), TARN_OK);
    assert_int_equal(groups.blocks, 8);
    uint32_t gone = 77;
    tarn_selection orphans = {.gone = task_is, .context = &gone};
    assert_int_equal(tarn_owner_set(pool, leak_here(8), TARN_OWNER(9, 77)), TARN_OK);
    assert_int_equal(tarn_groups_get(pool, &orphans, &groups), TARN_OK);
    assert_int_equal(groups.blocks, 1);
    assert_int_equal(rows[0].owner, TARN_OWNER(9, 77));
    assert_int_equal(tarn_groups_get(NULL, NULL, &groups), TARN_E_NULL);
    groups.rows = NULL;
    assert_int_equal(tarn_groups_get(pool, NULL, &groups), TARN_E_NULL);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    make(0, 0);
    groups.capacity = 0;
    assert_int_equal(tarn_groups_get(pool, &what, &groups), TARN_E_ARGUMENT);
    assert_int_equal(tarn_groups_get(pool, &orphans, &groups), TARN_E_ARGUMENT);
    assert_int_equal(tarn_groups_get(pool, NULL, &groups), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void numbers_go_round(void **state)
{
    (void)state;
    assert_true(tarn_sequence_between(5, 5, 6));
    assert_false(tarn_sequence_between(4, 5, 6));
    assert_false(tarn_sequence_between(6, 5, 6));
    assert_false(tarn_sequence_between(5, 5, 5));
    assert_true(tarn_sequence_between(UINT32_MAX, UINT32_C(0xFFFFFFF0), UINT32_C(0x80000002)));
    assert_true(tarn_sequence_between(UINT32_C(0x80000001), UINT32_C(0xFFFFFFF0), UINT32_C(0x80000002)));
    assert_false(tarn_sequence_between(UINT32_C(0x80000002), UINT32_C(0xFFFFFFF0), UINT32_C(0x80000002)));
    assert_false(tarn_sequence_between(3, UINT32_C(0xFFFFFFF0), UINT32_C(0x80000002)));
}

/* ---- held back ---- */

static bool note_state(const tarn_block *block, void *context)
{
    uint32_t *counts = context;
    counts[block->state]++;
    return true;
}

/* H1: written past its end and given back, under a policy that isolates. */
static void what_is_held_back_is_nobodys(void **state)
{
    (void)state;
    tarn_options options = {.engine = engine,
                            .flags = TARN_POOL_GUARD,
                            .policy = TARN_POLICY_ISOLATE,
                            .extension_words = 4,
                            .modules = MODULES};
    tarn_group rows[4];
    tarn_groups groups = {.rows = rows, .capacity = 4};
    tarn_task_use use;
    tarn_view view;
    uint32_t counts[TARN_BLOCK_QUARANTINED + 1u] = {0};
    assert_int_equal(tarn_init(&pool, memory, sizeof memory, &options), TARN_OK);
    unsigned char *lost = leak_there(100);
    unsigned char *kept = leak_here(60);
    assert_int_equal(tarn_owner_set(pool, lost, TARN_OWNER(3, 77)), TARN_OK);
    assert_int_equal(tarn_task_live(pool, 77, &use), TARN_OK);
    assert_int_equal(use.blocks, 1);
    lost[100] ^= 0x10;
    assert_int_equal(tarn_free(pool, lost), TARN_E_DAMAGED);
    assert_int_equal(tarn_walk(pool, note_state, counts), TARN_OK);
    assert_int_equal(counts[TARN_BLOCK_HELD_BACK], 1);
    assert_int_equal(tarn_groups_get(pool, NULL, &groups), TARN_OK);
    assert_int_equal(groups.blocks, 1);
    assert_int_equal(groups.count, 1);
    assert_int_equal(rows[0].owner >> 20, 0);
    assert_int_equal(tarn_view_open(&view, memory, sizeof memory), TARN_OK);
    assert_int_equal(tarn_view_groups(&view, NULL, &groups), TARN_OK);
    assert_int_equal(groups.blocks, 1);
    assert_int_equal(tarn_task_live(pool, 77, &use), TARN_OK);
    assert_int_equal(use.blocks, 0);
    assert_int_equal(use.live, 0);
    assert_int_equal(row_of(3).blocks, 1);
    assert_int_equal(tarn_free(pool, kept), TARN_OK);
    assert_sound(pool, "with a block held back");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- tasks ---- */

static void peaks_of_tasks_are_kept_beside_the_pool(void **state)
{
    (void)state;
    tarn_task_peaks peaks;
    tarn_task_use rows[2];
    tarn_task_use use;
    uint32_t me = tarn_port_task();
    make(1, 0);
    unsigned char *before = tarn_alloc(pool, 56);
    assert_listening(tarn_task_peaks_start(&peaks, pool, rows, 2));
    unsigned char *more = tarn_alloc(pool, 120);
    assert_int_equal(tarn_free(pool, before), TARN_OK);
    assert_int_equal(tarn_task_peak_get(&peaks, me, &use), TARN_OK);
    assert_int_equal(use.live, 128);
    assert_int_equal(use.peak, 192);
    assert_int_equal(use.blocks, 1);
    assert_int_equal(tarn_resize(pool, more, 1016), TARN_OK);
    assert_int_equal(tarn_free(pool, before), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_resize(pool, more, 24), TARN_OK);
    assert_int_equal(tarn_task_peak_get(&peaks, me, &use), TARN_OK);
    assert_int_equal(use.live, 32);
    assert_int_equal(tarn_resize(pool, more, 1016), TARN_OK);
    void *other = tarn_alloc(pool, 8);
    assert_int_equal(tarn_task_peak_get(&peaks, me, &use), TARN_OK);
    assert_int_equal(use.live, 1024 + 16);
    assert_int_equal(use.peak, 1024 + 16);
    assert_int_equal(tarn_task_live(pool, me, &use), TARN_OK);
    assert_int_equal(use.live, 1024 + 16);
    assert_int_equal(use.blocks, 2);
    assert_int_equal(tarn_task_live(pool, me + 1, &use), TARN_OK);
    assert_int_equal(use.live, 0);
    assert_int_equal(tarn_free(pool, other), TARN_OK);
    assert_int_equal(tarn_task_peaks_stop(&peaks), TARN_OK);
    assert_int_equal(tarn_task_peaks_stop(&peaks), TARN_E_ARGUMENT);
    assert_int_equal(tarn_task_peaks_stop(NULL), TARN_E_NULL);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    make(0, 0);
    assert_int_equal(tarn_task_live(pool, me, &use), TARN_E_ARGUMENT);
    assert_int_equal(tarn_task_peaks_start(&peaks, pool, rows, 2), TARN_E_ARGUMENT);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void assert_task(tarn_task_peaks *peaks, uint32_t task, uint64_t live, uint64_t peak)
{
    tarn_task_use use;
    tarn_task_use walked;
    assert_int_equal(tarn_task_peak_get(peaks, task, &use), TARN_OK);
    assert_int_equal(tarn_task_live(pool, task, &walked), TARN_OK);
    assert_int_equal(use.live, live);
    assert_int_equal(use.peak, peak);
    assert_int_equal(walked.live, live);
    assert_int_equal(walked.blocks, use.blocks);
}

typedef struct last_owner {
    uint32_t count;
    tarn_event event;
} last_owner;

static void note_owner(const tarn_event *event, void *context)
{
    last_owner *last = context;
    last->count++;
    last->event = *event;
}

static void peaks_follow_a_block_to_its_new_owner(void **state)
{
    (void)state;
    tarn_task_peaks peaks;
    tarn_task_use rows[4];
    last_owner seen = {0};
    uint32_t me = tarn_port_task();
    make(1, 0);
    assert_listening(tarn_task_peaks_start(&peaks, pool, rows, 4));
    unsigned char *given = tarn_alloc(pool, 120);
    unsigned char *kept = tarn_alloc(pool, 56);
    assert_task(&peaks, me, 192, 192);
    assert_int_equal(tarn_owner_set(pool, given, TARN_OWNER(2, 77)), TARN_OK);
    assert_task(&peaks, me, 64, 192);
    assert_task(&peaks, 77, 128, 128);
    assert_int_equal(tarn_owner_replace(pool, given, TARN_OWNER(2, 77), TARN_OWNER(3, 77)), TARN_OK);
    assert_task(&peaks, 77, 128, 128);
    assert_int_equal(tarn_resize(pool, kept, 24), TARN_OK);
    assert_int_equal(tarn_owner_set(pool, kept, TARN_OWNER(0, 78)), TARN_OK); /* counted anew, the block once */
    assert_task(&peaks, 78, 32, 32);
    assert_task(&peaks, me, 0, 192);
    assert_listening(tarn_events_add_kinds(note_owner, &seen, TARN_EVENTS_OF(TARN_EVENT_OWNER)));
    assert_int_equal(tarn_owner_set(pool, given, TARN_OWNER(3, 77)), TARN_OK); /* as it was */
    assert_int_equal(seen.count, 0);
    assert_int_equal(tarn_owner_set(pool, given, TARN_OWNER(3, 78)), TARN_OK);
    assert_int_equal(seen.count, 1);
    assert_true(seen.event.block == given && seen.event.size == TARN_OWNER(3, 77));
    assert_int_equal(tarn_events_remove(note_owner, &seen), TARN_OK);
    assert_int_equal(tarn_free(pool, given), TARN_OK);
    assert_task(&peaks, 77, 0, 128);
    assert_task(&peaks, 78, 32, 160);
    assert_int_equal(tarn_task_peaks_stop(&peaks), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* A block whose end is broken: the free is refused and the block held back, or mended and taken back. */
static void peaks_follow_what_damage_comes_to(void **state)
{
    (void)state;
    enum { SIZE = 98, TAIL_END = 103 }; /* two bytes of slack, and the last of the word behind them */
    static const uint32_t policies[] = {TARN_POLICY_STOP, TARN_POLICY_CONTINUE, TARN_POLICY_ISOLATE};
    for (uint32_t i = 0; i < 6; i++) {
        tarn_options options = {
            .engine = engine, .flags = TARN_POOL_GUARD, .policy = policies[i / 2], .extension_words = 1};
        tarn_task_peaks peaks;
        tarn_task_use rows[4];
        memset(memory, 0, sizeof memory); /* no headers of the pool before */
        assert_int_equal(tarn_init(&pool, memory, sizeof memory, &options), TARN_OK);
        assert_listening(tarn_task_peaks_start(&peaks, pool, rows, 4));
        unsigned char *lost = tarn_alloc(pool, SIZE);
        assert_int_equal(tarn_owner_set(pool, lost, TARN_OWNER(0, 77)), TARN_OK);
        uint64_t size = rows[1].live;
        assert_int_equal(size, 8 + TAIL_END + 1);
        lost[i % 2 == 0 ? SIZE : TAIL_END] ^= 0x10;
        tarn_status status = tarn_free(pool, lost);
        assert_int_equal(status, policies[i / 2] == TARN_POLICY_CONTINUE ? TARN_OK : TARN_E_DAMAGED);
        assert_task(&peaks, 77, policies[i / 2] == TARN_POLICY_STOP ? size : 0, size);
        assert_int_equal(tarn_task_peaks_stop(&peaks), TARN_OK);
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_count_for_their_module),
        cmocka_unit_test(a_quota_is_met_to_the_byte),
        cmocka_unit_test(refusals_are_documented_ones),
        cmocka_unit_test(rows_are_sums_at_any_time),
        cmocka_unit_test(snapshots_tell_what_leaked),
        cmocka_unit_test(numbers_go_round),
        cmocka_unit_test(what_is_held_back_is_nobodys),
        cmocka_unit_test(peaks_of_tasks_are_kept_beside_the_pool),
        cmocka_unit_test(peaks_follow_a_block_to_its_new_owner),
        cmocka_unit_test(peaks_follow_what_damage_comes_to),
    };
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    int failures = 0;
    for (uint32_t i = 0; i < built; i++) {
        engine = engines[i];
        failures += cmocka_run_group_tests_name(engine_name(engine), tests, NULL, NULL);
    }
    return failures;
}
