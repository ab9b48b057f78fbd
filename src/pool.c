/* SPDX-License-Identifier: MIT */
/*
 * The public operations on blocks: enter under the lock, recognise, let the engine work, leave; events and the copying
 * or filling of user memory happen outside the lock.
 *
 * P1 A refused call changes nothing but the refusal count.
 * P2 No user byte is read or written under the lock.
 * Bound: one or two engine operations per call; realloc that moves takes three. Where blocks wait (quarantine.h), one
 * more for each that leaves.
 */
#include "access.h"
#include "called.h"
#include "events.h"
#include "gate.h"
#include "leave.h"
#include "quarantine.h"
#include "registry.h"
#include "steps.h"

/* ---- handing out ---- */

/* Why a request is refused. */
typedef struct refusal {
    tarn_status status;
    uint32_t verdict; /* TARN_WHY_* */
    void *held;       /* block that was set aside and counted, NULL if none was */
    uint32_t waiting; /* so many blocks wait whose leaving may help: not refused yet; 0 if it is */
} refusal;

static inline refusal refused(tarn_status status)
{
    return (refusal){status, TARN_WHY_UNKNOWN, NULL, 0};
}

/* A request on its way. */
typedef struct demand {
    size_t size;
    size_t alignment;
    origin from;
    bool counts; /* if it fails now it has failed for good */
    bool waits;  /* and if none waits to be free */
} demand;

/* Under the lock, if a block was not taken: why. */
static void note_refusal(const image *im, uint32_t need, const demand *d, refusal *r)
{
    r->verdict = refusal_verdict(im, r->status, need);
    r->held = NULL;
    r->waiting = d->waits && r->status == TARN_E_EXHAUSTED ? wait_blocks(im) : 0;
    if (d->counts && r->waiting == 0) {
        count_refusal(im);
    }
}

/* In a pool of blocks with a header only, entered: the block's payload, or NULL with the reason in *r. Leaves it. */
static inline void *take_from_plain(access *a, const demand *d, refusal *r)
{
    uint32_t offset = 0;
    uint32_t need = image_granules_plain(&a->im, d->size);
    r->status = is_power_of_two(d->alignment) ? take_granules(&a->im, need, d->alignment, &offset) : TARN_E_ARGUMENT;
    if (r->status != TARN_OK) {
        note_refusal(&a->im, need, d, r);
    }
    access_end(a);
    return r->status == TARN_OK ? image_payload(&a->im, offset) : NULL;
}

/* A pool that notes callers is left to ask who they are, and entered again. */
static tarn_status learn_callers(const tarn_pool *pool, access *a, origin *o)
{
    if (words_count(&a->im) < TARN_WORDS_CALLERS) {
        return TARN_OK;
    }
    access_end(a);
    tarn_origin_ask(o);
    return access_begin(pool, a);
}

/* take_from_plain() in a pool with extension words or tails, once. */
static void *take_noting(const tarn_pool *pool, access *a, demand *d, refusal *r)
{
    r->status = learn_callers(pool, a, &d->from);
    if (r->status != TARN_OK) {
        *r = refused(r->status);
        return NULL;
    }
    uint32_t offset = 0;
    uint32_t need = image_granules(&a->im, d->size);
    uint32_t top = image_get(&a->im, IMAGE_TOP);
    bool sound = true;
    r->status =
        is_power_of_two(d->alignment) ? take_noted(&a->im, need, d->alignment, &d->from, &offset) : TARN_E_ARGUMENT;
    if (r->status != TARN_OK) {
        note_refusal(&a->im, need, d, r);
    } else if (layout_has_tail(a->im.layout)) {
        sound = tarn_dress_block(&a->im, offset, top, d->size);
    }
    access_end(a);
    if (r->status != TARN_OK) {
        return NULL;
    }
    unsigned char *payload = image_payload(&a->im, offset);
    if (!sound || !tarn_payload_sound(pool, &a->im, payload, d->size)) {
        *r = (refusal){TARN_E_DAMAGED, TARN_WHY_DAMAGED, payload, 0};
        tarn_hold_back(pool, payload, &d->from);
        return NULL;
    }
    return payload;
}

/* Tells a refused request, which has been counted. */
static void tell_refused(const tarn_pool *pool, const refusal *r, const demand *d)
{
    uint32_t kind = r->status == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : TARN_EVENT_FAIL;
    event_raise_from(kind, r->status, pool, r->held, d->size, d->alignment, d->from.caller, r->verdict);
}

static void count_refused(const tarn_pool *pool)
{
    access a;
    if (access_begin(pool, &a) == TARN_OK) {
        count_refusal(&a.im);
        access_end(&a);
    }
}

/* A request that found no room, tried again each time that the oldest of those that wait has left. */
static void *take_from_waiting(const tarn_pool *pool, demand *d, refusal *r)
{
    access a;
    void *block = NULL;
    for (uint32_t left = r->waiting; block == NULL && r->waiting != 0; left--) {
        tarn_status status = left == 0 ? TARN_E_EXHAUSTED : tarn_quarantine_leave(pool, d->from.caller, NULL);
        d->waits = status == TARN_OK;
        d->from.count = 0;
        *r = refused(access_begin(pool, &a));
        block = r->status == TARN_OK ? take_noting(pool, &a, d, r) : NULL;
        if (block == NULL && status == TARN_E_DAMAGED) {
            *r = (refusal){status, TARN_WHY_DAMAGED, r->held, 0};
        }
    }
    d->waits = true;
    return block;
}

static void *take_from_noting(const tarn_pool *pool, access *a, demand *d, refusal *r)
{
    void *block = take_noting(pool, a, d, r);
    return block == NULL && r->waiting != 0 ? take_from_waiting(pool, d, r) : block;
}

static inline void *try_request(const tarn_pool *pool, demand *d, refusal *r)
{
    access a;
    r->status = access_begin(pool, &a);
    if (r->status != TARN_OK) {
        *r = refused(r->status);
        return NULL;
    }
    return block_is_plain(&a.im) ? take_from_plain(&a, d, r) : take_from_noting(pool, &a, d, r);
}

/* What the gates make of a request that failed and was not counted. */
static void *try_relieved(const tarn_pool *pool, demand *d, refusal *r)
{
    if (gate_relieves(pool, d->size, d->alignment, d->from.module, r->status)) {
        d->counts = true;
        d->from.count = 0;
        return try_request(pool, d, r);
    }
    if (r->held == NULL) {
        count_refused(pool);
    }
    return NULL;
}

/* Serves a request that the gates, if there are any, let pass. */
static void *serve_request(const tarn_pool *pool, size_t size, size_t alignment, const tarn_purpose *purpose,
                           const void *caller)
{
    refusal r = refused(TARN_OK);
    demand d;
    d.size = size;
    d.alignment = alignment;
    d.counts = !gate_is_there();
    d.waits = true;
    d.from.caller = caller;
    d.from.module = purpose != NULL ? purpose->module : 0;
    d.from.tag = purpose != NULL ? purpose->tag : 0;
    d.from.count = 0;
    void *block = try_request(pool, &d, &r);
    if (block == NULL && !d.counts) {
        block = try_relieved(pool, &d, &r);
    }
    if (block == NULL) {
        tell_refused(pool, &r, &d);
        return NULL;
    }
    event_raise_from(TARN_EVENT_ALLOC, TARN_OK, pool, block, size, alignment, caller, TARN_WHY_UNKNOWN);
    return block;
}

static bool refused_by_gate(const tarn_pool *pool, size_t size, size_t alignment, uint32_t module, const void *caller)
{
    refusal r = refused(gate_ask(pool, size, alignment, module));
    if (r.status != TARN_OK) {
        demand d = {.size = size, .alignment = alignment, .from = {.caller = caller}};
        count_refused(pool);
        tell_refused(pool, &r, &d);
    }
    return r.status != TARN_OK;
}

/* True, and the request refused, if a gate says so. */
static inline bool turned_away(const tarn_pool *pool, size_t size, size_t alignment, uint32_t module,
                               const void *caller)
{
    return gate_is_there() && refused_by_gate(pool, size, alignment, module, caller);
}

void *tarn_alloc_called(tarn_pool *pool, size_t size, size_t alignment, const tarn_purpose *purpose, const void *caller)
{
    bool away = turned_away(pool, size, alignment, purpose != NULL ? purpose->module : 0, caller);
    return away ? NULL : serve_request(pool, size, alignment, purpose, caller);
}

PUBLIC_ENTRY void *tarn_alloc(tarn_pool *pool, size_t size)
{
    return tarn_alloc_called(pool, size, 1, NULL, caller_here());
}

PUBLIC_ENTRY void *tarn_alloc_aligned(tarn_pool *pool, size_t size, size_t alignment)
{
    return tarn_alloc_called(pool, size, alignment, NULL, caller_here());
}

PUBLIC_ENTRY void *tarn_alloc_for(tarn_pool *pool, size_t size, const tarn_purpose *purpose)
{
    size_t alignment = purpose == NULL || purpose->alignment == 0 ? 1 : purpose->alignment;
    bool legal = purpose == NULL || purpose->module <= MODULE_MAX;
    return tarn_alloc_called(pool, size, legal ? alignment : 0, purpose, caller_here()); /* 0 is refused */
}

PUBLIC_ENTRY void *tarn_calloc(tarn_pool *pool, size_t count, size_t size)
{
    size_t bytes = size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size; /* SIZE_MAX never fits */
    void *block = tarn_alloc_called(pool, bytes, 1, NULL, caller_here());
    if (block != NULL) {
        memset(block, 0, bytes);
    }
    return block;
}

/* ---- taking back ---- */

/* Tells what was refused, which has been counted: the pointer or the size. Returns the status for the caller to pass
 * on. */
static tarn_status refuse(const tarn_pool *pool, const refusal *r, const void *block, size_t size, size_t alignment,
                          const void *caller)
{
    event_raise_from(refusal_event(r->status), r->status, pool, block, size, alignment, caller, r->verdict);
    return r->status;
}

/* Nothing has to be filled or counted beside what the engine does. */
static inline bool releases_plainly(const image *im)
{
    return (im->layout & (LAYOUT_LEAVES_MASK | IMAGE_MODULES_MAX << LAYOUT_MODULES)) == 0;
}

/* Takes the block back, or, if it carries pools that are still to be dropped, only finds out whether it could. The size
 * of such a block is then in *carrying. */
static tarn_status take_back(const tarn_pool *pool, void *address, bool dropped, size_t *carrying, const void *caller)
{
    access a;
    block_ref b;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = block_admit_whole(&a.im, address, &b);
    bool wait = status == TARN_OK && (b.header & BLOCK_MARK) != 0 && !dropped;
    if (wait) {
        *carrying = image_usable(&a.im, b.size);
        status = may_release_block(&a.im, &b) ? TARN_OK : TARN_E_DAMAGED;
    } else if (status == TARN_OK) {
        if (releases_plainly(&a.im)) {
            status = engine_of(&a.im)->release(&a.im, &b);
        } else if ((a.im.layout & LAYOUT_LEAVES_MASK) != 0) {
            return tarn_leave_filled(&a, &b, address, caller);
        } else {
            status = release_block(&a.im, &b);
        }
    }
    if (status != TARN_OK) {
        count_refusal(&a.im);
    }
    access_end(&a);
    return status;
}

/* Pools in the block end with it: their entries first, so that nobody finds one whose memory is free. */
static tarn_status take_back_with_nested(const tarn_pool *pool, void *address, const void *caller)
{
    size_t carrying = 0;
    tarn_status status = take_back(pool, address, false, &carrying, caller);
    if (status == TARN_OK && carrying != 0) {
        tarn_registry_drop_inside(address, carrying, false);
        status = take_back(pool, address, true, &carrying, caller);
    }
    return status;
}

tarn_status tarn_free_called(tarn_pool *pool, void *block, const void *caller)
{
    refusal r = refused(TARN_E_NULL);
    if (block == NULL) {
        return refuse(pool, &r, block, 0, 0, caller);
    }
    event_raise_from(TARN_EVENT_FREE, TARN_OK, pool, block, 0, 0, caller, TARN_WHY_UNKNOWN);
    r.status = take_back_with_nested(pool, block, caller);
    if (r.status != TARN_OK) {
        event_raise_from(TARN_EVENT_UNDO, r.status, pool, block, 0, 0, caller, TARN_WHY_UNKNOWN);
        return refuse(pool, &r, block, 0, 0, caller);
    }
    return TARN_OK;
}

PUBLIC_ENTRY tarn_status tarn_free(tarn_pool *pool, void *block)
{
    return tarn_free_called(pool, block, caller_here());
}

/* ---- changing size ---- */

/* What resize_in_place() found out about the block for whoever goes on. */
typedef struct resident {
    size_t bytes;         /* payload before */
    bool may_move;        /* in: the caller would move it; out: and it carries no pool */
    tarn_purpose purpose; /* of a block with words */
} resident;

/* Under the lock. */
static tarn_status resize_recognised(const image *im, const block_ref *b, const wanted *w, resident *r)
{
    r->bytes = block_usable(im, b);
    tarn_status status = resize_block(im, b, w);
    r->may_move = r->may_move && (b->header & BLOCK_MARK) == 0;
    if (status != TARN_OK && r->may_move) {
        origin kept = {.caller = NULL};
        keep_purpose(im, b, &kept);
        r->purpose = (tarn_purpose){0, kept.module, kept.tag};
    }
    return status;
}

/* waits: if it fails and blocks wait whose leaving may help, it has not failed yet. */
static refusal try_resize(const tarn_pool *pool, void *address, size_t size, size_t alignment, bool waits, resident *r)
{
    access a;
    block_ref b;
    refusal why = refused(address == NULL ? TARN_E_NULL : access_begin(pool, &a));
    if (why.status != TARN_OK) {
        return why;
    }
    why.status = block_admit_whole(&a.im, address, &b);
    if (why.status == TARN_OK) {
        wanted w = {size, image_granules(&a.im, size), alignment};
        why.status = resize_recognised(&a.im, &b, &w, r);
        if (why.status != TARN_OK) {
            why.verdict = refusal_verdict(&a.im, why.status, w.need > b.size ? w.need - b.size : w.need);
        }
        bool helps = waits && why.status == TARN_E_EXHAUSTED && !(r->may_move && could_move(&a.im, &b, &w));
        why.waiting = helps ? wait_blocks(&a.im) : 0;
    }
    bool moves = why.status == TARN_E_EXHAUSTED && r->may_move;
    if (why.status != TARN_OK && why.waiting == 0 && !moves) {
        count_refusal(&a.im);
    }
    access_end(&a);
    return why;
}

static refusal resize_in_place(const tarn_pool *pool, void *address, size_t size, size_t alignment, resident *r,
                               const void *caller)
{
    bool moves = r->may_move;
    tarn_fill_cut(pool, address, size, alignment);
    refusal why = try_resize(pool, address, size, alignment, true, r);
    for (uint32_t left = why.waiting; why.waiting != 0; left--) {
        tarn_status status = left == 0 ? TARN_E_EXHAUSTED : tarn_quarantine_leave(pool, caller, NULL);
        r->may_move = moves;
        why = try_resize(pool, address, size, alignment, status == TARN_OK, r);
    }
    return why;
}

tarn_status tarn_resize_called(tarn_pool *pool, void *address, size_t size, const void *caller)
{
    resident r = {0, false, {0, 0, 0}};
    event_raise_from(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, 0, caller, TARN_WHY_UNKNOWN);
    refusal why = resize_in_place(pool, address, size, 1, &r, caller);
    if (why.status != TARN_OK) {
        event_raise_from(TARN_EVENT_UNDO, why.status, pool, address, size, 0, caller, TARN_WHY_UNKNOWN);
        return refuse(pool, &why, address, size, 0, caller);
    }
    event_raise(TARN_EVENT_RESIZED, TARN_OK, pool, address, size, 0);
    return TARN_OK;
}

PUBLIC_ENTRY tarn_status tarn_resize(tarn_pool *pool, void *address, size_t size)
{
    return tarn_resize_called(pool, address, size, caller_here());
}

/* What a realloc asks for, on its way to a new place. */
typedef struct moving {
    size_t bytes; /* to keep */
    size_t size;
    size_t alignment;
    const void *caller;
} moving;

/* Under the lock, given back. */
static void *shift_left(const tarn_pool *pool, const void *address, const moving *m)
{
    access a;
    origin o = {.caller = m->caller};
    void *moved = NULL;
    tarn_status status = access_begin(pool, &a);
    if (status == TARN_OK && learn_callers(pool, &a, &o) == TARN_OK) {
        moved = relocate_left(&a.im, address, image_granules(&a.im, m->size), m->alignment, &o);
        access_end(&a);
    }
    return moved;
}

/* The new block contains the old one, so that ALLOC makes all of it addressable before the payload moves down. */
static void *grow_left(const tarn_pool *pool, const void *address, const moving *m)
{
    event_raise_from(TARN_EVENT_FREE, TARN_OK, pool, address, 0, 0, m->caller, TARN_WHY_UNKNOWN);
    void *moved = shift_left(pool, address, m);
    if (moved == NULL) {
        event_raise_from(TARN_EVENT_UNDO, TARN_E_EXHAUSTED, pool, address, 0, 0, m->caller, TARN_WHY_UNKNOWN);
        return NULL;
    }
    event_raise_from(TARN_EVENT_ALLOC, TARN_OK, pool, moved, m->size, m->alignment, m->caller, TARN_WHY_UNKNOWN);
    event_enter(pool, address, m->bytes);
    memmove(moved, address, m->bytes);
    event_leave(pool, address, m->bytes);
    return moved;
}

/* A new block, the contents, and the old block back. */
static void *move_block(tarn_pool *pool, void *address, const moving *m, const tarn_purpose *purpose)
{
    void *moved = serve_request(pool, m->size, m->alignment, purpose, m->caller);
    if (moved == NULL) {
        return NULL;
    }
    size_t bytes = m->bytes < m->size ? m->bytes : m->size;
    event_enter(pool, address, bytes);
    memcpy(moved, address, bytes);
    event_leave(pool, address, bytes);
    (void)tarn_free_called(pool, address, m->caller);
    return moved;
}

void *tarn_realloc_called(tarn_pool *pool, void *address, size_t size, size_t alignment, const void *caller)
{
    if (address == NULL) {
        return tarn_alloc_called(pool, size, alignment, NULL, caller);
    }
    resident r = {0, true, {0, 0, 0}};
    if (turned_away(pool, size, alignment, 0, caller)) {
        return NULL;
    }
    event_raise_from(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, alignment, caller, TARN_WHY_UNKNOWN);
    refusal why = resize_in_place(pool, address, size, alignment, &r, caller);
    if (why.status == TARN_OK) {
        event_raise(TARN_EVENT_RESIZED, TARN_OK, pool, address, size, alignment);
        return address;
    }
    event_raise_from(TARN_EVENT_UNDO, why.status, pool, address, size, alignment, caller, TARN_WHY_UNKNOWN);
    if (why.status != TARN_E_EXHAUSTED || !r.may_move) {
        (void)refuse(pool, &why, address, size, alignment, caller);
        return NULL;
    }
    moving m = {r.bytes, size, alignment, caller};
    void *moved = grow_left(pool, address, &m);
    return moved != NULL ? moved : move_block(pool, address, &m, &r.purpose);
}

PUBLIC_ENTRY void *tarn_realloc(tarn_pool *pool, void *address, size_t size)
{
    return tarn_realloc_called(pool, address, size, 1, caller_here());
}

PUBLIC_ENTRY void *tarn_realloc_aligned(tarn_pool *pool, void *address, size_t size, size_t alignment)
{
    return tarn_realloc_called(pool, address, size, alignment, caller_here());
}

/* ---- asking about one block ---- */

/* Enters the pool and recognises the block; on success the lock is held. */
static tarn_status open_block(const tarn_pool *pool, const void *address, access *a, block_ref *b)
{
    if (address == NULL) {
        return TARN_E_NULL;
    }
    tarn_status status = access_begin(pool, a);
    if (status != TARN_OK) {
        return status;
    }
    status = block_admit(&a->im, address, b);
    if (status != TARN_OK) {
        access_end(a);
    }
    return status;
}

tarn_status tarn_recognise(const tarn_pool *pool, const void *address)
{
    access a;
    block_ref b;
    tarn_status status = open_block(pool, address, &a, &b);
    if (status == TARN_OK) {
        access_end(&a);
    }
    return status;
}

size_t tarn_usable(const tarn_pool *pool, const void *address)
{
    access a;
    block_ref b;
    if (open_block(pool, address, &a, &b) != TARN_OK) {
        return 0;
    }
    size_t usable = block_usable(&a.im, &b);
    access_end(&a);
    return usable;
}

/* Stores the owner if the block's is the expected one, or whatever it is if expected is NULL. */
static tarn_status owner_store(const tarn_pool *pool, const void *address, const uint32_t *expected, uint32_t owner)
{
    access a;
    block_ref b;
    tarn_status status = open_block(pool, address, &a, &b);
    if (status != TARN_OK) {
        return status;
    }
    bool asked = has_owner(&a.im) && (expected == NULL || word_load(owner_word(&a.im, b.offset)) == *expected);
    status = asked ? tarn_account_give(&a.im, &b, owner) : TARN_E_ARGUMENT;
    access_end(&a);
    return status;
}

tarn_status tarn_owner_set(tarn_pool *pool, void *address, uint32_t owner)
{
    return owner_store(pool, address, NULL, owner);
}

tarn_status tarn_owner_replace(tarn_pool *pool, void *address, uint32_t expected, uint32_t owner)
{
    return owner_store(pool, address, &expected, owner);
}

tarn_status tarn_tag_set(tarn_pool *pool, void *address, uint32_t tag)
{
    access a;
    block_ref b;
    tarn_status status = open_block(pool, address, &a, &b);
    if (status == TARN_OK) {
        status = tag_store(&a.im, &b, tag);
        access_end(&a);
    }
    return status;
}

/* ---- nesting ---- */

/* R1: the header of a pool that only an entry vouches for, before anything is reached through it. */
static bool entry_holds(const tarn_registration *entry)
{
    tarn_view view;
    const unsigned char *base = image_base(entry->pool);
    return tarn_view_open(&view, base, entry->bytes - (size_t)((uintptr_t)base - (uintptr_t)entry->pool)) == TARN_OK;
}

tarn_status tarn_carrier_mark(const tarn_registration *outer, const void *start, size_t bytes, bool carries,
                              carrier *found)
{
    access a;
    block_ref b;
    tarn_status status = entry_holds(outer) ? access_begin(outer->pool, &a) : TARN_E_NOT_A_POOL;
    if (status != TARN_OK) {
        return status;
    }
    status = find_carrier(&a.im, start, bytes, &b);
    if (status == TARN_OK) {
        found->start = image_payload(&a.im, b.offset);
        found->bytes = block_usable(&a.im, &b);
        block_write(&a.im, b.offset, b.size, carries ? b.header | BLOCK_MARK : b.header & ~BLOCK_MARK);
    }
    access_end(&a);
    return status;
}
