/* SPDX-License-Identifier: MIT */
/*
 * A pool is its bytes: copied or mapped elsewhere it goes on, and does exactly what the original does.
 *
 * V1 adopted at another address, the copy and the original stay byte for byte the same under the same operations
 * V2 so does a copy that is only used, by casting its address, where it agrees modulo the granule
 * V3 an address that disagrees modulo the granule or in its distance to the next multiple of 8 is refused
 * V4 the same bytes mapped at two addresses are one pool through both handles
 * V5 over-aligned blocks keep their alignment as far as both addresses share it, and the statistics say which
 */
#define _GNU_SOURCE /* memfd_create */
#include "drive.h"
#include "test.h"

#include <sys/mman.h>
#include <unistd.h>

enum { BYTES = 65536, SLACK = 4096, ROUNDS = 40, OPERATIONS = 500, ALIGNMENTS = 11 };

static _Alignas(4096) unsigned char places[2][BYTES + SLACK];

static uint64_t pairs;

/* Runs both pools alike; they start equal and must stay so. */
static void run_alike(drive *original, drive *copy, size_t bytes, const char *text)
{
    tarn_pool *pool = copy->pool;
    *copy = *original;
    copy->pool = pool;
    pairs++;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        drive_run(original, OPERATIONS);
        drive_run(copy, OPERATIONS);
        assert_sound(copy->pool, text);
        if (memcmp(original->pool, copy->pool, bytes) != 0) {
            fail_msg("%s: copy and original differ after %u operations", text, (unsigned)((round + 1u) * OPERATIONS));
        }
    }
}

/* The pool at places[0] + at, driven for a while. */
static void make_original(drive *d, const shape *s, size_t at, uint32_t alignments)
{
    memset(places, 0, sizeof places);
    drive_begin(d, pool_make(s, places[0] + at), s->bytes, alignments, test_seed());
    drive_run(d, OPERATIONS);
}

typedef void shape_test(const shape *s);

/* Calls the test for every engine, granule, recognition and 0 or 2 extension words, in a large and a small pool. */
static void for_shapes(shape_test *run)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t i = 0; i < count * 24u; i++) {
        shape s = {engines[i / 24u],
                   UINT32_C(4) << i % 3u,
                   i / 3u % 2u * 2u,
                   TARN_RECOGNISE_KEYED + i / 6u % 2u,
                   i / 12u % 2u == 0 ? BYTES : 512,
                   0};
        run(&s);
    }
}

/* An index rebuilt from the blocks orders its lists by address, the original's by history; so the original is adopted
 * in place too. */
static void adopt_elsewhere(const shape *s)
{
    drive original;
    drive copy = {0};
    char text[SHAPE_TEXT];
    make_original(&original, s, 0, ALIGNMENTS);
    memcpy(places[1], places[0], s->bytes);
    assert_int_equal(tarn_adopt(&copy.pool, places[1], s->bytes), TARN_OK);
    assert_int_equal(tarn_adopt(&original.pool, places[0], s->bytes), TARN_OK);
    assert_ptr_equal(copy.pool, places[1]);
    run_alike(&original, &copy, s->bytes, shape_text(s, text));
    assert_int_equal(tarn_deinit(original.pool), TARN_OK);
    assert_int_equal(tarn_deinit(copy.pool), TARN_OK);
}

static void test_adopted_copy_goes_on_like_the_original(void **state)
{
    (void)state;
    for_shapes(adopt_elsewhere);
}

/* Only the granule has to agree, so the copy lies 16 bytes further on; no alignment above it is asked for. */
static void use_elsewhere(const shape *s)
{
    drive original;
    drive copy = {0};
    char text[SHAPE_TEXT];
    make_original(&original, s, 0, 0);
    memcpy(places[1] + 16, places[0], s->bytes);
    copy.pool = (tarn_pool *)(void *)(places[1] + 16);
    run_alike(&original, &copy, s->bytes, shape_text(s, text));
    assert_int_equal(tarn_deinit(original.pool), TARN_OK);
    assert_int_equal(tarn_deinit(copy.pool), TARN_OK);
}

static void test_copy_goes_on_without_being_adopted(void **state)
{
    (void)state;
    for_shapes(use_elsewhere);
}

static void test_address_that_disagrees_is_refused(void **state)
{
    (void)state;
    for (uint32_t granule = 4; granule <= 16; granule *= 2) {
        for (size_t lead = 0; lead < 8; lead++) {
            shape s = {TARN_ENGINE_DEFAULT, granule, 0, TARN_RECOGNISE_KEYED, 1024, 0};
            tarn_pool *pool = pool_make(&s, places[0] + (granule == 16 ? 16 - lead : 8 - lead));
            const unsigned char *image = places[0] + (granule == 16 ? 16 : 8);
            for (size_t at = 0; at < 16; at++) {
                tarn_pool *copy = NULL;
                unsigned char *handle = places[1] + at;
                unsigned char *base = places[1] + (at + 7u) / 8u * 8u;
                bool agrees = at % 8u == (8u - lead) % 8u && (size_t)(base - places[1]) % granule == 0;
                memcpy(base, image, s.bytes - lead);
                assert_int_equal(tarn_adopt(&copy, handle, s.bytes + 8u), agrees ? TARN_OK : TARN_E_MISALIGNED);
                assert_ptr_equal(copy, agrees ? handle : NULL);
                if (agrees) {
                    assert_int_equal(tarn_deinit(copy), TARN_OK);
                }
            }
            assert_int_equal(tarn_deinit(pool), TARN_OK);
        }
    }
}

static void test_two_mappings_are_one_pool(void **state)
{
    (void)state;
    int file = memfd_create("pool", 0);
    assert_true(file >= 0 && ftruncate(file, BYTES) == 0);
    void *here = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    void *there = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    assert_true(here != MAP_FAILED && there != MAP_FAILED && here != there);
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, BYTES, 0};
    tarn_pool *pool = pool_make(&s, here);
    drive d;
    drive_begin(&d, pool, BYTES, ALIGNMENTS, test_seed());
    for (uint32_t i = 0; i < 2u * ROUNDS; i++) {
        d.pool = i % 2u == 0 ? pool : (tarn_pool *)there;
        drive_run(&d, OPERATIONS);
        assert_sound(pool, "first mapping");
        assert_sound((tarn_pool *)there, "second mapping");
    }
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    assert_int_equal(tarn_check((tarn_pool *)there, NULL), TARN_E_NOT_A_POOL);
    assert_int_equal(munmap(here, BYTES) | munmap(there, BYTES) | close(file), 0);
}

static void test_alignment_is_kept_as_far_as_addresses_share_it(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, BYTES, 0};
    tarn_pool *pool = pool_make(&s, places[0]);
    unsigned char *block = tarn_alloc_aligned(pool, 100, 1024);
    tarn_stats stats = {0};
    tarn_pool *copy = NULL;
    assert_int_equal((uintptr_t)block % 1024u, 0);
    memcpy(places[1] + 64, places[0], BYTES);
    assert_int_equal(tarn_adopt(&copy, places[1] + 64, BYTES), TARN_OK);
    assert_int_equal(tarn_stats_get(copy, &stats), TARN_OK);
    assert_int_equal(stats.max_alignment, 1024);
    unsigned char *moved = places[1] + 64 + (block - places[0]);
    assert_int_equal(tarn_recognise(copy, moved), TARN_OK);
    assert_int_equal((uintptr_t)moved % 1024u, 64);
    moved = tarn_realloc_aligned(copy, moved, 100, 1024);
    assert_int_equal((uintptr_t)moved % 1024u, 0);
    assert_sound(copy, "aligned anew");
    assert_int_equal(tarn_deinit(copy), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static int report(void **state)
{
    (void)state;
    printf("%lu pairs of pools compared over %lu operations each, seed %lu\n", (unsigned long)pairs,
           (unsigned long)ROUNDS * OPERATIONS, (unsigned long)test_seed());
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adopted_copy_goes_on_like_the_original),
        cmocka_unit_test(test_copy_goes_on_without_being_adopted),
        cmocka_unit_test(test_address_that_disagrees_is_refused),
        cmocka_unit_test(test_two_mappings_are_one_pool),
        cmocka_unit_test(test_alignment_is_kept_as_far_as_addresses_share_it),
    };
    return cmocka_run_group_tests(tests, NULL, report);
}
