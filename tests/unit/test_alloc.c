/* SPDX-License-Identifier: MIT */
/*
 * Handing out and taking back: what is served, what each refusal says, and what a block costs.
 *
 * A1 n blocks of k bytes use n * round_up(k + 4, 8) bytes at granule 8, from the smallest block on
 * A2 a refused request changes nothing but the refusal count, and the event says why
 * A3 every alignment that is a power of two is met; every other is refused
 * A4 no size near a limit of the machine is ever served by wrapping round
 */
#include "anatomy.h"
#include "test.h"

#include <stdlib.h>

#if SIZE_MAX > UINT32_MAX
#include <sys/mman.h>
#endif

enum { BYTES = 1 << 18, LOOKED_AT = 1 << 14 }; /* what blocks of these tests lie in, control data included */

static _Alignas(65536) unsigned char memory[BYTES];
static unsigned char before[BYTES];
static watch seen;

static tarn_pool *make(uint32_t engine, uint32_t granule, uint32_t extension)
{
    shape s = {engine, granule, extension, TARN_RECOGNISE_AUTO, BYTES, 0};
    return pool_make(&s, memory);
}

static tarn_stats stats_of(const tarn_pool *pool)
{
    tarn_stats stats = {0};
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    return stats;
}

static uint32_t engines[3];
static uint32_t built;

static int begin(void **state)
{
    (void)state;
    built = engines_built(engines);
    watch_begin(&seen);
    return 0;
}

static int end(void **state)
{
    (void)state;
    watch_end(&seen);
    return 0;
}

/* ---- cost ---- */

/* A1: smallest blocks are 16 bytes where an index needs links, 8 where it does not. */
static void a_block_costs_four_bytes(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < built; i++) {
        uint32_t smallest = engines[i] == TARN_ENGINE_LINEAR ? 8 : 16;
        for (uint32_t size = 0; size <= 300; size++) {
            tarn_pool *pool = make(engines[i], 8, 0);
            uint32_t cost = ((size == 0 ? 1 : size) + 4u + 7u) / 8u * 8u;
            cost = cost < smallest ? smallest : cost;
            for (uint32_t n = 1; n <= 100; n++) {
                assert_non_null(tarn_alloc(pool, size));
                assert_int_equal(stats_of(pool).used, n * cost);
            }
            assert_int_equal(stats_of(pool).overhead, 4);
            assert_int_equal(tarn_deinit(pool), TARN_OK);
        }
    }
}

static void extension_words_cost_four_bytes_each(void **state)
{
    (void)state;
    for (uint32_t words = 0; words <= 7; words++) {
        tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, words);
        for (uint32_t size = 24; size <= 100; size++) {
            uint64_t used = stats_of(pool).used;
            void *block = tarn_alloc(pool, size);
            assert_int_equal(stats_of(pool).used - used, (size + 4u + 4u * words + 7u) / 8u * 8u);
            assert_int_equal(tarn_usable(pool, block), stats_of(pool).used - used - 4u - 4u * words);
        }
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

/* ---- refusals ---- */

static void requests_without_a_pool_are_refused(void **state)
{
    (void)state;
    tarn_pool *noise = (tarn_pool *)(void *)memory;
    memset(memory, 0x55, BYTES);
    assert_null(tarn_alloc(NULL, 1));
    assert_int_equal(watch_status(&seen, TARN_EVENT_FAIL), TARN_E_NULL);
    assert_null(tarn_alloc(noise, 1));
    assert_int_equal(watch_status(&seen, TARN_EVENT_FAIL), TARN_E_NOT_A_POOL);
    assert_null(tarn_alloc_aligned(NULL, 1, 8));
    assert_null(tarn_calloc(noise, 1, 1));
    assert_null(tarn_realloc(NULL, NULL, 1));
    assert_int_equal(tarn_largest(NULL), 0);
    assert_int_equal(tarn_free(NULL, memory), TARN_E_NULL);
    assert_int_equal(tarn_free(noise, memory), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_usable(NULL, memory), 0);
}

/* A2 for a request that the pool must refuse; the first 44 bytes hold the refusal count. */
static void refuse(tarn_pool *pool, size_t size, size_t alignment, tarn_status expected)
{
    uint32_t refusals = stats_of(pool).refusals;
    memcpy(before, memory, LOOKED_AT);
    watch_clear(&seen);
    assert_null(tarn_alloc_aligned(pool, size, alignment));
    assert_int_equal(seen.count, 1);
    assert_int_equal(watch_status(&seen, TARN_EVENT_FAIL), expected);
    assert_true(seen.events[0].size == size && seen.events[0].alignment == alignment);
    assert_int_equal(stats_of(pool).refusals, refusals + 1u);
    assert_memory_equal(before + 44, memory + 44, LOOKED_AT - 44u);
    memcpy(memory, before, 44);
}

/* A4 */
static void sizes_near_limits_are_refused(void **state)
{
    (void)state;
    static const size_t limits[] = {SIZE_MAX, PTRDIFF_MAX, UINT32_MAX, INT32_MAX, UINT32_MAX / 8u, UINT32_MAX / 16u};
    for (uint32_t i = 0; i < built * 3u; i++) {
        tarn_pool *pool = make(engines[i / 3u], UINT32_C(4) << i % 3u, i % 2u * 3u);
        for (uint32_t limit = 0; limit < sizeof limits / sizeof limits[0]; limit++) {
            for (size_t off = 0; off <= 40; off++) {
                refuse(pool, limits[limit] - off, 1, TARN_E_NEVER_FITS);
                refuse(pool, limits[limit] - off, 4096, TARN_E_NEVER_FITS);
                if (limits[limit] != SIZE_MAX) {
                    refuse(pool, limits[limit] + off, 1, TARN_E_NEVER_FITS);
                }
            }
        }
        assert_sound(pool, "limits");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

static void exhausted_and_impossible_differ(void **state)
{
    (void)state;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0);
    size_t largest = tarn_largest(pool);
    refuse(pool, largest + 1u, 1, TARN_E_NEVER_FITS);
    void *block = tarn_alloc(pool, largest);
    assert_non_null(block);
    refuse(pool, largest, 1, TARN_E_EXHAUSTED);
    refuse(pool, 1, 1, TARN_E_EXHAUSTED);
    refuse(pool, 0, 1, TARN_E_EXHAUSTED);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_int_equal(tarn_largest(pool), largest);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void calloc_refuses_products_that_overflow(void **state)
{
    (void)state;
    static const size_t pairs[][2] = {
        {SIZE_MAX, 2},           {2, SIZE_MAX},
        {SIZE_MAX / 2u + 1u, 2}, {SIZE_MAX / 3u, 4},
        {SIZE_MAX, SIZE_MAX},    {(size_t)1 << (sizeof(size_t) * 4u), (size_t)1 << (sizeof(size_t) * 4u)}};
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0);
    for (uint32_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        assert_null(tarn_calloc(pool, pairs[i][0], pairs[i][1]));
        assert_int_equal(watch_status(&seen, TARN_EVENT_FAIL), TARN_E_NEVER_FITS);
        assert_int_equal(stats_of(pool).refusals, i + 1u);
    }
    assert_int_equal(stats_of(pool).used, 0);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* The count lies in the low 20 bits of the tallies, so that the last ones need not be waited for. */
static void refusal_count_saturates(void **state)
{
    enum { MOST = (1 << 20) - 1, PARTS = 64 };
    (void)state;
    part parts[PARTS];
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0);
    const part *tallies = &parts[part_find(parts, anatomy(memory, parts, PARTS), 0, PART_TALLIES)];
    part_set(memory, tallies, part_get(memory, tallies) | (MOST - 5u));
    assert_int_equal(stats_of(pool).refusals, MOST - 5);
    for (uint32_t i = 0; i < 20; i++) {
        assert_null(tarn_alloc(pool, SIZE_MAX));
        assert_int_equal(stats_of(pool).refusals, i < 5 ? MOST - 4 + (int)i : MOST);
    }
    assert_int_equal(stats_of(pool).bytes, BYTES);
    assert_int_equal(stats_of(pool).max_alignment, 8);
    assert_sound(pool, "saturated");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- contents and sizes ---- */

static void zero_bytes_are_a_block_of_their_own(void **state)
{
    (void)state;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0);
    void *one = tarn_alloc(pool, 0);
    void *two = tarn_alloc(pool, 0);
    void *three = tarn_calloc(pool, 0, 8);
    void *four = tarn_calloc(pool, 8, 0);
    assert_true(one != NULL && two != NULL && three != NULL && four != NULL);
    assert_true(one != two && two != three && three != four);
    assert_true(tarn_usable(pool, one) >= 1);
    assert_int_equal(stats_of(pool).blocks, 4);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void calloc_clears_what_was_written(void **state)
{
    (void)state;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0);
    memset(tarn_alloc(pool, BYTES / 2), 0xFF, BYTES / 2);
    assert_int_equal(tarn_reset(pool), TARN_OK);
    for (uint32_t size = 1; size < 3000; size += 7) {
        const unsigned char *block = tarn_calloc(pool, size, 3);
        for (uint32_t i = 0; block != NULL && i < 3u * size; i++) {
            assert_int_equal(block[i], 0);
        }
    }
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- alignment (A3) ---- */

static void every_power_of_two_is_met(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < built * 6u; i++) {
        tarn_pool *pool = make(engines[i / 6u], UINT32_C(4) << i % 3u, i / 3u % 2u * 2u);
        uint32_t aligned = 0;
        for (uint32_t round = 0; round < 4; round++) {
            for (size_t alignment = 1; alignment <= 65536; alignment *= 2) {
                void *small = tarn_alloc(pool, 1 + round); /* so that the next place is off */
                unsigned char *block = tarn_alloc_aligned(pool, 40, alignment);
                assert_true(block == NULL || (uintptr_t)block % alignment == 0);
                assert_true(block != NULL || alignment > 16384);
                aligned += block != NULL;
                assert_int_equal(tarn_free(pool, small), TARN_OK);
                assert_sound(pool, "aligned");
            }
        }
        assert_true(aligned > 56);
        assert_true(stats_of(pool).max_alignment >= 16384);
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

static void other_alignments_are_refused(void **state)
{
    (void)state;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0);
    refuse(pool, 8, 0, TARN_E_ARGUMENT);
    refuse(pool, 8, SIZE_MAX, TARN_E_ARGUMENT);
    for (size_t alignment = 3; alignment < 70000; alignment = alignment * 3 / 2 | 1u) {
        refuse(pool, 8, alignment, TARN_E_ARGUMENT);
    }
    for (size_t alignment = BYTES * 2u; alignment != 0; alignment *= 2) {
        refuse(pool, 8, alignment, TARN_E_NEVER_FITS);
    }
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

#if SIZE_MAX > UINT32_MAX
/* Only the pages that hold metadata are ever touched. */
static void blocks_above_4_gib_are_served(void **state)
{
    (void)state;
    size_t bytes = (size_t)7 << 30;
    void *mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) {
        skip();
    }
    for (uint32_t i = 0; i < built; i++) {
        tarn_pool *pool = NULL;
        tarn_options options = {.engine = engines[i], .granule = 16, .recognition = TARN_RECOGNISE_KEYED};
        assert_int_equal(tarn_init(&pool, mapping, bytes, &options), TARN_OK);
        unsigned char *large = tarn_alloc(pool, (size_t)5 << 30);
        unsigned char *small = tarn_alloc_aligned(pool, 100, (size_t)1 << 30);
        assert_true(large != NULL && small != NULL && small > large + ((size_t)5 << 30));
        assert_int_equal((uintptr_t)small % ((size_t)1 << 30), 0);
        assert_true(tarn_usable(pool, large) >= (size_t)5 << 30);
        assert_null(tarn_alloc(pool, (size_t)5 << 30));
        assert_null(tarn_alloc_aligned(pool, 100, (size_t)1 << 32));
        assert_sound(pool, "above 4 GiB");
        assert_int_equal(tarn_free(pool, large), TARN_OK);
        assert_int_equal(tarn_free(pool, small), TARN_OK);
        assert_true(tarn_largest(pool) > ((size_t)7 << 30) - 4096u);
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
    assert_int_equal(munmap(mapping, bytes), 0);
}
#else
static void blocks_above_4_gib_are_served(void **state)
{
    (void)state;
    skip();
}
#endif

/* ---- taking back ---- */

static void free_says_why_it_refuses(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < built * 2u; i++) {
        shape s = {engines[i / 2u], 8, 0, TARN_RECOGNISE_KEYED + i % 2u, BYTES, 0};
        tarn_pool *pool = pool_make(&s, memory);
        unsigned char *left = tarn_calloc(pool, 1, 100);
        unsigned char *block = tarn_calloc(pool, 1, 100);
        unsigned char *right = tarn_calloc(pool, 1, 100);
        assert_int_equal(tarn_free(pool, NULL), TARN_E_NULL);
        assert_int_equal(tarn_free(pool, memory), TARN_E_FOREIGN);
        assert_int_equal(tarn_free(pool, memory + BYTES), TARN_E_FOREIGN);
        assert_int_equal(tarn_free(pool, &s), TARN_E_FOREIGN);
        assert_int_equal(tarn_free(pool, block + 4), TARN_E_MISALIGNED);
        assert_int_equal(tarn_free(pool, block + 8), TARN_E_NOT_A_BLOCK);
        assert_int_equal(watch_status(&seen, TARN_EVENT_REFUSE), TARN_E_NOT_A_BLOCK);
        assert_int_equal(tarn_free(pool, right + 1024), TARN_E_DOUBLE_FREE); /* the wilderness */
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_int_equal(tarn_free(pool, block), TARN_E_DOUBLE_FREE);
        assert_int_equal(tarn_free(pool, left), TARN_OK);
        assert_int_equal(tarn_free(pool, left), TARN_E_DOUBLE_FREE);
        assert_int_not_equal(tarn_free(pool, block), TARN_OK); /* inside the merged block now */
        assert_int_equal(tarn_free(pool, right), TARN_OK);
        assert_int_equal(tarn_free(pool, right), TARN_E_DOUBLE_FREE);
        assert_int_equal(stats_of(pool).refusals, 10);
        assert_int_equal(stats_of(pool).used, 0);
        assert_sound(pool, "refusals");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

static void a_broken_neighbour_is_not_merged(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < built; i++) {
        tarn_pool *pool = make(engines[i], 8, 0);
        unsigned char *left = tarn_alloc(pool, 100);
        unsigned char *block = tarn_alloc(pool, 100);
        assert_non_null(tarn_alloc(pool, 100));
        assert_int_equal(tarn_free(pool, left), TARN_OK);
        block[-8] ^= 1u; /* the left neighbour's size tag */
        memcpy(before, memory, BYTES);
        watch_clear(&seen);
        assert_int_equal(tarn_free(pool, block), TARN_E_DAMAGED);
        assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
        assert_memory_equal(before + 44, memory + 44, BYTES - 44u);
        block[-8] ^= 1u;
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_sound(pool, "tag restored");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

static void recognise_and_usable_change_nothing(void **state)
{
    (void)state;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0);
    unsigned char *block = tarn_alloc(pool, 100);
    memcpy(before, memory, BYTES);
    assert_int_equal(tarn_recognise(pool, block), TARN_OK);
    assert_int_equal(tarn_recognise(pool, NULL), TARN_E_NULL);
    assert_int_equal(tarn_recognise(pool, block + 8), TARN_E_NOT_A_BLOCK);
    assert_int_equal(tarn_recognise(NULL, block), TARN_E_NULL);
    assert_int_equal(tarn_usable(pool, block), 100);
    assert_int_equal(tarn_usable(pool, block + 8), 0);
    assert_int_equal(tarn_usable(pool, NULL), 0);
    assert_memory_equal(before, memory, BYTES);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- owners ---- */

static uint32_t owner_of(tarn_pool *pool, const void *block)
{
    tarn_block record = {0};
    assert_int_equal(tarn_block_at(pool, block, &record), TARN_OK);
    return record.owner;
}

static void owner_is_the_task_until_it_is_set(void **state)
{
    (void)state;
    for (uint32_t words = 1; words <= 7; words++) {
        tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, words);
        unsigned char *block = tarn_alloc(pool, 50);
        uint32_t task = owner_of(pool, block);
        assert_int_equal(task >> 20, 0);
        assert_int_equal(tarn_owner_set(pool, block, TARN_OWNER(5, 77)), TARN_OK);
        assert_int_equal(owner_of(pool, block), UINT32_C(5) << 20 | 77u);
        assert_ptr_equal(tarn_realloc(pool, block, 5000), block);
        assert_int_equal(owner_of(pool, block), UINT32_C(5) << 20 | 77u);
        assert_int_equal(tarn_owner_set(pool, block + 8, 1), TARN_E_NOT_A_BLOCK);
        assert_int_equal(tarn_owner_set(pool, NULL, 1), TARN_E_NULL);
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT, 8, 0);
    assert_int_equal(tarn_owner_set(pool, tarn_alloc(pool, 8), 1), TARN_E_ARGUMENT);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_costs_four_bytes),
        cmocka_unit_test(extension_words_cost_four_bytes_each),
        cmocka_unit_test(requests_without_a_pool_are_refused),
        cmocka_unit_test(sizes_near_limits_are_refused),
        cmocka_unit_test(exhausted_and_impossible_differ),
        cmocka_unit_test(calloc_refuses_products_that_overflow),
        cmocka_unit_test(refusal_count_saturates),
        cmocka_unit_test(zero_bytes_are_a_block_of_their_own),
        cmocka_unit_test(calloc_clears_what_was_written),
        cmocka_unit_test(every_power_of_two_is_met),
        cmocka_unit_test(other_alignments_are_refused),
        cmocka_unit_test(blocks_above_4_gib_are_served),
        cmocka_unit_test(free_says_why_it_refuses),
        cmocka_unit_test(a_broken_neighbour_is_not_merged),
        cmocka_unit_test(recognise_and_usable_change_nothing),
        cmocka_unit_test(owner_is_the_task_until_it_is_set),
    };
    if (!has_events()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, begin, end);
}
