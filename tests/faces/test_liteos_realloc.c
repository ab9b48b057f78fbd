/* SPDX-License-Identifier: MIT */
/* LOS_MemRealloc(): in place, moving, refused, and blocks that carry a pool. */
#include "test_liteos.h"

#define POOL_BYTES 0x10000u

static VOID *pool;

static int fresh_pool(void **state)
{
    (void)fresh_start(state);
    memset(arena, 0, sizeof arena);
    pool = make_pool(POOL_BYTES);
    return 0;
}

#undef TEST
#define TEST(function) cmocka_unit_test_setup(function, fresh_pool)

static void fill(VOID *block, UINT32 size)
{
    for (UINT32 i = 0; i < size; i++) {
        ((UINT8 *)block)[i] = (UINT8)(i * 7u + 1u);
    }
}

static void assert_filled(const VOID *block, UINT32 size)
{
    for (UINT32 i = 0; i < size; i++) {
        assert_int_equal(((const UINT8 *)block)[i], (UINT8)(i * 7u + 1u));
    }
}

/* Refuses: LOS_MemRealloc | pool NULL | NULL, block kept */
static void realloc_refuses_null_pool(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 100);
    fill(block, 100);
    assert_null(LOS_MemRealloc(NULL, block, 200));
    assert_filled(block, 100);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
}

/* Refuses: LOS_MemRealloc | size with bit 30 or 31 set | NULL, block kept */
static void realloc_refuses_sizes_with_a_flag_bit(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 100);
    fill(block, 100);
    catch_output();
    VOID *moved[] = {LOS_MemRealloc(pool, block, 0x40000000u), LOS_MemRealloc(pool, block, 0x80000000u),
                     LOS_MemRealloc(pool, block, 0xFFFFFFFFu)};
    const char *said = caught_output();
    for (size_t i = 0; i < sizeof moved / sizeof moved[0]; i++) {
        assert_null(moved[i]);
    }
    assert_string_equal(said, "");
    assert_filled(block, 100);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
}

static void realloc_of_null_allocates(void **state)
{
    (void)state;
    VOID *block = LOS_MemRealloc(pool, NULL, 100);
    assert_non_null(block);
    assert_int_equal(LOS_MemUsedBlksGet(pool), 2);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
}

/* Refuses: LOS_MemRealloc | ptr NULL and size 0 | NULL */
static void realloc_refuses_nothing_of_nothing(void **state)
{
    (void)state;
    assert_null(LOS_MemRealloc(pool, NULL, 0));
    assert_whole(pool);
}

static void realloc_to_nothing_frees(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 100);
    assert_null(LOS_MemRealloc(pool, block, 0));
    assert_whole(pool);
}

/* Refuses: LOS_MemRealloc | size 0 and ptr no block | NULL; bestfit_little prints [ERR] */
static void realloc_to_nothing_refuses_what_is_no_block(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 100);
    catch_output();
    VOID *result = LOS_MemRealloc(pool, (UINT8 *)block + 8, 0);
    const char *said = caught_output();
    assert_null(result);
    assert_true((strstr(said, "[ERR] LOS_MemRealloc, ") != NULL) == (test_engine == TARN_ENGINE_LINEAR));
    assert_int_equal(LOS_MemUsedBlksGet(pool), 2);
}

static void realloc_shrinks_in_place(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 1000);
    VOID *behind = LOS_MemAlloc(pool, 8);
    fill(block, 1000);
    UINT32 used = LOS_MemTotalUsedGet(pool);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 1000), block);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 200), block);
    assert_int_equal(used - LOS_MemTotalUsedGet(pool), 800);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 1), block);
    assert_filled(block, 1);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, behind), LOS_OK);
    assert_whole(pool);
}

static void realloc_grows_in_place_where_it_can(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 100);
    VOID *middle = LOS_MemAlloc(pool, 400);
    VOID *behind = LOS_MemAlloc(pool, 8);
    assert_int_equal(LOS_MemFree(pool, middle), LOS_OK);
    fill(block, 100);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 300), block);
    assert_filled(block, 100);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 104 + 400 + H), block);
    assert_int_equal(LOS_MemFreeBlksGet(pool), 1);
    assert_int_equal(LOS_MemFree(pool, behind), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_whole(pool);
}

static void realloc_moves_with_the_contents(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 100);
    VOID *behind = LOS_MemAlloc(pool, 8);
    fill(block, 100);
    VOID *moved = LOS_MemRealloc(pool, block, 3000);
    assert_non_null(moved);
    assert_ptr_not_equal(moved, block);
    assert_filled(moved, 100);
    assert_int_equal(LOS_MemFree(pool, block), LOS_NOK);
    assert_int_equal(LOS_MemFree(pool, behind), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, moved), LOS_OK);
    assert_whole(pool);
}

/* What fits into the block is no allocation, and is not checked. */
/* Refuses: LOS_MemRealloc | to more than the block holds, damaged pool, that check switched on | NULL, report, block kept */
static void realloc_refuses_to_grow_in_a_damaged_pool_where_that_is_on(void **state)
{
    (void)state;
    check_each_alloc();
    VOID *block = LOS_MemAlloc(pool, 100);
    UINT8 *behind = (UINT8 *)LOS_MemAlloc(pool, 64);
    VOID *last = LOS_MemAlloc(pool, 64);
    VOID *moved = LOS_MemRealloc(pool, last, 1000);
    assert_ptr_equal(moved, last);
    fill(block, 100);
    memset(behind + 64, 0xFF, 8); /* the last header */
    catch_output();
    VOID *shrunk = LOS_MemRealloc(pool, block, 60);
    assert_string_equal(caught_output(), "");
    assert_ptr_equal(shrunk, block);
    catch_output();
    moved = LOS_MemRealloc(pool, block, 3000);
    const char *said = caught_output();
    assert_null(moved);
    assert_memory_equal(said, "[ERR] [LOS_MemRealloc], ", 24);
    assert_non_null(strstr(said, "memory check error!\n"));
    assert_filled(block, 60);
}

static void realloc_moves_in_a_sound_pool_where_it_is_checked(void **state)
{
    (void)state;
    check_each_alloc();
    VOID *block = LOS_MemAlloc(pool, 100);
    assert_non_null(LOS_MemAlloc(pool, 8));
    fill(block, 100);
    VOID *moved = LOS_MemRealloc(pool, block, 3000);
    assert_non_null(moved);
    assert_ptr_not_equal(moved, block);
    assert_filled(moved, 100);
    catch_output();
    VOID *refused = LOS_MemRealloc(pool, moved, POOL_BYTES);
    const char *said = caught_output();
    assert_null(refused);
    assert_string_equal(said, no_room_message(POOL_BYTES));
    assert_null(LOS_MemRealloc(pool, (UINT8 *)moved + 8, 100));
    assert_int_equal(LOS_MemFree(pool, moved), LOS_OK);
}

/* Refuses: LOS_MemRealloc | no room | NULL, block kept; bestfit_little says how much was asked for */
static void realloc_refuses_what_does_not_fit(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 100);
    VOID *behind = LOS_MemAlloc(pool, 8);
    fill(block, 100);
    catch_output();
    VOID *moved = LOS_MemRealloc(pool, block, POOL_BYTES);
    const char *said = caught_output();
    assert_null(moved);
    assert_string_equal(said, no_room_message(POOL_BYTES));
    assert_filled(block, 100);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, behind), LOS_OK);
}

/* Refuses: LOS_MemRealloc | ptr freed, interior, foreign, or its header overwritten | NULL, nothing changes */
static void realloc_refuses_what_is_no_block(void **state)
{
    (void)state;
    UINT64 local[8] = {0};
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 100);
    VOID *freed = LOS_MemAlloc(pool, 100);
    assert_int_equal(LOS_MemFree(pool, freed), LOS_OK);
    UINT32 used = LOS_MemTotalUsedGet(pool);
    assert_null(LOS_MemRealloc(pool, freed, 200));
    assert_null(LOS_MemRealloc(pool, block + 8, 8));
    assert_null(LOS_MemRealloc(pool, block + 1, 8));
    assert_null(LOS_MemRealloc(pool, &local[4], 8));
    memset(block - 4, 0xFF, 4);
    assert_null(LOS_MemRealloc(pool, block, 8));
    assert_int_equal(LOS_MemTotalUsedGet(pool), used);
}

/* The original counts the gap before an aligned block as room in it, and overflows. */
static void realloc_of_an_aligned_block_has_the_room_it_promises(void **state)
{
    (void)state;
    for (UINT32 boundary = 16; boundary <= 1024; boundary *= 2) {
        VOID *shift = LOS_MemAlloc(pool, 24);
        VOID *block = LOS_MemAllocAlign(pool, 100, boundary);
        VOID *behind = LOS_MemAlloc(pool, 64);
        fill(block, 100);
        fill(behind, 64);
        VOID *grown = LOS_MemRealloc(pool, block, 300);
        assert_non_null(grown);
        assert_filled(grown, 100);
        fill(grown, 300);
        assert_filled(behind, 64);
        assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
        assert_int_equal(LOS_MemFree(pool, grown), LOS_OK);
        assert_int_equal(LOS_MemFree(pool, shift), LOS_OK);
        assert_int_equal(LOS_MemFree(pool, behind), LOS_OK);
    }
    assert_whole(pool);
}

/* ---- blocks that carry a pool keep it ---- */

/* A block that carries a pool with one block in use, and a free range right behind. */
static VOID *make_carrier(VOID **used)
{
    VOID *block = LOS_MemAlloc(pool, 0x1000);
    assert_int_equal(LOS_MemInit(block, 0x1000), LOS_OK);
    *used = LOS_MemAlloc(block, 100);
    assert_non_null(*used);
    memset(*used, 0x5A, 100);
    return block;
}

static void assert_carried(VOID *block, VOID *used)
{
    for (UINT32 i = 0; i < 100; i++) {
        assert_int_equal(((UINT8 *)used)[i], 0x5A);
    }
    assert_int_equal(LOS_MemIntegrityCheck(block), LOS_OK);
    assert_int_equal(LOS_MemPoolSizeGet(block), 0x1000);
    assert_int_equal(LOS_MemFree(block, used), LOS_OK);
    assert_whole(block);
}

static void realloc_does_not_cut_a_block_that_carries_a_pool(void **state)
{
    (void)state;
    VOID *used;
    VOID *block = make_carrier(&used);
    UINT32 taken = LOS_MemTotalUsedGet(pool);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 0x800), block);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 1), block);
    assert_int_equal(LOS_MemTotalUsedGet(pool), taken);
    VOID *behind = LOS_MemAlloc(pool, 0x800);
    memset(behind, 0xFF, 0x800);
    assert_carried(block, used);
    assert_int_equal(LOS_MemDeInit(block), LOS_OK);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 0x800), block); /* now it is a block like any other */
    assert_int_equal(taken + 0x800 + H - LOS_MemTotalUsedGet(pool), 0x800);
}

/* Refuses: LOS_MemRealloc | a block that carries a pool, without room behind it | NULL, message, block and pool kept */
static void realloc_does_not_move_a_block_that_carries_a_pool(void **state)
{
    (void)state;
    VOID *used;
    VOID *block = make_carrier(&used);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 0x1800), block); /* there is room behind it */
    assert_non_null(LOS_MemAlloc(pool, 8));
    UINT32 taken = LOS_MemTotalUsedGet(pool);
    UINT32 listed = listed_pools();
    catch_output();
    VOID *moved = LOS_MemRealloc(pool, block, 0x3000);
    const char *said = caught_output();
    assert_null(moved);
    assert_string_equal(
        said, expected("[ERR] node[0x%lx] carries a pool and cannot be moved\n", (unsigned long)(UINTPTR)block));
    assert_int_equal(LOS_MemTotalUsedGet(pool), taken);
    assert_int_equal(listed_pools(), listed);
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
    assert_carried(block, used);
    assert_int_equal(LOS_MemDeInit(block), LOS_OK);
    assert_non_null(LOS_MemRealloc(pool, block, 0x3000));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(realloc_refuses_null_pool),
        TEST(realloc_refuses_sizes_with_a_flag_bit),
        TEST(realloc_of_null_allocates),
        TEST(realloc_refuses_nothing_of_nothing),
        TEST(realloc_to_nothing_frees),
        TEST(realloc_to_nothing_refuses_what_is_no_block),
        TEST(realloc_shrinks_in_place),
        TEST(realloc_grows_in_place_where_it_can),
        TEST(realloc_moves_with_the_contents),
        TEST(realloc_refuses_to_grow_in_a_damaged_pool_where_that_is_on),
        TEST(realloc_moves_in_a_sound_pool_where_it_is_checked),
        TEST(realloc_refuses_what_does_not_fit),
        TEST(realloc_refuses_what_is_no_block),
        TEST(realloc_of_an_aligned_block_has_the_room_it_promises),
        TEST(realloc_does_not_cut_a_block_that_carries_a_pool),
        TEST(realloc_does_not_move_a_block_that_carries_a_pool),
    };
    return run_per_engine("liteos_realloc", tests, sizeof tests / sizeof tests[0]);
}
