/* SPDX-License-Identifier: MIT */
/* The interfaces: a pool of each, and their functions. */
#include "faces.h"

#include "board.h"
#include "fmempory_pool.h"
#include "los_memory.h"
#include "os/os_mempool.h"
#include "tarn/blocks.h"
#include "tarn/liteos.h"
#include "tarn/pool.h"
#include "tlsf.h"

static void *open_pool(const pool_wish *wish, unsigned char *memory, size_t bytes)
{
    tarn_options options = {0};
    tarn_pool *pool;
    options.engine = wish->engine;
    options.park = wish->park;
    options.slab = wish->slab;
    options.extension_words = wish->words;
    options.flags = (wish->locked ? 0 : TARN_POOL_UNLOCKED) | TARN_POOL_UNREGISTERED;
    return wish->bytes <= bytes && tarn_init(&pool, memory, wish->bytes, &options) == TARN_OK ? pool : NULL;
}

static void close_pool(void *handle)
{
    (void)tarn_deinit(handle);
}

static void *open_liteos(const pool_wish *wish, unsigned char *memory, size_t bytes)
{
    tarn_liteos_settings settings = {0};
    settings.engine = wish->engine;
    tarn_liteos_options(&settings);
    return wish->bytes <= bytes && LOS_MemInit(memory, wish->bytes) == LOS_OK ? memory : NULL;
}

static void *open_fmemp(const pool_wish *wish, unsigned char *memory, size_t bytes)
{
    static FMemp memp;
    return wish->bytes <= bytes && FMempInit(&memp, memory, memory + wish->bytes) == FMEMP_SUCCESS ? &memp : NULL;
}

static void close_fmemp(void *handle)
{
    FMempDeinit(handle);
}

static void *open_tlsf(const pool_wish *wish, unsigned char *memory, size_t bytes)
{
    return wish->bytes <= bytes ? tlsf_create_with_pool(memory, wish->bytes) : NULL;
}

static void close_tlsf(void *handle)
{
    tlsf_destroy(handle);
}

static void *open_blocks(const pool_wish *wish, unsigned char *memory, size_t bytes)
{
    tarn_blocks_options options = {0};
    tarn_blocks *pool;
    options.count = wish->count;
    return tarn_blocks_init(&pool, memory, bytes, wish->bytes, &options) == TARN_OK ? pool : NULL;
}

static void close_blocks(void *handle)
{
    (void)tarn_blocks_deinit(handle);
}

static void *open_mynewt(const pool_wish *wish, unsigned char *memory, size_t bytes)
{
    static struct os_mempool pool;
    if ((size_t)wish->count * wish->bytes > bytes) {
        return NULL;
    }
    return os_mempool_init(&pool, (uint16_t)wish->count, wish->bytes, memory, "worst") == OS_OK ? &pool : NULL;
}

static void close_mynewt(void *handle)
{
    (void)os_mempool_unregister(handle);
}

/* ---- functions of known lengths, for the test of counts: 41 instructions, and 1; and two that hold the lock, one of them
 * for 30 instructions longer ---- */

#if defined(__arm__)
#define CODE ".syntax unified\n.thumb\n.thumb_func\n"
#define RETURN "bx lr\n"
#else
#define CODE
#define RETURN "ret\n"
#endif
__asm__(".text\n.type known_forty_one, %function\n" CODE "known_forty_one:\n.rept 40\nnop\n.endr\n" RETURN);
__asm__(".text\n.type known_one, %function\n" CODE "known_one:\n" RETURN);

void known_forty_one(void);
void known_one(void);

static uintptr_t known_hold(void)
{
    uintptr_t state = tarn_board_mask();
    __asm__ volatile(".rept 20\n nop\n.endr");
    tarn_board_unmask(state);
    return 0;
}

static uintptr_t known_hold_longer(void)
{
    uintptr_t state = tarn_board_mask();
    __asm__ volatile(".rept 50\n nop\n.endr");
    tarn_board_unmask(state);
    return 0;
}

static void *open_known(const pool_wish *wish, unsigned char *memory, size_t bytes)
{
    (void)wish;
    return bytes != 0 ? memory : NULL;
}

static void close_known(void *handle)
{
    (void)handle;
}

#define ANY(function) ((any_function)(function))

const face faces[] = {
    {"pool", open_pool, close_pool, ANY(tarn_alloc), ANY(tarn_alloc_aligned), ANY(tarn_free), ANY(tarn_resize),
     ANY(tarn_realloc), false, false},
    {"liteos", open_liteos, close_pool, ANY(LOS_MemAlloc), ANY(LOS_MemAllocAlign), ANY(LOS_MemFree), NULL,
     ANY(LOS_MemRealloc), false, false},
    {"fmemp", open_fmemp, close_fmemp, ANY(FMempMalloc), ANY(FMempMallocAlign), ANY(FMempFree), NULL, ANY(FMempRealloc),
     false, true},
    {"tlsf", open_tlsf, close_tlsf, ANY(tlsf_malloc), ANY(tlsf_memalign), ANY(tlsf_free), NULL, ANY(tlsf_realloc), true,
     true},
    {"blocks", open_blocks, close_blocks, ANY(tarn_blocks_get), NULL, ANY(tarn_blocks_put), NULL, NULL, false, false},
    {"mynewt", open_mynewt, close_mynewt, ANY(os_memblock_get), NULL, ANY(os_memblock_put), NULL, NULL, false, false},
    {"known", open_known, close_known, known_forty_one, NULL, known_one, ANY(known_hold), ANY(known_hold_longer), false,
     true},
    {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false, false},
};
