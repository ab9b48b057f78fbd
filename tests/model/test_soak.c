/* SPDX-License-Identifier: MIT */
/*
 * Random valid use, in quantity, with every report asked for: there must be none.
 *
 * SK1 No report is delivered, whatever the tier: plain pools, the exact map with words and modules, guards, fill; block
 *     pools without flags, with map and owners, with guard and fill; heaps of regions; pools whose blocks wait.
 * SK2 Each block holds what its owner wrote into it, first byte and last, until it is given back or changes size.
 * SK3 The full check (tier 4), after every 2^16 operations, finds nothing.
 *
 * 10^8 operations at TARN_TEST_SCALE=100. An operation is an allocation, a resize, a realloc, a change of owner or a
 * return; requests that find no room count, and refuse nothing else.
 */
#include "test.h"

#include "tarn/account.h"
#include "tarn/blocks.h"
#include "tarn/port.h"
#include "tarn/regions.h"
#include "tarn/report.h"

enum { LIVE = 64, BYTES = 6144, REGIONS = 2, BETWEEN = 1 << 16 };

static const uint64_t OPERATIONS = UINT64_C(100000000);

static _Alignas(64) unsigned char memory[REGIONS][BYTES];
static _Alignas(8) unsigned char heap_memory[TARN_HEAP_BYTES(REGIONS)];

/* ---- SK1 ---- */

static uint32_t reports;

void tarn_port_report(const tarn_report *report)
{
    reports++;
    printf("a report: rule %u, status %d, %s\n", report->rule, report->status, tarn_guess_text(report->guess));
}

/* ---- what is used: pool, heap and block pool behind one set of calls ---- */

typedef struct subject subject;

typedef struct operations {
    void *(*take)(const subject *s, size_t size, size_t alignment);
    void *(*change)(const subject *s, void *block, size_t size); /* NULL: there is none */
    bool (*resize)(const subject *s, void *block, size_t size);
    tarn_status (*own)(const subject *s, void *block, uint32_t owner);
    tarn_status (*give)(const subject *s, void *block);
    tarn_status (*check)(const subject *s);
} operations;

struct subject {
    const operations *does;
    tarn_pool *pool;
    tarn_blocks *blocks;
    tarn_heap *heap;
    uint32_t block_bytes; /* of a block pool */
    bool owned;
};

static uint64_t no_room; /* requests of the configuration at hand that found none */

typedef struct holding {
    unsigned char *at;
    size_t size;
    unsigned char mark;
} holding;

static void *pool_take(const subject *s, size_t size, size_t alignment)
{
    return alignment == 1 ? tarn_alloc(s->pool, size) : tarn_alloc_aligned(s->pool, size, alignment);
}

static void *pool_change(const subject *s, void *block, size_t size)
{
    return tarn_realloc(s->pool, block, size);
}

static bool pool_resize(const subject *s, void *block, size_t size)
{
    return tarn_resize(s->pool, block, size) == TARN_OK;
}

static tarn_status pool_own(const subject *s, void *block, uint32_t owner)
{
    return tarn_owner_set(s->pool, block, owner);
}

static tarn_status pool_give(const subject *s, void *block)
{
    return tarn_free(s->pool, block);
}

static tarn_status pool_check(const subject *s)
{
    return tarn_check(s->pool, NULL);
}

static const operations of_pool = {pool_take, pool_change, pool_resize, pool_own, pool_give, pool_check};

static void *heap_take(const subject *s, size_t size, size_t alignment)
{
    tarn_request request = {.alignment = alignment};
    return tarn_heap_alloc(s->heap, size, &request);
}

static void *heap_change(const subject *s, void *block, size_t size)
{
    return tarn_heap_realloc(s->heap, block, size, NULL);
}

static bool heap_resize(const subject *s, void *block, size_t size)
{
    return tarn_heap_resize(s->heap, block, size) == TARN_OK;
}

static tarn_status heap_own(const subject *s, void *block, uint32_t owner)
{
    return tarn_heap_owner_set(s->heap, block, owner);
}

static tarn_status heap_give(const subject *s, void *block)
{
    return tarn_heap_free(s->heap, block);
}

static tarn_status heap_check(const subject *s)
{
    return tarn_heap_check(s->heap, NULL, NULL);
}

static const operations of_heap = {heap_take, heap_change, heap_resize, heap_own, heap_give, heap_check};

static void *blocks_take(const subject *s, size_t size, size_t alignment)
{
    (void)size;
    (void)alignment;
    return tarn_blocks_get(s->blocks);
}

static tarn_status blocks_own(const subject *s, void *block, uint32_t owner)
{
    return tarn_blocks_owner_set(s->blocks, block, owner);
}

static tarn_status blocks_give(const subject *s, void *block)
{
    return tarn_blocks_put(s->blocks, block);
}

static tarn_status blocks_check(const subject *s)
{
    return tarn_blocks_check(s->blocks, NULL);
}

static const operations of_blocks = {blocks_take, NULL, NULL, blocks_own, blocks_give, blocks_check};

/* ---- one operation ---- */

static void write_ends(holding *h, uint32_t random)
{
    h->mark = (unsigned char)random;
    h->at[0] = h->mark;
    h->at[h->size - 1u] = (unsigned char)~h->mark;
}

/* SK2. */
static void assert_ends(const holding *h)
{
    if (h->size > 1u && (h->at[0] != h->mark || h->at[h->size - 1u] != (unsigned char)~h->mark)) {
        fail_msg("a block of %zu bytes does not hold what was written", h->size);
    }
}

static void allocate(const subject *s, holding *h, uint32_t random, size_t size)
{
    static const size_t alignments[] = {1, 1, 1, 1, 1, 1, 32, 64};
    h->size = s->block_bytes != 0 ? s->block_bytes : size;
    h->at = s->does->take(s, size, alignments[random & 7u]);
    if (h->at != NULL) {
        write_ends(h, random);
    } else {
        no_room++;
    }
}

static void change(const subject *s, holding *h, uint32_t random, size_t size)
{
    unsigned char *moved = s->does->change(s, h->at, size);
    if (moved == NULL) {
        no_room++;
        return;
    }
    if (h->size > 1u && (moved[0] != h->mark || (size >= h->size && moved[h->size - 1u] != (unsigned char)~h->mark))) {
        fail_msg("a block of %zu bytes lost what was written when it got %zu", h->size, size);
    }
    h->at = moved;
    h->size = size;
    write_ends(h, random);
}

static void use_held(const subject *s, holding *h, uint32_t random, size_t size)
{
    uint32_t what = random >> 8 & 15u;
    assert_ends(h);
    if (what < 3u && s->does->change != NULL) {
        change(s, h, random, size);
    } else if (what < 4u && s->does->resize != NULL) {
        h->size = s->does->resize(s, h->at, size) ? size : h->size;
        write_ends(h, random);
    } else if (what < 5u && s->owned) {
        assert_int_equal(s->does->own(s, h->at, TARN_OWNER(random & 3u, 5)), TARN_OK);
    } else {
        assert_int_equal(s->does->give(s, h->at), TARN_OK);
        h->at = NULL;
    }
}

static void soak(const subject *s, uint64_t steps, uint64_t stream)
{
    static holding held[LIVE];
    prng random = prng_make(test_seed(), stream);
    memset(held, 0, sizeof held);
    no_room = 0;
    for (uint64_t i = 1; i <= steps; i++) {
        uint32_t r = prng_next(&random);
        holding *h = &held[r >> 26];
        size_t size = 1u + (r >> 12 & ((r & 8u) != 0 ? 511u : 63u));
        if (h->at == NULL) {
            allocate(s, h, r, size);
        } else {
            use_held(s, h, r, size);
        }
        if (i % BETWEEN == 0) {
            assert_int_equal(s->does->check(s), TARN_OK);
        }
    }
    assert_int_equal(s->does->check(s), TARN_OK);
    for (uint32_t i = 0; i < LIVE; i++) {
        assert_int_equal(held[i].at == NULL ? TARN_OK : s->does->give(s, held[i].at), TARN_OK);
    }
    assert_int_equal(s->does->check(s), TARN_OK);
    assert_int_equal(reports, 0);
}

/* ---- the configurations: each gets the same share ---- */

enum { POOL_TIERS = 8, BLOCK_TIERS = 4, HEAP_TIERS = 5 };

static const tarn_options pool_tiers[POOL_TIERS] = {
    {.recognition = TARN_RECOGNISE_KEYED},
    {.recognition = TARN_RECOGNISE_EXACT, .extension_words = TARN_WORDS_TAG, .modules = 4},
    {.recognition = TARN_RECOGNISE_EXACT, .extension_words = TARN_WORDS_SITE, .flags = TARN_POOL_GUARD},
    {.extension_words = TARN_WORDS_SITE, .flags = TARN_POOL_GUARD | TARN_POOL_POISON},
    {.flags = TARN_POOL_GUARD | TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE},
    {.quarantine = 1500},
    {.extension_words = TARN_WORDS_SITE, .flags = TARN_POOL_GUARD | TARN_POOL_POISON, .quarantine = 600},
    {.extension_words = TARN_WORDS_SITE, .flags = TARN_POOL_BACKUP, .policy = TARN_POLICY_REPAIR},
};

static const uint32_t block_tiers[BLOCK_TIERS] = {
    0,
    TARN_BLOCKS_MAP,
    TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER | TARN_BLOCKS_GUARD,
    TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER | TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON,
};

static uint64_t share(void)
{
    uint32_t engines[3];
    return test_scaled(OPERATIONS) / (engines_built(engines) * (POOL_TIERS + HEAP_TIERS) + BLOCK_TIERS) + 1u;
}

static void told(const char *what, const char *engine, uint32_t tier, uint64_t steps)
{
    printf("%-6s %-8s tier %u: %lu operations, %lu found no room, no report (seed %lu)\n", what, engine, tier,
           (unsigned long)steps, (unsigned long)no_room, (unsigned long)test_seed());
}

static void pools_give_no_report(void **state)
{
    uint32_t engines[3];
    (void)state;
    for (uint32_t i = 0, count = engines_built(engines); i < count; i++) {
        for (uint32_t tier = 0; tier < POOL_TIERS; tier++) {
            tarn_options options = pool_tiers[tier];
            subject s = {.does = &of_pool, .owned = options.extension_words != 0};
            options.engine = engines[i];
            assert_int_equal(tarn_init(&s.pool, memory[0], BYTES, &options), TARN_OK);
            soak(&s, share(), 16u * i + tier);
            assert_int_equal(tarn_deinit(s.pool), TARN_OK);
            told("pool", engine_name(engines[i]), tier < 2u ? tier + 1u : 3u, share());
        }
    }
}

static void heaps_give_no_report(void **state)
{
    uint32_t engines[3];
    (void)state;
    for (uint32_t i = 0, count = engines_built(engines); i < count; i++) {
        for (uint32_t tier = 0; tier < HEAP_TIERS; tier++) {
            tarn_region_options options = {.pool = pool_tiers[tier]};
            subject s = {.does = &of_heap, .owned = options.pool.extension_words != 0};
            options.pool.engine = engines[i];
            assert_int_equal(tarn_heap_init(&s.heap, heap_memory, sizeof heap_memory), TARN_OK);
            assert_int_equal(tarn_heap_add(s.heap, memory[0], BYTES * 2 / 3, &options), TARN_OK);
            assert_int_equal(tarn_heap_add(s.heap, memory[1], BYTES * 2 / 3, &options), TARN_OK);
            soak(&s, share(), 256u + 16u * i + tier);
            assert_int_equal(tarn_heap_deinit(s.heap), TARN_OK);
            told("heap", engine_name(engines[i]), tier < 2u ? tier + 1u : 3u, share());
        }
    }
}

static void block_pools_give_no_report(void **state)
{
    (void)state;
    for (uint32_t tier = 0; tier < BLOCK_TIERS; tier++) {
        tarn_blocks_options options = {.count = LIVE / 2, .flags = block_tiers[tier]};
        subject s = {.does = &of_blocks, .block_bytes = 36, .owned = (options.flags & TARN_BLOCKS_OWNER) != 0};
        assert_int_equal(tarn_blocks_init(&s.blocks, memory[0], BYTES, s.block_bytes, &options), TARN_OK);
        soak(&s, share(), 512u + tier);
        assert_int_equal(tarn_blocks_deinit(s.blocks), TARN_OK);
        told("blocks", "", tier < 2u ? tier + 1u : 3u, share());
    }
}

static int ask_for_reports(void **state)
{
    (void)state;
    return tarn_reports_on();
}

static int ask_for_none(void **state)
{
    (void)state;
    return tarn_reports_off();
}

int main(void)
{
    (void)tarn_repairs_on();
    const struct CMUnitTest tests[] = {cmocka_unit_test(pools_give_no_report), cmocka_unit_test(heaps_give_no_report),
                                       cmocka_unit_test(block_pools_give_no_report)};
    if (!has_events()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, ask_for_reports, ask_for_none);
}
