/* SPDX-License-Identifier: MIT */
/*
 * tarn for the bench of traces; compiled once for each configuration, with BENCH_OPTIONS, members of tarn_options, and
 * BENCH_NAME.
 */
#include "allocator.h"
#include "tarn/pool.h"

static tarn_pool *pool;

static bool open_pool(void *memory, size_t bytes)
{
    const tarn_options options = {BENCH_OPTIONS, .flags = TARN_POOL_UNLOCKED | TARN_POOL_UNREGISTERED};
    return tarn_init(&pool, memory, bytes, &options) == TARN_OK;
}

static void *take(size_t size)
{
    return tarn_alloc(pool, size);
}

static void *take_aligned(size_t alignment, size_t size)
{
    return tarn_alloc_aligned(pool, size, alignment);
}

static void *resize(void *block, size_t size)
{
    return tarn_realloc(pool, block, size);
}

static void give(void *block)
{
    (void)tarn_free(pool, block);
}

const bench_allocator bench_this = {BENCH_ALLOCATOR_VERSION, BENCH_NAME, open_pool, take, take_aligned, resize, give};
