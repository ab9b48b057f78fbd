/* SPDX-License-Identifier: MIT */
/*
 * One block pool, several threads: every block has exactly one owner at all times, whatever the build's discipline but
 * NONE, which is skipped. Each thread claims what it gets in a table beside the pool by compare and swap, and fills it;
 * a block that two threads have, or that somebody writes to, is found by either. Observers look meanwhile. What lies in
 * one thread's cache no other one gets. Of two threads that put the same block at once one is refused, and who waits
 * for a block gets it. Puts are refused while others take blocks for the first time. In a build for plain pools alone
 * what needs a flag or a slot is left out. Build with -fsanitize=thread to have every unlocked access found.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "tarn/blocks.h"
#include "tarn/config.h"
#include "tarn/port.h"
#include "test.h"

enum { THREADS = 4, HELD = 24, SIZE = 40, BLOCKS = 64, ROOM = 65536 };

#ifdef TARN_BLOCKS_ONLY_PLAIN
enum { ONLY_PLAIN_POOLS = 1 };
#else
enum { ONLY_PLAIN_POOLS = 0 };
#endif

static _Alignas(4096) unsigned char memory[ROOM];
static atomic_uint owners[BLOCKS];

typedef struct worker {
    pthread_t thread;
    tarn_blocks *pool;
    unsigned char *first;
    uint32_t stride;
    prng random;
    uint32_t id;
    uint32_t steps;
    uint32_t taken;
    uint32_t refused;
    uint32_t faults; /* cmocka's asserts belong to the main thread */
    unsigned char *held[HELD];
} worker;

static void claim(worker *w, uint32_t slot, unsigned char *block)
{
    unsigned expected = 0;
    uint32_t number = (uint32_t)(block - w->first) / w->stride;
    w->faults += !atomic_compare_exchange_strong(&owners[number], &expected, w->id);
    memset(block, (int)w->id, SIZE);
    w->held[slot] = block;
    w->taken++;
}

static void give(worker *w, uint32_t slot)
{
    unsigned expected = w->id;
    unsigned char *block = w->held[slot];
    uint32_t number = (uint32_t)(block - w->first) / w->stride;
    for (uint32_t i = 0; i < SIZE; i++) {
        w->faults += block[i] != w->id;
    }
    w->faults += !atomic_compare_exchange_strong(&owners[number], &expected, 0);
    w->faults += tarn_blocks_put(w->pool, block) != TARN_OK;
    w->held[slot] = NULL;
}

static bool count_block(const tarn_block *block, void *context)
{
    *(uint32_t *)context += block->size != 0;
    return true;
}

/* What observers say under way is bounded, not exact. */
static void look(worker *w)
{
    tarn_stats stats;
    uint32_t cursor = 0;
    uint32_t seen = 0;
    w->faults += tarn_blocks_stats(w->pool, &stats) != TARN_OK || stats.blocks > BLOCKS;
    w->faults += tarn_blocks_low(w->pool) > BLOCKS;
    if (tarn_blocks_walk(w->pool, count_block, &seen) == TARN_OK) {
        w->faults += seen != BLOCKS;
    }
    (void)tarn_blocks_check_some(w->pool, &cursor, 16, NULL);
    w->faults += cursor == 0 || cursor > 16; /* a call ends behind what it finds */
    w->faults += tarn_blocks_recognise(w->pool, w->first + 1) != TARN_E_NOT_A_BLOCK;
}

static void *work(void *context)
{
    worker *w = context;
    for (uint32_t step = 0; step < w->steps; step++) {
        uint32_t slot = prng_below(&w->random, HELD);
        if (w->held[slot] != NULL) {
            give(w, slot);
        } else {
            unsigned char *block = tarn_blocks_get(w->pool);
            if (block != NULL) {
                claim(w, slot, block);
            } else {
                w->refused++;
            }
        }
        if (step % 1024 == 0) {
            look(w);
        }
    }
    for (uint32_t slot = 0; slot < HELD; slot++) {
        if (w->held[slot] != NULL) {
            give(w, slot);
        }
    }
    return NULL;
}

static tarn_blocks *make(uint32_t flags, uint32_t slots)
{
    tarn_blocks *pool;
    tarn_blocks_options options = {.count = BLOCKS, .flags = flags, .slots = slots};
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_blocks_init(&pool, memory, sizeof memory, SIZE, &options), TARN_OK);
    return pool;
}

static unsigned char *first_of(tarn_blocks *pool)
{
    unsigned char *first = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_put(pool, first), TARN_OK);
    return first;
}

static void run(uint32_t flags, uint32_t slots, uint32_t steps)
{
    static worker workers[THREADS];
    tarn_blocks *pool = make(flags, slots);
    unsigned char *first = first_of(pool);
    uint32_t taken = 0;
    uint32_t refused = 0;
    memset(workers, 0, sizeof workers);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i].pool = pool;
        workers[i].first = first;
        workers[i].stride = (uint32_t)TARN_BLOCKS_STRIDE(SIZE, 0, flags);
        workers[i].steps = steps;
        workers[i].id = i + 1u;
        workers[i].random = prng_make(test_seed(), i + 1u);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].faults, 0);
        taken += workers[i].taken;
        refused += workers[i].refused;
    }
    tarn_stats stats;
    tarn_finding found;
    assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
    assert_int_equal(stats.blocks, 0);
    assert_int_equal(stats.free_blocks, BLOCKS);
    tarn_status status = tarn_blocks_check(pool, &found);
    if (status != TARN_OK) {
        fail_msg("flags %u: rule %u at %lu", (unsigned)flags, (unsigned)found.rule, (unsigned long)found.offset);
    }
    print_message("flags %u, %u slots: %u blocks taken by %d threads, %u refused\n", (unsigned)flags, (unsigned)slots,
                  (unsigned)taken, THREADS, (unsigned)refused);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
}

static void every_block_has_one_owner(void **state)
{
    (void)state;
    const uint32_t flags[] = {0, TARN_BLOCKS_MAP,
                              TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER | TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON,
                              TARN_BLOCKS_WAITABLE | TARN_BLOCKS_EVENTS, TARN_BLOCKS_POISON | TARN_BLOCKS_GUARD};
    uint32_t steps = (uint32_t)test_scaled(200000);
    print_message("seed %llu\n", (unsigned long long)test_seed());
    uint32_t kinds = ONLY_PLAIN_POOLS ? 1u : (uint32_t)(sizeof flags / sizeof flags[0]);
    for (uint32_t i = 0; i < kinds; i++) {
        run(flags[i], 0, steps);
    }
    if (!ONLY_PLAIN_POOLS) {
        run(0, 8, steps);
        run(0, 2, steps);
    }
}

/* ---- refusals while blocks are handed out for the first time ---- */

typedef struct early {
    tarn_blocks *pool;
    void *last; /* the one block that is never handed out */
    atomic_uint done;
    uint32_t refused;
    uint32_t faults;
} early;

static void *put_too_early(void *context)
{
    early *e = context;
    do {
        for (uint32_t i = 0; i < 16; i++) {
            e->faults += tarn_blocks_put(e->pool, e->last) != TARN_E_DOUBLE_FREE;
            e->refused++;
        }
        (void)sched_yield();
    } while (atomic_load_explicit(&e->done, memory_order_relaxed) == 0);
    return NULL;
}

static void puts_are_refused_while_others_get(void **state)
{
    (void)state;
    static early e;
    pthread_t thread;
    uint32_t refused = 0;
    uint32_t rounds = (uint32_t)test_scaled(200);
    for (uint32_t round = 0; round < rounds; round++) {
        memset(&e, 0, sizeof e);
        e.pool = make(0, 0);
        e.last = first_of(e.pool) + (BLOCKS - 1u) * TARN_BLOCKS_STRIDE(SIZE, 0, 0);
        assert_int_equal(pthread_create(&thread, NULL, put_too_early, &e), 0);
        for (int i = 0; i < BLOCKS - 1; i++) {
            assert_non_null(tarn_blocks_get(e.pool));
            (void)sched_yield();
        }
        atomic_store_explicit(&e.done, 1, memory_order_relaxed);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(e.faults, 0);
        refused += e.refused;
        assert_ptr_equal(tarn_blocks_get(e.pool), e.last);
        assert_int_equal(tarn_blocks_put(e.pool, e.last), TARN_OK);
    }
    print_message("%u puts refused while %u pools handed out their blocks\n", (unsigned)refused, (unsigned)rounds);
}

/* ---- owners ---- */

static void *take_one(void *context)
{
    worker *w = context;
    w->held[0] = tarn_blocks_get(w->pool);
    w->id = tarn_port_task();
    return NULL;
}

static void a_block_has_the_tag_of_the_thread_that_got_it(void **state)
{
    (void)state;
    static worker others[2];
    tarn_block record;
    tarn_blocks *pool = make(TARN_BLOCKS_OWNER, 0);
    for (int i = 0; i < 2; i++) { /* one of two threads has a tag that is not 0 */
        others[i].pool = pool;
        assert_int_equal(pthread_create(&others[i].thread, NULL, take_one, &others[i]), 0);
        assert_int_equal(pthread_join(others[i].thread, NULL), 0);
        assert_int_equal(tarn_blocks_at(pool, others[i].held[0], &record), TARN_OK);
        assert_int_equal(record.owner, TARN_OWNER(0, others[i].id));
    }
    assert_true(others[0].id != 0 || others[1].id != 0);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
}

/* ---- caches ---- */

#ifdef TARN_BLOCKS_CACHE
enum { CACHES = 1 };
#else
enum { CACHES = 0 };
#endif

static void *take_all(void *context)
{
    worker *w = context;
    while (tarn_blocks_get(w->pool) != NULL) {
        w->taken++;
    }
    return NULL;
}

/* One thread puts every block back, another one, without a slot, gets what is not in the first one's cache: at least
 * half. The first gets the rest. */
static void what_lies_in_a_cache_is_out_of_reach(void **state)
{
    (void)state;
    static worker other;
    void *blocks[BLOCKS];
    tarn_stats stats;
    tarn_blocks *pool = make(0, 1);
    for (int i = 0; i < BLOCKS; i++) {
        assert_non_null(blocks[i] = tarn_blocks_get(pool));
    }
    for (int i = 0; i < BLOCKS; i++) {
        assert_int_equal(tarn_blocks_put(pool, blocks[i]), TARN_OK);
    }
    memset(&other, 0, sizeof other);
    other.pool = pool;
    assert_int_equal(pthread_create(&other.thread, NULL, take_all, &other), 0);
    assert_int_equal(pthread_join(other.thread, NULL), 0);
    assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
    assert_int_equal(stats.free_blocks, BLOCKS - other.taken);
    assert_true(CACHES ? other.taken >= BLOCKS / 2 && other.taken < BLOCKS : other.taken == BLOCKS);
    uint32_t rest = 0;
    while (tarn_blocks_get(pool) != NULL) {
        rest++;
    }
    assert_int_equal(rest, BLOCKS - other.taken);
    assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
    print_message("%u of %d blocks in the cache of another thread\n", (unsigned)rest, BLOCKS);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
}

/* ---- two puts of one block at once ---- */

typedef struct duel {
    tarn_blocks *pool;
    void *_Atomic block;
    atomic_uint arrived;
    atomic_uint rounds;
    atomic_uint accepted;
} duel;

static void *fight(void *context)
{
    duel *d = context;
    for (uint32_t round = 1;; round++) {
        while (atomic_load(&d->rounds) < round) {
            (void)sched_yield();
        }
        void *block = atomic_load(&d->block);
        if (block == NULL) {
            return NULL;
        }
        atomic_fetch_add(&d->accepted, tarn_blocks_put(d->pool, block) == TARN_OK);
        atomic_fetch_add(&d->arrived, 1);
    }
}

static void of_two_puts_one_is_refused(void **state)
{
    (void)state;
    pthread_t threads[2];
    duel d;
    uint32_t rounds = (uint32_t)test_scaled(5000);
    memset(&d, 0, sizeof d);
    d.pool = make(TARN_BLOCKS_MAP, 0);
    void *other = tarn_blocks_get(d.pool); /* so that the count of blocks out never tells */
    assert_non_null(other);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, fight, &d), 0);
    }
    for (uint32_t round = 1; round <= rounds; round++) {
        atomic_store(&d.block, tarn_blocks_get(d.pool));
        atomic_store(&d.arrived, 0);
        atomic_store(&d.rounds, round);
        while (atomic_load(&d.arrived) < 2) {
            (void)sched_yield();
        }
        assert_int_equal(atomic_load(&d.accepted), round);
    }
    atomic_store(&d.block, NULL);
    atomic_store(&d.rounds, rounds + 1u);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(tarn_blocks_check(d.pool, NULL), TARN_OK);
    print_message("%u blocks put by two threads at once, %u puts refused\n", (unsigned)rounds, (unsigned)rounds);
}

/* ---- waiting ---- */

static void *take_waiting(void *context)
{
    worker *w = context;
    for (uint32_t step = 0; step < w->steps; step++) {
        void *block = tarn_blocks_get_wait(w->pool, UINT32_MAX);
        w->faults += block == NULL;
        w->taken++;
        w->faults += tarn_blocks_put(w->pool, block) != TARN_OK;
    }
    return NULL;
}

static void who_waits_gets_a_block(void **state)
{
    (void)state;
    static worker workers[THREADS];
    tarn_blocks *pool;
    tarn_blocks_options options = {.count = 1, .flags = TARN_BLOCKS_WAITABLE};
    assert_int_equal(tarn_blocks_init(&pool, memory, sizeof memory, SIZE, &options), TARN_OK);
    void *only = tarn_blocks_get(pool);
    assert_null(tarn_blocks_get_wait(pool, 0));
    assert_null(tarn_blocks_get_wait(pool, 3));
    memset(workers, 0, sizeof workers);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i].pool = pool;
        workers[i].steps = (uint32_t)test_scaled(2000);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, take_waiting, &workers[i]), 0);
    }
    assert_int_equal(tarn_blocks_put(pool, only), TARN_OK);
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].faults, 0);
    }
    assert_ptr_equal(tarn_blocks_get_wait(pool, UINT32_MAX), only);
    pool = make(0, 0);
    assert_null(tarn_blocks_get_wait(pool, UINT32_MAX)); /* not waitable: at once */
    assert_null(tarn_blocks_get_wait(NULL, UINT32_MAX));
    print_message("%u times %d threads waited for one block\n", (unsigned)workers[0].steps, THREADS);
}

#ifdef TARN_BLOCKS_SYNC_NONE
enum { SHARED = 0 };
#else
enum { SHARED = 1 };
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block_has_one_owner),
        cmocka_unit_test(puts_are_refused_while_others_get),
#ifndef TARN_BLOCKS_ONLY_PLAIN
        cmocka_unit_test(a_block_has_the_tag_of_the_thread_that_got_it),
        cmocka_unit_test(what_lies_in_a_cache_is_out_of_reach),
        cmocka_unit_test(of_two_puts_one_is_refused),
        cmocka_unit_test(who_waits_gets_a_block),
#endif
    };
    if (!SHARED) {
        print_message("built for one context at a time: nothing to test\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
