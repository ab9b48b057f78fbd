/* SPDX-License-Identifier: MIT */
/*
 * What a refused request leaves of a pool with a quarantine, which looks at every free block before it refuses.
 *
 * QR1 A request that is refused because a link of a free block is damaged changes no byte of the blocks and no count:
 *     once the link is right again, the pool is sound.
 */
#include "image.h"
#include "test.h"

enum { BYTES = 8192, BLOCKS = 300, FREE = 200, STEPS = 400, REQUESTS = 40 };

static _Alignas(4096) unsigned char memory[BYTES];
static unsigned char before[BYTES];
static tarn_block free_blocks[FREE];
static uint32_t free_count;
static uint32_t refused;
static uint32_t served;

static bool note_free(const tarn_block *block, void *context)
{
    (void)context;
    if (block->state == TARN_BLOCK_FREE && free_count < FREE) {
        free_blocks[free_count++] = *block;
    }
    return true;
}

/* A pool of many free blocks; none waits. */
static tarn_pool *worn(uint32_t engine, uint32_t flags, prng *random)
{
    tarn_pool *pool;
    void *held[BLOCKS] = {NULL};
    tarn_options options = {.engine = engine, .quarantine = 100, .flags = flags | TARN_POOL_UNREGISTERED};
    memset(memory, 0, BYTES);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < STEPS; i++) {
        void **place = &held[prng_below(random, BLOCKS)];
        if (*place != NULL) {
            assert_int_equal(tarn_free(pool, *place), TARN_OK);
            *place = NULL;
        } else {
            *place = tarn_alloc(pool, prng_below(random, i % 3 == 0 ? 60 : 200));
        }
    }
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    free_count = 0;
    assert_int_equal(tarn_walk(pool, note_free, NULL), TARN_OK);
    return pool;
}

/* The pool is as it was, but for the damaged word, which is right again, and the refusals that the header counts. Where
 * free memory is filled, the damaged word may be a break of the fill, for which a block is set aside. */
static void expect_unchanged(const tarn_pool *pool, const tarn_stats *stats, bool filled)
{
    tarn_stats now;
    assert_sound(pool, "put right");
    if (!filled) {
        assert_int_equal(tarn_counts_get(pool, &now), TARN_OK);
        assert_int_equal(now.used, stats->used);
        assert_int_equal(now.blocks, stats->blocks);
        assert_int_equal(now.peak, stats->peak);
        assert_memory_equal(memory + IMAGE_HEADER_BYTES, before + IMAGE_HEADER_BYTES, BYTES - IMAGE_HEADER_BYTES);
    }
}

static void request_of(tarn_pool *pool, bool filled, prng *random)
{
    tarn_stats stats;
    const tarn_block *b = &free_blocks[prng_below(random, free_count)];
    size_t size = prng_below(random, 2) == 0 ? prng_below(random, 200) : (size_t)b->usable - prng_below(random, 20);
    unsigned char *link = memory + b->offset + 4u * prng_below(random, 2);
    unsigned char *bit = link + prng_below(random, 4);
    unsigned char mask = (unsigned char)(1u << prng_below(random, 8));
    assert_int_equal(tarn_counts_get(pool, &stats), TARN_OK);
    memcpy(before, memory, BYTES);
    *bit ^= mask;
    bool none = tarn_alloc_aligned(pool, size, (size_t)16 << prng_below(random, 5)) == NULL;
    *bit ^= mask;
    if (none) {
        refused++;
        expect_unchanged(pool, &stats, filled);
    } else {
        served++;
    }
    memcpy(memory, before, BYTES);
}

static void a_refused_request_changes_nothing(void **state)
{
    static const uint32_t kinds[] = {0, TARN_POOL_POISON, TARN_POOL_GUARD | TARN_POOL_BACKUP};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    prng random = prng_make(test_seed(), 53);
    for (uint32_t e = 0; e < count; e++) {
        refused = served = 0;
        for (uint64_t round = 0; round < test_scaled(200); round++) {
            uint32_t flags = kinds[round % 3];
            tarn_pool *pool = worn(engines[e], flags, &random);
            for (uint32_t i = 0; i < REQUESTS && free_count != 0; i++) {
                request_of(pool, flags == TARN_POOL_POISON, &random);
            }
            assert_sound(pool, "asked");
            assert_int_equal(tarn_deinit(pool), TARN_OK);
        }
        printf("  %s: %u requests refused, %u served (seed %lu)\n", engine_name(engines[e]), refused, served,
               (unsigned long)test_seed());
        assert_true(refused != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_request_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
