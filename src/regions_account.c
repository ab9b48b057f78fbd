/* SPDX-License-Identifier: MIT */
/*
 * Modules of heaps: each region counts in a table of its own, if it was made with one; a heap has no table. Quotas are
 * set, and rows read, for one region or for all that count.
 *
 * HA1 A region that is closed counts and is limited as others are, so that it is when it is opened again.
 * Bound: regions.
 */
#include "account.h"
#include "heap.h"

/* Done with each region that counts modules. */
typedef void region_user(const image *im, uint32_t module, void *context);

/* Under the lock: TARN_OK if it counts and use was called. */
static tarn_status with_region(const heap_region *region, uint32_t module, region_user *use, void *context)
{
    image im;
    if (!region_open_any(region, &im)) {
        return TARN_E_DAMAGED;
    }
    if (!has_modules(&im)) {
        return TARN_E_ARGUMENT;
    }
    use(&im, module, context);
    return TARN_OK;
}

/* Under the lock: damage of one region does not keep the others from being used; without a table in any there is
 * nothing to say. */
static tarn_status with_all(const tarn_heap *heap, uint32_t module, region_user *use, void *context)
{
    bool any = false;
    tarn_status damage = TARN_OK;
    for (uint32_t i = 0; i < heap->count; i++) {
        tarn_status status = with_region(&heap->regions[i], module, use, context);
        any = any || status == TARN_OK;
        damage = status == TARN_E_DAMAGED ? status : damage;
    }
    if (damage != TARN_OK) {
        return damage;
    }
    return any ? TARN_OK : TARN_E_ARGUMENT;
}

static tarn_status with_regions(const tarn_heap *heap, const void *memory, uint32_t module, region_user *use,
                                void *context)
{
    uintptr_t state;
    tarn_status status = heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    const heap_region *region = memory == NULL ? NULL : heap_named(heap, memory);
    if (module > MODULE_MAX) {
        status = TARN_E_ARGUMENT;
    } else if (memory == NULL) {
        status = with_all(heap, module, use, context);
    } else {
        status = region == NULL ? TARN_E_FOREIGN : with_region(region, module, use, context);
    }
    heap_end(heap, state);
    return status;
}

static void set_limit(const image *im, uint32_t module, void *context)
{
    const uint64_t *bytes = context;
    account_limit(im, module, *bytes);
}

tarn_status tarn_heap_quota_set(tarn_heap *heap, const void *memory, uint32_t module, uint64_t bytes)
{
    return with_regions(heap, memory, module, set_limit, &bytes);
}

/* Quotas add up as long as each region has one. */
static void add_row(const image *im, uint32_t module, void *context)
{
    tarn_module *sum = context;
    uint32_t index = row_of_module(im->layout, module);
    const unsigned char *row = account_row(im, index);
    uint32_t limit = row_get(row, ROW_LIMIT);
    sum->live += (uint64_t)row_get(row, ROW_LIVE) << image_shift(im);
    sum->peak += (uint64_t)row_get(row, ROW_PEAK) << image_shift(im);
    bool none = limit == UINT32_MAX || sum->quota == TARN_QUOTA_NONE;
    sum->quota = none ? TARN_QUOTA_NONE : sum->quota + ((uint64_t)limit << image_shift(im));
    sum->blocks += row_get(row, ROW_BLOCKS);
    sum->row = index > sum->row ? index : sum->row;
}

tarn_status tarn_heap_module_get(tarn_heap *heap, const void *memory, uint32_t module, tarn_module *row)
{
    if (row == NULL) {
        return TARN_E_NULL;
    }
    memset(row, 0, sizeof *row);
    tarn_status status = with_regions(heap, memory, module, add_row, row);
    if (status != TARN_OK) {
        memset(row, 0, sizeof *row);
    }
    return status;
}
