/* SPDX-License-Identifier: MIT */
/* Debugging aids of the LiteOS face: shell commands, the memory record, checked copies, the sanitizer's shadow, and
 * what OpenHarmony adds. */
#include "test_liteos.h"

#include "config.h"
#include "los_memory_pri.h"
#include "los_memrecord_pri.h"
#define TARN_LMS_KEEP_NAMES
#include "los_lms.h"
#include "tarn/liteos_checked.h"
#undef memset
#undef memcpy
#include "tarn/port.h"
#include "tarn/report.h"

#define POOL_BYTES 0x10000u
#define DIGITS ((int)(2 * sizeof(VOID *)))

static VOID *pool;
static tarn_report reported;
static UINT32 reports;

void tarn_port_report(const tarn_report *report)
{
    reported = *report;
    reports++;
}

static int fresh_pool(void **state)
{
    (void)fresh_start(state);
    memset(arena, 0, sizeof arena);
    pool = make_pool(POOL_BYTES);
    reports = 0;
    return 0;
}

static int end_pool(void **state)
{
    (void)state;
    OsMemRecordShowSet(0);
    LOS_LmsCheckPoolDel(pool);
    catch_output();
    (void)LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_DISABLE);
    caught_output();
    return 0;
}

#undef TEST
#define TEST(function) cmocka_unit_test_setup_teardown(function, fresh_pool, end_pool)

/* ---- shell ---- */

typedef UINT32 command(INT32 argc, const CHAR *argv[]);

static const char *said_by(command *run, INT32 argc, const CHAR *first, const CHAR *second, UINT32 answer)
{
    const CHAR *arguments[] = {first, second};
    catch_output();
    UINT32 result = run(argc, arguments);
    const char *said = caught_output();
    assert_int_equal(result, answer);
    return said;
}

/* Covers: memcheck */
static void memcheck_passes_the_system_pool(void **state)
{
    (void)state;
    assert_string_equal(said_by(OsShellCmdMemCheck, 0, NULL, NULL, LOS_OK), "system memcheck over, all passed!\n");
    assert_string_equal(said_by(OsShellCmdMemCheck, 1, "x", NULL, LOS_OS_ERROR), "\nUsage: memcheck\n");
}

/* Covers: memused */
static void memused_lists_the_system_pool(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(OS_SYS_MEM_ADDR, 32);
    const char *said = said_by(OsShellCmdMemUsed, 0, NULL, NULL, LOS_OK);
    assert_memory_equal(said, "node        ", 12);
    assert_non_null(strstr(said, expected("\n0x%0*lx:  0x", DIGITS, (unsigned long)(UINTPTR)block)));
    assert_string_equal(said_by(OsShellCmdMemUsed, 1, "x", NULL, LOS_OS_ERROR), "\nUsage: memused\n");
    assert_int_equal(LOS_MemFree(OS_SYS_MEM_ADDR, block), LOS_OK);
}

static void assert_free_row(const char *said, UINT32 unit)
{
    UINT32 total = LOS_MemPoolSizeGet(OS_SYS_MEM_ADDR);
    UINT32 used = LOS_MemTotalUsedGet(OS_SYS_MEM_ADDR);
    const char *rows = expected("\r\n        total        used          free\nMem:    %-9u    %-10u    %-10u\n",
                                total / unit, used / unit, (total - used) / unit);
    assert_memory_equal(said, rows, strlen(rows));
}

/* Covers: free */
static void free_tells_the_system_pool(void **state)
{
    (void)state;
    assert_free_row(said_by(OsShellCmdFree, 0, NULL, NULL, LOS_OK), 1);
    assert_free_row(said_by(OsShellCmdFree, 1, "-k", NULL, LOS_OK), 1024);
    assert_free_row(said_by(OsShellCmdFree, 1, "-m", NULL, LOS_OK), 1024 * 1024);
    static const char usage[] = "\nUsage: free or free [-k/-m]\n";
    assert_string_equal(said_by(OsShellCmdFree, 1, "-x", NULL, LOS_OS_ERROR), usage);
    assert_string_equal(said_by(OsShellCmdFree, 2, "-k", "-m", LOS_OS_ERROR), usage);
}

/* Covers: free */
static void free_tells_the_exc_pool_too(void **state)
{
    (void)state;
    UINT8 *before = m_aucSysMem0;
    g_excInteractMemSize = 0x2000;
    assert_int_equal(OsMemExcInteractionInit((UINTPTR)arena + 2 * POOL_BYTES), LOS_OK);
    const char *said = said_by(OsShellCmdFree, 0, NULL, NULL, LOS_OK);
    assert_non_null(strstr(said, "***** Mem:system mem      Mem1:exception interaction mem *****\n"));
    assert_non_null(strstr(said, expected("\nMem1:   %-9u    %-10u    %-10u\n", 0x2000u, H, 0x2000u - H)));
    said = said_by(OsShellCmdMemUsed, 0, NULL, NULL, LOS_OK);
    assert_non_null(strstr(said, "\n exc interaction memory\nnode    "));
    assert_int_equal(LOS_MemDeInit(m_aucSysMem0), LOS_OK);
    m_aucSysMem0 = before;
    g_excInteractMemSize = 0;
}

/* Covers: readreg */
static void readreg_dumps_what_lies_in_a_pool(void **state)
{
    (void)state;
    CHAR address[32];
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 32);
    for (UINT32 i = 0; i < 32; i++) {
        block[i] = (UINT8)(0xA0 + i);
    }
    (void)snprintf(address, sizeof address, "0x%lx", (unsigned long)(UINTPTR)block);
    assert_string_equal(said_by(OsShellCmdMemRead, 2, address, "18", LOS_OK),
                        expected("0x%0*lx : a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 aa ab ac ad ae af\n0x%0*lx : b0 b1\n", DIGITS,
                                 (unsigned long)(UINTPTR)block, DIGITS, (unsigned long)(UINTPTR)block + 16));
    assert_int_equal(strlen(said_by(OsShellCmdMemRead, 1, address, NULL, LOS_OK)), 2 + DIGITS + 2 + 16 * 3 + 1);
    static const char usage[] = "\nUsage: readreg [ADDRESS] [LENGTH]\n";
    assert_string_equal(said_by(OsShellCmdMemRead, 0, NULL, NULL, LOS_OS_ERROR), usage);
    static const CHAR *const numbers[] = {"0x", "12z", "", "0x1ffffffffffffffff", "08", "0x10", "-1"};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_string_equal(said_by(OsShellCmdMemRead, 1, numbers[i], NULL, LOS_OS_ERROR),
                            expected("readreg invalid address %s\n", numbers[i]));
    }
    assert_string_equal(said_by(OsShellCmdMemRead, 2, address, "1k", LOS_OS_ERROR), "readreg invalid length 1k\n");
    assert_string_equal(said_by(OsShellCmdMemRead, 2, address, "0xffffffff", LOS_OS_ERROR),
                        expected("readreg invalid address %s\n", address));
}

/* ---- OpenHarmony ---- */

/*
 * Covers: LOS_MemUsedNodeShow OsMemResetEndNode
 * Refuses: LOS_MemUsedNodeShow | pool NULL | message
 */
static void used_nodes_have_a_public_name(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 8);
    OsMemResetEndNode(pool, (UINTPTR)block);
    catch_output();
    LOS_MemUsedNodeShow(pool);
    assert_non_null(strstr(caught_output(), expected("\n0x%0*lx:  ", DIGITS, (unsigned long)(UINTPTR)block)));
    catch_output();
    LOS_MemUsedNodeShow(NULL);
    assert_string_equal(caught_output(), "input param is NULL\n");
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
}

/* Covers: LOS_MemFreeByTaskID */
static void a_tasks_blocks_are_freed_and_no_others(void **state)
{
    (void)state;
    VOID *kept[50];
    for (UINT32 i = 0; i < 100; i++) {
        VOID *block = i % 10 == 0 ? LOS_MemAllocAlign(pool, 24, 64) : LOS_MemAlloc(pool, 8 + i);
        assert_int_equal(tarn_owner_set((tarn_pool *)pool, block, TARN_OWNER(0, i % 2 == 0 ? 9 : 10)), TARN_OK);
        kept[i / 2] = i % 2 == 0 ? kept[i / 2] : block;
    }
    assert_int_equal(LOS_MemFreeByTaskID(pool, 9), LOS_OK);
    assert_int_equal(LOS_MemUsedBlksGet(pool), 1 + 50);
    assert_int_equal(LOS_MemFreeByTaskID(pool, 9), LOS_OK);
    assert_int_equal(LOS_MemUsedBlksGet(pool), 1 + 50);
    for (UINT32 i = 0; i < 50; i++) {
        assert_int_equal(LOS_MemFree(pool, kept[i]), LOS_OK);
    }
    assert_whole(pool);
}

/*
 * Covers: LOS_MemFreeByTaskID
 * Refuses: LOS_MemFreeByTaskID | pool NULL or no pool, task id from the limit on | OS_ERROR
 * Refuses: LOS_MemFreeByTaskID | pool without owner words, damaged pool | OS_ERROR
 */
static void a_tasks_blocks_are_not_freed_blindly(void **state)
{
    (void)state;
    assert_int_equal(LOS_MemFreeByTaskID(NULL, 1), LOS_OS_ERROR);
    assert_int_equal(LOS_MemFreeByTaskID(arena + 4 * POOL_BYTES, 1), LOS_OS_ERROR);
    assert_int_equal(LOS_MemFreeByTaskID(pool, 64), LOS_OS_ERROR);
    tarn_liteos_settings settings = engine_settings();
    settings.owner = TARN_LITEOS_OFF;
    tarn_liteos_options(&settings);
    assert_int_equal(LOS_MemInit(arena + 4 * POOL_BYTES, POOL_BYTES), LOS_OK);
    assert_int_equal(LOS_MemFreeByTaskID(arena + 4 * POOL_BYTES, 1), LOS_OS_ERROR);
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 8);
    assert_int_equal(tarn_owner_set((tarn_pool *)pool, block, TARN_OWNER(0, 9)), TARN_OK);
    block[-4] ^= 0xFF;
    assert_int_equal(LOS_MemFreeByTaskID(pool, 9), LOS_OS_ERROR);
    block[-4] ^= 0xFF;
    assert_int_equal(LOS_MemFreeByTaskID(pool, 9), LOS_OK);
    assert_whole(pool);
}

/* ---- checked copies ---- */

/* Covers: tarn_liteos_memset tarn_liteos_memcpy OsMemSysNodeCheck */
static void copies_that_leave_their_block_write_nothing(void **state)
{
    (void)state;
    UINT32 room = 0;
    UINT8 local[256];
    UINT8 *block = (UINT8 *)LOS_MemAlloc(OS_SYS_MEM_ADDR, 64);
    assert_ptr_equal(memset(local, 7, sizeof local), local);
    catch_output();
    (void)LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_HIGH);
    assert_int_equal(LOS_MemNodeSizeCheck(OS_SYS_MEM_ADDR, block, &room, &room), LOS_OK);
    VOID *set = tarn_liteos_memset(block, 1, room);
    VOID *set_too_far = tarn_liteos_memset(block + 8, 2, room - 7);
    VOID *copied = tarn_liteos_memcpy(block, local, room);
    VOID *copied_too_far = tarn_liteos_memcpy(block, local, room + 1);
    VOID *read_too_far = tarn_liteos_memcpy(local, block, (size_t)-1);
    const char *said = caught_output();
    assert_ptr_equal(set, block);
    assert_null(set_too_far);
    assert_ptr_equal(copied, block);
    assert_null(copied_too_far);
    assert_null(read_too_far);
    assert_non_null(strstr(said, "memset: dst inode availSize is not enough"));
    assert_non_null(strstr(said, "memcpy: dst inode availSize is not enough"));
    assert_non_null(strstr(said, "memcpy: src inode availSize is not enough"));
    for (UINT32 i = 0; i < room; i++) {
        assert_int_equal(block[i], 7);
    }
    assert_int_equal(LOS_MemFree(OS_SYS_MEM_ADDR, block), LOS_OK);
}

/* ---- the memory record ---- */

static const char *records(void)
{
    catch_output();
    OsMemRecordShow();
    return caught_output();
}

/* The line about a block; the return addresses are looked at by one test only. */
static void assert_record(const char *said, UINT32 number, const char *what, const VOID *block, UINT32 size)
{
    const char *line = expected("[REC] %u %s 0x%lx size %u task %u LR 0x", number, what, (unsigned long)(UINTPTR)block,
                                size, tarn_port_task());
    if (strstr(said, line) == NULL) {
        fail_msg("no line '%s' in:\n%s", line, said);
    }
}

static VOID *buffer[200];

/* Covers: LOSCFG_MEM_RECORDINFO memshowenable memshowdisable */
static void the_record_has_allocs_and_frees(void **state)
{
    (void)state;
    need_events();
    assert_int_equal(tarn_liteos_record_memory(buffer, sizeof buffer), LOS_OK);
    VOID *before = LOS_MemAlloc(pool, 8);
    assert_string_equal(said_by(OsShellCmdMemRecordEnable, 0, NULL, NULL, LOS_OK), "");
    VOID *block = LOS_MemAlloc(pool, 20);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, block), LOS_NOK);
    catch_output();
    assert_null(LOS_MemAlloc(pool, POOL_BYTES));
    caught_output();
    const char *said = records();
    assert_record(said, 0, "alloc", block, 20);
    assert_record(said, 1, "free", block, 24);
    assert_record(said, 2, "invalid free", block, 0);
    assert_record(said, 3, "alloc", NULL, POOL_BYTES);
    assert_null(strstr(said, "[REC] 4"));
    assert_string_equal(records(), "");
    assert_string_equal(said_by(OsShellCmdMemRecordDisable, 0, NULL, NULL, LOS_OK), "");
    assert_int_equal(LOS_MemFree(pool, before), LOS_OK);
    assert_string_equal(records(), "");
}

/* Covers: LOSCFG_MEM_RECORDINFO */
static void the_record_follows_reallocs_and_other_allocators(void **state)
{
    (void)state;
    need_events();
    assert_int_equal(tarn_liteos_record_memory(buffer, sizeof buffer), LOS_OK);
    OsMemRecordMalloc(arena, 1);
    OsMemRecordShowSet(1);
    OsMemRecordShowSet(1);
    VOID *block = LOS_MemAlloc(pool, 64);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 16), block);
    assert_record(records(), 1, "realloc", block, 16);
    VOID *guard = LOS_MemAlloc(pool, 8);
    (void)records();
    VOID *moved = LOS_MemRealloc(pool, block, 4000);
    const char *said = records();
    assert_ptr_not_equal(moved, block);
    assert_non_null(strstr(said, expected(" alloc 0x%lx size 4000 ", (unsigned long)(UINTPTR)moved)));
    assert_non_null(strstr(said, expected(" free 0x%lx size 16 ", (unsigned long)(UINTPTR)block)));
    assert_null(strstr(said, "realloc"));
    assert_int_equal(LOS_MemFree(pool, guard), LOS_OK);
    (void)records();
    OsMemRecordMalloc(arena, 77);
    OsMemRecordFree(arena, 77);
    OsMemRecordFree(arena, 0);
    said = records();
    assert_non_null(strstr(said, expected(" alloc 0x%lx size 77 ", (unsigned long)(UINTPTR)arena)));
    assert_non_null(strstr(said, expected(" free 0x%lx size 77 ", (unsigned long)(UINTPTR)arena)));
    assert_non_null(strstr(said, expected(" invalid free 0x%lx size 0 ", (unsigned long)(UINTPTR)arena)));
}

/* Covers: LOSCFG_MEM_RECORDINFO */
static void the_record_says_what_it_lost(void **state)
{
    (void)state;
    need_events();
    assert_int_equal(tarn_liteos_record_memory(NULL, 4096), LOS_NOK);
    assert_int_equal(tarn_liteos_record_memory((CHAR *)buffer + 1, 400), LOS_NOK);
    assert_int_equal(tarn_liteos_record_memory(buffer, 8), LOS_NOK);
    assert_int_equal(tarn_liteos_record_memory(buffer, 200), LOS_OK);
    OsMemRecordShowSet(1);
    for (UINT32 i = 0; i < 10; i++) {
        (void)LOS_MemAlloc(pool, 8);
    }
    const char *said = records();
    UINT32 lost = (UINT32)strtoul(said + strlen("[REC] overwritten before they were printed: "), NULL, 10);
    assert_memory_equal(said, "[REC] overwritten before they were printed: ", 44);
    assert_in_range(lost, 1, 9); /* as many as fit depends on the word size */
    assert_non_null(strstr(said, "[REC] 9 alloc "));
    assert_null(strstr(said, expected("[REC] %u alloc ", lost - 1)));
    assert_non_null(strstr(said, expected("[REC] %u alloc ", lost)));
}

__attribute__((noinline)) static VOID *alloc_here(VOID)
{
    VOID *block = LOS_MemAlloc(pool, 40);
    __asm__ volatile("" ::: "memory"); /* no tail call */
    return block;
}

/* Covers: LOSCFG_MEM_RECORDINFO */
static void the_record_has_call_chains(void **state)
{
    (void)state;
    need_events();
    assert_int_equal(tarn_liteos_record_memory(buffer, sizeof buffer), LOS_OK);
    OsMemRecordShowSet(1);
    (void)alloc_here();
    const char *said = strstr(records(), " LR ");
    CHAR *end;
    assert_non_null(said);
    UINTPTR first = (UINTPTR)strtoull(said + 4, &end, 16);
    UINTPTR second = (UINTPTR)strtoull(end, &end, 16);
    assert_true(first - (UINTPTR)alloc_here < 65536);
    assert_true(second - (UINTPTR)the_record_has_call_chains < 65536);
}

/* ---- the sanitizer's shadow ---- */

static bool may(const VOID *at, size_t size)
{
    return tarn_liteos_lms_access((UINTPTR)at, size, TRUE, NULL) != FALSE;
}

static const char *fault(const VOID *at, size_t size)
{
    UINT32 before = reports;
    catch_output();
    bool fine = may(at, size);
    const char *said = caught_output();
    assert_false(fine);
    assert_int_equal(reports, before + 1);
    return said;
}

/* Covers: LOSCFG_KERNEL_LMS LOS_LmsCheckPoolAdd */
static void accesses_stay_in_their_block(void **state)
{
    (void)state;
    need_events();
    UINT8 *before = (UINT8 *)LOS_MemAlloc(pool, 48);
    assert_int_equal(LOS_LmsCheckPoolAdd(pool, POOL_BYTES), POOL_BYTES);
    assert_int_equal(LOS_LmsCheckPoolAdd(pool, POOL_BYTES), POOL_BYTES);
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 21);
    UINT8 *behind = (UINT8 *)LOS_MemAlloc(pool, 8);
    assert_true(may(before, 48));
    for (UINT32 i = 0; i < 21; i++) {
        assert_true(may(block + i, 21 - i));
    }
    const char *said = fault(block + 20, 4);
    assert_non_null(strstr(said, expected("[ERR] LMS: heap buffer overflow: store of 4 bytes at 0x%lx, first bad byte "
                                          "0x%lx, ",
                                          (unsigned long)(UINTPTR)block + 20, (unsigned long)(UINTPTR)block + 21)));
    assert_int_equal(reported.guess, TARN_GUESS_OVERRUN);
    assert_int_equal(reported.amount, 1);
    assert_int_equal(reported.image + reported.block.offset, (UINTPTR)block);
    (void)fault(behind - 1, 1);
    assert_int_equal(reported.image + reported.left.offset, (UINTPTR)block);
    (void)fault(behind + 8, 1);
    (void)fault(pool, 4);
    assert_true(may(&reports, 4));
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
}

/* Covers: LOSCFG_KERNEL_LMS */
static void accesses_after_free_are_told(void **state)
{
    (void)state;
    need_events();
    assert_int_equal(LOS_LmsCheckPoolAdd(pool, POOL_BYTES), POOL_BYTES);
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    VOID *guard = LOS_MemAlloc(pool, 8);
    block = (UINT8 *)LOS_MemRealloc(pool, block, 24);
    assert_true(may(block, 24));
    assert_non_null(strstr(fault(block + 24, 1), "LMS: use after free"));
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_non_null(strstr(fault(block, 4), "LMS: use after free: store of 4 bytes"));
    assert_int_equal(reported.guess, TARN_GUESS_USE_AFTER_FREE);
    assert_int_equal(LOS_MemFree(pool, block), LOS_NOK);
    assert_int_equal(LOS_MemFree(pool, guard), LOS_OK);
    assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
    assert_true(may(block, 4));
    pool = make_pool(POOL_BYTES);
}

/* A realloc that is refused, or goes elsewhere, opens nothing behind the block; one that grows opens what it got. */
static void only_what_a_realloc_got_is_opened(void **state)
{
    (void)state;
    need_events();
    assert_int_equal(LOS_LmsCheckPoolAdd(pool, POOL_BYTES), POOL_BYTES);
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 24);
    UINT8 *behind = (UINT8 *)LOS_MemAlloc(pool, 8);
    UINT8 *last = (UINT8 *)LOS_MemAlloc(pool, 8);
    assert_int_equal(LOS_MemFree(pool, behind), LOS_OK);
    catch_output();
    assert_null(LOS_MemRealloc(pool, block, 2 * POOL_BYTES));
    assert_null(LOS_MemRealloc(pool, block + 8, 64));
    assert_null(LOS_MemRealloc(pool, arena + 2 * POOL_BYTES, 4 * POOL_BYTES));
    caught_output();
    assert_true(may(block, 24));
    (void)fault(block + 24, 1);
    (void)fault(behind, 8);
    (void)fault(last + 8, 1);
    assert_ptr_equal(LOS_MemRealloc(pool, block, 32), block);
    assert_true(may(block, 32));
    UINT8 *moved = (UINT8 *)LOS_MemRealloc(pool, block, 200);
    assert_true(moved != block && may(moved, 200));
    (void)fault(block, 8);
    assert_true(may(last, 8));
}

/* Covers: LOS_LmsAddrProtect LOS_LmsAddrDisableProtect LOS_LmsCheckPoolDel */
static void memory_can_be_protected(void **state)
{
    (void)state;
    need_events();
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    assert_int_equal(LOS_LmsCheckPoolAdd(pool, POOL_BYTES), POOL_BYTES);
    LOS_LmsAddrProtect((UINTPTR)block + 16, (UINTPTR)block + 32);
    assert_true(may(block, 16));
    assert_non_null(strstr(fault(block + 8, 16), "LMS: protected memory"));
    assert_true(may(block + 32, 32));
    LOS_LmsAddrDisableProtect((UINTPTR)block + 16, (UINTPTR)block + 32);
    assert_true(may(block, 64));
    LOS_LmsCheckPoolDel(pool);
    assert_true(may(block, 1000));
}

/* Covers: KasanMemcpy KasanMemmove KasanStrcat KasanStrcpy */
static void string_functions_check_both_ranges(void **state)
{
    (void)state;
    need_events();
    CHAR local[64] = "0123456789";
    assert_int_equal(LOS_LmsCheckPoolAdd(pool, POOL_BYTES), POOL_BYTES);
    CHAR *block = (CHAR *)LOS_MemAlloc(pool, 24);
    assert_ptr_equal(KasanMemcpy(block, local, 24), block);
    assert_ptr_equal(KasanMemmove(block, block + 1, 23), block);
    assert_ptr_equal(KasanStrcpy(block, local), block);
    assert_string_equal(KasanStrcat(block, "abcdefghijklm"), "0123456789abcdefghijklm");
    assert_int_equal(reports, 0);
    catch_output();
    (void)KasanMemcpy(local, block, 25);
    (void)KasanMemmove(local, block + 24, 1);
    caught_output();
    assert_int_equal(reports, 2);
    block = (CHAR *)LOS_MemAlloc(pool, 27); /* rounded up to 32: what is written past 27 harms nobody */
    catch_output();
    (void)KasanStrcpy(block, "this is too long for 27 bytes");
    block[20] = '\0';
    (void)KasanStrcat(block, "12345678");
    (void)KasanMemcpy(block, local, 28);
    caught_output();
    assert_int_equal(reports, 5);
}

/*
 * Covers: LOS_LmsCheckPoolAdd
 * Refuses: LOS_LmsCheckPoolAdd | pool NULL or no pool, TARN_LMS_POOLS are watched | 0
 */
static void only_pools_are_watched_and_so_many(void **state)
{
    (void)state;
    need_events();
    static UINT8 shadow[64];
    assert_int_equal(LOS_LmsCheckPoolAdd(NULL, 8), 0);
    assert_int_equal(LOS_LmsCheckPoolAdd(arena + 2 * POOL_BYTES, 8), 0);
    LOS_LmsCheckPoolDel(NULL);
    assert_int_equal(tarn_liteos_lms_memory(NULL, 8), LOS_NOK);
    assert_int_equal(tarn_liteos_lms_memory(shadow, 0), LOS_NOK);
    assert_int_equal(tarn_liteos_lms_memory(shadow, sizeof shadow), LOS_OK);
    UINT32 made = 0;
    UINT8 *other = arena + POOL_BYTES;
    for (; made <= TARN_LMS_POOLS && LOS_MemInit(other, 512) == LOS_OK; other += 1024) {
        assert_int_equal(LOS_LmsCheckPoolAdd(other, 512), made < TARN_LMS_POOLS ? 512 : 0);
        made++;
    }
    assert_true(made > TARN_LMS_POOLS || TARN_REGISTRY_CAPACITY < 2 * TARN_LMS_POOLS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(memcheck_passes_the_system_pool),
        TEST(memused_lists_the_system_pool),
        TEST(free_tells_the_system_pool),
        TEST(free_tells_the_exc_pool_too),
        TEST(readreg_dumps_what_lies_in_a_pool),
        TEST(used_nodes_have_a_public_name),
        TEST(a_tasks_blocks_are_freed_and_no_others),
        TEST(a_tasks_blocks_are_not_freed_blindly),
        TEST(copies_that_leave_their_block_write_nothing),
        TEST(the_record_has_allocs_and_frees),
        TEST(the_record_follows_reallocs_and_other_allocators),
        TEST(the_record_says_what_it_lost),
        TEST(the_record_has_call_chains),
        TEST(accesses_stay_in_their_block),
        TEST(accesses_after_free_are_told),
        TEST(only_what_a_realloc_got_is_opened),
        TEST(memory_can_be_protected),
        TEST(string_functions_check_both_ranges),
        TEST(only_pools_are_watched_and_so_many),
    };
    return run_per_engine("liteos_debug", tests, sizeof tests / sizeof tests[0]);
}
