/* SPDX-License-Identifier: MIT */
/*
 * Why a request would be refused, from the image alone.
 *
 * Bound: blocks.
 */
#include <string.h>

#include "../../src/blocks_view.h"

#include "reader.h"

/* A block pool's payloads all have one size, and none is fragmented. */
static void why_blocks(const found_pool *pool, uint64_t size, uint64_t alignment, tarn_verdict *verdict)
{
    tarn_stats stats;
    tarn_finding finding;
    uint32_t all;
    if (pool_stats(pool, &stats) != TARN_OK || pool_check(pool, &finding) != TARN_OK) {
        verdict->verdict = TARN_WHY_DAMAGED;
        verdict->status = TARN_E_DAMAGED;
        return;
    }
    all = stats.blocks + stats.free_blocks;
    verdict->needed = all != 0 ? stats.capacity / all : 0;
    verdict->free = stats.free;
    verdict->largest_free = stats.largest_free;
    verdict->largest_request = stats.largest_request;
    verdict->free_blocks = stats.free_blocks;
    blocks_shape shape = tarn_blocks_view_shape(&pool->blocks);
    if (size > shape.size || alignment > stats.granule) {
        verdict->verdict = TARN_WHY_NEVER_FITS;
        verdict->status = TARN_E_NEVER_FITS;
    } else {
        verdict->verdict = stats.free_blocks != 0 ? TARN_WHY_FITS : TARN_WHY_EXHAUSTED;
        verdict->status = stats.free_blocks != 0 ? TARN_OK : TARN_E_EXHAUSTED;
    }
}

void why_make(const found_pool *pool, uint64_t size, uint64_t alignment, tarn_verdict *verdict)
{
    memset(verdict, 0, sizeof *verdict);
    if (pool->kind == POOL_BLOCKS) {
        why_blocks(pool, size, alignment, verdict);
    } else {
        (void)tarn_view_why(&pool->variable, size, alignment, verdict);
    }
}
