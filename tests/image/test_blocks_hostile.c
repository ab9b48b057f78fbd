/* SPDX-License-Identifier: MIT */
/*
 * Block pools whose bytes were damaged at random, between pages that fault: live calls, adopt and views in both byte
 * orders lead nobody outside of the image.
 */
#include "blocks_sign.h"
#include "tarn/blocks.h"
#include "test.h"

enum { HEADER = 64 };

static bool keep_on(const tarn_block *block, void *context)
{
    *(uint64_t *)context += block->offset;
    return true;
}

/* Everything that a view can be asked; returns whether the bytes were taken for a sound pool. */
static bool look(const unsigned char *bytes, size_t size)
{
    tarn_blocks_view view;
    tarn_stats stats;
    uint64_t sum = 0;
    if (tarn_blocks_view_open(&view, bytes, size) != TARN_OK) {
        return false;
    }
    assert_int_equal(tarn_blocks_view_stats(&view, &stats), TARN_OK);
    (void)tarn_blocks_view_walk(&view, keep_on, &sum);
    return tarn_blocks_view_check(&view, NULL) == TARN_OK;
}

/* Full pools only: a plain one trusts the words of its header, as the contract says. */
static void use(tarn_blocks *pool, unsigned char *bytes, size_t size, bool trusted)
{
    tarn_finding found;
    uint64_t sum = 0;
    (void)tarn_blocks_check(pool, &found);
    (void)tarn_blocks_walk(pool, keep_on, &sum);
    (void)tarn_blocks_low(pool);
    for (int i = 0; trusted && i < 3; i++) {
        unsigned char *block = tarn_blocks_get(pool);
        assert_true(block == NULL || (block > bytes && block + tarn_blocks_usable(pool) <= bytes + size));
        (void)tarn_blocks_put(pool, block != NULL ? block : bytes + HEADER + 16 * i);
    }
}

static void nobody_is_led_outside(void **state)
{
    (void)state;
    prng random = prng_make(test_seed(), 3);
    uint32_t rounds = (uint32_t)test_scaled(60000);
    uint32_t adopted = 0;
    uint32_t sound = 0;
    guarded g = guarded_map(1024);
    static unsigned char image[1024];
    for (uint32_t round = 0; round < rounds; round++) {
        tarn_blocks *pool;
        void *held[8];
        tarn_blocks_options options = {.flags = prng_below(&random, 32) | TARN_BLOCKS_UNREGISTERED,
                                       .slots = prng_below(&random, 3)};
        uint32_t size = 4u + prng_below(&random, 40);
        assert_int_equal(tarn_blocks_init(&pool, g.bytes, g.size, size, &options), TARN_OK);
        (void)tarn_blocks_get_many(pool, held, 8);
        (void)tarn_blocks_put_many(pool, held, held[0] != NULL ? 1u + prng_below(&random, 8) : 0);
        uint32_t hits = 1u + prng_below(&random, 4);
        while (hits-- != 0) {
            uint32_t at = prng_below(&random, 2) != 0 ? prng_below(&random, HEADER) : prng_below(&random, 1024);
            g.bytes[at] = (unsigned char)(prng_below(&random, 2) != 0 ? prng_next(&random)
                                                                      : g.bytes[at] ^ 1u << prng_below(&random, 8));
        }
        if (round % 4u != 0) {
            blocks_sign(g.bytes);
        }
        memcpy(image, g.bytes, g.size);
        bool was_sound = look(g.bytes, g.size);
        sound += was_sound;
        assert_memory_equal(image, g.bytes, g.size);
        blocks_turn_around(g.bytes, g.size);
        assert_int_equal(look(g.bytes, g.size), was_sound);
        memcpy(g.bytes, image, g.size);
        use(pool, g.bytes, g.size, false);
        assert_memory_equal(image, g.bytes, g.size);
        if (tarn_blocks_adopt(&pool, g.bytes, g.size) == TARN_OK) {
            adopted++;
            assert_true(was_sound);
            assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
            use(pool, g.bytes, g.size, true);
            assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
        }
        assert_true(guarded_intact(&g));
    }
    guarded_unmap(&g);
    print_message("seed %llu: %u images damaged, %u of them sound all the same, %u adopted and used\n",
                  (unsigned long long)test_seed(), (unsigned)rounds, (unsigned)sound, (unsigned)adopted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_led_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
