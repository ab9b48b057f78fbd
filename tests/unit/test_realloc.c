/* SPDX-License-Identifier: MIT */
/*
 * Changing a block's size: where it goes, what it keeps, and what a refusal leaves alone.
 *
 * Each case arranges three or four neighbours, so that only one way is open:
 * R1 in place: shrinking, growing into a free block or the wilderness to the right
 * R2 into the free left neighbour, alone or with what is free to the right, contents moved
 * R3 into a new block, the old one given back
 * R4 refused: the block, its contents and the pool stay as they were
 * R5 tarn_resize() goes the ways of R1 only
 */
#include "tarn/port.h"
#include "test.h"

#include <stdlib.h>

enum { BYTES = 16384, PART = 200 };

static _Alignas(4096) unsigned char memory[BYTES];
static unsigned char before[BYTES];

/* A pool with blocks of PART bytes in a row, and one more that keeps the last from the wilderness. */
typedef struct row {
    tarn_pool *pool;
    unsigned char *block[4];
    unsigned char *stop;
} row;

static uint32_t extension; /* words, by variant of the running test */

static row make_row(uint32_t engine, uint32_t recognition)
{
    row r;
    shape s = {engine, 8, extension, recognition, BYTES, 0};
    r.pool = pool_make(&s, memory);
    for (uint32_t i = 0; i < 4; i++) {
        r.block[i] = tarn_alloc(r.pool, PART);
        for (uint32_t at = 0; at < PART; at++) {
            r.block[i][at] = (unsigned char)(at * 7u + i);
        }
        assert_true(i == 0 || r.block[i] > r.block[i - 1u]);
    }
    r.stop = tarn_alloc(r.pool, PART);
    return r;
}

static void end_row(const row *r)
{
    assert_sound(r->pool, "realloc");
    assert_int_equal(tarn_deinit(r->pool), TARN_OK);
}

static void assert_holds(const unsigned char *block, uint32_t index, uint32_t bytes)
{
    for (uint32_t at = 0; at < bytes; at++) {
        if (block[at] != (unsigned char)(at * 7u + index)) {
            fail_msg("byte %u of block %u was lost", (unsigned)at, (unsigned)index);
        }
    }
}

static void release(const row *r, uint32_t index)
{
    assert_int_equal(tarn_free(r->pool, r->block[index]), TARN_OK);
}

typedef void row_test(row *r);

/* Runs the case on each engine, keyed and exact, with 0 and 2 extension words. */
static void on_rows(row_test *run)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    for (uint32_t i = 0; i < built * 4u; i++) {
        extension = i / 2u % 2u * 2u;
        row r = make_row(engines[i / 4u], TARN_RECOGNISE_KEYED + i % 2u);
        run(&r);
        end_row(&r);
    }
}

static uint64_t used_of(const row *r)
{
    tarn_stats stats = {0};
    assert_int_equal(tarn_stats_get(r->pool, &stats), TARN_OK);
    return stats.used;
}

/* ---- R1 ---- */

static void shrink_in_place(row *r)
{
    uint64_t used = used_of(r);
    assert_ptr_equal(tarn_realloc(r->pool, r->block[1], 40), r->block[1]);
    assert_holds(r->block[1], 1, 40);
    assert_true(used_of(r) < used);
    assert_true(tarn_usable(r->pool, r->block[1]) < PART);
    unsigned char *rest = tarn_alloc(r->pool, 100);
    assert_true(rest > r->block[1] && rest < r->block[2]);
    assert_ptr_equal(tarn_realloc(r->pool, r->block[3], 0), r->block[3]);
    assert_true(tarn_usable(r->pool, r->block[3]) >= 1);
}

/* Less than the smallest block is not split off. */
static void shrink_by_little(row *r)
{
    uint64_t used = used_of(r);
    assert_ptr_equal(tarn_realloc(r->pool, r->block[1], PART - 1u), r->block[1]);
    assert_int_equal(used_of(r), used);
    assert_holds(r->block[1], 1, PART - 1u);
}

static void grow_into_the_right_neighbour(row *r)
{
    release(r, 2);
    assert_ptr_equal(tarn_realloc(r->pool, r->block[1], PART + 100u), r->block[1]);
    assert_holds(r->block[1], 1, PART);
    assert_sound(r->pool, "part of the right neighbour");
    assert_ptr_equal(tarn_realloc(r->pool, r->block[1], 2u * PART), r->block[1]);
    assert_holds(r->block[1], 1, PART);
    assert_holds(r->block[3], 3, PART);
}

static void grow_into_the_wilderness(row *r)
{
    unsigned char *last = r->stop;
    assert_ptr_equal(tarn_realloc(r->pool, last, 3000), last);
    assert_true(tarn_usable(r->pool, last) < 3008u);
    assert_ptr_equal(tarn_realloc(r->pool, last, tarn_usable(r->pool, last) + tarn_largest(r->pool)), last);
    assert_ptr_equal(tarn_realloc(r->pool, last, 8), last);
    assert_true(tarn_largest(r->pool) > BYTES / 2u);
}

static void test_in_place(void **state)
{
    (void)state;
    on_rows(shrink_in_place);
    on_rows(shrink_by_little);
    on_rows(grow_into_the_right_neighbour);
    on_rows(grow_into_the_wilderness);
}

/* ---- R2 ---- */

static void fill_up(const row *r)
{
    while (tarn_largest(r->pool) > PART) {
        assert_non_null(tarn_alloc(r->pool, tarn_largest(r->pool)));
    }
}

static void grow_into_the_left_neighbour(row *r)
{
    fill_up(r);
    release(r, 1);
    unsigned char *end = r->block[2] + tarn_usable(r->pool, r->block[2]);
    unsigned char *grown = tarn_realloc(r->pool, r->block[2], PART + 100u);
    assert_true(grown > r->block[1] && grown < r->block[2]); /* only what was wanted of the neighbour */
    assert_ptr_equal(grown + tarn_usable(r->pool, grown), end);
    assert_holds(grown, 2, PART);
    assert_int_not_equal(tarn_recognise(r->pool, r->block[2]), TARN_OK);
    assert_true(tarn_usable(r->pool, grown) < 2u * PART);
    assert_holds(r->block[3], 3, PART);
}

static void grow_into_both_neighbours(row *r)
{
    fill_up(r);
    release(r, 1);
    release(r, 3);
    assert_ptr_equal(tarn_realloc(r->pool, r->block[2], 3u * PART), r->block[1]);
    assert_holds(r->block[1], 2, PART);
}

/* The last block, its left neighbour free, and a wilderness that is too small without it. */
static void grow_into_left_and_wilderness(row *r)
{
    release(r, 3);
    size_t all = (size_t)(memory + BYTES - r->block[3]) - 16u;
    size_t without = (size_t)(memory + BYTES - r->stop);
    assert_true(all > without);
    memset(r->stop, 0x5A, PART);
    size_t wanted = all - 64u; /* the neighbour leaves no block of less than that */
    assert_true(wanted > without);
    unsigned char *grown = tarn_realloc(r->pool, r->stop, wanted);
    assert_true(grown >= r->block[3] && grown < r->stop);
    for (uint32_t at = 0; at < PART; at++) {
        assert_int_equal(grown[at], 0x5A);
    }
    assert_true(tarn_usable(r->pool, grown) >= wanted);
}

/* Old and new place overlap by most of the block. */
static void move_left_by_little(row *r)
{
    fill_up(r);
    assert_ptr_equal(tarn_realloc(r->pool, r->block[1], PART - 40u), r->block[1]);
    assert_int_equal(tarn_resize(r->pool, r->block[2], PART), TARN_OK);
    unsigned char *moved = tarn_realloc(r->pool, r->block[2], PART + 16u);
    assert_true(moved >= r->block[2] - 40 && moved < r->block[2]);
    assert_holds(moved, 2, PART);
}

/* The block keeps its module, and belongs to the task that moved it. */
static void words_travel_left(row *r)
{
    tarn_block record = {0};
    if (extension == 0) {
        return;
    }
    fill_up(r);
    release(r, 1);
    assert_int_equal(tarn_owner_set(r->pool, r->block[2], 0x12345678), TARN_OK);
    unsigned char *moved = tarn_realloc(r->pool, r->block[2], PART + 100u);
    assert_true(moved > r->block[1] && moved < r->block[2]);
    assert_int_equal(tarn_block_at(r->pool, moved, &record), TARN_OK);
    assert_int_equal(record.owner, TARN_OWNER(0x123, tarn_port_task()));
}

static void test_to_the_left(void **state)
{
    (void)state;
    on_rows(grow_into_the_left_neighbour);
    on_rows(grow_into_both_neighbours);
    on_rows(grow_into_left_and_wilderness);
    on_rows(move_left_by_little);
    on_rows(words_travel_left);
}

/* ---- R3 ---- */

static void move_elsewhere(row *r)
{
    unsigned char *moved = tarn_realloc(r->pool, r->block[1], 1000);
    assert_true(moved > r->stop);
    assert_holds(moved, 1, PART);
    assert_int_equal(tarn_recognise(r->pool, r->block[1]), TARN_E_DOUBLE_FREE);
    assert_holds(r->block[0], 0, PART);
    assert_holds(r->block[2], 2, PART);
}

static void missing_block_is_allocated(row *r)
{
    unsigned char *block = tarn_realloc(r->pool, NULL, 123);
    assert_true(tarn_usable(r->pool, block) >= 123u);
    block = tarn_realloc_aligned(r->pool, NULL, 123, 512);
    assert_int_equal((uintptr_t)block % 512u, 0);
}

/* On request the alignment is kept, through every growth; without it only the granule is. */
static void keep_alignment(row *r)
{
    unsigned char *block = tarn_alloc_aligned(r->pool, 100, 256);
    memset(block, 0x77, 100);
    for (size_t size = 200; size <= 3000; size += 400) {
        assert_non_null(tarn_alloc(r->pool, 8)); /* in the way */
        block = tarn_realloc_aligned(r->pool, block, size, 256);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 256u, 0);
        assert_true(block[0] == 0x77 && block[99] == 0x77);
    }
    block = tarn_realloc_aligned(r->pool, block, 50, 1024);
    assert_int_equal((uintptr_t)block % 1024u, 0);
    assert_true(block[0] == 0x77 && block[49] == 0x77);
}

static void test_elsewhere(void **state)
{
    (void)state;
    on_rows(move_elsewhere);
    on_rows(missing_block_is_allocated);
    on_rows(keep_alignment);
}

/* ---- R4 ---- */

/* Everything but the refusal count, which lies in the first 44 bytes. */
static void refuse(const row *r, void *block, size_t size, size_t alignment)
{
    memcpy(before, memory, BYTES);
    assert_null(tarn_realloc_aligned(r->pool, block, size, alignment));
    assert_memory_equal(before + 44, memory + 44, BYTES - 44u);
}

static void refused_change_nothing(row *r)
{
    refuse(r, r->block[1], SIZE_MAX, 1);
    refuse(r, r->block[1], SIZE_MAX - 7u, 1);
    refuse(r, r->block[1], PTRDIFF_MAX, 1);
    refuse(r, r->block[1], UINT32_MAX, 1);
    refuse(r, r->block[1], BYTES, 1);
    refuse(r, r->block[1], tarn_largest(r->pool) + 1u, 1);
    refuse(r, r->block[1], 8, 0);
    refuse(r, r->block[1], 8, 24);
    refuse(r, r->block[1] + 8, 8, 1);
    refuse(r, r->block[1] + 3, 8, 1);
    refuse(r, before, 8, 1);
    release(r, 1);
    refuse(r, r->block[1], 8, 1);
    tarn_stats stats = {0};
    assert_int_equal(tarn_stats_get(r->pool, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 12);
    assert_holds(r->block[0], 0, PART);
}

static void test_refusals(void **state)
{
    (void)state;
    on_rows(refused_change_nothing);
}

/* ---- R5 ---- */

static void resize_never_moves(row *r)
{
    release(r, 0);
    memcpy(before, memory, BYTES);
    assert_int_equal(tarn_resize(r->pool, r->block[1], PART + 8u), TARN_E_EXHAUSTED); /* free left, used right */
    assert_memory_equal(before + 44, memory + 44, BYTES - 44u);
    assert_int_equal(tarn_resize(r->pool, r->block[1], SIZE_MAX), TARN_E_NEVER_FITS);
    assert_int_equal(tarn_resize(r->pool, r->block[1], 16), TARN_OK);
    assert_int_equal(tarn_resize(r->pool, r->block[1], PART), TARN_OK); /* back into what it gave */
    assert_holds(r->block[1], 1, 16);
    release(r, 3);
    assert_int_equal(tarn_resize(r->pool, r->block[2], 2u * PART), TARN_OK);
    assert_holds(r->block[2], 2, PART);
    assert_int_equal(tarn_resize(r->pool, r->stop, 2000), TARN_OK);
    assert_int_equal(tarn_resize(r->pool, r->stop, 0), TARN_OK);
    assert_int_equal(tarn_resize(r->pool, NULL, 8), TARN_E_NULL);
    assert_int_equal(tarn_resize(NULL, r->stop, 8), TARN_E_NULL);
    assert_int_equal(tarn_resize(r->pool, r->stop + 64, 8), TARN_E_DOUBLE_FREE); /* the wilderness */
    assert_int_equal(tarn_resize(r->pool, before, 8), TARN_E_FOREIGN);
}

static void test_resize(void **state)
{
    (void)state;
    on_rows(resize_never_moves);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_place), cmocka_unit_test(test_to_the_left), cmocka_unit_test(test_elsewhere),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_resize),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
