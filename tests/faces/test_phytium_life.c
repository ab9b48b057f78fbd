/* SPDX-License-Identifier: MIT */
/* FMemp: how pools begin, end, nest, and are known. */
#include "test_phytium.h"

#include <sys/mman.h>

#include "config.h"
#include "los_memory.h"
#include "tarn/events.h"
#include "tarn/inspect.h"

#include "test_phytium_pool.h"

static u32 listed(uint32_t face)
{
    u32 count = 0;
    tarn_registration entry;
    while (tarn_registered(face, count, &entry)) {
        count++;
    }
    return count;
}

/* ---- FMempInit ---- */

/* Covers: FMempInit */
static void init_makes_a_pool_and_says_so_in_the_structure(void **state)
{
    (void)state;
    u32 total = 0, used = 1, peak = 1;
    make_pool(9000);
    assert_int_equal(pool.is_ready, FT_COMPONENT_IS_READY);
    assert_non_null(pool.tlsf_ptr);
    assert_non_null(pool.pools_list);
    assert_ptr_equal(pool.pools_list->pool_addr, tlsf_get_pool(pool.tlsf_ptr));
    assert_null(pool.pools_list->list.next);
    FMemProbe(&pool, &total, &used, &peak);
    assert_int_equal(used, 0);
    assert_int_equal(peak, 0);
    assert_true(total > 9000u - tlsf_size() - 200u);
    assert_int_equal(tlsf_check(pool.tlsf_ptr), 0);
}

/* Covers: FMempInit P14 */
static void init_refuses_what_is_no_range(void **state)
{
    (void)state;
    catch_output();
    FError equal = FMempInit(&pool, buffer, buffer);
    const char *said = caught_output();
    assert_int_equal(equal, FMEMP_ERR_INVALID_BUF);
    assert_non_null(strstr(said, expected("Invalid input buf beg: %p, end: %p.", (void *)buffer, (void *)buffer)));
    catch_output();
    FError reversed = FMempInit(&pool, buffer + 9000, buffer);
    FError none = FMempInit(&pool, NULL, buffer);
    FError wraps = FMempInit(&pool, (void *)(UINTPTR_MAX - 1), (void *)UINTPTR_MAX);
    (void)caught_output();
    catch_output();
    FError nobody = FMempInit(NULL, buffer, buffer + 9000);
    assert_said("[ERR] FMEMP: FMempInit is given no structure, memp is NULL.\n");
    assert_int_equal(wraps, FMEMP_ERR_INVALID_BUF);
    assert_int_equal(reversed, FMEMP_ERR_INVALID_BUF);
    assert_int_equal(none, FMEMP_ERR_INVALID_BUF);
    assert_int_equal(nobody, FMEMP_ERR_INVALID_BUF);
    assert_int_equal(pool.is_ready, 0);
    for (size_t i = 0; i < sizeof buffer; i++) {
        assert_int_equal(buffer[i], 0xCD);
    }
}

/* Any start, any length: a pool that works or an error, and never a byte outside. Covers: FMempInit P5 P14 */
static void init_of_every_size_and_alignment_works_or_says_so(void **state)
{
    (void)state;
    static unsigned char before[2048];
    size_t least = 0;
    memset(before, 0xCD, sizeof before);
    for (size_t off = 0; off < 8; off++) {
        for (size_t bytes = 1; bytes < 1400; bytes++) {
            unsigned char *begin = buffer + 64 + off;
            memset(buffer, 0xCD, 2048);
            memset(&pool, 0, sizeof pool);
            catch_output();
            FError result = FMempInit(&pool, begin, begin + bytes);
            (void)caught_output();
            if (result == FMEMP_SUCCESS) {
                least = least == 0 || bytes < least ? bytes : least;
                void *block = FMempMalloc(&pool, 0);
                assert_non_null(block);
                FMempFree(&pool, block);
                assert_int_equal(tlsf_check(pool.tlsf_ptr), 0);
                FMempDeinit(&pool);
            } else {
                assert_int_equal(result, FMEMP_ERR_BAD_MALLOC);
                assert_int_equal(pool.is_ready, 0);
                assert_null(pool.tlsf_ptr);
                assert_null(FMempMalloc(&pool, 8));
            }
            assert_memory_equal(buffer, before, 64 + off);
            assert_memory_equal(begin + bytes, before, 2048 - 64 - off - bytes);
        }
    }
    printf("  smallest buffer: %zu bytes\n", least);
}

/* Covers: FMempInit FMEMP_ERR_BAD_MALLOC P5 */
static void the_message_names_the_size_that_is_needed(void **state)
{
    (void)state;
    for (uint32_t off = 0; off < 8; off++) {
        unsigned char *begin = buffer + off;
        catch_output();
        assert_int_equal(FMempInit(&pool, begin, begin + 100), FMEMP_ERR_BAD_MALLOC);
        const char *words = strstr(caught_output(), "100 bytes are too few, it takes ");
        assert_non_null(words);
        size_t needed = strtoul(words + 32, NULL, 10);
        catch_output();
        FError less = FMempInit(&pool, begin, begin + needed - 1);
        (void)caught_output();
        assert_int_equal(less, FMEMP_ERR_BAD_MALLOC);
        assert_int_equal(FMempInit(&pool, begin, begin + needed), FMEMP_SUCCESS);
        assert_non_null(FMempMalloc(&pool, 20));
        assert_null(FMempMalloc(&pool, 0));
        FMempDeinit(&pool);
    }
}

/* Covers: FMempInit FMEMP_ERR_INVALID_BUF FMEMP_ERR_BAD_MALLOC P5 */
static void a_failed_init_empties_what_is_no_live_pool(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        FMemp garbage;
        memset(&garbage, 0x11, sizeof garbage);
        catch_output();
        FError result = FMempInit(&garbage, buffer, buffer + 100 * i);
        (void)caught_output();
        assert_int_equal(result, i == 0 ? FMEMP_ERR_INVALID_BUF : FMEMP_ERR_BAD_MALLOC);
        assert_int_equal(garbage.is_ready, 0);
        assert_null(garbage.tlsf_ptr);
        assert_null(garbage.pools_list);
        assert_null(garbage.tags_list);
    }
    make_pool(9000);
    unsigned char *block = FMempMalloc(&pool, 50);
    catch_output();
    FError reversed = FMempInit(&pool, buffer + 9000, buffer);
    FError few = FMempInit(&pool, buffer + 16384, buffer + 16384 + 100);
    (void)caught_output();
    assert_int_equal(reversed, FMEMP_ERR_INVALID_BUF);
    assert_int_equal(few, FMEMP_ERR_BAD_MALLOC);
    assert_int_equal(used_now(), 56);
    FMempFree(&pool, block);
    assert_int_equal(used_now(), 0);
}

/* Covers: FMempInit FMEMP_ERR_INIT_TLFS */
static void init_refuses_more_than_a_region_can_be(void **state)
{
    (void)state;
    catch_output();
    FError result = FMempInit(&pool, (void *)(uintptr_t)0x1000, (void *)(uintptr_t)0xF0000000u);
    (void)caught_output();
    assert_int_equal(result, FMEMP_ERR_INIT_TLFS);
    assert_int_equal(pool.is_ready, 0);
}

/* Covers: FMempInit FMEMP_ERR_ALREADY_INIT P16 */
static void a_second_init_leaves_the_pool_as_it_is(void **state)
{
    (void)state;
    make_pool(9000);
    unsigned char *block = FMempMalloc(&pool, 50);
    memset(block, 0x77, 50);
    catch_output();
    FError result = FMempInit(&pool, buffer, buffer + 9000);
    assert_said("initialised already");
    assert_int_equal(result, TARN_ON(TARN_FMEMP_STRICT_INIT) ? FMEMP_ERR_ALREADY_INIT : FMEMP_SUCCESS);
    assert_int_equal(block[49], 0x77);
    FMemp copy = pool; /* by whichever structure it is known */
    catch_output();
    FError again = FMempInit(&copy, buffer, buffer + 9000);
    assert_said("initialised already");
    assert_int_equal(again, result);
    FMempFree(&copy, block);
    assert_int_equal(used_now(), 0);
}

/* Covers: FMempInit P15 */
static void stale_and_garbage_structures_are_not_believed(void **state)
{
    (void)state;
    need_registry();
    FMemp garbage;
    for (int fill = 0; fill < 256; fill += 17) {
        memset(&garbage, fill, sizeof garbage);
        assert_int_equal(FMempInit(&garbage, buffer, buffer + 9000), FMEMP_SUCCESS);
        assert_non_null(FMempMalloc(&garbage, 100));
        FMempDeinit(&garbage);
    }
    /* A mark that says ready, with a pointer to nowhere, to the buffer, to what was a heap there. */
    void *const pointers[] = {NULL, (void *)(uintptr_t)0x10, buffer, buffer + 64};
    for (uint32_t i = 0; i < 4; i++) {
        memset(&garbage, 0x11, sizeof garbage);
        garbage.tlsf_ptr = pointers[i];
        assert_int_equal(FMempInit(&garbage, buffer, buffer + 9000), FMEMP_SUCCESS);
        FMempDeinit(&garbage);
    }
    /* Ready by its mark alone: ending it is nothing. */
    memset(&garbage, 0x11, sizeof garbage);
    FMempDeinit(&garbage);
    assert_int_equal(garbage.is_ready, 0);
    /* Pointers to a live pool, and no mark; the mark, and a pool that something else overwrote. */
    for (uint32_t i = 0; i < 2; i++) {
        make_pool(9000);
        assert_non_null(FMempMalloc(&pool, 50));
        if (i == 0) {
            pool.is_ready = 0;
        } else {
            memset(buffer, 0, 4);
        }
        catch_output();
        FError again = FMempInit(&pool, buffer, buffer + 9000);
        assert_silent();
        assert_int_equal(again, FMEMP_SUCCESS);
        assert_int_equal(used_now(), 0);
        FMempDeinit(&pool);
    }
}

/* Nothing is read where a structure of old times points, unless a live pool is listed there. Covers: FMempInit P15 */
static void a_structure_whose_buffer_is_gone_is_not_followed(void **state)
{
    (void)state;
    need_registry();
    unsigned char *gone = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(gone != MAP_FAILED);
    assert_int_equal(FMempInit(&pool, gone, gone + 65536), FMEMP_SUCCESS);
    FMemp copies[2] = {pool, pool};
    FMempDeinit(&pool);
    assert_int_equal(munmap(gone, 65536), 0);
    assert_int_equal(FMempInit(&copies[0], buffer, buffer + 9000), FMEMP_SUCCESS);
    FMempDeinit(&copies[0]);
    FMempDeinit(&copies[1]);
    assert_int_equal(copies[1].is_ready, 0);
}

/* Covers: FMempInit P15 */
static void a_pool_initialised_elsewhere_ends_where_it_was(void **state)
{
    (void)state;
    need_registry();
    void *before = NULL;
    u32 others = listed(TARN_FACE_FMEMP);
    for (uint32_t i = 0; i < 100; i++) {
        unsigned char *begin = buffer + 1024 * i;
        catch_output();
        assert_int_equal(FMempInit(&pool, begin, begin + 9000), FMEMP_SUCCESS);
        const char *said = caught_output();
        assert_true((strstr(said, "initialised elsewhere: the pool it had ends") != NULL) == (i != 0));
        assert_null(tlsf_malloc(before, 8));
        assert_int_equal((uintptr_t)FMempMalloc(&pool, 8) - (uintptr_t)begin < 9000, 1);
        assert_int_equal(listed(TARN_FACE_FMEMP), others + 1);
        before = pool.tlsf_ptr;
    }
}

/* Over one buffer the newer pool counts, and a copy of its structure is as good as it. Covers: FMempDeinit P15 */
static void a_pool_is_ended_by_a_structure_of_its_own_life(void **state)
{
    (void)state;
    need_registry();
    FMemp older, newer;
    memset(&older, 0, sizeof older);
    memset(&newer, 0, sizeof newer);
    assert_int_equal(FMempInit(&older, buffer, buffer + 9000), FMEMP_SUCCESS);
    FMemp oldest = older;
    assert_int_equal(FMempInit(&newer, buffer, buffer + 9000), FMEMP_SUCCESS);
    void *block = FMempMalloc(&newer, 100);
    FMempDeinit(&older);
    assert_int_equal(older.is_ready, 0);
    catch_output();
    assert_int_equal(FMempInit(&oldest, buffer + 16384, buffer + 32768), FMEMP_SUCCESS);
    assert_silent();
    FMempDeinit(&oldest);
    catch_output();
    FMempFree(&newer, block);
    assert_silent();
    tlsf_t heap = newer.tlsf_ptr;
    FMemp moved = newer;
    memset(&newer, 0, sizeof newer);
    FMempDeinit(&moved);
    assert_null(tlsf_malloc(heap, 8));
    assert_int_equal(listed(TARN_FACE_FMEMP), 0);
}

/* Covers: FMempDeinit tlsf_destroy */
static void a_heap_destroyed_behind_the_pool_leaves_the_registry_with_it(void **state)
{
    (void)state;
    make_pool(9000);
    tlsf_destroy(pool.tlsf_ptr);
    assert_null(FMempMalloc(&pool, 8));
    FMempDeinit(&pool);
    assert_int_equal(listed(TARN_FACE_FMEMP), 0);
}

static uint32_t unlisted_events;

static void count_unlisted(const tarn_event *event, void *context)
{
    (void)context;
    unlisted_events += event->kind == TARN_EVENT_UNLISTED_INIT ? 1u : 0u;
}

/* One more pool than there are entries: it is told, works, is known and ends as others.
 * Covers: FMempInit FMempDeinit P15 */
static void a_pool_that_the_registry_has_no_room_for_is_told_and_works(void **state)
{
    (void)state;
    enum { STEP = 2048 };
    static FMemp pools[TARN_REGISTRY_CAPACITY];
    u32 room = 0;
    if ((size_t)STEP * (TARN_REGISTRY_CAPACITY + 2u) > sizeof buffer) {
        skip();
    }
    memset(pools, 0, sizeof pools);
    assert_listening(tarn_events_add(count_unlisted, NULL));
    unlisted_events = 0;
    while (room < TARN_REGISTRY_CAPACITY && unlisted_events == 0) {
        unsigned char *begin = buffer + STEP * room;
        catch_output();
        assert_int_equal(FMempInit(&pools[room], begin, begin + STEP), FMEMP_SUCCESS);
        const char *said = caught_output();
        assert_true((strstr(said, "is not listed") != NULL) == (unlisted_events != 0));
        room++;
    }
    unsigned char *last = buffer + STEP * TARN_REGISTRY_CAPACITY;
    if (unlisted_events == 0) {
        catch_output();
        assert_int_equal(FMempInit(&pool, last, last + STEP), FMEMP_SUCCESS);
        assert_said("is not listed");
    } else {
        pool = pools[--room];
    }
    assert_int_equal(unlisted_events, 1);
    void *block = FMempMalloc(&pool, 50);
    assert_non_null(block);
    catch_output();
    (void)FMempInit(&pool, pool.tlsf_ptr, (unsigned char *)pool.tlsf_ptr + STEP);
    assert_said("initialised already");
    assert_int_equal(used_now(), 56);
    tlsf_t ended = pool.tlsf_ptr;
    catch_output();
    assert_int_equal(FMempInit(&pool, last + STEP, last + 2 * STEP), FMEMP_SUCCESS);
    assert_said("the pool it had ends");
    assert_null(tlsf_malloc(ended, 8));
    ended = pool.tlsf_ptr;
    assert_non_null(tlsf_malloc(ended, 8));
    FMemp copy = pool;
    FMempDeinit(&pool);
    assert_null(tlsf_malloc(ended, 8));
    assert_non_null(tlsf_create_with_pool(ended, STEP)); /* alive, and no FMemp's */
    catch_output();
    assert_int_equal(FMempInit(&copy, ended, (unsigned char *)ended + STEP), FMEMP_SUCCESS);
    assert_null(strstr(caught_output(), "already"));
    FMempDeinit(&copy);
    while (room != 0) {
        FMempDeinit(&pools[--room]);
    }
    assert_int_equal(listed(TARN_FACE_FMEMP), 0);
    assert_int_equal(tarn_events_remove(count_unlisted, NULL), TARN_OK);
}

/* Covers: FMempInit P15 */
static void a_buffer_is_initialised_again_without_an_end(void **state)
{
    (void)state;
    need_registry();
    for (uint32_t i = 0; i < 100; i++) {
        FMemp fresh_pool;
        memset(&fresh_pool, 0, sizeof fresh_pool);
        assert_int_equal(FMempInit(&fresh_pool, buffer, buffer + 9000), FMEMP_SUCCESS);
        while (FMempMalloc(&fresh_pool, 100 + i) != NULL) {
        }
        assert_int_equal(tlsf_check(fresh_pool.tlsf_ptr), 0);
    }
    assert_int_equal(listed(TARN_FACE_FMEMP), 1);
    make_pool(9000);
}

/* ---- FMempDeinit ---- */

/* Covers: FMempDeinit FMempRemove P1 P6 P22 */
static void deinit_ends_a_pool_with_blocks_and_nothing_else(void **state)
{
    (void)state;
    void (*const ends[])(FMemp *) = {FMempDeinit, FMempRemove};
    for (uint32_t i = 0; i < 2; i++) {
        FMemp zero;
        memset(&zero, 0, sizeof zero);
        ends[i](&zero);
        ends[i](NULL);
        make_pool(9000);
        void *block = FMempMalloc(&pool, 100);
        ends[i](&pool);
        assert_null(pool.tlsf_ptr);
        assert_null(pool.pools_list);
        assert_int_equal(pool.is_ready, 0);
        assert_null(FMempMalloc(&pool, 8));
        FMempFree(&pool, block);
        assert_null(FMempRealloc(&pool, block, 8));
        ends[i](&pool);
    }
}

/* In blocks of each region. Covers: FMempDeinit P22 */
static void deinit_ends_the_pools_nested_in_blocks(void **state)
{
    (void)state;
    need_registry();
    need_regions(2);
    FMemp inner[2];
    void *heaps[2];
    memset(inner, 0, sizeof inner);
    make_pool(16384);
    assert_non_null(tlsf_add_pool(pool.tlsf_ptr, buffer + 32768, 16384));
    for (uint32_t i = 0; i < 2; i++) {
        unsigned char *block = FMempMalloc(&pool, 12000);
        assert_non_null(block);
        assert_int_equal(FMempInit(&inner[i], block, block + 12000), FMEMP_SUCCESS);
        heaps[i] = inner[i].tlsf_ptr;
        assert_non_null(FMempMalloc(&inner[i], 8));
    }
    FMempDeinit(&pool);
    for (uint32_t i = 0; i < 2; i++) {
        assert_null(FMempMalloc(&inner[i], 8));
        assert_null(tlsf_malloc(heaps[i], 8));
    }
    assert_int_equal(listed(TARN_FACE_FMEMP), 0);
}

/* A pool in a pool's block, and a LiteOS pool in one: freeing the block ends what it carries.
 * Covers: FMempInit FMempFree */
static void pools_nest_in_blocks(void **state)
{
    (void)state;
    need_registry();
    FMemp inner;
    memset(&inner, 0, sizeof inner);
    make_pool(BUFFER_BYTES);
    unsigned char *block = FMempMalloc(&pool, 9000);
    assert_int_equal(FMempInit(&inner, block, block + 9000), FMEMP_SUCCESS);
    void *inside = FMempMalloc(&inner, 100);
    catch_output();
    FMempFree(&pool, inside); /* a genuine block, of another pool */
    assert_said("FMempFree");
    FMempFree(&pool, block);
    assert_null(FMempMalloc(&inner, 100));
    block = FMempMalloc(&pool, 9000);
    assert_int_equal(LOS_MemInit(block, 8192), LOS_OK);
    u32 before = listed(TARN_FACE_LITEOS);
    assert_non_null(LOS_MemAlloc(block, 100));
    FMempFree(&pool, block);
    assert_int_equal(listed(TARN_FACE_LITEOS), before - 1);
    assert_int_equal(used_now(), 0);
    assert_int_equal(tlsf_check(pool.tlsf_ptr), 0);
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(init_makes_a_pool_and_says_so_in_the_structure),
        TEST(init_refuses_what_is_no_range),
        TEST(init_of_every_size_and_alignment_works_or_says_so),
        TEST(the_message_names_the_size_that_is_needed),
        TEST(a_failed_init_empties_what_is_no_live_pool),
        TEST(init_refuses_more_than_a_region_can_be),
        TEST(a_second_init_leaves_the_pool_as_it_is),
        TEST(stale_and_garbage_structures_are_not_believed),
        TEST(a_structure_whose_buffer_is_gone_is_not_followed),
        TEST(a_buffer_is_initialised_again_without_an_end),
        TEST(a_pool_initialised_elsewhere_ends_where_it_was),
        TEST(deinit_ends_a_pool_with_blocks_and_nothing_else),
        TEST(a_pool_is_ended_by_a_structure_of_its_own_life),
        TEST(a_heap_destroyed_behind_the_pool_leaves_the_registry_with_it),
        TEST(deinit_ends_the_pools_nested_in_blocks),
        TEST(pools_nest_in_blocks),
        TEST(a_pool_that_the_registry_has_no_room_for_is_told_and_works),
    };
    return is_unfit() ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
