/* SPDX-License-Identifier: MIT */
/*
 * Every sequence of a small alphabet of operations, up to a depth, on pools of 256 bytes.
 *
 * A pool is its bytes: a state is an image, an operation leads from one to the next, and states met before are not
 * walked again, since whatever follows was walked then. The live blocks are those that a walk finds. In each state:
 *
 * X1 tarn_check() finds nothing
 * X2 the largest request succeeds and a byte more does not
 * X3 every live block is recognised, and given back it is recognised no more
 *
 * Each exploration is made twice: blocks stay as they are handed out, so that what free blocks held is in them; and
 * blocks are written full, which makes fewer states and goes deeper.
 *
 * Alphabet: allocate (3 sizes), allocate aligned, and for each live block free, reallocate (2 sizes), resize (2 sizes).
 */
#include "test.h"

#include <stdlib.h>

enum {
    POOL = 256,
    LIVE_MAX = 32,
    OPERATIONS_PER_BLOCK = 5,
    DEPTH_RAW = 6,
    DEPTH_WRITTEN = 7,
    TABLE = 1 << 20, /* slots of the set of states */
    STATES_MAX = TABLE / 2
};

typedef struct state {
    unsigned char image[POOL];
} state;

static state *states; /* in the order in which they were met */
static uint32_t met;
static uint32_t *table; /* 1 + index of a state, open addressing */
static _Alignas(64) unsigned char memory[POOL];
static tarn_pool *pool;

/* ---- the set of states ---- */

static uint32_t hash(const unsigned char *bytes)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (uint32_t i = 0; i < POOL; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        h ^= h >> 29;
    }
    return (uint32_t)(h >> 32);
}

/* Adds what is in memory; false if it was there. */
static bool state_add(void)
{
    uint32_t slot = hash(memory) % TABLE;
    while (table[slot] != 0) {
        if (memcmp(states[table[slot] - 1u].image, memory, POOL) == 0) {
            return false;
        }
        slot = (slot + 1u) % TABLE;
    }
    assert_true(met < STATES_MAX);
    memcpy(states[met].image, memory, POOL);
    table[slot] = ++met;
    return true;
}

/* ---- the live blocks ---- */

typedef struct live {
    unsigned char *at[LIVE_MAX];
    uint32_t count;
} live;

static bool collect(const tarn_block *block, void *context)
{
    live *l = context;
    if (block->state == TARN_BLOCK_USED) {
        assert_true(l->count < LIVE_MAX);
        l->at[l->count++] = memory + block->offset;
    }
    return true;
}

static live live_blocks(void)
{
    live l;
    l.count = 0;
    assert_int_equal(tarn_walk(pool, collect, &l), TARN_OK);
    return l;
}

/* ---- operations ---- */

/* Refusals are counted in the image; peaks too. Neither steers anything, so they must not multiply states. */
static void forget_history(void)
{
    tarn_stats stats;
    assert_int_equal(tarn_peak_reset(pool), TARN_OK);
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 0);
}

static bool operate_on(unsigned char *block, uint32_t operation)
{
    switch (operation) {
    case 0:
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_int_not_equal(tarn_recognise(pool, block), TARN_OK); /* X3 */
        return true;
    case 1:
        return tarn_realloc(pool, block, 8) != NULL;
    case 2:
        return tarn_realloc(pool, block, 44) != NULL;
    case 3:
        return tarn_resize(pool, block, 1) == TARN_OK;
    default:
        return tarn_resize(pool, block, 28) == TARN_OK;
    }
}

enum { ALLOCATIONS = 4 };

/* False if the pool refused, which leads nowhere new. */
static bool operate(const live *l, uint32_t operation)
{
    static const size_t sizes[ALLOCATIONS] = {1, 20, 52, 12};
    static const size_t alignments[ALLOCATIONS] = {1, 1, 1, 32};
    if (operation < ALLOCATIONS) {
        return tarn_alloc_aligned(pool, sizes[operation], alignments[operation]) != NULL;
    }
    operation -= ALLOCATIONS;
    return operate_on(l->at[operation / OPERATIONS_PER_BLOCK], operation % OPERATIONS_PER_BLOCK);
}

/* X1, X2, X3; the image is put back afterwards. */
static void verify(const live *l)
{
    unsigned char before[POOL];
    assert_sound(pool, "exhaustive");
    for (uint32_t i = 0; i < l->count; i++) {
        assert_int_equal(tarn_recognise(pool, l->at[i]), TARN_OK);
    }
    memcpy(before, memory, POOL);
    size_t largest = tarn_largest(pool);
    assert_null(tarn_alloc(pool, largest + 1u));
    assert_true(largest == 0 || tarn_alloc(pool, largest) != NULL);
    assert_sound(pool, "exhaustive, largest request taken");
    memcpy(memory, before, POOL);
}

static void write_blocks(void)
{
    live l = live_blocks();
    for (uint32_t i = 0; i < l.count; i++) {
        memset(l.at[i], 0x55, tarn_usable(pool, l.at[i]));
    }
}

/* Every operation on the state; returns how many were tried. */
static uint64_t expand(const state *s, bool written)
{
    memcpy(memory, s->image, POOL);
    live l = live_blocks();
    verify(&l);
    uint32_t operations = ALLOCATIONS + OPERATIONS_PER_BLOCK * l.count;
    for (uint32_t i = 0; i < operations; i++) {
        memcpy(memory, s->image, POOL);
        if (operate(&l, i)) {
            forget_history();
            if (written) {
                write_blocks();
            }
            (void)state_add();
        }
    }
    return operations;
}

static void explore(const shape *s, uint32_t depth, bool written)
{
    char text[SHAPE_TEXT];
    uint64_t operations = 0;
    uint32_t level_end = 1;
    uint32_t done = 0;
    memset(table, 0, TABLE * sizeof table[0]);
    memset(memory, 0, POOL);
    met = 0;
    pool = pool_make(s, memory);
    (void)state_add();
    uint32_t level = 0;
    for (; level < depth && done < met; level++, level_end = met) {
        for (; done < level_end; done++) {
            operations += expand(&states[done], written);
        }
    }
    for (uint32_t i = done; i < met; i++) { /* the last level is verified and not expanded */
        memcpy(memory, states[i].image, POOL);
        live l = live_blocks();
        verify(&l);
    }
    printf("%s, %s: depth %u, %u states, %lu operations\n", shape_text(s, text), written ? "written" : "raw",
           (unsigned)level, (unsigned)met, (unsigned long)operations);
    memcpy(memory, states[0].image, POOL);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void test_every_short_sequence_keeps_the_invariants(void **unused)
{
    static const uint32_t extensions[] = {0, 1};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    uint32_t less = test_scaled(100) < 100 ? 2 : 0;
    (void)unused;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t recognition = TARN_RECOGNISE_KEYED; recognition <= TARN_RECOGNISE_EXACT; recognition++) {
            for (uint32_t e = 0; e < 2; e++) {
                shape s = {engines[i], 8, extensions[e], recognition, POOL, 0};
                explore(&s, DEPTH_RAW - less, false);
                explore(&s, DEPTH_WRITTEN - less - (engines[i] == TARN_ENGINE_LINEAR ? 1u : 0u), true);
            }
        }
    }
}

static int setup(void **unused)
{
    (void)unused;
    states = malloc(STATES_MAX * sizeof states[0]);
    table = malloc(TABLE * sizeof table[0]);
    return states == NULL || table == NULL;
}

static int teardown(void **unused)
{
    (void)unused;
    free(states);
    free(table);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_short_sequence_keeps_the_invariants)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
