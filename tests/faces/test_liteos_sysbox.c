/* SPDX-License-Identifier: MIT */
/* Dynamic memboxes: at most so many blocks of the system pool. */
#define LOSCFG_KERNEL_MEMBOX_DYNAMIC 1
#include "test_membox.h"

#include <pthread.h>

static LOS_MEMBOX_INFO info;

static UINT32 used_nodes(void)
{
    return LOS_MemUsedBlksGet(OS_SYS_MEM_ADDR);
}

static VOID *make_box(UINT32 bytes, UINT32 size)
{
    assert_int_equal(LOS_MemboxInit(&info, bytes, size), LOS_OK);
    assert_counts(&info, bytes / size, 0, size);
    return &info;
}

static void boxes_come_from_the_system_pool(void **state)
{
    (void)state;
    UINT32 before = used_nodes();
    VOID *pool = make_box(1000, 100);
    VOID *boxes[10];
    for (UINT32 i = 0; i < 10; i++) {
        boxes[i] = LOS_MemboxAlloc(pool);
        assert_non_null(boxes[i]);
        memset(boxes[i], 0xEE, 100);
    }
    assert_int_equal(used_nodes(), before + 10);
    assert_true((UINTPTR)boxes[0] - (UINTPTR)OS_SYS_MEM_ADDR < OS_SYS_MEM_SIZE);
    assert_int_equal(info.uwBlkCnt, 10);
    assert_int_equal(info.uwBlkNum, 10);
    assert_int_equal(info.uwBlkSize, 100);
    for (UINT32 i = 0; i < 10; i++) {
        assert_int_equal(LOS_MemboxFree(pool, boxes[i]), LOS_OK);
    }
    assert_int_equal(used_nodes(), before);
    assert_counts(pool, 10, 0, 100);
    assert_int_equal(listed_boxes(), 0);
}

/* The original's control of this kind has 12 bytes, and nothing behind them is its own. */
static void twelve_bytes_are_enough(void **state)
{
    (void)state;
    UINT32 words[4] = {1, 2, 3, 0x77777777};
    assert_int_equal(LOS_MemboxInit(words, 12, 5), LOS_OK);
    assert_counts(words, 2, 0, 5);
    VOID *box = LOS_MemboxAlloc(words);
    assert_non_null(box);
    assert_int_equal(LOS_MemboxFree(words, box), LOS_OK);
    assert_int_equal(words[3], 0x77777777);
}

/*
 * Refuses: LOS_MemboxInit | dynamic: pool NULL, blkSize 0, poolSize below 12 or blkSize | LOS_NOK, nothing written
 * Refuses: LOS_MemboxInit | dynamic: pool at no multiple of 4, range that wraps | LOS_NOK, nothing written
 */
static void init_refuses_what_holds_no_box(void **state)
{
    (void)state;
    memset(&info, 0, sizeof info);
    assert_int_equal(LOS_MemboxInit(NULL, 100, 10), LOS_NOK);
    assert_int_equal(LOS_MemboxInit(&info, 100, 0), LOS_NOK);
    assert_int_equal(LOS_MemboxInit(&info, 11, 4), LOS_NOK);
    assert_int_equal(LOS_MemboxInit(&info, 99, 100), LOS_NOK);
    assert_int_equal(LOS_MemboxInit(&info, UINT32_MAX - 1u, UINT32_MAX), LOS_NOK);
    assert_int_equal(LOS_MemboxInit((UINT8 *)&info + 2, 100, 10), LOS_NOK);
    assert_int_equal(LOS_MemboxInit((VOID *)~(UINTPTR)0xFFF, 0x2000, 16), LOS_NOK);
    assert_true(info.uwBlkSize == 0 && info.uwBlkNum == 0);
}

/*
 * Refuses: LOS_MemboxAlloc | dynamic: as many boxes out as there are | NULL, count unchanged
 * Refuses: LOS_MemboxAlloc | dynamic: no room in the system pool | NULL, count unchanged
 */
static void alloc_refuses_exhaustion(void **state)
{
    (void)state;
    UINT32 before = used_nodes();
    VOID *pool = make_box(20, 10);
    VOID *one = LOS_MemboxAlloc(pool);
    VOID *two = LOS_MemboxAlloc(pool);
    assert_null(LOS_MemboxAlloc(pool));
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_OK);
    assert_int_equal(LOS_MemboxFree(pool, two), LOS_OK);
    (void)make_box(0x3FFFFFFF, 0x3FFFFFFF);
    assert_null(LOS_MemboxAlloc(pool));
    assert_counts(pool, 1, 0, 0x3FFFFFFF);
    assert_null(LOS_MemboxAlloc(NULL));
    assert_int_equal(used_nodes(), before);
}

/*
 * Refuses: LOS_MemboxFree | dynamic: box freed already | LOS_NOK, count unchanged
 * Refuses: LOS_MemboxFree | dynamic: address that is no block of the system pool | LOS_NOK, count unchanged
 * Refuses: LOS_MemboxFree | dynamic: no box of the membox is out | LOS_NOK, block kept
 */
static void free_refuses_what_is_no_block(void **state)
{
    (void)state;
    UINT32 before = used_nodes();
    VOID *pool = make_box(1000, 100);
    VOID *mine = LOS_MemAlloc(OS_SYS_MEM_ADDR, 100);
    assert_int_equal(LOS_MemboxFree(pool, mine), LOS_NOK);
    UINT8 *one = LOS_MemboxAlloc(pool);
    UINT8 *two = LOS_MemboxAlloc(pool);
    assert_int_equal(LOS_MemboxFree(pool, NULL), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(NULL, one), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, one + 8), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, arena), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_OK);
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_NOK);
    assert_counts(pool, 10, 1, 100);
    assert_int_equal(LOS_MemboxFree(pool, two), LOS_OK);
    assert_int_equal(LOS_MemFree(OS_SYS_MEM_ADDR, mine), LOS_OK);
    assert_int_equal(used_nodes(), before);
}

/*
 * Refuses: LOS_MemboxClr | dynamic: pool or box NULL | message
 * Refuses: LOS_MemboxClr | dynamic: no block of the system pool, or one with fewer bytes | does nothing
 */
static void clear_fills_blocks_that_have_the_bytes(void **state)
{
    (void)state;
    VOID *pool = make_box(1000, 100);
    UINT8 *box = LOS_MemboxAlloc(pool);
    UINT8 *small = LOS_MemAlloc(OS_SYS_MEM_ADDR, 40);
    memset(box, 0xAB, 100);
    memset(small, 0xAB, 40);
    memset(arena, 0xAB, 200);
    catch_output();
    LOS_MemboxClr(NULL, box);
    LOS_MemboxClr(pool, NULL);
    LOS_MemboxClr(pool, box + 8);
    LOS_MemboxClr(pool, small);
    LOS_MemboxClr(pool, arena);
    const char *said = caught_output();
    assert_string_equal(said, "[WARN] LOS_MemboxClr : invalid parameter!\n[WARN] LOS_MemboxClr : invalid parameter!\n");
    assert_true(box[0] == 0xAB && box[99] == 0xAB && small[0] == 0xAB && small[39] == 0xAB && arena[0] == 0xAB);
    LOS_MemboxClr(pool, box);
    for (UINT32 i = 0; i < 100; i++) {
        assert_int_equal(box[i], 0);
    }
    assert_int_equal(LOS_MemboxFree(pool, box), LOS_OK);
    assert_int_equal(LOS_MemFree(OS_SYS_MEM_ADDR, small), LOS_OK);
}

/* Refuses: LOS_ShowBox | dynamic: pool NULL or no membox | prints nothing */
static void show_prints_one_line(void **state)
{
    (void)state;
    VOID *pool = make_box(1000, 100);
    catch_output();
    LOS_ShowBox(pool);
    LOS_ShowBox(NULL);
    memset(&info, 0, sizeof info);
    LOS_ShowBox(pool);
    const char *said = caught_output();
    assert_string_equal(said, expected("membox(0x%lx,0x64,0xa):\r\n", (unsigned long)(UINTPTR)pool));
}

static void everything_refuses_what_is_no_membox(void **state)
{
    (void)state;
    UINT32 a, b, c;
    VOID *block = LOS_MemAlloc(OS_SYS_MEM_ADDR, 100);
    memset(block, 0xAB, 100);
    memset(&info, 0, sizeof info);
    for (UINT32 round = 0; round < 2; round++) {
        assert_null(LOS_MemboxAlloc(&info));
        assert_int_equal(LOS_MemboxFree(&info, block), LOS_NOK);
        LOS_MemboxClr(&info, block);
        assert_int_equal(((UINT8 *)block)[0], 0xAB);
        assert_int_equal(LOS_MemboxStatisticsGet(&info, &a, &b, &c), LOS_NOK);
        info.uwBlkSize = 16; /* more out than there are */
        info.uwBlkNum = 2;
        info.uwBlkCnt = 3;
    }
    assert_int_equal(LOS_MemFree(OS_SYS_MEM_ADDR, block), LOS_OK);
}

/* ---- threads ---- */

enum { THREADS = 4, ROUNDS = 10000 };

static void *work(void *failures)
{
    UINT32 rounds = (UINT32)test_scaled(ROUNDS);
    for (UINT32 i = 0; i < rounds; i++) {
        UINT32 *box = LOS_MemboxAlloc(&info);
        if (box != NULL) {
            box[0] = i;
            if (box[0] != i || LOS_MemboxFree(&info, box) != LOS_OK) {
                (*(UINT32 *)failures)++;
            }
        }
    }
    return NULL;
}

static void the_count_is_exact_among_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    UINT32 failures[THREADS] = {0};
    UINT32 before = used_nodes();
    VOID *pool = make_box(32, 16);
    for (UINT32 i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, &failures[i]), 0);
    }
    for (UINT32 i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(failures[i], 0);
    }
    assert_counts(pool, 2, 0, 16);
    assert_int_equal(used_nodes(), before);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(boxes_come_from_the_system_pool),
        TEST(twelve_bytes_are_enough),
        TEST(init_refuses_what_holds_no_box),
        TEST(alloc_refuses_exhaustion),
        TEST(free_refuses_what_is_no_block),
        TEST(clear_fills_blocks_that_have_the_bytes),
        TEST(show_prints_one_line),
        TEST(everything_refuses_what_is_no_membox),
        TEST(the_count_is_exact_among_threads),
    };
    if (!has_registry()) {
        return 77;
    }
    return cmocka_run_group_tests_name("liteos_sysbox", tests, NULL, NULL);
}
