/* SPDX-License-Identifier: MIT */
/*
 * The tail word and the guard: writes past the size asked for.
 *
 * G1 each byte of slack, changed to each other value, is found by free, resize, realloc and the check, and reported
 *    with its place; put right again, the block is taken back
 * G2 each bit of a tail, flipped, is found and named
 * G3 an overrun of n bytes is reported as one of n bytes as long as it stays in the slack
 * G4 tarn_usable() is the size asked for, after every change of size
 */
#include "anatomy.h"
#include "tarn/regions.h"
#include "tarn/report.h"
#include "test.h"

enum { BYTES = 2048, SIZES = 40 };

static _Alignas(16) unsigned char memory[BYTES];
static uint64_t broken;

static tarn_pool *make(uint32_t engine, uint32_t granule, uint32_t words)
{
    shape s = {engine, granule, words, TARN_RECOGNISE_AUTO, BYTES, TARN_POOL_GUARD};
    return pool_make(&s, memory);
}

static tarn_block block_at(const tarn_pool *pool, const void *at)
{
    tarn_block record;
    assert_int_equal(tarn_block_at(pool, at, &record), TARN_OK);
    return record;
}

/* Bytes from the size asked for to the tail. */
static size_t slack_of(const tarn_pool *pool, const void *at)
{
    tarn_stats stats;
    tarn_block record = block_at(pool, at);
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(stats.tail, 4);
    return (size_t)record.size - stats.overhead - stats.tail - record.usable;
}

/* Every way to give the block back or change it is refused, and the pool stays as it is. */
static void refused(tarn_pool *pool, unsigned char *at, uint32_t rule)
{
    static unsigned char before[BYTES];
    tarn_finding finding;
    memcpy(before, memory, BYTES);
    assert_int_equal(tarn_check(pool, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.rule, rule);
    assert_int_equal(finding.offset, at - memory);
    assert_memory_equal(before, memory, BYTES);
    assert_int_equal(tarn_free(pool, at), TARN_E_DAMAGED);
    assert_int_equal(tarn_resize(pool, at, 1), TARN_E_DAMAGED);
    assert_int_equal(tarn_resize(pool, at, 500), TARN_E_DAMAGED);
    assert_null(tarn_realloc(pool, at, 200));
    part tallies = {PART_TALLIES, 0, 36, 4}; /* the refusals have been counted */
    part_set(before, &tallies, part_get(memory, &tallies));
    assert_memory_equal(before, memory, BYTES);
    broken++;
}

static tarn_report report_of(tarn_pool *pool, const void *at)
{
    tarn_report report;
    assert_int_equal(tarn_report_about(pool, at, TARN_E_DAMAGED, &report), TARN_OK);
    return report;
}

static uint32_t lowest(uint32_t bits)
{
    uint32_t bit = 0;
    while ((bits >> bit & 1u) == 0) {
        bit++;
    }
    return bit;
}

static void break_slack(tarn_pool *pool, unsigned char *at, size_t size, size_t slack)
{
    for (size_t i = 0; i < slack; i++) {
        unsigned char was = at[size + i];
        for (uint32_t value = 0; value < 256; value += i == 0 ? 1u : 51u) {
            if (value == was) {
                continue;
            }
            at[size + i] = (unsigned char)value;
            refused(pool, at, TARN_RULE_GUARD);
            tarn_report report = report_of(pool, at);
            assert_int_equal(report.rule, TARN_RULE_GUARD);
            assert_int_equal(report.first_bad, at + size + i - memory);
            assert_int_equal(report.block.offset, at - memory);
            uint32_t change = (uint32_t)(value ^ was);
            bool one_bit = (change & (change - 1u)) == 0;
            assert_int_equal(report.guess, i != 0 && one_bit ? TARN_GUESS_BIT_FLIP : TARN_GUESS_OVERRUN);
            assert_int_equal(report.amount, report.guess == TARN_GUESS_OVERRUN ? i + 1u : lowest(change));
            assert_int_equal(tarn_report_skipped(&report), report.guess == TARN_GUESS_OVERRUN ? i : 0);
            at[size + i] = was;
        }
    }
}

static void break_tail(tarn_pool *pool, unsigned char *at, size_t place)
{
    for (uint32_t bit = 0; bit < 32; bit++) {
        at[place + bit / 8u] ^= (unsigned char)(1u << bit % 8u);
        refused(pool, at, TARN_RULE_TAIL);
        tarn_report report = report_of(pool, at);
        assert_int_equal(report.guess, TARN_GUESS_BIT_FLIP);
        assert_int_equal(report.first_bad, at + place - memory);
        assert_int_equal(tarn_usable(pool, at), 0);
        at[place + bit / 8u] ^= (unsigned char)(1u << bit % 8u);
    }
}

static void add_text(const char *text, size_t length, void *context)
{
    char *all = context;
    strncat(all, text, length);
}

/* G3; past the slack the tail itself is written over. */
static void overrun(tarn_pool *pool, unsigned char *at, size_t size, size_t slack)
{
    unsigned char kept[BYTES];
    memcpy(kept, memory, BYTES);
    for (size_t n = 1; n <= slack + 4u; n++) {
        memset(at + size, 'x', n);
        refused(pool, at, n <= slack ? TARN_RULE_GUARD : TARN_RULE_TAIL);
        tarn_report report = report_of(pool, at);
        assert_int_equal(report.guess, TARN_GUESS_OVERRUN);
        assert_true(tarn_report_is_own(&report));
        assert_true(n > slack || (report.amount == n && report.first_bad == (uint64_t)(at + size - memory)));
        memcpy(memory, kept, BYTES);
    }
}

static void break_around(uint32_t engine, uint32_t granule, uint32_t words)
{
    for (size_t size = 0; size < SIZES; size++) {
        tarn_pool *pool = make(engine, granule, words);
        unsigned char *first = tarn_alloc(pool, 20);
        unsigned char *at = tarn_alloc(pool, size);
        unsigned char *last = tarn_alloc(pool, 20);
        size_t asked = size == 0 ? 1 : size;
        assert_non_null(at);
        assert_int_equal(tarn_usable(pool, at), asked);
        size_t slack = slack_of(pool, at);
        memset(at, 0x11, asked);
        break_slack(pool, at, asked, slack);
        break_tail(pool, at, asked + slack);
        overrun(pool, at, asked, slack);
        assert_sound(pool, "put right");
        assert_int_equal(tarn_free(pool, first), TARN_OK);
        assert_int_equal(tarn_free(pool, at), TARN_OK);
        assert_int_equal(tarn_free(pool, last), TARN_OK);
        assert_sound(pool, "given back");
    }
}

static void test_what_lies_past_the_size_asked_for_is_watched(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < count * 9u; i++) {
        break_around(engines[i / 9u], UINT32_C(4) << i % 3u, i / 3u % 3u);
    }
    printf("%lu broken guards and tails found by four calls each\n", (unsigned long)broken);
}

/* G4 */
static void test_a_change_of_size_moves_the_guard(void **state)
{
    (void)state;
    prng random = prng_make(test_seed(), 14);
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 1);
    unsigned char *at = tarn_alloc(pool, 30);
    unsigned char *end = tarn_alloc_aligned(pool, 10, 64);
    assert_int_equal((uintptr_t)end % 64, 0);
    for (uint32_t i = 0; i < 2000; i++) {
        size_t size = prng_below(&random, 300) + 1u;
        memset(at, (int)i, tarn_usable(pool, at));
        bool in_place = i % 2u == 0;
        void *now = in_place ? (tarn_resize(pool, at, size) == TARN_OK ? at : NULL) : tarn_realloc(pool, at, size);
        if (now != NULL) {
            at = now;
            assert_int_equal(tarn_usable(pool, at), size);
            assert_int_equal(*at, (unsigned char)i);
        }
        assert_sound(pool, "resized");
    }
    assert_int_equal(tarn_resize(pool, at, 25), TARN_OK);
    at[25] ^= 0x40;
    assert_int_equal(tarn_free(pool, at), TARN_E_DAMAGED);
    char text[4096] = "";
    tarn_report report = report_of(pool, at);
    tarn_report_text(&report, add_text, text);
    assert_non_null(strstr(text, "overrun of the block by at least "));
    assert_non_null(strstr(text, "bytes past the size asked for"));
    assert_null(strstr(text, "skipped"));
    at[25] ^= 0x40;
    at[27] = 0; /* a structure's next member, behind two bytes of padding */
    assert_int_equal(tarn_free(pool, at), TARN_E_DAMAGED);
    report = report_of(pool, at);
    text[0] = '\0';
    tarn_report_text(&report, add_text, text);
    assert_non_null(strstr(text, "overrun of the block by at least 3 bytes that skipped 2 bytes in pool"));
    assert_int_equal(tarn_report_skipped(NULL), 0);
}

static void test_a_forged_tail_leads_nowhere(void **state)
{
    (void)state;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0);
    unsigned char *at = tarn_alloc(pool, 1);
    unsigned char *next = tarn_alloc(pool, 1);
    size_t slack = slack_of(pool, at);
    prng random = prng_make(test_seed(), 15);
    uint32_t taken = 0;
    uint32_t word;
    memcpy(&word, at + 1u + slack, 4);
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t forged = prng_next(&random);
        memcpy(at + 1u + slack, &forged, 4);
        taken += tarn_recognise(pool, at) == TARN_OK;
        assert_true(tarn_usable(pool, at) <= 1u + slack);
    }
    memcpy(at + 1u + slack, &word, 4);
    assert_true(taken <= 2); /* 2^-22 each */
    assert_int_equal(tarn_recognise(pool, at), TARN_OK);
    assert_int_equal(tarn_free(pool, next), TARN_OK);
}

static void test_regions_guard_where_they_have_no_lines(void **state)
{
    static _Alignas(16) unsigned char table[TARN_HEAP_BYTES(2)];
    tarn_heap *heap;
    tarn_region_options options;
    (void)state;
    memset(&options, 0, sizeof options);
    assert_int_equal(tarn_heap_init(&heap, table, sizeof table), TARN_OK);
    options.pool.flags = TARN_POOL_GUARD;
    options.line = 32;
    assert_int_equal(tarn_heap_add(heap, memory, BYTES, &options), TARN_E_ARGUMENT);
    options.line = 0;
    assert_int_equal(tarn_heap_add(heap, memory, BYTES, &options), TARN_OK);
    unsigned char *at = tarn_heap_alloc(heap, 13, NULL);
    assert_int_equal(tarn_heap_usable(heap, at), 13);
    at = tarn_heap_realloc(heap, at, 21, NULL);
    assert_int_equal(tarn_heap_usable(heap, at), 21);
    at[21] ^= 0x80;
    assert_int_equal(tarn_heap_free(heap, at), TARN_E_DAMAGED);
    at[21] ^= 0x80;
    assert_int_equal(tarn_heap_resize(heap, at, 700), TARN_OK);
    assert_int_equal(tarn_heap_usable(heap, at), 700);
    assert_int_equal(tarn_heap_free(heap, at), TARN_OK);
    assert_int_equal(tarn_heap_check(heap, memory, NULL), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_lies_past_the_size_asked_for_is_watched),
        cmocka_unit_test(test_a_change_of_size_moves_the_guard),
        cmocka_unit_test(test_a_forged_tail_leads_nowhere),
        cmocka_unit_test(test_regions_guard_where_they_have_no_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
