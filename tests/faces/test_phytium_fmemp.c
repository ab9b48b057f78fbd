/* SPDX-License-Identifier: MIT */
/* FMemp: constants, blocks, probing, listing. */
#include "test_phytium.h"

#include <sys/mman.h>

#include "tarn/regions.h"

#include "test_phytium_pool.h"

static void assert_zero(const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(bytes[i], 0);
    }
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
    FMemp memp = {NULL, NULL, 0, NULL, 0};
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
    make_pool(9000);
    FMemp ready, half = pool, stale = pool; /* a fill that says ready; a pointer overwritten; a copy of an ended pool */
    memset(&ready, 0x11, sizeof ready);
    half.tlsf_ptr = (unsigned char *)half.tlsf_ptr + 16;
    FMempDeinit(&pool);
    FMemp *const none[] = {NULL, &zero, &garbage, &ready, &half, &stale};
    for (uint32_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        u32 total = 1, used = 1, peak = 1;
        int thing = 0;
        assert_null(FMempMalloc(none[i], 8));
        assert_null(FMempCalloc(none[i], 1, 8));
        assert_null(FMempMallocAlign(none[i], 8, 8));
        catch_output();
        assert_null(FMempRealloc(none[i], &thing, 8));
        (void)caught_output();
        catch_output();
        FMempFree(none[i], &thing);
        (void)caught_output();
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
    assert_zero(block, 300);
    const fsize_t sizes[] = {0, 1, 19, 20};
    for (uint32_t i = 0; i < 4; i++) { /* at least 20 of them, whatever lay there */
        unsigned char *small = FMempMalloc(&pool, 20);
        memset(small, 0xCD, 20);
        FMempFree(&pool, small);
        assert_ptr_equal(FMempCalloc(&pool, 1, sizes[i]), small);
        assert_zero(small, 20);
        memset(small, 0xCD, 20);
        FMempFree(&pool, small);
        assert_ptr_equal(FMempMallocAlign(&pool, sizes[i], 0), small);
        assert_zero(small, 20);
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
        assert_zero(block, 40);
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

static void free_used(void *ptr, size_t size, int used, void *user)
{
    (void)size;
    (void)user;
    FMempFree(&pool, used != 0 ? ptr : NULL);
}

/* Covers: FMemProbe P9 */
static void the_peak_is_one_over_all_regions(void **state)
{
    (void)state;
    need_regions(2);
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

/* Three regions of 2 GiB less 4 KiB. Covers: FMemProbe P9 */
static void what_exceeds_32_bits_is_told_as_the_largest_number(void **state)
{
    (void)state;
    need_regions(4);
    size_t room = ((size_t)1 << 31) - 4096;
    if (sizeof(size_t) < 8) {
        skip();
    }
    make_pool(9000);
    for (uint32_t i = 0; i < 3; i++) {
        void *memory = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        assert_true(memory != MAP_FAILED);
        assert_ptr_equal(tlsf_add_pool(pool.tlsf_ptr, memory, room), memory);
        assert_non_null(FMempMalloc(&pool, room - room / 32));
    }
    u32 total = 0, used = 0, peak = 0;
    FMemProbe(&pool, &total, &used, &peak);
    assert_int_equal(total, 0xFFFFFFFFu);
    assert_int_equal(used, 0xFFFFFFFFu);
    assert_int_equal(peak, 0xFFFFFFFFu);
    tarn_region region;
    while (tarn_heap_region((tarn_heap *)pool.tlsf_ptr, 1, &region)) {
        void *memory = region.memory;
        tlsf_walk_pool(memory, free_used, NULL);
        tlsf_remove_pool(pool.tlsf_ptr, memory);
        assert_int_equal(munmap(memory, room), 0);
    }
    FMemProbe(&pool, NULL, &used, NULL);
    assert_int_equal(used, 0);
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
                                                  "FMEMP:     [-]: @%p, sz: 100, st: allocated\n"
                                                  "FMEMP:     [-]: @%p, sz: 100, st: allocated\n",
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
    FMempDeinit(&pool);
    make_pool(9000);
    buffer[43] ^= 1; /* the heap's table: where its region begins */
    catch_output();
    FMemListAll(&pool);
    assert_string_equal(caught_output(), "FMEMP: check tlsf: -1\n");
    buffer[43] ^= 1;
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

#define TEST(function) cmocka_unit_test_setup(function, fresh)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(error_numbers_are_the_documented_ones),
        TEST(types_are_as_wide_as_documented),
        TEST(malloc_gives_at_least_20_bytes_until_there_is_no_room),
        TEST(every_function_refuses_what_is_no_pool),
        TEST(calloc_clears_and_refuses_an_overflow),
        TEST(aligned_blocks_are_aligned_and_zero),
        TEST(realloc_keeps_contents_and_fails_without_harm),
        TEST(free_takes_blocks_back_and_refuses_the_rest_aloud),
        TEST(probe_tells_a_constant_total_and_a_true_peak),
        TEST(the_peak_is_one_over_all_regions),
        TEST(what_exceeds_32_bits_is_told_as_the_largest_number),
        TEST(the_listing_names_every_allocated_block),
        TEST(the_listing_tells_a_damaged_pool),
        TEST(two_pools_are_two_pools),
    };
    return is_unfit() ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
