/* SPDX-License-Identifier: MIT */
/* Integrity, node sizes and check levels, bytes per module and task, the slab's table, and the kernel-private names. */
#include "test_liteos.h"

#include "los_memory_pri.h"
#include "los_memstat_pri.h"
#include "los_slab.h"

#define POOL_BYTES 0x10000u

static VOID *pool;

static int fresh_pool(void **state)
{
    (void)fresh_start(state);
    catch_output();
    (void)LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_DISABLE);
    caught_output();
    memset(arena, 0, sizeof arena);
    pool = make_pool(POOL_BYTES);
    return 0;
}

#undef TEST
#define TEST(function) cmocka_unit_test_setup(function, fresh_pool)

/* ---- LOS_MemIntegrityCheck ---- */

/*
 * Refuses: LOS_MemIntegrityCheck | pool NULL | LOS_NOK
 * Refuses: LOS_MemIntegrityCheck | address that is no pool | LOS_NOK
 */
/* Covers: LOS_MemIntegrityCheck */
static void integrity_refuses_what_is_no_pool(void **state)
{
    (void)state;
    assert_int_equal(LOS_MemIntegrityCheck(NULL), LOS_NOK);
    assert_int_equal(LOS_MemIntegrityCheck(arena + POOL_BYTES + 4096), LOS_NOK);
    assert_int_equal(LOS_MemlntegrityCheck(pool), LOS_OK);
}

/* Every byte of two neighbouring headers and of a free node's links in turn. */
/* Refuses: LOS_MemIntegrityCheck | node header, free node's size tag or links overwritten | LOS_NOK, report */
/* Covers: LOS_MemIntegrityCheck */
static void integrity_finds_overwritten_metadata(void **state)
{
    (void)state;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    UINT8 *freed = (UINT8 *)LOS_MemAlloc(pool, 64);
    UINT8 *behind = (UINT8 *)LOS_MemAlloc(pool, 64);
    assert_int_equal(LOS_MemFree(pool, freed), LOS_OK);
    UINT8 *const words[] = {block - 4, freed - 4, behind - H - 4, behind - 4};
    UINT32 found = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        for (UINT32 byte = 0; byte < 4; byte++) {
            words[i][byte] ^= 0xFF;
            catch_output();
            UINT32 result = LOS_MemIntegrityCheck(pool);
            const char *said = caught_output();
            words[i][byte] ^= 0xFF;
            assert_int_equal(result, LOS_NOK);
            assert_memory_equal(said, "[ERR] [LOS_MemIntegrityCheck], ", 31);
            assert_non_null(strstr(said, ", memory check error!\nrule "));
            assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
            found++;
        }
    }
    printf("  %u overwritten bytes found\n", found);
}

/* Covers: LOS_MemIntegrityCheck */
static void integrity_names_the_owner_of_the_left_neighbour(void **state)
{
    (void)state;
    char text[96];
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    assert_non_null(LOS_MemAlloc(pool, 64));
    assert_int_equal(tarn_owner_set((tarn_pool *)pool, block, TARN_OWNER(0, 0x2A)), TARN_OK);
    memset(block + 64, 0x55, 8); /* an overflow into the next header */
    (void)snprintf(text, sizeof text, ", pre node: 0x%lx allocated by task 0x2a\n", (unsigned long)(UINTPTR)block);
    catch_output();
    UINT32 result = LOS_MemIntegrityCheck(pool);
    const char *said = caught_output();
    assert_int_equal(result, LOS_NOK);
    assert_non_null(strstr(said, text));
}

/* ---- LOS_MemNodeSizeCheck and levels ---- */

static void set_level(UINT8 level)
{
    catch_output();
    UINT32 result = LOS_MemCheckLevelSet(level);
    caught_output();
    assert_int_equal(result, LOS_OK);
    assert_int_equal(LOS_MemCheckLevelGet(), level);
}

static void assert_size_check_fails(VOID *any, VOID *ptr, UINT32 error)
{
    UINT32 total = 0xABCD;
    UINT32 available = 0xBCDE;
    assert_int_equal(LOS_MemNodeSizeCheck(any, ptr, &total, &available), error);
    assert_int_equal(total, 0xABCD);
    assert_int_equal(available, 0xBCDE);
}

static void assert_size_check(VOID *ptr, UINT32 total_wanted, UINT32 available_wanted)
{
    UINT32 total = 0;
    UINT32 available = 0;
    assert_int_equal(LOS_MemNodeSizeCheck(pool, ptr, &total, &available), LOS_OK);
    assert_int_equal(total, total_wanted);
    assert_int_equal(available, available_wanted);
}

/* Covers: LOS_MemNodeSizeCheck */
static void error_numbers_are_the_guides(void **state)
{
    (void)state;
    assert_int_equal(LOS_ERRNO_MEMCHECK_PARA_NULL, 0x02000101);
    assert_int_equal(LOS_ERRNO_MEMCHECK_OUTSIDE, 0x02000102);
    assert_int_equal(LOS_ERRNO_MEMCHECK_NO_HEAD, 0x02000103);
    assert_int_equal(LOS_ERRNO_MEMCHECK_WRONG_LEVEL, 0x02000104);
    assert_int_equal(LOS_ERRNO_MEMCHECK_DISABLED, 0x02000105);
    assert_int_equal(LOS_MEM_CHECK_LEVEL_DEFAULT, 0xff);
}

/* Refuses: LOS_MemNodeSizeCheck | level DISABLE, tested before the arguments | LOS_ERRNO_MEMCHECK_DISABLED */
/* Covers: LOS_MemNodeSizeCheck */
static void size_check_refuses_while_disabled(void **state)
{
    (void)state;
    UINT32 size;
    assert_int_equal(LOS_MemCheckLevelGet(), LOS_MEM_CHECK_LEVEL_DISABLE);
    assert_size_check_fails(pool, LOS_MemAlloc(pool, 8), LOS_ERRNO_MEMCHECK_DISABLED);
    assert_int_equal(LOS_MemNodeSizeCheck(NULL, NULL, &size, NULL), LOS_ERRNO_MEMCHECK_DISABLED);
}

/* Refuses: LOS_MemNodeSizeCheck | any of the four pointers NULL | LOS_ERRNO_MEMCHECK_PARA_NULL */
/* Covers: LOS_MemNodeSizeCheck */
static void size_check_refuses_null(void **state)
{
    (void)state;
    UINT32 size = 7;
    VOID *block = LOS_MemAlloc(pool, 8);
    set_level(LOS_MEM_CHECK_LEVEL_LOW);
    assert_size_check_fails(NULL, block, LOS_ERRNO_MEMCHECK_PARA_NULL);
    assert_size_check_fails(pool, NULL, LOS_ERRNO_MEMCHECK_PARA_NULL);
    assert_int_equal(LOS_MemNodeSizeCheck(pool, block, NULL, &size), LOS_ERRNO_MEMCHECK_PARA_NULL);
    assert_int_equal(LOS_MemNodeSizeCheck(pool, block, &size, NULL), LOS_ERRNO_MEMCHECK_PARA_NULL);
    assert_int_equal(size, 7);
}

/* Refuses: LOS_MemNodeSizeCheck | ptr not in the pool, or that no pool | LOS_ERRNO_MEMCHECK_OUTSIDE */
/* Covers: LOS_MemNodeSizeCheck */
static void size_check_refuses_outside(void **state)
{
    (void)state;
    static const UINT8 levels[] = {LOS_MEM_CHECK_LEVEL_LOW, LOS_MEM_CHECK_LEVEL_HIGH};
    for (size_t i = 0; i < sizeof levels; i++) {
        int local = 0;
        set_level(levels[i]);
        assert_size_check_fails(pool, &local, LOS_ERRNO_MEMCHECK_OUTSIDE);
        assert_size_check_fails(pool, arena + POOL_BYTES, LOS_ERRNO_MEMCHECK_OUTSIDE);
        assert_size_check_fails(arena + POOL_BYTES + 4096, arena + POOL_BYTES + 4200, LOS_ERRNO_MEMCHECK_OUTSIDE);
    }
}

/* Refuses: LOS_MemNodeSizeCheck | level LOW: ptr inside a block, misaligned, freed, control data | …_NO_HEAD */
/* Covers: LOS_MemNodeSizeCheck */
static void level_low_takes_block_starts_only(void **state)
{
    (void)state;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 100);
    UINT8 *freed = (UINT8 *)LOS_MemAlloc(pool, 100);
    UINT8 *aligned = (UINT8 *)LOS_MemAllocAlign(pool, 100, 1024);
    assert_int_equal(LOS_MemFree(pool, freed), LOS_OK);
    set_level(LOS_MEM_CHECK_LEVEL_LOW);
    assert_size_check(block, 104, 104);
    assert_size_check(aligned, 104, 104);
    assert_size_check_fails(pool, block + 16, LOS_ERRNO_MEMCHECK_NO_HEAD);
    assert_size_check_fails(pool, block + 1, LOS_ERRNO_MEMCHECK_NO_HEAD);
    assert_size_check_fails(pool, freed, LOS_ERRNO_MEMCHECK_NO_HEAD);
    assert_size_check_fails(pool, arena + 8, LOS_ERRNO_MEMCHECK_NO_HEAD);
}

/* Refuses: LOS_MemNodeSizeCheck | level HIGH: ptr in a free node, a header, control data | …_NO_HEAD */
/* Covers: LOS_MemNodeSizeCheck */
static void level_high_takes_any_address_in_a_block(void **state)
{
    (void)state;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 100);
    UINT8 *freed = (UINT8 *)LOS_MemAlloc(pool, 100);
    UINT8 *behind = (UINT8 *)LOS_MemAlloc(pool, 100);
    assert_int_equal(LOS_MemFree(pool, freed), LOS_OK);
    set_level(LOS_MEM_CHECK_LEVEL_HIGH);
    for (UINT32 i = 0; i < 104; i++) {
        assert_size_check(block + i, 104, 104 - i);
    }
    for (UINT32 i = 0; i < 104 + H; i++) {
        assert_size_check_fails(pool, freed + i, LOS_ERRNO_MEMCHECK_NO_HEAD);
    }
    assert_size_check_fails(pool, behind - 1, LOS_ERRNO_MEMCHECK_NO_HEAD);
    assert_size_check_fails(pool, arena + POOL_BYTES / 2, LOS_ERRNO_MEMCHECK_NO_HEAD);
    assert_size_check_fails(pool, arena + 8, LOS_ERRNO_MEMCHECK_NO_HEAD);
}

static void assert_level(UINT8 level, UINT32 answer, UINT8 level_after, const char *text)
{
    catch_output();
    UINT32 result = LOS_MemCheckLevelSet(level);
    const char *said = caught_output();
    assert_int_equal(result, answer);
    assert_string_equal(said, text);
    assert_int_equal(LOS_MemCheckLevelGet(), level_after);
}

/* Refuses: LOS_MemCheckLevelSet | other than 0, 1, 0xff | LOS_ERRNO_MEMCHECK_WRONG_LEVEL, message, level unchanged */
/* Covers: LOS_MemCheckLevelSet LOS_MemCheckLevelGet */
static void levels_are_named_and_others_refused(void **state)
{
    (void)state;
    static const char wrong[] = "LOS_MemCheckLevelSet: wrong param, setting failed !! \n";
    assert_level(0, LOS_OK, 0, "LOS_MemCheckLevelSet: LOS_MEM_CHECK_LEVEL_LOW \n");
    assert_level(2, LOS_ERRNO_MEMCHECK_WRONG_LEVEL, 0, wrong);
    assert_level(1, LOS_OK, 1, "LOS_MemCheckLevelSet: LOS_MEM_CHECK_LEVEL_HIGH \n");
    assert_level(0xfe, LOS_ERRNO_MEMCHECK_WRONG_LEVEL, 1, wrong);
    assert_level(0xff, LOS_OK, 0xff, "LOS_MemCheckLevelSet: LOS_MEM_CHECK_LEVEL_DISABLE \n");
}

/* ---- modules ---- */

/* Covers: LOS_MemMalloc LOS_MemMallocAlign LOS_MemMfree LOS_MemMrealloc LOS_MemMusedGet */
static void modules_count_whole_nodes(void **state)
{
    (void)state;
    UINT32 before = LOS_MemMusedGet(3);
    VOID *block = LOS_MemMalloc(pool, 0x10, 3);
    assert_int_equal(LOS_MemMusedGet(3) - before, 0x10 + H);
    VOID *aligned = LOS_MemMallocAlign(pool, 100, 256, 3);
    assert_int_equal((UINTPTR)aligned % 256, 0);
    assert_int_equal(LOS_MemMusedGet(3) - before, 0x10 + H + 104 + H);
    block = LOS_MemMrealloc(pool, block, 0x100, 3);
    assert_int_equal(LOS_MemMusedGet(3) - before, 0x100 + H + 104 + H);
    assert_int_equal(LOS_MemMfree(pool, aligned, 3), LOS_OK);
    assert_int_equal(LOS_MemMfree(pool, block, 3), LOS_OK);
    assert_int_equal(LOS_MemMusedGet(3), before);
    assert_whole(pool);
}

/* Covers: LOS_MemMusedGet LOS_MemMrealloc */
static void every_module_id_up_to_the_maximum_counts(void **state)
{
    (void)state;
    for (UINT32 id = 0; id <= MEM_MODULE_MAX; id++) {
        UINT32 before = LOS_MemMusedGet(id);
        VOID *block = LOS_MemMrealloc(pool, NULL, 24, id);
        assert_int_equal(LOS_MemMusedGet(id) - before, 24 + H);
        assert_null(LOS_MemMrealloc(pool, block, 0, id));
        assert_int_equal(LOS_MemMusedGet(id), before);
    }
    assert_whole(pool);
}

#define BAD_ID "[ERR] error module ID input!\n"

/*
 * Refuses: LOS_MemMalloc | module id above 0x20 | NULL, message
 * Refuses: LOS_MemMallocAlign | module id above 0x20 | NULL, message
 * Refuses: LOS_MemMfree | module id above 0x20 | LOS_NOK, message, block kept
 * Refuses: LOS_MemMrealloc | module id above 0x20 | NULL, message, block kept
 * Refuses: LOS_MemMusedGet | module id above 0x20 | OS_NULL_INT, message
 */
/* Covers: LOS_MemMalloc LOS_MemMallocAlign LOS_MemMfree LOS_MemMrealloc LOS_MemMusedGet */
static void modules_refuse_bad_ids(void **state)
{
    (void)state;
    VOID *block = LOS_MemMalloc(pool, 8, 1);
    catch_output();
    VOID *plain = LOS_MemMalloc(pool, 8, MEM_MODULE_MAX + 1);
    VOID *aligned = LOS_MemMallocAlign(pool, 8, 8, 0xFFFFFFFFu);
    UINT32 freed = LOS_MemMfree(pool, block, 0x21);
    VOID *moved = LOS_MemMrealloc(pool, block, 100, 0x21);
    UINT32 used = LOS_MemMusedGet(0x21);
    const char *said = caught_output();
    assert_null(plain);
    assert_null(aligned);
    assert_int_equal(freed, LOS_NOK);
    assert_null(moved);
    assert_int_equal(used, OS_NULL_INT);
    assert_string_equal(said, BAD_ID BAD_ID BAD_ID BAD_ID BAD_ID);
    assert_int_equal(LOS_MemMfree(pool, block, 1), LOS_OK);
}

/*
 * Refuses: LOS_MemMalloc | as LOS_MemAlloc: pool NULL, size 0, no room | NULL, nothing counted
 * Refuses: LOS_MemMallocAlign | as LOS_MemAllocAlign: bad boundary | NULL, nothing counted
 * Refuses: LOS_MemMfree | pool or ptr NULL, freed already, interior | LOS_NOK, nothing counted
 * Refuses: LOS_MemMrealloc | pool NULL, no block, size with a flag bit | NULL, nothing counted
 */
/* Covers: LOS_MemMalloc LOS_MemMallocAlign LOS_MemMfree LOS_MemMrealloc */
static void modules_refuse_what_the_plain_functions_refuse(void **state)
{
    (void)state;
    VOID *freed = LOS_MemMalloc(pool, 8, 5);
    UINT8 *block = (UINT8 *)LOS_MemMalloc(pool, 64, 5);
    assert_int_equal(LOS_MemMfree(pool, freed, 5), LOS_OK);
    UINT32 used = LOS_MemMusedGet(5);
    catch_output();
    assert_null(LOS_MemMalloc(NULL, 8, 5));
    assert_null(LOS_MemMalloc(pool, 0, 5));
    assert_null(LOS_MemMalloc(pool, POOL_BYTES, 5));
    assert_null(LOS_MemMallocAlign(pool, 8, 3, 5));
    assert_int_equal(LOS_MemMfree(NULL, block, 5), LOS_NOK);
    assert_int_equal(LOS_MemMfree(pool, NULL, 5), LOS_NOK);
    assert_int_equal(LOS_MemMfree(pool, freed, 5), LOS_NOK);
    assert_int_equal(LOS_MemMfree(pool, block + 8, 5), LOS_NOK);
    assert_null(LOS_MemMrealloc(NULL, block, 8, 5));
    assert_null(LOS_MemMrealloc(pool, freed, 8, 5));
    assert_null(LOS_MemMrealloc(pool, block, 0x40000000u, 5));
    assert_null(LOS_MemMrealloc(pool, block, POOL_BYTES, 5));
    caught_output();
    assert_int_equal(LOS_MemMusedGet(5), used);
    assert_int_equal(LOS_MemMfree(pool, block, 5), LOS_OK);
}

/* Covers: LOS_MemMfree */
static void a_free_by_another_module_credits_the_holder(void **state)
{
    (void)state;
    VOID *block = LOS_MemMalloc(pool, 64, 6);
    UINT32 task = LOS_MemTaskIdGet(block);
    UINT32 of_6 = LOS_MemMusedGet(6);
    UINT32 of_7 = LOS_MemMusedGet(7);
    catch_output();
    UINT32 result = LOS_MemMfree(pool, block, 7);
    const char *said = caught_output();
    assert_int_equal(result, LOS_OK);
    assert_string_equal(said,
                        expected("[ERR] node[0x%lx] alloced in module 6, but free in module 7\n node's taskId: 0x%x\n",
                                 (unsigned long)(UINTPTR)block, task));
    assert_int_equal(LOS_MemMusedGet(6), of_6 - 64 - H);
    assert_int_equal(LOS_MemMusedGet(7), of_7);
}

/* Covers: LOS_MemMrealloc */
static void a_realloc_by_another_module_takes_the_block_over(void **state)
{
    (void)state;
    VOID *block = LOS_MemMalloc(pool, 64, 8);
    (void)LOS_MemAlloc(pool, 8);
    UINT32 task = LOS_MemTaskIdGet(block);
    UINT32 of_8 = LOS_MemMusedGet(8);
    UINT32 of_9 = LOS_MemMusedGet(9);
    catch_output();
    VOID *moved = LOS_MemMrealloc(pool, block, 1000, 9);
    const char *said = caught_output();
    assert_non_null(moved);
    assert_string_equal(
        said, expected("[ERR] a node[0x%lx] alloced in module 8, but realloc in module 9\n node's taskId: %u\n",
                       (unsigned long)(UINTPTR)block, task));
    assert_int_equal(LOS_MemMusedGet(8), of_8 - 64 - H);
    assert_int_equal(LOS_MemMusedGet(9), of_9 + 1000 + H);
    assert_int_equal(LOS_MemTaskIdGet(moved), task);
    assert_int_equal(LOS_MemMfree(pool, moved, 9), LOS_OK);
    assert_int_equal(LOS_MemMusedGet(9), of_9);
}

/* As documented; and the count does not fall below zero when an M function frees what another one allocated. */
static void a_plain_free_leaves_the_count(void **state)
{
    (void)state;
    VOID *block = LOS_MemMalloc(pool, 64, 10);
    UINT32 used = LOS_MemMusedGet(10);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_int_equal(LOS_MemMusedGet(10), used);
    UINT32 of_0 = LOS_MemMusedGet(0);
    assert_int_equal(of_0, 0);
    assert_int_equal(LOS_MemMfree(pool, LOS_MemAlloc(pool, 64), 0), LOS_OK);
    assert_int_equal(LOS_MemMusedGet(0), 0);
}

/* ---- tasks ---- */

/* Covers: OsMemTaskUsage OsMemTaskClear */
static void tasks_use_what_their_blocks_hold(void **state)
{
    (void)state;
    UINT32 before = OsMemTaskUsage(33);
    VOID *blocks[3];
    for (UINT32 i = 0; i < 3; i++) {
        blocks[i] = LOS_MemAlloc(pool, 64);
        assert_int_equal(tarn_owner_set((tarn_pool *)pool, blocks[i], TARN_OWNER(0, i == 2 ? 0xFFFFF : 33)), TARN_OK);
    }
    assert_int_equal(OsMemTaskUsage(33) - before, 2 * (64 + H));
    assert_int_equal(OS_MEM_USAGE(64), OsMemTaskUsage(1000));
    UINT32 of_none = OsMemTaskUsage(64);
    assert_true(of_none >= 64 + H);
    catch_output();
    OS_MEM_CLEAR(33);
    OsMemTaskClear(33);
    OsMemTaskClear(64);
    const char *said = caught_output();
    assert_string_equal(said, "mem used of task '33' is:0x90, not zero when task being deleted\n");
    assert_int_equal(OsMemTaskUsage(33), 0);
    assert_int_equal(OsMemTaskUsage(64) - of_none, 2 * (64 + H));
}

/* ---- slab ---- */

/* Refuses: LOS_SlabSizeCfg | cfg NULL or cnt not 4 | message, nothing changes */
/* Covers: LOS_SlabSizeCfg */
static void slab_sizes_refuse_other_tables(void **state)
{
    (void)state;
    UINT32 table[SLAB_MEM_COUNT] = {512, 1024, 512, 100};
    catch_output();
    LOS_SlabSizeCfg(NULL, SLAB_MEM_COUNT);
    LOS_SlabSizeCfg(table, 3);
    LOS_SlabSizeCfg(table, SLAB_MEM_COUNT);
    const char *said = caught_output();
    assert_string_equal(said, "[ERR] cfg is NULL, or cnt 4 != SLAB_MEM_COUNT\n"
                              "[ERR] cfg is NULL, or cnt 3 != SLAB_MEM_COUNT\n");
}

/* ---- kernel-private names ---- */

/* Refuses: LOS_MemBadNodeShow | pool NULL | returns, prints nothing */
/* Covers: LOS_MemBadNodeShow */
static void bad_node_show_reports_and_finishes(void **state)
{
    (void)state;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    catch_output();
    LOS_MemBadNodeShow(NULL);
    LOS_MemBadNodeShow(pool);
    assert_string_equal(caught_output(), "check finish\n");
    memset(block - 4, 0, 4);
    catch_output();
    LOS_MemBadNodeShow(pool);
    const char *said = caught_output();
    assert_non_null(strstr(said, "memory check error!"));
    assert_non_null(strstr(said, "\ncheck finish\n"));
}

/* Covers: OsMemIntegrityMultiCheck */
static void the_multi_check_passes_the_system_pool(void **state)
{
    (void)state;
    catch_output();
    OsMemIntegrityMultiCheck();
    assert_string_equal(caught_output(), "system memcheck over, all passed!\n");
}

/* Refuses: OsMemUsedNodeShow | pool NULL or damaged | message */
/* Covers: OsMemUsedNodeShow */
static void used_nodes_are_shown_with_empty_call_sites(void **state)
{
    (void)state;
    int digits = (int)(2 * sizeof(VOID *));
    UINT8 *first = (UINT8 *)LOS_MemAlloc(pool, 8);
    VOID *freed = LOS_MemAlloc(pool, 8);
    UINT8 *second = (UINT8 *)LOS_MemAlloc(pool, 8);
    assert_int_equal(LOS_MemFree(pool, freed), LOS_OK);
    catch_output();
    OsMemUsedNodeShow(pool);
    const char *said = caught_output();
    const char *rows =
        expected("\n0x%0*lx:  0x%0*d  0x%0*d  0x%0*d \n0x%0*lx:  ", digits, (unsigned long)(UINTPTR)first, digits, 0,
                 digits, 0, digits, 0, digits, (unsigned long)(UINTPTR)second);
    assert_non_null(strstr(said, rows));
    assert_memory_equal(said, "node        ", 12);
    catch_output();
    OsMemUsedNodeShow(NULL);
    memset(first - 4, 0, 4);
    OsMemUsedNodeShow(pool);
    said = caught_output();
    assert_memory_equal(said, "input param is NULL\n[ERR] [LOS_MemIntegrityCheck], ", 51);
    assert_non_null(strstr(said, "\nLOS_MemIntegrityCheck error\n"));
}

/*
 * Refuses: OsMemSysNodeCheck | memset past the end of a block of the system pool | LOS_NOK, message
 * Refuses: OsMemSysNodeCheck | memcpy to or from past the end of such a block | LOS_NOK, message
 */
/* Covers: OsMemSysNodeCheck */
static void checked_copies_refuse_to_leave_their_block(void **state)
{
    (void)state;
    UINT8 local[16];
    UINT32 room = 0; /* the system pool is as configured, so its blocks may have a word more */
    UINT8 *block = (UINT8 *)LOS_MemAlloc(OS_SYS_MEM_ADDR, 64);
    assert_int_equal(OsMemSysNodeCheck(block, NULL, 4096, 0), LOS_OK);
    set_level(LOS_MEM_CHECK_LEVEL_HIGH);
    assert_int_equal(LOS_MemNodeSizeCheck(OS_SYS_MEM_ADDR, block, &room, &room), LOS_OK);
    assert_int_equal(OsMemSysNodeCheck(block, NULL, room, 0), LOS_OK);
    assert_int_equal(OsMemSysNodeCheck(block + 32, local, room - 32, 1), LOS_OK);
    assert_int_equal(OsMemSysNodeCheck(local, local, 4096, 1), LOS_OK);
    catch_output();
    UINT32 set = OsMemSysNodeCheck(block + 32, NULL, room - 31, 0);
    UINT32 to = OsMemSysNodeCheck(block, local, room + 1, 1);
    UINT32 from = OsMemSysNodeCheck(local, block + room - 4, 16, 1);
    const char *said = caught_output();
    assert_int_equal(set, LOS_NOK);
    assert_int_equal(to, LOS_NOK);
    assert_int_equal(from, LOS_NOK);
    static const char format[] = "[ERR] %s inode availSize is not enough availSize = 0x%x, %s length = 0x%x\n";
    assert_non_null(strstr(said, expected(format, "memset: dst", room - 32, "memset", room - 31)));
    assert_non_null(strstr(said, expected(format, "memcpy: dst", room, "memcpy", room + 1)));
    assert_non_null(strstr(said, expected(format, "memcpy: src", 4u, "memcpy", 16u)));
    assert_int_equal(LOS_MemFree(OS_SYS_MEM_ADDR, block), LOS_OK);
}

/* Refuses: OsMemSystemInit | system pool exists, or address 0 | LOS_NOK */
/* Covers: OsMemSystemInit */
static void the_system_pool_is_made_once(void **state)
{
    (void)state;
    UINT8 *base = m_aucSysMem1;
    assert_ptr_equal(OS_SYS_MEM_ADDR, m_aucSysMem1);
    assert_ptr_equal(m_aucSysMem0, m_aucSysMem1);
    assert_int_equal(OS_SYS_MEM_SIZE, LOS_MemPoolSizeGet(OS_SYS_MEM_ADDR));
    assert_int_equal(g_sys_mem_addr_end, (UINTPTR)base + OS_SYS_MEM_SIZE);
    assert_int_equal(OsMemSystemInit((UINTPTR)arena + 2 * POOL_BYTES), LOS_NOK);
    assert_int_equal(OsMemSystemInit(0), LOS_NOK);
    assert_ptr_equal(m_aucSysMem1, base);
}

/* Refuses: OsMemExcInteractionInit | as LOS_MemInit, and address 0 | LOS_NOK, m_aucSysMem0 unchanged */
/* Covers: OsMemExcInteractionInit OsMemIntegrityMultiCheck */
static void the_exc_pool_takes_m_aucSysMem0(void **state)
{
    (void)state;
    UINT8 *before = m_aucSysMem0;
    assert_int_equal(OsMemExcInteractionInit(0), LOS_NOK);
    assert_ptr_equal(m_aucSysMem0, before);
    assert_int_equal(g_excInteractMemSize, 0);
    g_excInteractMemSize = 0x2000;
    assert_int_equal(OsMemExcInteractionInit((UINTPTR)arena + 2 * POOL_BYTES + 1), LOS_OK);
    assert_ptr_equal(m_aucSysMem0, arena + 2 * POOL_BYTES + 64);
    assert_int_equal(LOS_MemPoolSizeGet(m_aucSysMem0), 0x2000);
    catch_output();
    OsMemIntegrityMultiCheck();
    assert_string_equal(caught_output(),
                        "system memcheck over, all passed!\nexc interaction memcheck over, all passed!\n");
    assert_int_equal(LOS_MemDeInit(m_aucSysMem0), LOS_OK);
    m_aucSysMem0 = before;
    g_excInteractMemSize = 0;
}

/* Shorter and longer than the line buffer, and in its place among printf's text. */
static void printk_prints_everything_in_order(void **state)
{
    (void)state;
    static char text[3001];
    for (size_t length = 500; length < sizeof text; length += 500) {
        memset(text, 'x', length);
        text[length] = '\0';
        catch_output();
        printf("before ");
        PRINTK("%s %u", text, 7u);
        printf(" after");
        const char *said = caught_output();
        assert_memory_equal(said, "before ", 7);
        assert_int_equal(strspn(said + 7, "x"), length);
        assert_string_equal(said + 7 + length, " 7 after");
    }
}

static void print_levels_are_those_of_liteos(void **state)
{
    (void)state;
    catch_output();
    PRINT_ERR("e%d\n", 1);
    PRINT_WARN("w%d\n", 2);
    PRINT_INFO("i%d\n", 3);
    PRINT_RELEASE("r%d\n", 4);
    assert_string_equal(caught_output(), "[ERR] e1\nr4\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(integrity_refuses_what_is_no_pool),
        TEST(integrity_finds_overwritten_metadata),
        TEST(integrity_names_the_owner_of_the_left_neighbour),
        TEST(error_numbers_are_the_guides),
        TEST(size_check_refuses_while_disabled),
        TEST(size_check_refuses_null),
        TEST(size_check_refuses_outside),
        TEST(level_low_takes_block_starts_only),
        TEST(level_high_takes_any_address_in_a_block),
        TEST(levels_are_named_and_others_refused),
        TEST(modules_count_whole_nodes),
        TEST(every_module_id_up_to_the_maximum_counts),
        TEST(modules_refuse_bad_ids),
        TEST(modules_refuse_what_the_plain_functions_refuse),
        TEST(a_free_by_another_module_credits_the_holder),
        TEST(a_realloc_by_another_module_takes_the_block_over),
        TEST(a_plain_free_leaves_the_count),
        TEST(tasks_use_what_their_blocks_hold),
        TEST(slab_sizes_refuse_other_tables),
        TEST(bad_node_show_reports_and_finishes),
        TEST(the_multi_check_passes_the_system_pool),
        TEST(used_nodes_are_shown_with_empty_call_sites),
        TEST(checked_copies_refuse_to_leave_their_block),
        TEST(the_system_pool_is_made_once),
        TEST(the_exc_pool_takes_m_aucSysMem0),
        TEST(printk_prints_everything_in_order),
        TEST(print_levels_are_those_of_liteos),
    };
    return run_per_engine("liteos_check", tests, sizeof tests / sizeof tests[0]);
}
