/* SPDX-License-Identifier: MIT */
/*
 * Changes of size: where the block stands if that is possible, else, of a reallocation, over the end of a free left
 * neighbour, else in a new block. What is said in pool.c holds here too (P1, P2).
 *
 * Bound: one or two engine operations where the block stays, one more if it grows to the left, three if it moves.
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

/* What resize_in_place() found out about the block for whoever goes on. */
typedef struct resident {
    size_t bytes;         /* payload before */
    bool may_move;        /* in: the caller would move it; out: and it carries no pool */
    tarn_purpose purpose; /* of a block with words */
    bool suspect;         /* an object that registered pools may lie in */
} resident;

/* What a change of size asks for, of a realloc on its way to a new place. */
typedef struct moving {
    size_t bytes; /* to keep */
    size_t size;
    size_t alignment;
    const void *caller;
} moving;

/* Under the lock. */
static tarn_status resize_recognised(const image *im, const block_ref *b, const new_extent *w, resident *r)
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

/* An object of a page, under the lock: it stays as it is, or has to move. */
static tarn_status resize_object(const image *im, const slab_object *o, const new_extent *w, resident *r)
{
    r->bytes = o->page.shape.bytes;
    if (has_owner(im)) {
        r->purpose = (tarn_purpose){0, owner_module(word_load(o->words)), 0};
        r->purpose.tag = words_count(im) >= TARN_WORDS_TAG ? word_load(o->words + 4u * (TARN_WORDS_TAG - 1u)) : 0;
    }
    if (!is_power_of_two(w->alignment)) {
        return TARN_E_ARGUMENT;
    }
    if (w->need == 0 || w->need > image_get(im, IMAGE_END) - im->first) {
        return TARN_E_NEVER_FITS;
    }
    bool stays = w->size <= r->bytes && ((uintptr_t)o->payload & (w->alignment - 1u)) == 0;
    r->suspect = tarn_slab_carries(im, o);
    return stays ? TARN_OK : TARN_E_EXHAUSTED;
}

/* Looks for an object first: false if it is none. */
static bool try_resize_object(access *a, void *address, const new_extent *w, refusal *why, resident *r)
{
    slab_object o;
    why->status = slab_find(&a->im, address, &o);
    if (why->status == TARN_E_FOREIGN) {
        return false;
    }
    if (why->status == TARN_OK) {
        why->status = resize_object(&a->im, &o, w, r);
        why->verdict = refusal_verdict(&a->im, why->status, w->need);
    } else {
        r->may_move = false;
    }
    if (why->status != TARN_OK && !(why->status == TARN_E_EXHAUSTED && r->may_move)) {
        why->remedy = tarn_policy_meet(&a->im, why->status, address, false);
    }
    access_end(a);
    return true;
}

/* waits: if it fails and blocks wait whose leaving may help, it has not failed yet. */
static refusal try_resize(const tarn_pool *pool, void *address, size_t size, size_t alignment, bool waits, resident *r)
{
    access a;
    block_ref b;
    refusal why = refusal_of(address == NULL ? TARN_E_NULL : access_begin(pool, &a));
    if (why.status != TARN_OK) {
        return why;
    }
    const new_extent w = {size, image_granules(&a.im, size), alignment};
    if (try_resize_object(&a, address, &w, &why, r)) {
        return why;
    }
    why.status = block_admit_whole(&a.im, address, &b);
    if (why.status == TARN_OK) {
        why.status = resize_recognised(&a.im, &b, &w, r);
        if (why.status != TARN_OK) {
            why.verdict = refusal_verdict(&a.im, why.status, w.need > b.size ? w.need - b.size : w.need);
        }
        if (why.status == TARN_E_EXHAUSTED && layout_parks(a.im.layout) &&
            !(r->may_move && could_move(&a.im, &b, &w))) {
            access_settle(&a);
            why.status = block_admit_whole(&a.im, address, &b); /* its left neighbour may be free now */
            why.status = why.status == TARN_OK ? resize_recognised(&a.im, &b, &w, r) : why.status;
        }
        /* A free block that the engine passes over is no place here: the request that a move makes has blocks leave
         * before it looks at such a one, too (Q3). */
        bool helps = waits && why.status == TARN_E_EXHAUSTED && !(r->may_move && could_move(&a.im, &b, &w));
        why.waiting = helps ? wait_blocks(&a.im) : 0;
    }
    bool moves = why.status == TARN_E_EXHAUSTED && r->may_move;
    if (why.status != TARN_OK && why.waiting == 0 && !moves) {
        why.remedy = tarn_policy_meet(&a.im, why.status, address, false);
    }
    access_end(&a);
    return why;
}

static refusal resize_in_place(const tarn_pool *pool, void *address, const moving *m, resident *r)
{
    bool moves = r->may_move;
    tarn_fill_cut(pool, address, m->size, m->alignment);
    refusal why = try_resize(pool, address, m->size, m->alignment, true, r);
    for (uint32_t left = why.waiting; why.waiting != 0; left--) {
        tarn_status status = left == 0 ? TARN_E_EXHAUSTED : tarn_quarantine_leave(pool, m->caller, NULL);
        r->may_move = moves;
        why = status == TARN_E_DAMAGED ? tarn_refused_by_list(pool)
                                       : try_resize(pool, address, m->size, m->alignment, status == TARN_OK, r);
    }
    return why;
}

/* resize_in_place(), and again if the policy has put right what it met. */
static refusal resize_remedied(const tarn_pool *pool, void *address, const moving *m, resident *r)
{
    bool may_move = r->may_move;
    bool told = false;
    refusal why;
    do {
        r->may_move = may_move;
        why = resize_in_place(pool, address, m, r);
        why.told = told;
        told = true;
    } while (why.status != TARN_OK && tarn_tries_again(pool, &why, address, m->size, m->alignment, m->caller));
    return why;
}

/* Tells that a change of size did not happen; in the end, and has not been told, also why. */
static tarn_status undo_resize(const tarn_pool *pool, const refusal *why, const void *address, const moving *m,
                               bool final)
{
    event_raise_from(TARN_EVENT_UNDO, why->status, pool, address, m->size, m->alignment, m->caller, TARN_WHY_UNKNOWN);
    return final && !(why->told && why->status == TARN_E_DAMAGED)
               ? tarn_refuse(pool, why, address, m->size, m->alignment, m->caller)
               : why->status;
}

tarn_status tarn_resize_called(tarn_pool *pool, void *address, size_t size, const void *caller)
{
    resident r = {0, false, {0, 0, 0}, false};
    const moving m = {0, size, 1, caller};
    event_raise_from(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, 0, caller, TARN_WHY_UNKNOWN);
    refusal why = resize_remedied(pool, address, &m, &r);
    if (why.status != TARN_OK) {
        return undo_resize(pool, &why, address, &m, true);
    }
    event_raise(TARN_EVENT_RESIZED, TARN_OK, pool, address, size, 0);
    return TARN_OK;
}

PUBLIC_ENTRY tarn_status tarn_resize(tarn_pool *pool, void *address, size_t size)
{
    return tarn_resize_called(pool, address, size, caller_here());
}

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

/* Of a moved block and its former place, which was given back with this answer: the one that the program has from now
 * on. */
static void *keep_one(tarn_pool *pool, const void *former, tarn_status given_back, void *moved, const void *caller)
{
    if (given_back != TARN_OK && tarn_recognise(pool, former) == TARN_OK) {
        (void)tarn_free_called(pool, moved, caller); /* the old block is the program's, so it keeps that */
        return NULL;
    }
    return moved;
}

/* A new block, the contents, and the old block back. Damage may forbid that: then as before. */
static void *move_block(tarn_pool *pool, void *address, const moving *m, const tarn_purpose *purpose)
{
    void *moved = tarn_alloc_ungated(pool, m->size, m->alignment, purpose, m->caller);
    if (moved == NULL) {
        return NULL;
    }
    size_t bytes = m->bytes < m->size ? m->bytes : m->size;
    event_enter(pool, address, bytes);
    memcpy(moved, address, bytes);
    event_leave(pool, address, bytes);
    return keep_one(pool, address, tarn_free_called(pool, address, m->caller), moved, m->caller);
}

void *tarn_realloc_called(tarn_pool *pool, void *address, size_t size, size_t alignment, const void *caller)
{
    if (address == NULL) {
        return tarn_alloc_called(pool, size, alignment, NULL, caller);
    }
    resident r = {0, true, {0, 0, 0}, false};
    moving m = {0, size, alignment, caller};
    if (gate_is_there() && tarn_refused_by_gate(pool, size, alignment, tarn_module_of(pool, address), caller)) {
        return NULL;
    }
    event_raise_from(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, alignment, caller, TARN_WHY_UNKNOWN);
    refusal why = resize_remedied(pool, address, &m, &r);
    if (why.status == TARN_OK) {
        event_raise(TARN_EVENT_RESIZED, TARN_OK, pool, address, size, alignment);
        return address;
    }
    bool moves = why.status == TARN_E_EXHAUSTED && r.may_move;
    if (moves && r.suspect && tarn_registry_any_inside(address, r.bytes)) {
        moves = false;
        tarn_refusal_count(pool);
    }
    (void)undo_resize(pool, &why, address, &m, !moves);
    if (!moves) {
        return NULL;
    }
    m.bytes = r.bytes;
    void *moved = grow_left(pool, address, &m);
    return moved != NULL ? moved : move_block(pool, address, &m, &r.purpose);
}

/* ---- plain pools (plain.h) ---- */

/* What resize_in_place() answers, or TARN_E_ARGUMENT if that is for it. */
static tarn_status resize_plain(tarn_pool *pool, const void *address, size_t size, size_t *usable)
{
    const tarn_engine *engine = plain_engine(pool);
    return engine != NULL ? engine->plain_resize(pool, address, size, usable) : TARN_E_ARGUMENT;
}

/* The same of a pool that takes the lock. Whether the block may move is for resize_in_place() to find out: what is
 * known here may be wrong as soon as the lock is given back. */
static tarn_status resize_locked(tarn_pool *pool, const void *address, size_t size)
{
    size_t usable;
    uintptr_t state = tarn_port_lock(pool);
    tarn_status status = plain_admits(pool, true) ? resize_plain(pool, address, size, &usable) : TARN_E_ARGUMENT;
    tarn_port_unlock(pool, state);
    return status == TARN_OK ? TARN_OK : TARN_E_ARGUMENT;
}

static tarn_status try_plain(tarn_pool *pool, const void *address, size_t size, size_t *usable)
{
    if (!plain_is_open(pool)) {
        return TARN_E_ARGUMENT;
    }
    if (plain_has_shape(pool, false)) {
        return resize_plain(pool, address, size, usable);
    }
    return plain_has_shape(pool, true) ? resize_locked(pool, address, size) : TARN_E_ARGUMENT;
}

/* The block would find another place without what is parked. */
static bool moves_unsettled(const tarn_pool *pool, size_t size)
{
    image im = image_open(image_base(pool));
    uint32_t need = image_granules_plain(&im, size);
    return !layout_parks(im.layout) || engine_of(&im)->would_take(&im, need, 1) == TARN_OK;
}

/* A block that cannot stay, as tarn_realloc_called() moves it. */
static void *move_plain(tarn_pool *pool, void *address, const moving *m)
{
    bool left_free = (word_load((const unsigned char *)address - 4) & BLOCK_LEFT_FREE) != 0; /* else that is in vain */
    void *moved = left_free ? grow_left(pool, address, m) : NULL;
    if (moved != NULL) {
        return moved;
    }
    moved = tarn_alloc(pool, m->size);
    if (moved == NULL) {
        return NULL;
    }
    memcpy(moved, address, m->bytes);
    return keep_one(pool, address, tarn_free(pool, address), moved, m->caller);
}

PUBLIC_ENTRY void *tarn_realloc(tarn_pool *pool, void *address, size_t size)
{
    moving m = {0, size, 1, caller_here()};
    tarn_status status = try_plain(pool, address, size, &m.bytes);
    if (status == TARN_OK) {
        return address;
    }
    bool moves = status == TARN_E_EXHAUSTED && moves_unsettled(pool, size);
    return moves ? move_plain(pool, address, &m) : tarn_realloc_called(pool, address, size, 1, m.caller);
}

PUBLIC_ENTRY void *tarn_realloc_aligned(tarn_pool *pool, void *address, size_t size, size_t alignment)
{
    return tarn_realloc_called(pool, address, size, alignment, caller_here());
}

#endif
