/* SPDX-License-Identifier: MIT */
/*
 * Verdicts where blocks wait in a quarantine: what of them is certain, and what goes by room alone.
 *
 * YW1 over quota, never, exhausted, and fragmented with blocks in between, are refused, whoever leaves meanwhile
 * YW2 up to the granule, with engines that find exactly (bestfit, linear), a request is served if and only if it fits
 * YW3 what is refused or served against its verdict is the rest: fits only once others have left, or fragmented with none
 *     in between
 * YW4 once all have left, verdicts are certain again
 */
#include "tarn/why.h"

#include "test.h"

enum { BYTES = 4096, HELD = 60 };

static _Alignas(4096) unsigned char memory[BYTES];
static unsigned char kept[BYTES];
static void *held[HELD];
static uint32_t against[2]; /* fits and was refused; fragmented and was served */
static uint32_t asked;

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

static void ask(tarn_pool *pool, uint32_t engine, size_t size, size_t alignment)
{
    tarn_verdict v;
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(tarn_why(pool, size, alignment, &v), TARN_OK);
    bool served = is_served(pool, size, alignment);
    bool fits = v.verdict == TARN_WHY_FITS;
    bool exact = alignment <= stats.granule && engine != TARN_ENGINE_TLSF;
    asked++;
    if (v.verdict != TARN_WHY_FITS && (v.verdict != TARN_WHY_FRAGMENTED || v.between != 0)) {
        assert_false(served); /* YW1 */
    }
    if (exact || stats.quarantined_blocks == 0) {
        assert_int_equal(served, fits); /* YW2, YW4 */
    }
    if (served != fits) { /* YW3 */
        assert_true(fits || (v.verdict == TARN_WHY_FRAGMENTED && v.between == 0));
        assert_true(!fits || size > v.largest_request || alignment > stats.granule);
        against[fits ? 0 : 1]++;
    }
}

static void verdicts_where_blocks_wait(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    prng random = prng_make(test_seed(), 47);
    for (uint32_t e = 0; e < count; e++) {
        asked = against[0] = against[1] = 0;
        for (uint64_t round = 0; round < test_scaled(300); round++) {
            tarn_pool *pool = shaken(engines[e], &random);
            for (uint32_t i = 0; i < 60; i++) {
                ask(pool, engines[e], prng_below(&random, 600), (size_t)1 << prng_below(&random, 9));
            }
            ask(pool, engines[e], BYTES, 1);
            assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
            for (uint32_t i = 0; i < 20; i++) {
                ask(pool, engines[e], prng_below(&random, 600), (size_t)1 << prng_below(&random, 9));
            }
            assert_sound(pool, "asked");
            assert_int_equal(tarn_deinit(pool), TARN_OK);
        }
        printf("  %s: of %u verdicts, %u that fit were refused and %u that did not were served\n",
               engine_name(engines[e]), (unsigned)asked, (unsigned)against[0], (unsigned)against[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_where_blocks_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
