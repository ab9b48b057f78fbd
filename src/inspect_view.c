/* SPDX-License-Identifier: MIT */
/*
 * Views: opening the bytes of an image for reading, walking them, and the statistics in them.
 *
 * V1 Nothing is written. V2 No read leaves the bytes given. V3 Every loop ends: a walk moves forward or stops.
 * Bound: constant to open; blocks to walk.
 */
#include "index_bestfit.h"
#include "index_linear.h"
#include "index_tlsf.h"
#include "quarantine.h"
#include "slab.h"
#include "tail.h"
#include "view.h"

uint32_t tarn_view_index_bytes(uint32_t layout)
{
    uint32_t size_bits = layout_size_bits(layout);
    switch (layout_engine(layout)) {
    case TARN_ENGINE_TLSF:
        return tlsf_index_bytes(size_bits);
    case TARN_ENGINE_BESTFIT:
        return bestfit_index_bytes(size_bits);
    default:
        return linear_index_bytes(size_bits);
    }
}

/* I1: first is where the control data named by the layout ends, and the offsets are in order. */
static bool geometry_is_legal(const tarn_view *view)
{
    uint32_t shift = layout_shift(view->layout);
    uint32_t size_bits = layout_size_bits(view->layout);
    uint32_t length = view_word(view, IMAGE_HEADER_BYTES + layout_park_bytes(view->layout));
    uint64_t first = layout_first(view->layout, length, tarn_view_index_bytes(view->layout));
    uint32_t tail = word_field(view_get(view, IMAGE_TALLIES), TALLY_TAIL, 4);
    uint64_t mapped = 32u * (uint64_t)length;
    bool worded =
        (layout_modules(view->layout) == 0 || layout_extension(view->layout) != 0) &&
        (!layout_parks(view->layout) || layout_extension(view->layout) == 0 || view_get(view, IMAGE_PARK_LIMIT) == 0);
    return worded && view->first == first && view->end >= view->first + layout_minimum(view->layout) &&
           view->end > view->first && (view->end - view->first) >> size_bits == 0 && view->top >= view->first &&
           view->top <= view->end && (size_bits > IMAGE_NARROW_BITS || view->end <= UINT16_MAX) &&
           (!layout_has_map(view->layout) || mapped >= view->end) &&
           (!layout_has_slab(view->layout) || tarn_slab_is_legal(view)) && tail < UINT32_C(1) << shift;
}

static bool is_sealed(const tarn_view *view)
{
    image im = view_geometry(view);
    bool has = layout_has_map(view->layout) || layout_parks(view->layout);
    uint32_t section = has ? view_get(view, layout_sealed_word(view->layout)) : 0;
    if (layout_has_slab(view->layout)) {
        section = image_slab_seal(section, view_get(view, IMAGE_SLAB), view_get(view, IMAGE_SLAB_SHAPE));
    }
    return view_get(view, IMAGE_SEAL) == image_seal_of(&im, view->end, section);
}

/* Of a pool, open or closed. */
static bool magic_is_known(uint32_t magic)
{
    return magic == IMAGE_MAGIC_VALUE || magic == IMAGE_CLOSED_VALUE;
}

tarn_status tarn_view_open(tarn_view *view, const void *bytes, size_t size)
{
    if (view == NULL || bytes == NULL) {
        return TARN_E_NULL;
    }
    tarn_view v = {(const unsigned char *)bytes, size, 0, 0, 0, 0, 0, 0};
    memset(view, 0, sizeof *view);
    uint32_t magic = view_get(&v, IMAGE_MAGIC);
    if (size < 4u) {
        return TARN_E_TRUNCATED;
    }
    if (!magic_is_known(magic) && !magic_is_known(swap_word(magic))) {
        return TARN_E_NOT_A_POOL;
    }
    if (size < IMAGE_HEADER_BYTES) {
        return TARN_E_TRUNCATED;
    }
    v.swapped = !magic_is_known(magic);
    v.layout = view_get(&v, IMAGE_LAYOUT);
    v.key = view_get(&v, IMAGE_KEY);
    v.first = view_get(&v, IMAGE_FIRST);
    v.end = view_get(&v, IMAGE_END);
    v.top = view_get(&v, IMAGE_TOP);
    if (!layout_is_legal(v.layout)) {
        return TARN_E_DAMAGED;
    }
    if (layout_is_absent(v.layout)) {
        return TARN_E_UNAVAILABLE;
    }
    if (view_payload(&v, v.end) > size) {
        return TARN_E_TRUNCATED;
    }
    if (!geometry_is_legal(&v) || !is_sealed(&v)) {
        return TARN_E_DAMAGED;
    }
    *view = v;
    return TARN_OK;
}

bool tarn_view_block(const tarn_view *view, uint32_t offset, block_ref *found)
{
    image im = view_geometry(view);
    found->offset = offset;
    found->header = view_header(view, offset);
    found->size = block_size(&im, found->header);
    return block_proves(&im, offset, found->header) && found->size != 0 && found->size <= view->top - offset;
}

bool tarn_view_leads_on(const tarn_view *view, uint32_t offset, uint32_t header)
{
    image im = view_geometry(view);
    uint32_t size = block_size(&im, header);
    block_ref next;
    if (!block_proves(&im, offset, header) || size < image_minimum(&im) || size > view->top - offset) {
        return false;
    }
    uint32_t end = offset + size;
    return end == view->top ? block_proves(&im, end, view_header(view, end)) : tarn_view_block(view, end, &next);
}

uint32_t tarn_view_flipped_bit(const tarn_view *view, uint32_t offset, uint32_t header)
{
    uint32_t bit = 0;
    while (bit < 32u && !tarn_view_leads_on(view, offset, header ^ UINT32_C(1) << bit)) {
        bit++;
    }
    return bit;
}

/* Extension words of a used block, as far as the pool has them. */
static void describe_words(const tarn_view *view, uint32_t lead_bytes, tarn_block *record)
{
    uint32_t *const words[] = {&record->owner,      &record->site,       &record->sequence,  &record->tag,
                               &record->callers[0], &record->callers[1], &record->callers[2]};
    for (uint32_t i = 0; 4u * i + 4u < lead_bytes; i++) {
        *words[i] = view_word(view, record->offset - lead_bytes + 4u * i);
    }
}

bool tarn_view_counts(const tarn_view *view, const block_ref *b)
{
    if (!block_used(b->header) || !layout_has_tail(view->layout)) {
        return block_used(b->header);
    }
    image im = view_geometry(view);
    uint32_t tail = view_word(view, view_last_word(view, b));
    return !tail_proves(&im, b->offset, tail) || tail_counts(view->layout, tail);
}

bool tarn_view_slack(const tarn_view *view, const block_ref *b, uint32_t *slack)
{
    if (!layout_has_tail(view->layout)) {
        return false;
    }
    image im = view_geometry(view);
    uint32_t word = view_word(view, view_last_word(view, b));
    uint64_t bytes = (uint64_t)b->size << image_shift(&im);
    uint64_t around = image_lead_bytes(&im) + layout_tail_bytes(im.layout) - layout_reserve_bytes(im.layout);
    *slack = tail_slack(word);
    return tail_proves(&im, b->offset, word) && bytes > around + *slack;
}

bool tarn_view_waits(const tarn_view *view, const block_ref *b)
{
    uint32_t slack;
    return layout_quarantines(view->layout) && tarn_view_slack(view, b, &slack) &&
           tail_state(view_word(view, view_last_word(view, b))) == TAIL_QUARANTINED;
}

bool tarn_view_waiting(const tarn_view *view, uint32_t offset, block_ref *found)
{
    return view_holds(view, offset) && tarn_view_block(view, offset, found) && block_used(found->header) &&
           tarn_view_waits(view, found);
}

/* What a used block's tail, which holds, makes of it; and the site of the call that gave it back. */
static void describe_tail(const tarn_view *view, const block_ref *b, tarn_block *record)
{
    uint32_t word = view_word(view, view_last_word(view, b));
    if (tail_state(word) == TAIL_USED) {
        return;
    }
    record->state = tail_counts(view->layout, word) ? TARN_BLOCK_HELD_BACK : TARN_BLOCK_QUARANTINED;
    bool noted = layout_reserve_bytes(view->layout) > 4u && tail_state(word) != TAIL_LEAVING;
    record->freed = noted ? view_word(view, view_reserve(view, b) + 4u) : 0;
}

void tarn_view_describe(const tarn_view *view, const block_ref *b, tarn_block *record)
{
    image im = view_geometry(view);
    uint64_t size = (uint64_t)b->size << image_shift(&im);
    uint32_t slack;
    bool used = block_used(b->header);
    bool tailed = used && tarn_view_slack(view, b, &slack);
    uint64_t around = image_lead_bytes(&im) + layout_tail_bytes(im.layout);
    around += tailed ? slack - layout_reserve_bytes(im.layout) : 0;
    uint64_t usable = size > around ? size - around : 0; /* the wilderness may be smaller than a header */
    memset(record, 0, sizeof *record);
    record->offset = view_payload(view, b->offset);
    record->size = size;
    record->usable = usable > UINT32_MAX ? UINT32_MAX : (uint32_t)usable;
    record->state = !used ? TARN_BLOCK_FREE : (b->header & BLOCK_MARK) != 0 ? TARN_BLOCK_CARRIES_POOL : TARN_BLOCK_USED;
    if (tailed) {
        describe_tail(view, b, record);
    }
    if (used && tarn_slab_begins(view, b->offset)) {
        record->state = TARN_BLOCK_SLAB;
    }
    if (used) {
        describe_words(view, image_lead_bytes(&im), record);
    }
}

/* The wilderness as a walk's last, free block; false if it is empty. */
static bool view_wilderness(const tarn_view *view, block_ref *b)
{
    b->offset = view->top;
    b->size = view->end - view->top;
    b->header = 0;
    return b->size != 0;
}

tarn_status tarn_view_walk(const tarn_view *view, tarn_visit *visit, void *context)
{
    if (view == NULL || view->base == NULL || visit == NULL) {
        return TARN_E_NULL;
    }
    block_ref b;
    tarn_block record;
    for (uint32_t offset = view->first; offset != view->top; offset += b.size) {
        if (!tarn_view_block(view, offset, &b)) {
            return TARN_E_DAMAGED;
        }
        tarn_view_describe(view, &b, &record);
        if (!visit(&record, context)) {
            return TARN_OK;
        }
    }
    if (view_wilderness(view, &b)) {
        tarn_view_describe(view, &b, &record);
        (void)visit(&record, context);
    }
    return TARN_OK;
}

static bool widen(const tarn_block *block, void *context)
{
    tarn_stats *stats = context;
    if (block->state == TARN_BLOCK_FREE && block->size > stats->largest_free) {
        stats->largest_free = block->size;
    }
    return true;
}

void tarn_view_header_stats(const tarn_view *view, tarn_stats *stats)
{
    uint32_t shift = layout_shift(view->layout);
    uint32_t capacity = view->end - view->first;
    uint32_t used = view_get(view, IMAGE_USED);
    uint32_t tallies = view_get(view, IMAGE_TALLIES);
    stats->bytes = image_given_bytes(view->layout, view->end, tallies);
    stats->capacity = (uint64_t)capacity << shift;
    stats->used = (uint64_t)used << shift;
    stats->free = used <= capacity ? (uint64_t)(capacity - used) << shift : 0;
    stats->peak = (uint64_t)view_get(view, IMAGE_PEAK) << shift;
    stats->blocks = view_get(view, IMAGE_BLOCKS);
    stats->free_blocks = view_get(view, IMAGE_LISTED) + (view->end != view->top ? 1u : 0u);
    stats->refusals = word_field(tallies, TALLY_REFUSALS, TALLY_REFUSALS_BITS);
    stats->engine = layout_engine(view->layout);
    stats->granule = UINT32_C(1) << shift;
    stats->extension_words = layout_extension(view->layout);
    stats->overhead = 4u * stats->extension_words + 4u;
    stats->check_bits = layout_check_bits(view->layout);
    stats->exact = layout_has_map(view->layout) ? 1u : 0u;
    stats->max_alignment = UINT32_C(1) << word_field(tallies, TALLY_ALIGNMENT, 5);
    stats->key = view->key;
    stats->modules = layout_modules(view->layout);
    stats->tail = layout_tail_bytes(view->layout);
    if (layout_quarantines(view->layout)) {
        uint64_t section = view_waits(view);
        stats->quarantined = (uint64_t)view_word(view, section + 4u * WAIT_GRANULES) << shift;
        stats->quarantined_blocks = view_word(view, section + 4u * WAIT_BLOCKS);
    }
    stats->policy = word_field(tallies, TALLY_POLICY, 3);
    stats->closed = view_get(view, IMAGE_MAGIC) == IMAGE_CLOSED_VALUE ? 1u : 0u;
}

/* Granules of the block at the head of the last filled bin: what tlsf_largest() would answer. */
static uint32_t view_tlsf_largest(const tarn_view *view)
{
    uint32_t size_bits = layout_size_bits(view->layout);
    uint64_t table = view_index(view) + 4u * (uint64_t)tlsf_bitmap_words(size_bits);
    for (uint32_t bin = tlsf_bins(size_bits); bin-- != 0;) {
        uint32_t head = heads_narrow(size_bits) ? view_half(view, table + 2u * (uint64_t)bin)
                                                : view_word(view, table + 4u * (uint64_t)bin);
        block_ref b;
        if (head != 0) {
            return view_holds(view, head) && tarn_view_block(view, head, &b) ? b.size : 0;
        }
    }
    return 0;
}

/* In granules; widest is the size of the largest free block. */
static uint32_t view_largest(const tarn_view *view, uint32_t widest)
{
    uint32_t top = view->end - view->top;
    uint32_t listed = layout_engine(view->layout) == TARN_ENGINE_TLSF ? view_tlsf_largest(view) : widest;
    uint32_t largest = listed > top ? listed : top;
    return largest >= layout_minimum(view->layout) ? largest : 0;
}

/* Parked blocks are free ones, whatever the words of the image say. */
static void count_parked(const tarn_view *view, tarn_stats *stats)
{
    block_ref b;
    for (uint32_t offset = view->first; offset != view->top && tarn_view_block(view, offset, &b); offset += b.size) {
        if (block_parked(b.header)) {
            uint64_t bytes = (uint64_t)b.size << layout_shift(view->layout);
            stats->used -= bytes;
            stats->free += bytes;
            stats->blocks--;
            stats->free_blocks++;
        }
    }
}

tarn_status tarn_view_stats(const tarn_view *view, tarn_stats *stats)
{
    if (view == NULL || view->base == NULL || stats == NULL) {
        return TARN_E_NULL;
    }
    memset(stats, 0, sizeof *stats);
    tarn_status status = tarn_view_walk(view, widen, stats);
    if (status != TARN_OK) {
        memset(stats, 0, sizeof *stats);
        return status;
    }
    tarn_view_header_stats(view, stats);
    if (layout_parks(view->layout)) {
        count_parked(view, stats);
    }
    image im = view_geometry(view);
    uint32_t largest = stats->closed != 0 ? 0 : view_largest(view, (uint32_t)(stats->largest_free >> image_shift(&im)));
    stats->largest_request = image_request(&im, largest);
    return TARN_OK;
}
