/* SPDX-License-Identifier: MIT */
/*
 * The public operations on blocks: enter under the lock, recognise, let the engine work, leave; events and the copying
 * or filling of user memory happen outside the lock.
 *
 * P1 A refused call changes nothing but the refusal count.
 * P2 No user byte is read or written under the lock.
 * Bound: one or two engine operations per call; realloc that moves takes three.
 */
#include "access.h"
#include "events.h"
#include "gate.h"
#include "registry.h"
#include "steps.h"

/* ---- handing out ---- */

/* Under the lock: the block's payload, or NULL with the reason in *status. */
static void *take_block(const image *im, size_t size, size_t alignment, uint32_t owner, tarn_status *status)
{
    uint32_t offset = 0;
    *status =
        is_power_of_two(alignment) ? take_granules(im, image_granules(im, size), alignment, &offset) : TARN_E_ARGUMENT;
    if (*status != TARN_OK) {
        return NULL;
    }
    set_first_owner(im, offset, owner);
    return image_payload(im, offset);
}

/* Tells a refused request, which has been counted. */
static void tell_refused(const tarn_pool *pool, tarn_status status, size_t size, size_t alignment)
{
    uint32_t kind = status == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : TARN_EVENT_FAIL;
    event_raise(kind, status, pool, NULL, size, alignment);
}

static void count_refused(const tarn_pool *pool)
{
    access a;
    if (access_begin(pool, &a) == TARN_OK) {
        count_refusal(&a.im);
        access_end(&a);
    }
}

/* counting: if it fails it has failed for good. */
static void *try_request(const tarn_pool *pool, size_t size, size_t alignment, bool counting, tarn_status *status)
{
    access a;
    *status = access_begin(pool, &a);
    if (*status != TARN_OK) {
        return NULL;
    }
    uint32_t owner = has_owner(&a.im) ? TARN_OWNER(0, tarn_port_task()) : 0;
    void *block = take_block(&a.im, size, alignment, owner, status);
    if (block == NULL && counting) {
        count_refusal(&a.im);
    }
    access_end(&a);
    return block;
}

/* What the gates make of a request that failed and was not counted. */
static void *try_relieved(const tarn_pool *pool, size_t size, size_t alignment, tarn_status *status)
{
    if (gate_relieves(pool, size, alignment, 0, *status)) {
        return try_request(pool, size, alignment, true, status);
    }
    count_refused(pool);
    return NULL;
}

/* Serves a request that the gates, if there are any, let pass. */
static void *serve_request(const tarn_pool *pool, size_t size, size_t alignment)
{
    tarn_status status;
    bool final = !gate_is_there();
    void *block = try_request(pool, size, alignment, final, &status);
    if (block == NULL && !final) {
        block = try_relieved(pool, size, alignment, &status);
    }
    if (block == NULL) {
        tell_refused(pool, status, size, alignment);
        return NULL;
    }
    event_raise(TARN_EVENT_ALLOC, TARN_OK, pool, block, size, alignment);
    return block;
}

/* True, and the request refused, if a gate says so. */
static bool turned_away(const tarn_pool *pool, size_t size, size_t alignment)
{
    tarn_status status = gate_ask(pool, size, alignment, 0);
    if (status != TARN_OK) {
        count_refused(pool);
        tell_refused(pool, status, size, alignment);
    }
    return status != TARN_OK;
}

void *tarn_alloc_aligned(tarn_pool *pool, size_t size, size_t alignment)
{
    return turned_away(pool, size, alignment) ? NULL : serve_request(pool, size, alignment);
}

void *tarn_alloc(tarn_pool *pool, size_t size)
{
    return tarn_alloc_aligned(pool, size, 1);
}

void *tarn_calloc(tarn_pool *pool, size_t count, size_t size)
{
    size_t bytes = size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size; /* SIZE_MAX never fits */
    void *block = tarn_alloc(pool, bytes);
    if (block != NULL) {
        memset(block, 0, bytes);
    }
    return block;
}

/* ---- taking back ---- */

/* Tells what was refused, which has been counted: the pointer or the size. Returns the status for the caller to pass
 * on. */
static tarn_status refuse(const tarn_pool *pool, tarn_status status, const void *block, size_t size, size_t alignment)
{
    event_raise(refusal_event(status), status, pool, block, size, alignment);
    return status;
}

/* Takes the block back, or, if it carries pools that are still to be dropped, only finds out whether it could. The size
 * of such a block is then in *carrying. */
static tarn_status take_back(const tarn_pool *pool, const void *address, bool dropped, size_t *carrying)
{
    access a;
    block_ref b;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = block_recognise(&a.im, address, &b);
    bool wait = status == TARN_OK && (b.header & BLOCK_MARK) != 0 && !dropped;
    if (wait) {
        *carrying = image_usable(&a.im, b.size);
        status = engine_of(&a.im)->may_release(&a.im, &b) ? TARN_OK : TARN_E_DAMAGED;
    } else if (status == TARN_OK) {
        status = engine_of(&a.im)->release(&a.im, &b);
    }
    if (status != TARN_OK) {
        count_refusal(&a.im);
    }
    access_end(&a);
    return status;
}

/* Pools in the block end with it: their entries first, so that nobody finds one whose memory is free. */
static tarn_status take_back_with_nested(const tarn_pool *pool, const void *address)
{
    size_t carrying = 0;
    tarn_status status = take_back(pool, address, false, &carrying);
    if (status == TARN_OK && carrying != 0) {
        tarn_registry_drop_inside(address, carrying, false);
        status = take_back(pool, address, true, &carrying);
    }
    return status;
}

tarn_status tarn_free(tarn_pool *pool, void *block)
{
    if (block == NULL) {
        return refuse(pool, TARN_E_NULL, block, 0, 0);
    }
    event_raise(TARN_EVENT_FREE, TARN_OK, pool, block, 0, 0);
    tarn_status status = take_back_with_nested(pool, block);
    if (status != TARN_OK) {
        event_raise(TARN_EVENT_UNDO, status, pool, block, 0, 0);
        return refuse(pool, status, block, 0, 0);
    }
    return TARN_OK;
}

/* ---- changing size ---- */

/* What resize_in_place() found out about the block for whoever goes on. */
typedef struct resident {
    size_t bytes;  /* payload before */
    bool may_move; /* in: the caller would move it; out: and it carries no pool */
} resident;

static tarn_status resize_in_place(const tarn_pool *pool, const void *address, size_t size, size_t alignment,
                                   resident *r)
{
    access a;
    block_ref b;
    tarn_status status = address == NULL ? TARN_E_NULL : access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = block_recognise(&a.im, address, &b);
    if (status == TARN_OK) {
        status = resize_block(&a.im, &b, image_granules(&a.im, size), alignment);
        r->bytes = image_usable(&a.im, b.size);
        r->may_move = r->may_move && (b.header & BLOCK_MARK) == 0;
    }
    if (status != TARN_OK && (status != TARN_E_EXHAUSTED || !r->may_move)) {
        count_refusal(&a.im);
    }
    access_end(&a);
    return status;
}

tarn_status tarn_resize(tarn_pool *pool, void *address, size_t size)
{
    resident r = {0, false};
    event_raise(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, 0);
    tarn_status status = resize_in_place(pool, address, size, 1, &r);
    if (status != TARN_OK) {
        event_raise(TARN_EVENT_UNDO, status, pool, address, size, 0);
        return refuse(pool, status, address, size, 0);
    }
    event_raise(TARN_EVENT_RESIZED, TARN_OK, pool, address, size, 0);
    return TARN_OK;
}

/* The new block contains the old one, so that ALLOC makes all of it addressable before the payload moves down. */
static void *grow_left(const tarn_pool *pool, const void *address, size_t bytes, size_t size, size_t alignment)
{
    access a;
    void *moved = NULL;
    event_raise(TARN_EVENT_FREE, TARN_OK, pool, address, 0, 0);
    if (access_begin(pool, &a) == TARN_OK) {
        moved = relocate_left(&a.im, address, image_granules(&a.im, size), alignment);
        access_end(&a);
    }
    if (moved == NULL) {
        event_raise(TARN_EVENT_UNDO, TARN_E_EXHAUSTED, pool, address, 0, 0);
        return NULL;
    }
    event_raise(TARN_EVENT_ALLOC, TARN_OK, pool, moved, size, alignment);
    event_enter(pool, address, bytes);
    memmove(moved, address, bytes);
    event_leave(pool, address, bytes);
    return moved;
}

/* A new block, the contents, and the old block back. */
static void *move_block(tarn_pool *pool, void *address, size_t bytes, size_t size, size_t alignment)
{
    void *moved = serve_request(pool, size, alignment);
    if (moved == NULL) {
        return NULL;
    }
    bytes = bytes < size ? bytes : size;
    event_enter(pool, address, bytes);
    memcpy(moved, address, bytes);
    event_leave(pool, address, bytes);
    (void)tarn_free(pool, address);
    return moved;
}

void *tarn_realloc_aligned(tarn_pool *pool, void *address, size_t size, size_t alignment)
{
    if (address == NULL) {
        return tarn_alloc_aligned(pool, size, alignment);
    }
    resident r = {0, true};
    if (turned_away(pool, size, alignment)) {
        return NULL;
    }
    event_raise(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, alignment);
    tarn_status status = resize_in_place(pool, address, size, alignment, &r);
    if (status == TARN_OK) {
        event_raise(TARN_EVENT_RESIZED, TARN_OK, pool, address, size, alignment);
        return address;
    }
    event_raise(TARN_EVENT_UNDO, status, pool, address, size, alignment);
    if (status != TARN_E_EXHAUSTED || !r.may_move) {
        (void)refuse(pool, status, address, size, alignment);
        return NULL;
    }
    void *moved = grow_left(pool, address, r.bytes, size, alignment);
    return moved != NULL ? moved : move_block(pool, address, r.bytes, size, alignment);
}

void *tarn_realloc(tarn_pool *pool, void *address, size_t size)
{
    return tarn_realloc_aligned(pool, address, size, 1);
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
    status = block_recognise(&a->im, address, b);
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
    access_end(&a);
    return image_usable(&a.im, b.size);
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
    unsigned char *word = owner_word(&a.im, b.offset);
    if (has_owner(&a.im) && (expected == NULL || word_load(word) == *expected)) {
        word_store(word, owner);
    } else {
        status = TARN_E_ARGUMENT;
    }
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

/* ---- nesting ---- */

tarn_status tarn_carrier_mark(const tarn_pool *pool, const void *start, size_t bytes, bool carries, carrier *found)
{
    access a;
    block_ref b;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = find_carrier(&a.im, start, bytes, &b);
    if (status == TARN_OK) {
        found->start = image_payload(&a.im, b.offset);
        found->bytes = image_usable(&a.im, b.size);
        block_write(&a.im, b.offset, b.size, carries ? b.header | BLOCK_MARK : b.header & ~BLOCK_MARK);
    }
    access_end(&a);
    return status;
}
