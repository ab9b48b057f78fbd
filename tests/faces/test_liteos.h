/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the LiteOS face share: an arena without pools before each test, the text a call prints, and one
 * run of a group of tests per engine.
 *
 * A line `Refuses: FUNCTION | case | answer` in the comment of a test is a row of the table of refusals in
 * docs/porting-liteos.md, which run_liteos_refusals.sh makes from these lines.
 */
#ifndef TARN_TEST_LITEOS_H
#define TARN_TEST_LITEOS_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "los_memory.h"
#include "output.h"
#include "test.h"

#define ARENA_BYTES (1u << 20)
#define H 8u /* header of a node with the owner word */

static _Alignas(64) unsigned char arena[ARENA_BYTES];

/* ---- pools ---- */

/* A pool of so many bytes at the arena's start, which must be accepted. */
static inline VOID *make_pool(UINT32 bytes)
{
    assert_int_equal(LOS_MemInit(arena, bytes), LOS_OK);
    return arena;
}

static inline LOS_MEM_POOL_STATUS status_of(VOID *pool)
{
    LOS_MEM_POOL_STATUS status;
    memset(&status, 0xA5, sizeof status);
    assert_int_equal(LOS_MemInfoGet(pool, &status), LOS_OK);
    return status;
}

/* An empty pool is one free node, and sound. */
static inline void assert_whole(VOID *pool)
{
    LOS_MEM_POOL_STATUS status = status_of(pool);
    assert_int_equal(status.uwUsedNodeNum, 1);
    assert_int_equal(status.uwFreeNodeNum, 1);
    assert_int_equal(status.uwTotalUsedSize, H);
    assert_int_equal(status.uwMaxFreeNodeSize, status.uwTotalFreeSize);
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
}

static inline UINT32 listed_pools(void)
{
    catch_output();
    UINT32 count = LOS_MemPoolList();
    caught_output();
    return count;
}

static UINT32 test_engine;

/* Every choice made here, so that the configuration of the library under test decides none. */
static inline tarn_liteos_settings engine_settings(void)
{
    tarn_liteos_settings settings = {0};
    settings.engine = test_engine;
    settings.owner = TARN_LITEOS_ON;
    settings.waterline_column = TARN_LITEOS_OFF;
    settings.exhaustion_report = TARN_LITEOS_OFF;
    settings.check_each_alloc = TARN_LITEOS_OFF;
    settings.refusal_report = TARN_LITEOS_OFF;
    settings.callers = TARN_LITEOS_OFF;
    settings.head_backup = &tarn_liteos_no_backup;
    settings.slab = TARN_LITEOS_OFF;
    return settings;
}

/* Has each allocation check its pool. */
static inline void check_each_alloc(void)
{
    tarn_liteos_settings settings = engine_settings();
    settings.check_each_alloc = TARN_LITEOS_ON;
    tarn_liteos_options(&settings);
}

/* What the engine prints when there is no room for size bytes: linear has a message, the others none. */
static inline const char *no_room_message(UINT32 size)
{
    return test_engine == TARN_ENGINE_LINEAR ? expected("[ERR] there's not enough whole to alloc 0x%x Bytes!\n", size)
                                             : "";
}

/* Every pool but the system's is gone. */
static inline int fresh_start(void **state)
{
    (void)state;
    tarn_registration entry;
    UINT32 index = 0;
    catch_output();
    while (tarn_registered(TARN_FACE_LITEOS, index, &entry)) {
        if ((VOID *)entry.pool == (VOID *)OS_SYS_MEM_ADDR || LOS_MemDeInit(entry.pool) != LOS_OK) {
            index++;
        }
    }
    caught_output();
    tarn_liteos_settings settings = engine_settings();
    tarn_liteos_options(&settings);
    g_MALLOC_HOOK = NULL;
    return 0;
}

/* Runs the group once per engine of this library; the sum of the failures. */
static inline int run_per_engine(const char *name, const struct CMUnitTest *tests, size_t count)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    int failures = 0;
    if (!has_registry()) { /* then LOS_MemInit() makes no pool */
        return 77;
    }
    for (uint32_t i = 0; i < built; i++) {
        test_engine = engines[i];
        printf("%s: %zu tests, engine %s\n", name, count, engine_name(test_engine));
        failures += _cmocka_run_group_tests(name, tests, count, NULL, NULL);
    }
    return failures;
}

#define TEST(function) cmocka_unit_test_setup(function, fresh_start)

#endif
