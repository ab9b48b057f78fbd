/* SPDX-License-Identifier: MIT */
/*
 * Blocks of a heap: the operations of pool.c over whichever region serves, under the heap's lock.
 *
 * HB1 A refused call changes nothing but the heap's refusal count; a region that could not serve counts nothing,
 *     because the next one may.
 * HB2 No user byte is read or written under the lock, and no event raised.
 * Bound: regions.h.
 */
#include "heap.h"

#include "events.h"
#include "gate.h"
#include "registry.h"
#include "steps.h"

/* ---- handing out ---- */

/* What a request came to. */
typedef struct taking {
    tarn_status status;
    void *block;
    tarn_pool *damaged; /* that had to be passed over, NULL if none */
} taking;

static size_t request_alignment(const tarn_request *request)
{
    return request == NULL ? 0 : request->alignment;
}

static tarn_status region_take(tarn_heap *heap, const heap_region *region, size_t size, size_t alignment, void **block)
{
    image im;
    uint32_t offset = 0;
    if (!region_open(region, &im)) {
        return TARN_E_DAMAGED;
    }
    uint32_t before = image_get(&im, IMAGE_USED);
    tarn_status status =
        take_granules(&im, region_granules(region, &im, size), region_alignment(region, alignment), &offset);
    if (status == TARN_OK) {
        heap_count(heap, &im, before);
        note_alignment(&im, region_line(region) | (size_t)1); /* a line is an alignment that nobody had to ask for */
        set_first_owner(&im, offset, has_owner(&im) ? TARN_OWNER(0, tarn_port_task()) : 0);
        *block = image_payload(&im, offset);
    }
    return status;
}

/* Of two reasons the one that says more: damage, then that it may fit later, then that it never will. */
static tarn_status worse(tarn_status a, tarn_status b)
{
    if (a == TARN_E_DAMAGED || b == TARN_E_DAMAGED) {
        return TARN_E_DAMAGED;
    }
    return a == TARN_E_EXHAUSTED ? a : b;
}

/* Under the lock: every region that serves the mask, in turn; true once one had room. */
static bool take_by_mask(tarn_heap *heap, uint32_t mask, size_t size, size_t alignment, taking *t)
{
    for (uint32_t i = 0; i < heap->count; i++) {
        const heap_region *region = heap_turn(heap, i);
        if (region == NULL) {
            t->status = TARN_E_DAMAGED;
            break;
        }
        if (!region_serves(region, mask)) {
            continue;
        }
        tarn_status status = region_take(heap, region, size, alignment, &t->block);
        if (status == TARN_OK) {
            t->status = TARN_OK;
            return true;
        }
        t->damaged = status == TARN_E_DAMAGED ? region_pool(region) : t->damaged;
        t->status = worse(status, t->status);
    }
    return false;
}

static void take_by_request(tarn_heap *heap, size_t size, const tarn_request *request, taking *t)
{
    bool taken = false;
    for (uint32_t i = 0; i < request_count(request) && !taken; i++) {
        taken = take_by_mask(heap, request_mask(request, i), size, request_alignment(request), t);
    }
}

static void raise_taking(const tarn_heap *heap, const taking *t, size_t size, size_t alignment)
{
    if (t->damaged != NULL) {
        event_raise(TARN_EVENT_CORRUPT, TARN_E_DAMAGED, t->damaged, NULL, size, alignment);
    }
    uint32_t kind = t->status == TARN_OK ? TARN_EVENT_ALLOC : TARN_EVENT_FAIL;
    event_raise(kind, t->status, (const tarn_pool *)heap, t->block, size, alignment);
}

/* Of a request that no region was asked for. */
static void heap_refused(tarn_heap *heap)
{
    uintptr_t state;
    if (heap_begin(heap, &state) == TARN_OK) {
        heap->refusals++;
        heap_end(heap, state);
    }
}

/* Under the lock. */
static tarn_status take_if_legal(tarn_heap *heap, size_t size, const tarn_request *request, taking *t)
{
    if (!request_is_legal(request)) {
        return TARN_E_ARGUMENT;
    }
    t->status = TARN_E_NEVER_FITS;
    take_by_request(heap, size, request, t);
    return t->status;
}

/* counting: if it fails it has failed for good. */
static taking try_request(tarn_heap *heap, size_t size, const tarn_request *request, bool counting)
{
    uintptr_t state;
    taking t = {TARN_E_ARGUMENT, NULL, NULL};
    t.status = heap_begin(heap, &state);
    if (t.status == TARN_OK) {
        t.status = take_if_legal(heap, size, request, &t);
        heap->refusals += t.status != TARN_OK && counting ? 1u : 0u;
        heap_end(heap, state);
    }
    return t;
}

/* What the gates make of a request that failed and was not counted. */
static void try_relieved(tarn_heap *heap, size_t size, const tarn_request *request, taking *t)
{
    if (gate_relieves(heap, size, request_alignment(request), 0, t->status)) {
        *t = try_request(heap, size, request, true);
    } else {
        heap_refused(heap);
    }
}

/* Serves a request that the gates, if there are any, let pass. */
static void *serve_request(tarn_heap *heap, size_t size, const tarn_request *request)
{
    bool final = !gate_is_there();
    taking t = try_request(heap, size, request, final);
    if (t.block == NULL && !final) {
        try_relieved(heap, size, request, &t);
    }
    raise_taking(heap, &t, size, request_alignment(request));
    return t.block;
}

/* True, and the request refused, if a gate says so. */
static bool turned_away(tarn_heap *heap, size_t size, const tarn_request *request)
{
    tarn_status status = gate_ask(heap, size, request_alignment(request), 0);
    if (status != TARN_OK) {
        heap_refused(heap);
        event_raise(TARN_EVENT_FAIL, status, (const tarn_pool *)heap, NULL, size, request_alignment(request));
    }
    return status != TARN_OK;
}

void *tarn_heap_alloc(tarn_heap *heap, size_t size, const tarn_request *request)
{
    return turned_away(heap, size, request) ? NULL : serve_request(heap, size, request);
}

void *tarn_heap_calloc(tarn_heap *heap, size_t count, size_t size, const tarn_request *request)
{
    if (size != 0 && count > SIZE_MAX / size) {
        heap_refused(heap);
        event_raise(TARN_EVENT_FAIL, TARN_E_NEVER_FITS, (const tarn_pool *)heap, NULL, SIZE_MAX, 0);
        return NULL;
    }
    void *block = tarn_heap_alloc(heap, count * size, request);
    if (block != NULL) {
        memset(block, 0, count * size);
    }
    return block;
}

/* ---- one block ---- */

/* A block found in a heap; on success the lock is held. */
typedef struct found {
    uintptr_t state;
    const heap_region *region;
    image im;
    block_ref block;
} found;

/* Under the lock. */
static tarn_status find_block(const tarn_heap *heap, const void *address, found *f)
{
    f->region = heap_find(heap, address);
    f->block = (block_ref){0, 0, 0};
    if (f->region == NULL) {
        return TARN_E_FOREIGN;
    }
    return region_open(f->region, &f->im) ? block_recognise(&f->im, address, &f->block) : TARN_E_DAMAGED;
}

/* counting: a refusal is the caller's mistake and is counted. */
static tarn_status open_block(tarn_heap *heap, const void *address, bool counting, found *f)
{
    tarn_status status = address == NULL ? TARN_E_NULL : heap_begin(heap, &f->state);
    if (status != TARN_OK) {
        return status;
    }
    status = find_block(heap, address, f);
    if (status != TARN_OK) {
        heap->refusals += counting ? 1u : 0u;
        heap_end(heap, f->state);
    }
    return status;
}

/* Tells what was refused, which has been counted: the pointer or the size. Returns the status for the caller to pass
 * on. */
static tarn_status refuse(const tarn_heap *heap, tarn_status status, const void *block, size_t size)
{
    event_raise(refusal_event(status), status, (const tarn_pool *)heap, block, size, 0);
    return status;
}

tarn_status tarn_heap_recognise(tarn_heap *heap, const void *address)
{
    found f;
    tarn_status status = open_block(heap, address, false, &f);
    if (status == TARN_OK) {
        heap_end(heap, f.state);
    }
    return status;
}

size_t tarn_heap_usable(tarn_heap *heap, const void *address)
{
    found f;
    if (open_block(heap, address, false, &f) != TARN_OK) {
        return 0;
    }
    size_t usable = region_usable(f.region, &f.im, f.block.size);
    heap_end(heap, f.state);
    return usable;
}

tarn_status tarn_heap_owner_set(tarn_heap *heap, void *address, uint32_t owner)
{
    found f;
    tarn_status status = open_block(heap, address, false, &f);
    if (status != TARN_OK) {
        return status;
    }
    if (has_owner(&f.im)) {
        word_store(owner_word(&f.im, f.block.offset), owner);
    } else {
        status = TARN_E_ARGUMENT;
    }
    heap_end(heap, f.state);
    return status;
}

/* ---- taking back ---- */

/* Takes the block back, or, if it carries pools that are still to be dropped, only finds out whether it could. The size
 * of such a block is then in *carrying. */
static tarn_status take_back(tarn_heap *heap, const void *address, bool dropped, size_t *carrying)
{
    found f;
    tarn_status status = open_block(heap, address, true, &f);
    if (status != TARN_OK) {
        return status;
    }
    const tarn_engine *engine = engine_of(&f.im);
    if ((f.block.header & BLOCK_MARK) != 0 && !dropped) {
        *carrying = image_usable(&f.im, f.block.size);
        status = engine->may_release(&f.im, &f.block) ? TARN_OK : TARN_E_DAMAGED;
    } else {
        uint32_t before = image_get(&f.im, IMAGE_USED);
        status = engine->release(&f.im, &f.block);
        heap_count(heap, &f.im, before);
    }
    heap->refusals += status != TARN_OK ? 1u : 0u;
    heap_end(heap, f.state);
    return status;
}

tarn_status tarn_heap_free(tarn_heap *heap, void *address)
{
    if (address == NULL) {
        return refuse(heap, TARN_E_NULL, address, 0);
    }
    event_raise(TARN_EVENT_FREE, TARN_OK, (const tarn_pool *)heap, address, 0, 0);
    size_t carrying = 0;
    tarn_status status = take_back(heap, address, false, &carrying);
    if (status == TARN_OK && carrying != 0) {
        tarn_registry_drop_inside(address, carrying, false);
        status = take_back(heap, address, true, &carrying);
    }
    if (status != TARN_OK) {
        event_raise(TARN_EVENT_UNDO, status, (const tarn_pool *)heap, address, 0, 0);
        return refuse(heap, status, address, 0);
    }
    return TARN_OK;
}

/* ---- changing size ---- */

/* What resize_in_place() found out about the block for whoever goes on. */
typedef struct resident {
    size_t bytes;  /* that were the caller's before */
    bool may_move; /* in: the caller would move it; out: and it carries no pool */
} resident;

/* Where the region does not serve the request the block has to leave it; where it is too small, another may do. */
static tarn_status resize_in_place(tarn_heap *heap, const void *address, size_t size, const tarn_request *request,
                                   resident *r)
{
    found f;
    tarn_status status = open_block(heap, address, true, &f);
    if (status != TARN_OK) {
        return status;
    }
    uint32_t before = image_get(&f.im, IMAGE_USED);
    status = TARN_E_EXHAUSTED;
    if (region_serves_any(f.region, request)) {
        size_t alignment = region_alignment(f.region, request_alignment(request));
        status = resize_block(&f.im, &f.block, region_granules(f.region, &f.im, size), alignment);
        heap_count(heap, &f.im, before);
    }
    r->bytes = region_usable(f.region, &f.im, f.block.size);
    r->may_move = r->may_move && (f.block.header & BLOCK_MARK) == 0;
    bool elsewhere = r->may_move && (status == TARN_E_EXHAUSTED || status == TARN_E_NEVER_FITS);
    heap->refusals += status != TARN_OK && !elsewhere ? 1u : 0u;
    heap_end(heap, f.state);
    return status;
}

tarn_status tarn_heap_resize(tarn_heap *heap, void *address, size_t size)
{
    resident r = {0, false};
    event_raise(TARN_EVENT_RESIZE, TARN_OK, (const tarn_pool *)heap, address, size, 0);
    tarn_status status = resize_in_place(heap, address, size, NULL, &r);
    if (status != TARN_OK) {
        event_raise(TARN_EVENT_UNDO, status, (const tarn_pool *)heap, address, size, 0);
        return refuse(heap, status, address, size);
    }
    event_raise(TARN_EVENT_RESIZED, TARN_OK, (const tarn_pool *)heap, address, size, 0);
    return TARN_OK;
}

/* Under the lock: the block begins further left, if its region serves the request. NULL if that is not possible. */
static void *shift_left(tarn_heap *heap, const void *address, size_t size, const tarn_request *request)
{
    found f;
    if (open_block(heap, address, false, &f) != TARN_OK) {
        return NULL;
    }
    void *moved = NULL;
    uint32_t before = image_get(&f.im, IMAGE_USED);
    if (region_serves_any(f.region, request)) {
        moved = relocate_left(&f.im, address, region_granules(f.region, &f.im, size),
                              region_alignment(f.region, request_alignment(request)));
        heap_count(heap, &f.im, before);
    }
    heap_end(heap, f.state);
    return moved;
}

/* The new block contains the old one, so that ALLOC makes all of it addressable before the payload moves down. */
static void *grow_left(tarn_heap *heap, const void *address, size_t bytes, size_t size, const tarn_request *request)
{
    const tarn_pool *pool = (const tarn_pool *)heap;
    event_raise(TARN_EVENT_FREE, TARN_OK, pool, address, 0, 0);
    void *moved = shift_left(heap, address, size, request);
    if (moved == NULL) {
        event_raise(TARN_EVENT_UNDO, TARN_E_EXHAUSTED, pool, address, 0, 0);
        return NULL;
    }
    event_raise(TARN_EVENT_ALLOC, TARN_OK, pool, moved, size, request_alignment(request));
    bytes = bytes < size ? bytes : size;
    event_enter(heap, address, bytes);
    memmove(moved, address, bytes);
    event_leave(heap, address, bytes);
    return moved;
}

/* A new block wherever the request allows, the contents, and the old block back. */
static void *move_block(tarn_heap *heap, void *address, size_t bytes, size_t size, const tarn_request *request)
{
    void *moved = serve_request(heap, size, request);
    if (moved == NULL) {
        return NULL;
    }
    bytes = bytes < size ? bytes : size;
    event_enter(heap, address, bytes);
    memcpy(moved, address, bytes);
    event_leave(heap, address, bytes);
    (void)tarn_heap_free(heap, address);
    return moved;
}

void *tarn_heap_realloc(tarn_heap *heap, void *address, size_t size, const tarn_request *request)
{
    if (address == NULL) {
        return tarn_heap_alloc(heap, size, request);
    }
    if (turned_away(heap, size, request)) {
        return NULL;
    }
    const tarn_pool *pool = (const tarn_pool *)heap;
    resident r = {0, true};
    event_raise(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, request_alignment(request));
    tarn_status status = TARN_E_ARGUMENT;
    if (request_is_legal(request)) {
        status = resize_in_place(heap, address, size, request, &r);
    } else {
        heap_refused(heap);
    }
    if (status == TARN_OK) {
        event_raise(TARN_EVENT_RESIZED, TARN_OK, pool, address, size, request_alignment(request));
        return address;
    }
    event_raise(TARN_EVENT_UNDO, status, pool, address, size, request_alignment(request));
    if ((status != TARN_E_EXHAUSTED && status != TARN_E_NEVER_FITS) || !r.may_move) {
        (void)refuse(heap, status, address, size);
        return NULL;
    }
    void *moved = grow_left(heap, address, r.bytes, size, request);
    return moved != NULL ? moved : move_block(heap, address, r.bytes, size, request);
}

/* ---- nesting ---- */

tarn_status tarn_heap_mark(const tarn_pool *pool, const void *start, size_t bytes, bool carries, carrier *carrying)
{
    tarn_heap *heap = (tarn_heap *)(uintptr_t)pool;
    found f;
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
        carrying->bytes = region_usable(f.region, &f.im, f.block.size);
        uint32_t flags = carries ? f.block.header | BLOCK_MARK : f.block.header & ~BLOCK_MARK;
        block_write(&f.im, f.block.offset, f.block.size, flags);
    }
    heap_end(heap, f.state);
    return status;
}
