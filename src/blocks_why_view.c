/* SPDX-License-Identifier: MIT */
/*
 * Verdicts about block pools from their bytes alone.
 *
 * Bound: as tarn_blocks_view_check().
 */
#include "blocks_view.h"
#include "why.h"

tarn_status tarn_blocks_view_why(const tarn_blocks_view *view, uint64_t size, uint64_t alignment, tarn_verdict *verdict)
{
    tarn_stats stats;
    if (verdict == NULL) {
        return TARN_E_NULL;
    }
    memset(verdict, 0, sizeof *verdict);
    verdict->status = (alignment & (alignment - 1u)) != 0 ? TARN_E_ARGUMENT : tarn_blocks_view_stats(view, &stats);
    if (verdict->status != TARN_OK) {
        return verdict->status;
    }
    if (tarn_blocks_view_check(view, NULL) != TARN_OK) {
        why_damaged(verdict);
        return TARN_OK;
    }
    blocks_shape shape = tarn_blocks_view_shape(view);
    tarn_blocks_verdict(&stats, blocks_usable(shape.size), alignment > stats.granule ? UINT64_MAX : size, verdict);
    return TARN_OK;
}
