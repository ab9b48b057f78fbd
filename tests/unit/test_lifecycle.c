/* SPDX-License-Identifier: MIT */
/*
 * How pools begin and end, and every refusal on the way: init, adopt, deinit, reset.
 *
 * L1 a refused init or adopt leaves *pool NULL and the memory as it was
 * L2 every size is refused as too small or makes a pool that serves a block; from 256 bytes on every size is taken
 *    (below, a size may be refused although a smaller one is taken: the index grows with the power of two)
 * L3 a pool may begin at any address; the payloads are on the granule, and only this very address is the handle
 * L4 after deinit no call obeys the handle; after reset no pointer from before is obeyed
 */
#include "test.h"

#include <stdlib.h>

enum { BYTES = 8192, FILL = 0x6B };

static _Alignas(4096) unsigned char memory[BYTES + 64];
static unsigned char untouched[BYTES + 64];

static int fill_memory(void **state)
{
    (void)state;
    memset(memory, FILL, sizeof memory);
    memset(untouched, FILL, sizeof untouched);
    return 0;
}

/* L1 */
static void refuse_init(void *at, size_t bytes, const tarn_options *options, tarn_status expected)
{
    tarn_pool *pool = (tarn_pool *)(void *)memory;
    assert_int_equal(tarn_init(&pool, at, bytes, options), expected);
    assert_null(pool);
    assert_memory_equal(memory, untouched, sizeof memory);
}

/* ---- init ---- */

static void init_refuses_missing_pointers(void **state)
{
    (void)state;
    assert_int_equal(tarn_init(NULL, memory, BYTES, NULL), TARN_E_NULL);
    refuse_init(NULL, BYTES, NULL, TARN_E_NULL);
}

static void init_refuses_options_out_of_range(void **state)
{
    (void)state;
    for (uint32_t granule = 1; granule <= 64; granule++) {
        tarn_options options = {.granule = granule};
        if (granule != 4 && granule != 8 && granule != 16) {
            refuse_init(memory, BYTES, &options, TARN_E_ARGUMENT);
        }
    }
    tarn_options bad[] = {
        {.engine = 4},           {.engine = UINT32_MAX},
        {.extension_words = 8},  {.extension_words = UINT32_MAX},
        {.recognition = 3},      {.recognition = UINT32_MAX},
        {.flags = 1u << 9},      {.flags = UINT32_C(1) << 31},
        {.granule = 0x80000008}, {.policy = TARN_POLICY_REPAIR + 1u},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        refuse_init(memory, BYTES, &bad[i], TARN_E_ARGUMENT);
        assert_int_equal(tarn_overhead(BYTES, &bad[i]), 0);
    }
}

static void init_refuses_ranges_that_wrap(void **state)
{
    (void)state;
    refuse_init(memory, SIZE_MAX, NULL, TARN_E_ARGUMENT);
    refuse_init((void *)(UINTPTR_MAX - 4096u), 8192, NULL, TARN_E_ARGUMENT);
    refuse_init((void *)(UINTPTR_MAX - 3u), 3, NULL, TARN_E_ARGUMENT);
}

static void init_refuses_engines_not_compiled_in(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    uint32_t refused = 0;
    (void)state;
    for (uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        tarn_options options = {.engine = engine};
        bool found = false;
        for (uint32_t i = 0; i < built; i++) {
            found = found || engines[i] == engine;
        }
        if (!found) {
            refuse_init(memory, BYTES, &options, TARN_E_ENGINE);
            refused++;
        }
    }
    printf("%u engines built, %u refused\n", (unsigned)built, (unsigned)refused);
    assert_int_equal(built + refused, 3);
}

static void init_refuses_other_interfaces(void **state)
{
    (void)state;
    static const uint32_t words[] = {0, TARN_INTERFACE + 1u, TARN_INTERFACE - 4u, TARN_INTERFACE + 0x10000u,
                                     UINT32_MAX};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        tarn_pool *pool = (tarn_pool *)(void *)memory;
        assert_int_equal(tarn_init_interface(&pool, memory, BYTES, NULL, words[i]), TARN_E_INTERFACE);
        assert_null(pool);
        assert_int_equal(tarn_init_interface(NULL, memory, BYTES, NULL, words[i]), TARN_E_INTERFACE);
    }
    assert_memory_equal(memory, untouched, sizeof memory);
}

/* L2 for one shape; returns the smallest size from which on every size is taken. */
static size_t smallest_pool(shape *s)
{
    size_t smallest = 0;
    for (s->bytes = 0; s->bytes <= 1024; s->bytes++) {
        tarn_options options = shape_options(s);
        if (tarn_overhead(s->bytes, &options) == 0) {
            refuse_init(memory, s->bytes, &options, TARN_E_TOO_SMALL);
            smallest = s->bytes + 1u;
            continue;
        }
        tarn_pool *pool = pool_make(s, memory);
        assert_sound(pool, "smallest pools");
        unsigned char *block = tarn_alloc(pool, 1);
        assert_non_null(block);
        assert_true(block == memory + tarn_overhead(s->bytes, &options));
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_int_equal(tarn_deinit(pool), TARN_OK);
        memset(memory, FILL, sizeof memory);
    }
    return smallest;
}

static void init_takes_every_size_from_256_bytes_on(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    uint32_t shapes = 0;
    size_t largest = 0;
    (void)state;
    for (uint32_t i = 0; i < built * 48u; i++) {
        shape s = {engines[i / 48u], UINT32_C(4) << i % 3u, i / 3u % 8u, TARN_RECOGNISE_KEYED + i / 24u % 2u, 0, 0};
        size_t smallest = smallest_pool(&s);
        largest = smallest > largest ? smallest : largest;
        shapes++;
    }
    printf("%u shapes; every size from %lu bytes on makes a pool\n", (unsigned)shapes, (unsigned long)largest);
    assert_true(largest <= 256);
}

/* The last size with 2^29 granules of block space, without memory: refused before anything is touched. */
static void init_refuses_more_granules_than_a_header_counts(void **state)
{
    (void)state;
    for (uint32_t shift = 2; shift <= 4 && (SIZE_MAX >> shift) >> 30 != 0; shift++) {
        tarn_options options = {.granule = UINT32_C(1) << shift};
        size_t limit = ((size_t)1 << 29 << shift) + (48u >> shift << shift); /* a header's worth is never block space */
        assert_true(tarn_overhead(limit - 1u, &options) != 0);
        assert_int_equal(tarn_overhead(limit, &options), 0);
        assert_int_equal(tarn_overhead(SIZE_MAX / 2u, &options), 0);
        refuse_init(memory, limit, &options, TARN_E_TOO_LARGE);
        options.max_bytes = limit;
        refuse_init(memory, BYTES, &options, TARN_E_TOO_LARGE);
        options.max_bytes = limit - 1u;
        options.recognition = TARN_RECOGNISE_KEYED;
        assert_true(tarn_overhead(BYTES, &options) != 0);
    }
}

static void init_refuses_an_image_off_granule_16(void **state)
{
    (void)state;
    tarn_options options = {.granule = 16};
    for (size_t at = 0; at < 32; at++) {
        if ((at + 7u) / 8u % 2u != 0) {
            refuse_init(memory + at, BYTES, &options, TARN_E_MISALIGNED);
        } else {
            tarn_pool *pool = NULL;
            assert_int_equal(tarn_init(&pool, memory + at, BYTES, &options), TARN_OK);
            assert_int_equal(tarn_deinit(pool), TARN_OK);
            (void)fill_memory(NULL);
        }
    }
}

/* L3 */
static void a_pool_begins_at_any_address(void **state)
{
    (void)state;
    for (uint32_t granule = 4; granule <= 8; granule *= 2) {
        for (size_t at = 0; at < 16; at++) {
            tarn_stats stats = {0};
            tarn_pool *pool = NULL;
            tarn_options options = {.granule = granule};
            assert_int_equal(tarn_init(&pool, memory + at, BYTES, &options), TARN_OK);
            assert_ptr_equal(pool, memory + at);
            assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
            assert_int_equal(stats.bytes, BYTES);
            void *block = tarn_alloc(pool, 100);
            assert_int_equal((uintptr_t)block % granule, 0);
            while (tarn_alloc(pool, 100) != NULL) {
            }
            assert_true(memory[at + BYTES] == FILL && (at == 0 || memory[at - 1u] == FILL));
            for (size_t other = at < 8 ? 0 : at - 8; other < at + 8; other++) {
                tarn_pool *handle = (tarn_pool *)(void *)(memory + other);
                assert_int_equal(tarn_recognise(handle, block), other == at ? TARN_OK : TARN_E_NOT_A_POOL);
            }
            assert_sound(pool, "any address");
            assert_int_equal(tarn_deinit(pool), TARN_OK);
            (void)fill_memory(NULL);
        }
    }
}

static void zeroed_memory_is_not_cleared_again(void **state)
{
    (void)state;
    static unsigned char cleared[BYTES];
    tarn_pool *pool = NULL;
    tarn_options options = {.recognition = TARN_RECOGNISE_EXACT};
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    memcpy(cleared, memory, BYTES);
    memset(memory, 0, sizeof memory);
    options.flags = TARN_POOL_ZEROED;
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    assert_memory_equal(memory, cleared, BYTES);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void keys_differ_with_size_and_layout_or_are_given(void **state)
{
    (void)state;
    static const tarn_options choices[] = {{0}, {.granule = 16}, {.extension_words = 1}, {.key = 77}};
    uint32_t keys[5];
    for (uint32_t i = 0; i < 5; i++) {
        tarn_pool *pool = NULL;
        tarn_stats stats = {0};
        assert_int_equal(tarn_init(&pool, memory, i == 4 ? BYTES - 16 : BYTES, &choices[i % 4u]), TARN_OK);
        assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
        assert_int_equal(tarn_deinit(pool), TARN_OK);
        keys[i] = stats.key;
        for (uint32_t j = 0; j < i; j++) {
            assert_int_not_equal(keys[i], keys[j]);
        }
    }
    assert_int_equal(keys[3], 77);
}

TARN_STORAGE(plain_storage, 300);
#if defined(__GNUC__)
static TARN_STORAGE_IN(placed_storage, 300, ".data.placed");
#else
static TARN_STORAGE(placed_storage, 300);
#endif

static void static_storage_is_aligned(void **state)
{
    (void)state;
    tarn_pool *pool = NULL;
    tarn_options options = {.granule = 16};
    assert_int_equal(sizeof plain_storage, 300);
    assert_int_equal(tarn_init(&pool, plain_storage, sizeof plain_storage, &options), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    assert_int_equal(tarn_init(&pool, placed_storage, sizeof placed_storage, &options), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- adopt ---- */

/* L1 */
static void refuse_adopt(size_t bytes, tarn_status expected)
{
    static unsigned char before[sizeof memory];
    tarn_pool *pool = (tarn_pool *)(void *)memory;
    memcpy(before, memory, sizeof memory);
    assert_int_equal(tarn_adopt(&pool, memory, bytes), expected);
    assert_null(pool);
    assert_memory_equal(memory, before, sizeof memory);
}

/* Leaves the image of a pool with some blocks in memory. */
static tarn_pool *make_image(void)
{
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_KEYED, BYTES, 0};
    tarn_pool *pool = pool_make(&s, memory);
    void *hole = tarn_alloc(pool, 100);
    assert_non_null(tarn_alloc(pool, 100));
    assert_int_equal(tarn_free(pool, hole), TARN_OK);
    return pool;
}

static void adopt_refuses_what_is_no_image(void **state)
{
    (void)state;
    tarn_pool *pool = NULL;
    assert_int_equal(tarn_adopt(NULL, memory, BYTES), TARN_E_NULL);
    assert_int_equal(tarn_adopt(&pool, NULL, BYTES), TARN_E_NULL);
    refuse_adopt(BYTES, TARN_E_NOT_A_POOL);
    (void)make_image();
    memory[0] ^= 3u; /* the image version */
    refuse_adopt(BYTES, TARN_E_NOT_A_POOL);
    memory[0] ^= 3u;
    for (size_t bytes = 0; bytes < BYTES; bytes += bytes < 128 ? 1 : 61) {
        refuse_adopt(bytes, TARN_E_TRUNCATED);
    }
    assert_int_equal(tarn_adopt(&pool, memory, BYTES), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    refuse_adopt(BYTES, TARN_E_NOT_A_POOL);
}

static void adopt_refuses_damage(void **state)
{
    (void)state;
    tarn_pool *pool = make_image();
    memory[24] ^= 1u; /* granules used */
    refuse_adopt(BYTES, TARN_E_DAMAGED);
    memory[24] ^= 1u;
    memory[5] |= 0x80u; /* a reserved bit of the layout, or an illegal width */
    assert_int_not_equal(tarn_adopt(&pool, memory, BYTES), TARN_OK);
}

static void adopt_keeps_blocks_and_statistics(void **state)
{
    (void)state;
    tarn_stats before = {0};
    tarn_stats after = {0};
    tarn_pool *pool = make_image();
    unsigned char *block = tarn_alloc(pool, 500);
    memset(block, 0x42, 500);
    assert_int_not_equal(tarn_free(pool, block + 8), TARN_OK);
    assert_int_equal(tarn_stats_get(pool, &before), TARN_OK);
    assert_int_equal(tarn_adopt(&pool, memory, sizeof memory), TARN_OK); /* more bytes than the image */
    assert_int_equal(tarn_stats_get(pool, &after), TARN_OK);
    assert_memory_equal(&before, &after, sizeof before);
    assert_int_equal(tarn_usable(pool, block), 500);
    assert_int_equal(block[499], 0x42);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- deinit and reset ---- */

static void no_call_obeys_an_ended_pool(void **state)
{
    (void)state;
    tarn_stats stats = {0};
    tarn_finding finding;
    tarn_block record = {0};
    tarn_pool *pool = make_image();
    unsigned char *block = tarn_alloc(pool, 16);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_deinit(NULL), TARN_E_NULL);
    assert_int_equal(tarn_reset(pool), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_reset(NULL), TARN_E_NULL);
    assert_int_equal(tarn_grow(pool, BYTES), TARN_E_NOT_A_POOL);
    assert_null(tarn_alloc(pool, 16));
    assert_null(tarn_alloc_aligned(pool, 16, 64));
    assert_null(tarn_calloc(pool, 1, 16));
    assert_null(tarn_realloc(pool, block, 32));
    assert_null(tarn_realloc(pool, NULL, 32));
    assert_int_equal(tarn_resize(pool, block, 8), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_free(pool, block), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_recognise(pool, block), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_usable(pool, block), 0);
    assert_int_equal(tarn_owner_set(pool, block, 1), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_peak_reset(pool), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_largest(pool), 0);
    assert_int_equal(tarn_check(pool, &finding), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_block_at(pool, block, &record), TARN_E_NOT_A_POOL);
}

/* L4: every place where a block was, whether it is in the wilderness or inside a block of the next life. */
static void reset_pool_refuses_pointers_from_before(void **state)
{
    (void)state;
    for (uint32_t recognition = TARN_RECOGNISE_KEYED; recognition <= TARN_RECOGNISE_EXACT; recognition++) {
        shape s = {TARN_ENGINE_DEFAULT, 8, 0, recognition, BYTES, 0};
        tarn_pool *pool = pool_make(&s, memory);
        unsigned char *blocks[100];
        for (uint32_t i = 0; i < 100; i++) {
            blocks[i] = tarn_alloc(pool, 12u + i % 3u * 8u);
            assert_non_null(blocks[i]);
        }
        assert_int_equal(tarn_reset(pool), TARN_OK);
        assert_sound(pool, "reset");
        for (uint32_t i = 0; i < 100; i++) {
            assert_int_not_equal(tarn_free(pool, blocks[i]), TARN_OK);
        }
        unsigned char *all = tarn_alloc(pool, BYTES - 1024);
        assert_ptr_equal(all, blocks[0]);
        for (uint32_t i = 1; i < 100; i++) {
            assert_int_not_equal(tarn_free(pool, blocks[i]), TARN_OK);
        }
        assert_int_equal(tarn_free(pool, all), TARN_OK);
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

static void reset_pool_is_as_new(void **state)
{
    (void)state;
    tarn_stats fresh = {0};
    tarn_stats after = {0};
    shape s = {TARN_ENGINE_DEFAULT, 8, 1, TARN_RECOGNISE_EXACT, BYTES, 0};
    tarn_pool *pool = pool_make(&s, memory);
    assert_int_equal(tarn_stats_get(pool, &fresh), TARN_OK);
    while (tarn_alloc(pool, 40) != NULL) {
    }
    assert_int_equal(tarn_reset(pool), TARN_OK);
    assert_int_equal(tarn_stats_get(pool, &after), TARN_OK);
    assert_int_not_equal(fresh.key, after.key);
    after.key = fresh.key;
    assert_memory_equal(&fresh, &after, sizeof fresh);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

#define test(function) cmocka_unit_test_setup(function, fill_memory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(init_refuses_missing_pointers),
        test(init_refuses_options_out_of_range),
        test(init_refuses_ranges_that_wrap),
        test(init_refuses_engines_not_compiled_in),
        test(init_refuses_other_interfaces),
        test(init_takes_every_size_from_256_bytes_on),
        test(init_refuses_more_granules_than_a_header_counts),
        test(init_refuses_an_image_off_granule_16),
        test(a_pool_begins_at_any_address),
        test(zeroed_memory_is_not_cleared_again),
        test(keys_differ_with_size_and_layout_or_are_given),
        test(static_storage_is_aligned),
        test(adopt_refuses_what_is_no_image),
        test(adopt_refuses_damage),
        test(adopt_keeps_blocks_and_statistics),
        test(no_call_obeys_an_ended_pool),
        test(reset_pool_refuses_pointers_from_before),
        test(reset_pool_is_as_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
