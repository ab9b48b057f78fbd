/* SPDX-License-Identifier: MIT */
/*
 * Gates and failure injection, on pools, heaps, block pools and what the faces make of them.
 *
 * G1 a refused request changes the refusal count and nothing else, and is told with the gate's status
 * G2 a failed request is tried exactly once more, and only if a gate says so; it counts once
 * G3 what a gate does itself passes no gate
 * G4 the same injection refuses the same requests
 */
#include "los_memory.h"
#include "tarn/account.h"
#include "tarn/blocks.h"
#include "tarn/gate.h"
#include "tarn/inject.h"
#include "tarn/regions.h"
#include "test.h"
#include "tlsf.h"

enum { BYTES = 8192, WORK = 60 };

static _Alignas(16) unsigned char memory[BYTES];
static watch seen;

static tarn_stats stats_of(const tarn_pool *pool)
{
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    return stats;
}

static tarn_pool *make(void)
{
    tarn_pool *pool = NULL;
    assert_int_equal(tarn_init(&pool, memory, BYTES, NULL), TARN_OK);
    return pool;
}

/* ---- injection ---- */

/* A fixed workload; returns how many of its requests were refused. Every block is given back. */
static uint32_t work(tarn_pool *pool)
{
    void *block[WORK] = {NULL};
    prng random = prng_make(7, 7);
    uint32_t refused = 0;
    for (uint32_t i = 0; i < WORK; i++) {
        uint32_t at = i < 4 ? i : prng_below(&random, i);
        size_t size = prng_below(&random, 100);
        void *got = block[at] == NULL ? tarn_alloc(pool, size) : tarn_realloc(pool, block[at], size + 40);
        refused += got == NULL ? 1u : 0u;
        block[at] = got != NULL ? got : block[at];
    }
    for (uint32_t i = 0; i < WORK; i++) {
        assert_true(block[i] == NULL || tarn_free(pool, block[i]) == TARN_OK);
    }
    return refused;
}

static void every_request_may_fail_and_the_pool_stays_sound(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= WORK; n++) {
        tarn_pool *pool = make();
        tarn_injection rule = {.pool = pool, .nth = n};
        assert_int_equal(tarn_injection_on(&rule), TARN_OK);
        uint32_t refused = work(pool);
        assert_int_equal(tarn_injection_off(&rule), TARN_OK);
        assert_true(refused == 1 && rule.refused == 1 && rule.counted == WORK);
        assert_true(stats_of(pool).refusals == 1 && stats_of(pool).used == 0);
        assert_sound(pool, "after an injected failure");
    }
    printf("failed each of %d requests\n", WORK);
}

/* G1 */
static void an_injected_failure_is_told_and_changes_nothing(void **state)
{
    (void)state;
    tarn_pool *pool = make();
    void *block = tarn_alloc(pool, 50);
    static unsigned char before[BYTES];
    memcpy(before, memory, BYTES);
    tarn_injection rule = {.nth = 1, .flags = TARN_INJECT_PERSISTENT};
    assert_int_equal(tarn_injection_on(&rule), TARN_OK);
    watch_begin(&seen);
    assert_null(tarn_alloc_aligned(pool, 100, 64));
    assert_null(tarn_realloc(pool, block, 500));
    assert_null(tarn_calloc(pool, 2, 3));
    watch_end(&seen);
    assert_int_equal(tarn_injection_off(&rule), TARN_OK);
    assert_int_equal(seen.count, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(seen.events[i].kind == TARN_EVENT_FAIL && seen.events[i].status == TARN_E_INJECTED);
        assert_true(seen.events[i].pool == pool && seen.events[i].block == NULL);
    }
    assert_true(seen.events[0].size == 100 && seen.events[0].alignment == 64 && seen.events[1].size == 500);
    assert_int_equal(stats_of(pool).refusals, 3);
    uint32_t differing = 0;
    for (uint32_t i = 0; i < BYTES; i++) {
        differing += memory[i] != before[i] ? 1u : 0u;
    }
    assert_int_equal(differing, 1); /* the low byte of the refusal count */
    assert_int_equal(tarn_resize(pool, block, 20), TARN_OK);
}

/* One bit per request of 8 bytes: 1 if it was refused. */
static uint32_t pattern(tarn_injection rule, uint32_t requests)
{
    uint32_t bits = 0;
    tarn_pool *pool = make();
    assert_int_equal(tarn_injection_on(&rule), TARN_OK);
    for (uint32_t i = 0; i < requests; i++) {
        bits |= tarn_alloc(pool, 8) == NULL ? UINT32_C(1) << i : 0;
    }
    assert_int_equal(tarn_injection_off(&rule), TARN_OK);
    return bits;
}

/* G4 */
static void rules_pick_what_they_say(void **state)
{
    (void)state;
    assert_int_equal(pattern((tarn_injection){.nth = 3}, 10), 0x004);
    assert_int_equal(pattern((tarn_injection){.nth = 3, .flags = TARN_INJECT_PERSISTENT}, 10), 0x3FC);
    assert_int_equal(pattern((tarn_injection){.every = 3}, 10), 0x124);
    assert_int_equal(pattern((tarn_injection){.every = 3, .flags = TARN_INJECT_ONCE}, 10), 0x004);
    assert_int_equal(pattern((tarn_injection){.every = 4, .nth = 1}, 10), 0x089);
    assert_int_equal(pattern((tarn_injection){.probability = 65536}, 10), 0x3FF);
    assert_int_equal(pattern((tarn_injection){.nth = 1, .smallest = 9}, 10), 0);
    assert_int_equal(pattern((tarn_injection){.nth = 1, .largest = 8}, 10), 1);
    assert_int_equal(pattern((tarn_injection){.nth = 1, .module = 5, .flags = TARN_INJECT_MODULE}, 10), 0);
    assert_int_equal(pattern((tarn_injection){.nth = 1, .pool = (tarn_pool *)(void *)&seen}, 10), 0);
    uint32_t half = pattern((tarn_injection){.probability = 32768, .seed = 1}, 32);
    assert_int_equal(pattern((tarn_injection){.probability = 32768, .seed = 1}, 32), half);
    assert_int_not_equal(pattern((tarn_injection){.probability = 32768, .seed = 2}, 32), half);
    assert_true(half != 0 && half != UINT32_MAX);
}

/* A rule goes on as it began when its counts are full: what comes every so often does, what comes once does not. */
static void full_counts_begin_nothing_again(void **state)
{
    (void)state;
    static const struct {
        tarn_injection rule;
        uint32_t refused;
    } rows[] = {
        {{.every = 3}, 0x924},
        {{.nth = 2}, 0x002},
        {{.nth = UINT32_MAX}, 0x020},
        {{.every = 5, .flags = TARN_INJECT_ONCE}, 0x010},
        {{.every = 5, .flags = TARN_INJECT_PERSISTENT}, 0xFF0},
    };
    for (uint32_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        uint32_t bits = 0;
        tarn_injection rule = rows[row].rule;
        tarn_pool *pool = make();
        assert_int_equal(tarn_injection_on(&rule), TARN_OK);
        for (uint32_t i = 0; i < 12; i++) {
            if (i == 3) {
                rule.counted = UINT32_MAX - 3u;
            }
            if (i == 8 && rule.refused != 0) {
                rule.refused = UINT32_MAX;
            }
            bits |= tarn_alloc(pool, 8) == NULL ? UINT32_C(1) << i : 0;
        }
        assert_int_equal(tarn_injection_off(&rule), TARN_OK);
        assert_int_equal(bits, rows[row].refused);
        assert_int_equal(rule.counted, UINT32_MAX);
    }
}

/* A realloc is a request of its block's module, like the alloc before it. */
static void a_realloc_is_its_modules_request(void **state)
{
    (void)state;
    tarn_options options = {.extension_words = TARN_WORDS_OWNER};
    const tarn_purpose third = {0, 3, 0};
    tarn_pool *pool = NULL;
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    void *of_third = tarn_alloc_for(pool, 40, &third);
    void *of_none = tarn_alloc(pool, 40);
    tarn_injection rule = {.every = 1, .module = 3, .flags = TARN_INJECT_MODULE};
    assert_int_equal(tarn_injection_on(&rule), TARN_OK);
    assert_null(tarn_realloc(pool, of_third, 80));
    of_none = tarn_realloc(pool, of_none, 80);
    assert_non_null(of_none);
    assert_int_equal(tarn_injection_off(&rule), TARN_OK);
    rule.module = 0;
    assert_int_equal(tarn_injection_on(&rule), TARN_OK);
    assert_null(tarn_realloc(pool, of_none, 160));
    assert_non_null(tarn_realloc(pool, of_third, 160));
    assert_int_equal(tarn_injection_off(&rule), TARN_OK);
    assert_sound(pool, "after reallocs of modules");
}

static void bad_rules_are_refused(void **state)
{
    (void)state;
    tarn_injection rules[] = {{.nth = 0},
                              {.nth = 1, .flags = 8},
                              {.probability = 65537},
                              {.nth = 1, .flags = TARN_INJECT_ONCE | TARN_INJECT_PERSISTENT}};
    for (uint32_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        assert_int_equal(tarn_injection_on(&rules[i]), TARN_E_ARGUMENT);
    }
    assert_int_equal(tarn_injection_on(NULL), TARN_E_NULL);
    assert_int_equal(tarn_injection_off(&rules[0]), TARN_E_ARGUMENT);
}

static void heaps_blocks_and_faces_are_refused_too(void **state)
{
    (void)state;
    need_registry();
    static _Alignas(8) unsigned char table[TARN_HEAP_BYTES(2)];
    static _Alignas(16) unsigned char faces[BYTES];
    tarn_injection rule = {.every = 2};
    assert_int_equal(tarn_injection_on(&rule), TARN_OK);
    tarn_heap *heap = NULL;
    tarn_stats stats;
    assert_int_equal(tarn_heap_init(&heap, table, sizeof table), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, memory, BYTES, NULL), TARN_OK);
    void *block = tarn_heap_alloc(heap, 10, NULL);
    assert_null(tarn_heap_realloc(heap, block, 1000, NULL));
    assert_non_null(tarn_heap_calloc(heap, 2, 5, NULL));
    assert_null(tarn_heap_alloc(heap, 10, NULL));
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 2);
    assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);

    tarn_blocks *blocks = NULL;
    assert_int_equal(tarn_blocks_init(&blocks, memory, 1024, 32, NULL), TARN_OK);
    assert_non_null(tarn_blocks_get(blocks));
    assert_null(tarn_blocks_get(blocks));
    assert_int_equal(tarn_blocks_stats(blocks, &stats), TARN_OK);
    assert_true(stats.refusals == 1 && stats.blocks == 1);
    assert_int_equal(tarn_blocks_deinit(blocks), TARN_OK);

    assert_int_equal(LOS_MemInit(faces, BYTES), LOS_OK);
    assert_non_null(LOS_MemAlloc(faces, 10));
    assert_null(LOS_MemAlloc(faces, 10));
    assert_int_equal(LOS_MemDeInit(faces), LOS_OK);
    tlsf_t tlsf = tlsf_create_with_pool(faces, BYTES);
    assert_non_null(tlsf_malloc(tlsf, 10));
    assert_null(tlsf_malloc(tlsf, 10));
    tlsf_destroy(tlsf);
    assert_int_equal(tarn_injection_off(&rule), TARN_OK);
    assert_true(rule.counted == 10 && rule.refused == 5);
}

/* ---- reclaim ---- */

typedef struct reserve {
    uint32_t calls;
    void *pool;
    void *block; /* given back when called; NULL if there is none */
    tarn_status (*free)(void *pool, void *block);
    tarn_status status;
    bool lies;
} reserve;

static tarn_status free_in_pool(void *pool, void *block)
{
    return tarn_free(pool, block);
}

static tarn_status free_in_heap(void *pool, void *block)
{
    return tarn_heap_free(pool, block);
}

static tarn_status free_in_blocks(void *pool, void *block)
{
    return tarn_blocks_put(pool, block);
}

/* G3: it asks for too much itself before it gives back. */
static bool reclaim(const tarn_demand *demand, void *context)
{
    reserve *r = context;
    r->calls++;
    r->status = demand->status;
    if (r->free == free_in_pool) {
        assert_null(tarn_alloc(demand->pool, BYTES - BYTES / 4));
    }
    if (r->block == NULL) {
        return r->lies;
    }
    assert_int_equal(r->free(r->pool, r->block), TARN_OK);
    r->block = NULL;
    return true;
}

/* G2 */
static void a_failed_request_is_tried_once_more(void **state)
{
    (void)state;
    tarn_pool *pool = make();
    reserve r = {0, pool, tarn_alloc(pool, 5000), free_in_pool, TARN_OK, false};
    tarn_gate gate = {NULL, reclaim, &r};
    assert_listening(tarn_gate_add(&gate));
    uint32_t before = stats_of(pool).refusals;
    watch_begin(&seen);
    assert_non_null(tarn_alloc(pool, 4000));
    watch_end(&seen);
    assert_true(r.calls == 1 && r.status == TARN_E_EXHAUSTED);
    assert_int_equal(stats_of(pool).refusals, before + 1u); /* the gate's own */
    assert_int_equal(watch_status(&seen, TARN_EVENT_ALLOC), TARN_OK);
    assert_null(tarn_alloc(pool, 5000));
    assert_int_equal(r.calls, 2);
    assert_int_equal(stats_of(pool).refusals, before + 3u);
    r.lies = true;
    assert_null(tarn_alloc(pool, 5000));
    assert_int_equal(r.calls, 3);
    assert_int_equal(stats_of(pool).refusals, before + 5u);
    assert_null(tarn_alloc(pool, 10 * BYTES)); /* never fits: nobody is asked */
    assert_int_equal(r.calls, 3);
    assert_int_equal(tarn_gate_remove(&gate), TARN_OK);
    assert_int_equal(tarn_gate_remove(&gate), TARN_E_ARGUMENT);
    assert_sound(pool, "after reclaim");
}

static void realloc_heaps_and_blocks_reclaim_too(void **state)
{
    (void)state;
    static _Alignas(8) unsigned char table[TARN_HEAP_BYTES(2)];
    tarn_pool *pool = make();
    void *moving = tarn_alloc(pool, 100);
    reserve r = {0, pool, tarn_alloc(pool, 5000), NULL, TARN_OK, false};
    r.free = free_in_pool;
    assert_non_null(tarn_alloc(pool, 100));
    tarn_gate gate = {NULL, reclaim, &r};
    assert_listening(tarn_gate_add(&gate));
    assert_non_null(tarn_realloc(pool, moving, 4000));
    assert_int_equal(r.calls, 1);

    tarn_heap *heap = NULL;
    assert_int_equal(tarn_heap_init(&heap, table, sizeof table), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, memory, BYTES, NULL), TARN_OK);
    r = (reserve){0, heap, tarn_heap_alloc(heap, 5000, NULL), free_in_heap, TARN_OK, false};
    assert_non_null(tarn_heap_alloc(heap, 4000, NULL));
    assert_int_equal(r.calls, 1);
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 0);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);

    tarn_blocks *blocks = NULL;
    tarn_blocks_options one = {.count = 1};
    assert_int_equal(tarn_blocks_init(&blocks, memory, 1024, 32, &one), TARN_OK);
    r = (reserve){0, blocks, tarn_blocks_get(blocks), free_in_blocks, TARN_OK, false};
    assert_non_null(tarn_blocks_get(blocks));
    assert_int_equal(r.calls, 1);
    assert_null(tarn_blocks_get(blocks));
    assert_int_equal(r.calls, 2);
    assert_int_equal(tarn_blocks_deinit(blocks), TARN_OK);
    assert_int_equal(tarn_gate_remove(&gate), TARN_OK);
}

static void gates_come_and_go(void **state)
{
    (void)state;
    tarn_gate gates[5];
    tarn_gate none = {NULL, NULL, NULL};
    reserve unused = {0};
    assert_int_equal(tarn_gate_add(NULL), TARN_E_NULL);
    assert_int_equal(tarn_gate_remove(NULL), TARN_E_NULL);
    assert_int_equal(tarn_gate_add(&none), TARN_E_ARGUMENT);
    for (uint32_t i = 0; i < 5; i++) {
        gates[i] = (tarn_gate){NULL, reclaim, i % 2 == 0 ? (void *)&gates[i] : (void *)&unused};
        assert_int_equal(tarn_gate_add(&gates[i]), i < 4 ? TARN_OK : TARN_E_REGISTRY_FULL);
    }
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(tarn_gate_remove(&gates[i]), TARN_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_may_fail_and_the_pool_stays_sound),
        cmocka_unit_test(an_injected_failure_is_told_and_changes_nothing),
        cmocka_unit_test(rules_pick_what_they_say),
        cmocka_unit_test(full_counts_begin_nothing_again),
        cmocka_unit_test(a_realloc_is_its_modules_request),
        cmocka_unit_test(bad_rules_are_refused),
        cmocka_unit_test(heaps_blocks_and_faces_are_refused_too),
        cmocka_unit_test(a_failed_request_is_tried_once_more),
        cmocka_unit_test(realloc_heaps_and_blocks_reclaim_too),
        cmocka_unit_test(gates_come_and_go),
    };
    if (!has_events()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
