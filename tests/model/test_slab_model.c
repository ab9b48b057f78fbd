/* SPDX-License-Identifier: MIT */
/*
 * Pools with a slab against a shadow: random requests of small and of larger sizes, on each engine, with granules of 4,
 * 8 and 16, with and without extension words and parked blocks, in memory between pages that cannot be touched.
 *
 * After every step the shadow knows what the program has; now and then the whole pool is looked at: the contents are
 * what was written, objects and blocks overlap nowhere, the walk of objects lists those that the program has and no
 * others, the pool and a copy of its bytes are sound, and the counts are those of its blocks and pages.
 */
#include "tarn/account.h"
#include "tarn/why.h"
#include "test.h"

#include <stdlib.h>

enum { LIVE = 3000, STEPS = 30000, BETWEEN = 500 };

typedef struct held {
    unsigned char *at;
    size_t size;
    uint32_t pattern;
} held;

typedef struct slab_model {
    tarn_pool *pool;
    tarn_options options;
    unsigned char *bytes;
    unsigned char *spare;
    size_t size;
    prng random;
    held live[LIVE];
    uint32_t count;
    uint64_t step;
    uint64_t objects; /* seen by walks */
    uint64_t refused;
} slab_model;

static slab_model m;

static void expect(bool holds, const char *what)
{
    if (!holds) {
        fail_msg("%s: %s granule %u words %u slab %u park %u, seed %lu, step %lu", what, engine_name(m.options.engine),
                 (unsigned)m.options.granule, (unsigned)m.options.extension_words, (unsigned)m.options.slab,
                 (unsigned)m.options.park, (unsigned long)test_seed(), (unsigned long)m.step);
    }
}

static void fill(const held *h)
{
    for (size_t i = 0; i < h->size; i++) {
        h->at[i] = (unsigned char)(h->pattern + i * 7u);
    }
}

static void verify(const held *h, size_t limit)
{
    for (size_t i = 0; i < h->size && i < limit; i++) {
        expect(h->at[i] == (unsigned char)(h->pattern + i * 7u), "contents changed");
    }
}

static void accept(held *h, void *at, size_t size)
{
    size_t usable = tarn_usable(m.pool, at);
    h->at = at;
    h->size = size == 0 ? 1 : size;
    h->pattern = prng_next(&m.random);
    expect(usable >= h->size, "less than was asked for");
    expect(h->at >= m.bytes && h->at + usable <= m.bytes + m.size, "outside the pool");
    expect((size_t)(h->at - m.bytes) % m.options.granule == 0, "off the granule");
    h->size = usable; /* all of it is the program's */
    fill(h);
}

static size_t pick_size(void)
{
    uint32_t dice = prng_below(&m.random, 16);
    return prng_below(&m.random, dice < 12 ? 40 : dice < 15 ? 300 : 3000);
}

static void step_alloc(void)
{
    size_t size = pick_size();
    tarn_verdict verdict;
    bool asks = prng_below(&m.random, 8) == 0;
    bool aligned = prng_below(&m.random, 16) == 0;
    size_t alignment = (size_t)4 << prng_below(&m.random, 6);
    if (m.count == LIVE) {
        return;
    }
    if (asks) {
        expect(tarn_why(m.pool, size, aligned ? alignment : 0, &verdict) == TARN_OK, "no verdict");
    }
    void *at = aligned ? tarn_alloc_aligned(m.pool, size, alignment) : tarn_alloc(m.pool, size);
    expect(!asks || (verdict.verdict == TARN_WHY_FITS) == (at != NULL), "the verdict was wrong");
    expect(!asks || at != NULL || size + (size == 0) > verdict.largest_request || aligned,
           "the largest request was refused");
    if (at == NULL) {
        m.refused++;
        return;
    }
    expect(!aligned || (uintptr_t)at % alignment == 0, "off the alignment");
    accept(&m.live[m.count++], at, size);
}

static void step_free(void)
{
    uint32_t at = prng_below(&m.random, m.count);
    held h = m.live[at];
    verify(&h, SIZE_MAX);
    expect(tarn_free(m.pool, h.at) == TARN_OK, "a free was refused");
    m.live[at] = m.live[--m.count];
    if (prng_below(&m.random, 4) == 0) {
        expect(tarn_free(m.pool, h.at) != TARN_OK, "a second free was taken");
    }
}

static void step_realloc(void)
{
    held *h = &m.live[prng_below(&m.random, m.count)];
    size_t size = pick_size();
    uint32_t tag = 0;
    tarn_block before;
    tarn_block after;
    expect(tarn_block_at(m.pool, h->at, &before) == TARN_OK && before.state == TARN_BLOCK_USED, "not found");
    tag = before.tag;
    void *at = tarn_realloc(m.pool, h->at, size);
    if (at == NULL) {
        m.refused++;
        verify(h, SIZE_MAX);
        return;
    }
    h->at = at;
    verify(h, tarn_usable(m.pool, at));
    expect(tarn_block_at(m.pool, at, &after) == TARN_OK && after.tag == tag, "a tag was lost");
    accept(h, at, size);
}

static void step_resize(void)
{
    held *h = &m.live[prng_below(&m.random, m.count)];
    size_t size = pick_size();
    size_t usable = tarn_usable(m.pool, h->at);
    tarn_status status = tarn_resize(m.pool, h->at, size);
    expect(status == TARN_OK || (status == TARN_E_EXHAUSTED && size > usable), "resize gave another answer");
    h->size = status == TARN_OK && tarn_usable(m.pool, h->at) < h->size ? tarn_usable(m.pool, h->at) : h->size;
    verify(h, SIZE_MAX);
    if (status == TARN_OK) {
        accept(h, h->at, size);
    }
}

static void step_bad_free(void)
{
    const held *h = &m.live[prng_below(&m.random, m.count)];
    unsigned char *at = h->at + 1 + prng_below(&m.random, (uint32_t)h->size + 12u);
    for (uint32_t i = 0; i < m.count; i++) {
        if (m.live[i].at == at) {
            return;
        }
    }
    if (tarn_recognise(m.pool, at) != TARN_OK) { /* by chance, in a block of the engine's */
        expect(tarn_free(m.pool, at) != TARN_OK, "a pointer that is no block was taken");
    }
}

static void step_move(void)
{
    tarn_pool *moved = NULL;
    memcpy(m.spare, m.bytes, m.size);
    expect(tarn_deinit(m.pool) == TARN_OK, "deinit was refused");
    memset(m.bytes, 0xDD, m.size);
    expect(tarn_adopt(&moved, m.spare, m.size) == TARN_OK, "a copied image was not adopted");
    for (uint32_t i = 0; i < m.count; i++) {
        m.live[i].at = m.spare + (m.live[i].at - m.bytes);
    }
    unsigned char *former = m.bytes;
    m.bytes = m.spare;
    m.spare = former;
    m.pool = moved;
}

static int by_place(const void *a, const void *b)
{
    const held *x = a;
    const held *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

typedef struct seen {
    uint64_t bytes;
    uint32_t blocks;
    uint32_t found;
    uint32_t pages;
} seen;

static bool find_held(const tarn_block *block, void *context)
{
    seen *s = context;
    const held key = {m.bytes + block->offset, 0, 0};
    expect(bsearch(&key, m.live, m.count, sizeof key, by_place) != NULL, "a walk lists what nobody has");
    s->found++;
    return true;
}

static bool see_block(const tarn_block *block, void *context)
{
    seen *s = context;
    if (block->state == TARN_BLOCK_FREE) {
        return true;
    }
    s->bytes += block->size;
    s->blocks++;
    s->pages += block->state == TARN_BLOCK_SLAB ? 1u : 0;
    return block->state == TARN_BLOCK_SLAB || find_held(block, context);
}

static void look(void)
{
    tarn_view view;
    tarn_stats stats;
    seen blocks = {0, 0, 0, 0};
    seen objects = {0, 0, 0, 0};
    qsort(m.live, m.count, sizeof m.live[0], by_place);
    for (uint32_t i = 0; i < m.count; i++) {
        verify(&m.live[i], SIZE_MAX);
        expect(i + 1 == m.count || m.live[i].at + m.live[i].size <= m.live[i + 1].at, "two overlap");
    }
    expect(tarn_view_open(&view, m.bytes, m.size) == TARN_OK && tarn_view_check(&view, NULL) == TARN_OK,
           "the bytes are not sound");
    tarn_finding finding;
    expect(tarn_check(m.pool, &finding) == TARN_OK, "the pool is not sound");
    expect(tarn_walk(m.pool, see_block, &blocks) == TARN_OK && tarn_slab_walk(m.pool, find_held, &objects) == TARN_OK,
           "no walk");
    expect(blocks.found + objects.found == m.count, "walks miss what the program has");
    expect(tarn_stats_get(m.pool, &stats) == TARN_OK && stats.used == blocks.bytes && stats.blocks == blocks.blocks,
           "counts are wrong");
    expect((objects.found == 0) == (blocks.pages == 0), "a page is kept of which nobody has anything");
    m.objects += objects.found;
}

static void step(void)
{
    static const struct {
        uint32_t weight;
        void (*act)(void);
    } acts[] = {{500, step_free}, {90, step_realloc}, {30, step_resize}, {30, step_bad_free}, {1, step_move}};
    bool fills = m.step / 2000 % 2 == 0;
    uint32_t dice = prng_below(&m.random, fills ? 1700 : 1100);
    for (uint32_t i = 0; i < 5 && m.count != 0; i++) {
        if (dice < acts[i].weight) {
            acts[i].act();
            return;
        }
        dice -= acts[i].weight;
    }
    step_alloc();
}

static void run(tarn_options options, size_t size)
{
    guarded places[2] = {guarded_map(size), guarded_map(size)};
    m.options = options;
    m.bytes = places[0].bytes;
    m.spare = places[1].bytes;
    m.size = size;
    m.count = 0;
    m.random = prng_make(test_seed(), options.engine * 7u + options.granule);
    assert_int_equal(tarn_init(&m.pool, m.bytes, size, &options), TARN_OK);
    uint64_t steps = test_scaled(STEPS);
    for (m.step = 1; m.step <= steps; m.step++) {
        step();
        if (m.step % BETWEEN == 0) {
            look();
        }
    }
    look(); /* a short run sees objects too */
    while (m.count != 0) {
        step_free();
    }
    look();
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(m.pool, &stats), TARN_OK);
    assert_int_equal(stats.used, 0);
    assert_int_equal(stats.free_blocks, 1);
    assert_int_equal(tarn_deinit(m.pool), TARN_OK);
    assert_true(guarded_intact(&places[0]) && guarded_intact(&places[1]));
    guarded_unmap(&places[0]);
    guarded_unmap(&places[1]);
}

static void pools_with_a_slab_agree_with_their_shadow(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    m.objects = m.refused = 0;
    for (uint32_t i = 0; i < count * 12u; i++) {
        tarn_options options = {.engine = engines[i / 12u], .granule = UINT32_C(4) << i % 3u, .slab = 32};
        options.extension_words = i % 12u / 3u == 1 ? 1 : i % 12u / 3u == 2 ? 4 : 0;
        options.park = i % 12u / 3u == 3 ? 256 : 0;
        options.flags = i % 2u != 0 ? TARN_POOL_UNLOCKED : 0;
        options.slab = i % 5u == 4 ? 128 : 32;
        options.extension_words = tarn_overhead(32768, &options) != 0 ? options.extension_words : 0;
        run(options, i % 2u == 0 ? 32768 : 131072);
    }
    printf("%u pools, seed %lu: %lu objects seen by walks, %lu requests refused\n", (unsigned)(count * 12u),
           (unsigned long)test_seed(), (unsigned long)m.objects, (unsigned long)m.refused);
    assert_true(m.objects != 0);
}

int main(void)
{
    const tarn_options options = {.slab = 32};
    if (tarn_overhead(32768, &options) == 0) {
        printf("no slab in this build\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(pools_with_a_slab_agree_with_their_shadow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
