/* SPDX-License-Identifier: MIT */
/*
 * The check in steps of a pool with a slab, and what else looks at pages without taking from them.
 *
 * SS1 In a sound pool each round ends with nothing found, in whatever steps it is made.
 * SS2 Each bit of the table and of what stands in a page before its objects: flipped, it is found in the next round if
 *     the full check finds it, but where it is a count, or the bit of a page that is full and therefore in no list.
 * SS3 The verdict on a request says damaged where the next request would.
 */
#include "image.h"
#include "slab.h"
#include "tarn/why.h"
#include "test.h"

enum { BYTES = 32768, OBJECTS = 500, UNIT = 512, ENDLESS = 100000 };

static _Alignas(4096) unsigned char memory[BYTES];
static void *objects[OBJECTS];

/* A pool of which pages are full, with room, empty, and given back. */
static tarn_pool *make(uint32_t engine, uint32_t words)
{
    tarn_pool *pool = NULL;
    tarn_options options = {.engine = engine, .slab = 32, .flags = TARN_POOL_CURSOR, .extension_words = words};
    prng random = prng_make(test_seed(), engine);
    if (tarn_overhead(BYTES, &options) == 0) {
        options.extension_words = 0;
    }
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < OBJECTS; i++) {
        objects[i] = tarn_alloc(pool, 1u + prng_below(&random, i % 10u == 0 ? 600 : 32));
    }
    for (uint32_t i = OBJECTS / 2; i < OBJECTS; i++) {
        if (objects[i] != NULL && (i < OBJECTS - 60u || prng_below(&random, 3) != 0)) {
            assert_int_equal(tarn_free(pool, objects[i]), TARN_OK);
        }
    }
    assert_sound(pool, "made");
    return pool;
}

/* Makes parts steps at a time until a round is over; what was found first. */
static tarn_finding finish_round(tarn_pool *pool, uint32_t steps)
{
    tarn_finding first = {0};
    tarn_finding found;
    uint32_t calls = 0;
    do {
        tarn_status status = tarn_check_some(pool, steps, &found);
        assert_true(status == TARN_OK ? found.rule == 0 : status == TARN_E_DAMAGED && found.rule != 0);
        first = first.rule == 0 ? found : first;
        assert_true(++calls < ENDLESS);
    } while (found.round == 0);
    return first;
}

static void each_pool(void (*run)(tarn_pool *pool))
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t i = 0; i < 2u * count; i++) {
        run(make(engines[i / 2u], i % 2u * 2u));
    }
}

/* ---- SS1 ---- */

static void rounds_of(tarn_pool *pool)
{
    for (uint32_t steps = 1; steps < 300; steps += 1u + steps / 4u) {
        assert_int_equal(finish_round(pool, steps).rule, 0);
    }
}

static void sound_pools_stay_so(void **state)
{
    (void)state;
    each_pool(rounds_of);
}

/* ---- SS2 ---- */

static uint64_t flipped, seen, counts, marks;

static uint32_t word_of(size_t at)
{
    return word_load(memory + at);
}

static size_t bits_at(void)
{
    return 4u * (size_t)(IMAGE_SLAB + slab_bits(word_of(4u * (IMAGE_SLAB + SLAB_SHAPE))));
}

static bool is_count(size_t at)
{
    uint32_t index = (uint32_t)(at / 4u) - IMAGE_SLAB;
    return at < bits_at() && index >= SLAB_ROWS && (index - SLAB_ROWS) % SLAB_ROW_WORDS == SLAB_PAGES;
}

static void flip(tarn_pool *pool, size_t at, uint32_t bit)
{
    tarn_finding whole;
    uint32_t was = word_of(at);
    bool is_mark = at >= bits_at() && at < bits_at() + BYTES / UNIT / 8u && (was >> bit & 1u) != 0;
    (void)finish_round(pool, UINT32_MAX);
    word_store(memory + at, was ^ UINT32_C(1) << bit);
    tarn_status status = tarn_check(pool, &whole);
    if (status == TARN_E_DAMAGED && whole.rule == TARN_RULE_SLAB) {
        tarn_finding some = finish_round(pool, 3);
        flipped++;
        seen += some.rule == TARN_RULE_SLAB ? 1u : 0;
        if (some.rule == 0 && is_mark) {
            marks++;
        } else if (some.rule == 0) {
            counts++;
            assert_true(is_count(at));
        }
    }
    word_store(memory + at, was);
}

static void flip_each(tarn_pool *pool)
{
    size_t end = bits_at() + 4u * (size_t)(BYTES / UNIT / 32u);
    uint32_t step = (uint32_t)(test_scaled(100) < 100 ? 5 : 1);
    for (size_t at = 4u * IMAGE_SLAB; at < end; at += 4) {
        for (uint32_t bit = (uint32_t)(at / 4u) % step; bit < 32; bit += step) {
            flip(pool, at, bit);
        }
    }
    for (uint32_t unit = 0; unit < BYTES / UNIT; unit++) {
        if ((word_of(bits_at() + unit / 32u * 4u) >> unit % 32u & 1u) == 0) {
            continue;
        }
        for (size_t at = 0; at < 4u * (PAGE_LIVE + 2u); at += 4) {
            for (uint32_t bit = (unit + (uint32_t)at / 4u) % step; bit < 32; bit += step) {
                flip(pool, (size_t)UNIT * unit + at, bit);
            }
        }
    }
    assert_sound(pool, "all put back");
}

static void what_the_full_check_sees_the_steps_see(void **state)
{
    (void)state;
    each_pool(flip_each);
    printf("%lu bits break I21: %lu seen in steps; not %lu of counts and %lu that stand for a page\n",
           (unsigned long)flipped, (unsigned long)seen, (unsigned long)counts, (unsigned long)marks);
    assert_true(seen + counts + marks == flipped && marks < 200 && seen > 10u * (counts + marks));
}

/* ---- SS3 ---- */

/* The head's second page names another one back, or none. */
static void break_a_link(tarn_pool *pool)
{
    uint32_t classes = slab_classes(word_of(4u * (IMAGE_SLAB + SLAB_SHAPE)));
    uint32_t broken = 0;
    for (uint32_t i = 0; i < classes; i++) {
        uint32_t head = word_of(4u * (size_t)(IMAGE_SLAB + slab_row(i, SLAB_HEAD)));
        size_t next = head != 0 ? 8u * (size_t)word_of(8u * (size_t)head + 4u * PAGE_NEXT) : 0;
        size_t bytes = word_of(4u * (size_t)(IMAGE_SLAB + slab_row(i, SLAB_BYTES)));
        tarn_verdict verdict;
        if (next == 0) {
            continue;
        }
        broken++;
        assert_int_equal(tarn_why(pool, bytes, 0, &verdict), TARN_OK);
        assert_int_equal(verdict.verdict, TARN_WHY_FITS);
        memory[next + 4u * PAGE_PREV] ^= 64u;
        assert_int_equal(tarn_why(pool, bytes, 0, &verdict), TARN_OK);
        assert_int_equal(verdict.verdict, TARN_WHY_DAMAGED);
        assert_null(tarn_alloc(pool, bytes));
        memory[next + 4u * PAGE_PREV] ^= 64u;
    }
    assert_true(broken != 0);
}

static void a_verdict_sees_broken_links(void **state)
{
    (void)state;
    each_pool(break_a_link);
}

int main(void)
{
    const tarn_options options = {.slab = 32};
    if (tarn_overhead(BYTES, &options) == 0) {
        printf("no slab in this build\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_pools_stay_so),
        cmocka_unit_test(what_the_full_check_sees_the_steps_see),
        cmocka_unit_test(a_verdict_sees_broken_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
