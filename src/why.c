/* SPDX-License-Identifier: MIT */
/*
 * Verdicts about live pools: the engine says whether it would serve the request, one walk why not.
 *
 * Bound: each contract in why.h.
 */
#include "why.h"

#include "access.h"
#include "account.h"
#include "heap.h"
#include "slab.h"

const char *tarn_why_text(uint32_t verdict)
{
    static const char *const texts[] = {
        [TARN_WHY_UNKNOWN] = "unknown",       [TARN_WHY_FITS] = "fits",
        [TARN_WHY_NEVER_FITS] = "never fits", [TARN_WHY_EXHAUSTED] = "exhausted",
        [TARN_WHY_FRAGMENTED] = "fragmented", [TARN_WHY_OVER_QUOTA] = "over quota",
        [TARN_WHY_DAMAGED] = "damaged",
    };
    return verdict < sizeof texts / sizeof texts[0] ? texts[verdict] : "unknown";
}

/* The largest request of this alignment of up to so many granules, 0 if there is none. What is less than the largest
 * unaligned one by the longest gap is served wherever it begins, so that the search ends there. */
static uint32_t largest_of_engine(const image *im, uint32_t alignment, uint32_t limit)
{
    const tarn_engine *engine = engine_of(im);
    uint32_t most = engine->largest(im);
    uint32_t steps = alignment >> image_shift(im) > 1u ? (alignment >> image_shift(im)) + image_minimum(im) : 0;
    uint32_t from = most < limit ? most : limit;
    for (uint32_t need = from; need >= image_minimum(im) && (need == from || most - need <= steps); need--) {
        if (engine->would_take(im, need, alignment) == TARN_OK) {
            return need;
        }
    }
    return 0;
}

/* The same, with what a quarantine gives back. Where one is, whatever free block serves is found (Q3). */
static uint32_t largest_granules(const image *im, uint32_t alignment, uint32_t limit)
{
    tarn_view view;
    if (alignment >> image_shift(im) > image_get(im, IMAGE_END)) {
        return 0;
    }
    if (!layout_quarantines(im->layout)) {
        return largest_of_engine(im, alignment, limit);
    }
    uint32_t largest = image_view(im, &view) == TARN_OK ? tarn_why_largest(&view, (uintptr_t)im->base, alignment) : 0;
    return largest < limit ? largest : limit;
}

/* An alignment that no pool of this size can serve, in 32 bits. */
static uint32_t alignment_for(const image *im, size_t alignment)
{
    size_t granule = (size_t)1 << image_shift(im);
    if (alignment < granule) {
        return (uint32_t)granule;
    }
    return alignment > UINT32_MAX ? UINT32_C(1) << 31 : (uint32_t)alignment;
}

/* Under the lock: a request for so many granules. usable says how many bytes a block gives. */
static void decide(const image *im, uint32_t need, size_t alignment, tarn_verdict *verdict)
{
    tarn_view view;
    why_request request = {need, alignment_for(im, alignment), (uintptr_t)im->base, true};
    verdict->needed = (uint64_t)need << image_shift(im);
    if (image_view(im, &view) != TARN_OK || !tarn_why_count(&view, verdict)) {
        why_damaged(verdict);
        return;
    }
    uint32_t all = view.end - view.first;
    bool possible = need != 0 && need <= all && request.alignment >> image_shift(im) <= view.end;
    verdict->status = possible ? engine_of(im)->would_take(im, need, request.alignment) : TARN_E_NEVER_FITS;
    if (verdict->status == TARN_OK) {
        verdict->verdict = TARN_WHY_FITS;
    } else if (verdict->status == TARN_E_DAMAGED) {
        why_damaged(verdict);
    } else {
        tarn_why_refused(&view, &request, verdict);
    }
}

/* The same of a request that objects of the slab may serve. */
static void decide_slab(const image *im, size_t size, size_t alignment, tarn_verdict *verdict)
{
    bool open = layout_has_slab(im->layout) && verdict->verdict != TARN_WHY_DAMAGED;
    tarn_status status = open ? tarn_slab_would_take(im, size, alignment) : TARN_E_EXHAUSTED;
    if (status == TARN_E_DAMAGED) {
        why_damaged(verdict);
    } else if (status == TARN_OK) {
        tarn_verdict fits = {0};
        fits.verdict = TARN_WHY_FITS;
        fits.needed = size == 0 ? 1u : size;
        fits.free = verdict->free;
        fits.largest_free = verdict->largest_free;
        fits.free_blocks = verdict->free_blocks;
        *verdict = fits;
    }
}

/* The quota is asked before the pool is, but not for more than the pool could ever serve. */
static void decide_quota(const image *im, uint32_t need, uint32_t module, tarn_verdict *verdict)
{
    bool fits = need != 0 && need <= image_get(im, IMAGE_END) - im->first;
    bool matters = fits && verdict->verdict != TARN_WHY_DAMAGED;
    const unsigned char *row = has_modules(im) ? account_row(im, row_of_module(im->layout, module)) : NULL;
    if (row == NULL || !matters) {
        return;
    }
    if (!row_allows(row, need)) {
        verdict->verdict = TARN_WHY_OVER_QUOTA;
        verdict->status = TARN_E_QUOTA;
        verdict->between = verdict->owners = 0;
        verdict->between_bytes = verdict->between_at = 0;
        memset(verdict->owner, 0, sizeof verdict->owner);
        memset(verdict->owner_blocks, 0, sizeof verdict->owner_blocks);
    }
}

/* What the module's quota leaves, in granules. */
static uint32_t quota_left(const image *im, uint32_t module)
{
    if (!has_modules(im)) {
        return UINT32_MAX;
    }
    const unsigned char *row = account_row(im, row_of_module(im->layout, module));
    uint32_t limit = row_get(row, ROW_LIMIT);
    uint32_t left = limit > row_get(row, ROW_LIVE) ? limit - row_get(row, ROW_LIVE) : 0;
    return limit != UINT32_MAX ? left : UINT32_MAX;
}

/* The largest request, where blocks serve those of up to largest bytes. */
static size_t with_objects(const image *im, size_t alignment, size_t largest)
{
    bool may = layout_has_slab(im->layout) && alignment < (size_t)1 << image_shift(im);
    uint32_t object = may ? tarn_slab_largest(im) : 0;
    return object > largest ? object : largest;
}

static bool legal_alignment(size_t alignment)
{
    return (alignment & (alignment - 1u)) == 0;
}

tarn_status tarn_why_for(const tarn_pool *pool, size_t size, const tarn_purpose *purpose, tarn_verdict *verdict)
{
    static const tarn_purpose none;
    access a;
    if (verdict == NULL) {
        return TARN_E_NULL;
    }
    memset(verdict, 0, sizeof *verdict);
    purpose = purpose != NULL ? purpose : &none;
    bool legal = legal_alignment(purpose->alignment) && purpose->module <= MODULE_MAX;
    verdict->status = legal ? access_begin(pool, &a) : TARN_E_ARGUMENT;
    if (verdict->status == TARN_E_DAMAGED || verdict->status == TARN_E_CLOSED) {
        verdict->verdict = TARN_WHY_DAMAGED;
        return TARN_OK;
    }
    if (verdict->status != TARN_OK) {
        return verdict->status;
    }
    access_settle(&a);
    uint32_t need = image_granules(&a.im, size);
    decide(&a.im, need, purpose->alignment, verdict);
    verdict->needed = need != 0 ? verdict->needed : why_needed(&a.im, size);
    decide_slab(&a.im, size, purpose->alignment, verdict);
    decide_quota(&a.im, need, purpose->module, verdict);
    if (verdict->verdict != TARN_WHY_DAMAGED) {
        uint32_t largest =
            largest_granules(&a.im, alignment_for(&a.im, purpose->alignment), quota_left(&a.im, purpose->module));
        verdict->largest_request = with_objects(&a.im, purpose->alignment, image_request(&a.im, largest));
    }
    access_end(&a);
    return TARN_OK;
}

tarn_status tarn_why(const tarn_pool *pool, size_t size, size_t alignment, tarn_verdict *verdict)
{
    const tarn_purpose purpose = {alignment, 0, 0};
    return tarn_why_for(pool, size, &purpose, verdict);
}

/* ---- heaps of regions ---- */

/* How close a verdict is to serving the request: the lower the closer. A quota that refuses is what the request is
 * told, whatever the other regions lack; and of regions that never serve it, one that only its alignment keeps from it
 * answers that it is exhausted. */
static uint32_t distance(const tarn_verdict *verdict)
{
    static const uint32_t ranks[] = {
        [TARN_WHY_FITS] = 0,      [TARN_WHY_OVER_QUOTA] = 1, [TARN_WHY_FRAGMENTED] = 2,
        [TARN_WHY_EXHAUSTED] = 3, [TARN_WHY_NEVER_FITS] = 4, [TARN_WHY_DAMAGED] = 5,
    };
    return ranks[verdict->verdict];
}

static bool is_closer(const tarn_verdict *a, const tarn_verdict *b)
{
    uint32_t of_a = distance(a);
    uint32_t of_b = distance(b);
    bool fewer = a->verdict == TARN_WHY_FRAGMENTED && a->between < b->between;
    bool told = a->verdict == TARN_WHY_NEVER_FITS && a->status == TARN_E_EXHAUSTED && b->status == TARN_E_NEVER_FITS;
    return of_a < of_b || (of_a == of_b && (fewer || told));
}

static void region_decide(const heap_region *region, size_t size, const tarn_request *request, tarn_verdict *verdict)
{
    image im;
    memset(verdict, 0, sizeof *verdict);
    verdict->region = (const void *)region->start.value;
    if (!region_open(region, &im)) {
        why_damaged(verdict);
        return;
    }
    size_t alignment = region_alignment(region, request == NULL ? 0 : request->alignment);
    uint32_t need = region_granules(region, &im, size);
    uint32_t module = request == NULL ? 0 : request->module;
    decide(&im, need, alignment, verdict);
    verdict->needed = need != 0 ? verdict->needed : why_needed(&im, size);
    decide_quota(&im, need, module, verdict);
    if (verdict->verdict != TARN_WHY_DAMAGED) {
        uint32_t largest = largest_granules(&im, alignment_for(&im, alignment), quota_left(&im, module));
        verdict->largest_request = largest >= image_minimum(&im) ? region_usable(region, &im, largest) : 0;
    }
}

/* Whether the region serves this mask of the request, and none before it. */
static bool serves_first(const heap_region *region, const tarn_request *request, uint32_t mask)
{
    uint32_t i = 0;
    while (i < mask && !region_serves(region, request_mask(request, i))) {
        i++;
    }
    return i == mask && region_serves(region, request_mask(request, mask));
}

/* Every region that serves the mask, in turn, until one has room; *any: there was one. */
static void decide_mask(const tarn_heap *heap, size_t size, const tarn_request *request, uint32_t mask, bool *any,
                        tarn_verdict *verdict)
{
    tarn_verdict one;
    for (uint32_t i = 0; i < heap->count && !(*any && verdict->verdict == TARN_WHY_FITS); i++) {
        const heap_region *region = heap_turn(heap, i);
        if (region == NULL) {
            memset(verdict, 0, sizeof *verdict);
            why_damaged(verdict);
            *any = true;
            return;
        }
        if (serves_first(region, request, mask)) {
            region_decide(region, size, request, &one);
            *verdict = !*any || is_closer(&one, verdict) ? one : *verdict;
            *any = true;
        }
    }
}

tarn_status tarn_heap_why(tarn_heap *heap, size_t size, const tarn_request *request, tarn_verdict *verdict)
{
    uintptr_t state;
    if (verdict == NULL) {
        return TARN_E_NULL;
    }
    memset(verdict, 0, sizeof *verdict);
    verdict->status = request_is_legal(request) ? heap_begin(heap, &state) : TARN_E_ARGUMENT;
    if (verdict->status == TARN_E_DAMAGED) {
        why_damaged(verdict);
        return TARN_OK;
    }
    if (verdict->status != TARN_OK) {
        return verdict->status;
    }
    bool any = false;
    for (uint32_t mask = 0; mask < request_count(request); mask++) {
        decide_mask(heap, size, request, mask, &any, verdict);
    }
    heap_end(heap, state);
    if (!any) {
        verdict->verdict = TARN_WHY_NEVER_FITS;
        verdict->status = TARN_E_NEVER_FITS;
    }
    return TARN_OK;
}
