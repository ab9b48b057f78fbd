/* SPDX-License-Identifier: MIT */
/* Static memboxes in the registry: listed, ended with the block that carries them, and in nobody's way. */
#define LOSCFG_KERNEL_MEMBOX_STATIC 1
#include "test_membox.h"

#include "config.h"
#include "tarn/blocks.h"

static VOID *make_box_at(VOID *pool, UINT32 bytes)
{
    assert_int_equal(LOS_MemboxInit(pool, bytes, 16), LOS_OK);
    return pool;
}

static bool is_listed(const VOID *pool, UINT32 bytes)
{
    tarn_registration entry;
    bool found = tarn_registry_find(TARN_FACE_MEMBOX, (const tarn_pool *)pool, &entry);
    assert_true(!found || (entry.bytes == bytes && entry.name == NULL));
    return found;
}

static void a_membox_is_listed_and_no_liteos_pool(void **state)
{
    (void)state;
    UINT32 pools = listed_pools();
    VOID *box = make_box_at(arena, 1024);
    assert_true(is_listed(box, 1024));
    assert_int_equal(listed_pools(), pools);
    make_box_at(arena + 2048, 512);
    assert_int_equal(listed_boxes(), 2);
}

static void a_membox_over_others_takes_their_place(void **state)
{
    (void)state;
    need_events();
    watch w;
    make_box_at(arena + 0x1000, 0x400);
    make_box_at(arena + 0x2000, 0x400);
    make_box_at(arena + 0x3000, 0x400);
    watch_begin(&w);
    make_box_at(arena + 0x1200, 0x2000); /* the end of the first, all of the second, the start of the third */
    assert_int_equal(watch_status(&w, TARN_EVENT_UNLIST), TARN_OK);
    assert_int_equal(w.count, 3);
    watch_end(&w);
    assert_int_equal(listed_boxes(), 1);
    make_box_at(arena + 0x3200, 0x400); /* touches */
    make_box_at(arena + 0x1240, 0x80);  /* inside */
    assert_int_equal(listed_boxes(), 3);
    make_box_at(arena + 0x1240, 0x100); /* the same start */
    assert_true(is_listed(arena + 0x1240, 0x100));
    assert_int_equal(listed_boxes(), 3);
}

/* The original knows of no memboxes there, and a function's array comes and goes. */
static void a_pool_over_memboxes_is_made(void **state)
{
    (void)state;
    make_box_at(arena + 0x1000, 0x400);
    make_box_at(arena + 0x2000, 0x400);
    catch_output();
    UINT32 result = LOS_MemInit(arena + 0x1000, 0x1200);
    assert_string_equal(caught_output(), "");
    assert_int_equal(result, LOS_OK);
    assert_int_equal(listed_boxes(), 0);
    make_box_at(arena + 0x4000, 0x400);
    assert_int_equal(LOS_MemInit(arena + 0x3F00, 0x200), LOS_OK); /* over its start */
    assert_int_equal(listed_boxes(), 0);
}

static void a_pool_in_a_box_is_made(void **state)
{
    (void)state;
    assert_int_equal(LOS_MemboxInit(arena, 0x4000, 0x1000), LOS_OK);
    VOID *box = LOS_MemboxAlloc(arena);
    assert_int_equal(LOS_MemInit(box, 0x1000), LOS_OK);
    VOID *block = LOS_MemAlloc(box, 100);
    assert_non_null(block);
    assert_true(is_listed(arena, 0x4000));
    assert_int_equal(LOS_MemFree(arena, box), LOS_NOK);
    assert_int_equal(LOS_MemFree(box, block), LOS_OK);
    assert_int_equal(LOS_MemDeInit(box), LOS_OK);
    assert_int_equal(LOS_MemboxFree(arena, box), LOS_OK);
}

/* More memboxes than the registry holds: all work, the oldest leave, and a pool finds room. */
static void a_full_registry_lets_the_oldest_go(void **state)
{
    (void)state;
    tarn_registration entry;
    UINT32 many = TARN_REGISTRY_CAPACITY + 3u;
    UINT32 bytes = (UINT32)LOS_MEMBOX_SIZE(16, 2);
    UINT8 *memory = malloc((size_t)many * bytes);
    assert_non_null(memory);
    for (UINT32 i = 0; i < many; i++) {
        make_box_at(memory + (size_t)i * bytes, bytes);
    }
    UINT32 listed = listed_boxes();
    assert_true(listed + 1u >= TARN_REGISTRY_CAPACITY - 1u && listed < TARN_REGISTRY_CAPACITY);
    assert_true(tarn_registered(TARN_FACE_MEMBOX, listed - 1u, &entry));
    assert_ptr_equal(entry.pool, memory + (size_t)(many - 1u) * bytes);
    assert_int_equal(LOS_MemInit(arena, 0x1000), LOS_OK);
    assert_int_equal(listed_boxes(), listed - 1u);
    for (UINT32 i = 0; i < many; i++) {
        VOID *box = LOS_MemboxAlloc(memory + (size_t)i * bytes);
        assert_non_null(box);
        assert_int_equal(LOS_MemboxFree(memory + (size_t)i * bytes, box), LOS_OK);
    }
    (void)without_boxes(NULL);
    free(memory);
    printf("  %u memboxes, %u of them listed\n", many, listed);
}

/* Full of what does not give way: the membox works unlisted, and an event says so. */
static void a_membox_that_finds_no_room_works(void **state)
{
    (void)state;
    need_events();
    watch w;
    UINT32 made = 0;
    UINT8 *memory = malloc((size_t)TARN_REGISTRY_CAPACITY * 256u);
    assert_non_null(memory);
    for (; made < TARN_REGISTRY_CAPACITY; made++) {
        tarn_blocks *pool;
        tarn_registration entry;
        assert_int_equal(tarn_blocks_init(&pool, memory + (size_t)made * 256u, 256, 16, NULL), TARN_OK);
        if (!tarn_registry_find(TARN_FACE_BLOCKS, (tarn_pool *)(void *)pool, &entry)) {
            break;
        }
    }
    watch_begin(&w);
    make_box_at(arena, 256);
    assert_int_equal(watch_status(&w, TARN_EVENT_UNLISTED_INIT), TARN_E_REGISTRY_FULL);
    watch_end(&w);
    assert_int_equal(listed_boxes(), 0);
    assert_non_null(LOS_MemboxAlloc(arena));
    for (UINT32 i = 0; i < made; i++) {
        (void)tarn_blocks_deinit((tarn_blocks *)(void *)(memory + (size_t)i * 256u));
    }
    free(memory);
}

/* What was listed at the same address by others is theirs to take off. */
static void entries_of_others_stay(void **state)
{
    (void)state;
    tarn_blocks *blocks;
    tarn_registration entry;
    make_box_at(arena, 1024);
    assert_int_equal(tarn_blocks_init(&blocks, arena, 1024, 16, NULL), TARN_OK);
    make_box_at(arena, 1024);
    assert_true(is_listed(arena, 1024));
    assert_int_equal(listed_boxes(), 1);
    assert_true(tarn_registry_find(TARN_FACE_BLOCKS, (tarn_pool *)(void *)arena, &entry));
    assert_true(tarn_registry_leave(entry.pool));
    assert_int_equal(listed_boxes(), 1);
}

/* Refuses: any LOS_Membox* function | membox whose block was given back | its failure: NULL, LOS_NOK */
static void freeing_the_carrying_block_ends_the_membox(void **state)
{
    (void)state;
    need_events();
    watch w;
    UINT32 a, b, c;
    VOID *pool = make_pool(0x8000);
    VOID *around = LOS_MemAlloc(pool, 0x1000);
    make_box_at(around, 0x1000);
    VOID *box = LOS_MemboxAlloc(around);
    assert_int_equal(LOS_MemFree(pool, box), LOS_NOK);
    watch_begin(&w);
    assert_int_equal(LOS_MemFree(pool, around), LOS_OK);
    assert_int_equal(watch_status(&w, TARN_EVENT_UNLIST), TARN_OK);
    watch_end(&w);
    assert_int_equal(listed_boxes(), 0);
    assert_null(LOS_MemboxAlloc(around));
    assert_int_equal(LOS_MemboxFree(around, box), LOS_NOK);
    assert_int_equal(LOS_MemboxStatisticsGet(around, &a, &b, &c), LOS_NOK);
    assert_whole(pool);
}

/* A membox that is listed no longer than its memory was its own leaves the bytes alone that came after it. */
static void what_is_a_membox_no_longer_is_not_written(void **state)
{
    (void)state;
    need_events();
    VOID *pool = make_pool(0x8000);
    UINT8 *around = LOS_MemAlloc(pool, 0x1000);
    make_box_at(around + 0x100, 0x400);
    memset(around, 0x11, 0x1000);
    make_box_at(around + 0x900, 0x400);
    ((LOS_MEMBOX_INFO *)(VOID *)(around + 0x900))->uwBlkNum--; /* another membox, as far as the registry knows */
    UINT8 before[0xC00];
    memcpy(before, around + 0x100, sizeof before);
    watch w;
    watch_begin(&w);
    assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
    watch_end(&w);
    assert_int_equal(listed_boxes(), 0);
    assert_memory_equal(before, around + 0x100, sizeof before);
}

/* In the original a block moves whatever lies in it; the membox is then at an address where none was made. */
static void a_block_that_carries_memboxes_moves(void **state)
{
    (void)state;
    VOID *pool = make_pool(0x8000);
    UINT8 *around = LOS_MemAlloc(pool, 0x800);
    assert_non_null(LOS_MemAlloc(pool, 8)); /* so that it cannot grow where it is */
    make_box_at(around, 0x400);
    make_box_at(around + 0x400, 0x400);
    VOID *box = LOS_MemboxAlloc(around);
    memset(box, 0x77, 16);
    catch_output();
    UINT8 *moved = LOS_MemRealloc(pool, around, 0x1000);
    assert_string_equal(caught_output(), "");
    assert_true(moved != NULL && moved != around);
    assert_int_equal(moved[(UINT8 *)box - around], 0x77);
    assert_int_equal(listed_boxes(), 0);
    assert_null(LOS_MemboxAlloc(moved));
    make_box_at(moved, 0x1000);
    assert_int_equal(LOS_MemFree(pool, moved), LOS_OK);
}

/* Nor does a membox let a pool be moved that lies beside it. */
static void a_pool_beside_a_membox_keeps_its_block(void **state)
{
    (void)state;
    VOID *pool = make_pool(0x8000);
    UINT8 *around = LOS_MemAlloc(pool, 0x800);
    assert_non_null(LOS_MemAlloc(pool, 8));
    make_box_at(around, 0x400);
    assert_int_equal(LOS_MemInit(around + 0x400, 0x400), LOS_OK);
    catch_output();
    VOID *moved = LOS_MemRealloc(pool, around, 0x1000);
    const char *said = caught_output();
    assert_null(moved);
    assert_non_null(strstr(said, "carries a pool and cannot be moved"));
    assert_int_equal(LOS_MemDeInit(around + 0x400), LOS_OK);
    assert_non_null(LOS_MemRealloc(pool, around, 0x1000));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_membox_is_listed_and_no_liteos_pool),
        TEST(a_membox_over_others_takes_their_place),
        TEST(a_pool_over_memboxes_is_made),
        TEST(a_pool_in_a_box_is_made),
        TEST(a_full_registry_lets_the_oldest_go),
        TEST(a_membox_that_finds_no_room_works),
        TEST(entries_of_others_stay),
        TEST(freeing_the_carrying_block_ends_the_membox),
        TEST(what_is_a_membox_no_longer_is_not_written),
        TEST(a_block_that_carries_memboxes_moves),
        TEST(a_pool_beside_a_membox_keeps_its_block),
    };
    return run_per_engine("liteos_boxlist", tests, sizeof tests / sizeof tests[0]);
}
