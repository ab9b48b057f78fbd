/* SPDX-License-Identifier: MIT */
/*
 * Verdicts where blocks wait in a quarantine, and what such a pool does so that they can be told.
 *
 * YW1 a request is served if and only if it fits, whoever has to leave for it, at every alignment
 * YW2 largest_request is served, and a byte more is not
 * YW3 a view of the bytes says the same up to the granule, and above it of no request that it fits which does not
 * YW4 a request is refused only if no free block could serve it, also one that the engine would pass over
 */
#include "tarn/why.h"

#include "test.h"

enum { BYTES = 4096, HELD = 60, AWAY = 512 };

static _Alignas(4096) unsigned char space[AWAY + BYTES];
static unsigned char *memory = space;
static unsigned char kept[BYTES];
static void *held[HELD];
static uint32_t asked;
static uint32_t fitted;
static uint32_t must_leave;
static uint32_t view_fitted; /* above the granule */

static tarn_pool *shaken(uint32_t engine, prng *random)
{
    tarn_pool *pool;
    tarn_options options = {.engine = engine, .quarantine = 200u + prng_below(random, 1500)};
    memset(memory, 0, BYTES);
    memset(held, 0, sizeof held);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < 200; i++) {
        void **place = &held[prng_below(random, HELD)];
        if (*place != NULL) {
            assert_int_equal(tarn_free(pool, *place), TARN_OK);
            *place = NULL;
        } else {
            *place = tarn_alloc_aligned(pool, prng_below(random, 150), (size_t)1 << prng_below(random, 7));
        }
    }
    return pool;
}

/* Served or not; the pool's bytes, which are all of it, are then as before. */
static bool is_served(tarn_pool *pool, size_t size, size_t alignment)
{
    memcpy(kept, memory, BYTES);
    bool served = tarn_alloc_aligned(pool, size, alignment) != NULL;
    memcpy(memory, kept, BYTES);
    return served;
}

static void expect_same_view(size_t size, size_t alignment, const tarn_verdict *live)
{
    tarn_view view;
    tarn_verdict v;
    assert_int_equal(tarn_view_open(&view, memory, BYTES), TARN_OK);
    assert_int_equal(tarn_view_why(&view, size, alignment, &v), TARN_OK);
    if (alignment <= 8) {
        assert_memory_equal(&v, live, sizeof v);
    } else {
        assert_true(v.largest_request <= live->largest_request);
        assert_true(v.verdict != TARN_WHY_FITS || live->verdict == TARN_WHY_FITS);
        assert_int_equal(v.verdict == TARN_WHY_FITS, (size == 0 ? 1u : size) <= v.largest_request);
        assert_int_equal(v.verdict == TARN_WHY_FITS, v.status == TARN_OK);
        view_fitted += v.verdict == TARN_WHY_FITS ? 1u : 0;
    }
}

static void ask(tarn_pool *pool, size_t size, size_t alignment)
{
    tarn_verdict v;
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(tarn_why(pool, size, alignment, &v), TARN_OK);
    bool served = is_served(pool, size, alignment);
    assert_int_equal(served, v.verdict == TARN_WHY_FITS);
    assert_int_equal(served, (size == 0 ? 1u : size) <= v.largest_request);
    assert_true(v.largest_request == 0 || is_served(pool, (size_t)v.largest_request, alignment));
    assert_false(is_served(pool, (size_t)v.largest_request + 1u, alignment));
    expect_same_view(size, alignment, &v);
    asked++;
    fitted += served ? 1u : 0;
    must_leave += served && size > stats.largest_request ? 1u : 0;
}

/* Where the pool lies: alignments of a view count from its first byte, wherever that was. */
static const uint32_t places[] = {0, 8, 24, 360};

static void verdicts_where_blocks_wait(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    prng random = prng_make(test_seed(), 47);
    for (uint32_t e = 0; e < count; e++) {
        asked = fitted = must_leave = view_fitted = 0;
        for (uint64_t round = 0; round < test_scaled(200); round++) {
            memory = space + places[round % (sizeof places / sizeof places[0])];
            tarn_pool *pool = shaken(engines[e], &random);
            for (uint32_t i = 0; i < 60; i++) {
                ask(pool, prng_below(&random, 600), (size_t)1 << prng_below(&random, 9));
            }
            ask(pool, BYTES, 1);
            assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
            for (uint32_t i = 0; i < 20; i++) {
                ask(pool, prng_below(&random, 600), (size_t)1 << prng_below(&random, 9));
            }
            assert_sound(pool, "asked");
            assert_int_equal(tarn_deinit(pool), TARN_OK);
        }
        printf("  %s: of %u requests %u fit, %u once others have left (seed %lu)\n", engine_name(engines[e]), asked,
               fitted, must_leave, (unsigned long)test_seed());
        assert_true(must_leave != 0 && fitted < asked && view_fitted != 0);
    }
    memory = space;
}

/* ---- YW4 ---- */

/* A full pool but for two free blocks of one bin of tlsf, 64 and 72 bytes, the smaller one at its head. */
static tarn_pool *two_of_a_bin(uint32_t engine, size_t quarantine, size_t *larger)
{
    tarn_pool *pool;
    tarn_options options = {.engine = engine, .quarantine = quarantine};
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    size_t around = quarantine == 0 ? 4 : 12; /* header; tail and link */
    *larger = 72 - around;
    void *second = tarn_alloc(pool, *larger);
    (void)tarn_alloc(pool, 1);
    void *first = tarn_alloc(pool, 64 - around);
    for (size_t size = BYTES; size != 0; size /= 2) {
        while (tarn_alloc(pool, size) != NULL) {
        }
    }
    assert_int_equal(tarn_free(pool, second), TARN_OK);
    assert_int_equal(tarn_free(pool, first), TARN_OK);
    return pool;
}

static void no_free_block_is_passed_over(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t e = 0; e < count; e++) {
        size_t size;
        tarn_verdict v;
        for (size_t quarantine = 0; quarantine < 2; quarantine++) { /* 1 byte: no block fits it, so that none waits */
            tarn_pool *pool = two_of_a_bin(engines[e], quarantine, &size);
            bool passed = engines[e] == TARN_ENGINE_TLSF && quarantine == 0;
            assert_int_equal(tarn_why(pool, size, 0, &v), TARN_OK);
            assert_int_equal(v.verdict, passed ? TARN_WHY_FRAGMENTED : TARN_WHY_FITS);
            assert_int_equal(v.between, 0);
            assert_int_equal(tarn_alloc(pool, size) != NULL, !passed);
            assert_sound(pool, "taken");
            assert_int_equal(tarn_deinit(pool), TARN_OK);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_where_blocks_wait),
        cmocka_unit_test(no_free_block_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
