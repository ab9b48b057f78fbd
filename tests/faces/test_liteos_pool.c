/* SPDX-License-Identifier: MIT */
/* LOS_MemInit() and LOS_MemDeInit(): which ranges become pools, which are refused, how pools nest and end. */
#include "test_liteos.h"

#include <sys/mman.h>

#include "config.h"

/* The smallest size that LOS_MemInit() takes at the arena's start. */
static UINT32 smallest_pool(void)
{
    for (UINT32 size = 0; size < 4096; size += (UINT32)sizeof(VOID *)) {
        if (LOS_MemInit(arena, size) == LOS_OK) {
            assert_int_equal(LOS_MemDeInit(arena), LOS_OK);
            return size;
        }
    }
    fail_msg("no pool below 4096 bytes");
    return 0;
}

/* Refuses: LOS_MemInit | pool NULL | LOS_NOK */
static void init_refuses_null(void **state)
{
    (void)state;
    assert_int_equal(LOS_MemInit(NULL, 0x1000), LOS_NOK);
}

/* Refuses: LOS_MemInit | size below the minimum (equality is accepted) | LOS_NOK */
static void init_refuses_less_than_the_minimum(void **state)
{
    (void)state;
    UINT32 smallest = smallest_pool();
    printf("  smallest pool: %u bytes\n", smallest);
    assert_true(smallest <= 256);
    catch_output();
    UINT32 result = LOS_MemInit(arena, smallest - 1);
    caught_output();
    assert_int_equal(result, LOS_NOK);
    assert_int_equal(LOS_MemInit(arena, 0), LOS_NOK);
    VOID *pool = make_pool(smallest);
    VOID *block = LOS_MemAlloc(pool, 8);
    assert_non_null(block);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_whole(pool);
}

/* Refuses: LOS_MemInit | size 0x40000000 and more | LOS_NOK, nothing registered */
static void init_refuses_sizes_with_a_flag_bit(void **state)
{
    (void)state;
    tarn_registration entry;
    assert_int_equal(LOS_MemInit(arena, 0x40000000u), LOS_NOK);
    assert_int_equal(LOS_MemInit(arena, 0x80000000u), LOS_NOK);
    assert_int_equal(LOS_MemInit(arena, 0xFFFFFFFFu), LOS_NOK);
    assert_false(tarn_registered(TARN_FACE_LITEOS, 1, &entry));
    (void)make_pool(ARENA_BYTES);
}

/* Refuses: LOS_MemInit | range that wraps the address space | LOS_NOK */
static void init_refuses_a_wrapping_range(void **state)
{
    (void)state;
    UINTPTR last_page = ~(UINTPTR)0xFFF;
    catch_output();
    UINT32 result = LOS_MemInit((VOID *)last_page, 0x2000);
    caught_output();
    assert_int_equal(result, LOS_NOK);
}

static void assert_conflict(UINTPTR start, UINT32 size, UINTPTR with, UINT32 with_size)
{
    catch_output();
    UINT32 result = LOS_MemInit((VOID *)start, size);
    const char *said = caught_output();
    assert_int_equal(result, LOS_NOK);
    assert_string_equal(said,
                        expected("[ERR] pool [0x%lx, 0x%lx) conflict with pool [0x%lx, 0x%lx)\n", (unsigned long)start,
                                 (unsigned long)start + size, (unsigned long)with, (unsigned long)with + with_size));
}

/*
 * Refuses: LOS_MemInit | identical range, pool initialised twice | LOS_NOK, conflict message
 * Refuses: LOS_MemInit | range that covers a pool | LOS_NOK, conflict message
 * Refuses: LOS_MemInit | range that straddles a pool's start | LOS_NOK, conflict message
 * Refuses: LOS_MemInit | range that straddles a pool's end | LOS_NOK, conflict message
 */
static void init_refuses_overlap(void **state)
{
    (void)state;
    UINTPTR at = (UINTPTR)arena + 0x4000;
    assert_int_equal(LOS_MemInit((VOID *)at, 0x1000), LOS_OK);
    assert_conflict(at, 0x1000, at, 0x1000);
    assert_conflict(at, 0x800, at, 0x1000);
    assert_conflict(at - 0x1000, 0x3000, at, 0x1000);
    assert_conflict(at - 0x800, 0x1000, at, 0x1000);
    assert_conflict(at + 0x800, 0x1000, at, 0x1000);
    assert_conflict(at + 0x800, 0x800, at, 0x1000);
    assert_whole((VOID *)at);
}

/*
 * Refuses: LOS_MemInit | range inside a pool that covers free space | LOS_NOK, conflict message
 * Refuses: LOS_MemInit | range inside a pool that covers its control data | LOS_NOK, conflict message
 * Refuses: LOS_MemInit | range inside a pool that covers several blocks | LOS_NOK, conflict message
 */
static void init_refuses_what_is_not_one_block(void **state)
{
    (void)state;
    VOID *pool = make_pool(0x8000);
    UINTPTR first = (UINTPTR)LOS_MemAlloc(pool, 0x1000);
    UINTPTR second = (UINTPTR)LOS_MemAlloc(pool, 0x1000);
    assert_conflict((UINTPTR)arena + 0x6000, 0x400, (UINTPTR)arena, 0x8000);
    assert_conflict((UINTPTR)arena + 8, 0x400, (UINTPTR)arena, 0x8000);
    assert_conflict(first + 0x800, 0x1000, (UINTPTR)arena, 0x8000);
    assert_conflict(second + 8, 0x1000, (UINTPTR)arena, 0x8000);
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, (VOID *)second), LOS_OK);
    assert_conflict(second, 0x1000, (UINTPTR)arena, 0x8000);
}

static void init_accepts_touching_ranges(void **state)
{
    (void)state;
    assert_int_equal(LOS_MemInit(arena + 0x1000, 0x1000), LOS_OK);
    assert_int_equal(LOS_MemInit(arena, 0x1000), LOS_OK);
    assert_int_equal(LOS_MemInit(arena + 0x2000, 0x1000), LOS_OK);
}

static void init_accepts_a_pool_in_a_block(void **state)
{
    (void)state;
    VOID *outer = make_pool(0x8000);
    VOID *block = LOS_MemAlloc(outer, 0x2000);
    assert_int_equal(LOS_MemInit(block, 0x2000), LOS_OK);
    assert_whole(block);
    /* Part of a block too, and up to the block's very end. */
    VOID *other = LOS_MemAlloc(outer, 0x2000);
    assert_int_equal(LOS_MemInit((UINT8 *)other + 0x1000, 0x1000), LOS_OK);
    assert_int_equal(LOS_MemIntegrityCheck(outer), LOS_OK);
}

/* Three deep; a range is judged by every pool in turn. */
static void pools_nest_in_nested_pools(void **state)
{
    (void)state;
    VOID *outer = make_pool(0x8000);
    VOID *middle = LOS_MemAlloc(outer, 0x4000);
    assert_int_equal(LOS_MemInit(middle, 0x4000), LOS_OK);
    VOID *inner = LOS_MemAlloc(middle, 0x1000);
    assert_conflict((UINTPTR)middle + 0x3000, 0x400, (UINTPTR)middle, 0x4000);
    assert_int_equal(LOS_MemInit(inner, 0x1000), LOS_OK);
    VOID *block = LOS_MemAlloc(inner, 100);
    assert_non_null(block);
    memset(block, 0x5A, 100);
    assert_int_equal(LOS_MemFree(inner, block), LOS_OK);
    assert_whole(inner);
    assert_int_equal(LOS_MemDeInit(inner), LOS_OK);
    assert_int_equal(LOS_MemFree(middle, inner), LOS_OK);
    assert_whole(middle);
    assert_int_equal(LOS_MemDeInit(middle), LOS_OK);
    assert_int_equal(LOS_MemFree(outer, middle), LOS_OK);
    assert_whole(outer);
}

static void freeing_the_carrying_block_ends_the_pools_in_it(void **state)
{
    (void)state;
    VOID *outer = make_pool(0x8000);
    UINT32 before = listed_pools();
    VOID *middle = LOS_MemAlloc(outer, 0x4000);
    assert_int_equal(LOS_MemInit(middle, 0x4000), LOS_OK);
    VOID *inner = LOS_MemAlloc(middle, 0x1000);
    assert_int_equal(LOS_MemInit(inner, 0x1000), LOS_OK);
    assert_int_equal(listed_pools(), before + 2);
    assert_int_equal(LOS_MemFree(outer, middle), LOS_OK);
    assert_int_equal(listed_pools(), before);
    assert_null(LOS_MemAlloc(middle, 8));
    assert_int_equal(LOS_MemDeInit(middle), LOS_NOK);
    assert_whole(outer);
}

/* Three deep, and the same range again at once. */
static void deleting_a_pool_ends_the_pools_in_it(void **state)
{
    (void)state;
    UINT32 before = listed_pools();
    for (UINT32 round = 0; round < 3; round++) {
        VOID *outer = make_pool(0x8000);
        VOID *middle = LOS_MemAlloc(outer, 0x4000);
        assert_int_equal(LOS_MemInit(middle, 0x4000), LOS_OK);
        VOID *inner = LOS_MemAlloc(middle, 0x1000);
        assert_int_equal(LOS_MemInit(inner, 0x1000), LOS_OK);
        if (round == 2) {
            memset(outer, 0, 64); /* its header is gone */
        }
        catch_output();
        UINT32 result = LOS_MemDeInit(outer);
        caught_output();
        assert_int_equal(result, LOS_OK);
        assert_int_equal(listed_pools(), before);
        assert_null(LOS_MemAlloc(middle, 8));
        assert_null(LOS_MemAlloc(inner, 8));
        assert_int_equal(LOS_MemDeInit(middle), LOS_NOK);
        assert_int_equal(LOS_MemDeInit(inner), LOS_NOK);
    }
    assert_whole(make_pool(0x8000));
}

/* Refuses: LOS_MemInit | as many pools as the registry holds | LOS_NOK, message, memory untouched */
static void init_refuses_one_pool_more_than_the_registry_holds(void **state)
{
    (void)state;
    enum { EACH = 256, MOST = ARENA_BYTES / EACH - 1 };
    UINT32 count = 0;
    UINT32 before = listed_pools();
    if (TARN_REGISTRY_CAPACITY > MOST) {
        skip();
    }
    catch_output();
    while (count < MOST && LOS_MemInit(arena + count * EACH, EACH) == LOS_OK) {
        count++;
    }
    const char *said = caught_output();
    assert_int_equal(before + count, TARN_REGISTRY_CAPACITY);
    assert_string_equal(
        said, expected("[ERR] LOS_MemInit: registry is full, TARN_REGISTRY_CAPACITY is %u\n", TARN_REGISTRY_CAPACITY));
    UINT8 *refused = arena + count * EACH;
    memset(refused, 0x5A, EACH);
    catch_output();
    UINT32 result = LOS_MemInit(refused, EACH);
    caught_output();
    assert_int_equal(result, LOS_NOK);
    for (UINT32 i = 0; i < EACH; i++) {
        assert_int_equal(refused[i], 0x5A);
    }
    assert_null(LOS_MemAlloc(refused, 8));
    assert_int_equal(LOS_MemDeInit(arena), LOS_OK);
    assert_int_equal(LOS_MemInit(refused, EACH), LOS_OK);
    assert_whole(refused);
}

/* Refuses: LOS_MemInit | more than the block that carries it, by one byte | LOS_NOK, conflict message */
static void init_refuses_one_byte_past_the_block(void **state)
{
    (void)state;
    VOID *outer = make_pool(0x8000);
    VOID *block = LOS_MemAlloc(outer, 0x1000);
    assert_non_null(LOS_MemAlloc(outer, 0x1000));
    assert_conflict((UINTPTR)block, 0x1000 + H, (UINTPTR)arena, 0x8000);
    assert_int_equal(LOS_MemInit(block, 0x1000), LOS_OK);
}

static void assert_warned(UINTPTR start, UINT32 size, UINT32 left)
{
    catch_output();
    UINT32 result = LOS_MemInit((VOID *)start, size);
    const char *said = caught_output();
    assert_int_equal(result, LOS_OK);
    assert_string_equal(said,
                        expected("[WARN] pool [0x%lx, 0x%lx) size 0x%x should be aligned with OS_MEM_ALIGN_SIZE\n",
                                 (unsigned long)start, (unsigned long)start + size, size));
    assert_int_equal(LOS_MemPoolSizeGet((VOID *)start), left);
    VOID *block = LOS_MemAlloc((VOID *)start, 24);
    assert_int_equal((UINTPTR)block % 8, 0);
    assert_int_equal(LOS_MemFree((VOID *)start, block), LOS_OK);
    assert_whole((VOID *)start);
    assert_int_equal(LOS_MemDeInit((VOID *)start), LOS_OK);
}

static void init_aligns_inside_and_warns(void **state)
{
    (void)state;
    UINT32 unit = (UINT32)sizeof(VOID *);
    UINTPTR at = (UINTPTR)arena;
    assert_warned(at, 0x1000 + 1, 0x1000);
    assert_warned(at, 0x1000 + unit - 1, 0x1000);
    assert_warned(at + 1, 0x1000, 0x1000 - unit);
    assert_warned(at + unit - 1, 0x1000, 0x1000 - unit);
    assert_warned(at + 1, 0x1000 - 1, 0x1000 - unit);
}

/* Static pools of 32-bit programs are often on 4 bytes: no warning there, and the given size is the size. */
static void init_keeps_the_size_of_word_aligned_pools(void **state)
{
    (void)state;
    UINT32 unit = (UINT32)sizeof(VOID *);
    catch_output();
    UINT32 result = LOS_MemInit(arena + unit, 0x1000 + unit);
    const char *said = caught_output();
    assert_int_equal(result, LOS_OK);
    assert_string_equal(said, "");
    assert_int_equal(LOS_MemPoolSizeGet(arena + unit), 0x1000 + unit);
    assert_whole(arena + unit);
}

/* As configured: with the owner word, every engine. */
static void a_pool_of_256_bytes_is_usable(void **state)
{
    (void)state;
    VOID *pool = make_pool(256);
    VOID *blocks[32];
    UINT32 count = 0;
    catch_output();
    while (count < 32 && (blocks[count] = LOS_MemAlloc(pool, 8)) != NULL) {
        count++;
    }
    caught_output();
    printf("  256 bytes: %u blocks of 8\n", count);
    assert_true(count >= 4);
    for (UINT32 i = 0; i < count; i++) {
        assert_int_equal(LOS_MemFree(pool, blocks[i]), LOS_OK);
    }
    assert_whole(pool);
}

/*
 * Refuses: LOS_MemDeInit | pool NULL | LOS_NOK
 * Refuses: LOS_MemDeInit | address that is no pool | LOS_NOK
 * Refuses: LOS_MemDeInit | pool already deleted | LOS_NOK
 */
static void deinit_refuses_what_is_no_pool(void **state)
{
    (void)state;
    memset(arena, 0, 0x1000);
    assert_int_equal(LOS_MemDeInit(NULL), LOS_NOK);
    assert_int_equal(LOS_MemDeInit(arena), LOS_NOK);
    VOID *pool = make_pool(0x1000);
    assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
    assert_int_equal(LOS_MemDeInit(pool), LOS_NOK);
}

/* Covers: LOS_MemDeInit */
static void a_deleted_pool_can_be_made_again(void **state)
{
    (void)state;
    VOID *pool = make_pool(0x1000);
    assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
    pool = make_pool(0x2000);
    assert_whole(pool);
    assert_int_equal(LOS_MemPoolSizeGet(pool), 0x2000);
}

static void a_pool_with_a_destroyed_header_can_be_deleted(void **state)
{
    (void)state;
    VOID *pool = make_pool(0x1000);
    memset(pool, 0, 64);
    assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
    assert_int_equal(LOS_MemDeInit(pool), LOS_NOK);
    assert_whole(make_pool(0x1000));
}

/* Refuses: LOS_MemDeInit | listed pool of another interface whose header is destroyed | LOS_NOK, still listed */
static void deinit_leaves_the_entries_of_others(void **state)
{
    (void)state;
    tarn_pool *native = NULL;
    tarn_registration entry;
    assert_int_equal(tarn_init(&native, arena, 0x1000, NULL), TARN_OK);
    memset(arena, 0, 64);
    assert_int_equal(LOS_MemDeInit(native), LOS_NOK);
    assert_true(tarn_registered(TARN_FACE_NATIVE, 0, &entry));
    assert_int_equal(tarn_init(&native, arena, 0x1000, NULL), TARN_OK); /* replaces the entry */
    assert_int_equal(tarn_deinit(native), TARN_OK);
}

/* Covers: LOS_MemDeInit */
static void deinit_counts_lost_blocks(void **state)
{
    (void)state;
    VOID *pool = make_pool(0x1000);
    assert_non_null(LOS_MemAlloc(pool, 8));
    assert_non_null(LOS_MemAlloc(pool, 8));
    catch_output();
    UINT32 result = LOS_MemDeInit(pool);
    const char *said = caught_output();
    assert_int_equal(result, LOS_OK);
    assert_string_equal(said,
                        expected("[WARN] pool 0x%lx deleted with 2 blocks in use\n", (unsigned long)(UINTPTR)pool));
}

/* Refuses: any function | pool deleted by LOS_MemDeInit | its failure: NULL, LOS_NOK */
static void a_deleted_pool_refuses_everything(void **state)
{
    (void)state;
    VOID *pool = make_pool(0x1000);
    VOID *block = LOS_MemAlloc(pool, 100);
    catch_output();
    (void)LOS_MemDeInit(pool);
    LOS_MEM_POOL_STATUS status;
    VOID *again = LOS_MemAlloc(pool, 8);
    VOID *aligned = LOS_MemAllocAlign(pool, 8, 16);
    VOID *moved = LOS_MemRealloc(pool, block, 200);
    UINT32 freed = LOS_MemFree(pool, block);
    UINT32 informed = LOS_MemInfoGet(pool, &status);
    UINT32 shown = LOS_MemFreeNodeShow(pool);
    caught_output();
    assert_null(again);
    assert_null(aligned);
    assert_null(moved);
    assert_int_equal(freed, LOS_NOK);
    assert_int_equal(informed, LOS_NOK);
    assert_int_equal(shown, LOS_NOK);
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_NOK);
}

/* Refuses: LOS_MemInit | engine chosen that does not exist or is not compiled in | LOS_NOK, message */
static void init_refuses_an_engine_that_is_not_there(void **state)
{
    (void)state;
    tarn_liteos_settings settings = {0};
    settings.engine = 77;
    tarn_liteos_options(&settings);
    catch_output();
    UINT32 result = LOS_MemInit(arena, 0x1000);
    const char *said = caught_output();
    assert_int_equal(result, LOS_NOK);
    assert_non_null(strstr(said, "[ERR] LOS_MemInit: "));
}

/* The largest pool that LiteOS could have: its whole space can be had and given back. */
static void a_pool_of_almost_a_gigabyte_works(void **state)
{
    (void)state;
    UINT32 size = 0x40000000u - 8u;
    VOID *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        skip();
    }
    assert_int_equal(LOS_MemInit(memory, size), LOS_OK);
    LOS_MEM_POOL_STATUS status = status_of(memory);
    VOID *block = LOS_MemAlloc(memory, status.uwMaxFreeNodeSize - H);
    assert_non_null(block);
    assert_int_equal(status_of(memory).uwTotalFreeSize, 0);
    assert_int_equal(LOS_MemFree(memory, block), LOS_OK);
    assert_int_equal(LOS_MemDeInit(memory), LOS_OK);
    munmap(memory, size);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(init_refuses_null),
        TEST(init_refuses_less_than_the_minimum),
        TEST(init_refuses_sizes_with_a_flag_bit),
        TEST(init_refuses_a_wrapping_range),
        TEST(init_refuses_overlap),
        TEST(init_refuses_what_is_not_one_block),
        TEST(init_accepts_touching_ranges),
        TEST(init_accepts_a_pool_in_a_block),
        TEST(pools_nest_in_nested_pools),
        TEST(freeing_the_carrying_block_ends_the_pools_in_it),
        TEST(deleting_a_pool_ends_the_pools_in_it),
        TEST(init_refuses_one_pool_more_than_the_registry_holds),
        TEST(init_refuses_one_byte_past_the_block),
        TEST(init_aligns_inside_and_warns),
        TEST(init_keeps_the_size_of_word_aligned_pools),
        TEST(a_pool_of_256_bytes_is_usable),
        TEST(deinit_refuses_what_is_no_pool),
        TEST(a_deleted_pool_can_be_made_again),
        TEST(a_pool_with_a_destroyed_header_can_be_deleted),
        TEST(deinit_leaves_the_entries_of_others),
        TEST(deinit_counts_lost_blocks),
        TEST(a_deleted_pool_refuses_everything),
        TEST(init_refuses_an_engine_that_is_not_there),
        TEST(a_pool_of_almost_a_gigabyte_works),
    };
    return run_per_engine("liteos_pool", tests, sizeof tests / sizeof tests[0]);
}
