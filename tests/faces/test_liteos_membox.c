/* SPDX-License-Identifier: MIT */
/* Static memboxes, function by function: what LOS_Membox* promise, and what they refuse. */
#define LOSCFG_KERNEL_MEMBOX_STATIC
#include "test_membox.h"

#define LAST UINT32_MAX

/* A membox of n boxes of so many bytes at the arena's start. */
static VOID *make_box(UINT32 size, UINT32 n)
{
    assert_int_equal(LOS_MemboxInit(arena, (UINT32)LOS_MEMBOX_SIZE(size, n), size), LOS_OK);
    assert_counts(arena, n, 0, stride_of(size));
    return arena;
}

static UINT8 *box_at(UINT32 size, UINT32 number)
{
    return arena + CONTROL + HEAD + (size_t)stride_of(size) * number;
}

/* ---- layout ---- */

/* Sizes of arrays: the macros are constants of the original's value. */
static _Alignas(sizeof(VOID *)) UINT8 four_of_ten[LOS_MEMBOX_SIZE(10, 4)];

static void names_and_numbers_are_the_originals(void **state)
{
    (void)state;
    size_t p = sizeof(VOID *);
    OS_MEMBOX_S info;
    LOS_MEMBOX_NODE node = {NULL};
    assert_int_equal(sizeof info, p == 8 ? 24 : 16);
    assert_int_equal(offsetof(LOS_MEMBOX_INFO, uwBlkNum), 4);
    assert_int_equal(offsetof(LOS_MEMBOX_INFO, uwBlkCnt), 8);
    assert_int_equal(offsetof(LOS_MEMBOX_INFO, stFreeList), p == 8 ? 16 : 12);
    assert_int_equal(OS_MEMBOX_NODE_HEAD_SIZE, p);
    assert_int_equal(LOS_MEMBOX_ALLIGNED(1), p);
    assert_int_equal(LOS_MEMBOX_ALLIGNED(p), p);
    assert_int_equal(LOS_MEMBOX_ALLIGNED(p + 1), 2 * p);
    assert_int_equal(sizeof four_of_ten, p == 8 ? 24 + 4 * 24 : 16 + 4 * 16);
    assert_ptr_equal(OS_MEMBOX_NEXT(&node, p), &node + 1);
    assert_int_equal(LOS_MemboxInit(four_of_ten, sizeof four_of_ten, 10), LOS_OK);
    assert_counts(four_of_ten, 4, 0, stride_of(10));
}

/* Exactly as many boxes as the macro was asked for, one fewer in a byte less; apart from each other, inside the buffer,
 * in order of address; and every byte of them the caller's. */
static void a_buffer_holds_exactly_its_number(void **state)
{
    (void)state;
    UINT32 pools = 0;
    for (UINT32 size = 1; size <= 70; size++) {
        for (UINT32 n = 1; n <= 33; n += 4) {
            UINT32 bytes = (UINT32)LOS_MEMBOX_SIZE(size, n);
            memset(arena + bytes, 0x5A, 64);
            assert_int_equal(LOS_MemboxInit(arena, bytes - 1u, size), n == 1 ? LOS_NOK : LOS_OK);
            assert_true(n == 1 || ((LOS_MEMBOX_INFO *)(VOID *)arena)->uwBlkNum == n - 1);
            VOID *pool = make_box(size, n);
            for (UINT32 i = 0; i < n; i++) {
                UINT8 *box = LOS_MemboxAlloc(pool);
                assert_ptr_equal(box, box_at(size, i));
                memset(box, 0xFF, stride_of(size) - HEAD);
            }
            assert_null(LOS_MemboxAlloc(pool));
            assert_counts(pool, n, n, stride_of(size));
            for (UINT32 i = 0; i < n; i++) {
                assert_int_equal(LOS_MemboxFree(pool, box_at(size, i)), LOS_OK);
            }
            for (UINT32 i = 0; i < 64; i++) {
                assert_int_equal(arena[bytes + i], 0x5A);
            }
            pools++;
        }
    }
    printf("  %u buffers, each full to the last box\n", pools);
}

/* Code that sizes its pool by hand, and one whose size leaves a rest. */
static void sizes_worked_out_by_hand_hold_as_many(void **state)
{
    (void)state;
    assert_int_equal(LOS_MemboxInit(arena, (UINT32)sizeof(LOS_MEMBOX_INFO) + 7u * stride_of(20), 20), LOS_OK);
    assert_counts(arena, 7, 0, stride_of(20));
    assert_int_equal(LOS_MemboxInit(arena, 1000, 100), LOS_OK);
    assert_counts(arena, (1000 - CONTROL) / stride_of(100), 0, stride_of(100));
}

static void the_members_can_be_read(void **state)
{
    (void)state;
    const LOS_MEMBOX_INFO *info = make_box(24, 5);
    assert_ptr_equal(info->stFreeList.pstNext, (const LOS_MEMBOX_NODE *)(info + 1));
    VOID *first = LOS_MemboxAlloc(arena);
    VOID *second = LOS_MemboxAlloc(arena);
    assert_int_equal(info->uwBlkSize, stride_of(24));
    assert_int_equal(info->uwBlkNum, 5);
    assert_int_equal(info->uwBlkCnt, 2);
    assert_int_equal((UINTPTR)second - (UINTPTR)first, LOS_MEMBOX_ALLIGNED(24) + OS_MEMBOX_NODE_HEAD_SIZE);
    const LOS_MEMBOX_NODE *node = info->stFreeList.pstNext;
    for (UINT32 i = 2; i < 5; i++, node = node->pstNext) {
        assert_ptr_equal(node, OS_MEMBOX_NEXT(info + 1, i * info->uwBlkSize));
    }
    assert_null(node);
}

/* ---- init ---- */

static void assert_not_made(VOID *pool, UINT32 bytes, UINT32 size)
{
    UINT8 before[64];
    memcpy(before, arena, sizeof before);
    assert_int_equal(LOS_MemboxInit(pool, bytes, size), LOS_NOK);
    assert_memory_equal(arena, before, sizeof before);
    assert_int_equal(listed_boxes(), 0);
}

/*
 * Refuses: LOS_MemboxInit | pool NULL, blkSize 0 | LOS_NOK
 * Refuses: LOS_MemboxInit | poolSize below the control, or too small for one box | LOS_NOK, nothing written
 */
static void init_refuses_what_holds_no_box(void **state)
{
    (void)state;
    assert_not_made(NULL, 1000, 8);
    assert_not_made(arena, 1000, 0);
    assert_not_made(arena, 0, 8);
    assert_not_made(arena, CONTROL - 1u, 8);
    assert_not_made(arena, CONTROL, 8);
    assert_not_made(arena, CONTROL + 2u * HEAD - 1u, 1);
    assert_int_equal(LOS_MemboxInit(arena, CONTROL + 2u * HEAD, 1), LOS_OK);
}

/*
 * Refuses: LOS_MemboxInit | blkSize that rounding makes overflow | LOS_NOK, nothing written
 * Refuses: LOS_MemboxInit | range that wraps the address space | LOS_NOK, nothing written
 */
static void init_refuses_sizes_that_overflow(void **state)
{
    (void)state;
    UINT32 tried = 0;
    for (UINT32 below = 0; below < 24; below++) {
        for (UINT32 bytes = 0; bytes < 200; bytes += 9) {
            assert_not_made(arena, bytes, LAST - below);
            assert_not_made(arena, LAST - bytes, LAST - below);
            tried += 2;
        }
    }
    assert_not_made((VOID *)~(UINTPTR)0xFFF, 0x2000, 64);
    assert_not_made((VOID *)~(UINTPTR)0xFFF, LAST, 64);
    printf("  %u sizes near UINT32_MAX\n", tried);
}

/* Refuses: LOS_MemboxInit | pool at no multiple of 4 | LOS_NOK, nothing written; with refusal_report a message */
static void init_refuses_odd_addresses(void **state)
{
    (void)state;
    for (UINT32 by = 1; by < 4; by++) {
        assert_not_made(arena + by, 1000, 8);
    }
    report_refusals();
    catch_output();
    UINT32 result = LOS_MemboxInit(arena + 2, 1000, 8);
    const char *said = caught_output();
    assert_int_equal(result, LOS_NOK);
    assert_string_equal(said, expected("[ERR] LOS_MemboxInit: pool 0x%lx: %s\n", (unsigned long)(UINTPTR)(arena + 2),
                                       tarn_status_text(TARN_E_MISALIGNED)));
}

/* A multiple of 4 that is none of the pointer's size: as many boxes, all of them usable, and a warning. */
static void a_half_aligned_pool_is_warned_about(void **state)
{
    (void)state;
    UINT8 *pool = arena + 4;
    UINT32 bytes = (UINT32)LOS_MEMBOX_SIZE(16, 3);
    UINT8 *boxes[3];
    catch_output();
    UINT32 result = LOS_MemboxInit(pool, bytes, 16);
    const char *said = caught_output();
    assert_int_equal(result, LOS_OK);
    const char *warning = expected("[WARN] pool [0x%lx, 0x%lx) size 0x%x should be aligned with OS_MEM_ALIGN_SIZE\n",
                                   (unsigned long)(UINTPTR)pool, (unsigned long)((UINTPTR)pool + bytes), bytes);
    assert_string_equal(said, sizeof(VOID *) == 8 ? warning : "");
    for (UINT32 i = 0; i < 3; i++) {
        boxes[i] = LOS_MemboxAlloc(pool);
        assert_ptr_equal(boxes[i], pool + CONTROL + HEAD + (size_t)i * stride_of(16));
    }
    assert_null(LOS_MemboxAlloc(pool));
    for (UINT32 i = 0; i < 3; i++) {
        assert_int_equal(LOS_MemboxFree(pool, boxes[i]), LOS_OK);
        assert_int_equal(LOS_MemboxFree(pool, boxes[i]), LOS_NOK);
    }
}

static void a_second_init_begins_anew(void **state)
{
    (void)state;
    VOID *pool = make_box(16, 4);
    VOID *box = LOS_MemboxAlloc(pool);
    (void)LOS_MemboxAlloc(pool);
    (void)make_box(16, 4);
    assert_int_equal(LOS_MemboxFree(pool, box), LOS_NOK);
    assert_ptr_equal(LOS_MemboxAlloc(pool), box);
    assert_int_equal(listed_boxes(), 1);
}

/* ---- alloc ---- */

/*
 * Refuses: LOS_MemboxAlloc | pool NULL | NULL
 * Refuses: LOS_MemboxAlloc | every box is out | NULL
 */
static void alloc_refuses_null_and_exhaustion(void **state)
{
    (void)state;
    assert_null(LOS_MemboxAlloc(NULL));
    VOID *pool = make_box(8, 2);
    VOID *one = LOS_MemboxAlloc(pool);
    VOID *two = LOS_MemboxAlloc(pool);
    assert_true(one != NULL && two != NULL && one != two);
    assert_null(LOS_MemboxAlloc(pool));
    assert_null(LOS_MemboxAlloc(pool));
    assert_counts(pool, 2, 2, stride_of(8));
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_OK);
    assert_ptr_equal(LOS_MemboxAlloc(pool), one);
}

static void the_box_freed_last_comes_first(void **state)
{
    (void)state;
    VOID *pool = make_box(0x200, 8);
    VOID *boxes[8];
    for (UINT32 i = 0; i < 8; i++) {
        boxes[i] = LOS_MemboxAlloc(pool);
    }
    assert_int_equal(LOS_MemboxFree(pool, boxes[5]), LOS_OK);
    assert_int_equal(LOS_MemboxFree(pool, boxes[2]), LOS_OK);
    assert_ptr_equal(LOS_MemboxAlloc(pool), boxes[2]);
    assert_ptr_equal(LOS_MemboxAlloc(pool), boxes[5]);
}

/* Words that contradict each other, or are none of a membox. */
static const UINT32 senseless[][3] = {
    {0, 0, 0},
    {0, 4, 0},
    {32, 0, 0},
    {32, 4, 5},
    {33, 4, 0},
    {4, 4, 0},
    {0xFFFFFFF8u, 4, 0},
    {0x80000000u, 2, 0},
    {32, 0x10000000u, 0},
    {1, LAST, LAST},
    {0x5A5A5A5Au, 0x5A5A5A5Au, 0x5A5A5A5Au},
};

/*
 * Refuses: any LOS_Membox* function | memory never initialised, misaligned | its failure: NULL, LOS_NOK, nothing
 * Refuses: any LOS_Membox* function | words that contradict each other | its failure: NULL, LOS_NOK, nothing
 */
static void everything_refuses_what_is_no_membox(void **state)
{
    (void)state;
    UINT32 words = sizeof senseless / sizeof senseless[0];
    VOID *inside = arena + CONTROL + HEAD;
    for (UINT32 i = 0; i <= words; i++) {
        UINT8 *pool = i == words ? arena + 1 : arena;
        memset(arena, 0, 4096);
        memcpy(arena, senseless[i % words], 12);
        memset(inside, 0x77, 64);
        catch_output();
        VOID *box = LOS_MemboxAlloc(pool);
        UINT32 freed = LOS_MemboxFree(pool, inside);
        LOS_MemboxClr(pool, inside);
        LOS_ShowBox(pool);
        const char *said = caught_output();
        assert_null(box);
        assert_int_equal(freed, LOS_NOK);
        assert_string_equal(said, "");
        assert_int_equal(((UINT8 *)inside)[0], 0x77);
    }
}

/* ---- free ---- */

/*
 * Refuses: LOS_MemboxFree | pool or box NULL | LOS_NOK
 * Refuses: LOS_MemboxFree | box freed already, whether others are out or not | LOS_NOK, membox unharmed
 * Refuses: LOS_MemboxFree | box never handed out | LOS_NOK
 */
static void free_refuses_what_is_not_out(void **state)
{
    (void)state;
    VOID *pool = make_box(12, 4);
    VOID *one = LOS_MemboxAlloc(pool);
    VOID *two = LOS_MemboxAlloc(pool);
    assert_int_equal(LOS_MemboxFree(NULL, one), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, NULL), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, box_at(12, 2)), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, box_at(12, 3)), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_OK);
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_NOK);
    assert_counts(pool, 4, 1, stride_of(12));
    assert_int_equal(LOS_MemboxFree(pool, two), LOS_OK);
    assert_int_equal(LOS_MemboxFree(pool, two), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_NOK);
    assert_counts(pool, 4, 0, stride_of(12));
    assert_ptr_equal(LOS_MemboxAlloc(pool), two);
    assert_ptr_equal(LOS_MemboxAlloc(pool), one);
}

/*
 * Refuses: LOS_MemboxFree | every address in the buffer that is not a box's, and those around it | LOS_NOK
 * Refuses: LOS_MemboxFree | box of another membox, heap, stack | LOS_NOK
 */
static void free_refuses_every_other_address(void **state)
{
    (void)state;
    UINT32 refused = 0;
    for (UINT32 size = 1; size <= 40; size += 3) {
        VOID *pool = make_box(size, 9);
        UINT32 bytes = (UINT32)LOS_MEMBOX_SIZE(size, 9);
        for (UINT32 i = 0; i < 9; i++) {
            UINT8 *box = LOS_MemboxAlloc(pool);
            memset(box, 0xA5, stride_of(size) - HEAD); /* looks like heads of boxes that are out */
        }
        for (UINTPTR at = (UINTPTR)arena - 32; at < (UINTPTR)arena + bytes + 64; at++) {
            UINTPTR distance = at - (UINTPTR)box_at(size, 0);
            if (distance % stride_of(size) != 0 || distance / stride_of(size) >= 9) {
                assert_int_equal(LOS_MemboxFree(pool, (VOID *)at), LOS_NOK);
                refused++;
            }
        }
        assert_counts(pool, 9, 9, stride_of(size));
    }
    VOID *pool = make_box(16, 4);
    VOID *other = arena + 0x4000;
    UINT64 local[8] = {0};
    assert_int_equal(LOS_MemboxInit(other, 1024, 16), LOS_OK);
    VOID *box = LOS_MemboxAlloc(other);
    VOID *block = LOS_MemAlloc(OS_SYS_MEM_ADDR, 64);
    (void)LOS_MemboxAlloc(pool);
    assert_int_equal(LOS_MemboxFree(pool, box), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, block), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, local + 2), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(other, box), LOS_OK);
    assert_int_equal(LOS_MemFree(OS_SYS_MEM_ADDR, block), LOS_OK);
    printf("  %u addresses refused\n", refused);
}

/* Refuses: LOS_MemboxFree | box whose head was overwritten | LOS_NOK, membox unharmed */
static void free_refuses_an_overwritten_head(void **state)
{
    (void)state;
    VOID *pool = make_box(16, 4);
    UINT8 *one = LOS_MemboxAlloc(pool);
    UINT8 *two = LOS_MemboxAlloc(pool);
    one[stride_of(16) - HEAD] ^= 1; /* the first byte past the first box */
    assert_int_equal(LOS_MemboxFree(pool, two), LOS_NOK);
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_OK);
    one[stride_of(16) - HEAD] ^= 1;
    assert_int_equal(LOS_MemboxFree(pool, two), LOS_OK);
    assert_counts(pool, 4, 0, stride_of(16));
}

/* Refuses: LOS_MemboxFree | while no box is out, one whose head was made to say that it is | LOS_NOK */
static void free_refuses_while_none_is_out(void **state)
{
    (void)state;
    VOID *pool = make_box(16, 4);
    UINT8 *one = LOS_MemboxAlloc(pool);
    UINT8 head[sizeof(VOID *)];
    memcpy(head, one - HEAD, sizeof head);
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_OK);
    memcpy(one - HEAD, head, sizeof head);
    assert_int_equal(LOS_MemboxFree(pool, one), LOS_NOK);
    assert_counts(pool, 4, 0, stride_of(16));
}

/* Refuses: LOS_MemboxFree | any refused box, with `refusal_report` switched on | LOS_NOK, message that says why */
static void refusals_are_told(void **state)
{
    (void)state;
    watch w;
    VOID *pool = make_box(16, 4);
    UINT8 *one = LOS_MemboxAlloc(pool);
    (void)LOS_MemboxAlloc(pool);
    watch_begin(&w);
    (void)LOS_MemboxFree(pool, one + 4);
    assert_int_equal(watch_status(&w, TARN_EVENT_REFUSE), TARN_E_NOT_A_BLOCK);
    (void)LOS_MemboxFree(pool, one + 4096);
    assert_int_equal(watch_status(&w, TARN_EVENT_REFUSE), TARN_E_FOREIGN);
    (void)LOS_MemboxFree(pool, box_at(16, 2));
    assert_int_equal(watch_status(&w, TARN_EVENT_REFUSE), TARN_E_DOUBLE_FREE);
    one[-1] ^= 1;
    (void)LOS_MemboxFree(pool, one);
    assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    one[-1] ^= 1;
    (void)LOS_MemboxAlloc(pool);
    (void)LOS_MemboxAlloc(pool);
    (void)LOS_MemboxAlloc(pool);
    assert_int_equal(watch_status(&w, TARN_EVENT_FAIL), TARN_E_EXHAUSTED);
    watch_end(&w);
    report_refusals();
    catch_output();
    (void)LOS_MemboxFree(pool, one + 4);
    (void)LOS_MemboxAlloc(pool); /* without a box is no refusal to report */
    const char *said = caught_output();
    assert_string_equal(said,
                        expected("[ERR] LOS_MemboxFree: 0x%lx in pool 0x%lx: %s\n", (unsigned long)(UINTPTR)(one + 4),
                                 (unsigned long)(UINTPTR)pool, tarn_status_text(TARN_E_NOT_A_BLOCK)));
}

/* Refuses: LOS_MemboxAlloc | the list's first link, or the one after it, overwritten | NULL, nothing changes */
static void alloc_refuses_a_damaged_list(void **state)
{
    (void)state;
    UINT32 tried = 0;
    for (UINT32 at = 0; at < 2; at++) {
        VOID *bad[] = {NULL, arena, arena + 0x8000, (VOID *)(UINTPTR)0x10, (VOID *)~(UINTPTR)3, box_at(16, 0), NULL};
        bad[6] = (UINT8 *)box_at(16, 5) - HEAD + 4; /* between two heads */
        for (UINT32 i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            LOS_MEMBOX_INFO *info = make_box(16, 6);
            VOID *out = LOS_MemboxAlloc(info);
            LOS_MEMBOX_NODE *first = info->stFreeList.pstNext;
            memcpy(at == 0 ? &info->stFreeList : first, &bad[i], sizeof bad[i]);
            assert_null(LOS_MemboxAlloc(info));
            assert_counts(info, 6, 1, stride_of(16));
            assert_int_equal(LOS_MemboxFree(info, out), at == 0 ? LOS_NOK : LOS_OK);
            tried++;
        }
    }
    LOS_MEMBOX_INFO *info = make_box(16, 6);
    info->stFreeList.pstNext->pstNext = info->stFreeList.pstNext; /* to itself */
    assert_null(LOS_MemboxAlloc(info));
    printf("  %u links\n", tried + 1);
}

/* Refuses: LOS_MemboxFree | the list's first link overwritten | LOS_NOK, nothing changes */
static void free_refuses_a_damaged_list(void **state)
{
    (void)state;
    LOS_MEMBOX_INFO *info = make_box(16, 6);
    VOID *box = LOS_MemboxAlloc(info);
    LOS_MEMBOX_NODE *first = info->stFreeList.pstNext;
    info->stFreeList.pstNext = NULL;
    assert_int_equal(LOS_MemboxFree(info, box), LOS_NOK);
    info->stFreeList.pstNext = first;
    assert_int_equal(LOS_MemboxFree(info, box), LOS_OK);
}

/* ---- the others ---- */

/*
 * Refuses: LOS_MemboxClr | pool or box NULL | does nothing
 * Refuses: LOS_MemboxClr | box that is not out: free, not a box's address, of another membox | does nothing
 */
static void clear_fills_a_box_and_no_other(void **state)
{
    (void)state;
    VOID *pool = make_box(20, 3);
    UINT32 usable = stride_of(20) - HEAD;
    UINT8 *boxes[3];
    for (UINT32 i = 0; i < 3; i++) {
        boxes[i] = LOS_MemboxAlloc(pool);
        memset(boxes[i], 0xC3, usable);
    }
    LOS_MemboxClr(NULL, boxes[1]);
    LOS_MemboxClr(pool, NULL);
    LOS_MemboxClr(pool, boxes[1] + 4);
    LOS_MemboxClr(pool, arena);
    LOS_MemboxClr(pool, arena + 0x1000);
    assert_int_equal(LOS_MemboxFree(pool, boxes[2]), LOS_OK);
    LOS_MemboxClr(pool, boxes[2]);
    for (UINT32 i = 0; i < usable; i++) {
        assert_int_equal(boxes[1][i], 0xC3);
        assert_int_equal(boxes[2][i], 0xC3);
    }
    LOS_MemboxClr(pool, boxes[1]);
    for (UINT32 i = 0; i < usable; i++) {
        assert_int_equal(boxes[0][i], 0xC3);
        assert_int_equal(boxes[1][i], 0);
    }
    assert_int_equal(LOS_MemboxFree(pool, boxes[1]), LOS_OK);
}

/* What the original prints at info level, to the byte. */
static void show_prints_both_lists(void **state)
{
    (void)state;
    enum { BOXES = 40 }; /* more than are copied at a time */
    static char text[1u << 13];
    LOS_MEMBOX_INFO *info = make_box(8, BOXES);
    VOID *out[3];
    for (UINT32 i = 0; i < 3; i++) {
        out[i] = LOS_MemboxAlloc(info);
    }
    assert_int_equal(LOS_MemboxFree(info, out[1]), LOS_OK);
    size_t n = (size_t)snprintf(text, sizeof text, "[INFO] membox(0x%lx,0x%x,0x%x):\r\n[INFO] free node list:\r\n",
                                (unsigned long)(UINTPTR)info, info->uwBlkSize, info->uwBlkNum);
    UINT32 index = 0;
    for (LOS_MEMBOX_NODE *node = info->stFreeList.pstNext; node != NULL; node = node->pstNext) {
        n +=
            (size_t)snprintf(text + n, sizeof text - n, "[INFO] (%u,0x%lx)\r\n", index++, (unsigned long)(UINTPTR)node);
    }
    assert_int_equal(index, BOXES - 2);
    n += (size_t)snprintf(text + n, sizeof text - n, "[INFO] all node list:\r\n");
    LOS_MEMBOX_NODE *node = (LOS_MEMBOX_NODE *)(info + 1);
    for (index = 0; index < BOXES; index++, node = OS_MEMBOX_NEXT(node, info->uwBlkSize)) {
        n += (size_t)snprintf(text + n, sizeof text - n, "[INFO] (%u,0x%lx,0x%lx)\r\n", index,
                              (unsigned long)(UINTPTR)node, (unsigned long)(UINTPTR)node->pstNext);
    }
    catch_output();
    LOS_ShowBox(info);
    assert_string_equal(caught_output(), text);
    assert_non_null(strstr(text, sizeof(VOID *) == 8 ? "0xa55a5aa5a55a5aa5" : "0xa55a5aa5"));
}

/*
 * Refuses: LOS_ShowBox | pool NULL or no membox | prints nothing
 * Refuses: LOS_ShowBox | damaged list | ends there; with refusal_report a message
 */
static void show_survives_what_is_damaged(void **state)
{
    (void)state;
    catch_output();
    LOS_ShowBox(NULL);
    assert_string_equal(caught_output(), "");
    LOS_MEMBOX_INFO *info = make_box(16, 5);
    info->stFreeList.pstNext->pstNext->pstNext = (LOS_MEMBOX_NODE *)(VOID *)(arena + 0x9001);
    report_refusals();
    catch_output();
    LOS_ShowBox(info);
    const char *said = caught_output();
    const char *all = strstr(said, "[INFO] all node list:");
    assert_true(strstr(said, "[INFO] (1,") < all && strstr(said, "[INFO] (2,") > all);
    assert_non_null(strstr(all, "[ERR] LOS_ShowBox: "));
    info->stFreeList.pstNext->pstNext = info->stFreeList.pstNext; /* a list without end */
    catch_output();
    LOS_ShowBox(info);
    assert_true(strlen(caught_output()) < 1024);
}

/*
 * Refuses: LOS_MemboxStatisticsGet | any pointer NULL | LOS_NOK, nothing written
 * Refuses: LOS_MemboxStatisticsGet | address that is no membox | LOS_NOK, nothing written
 */
static void statistics_refuse_null(void **state)
{
    (void)state;
    UINT32 a = 1, b = 2, c = 3;
    VOID *pool = make_box(10, 3);
    assert_int_equal(LOS_MemboxStatisticsGet(NULL, &a, &b, &c), LOS_NOK);
    assert_int_equal(LOS_MemboxStatisticsGet(pool, NULL, &b, &c), LOS_NOK);
    assert_int_equal(LOS_MemboxStatisticsGet(pool, &a, NULL, &c), LOS_NOK);
    assert_int_equal(LOS_MemboxStatisticsGet(pool, &a, &b, NULL), LOS_NOK);
    memset(arena, 0, 64);
    assert_int_equal(LOS_MemboxStatisticsGet(pool, &a, &b, &c), LOS_NOK);
    assert_int_equal(LOS_MemboxStatisticsGet(arena + 2, &a, &b, &c), LOS_NOK);
    assert_true(a == 1 && b == 2 && c == 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(names_and_numbers_are_the_originals),
        TEST(a_buffer_holds_exactly_its_number),
        TEST(sizes_worked_out_by_hand_hold_as_many),
        TEST(the_members_can_be_read),
        TEST(init_refuses_what_holds_no_box),
        TEST(init_refuses_sizes_that_overflow),
        TEST(init_refuses_odd_addresses),
        TEST(a_half_aligned_pool_is_warned_about),
        TEST(a_second_init_begins_anew),
        TEST(alloc_refuses_null_and_exhaustion),
        TEST(the_box_freed_last_comes_first),
        TEST(everything_refuses_what_is_no_membox),
        TEST(free_refuses_what_is_not_out),
        TEST(free_refuses_every_other_address),
        TEST(free_refuses_an_overwritten_head),
        TEST(free_refuses_while_none_is_out),
        TEST(refusals_are_told),
        TEST(alloc_refuses_a_damaged_list),
        TEST(free_refuses_a_damaged_list),
        TEST(clear_fills_a_box_and_no_other),
        TEST(show_prints_both_lists),
        TEST(show_survives_what_is_damaged),
        TEST(statistics_refuse_null),
    };
    if (!has_registry()) {
        return 77;
    }
    return cmocka_run_group_tests_name("liteos_membox", tests, NULL, NULL);
}
