/* SPDX-License-Identifier: MIT */
/*
 * One pool, several threads, on the posix port: every call is as if alone. Four threads allocate, resize, free, walk,
 * check, at once and in steps, and ask for statistics at once, while a sink uses the same pool from inside events;
 * nobody's bytes change but by their owner, no check ever finds a broken rule, and in the end the pool is empty. Build
 * with -fsanitize=thread to have every unlocked access found.
 */
#include <pthread.h>
#include <string.h>

#include "tarn/events.h"
#include "tarn/inspect.h"
#include "test.h"

enum { THREADS = 4, SLOTS = 64, POOL_BYTES = 1 << 20 };

static _Alignas(4096) unsigned char memory[POOL_BYTES];

typedef struct worker {
    pthread_t thread;
    tarn_pool *pool;
    prng random;
    uint32_t steps;
    uint32_t looks;
    uint32_t rounds;
    bool in_steps;
    bool plain;      /* asks in the short ways' words */
    uint32_t faults; /* cmocka's asserts belong to the main thread */
    struct {
        unsigned char *block;
        size_t size;
        unsigned char fill;
    } slots[SLOTS];
} worker;

static uint32_t draw(worker *w)
{
    return prng_next(&w->random);
}

static bool holds_fill(const unsigned char *block, size_t size, unsigned char fill)
{
    for (size_t i = 0; i < size; i++) {
        if (block[i] != fill) {
            return false;
        }
    }
    return true;
}

static void fill_slot(worker *w, uint32_t slot, unsigned char *block, size_t size)
{
    w->slots[slot].block = block;
    w->slots[slot].size = size;
    w->slots[slot].fill = (unsigned char)draw(w);
    memset(block, w->slots[slot].fill, size);
}

static void take_slot(worker *w, uint32_t slot)
{
    size_t size = draw(w) % 500 + 1;
    unsigned char *block =
        w->plain ? tarn_alloc(w->pool, size) : tarn_alloc_aligned(w->pool, size, (size_t)1 << draw(w) % 9);
    if (block != NULL) {
        fill_slot(w, slot, block, size);
    }
}

static void resize_slot(worker *w, uint32_t slot)
{
    size_t size = draw(w) % 700 + 1;
    size_t kept = size < w->slots[slot].size ? size : w->slots[slot].size;
    unsigned char *block = tarn_realloc(w->pool, w->slots[slot].block, size);
    if (block != NULL) {
        w->faults += !holds_fill(block, kept, w->slots[slot].fill);
        fill_slot(w, slot, block, size);
    }
}

static void free_slot(worker *w, uint32_t slot)
{
    w->faults += !holds_fill(w->slots[slot].block, w->slots[slot].size, w->slots[slot].fill);
    w->faults += tarn_free(w->pool, w->slots[slot].block) != TARN_OK;
    w->slots[slot].block = NULL;
}

static bool count_block(const tarn_block *block, void *context)
{
    *(uint64_t *)context += block->size;
    return true;
}

static void look(worker *w)
{
    uint64_t bytes = 0;
    tarn_stats stats;
    w->faults += tarn_walk(w->pool, count_block, &bytes) != TARN_OK;
    w->faults += tarn_stats_get(w->pool, &stats) != TARN_OK || stats.used + stats.free != stats.capacity;
    w->faults += tarn_check(w->pool, NULL) != TARN_OK;
    w->looks++;
}

/* Nobody knows where the check in steps stands but the pool. */
static void look_at_some(worker *w)
{
    tarn_finding finding;
    w->faults += tarn_check_some(w->pool, draw(w) % 8, &finding) != TARN_OK;
    w->rounds += finding.round;
}

static void *work(void *context)
{
    worker *w = context;
    for (uint32_t step = 0; step < w->steps; step++) {
        uint32_t slot = draw(w) % SLOTS;
        if (w->slots[slot].block == NULL) {
            take_slot(w, slot);
        } else if (draw(w) % 3 == 0) {
            resize_slot(w, slot);
        } else {
            free_slot(w, slot);
        }
        if (step % 500 == 0) {
            look(w);
        }
        if (w->in_steps) {
            look_at_some(w);
        }
    }
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        if (w->slots[slot].block != NULL) {
            free_slot(w, slot);
        }
    }
    return NULL;
}

static void use_pool_in_event(const tarn_event *event, void *context)
{
    if (event->kind == TARN_EVENT_ALLOC && event->pool == context) {
        (void)tarn_free(event->pool, tarn_alloc(event->pool, 8));
    }
}

static void run_engine(uint32_t engine, uint32_t steps, uint32_t words, uint32_t flags, size_t quarantine)
{
    static worker workers[THREADS];
    tarn_pool *pool;
    tarn_options options = {
        .engine = engine, .extension_words = words, .modules = words / 3u, .flags = flags, .quarantine = quarantine};
    assert_int_equal(tarn_init(&pool, memory, sizeof memory, &options), TARN_OK);
    assert_listening(tarn_events_add(use_pool_in_event, pool));
    uint32_t looks = 0;
    uint32_t rounds = 0;
    memset(workers, 0, sizeof workers);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i].pool = pool;
        workers[i].steps = steps;
        workers[i].in_steps = (flags & TARN_POOL_CURSOR) != 0;
        workers[i].random = prng_make(test_seed(), i + 1u);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].faults, 0);
        looks += workers[i].looks;
        rounds += workers[i].rounds;
    }
    tarn_stats stats;
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(stats.blocks, 0);
    assert_int_equal(stats.free_blocks, 1);
    assert_int_equal(tarn_events_remove(use_pool_in_event, pool), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    print_message("engine %u, %u words, flags %x, quarantine %u: %u steps by %d threads, %u walks with check, "
                  "%u rounds in steps\n",
                  engine, words, flags, (unsigned)quarantine, THREADS * steps, THREADS, looks, rounds);
}

/* Nobody listens and blocks have only a header: the short ways, under the lock (src/plain.h). */
static void run_plain(uint32_t engine, uint32_t steps, uint32_t park)
{
    static worker workers[THREADS];
    tarn_pool *pool;
    const tarn_options options = {.engine = engine, .park = park, .recognition = TARN_RECOGNISE_KEYED};
    assert_int_equal(tarn_init(&pool, memory, sizeof memory, &options), TARN_OK);
    memset(workers, 0, sizeof workers);
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i].pool = pool;
        workers[i].steps = steps;
        workers[i].plain = true;
        workers[i].random = prng_make(test_seed(), i + 1u);
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].faults, 0);
    }
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(stats.blocks, 0);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    print_message("engine %u, plain, park %u: %u steps by %d threads\n", engine, park, THREADS * steps, THREADS);
}

static void threads_share_a_plain_pool(void **state)
{
    (void)state;
    uint32_t steps = (uint32_t)test_scaled(20000);
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t i = 0; i < count; i++) {
        run_plain(engines[i], steps, 0);
        run_plain(engines[i], steps, 1024);
    }
}

static void threads_share_a_pool(void **state)
{
    (void)state;
    uint32_t steps = (uint32_t)test_scaled(20000);
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    print_message("seed %llu\n", (unsigned long long)test_seed());
    for (uint32_t i = 0; i < count; i++) {
        run_engine(engines[i], steps, 1, 0, 0);
        run_engine(engines[i], steps / 4u, 7, 0, 0);
        run_engine(engines[i], steps / 4u, i, TARN_POOL_GUARD | TARN_POOL_POISON, 0);
        run_engine(engines[i], steps / 4u, 2 * i, TARN_POOL_CURSOR, 0);
        run_engine(engines[i], steps / 4u, i, TARN_POOL_CURSOR | TARN_POOL_GUARD | TARN_POOL_POISON, 0);
        run_engine(engines[i], steps / 4u, 2, i == 0 ? 0 : TARN_POOL_GUARD | TARN_POOL_POISON, POOL_BYTES / 16);
        run_engine(engines[i], steps / 4u, i, TARN_POOL_ZERO_ON_FREE | TARN_POOL_CURSOR, POOL_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(threads_share_a_pool),
                                       cmocka_unit_test(threads_share_a_plain_pool)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
