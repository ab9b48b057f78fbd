/* SPDX-License-Identifier: MIT */
/*
 * Modules and sequence numbers as their users see them: quotas, rows, the counter, of live pools and of views.
 *
 * Bound: constant.
 */
#include "account.h"

#include "access.h"
#include "tarn/account.h"
#include "view.h"

static uint64_t row_bytes(uint32_t granules, uint32_t shift)
{
    return (uint64_t)granules << shift;
}

/* ---- modules ---- */

tarn_status tarn_quota_set(tarn_pool *pool, uint32_t module, uint64_t bytes)
{
    access a;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    if (has_modules(&a.im) && module <= MODULE_MAX) {
        account_limit(&a.im, module, bytes);
    } else {
        status = TARN_E_ARGUMENT;
    }
    access_end(&a);
    return status;
}

tarn_status tarn_view_module(const tarn_view *view, uint32_t module, tarn_module *row)
{
    if (view == NULL || view->base == NULL || row == NULL) {
        return TARN_E_NULL;
    }
    memset(row, 0, sizeof *row);
    if (layout_modules(view->layout) == 0 || module > MODULE_MAX) {
        return TARN_E_ARGUMENT;
    }
    row->row = row_of_module(view->layout, module);
    uint32_t shift = layout_shift(view->layout);
    uint64_t at = view_account(view) + 4u * ROW_WORDS * (uint64_t)row->row;
    uint32_t limit = view_word(view, at + 4u * ROW_LIMIT);
    row->live = row_bytes(view_word(view, at + 4u * ROW_LIVE), shift);
    row->peak = row_bytes(view_word(view, at + 4u * ROW_PEAK), shift);
    row->quota = limit == UINT32_MAX ? TARN_QUOTA_NONE : row_bytes(limit, shift);
    row->blocks = view_word(view, at + 4u * ROW_BLOCKS);
    return TARN_OK;
}

tarn_status tarn_module_get(const tarn_pool *pool, uint32_t module, tarn_module *row)
{
    access a;
    tarn_view view;
    if (row == NULL) {
        return TARN_E_NULL;
    }
    memset(row, 0, sizeof *row);
    tarn_status status = tarn_look_begin(pool, &a, &view);
    if (status == TARN_OK) {
        status = tarn_view_module(&view, module, row);
        access_end(&a);
    }
    return status;
}

/* ---- sequence numbers ---- */

tarn_status tarn_view_sequence(const tarn_view *view, uint32_t *next)
{
    if (view == NULL || view->base == NULL || next == NULL) {
        return TARN_E_NULL;
    }
    bool numbers = layout_numbers(view->layout);
    *next = numbers ? view_word(view, view_account_end(view) - 4u) : 0;
    return numbers ? TARN_OK : TARN_E_ARGUMENT;
}

tarn_status tarn_sequence_get(const tarn_pool *pool, uint32_t *next)
{
    access a;
    tarn_view view;
    if (next == NULL) {
        return TARN_E_NULL;
    }
    *next = 0;
    tarn_status status = tarn_look_begin(pool, &a, &view);
    if (status == TARN_OK) {
        status = tarn_view_sequence(&view, next);
        access_end(&a);
    }
    return status;
}

/* Numbers from 2^31 on go round: there, both bounds and number are on one circle. */
bool tarn_sequence_between(uint32_t sequence, uint32_t first, uint32_t end)
{
    if (first <= end) {
        return sequence >= first && sequence < end;
    }
    return sequence >= first || (sequence >= COUNTER_TURN && sequence < end);
}
