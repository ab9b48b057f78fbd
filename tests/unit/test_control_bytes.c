/* SPDX-License-Identifier: MIT */
/*
 * What a pool costs: bytes before the first payload and bytes per block, in every engine, size and granule.
 *
 * C1 tarn_overhead() is what a pool spends: the first payload lies there, and the rest but a granule is capacity
 * C2 a block costs 4 bytes, and 4 more for each extension word, rounded up to the granule
 * C3 256 bytes are a pool that serves, on each engine, with the owner word too
 *
 * With --table it prints docs/tables/control-bytes.md instead.
 */
#include "test.h"

#include <stdlib.h>

enum { LARGEST_TRIED = 1 << 20, OPTIONS = 5, PARKS = 4 };

static const size_t sizes[] = {256, 4096, 65536, (size_t)1 << 20, (size_t)1 << 30};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static const struct {
    const char *text;
    uint32_t granule, extension_words, recognition, flags;
} choices[OPTIONS] = {
    {"as it comes", 8, 0, TARN_RECOGNISE_AUTO, 0},
    {"owner word (LiteOS)", 8, 1, TARN_RECOGNISE_AUTO, 0},
    {"exact recognition", 8, 0, TARN_RECOGNISE_EXACT, 0},
    {"granule 16, exact (malloc)", 16, 0, TARN_RECOGNISE_EXACT, 0},
    {"parks blocks given back", 8, 0, TARN_RECOGNISE_AUTO, SHAPE_PARKS},
};

static unsigned char memory[LARGEST_TRIED] __attribute__((aligned(16)));

static shape shape_of(uint32_t engine, uint32_t choice, size_t bytes)
{
    return (shape){engine, choices[choice].granule, choices[choice].extension_words, choices[choice].recognition,
                   bytes,  choices[choice].flags};
}

static size_t overhead_of(const shape *s)
{
    tarn_options options = shape_options(s);
    return tarn_overhead(s->bytes, &options);
}

/* Lists of parked blocks take more than a pool of 256 bytes has, and there are builds without them. */
static bool is_absent(const shape *s, uint32_t choice)
{
    return choice == PARKS && overhead_of(s) == 0;
}

static tarn_stats stats_of(const tarn_pool *pool)
{
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    return stats;
}

/* C1 and C2 for one pool. */
static void pool_costs_what_it_says(const shape *s)
{
    tarn_pool *pool = pool_make(s, memory);
    unsigned char *first = tarn_alloc(pool, 1);
    assert_ptr_equal(first, memory + overhead_of(s));
    uint32_t words = 1u + s->extension_words;
    for (size_t size = 1; size <= 200 && tarn_largest(pool) >= 200; size++) {
        uint64_t before = stats_of(pool).used;
        assert_non_null(tarn_alloc(pool, size));
        uint64_t cost = stats_of(pool).used - before;
        uint64_t least = (size + 4u * words + s->granule - 1) / s->granule * s->granule;
        assert_true(cost == least || (cost > least && cost <= 16));
    }
    tarn_stats stats = stats_of(pool);
    assert_int_equal(stats.overhead, 4u * words);
    assert_in_range(s->bytes - stats.capacity, overhead_of(s) - 4u * words, overhead_of(s) - 4u * words + s->granule);
}

static void pools_cost_what_they_say(void **state)
{
    (void)state;
    uint32_t engines[3];
    uint32_t built = engines_built(engines), pools = 0;
    for (uint32_t e = 0; e < built; e++) {
        for (uint32_t choice = 0; choice < OPTIONS; choice++) {
            for (uint32_t i = 0; i < SIZES && sizes[i] <= LARGEST_TRIED; i++) {
                shape s = shape_of(engines[e], choice, sizes[i]);
                if (!is_absent(&s, choice)) {
                    pool_costs_what_it_says(&s);
                    pools++;
                }
            }
        }
    }
    printf("%u pools, up to 200 blocks each\n", pools);
}

static uint32_t blocks_that_fit(const shape *s, size_t size)
{
    tarn_pool *pool = pool_make(s, memory);
    uint32_t count = 0;
    while (tarn_alloc(pool, size) != NULL) {
        count++;
    }
    return count;
}

static void a_pool_of_256_bytes_serves(void **state)
{
    (void)state;
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    for (uint32_t e = 0; e < built; e++) {
        for (uint32_t choice = 0; choice < 2; choice++) {
            shape s = shape_of(engines[e], choice, 256);
            uint32_t count = blocks_that_fit(&s, 12);
            printf("%s, %s: %u blocks of 12 bytes in 256\n", engine_name(engines[e]), choices[choice].text, count);
            assert_true(count >= 5);
        }
    }
}

static int print_table(void)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    printf(
        "| engine | pool | 256 B | 4 KiB | 64 KiB | 1 MiB | 1 GiB | per block |\n|---|---|---|---|---|---|---|---|\n");
    for (uint32_t e = 0; e < built; e++) {
        for (uint32_t choice = 0; choice < OPTIONS; choice++) {
            printf("| `%s` | %s |", engine_name(engines[e]), choices[choice].text);
            for (uint32_t i = 0; i < SIZES; i++) {
                shape s = shape_of(engines[e], choice, sizes[i]);
                if (is_absent(&s, choice)) {
                    printf(" none |");
                } else {
                    printf(" %lu |", (unsigned long)overhead_of(&s));
                }
            }
            printf(" %u |\n", 4u + 4u * choices[choice].extension_words);
        }
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--table") == 0) {
        return print_table();
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_cost_what_they_say),
        cmocka_unit_test(a_pool_of_256_bytes_serves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
