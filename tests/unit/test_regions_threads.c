/* SPDX-License-Identifier: MIT */
/*
 * Threads on heaps of several regions: regions come and go while others allocate, two add the same memory at once, and
 * pools are made and ended in blocks of heaps that are made and ended beside them. Whether the threads only seem to
 * agree is for run_regions_tsan.sh, which builds this program for the thread sanitizer.
 */
#include "regions.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "fmempory_pool.h"

enum { WORKERS = 3, HELD = 24, FMEMP_BYTES = 16384, NESTED = 2000 };

static atomic_uint faults; /* cmocka's asserts belong to the main thread */
static atomic_uint finished;

static void expect(bool condition)
{
    if (!condition) {
        atomic_fetch_add(&faults, 1);
    }
}

/* Starts count threads with their numbers, waits for all. */
static void run_threads(void *(*const bodies[])(void *), uint32_t count)
{
    pthread_t threads[8];
    atomic_store(&faults, 0);
    atomic_store(&finished, 0);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, bodies[i], (void *)(uintptr_t)i), 0);
    }
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(atomic_load(&faults), 0);
}

/* ---- blocks while regions come and go ---- */

typedef struct holding {
    unsigned char *at;
    size_t size;
} holding;

static tarn_heap *shared;
static atomic_uint moves, refused, added, removed, in_use;

static bool keeps(const holding *h, size_t size, unsigned char fill)
{
    for (size_t i = 0; i < size; i++) {
        if (h->at[i] != fill) {
            return false;
        }
    }
    return true;
}

static void hold(holding *h, void *at, size_t size, unsigned char fill)
{
    h->at = at;
    h->size = size;
    memset(at, fill, size);
}

static void reallocate(holding *h, size_t size, const tarn_request *request, unsigned char fill)
{
    unsigned char *old = h->at;
    void *at = tarn_heap_realloc(shared, h->at, size, request);
    if (at == NULL) {
        atomic_fetch_add(&refused, 1);
        return;
    }
    h->at = at;
    expect(keeps(h, size < h->size ? size : h->size, fill));
    atomic_fetch_add(&moves, h->at != old ? 1u : 0u);
    hold(h, at, size, fill);
}

static void one_step(prng *random, holding *h, unsigned char fill)
{
    const uint32_t masks[] = {prng_below(random, 4), 0};
    const tarn_request request = {masks, prng_below(random, 3), 0, (size_t)1 << prng_below(random, 8)};
    size_t size = prng_below(random, 900) + 1u;
    if (h->at == NULL) {
        void *at = tarn_heap_alloc(shared, size, &request);
        if (at != NULL) {
            hold(h, at, size, fill);
        }
        return;
    }
    expect(keeps(h, h->size, fill));
    if (prng_below(random, 3) == 0) {
        reallocate(h, size, &request, fill);
    } else if (prng_below(random, 4) == 0) {
        size_t cut = h->size / 2u + 1u;
        expect(tarn_heap_resize(shared, h->at, cut) == TARN_OK);
        h->size = cut;
    } else {
        expect(tarn_heap_free(shared, h->at) == TARN_OK);
        h->at = NULL;
    }
}

static void *use_blocks(void *argument)
{
    uint32_t number = (uint32_t)(uintptr_t)argument;
    prng random = prng_make(test_seed(), 500u + number);
    holding held[HELD] = {{NULL, 0}};
    uint64_t steps = test_scaled(60000);
    for (uint64_t i = 0; i < steps; i++) {
        one_step(&random, &held[prng_below(&random, HELD)], (unsigned char)(number + 1u));
    }
    for (uint32_t i = 0; i < HELD; i++) {
        expect(held[i].at == NULL || tarn_heap_free(shared, held[i].at) == TARN_OK);
    }
    atomic_fetch_add(&finished, 1);
    return NULL;
}

static bool count_block(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)payload;
    expect(region_index(region->memory) < REGIONS && block->size != 0);
    ++*(uint32_t *)context;
    return true;
}

static void look(prng *random)
{
    tarn_stats stats;
    uint32_t blocks = 0;
    expect(tarn_heap_stats(shared, NULL, &stats) == TARN_OK);
    expect(stats.used + stats.free == stats.capacity && stats.used <= stats.peak);
    if (prng_below(random, 8) == 0) {
        expect(tarn_heap_check(shared, NULL, NULL) == TARN_OK);
        expect(tarn_heap_walk(shared, NULL, count_block, &blocks) == TARN_OK);
    }
}

/* Two of them share the regions from the second on, so that either may find its range claimed, added or gone. */
static void *change_regions(void *argument)
{
    prng random = prng_make(test_seed(), 600u + (uint64_t)(uintptr_t)argument);
    while (atomic_load(&finished) < WORKERS) {
        uint32_t index = 1u + prng_below(&random, REGIONS - 1u);
        tarn_region_options options = with_capabilities(prng_below(&random, 4));
        options.line = prng_below(&random, 2) * 64u;
        options.rank = prng_below(&random, 3);
        tarn_status status = tarn_heap_add(shared, memory[index], REGION, &options);
        expect(status == TARN_OK || status == TARN_E_OVERLAP || status == TARN_E_REGIONS_FULL);
        atomic_fetch_add(&added, status == TARN_OK ? 1u : 0u);
        look(&random);
        tarn_leftovers left;
        status = tarn_heap_remove(shared, memory[index], &left);
        expect(status == TARN_OK || status == TARN_E_IN_USE || status == TARN_E_FOREIGN);
        expect((status == TARN_E_IN_USE) == (left.blocks != 0));
        atomic_fetch_add(&removed, status == TARN_OK ? 1u : 0u);
        atomic_fetch_add(&in_use, status == TARN_E_IN_USE ? 1u : 0u);
    }
    return NULL;
}

static void threads_use_blocks_while_regions_come_and_go(void **state)
{
    (void)state;
    void *(*const bodies[])(void *) = {use_blocks, use_blocks, use_blocks, change_regions, change_regions};
    shared = make_heap();
    add(shared, 0, NULL);
    run_threads(bodies, WORKERS + 2);
    assert_heap_sound(shared);
    assert_int_equal(used_bytes(shared), 0);
    for (uint32_t i = 0; i < REGIONS; i++) {
        tarn_status status = tarn_heap_remove(shared, memory[i], NULL);
        assert_true(status == TARN_OK || (i != 0 && status == TARN_E_FOREIGN));
    }
    print_message(
        "seed %llu: %u blocks moved, %u reallocs refused; regions: %u added, %u removed, %u kept because in use\n",
        (unsigned long long)test_seed(), atomic_load(&moves), atomic_load(&refused), atomic_load(&added),
        atomic_load(&removed), atomic_load(&in_use));
}

/* ---- the same memory ---- */

static atomic_uint served, lost;

/* Whoever's add is told TARN_OK has the region: its blocks are nobody else's, and nobody else removes it. */
static void *add_the_same(void *argument)
{
    unsigned char fill = (unsigned char)(uintptr_t)argument;
    uint64_t rounds = test_scaled(20000);
    while (atomic_load(&served) < rounds) {
        tarn_status status = tarn_heap_add(shared, memory[0], REGION, NULL);
        expect(status == TARN_OK || status == TARN_E_OVERLAP);
        if (status != TARN_OK) {
            atomic_fetch_add(&lost, 1);
            (void)sched_yield();
            continue;
        }
        holding h = {NULL, 0};
        void *block = tarn_heap_alloc(shared, 4000, NULL);
        expect(block != NULL);
        if (block != NULL) {
            hold(&h, block, 4000, fill);
            expect(keeps(&h, 4000, fill));
            expect(tarn_heap_free(shared, block) == TARN_OK);
        }
        expect(tarn_heap_remove(shared, memory[0], NULL) == TARN_OK);
        atomic_fetch_add(&served, 1);
    }
    return NULL;
}

static void memory_that_two_threads_add_goes_to_one(void **state)
{
    (void)state;
    void *(*const bodies[])(void *) = {add_the_same, add_the_same};
    tarn_region region;
    shared = make_heap();
    run_threads(bodies, 2);
    assert_false(tarn_heap_region(shared, 0, &region));
    assert_heap_sound(shared);
    print_message("%u adds were first, %u found the range taken\n", atomic_load(&served), atomic_load(&lost));
}

/* ---- pools in blocks ---- */

static _Alignas(64) unsigned char fmemp_memory[WORKERS][FMEMP_BYTES];
static atomic_uint nested;

/* alone: nobody else makes pools in this heap, so that the place of one that ended stays empty. */
static void carry_and_drop(tarn_heap *heap, uint32_t round, bool alone)
{
    tarn_pool *pool;
    unsigned char *block = tarn_heap_alloc(heap, NESTED, NULL);
    expect(block != NULL);
    if (block == NULL) {
        return;
    }
    expect(tarn_init(&pool, block, NESTED, NULL) == TARN_OK);
    expect(tarn_alloc(pool, 100) != NULL);
    expect(tarn_heap_resize(heap, block, 100) == TARN_OK && tarn_heap_usable(heap, block) >= NESTED);
    if (round % 2u == 0) {
        expect(tarn_deinit(pool) == TARN_OK);
    }
    expect(tarn_heap_free(heap, block) == TARN_OK);
    expect(!alone || tarn_alloc(pool, 100) == NULL);
    atomic_fetch_add(&nested, 1);
}

static void *nest_pools(void *argument)
{
    unsigned char *mine = fmemp_memory[(uintptr_t)argument];
    uint32_t rounds = (uint32_t)test_scaled(3000);
    for (uint32_t i = 0; i < rounds; i++) {
        FMemp memp;
        memset(&memp, 0, sizeof memp);
        expect(FMempInit(&memp, mine, mine + FMEMP_BYTES) == FMEMP_SUCCESS);
        for (uint32_t j = 0; j < 4; j++) {
            carry_and_drop((tarn_heap *)memp.tlsf_ptr, i + j, true);
        }
        FMempDeinit(&memp);
    }
    return NULL;
}

static void threads_nest_pools_in_heaps_of_their_own(void **state)
{
    (void)state;
    need_registry();
    void *(*const bodies[])(void *) = {nest_pools, nest_pools, nest_pools};
    run_threads(bodies, WORKERS);
    print_message("%u pools made and ended in blocks of %u FMemps\n", atomic_load(&nested), WORKERS);
}

/* Pools are made in blocks of one FMemp by all threads, while another FMemp comes and goes. */
static FMemp common;

static void *nest_in_common(void *argument)
{
    (void)argument;
    uint32_t rounds = (uint32_t)test_scaled(6000);
    for (uint32_t i = 0; i < rounds; i++) {
        carry_and_drop((tarn_heap *)common.tlsf_ptr, i, false);
    }
    atomic_fetch_add(&finished, 1);
    return NULL;
}

static void *come_and_go(void *argument)
{
    (void)argument;
    while (atomic_load(&finished) < 2) {
        FMemp memp;
        memset(&memp, 0, sizeof memp);
        expect(FMempInit(&memp, memory[3], memory[3] + REGION) == FMEMP_SUCCESS);
        expect(FMempMalloc(&memp, 100) != NULL);
        FMempDeinit(&memp);
    }
    return NULL;
}

static void threads_nest_pools_in_one_heap(void **state)
{
    (void)state;
    need_registry();
    void *(*const bodies[])(void *) = {nest_in_common, nest_in_common, come_and_go};
    memset(&common, 0, sizeof common);
    assert_int_equal(FMempInit(&common, fmemp_memory[0], fmemp_memory[0] + FMEMP_BYTES), FMEMP_SUCCESS);
    run_threads(bodies, 3);
    assert_int_equal(used_bytes((tarn_heap *)common.tlsf_ptr), 0);
    assert_heap_sound((tarn_heap *)common.tlsf_ptr);
    FMempDeinit(&common);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_use_blocks_while_regions_come_and_go),
        cmocka_unit_test(memory_that_two_threads_add_goes_to_one),
        cmocka_unit_test(threads_nest_pools_in_heaps_of_their_own),
        cmocka_unit_test(threads_nest_pools_in_one_heap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
