/* SPDX-License-Identifier: MIT */
/*
 * Random use of pools with a quarantine, against a shadow that knows which blocks wait and in what order.
 *
 * QM1 what waits is what the shadow says: a block given back enters once at most 4 of the oldest have left and it fits the
 *     limit, else it is free; nothing leaves otherwise but for a request that finds no room, and then the oldest first
 * QM2 no byte of a block handed out is one of a block that waits
 * QM3 a request that is refused is refused by the same pool too once its quarantine was emptied, and none waits then;
 *     one that the pool can serve without has none leave
 * QM4 each block keeps what was written into it; every check is clean, and all counts are the shadow's
 */
#include <stdlib.h>

#include "test.h"

enum { BYTES = 6144, LIVE = 48, WAITING = 512 };

static _Alignas(4096) unsigned char memory[BYTES];
static unsigned char before[BYTES];
static unsigned char after[BYTES];

typedef struct held {
    unsigned char *at;
    size_t size; /* asked for */
    unsigned char mark;
} held;

typedef struct waiting {
    unsigned char *at;
    uint64_t bytes; /* occupied */
} waiting;

typedef struct shadow {
    tarn_pool *pool;
    prng random;
    uint64_t limit;
    held live[LIVE];
    waiting queue[WAITING];
    uint32_t first; /* of those in the queue that wait */
    uint32_t end;
    uint64_t bytes; /* that wait */
} shadow;

static uint64_t entered;
static uint64_t passed_by;
static uint64_t left_for_requests;
static uint64_t refused;

static tarn_stats stats_of(const tarn_pool *pool)
{
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    return stats;
}

static uint64_t occupied(const shadow *s, const void *at)
{
    tarn_block record;
    assert_int_equal(tarn_block_at(s->pool, at, &record), TARN_OK);
    return record.size;
}

/* ---- what waits ---- */

static void leave(shadow *s)
{
    s->bytes -= s->queue[s->first++].bytes;
}

static void expect_enter(shadow *s, unsigned char *at, uint64_t bytes)
{
    for (uint32_t left = 0; left < 4 && bytes <= s->limit && s->bytes + bytes > s->limit && s->first != s->end;
         left++) {
        leave(s);
    }
    if (bytes > s->limit || s->bytes + bytes > s->limit) {
        passed_by++;
        return;
    }
    if (s->end == WAITING) {
        memmove(s->queue, s->queue + s->first, (s->end - s->first) * sizeof s->queue[0]);
        s->end -= s->first;
        s->first = 0;
        assert_true(s->end < WAITING);
    }
    s->queue[s->end++] = (waiting){at, bytes};
    s->bytes += bytes;
    entered++;
}

/* After a request: of the oldest as many have left as the pool has fewer. QM1 */
static void expect_left(shadow *s)
{
    uint32_t blocks = stats_of(s->pool).quarantined_blocks;
    assert_true(blocks <= s->end - s->first);
    while (s->end - s->first != blocks) {
        leave(s);
        left_for_requests++;
    }
}

typedef struct meeting {
    const shadow *s;
    uint32_t waiting;
    uint32_t live;
} meeting;

static bool meet(const tarn_block *block, void *context)
{
    meeting *m = context;
    const unsigned char *at = memory + block->offset;
    if (block->state == TARN_BLOCK_QUARANTINED) {
        uint32_t i = m->s->first;
        while (i < m->s->end && m->s->queue[i].at != at) {
            i++;
        }
        assert_true(i < m->s->end && m->s->queue[i].bytes == block->size);
        m->waiting++;
    } else if (block->state == TARN_BLOCK_USED) {
        m->live++;
    }
    return true;
}

static void verify(const shadow *s)
{
    meeting m = {s, 0, 0};
    uint32_t live = 0;
    assert_sound(s->pool, "model");
    assert_int_equal(tarn_walk(s->pool, meet, &m), TARN_OK);
    for (uint32_t i = 0; i < LIVE; i++) {
        live += s->live[i].at != NULL ? 1u : 0;
    }
    tarn_stats stats = stats_of(s->pool);
    assert_true(m.waiting == s->end - s->first && m.live == live && stats.blocks == live);
    assert_true(stats.quarantined == s->bytes && stats.quarantined_blocks == m.waiting && s->bytes <= s->limit);
    assert_true(stats.used + stats.free == stats.capacity);
}

/* ---- operations ---- */

/* QM2, after expect_left() */
static void expect_apart(const shadow *s, const unsigned char *at, size_t size)
{
    for (uint32_t i = s->first; i < s->end; i++) {
        assert_true(at >= s->queue[i].at + s->queue[i].bytes || at + size <= s->queue[i].at);
    }
}

static void fill(shadow *s, held *h, unsigned char *at, size_t size)
{
    *h = (held){at, size, (unsigned char)prng_next(&s->random)};
    memset(at, h->mark, size);
}

static void expect_kept(const held *h, const unsigned char *at, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(at[i], h->mark);
    }
}

/* QM3: whether the pool as it was before serves the request once nothing waits in it. */
static bool served_without(const shadow *s, size_t size, size_t alignment)
{
    memcpy(after, memory, BYTES);
    memcpy(memory, before, BYTES);
    assert_int_equal(tarn_quarantine_flush(s->pool), TARN_OK);
    bool served = tarn_alloc_aligned(s->pool, size, alignment) != NULL;
    memcpy(memory, after, BYTES);
    return served;
}

static void expect_refused(shadow *s, size_t size, size_t alignment)
{
    assert_int_equal(s->first, s->end);
    assert_false(served_without(s, size, alignment));
    refused++;
}

static void step_take(shadow *s, held *h, size_t size)
{
    size_t alignment = prng_below(&s->random, 8) == 0 ? 64 : 1;
    bool at_once = alignment == 1 && size <= tarn_largest(s->pool);
    memcpy(before, memory, BYTES);
    uint32_t waited = s->end - s->first;
    unsigned char *at = tarn_alloc_aligned(s->pool, size, alignment);
    expect_left(s);
    if (at == NULL) {
        expect_refused(s, size, alignment);
        return;
    }
    assert_true(!at_once || waited == s->end - s->first);
    expect_apart(s, at, size);
    fill(s, h, at, size);
}

static void step_give(shadow *s, held *h)
{
    uint64_t bytes = occupied(s, h->at);
    expect_kept(h, h->at, h->size);
    assert_int_equal(tarn_free(s->pool, h->at), TARN_OK);
    expect_enter(s, h->at, bytes);
    if (s->first != s->end) {
        assert_int_equal(tarn_free(s->pool, s->queue[s->first + prng_below(&s->random, s->end - s->first)].at),
                         TARN_E_DOUBLE_FREE);
    }
    h->at = NULL;
}

static void step_change(shadow *s, held *h, size_t size)
{
    uint64_t bytes = occupied(s, h->at);
    size_t kept = size < h->size ? size : h->size;
    unsigned char *was = h->at;
    memcpy(before, memory, BYTES);
    bool resizes = prng_below(&s->random, 3) == 0;
    unsigned char *at = was;
    if (resizes) {
        at = tarn_resize(s->pool, was, size) == TARN_OK ? was : NULL;
    } else {
        at = tarn_realloc(s->pool, was, size);
    }
    if (at == NULL) {
        expect_left(s);
        assert_int_equal(s->first, s->end);
        expect_kept(h, was, h->size);
        assert_true(resizes || !served_without(s, size, 1));
        return;
    }
    expect_kept(h, at, kept);
    if (at == was) {
        expect_left(s);
    } else { /* the old block was given back last */
        tarn_block record;
        assert_int_equal(tarn_block_at(s->pool, was, &record), TARN_OK);
        uint32_t now = stats_of(s->pool).quarantined_blocks;
        bool waits = record.state == TARN_BLOCK_QUARANTINED && record.offset == (uint64_t)(was - memory);
        while (s->end - s->first + (waits ? 1u : 0) > now) {
            leave(s);
        }
        if (waits) {
            expect_enter(s, was, bytes);
        }
    }
    expect_apart(s, at, size);
    fill(s, h, at, size);
}

static void step(shadow *s)
{
    held *h = &s->live[prng_below(&s->random, LIVE)];
    size_t size = prng_below(&s->random, prng_below(&s->random, 8) == 0 ? 700 : 120) + 1u;
    if (h->at == NULL) {
        step_take(s, h, size);
    } else if (prng_below(&s->random, 4) == 0) {
        step_change(s, h, size);
    } else {
        step_give(s, h);
    }
}

static void run(const tarn_options *options, uint32_t steps, uint64_t stream)
{
    static shadow s;
    memset(&s, 0, sizeof s);
    s.random = prng_make(test_seed(), stream);
    assert_int_equal(tarn_init(&s.pool, memory, BYTES, options), TARN_OK);
    s.limit = options->quarantine / stats_of(s.pool).granule * stats_of(s.pool).granule;
    for (uint32_t i = 0; i < steps; i++) {
        step(&s);
        if ((options->flags & TARN_POOL_CURSOR) != 0) {
            assert_int_equal(tarn_check_some(s.pool, 3, NULL), TARN_OK);
        }
        if (i % 16 == 0) {
            verify(&s);
        }
    }
    for (uint32_t i = 0; i < LIVE; i++) {
        if (s.live[i].at != NULL) {
            step_give(&s, &s.live[i]);
        }
    }
    verify(&s);
    assert_int_equal(tarn_quarantine_flush(s.pool), TARN_OK);
    assert_sound(s.pool, "emptied");
    tarn_stats stats = stats_of(s.pool);
    assert_true(stats.free_blocks == 1 && stats.largest_free == stats.capacity && stats.blocks == 0);
    assert_int_equal(tarn_deinit(s.pool), TARN_OK);
}

static void test_random_use_matches_the_shadow(void **state)
{
    static const uint32_t flags[] = {0, TARN_POOL_GUARD, TARN_POOL_POISON, TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE};
    static const size_t limits[] = {300, 1500, BYTES};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    uint32_t steps = (uint32_t)test_scaled(10000);
    uint64_t runs = 0;
    (void)state;
    for (uint32_t e = 0; e < count; e++) {
        for (uint32_t i = 0; i < 24; i++, runs++) {
            tarn_options options = {.engine = engines[e],
                                    .granule = UINT32_C(4) << i % 3u,
                                    .extension_words = i % 5u,
                                    .modules = i == 7 ? 3 : 0,
                                    .recognition = i % 2u == 0 ? TARN_RECOGNISE_EXACT : TARN_RECOGNISE_KEYED,
                                    .flags = flags[i % 4u] | (i < 12 ? 0 : TARN_POOL_BACKUP | TARN_POOL_CURSOR),
                                    .quarantine = limits[i / 4u % 3u]};
            run(&options, steps, 24u * e + i);
        }
    }
    printf("%lu pools, %u steps each (seed %lu): %lu blocks waited, %lu did not fit, %lu left for requests, "
           "%lu requests refused\n",
           (unsigned long)runs, (unsigned)steps, (unsigned long)test_seed(), (unsigned long)entered,
           (unsigned long)passed_by, (unsigned long)left_for_requests, (unsigned long)refused);
    assert_true(entered != 0 && passed_by != 0 && left_for_requests != 0 && refused != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_use_matches_the_shadow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
