/* SPDX-License-Identifier: MIT */
/*
 * Tasks: what each holds is read from the owner words by a walk; the most that each held is kept beside the pool, in
 * memory of whoever asks, from events.
 *
 * K1 A row's live and blocks are what the blocks that its task has add up to, unless `stale` is set.
 * K2 What an event does not tell (the size that a resize came to, a free that did not happen, what damage has come to:
 *    a block may be mended, taken back or held back) sets `stale`; the next who needs the rows counts them anew.
 * Bound: rows per event, after one of K2 the blocks once.
 */
#include "access.h"
#include "account.h"
#include "tarn/account.h"
#include "tarn/events.h"
#include "view.h"

static uint32_t task_of(const tarn_block *block)
{
    return block->owner & TARN_TASK_NONE;
}

/* ---- by walking ---- */

static bool add_if_of_task(const tarn_block *block, void *context)
{
    tarn_task_use *use = context;
    if (tarn_block_owned(block) && task_of(block) == use->task) {
        use->live += block->size;
        use->blocks++;
    }
    return true;
}

static tarn_status pool_has_owners(const tarn_pool *pool)
{
    tarn_stats stats;
    tarn_status status = tarn_counts_get(pool, &stats);
    if (status == TARN_OK && stats.extension_words == 0) {
        status = TARN_E_ARGUMENT;
    }
    return status;
}

tarn_status tarn_task_live(const tarn_pool *pool, uint32_t task, tarn_task_use *use)
{
    if (use == NULL) {
        return TARN_E_NULL;
    }
    memset(use, 0, sizeof *use);
    tarn_status status = pool_has_owners(pool);
    if (status == TARN_OK) {
        use->task = task & TARN_TASK_NONE;
        status = tarn_walk_held(pool, add_if_of_task, use);
        status = status == TARN_OK ? tarn_slab_walk_held(pool, add_if_of_task, use) : status;
    }
    if (status != TARN_OK) {
        memset(use, 0, sizeof *use);
    }
    return status;
}

/* ---- rows, under the lock of the peaks ---- */

/* NULL if the task has no row and there is no room for one. */
static tarn_task_use *row_of_task(tarn_task_peaks *peaks, uint32_t task, bool make)
{
    static const tarn_task_use none;
    uint32_t i = 0;
    while (i < peaks->count && peaks->rows[i].task != task) {
        i++;
    }
    if (i < peaks->count) {
        return &peaks->rows[i];
    }
    if (!make || i == peaks->capacity) {
        peaks->missed += make ? 1u : 0;
        return NULL;
    }
    peaks->count++;
    peaks->rows[i] = none;
    peaks->rows[i].task = task;
    return &peaks->rows[i];
}

static void row_gains(tarn_task_use *row, uint64_t bytes)
{
    row->live += bytes;
    row->blocks++;
    row->peak = row->live > row->peak ? row->live : row->peak;
}

static void row_loses(tarn_task_use *row, uint64_t bytes)
{
    row->live -= bytes < row->live ? bytes : row->live;
    row->blocks -= row->blocks != 0 ? 1u : 0;
}

/* ---- counting anew ---- */

/* A count must not hold the lock of the peaks while it takes the pool's: visits are one by one. */
static bool recount_block(const tarn_block *block, void *context)
{
    tarn_task_peaks *peaks = context;
    if (tarn_block_owned(block)) {
        uintptr_t state = tarn_port_lock(peaks);
        tarn_task_use *row = row_of_task(peaks, task_of(block), true);
        if (row != NULL) {
            row->live += block->size;
            row->blocks++;
        }
        tarn_port_unlock(peaks, state);
    }
    return true;
}

static void recount_begin(tarn_task_peaks *peaks)
{
    uintptr_t state = tarn_port_lock(peaks);
    peaks->stale = false;
    for (uint32_t i = 0; i < peaks->count; i++) {
        peaks->rows[i].live = 0;
        peaks->rows[i].blocks = 0;
    }
    tarn_port_unlock(peaks, state);
}

static void recount_end(tarn_task_peaks *peaks)
{
    uintptr_t state = tarn_port_lock(peaks);
    for (uint32_t i = 0; i < peaks->count; i++) {
        tarn_task_use *row = &peaks->rows[i];
        row->peak = row->live > row->peak ? row->live : row->peak;
    }
    tarn_port_unlock(peaks, state);
}

static tarn_status recount(tarn_task_peaks *peaks)
{
    recount_begin(peaks);
    tarn_status status = tarn_walk(peaks->pool, recount_block, peaks);
    status = status == TARN_OK ? tarn_slab_walk(peaks->pool, recount_block, peaks) : status;
    recount_end(peaks);
    return status;
}

/* ---- events ---- */

/* Whether somebody has the block there. */
static bool find_owned(const tarn_task_peaks *peaks, const void *address, tarn_block *block)
{
    return tarn_recognise(peaks->pool, address) == TARN_OK && tarn_block_at(peaks->pool, address, block) == TARN_OK &&
           tarn_block_owned(block);
}

/* The block has gone from the owner before to whom it says. */
static void note_owner(tarn_task_peaks *peaks, const void *address, uint32_t before)
{
    tarn_block block;
    if (!find_owned(peaks, address, &block) || task_of(&block) == (before & TARN_TASK_NONE)) {
        return;
    }
    uintptr_t state = tarn_port_lock(peaks);
    tarn_task_use *from = row_of_task(peaks, before & TARN_TASK_NONE, true);
    if (from != NULL) {
        row_loses(from, block.size);
    }
    tarn_task_use *to = row_of_task(peaks, task_of(&block), true);
    if (to != NULL) {
        row_gains(to, block.size);
    }
    tarn_port_unlock(peaks, state);
}

static void note_block(tarn_task_peaks *peaks, const void *address, bool gains)
{
    tarn_block block;
    bool known = find_owned(peaks, address, &block);
    uintptr_t state = tarn_port_lock(peaks);
    tarn_task_use *row = known ? row_of_task(peaks, task_of(&block), true) : NULL;
    if (row != NULL && gains) {
        row_gains(row, block.size);
    } else if (row != NULL) {
        row_loses(row, block.size);
    }
    tarn_port_unlock(peaks, state);
}

static void note_stale(tarn_task_peaks *peaks)
{
    uintptr_t state = tarn_port_lock(peaks);
    peaks->stale = true;
    tarn_port_unlock(peaks, state);
}

static bool is_stale(const tarn_task_peaks *peaks)
{
    uintptr_t state = tarn_port_lock(peaks);
    bool stale = peaks->stale;
    tarn_port_unlock(peaks, state);
    return stale;
}

static bool makes_stale(uint32_t kind)
{
    return kind == TARN_EVENT_RESIZE || kind == TARN_EVENT_UNDO || kind == TARN_EVENT_RESET ||
           kind == TARN_EVENT_CORRUPT;
}

/* After an ALLOC the new block is in a recount already, after an OWNER the new owner. */
static void note_event(const tarn_event *event, void *context)
{
    tarn_task_peaks *peaks = context;
    bool owner = event->kind == TARN_EVENT_OWNER;
    bool counts = owner || event->kind == TARN_EVENT_ALLOC || event->kind == TARN_EVENT_FREE;
    if (event->pool != peaks->pool) {
        return;
    }
    if (counts && is_stale(peaks)) {
        (void)recount(peaks);
        counts = event->kind == TARN_EVENT_FREE;
    }
    if (counts && owner) {
        note_owner(peaks, event->block, (uint32_t)event->size);
    } else if (counts) {
        note_block(peaks, event->block, event->kind == TARN_EVENT_ALLOC);
    } else if (makes_stale(event->kind)) {
        note_stale(peaks);
    }
}

tarn_status tarn_task_peaks_start(tarn_task_peaks *peaks, const tarn_pool *pool, tarn_task_use *rows, uint32_t capacity)
{
    if (peaks == NULL || rows == NULL) {
        return TARN_E_NULL;
    }
    tarn_status status = pool_has_owners(pool);
    if (status != TARN_OK) {
        return status;
    }
    *peaks = (tarn_task_peaks){pool, rows, capacity, 0, 0, true};
    status = tarn_events_add_kinds(note_event, peaks, TARN_EVENTS_COMMON | TARN_EVENTS_OF(TARN_EVENT_OWNER));
    if (status == TARN_OK) {
        status = recount(peaks);
    }
    return status;
}

tarn_status tarn_task_peaks_stop(tarn_task_peaks *peaks)
{
    return peaks == NULL ? TARN_E_NULL : tarn_events_remove(note_event, peaks);
}

tarn_status tarn_task_peak_get(tarn_task_peaks *peaks, uint32_t task, tarn_task_use *use)
{
    if (peaks == NULL || use == NULL) {
        return TARN_E_NULL;
    }
    memset(use, 0, sizeof *use);
    use->task = task & TARN_TASK_NONE;
    if (is_stale(peaks)) {
        (void)recount(peaks);
    }
    uintptr_t state = tarn_port_lock(peaks);
    const tarn_task_use *row = row_of_task(peaks, use->task, false);
    bool unknown = row == NULL && peaks->missed != 0;
    if (row != NULL) {
        *use = *row;
    }
    tarn_port_unlock(peaks, state);
    return unknown ? TARN_E_ARGUMENT : TARN_OK;
}
