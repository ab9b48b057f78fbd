/* SPDX-License-Identifier: MIT */
/*
 * The LiteOS face against a model that knows the blocks, their sizes and contents: after every operation
 *   - size - used - free is the constant it was when the pool was new (F3),
 *   - used lies between the sum of round_up(size, 8) + H and that plus one unsplittable rest of 8 per block,
 *   - used nodes are the blocks plus the end node, free nodes at most one more than that,
 *   - the water line is the highest use so far plus the control data,
 * and at the end everything is given back and the pool is one free node.
 */
#include "test_liteos.h"

#define SLOTS 400u
#define OPERATIONS 20000u

typedef struct slot {
    UINT8 *block;
    UINT32 size;
    UINT32 boundary;
} slot;

typedef struct model {
    VOID *pool;
    slot slots[SLOTS];
    UINT32 in_play; /* slots, few enough that a small pool sees frees as often as refusals */
    UINT32 live;
    UINT32 least;   /* sum of round_up(size, 8) + H, end node included */
    UINT32 control; /* size - used - free */
    UINT32 peak;
    UINT32 refused;
} model;

static prng chance;

static UINT32 next_random(UINT32 below)
{
    return prng_below(&chance, below);
}

static UINT32 cost(UINT32 size)
{
    return ((size + 7u) & ~7u) + H;
}

/* Small sizes as often as large ones, up to an eighth of the pool. */
static UINT32 random_size(const model *m)
{
    UINT32 bits = 3;
    while (bits < 29 && 16u << bits <= LOS_MemPoolSizeGet(m->pool)) {
        bits++;
    }
    return 1u + next_random(1u << (2u + next_random(bits - 1u)));
}

static void write_pattern(const slot *s)
{
    memset(s->block, (int)(s->size * 31u & 0xFFu), s->size);
}

static void assert_pattern(const UINT8 *block, UINT32 size, UINT32 length)
{
    for (UINT32 i = 0; i < length; i++) {
        if (block[i] != (UINT8)(size * 31u)) {
            fail_msg("byte %u of a block of %u changed", i, size);
        }
    }
}

static void remember(model *m, slot *s, VOID *block, UINT32 size, UINT32 boundary)
{
    s->block = (UINT8 *)block;
    s->size = size;
    s->boundary = boundary;
    assert_int_equal((UINTPTR)block % (boundary > 8 ? boundary : 8), 0);
    write_pattern(s);
    m->live++;
    m->least += cost(size);
}

static void forget(model *m, slot *s)
{
    m->live--;
    m->least -= cost(s->size);
    s->block = NULL;
}

static void step_alloc(model *m, slot *s)
{
    UINT32 size = random_size(m);
    UINT32 boundary = next_random(4) == 0 ? 1u << next_random(9) : 0;
    VOID *block = boundary != 0 ? LOS_MemAllocAlign(m->pool, size, boundary) : LOS_MemAlloc(m->pool, size);
    if (block != NULL) {
        remember(m, s, block, size, boundary);
    } else {
        m->refused++;
    }
}

static void step_free(model *m, slot *s)
{
    UINT8 *block = s->block;
    assert_pattern(block, s->size, s->size);
    forget(m, s);
    assert_int_equal(LOS_MemFree(m->pool, block), LOS_OK);
    assert_int_equal(LOS_MemFree(m->pool, block), LOS_NOK);
}

static void step_realloc(model *m, slot *s)
{
    UINT32 size = random_size(m);
    VOID *block = LOS_MemRealloc(m->pool, s->block, size);
    if (block == NULL) {
        m->refused++;
        assert_pattern(s->block, s->size, s->size);
        return;
    }
    assert_pattern((UINT8 *)block, s->size, size < s->size ? size : s->size);
    forget(m, s);
    remember(m, s, block, size, 0);
}

static void assert_agrees(model *m)
{
    LOS_MEM_POOL_STATUS s = status_of(m->pool);
    UINT32 size = LOS_MemPoolSizeGet(m->pool);
    assert_int_equal(size - s.uwTotalUsedSize - s.uwTotalFreeSize, m->control);
    assert_true(s.uwTotalUsedSize >= m->least);
    assert_true(s.uwTotalUsedSize <= m->least + 8u * m->live);
    assert_int_equal(s.uwUsedNodeNum, m->live + 1u);
    assert_true(s.uwFreeNodeNum <= m->live + 1u);
    assert_true(s.uwMaxFreeNodeSize <= s.uwTotalFreeSize);
    m->peak = s.uwTotalUsedSize > m->peak ? s.uwTotalUsedSize : m->peak;
    assert_true(s.uwUsageWaterLine >= m->peak + m->control); /* a moving realloc peaks inside the call */
}

static void step(model *m)
{
    slot *s = &m->slots[next_random(m->in_play)];
    if (s->block == NULL) {
        step_alloc(m, s);
    } else if (next_random(3) == 0) {
        step_realloc(m, s);
    } else {
        step_free(m, s);
    }
}

static void run_model(UINT32 bytes, UINT32 operations)
{
    static model m;
    memset(&m, 0, sizeof m);
    m.pool = make_pool(bytes);
    LOS_MEM_POOL_STATUS fresh = status_of(m.pool);
    m.in_play = bytes / 20u < SLOTS ? bytes / 20u : SLOTS;
    m.least = H;
    m.control = bytes - fresh.uwTotalUsedSize - fresh.uwTotalFreeSize;
    catch_output(); /* linear says when there is no room */
    for (UINT32 i = 0; i < operations; i++) {
        step(&m);
        assert_agrees(&m);
        if (i % 64 == 0) {
            assert_int_equal(LOS_MemIntegrityCheck(m.pool), LOS_OK);
        }
    }
    caught_output();
    UINT32 live = m.live;
    for (UINT32 i = 0; i < SLOTS; i++) {
        if (m.slots[i].block != NULL) {
            step_free(&m, &m.slots[i]);
        }
    }
    assert_whole(m.pool);
    printf("  pool 0x%x: %u operations, %u refused, %u live at the end, peak 0x%x, control 0x%x\n", bytes, operations,
           m.refused, live, m.peak, m.control);
}

static void a_tiny_pool_agrees_with_the_model(void **state)
{
    (void)state;
    run_model(256, (UINT32)test_scaled(OPERATIONS));
}

static void a_small_pool_agrees_with_the_model(void **state)
{
    (void)state;
    run_model(0x4000, (UINT32)test_scaled(OPERATIONS));
}

static void a_large_pool_agrees_with_the_model(void **state)
{
    (void)state;
    run_model(ARENA_BYTES, (UINT32)test_scaled(OPERATIONS));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_tiny_pool_agrees_with_the_model),
        TEST(a_small_pool_agrees_with_the_model),
        TEST(a_large_pool_agrees_with_the_model),
    };
    chance = prng_make(test_seed(), 2);
    printf("liteos_model: TARN_TEST_SEED=%llu\n", (unsigned long long)test_seed());
    return run_per_engine("liteos_model", tests, sizeof tests / sizeof tests[0]);
}
