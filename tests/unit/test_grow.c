/* SPDX-License-Identifier: MIT */
/*
 * Growing a pool at its end.
 *
 * G1 within max_bytes every size is taken, blocks stay where and what they are, and the new space serves
 * G2 beyond what the geometry was made for the pool refuses and is unchanged; it never refuses within max_bytes
 * G3 without max_bytes the width of the size field is what counts
 */
#include "test.h"

#include <stdlib.h>

enum { LARGEST = 1 << 20 };

static _Alignas(4096) unsigned char memory[LARGEST];

static void refusals(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, 4096, 0};
    tarn_pool *pool = pool_make(&s, memory);
    assert_int_equal(tarn_grow(NULL, 8192), TARN_E_NULL);
    assert_int_equal(tarn_grow((tarn_pool *)(void *)(memory + 64), 8192), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_grow(pool, 4095), TARN_E_ARGUMENT);
    assert_int_equal(tarn_grow(pool, 0), TARN_E_ARGUMENT);
    assert_int_equal(tarn_grow(pool, SIZE_MAX), TARN_E_ARGUMENT); /* wraps the address space */
    assert_int_equal(tarn_grow(pool, 4096), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* A wilderness whose place or size is not what its header says: to seal another there would cover what lies there. */
static void a_damaged_top_is_not_grown(void **state)
{
    (void)state;
    tarn_options options = {.max_bytes = 8192};
    static unsigned char before[4096];
    static const size_t words[] = {4, 5}; /* end, top */
    for (uint32_t i = 0; i < 2; i++) {
        tarn_pool *pool = NULL;
        assert_int_equal(tarn_init(&pool, memory, 4096, &options), TARN_OK);
        assert_non_null(tarn_alloc(pool, 100));
        assert_non_null(tarn_alloc(pool, 100));
        uint32_t word;
        uint32_t was;
        memcpy(&word, memory + 4 * words[i], 4);
        was = word;
        word -= 8u;
        memcpy(memory + 4 * words[i], &word, 4);
        memcpy(before, memory, sizeof before);
        assert_int_equal(tarn_grow(pool, 8192), TARN_E_DAMAGED);
        assert_memory_equal(before, memory, sizeof before);
        if (words[i] == 4) { /* what is reset ends there; top is made anew */
            assert_int_equal(tarn_reset(pool), TARN_E_DAMAGED);
            assert_memory_equal(before, memory, sizeof before);
        }
        memcpy(memory + 4 * words[i], &was, 4);
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

/* G1 byte by byte: the tail below a granule is remembered. */
static void grow_by_single_bytes(const shape *s, size_t to)
{
    tarn_pool *pool = NULL;
    tarn_stats stats = {0};
    tarn_options options = shape_options(s);
    options.max_bytes = to;
    assert_int_equal(tarn_init(&pool, memory, s->bytes, &options), TARN_OK);
    unsigned char *block = tarn_alloc(pool, 60);
    memset(block, 0x42, 60);
    size_t step = test_scaled(100) < 100 ? 13 : 1;
    for (size_t bytes = s->bytes; bytes <= to; bytes += bytes + step > to ? 1 : step) {
        assert_int_equal(tarn_grow(pool, bytes), TARN_OK);
        assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
        assert_int_equal(stats.bytes, bytes);
        assert_true(stats.capacity + s->granule + tarn_overhead(bytes, &options) > bytes);
        assert_sound(pool, "grown by a byte");
    }
    size_t largest = tarn_largest(pool);
    unsigned char *rest = tarn_alloc(pool, largest);
    assert_non_null(rest);
    assert_true(rest + largest <= memory + to && rest + largest + s->granule + 4u > memory + to);
    assert_true(block[0] == 0x42 && block[59] == 0x42);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_int_equal(tarn_free(pool, rest), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void every_size_up_to_max_bytes_is_taken(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < built * 6u; i++) {
        shape s = {engines[i / 6u], UINT32_C(4) << i % 3u, 0, TARN_RECOGNISE_KEYED + i / 3u % 2u, 400, 0};
        grow_by_single_bytes(&s, 2600);
    }
}

/* A full pool, so that the wilderness is empty when the end moves away from it. */
static void full_pool_serves_again(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < built; i++) {
        shape s = {engines[i], 8, 1, TARN_RECOGNISE_KEYED, 4096, 0};
        tarn_pool *pool = NULL;
        tarn_options options = shape_options(&s);
        options.max_bytes = LARGEST;
        assert_int_equal(tarn_init(&pool, memory, s.bytes, &options), TARN_OK);
        for (size_t bytes = 8192; bytes <= LARGEST; bytes *= 2) {
            while (tarn_largest(pool) != 0) {
                assert_non_null(tarn_alloc(pool, tarn_largest(pool) < bytes / 64u ? tarn_largest(pool) : bytes / 100u));
            }
            assert_int_equal(tarn_largest(pool), 0);
            assert_sound(pool, "full");
            assert_int_equal(tarn_grow(pool, bytes), TARN_OK);
            assert_sound(pool, "grown when full");
            assert_true(tarn_largest(pool) > bytes / 2u - 64u);
        }
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

/* G3: 511 granules of 8 bytes are 9 bits of size; the image's first granules are never block space. */
static void without_a_maximum_the_size_field_decides(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_KEYED, 2100, 0};
    tarn_pool *pool = pool_make(&s, memory);
    tarn_stats stats = {0};
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    size_t granules = (size_t)1 << (29u - stats.check_bits);
    size_t control = (size_t)(stats.bytes - stats.capacity) / 8u * 8u;
    size_t most = control + 8u * granules - 1u;
    assert_int_equal(tarn_grow(pool, most + 1u), TARN_E_TOO_LARGE);
    assert_int_equal(tarn_grow(pool, most), TARN_OK);
    assert_sound(pool, "grown to the last granule");
    assert_int_equal(tarn_largest(pool), 8u * (granules - 1u) - 4u);
    assert_non_null(tarn_alloc(pool, tarn_largest(pool)));
    assert_sound(pool, "one block of the largest size");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* G2: a map has a bit for each granule up to max_bytes, list heads of 16 bits reach offset 65535. */
static void map_and_narrow_heads_bound_growth(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < built * 2u; i++) {
        shape s = {engines[i / 2u], 8, 0, TARN_RECOGNISE_KEYED + i % 2u, 65530u * 8u, 0};
        tarn_pool *pool = pool_make(&s, memory);
        assert_int_equal(tarn_grow(pool, 65535u * 8u + 7u), TARN_OK);
        assert_int_equal(tarn_grow(pool, 65536u * 8u), TARN_E_TOO_LARGE);
        assert_sound(pool, "narrow heads");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
        tarn_options options = shape_options(&s);
        options.max_bytes = LARGEST;
        assert_int_equal(tarn_init(&pool, memory, s.bytes, &options), TARN_OK);
        assert_int_equal(tarn_grow(pool, LARGEST), TARN_OK);
        unsigned char *block = tarn_alloc(pool, 65536u * 8u);
        assert_non_null(block);
        assert_non_null(tarn_alloc(pool, 64));
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_sound(pool, "wide heads");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

/* G2 with the map alone: no other width stands in the way. */
static void exact_map_bounds_growth(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_EXACT, 2100, 0};
    tarn_pool *pool = pool_make(&s, memory);
    size_t mapped = (2100u / 8u + 31u) / 32u * 32u * 8u;
    assert_int_equal(tarn_grow(pool, mapped + 8u), TARN_E_TOO_LARGE);
    assert_int_equal(tarn_grow(pool, mapped + 7u), TARN_OK);
    assert_sound(pool, "map full");
    while (tarn_alloc(pool, 1) != NULL) {
    }
    assert_sound(pool, "map full of blocks");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void growth_is_listed(void **state)
{
    (void)state;
    need_registry();
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, 3000, 0};
    tarn_pool *pool = pool_make(&s, memory);
    tarn_registration entry = {NULL, 0, NULL, 0};
    assert_int_equal(tarn_grow(pool, 3500), TARN_OK);
    assert_true(tarn_registered(TARN_FACE_NATIVE, 0, &entry));
    assert_int_equal(entry.bytes, 3500);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(a_damaged_top_is_not_grown),
        cmocka_unit_test(every_size_up_to_max_bytes_is_taken),
        cmocka_unit_test(full_pool_serves_again),
        cmocka_unit_test(without_a_maximum_the_size_field_decides),
        cmocka_unit_test(map_and_narrow_heads_bound_growth),
        cmocka_unit_test(exact_map_bounds_growth),
        cmocka_unit_test(growth_is_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
