/* SPDX-License-Identifier: MIT */
/*
 * A program that uses every function, macro and constant of the Phytium SDK's memory pool and of tlsf.h, in C and C++,
 * after the SDK's example: in 9000 bytes on 64 bits and 5000 on 32, aligned to 4. Prints "every" last if all is well.
 */
#include "fmempory_pool.h"

#include <stdio.h>
#include <string.h>

enum { SDK_BYTES = sizeof(void *) == 8 ? 9000 : 5000 };

static struct {
    u32 odd; /* the buffer is aligned to 4 and not to 8 */
    u8 bytes[SDK_BYTES];
} sdk __attribute__((aligned(8)));

static size_t memory[4096], more[1024];
static u32 failures;

static void expect(int condition, int line)
{
    if (!condition) {
        printf("line %d\n", line);
        failures++;
    }
}

#define EXPECT(condition) expect((condition) ? 1 : 0, __LINE__)

static void usage(FMemp *memp)
{
    u32 total = 0, used = 0, max_used = 0;
    FMemProbe(memp, &total, &used, &max_used);
    printf("used: %u, total: %u, peak: %u\n", (unsigned)used, (unsigned)total, (unsigned)max_used);
    EXPECT(used <= max_used && max_used <= total);
}

/* The sequence of the SDK's basic example. */
static void sdk_example(void)
{
    FMemp memp;
    memset(&memp, 0, sizeof(memp));
    EXPECT(FMempInit(&memp, &sdk.bytes[0], &sdk.bytes[0] + sizeof(sdk.bytes)) == FMEMP_SUCCESS);
    EXPECT(memp.is_ready == FT_COMPONENT_IS_READY);
    usage(&memp);
    u8 *first = (u8 *)FMEMP_MALLOC(&memp, sizeof(void *));
    u8 *second = (u8 *)FMEMP_MALLOC_ALIGN(&memp, sizeof(void *), 128);
    u8 *third = (u8 *)FMEMP_MALLOC_ALIGN(&memp, sizeof(void *), 64);
    u64 *fourth = (u64 *)FMEMP_MALLOC_ALIGN(&memp, sizeof(u64) * 5, 32);
    u16 *fifth = (u16 *)FMEMP_CALLOC(&memp, 4, sizeof(u16));
    EXPECT(first && second && third && fourth && fifth);
    EXPECT((uintptr)second % 128 == 0 && (uintptr)third % 64 == 0 && (uintptr)fourth % 32 == 0);
    EXPECT(fifth[0] == 0 && fifth[3] == 0);
    third = (u8 *)FMEMP_REALLOC(&memp, third, 8);
    EXPECT(third != NULL);
    third[7] = 0xcc;
    usage(&memp);
    FMemListAll(&memp);
    FMEMP_FREE(&memp, first);
    FMEMP_FREE(&memp, second);
    FMEMP_FREE(&memp, third);
    FMEMP_FREE(&memp, fourth);
    FMEMP_FREE(&memp, fifth);
    FMemListAll(&memp);
    usage(&memp);
    if (FT_COMPONENT_IS_READY == memp.is_ready) {
        FMempRemove(&memp);
    }
    EXPECT(memp.is_ready == 0);
}

static void plain_and_tagged(void)
{
    FMemp memp;
    memset(&memp, 0, sizeof(memp));
    EXPECT(FMempInit(&memp, memory, memory) == FMEMP_ERR_INVALID_BUF);
    EXPECT(FMempInit(&memp, memory, (u8 *)memory + 64) == FMEMP_ERR_BAD_MALLOC);
    EXPECT(FMempInit(&memp, memory, memory + 4096) == FMEMP_SUCCESS);
    void *block = FMempMalloc(&memp, 100);
    block = FMempRealloc(&memp, block, 200);
    void *zero = FMempCalloc(&memp, 2, 50);
    void *aligned = FMempMallocAlign(&memp, 50, 64);
    EXPECT(block && zero && aligned);
    FMempFree(&memp, block);
    FMempFree(&memp, zero);
    FMempFree(&memp, aligned);
    block = FMempMallocTag(&memp, 100, "file", 1, "text");
    block = FMempReallocTag(&memp, block, 200, "file", 2, "text");
    zero = FMempCallocTag(&memp, 2, 50, "file", 3, "text");
    aligned = FMempMallocAlignTag(&memp, 50, 64, "file", 4, "text");
    EXPECT(block && zero && aligned && memp.tags_list && memp.tags_list->status == FMEMP_TAG_ALLOCATED);
    FMemListAll(&memp);
    FMempFreeTag(&memp, block);
    FMempFreeTag(&memp, zero);
    FMempFreeTag(&memp, aligned);
    EXPECT(memp.tags_list->status == FMEMP_TAG_FREEED);
    FMempDeinit(&memp);
    EXPECT(FMEMP_ERR_INIT_TLFS == 0x10001 && FMEMP_ERR_ALREADY_INIT == 0x10003 && FT_SUCCESS == 0);
}

static void count(void *ptr, size_t size, int used, void *user)
{
    (void)ptr;
    *(size_t *)user += used ? size : 0;
}

static void every_tlsf(void)
{
    EXPECT(tlsf_create(memory) == (tlsf_t)memory);
    tlsf_destroy(memory);
    tlsf_t tlsf = tlsf_create_with_pool(memory, sizeof(memory));
    pool_t pool = tlsf_add_pool(tlsf, more, sizeof(more));
    EXPECT(tlsf && pool == (pool_t)more && tlsf_get_pool(tlsf) != NULL);
    void *block = tlsf_malloc(tlsf, 100);
    void *aligned = tlsf_memalign(tlsf, 128, 100);
    block = tlsf_realloc(tlsf, block, 300);
    EXPECT(block && aligned && tlsf_block_size(block) >= 300);
    size_t used = 0;
    tlsf_walker walker = count;
    tlsf_walk_pool(tlsf_get_pool(tlsf), walker, &used);
    tlsf_walk_pool(pool, NULL, NULL);
    EXPECT(used == tlsf_block_size(block) + tlsf_block_size(aligned));
    EXPECT(tlsf_check(tlsf) == 0 && tlsf_check_pool(pool) == 0);
    EXPECT(tlsf_size() < 3188 && tlsf_align_size() == sizeof(void *) && tlsf_alloc_overhead() == 4);
    EXPECT(tlsf_block_size_min() == 12 && tlsf_block_size_max() > 0x40000000u && tlsf_pool_overhead() > 0);
    tlsf_free(tlsf, block);
    tlsf_free(tlsf, aligned);
    tlsf_remove_pool(tlsf, pool);
    tlsf_destroy(tlsf);
}

int main(void)
{
    sdk_example();
    plain_and_tagged();
    every_tlsf();
    printf(failures == 0 ? "every\n" : "failures\n");
    return failures != 0;
}
