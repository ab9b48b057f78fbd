/* SPDX-License-Identifier: MIT */
/*
 * Looking at heaps: statistics, walk and check, of one region or of all.
 *
 * Bound: each contract in regions.h.
 */
#include "account.h"
#include "heap.h"
#include "repair.h"

/* Opens the region's image for reading, under the heap's lock. */
static tarn_status region_view(const heap_region *region, image *im, tarn_view *view)
{
    return region_open_any(region, im) && image_view(im, view) == TARN_OK ? TARN_OK : TARN_E_DAMAGED;
}

/* ---- statistics ---- */

/* With lines, a whole number of them less the one for the header. */
static size_t region_largest(const heap_region *region, const image *im)
{
    uint32_t granules = engine_of(im)->largest(im);
    return granules >= image_minimum(im) ? region_usable(region, im, granules) : 0;
}

static tarn_status region_stats(const heap_region *region, tarn_stats *stats)
{
    image im;
    tarn_view view;
    tarn_status status = region_view(region, &im, &view);
    if (status != TARN_OK) {
        return status;
    }
    tarn_view_header_stats(&view, stats);
    stats->bytes += region->skip;
    stats->largest_free = (uint64_t)engine_of(&im)->widest(&im) << image_shift(&im);
    stats->largest_request = stats->closed != 0 ? 0 : region_largest(region, &im);
    return TARN_OK;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint64_t larger_size(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void stats_add(tarn_stats *sum, const tarn_stats *one, bool first)
{
    sum->bytes += one->bytes;
    sum->capacity += one->capacity;
    sum->used += one->used;
    sum->free += one->free;
    sum->largest_free = larger_size(sum->largest_free, one->largest_free);
    sum->largest_request = larger_size(sum->largest_request, one->largest_request);
    sum->blocks += one->blocks;
    sum->free_blocks += one->free_blocks;
    sum->engine = first || sum->engine == one->engine ? one->engine : 0;
    sum->granule = first ? one->granule : lesser(sum->granule, one->granule);
    sum->extension_words = larger(sum->extension_words, one->extension_words);
    sum->overhead = larger(sum->overhead, one->overhead);
    sum->check_bits = first ? one->check_bits : lesser(sum->check_bits, one->check_bits);
    sum->exact = first ? one->exact : lesser(sum->exact, one->exact);
    sum->max_alignment = larger(sum->max_alignment, one->max_alignment);
    sum->modules = larger(sum->modules, one->modules);
    sum->policy = larger(sum->policy, one->policy);
    sum->closed = larger(sum->closed, one->closed);
}

static tarn_status heap_stats(const tarn_heap *heap, tarn_stats *stats)
{
    for (uint32_t i = 0; i < heap->count; i++) {
        tarn_stats one;
        tarn_status status = region_stats(&heap->regions[i], &one);
        if (status != TARN_OK) {
            return status;
        }
        stats_add(stats, &one, i == 0);
    }
    stats->peak = heap->peak.value;
    stats->refusals = heap->refusals;
    return TARN_OK;
}

tarn_status tarn_heap_stats(tarn_heap *heap, const void *memory, tarn_stats *stats)
{
    uintptr_t state;
    if (stats == NULL) {
        return TARN_E_NULL;
    }
    memset(stats, 0, sizeof *stats);
    tarn_status status = heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    const heap_region *region = memory == NULL ? NULL : heap_named(heap, memory);
    if (memory == NULL) {
        status = heap_stats(heap, stats);
    } else {
        status = region == NULL ? TARN_E_FOREIGN : region_stats(region, stats);
    }
    heap_end(heap, state);
    if (status != TARN_OK) {
        memset(stats, 0, sizeof *stats);
    }
    return status;
}

tarn_status tarn_heap_peak_reset(tarn_heap *heap)
{
    uintptr_t state;
    image im;
    tarn_status status = heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    heap->peak = heap->used;
    for (uint32_t i = 0; i < heap->count; i++) {
        if (region_open_any(&heap->regions[i], &im)) {
            image_set(&im, IMAGE_PEAK, image_get(&im, IMAGE_USED));
            tarn_account_peaks_reset(&im);
        }
    }
    heap_end(heap, state);
    return TARN_OK;
}

size_t tarn_heap_largest(tarn_heap *heap, const tarn_request *request)
{
    uintptr_t state;
    image im;
    size_t largest = 0;
    if (!request_is_legal(request) || heap_begin(heap, &state) != TARN_OK) {
        return 0;
    }
    for (uint32_t i = 0; i < heap->count; i++) {
        const heap_region *region = &heap->regions[i];
        if (region_serves_any(region, request) && region_open(region, &im)) {
            largest = (size_t)larger_size(largest, region_largest(region, &im));
        }
    }
    heap_end(heap, state);
    return largest;
}

/* ---- walk ---- */

/* Where a walk stands: it finds its place again after each callback, whatever became of the regions. */
typedef struct heap_walk {
    uintptr_t start; /* of the region it is in */
    uint32_t cursor; /* in that region */
    tarn_region region;
    unsigned char *base;
    slice slice;
    bool last; /* the slice ends the region */
} heap_walk;

/* Under the lock: the region at the walk's place or the first behind it, NULL at the end. */
static const heap_region *walk_region(const tarn_heap *heap, heap_walk *w, bool single)
{
    uint32_t place = heap_place(heap, w->start);
    if (place != 0 && heap->regions[place - 1u].start.value == w->start) {
        return &heap->regions[place - 1u];
    }
    if (single || place == heap->count) {
        return NULL;
    }
    w->start = heap->regions[place].start.value;
    w->cursor = 0;
    return &heap->regions[place];
}

static tarn_status walk_slice(tarn_heap *heap, heap_walk *w, bool single, bool *ended)
{
    uintptr_t state;
    image im;
    tarn_view view;
    tarn_status status = heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    const heap_region *region = walk_region(heap, w, single);
    *ended = region == NULL;
    if (region != NULL) {
        status = region_view(region, &im, &view);
        if (status == TARN_OK) {
            w->base = im.base;
            tarn_heap_describe(region, &w->region);
            status = tarn_view_slice(&view, &w->cursor, &w->slice) ? TARN_OK : TARN_E_DAMAGED;
        }
    }
    heap_end(heap, state);
    return status;
}

static bool visit_slice(const heap_walk *w, tarn_heap_visit *visit, void *context)
{
    for (uint32_t i = 0; i < w->slice.count; i++) {
        const tarn_block *block = &w->slice.blocks[i];
        if (!visit(&w->region, w->base + (size_t)block->offset, block, context)) {
            return false;
        }
    }
    return true;
}

static tarn_status memory_is_region(tarn_heap *heap, const void *memory)
{
    uintptr_t state;
    tarn_status status = heap_begin(heap, &state);
    if (status == TARN_OK) {
        status = memory == NULL || heap_named(heap, memory) != NULL ? TARN_OK : TARN_E_FOREIGN;
        heap_end(heap, state);
    }
    return status;
}

tarn_status tarn_heap_walk(tarn_heap *heap, const void *memory, tarn_heap_visit *visit, void *context)
{
    heap_walk w;
    bool ended = false;
    tarn_status status = visit == NULL ? TARN_E_NULL : memory_is_region(heap, memory);
    w.start = (uintptr_t)memory;
    w.cursor = 0;
    while (status == TARN_OK && !ended) {
        status = walk_slice(heap, &w, memory != NULL, &ended);
        if (status != TARN_OK || ended || !visit_slice(&w, visit, context)) {
            break;
        }
        if (w.slice.last) {
            ended = memory != NULL || w.start == UINTPTR_MAX;
            w.start++; /* the next region's first block comes next */
        }
    }
    return status;
}

/* ---- check ---- */

/* H5, and H1 and H2 for whatever a sum may miss, before any image is looked at. */
static bool table_is_sound(const tarn_heap *heap)
{
    uint32_t ranks = 0;
    for (uint32_t i = 0; i < heap->count; i++) {
        const heap_region *region = &heap->regions[i];
        const heap_region *turn = heap_turn(heap, i);
        bool last = i + 1u == heap->count;
        if (turn == NULL || turn->rank < ranks ||
            (!last && (region[1].start.value <= region->start.value ||
                       region[1].start.value - region->start.value < region->bytes.value))) {
            return false;
        }
        ranks = turn->rank;
    }
    return heap->sum == tarn_heap_sum(heap);
}

/* H3; destroyed images have been found before. */
static bool counts_are_sound(const tarn_heap *heap)
{
    uintptr_t used = 0;
    image im;
    for (uint32_t i = 0; i < heap->count; i++) {
        if (region_open_any(&heap->regions[i], &im)) {
            used += (uintptr_t)image_get(&im, IMAGE_USED) << image_shift(&im);
        }
    }
    return used == heap->used.value && used <= heap->peak.value;
}

static tarn_status check_region(const heap_region *region, tarn_heap_finding *finding)
{
    image im;
    tarn_view view;
    if (region_view(region, &im, &view) != TARN_OK) {
        finding->memory = (void *)region->start.value;
        finding->finding.rule = TARN_RULE_HEADER;
        return TARN_E_DAMAGED;
    }
    tarn_status status = tarn_view_check(&view, &finding->finding);
    finding->memory = status == TARN_OK ? NULL : (void *)region->start.value;
    return status;
}

static tarn_status heap_check_all(const tarn_heap *heap, tarn_heap_finding *finding)
{
    bool sound = table_is_sound(heap);
    tarn_status status = TARN_OK;
    for (uint32_t i = 0; sound && i < heap->count && status == TARN_OK; i++) {
        status = check_region(&heap->regions[i], finding);
    }
    if (status == TARN_OK && !(sound && counts_are_sound(heap))) {
        finding->finding.rule = TARN_RULE_REGIONS;
        status = TARN_E_DAMAGED;
    }
    return status;
}

tarn_status tarn_heap_check(tarn_heap *heap, const void *memory, tarn_heap_finding *finding)
{
    uintptr_t state;
    tarn_heap_finding unused;
    finding = finding != NULL ? finding : &unused;
    memset(finding, 0, sizeof *finding);
    tarn_status status = heap_begin(heap, &state);
    if (status != TARN_OK) {
        finding->finding.rule = status == TARN_E_DAMAGED ? TARN_RULE_REGIONS : 0;
        return status;
    }
    const heap_region *region = memory == NULL ? NULL : heap_named(heap, memory);
    if (memory == NULL) {
        status = heap_check_all(heap, finding);
    } else {
        status = region == NULL ? TARN_E_FOREIGN : check_region(region, finding);
    }
    heap_end(heap, state);
    return status;
}

tarn_status tarn_heap_reopen(tarn_heap *heap, void *memory, tarn_finding *finding)
{
    uintptr_t state;
    image im;
    tarn_finding unused;
    finding = finding != NULL ? finding : &unused;
    memset(finding, 0, sizeof *finding);
    tarn_status status = memory == NULL ? TARN_E_NULL : heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    const heap_region *region = heap_named(heap, memory);
    if (region == NULL) {
        status = TARN_E_FOREIGN;
    } else if (!region_open_any(region, &im)) {
        status = TARN_E_DAMAGED;
        finding->rule = TARN_RULE_HEADER;
    } else {
        status = tarn_reopen_image(&im, finding);
    }
    heap_end(heap, state);
    return status;
}

/* Under the lock: the region that begins at or behind the place, NULL if none does. */
static const heap_region *region_from(const tarn_heap *heap, const void *memory)
{
    uint32_t place = heap_place(heap, (uintptr_t)memory);
    bool here = place != 0 && heap->regions[place - 1u].start.value == (uintptr_t)memory;
    place -= here ? 1u : 0;
    return place < heap->count ? &heap->regions[place] : NULL;
}

static tarn_status check_region_some(const heap_region *region, uint32_t parts, tarn_heap_finding *finding)
{
    image im;
    tarn_view view;
    finding->finding.round = 1; /* whatever ends it */
    if (region_view(region, &im, &view) != TARN_OK) {
        finding->finding.rule = TARN_RULE_HEADER;
    } else if (!layout_has_cursor(im.layout)) {
        return TARN_E_ARGUMENT;
    } else if (tarn_check_parts(&im, &view, parts, &finding->finding)) {
        return TARN_OK;
    }
    finding->memory = (void *)region->start.value;
    return TARN_E_DAMAGED;
}

tarn_status tarn_heap_check_some(tarn_heap *heap, void **memory, uint32_t parts, tarn_heap_finding *finding)
{
    uintptr_t state;
    tarn_heap_finding unused;
    finding = finding != NULL ? finding : &unused;
    memset(finding, 0, sizeof *finding);
    tarn_status status = memory == NULL ? TARN_E_NULL : heap_begin(heap, &state);
    if (status != TARN_OK) {
        finding->finding.rule = status == TARN_E_DAMAGED ? TARN_RULE_REGIONS : 0;
        return status;
    }
    const heap_region *region = NULL;
    if (!table_is_sound(heap)) {
        finding->finding.rule = TARN_RULE_REGIONS;
        status = TARN_E_DAMAGED;
    } else {
        region = region_from(heap, *memory);
    }
    if (region != NULL) {
        status = check_region_some(region, parts, finding);
        const heap_region *behind = region + 1 < heap->regions + heap->count ? region + 1 : NULL;
        region = finding->finding.round != 0 ? behind : region;
    }
    finding->finding.round = region == NULL;
    *memory = region != NULL ? (void *)region->start.value : NULL;
    heap_end(heap, state);
    return status;
}
