/* SPDX-License-Identifier: MIT */
/*
 * The slab extension: LOS_SlabSizeCfg(), fixed and growing classes, and every function that takes a pointer to an
 * object of one. Objects are told from nodes by the counts, which know pages only.
 */
#include "test_liteos.h"

#include "los_lms.h"
#include "los_memory_pri.h"
#include "los_memstat_pri.h"
#include "los_slab.h"

#define POOL_BYTES 0x10000u
#define FIXED_NODES 5u /* four pages and the end node */
#define AUTO_NODES 6u  /* and that of the buckets */

static VOID *pool;

static void use_slab(UINT32 kind)
{
    tarn_liteos_settings settings = engine_settings();
    settings.slab = kind;
    tarn_liteos_options(&settings);
}

static int fresh_pool(void **state)
{
    (void)fresh_start(state);
    catch_output();
    (void)LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_DISABLE);
    caught_output();
    use_slab(TARN_LITEOS_ON);
    pool = make_pool(POOL_BYTES);
    return 0;
}

#undef TEST
#define TEST(function) cmocka_unit_test_setup(function, fresh_pool)

static void fresh(UINT32 kind, UINT32 bytes)
{
    catch_output();
    assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
    caught_output();
    use_slab(kind);
    pool = make_pool(bytes);
}

/* How many requests of this size cost no node. */
static UINT32 objects_of(UINT32 size)
{
    UINT32 nodes = LOS_MemUsedBlksGet(pool);
    UINT32 count = 0;
    while (count < 10000) {
        VOID *object = LOS_MemAlloc(pool, size);
        assert_non_null(object);
        if (LOS_MemUsedBlksGet(pool) != nodes) {
            assert_int_equal(LOS_MemFree(pool, object), LOS_OK);
            break;
        }
        count++;
    }
    return count;
}

static void assert_sound_pool(void)
{
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
}

/* ---- classes ---- */

/* Covers: LOSCFG_KERNEL_MEM_SLAB_EXTENTION */
static void fixed_classes_hold_what_the_originals_hold(void **state)
{
    static const UINT32 sizes[] = {16, 32, 64, 128};
    static const UINT32 objects[] = {32, 16, 8, 4};
    (void)state;
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES);
    assert_int_equal(LOS_MemFreeBlksGet(pool), status_of(pool).uwFreeNodeNum);
    LOS_MEM_POOL_STATUS before = status_of(pool);
    for (UINT32 i = 0; i < 4; i++) {
        assert_int_equal(objects_of(sizes[i]), objects[i]);
    }
    LOS_MEM_POOL_STATUS after = status_of(pool); /* full, and nothing of it shows */
    assert_memory_equal(&before, &after, offsetof(LOS_MEM_POOL_STATUS, uwUsedNodeNum));
    assert_int_equal(after.uwUsedNodeNum, before.uwUsedNodeNum);
    assert_int_equal(LOS_MemPoolSizeGet(pool) - after.uwTotalUsedSize - after.uwTotalFreeSize,
                     LOS_MemPoolSizeGet(pool) - before.uwTotalUsedSize - before.uwTotalFreeSize);
    assert_sound_pool();
}

static void a_full_class_leaves_it_to_the_heap(void **state)
{
    (void)state;
    assert_int_equal(objects_of(16), 32);
    VOID *node = LOS_MemAlloc(pool, 16);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES + 1);
    assert_int_equal(objects_of(17), 16); /* no object of 32 has gone to a request of 16 */
    assert_int_equal(LOS_MemFree(pool, node), LOS_OK);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES);
    VOID *large = LOS_MemAlloc(pool, 129);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES + 1);
    assert_int_equal(LOS_MemFree(pool, large), LOS_OK);
    assert_sound_pool();
}

static void small_pools_have_no_slab(void **state)
{
    (void)state;
    fresh(TARN_LITEOS_ON, SLAB_BASIC_NEED_SIZE - 8);
    assert_int_equal(LOS_MemUsedBlksGet(pool), 1);
    fresh(TARN_LITEOS_ON, SLAB_BASIC_NEED_SIZE);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES);
    assert_int_equal(objects_of(128), 4);
    fresh(TARN_LITEOS_OFF, POOL_BYTES);
    assert_whole(pool);
}

/* Covers: LOS_SlabSizeCfg */
static void sizes_hold_for_the_next_pool_only(void **state)
{
    UINT32 table[SLAB_MEM_COUNT] = {1024, 100, 6400, 512};
    (void)state;
    LOS_SlabSizeCfg(table, SLAB_MEM_COUNT);
    fresh(TARN_LITEOS_ON, POOL_BYTES);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES);
    assert_int_equal(objects_of(16), 64);
    assert_int_equal(objects_of(32), 16);
    assert_int_equal(objects_of(64), 100);
    assert_int_equal(objects_of(128), 4);
    assert_sound_pool();
    fresh(TARN_LITEOS_ON, POOL_BYTES);
    assert_int_equal(objects_of(16), 32);
    assert_int_equal(objects_of(64), 8);
}

/* Covers: LOS_SlabSizeCfg */
static void a_class_that_finds_no_room_is_left_out(void **state)
{
    UINT32 table[SLAB_MEM_COUNT] = {512, 2 * POOL_BYTES, 0xFFFFFFFFu, 512};
    (void)state;
    LOS_SlabSizeCfg(table, SLAB_MEM_COUNT);
    fresh(TARN_LITEOS_ON, POOL_BYTES);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES - 2);
    assert_int_equal(objects_of(16), 32);
    assert_int_equal(objects_of(32), 0);
    assert_int_equal(objects_of(64), 0);
    assert_int_equal(objects_of(128), 4);
    assert_sound_pool();
}

/* Covers: LOSCFG_KERNEL_MEM_SLAB_AUTO_EXPANSION_MODE */
static void growing_classes_take_and_give_back_pages(void **state)
{
    static VOID *objects[400];
    (void)state;
    fresh(TARN_LITEOS_SLAB_AUTO, POOL_BYTES);
    assert_int_equal(LOS_MemUsedBlksGet(pool), AUTO_NODES);
    for (UINT32 i = 0; i < 100; i++) {
        objects[i] = LOS_MemAlloc(pool, 16);
        assert_non_null(objects[i]);
    }
    assert_int_equal(LOS_MemUsedBlksGet(pool), AUTO_NODES + 3); /* 32 + 32 + 32 + 4 */
    for (UINT32 i = 0; i < 100; i++) {
        assert_int_equal(LOS_MemFree(pool, objects[i]), LOS_OK);
    }
    assert_int_equal(LOS_MemUsedBlksGet(pool), AUTO_NODES); /* the last of a class stays */
    UINT32 buckets = POOL_BYTES / 512 / 2;
    UINT32 count = 0;
    while (count < 400 && LOS_MemUsedBlksGet(pool) < AUTO_NODES + buckets - 4) {
        objects[count] = LOS_MemAlloc(pool, 128);
        assert_non_null(objects[count++]);
    }
    assert_true(count > 4 * (buckets - 4));
    assert_sound_pool();
    assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
    use_slab(TARN_LITEOS_SLAB_AUTO);
    pool = make_pool(SLAB_BASIC_NEED_SIZE);
    assert_int_equal(LOS_MemUsedBlksGet(pool), AUTO_NODES);
}

/* ---- pointers ---- */

/* Refuses: LOS_MemFree | object of a slab freed twice, address in one or beside it, the page | LOS_NOK */
static void free_takes_objects_and_nothing_near(void **state)
{
    (void)state;
    UINT8 *object = (UINT8 *)LOS_MemAlloc(pool, 10);
    UINT8 *other = (UINT8 *)LOS_MemAlloc(pool, 10);
    memset(object, 0xDE, 16); /* what the original took for its mark */
    memset(other, 0xDE, 16);
    for (UINT8 *at = object - 200; at < object + 600; at++) {
        if (at != object && at != other) {
            assert_int_equal(LOS_MemFree(pool, at), LOS_NOK);
        }
    }
    assert_int_equal(LOS_MemFree(pool, object), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, object), LOS_NOK);
    assert_ptr_equal(LOS_MemAlloc(pool, 16), object);
    assert_int_equal(other[0], 0xDE);
    UINT8 *node = (UINT8 *)LOS_MemAlloc(pool, 300);
    memset(node, 0xDE, 300);
    assert_int_equal(LOS_MemFree(pool, node), LOS_OK);
    assert_sound_pool();
}

static void realloc_of_an_object_stays_within_its_class(void **state)
{
    (void)state;
    UINT8 *object = (UINT8 *)LOS_MemAlloc(pool, 20);
    memset(object, 7, 20);
    assert_ptr_equal(LOS_MemRealloc(pool, object, 32), object);
    assert_ptr_equal(LOS_MemRealloc(pool, object, 1), object);
    UINT8 *moved = (UINT8 *)LOS_MemRealloc(pool, object, 40);
    assert_ptr_not_equal(moved, object);
    UINT8 *node = (UINT8 *)LOS_MemRealloc(pool, moved, 1000);
    assert_int_equal(node[0], 7);
    assert_int_equal(node[19], 7);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES + 1);
    assert_null(LOS_MemRealloc(pool, object, 100)); /* long freed */
    object = (UINT8 *)LOS_MemAlloc(pool, 20);
    assert_null(LOS_MemRealloc(pool, object, POOL_BYTES));
    assert_null(LOS_MemRealloc(pool, object, 0));
    assert_int_equal(LOS_MemFree(pool, object), LOS_NOK);
    assert_int_equal(LOS_MemFree(pool, node), LOS_OK);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES);
    assert_sound_pool();
}

static void aligned_nodes_come_from_the_heap(void **state)
{
    (void)state;
    for (UINT32 boundary = 1; boundary <= 64; boundary *= 2) {
        VOID *node = LOS_MemAllocAlign(pool, 16, boundary);
        assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES + 1);
        assert_int_equal(LOS_MemFree(pool, node), LOS_OK);
    }
    assert_sound_pool();
}

/* Covers: LOS_MemMalloc LOS_MemMrealloc LOS_MemMfree LOS_MemMallocAlign LOS_MemMusedGet */
static void modules_count_objects_and_write_beside_none(void **state)
{
    (void)state;
    UINT32 before = LOS_MemMusedGet(6);
    UINT8 *first = (UINT8 *)LOS_MemMalloc(pool, 16, 6);
    memset(first, 0x11, 16);
    UINT8 *second = (UINT8 *)LOS_MemMalloc(pool, 16, 6);
    memset(second, 0x22, 16);
    UINT8 *third = (UINT8 *)LOS_MemMalloc(pool, 16, 7);
    assert_int_equal(LOS_MemMusedGet(6) - before, 32);
    for (UINT32 i = 0; i < 16; i++) {
        assert_int_equal(first[i], 0x11);
        assert_int_equal(second[i], 0x22);
    }
    second = (UINT8 *)LOS_MemMrealloc(pool, second, 30, 6);
    assert_int_equal(LOS_MemMusedGet(6) - before, 48);
    VOID *aligned = LOS_MemMallocAlign(pool, 16, 32, 6);
    assert_true(LOS_MemMusedGet(6) - before >= 48 + 16 + H);
    assert_int_equal(LOS_MemMfree(pool, aligned, 6), LOS_OK);
    assert_int_equal(LOS_MemMfree(pool, first, 6), LOS_OK);
    assert_int_equal(LOS_MemMfree(pool, first, 6), LOS_NOK);
    assert_int_equal(LOS_MemMfree(pool, second, 6), LOS_OK);
    assert_int_equal(LOS_MemMusedGet(6), before);
    catch_output();
    assert_int_equal(LOS_MemMfree(pool, third, 6), LOS_OK); /* credited to the holder, and said */
    const char *said = caught_output();
    assert_non_null(strstr(said, "alloced in module 7, but free in module 6"));
    assert_sound_pool();
}

/* Covers: OsMemTaskUsage OsMemTaskClear LOS_MemFreeByTaskID LOS_MemTaskIdGet */
static void tasks_have_objects(void **state)
{
    (void)state;
    UINT8 *object = (UINT8 *)LOS_MemAlloc(pool, 16);
    VOID *node = LOS_MemAlloc(pool, 200);
    assert_int_equal(tarn_owner_set((tarn_pool *)pool, object, TARN_OWNER(0, 21)), TARN_OK);
    assert_int_equal(tarn_owner_set((tarn_pool *)pool, node, TARN_OWNER(0, 21)), TARN_OK);
    assert_int_equal(OsMemTaskUsage(21), 16 + 200 + H);
    assert_int_equal(LOS_MemTaskIdGet(object), 21);
    assert_int_equal(LOS_MemTaskIdGet(object + 15), 21);
    catch_output();
    assert_int_equal(LOS_MemTaskIdGet(object + 16), OS_INVALID); /* nobody has the next one */
    caught_output();
    assert_int_equal(LOS_MemFreeByTaskID(pool, 21), LOS_OK);
    assert_int_equal(OsMemTaskUsage(21), 0);
    assert_int_equal(LOS_MemFree(pool, object), LOS_NOK);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES);
    object = (UINT8 *)LOS_MemAlloc(pool, 16);
    assert_int_equal(tarn_owner_set((tarn_pool *)pool, object, TARN_OWNER(0, 22)), TARN_OK);
    catch_output();
    OsMemTaskClear(22);
    assert_non_null(strstr(caught_output(), "'22' is:0x10"));
    assert_int_equal(LOS_MemTaskIdGet(object), 64);
}

/* Covers: LOS_MemNodeSizeCheck */
static void size_checks_know_objects(void **state)
{
    UINT32 total = 0;
    UINT32 available = 0;
    (void)state;
    UINT8 *object = (UINT8 *)LOS_MemAlloc(pool, 20);
    catch_output();
    (void)LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_LOW);
    assert_int_equal(LOS_MemNodeSizeCheck(pool, object, &total, &available), LOS_OK);
    assert_int_equal(total, 32);
    assert_int_equal(available, 32);
    assert_int_equal(LOS_MemNodeSizeCheck(pool, object + 8, &total, &available), LOS_ERRNO_MEMCHECK_NO_HEAD);
    (void)LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_HIGH);
    assert_int_equal(LOS_MemNodeSizeCheck(pool, object + 12, &total, &available), LOS_OK);
    assert_int_equal(total, 32);
    assert_int_equal(available, 20);
    assert_int_equal(LOS_MemNodeSizeCheck(pool, object + 32, &total, &available), LOS_ERRNO_MEMCHECK_NO_HEAD);
    assert_int_equal(LOS_MemNodeSizeCheck(pool, object - 1, &total, &available), LOS_ERRNO_MEMCHECK_NO_HEAD);
    caught_output();
}

static void used_nodes_show_objects_and_no_pages(void **state)
{
    char wanted[32];
    UINT32 lines = 0;
    (void)state;
    VOID *object = LOS_MemAlloc(pool, 20);
    VOID *node = LOS_MemAlloc(pool, 200);
    (void)snprintf(wanted, sizeof wanted, "%0*lx: ", (int)(2 * sizeof(VOID *)), (unsigned long)(UINTPTR)object);
    catch_output();
    OsMemUsedNodeShow(pool);
    const char *said = caught_output();
    assert_non_null(strstr(said, wanted));
    for (const char *at = said; (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    assert_int_equal(lines, 3); /* heading, node, object */
    assert_int_equal(LOS_MemFree(pool, node), LOS_OK);
}

/* ---- the pool's end ---- */

/* Covers: LOS_MemDeInit */
static void deinit_counts_objects_and_no_pages(void **state)
{
    static const UINT32 kinds[] = {TARN_LITEOS_ON, TARN_LITEOS_SLAB_AUTO};
    (void)state;
    for (UINT32 i = 0; i < 2; i++) {
        fresh(kinds[i], POOL_BYTES);
        VOID *object = LOS_MemAlloc(pool, 16);
        assert_non_null(object);
        assert_non_null(LOS_MemAlloc(pool, 64));
        assert_non_null(LOS_MemAlloc(pool, 640));
        catch_output();
        assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
        assert_non_null(strstr(caught_output(), "deleted with 3 blocks in use"));
        assert_int_equal(LOS_MemFree(pool, object), LOS_NOK);
        assert_null(LOS_MemAlloc(pool, 16));
        pool = make_pool(POOL_BYTES);
        catch_output();
        assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
        assert_string_equal(caught_output(), "");
        pool = make_pool(POOL_BYTES);
    }
}

static void the_last_used_node_may_be_a_page(void **state)
{
    (void)state;
    UINTPTR after = LOS_MemLastUsedGet(pool);
    VOID *object = LOS_MemAlloc(pool, 128);
    assert_int_equal(LOS_MemLastUsedGet(pool), after);
    assert_int_equal(LOS_MemFree(pool, object), LOS_OK);
    while (LOS_MemAlloc(pool, 1000) != NULL) {
    }
    assert_true(LOS_MemLastUsedGet(pool) > after);
}

/* Copies of heads leave no room for a slab: the pool is made without. */
static void a_pool_with_copies_of_heads_has_none(void **state)
{
    (void)state;
    assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
    tarn_liteos_settings settings = engine_settings();
    settings.slab = TARN_LITEOS_ON;
    settings.head_backup = &tarn_liteos_head_backup;
    tarn_liteos_options(&settings);
    pool = make_pool(POOL_BYTES);
    assert_int_equal(LOS_MemUsedBlksGet(pool), 1);
    assert_int_equal(LOS_MemDeInit(pool), LOS_OK);
    settings.head_backup = &tarn_liteos_no_backup;
    settings.recognition = TARN_RECOGNISE_EXACT;
    tarn_liteos_options(&settings);
    pool = make_pool(POOL_BYTES);
    assert_int_equal(LOS_MemUsedBlksGet(pool), FIXED_NODES);
}

/* Random sizes in both kinds of pool against what the program has. */
static void random_calls_keep_the_pool_sound(void **state)
{
    static struct {
        UINT8 *at;
        UINT32 size;
    } live[300];
    (void)state;
    for (UINT32 kind = TARN_LITEOS_ON; kind <= TARN_LITEOS_SLAB_AUTO; kind += 2) {
        prng random = prng_make(test_seed(), kind);
        UINT32 count = 0;
        fresh(kind, POOL_BYTES);
        for (UINT32 step = 0; step < test_scaled(20000); step++) {
            UINT32 i = count == 0 ? 0 : prng_below(&random, count);
            if (count != 0 && (count == 300 || prng_below(&random, 2) == 0)) {
                for (UINT32 byte = 0; byte < live[i].size; byte++) {
                    assert_int_equal(live[i].at[byte], (UINT8)live[i].size);
                }
                assert_int_equal(LOS_MemFree(pool, live[i].at), LOS_OK);
                live[i] = live[--count];
            } else {
                UINT32 size = 1 + prng_below(&random, prng_below(&random, 4) == 0 ? 600 : 130);
                live[count].at = (UINT8 *)LOS_MemAlloc(pool, size);
                live[count].size = size;
                if (live[count].at != NULL) {
                    memset(live[count++].at, (int)size, size);
                }
            }
            if (step % 500 == 0) {
                assert_sound_pool();
            }
        }
        while (count != 0) {
            assert_int_equal(LOS_MemFree(pool, live[--count].at), LOS_OK);
        }
        assert_int_equal(LOS_MemUsedBlksGet(pool), kind == TARN_LITEOS_ON ? FIXED_NODES : AUTO_NODES);
        assert_sound_pool();
    }
}

static bool slab_is_built(void)
{
    const tarn_options options = {.slab = 32};
    return tarn_overhead(POOL_BYTES, &options) != 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(fixed_classes_hold_what_the_originals_hold),
        TEST(a_full_class_leaves_it_to_the_heap),
        TEST(small_pools_have_no_slab),
        TEST(sizes_hold_for_the_next_pool_only),
        TEST(a_class_that_finds_no_room_is_left_out),
        TEST(growing_classes_take_and_give_back_pages),
        TEST(free_takes_objects_and_nothing_near),
        TEST(realloc_of_an_object_stays_within_its_class),
        TEST(aligned_nodes_come_from_the_heap),
        TEST(modules_count_objects_and_write_beside_none),
        TEST(tasks_have_objects),
        TEST(size_checks_know_objects),
        TEST(used_nodes_show_objects_and_no_pages),
        TEST(deinit_counts_objects_and_no_pages),
        TEST(the_last_used_node_may_be_a_page),
        TEST(a_pool_with_copies_of_heads_has_none),
        TEST(random_calls_keep_the_pool_sound),
    };
    if (!slab_is_built()) {
        printf("no slab in this build\n");
        return 77;
    }
    return run_per_engine("liteos_slab", tests, sizeof tests / sizeof tests[0]);
}
