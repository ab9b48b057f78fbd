/* SPDX-License-Identifier: MIT */
/*
 * Verdicts about block pools: a block is free or none is.
 *
 * Bound: as tarn_blocks_stats().
 */
#include "why.h"

void tarn_blocks_verdict(const tarn_stats *stats, uint64_t usable, uint64_t size, tarn_verdict *verdict)
{
    uint32_t all = stats->blocks + stats->free_blocks;
    verdict->needed = all != 0 ? stats->capacity / all : 0;
    verdict->free = stats->free;
    verdict->largest_free = stats->largest_free;
    verdict->largest_request = stats->largest_request;
    verdict->free_blocks = stats->free_blocks;
    verdict->verdict = TARN_WHY_FITS;
    if (size > usable) {
        verdict->verdict = TARN_WHY_NEVER_FITS;
        verdict->status = TARN_E_NEVER_FITS;
    } else if (stats->free_blocks == 0) {
        verdict->verdict = TARN_WHY_EXHAUSTED;
        verdict->status = TARN_E_EXHAUSTED;
    }
}

tarn_status tarn_blocks_why(const tarn_blocks *pool, size_t size, tarn_verdict *verdict)
{
    tarn_stats stats;
    if (verdict == NULL) {
        return TARN_E_NULL;
    }
    memset(verdict, 0, sizeof *verdict);
    verdict->status = tarn_blocks_stats(pool, &stats);
    if (verdict->status == TARN_E_DAMAGED) {
        why_damaged(verdict);
        return TARN_OK;
    }
    if (verdict->status != TARN_OK) {
        return verdict->status;
    }
    tarn_blocks_verdict(&stats, tarn_blocks_usable(pool), size, verdict);
    return TARN_OK;
}
