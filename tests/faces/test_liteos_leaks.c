/* SPDX-License-Identifier: MIT */
/* Used nodes and who made them: LOSCFG_MEM_LEAKCHECK, tarn_liteos_settings.callers. */
#include "test_liteos.h"

#include "los_memory_pri.h"

SEPARATE static VOID *alloc_here(VOID *pool, UINT32 size, bool for_module)
{
    VOID *block = for_module ? LOS_MemMalloc(pool, size, 3) : LOS_MemAlloc(pool, size);
    __asm__ volatile("" ::: "memory"); /* no tail call */
    return block;
}

/* The distance of LR[index] of the block's row from a function. */
static UINTPTR call_into(const CHAR *said, const VOID *block, int index, UINTPTR function)
{
    const CHAR *row = strstr(said, expected("0x%0*lx:", (int)(2 * sizeof(VOID *)), (unsigned long)(UINTPTR)block));
    assert_non_null(row);
    row = strchr(row, ':') + 1;
    UINTPTR address = 0;
    for (int i = 0; i <= index; i++) {
        CHAR *end;
        address = (UINTPTR)strtoull(row, &end, 16);
        row = end;
    }
    return address - function;
}

/* LOSCFG_MEM_LEAKCHECK: the call, and from ports that know it, who called that. */
/* Covers: OsMemUsedNodeShow LOSCFG_MEM_LEAKCHECK */
static void used_nodes_are_shown_with_their_callers(void **state)
{
    (void)state;
    tarn_liteos_settings settings = engine_settings();
    settings.callers = TARN_LITEOS_ON;
    tarn_liteos_options(&settings);
    VOID *pool = make_pool(0x10000);
    VOID *first = alloc_here(pool, 8, false);
    VOID *second = alloc_here(pool, 8, true);
    VOID *moved = LOS_MemRealloc(pool, first, 3000);
    assert_ptr_not_equal(moved, first);
    assert_int_equal(LOS_MemUsedBlksGet(pool), 3);
    assert_int_equal(LOS_MemTotalUsedGet(pool) % 8, 0);
    catch_output();
    OsMemUsedNodeShow(pool);
    const CHAR *said = caught_output();
    assert_true(call_into(said, second, 0, (UINTPTR)alloc_here) < 256);
    assert_true(call_into(said, second, 1, (UINTPTR)used_nodes_are_shown_with_their_callers) < 65536);
    assert_true(call_into(said, second, 2, 0) != 0);
    assert_true(call_into(said, moved, 0, (UINTPTR)used_nodes_are_shown_with_their_callers) < 65536);
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(used_nodes_are_shown_with_their_callers)};
    return run_per_engine("liteos_leaks", tests, sizeof tests / sizeof tests[0]);
}
