/* SPDX-License-Identifier: MIT */
/*
 * The check in steps while a program works on the pool.
 *
 * CR1 whatever is done between calls, resets, growth and moves to another address included: no call finds anything, the
 *     place is never stale (I19), and rounds come to their end
 * CR2 what is broken when a round begins, and stays so, is found in that round, wherever it is
 */
#include "model.h"
#include "tarn/inspect.h"

#include <stdlib.h>

enum { LARGEST = 1 << 16, TYPICAL = 60, GUARDED = 12 };

static _Alignas(4096) unsigned char places[2][LARGEST];
static model_block shadows[MODEL_CAPACITY];

static const uint32_t flags_of[] = {0, TARN_POOL_GUARD, TARN_POOL_POISON,
                                    TARN_POOL_GUARD | TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE};

/* ---- CR1 ---- */

typedef struct course {
    uint64_t calls;
    uint64_t rounds;
    uint64_t operations;
} course;

static void run_course(const shape *s, uint32_t most, course *all)
{
    static model_counts counts;
    model m;
    tarn_finding finding;
    model_begin(&m, s, places[0], places[1], shadows, TYPICAL, test_seed(), &counts);
    uint64_t steps = test_scaled(4000);
    for (uint64_t i = 1; i <= steps; i++) {
        model_step(&m);
        uint32_t parts = prng_below(&m.random, most + 1u);
        tarn_status status = tarn_check_some(m.pool, parts, &finding);
        if (status != TARN_OK) {
            char text[SHAPE_TEXT];
            fail_msg("%s, seed %lu, step %lu: rule %u at %lu", shape_text(s, text), (unsigned long)test_seed(),
                     (unsigned long)i, finding.rule, (unsigned long)finding.offset);
        }
        all->calls++;
        all->rounds += finding.round;
        if (i % 40u == 0) {
            model_verify(&m);
        }
    }
    all->operations += steps;
    model_end(&m);
}

static void no_round_finds_anything_in_a_sound_pool(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    (void)state;
    for (uint32_t most = 2; most <= 32; most *= 4) {
        course all = {0, 0, 0};
        for (uint32_t i = 0; i < built * 8u; i++) {
            shape s = {engines[i / 8u], UINT32_C(4) << i % 3u,
                       i % 8u,          TARN_RECOGNISE_KEYED + i / 2u % 2u,
                       4096u << i % 3u, flags_of[i / 2u % 4u] | TARN_POOL_CURSOR};
            run_course(&s, most, &all);
        }
        printf("up to %u parts a call: %lu operations, %lu calls, %lu rounds, seed %lu\n", most,
               (unsigned long)all.operations, (unsigned long)all.calls, (unsigned long)all.rounds,
               (unsigned long)test_seed());
        assert_true(all.rounds > all.calls * most / 100000u);
    }
}

/* ---- CR2 ---- */

/* Blocks that stay where they are, each followed by one byte of slack at least, among others that come and go. */
typedef struct garden {
    tarn_pool *pool;
    prng random;
    unsigned char *kept[GUARDED];
    unsigned char *others[64];
} garden;

static void garden_step(garden *g)
{
    unsigned char **other = &g->others[prng_below(&g->random, 64)];
    uint32_t size = 1u + prng_below(&g->random, 300);
    if (*other == NULL) {
        *other = tarn_alloc(g->pool, size);
    } else if (prng_below(&g->random, 3) == 0) {
        unsigned char *moved = tarn_realloc(g->pool, *other, size);
        *other = moved != NULL ? moved : *other;
    } else {
        assert_int_equal(tarn_free(g->pool, *other), TARN_OK);
        *other = NULL;
    }
}

static garden plant(uint32_t engine, uint32_t salt)
{
    garden g;
    memset(&g, 0, sizeof g);
    g.random = prng_make(test_seed(), salt);
    tarn_options options = {.engine = engine, .flags = TARN_POOL_CURSOR | TARN_POOL_GUARD | TARN_POOL_POISON};
    assert_int_equal(tarn_init(&g.pool, places[0], 16384, &options), TARN_OK);
    for (uint32_t i = 0; i < GUARDED; i++) {
        for (uint32_t k = 0; k < 20; k++) {
            garden_step(&g);
        }
        g.kept[i] = tarn_alloc(g.pool, 33 + 8u * i); /* 33 + 4 + 4: 7 bytes of slack */
        assert_non_null(g.kept[i]);
    }
    return g;
}

static void round_of(garden *g, bool *found, const unsigned char *where)
{
    tarn_finding finding;
    uint32_t calls = 0;
    *found = false;
    do {
        garden_step(g);
        if (tarn_check_some(g->pool, 1u + prng_below(&g->random, 6), &finding) != TARN_OK) {
            assert_int_equal(finding.rule, TARN_RULE_GUARD);
            assert_int_equal(finding.offset, where - places[0]);
            *found = true;
        }
        assert_true(++calls < 100000);
    } while (finding.round == 0);
}

static void a_fault_is_found_in_one_round(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    uint32_t faults = 0;
    (void)state;
    for (uint32_t i = 0; i < built; i++) {
        garden g = plant(engines[i], i);
        uint32_t trials = (uint32_t)test_scaled(600);
        for (uint32_t trial = 0; trial < trials; trial++) {
            bool found;
            unsigned char *block = g.kept[prng_below(&g.random, GUARDED)];
            unsigned char *slack = block + tarn_usable(g.pool, block);
            round_of(&g, &found, NULL);
            assert_false(found);
            *slack ^= 0x10;
            round_of(&g, &found, block);
            assert_true(found);
            *slack ^= 0x10;
            faults++;
        }
        assert_sound(g.pool, "after the rounds");
    }
    printf("%u faults, each found in the round that it was there in, seed %lu\n", faults, (unsigned long)test_seed());
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_round_finds_anything_in_a_sound_pool),
                                       cmocka_unit_test(a_fault_is_found_in_one_round)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
