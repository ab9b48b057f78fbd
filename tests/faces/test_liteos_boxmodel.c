/* SPDX-License-Identifier: MIT */
/*
 * Static memboxes against a model of their free list, in random order, and used by threads at once. The list is last
 * in, first out, so the model says which box comes next.
 */
#define LOSCFG_KERNEL_MEMBOX_STATIC 1
#include "test_membox.h"

#include <pthread.h>
#include <stdatomic.h>

enum { BOXES_MAX = 200, OPERATIONS = 20000, THREADS = 4, ROUNDS = 40000, SHARED = 24, HELD = 10 };

/* ---- the model ---- */

typedef struct model {
    UINT8 *pool;
    UINT32 size;
    UINT32 count;
    UINT32 free;             /* boxes in the stack */
    UINT32 stack[BOXES_MAX]; /* numbers; the next one is the last */
    bool out[BOXES_MAX];
    UINT32 refused;
} model;

static prng chance;

static UINT8 *box_of(const model *m, UINT32 number)
{
    return m->pool + CONTROL + HEAD + (size_t)number * stride_of(m->size);
}

static void model_begin(model *m, UINT32 size, UINT32 count)
{
    memset(m, 0, sizeof *m);
    m->pool = arena + 16u * prng_below(&chance, 64);
    m->size = size;
    m->count = count;
    assert_int_equal(LOS_MemboxInit(m->pool, (UINT32)LOS_MEMBOX_SIZE(size, count) + prng_below(&chance, 8), size),
                     LOS_OK);
    m->free = count;
    for (UINT32 i = 0; i < count; i++) {
        m->stack[i] = count - 1u - i;
    }
}

static void model_alloc(model *m)
{
    UINT8 *box = LOS_MemboxAlloc(m->pool);
    if (m->free == 0) {
        assert_null(box);
        m->refused++;
        return;
    }
    UINT32 number = m->stack[--m->free];
    assert_ptr_equal(box, box_of(m, number));
    memset(box, (int)(number + 1u), stride_of(m->size) - HEAD);
    m->out[number] = true;
}

static void model_free(model *m, UINT32 number)
{
    UINT8 *box = box_of(m, number);
    UINT32 wanted = m->out[number] ? LOS_OK : LOS_NOK;
    for (UINT32 i = 0; m->out[number] && i < stride_of(m->size) - HEAD; i++) {
        assert_int_equal(box[i], (UINT8)(number + 1u));
    }
    assert_int_equal(LOS_MemboxFree(m->pool, box), wanted);
    m->refused += wanted;
    if (wanted == LOS_OK) {
        m->out[number] = false;
        m->stack[m->free++] = number;
    }
}

static void model_wild(model *m)
{
    UINT32 number = prng_below(&chance, m->count + 2u);
    UINT32 off = 1u + prng_below(&chance, stride_of(m->size) - 1u);
    assert_int_equal(LOS_MemboxFree(m->pool, box_of(m, number) - stride_of(m->size) + off), LOS_NOK);
    m->refused++;
}

static void random_order_agrees_with_the_model(void **state)
{
    (void)state;
    static model m;
    UINT64 refused = 0;
    UINT32 rounds = (UINT32)test_scaled(40);
    printf("  seed %llu\n", (unsigned long long)test_seed());
    chance = prng_make(test_seed(), 0);
    for (UINT32 round = 0; round < rounds; round++) {
        model_begin(&m, 1u + prng_below(&chance, 100), 1u + prng_below(&chance, BOXES_MAX));
        UINT32 bias = prng_below(&chance, 10);
        for (UINT32 i = 0; i < OPERATIONS / 40; i++) {
            UINT32 what = prng_below(&chance, 12);
            if (what == 0) {
                model_wild(&m);
            } else if (what <= 1u + bias) {
                model_alloc(&m);
            } else {
                model_free(&m, prng_below(&chance, m.count));
            }
            assert_counts(m.pool, m.count, m.count - m.free, stride_of(m.size));
        }
        refused += m.refused;
    }
    printf("  %u operations on %u memboxes, %llu refused\n", rounds * (OPERATIONS / 40), rounds,
           (unsigned long long)refused);
}

/* ---- threads ---- */

static _Alignas(16) UINT8 shared[LOS_MEMBOX_SIZE(32, SHARED)];
static atomic_uint owner[SHARED];
static atomic_uint failures;
static atomic_uint handed_out;

static void expect(bool condition)
{
    if (!condition) {
        atomic_fetch_add(&failures, 1);
    }
}

static UINT32 number_of(const UINT8 *box)
{
    return (UINT32)((UINTPTR)(box - shared) - CONTROL - HEAD) / stride_of(32);
}

static UINT8 *own(UINT32 me)
{
    UINT8 *box = LOS_MemboxAlloc(shared);
    if (box != NULL) {
        expect(atomic_exchange(&owner[number_of(box)], me) == 0);
        memset(box, (int)me, 32);
        atomic_fetch_add(&handed_out, 1);
    }
    return box;
}

static void disown(UINT8 *box, UINT32 me, bool twice)
{
    expect(box[0] == me && box[31] == me);
    if (box[0] % 2u != 0) {
        LOS_MemboxClr(shared, box);
        expect(box[0] == 0 && box[31] == 0);
    }
    expect(LOS_MemboxFree(shared, box + 4) == LOS_NOK);
    expect(atomic_exchange(&owner[number_of(box)], 0) == me);
    expect(LOS_MemboxFree(shared, box) == LOS_OK);
    if (twice) {
        UINT32 max, count, size;
        expect(LOS_MemboxStatisticsGet(shared, &max, &count, &size) == LOS_OK && count <= max);
    }
}

static void *work(void *argument)
{
    UINT32 me = (UINT32)(UINTPTR)argument;
    UINT8 *held[HELD] = {NULL};
    prng mine = prng_make(test_seed(), me);
    UINT32 rounds = (UINT32)test_scaled(ROUNDS);
    for (UINT32 i = 0; i < rounds; i++) {
        UINT32 slot = prng_below(&mine, HELD);
        if (held[slot] == NULL) {
            held[slot] = own(me);
        } else {
            disown(held[slot], me, i % 64u == 0);
            held[slot] = NULL;
        }
    }
    for (UINT32 slot = 0; slot < HELD; slot++) {
        if (held[slot] != NULL) {
            disown(held[slot], me, false);
        }
    }
    return NULL;
}

static void each_box_has_one_owner(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    assert_int_equal(LOS_MemboxInit(shared, sizeof shared, 32), LOS_OK);
    for (UINTPTR i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)(i + 1u)), 0);
    }
    for (UINT32 i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(atomic_load(&failures), 0);
    assert_counts(shared, SHARED, 0, stride_of(32));
    for (UINT32 i = 0; i < SHARED; i++) {
        assert_non_null(own(9));
    }
    assert_null(LOS_MemboxAlloc(shared));
    assert_int_equal(atomic_load(&failures), 0);
    printf("  %d threads, %u boxes handed out\n", THREADS, atomic_load(&handed_out));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(random_order_agrees_with_the_model),
        TEST(each_box_has_one_owner),
    };
    return cmocka_run_group_tests_name("liteos_boxmodel", tests, NULL, NULL);
}
