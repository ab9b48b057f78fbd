/* SPDX-License-Identifier: MIT */
/*
 * Threads on one heap while its regions come and go, on two FMemp at once, and with tags. Whether they only seem to
 * agree is for run_phytium_tsan.sh, which builds this program for the thread sanitizer.
 */
#define FMEMP_TAG_DEBUG

#include "test_phytium.h"

#include <pthread.h>
#include <stdatomic.h>

#include "tarn/regions.h"

enum { THREADS = 4, ROUNDS = 40000, HELD = 16, SPARE_BYTES = 8192 };

static FMemp pools[2];
static _Alignas(64) unsigned char spare[2][SPARE_BYTES];
static atomic_uint finished;
static atomic_uint failures;

static uint32_t rounds(void)
{
    const char *scale = getenv("TARN_TEST_SCALE");
    uint32_t percent = scale == NULL ? 100u : (uint32_t)strtoul(scale, NULL, 10);
    return ROUNDS * percent / 100u + 1u;
}

static void expect(bool condition)
{
    if (!condition) {
        atomic_fetch_add(&failures, 1);
    }
}

static void fill(unsigned char *block, size_t size, unsigned char value)
{
    memset(block, value, size);
}

static void verify(const unsigned char *block, size_t size, unsigned char value)
{
    for (size_t i = 0; i < size; i++) {
        expect(block[i] == value);
    }
}

/* What each thread does: blocks of its own from both pools, by every function, with and without tags. */
static void *use_pools(void *argument)
{
    unsigned char value = (unsigned char)(uintptr_t)argument;
    unsigned char *held[HELD] = {NULL};
    size_t sizes[HELD] = {0};
    uint32_t random = value * 2654435761u;
    uint32_t count = rounds();
    for (uint32_t i = 0; i < count; i++) {
        random = random * 1664525u + 1013904223u;
        uint32_t slot = random >> 28;
        FMemp *pool = &pools[slot & 1u];
        expect(i % 512 != 0 || tlsf_check(pool->tlsf_ptr) == 0); /* whatever region comes or goes meanwhile */
        size_t size = 20 + (random >> 16 & 127u);
        if (held[slot] != NULL && (random & 3u) != 0) {
            verify(held[slot], sizes[slot], value);
            if ((random & 4u) != 0) {
                FMEMP_FREE(pool, held[slot]);
                held[slot] = NULL;
                continue;
            }
            unsigned char *moved = FMempRealloc(pool, held[slot], size);
            if (moved == NULL) {
                continue;
            }
            verify(moved, size < sizes[slot] ? size : sizes[slot], value);
            held[slot] = moved;
        } else if (held[slot] != NULL) {
            continue;
        } else {
            held[slot] = (random & 8u) != 0 ? FMempMallocAlign(pool, size, 32) : FMempCalloc(pool, 1, size);
        }
        if (held[slot] != NULL) {
            sizes[slot] = size;
            fill(held[slot], size, value);
        }
    }
    for (uint32_t slot = 0; slot < HELD; slot++) {
        FMempFree(&pools[slot & 1u], held[slot]);
    }
    atomic_fetch_add(&finished, 1);
    return NULL;
}

static void *tag_blocks(void *argument)
{
    (void)argument;
    for (uint32_t i = 0; i < rounds() / 4u; i++) {
        void *block = FMEMP_MALLOC(&pools[0], 24);
        FMEMP_FREE(&pools[0], block);
    }
    atomic_fetch_add(&finished, 1);
    return NULL;
}

static bool count_block(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)region;
    (void)payload;
    *(uint32_t *)context += block->state != TARN_BLOCK_FREE ? 1u : 0u;
    return true;
}

/* Regions come and go, everybody looks. */
static void *look_and_change(void *argument)
{
    (void)argument;
    while (atomic_load(&finished) < THREADS + 1u) {
        u32 total, used, peak;
        uint32_t blocks = 0;
        for (uint32_t i = 0; i < 2; i++) {
            tarn_heap *heap = (tarn_heap *)pools[i].tlsf_ptr;
            (void)tarn_heap_add(heap, spare[i], SPARE_BYTES, NULL);
            FMemProbe(&pools[i], &total, &used, &peak);
            expect(used <= total && used <= peak);
            (void)tarn_heap_walk(heap, NULL, count_block, &blocks);
            expect(tarn_heap_check(heap, NULL, NULL) == TARN_OK);
            tarn_status status = tarn_heap_remove(heap, spare[i], NULL);
            expect(status == TARN_OK || status == TARN_E_IN_USE);
        }
    }
    return NULL;
}

/* Covers: FMempMalloc FMempRealloc FMempFree FMempInit FMempMallocTag */
static void threads_share_pools_whose_regions_change(void **state)
{
    (void)state;
    need_regions(2);
    pthread_t threads[THREADS + 2];
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(FMempInit(&pools[i], buffer + 65536 * i, buffer + 65536 * i + 12000), FMEMP_SUCCESS);
    }
    for (uint32_t i = 0; i < THREADS + 2; i++) {
        void *(*body)(void *) = i < THREADS ? use_pools : i == THREADS ? tag_blocks : look_and_change;
        assert_int_equal(pthread_create(&threads[i], NULL, body, (void *)(uintptr_t)(i + 1)), 0);
    }
    for (uint32_t i = 0; i < THREADS + 2; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    assert_int_equal(atomic_load(&failures), 0);
    for (uint32_t i = 0; i < 2; i++) {
        u32 used = 1;
        FMemProbe(&pools[i], NULL, &used, NULL);
        assert_int_equal(used, 0);
        assert_int_equal(tlsf_check(pools[i].tlsf_ptr), 0);
        FMempDeinit(&pools[i]);
    }
}

/* Covers: FMempInit FMempDeinit */
static void *init_and_end(void *argument)
{
    unsigned char *mine = buffer + 16384 * (uintptr_t)argument;
    for (uint32_t i = 0; i < rounds() / 20u + 1u; i++) {
        FMemp pool;
        memset(&pool, 0, sizeof pool);
        expect(FMempInit(&pool, mine, mine + 9000) == FMEMP_SUCCESS);
        u32 used = 0;
        tlsf_t heap = pool.tlsf_ptr;
        expect(FMempMalloc(&pool, 100) != NULL);
        (void)FMempInit(&pool, mine, mine + 9000); /* others that come and go hide no live pool */
        FMemProbe(&pool, NULL, &used, NULL);
        expect(used == 104);
        FMempDeinit(&pool);
        expect(tlsf_malloc(heap, 8) == NULL);
    }
    return NULL;
}

static void threads_make_and_end_pools_of_their_own(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    catch_output(); /* a warning for each second init */
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, init_and_end, (void *)(uintptr_t)i), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    (void)caught_output();
    assert_int_equal(atomic_load(&failures), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_share_pools_whose_regions_change),
        cmocka_unit_test(threads_make_and_end_pools_of_their_own),
    };
    return is_unfit() ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
