/* SPDX-License-Identifier: MIT */
/*
 * A slab whose table and pages were written over, and pointers that were made up.
 *
 * Between pages that cannot be touched: no call leaves the pool, and none hands out a byte that somebody has. Each
 * trial writes over words of the table or of a page in front of its objects; then come calls of all kinds, against a
 * shadow of what the program has.
 */
#include "image.h"
#include "slab.h"
#include "tarn/account.h"
#include "tarn/report.h"
#include "tarn/why.h"
#include "test.h"

enum { BYTES = 32768, LIVE = 600, HELD = 250, CALLS = 80, TRIALS = 3000 };

typedef struct held {
    unsigned char *at;
    size_t size;
} held;

static struct {
    guarded place;
    unsigned char copy[BYTES];
    held start[LIVE]; /* what the copy has */
    held live[LIVE];
    uint32_t begun;
    uint32_t count;
    tarn_pool *pool;
    prng random;
    uint64_t told; /* trials whose damage a check named */
    uint64_t rules[32];
    uint64_t repaired;
} d;

static tarn_options options_of(uint32_t engine, uint32_t words)
{
    return (tarn_options){.engine = engine, .slab = 32, .extension_words = words, .flags = TARN_POOL_UNREGISTERED};
}

static bool overlaps(const unsigned char *at, size_t size)
{
    for (uint32_t i = 0; i < d.count; i++) {
        if (at < d.live[i].at + d.live[i].size && d.live[i].at < at + size) {
            return true;
        }
    }
    return false;
}

static size_t pick(void)
{
    return prng_below(&d.random, 8) != 0 ? prng_below(&d.random, 36) : prng_below(&d.random, 700);
}

static void take(void)
{
    size_t size = pick();
    unsigned char *at = tarn_alloc(d.pool, size);
    if (at == NULL || d.count == LIVE) {
        return;
    }
    size = size == 0 ? 1 : size;
    assert_true(at >= d.place.bytes && at + size <= d.place.bytes + BYTES);
    assert_false(overlaps(at, size));
    d.live[d.count++] = (held){at, size};
    memset(at, (int)prng_below(&d.random, 256), size);
}

static void give(void)
{
    uint32_t i = prng_below(&d.random, d.count);
    if (tarn_free(d.pool, d.live[i].at) == TARN_OK) {
        d.live[i] = d.live[--d.count];
    }
}

static void change(void)
{
    uint32_t i = prng_below(&d.random, d.count);
    size_t size = 1 + pick();
    held was = d.live[i];
    d.live[i] = d.live[--d.count];
    unsigned char *at = tarn_realloc(d.pool, was.at, size);
    if (at != NULL) {
        assert_true(at >= d.place.bytes && at + size <= d.place.bytes + BYTES);
        assert_false(overlaps(at, size));
        was = (held){at, size};
    }
    d.live[d.count++] = was;
}

/* Of all kinds: by chance one is what somebody has, and is not given. */
static void forge(void)
{
    unsigned char *at = d.place.bytes + (int)prng_below(&d.random, BYTES + 200) - 100;
    at = prng_below(&d.random, 4) != 0 ? (unsigned char *)((uintptr_t)at & ~(uintptr_t)7) : at;
    (void)tarn_usable(d.pool, at);
    (void)tarn_recognise(d.pool, at);
    (void)tarn_tag_set(d.pool, at, 5);
    tarn_block record;
    (void)tarn_block_at(d.pool, at, &record);
    for (uint32_t i = 0; i < d.count; i++) {
        if (d.live[i].at == at) {
            return;
        }
    }
    if (tarn_recognise(d.pool, at) == TARN_OK) { /* the engine's headers prove themselves but for chance */
        return;
    }
    assert_int_not_equal(tarn_free(d.pool, at), TARN_OK);
    assert_null(tarn_realloc(d.pool, at, 10));
}

static bool see(const tarn_block *block, void *context)
{
    (void)block;
    (void)context;
    return true;
}

static void look(void)
{
    tarn_stats stats;
    tarn_verdict verdict;
    (void)tarn_stats_get(d.pool, &stats);
    (void)tarn_why(d.pool, pick(), 0, &verdict);
    (void)tarn_slab_walk(d.pool, see, NULL);
    (void)tarn_walk(d.pool, see, NULL);
}

static void calls(void)
{
    for (uint32_t i = 0; i < CALLS; i++) {
        uint32_t dice = prng_below(&d.random, 16);
        if (dice < 6 || d.count == 0) {
            take();
        } else if (dice < 11) {
            give();
        } else if (dice < 13) {
            change();
        } else if (dice < 15) {
            forge();
        } else {
            look();
        }
    }
}

static void prepare(uint32_t engine, uint32_t words)
{
    tarn_options options = options_of(engine, words);
    d.count = 0;
    assert_int_equal(tarn_init(&d.pool, d.place.bytes, BYTES, &options), TARN_OK);
    while (d.count < HELD) {
        take();
        if (prng_below(&d.random, 3) == 0 && d.count != 0) {
            give();
        }
    }
    for (uint32_t i = 0; i < 6; i++) { /* some pages are full, some nearly empty */
        take();
    }
    memcpy(d.copy, d.place.bytes, BYTES);
    memcpy(d.start, d.live, sizeof d.live);
    d.begun = d.count;
}

static void again(void)
{
    memcpy(d.place.bytes, d.copy, BYTES);
    memcpy(d.live, d.start, sizeof d.live);
    d.count = d.begun;
}

/* As it was. */
static uint32_t read_word(size_t at)
{
    uint32_t word;
    memcpy(&word, d.copy + at, 4);
    return word;
}

/* Byte positions of the table's words. */
static size_t any_of_table(void)
{
    uint32_t length = read_word(4u * IMAGE_SLAB);
    return 4u * IMAGE_SLAB + 4u * (size_t)prng_below(&d.random, length + 1u);
}

/* Of a page's words up to its objects; its header too. */
static size_t any_of_page(void)
{
    uint32_t form = read_word(4u * IMAGE_SLAB + 4u);
    uint32_t units = BYTES / 512u;
    uint32_t unit = 0;
    uint32_t bits = 0;
    do {
        unit = prng_below(&d.random, units);
        bits = read_word(4u * (size_t)(IMAGE_SLAB + slab_bits(form) + unit / 32u));
    } while ((bits >> unit % 32u & 1u) == 0);
    return 512u * (size_t)unit - 4u + 4u * (size_t)prng_below(&d.random, 6);
}

static uint32_t wrong(uint32_t was)
{
    switch (prng_below(&d.random, 6)) {
    case 0:
        return was ^ UINT32_C(1) << prng_below(&d.random, 32);
    case 1:
        return was ^ UINT32_C(1) << prng_below(&d.random, 32) ^ UINT32_C(1) << prng_below(&d.random, 32);
    case 2:
        return prng_next(&d.random);
    case 3:
        return prng_below(&d.random, BYTES / 8u);
    case 4:
        return prng_below(&d.random, BYTES / 512u) * 64u; /* where a page may begin */
    default:
        return prng_below(&d.random, 2) != 0 ? 0 : UINT32_MAX;
    }
}

static void damage(void)
{
    for (uint32_t i = 1 + prng_below(&d.random, 3); i != 0; i--) {
        size_t at = prng_below(&d.random, 2) != 0 ? any_of_table() : any_of_page();
        uint32_t word = wrong(read_word(at));
        memcpy(d.place.bytes + at, &word, 4);
    }
}

/* What a reader of the bytes makes of them. */
static bool is_named(void)
{
    tarn_view view;
    tarn_finding finding = {0};
    tarn_status status = tarn_view_open(&view, d.place.bytes, BYTES);
    status = status == TARN_OK ? tarn_view_check(&view, &finding) : status;
    d.rules[finding.rule % 32u]++;
    return status != TARN_OK;
}

static void trial(void)
{
    tarn_finding finding;
    again();
    damage();
    bool same = memcmp(d.copy, d.place.bytes, BYTES) == 0;
    bool named = is_named();
    assert_true(named || same);
    d.told += named ? 1u : 0;
    if (prng_below(&d.random, 4) == 0) {
        tarn_status status = tarn_repair(d.pool, &finding);
        d.repaired += named && status == TARN_OK ? 1u : 0;
        assert_true(status != TARN_OK || tarn_check(d.pool, &finding) == TARN_OK);
    }
    calls();
    assert_true(guarded_intact(&d.place));
}

static void damage_hands_out_nothing_twice_and_leaves_no_pool(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    d.random = prng_make(test_seed(), 1);
    d.place = guarded_map(BYTES);
    uint64_t trials = test_scaled(TRIALS);
    for (uint32_t i = 0; i < count * 2u; i++) {
        const tarn_options options = options_of(engines[i / 2u], i % 2u * 4u);
        prepare(engines[i / 2u], tarn_overhead(BYTES, &options) != 0 ? options.extension_words : 0);
        for (uint64_t t = 0; t < trials; t++) {
            trial();
        }
    }
    guarded_unmap(&d.place);
    printf("%lu trials, seed %lu: the check named %lu, a repair mended %lu; rules",
           (unsigned long)(trials * count * 2u), (unsigned long)test_seed(), (unsigned long)d.told,
           (unsigned long)d.repaired);
    for (uint32_t i = 0; i < 32; i++) {
        if (d.rules[i] != 0) {
            printf(" I%u %lu", (unsigned)i, (unsigned long)d.rules[i]);
        }
    }
    printf("\n");
    assert_true(d.told != 0 && d.rules[TARN_RULE_SLAB] != 0);
}

/* Of a class that is not the last, in a pool that has nothing left but room in a page of the next one. */
static void no_class_serves_what_it_cannot_hold(void **state)
{
    enum { LARGE = 1000, OBJECT = 24 };
    static _Alignas(4096) unsigned char memory[BYTES];
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        const tarn_options options = options_of(engines[i], 0);
        tarn_verdict verdict;
        tarn_pool *pool = NULL;
        assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
        assert_non_null(tarn_alloc(pool, OBJECT));
        while (tarn_alloc(pool, LARGE) != NULL) {
        }
        unsigned char *bytes_of_class = memory + 4u * (size_t)(IMAGE_SLAB + slab_row(OBJECT / 8 - 2, SLAB_BYTES));
        assert_int_equal(word_load(bytes_of_class), OBJECT - 8);
        word_store(bytes_of_class, LARGE);
        assert_null(tarn_alloc(pool, LARGE));
        assert_int_equal(tarn_why(pool, LARGE, 0, &verdict), TARN_OK);
        assert_int_not_equal(verdict.verdict, TARN_WHY_FITS);
        assert_non_null(tarn_alloc(pool, OBJECT));
        (void)tarn_deinit(pool);
    }
}

/* Pages that their class forgot when its word was written over. */
static void a_repair_gives_back_all_empty_pages_but_one(void **state)
{
    enum { OBJECT = 24, OBJECTS = 100, PAGE = 512 };
    static _Alignas(4096) unsigned char memory[BYTES];
    unsigned char *empty = memory + 4u * (size_t)(IMAGE_SLAB + slab_row(OBJECT / 8 - 1, SLAB_EMPTY));
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    void *objects[OBJECTS];
    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        const tarn_options options = options_of(engines[i], 0);
        tarn_stats stats;
        tarn_pool *pool = NULL;
        uint32_t forgotten = 0;
        assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
        for (uint32_t k = 0; k < OBJECTS; k++) {
            objects[k] = tarn_alloc(pool, OBJECT);
        }
        for (uint32_t k = 0; k + 1u < OBJECTS; k++) {
            assert_int_equal(tarn_free(pool, objects[k]), TARN_OK);
            forgotten += word_load(empty) != 0 ? 1u : 0;
            word_store(empty, 0);
        }
        assert_true(forgotten >= 2);
        assert_int_equal(tarn_check(pool, NULL), TARN_E_DAMAGED);
        assert_int_equal(tarn_repair(pool, NULL), TARN_OK);
        assert_sound(pool, "after a repair");
        assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
        assert_int_equal(stats.used, PAGE);
        assert_int_equal(tarn_free(pool, objects[OBJECTS - 1]), TARN_OK);
        assert_sound(pool, "at the end");
        (void)tarn_deinit(pool);
    }
}

int main(void)
{
    const tarn_options options = options_of(TARN_ENGINE_DEFAULT, 0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_class_serves_what_it_cannot_hold),
                                       cmocka_unit_test(a_repair_gives_back_all_empty_pages_but_one),
                                       cmocka_unit_test(damage_hands_out_nothing_twice_and_leaves_no_pool)};
    if (tarn_overhead(BYTES, &options) == 0) {
        printf("no slab in this build\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
