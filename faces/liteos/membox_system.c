/* SPDX-License-Identifier: MIT */
/*
 * Memboxes of the dynamic kind: counts in the caller's buffer, boxes from the system pool. They are not listed: what
 * they hand out lies in a pool that is.
 *
 * The membox's lock and the pool's are never held together: a box is counted before it is allocated.
 * Bound: that of LOS_MemAlloc() and LOS_MemFree().
 */
#include "membox.h"

#include "text.h"

/* Counts a box out, or says why not. */
static tarn_status count_out(VOID *pool, UINT32 *size)
{
    box_counts is;
    tarn_status status = TARN_E_NOT_A_POOL;
    uintptr_t state = tarn_port_lock(pool);
    if (box_counts_read(&is, pool)) {
        status = is.out < is.count ? TARN_OK : TARN_E_EXHAUSTED;
        *size = is.size;
    }
    if (status == TARN_OK) {
        word_store(box_bytes(pool) + BOX_OUT, is.out + 1u);
    }
    tarn_port_unlock(pool, state);
    return status;
}

/* Counts one back, if one is out; only says whether, unless really. */
static tarn_status count_back(VOID *pool, bool really)
{
    box_counts is;
    tarn_status status = TARN_E_NOT_A_POOL;
    uintptr_t state = tarn_port_lock(pool);
    if (box_counts_read(&is, pool)) {
        status = is.out != 0 ? TARN_OK : TARN_E_DOUBLE_FREE;
    }
    if (status == TARN_OK && really) {
        word_store(box_bytes(pool) + BOX_OUT, is.out - 1u);
    }
    tarn_port_unlock(pool, state);
    return status;
}

UINT32 tarn_liteos_system_box_init(VOID *pool, UINT32 poolSize, UINT32 blkSize)
{
    if (pool == NULL || blkSize == 0) {
        return LOS_NOK;
    }
    tarn_status status = box_range(pool, poolSize, blkSize < BOX_COUNTS_BYTES ? BOX_COUNTS_BYTES : blkSize);
    if (status != TARN_OK) {
        tarn_liteos_box_refused("LOS_MemboxInit", pool, NULL, status);
        return LOS_NOK;
    }
    uintptr_t state = tarn_port_lock(pool);
    word_store(box_bytes(pool) + BOX_SIZE, blkSize);
    word_store(box_bytes(pool) + BOX_COUNT, poolSize / blkSize);
    word_store(box_bytes(pool) + BOX_OUT, 0);
    tarn_port_unlock(pool, state);
    return LOS_OK;
}

VOID *tarn_liteos_system_box_alloc(VOID *pool)
{
    UINT32 size = 0;
    if (pool == NULL) {
        return NULL;
    }
    tarn_status status = count_out(pool, &size);
    if (status != TARN_OK) {
        tarn_liteos_box_refused("LOS_MemboxAlloc", pool, NULL, status);
        return NULL;
    }
    VOID *box = LOS_MemAlloc(OS_SYS_MEM_ADDR, size);
    if (box == NULL) {
        (void)count_back(pool, true);
    }
    return box;
}

UINT32 tarn_liteos_system_box_free(VOID *pool, VOID *box)
{
    if (pool == NULL || box == NULL) {
        return LOS_NOK;
    }
    tarn_status status = count_back(pool, false);
    if (status != TARN_OK) {
        tarn_liteos_box_refused("LOS_MemboxFree", pool, box, status);
        return LOS_NOK;
    }
    UINT32 result = LOS_MemFree(OS_SYS_MEM_ADDR, box);
    if (result == LOS_OK) {
        (void)count_back(pool, true);
    }
    return result;
}

static VOID say_invalid(VOID)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[WARN] LOS_MemboxClr : invalid parameter!\n");
    tarn_liteos_put_end(&text);
}

/* All 0 if that is no membox. */
static box_counts counts_now(const VOID *pool)
{
    static const box_counts none = {0, 0, 0};
    box_counts is;
    uintptr_t state = tarn_port_lock(pool);
    bool sane = box_counts_read(&is, pool);
    tarn_port_unlock(pool, state);
    return sane ? is : none;
}

VOID tarn_liteos_system_box_clear(VOID *pool, VOID *box)
{
    if (pool == NULL || box == NULL) {
        say_invalid();
        return;
    }
    box_counts is = counts_now(pool);
    size_t usable = tarn_usable(const_pool_of(OS_SYS_MEM_ADDR), box);
    if (is.size == 0 || usable < is.size) {
        tarn_liteos_box_refused("LOS_MemboxClr", pool, box, is.size == 0 ? TARN_E_NOT_A_POOL : TARN_E_NOT_A_BLOCK);
        return;
    }
    memset(box, 0, is.size);
}

VOID tarn_liteos_system_box_show(VOID *pool)
{
    if (pool == NULL) {
        return;
    }
    box_counts is = counts_now(pool);
    if (is.size == 0) {
        tarn_liteos_box_refused("LOS_ShowBox", pool, NULL, TARN_E_NOT_A_POOL);
        return;
    }
    tarn_liteos_box_title("", pool, is.size, is.count);
}
