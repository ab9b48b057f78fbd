/* SPDX-License-Identifier: MIT */
/*
 * The random test of the pool against a shadow (support/model.h): every engine, granule 4, 8, 16, extension words 0, 1,
 * 3, keyed and exact recognition, pools of 256 bytes to 64 MiB. Tiny pools are verified after every step.
 */
#include "model.h"

#include <sys/mman.h>

/* One size of pool: how many steps, after how many it is verified, and for how many live blocks sizes are chosen. */
typedef struct plan {
    size_t bytes;
    uint32_t steps;
    uint32_t between;
    uint32_t typical;
    uint32_t typical_linear; /* fewer, because this engine walks them all */
} plan;

static const plan plans[] = {
    {256, 120000, 1, 6, 6},
    {1024, 120000, 2, 16, 16},
    {4096, 120000, 8, 48, 48},
    {65536, 100000, 256, 512, 64},
    {UINT32_C(1) << 20, 40000, 2000, 2048, 128},
    {UINT32_C(16) << 20, 12000, 4000, 2048, 128},
    {UINT32_C(64) << 20, 8000, 4000, 2048, 64},
};

/* How many of them there is memory for. */
static uint32_t plans_here(void)
{
    uint32_t count = sizeof plans / sizeof plans[0];
    while (plans[count - 1u].bytes > TEST_LARGEST) {
        count--;
    }
    return count;
}

static unsigned char *map_bytes(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(at != MAP_FAILED);
    return at;
}

/* Two places for the largest pool, with a page to spare behind each. */
static unsigned char *places[2];

static size_t place_bytes(void)
{
    return plans[plans_here() - 1u].bytes + 4096u;
}

static int make_places(void **state)
{
    (void)state;
    places[0] = map_bytes(place_bytes());
    places[1] = map_bytes(place_bytes());
    return 0;
}

static int drop_places(void **state)
{
    (void)state;
    return munmap(places[0], place_bytes()) | munmap(places[1], place_bytes());
}

static void run_plan(const shape *s, const plan *p, model_counts *counts)
{
    static model_block blocks[MODEL_CAPACITY];
    model m;
    uint32_t typical = s->engine == TARN_ENGINE_LINEAR ? p->typical_linear : p->typical;
    model_begin(&m, s, places[0], places[1], blocks, typical, test_seed(), counts);
    uint64_t steps = test_scaled(p->steps);
    for (uint64_t i = 1; i <= steps; i++) {
        model_step(&m);
        if (i % p->between == 0) {
            model_verify(&m);
        }
    }
    model_end(&m);
}

static uint64_t total(const model_counts *counts)
{
    uint64_t sum = 0;
    for (uint32_t op = 0; op < MODEL_OPS; op++) {
        sum += counts->done[op] + counts->refused[op];
    }
    return sum;
}

static void print_counts(const char *engine, const model_counts *counts)
{
    printf("%s: %lu operations, seed %lu, %lu full checks, full and emptied again %lu times\n", engine,
           (unsigned long)total(counts), (unsigned long)test_seed(), (unsigned long)counts->checks,
           (unsigned long)counts->exhaustions);
    for (uint32_t op = 0; op < MODEL_OPS; op++) {
        printf("  %-16s %9lu done %9lu refused\n", model_op_name((model_op)op), (unsigned long)counts->done[op],
               (unsigned long)counts->refused[op]);
    }
    printf(
        "  realloc kept %lu and moved %lu; refused pointers: %lu interior, %lu double, %lu outside; keyed took %lu\n",
        (unsigned long)counts->in_place, (unsigned long)counts->moved, (unsigned long)counts->bad_interior,
        (unsigned long)counts->bad_double, (unsigned long)counts->bad_outside, (unsigned long)counts->false_accepts);
}

static void run_engine(uint32_t engine)
{
    model_counts counts;
    memset(&counts, 0, sizeof counts);
    for (uint32_t granule = 4; granule <= 16; granule *= 2) {
        for (uint32_t extension = 0; extension <= 3; extension += 1u + extension) {
            for (uint32_t recognition = TARN_RECOGNISE_KEYED; recognition <= TARN_RECOGNISE_EXACT; recognition++) {
                for (uint32_t i = 0; i < plans_here(); i++) {
                    shape s = {engine, granule, extension, recognition, plans[i].bytes, 0};
                    run_plan(&s, &plans[i], &counts);
                }
            }
        }
    }
    print_counts(engine_name(engine), &counts);
    for (uint32_t op = 0; op < MODEL_OPS; op++) {
        assert_true(test_scaled(100) < 5 || counts.done[op] + counts.refused[op] != 0);
    }
}

/* Flags that change what lies around a block, with smaller pools. */
static void test_every_option_agrees_with_its_shadow(void **state)
{
    static const uint32_t flags[] = {
        TARN_POOL_GUARD,        TARN_POOL_POISON,
        TARN_POOL_ZERO_ON_FREE, TARN_POOL_GUARD | TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE,
        TARN_POOL_BACKUP,       TARN_POOL_BACKUP | TARN_POOL_GUARD | TARN_POOL_POISON};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t f = 0; f < sizeof flags / sizeof flags[0]; f++) {
        model_counts counts;
        memset(&counts, 0, sizeof counts);
        for (uint32_t i = 0; i < count * 6u; i++) {
            const plan *p = &plans[(i + i / 3u) % 4u];
            plan fewer = {p->bytes, p->steps / 8u, p->between, p->typical, p->typical_linear};
            shape s = {engines[i / 6u], UINT32_C(4) << i % 3u, i % 4u, TARN_RECOGNISE_KEYED + i % 2u, p->bytes,
                       flags[f]};
            run_plan(&s, &fewer, &counts);
        }
        printf("flags %x, ", (unsigned)flags[f]);
        print_counts("every engine", &counts);
    }
}

/* Pools that park: with a lock, and without one, where the calls take a shorter way. */
static void test_parked_blocks_agree_with_the_shadow(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        model_counts counts;
        memset(&counts, 0, sizeof counts);
        for (uint32_t j = 0; j < 6u * plans_here(); j++) {
            const plan *p = &plans[j / 6u];
            shape s = {engines[i],
                       UINT32_C(4) << j % 3u,
                       0,
                       TARN_RECOGNISE_KEYED,
                       p->bytes < 4096 ? 4096 : p->bytes,
                       SHAPE_PARKS | (j % 6u / 3u != 0 ? TARN_POOL_UNLOCKED : 0)};
            plan half = {s.bytes, p->steps / 2u, p->between, p->typical, p->typical_linear};
            run_plan(&s, &half, &counts);
        }
        printf("parked, ");
        print_counts(engine_name(engines[i]), &counts);
    }
}

static void test_every_engine_agrees_with_its_shadow(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < count; i++) {
        run_engine(engines[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_engine_agrees_with_its_shadow),
                                       cmocka_unit_test(test_every_option_agrees_with_its_shadow),
                                       cmocka_unit_test(test_parked_blocks_agree_with_the_shadow)};
    return cmocka_run_group_tests(tests, make_places, drop_places);
}
