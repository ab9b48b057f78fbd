/* SPDX-License-Identifier: MIT */
/* FMemp: initialising, ending, blocks, probing, listing. */
#include "test_phytium.h"

#include "los_memory.h"
#include "tarn/inspect.h"

static FMemp pool;

static int fresh(void **state)
{
    (void)state;
    FMempDeinit(&pool);
    memset(&pool, 0, sizeof pool);
    memset(buffer, 0xCD, sizeof buffer);
    return 0;
}

static void make_pool(size_t bytes)
{
    assert_int_equal(FMempInit(&pool, buffer, buffer + bytes), FMEMP_SUCCESS);
}

static u32 used_now(void)
{
    u32 used = 0xFFFFFFFFu;
    FMemProbe(&pool, NULL, &used, NULL);
    return used;
}

/* ---- constants and types ---- */

/*
 * Covers: FMEMP_SUCCESS FMEMP_ERR_INVALID_BUF FMEMP_ERR_INIT_TLFS FMEMP_ERR_BAD_MALLOC FMEMP_ERR_ALREADY_INIT
 * Covers: FMEMP_ERR_INIT_TLSF FT_SUCCESS FT_MAKE_ERRCODE ErrorModGeneral ErrCommMemp FError P3
 */
static void error_numbers_are_the_documented_ones(void **state)
{
    (void)state;
    assert_int_equal(FMEMP_SUCCESS, 0);
    assert_int_equal(FMEMP_ERR_INVALID_BUF, 0x10000);
    assert_int_equal(FMEMP_ERR_INIT_TLFS, 0x10001);
    assert_int_equal(FMEMP_ERR_INIT_TLSF, 0x10001);
    assert_int_equal(FMEMP_ERR_BAD_MALLOC, 0x10002);
    assert_int_equal(FMEMP_ERR_ALREADY_INIT, 0x10003);
    assert_int_equal(FT_SUCCESS, 0);
    assert_int_equal(FT_MAKE_ERRCODE(0x12, 0x34, 0x15678), 0x12345678);
    assert_int_equal(ErrorModGeneral, 0);
    assert_int_equal(ErrCommMemp, 1);
    assert_int_equal(sizeof(FError), 4);
}

/*
 * Covers: u8 s8 u16 s16 u32 s32 u64 s64 boolean fsize_t uintptr intptr TRUE FALSE FT_COMPONENT_IS_READY
 * Covers: FT_COMPONENT_IS_STARTED FMempPoolList FMemp FSListNode FMempTag FMempTagStatus FMEMP_TAG_ALLOCATED
 * Covers: FMEMP_TAG_FREEED FMEMP_TAG_MSG_LEN
 */
static void types_are_as_wide_as_documented(void **state)
{
    (void)state;
    assert_int_equal(sizeof(u8) + sizeof(s8), 2);
    assert_int_equal(sizeof(u16) + sizeof(s16), 4);
    assert_int_equal(sizeof(u32) + sizeof(s32), 8);
    assert_int_equal(sizeof(u64) + sizeof(s64), 16);
    assert_int_equal(sizeof(boolean), sizeof(unsigned long));
    assert_int_equal(sizeof(fsize_t), sizeof(size_t));
    assert_int_equal(sizeof(uintptr) + sizeof(intptr), 2 * sizeof(void *));
    assert_int_equal(TRUE - FALSE, 1);
    assert_int_equal(FT_COMPONENT_IS_READY, 0x11111111);
    assert_int_equal(FT_COMPONENT_IS_STARTED, 0x22222222);
    FMempPoolList list = {NULL, {NULL}};
    FSListNode *node = &list.list;
    FMemp memp = {NULL, NULL, 0, NULL};
    FMempTag tag = {0, 0, 0, "", FMEMP_TAG_ALLOCATED, NULL};
    FMempTagStatus freed = FMEMP_TAG_FREEED;
    assert_null(node->next);
    assert_null(memp.pools_list);
    assert_int_equal(memp.is_ready, 0);
    assert_int_equal(FMEMP_TAG_MSG_LEN, 125);
    assert_int_equal(sizeof tag.msg, 125);
    assert_int_equal(tag.status, 0);
    assert_int_equal(freed, 1);
    assert_int_equal(sizeof tag.status, 4);
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
    assert_true(total > 9000u - 1024u);
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
    FError nobody = FMempInit(NULL, buffer, buffer + 9000);
    (void)caught_output();
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
    size_t least = 0;
    for (size_t off = 0; off < 8; off++) {
        for (size_t bytes = 1; bytes < 1400; bytes++) {
            unsigned char *begin = buffer + 64 + off;
            memset(buffer, 0xCD, 2048);
            memset(&pool, 0, sizeof pool);
            catch_output();
            FError result = FMempInit(&pool, begin, begin + bytes);
            (void)caught_output();
            if (result == FMEMP_SUCCESS) {
                least = least == 0 ? bytes : least;
                void *block = FMempMalloc(&pool, 0);
                FMempFree(&pool, block);
                assert_int_equal(tlsf_check(pool.tlsf_ptr), 0);
                FMempDeinit(&pool);
            } else {
                assert_int_equal(result, FMEMP_ERR_BAD_MALLOC);
                assert_int_equal(pool.is_ready, 0);
                assert_null(pool.tlsf_ptr);
                assert_null(FMempMalloc(&pool, 8));
                bytes += 3;
            }
            for (size_t i = 0; i < 64 + off; i++) {
                assert_int_equal(buffer[i], 0xCD);
            }
            for (size_t i = 64 + off + bytes; i < 2048; i++) {
                assert_int_equal(buffer[i], 0xCD);
            }
        }
    }
    printf("  smallest buffer: %zu bytes\n", least);
}

/* Covers: FMempInit FMEMP_ERR_BAD_MALLOC P5 */
static void the_message_names_the_size_that_is_needed(void **state)
{
    (void)state;
    unsigned long needed = 0;
    catch_output();
    assert_int_equal(FMempInit(&pool, buffer, buffer + 100), FMEMP_ERR_BAD_MALLOC);
    const char *words = strstr(caught_output(), "it takes ");
    assert_non_null(words);
    needed = strtoul(words + 9, NULL, 10);
    catch_output();
    FError less = FMempInit(&pool, buffer, buffer + needed - 1);
    (void)caught_output();
    assert_int_equal(less, FMEMP_ERR_BAD_MALLOC);
    assert_int_equal(FMempInit(&pool, buffer, buffer + needed), FMEMP_SUCCESS);
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

/* Covers: FMempInit P16 */
static void a_second_init_leaves_the_pool_as_it_is(void **state)
{
    (void)state;
    make_pool(9000);
    unsigned char *block = FMempMalloc(&pool, 50);
    memset(block, 0x77, 50);
    catch_output();
    FError result = FMempInit(&pool, buffer, buffer + 9000);
    assert_said("initialised already");
    assert_true(result == FMEMP_SUCCESS || result == FMEMP_ERR_ALREADY_INIT);
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
        FMemp copy = garbage; /* a structure that moved is not the one that was initialised */
        catch_output();
        FError again = FMempInit(&copy, buffer + 16384, buffer + 32768);
        assert_silent();
        assert_int_equal(again, FMEMP_SUCCESS);
        assert_int_equal((uintptr_t)FMempMalloc(&copy, 8) - (uintptr_t)(buffer + 16384) < 16384, 1);
        FMempDeinit(&copy);
        FMempDeinit(&garbage);
    }
    /* Ready by its mark alone: ending it is nothing. */
    memset(&garbage, 0x11, sizeof garbage);
    FMempDeinit(&garbage);
    assert_int_equal(garbage.is_ready, 0);
}

/* Covers: FMempInit P15 */
static void a_buffer_is_initialised_again_without_an_end(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        FMemp fresh_pool;
        memset(&fresh_pool, 0, sizeof fresh_pool);
        assert_int_equal(FMempInit(&fresh_pool, buffer, buffer + 9000), FMEMP_SUCCESS);
        while (FMempMalloc(&fresh_pool, 100 + i) != NULL) {
        }
        assert_int_equal(tlsf_check(fresh_pool.tlsf_ptr), 0);
    }
    u32 listed = 0;
    tarn_registration entry;
    while (tarn_registered(TARN_FACE_FMEMP, listed, &entry)) {
        listed++;
    }
    assert_int_equal(listed, 1);
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

/* ---- blocks ---- */

/* Covers: FMempMalloc FMEMP_MALLOC P13 */
static void malloc_gives_at_least_20_bytes_until_there_is_no_room(void **state)
{
    (void)state;
    make_pool(9000);
    for (fsize_t size = 0; size < 64; size++) {
        unsigned char *block = FMEMP_MALLOC(&pool, size);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 8, 0);
        assert_true(tlsf_block_size(block) >= (size > 20 ? size : 20));
        memset(block, 1, tlsf_block_size(block));
    }
    assert_null(FMempMalloc(&pool, 9000));
    assert_null(FMempMalloc(&pool, SIZE_MAX));
    assert_null(FMempMalloc(&pool, SIZE_MAX - 6));
    while (FMempMalloc(&pool, 1) != NULL) {
    }
    assert_int_equal(tlsf_check(pool.tlsf_ptr), 0);
}

/* Covers: FMempMalloc FMempCalloc FMempMallocAlign FMempRealloc FMempFree FMemProbe FMemListAll P6 P12 */
static void every_function_refuses_what_is_no_pool(void **state)
{
    (void)state;
    FMemp zero, garbage;
    memset(&zero, 0, sizeof zero);
    memset(&garbage, 0xA5, sizeof garbage);
    FMemp *const none[] = {NULL, &zero, &garbage};
    for (uint32_t i = 0; i < 3; i++) {
        u32 total = 1, used = 1, peak = 1;
        int thing = 0;
        assert_null(FMempMalloc(none[i], 8));
        assert_null(FMempCalloc(none[i], 1, 8));
        assert_null(FMempMallocAlign(none[i], 8, 8));
        assert_null(FMempRealloc(none[i], &thing, 8));
        FMempFree(none[i], &thing);
        FMemProbe(none[i], &total, &used, &peak);
        assert_int_equal(total + used + peak, 0);
        catch_output();
        FMemListAll(none[i]);
        assert_silent();
        FMempDeinit(none[i]);
    }
}

/* Covers: FMempCalloc FMEMP_CALLOC P7 P8 */
static void calloc_clears_and_refuses_an_overflow(void **state)
{
    (void)state;
    make_pool(9000);
    unsigned char *block = FMEMP_CALLOC(&pool, 30, 10);
    for (uint32_t i = 0; i < 300; i++) {
        assert_int_equal(block[i], 0);
    }
    assert_non_null(FMempCalloc(&pool, 0, 10));
    assert_non_null(FMempCalloc(&pool, 10, 0));
    assert_null(FMempCalloc(&pool, SIZE_MAX / 2 + 1, 2));
    assert_null(FMempCalloc(&pool, (fsize_t)1 << (sizeof(fsize_t) * 4 + 1), (fsize_t)1 << (sizeof(fsize_t) * 4 - 1)));
}

/* Covers: FMempMallocAlign FMEMP_MALLOC_ALIGN P11 */
static void aligned_blocks_are_aligned_and_zero(void **state)
{
    (void)state;
    make_pool(BUFFER_BYTES);
    for (fsize_t align = 1; align <= 4096; align *= 2) {
        unsigned char *block = FMEMP_MALLOC_ALIGN(&pool, 40, align);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % align, 0);
        for (uint32_t i = 0; i < 40; i++) {
            assert_int_equal(block[i], 0);
        }
    }
    assert_non_null(FMempMallocAlign(&pool, 0, 0));
    assert_null(FMempMallocAlign(&pool, 40, 3));
    assert_null(FMempMallocAlign(&pool, 40, 96));
    assert_null(FMempMallocAlign(&pool, SIZE_MAX, 64));
    assert_null(FMempMallocAlign(&pool, 40, SIZE_MAX / 2 + 1));
    assert_int_equal(tlsf_check(pool.tlsf_ptr), 0);
}

/* Covers: FMempRealloc FMEMP_REALLOC P12 P18 */
static void realloc_keeps_contents_and_fails_without_harm(void **state)
{
    (void)state;
    make_pool(9000);
    assert_null(FMempRealloc(&pool, NULL, 0));
    unsigned char *block = FMEMP_REALLOC(&pool, NULL, 10);
    assert_non_null(block);
    assert_non_null(FMempMalloc(&pool, 8));
    memset(block, 0x42, 10);
    unsigned char *moved = FMempRealloc(&pool, block, 2000);
    assert_ptr_not_equal(moved, block);
    assert_int_equal(moved[9], 0x42);
    const fsize_t impossible[] = {9000, SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 7, SIZE_MAX / 2, (fsize_t)1 << 31};
    for (uint32_t i = 0; i < 6; i++) {
        assert_null(FMempRealloc(&pool, moved, impossible[i]));
        assert_true(tlsf_block_size(moved) >= 2000);
        assert_int_equal(moved[9], 0x42);
    }
    catch_output();
    assert_null(FMempRealloc(&pool, block, 50));
    assert_said("FMempRealloc");
    assert_null(FMempRealloc(&pool, moved, 0));
    catch_output();
    FMempFree(&pool, moved);
    assert_said("already free");
}

/* Covers: FMempFree FMEMP_FREE */
static void free_takes_blocks_back_and_refuses_the_rest_aloud(void **state)
{
    (void)state;
    make_pool(9000);
    unsigned char *block = FMempMalloc(&pool, 100);
    FMempFree(&pool, NULL);
    void *const bad[] = {block + 8, block + 1, &state, buffer, block - 8};
    for (uint32_t i = 0; i < 5; i++) {
        catch_output();
        FMempFree(&pool, bad[i]);
        assert_said("[ERR] FMempFree: ");
    }
    FMEMP_FREE(&pool, block);
    catch_output();
    FMempFree(&pool, block);
    assert_said("already free");
    assert_int_equal(used_now(), 0);
    assert_int_equal(tlsf_check(pool.tlsf_ptr), 0);
}

/* ---- looking ---- */

/* Covers: FMemProbe P9 P4 */
static void probe_tells_a_constant_total_and_a_true_peak(void **state)
{
    (void)state;
    u32 total = 0, first_total = 0, used = 0, peak = 0;
    make_pool(20000);
    FMemProbe(&pool, &first_total, NULL, NULL);
    void *a = FMempMalloc(&pool, 1000);
    void *b = FMempMalloc(&pool, 3000);
    FMempFree(&pool, a);
    FMemProbe(&pool, &total, &used, &peak);
    assert_int_equal(total, first_total);
    assert_int_equal(used, 3008);
    assert_int_equal(peak, 1008 + 3008);
    FMempFree(&pool, b);
    FMemProbe(&pool, &total, &used, &peak);
    assert_int_equal(total, first_total);
    assert_int_equal(used, 0);
    assert_int_equal(peak, 4016);
    FMemProbe(&pool, NULL, NULL, NULL);
}

/* Covers: FMemProbe P9 */
static void the_peak_is_one_over_all_regions(void **state)
{
    (void)state;
    u32 one = 0, total = 0, used = 0, peak = 0;
    make_pool(9000);
    FMemProbe(&pool, &one, NULL, NULL);
    assert_ptr_equal(tlsf_add_pool(pool.tlsf_ptr, buffer + 16384, 9000), buffer + 16384);
    void *a = FMempMalloc(&pool, 6000);
    void *b = FMempMalloc(&pool, 6000);
    assert_non_null(b);
    FMempFree(&pool, a);
    a = FMempMalloc(&pool, 100);
    FMemProbe(&pool, &total, &used, &peak);
    assert_true(total > one + 8000);
    assert_int_equal(peak, 2 * 6008);
    assert_int_equal(used, 6008 + 104);
    FMempFree(&pool, a);
    FMempFree(&pool, b);
    tlsf_remove_pool(pool.tlsf_ptr, buffer + 16384);
    FMemProbe(&pool, &total, &used, &peak);
    assert_int_equal(total, one);
}

/* Covers: FMemListAll P10 */
static void the_listing_names_every_allocated_block(void **state)
{
    (void)state;
    make_pool(9000);
    void *blocks[3];
    for (uint32_t i = 0; i < 3; i++) {
        blocks[i] = FMempMalloc(&pool, 100);
    }
    FMempFree(&pool, blocks[1]);
    u32 total = 0, used = 0;
    FMemProbe(&pool, &total, &used, NULL);
    catch_output();
    FMemListAll(&pool);
    assert_string_equal(caught_output(), expected("FMEMP: total memory: %u\n"
                                                  "FMEMP: used memory : %u\n"
                                                  "FMEMP: check tlsf: 0\n"
                                                  "FMEMP: check tlsf pool: 0\n"
                                                  "FMEMP: Memory block status:  \n"
                                                  "FMEMP:     [0]: @%p, sz: 100, st: allocated\n"
                                                  "FMEMP:     [1]: @%p, sz: 100, st: allocated\n",
                                                  total, used, blocks[0], blocks[2]));
}

/* Covers: FMemListAll P10 */
static void the_listing_tells_a_damaged_pool(void **state)
{
    (void)state;
    make_pool(9000);
    unsigned char *block = FMempMalloc(&pool, 100);
    memset(block + 100, 0xFF, 8);
    catch_output();
    FMemListAll(&pool);
    const char *said = caught_output();
    assert_non_null(strstr(said, "check tlsf: -1\n"));
    assert_non_null(strstr(said, "check tlsf pool: -1\n"));
}

/* ---- several pools ---- */

/* Covers: FMemp FMempFree P9 */
static void two_pools_are_two_pools(void **state)
{
    (void)state;
    FMemp other;
    u32 used = 0;
    memset(&other, 0, sizeof other);
    make_pool(9000);
    assert_int_equal(FMempInit(&other, buffer + 32768, buffer + 40000), FMEMP_SUCCESS);
    void *mine = FMempMalloc(&pool, 100);
    void *its = FMempMalloc(&other, 200);
    catch_output();
    FMempFree(&pool, its);
    assert_said("outside");
    FMempFree(&other, its);
    FMemProbe(&other, NULL, &used, NULL);
    assert_int_equal(used, 0);
    assert_int_equal(used_now(), 104);
    FMempDeinit(&other);
    FMempFree(&pool, mine);
    assert_int_equal(used_now(), 0);
}

/* A pool in a pool's block, and a LiteOS pool in one: freeing the block ends what it carries. Covers: FMempInit FMempFree */
static void pools_nest_in_blocks(void **state)
{
    (void)state;
    FMemp inner;
    tarn_registration entry;
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
    u32 listed = 0;
    while (tarn_registered(TARN_FACE_LITEOS, listed, &entry)) {
        listed++;
    }
    assert_non_null(LOS_MemAlloc(block, 100));
    FMempFree(&pool, block);
    assert_false(tarn_registered(TARN_FACE_LITEOS, listed - 1, &entry));
    assert_int_equal(used_now(), 0);
    assert_int_equal(tlsf_check(pool.tlsf_ptr), 0);
}

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(error_numbers_are_the_documented_ones),
        TEST(types_are_as_wide_as_documented),
        TEST(init_makes_a_pool_and_says_so_in_the_structure),
        TEST(init_refuses_what_is_no_range),
        TEST(init_of_every_size_and_alignment_works_or_says_so),
        TEST(the_message_names_the_size_that_is_needed),
        TEST(init_refuses_more_than_a_region_can_be),
        TEST(a_second_init_leaves_the_pool_as_it_is),
        TEST(stale_and_garbage_structures_are_not_believed),
        TEST(a_buffer_is_initialised_again_without_an_end),
        TEST(deinit_ends_a_pool_with_blocks_and_nothing_else),
        TEST(malloc_gives_at_least_20_bytes_until_there_is_no_room),
        TEST(every_function_refuses_what_is_no_pool),
        TEST(calloc_clears_and_refuses_an_overflow),
        TEST(aligned_blocks_are_aligned_and_zero),
        TEST(realloc_keeps_contents_and_fails_without_harm),
        TEST(free_takes_blocks_back_and_refuses_the_rest_aloud),
        TEST(probe_tells_a_constant_total_and_a_true_peak),
        TEST(the_peak_is_one_over_all_regions),
        TEST(the_listing_names_every_allocated_block),
        TEST(the_listing_tells_a_damaged_pool),
        TEST(two_pools_are_two_pools),
        TEST(pools_nest_in_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
