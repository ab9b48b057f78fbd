/* SPDX-License-Identifier: MIT */
/*
 * The counts of a membox, which are the same words in both kinds: apart from the names of one kind, so that it links
 * neither. Bound: constant.
 */
#include "membox.h"

UINT32 LOS_MemboxStatisticsGet(const VOID *boxMem, UINT32 *maxBlk, UINT32 *blkCnt, UINT32 *blkSize)
{
    box_counts is;
    if (boxMem == NULL || maxBlk == NULL || blkCnt == NULL || blkSize == NULL) {
        return LOS_NOK;
    }
    uintptr_t state = tarn_port_lock(boxMem);
    bool sane = box_counts_read(&is, boxMem);
    tarn_port_unlock(boxMem, state);
    if (!sane) {
        tarn_liteos_box_refused("LOS_MemboxStatisticsGet", boxMem, NULL, TARN_E_NOT_A_POOL);
        return LOS_NOK;
    }
    *maxBlk = is.count;
    *blkCnt = is.out;
    *blkSize = is.size;
    return LOS_OK;
}
