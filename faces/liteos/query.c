/* SPDX-License-Identifier: MIT */
/*
 * Sizes, counts and addresses of a pool, and LOS_MemInfoGet().
 */
#include "face.h"
#include "text.h"

/* LOS_NOK is 1, which could be a size or a count; said once, because it is asked for in loops. */
static UINT32 no_answer(const VOID *pool)
{
    static bool said;
    if (!said) {
        said = true;
        tarn_liteos_say_wrong_pool(pool, __LINE__);
    }
    return tarn_liteos_query_failure();
}

UINT32 LOS_MemPoolSizeGet(const VOID *pool)
{
    tarn_stats stats;
    return counts_of(pool, &stats) ? reported_size(pool, stats.bytes) : no_answer(pool);
}

UINT32 LOS_MemTotalUsedGet(VOID *pool)
{
    tarn_stats stats;
    return counts_of(pool, &stats) ? (UINT32)stats.used + node_head(&stats) : no_answer(pool);
}

UINT32 LOS_MemUsedBlksGet(VOID *pool)
{
    tarn_stats stats;
    return counts_of(pool, &stats) ? stats.blocks + 1u : no_answer(pool);
}

UINT32 LOS_MemFreeBlksGet(VOID *pool)
{
    tarn_stats stats;
    return counts_of(pool, &stats) ? stats.free_blocks : no_answer(pool);
}

static bool keep_first(const tarn_block *block, void *context)
{
    *(tarn_block *)context = *block;
    return false;
}

/* Where the payload would begin of a block made after the last used one: the last block's, if it is free. */
static UINTPTR after_last_used(const VOID *pool, const tarn_stats *stats)
{
    tarn_block first;
    tarn_block last;
    first.offset = 0;
    if (tarn_walk(const_pool_of(pool), keep_first, &first) != TARN_OK || first.offset == 0) {
        return 0;
    }
    UINTPTR end = image_address(pool) + (UINTPTR)first.offset - stats->overhead + (UINTPTR)stats->capacity;
    if (tarn_block_at(const_pool_of(pool), (const VOID *)(end - 1u), &last) != TARN_OK) {
        return 0;
    }
    bool free = last.state == TARN_BLOCK_FREE && /* and no object of a page that is the last block */
                image_address(pool) + (UINTPTR)last.offset - stats->overhead + (UINTPTR)last.size == end;
    return free ? image_address(pool) + (UINTPTR)last.offset : end + stats->overhead;
}

UINTPTR LOS_MemLastUsedGet(VOID *pool)
{
    tarn_stats stats;
    UINTPTR answer = counts_of(pool, &stats) ? after_last_used(pool, &stats) : 0;
    return answer != 0 ? answer : no_answer(pool);
}

UINT32 LOS_MemInfoGet(VOID *pool, LOS_MEM_POOL_STATUS *poolStatus)
{
    tarn_stats stats;
    if (poolStatus == NULL) {
        tarn_liteos_text text;
        text_begin(&text);
        tarn_liteos_put(&text, "[ERR] can't use NULL addr to save info\n");
        tarn_liteos_put_end(&text);
        return LOS_NOK;
    }
    if (tarn_stats_get(pool_of(pool), &stats) != TARN_OK) {
        tarn_liteos_say_wrong_pool(pool, __LINE__);
        return LOS_NOK;
    }
    UINT32 not_for_blocks = reported_size(pool, stats.bytes) - (UINT32)stats.capacity;
    poolStatus->uwTotalUsedSize = (UINT32)stats.used + node_head(&stats);
    poolStatus->uwTotalFreeSize = (UINT32)stats.free;
    poolStatus->uwMaxFreeNodeSize = (UINT32)stats.largest_free;
    poolStatus->uwUsedNodeNum = stats.blocks + 1u;
    poolStatus->uwFreeNodeNum = stats.free_blocks;
    poolStatus->uwUsageWaterLine = (UINT32)stats.peak + not_for_blocks;
    return LOS_OK;
}
