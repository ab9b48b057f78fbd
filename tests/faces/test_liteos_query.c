/* SPDX-License-Identifier: MIT */
/* Sizes, counts, addresses, owners, and the listings to the byte. */
#include "test_liteos.h"

#include <sys/mman.h>

#define POOL_BYTES 0x10000u

static VOID *pool;

static int fresh_pool(void **state)
{
    (void)fresh_start(state);
    memset(arena, 0, sizeof arena);
    pool = make_pool(POOL_BYTES);
    return 0;
}

#undef TEST
#define TEST(function) cmocka_unit_test_setup(function, fresh_pool)

/* ---- sizes and counts ---- */

static void an_empty_pool_reports_its_end_node(void **state)
{
    (void)state;
    assert_int_equal(LOS_MemPoolSizeGet(pool), POOL_BYTES);
    assert_int_equal(LOS_MemTotalUsedGet(pool), H);
    assert_int_equal(LOS_MemUsedBlksGet(pool), 1);
    assert_int_equal(LOS_MemFreeBlksGet(pool), 1);
    assert_whole(pool);
}

static void counts_follow_alloc_and_free(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 0x100);
    assert_int_equal(LOS_MemUsedBlksGet(pool), 2);
    assert_int_equal(LOS_MemFreeBlksGet(pool), 1);
    assert_int_equal(LOS_MemTotalUsedGet(pool), H + 0x100 + H);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_int_equal(LOS_MemUsedBlksGet(pool), 1);
    assert_int_equal(LOS_MemFreeBlksGet(pool), 1);
    assert_int_equal(LOS_MemTotalUsedGet(pool), H);
}

/* A pool in whose middle the header and links of a free node cannot be read: a walk would end the test. */
static VOID *make_pool_with_unreadable_middle(UINT32 page, VOID **last)
{
    VOID *memory = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    assert_int_equal(LOS_MemInit(memory, 8 * page), LOS_OK);
    VOID *blocks[5];
    for (UINT32 i = 0; i < 5; i++) {
        blocks[i] = LOS_MemAlloc(memory, page);
        assert_non_null(blocks[i]);
    }
    assert_int_equal(LOS_MemFree(memory, blocks[2]), LOS_OK);
    *last = blocks[4];
    assert_int_equal(mprotect((UINT8 *)memory + 2 * page, page, PROT_NONE), 0);
    return memory;
}

static void counts_and_refusals_read_no_nodes(void **state)
{
    (void)state;
    UINT32 page = (UINT32)sysconf(_SC_PAGESIZE);
    UINT32 local = 0;
    UINT32 total;
    VOID *last;
    VOID *memory = make_pool_with_unreadable_middle(page, &last);
    assert_int_equal(LOS_MemPoolSizeGet(memory), 8 * page);
    assert_int_equal(LOS_MemTotalUsedGet(memory), 4 * (page + H) + H);
    assert_int_equal(LOS_MemUsedBlksGet(memory), 5);
    assert_int_equal(LOS_MemFreeBlksGet(memory), 2);
    catch_output();
    UINT32 foreign = LOS_MemFree(memory, &local);
    VOID *nothing = LOS_MemRealloc(memory, (UINT8 *)last + 8, 0);
    VOID *too_large = LOS_MemAlloc(memory, 9 * page);
    (void)LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_LOW);
    UINT32 sized = LOS_MemNodeSizeCheck(memory, last, &total, &total);
    (void)LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_DISABLE);
    UINT32 freed = LOS_MemMfree(memory, last, 1);
    UINT32 ended = LOS_MemDeInit(memory);
    caught_output();
    assert_int_equal(foreign, LOS_NOK);
    assert_null(nothing);
    assert_null(too_large);
    assert_int_equal(sized, LOS_OK);
    assert_int_equal(freed, LOS_OK);
    assert_int_equal(ended, LOS_OK);
    munmap(memory, 8 * page);
}

typedef UINT32 count_query(VOID *pool);

static UINT32 size_query(VOID *any)
{
    return LOS_MemPoolSizeGet(any);
}

static UINT32 last_query(VOID *any)
{
    return (UINT32)LOS_MemLastUsedGet(any);
}

static count_query *const queries[] = {size_query, LOS_MemTotalUsedGet, LOS_MemUsedBlksGet, LOS_MemFreeBlksGet,
                                       last_query};

static void assert_queries_fail_with(UINT32 answer)
{
    UINT32 answers[5];
    UINT32 answers_of_null[5];
    catch_output();
    for (size_t i = 0; i < 5; i++) {
        answers_of_null[i] = queries[i](NULL);
        answers[i] = queries[i](arena + POOL_BYTES + 4096);
    }
    caught_output();
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(answers_of_null[i], answer);
        assert_int_equal(answers[i], answer);
    }
}

/*
 * Refuses: LOS_MemPoolSizeGet | pool NULL or no pool | LOS_NOK
 * Refuses: LOS_MemTotalUsedGet | pool NULL or no pool | LOS_NOK
 * Refuses: LOS_MemUsedBlksGet | pool NULL or no pool | LOS_NOK
 * Refuses: LOS_MemFreeBlksGet | pool NULL or no pool | LOS_NOK
 * Refuses: LOS_MemLastUsedGet | pool NULL or no pool | LOS_NOK
 */
static void queries_refuse_what_is_no_pool(void **state)
{
    (void)state;
    assert_queries_fail_with(LOS_NOK);
}

static void queries_can_fail_without_ambiguity(void **state)
{
    (void)state;
    tarn_liteos_settings settings = engine_settings();
    settings.query_failure = OS_NULL_INT;
    tarn_liteos_options(&settings);
    assert_queries_fail_with(OS_NULL_INT);
}

/* ---- LOS_MemLastUsedGet ---- */

static void last_used_is_one_header_past_the_last_block(void **state)
{
    (void)state;
    UINTPTR empty = LOS_MemLastUsedGet(pool);
    UINTPTR first = (UINTPTR)LOS_MemAlloc(pool, 0x100);
    assert_int_equal(empty, first);
    assert_int_equal(LOS_MemLastUsedGet(pool), first + 0x100 + H);
    VOID *second = LOS_MemAlloc(pool, 0x80);
    assert_int_equal(LOS_MemLastUsedGet(pool), (UINTPTR)second + 0x80 + H);
    assert_int_equal(LOS_MemFree(pool, (VOID *)first), LOS_OK);
    assert_int_equal(LOS_MemLastUsedGet(pool), (UINTPTR)second + 0x80 + H);
    assert_int_equal(LOS_MemFree(pool, second), LOS_OK);
    assert_int_equal(LOS_MemLastUsedGet(pool), empty);
}

static void last_used_of_a_full_pool_is_its_end(void **state)
{
    (void)state;
    assert_non_null(LOS_MemAlloc(pool, status_of(pool).uwMaxFreeNodeSize - H));
    assert_int_equal(LOS_MemLastUsedGet(pool), (UINTPTR)pool + POOL_BYTES);
}

/* ---- LOS_MemInfoGet ---- */

static void info_agrees_with_the_queries(void **state)
{
    (void)state;
    VOID *blocks[10];
    for (UINT32 i = 0; i < 10; i++) {
        blocks[i] = LOS_MemAlloc(pool, 100 + 10 * i);
    }
    for (UINT32 i = 0; i < 10; i += 3) {
        assert_int_equal(LOS_MemFree(pool, blocks[i]), LOS_OK);
    }
    LOS_MEM_POOL_STATUS status = status_of(pool);
    assert_int_equal(status.uwTotalUsedSize, LOS_MemTotalUsedGet(pool));
    assert_int_equal(status.uwUsedNodeNum, LOS_MemUsedBlksGet(pool));
    assert_int_equal(status.uwFreeNodeNum, LOS_MemFreeBlksGet(pool));
    assert_int_equal(status.uwUsedNodeNum, 7);
    assert_int_equal(status.uwFreeNodeNum, 4);
    assert_true(status.uwMaxFreeNodeSize <= status.uwTotalFreeSize);
    assert_int_equal(status.totalUsedSize, status.uwTotalUsedSize);
    assert_int_equal(status.usageWaterLine, status.uwUsageWaterLine);
}

/* Water line: the peak, control data included. */
static void the_water_line_keeps_the_peak(void **state)
{
    (void)state;
    LOS_MEM_POOL_STATUS empty = status_of(pool);
    UINT32 control = POOL_BYTES - empty.uwTotalUsedSize - empty.uwTotalFreeSize;
    assert_int_equal(empty.uwUsageWaterLine, control + H);
    VOID *block = LOS_MemAlloc(pool, 0x1000);
    assert_int_equal(status_of(pool).uwUsageWaterLine, control + H + 0x1000 + H);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_int_equal(status_of(pool).uwUsageWaterLine, control + H + 0x1000 + H);
}

/* Refuses: LOS_MemInfoGet | poolStatus NULL | LOS_NOK, message */
static void info_refuses_null_status(void **state)
{
    (void)state;
    catch_output();
    UINT32 result = LOS_MemInfoGet(pool, NULL);
    const char *said = caught_output();
    assert_int_equal(result, LOS_NOK);
    assert_string_equal(said, "[ERR] can't use NULL addr to save info\n");
}

static void assert_wrong_pool(UINT32 (*call)(VOID *any), VOID *any)
{
    char text[64];
    (void)snprintf(text, sizeof text, "[ERR] wrong mem pool addr: 0x%lx, line:", (unsigned long)(UINTPTR)any);
    catch_output();
    UINT32 result = call(any);
    const char *said = caught_output();
    assert_int_equal(result, LOS_NOK);
    assert_memory_equal(said, text, strlen(text));
    assert_true(strtoul(said + strlen(text), NULL, 10) > 0);
}

static UINT32 info_of(VOID *any)
{
    LOS_MEM_POOL_STATUS status;
    memset(&status, 0x77, sizeof status);
    LOS_MEM_POOL_STATUS before = status;
    UINT32 result = LOS_MemInfoGet(any, &status);
    assert_memory_equal(&status, &before, sizeof status);
    return result;
}

/* Refuses: LOS_MemInfoGet | pool NULL or no pool | LOS_NOK, message, status untouched */
static void info_refuses_what_is_no_pool(void **state)
{
    (void)state;
    assert_wrong_pool(info_of, NULL);
    assert_wrong_pool(info_of, arena + POOL_BYTES + 4096);
}

/* ---- LOS_MemTaskIdGet ---- */

/* Covers: LOS_MemTaskIdGet LOSCFG_MEM_TASK_STAT */
static void a_block_knows_its_task(void **state)
{
    (void)state;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 100);
    UINT32 task = LOS_MemTaskIdGet(block);
    assert_int_not_equal(task, OS_INVALID);
    assert_int_equal(LOS_MemTaskIdGet(block + 50), task);
    assert_int_equal(LOS_MemTaskIdGet(block + 99), task);
    UINT8 *system = (UINT8 *)LOS_MemAlloc(OS_SYS_MEM_ADDR, 100);
    assert_int_equal(LOS_MemTaskIdGet(system), task);
    assert_int_equal(LOS_MemFree(OS_SYS_MEM_ADDR, system), LOS_OK);
}

/* The innermost pool answers; its control data belong to the block that carries it. */
/* Covers: LOS_MemTaskIdGet */
static void the_innermost_pool_names_the_task(void **state)
{
    (void)state;
    VOID *outer = LOS_MemAlloc(pool, 0x4000);
    assert_int_equal(LOS_MemInit(outer, 0x4000), LOS_OK);
    VOID *inner = LOS_MemAlloc(outer, 100);
    assert_int_equal(tarn_owner_set((tarn_pool *)pool, outer, TARN_OWNER(0, 11)), TARN_OK);
    assert_int_equal(tarn_owner_set((tarn_pool *)outer, inner, TARN_OWNER(0, 22)), TARN_OK);
    assert_int_equal(LOS_MemTaskIdGet(inner), 22);
    assert_int_equal(LOS_MemTaskIdGet((UINT8 *)inner + 60), 22);
    assert_int_equal(LOS_MemTaskIdGet((UINT8 *)outer + 8), 11);
}

static void code_that_is_no_task_has_the_limit_as_id(void **state)
{
    (void)state;
    tarn_liteos_settings settings = engine_settings();
    VOID *block = LOS_MemAlloc(pool, 100);
    assert_int_equal(tarn_owner_set((tarn_pool *)pool, block, TARN_OWNER(0, 0xFFFFF)), TARN_OK);
    assert_int_equal(LOS_MemTaskIdGet(block), 64);
    settings.task_limit = 12;
    tarn_liteos_options(&settings);
    assert_int_equal(LOS_MemTaskIdGet(block), 12);
}

static void without_owner_word_the_task_reads_0(void **state)
{
    (void)state;
    tarn_liteos_settings settings = engine_settings();
    settings.owner = TARN_LITEOS_OFF;
    tarn_liteos_options(&settings);
    VOID *plain = arena + 2 * POOL_BYTES;
    assert_int_equal(LOS_MemInit(plain, 0x1000), LOS_OK);
    assert_int_equal(LOS_MemTotalUsedGet(plain), 4);
    VOID *block = LOS_MemAlloc(plain, 100);
    assert_int_equal(LOS_MemTaskIdGet(block), 0);
    assert_int_equal(LOS_MemTotalUsedGet(plain), 4 + 104);
}

static void assert_task_refused(const VOID *ptr, const char *message)
{
    catch_output();
    UINT32 task = LOS_MemTaskIdGet(ptr);
    const char *said = caught_output();
    assert_int_equal(task, OS_INVALID);
    assert_string_equal(said, message);
}

static const char *out_of_range(const VOID *ptr)
{
    return expected("[ERR] input ptr 0x%lx is out of system memory range[0x%lx, 0x%lx]\n", (unsigned long)(UINTPTR)ptr,
                    (unsigned long)(UINTPTR)m_aucSysMem1, (unsigned long)g_sys_mem_addr_end);
}

/*
 * Refuses: LOS_MemTaskIdGet | ptr NULL | OS_INVALID, message
 * Refuses: LOS_MemTaskIdGet | ptr in no registered pool, or in control data | OS_INVALID, message
 */
static void task_id_refuses_what_is_in_no_block(void **state)
{
    (void)state;
    int local = 0;
    assert_task_refused(NULL, out_of_range(NULL));
    assert_task_refused(&local, out_of_range(&local));
    assert_task_refused(arena + POOL_BYTES, out_of_range(arena + POOL_BYTES));
    assert_task_refused(arena + 8, out_of_range(arena + 8));
}

/* Refuses: LOS_MemTaskIdGet | ptr in a free node | OS_INVALID, message */
static void task_id_refuses_free_nodes(void **state)
{
    (void)state;
    VOID *block = LOS_MemAlloc(pool, 100);
    VOID *behind = LOS_MemAlloc(pool, 100);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    assert_task_refused(
        block, expected("[ERR] input ptr 0x%lx is belong to a free mem node\n", (unsigned long)(UINTPTR)block));
    assert_task_refused(arena + POOL_BYTES / 2, expected("[ERR] input ptr 0x%lx is belong to a free mem node\n",
                                                         (unsigned long)(UINTPTR)(arena + POOL_BYTES / 2)));
    assert_int_equal(LOS_MemFree(pool, behind), LOS_OK);
}

/* ---- LOS_MemPoolList ---- */

#define TITLES \
    "pool addr          pool size    used size     free size    max free node size   used node num     free node num"
#define DASHES \
    "---------------    --------     -------       --------     --------------       -------------      ------------"

/* The rows of the guide's log, through the format that its text was checked with. */
static int row(char *text, size_t room, const VOID *any)
{
    LOS_MEM_POOL_STATUS s = status_of((VOID *)(UINTPTR)any);
    char address[32];
    (void)snprintf(address, sizeof address, "0x%lx", (unsigned long)(UINTPTR)any);
    return snprintf(text, room, "%-16s   0x%-8x   0x%-8x    0x%-8x   0x%-16x   0x%-13x    0x%-13x", address,
                    LOS_MemPoolSizeGet(any), s.uwTotalUsedSize, s.uwTotalFreeSize, s.uwMaxFreeNodeSize, s.uwUsedNodeNum,
                    s.uwFreeNodeNum);
}

static const char *listing(VOID *const *pools, UINT32 count)
{
    static char text[4096];
    size_t length = 0;
    for (UINT32 i = 0; i < count; i++) {
        length += (size_t)snprintf(text + length, sizeof text - length, "pool%u :\n%s\n%s\n", i, TITLES, DASHES);
        length += (size_t)row(text + length, sizeof text - length, pools[i]);
        length += (size_t)snprintf(text + length, sizeof text - length, "\n");
    }
    return text;
}

static void assert_listed(VOID *const *pools, UINT32 count)
{
    const char *wanted = listing(pools, count);
    catch_output();
    UINT32 listed = LOS_MemPoolList();
    const char *said = caught_output();
    assert_int_equal(listed, count);
    assert_string_equal(said, wanted);
}

/* Two rows of the guide's log, so that the format that the test compares with is the guide's and not ours. */
static void the_compared_format_is_the_guides(void **state)
{
    (void)state;
    static const char guide[] =
        "0x8027b2c0         0x7d84d40    0x7070c8      0x767db94    0x767db94            0x1026             0x1            ";
    char text[200];
    (void)snprintf(text, sizeof text, "%-16s   0x%-8x   0x%-8x    0x%-8x   0x%-16x   0x%-13x    0x%-13x", "0x8027b2c0",
                   0x7d84d40, 0x7070c8, 0x767db94, 0x767db94, 0x1026, 0x1);
    assert_string_equal(text, guide);
    assert_int_equal(strlen(TITLES), 111);
    assert_int_equal(strlen(DASHES), 111);
}

/* The guide's example: two pools in blocks of the system pool, deleted one by one. */
/* Covers: LOS_MemPoolList OsMemInfoPrint */
static void the_list_is_the_guides_to_the_byte(void **state)
{
    (void)state;
    (void)LOS_MemDeInit(pool);
    VOID *system = OS_SYS_MEM_ADDR;
    VOID *first = LOS_MemAlloc(system, 0x100000);
    assert_int_equal(LOS_MemInit(first, 0x100000), LOS_OK);
    VOID *second = LOS_MemAlloc(system, 0x100000);
    assert_int_equal(LOS_MemInit(second, 0x100000), LOS_OK);
    VOID *three[] = {system, first, second};
    assert_listed(three, 3);
    assert_int_equal(LOS_MemDeInit(first), LOS_OK);
    VOID *two[] = {system, second};
    assert_listed(two, 2);
    assert_int_equal(LOS_MemDeInit(second), LOS_OK);
    assert_listed(two, 1);
    assert_int_equal(LOS_MemFree(system, first), LOS_OK);
    assert_int_equal(LOS_MemFree(system, second), LOS_OK);
    printf("%s", listing(two, 1));
}

/* Covers: LOS_MemPoolList */
static void the_list_has_liteos_pools_only(void **state)
{
    (void)state;
    tarn_pool *native = NULL;
    assert_int_equal(tarn_init(&native, arena + 4 * POOL_BYTES, POOL_BYTES, NULL), TARN_OK);
    VOID *two[] = {OS_SYS_MEM_ADDR, pool};
    assert_listed(two, 2);
    assert_int_equal(tarn_deinit(native), TARN_OK);
}

/* Covers: LOS_MemPoolList */
static void the_eighth_column_is_the_water_line(void **state)
{
    (void)state;
    tarn_liteos_settings settings = engine_settings();
    settings.waterline_column = TARN_LITEOS_ON;
    tarn_liteos_options(&settings);
    char text[300];
    int length = row(text, sizeof text, OS_SYS_MEM_ADDR);
    (void)snprintf(text + length, sizeof text - (size_t)length, "    0x%-13x\n",
                   status_of(OS_SYS_MEM_ADDR).uwUsageWaterLine);
    catch_output();
    (void)LOS_MemPoolList();
    const char *said = caught_output();
    assert_non_null(strstr(said, text));
    assert_non_null(strstr(said, TITLES "      UsageWaterLine\n" DASHES "      ------------\n"));
}

/* Refuses: LOS_MemPoolList | a pool whose header is destroyed | counted, message in place of its table */
static void the_list_survives_a_destroyed_pool(void **state)
{
    (void)state;
    char text[128];
    memset(pool, 0, 64);
    (void)snprintf(text, sizeof text, "pool1 :\n[ERR] wrong mem pool addr: 0x%lx, line:", (unsigned long)(UINTPTR)pool);
    catch_output();
    UINT32 listed = LOS_MemPoolList();
    const char *said = caught_output();
    assert_int_equal(listed, 2);
    assert_non_null(strstr(said, text));
}

/* ---- LOS_MemFreeNodeShow ---- */

/* Free nodes of 2^5, 2^8 and the rest of the pool. */
/* Covers: LOS_MemFreeNodeShow */
static void free_nodes_are_shown_by_power_of_two(void **state)
{
    (void)state;
    (void)LOS_MemDeInit(pool);
    pool = make_pool(0x1000);
    VOID *small = LOS_MemAlloc(pool, 40 - H);
    (void)LOS_MemAlloc(pool, 8);
    VOID *large = LOS_MemAlloc(pool, 264 - H);
    (void)LOS_MemAlloc(pool, 8);
    assert_int_equal(LOS_MemFree(pool, small), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, large), LOS_OK);
    catch_output();
    UINT32 result = LOS_MemFreeNodeShow(pool);
    const char *said = caught_output();
    assert_int_equal(result, LOS_OK);
    assert_string_equal(said, "\n   ************************ left free node number**********************\n"
                              "    block size:  2^4    2^5    2^6    2^7    2^8    2^9    2^10   2^11   \n"
                              "    node number:   0      1      0      0      1      0      0      1    \n"
                              "    block size:  2^12   2^13   2^14   2^15   2^16   2^17   2^18   2^19   \n"
                              "    node number:   0      0      0      0      0      0      0      0    \n"
                              "    block size:  2^20   2^21   2^22   2^23   2^24   2^25   2^26   2^27   \n"
                              "    node number:   0      0      0      0      0      0      0      0    \n"
                              "    block size:  2^28   \n"
                              "    node number:   0    \n"
                              "   ********************************************************************\n\n");
}

/* The last class, which holds larger nodes too, is shown if there is something in it. */
static void the_largest_free_nodes_are_shown(void **state)
{
    (void)state;
    static const size_t sizes[] = {0x3FFFFFF8u, 0x50000000u};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        tarn_pool *large = NULL;
        VOID *memory = mmap(NULL, sizes[i], PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) {
            skip();
        }
        assert_int_equal(tarn_init(&large, memory, sizes[i], NULL), TARN_OK);
        catch_output();
        UINT32 result = LOS_MemFreeNodeShow(large);
        const char *said = caught_output();
        assert_int_equal(result, LOS_OK);
        assert_non_null(strstr(said, "\n    block size:  2^28   2^29   \n    node number:   0      1    \n   *****"));
        assert_int_equal(tarn_deinit(large), TARN_OK);
        munmap(memory, sizes[i]);
    }
}

/* Refuses: LOS_MemFreeNodeShow | pool NULL or no pool | LOS_NOK, message */
static void free_node_show_refuses_what_is_no_pool(void **state)
{
    (void)state;
    assert_wrong_pool(LOS_MemFreeNodeShow, NULL);
    assert_wrong_pool(LOS_MemFreeNodeShow, arena + POOL_BYTES + 4096);
}

/* Refuses: LOS_MemFreeNodeShow | damaged pool | LOS_NOK, report */
static void free_node_show_refuses_a_damaged_pool(void **state)
{
    (void)state;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, 64);
    (void)LOS_MemAlloc(pool, 64);
    memset(block + 64, 0xFF, H);
    catch_output();
    UINT32 result = LOS_MemFreeNodeShow(pool);
    const char *said = caught_output();
    assert_int_equal(result, LOS_NOK);
    assert_non_null(strstr(said, "memory check error!"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(an_empty_pool_reports_its_end_node),
        TEST(counts_follow_alloc_and_free),
        TEST(counts_and_refusals_read_no_nodes),
        TEST(queries_refuse_what_is_no_pool),
        TEST(queries_can_fail_without_ambiguity),
        TEST(last_used_is_one_header_past_the_last_block),
        TEST(last_used_of_a_full_pool_is_its_end),
        TEST(info_agrees_with_the_queries),
        TEST(the_water_line_keeps_the_peak),
        TEST(info_refuses_null_status),
        TEST(info_refuses_what_is_no_pool),
        TEST(a_block_knows_its_task),
        TEST(the_innermost_pool_names_the_task),
        TEST(code_that_is_no_task_has_the_limit_as_id),
        TEST(without_owner_word_the_task_reads_0),
        TEST(task_id_refuses_what_is_in_no_block),
        TEST(task_id_refuses_free_nodes),
        TEST(the_compared_format_is_the_guides),
        TEST(the_list_is_the_guides_to_the_byte),
        TEST(the_list_has_liteos_pools_only),
        TEST(the_eighth_column_is_the_water_line),
        TEST(the_list_survives_a_destroyed_pool),
        TEST(free_nodes_are_shown_by_power_of_two),
        TEST(the_largest_free_nodes_are_shown),
        TEST(free_node_show_refuses_what_is_no_pool),
        TEST(free_node_show_refuses_a_damaged_pool),
    };
    return run_per_engine("liteos_query", tests, sizeof tests / sizeof tests[0]);
}
