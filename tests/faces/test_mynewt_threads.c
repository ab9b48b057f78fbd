/* SPDX-License-Identifier: MIT */
/*
 * Threads on the same pools: at all times each block has one owner. Whether they only seem to agree is for
 * run_mynewt_tsan.sh, which builds this program for the thread sanitizer.
 */
#include "test_mynewt.h"

#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, ROUNDS = 60000, BLOCKS = 24, HELD = 10, POOLS = 3 };

static const uint32_t kinds[POOLS] = {
    WORD,
    WORD | TARN_MYNEWT_CHECK | TARN_MYNEWT_MAP | TARN_MYNEWT_EXT,
    WORD | TARN_MYNEWT_CHECK | TARN_MYNEWT_POISON | TARN_MYNEWT_GUARD,
};

static bench benches[POOLS];
static atomic_uint owner[POOLS][BLOCKS]; /* the thread that has the block, 0 for none */
static atomic_uint failures;
static atomic_uint finished;
static atomic_uint callbacks;

static void expect(bool condition)
{
    if (!condition) {
        atomic_fetch_add(&failures, 1);
    }
}

static size_t index_of(uint32_t pool, const void *block)
{
    return (size_t)((const unsigned char *)block - benches[pool].buffer) / benches[pool].stride;
}

static void *own(uint32_t pool, uint32_t me)
{
    unsigned char *block = os_memblock_get(benches[pool].mp);
    if (block != NULL) {
        expect(os_memblock_from(benches[pool].mp, block) == 1);
        expect(atomic_exchange(&owner[pool][index_of(pool, block)], me) == 0);
        memset(block, (int)me, benches[pool].payload);
    }
    return block;
}

static void disown(uint32_t pool, uint32_t me, unsigned char *block)
{
    for (size_t i = 0; i < benches[pool].payload; i++) {
        expect(block[i] == me);
    }
    expect(atomic_exchange(&owner[pool][index_of(pool, block)], 0) == me);
    expect(os_memblock_put(benches[pool].mp, block) == OS_OK);
}

/* A put that keeps the free list in hand for a while, and checks it meanwhile. */
static os_error_t put_callback(struct os_mempool_ext *ome, void *data, void *argument)
{
    (void)argument;
    os_sr_t sr;
    uint32_t count = 0;
    struct os_memblock *at;
    OS_ENTER_CRITICAL(sr);
    SLIST_FOREACH(at, &ome->mpe_mp, mb_next)
    {
        count++;
    }
    expect(count == ome->mpe_mp.mp_num_free);
    os_error_t result = os_memblock_put_from_cb(&ome->mpe_mp, data);
    expect(ome->mpe_mp.mp_num_free == count + 1u);
    OS_EXIT_CRITICAL(sr);
    atomic_fetch_add(&callbacks, 1);
    return result;
}

static void *use_pools(void *argument)
{
    uint32_t me = (uint32_t)(uintptr_t)argument;
    prng random = prng_make(test_seed(), me);
    unsigned char *held[POOLS][HELD] = {{NULL}};
    uint32_t rounds = (uint32_t)test_scaled(ROUNDS);
    for (uint32_t i = 0; i < rounds; i++) {
        uint32_t pool = prng_below(&random, POOLS);
        unsigned char **slot = &held[pool][prng_below(&random, HELD)];
        if (*slot == NULL) {
            *slot = own(pool, me);
        } else {
            disown(pool, me, *slot);
            *slot = NULL;
        }
    }
    for (uint32_t i = 0; i < POOLS * HELD; i++) {
        if (held[i / HELD][i % HELD] != NULL) {
            disown(i / HELD, me, held[i / HELD][i % HELD]);
        }
    }
    atomic_fetch_add(&finished, 1);
    return NULL;
}

/* Makes and ends a pool of its own, and looks at those of the others. */
static void *look(void *argument)
{
    (void)argument;
    static uint64_t memory[64];
    static struct os_mempool mine;
    while (atomic_load(&finished) < THREADS) {
        struct os_mempool_info info;
        uint32_t count = 0;
        expect(os_mempool_init(&mine, 4, 24, memory, "mine") == OS_OK);
        for (struct os_mempool *mp = NULL; (mp = os_mempool_info_get_next(mp, &info)) != NULL; count++) {
            expect(info.omi_num_free >= info.omi_min_free && info.omi_num_free <= info.omi_num_blocks);
        }
        expect(count == POOLS + 1);
        for (uint32_t i = 0; i < POOLS; i++) {
            expect(os_mempool_is_sane(benches[i].mp));
        }
        expect(os_mempool_get("mine", NULL) == &mine);
        expect(os_mempool_unregister(&mine) == OS_OK);
    }
    return NULL;
}

/* Covers: os_memblock_get os_memblock_put os_mempool_init os_mempool_unregister os_mempool_info_get_next M19 */
static void each_block_has_one_owner(void **state)
{
    (void)state;
    pthread_t threads[THREADS + 1];
    for (uint32_t i = 0; i < POOLS; i++) {
        bench_open(&benches[i], BLOCKS, 30, "shared", kinds[i]);
    }
    benches[1].ext.mpe_put_cb = put_callback;
    for (uint32_t i = 0; i <= THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, i < THREADS ? use_pools : look, (void *)(uintptr_t)(i + 1)),
                         0);
    }
    for (uint32_t i = 0; i <= THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(atomic_load(&failures), 0);
    assert_nothing_told();
    for (uint32_t i = 0; i < POOLS; i++) {
        assert_int_equal(benches[i].mp->mp_num_free, BLOCKS);
        assert_int_equal(chain_length(&benches[i]), BLOCKS);
        bench_close(&benches[i]);
    }
    print_message("seed %llu: %u threads, %u steps each, %u callbacks\n", (unsigned long long)test_seed(), THREADS,
                  (unsigned)test_scaled(ROUNDS), atomic_load(&callbacks));
}

static void *ask(void *answer)
{
    *(int *)answer = os_arch_in_critical();
    return NULL;
}

/* Covers: os_arch_in_critical */
static void the_section_is_that_of_the_thread_that_entered_it(void **state)
{
    (void)state;
    pthread_t thread;
    int others = 1;
    os_sr_t sr;
    OS_ENTER_CRITICAL(sr);
    int own = os_arch_in_critical();
    int created = pthread_create(&thread, NULL, ask, &others);
    int joined = created == 0 ? pthread_join(thread, NULL) : created;
    OS_EXIT_CRITICAL(sr);
    assert_int_equal(joined, 0);
    assert_int_equal(own, 1);
    assert_int_equal(others, 0);
    assert_int_equal(os_arch_in_critical(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_block_has_one_owner),
        cmocka_unit_test(the_section_is_that_of_the_thread_that_entered_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
