/* SPDX-License-Identifier: MIT */
/*
 * Verdicts over the bytes of an image: what is free, and which neighbours would have to go for a request to fit.
 *
 * W1 Of all runs of neighbouring blocks that would serve the request if they were free, the one with the fewest used
 *    blocks is told, among equals the one with the fewest bytes, then the first. (Above the granule, where a gap in
 *    front of the payload may be too short to be a block, another run may do with one block less.) Blocks that wait
 *    count as free there, and where there is a quarantine what no used block keeps from fitting fits (Q3), if it is
 *    known where the image lies.
 * Bound: each block twice for the run, and those of the run once more for their owners; once for what is free, and once
 * for the largest request; of a view once more for its counts.
 */
#include "why.h"

/* A run of neighbouring blocks. */
typedef struct run {
    uint32_t start;    /* payload of the first */
    uint32_t end;      /* payload behind the last */
    uint32_t blocks;   /* used ones */
    uint32_t granules; /* in these */
} run;

/* The block at offset, or the wilderness; false if it breaks I2 or I3, or none begins there. */
static bool block_or_top(const tarn_view *view, uint32_t offset, block_ref *found)
{
    if (offset == view->top && view->top != view->end) {
        *found = (block_ref){view->top, view->end - view->top, 0};
        return true;
    }
    return view_holds(view, offset) && tarn_view_block(view, offset, found);
}

static bool count_free(const tarn_block *block, void *context)
{
    tarn_verdict *verdict = (tarn_verdict *)context;
    verdict->free += tarn_block_counts(block) ? 0 : block->size;
    if (block->state == TARN_BLOCK_FREE) {
        verdict->free_blocks++;
        verdict->largest_free = block->size > verdict->largest_free ? block->size : verdict->largest_free;
    }
    return true;
}

bool tarn_why_count(const tarn_view *view, tarn_verdict *verdict)
{
    return tarn_view_walk(view, count_free, verdict) == TARN_OK;
}

/* Granules that a request takes from free space that begins at offset. */
static uint32_t wanted_at(const image *im, uint32_t offset, const why_request *request)
{
    return request->need + block_gap(im, offset, request->alignment);
}

static void run_add(const tarn_view *view, run *r, const block_ref *b, bool entering)
{
    uint32_t used = tarn_view_counts(view, b) ? 1u : 0;
    r->blocks += entering ? used : 0u - used;
    r->granules += entering ? used * b->size : 0u - used * b->size;
}

static bool run_is_better(const run *a, const run *b)
{
    return a->blocks < b->blocks || (a->blocks == b->blocks && a->granules < b->granules);
}

/* Moves the run's end on until it serves the request; *serves tells whether it does. False if the walk meets damage. */
static bool run_widen(const tarn_view *view, const image *im, const why_request *request, run *r, bool *serves)
{
    block_ref b;
    uint32_t granules = wanted_at(im, r->start, request);
    while (r->end - r->start < granules && r->end != view->end) {
        if (!block_or_top(view, r->end, &b)) {
            return false;
        }
        run_add(view, r, &b, true);
        r->end += b.size;
    }
    *serves = r->end - r->start >= granules;
    return true;
}

/* The best run (W1); false if the walk meets damage or no run serves. */
static bool run_find(const tarn_view *view, const image *im, const why_request *request, run *best)
{
    run r = {view->first, view->first, 0, 0};
    bool serves = true;
    *best = (run){0, 0, UINT32_MAX, UINT32_MAX};
    while (r.start != view->end) {
        block_ref b;
        if (!run_widen(view, im, request, &r, &serves) || !block_or_top(view, r.start, &b)) {
            return false;
        }
        if (!serves) {
            break;
        }
        if (run_is_better(&r, best)) {
            *best = r;
        }
        run_add(view, &r, &b, false);
        r.start += b.size;
    }
    return best->blocks != UINT32_MAX;
}

uint32_t tarn_why_largest(const tarn_view *view, uintptr_t first_byte, uint32_t alignment)
{
    image im = view_geometry(view);
    block_ref b;
    uint32_t largest = 0;
    uint32_t start = view->first; /* of the piece that free blocks and those that wait will be */
    im.origin = first_byte;
    for (uint32_t offset = start; offset != view->end && block_or_top(view, offset, &b); offset += b.size) {
        if (tarn_view_counts(view, &b)) {
            start = offset + b.size;
            continue;
        }
        uint32_t gap = alignment >> image_shift(&im) > 1u ? block_gap(&im, start, alignment) : 0;
        uint32_t piece = offset + b.size - start;
        largest = gap < piece && piece - gap > largest ? piece - gap : largest;
    }
    return largest;
}

static void add_owner(tarn_verdict *verdict, uint32_t owner)
{
    uint32_t i = 0;
    while (i < verdict->owners && verdict->owner[i] != owner) {
        i++;
    }
    if (i == TARN_WHY_OWNERS) {
        return;
    }
    verdict->owners = i == verdict->owners ? i + 1u : verdict->owners;
    verdict->owner[i] = owner;
    verdict->owner_blocks[i]++;
}

static void tell_run(const tarn_view *view, const run *r, uint32_t shift, tarn_verdict *verdict)
{
    block_ref b;
    tarn_block record;
    verdict->between = r->blocks;
    verdict->between_bytes = (uint64_t)r->granules << shift;
    for (uint32_t offset = r->start; offset != r->end && block_or_top(view, offset, &b); offset += b.size) {
        if (!tarn_view_counts(view, &b)) {
            continue;
        }
        tarn_view_describe(view, &b, &record);
        verdict->between_at = verdict->between_at == 0 ? record.offset : verdict->between_at;
        if (layout_extension(view->layout) != 0) {
            add_owner(verdict, record.owner);
        }
    }
}

void tarn_why_refused(const tarn_view *view, const why_request *request, tarn_verdict *verdict)
{
    image im = view_geometry(view);
    im.origin = request->origin;
    run best;
    uint32_t all = view->end - view->first;
    bool possible = request->need != 0 && request->need <= all && request->alignment >> image_shift(&im) <= view->end;
    verdict->status = possible ? TARN_E_EXHAUSTED : TARN_E_NEVER_FITS;
    if (!possible || wanted_at(&im, view->first, request) > all) {
        verdict->verdict = TARN_WHY_NEVER_FITS;
        return;
    }
    verdict->verdict = TARN_WHY_EXHAUSTED;
    bool any = verdict->free >= verdict->needed && run_find(view, &im, request, &best);
    bool found = any && best.blocks == 0 && request->placed;
    if (found && layout_quarantines(view->layout)) { /* the request has them leave, and finds it */
        verdict->verdict = TARN_WHY_FITS;
        verdict->status = TARN_OK;
    } else if (any) {
        verdict->verdict = TARN_WHY_FRAGMENTED;
        tell_run(view, &best, image_shift(&im), verdict);
    }
}

/* The largest request of this alignment that is sure to be served wherever the image lies: what the largest without
 * alignment is, less the longest gap. */
static uint64_t largest_anywhere(const image *im, uint64_t unaligned, uint32_t alignment)
{
    uint64_t most = (unaligned + image_lead_bytes(im) + layout_tail_bytes(im->layout)) >> image_shift(im);
    uint32_t slack = (alignment >> image_shift(im)) + image_minimum(im);
    if (alignment >> image_shift(im) <= 1u) {
        return unaligned;
    }
    return most >= (uint64_t)slack + image_minimum(im) ? image_request(im, (uint32_t)most - slack) : 0;
}

tarn_status tarn_view_why(const tarn_view *view, uint64_t size, uint64_t alignment, tarn_verdict *verdict)
{
    tarn_stats stats;
    if (verdict == NULL) {
        return TARN_E_NULL;
    }
    memset(verdict, 0, sizeof *verdict);
    if (view == NULL || view->base == NULL || (alignment & (alignment - 1u)) != 0) {
        verdict->status = view == NULL || view->base == NULL ? TARN_E_NULL : TARN_E_ARGUMENT;
        return verdict->status;
    }
    image im = view_geometry(view);
    uint64_t limit = (uint64_t)view->end << image_shift(&im);
    uint64_t granule = UINT64_C(1) << image_shift(&im);
    uint64_t around = image_lead_bytes(&im) + layout_tail_bytes(im.layout);
    uint64_t bytes = size == 0 && layout_has_end(im.layout) ? 1u : size;
    uint64_t need = size > limit ? 0 : (bytes + around + granule - 1u) >> image_shift(&im);
    need = need != 0 && need < image_minimum(&im) ? image_minimum(&im) : need;
    bool possible = alignment <= limit && alignment <= UINT32_MAX;
    why_request request = {possible ? (uint32_t)need : 0, possible ? (uint32_t)alignment : 0, 0, false};
    verdict->needed = need != 0 ? need << image_shift(&im) : why_needed(&im, size);
    if (request.alignment < granule) {
        request.alignment = (uint32_t)granule;
    }
    if (tarn_view_stats(view, &stats) != TARN_OK || !tarn_why_count(view, verdict)) {
        why_damaged(verdict);
        return TARN_OK;
    }
    if (layout_quarantines(view->layout)) {
        stats.largest_request = image_request(&im, tarn_why_largest(view, 0, 1));
    }
    verdict->largest_request = possible ? largest_anywhere(&im, stats.largest_request, request.alignment) : 0;
    verdict->verdict = TARN_WHY_FITS;
    bool fits = request.need != 0 && (size == 0 ? 1u : size) <= verdict->largest_request;
    if (!fits) {
        tarn_why_refused(view, &request, verdict);
    }
    return TARN_OK;
}
