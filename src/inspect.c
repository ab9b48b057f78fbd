/* SPDX-License-Identifier: MIT */
/*
 * Looking at live pools: a view is taken under the pool's lock, so that one reader serves pools and dumps alike.
 *
 * Bound: each contract in inspect.h.
 */
#include "access.h"
#include "account.h"
#include "view.h"

tarn_status tarn_look_begin(const tarn_pool *pool, access *a, tarn_view *view)
{
    tarn_status status = access_begin_settled(pool, a);
    if (status != TARN_OK) {
        return status;
    }
    status = image_view(&a->im, view);
    if (status != TARN_OK) {
        access_end(a);
        return TARN_E_DAMAGED;
    }
    return TARN_OK;
}

/* The largest size that a request may have, if the engine serves so many granules. */
static size_t largest_request(const image *im, uint32_t granules)
{
    size_t request = image_request(im, granules);
    uint32_t object = layout_has_slab(im->layout) ? tarn_slab_largest(im) : 0;
    return object > request ? object : request;
}

/* largest: also what takes a walk to know. */
static tarn_status stats_get(const tarn_pool *pool, tarn_stats *stats, bool largest)
{
    access a;
    tarn_view view;
    if (stats == NULL) {
        return TARN_E_NULL;
    }
    memset(stats, 0, sizeof *stats);
    tarn_status status = tarn_look_begin(pool, &a, &view);
    if (status != TARN_OK) {
        return status;
    }
    tarn_view_header_stats(&view, stats);
    if (largest) {
        stats->largest_free = (uint64_t)engine_of(&a.im)->widest(&a.im) << image_shift(&a.im);
        stats->largest_request = stats->closed != 0 ? 0 : largest_request(&a.im, engine_of(&a.im)->largest(&a.im));
    }
    access_end(&a);
    return TARN_OK;
}

tarn_status tarn_stats_get(const tarn_pool *pool, tarn_stats *stats)
{
    return stats_get(pool, stats, true);
}

tarn_status tarn_counts_get(const tarn_pool *pool, tarn_stats *stats)
{
    return stats_get(pool, stats, false);
}

size_t tarn_largest(const tarn_pool *pool)
{
    access a;
    if (access_begin_settled(pool, &a) != TARN_OK) {
        return 0;
    }
    size_t largest = access_is_pool(a.im.base) ? largest_request(&a.im, engine_of(&a.im)->largest(&a.im)) : 0;
    access_end(&a);
    return largest;
}

tarn_status tarn_peak_reset(tarn_pool *pool)
{
    access a;
    tarn_status status = access_begin(pool, &a);
    if (status == TARN_OK) {
        access_settle(&a);
        image_set(&a.im, IMAGE_PEAK, image_get(&a.im, IMAGE_USED));
        tarn_account_peaks_reset(&a.im);
        access_end(&a);
    }
    return status;
}

/* ---- walk ---- */

/* What merged across the cursor since the last slice, the wilderness too, is passed over: part of it was seen. */
static bool slice_from(const tarn_view *view, uint32_t offset, uint32_t *cursor, slice *s)
{
    block_ref b;
    s->count = 0;
    s->last = false;
    for (; s->count < SLICE; offset += b.size) {
        if (offset >= view->top) {
            s->last = true;
            break;
        }
        if (!tarn_view_block(view, offset, &b)) {
            return false;
        }
        if (offset >= *cursor) {
            tarn_view_describe(view, &b, &s->blocks[s->count++]);
            *cursor = offset + b.size;
        }
    }
    if (s->last && s->count < SLICE && view->top != view->end && *cursor <= view->top) {
        block_ref top = {view->top, view->end - view->top, 0};
        tarn_view_describe(view, &top, &s->blocks[s->count++]);
        *cursor = view->end;
    }
    return true;
}

/* The block at offset is vouched for by what was written apart from its header: map, tag, and the header behind it. */
static bool is_vouched_for(const tarn_view *view, uint32_t offset, block_ref *b)
{
    block_ref next;
    if (!view_holds(view, offset) || !tarn_view_block(view, offset, b)) {
        return false;
    }
    bool is_used = block_used(b->header);
    uint32_t end = b->offset + b->size;
    if (layout_has_map(view->layout) && view_marked(view, offset) != is_used) {
        return false;
    }
    if (!is_used && view_word(view, view_last_word(view, b)) != b->size) {
        return false;
    }
    return end == view->top || (tarn_view_block(view, end, &next) && ((next.header & BLOCK_LEFT_FREE) == 0) == is_used);
}

/* A block begins where the last slice ended if the last block of that slice is there still, and ends there. A header
 * alone says neither: it may be what a block that has merged since has left there, or its user written. */
static bool stands(const tarn_view *view, uint32_t cursor, const slice *s)
{
    block_ref last;
    block_ref next;
    uint32_t size = (uint32_t)(s->blocks[s->count - 1u].size >> layout_shift(view->layout));
    return is_vouched_for(view, cursor - size, &last) && last.size == size &&
           (cursor == view->top || is_vouched_for(view, cursor, &next));
}

bool tarn_view_slice(const tarn_view *view, uint32_t *cursor, slice *s)
{
    uint32_t from = *cursor;
    if (from != 0 && stands(view, from, s) && slice_from(view, from, cursor, s)) {
        return true;
    }
    *cursor = from;
    return slice_from(view, view->first, cursor, s);
}

tarn_status tarn_walk(const tarn_pool *pool, tarn_visit *visit, void *context)
{
    slice s;
    uint32_t cursor = 0;
    s.last = false;
    if (visit == NULL) {
        return TARN_E_NULL;
    }
    while (!s.last) {
        access a;
        tarn_view view;
        tarn_status status = tarn_look_begin(pool, &a, &view);
        if (status != TARN_OK) {
            return status;
        }
        bool sound = tarn_view_slice(&view, &cursor, &s);
        access_end(&a);
        if (!sound) {
            return TARN_E_DAMAGED;
        }
        for (uint32_t i = 0; i < s.count; i++) {
            if (!visit(&s.blocks[i], context)) {
                return TARN_OK;
            }
        }
    }
    return TARN_OK;
}

tarn_status tarn_walk_held(const tarn_pool *pool, tarn_visit *visit, void *context)
{
    access a;
    tarn_view view;
    tarn_status status = tarn_look_begin(pool, &a, &view);
    if (status == TARN_OK) {
        status = tarn_view_walk(&view, visit, context);
        access_end(&a);
    }
    return status;
}

tarn_status tarn_look(const tarn_pool *pool, view_user *use, void *context)
{
    access a;
    tarn_view view;
    tarn_status status = tarn_look_begin(pool, &a, &view);
    if (status == TARN_OK) {
        use(&view, context);
        access_end(&a);
    }
    return status;
}

/* ---- objects of the slab ---- */

/* Up to SLICE objects from *position on, which moves past them. */
static void objects_from(const tarn_view *view, uint64_t *position, slice *s)
{
    s->count = 0;
    while (s->count < SLICE && tarn_slab_next(view, position, &s->blocks[s->count])) {
        s->count++;
    }
}

tarn_status tarn_slab_walk(const tarn_pool *pool, tarn_visit *visit, void *context)
{
    slice s;
    uint64_t position = 0;
    s.count = SLICE;
    if (visit == NULL) {
        return TARN_E_NULL;
    }
    while (s.count == SLICE) {
        access a;
        tarn_view view;
        tarn_status status = tarn_look_begin(pool, &a, &view);
        if (status != TARN_OK) {
            return status;
        }
        objects_from(&view, &position, &s);
        access_end(&a);
        for (uint32_t i = 0; i < s.count; i++) {
            if (!visit(&s.blocks[i], context)) {
                return TARN_OK;
            }
        }
    }
    return TARN_OK;
}

tarn_status tarn_slab_walk_held(const tarn_pool *pool, tarn_visit *visit, void *context)
{
    access a;
    tarn_view view;
    tarn_block object;
    uint64_t position = 0;
    tarn_status status = tarn_look_begin(pool, &a, &view);
    if (status == TARN_OK) {
        while (tarn_slab_next(&view, &position, &object) && visit(&object, context)) {
        }
        access_end(&a);
    }
    return status;
}

/* ---- one address, and everything ---- */

/* Under the lock. The wilderness counts as the block it will become. */
static tarn_status find_block(const access *a, const tarn_view *view, const void *address, tarn_block *record)
{
    block_ref b;
    uintptr_t distance = (uintptr_t)address - (uintptr_t)a->im.base + image_lead_bytes(&a->im);
    uint64_t offset = (uint64_t)distance >> image_shift(&a->im);
    if (offset < view->first || offset >= view->end) {
        return TARN_E_FOREIGN;
    }
    if (tarn_slab_describe(view, distance - image_lead_bytes(&a->im), record)) {
        return TARN_OK;
    }
    if (offset >= view->top) {
        b.offset = view->top;
        b.size = view->end - view->top;
        b.header = 0;
    } else if (block_recognise(&a->im, address, &b) != TARN_OK && !block_around(&a->im, (uint32_t)offset, &b)) {
        return TARN_E_DAMAGED;
    }
    tarn_view_describe(view, &b, record);
    return TARN_OK;
}

tarn_status tarn_block_at(const tarn_pool *pool, const void *address, tarn_block *record)
{
    access a;
    tarn_view view;
    if (address == NULL || record == NULL) {
        return TARN_E_NULL;
    }
    tarn_status status = tarn_look_begin(pool, &a, &view);
    if (status == TARN_OK) {
        status = find_block(&a, &view, address, record);
        access_end(&a);
    }
    return status;
}

tarn_status tarn_check_begin(const tarn_pool *pool, access *a, tarn_view *view, tarn_finding *finding)
{
    memset(finding, 0, sizeof *finding);
    tarn_status status = tarn_look_begin(pool, a, view);
    finding->rule = status == TARN_E_DAMAGED ? TARN_RULE_HEADER : 0;
    return status;
}

tarn_status tarn_check(const tarn_pool *pool, tarn_finding *finding)
{
    access a;
    tarn_view view;
    tarn_finding unused;
    finding = finding != NULL ? finding : &unused;
    tarn_status status = tarn_check_begin(pool, &a, &view, finding);
    if (status == TARN_OK) {
        status = tarn_view_check(&view, finding);
        access_end(&a);
    }
    return status;
}
