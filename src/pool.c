/* SPDX-License-Identifier: MIT */
/*
 * The public operations on blocks, but for changes of size (resize.c): enter under the lock, recognise, let the engine
 * work, leave; events and the copying or filling of user memory happen outside the lock.
 *
 * P1 A refused call changes nothing but the refusal count, and by policy (policy.h) what damage has broken.
 * P2 No user byte is read or written under the lock.
 * Bound: one or two engine operations per call. Where blocks wait (quarantine.h), one more for each that leaves.
 */
#include "config.h"

#ifndef TARN_ONLY_PLAIN

#include "access.h"
#include "called.h"
#include "events.h"
#include "gate.h"
#include "leave.h"
#include "plain.h"
#include "quarantine.h"
#include "refusal.h"
#include "registry.h"
#include "steps.h"

/* ---- handing out ---- */

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
    r->remedy = REMEDY_NONE;
    r->waiting = d->waits && r->status == TARN_E_EXHAUSTED ? wait_blocks(im) : 0;
    r->told = false;
    if (r->status == TARN_E_DAMAGED) {
        r->remedy = tarn_policy_meet(im, r->status, NULL, false);
    } else if (d->counts && r->waiting == 0) {
        count_refusal(im);
    }
}

/* take_granules() in a pool that parks: first what is parked, and when there is no room, with what is parked given
 * back. */
static tarn_status take_parked(const image *im, uint32_t need, size_t alignment, uint32_t *offset)
{
    size_t granule = (size_t)1 << image_shift(im);
    tarn_status status = TARN_E_EXHAUSTED;
    if (alignment <= granule && park_has_list(im, park_size(im, need))) {
        status = park_pop(im, park_size(im, need), offset);
    }
    if (status == TARN_E_EXHAUSTED) {
        status = take_granules(im, need, alignment, offset);
    }
    if (status == TARN_E_EXHAUSTED) {
        status = tarn_park_settle_for(im, need, alignment <= granule ? (uint32_t)granule : (uint32_t)alignment);
        status = status == TARN_OK ? take_granules(im, need, alignment, offset) : status;
    }
    return status;
}

/* ---- pools with a slab ---- */

static tarn_status take_block(const image *im, demand *d, uint32_t *offset)
{
    uint32_t need = image_granules_plain(im, d->size);
    return has_owner(im) ? take_noted(im, need, d->alignment, &d->from, offset)
                         : take_parked(im, need, d->alignment, offset);
}

/* Under the lock: an object, or what pages have not, a block; and when there is no room, with empty pages given
 * back. */
static tarn_status take_object_or_block(const image *im, demand *d, void **taken)
{
    uint32_t offset = 0;
    tarn_status status = is_power_of_two(d->alignment) ? TARN_E_EXHAUSTED : TARN_E_ARGUMENT;
    if (status == TARN_E_EXHAUSTED) {
        status = tarn_slab_take(im, d->size, d->alignment, &d->from, taken);
    }
    if (status != TARN_E_EXHAUSTED) {
        return status;
    }
    status = take_block(im, d, &offset);
    if (status == TARN_E_EXHAUSTED && tarn_slab_settle(im)) {
        status = take_block(im, d, &offset);
    }
    if (status == TARN_E_EXHAUSTED) {
        return tarn_slab_take_larger(im, d->size, d->alignment, &d->from, taken);
    }
    *taken = status == TARN_OK ? image_payload(im, offset) : NULL;
    return status;
}

/* In a pool with a slab, entered. Leaves it. */
static void *take_from_slab(const tarn_pool *pool, access *a, demand *d, refusal *r)
{
    void *taken = NULL;
    r->status = learn_callers(pool, a, &d->from);
    if (r->status != TARN_OK) {
        *r = refusal_of(r->status);
        return NULL;
    }
    r->status = take_object_or_block(&a->im, d, &taken);
    if (r->status != TARN_OK) {
        note_refusal(&a->im, image_granules_plain(&a->im, d->size), d, r);
    }
    access_end(a);
    return taken;
}

/* ---- all other pools ---- */

/* In a pool of blocks with a header only, entered: the block's payload, or NULL with the reason in *r. Leaves it. */
static inline void *take_from_plain(access *a, const demand *d, refusal *r)
{
    uint32_t offset = 0;
    uint32_t need = image_granules_plain(&a->im, d->size);
    r->status = TARN_E_ARGUMENT;
    if (is_power_of_two(d->alignment)) {
        r->status = layout_parks(a->im.layout) ? take_parked(&a->im, need, d->alignment, &offset)
                                               : take_granules(&a->im, need, d->alignment, &offset);
    }
    if (r->status != TARN_OK) {
        note_refusal(&a->im, need, d, r);
    }
    access_end(a);
    return r->status == TARN_OK ? image_payload(&a->im, offset) : NULL;
}

/* Where blocks wait, a request is refused only if no free block serves it (Q3): what leaves for it must help. */
static inline bool is_last_try(const image *im, const demand *d)
{
    return layout_quarantines(im->layout) && !(d->waits && wait_blocks(im) != 0);
}

/* take_from_plain() in a pool with extension words or tails, once; REMEDY_ANEW if the pool was reset meanwhile. */
static void *take_noting(const tarn_pool *pool, access *a, demand *d, refusal *r)
{
    r->status = learn_callers(pool, a, &d->from);
    if (r->status != TARN_OK) {
        *r = refusal_of(r->status);
        return NULL;
    }
    uint32_t offset = 0;
    uint32_t need = image_granules(&a->im, d->size);
    uint32_t top = image_get(&a->im, IMAGE_TOP);
    fill_break broken = {NULL, 0};
    r->status =
        is_power_of_two(d->alignment) ? take_noted(&a->im, need, d->alignment, &d->from, &offset) : TARN_E_ARGUMENT;
    if (r->status == TARN_E_EXHAUSTED && is_last_try(&a->im, d)) {
        r->status = tarn_take_anywhere(&a->im, need, d->alignment, &d->from, &offset);
    }
    if (r->status != TARN_OK) {
        note_refusal(&a->im, need, d, r);
    } else if (layout_has_end(a->im.layout)) {
        broken = tarn_dress_block(&a->im, offset, top, d->size);
    }
    access_end(a);
    if (r->status != TARN_OK) {
        return NULL;
    }
    unsigned char *payload = image_payload(&a->im, offset);
    if (broken.at != NULL || !tarn_payload_sound(pool, &a->im, payload, d->size)) {
        *r = (refusal){TARN_E_DAMAGED, TARN_WHY_DAMAGED, REMEDY_NONE, NULL, 0, false, false, broken, a->im.key};
        r->held = tarn_hold_back(pool, payload, r->key, &d->from, &r->remedy) ? payload : NULL;
        r->waiting = r->remedy == REMEDY_ANEW ? 1u : 0;
        return NULL;
    }
    return payload;
}

/* Tells a refused request, which has been counted. */
static void tell_refused(const tarn_pool *pool, const refusal *r, const demand *d)
{
    uint32_t kind = r->status == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : TARN_EVENT_FAIL;
    if (r->held != NULL) {
        tarn_tell_held(pool, r->held, d->size, d->alignment, d->from.caller, r->broken);
    } else {
        event_raise_from(kind, r->status, pool, NULL, d->size, d->alignment, d->from.caller, r->verdict);
    }
}

/* A request that found no room, tried again each time that the oldest of those that wait has left; and one whose pool
 * was reset meanwhile, tried again as it is. */
APART static void *take_from_waiting(const tarn_pool *pool, demand *d, refusal *r)
{
    access a;
    void *block = NULL;
    uint32_t left = r->waiting;
    while (block == NULL && r->waiting != 0) {
        bool anew = r->remedy == REMEDY_ANEW;
        tarn_status status = anew        ? TARN_OK
                             : left == 0 ? TARN_E_EXHAUSTED
                                         : tarn_quarantine_leave(pool, d->from.caller, NULL);
        if (status == TARN_E_DAMAGED) {
            *r = tarn_refused_by_list(pool);
            return NULL;
        }
        d->waits = status == TARN_OK;
        d->from.count = 0;
        *r = refusal_of(access_begin(pool, &a));
        if (r->status == TARN_OK) {
            block = take_noting(pool, &a, d, r);
            left = anew ? r->waiting : left - 1u;
        } else { /* what left has closed the pool */
            tarn_refusal_count(pool);
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

static inline void *try_once(const tarn_pool *pool, demand *d, refusal *r)
{
    access a;
    r->status = access_begin(pool, &a);
    if (r->status != TARN_OK) {
        *r = refusal_of(r->status);
        return NULL;
    }
    if (layout_has_slab(a.im.layout)) {
        return take_from_slab(pool, &a, d, r);
    }
    return block_is_plain(&a.im) ? take_from_plain(&a, d, r) : take_from_noting(pool, &a, d, r);
}

/* What the policy makes of damage that a request met: a block, or NULL with the reason in *r. Each block that is set
 * aside is one fewer that may be, and a pool is repaired once. */
static void *try_remedied(const tarn_pool *pool, demand *d, refusal *r)
{
    void *block = NULL;
    bool repaired = false;
    while (block == NULL && r->remedy != REMEDY_NONE && !r->told) {
        tell_refused(pool, r, d);
        r->told = true;
        if (r->remedy == REMEDY_GIVE) {
            return tarn_give_held(pool, r->held, r->key, d->size, &d->from) ? r->held : NULL;
        }
        bool again = r->remedy == REMEDY_ANOTHER;
        if (!again && !repaired) {
            again = tarn_policy_remedy(pool, r->remedy, NULL);
            repaired = true;
        } else if (!again) {
            tarn_refusal_count(pool);
        }
        if (again) {
            d->from.count = 0;
            block = try_once(pool, d, r);
        }
    }
    return block;
}

static inline void *try_request(const tarn_pool *pool, demand *d, refusal *r)
{
    void *block = try_once(pool, d, r);
    return block == NULL && r->remedy != REMEDY_NONE ? try_remedied(pool, d, r) : block;
}

/* What the gates make of a request that failed and was not counted. */
static void *try_relieved(const tarn_pool *pool, demand *d, refusal *r)
{
    if (gate_relieves(pool, d->size, d->alignment, d->from.module, r->status)) {
        d->counts = true;
        d->from.count = 0;
        return try_request(pool, d, r);
    }
    if (r->status != TARN_E_DAMAGED) { /* damage counts at once */
        tarn_refusal_count(pool);
    }
    return NULL;
}

/* Serves a request that the gates, if there are any, let pass. */
static void *serve_request(const tarn_pool *pool, size_t size, size_t alignment, const tarn_purpose *purpose,
                           const void *caller)
{
    refusal r = refusal_of(TARN_OK);
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
        if (!r.told) {
            tell_refused(pool, &r, &d);
        }
        return NULL;
    }
    event_raise_from(TARN_EVENT_ALLOC, TARN_OK, pool, block, size, alignment, caller, TARN_WHY_UNKNOWN);
    return block;
}

/* True, and the request refused, if a gate says so. */
static inline bool turned_away(const tarn_pool *pool, size_t size, size_t alignment, uint32_t module,
                               const void *caller)
{
    return gate_is_there() && tarn_refused_by_gate(pool, size, alignment, module, caller);
}

void *tarn_alloc_ungated(tarn_pool *pool, size_t size, size_t alignment, const tarn_purpose *purpose,
                         const void *caller)
{
    return serve_request(pool, size, alignment, purpose, caller);
}

void *tarn_alloc_called(tarn_pool *pool, size_t size, size_t alignment, const tarn_purpose *purpose, const void *caller)
{
    bool away = turned_away(pool, size, alignment, purpose != NULL ? purpose->module : 0, caller);
    return away ? NULL : serve_request(pool, size, alignment, purpose, caller);
}

/* What the lists of a plain pool have not. */
static inline void *alloc_from_engine(tarn_pool *pool, size_t size, bool locked)
{
    const tarn_engine *engine = plain_lists_broken(pool, size, locked) ? NULL : plain_engine(pool);
    return engine != NULL ? engine->plain_alloc(pool, size) : NULL;
}

/* Of an open plain pool, when plain_unpark() has nothing. */
APART static void *alloc_plain(tarn_pool *pool, size_t size, const void *caller)
{
    bool least = size < PLAIN_LEAST && plain_admits_parking(pool, false);
    void *block = least ? plain_unpark(pool, PLAIN_LEAST) : NULL;
    block = block != NULL ? block : alloc_from_engine(pool, size, false);
    return block != NULL ? block : tarn_alloc_called(pool, size, 1, NULL, caller);
}

/* Of a plain pool that takes the lock; under it, it is looked at again. */
APART static void *alloc_locked(tarn_pool *pool, size_t size, const void *caller)
{
    void *block = NULL;
    uintptr_t state = tarn_port_lock(pool);
    if (plain_admits(pool, true)) {
        bool parks = plain_admits_parking(pool, true);
        block = parks ? plain_unpark(pool, size < PLAIN_LEAST ? PLAIN_LEAST : size) : NULL;
        block = block != NULL ? block : alloc_from_engine(pool, size, true);
    }
    tarn_port_unlock(pool, state);
    return block != NULL ? block : tarn_alloc_called(pool, size, 1, NULL, caller);
}

/* The caller is asked for where it is passed on: kept, it would cost the hit path a register. */
WITHIN void *alloc_here(tarn_pool *pool, size_t size)
{
    if (!plain_is_open(pool)) {
        return tarn_alloc_called(pool, size, 1, NULL, caller_here());
    }
    void *block = plain_admits_parking(pool, false) ? plain_unpark(pool, size) : NULL;
    if (block != NULL) {
        return block;
    }
    word_forget();
    if (plain_has_shape(pool, false)) {
        return alloc_plain(pool, size, caller_here());
    }
    return plain_has_shape(pool, true) ? alloc_locked(pool, size, caller_here())
                                       : tarn_alloc_called(pool, size, 1, NULL, caller_here());
}

PUBLIC_ENTRY void *tarn_alloc(tarn_pool *pool, size_t size)
{
    return alloc_here(pool, size);
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
    void *block = alloc_here(pool, bytes);
    if (block != NULL) {
        memset(block, 0, bytes);
    }
    return block;
}

/* ---- taking back ---- */

/* Nothing has to be filled or counted beside what the engine does. */
static inline bool releases_plainly(const image *im)
{
    return (im->layout & (LAYOUT_LEAVES_MASK | LAYOUT_BACKUP_MASK | LAYOUT_MODULES_MASK)) == 0;
}

/* The same of an object of a page. Pools in another object of it count as its own until the page is given back. */
static tarn_status take_back_object(const image *im, const slab_object *o, bool dropped, returned *r)
{
    if (tarn_slab_carries(im, o) && !dropped) {
        r->carrying = o->page.shape.bytes;
        return TARN_OK;
    }
    return tarn_slab_put(im, o);
}

/* Takes the block back, or, if it carries pools that are still to be dropped, only finds out whether it could. */
static tarn_status take_back(const tarn_pool *pool, void *address, bool dropped, returned *r, const void *caller)
{
    access a;
    block_ref b;
    slab_object o;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = slab_find(&a.im, address, &o);
    if (status != TARN_E_FOREIGN) {
        status = status == TARN_OK ? take_back_object(&a.im, &o, dropped, r) : status;
        if (status != TARN_OK) {
            r->remedy = tarn_policy_meet(&a.im, status, address, true);
        }
        access_end(&a);
        return status;
    }
    status = block_admit_whole(&a.im, address, &b);
    bool wait = status == TARN_OK && (b.header & BLOCK_MARK) != 0 && !dropped;
    if (wait) {
        r->carrying = image_usable(&a.im, b.size);
        bool sound = !layout_quarantines(a.im.layout) || tarn_quarantine_sound(&a.im);
        status = sound && may_release_block(&a.im, &b) ? TARN_OK : TARN_E_DAMAGED;
    } else if (status == TARN_OK) {
        if (releases_plainly(&a.im)) {
            status = park_push(&a.im, &b) ? TARN_OK : engine_of(&a.im)->release(&a.im, &b);
        } else if ((a.im.layout & LAYOUT_LEAVES_MASK) != 0) {
            return tarn_leave_filled(&a, &b, address, caller, r);
        } else {
            status = release_block(&a.im, &b);
        }
    }
    if (status != TARN_OK) {
        r->remedy = tarn_policy_meet(&a.im, status, address, true);
    }
    access_end(&a);
    return status;
}

/* Pools in the block end with it: their entries first, so that nobody finds one whose memory is free. */
static inline tarn_status take_back_with_nested(const tarn_pool *pool, void *address, const void *caller, returned *r)
{
    *r = (returned){0, REMEDY_NONE, false, 0};
    tarn_status status = take_back(pool, address, false, r, caller);
    if (status == TARN_OK && r->carrying != 0) {
        tarn_registry_drop_inside(address, r->carrying, false);
        status = take_back(pool, address, true, r, caller);
    }
    return status;
}

/* Once more, from where it came to. */
static tarn_status take_back_again(const tarn_pool *pool, void *block, refusal *r, const void *caller)
{
    if (r->left) {
        return tarn_leave_end(pool, block, r->key, caller, &r->remedy);
    }
    returned back;
    tarn_status status = take_back_with_nested(pool, block, caller, &back);
    r->remedy = back.remedy;
    r->left = back.left;
    r->key = back.key;
    return status;
}

/* Of a free that was refused: what the policy makes of it. A block that was taken out of circulation has left the
 * program, so that its free is not undone. */
static tarn_status free_refused(const tarn_pool *pool, void *block, refusal *r, const void *caller)
{
    while (r->status != TARN_OK && tarn_tries_again(pool, r, block, 0, 0, caller)) {
        r->status = take_back_again(pool, block, r, caller);
    }
    if (r->status != TARN_OK && r->remedy != REMEDY_HOLD && !r->left) {
        event_raise_from(TARN_EVENT_UNDO, r->status, pool, block, 0, 0, caller, TARN_WHY_UNKNOWN);
    }
    bool done = r->status == TARN_OK || (r->told && r->status == TARN_E_DAMAGED);
    return done ? r->status : tarn_refuse(pool, r, block, 0, 0, caller);
}

tarn_status tarn_free_called(tarn_pool *pool, void *block, const void *caller)
{
    tarn_status status = TARN_E_NULL;
    if (block != NULL) {
        returned back;
        event_raise_from(TARN_EVENT_FREE, TARN_OK, pool, block, 0, 0, caller, TARN_WHY_UNKNOWN);
        status = take_back_with_nested(pool, block, caller, &back);
        if (status == TARN_OK) {
            return TARN_OK;
        }
        refusal r = {status, TARN_WHY_UNKNOWN, back.remedy, NULL, 0, false, back.left, {NULL, 0}, back.key};
        return free_refused(pool, block, &r, caller);
    }
    refusal r = refusal_of(status);
    return tarn_refuse(pool, &r, block, 0, 0, caller);
}

/* What the lists of a plain pool do not take. */
static inline bool free_to_engine(tarn_pool *pool, const void *block)
{
    const tarn_engine *engine = plain_engine(pool);
    return engine != NULL && engine->plain_free(pool, block);
}

/* Of an open plain pool, when plain_park() did nothing. */
APART static tarn_status free_plain(tarn_pool *pool, void *block, const void *caller)
{
    return free_to_engine(pool, block) ? TARN_OK : tarn_free_called(pool, block, caller);
}

/* Of a plain pool that takes the lock; under it, it is looked at again. */
APART static tarn_status free_locked(tarn_pool *pool, void *block, const void *caller)
{
    uintptr_t state = tarn_port_lock(pool);
    bool done = plain_admits(pool, true) &&
                ((plain_admits_parking(pool, true) && plain_park(pool, block)) || free_to_engine(pool, block));
    tarn_port_unlock(pool, state);
    return done ? TARN_OK : tarn_free_called(pool, block, caller);
}

PUBLIC_ENTRY tarn_status tarn_free(tarn_pool *pool, void *block)
{
    if (!plain_is_open(pool)) {
        return tarn_free_called(pool, block, caller_here());
    }
    if (plain_admits_parking(pool, false) && plain_park(pool, block)) {
        return TARN_OK;
    }
    if (plain_has_shape(pool, false)) {
        return free_plain(pool, block, caller_here());
    }
    return plain_has_shape(pool, true) ? free_locked(pool, block, caller_here())
                                       : tarn_free_called(pool, block, caller_here());
}

#endif
