/* SPDX-License-Identifier: MIT */
/*
 * Regions whose free memory is filled: writes after free, through the heap's calls.
 *
 * RF1 each byte of a freed block, changed, is found by the check, or is a word whose own rule finds it; what the fill
 *     finds is refused and set aside when it would be handed out, told with the heap, and the next request served
 * RF2 with ZERO_ON_FREE nothing that was written stays in free memory, whatever the block's way there
 * RF3 what has tails is refused with lines, and in heaps whose headers tell their width; a quarantine and a slab in
 *     every heap
 * RF4 every block keeps what was written into it, on all engines, and grows to the right or moves, never to the left
 * RF5 damage that a block meets on its way out leaves it set aside, closes its region if that is the policy, and its
 *     free is not undone
 */
#include "tarn/regions.h"
#include "tarn/report.h"
#include "test.h"

enum { BYTES = 4096, SIZE = 72, LIVE = 24 };

static _Alignas(64) unsigned char memory[2][BYTES];
static _Alignas(8) unsigned char table[TARN_HEAP_BYTES(2)];
static watch seen;

static tarn_heap *make(uint32_t engine, uint32_t words, uint32_t flags, uint32_t regions)
{
    tarn_heap *heap;
    tarn_region_options options = {.pool = {.engine = engine, .extension_words = words, .flags = flags}};
    memset(memory, 0x31, sizeof memory);
    assert_int_equal(tarn_heap_init(&heap, table, sizeof table), TARN_OK);
    for (uint32_t i = 0; i < regions; i++) {
        assert_int_equal(tarn_heap_add(heap, memory[i], BYTES, &options), TARN_OK);
    }
    assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
    return heap;
}

/* ---- RF1 ---- */

static bool write_after_free(uint32_t engine, uint32_t words, uint32_t i)
{
    tarn_heap_finding finding;
    tarn_report report;
    tarn_stats stats;
    tarn_heap *heap = make(engine, words, TARN_POOL_POISON, 1);
    (void)tarn_heap_alloc(heap, 40, NULL);
    unsigned char *at = tarn_heap_alloc(heap, SIZE, NULL);
    (void)tarn_heap_alloc(heap, 40, NULL);
    memset(at, 0x77, SIZE);
    assert_int_equal(tarn_heap_free(heap, at), TARN_OK);
    assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
    at[i] ^= (unsigned char)(1u << i % 8u);
    assert_int_equal(tarn_heap_check(heap, NULL, &finding), TARN_E_DAMAGED);
    if (finding.finding.rule != TARN_RULE_FILL) {
        assert_true(i < 20);
        return false;
    }
    watch_clear(&seen);
    assert_null(tarn_heap_alloc(heap, SIZE, NULL));
    assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_ptr_equal(seen.events[seen.count - 1].block, at);
    assert_int_equal(tarn_heap_report(heap, at, TARN_E_DAMAGED, &report), TARN_OK);
    assert_true(report.kind == TARN_REPORT_HEAP && report.rule == TARN_RULE_FILL);
    assert_true(report.guess == TARN_GUESS_USE_AFTER_FREE && report.first_bad == (uint64_t)(at + i - memory[0]));
    assert_int_equal(tarn_heap_free(heap, at), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 2);
    assert_non_null(tarn_heap_alloc(heap, SIZE, NULL));
    return true;
}

static void test_every_write_after_free_is_found(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    uint32_t found = 0;
    (void)state;
    watch_begin(&seen);
    for (uint32_t e = 0; e < count; e++) {
        for (uint32_t i = 0; i < SIZE; i++) {
            found += write_after_free(engines[e], i % 3u, i) ? 1u : 0;
        }
    }
    watch_end(&seen);
    printf("%u bytes of %u found by the fill, the others by the rules of links and tags\n", (unsigned)found,
           (unsigned)(count * SIZE));
    assert_true(found > count * (SIZE - 20u));
}

/* ---- RF2, RF4 ---- */

typedef struct held {
    unsigned char *at;
    size_t size;
} held;

static void assert_all(const unsigned char *at, size_t size, unsigned char byte)
{
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(at[i], byte);
    }
}

static void use(tarn_heap *heap, prng *random, held *h, bool zeroes)
{
    size_t size = prng_below(random, 200) + 1u;
    unsigned char *at = h->at;
    uint32_t what = prng_below(random, 4);
    if (at == NULL) {
        h->at = tarn_heap_alloc(heap, size, NULL);
        h->size = size;
        if (h->at != NULL && zeroes) {
            assert_all(h->at, size, 0);
        }
    } else if (what == 0) {
        size_t kept = size < h->size ? size : h->size;
        at = tarn_heap_realloc(heap, at, size, NULL);
        if (at != NULL) {
            assert_all(at, kept, 0x99);
            *h = (held){at, size};
        }
    } else if (what == 1) {
        h->size = tarn_heap_resize(heap, at, size) == TARN_OK ? size : h->size;
    } else {
        assert_all(at, h->size, 0x99);
        assert_int_equal(tarn_heap_free(heap, at), TARN_OK);
        h->at = NULL;
    }
    if (h->at != NULL) {
        memset(h->at, 0x99, h->size);
    }
}

static void run(uint32_t engine, uint32_t words, uint32_t flags, uint32_t steps)
{
    held blocks[LIVE] = {{NULL, 0}};
    prng random = prng_make(test_seed(), engine * 64u + flags);
    tarn_heap *heap = make(engine, words, flags, 2);
    bool zeroes = (flags & TARN_POOL_ZERO_ON_FREE) != 0;
    for (uint32_t i = 0; i < steps; i++) {
        use(heap, &random, &blocks[prng_below(&random, LIVE)], zeroes);
        if (i % 64 == 0) {
            assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
        }
    }
    for (uint32_t i = 0; i < LIVE; i++) {
        assert_int_equal(blocks[i].at == NULL ? TARN_OK : tarn_heap_free(heap, blocks[i].at), TARN_OK);
    }
    assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
    for (size_t i = 0, run_length = 0; i < sizeof memory && flags > TARN_POOL_GUARD; i++) {
        run_length = memory[i / BYTES][i % BYTES] == 0x99 ? run_length + 1u : 0;
        assert_true(run_length < 4u); /* one may be a byte of the pool's own words */
    }
}

static void test_filled_regions_in_random_use(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t e = 0; e < count; e++) {
        for (uint32_t flags = 0; flags <= 7; flags++) {
            run(engines[e], flags % 4u, flags * TARN_POOL_GUARD, (uint32_t)test_scaled(8000));
        }
    }
}

/* ---- RF3 ---- */

static void test_what_heaps_do_not_take(void **state)
{
    static const uint32_t flags[] = {TARN_POOL_GUARD, TARN_POOL_POISON, TARN_POOL_ZERO_ON_FREE};
    tarn_heap *heap;
    (void)state;
    assert_int_equal(tarn_heap_init(&heap, table, sizeof table), TARN_OK);
    for (uint32_t i = 0; i < 3; i++) {
        tarn_region_options lines = {.line = 64, .pool = {.flags = flags[i]}};
        assert_int_equal(tarn_heap_add(heap, memory[0], BYTES, &lines), TARN_E_ARGUMENT);
    }
    tarn_region_options waits = {.pool = {.quarantine = 512}};
    assert_int_equal(tarn_heap_add(heap, memory[0], BYTES, &waits), TARN_E_ARGUMENT);
    tarn_region_options paged = {.pool = {.slab = 32}};
    assert_int_equal(tarn_heap_add(heap, memory[0], BYTES, &paged), TARN_E_ARGUMENT);
}

/* A tail would have to be written once the bytes have moved, outside the lock. */
static void test_blocks_with_tails_never_grow_to_the_left(void **state)
{
    static const uint32_t flags[] = {TARN_POOL_GUARD, TARN_POOL_POISON, TARN_POOL_ZERO_ON_FREE};
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        tarn_heap *heap = make(TARN_ENGINE_DEFAULT, 0, flags[i], 1);
        unsigned char *left = tarn_heap_alloc(heap, 1500, NULL);
        unsigned char *block = tarn_heap_alloc(heap, 1000, NULL);
        while (tarn_heap_alloc(heap, 8, NULL) != NULL) {
        }
        assert_int_equal(tarn_heap_free(heap, left), TARN_OK);
        assert_null(tarn_heap_realloc(heap, block, 2000, NULL));
        assert_int_equal(tarn_heap_usable(heap, block), 1000);
        assert_ptr_equal(tarn_heap_realloc(heap, block, 1400, NULL), left);
        assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
    }
}

/* ---- RF5 ---- */

static unsigned char *leaving;
static unsigned char *breaks;

static void break_meanwhile(const tarn_event *event, void *context)
{
    (void)context;
    if (event->kind == TARN_EVENT_ENTER && event->block == leaving && event->size != 0) {
        *breaks ^= 0x08;
        leaving = NULL;
    }
}

static void leave_into_damage(uint32_t policy)
{
    tarn_heap *heap;
    tarn_stats stats;
    tarn_region_options options = {.pool = {.flags = TARN_POOL_POISON, .policy = policy}};
    unsigned char *blocks[4];
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_heap_init(&heap, table, sizeof table), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, memory[0], BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < 4; i++) {
        blocks[i] = tarn_heap_alloc(heap, SIZE, NULL);
    }
    assert_int_equal(tarn_heap_free(heap, blocks[1]), TARN_OK);
    breaks = blocks[2] - 8; /* size tag */
    leaving = blocks[2];
    watch_clear(&seen);
    assert_int_equal(tarn_heap_free(heap, blocks[2]), TARN_E_DAMAGED);
    assert_null(leaving);
    assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    for (uint32_t i = 0; i < seen.count; i++) {
        assert_true(seen.events[i].kind != TARN_EVENT_UNDO);
    }
    assert_int_equal(tarn_heap_stats(heap, memory[0], &stats), TARN_OK);
    assert_true(stats.closed == (policy == TARN_POLICY_CLOSE) && stats.blocks == 3);
    *breaks ^= 0x08;
    assert_int_equal(tarn_heap_reopen(heap, memory[0], NULL), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, blocks[2]), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
}

static void test_damage_met_by_a_block_that_leaves(void **state)
{
    (void)state;
    watch_begin(&seen);
    assert_listening(tarn_events_add_kinds(break_meanwhile, NULL, TARN_EVENTS_OF(TARN_EVENT_ENTER)));
    leave_into_damage(TARN_POLICY_STOP);
    leave_into_damage(TARN_POLICY_CLOSE);
    assert_int_equal(tarn_events_remove(break_meanwhile, NULL), TARN_OK);
    watch_end(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_write_after_free_is_found),
        cmocka_unit_test(test_filled_regions_in_random_use),
        cmocka_unit_test(test_what_heaps_do_not_take),
        cmocka_unit_test(test_damage_met_by_a_block_that_leaves),
        cmocka_unit_test(test_blocks_with_tails_never_grow_to_the_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
