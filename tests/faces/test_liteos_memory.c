/* SPDX-License-Identifier: MIT */
/* LOS_MemAlloc(), LOS_MemFree(), LOS_MemAllocAlign(): what they give and everything they refuse. */
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

static void assert_no_room(UINT32 size)
{
    catch_output();
    VOID *block = LOS_MemAlloc(pool, size);
    const char *said = caught_output();
    assert_null(block);
    assert_string_equal(said, no_room_message(size));
}

/* ---- LOS_MemAlloc ---- */

static void alloc_costs_the_rounded_size_and_one_header(void **state)
{
    (void)state;
    static const UINT32 sizes[] = {1, 2, 7, 8, 9, 15, 16, 100, 0x100, 0x101, 4000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        UINT32 before = LOS_MemTotalUsedGet(pool);
        VOID *block = LOS_MemAlloc(pool, sizes[i]);
        assert_non_null(block);
        assert_int_equal((UINTPTR)block % 8, 0);
        memset(block, 0xEE, sizes[i]);
        assert_int_equal(LOS_MemTotalUsedGet(pool) - before, ((sizes[i] + 7u) & ~7u) + H);
    }
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
}

/* Refuses: LOS_MemAlloc | pool NULL | NULL */
static void alloc_refuses_null(void **state)
{
    (void)state;
    assert_null(LOS_MemAlloc(NULL, 8));
}

/* Refuses: LOS_MemAlloc | size 0 | NULL */
static void alloc_refuses_zero(void **state)
{
    (void)state;
    assert_null(LOS_MemAlloc(pool, 0));
    assert_whole(pool);
}

/* Refuses: LOS_MemAlloc | size with bit 30 or 31 set | NULL */
static void alloc_refuses_sizes_with_a_flag_bit(void **state)
{
    (void)state;
    catch_output();
    VOID *blocks[] = {LOS_MemAlloc(pool, 0x40000000u), LOS_MemAlloc(pool, 0x80000000u), LOS_MemAlloc(pool, 0xC0000001u),
                      LOS_MemAlloc(pool, 0xFFFFFFFFu), LOS_MemAlloc(pool, 0xFFFFFFF8u)};
    const char *said = caught_output();
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        assert_null(blocks[i]);
    }
    assert_string_equal(said, "");
    assert_whole(pool);
}

/* Refuses: LOS_MemAlloc | no room | NULL; bestfit_little says how much was asked for */
static void alloc_refuses_what_does_not_fit(void **state)
{
    (void)state;
    UINT32 largest = status_of(pool).uwMaxFreeNodeSize - H;
    assert_no_room(largest + 1);
    assert_no_room(0x3FFFFFFFu);
    VOID *block = LOS_MemAlloc(pool, largest);
    assert_non_null(block);
    assert_int_equal(LOS_MemFreeBlksGet(pool), 0);
    assert_no_room(1);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_whole(pool);
}

/* Refuses: LOS_MemAlloc | address that is no pool | NULL */
static void alloc_refuses_what_is_no_pool(void **state)
{
    (void)state;
    assert_null(LOS_MemAlloc(arena + POOL_BYTES + 64, 8));
    assert_null(LOS_MemAlloc(LOS_MemAlloc(pool, 64), 8));
}

static UINT32 hook_calls;

static VOID count_call(VOID)
{
    hook_calls++;
}

static void the_hook_runs_once_per_alloc_with_valid_arguments(void **state)
{
    (void)state;
    hook_calls = 0;
    g_MALLOC_HOOK = count_call;
    VOID *block = LOS_MemAlloc(pool, 8);
    assert_int_equal(hook_calls, 1);
    (void)LOS_MemAlloc(NULL, 8);
    (void)LOS_MemAlloc(pool, 0);
    (void)LOS_MemAlloc(pool, 0x40000000u);
    assert_int_equal(hook_calls, 1);
    (void)LOS_MemAllocAlign(pool, 8, 64);
    assert_int_equal(hook_calls, 1);
    (void)LOS_MemAlloc(pool, 8);
    assert_int_equal(hook_calls, 2);
    block = LOS_MemRealloc(pool, block, 5000);
    assert_non_null(block);
    assert_int_equal(hook_calls, 2);
    (void)LOS_MemRealloc(pool, NULL, 8);
    assert_int_equal(hook_calls, 3);
}

/* Covers: LOSCFG_MEM_DEBUG */
static void exhaustion_is_reported_where_that_is_on(void **state)
{
    (void)state;
    tarn_liteos_settings settings = engine_settings();
    settings.exhaustion_report = TARN_LITEOS_ON;
    tarn_liteos_options(&settings);
    catch_output();
    VOID *block = LOS_MemAlloc(pool, 0x20001);
    const char *said = caught_output();
    assert_null(block);
    assert_memory_equal(said, "[ERR] -----", 11);
    assert_non_null(strstr(said, "pool addr          pool size "));
    assert_non_null(
        strstr(said, "[ERR] [LOS_MemAlloc] No suitable free block, require free node size: 0x20010\n[ERR] --"));
    block = LOS_MemAlloc(pool, 8);
    catch_output();
    assert_null(LOS_MemAllocAlign(pool, 0x20001, 64));
    assert_null(LOS_MemRealloc(pool, block, 0x20001));
    said = caught_output();
    assert_non_null(strstr(said, "[ERR] [LOS_MemAllocAlign] No suitable free block, "));
    assert_non_null(strstr(said, "[ERR] [LOS_MemRealloc] No suitable free block, "));
}

/* Refuses: LOS_MemFree | any refused pointer, with `refusal_report` switched on | LOS_NOK, message that says why */
/* Covers: LOSCFG_MEM_DEBUG */
static void a_refused_free_is_reported_where_that_is_on(void **state)
{
    (void)state;
    tarn_liteos_settings settings = engine_settings();
    settings.refusal_report = TARN_LITEOS_ON;
    tarn_liteos_options(&settings);
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    catch_output();
    UINT32 result = LOS_MemFree(pool, block + 8);
    const char *said = caught_output();
    assert_int_equal(result, LOS_NOK);
    assert_string_equal(said,
                        expected("[ERR] LOS_MemFree: 0x%lx in pool 0x%lx: %s\n", (unsigned long)(UINTPTR)(block + 8),
                                 (unsigned long)(UINTPTR)pool, tarn_status_text(TARN_E_NOT_A_BLOCK)));
    catch_output();
    result = LOS_MemFree(pool, block);
    said = caught_output();
    assert_int_equal(result, LOS_OK);
    assert_string_equal(said, "");
}

/*
 * Refuses: LOS_MemAlloc | damaged pool, with the check at each allocation switched on | NULL, report
 * Refuses: LOS_MemAllocAlign | damaged pool, with the check at each allocation switched on | NULL, report
 */
static void alloc_refuses_a_damaged_pool_where_that_is_on(void **state)
{
    (void)state;
    check_each_alloc();
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    assert_non_null(block);
    assert_non_null(LOS_MemAlloc(pool, 64));
    memset(block + 64, 0xFF, 8); /* the next header */
    catch_output();
    VOID *plain = LOS_MemAlloc(pool, 8);
    const char *said = caught_output();
    assert_null(plain);
    assert_memory_equal(said, "[ERR] [LOS_MemAlloc], ", 22);
    assert_non_null(strstr(said, "memory check error!\n"));
    catch_output();
    VOID *aligned = LOS_MemAllocAlign(pool, 8, 32);
    said = caught_output();
    assert_null(aligned);
    assert_memory_equal(said, "[ERR] [LOS_MemAllocAlign], ", 27);
    assert_non_null(strstr(said, "memory check error!\n"));
}

/* ---- LOS_MemFree ---- */

/* Refuses: LOS_MemFree | pool NULL or ptr NULL | LOS_NOK */
static void free_refuses_null(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 8);
    assert_int_equal(LOS_MemFree(NULL, block), LOS_NOK);
    assert_int_equal(LOS_MemFree(pool, NULL), LOS_NOK);
    assert_int_equal(LOS_MemFree(NULL, NULL), LOS_NOK);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
}

/* Refuses: LOS_MemFree | pool or ptr not aligned | LOS_NOK */
static void free_refuses_misaligned(void **state)
{
    (void)state;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    UINT32 used = LOS_MemTotalUsedGet(pool);
    for (UINT32 i = 1; i < 8; i++) {
        assert_int_equal(LOS_MemFree(pool, block + i), LOS_NOK);
        assert_int_equal(LOS_MemFree((UINT8 *)pool + i, block), LOS_NOK);
        assert_int_equal(LOS_MemFree((UINT8 *)pool - i, block), LOS_NOK); /* rounds up to the same image */
        assert_int_equal(LOS_MemDeInit((UINT8 *)pool - i), LOS_NOK);
    }
    assert_int_equal(LOS_MemTotalUsedGet(pool), used);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
}

/* Refuses: LOS_MemFree | block freed already | LOS_NOK, pool unharmed */
static void free_refuses_double(void **state)
{
    (void)state;
    VOID *blocks[8];
    for (UINT32 i = 0; i < 8; i++) {
        blocks[i] = LOS_MemAlloc(pool, 40);
    }
    for (UINT32 i = 0; i < 8; i += 2) {
        assert_int_equal(LOS_MemFree(pool, blocks[i]), LOS_OK);
        assert_int_equal(LOS_MemFree(pool, blocks[i]), LOS_NOK);
    }
    for (UINT32 i = 1; i < 8; i += 2) {
        assert_int_equal(LOS_MemFree(pool, blocks[i]), LOS_OK);
        assert_int_equal(LOS_MemFree(pool, blocks[i]), LOS_NOK);
        assert_int_equal(LOS_MemFree(pool, blocks[i - 1]), LOS_NOK);
    }
    assert_whole(pool);
}

/* Refuses: LOS_MemFree | address inside a block, whatever stands before it | LOS_NOK */
static void free_refuses_interior(void **state)
{
    (void)state;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 0x1000);
    static const int contents[] = {0x00, 0xFF, 0x40, 0x80, 0xC0}; /* 0x40 and up look like the original's gap words */
    for (size_t c = 0; c < sizeof contents / sizeof contents[0]; c++) {
        memset(block, contents[c], 0x1000);
        for (UINT32 i = 8; i < 0x1000; i += 8) {
            assert_int_equal(LOS_MemFree(pool, block + i), LOS_NOK);
        }
    }
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_whole(pool);
}

/* Refuses: LOS_MemFree | address outside the pool, of another pool, on the stack | LOS_NOK; bestfit_little says so */
static void free_refuses_foreign(void **state)
{
    (void)state;
    UINT64 local[8] = {0};
    VOID *other = arena + 2 * POOL_BYTES;
    assert_int_equal(LOS_MemInit(other, 0x1000), LOS_OK);
    VOID *block = LOS_MemAlloc(other, 64);
    VOID *const foreign[] = {block, &local[4], (UINT8 *)pool + POOL_BYTES, (VOID *)8};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        const char *message = expected("[ERR] 0x%lx out of range!\n", (unsigned long)(UINTPTR)foreign[i]);
        catch_output();
        UINT32 result = LOS_MemFree(pool, foreign[i]);
        const char *said = caught_output();
        assert_int_equal(result, LOS_NOK);
        assert_string_equal(said, test_engine == TARN_ENGINE_LINEAR ? message : "");
    }
    assert_int_equal(LOS_MemFree(other, block), LOS_OK);
    assert_whole(pool);
    assert_whole(other);
}

/* Refuses: LOS_MemFree | block of a nested pool given to the outer one, and the reverse | LOS_NOK */
static void free_refuses_blocks_of_a_nested_pool(void **state)
{
    (void)state;
    VOID *inner = LOS_MemAlloc(pool, 0x4000);
    assert_int_equal(LOS_MemInit(inner, 0x4000), LOS_OK);
    UINT32 refused = 0;
    for (UINT32 size = 8; size < 200; size += 8) {
        VOID *block = LOS_MemAlloc(inner, size);
        assert_non_null(block);
        assert_int_equal(LOS_MemFree(pool, block), LOS_NOK);
        refused++;
    }
    assert_int_equal(LOS_MemFree(inner, inner), LOS_NOK);
    printf("  %u blocks of a nested pool refused by the outer one\n", refused);
    assert_int_equal(LOS_MemIntegrityCheck(inner), LOS_OK);
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
}

/* Refuses: LOS_MemFree | block whose header was overwritten | LOS_NOK */
static void free_refuses_an_overwritten_header(void **state)
{
    (void)state;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    memset(block - 4, 0xFF, 4);
    assert_int_equal(LOS_MemFree(pool, block), LOS_NOK);
    memset(block - 4, 0, 4);
    assert_int_equal(LOS_MemFree(pool, block), LOS_NOK);
}

static void free_takes_the_blocks_of_every_allocating_function(void **state)
{
    (void)state;
    VOID *plain = LOS_MemAlloc(pool, 100);
    VOID *aligned = LOS_MemAllocAlign(pool, 100, 256);
    VOID *moved = LOS_MemRealloc(pool, LOS_MemAlloc(pool, 8), 4000);
    assert_int_equal(LOS_MemFree(pool, plain), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, moved), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, aligned), LOS_OK);
    assert_whole(pool);
}

static void free_merges_at_once(void **state)
{
    (void)state;
    VOID *blocks[3];
    for (UINT32 i = 0; i < 3; i++) {
        blocks[i] = LOS_MemAlloc(pool, 40);
    }
    assert_int_equal(LOS_MemFreeBlksGet(pool), 1);
    assert_int_equal(LOS_MemFree(pool, blocks[0]), LOS_OK);
    assert_int_equal(LOS_MemFreeBlksGet(pool), 2);
    assert_int_equal(LOS_MemFree(pool, blocks[1]), LOS_OK);
    assert_int_equal(LOS_MemFreeBlksGet(pool), 2);
    assert_int_equal(LOS_MemFree(pool, blocks[2]), LOS_OK);
    assert_int_equal(LOS_MemFreeBlksGet(pool), 1);
    assert_whole(pool);
}

/* ---- LOS_MemAllocAlign ---- */

static void alloc_align_takes_every_power_of_two(void **state)
{
    (void)state;
    UINT32 boundaries = 0;
    for (UINT32 boundary = 1; boundary <= 0x4000; boundary *= 2) {
        VOID *shift = LOS_MemAlloc(pool, 40);
        VOID *block = LOS_MemAllocAlign(pool, 100, boundary);
        assert_non_null(block);
        assert_int_equal((UINTPTR)block % boundary, 0);
        assert_int_equal((UINTPTR)block % 8, 0);
        memset(block, 0xEE, 100);
        assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
        assert_int_equal(LOS_MemFree(pool, shift), LOS_OK);
        assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
        boundaries++;
    }
    printf("  %u boundaries\n", boundaries);
    assert_whole(pool);
}

/* Refuses: LOS_MemAllocAlign | pool NULL | NULL */
static void alloc_align_refuses_null(void **state)
{
    (void)state;
    assert_null(LOS_MemAllocAlign(NULL, 8, 8));
}

/* Refuses: LOS_MemAllocAlign | size 0 | NULL */
static void alloc_align_refuses_zero(void **state)
{
    (void)state;
    assert_null(LOS_MemAllocAlign(pool, 0, 8));
    assert_whole(pool);
}

/* Refuses: LOS_MemAllocAlign | boundary 0 or no power of two | NULL */
static void alloc_align_refuses_odd_boundaries(void **state)
{
    (void)state;
    static const UINT32 boundaries[] = {0, 3, 5, 6, 7, 12, 24, 100, 0x1001, 0xFFFFFFFFu};
    for (size_t i = 0; i < sizeof boundaries / sizeof boundaries[0]; i++) {
        assert_null(LOS_MemAllocAlign(pool, 8, boundaries[i]));
    }
    assert_whole(pool);
}

/* Refuses: LOS_MemAllocAlign | size plus boundary overflows or reaches 0x40000000 | NULL */
static void alloc_align_refuses_overflow(void **state)
{
    (void)state;
    catch_output();
    VOID *blocks[] = {LOS_MemAllocAlign(pool, 0xFFFFFFF0u, 16), LOS_MemAllocAlign(pool, 0x40000000u, 8),
                      LOS_MemAllocAlign(pool, 0x3FFFFFF8u, 8), LOS_MemAllocAlign(pool, 8, 0x40000000u),
                      LOS_MemAllocAlign(pool, 8, 0x80000000u)};
    const char *said = caught_output();
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        assert_null(blocks[i]);
    }
    assert_string_equal(said, "");
    assert_whole(pool);
}

/* Refuses: LOS_MemAllocAlign | no room | NULL; bestfit_little says how much was asked for */
static void alloc_align_refuses_what_does_not_fit(void **state)
{
    (void)state;
    catch_output();
    VOID *block = LOS_MemAllocAlign(pool, POOL_BYTES, 16);
    const char *said = caught_output();
    assert_null(block);
    assert_string_equal(said, no_room_message(POOL_BYTES));
    assert_whole(pool);
}

/* The gap before the block is free space, not part of it. */
static void alloc_align_wastes_no_gap(void **state)
{
    (void)state;
    UINT32 used = LOS_MemTotalUsedGet(pool);
    VOID *block = LOS_MemAllocAlign(pool, 104, 1024);
    assert_int_equal(LOS_MemTotalUsedGet(pool) - used, 104 + H);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_whole(pool);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(alloc_costs_the_rounded_size_and_one_header),
        TEST(alloc_refuses_null),
        TEST(alloc_refuses_zero),
        TEST(alloc_refuses_sizes_with_a_flag_bit),
        TEST(alloc_refuses_what_does_not_fit),
        TEST(alloc_refuses_what_is_no_pool),
        TEST(the_hook_runs_once_per_alloc_with_valid_arguments),
        TEST(exhaustion_is_reported_where_that_is_on),
        TEST(a_refused_free_is_reported_where_that_is_on),
        TEST(alloc_refuses_a_damaged_pool_where_that_is_on),
        TEST(free_refuses_null),
        TEST(free_refuses_misaligned),
        TEST(free_refuses_double),
        TEST(free_refuses_interior),
        TEST(free_refuses_foreign),
        TEST(free_refuses_blocks_of_a_nested_pool),
        TEST(free_refuses_an_overwritten_header),
        TEST(free_takes_the_blocks_of_every_allocating_function),
        TEST(free_merges_at_once),
        TEST(alloc_align_takes_every_power_of_two),
        TEST(alloc_align_refuses_null),
        TEST(alloc_align_refuses_zero),
        TEST(alloc_align_refuses_odd_boundaries),
        TEST(alloc_align_refuses_overflow),
        TEST(alloc_align_refuses_what_does_not_fit),
        TEST(alloc_align_wastes_no_gap),
    };
    return run_per_engine("liteos_memory", tests, sizeof tests / sizeof tests[0]);
}
