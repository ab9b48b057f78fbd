/* SPDX-License-Identifier: MIT */
/*
 * Filled free memory: writes after free.
 *
 * F1 each byte of a freed block, changed, is found by the check and reported as a use after free at that byte, or is a
 *    word of the pool's whose own rule finds it
 * F2 the request that would get it is refused and told, the block set aside, and the next request served
 * F3 with ZERO_ON_FREE nothing of what was written stays in free memory
 */
#include "tarn/report.h"
#include "test.h"

enum { BYTES = 4096, SIZE = 72 };

static _Alignas(16) unsigned char memory[BYTES];
static watch seen;

static tarn_pool *make(uint32_t engine, uint32_t granule, uint32_t words, uint32_t flags)
{
    shape s = {engine, granule, words, TARN_RECOGNISE_AUTO, BYTES, flags};
    return pool_make(&s, memory);
}

static uint32_t state_at(const tarn_pool *pool, const void *at)
{
    tarn_block record;
    assert_int_equal(tarn_block_at(pool, at, &record), TARN_OK);
    return record.state;
}

static void add_text(const char *text, size_t length, void *context)
{
    char *all = context;
    strncat(all, text, length);
}

/* A block that is free, between two used ones or at the wilderness's start. */
static unsigned char *free_block(tarn_pool *pool, bool listed)
{
    (void)tarn_alloc(pool, 40);
    unsigned char *at = tarn_alloc(pool, SIZE);
    if (listed) {
        (void)tarn_alloc(pool, 40);
    }
    memset(at, 0x77, SIZE);
    assert_int_equal(tarn_free(pool, at), TARN_OK);
    assert_sound(pool, "freed");
    return at;
}

/* F2, of a byte that only the fill watches. */
static void ask_for_it(tarn_pool *pool, unsigned char *at)
{
    tarn_stats stats;
    watch_clear(&seen);
    assert_null(tarn_alloc(pool, SIZE));
    assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_int_equal(state_at(pool, at), TARN_BLOCK_HELD_BACK);
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 1);
    assert_int_equal(tarn_free(pool, at), TARN_E_DOUBLE_FREE);
    assert_int_equal(tarn_usable(pool, at), 0);
    assert_sound(pool, "set aside");
    unsigned char *other = tarn_alloc(pool, SIZE);
    assert_non_null(other);
    assert_int_equal(tarn_free(pool, other), TARN_OK);
    assert_sound(pool, "after it");
}

static uint32_t write_everywhere(uint32_t engine, uint32_t granule, uint32_t words, bool listed)
{
    uint32_t filled = 0;
    for (uint32_t i = 0; i < SIZE; i++) {
        tarn_finding finding;
        tarn_report report;
        tarn_pool *pool = make(engine, granule, words, TARN_POOL_POISON);
        unsigned char *at = free_block(pool, listed);
        at[i] ^= (unsigned char)(1u << i % 8u);
        assert_int_equal(tarn_check(pool, &finding), TARN_E_DAMAGED);
        assert_int_equal(tarn_report_about(pool, at, TARN_E_DAMAGED, &report), TARN_OK);
        if (finding.rule != TARN_RULE_FILL) {
            assert_true(listed && i < 20);
            continue;
        }
        assert_int_equal(report.rule, TARN_RULE_FILL);
        assert_int_equal(report.guess, TARN_GUESS_USE_AFTER_FREE);
        assert_int_equal(report.first_bad, at + i - memory);
        ask_for_it(pool, at);
        assert_int_equal(tarn_report_about(pool, at, TARN_E_DAMAGED, &report), TARN_OK);
        assert_true(report.guess == TARN_GUESS_USE_AFTER_FREE && report.first_bad == (uint64_t)(at + i - memory));
        char text[4096] = "";
        tarn_report_text(&report, add_text, text);
        assert_non_null(strstr(text, "free memory's fill"));
        filled++;
    }
    return filled;
}

static void test_every_write_after_free_is_found(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    uint32_t found = 0;
    (void)state;
    watch_begin(&seen);
    for (uint32_t i = 0; i < count * 18u; i++) {
        found += write_everywhere(engines[i / 18u], UINT32_C(4) << i % 3u, i / 3u % 3u, i / 9u % 2u != 0);
    }
    watch_end(&seen);
    printf("%u bytes of %u found by the fill, the others by the rules of links and tags\n", (unsigned)found,
           (unsigned)(count * 18u * SIZE));
    assert_true(found > count * 18u * (SIZE - 20u));
}

/* F3 */
static void test_nothing_stays_in_free_memory(void **state)
{
    (void)state;
    prng random = prng_make(test_seed(), 16);
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0, TARN_POOL_ZERO_ON_FREE | TARN_POOL_POISON);
    unsigned char *blocks[12] = {NULL};
    for (uint32_t i = 0; i < 20000; i++) {
        unsigned char **at = &blocks[prng_below(&random, 12)];
        size_t size = prng_below(&random, 200) + 1u;
        if (*at != NULL) {
            assert_int_equal(tarn_free(pool, *at), TARN_OK);
            *at = NULL;
        } else if ((*at = tarn_alloc(pool, size)) != NULL) {
            for (size_t k = 0; k < size; k++) {
                assert_int_equal((*at)[k], 0);
            }
            memset(*at, 0x99, size);
        }
    }
    assert_sound(pool, "used");
    assert_int_equal(tarn_reset(pool), TARN_OK);
    assert_sound(pool, "reset");
    for (size_t i = 0; i < BYTES; i++) {
        assert_true(memory[i] != 0x99);
    }
}

static void test_a_grown_pool_is_filled(void **state)
{
    (void)state;
    tarn_pool *pool = NULL;
    tarn_options options;
    memset(&options, 0, sizeof options);
    options.flags = TARN_POOL_POISON;
    options.max_bytes = BYTES;
    memset(memory, 0x31, BYTES);
    assert_int_equal(tarn_init(&pool, memory, 1000, &options), TARN_OK);
    while (tarn_alloc(pool, 8) != NULL) {
    }
    for (size_t bytes = 1001; bytes < 1100; bytes += 3) {
        assert_int_equal(tarn_grow(pool, bytes), TARN_OK);
        assert_sound(pool, "grown");
    }
    assert_int_equal(tarn_grow(pool, BYTES), TARN_OK);
    assert_sound(pool, "grown");
    assert_non_null(tarn_alloc(pool, 2000));
}

/* What would be cut off is filled before it is: not of a block that cannot be cut, beside a free one with a bad link. */
static void test_a_refused_shrink_keeps_the_bytes(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < count * 2u; i++) {
        static const uint32_t flags[] = {TARN_POOL_POISON, TARN_POOL_ZERO_ON_FREE};
        unsigned char kept[200];
        if (engines[i / 2u] == TARN_ENGINE_LINEAR) {
            continue; /* keeps no links */
        }
        tarn_pool *pool = make(engines[i / 2u], 8, 0, flags[i % 2u]);
        unsigned char *at = tarn_alloc(pool, sizeof kept);
        unsigned char *behind = tarn_alloc(pool, SIZE);
        assert_non_null(tarn_alloc(pool, 40));
        assert_int_equal(tarn_free(pool, behind), TARN_OK);
        memset(at, 0x5A, sizeof kept);
        memset(kept, 0x5A, sizeof kept);
        behind[0] ^= 0x77;
        assert_int_equal(tarn_resize(pool, at, 50), TARN_E_DAMAGED);
        assert_null(tarn_realloc(pool, at, 50));
        assert_int_equal(tarn_usable(pool, at), sizeof kept);
        assert_memory_equal(at, kept, sizeof kept);
        behind[0] ^= 0x77;
        assert_int_equal(tarn_resize(pool, at, 50), TARN_OK);
        assert_memory_equal(at, kept, 50);
        assert_sound(pool, "shrunk");
    }
}

static void test_last_owner_of_a_block_set_aside(void **state)
{
    (void)state;
    tarn_report report;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, TARN_WORDS_SEQUENCE, TARN_POOL_POISON);
    (void)tarn_alloc(pool, 40);
    unsigned char *at = tarn_alloc(pool, SIZE);
    (void)tarn_alloc(pool, 40);
    assert_int_equal(tarn_owner_set(pool, at, TARN_OWNER(7, 1)), TARN_OK);
    assert_int_equal(tarn_free(pool, at), TARN_OK);
    at[30] = 1;
    assert_null(tarn_alloc(pool, SIZE));
    assert_int_equal(tarn_report_about(pool, at, TARN_E_DAMAGED, &report), TARN_OK);
    assert_int_equal(report.block.owner, TARN_OWNER(7, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_write_after_free_is_found), cmocka_unit_test(test_nothing_stays_in_free_memory),
        cmocka_unit_test(test_a_grown_pool_is_filled),          cmocka_unit_test(test_a_refused_shrink_keeps_the_bytes),
        cmocka_unit_test(test_last_owner_of_a_block_set_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
