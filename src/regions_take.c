/* SPDX-License-Identifier: MIT */
/*
 * Requests to a heap: the region that serves is found, and takes as a pool does (pool.c). What regions_blocks.c says
 * holds here too (HB1, HB2).
 *
 * Bound: regions.h.
 */
#include "regions_take.h"

#include "called.h"
#include "events.h"
#include "gate.h"
#include "leave.h"
#include "policy.h"

/* A request on its way, and what it came to. */
typedef struct taking {
    size_t size;
    const tarn_request *request;
    origin from;
    bool counts; /* a refusal */
    tarn_status status;
    uint32_t verdict; /* TARN_WHY_*, the greatest of any region */
    void *block;
    tarn_pool *damaged; /* that had to be passed over, NULL if none */
    void *held;         /* block that was set aside, NULL if none was */
    image im;           /* of the region that served */
    fill_break broken;  /* what had been written to where its end is written over */
} taking;

/* How much a reason says: damage most, then what can be changed, then that it may fit later, then that it never will.
 * */
static uint32_t weight(tarn_status status)
{
    switch (status) {
    case TARN_E_DAMAGED:
        return 4;
    case TARN_E_CLOSED:
        return 3;
    case TARN_E_QUOTA:
        return 2;
    case TARN_E_EXHAUSTED:
        return 1;
    default:
        return 0;
    }
}

/* One region more had no room. */
static void heap_note_refusal(taking *t, const heap_region *region, tarn_status status, uint32_t verdict)
{
    t->damaged = status == TARN_E_DAMAGED ? region_pool(region) : t->damaged;
    t->status = weight(status) > weight(t->status) ? status : t->status;
    t->verdict = verdict > t->verdict ? verdict : t->verdict;
}

/* Under the lock; true if the region had room. */
static bool region_take(tarn_heap *heap, const heap_region *region, taking *t)
{
    image im;
    uint32_t offset = 0;
    if (!region_open(region, &im)) {
        heap_note_refusal(t, region, region_refusal(region), TARN_WHY_DAMAGED);
        return false;
    }
    uint32_t before = image_get(&im, IMAGE_USED);
    uint32_t top = image_get(&im, IMAGE_TOP);
    uint32_t need = region_granules(region, &im, t->size);
    size_t alignment = region_alignment(region, request_alignment(t->request));
    tarn_status status = has_owner(&im) ? take_noted(&im, need, alignment, &t->from, &offset)
                                        : take_granules(&im, need, alignment, &offset);
    if (status != TARN_OK) {
        heap_note_refusal(t, region, status, refusal_verdict(&im, status, need));
        tarn_policy_close(&im, status);
        return false;
    }
    t->im = im;
    t->broken = (fill_break){NULL, 0};
    if (layout_has_tail(im.layout)) {
        t->broken = tarn_dress_block(&im, offset, top, t->size);
    }
    heap_count(heap, &im, before);
    note_alignment(&im, region_line(region) | (size_t)1); /* a line is an alignment that nobody had to ask for */
    t->block = image_payload(&im, offset);
    t->status = TARN_OK;
    return true;
}

/* Under the lock: every region that serves the mask, in turn; true once one had room. */
static bool take_by_mask(tarn_heap *heap, uint32_t mask, taking *t)
{
    for (uint32_t i = 0; i < heap->count; i++) {
        const heap_region *region = heap_turn(heap, i);
        if (region == NULL) {
            t->status = TARN_E_DAMAGED;
            t->verdict = TARN_WHY_DAMAGED;
            break;
        }
        if (region_serves(region, mask) && region_take(heap, region, t)) {
            return true;
        }
    }
    return false;
}

/* Under the lock. */
static void take_if_legal(tarn_heap *heap, taking *t)
{
    bool taken = false;
    bool legal = request_is_legal(t->request);
    t->status = legal ? TARN_E_NEVER_FITS : TARN_E_ARGUMENT;
    t->verdict = legal ? TARN_WHY_NEVER_FITS : TARN_WHY_UNKNOWN;
    for (uint32_t i = 0; legal && i < request_count(t->request) && !taken; i++) {
        taken = take_by_mask(heap, request_mask(t->request, i), t);
    }
    heap->refusals += !taken && t->counts ? 1u : 0u;
}

static void raise_taking(const tarn_heap *heap, const taking *t)
{
    size_t alignment = request_alignment(t->request);
    if (t->damaged != NULL) {
        event_raise_from(TARN_EVENT_CORRUPT, TARN_E_DAMAGED, t->damaged, NULL, t->size, alignment, t->from.caller,
                         TARN_WHY_DAMAGED);
    }
    if (t->held != NULL) {
        tarn_tell_held(heap, t->held, t->size, alignment, t->from.caller, t->broken);
        return;
    }
    bool served = t->status == TARN_OK;
    event_raise_from(served ? TARN_EVENT_ALLOC : TARN_EVENT_FAIL, t->status, (const tarn_pool *)heap, t->block, t->size,
                     alignment, t->from.caller, served ? TARN_WHY_UNKNOWN : t->verdict);
}

void tarn_heap_refused(tarn_heap *heap)
{
    uintptr_t state;
    if (heap_begin(heap, &state) == TARN_OK) {
        heap->refusals++;
        heap_end(heap, state);
    }
}

tarn_status tarn_heap_enter_noting(tarn_heap *heap, origin *o, uintptr_t *state)
{
    tarn_status status = heap_begin(heap, state);
    if (status == TARN_OK && (heap->notes & HEAP_NOTES_CALLERS) != 0) {
        heap_end(heap, *state);
        tarn_origin_ask(o);
        status = heap_begin(heap, state);
    }
    return status;
}

/* A request with nothing tried yet; counts: if it fails it has failed for good. */
static taking request_begin(size_t size, const tarn_request *request, bool counts, const void *caller)
{
    taking t = {.size = size, .request = request, .counts = counts, .from = {.caller = caller}};
    t.from.module = request_module(request);
    return t;
}

/* Outside the lock: what was taken had not been written to while it was free, or is set aside. */
static void verify_taken(tarn_heap *heap, taking *t)
{
    image im;
    block_ref b;
    uintptr_t state;
    const tarn_pool *pool = (const tarn_pool *)heap;
    if (t->block == NULL || (t->broken.at == NULL && tarn_payload_sound(pool, &t->im, t->block, t->size))) {
        return;
    }
    t->held = t->block;
    t->block = NULL;
    t->status = TARN_E_DAMAGED;
    t->verdict = TARN_WHY_DAMAGED;
    if (heap_begin(heap, &state) == TARN_OK) {
        const heap_region *region = heap_find(heap, t->held);
        if (region != NULL && region_open(region, &im) && block_recognise(&im, t->held, &b) == TARN_OK) {
            tarn_hold_block(&im, &b, &t->from);
            tarn_policy_close(&im, TARN_E_DAMAGED);
        }
        heap->refusals++;
        heap_end(heap, state);
    }
}

static void heap_try_request(tarn_heap *heap, taking *t)
{
    uintptr_t state;
    t->status = tarn_heap_enter_noting(heap, &t->from, &state);
    if (t->status == TARN_OK) {
        take_if_legal(heap, t);
        heap_end(heap, state);
        verify_taken(heap, t);
    }
}

/* What the gates make of a request that failed and was not counted. */
static void heap_try_relieved(tarn_heap *heap, taking *t)
{
    if (gate_relieves(heap, t->size, request_alignment(t->request), t->from.module, t->status)) {
        *t = request_begin(t->size, t->request, true, t->from.caller);
        heap_try_request(heap, t);
    } else if (t->held == NULL) {
        tarn_heap_refused(heap);
    }
}

void *tarn_heap_alloc_ungated(tarn_heap *heap, size_t size, const tarn_request *request, const void *caller)
{
    bool final = !gate_is_there();
    taking t = request_begin(size, request, final, caller);
    heap_try_request(heap, &t);
    if (t.block == NULL && !final) {
        heap_try_relieved(heap, &t);
    }
    raise_taking(heap, &t);
    return t.block;
}

bool tarn_heap_turned_away(tarn_heap *heap, size_t size, const tarn_request *request, const void *caller)
{
    tarn_status status = gate_ask(heap, size, request_alignment(request), request_module(request));
    if (status != TARN_OK) {
        tarn_heap_refused(heap);
        event_raise_from(TARN_EVENT_FAIL, status, (const tarn_pool *)heap, NULL, size, request_alignment(request),
                         caller, TARN_WHY_UNKNOWN);
    }
    return status != TARN_OK;
}

void *tarn_heap_alloc_called(tarn_heap *heap, size_t size, const tarn_request *request, const void *caller)
{
    return tarn_heap_turned_away(heap, size, request, caller) ? NULL
                                                              : tarn_heap_alloc_ungated(heap, size, request, caller);
}

PUBLIC_ENTRY void *tarn_heap_alloc(tarn_heap *heap, size_t size, const tarn_request *request)
{
    return tarn_heap_alloc_called(heap, size, request, caller_here());
}

void *tarn_heap_calloc_called(tarn_heap *heap, size_t count, size_t size, const tarn_request *request,
                              const void *caller)
{
    if (size != 0 && count > SIZE_MAX / size) {
        tarn_heap_refused(heap);
        event_raise_from(TARN_EVENT_FAIL, TARN_E_NEVER_FITS, (const tarn_pool *)heap, NULL, SIZE_MAX, 0, caller,
                         TARN_WHY_NEVER_FITS);
        return NULL;
    }
    void *block = tarn_heap_alloc_called(heap, count * size, request, caller);
    if (block != NULL) {
        memset(block, 0, count * size);
    }
    return block;
}

PUBLIC_ENTRY void *tarn_heap_calloc(tarn_heap *heap, size_t count, size_t size, const tarn_request *request)
{
    return tarn_heap_calloc_called(heap, count, size, request, caller_here());
}
