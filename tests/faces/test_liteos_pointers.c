/* SPDX-License-Identifier: MIT */
/*
 * Wrong pointers by the thousand, given to pools of the size that the system pool has: the chance of a false accept
 * that the header check leaves in so large a pool is no longer one that a program would never meet, so these pools
 * carry the exact map as they come, and not one is taken.
 */
#include "test_liteos.h"

#include <sys/mman.h>

#define LARGE_POOL 0x4000000u /* the system pool's default size */
#define CARRIER_BYTES 0x40000u
#define LIVE 256u

static prng chance;
static UINT32 tries; /* of each kind in each pool: 100000 at TARN_TEST_SCALE=100 */

/* What lies in a block: random words, and copies of the header and links of the block itself and the one behind it. */
static void write_contents(UINT8 *block, const UINT8 *behind)
{
    prng_fill(&chance, block, CARRIER_BYTES);
    for (UINT32 at = 64; at + 64 < CARRIER_BYTES; at += 8u + 8u * prng_below(&chance, 32)) {
        const UINT8 *source = prng_below(&chance, 2) == 0 ? block : behind;
        memcpy(block + at - H, source - H, 24);
    }
}

/* Returns how many addresses inside a block the pool took for blocks. */
static UINT32 take_interior_pointers(VOID *pool)
{
    UINT32 taken = 0;
    UINT8 *block = (UINT8 *)LOS_MemAlloc(pool, CARRIER_BYTES);
    UINT8 *behind = (UINT8 *)LOS_MemAlloc(pool, 64);
    assert_non_null(block);
    assert_non_null(behind);
    for (UINT32 i = 0; i < tries; i++) {
        if (i % (tries / 10u + 1u) == 0) {
            write_contents(block, behind);
        }
        taken += LOS_MemFree(pool, block + 8u + 8u * prng_below(&chance, CARRIER_BYTES / 8u - 1u)) == LOS_OK;
    }
    assert_int_equal(LOS_MemFree(pool, behind), LOS_OK);
    assert_int_equal(LOS_MemFree(pool, block), LOS_OK);
    return taken;
}

/* Returns how many blocks of a nested pool the outer one took for its own. */
static UINT32 take_nested_blocks(VOID *pool)
{
    UINT32 taken = 0;
    VOID *blocks[LIVE] = {NULL};
    VOID *nested = LOS_MemAlloc(pool, CARRIER_BYTES);
    assert_non_null(nested);
    assert_int_equal(LOS_MemInit(nested, CARRIER_BYTES), LOS_OK);
    for (UINT32 i = 0; i < tries; i++) {
        VOID **slot = &blocks[prng_below(&chance, LIVE)];
        if (*slot != NULL) {
            assert_int_equal(LOS_MemFree(nested, *slot), LOS_OK);
        }
        *slot = LOS_MemAlloc(nested, 1u + prng_below(&chance, 700));
        assert_non_null(*slot);
        taken += LOS_MemFree(pool, *slot) == LOS_OK;
    }
    assert_int_equal(LOS_MemFree(pool, nested), LOS_OK); /* the nested pool ends with it */
    return taken;
}

/* Half of the pool in one block of random words behind the others: wherever a wrong header's size leads, there is
 * something that may pass for a header. */
static VOID *fill_half(VOID *pool)
{
    UINT32 bytes = LOS_MemPoolSizeGet(pool) / 2u;
    VOID *half = LOS_MemAlloc(pool, bytes);
    assert_non_null(half);
    prng_fill(&chance, half, bytes);
    return half;
}

static void assert_no_wrong_pointer_is_taken(VOID *pool, const char *name)
{
    tarn_stats before;
    tarn_stats after;
    assert_int_equal(tarn_stats_get((tarn_pool *)pool, &before), TARN_OK);
    assert_int_equal(before.exact, 1);
    VOID *low = LOS_MemAlloc(pool, 2u * CARRIER_BYTES); /* where the blocks to come will lie */
    VOID *half = fill_half(pool);
    assert_int_equal(LOS_MemFree(pool, low), LOS_OK);
    UINT32 interior = take_interior_pointers(pool);
    UINT32 nested = take_nested_blocks(pool);
    assert_int_equal(LOS_MemFree(pool, half), LOS_OK);
    assert_int_equal(tarn_stats_get((tarn_pool *)pool, &after), TARN_OK);
    printf("  %s of 0x%x bytes: %u of %u interior pointers and %u of %u nested blocks taken\n", name,
           LOS_MemPoolSizeGet(pool), interior, tries, nested, tries);
    assert_int_equal(interior, 0);
    assert_int_equal(nested, 0);
    assert_int_equal(after.used, before.used);
    assert_int_equal(LOS_MemIntegrityCheck(pool), LOS_OK);
}

/* Refuses: LOS_MemFree | 200 000 interior pointers and nested blocks in 64 MiB | LOS_NOK, each */
static void a_large_pool_takes_no_wrong_pointer(void **state)
{
    (void)state;
    VOID *memory = mmap(NULL, LARGE_POOL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(memory != MAP_FAILED);
    assert_int_equal(LOS_MemInit(memory, LARGE_POOL), LOS_OK);
    assert_no_wrong_pointer_is_taken(memory, "a pool");
    assert_int_equal(LOS_MemDeInit(memory), LOS_OK);
    munmap(memory, LARGE_POOL);
}

static void the_system_pool_takes_no_wrong_pointer(void **state)
{
    (void)state;
    if (OS_SYS_MEM_SIZE < LARGE_POOL) {
        print_message("the system pool is configured to be small\n");
        skip();
    }
    assert_no_wrong_pointer_is_taken(OS_SYS_MEM_ADDR, "the system pool");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_large_pool_takes_no_wrong_pointer),
        TEST(the_system_pool_takes_no_wrong_pointer),
    };
    chance = prng_make(test_seed(), 3);
    tries = (UINT32)test_scaled(100000);
    printf("liteos_pointers: TARN_TEST_SEED=%llu\n", (unsigned long long)test_seed());
    return run_per_engine("liteos_pointers", tests, sizeof tests / sizeof tests[0]);
}
