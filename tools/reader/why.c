/* SPDX-License-Identifier: MIT */
/*
 * Why a request would be refused, from the image alone.
 *
 * The place where an image lay is known of core files only, so alignment counts from where the tool found it; above the
 * granule the answer is FITS if some free block has room at that alignment, which the tlsf engine may not look at.
 * Bound: blocks.
 */
#include "reader.h"

typedef struct room {
    uint64_t place; /* of the image */
    uint64_t size, alignment, lead;
    uint64_t largest; /* request at this alignment */
} room;

static bool find_room(const tarn_block *block, void *context)
{
    room *r = context;
    uint64_t payload = r->place + block->offset;
    uint64_t end = payload - r->lead + block->size;
    uint64_t aligned = (payload + r->alignment - 1u) & ~(r->alignment - 1u);
    if (block->state == TARN_BLOCK_FREE && aligned >= payload && aligned < end && end - aligned > r->largest) {
        r->largest = end - aligned;
    }
    return true;
}

static uint64_t largest_at(const found_pool *pool, const tarn_stats *stats, uint64_t alignment)
{
    if (alignment <= stats->granule) {
        return stats->largest_request;
    }
    room r = {pool->place, 0, alignment, pool->kind == POOL_BLOCKS ? 0 : stats->overhead, 0};
    (void)pool_walk(pool, find_room, &r);
    return pool->kind == POOL_BLOCKS ? 0 : r.largest;
}

static why_verdict verdict_of(const tarn_stats *stats, const pool_why *why, uint64_t size, bool blocks)
{
    if (size <= why->largest_request && why->largest_request != 0) {
        return WHY_FITS;
    }
    if (why->needed > (blocks ? stats->capacity / (stats->blocks + stats->free_blocks) : stats->capacity)) {
        return WHY_NEVER;
    }
    return blocks || why->needed > why->free ? WHY_EXHAUSTED : WHY_FRAGMENTED;
}

void why_make(const found_pool *pool, uint64_t size, uint64_t alignment, pool_why *why)
{
    tarn_stats stats;
    bool blocks = pool->kind == POOL_BLOCKS;
    tarn_status status = pool_stats(pool, &stats);
    tarn_finding finding;
    *why = (pool_why){WHY_DAMAGED, 0, stats.free, stats.largest_free, 0};
    uint64_t granule = blocks ? 4u : stats.granule;
    uint64_t most = UINT64_MAX - stats.overhead - granule;
    why->needed =
        size > most ? UINT64_MAX : ((size == 0 ? 1u : size) + stats.overhead + granule - 1u) & ~(granule - 1u);
    if (status != TARN_OK || pool_check(pool, &finding) != TARN_OK) {
        return;
    }
    why->largest_request = largest_at(pool, &stats, alignment);
    why->verdict = verdict_of(&stats, why, size, blocks);
    if (blocks && alignment > stats.granule) {
        why->verdict = WHY_NEVER;
    }
}

const char *why_text(why_verdict verdict)
{
    static const char *const texts[] = {"fits", "never fits", "exhausted", "fragmented", "damaged"};
    return texts[verdict];
}
