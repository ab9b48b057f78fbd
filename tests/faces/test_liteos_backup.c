/* SPDX-License-Identifier: MIT */
/* Head backup: nodes that are found by their copy, the list of nodes, and wild pointers. */
#include "test_liteos.h"

#include "los_memory_pri.h"
#include "tarn/inspect.h"

#define POOL_BYTES 0x4000u
#define HEAD 16u /* owner, call site, header and copy */

static VOID *pool;
static tarn_liteos_settings settings;

static int fresh_settings(void **state)
{
    (void)fresh_start(state);
    uint32_t engines[3];
    settings = engine_settings();
    settings.engine = engines_built(engines) == 3 ? TARN_ENGINE_BESTFIT : engines[0];
    settings.head_backup = &tarn_liteos_head_backup;
    tarn_liteos_options(&settings);
    memset(arena, 0, sizeof arena);
    return 0;
}

static int fresh_pool(void **state)
{
    (void)fresh_settings(state);
    pool = make_pool(POOL_BYTES);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tarn_liteos_options(NULL);
    return 0;
}

#undef TEST
#define TEST(function) cmocka_unit_test_setup_teardown(function, fresh_pool, end)
#define POOLLESS_TEST(function) cmocka_unit_test_setup_teardown(function, fresh_settings, end)

static UINT32 lines_with(const char *said, const char *what)
{
    UINT32 count = 0;
    for (const char *at = strstr(said, what); at != NULL; at = strstr(at + 1, what)) {
        count++;
    }
    return count;
}

/* Each node costs round_up(size, 8) and one constant, with each number of words. */
static void every_node_costs_the_same(void **state)
{
    (void)state;
    static const UINT32 heads[] = {8, 16, 32};
    for (UINT32 i = 0; i < 3; i++) {
        settings.owner = i == 0 ? TARN_LITEOS_OFF : TARN_LITEOS_ON;
        settings.callers = i == 2 ? TARN_LITEOS_ON : TARN_LITEOS_OFF;
        tarn_liteos_options(&settings);
        assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
        pool = make_pool(POOL_BYTES);
        UINT32 whole = LOS_MemPoolSizeGet(pool) - LOS_MemTotalUsedGet(pool) - status_of(pool).uwTotalFreeSize;
        assert_int_equal(LOS_MemTotalUsedGet(pool), heads[i]);
        for (UINT32 size = 24; size < 100; size += 7) {
            UINT32 before = LOS_MemTotalUsedGet(pool);
            VOID *block = LOS_MemAlloc(pool, size);
            assert_int_equal(LOS_MemTotalUsedGet(pool) - before, (size + 7u) / 8u * 8u + heads[i]);
            assert_int_equal(LOS_MemLastUsedGet(pool), (UINTPTR)block + (size + 7u) / 8u * 8u + heads[i]);
            assert_int_equal(LOS_MemPoolSizeGet(pool) - LOS_MemTotalUsedGet(pool) - status_of(pool).uwTotalFreeSize,
                             whole);
        }
        assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
    }
}

/* Covers: LOSCFG_MEM_HEAD_BACKUP */
static void a_node_whose_head_is_lost_is_repaired_and_told(void **state)
{
    (void)state;
    need_events();
    UINT8 *first = (UINT8 *)LOS_MemAlloc(pool, 64);
    UINT8 *second = (UINT8 *)LOS_MemAlloc(pool, 64);
    UINT8 *third = (UINT8 *)LOS_MemAlloc(pool, 64);
    memset(second - 4, 0x5A, 4);
    catch_output();
    assert_int_equal(LOS_MemFree(pool, second), LOS_OK);
    const char *said = caught_output();
    assert_int_equal(lines_with(said, "memory check error!"), 1);
    assert_non_null(strstr(said, "rule I3 (block header) broken"));
    assert_non_null(strstr(said, "allocated by task"));
    memset(third - 4, 0x5A, 4);
    catch_output();
    VOID *block = LOS_MemAlloc(pool, 48);
    assert_int_equal(LOS_MemFree(pool, third), LOS_OK);
    (void)caught_output();
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, first), LOS_OK);
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
    assert_int_equal(status_of(pool).uwUsedNodeNum, 1);
}

static void ignore(const tarn_event *event, VOID *context)
{
    (void)event;
    (void)context;
}

/* Refuses: LOS_MemInit | 4 listeners for events installed, LOSCFG_MEM_HEAD_BACKUP | pool works, message that repairs are not told */
static void no_room_to_tell_repairs_is_told(void **state)
{
    (void)state;
    static UINT32 contexts[4];
    UINT32 count = 0;
    while (count < 4 && tarn_events_add(ignore, &contexts[count]) == TARN_OK) {
        count++;
    }
    if (count < 4) { /* the configured system pool has installed the head backup's already */
        for (UINT32 i = 0; i < count; i++) {
            assert_int_equal(tarn_events_remove(ignore, &contexts[i]), TARN_OK);
        }
        skip();
    }
    catch_output();
    pool = make_pool(POOL_BYTES);
    const char *said = caught_output();
    assert_int_equal(lines_with(said, "[ERR] no room for the head backup's listener: repairs will not be told"), 1);
    for (UINT32 i = 0; i < 4; i++) {
        assert_int_equal(tarn_events_remove(ignore, &contexts[i]), TARN_OK);
    }
    assert_non_null(LOS_MemAlloc(pool, 64));
}

/* Refuses: LOS_MemFree | pointer into a node, with LOSCFG_MEM_HEAD_BACKUP | LOS_NOK, message with the pointer it should be */
static void a_wild_pointer_is_told_its_node(void **state)
{
    (void)state;
    char wanted[160];
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    catch_output();
    assert_int_equal(LOS_MemFree(pool, block + 16), LOS_NOK);
    const char *said = caught_output();
    (void)snprintf(
        wanted, sizeof wanted,
        "[ERR] LOS_MemFree: find a control block at 0x%lx, its pointer is 0x%lx and not 0x%lx: PROBABLY A WILD "
        "POINTER\n",
        (unsigned long)(UINTPTR)block - 12u, (unsigned long)(UINTPTR)block, (unsigned long)(UINTPTR)block + 16u);
    assert_non_null(strstr(said, wanted));
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
}

/* Covers: LOS_MemBadNodeShow */
static void every_node_is_listed_and_bad_ones_named(void **state)
{
    (void)state;
    UINT8 *blocks[10];
    for (UINT32 i = 0; i < 10; i++) {
        blocks[i] = (UINT8 *)LOS_MemAlloc(pool, 40);
    }
    assert_int_equal(LOS_MemFree(pool, blocks[3]), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, blocks[5]), LOS_OK);
    catch_output();
    LOS_MemBadNodeShow(pool);
    const char *said = caught_output();
    assert_int_equal(lines_with(said, "node:0x"), 12); /* what is free at the end, and the end node */
    assert_int_equal(lines_with(said, "sizeAndFlag=0x80000038\n"), 8);
    assert_int_equal(lines_with(said, "sizeAndFlag=0x38\n"), 2);
    assert_int_equal(lines_with(said, "sizeAndFlag=0x80000010\n"), 1);
    assert_int_equal(lines_with(said, "[ERR]"), 0);
    assert_non_null(strstr(said, "\ncheck finish\n"));
    memset(blocks[4] - 4, 0, 4);
    memset(blocks[7] - 4, 0xFF, 4);
    catch_output();
    LOS_MemBadNodeShow(pool);
    said = caught_output();
    assert_int_equal(lines_with(said, "\nnode:0x") + (strncmp(said, "node:0x", 7) == 0), 12);
    assert_int_equal(lines_with(said, "[ERR] pre node:"), 2);
    assert_int_equal(lines_with(said, " FREE\n"), 1);
    assert_int_equal(lines_with(said, " allocated by task "), 1);
    assert_non_null(strstr(said, "memory check error!"));
}

static void nodes_behind_one_that_is_lost_are_not_listed(void **state)
{
    (void)state;
    UINT8 *blocks[6];
    for (UINT32 i = 0; i < 6; i++) {
        blocks[i] = (UINT8 *)LOS_MemAlloc(pool, 40);
    }
    memset(blocks[2] - 4, 0, 48);
    catch_output();
    LOS_MemBadNodeShow(pool);
    const char *said = caught_output();
    assert_int_equal(lines_with(said, " checksum=0x"), 2);
    assert_int_equal(lines_with(said, "cannot be reached"), 1);
    assert_non_null(strstr(said, "\ncheck finish\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* first: the listener stays from the first pool on */
        POOLLESS_TEST(no_room_to_tell_repairs_is_told),       TEST(every_node_costs_the_same),
        TEST(a_node_whose_head_is_lost_is_repaired_and_told), TEST(a_wild_pointer_is_told_its_node),
        TEST(every_node_is_listed_and_bad_ones_named),        TEST(nodes_behind_one_that_is_lost_are_not_listed),
    };
    if (!has_registry()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
