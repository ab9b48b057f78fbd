/* SPDX-License-Identifier: MIT */
/*
 * Blocks of a heap: the operations of pool.c and resize.c over whichever region has the block, under the heap's lock.
 * Requests are in regions_take.c.
 *
 * HB1 A refused call changes nothing but the heap's refusal count; a region that could not serve counts nothing,
 *     because the next one may.
 * HB2 No user byte is read or written under the lock, and no event raised.
 * Bound: regions.h.
 */
#include "regions_take.h"

#include "called.h"
#include "events.h"
#include "leave.h"
#include "policy.h"
#include "registry.h"

/* ---- one block ---- */

/* A block found in a heap; on success the lock is held. */
typedef struct heap_found {
    uintptr_t state;
    const heap_region *region;
    image im;
    block_ref block;
} heap_found;

/* Bytes that are the program's. A block with a tail is in no region with lines. */
static size_t region_block_usable(const heap_found *f)
{
    return layout_has_tail(f->im.layout) ? block_usable(&f->im, &f->block)
                                         : region_usable(f->region, &f->im, f->block.size);
}

/* Under the lock. */
static tarn_status heap_find_block(const tarn_heap *heap, const void *address, heap_found *f)
{
    f->region = heap_find(heap, address);
    f->block = (block_ref){0, 0, 0};
    if (f->region == NULL) {
        return TARN_E_FOREIGN;
    }
    return region_open(f->region, &f->im) ? block_admit(&f->im, address, &f->block) : region_refusal(f->region);
}

/* Under the lock, of a change to a block: the region's policy is about the region. */
static void meet_damage(const heap_found *f, tarn_status status)
{
    image im;
    if (status == TARN_E_DAMAGED && region_open(f->region, &im)) {
        tarn_policy_close(&im, status);
    }
}

/* changing: the block has to be whole, and a refusal is the caller's mistake and is counted. */
static tarn_status heap_open_block(tarn_heap *heap, const void *address, bool changing, heap_found *f)
{
    tarn_status status = address == NULL ? TARN_E_NULL : heap_begin(heap, &f->state);
    if (status != TARN_OK) {
        return status;
    }
    status = heap_find_block(heap, address, f);
    if (status == TARN_OK && changing && layout_has_tail(f->im.layout) && !tarn_tail_guards(&f->im, &f->block)) {
        status = TARN_E_DAMAGED;
    }
    if (status != TARN_OK) {
        heap->refusals += changing ? 1u : 0u;
        meet_damage(f, changing ? status : TARN_OK);
        heap_end(heap, f->state);
    }
    return status;
}

/* Tells what was refused, which has been counted: the pointer or the size. Returns the status for the caller to pass
 * on. */
static tarn_status refuse(const tarn_heap *heap, tarn_status status, const void *block, size_t size, uint32_t verdict,
                          const void *caller)
{
    event_raise_from(refusal_event(status), status, (const tarn_pool *)heap, block, size, 0, caller, verdict);
    return status;
}

tarn_status tarn_heap_recognise(tarn_heap *heap, const void *address)
{
    heap_found f;
    tarn_status status = heap_open_block(heap, address, false, &f);
    if (status == TARN_OK) {
        heap_end(heap, f.state);
    }
    return status;
}

size_t tarn_heap_usable(tarn_heap *heap, const void *address)
{
    heap_found f;
    if (heap_open_block(heap, address, false, &f) != TARN_OK) {
        return 0;
    }
    size_t usable = region_block_usable(&f);
    heap_end(heap, f.state);
    return usable;
}

/* Refusals that are no damage are the answer and nothing more. */
static tarn_status heap_change(tarn_heap *heap, const void *address, word_change *c, const void *caller)
{
    heap_found f;
    tarn_status status = address == NULL ? TARN_E_NULL : heap_begin(heap, &f.state);
    if (status == TARN_OK) {
        status = heap_find_block(heap, address, &f);
        if (status == TARN_OK) {
            status = change_word(&f.im, &f.block, c);
        }
        heap->refusals += status == TARN_E_DAMAGED ? 1u : 0u;
        meet_damage(&f, status);
        heap_end(heap, f.state);
    }
    if (status == TARN_E_DAMAGED) {
        return refuse(heap, status, address, 0, TARN_WHY_DAMAGED, caller);
    }
    if (status == TARN_OK && !c->tags && c->before != c->value) {
        event_raise_from(TARN_EVENT_OWNER, TARN_OK, (const tarn_pool *)heap, address, c->before, 0, caller,
                         TARN_WHY_UNKNOWN);
    }
    return status;
}

PUBLIC_ENTRY tarn_status tarn_heap_owner_set(tarn_heap *heap, void *address, uint32_t owner)
{
    word_change c = {false, owner, NULL, 0};
    return heap_change(heap, address, &c, caller_here());
}

PUBLIC_ENTRY tarn_status tarn_heap_tag_set(tarn_heap *heap, void *address, uint32_t tag)
{
    word_change c = {true, tag, NULL, 0};
    return heap_change(heap, address, &c, caller_here());
}

/* ---- taking back ---- */

/* A block that is leaving, filled, becomes free. */
static tarn_status heap_take_back_filled(tarn_heap *heap, const void *address)
{
    heap_found f;
    tarn_status status = heap_begin(heap, &f.state);
    if (status != TARN_OK) {
        return status;
    }
    f.region = heap_find(heap, address);
    f.block = (block_ref){0, 0, 0};
    status = f.region == NULL ? TARN_E_FOREIGN : TARN_E_DAMAGED;
    if (f.region != NULL && region_open_any(f.region, &f.im)) { /* one closed meanwhile gets what was under way */
        uint32_t before = image_get(&f.im, IMAGE_USED);
        status = tarn_tail_leaving(&f.im, address, &f.block);
        status = status == TARN_OK ? release_block(&f.im, &f.block) : status;
        if (status == TARN_E_DAMAGED) {
            tarn_leave_mend(&f.im, address, true);
        }
        heap_count(heap, &f.im, before);
        meet_damage(&f, status);
    }
    heap->refusals += status != TARN_OK ? 1u : 0u;
    heap_end(heap, f.state);
    return status;
}

/* Of a block of a region that fills free memory: its bytes are filled outside the lock. Leaves the heap. Once it has
 * left the program there is nothing to undo (leave.h). */
static tarn_status leave_filled(tarn_heap *heap, const heap_found *f, void *address, bool *left)
{
    bool may = may_release_block(&f->im, &f->block);
    if (may) {
        tarn_tail_set_state(&f->im, &f->block, TAIL_LEAVING);
    }
    heap->refusals += may ? 0 : 1u;
    meet_damage(f, may ? TARN_OK : TARN_E_DAMAGED);
    heap_end(heap, f->state);
    if (!may) {
        return TARN_E_DAMAGED;
    }
    tarn_fill_outside(heap, f->im.layout, address, image_usable(&f->im, f->block.size));
    *left = true;
    return heap_take_back_filled(heap, address);
}

/* Takes the block back, or, if it carries pools that are still to be dropped, only finds out whether it could. The size
 * of such a block is then in r->carrying. */
static tarn_status heap_take_back(tarn_heap *heap, void *address, bool dropped, returned *r)
{
    heap_found f;
    tarn_status status = heap_open_block(heap, address, true, &f);
    if (status != TARN_OK) {
        return status;
    }
    if ((f.block.header & BLOCK_MARK) != 0 && !dropped) {
        r->carrying = image_usable(&f.im, f.block.size);
        status = may_release_block(&f.im, &f.block) ? TARN_OK : TARN_E_DAMAGED;
    } else if (layout_fills(f.im.layout)) {
        return leave_filled(heap, &f, address, &r->left);
    } else {
        uint32_t before = image_get(&f.im, IMAGE_USED);
        status = release_block(&f.im, &f.block);
        heap_count(heap, &f.im, before);
    }
    heap->refusals += status != TARN_OK ? 1u : 0u;
    meet_damage(&f, status);
    heap_end(heap, f.state);
    return status;
}

tarn_status tarn_heap_free_called(tarn_heap *heap, void *address, const void *caller)
{
    const tarn_pool *pool = (const tarn_pool *)heap;
    if (address == NULL) {
        return refuse(heap, TARN_E_NULL, address, 0, TARN_WHY_UNKNOWN, caller);
    }
    event_raise_from(TARN_EVENT_FREE, TARN_OK, pool, address, 0, 0, caller, TARN_WHY_UNKNOWN);
    returned r = {0, REMEDY_NONE, false, 0};
    tarn_status status = heap_take_back(heap, address, false, &r);
    if (status == TARN_OK && r.carrying != 0) {
        tarn_registry_drop_inside(address, r.carrying, false);
        status = heap_take_back(heap, address, true, &r);
    }
    if (status != TARN_OK && !r.left) {
        event_raise_from(TARN_EVENT_UNDO, status, pool, address, 0, 0, caller, TARN_WHY_UNKNOWN);
    }
    return status == TARN_OK ? TARN_OK : refuse(heap, status, address, 0, TARN_WHY_UNKNOWN, caller);
}

PUBLIC_ENTRY tarn_status tarn_heap_free(tarn_heap *heap, void *address)
{
    return tarn_heap_free_called(heap, address, caller_here());
}

/* ---- changing size ---- */

/* What heap_resize_in_place() found out about the block for whoever goes on. */
typedef struct heap_resident {
    size_t bytes;  /* that were the caller's before */
    bool may_move; /* in: the caller would move it; out: and it carries no pool */
    uint32_t verdict;
    origin kept; /* module and tag */
} heap_resident;

static bool may_fit_elsewhere(tarn_status status)
{
    return status == TARN_E_EXHAUSTED || status == TARN_E_NEVER_FITS || status == TARN_E_QUOTA;
}

/* Outside the lock: fills what the block would lose to a new size where it stands, where free memory is filled. */
static void fill_cut(tarn_heap *heap, void *address, size_t size, const tarn_request *request)
{
    heap_found f;
    if (address == NULL || heap_begin(heap, &f.state) != TARN_OK) {
        return;
    }
    size_t bytes = 0;
    size = size == 0 ? 1u : size;
    bool cuts = heap_find_block(heap, address, &f) == TARN_OK && layout_fills(f.im.layout) &&
                (f.block.header & BLOCK_MARK) == 0 && tarn_tail_admit_whole(&f.im, &f.block) == TARN_OK &&
                region_serves_any(f.region, request) &&
                may_trim_block(&f.im, &f.block, region_granules(f.region, &f.im, size));
    if (cuts) {
        size_t alignment = region_alignment(f.region, request_alignment(request));
        bytes = ((uintptr_t)address & (alignment - 1u)) == 0 ? block_usable(&f.im, &f.block) : 0;
    }
    heap_end(heap, f.state);
    if (size < bytes) {
        tarn_fill_outside(heap, f.im.layout, (unsigned char *)address + size, bytes - size);
    }
}

/* Where the region does not serve the request the block has to leave it; where it is too small, another may do. */
static tarn_status heap_resize_in_place(tarn_heap *heap, void *address, size_t size, const tarn_request *request,
                                        heap_resident *r)
{
    heap_found f;
    if (heap == NULL) {
        return TARN_E_NULL;
    }
    if (heap_is(heap) && (word_load_shared(&heap->notes) & HEAP_NOTES_FILL) != 0) {
        fill_cut(heap, address, size, request);
    }
    tarn_status status = heap_open_block(heap, address, true, &f);
    if (status != TARN_OK) {
        return status;
    }
    uint32_t before = image_get(&f.im, IMAGE_USED);
    r->bytes = region_block_usable(&f);
    status = TARN_E_EXHAUSTED;
    if (region_serves_any(f.region, request)) {
        size_t alignment = region_alignment(f.region, request_alignment(request));
        uint32_t need = region_granules(f.region, &f.im, size);
        new_extent w = {size, need, alignment};
        status = resize_block(&f.im, &f.block, &w);
        r->verdict = refusal_verdict(&f.im, status, need > f.block.size ? need - f.block.size : need);
        heap_count(heap, &f.im, before);
    }
    r->may_move = r->may_move && (f.block.header & BLOCK_MARK) == 0;
    if (status != TARN_OK) {
        keep_purpose(&f.im, &f.block, &r->kept);
        heap->refusals += r->may_move && may_fit_elsewhere(status) ? 0 : 1u;
        meet_damage(&f, status);
    }
    heap_end(heap, f.state);
    return status;
}

PUBLIC_ENTRY tarn_status tarn_heap_resize(tarn_heap *heap, void *address, size_t size)
{
    heap_resident r = {.may_move = false};
    const void *caller = caller_here();
    const tarn_pool *pool = (const tarn_pool *)heap;
    event_raise_from(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, 0, caller, TARN_WHY_UNKNOWN);
    tarn_status status = heap_resize_in_place(heap, address, size, NULL, &r);
    if (status != TARN_OK) {
        event_raise_from(TARN_EVENT_UNDO, status, pool, address, size, 0, caller, TARN_WHY_UNKNOWN);
        return refuse(heap, status, address, size, r.verdict, caller);
    }
    event_raise(TARN_EVENT_RESIZED, TARN_OK, (const tarn_pool *)heap, address, size, 0);
    return TARN_OK;
}

/* What a realloc asks for, on its way to a new place. */
typedef struct heap_moving {
    size_t bytes; /* to keep */
    size_t size;
    const tarn_request *request;
    const void *caller;
} heap_moving;

/* The block begins further left, if its region serves the request. NULL if that is not possible. */
static void *heap_shift_left(tarn_heap *heap, const void *address, const heap_moving *m)
{
    heap_found f;
    origin o = {.caller = m->caller};
    if (tarn_heap_enter_noting(heap, &o, &f.state) != TARN_OK) {
        return NULL;
    }
    void *moved = NULL;
    if (heap_find_block(heap, address, &f) == TARN_OK && region_serves_any(f.region, m->request)) {
        uint32_t before = image_get(&f.im, IMAGE_USED);
        moved = relocate_left(&f.im, address, region_granules(f.region, &f.im, m->size),
                              region_alignment(f.region, request_alignment(m->request)), &o);
        heap_count(heap, &f.im, before);
    }
    heap_end(heap, f.state);
    return moved;
}

/* The new block contains the old one, so that ALLOC makes all of it addressable before the payload moves down. */
static void *heap_grow_left(tarn_heap *heap, const void *address, const heap_moving *m)
{
    const tarn_pool *pool = (const tarn_pool *)heap;
    event_raise_from(TARN_EVENT_FREE, TARN_OK, pool, address, 0, 0, m->caller, TARN_WHY_UNKNOWN);
    void *moved = heap_shift_left(heap, address, m);
    if (moved == NULL) {
        event_raise_from(TARN_EVENT_UNDO, TARN_E_EXHAUSTED, pool, address, 0, 0, m->caller, TARN_WHY_UNKNOWN);
        return NULL;
    }
    event_raise_from(TARN_EVENT_ALLOC, TARN_OK, pool, moved, m->size, request_alignment(m->request), m->caller,
                     TARN_WHY_UNKNOWN);
    size_t bytes = m->bytes < m->size ? m->bytes : m->size;
    event_enter(heap, address, bytes);
    memmove(moved, address, bytes);
    event_leave(heap, address, bytes);
    return moved;
}

/* A new block wherever the request allows, the contents, and the old block back. */
static void *heap_move_block(tarn_heap *heap, void *address, const heap_moving *m, const origin *kept)
{
    static const tarn_request any;
    tarn_request request = m->request != NULL ? *m->request : any;
    request.module = kept->module;
    void *moved = tarn_heap_alloc_ungated(heap, m->size, &request, m->caller);
    if (moved == NULL) {
        return NULL;
    }
    if (kept->tag != 0) {
        (void)tarn_heap_tag_set(heap, moved, kept->tag);
    }
    size_t bytes = m->bytes < m->size ? m->bytes : m->size;
    event_enter(heap, address, bytes);
    memcpy(moved, address, bytes);
    event_leave(heap, address, bytes);
    if (tarn_heap_free_called(heap, address, m->caller) != TARN_OK && tarn_heap_recognise(heap, address) == TARN_OK) {
        (void)tarn_heap_free_called(heap, moved, m->caller); /* as in a pool */
        return NULL;
    }
    return moved;
}

void *tarn_heap_realloc_called(tarn_heap *heap, void *address, size_t size, const tarn_request *request,
                               const void *caller)
{
    if (address == NULL) {
        return tarn_heap_alloc_called(heap, size, request, caller);
    }
    if (tarn_heap_turned_away(heap, size, request, caller)) {
        return NULL;
    }
    const tarn_pool *pool = (const tarn_pool *)heap;
    size_t alignment = request_alignment(request);
    heap_resident r = {.may_move = true};
    event_raise_from(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, alignment, caller, TARN_WHY_UNKNOWN);
    tarn_status status = TARN_E_ARGUMENT;
    if (request_is_legal(request)) {
        status = heap_resize_in_place(heap, address, size, request, &r);
    } else {
        tarn_heap_refused(heap);
    }
    if (status == TARN_OK) {
        event_raise(TARN_EVENT_RESIZED, TARN_OK, pool, address, size, request_alignment(request));
        return address;
    }
    event_raise_from(TARN_EVENT_UNDO, status, pool, address, size, alignment, caller, TARN_WHY_UNKNOWN);
    if (!may_fit_elsewhere(status) || !r.may_move) {
        (void)refuse(heap, status, address, size, r.verdict, caller);
        return NULL;
    }
    heap_moving m = {r.bytes, size, request, caller};
    void *moved = heap_grow_left(heap, address, &m);
    return moved != NULL ? moved : heap_move_block(heap, address, &m, &r.kept);
}

PUBLIC_ENTRY void *tarn_heap_realloc(tarn_heap *heap, void *address, size_t size, const tarn_request *request)
{
    return tarn_heap_realloc_called(heap, address, size, request, caller_here());
}

/* ---- nesting ---- */

tarn_status tarn_heap_mark(const tarn_registration *outer, const void *start, size_t bytes, bool carries,
                           carrier *carrying)
{
    tarn_heap *heap = (tarn_heap *)(uintptr_t)outer->pool;
    heap_found f;
    tarn_status status = heap_begin(heap, &f.state);
    if (status != TARN_OK) {
        return status;
    }
    f.region = heap_find(heap, start);
    f.block = (block_ref){0, 0, 0};
    status = TARN_E_NOT_A_BLOCK;
    if (f.region != NULL && region_open(f.region, &f.im)) {
        status = find_carrier(&f.im, start, bytes, &f.block);
    }
    if (status == TARN_OK) {
        carrying->start = image_payload(&f.im, f.block.offset);
        carrying->bytes = region_block_usable(&f);
        uint32_t flags = carries ? f.block.header | BLOCK_MARK : f.block.header & ~BLOCK_MARK;
        block_write(&f.im, f.block.offset, f.block.size, flags);
    }
    heap_end(heap, f.state);
    return status;
}
