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
#include "registry.h"

static bool is_power_of_two(size_t value)
{
    return value != 0 && (value & (value - 1u)) == 0;
}

/* A pool's first extension word, right at the block's first byte. */
static inline unsigned char *owner_word(const image *im, uint32_t offset)
{
    return image_payload(im, offset) - im->lead_bytes;
}

static inline bool has_owner(const image *im)
{
    return im->lead_bytes != 4u;
}

/* ---- handing out ---- */

static tarn_status take_granules(const image *im, uint32_t need, size_t alignment, uint32_t *offset)
{
    if (need == 0 || need > image_get(im, IMAGE_END) - im->first) {
        return TARN_E_NEVER_FITS;
    }
    if (alignment <= (size_t)1 << im->shift) {
        return engine_of(im)->take(im, need, offset);
    }
    if (alignment > UINT32_MAX || alignment >> im->shift > image_get(im, IMAGE_END)) {
        return TARN_E_NEVER_FITS;
    }
    tarn_status status = engine_of(im)->take_aligned(im, need, (uint32_t)alignment, offset);
    uint32_t log2 = highest_bit((uint32_t)alignment);
    if (status == TARN_OK && log2 > image_tally(im, TALLY_ALIGNMENT, 5)) {
        image_set_tally(im, TALLY_ALIGNMENT, 5, log2);
    }
    return status;
}

/* Under the lock: the block's payload, or NULL with the reason counted and in *status. */
static void *take_block(const image *im, size_t size, size_t alignment, uint32_t owner, tarn_status *status)
{
    uint32_t offset = 0;
    *status =
        is_power_of_two(alignment) ? take_granules(im, image_granules(im, size), alignment, &offset) : TARN_E_ARGUMENT;
    if (*status != TARN_OK) {
        count_refusal(im);
        return NULL;
    }
    if (has_owner(im)) {
        word_store(owner_word(im, offset), owner);
        memset(owner_word(im, offset) + 4, 0, im->lead_bytes - 8u);
    }
    return image_payload(im, offset);
}

static void refuse_request(const tarn_pool *pool, tarn_status status, size_t size, size_t alignment)
{
    uint32_t kind = status == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : TARN_EVENT_FAIL;
    event_raise(kind, status, pool, NULL, size, alignment);
}

void *tarn_alloc_aligned(tarn_pool *pool, size_t size, size_t alignment)
{
    access a;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        refuse_request(pool, status, size, alignment);
        return NULL;
    }
    uint32_t owner = has_owner(&a.im) ? TARN_OWNER(0, tarn_port_task()) : 0;
    void *block = take_block(&a.im, size, alignment, owner, &status);
    access_end(&a);
    if (block == NULL) {
        refuse_request(pool, status, size, alignment);
        return NULL;
    }
    event_raise(TARN_EVENT_ALLOC, TARN_OK, pool, block, size, alignment);
    return block;
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

/* Counts and tells a refused pointer; returns the status for the caller to pass on. */
static tarn_status refuse_pointer(const tarn_pool *pool, tarn_status status, const void *block)
{
    uint32_t kind = status == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : TARN_EVENT_REFUSE;
    event_raise(kind, status, pool, block, 0, 0);
    return status;
}

/* Pools in the block end with it: their entries first, so that nobody finds one whose memory is free. */
static tarn_status drop_nested(const tarn_pool *pool, const void *address)
{
    access a;
    block_ref b;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = block_recognise(&a.im, address, &b);
    bool carries = status == TARN_OK && (b.header & BLOCK_MARK) != 0;
    size_t bytes = carries ? image_usable(&a.im, b.size) : 0;
    access_end(&a);
    if (carries) {
        tarn_registry_drop_inside(address, bytes, false);
    }
    return status;
}

static tarn_status take_back(const tarn_pool *pool, const void *address, bool nested_dropped, bool *carries)
{
    access a;
    block_ref b;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = block_recognise(&a.im, address, &b);
    *carries = status == TARN_OK && (b.header & BLOCK_MARK) != 0;
    if (status == TARN_OK && (nested_dropped || !*carries)) {
        status = engine_of(&a.im)->release(&a.im, &b);
    }
    if (status != TARN_OK) {
        count_refusal(&a.im);
    }
    access_end(&a);
    return status;
}

tarn_status tarn_free(tarn_pool *pool, void *block)
{
    if (block == NULL) {
        return refuse_pointer(pool, TARN_E_NULL, block);
    }
    event_raise(TARN_EVENT_FREE, TARN_OK, pool, block, 0, 0);
    bool carries = false;
    tarn_status status = take_back(pool, block, false, &carries);
    if (status == TARN_OK && carries) {
        status = drop_nested(pool, block);
        status = status == TARN_OK ? take_back(pool, block, true, &carries) : status;
    }
    if (status != TARN_OK) {
        event_raise(TARN_EVENT_UNDO, status, pool, block, 0, 0);
        return refuse_pointer(pool, status, block);
    }
    return TARN_OK;
}

/* ---- changing size ---- */

/* Under the lock: the size in place, whichever way. */
static tarn_status resize_block(const image *im, const block_ref *b, uint32_t need)
{
    if (need == 0) {
        return TARN_E_NEVER_FITS;
    }
    if (need > b->size) {
        return engine_of(im)->extend(im, b, need);
    }
    engine_of(im)->trim(im, b, need);
    return TARN_OK;
}

tarn_status tarn_resize(tarn_pool *pool, void *address, size_t size)
{
    access a;
    block_ref b;
    event_raise(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, 0);
    tarn_status status = address == NULL ? TARN_E_NULL : access_begin(pool, &a);
    if (status == TARN_OK) {
        status = block_recognise(&a.im, address, &b);
        if (status == TARN_OK) {
            status = resize_block(&a.im, &b, image_granules(&a.im, size));
        }
        if (status != TARN_OK) {
            count_refusal(&a.im);
        }
        access_end(&a);
    }
    if (status != TARN_OK) {
        event_raise(TARN_EVENT_UNDO, status, pool, address, size, 0);
    }
    return status;
}

/* What became of an attempt to resize without a new block. */
typedef struct relocation {
    tarn_status status;
    size_t old_bytes; /* payload before */
    block_ref merged; /* the block that the left neighbour was merged into; offset 0 if it was not */
    void *moved;      /* its payload */
} relocation;

/* Under the lock: in place, else into the left neighbour. Extension words travel here, the payload later (P2). */
static void relocate_begin(const image *im, const block_ref *b, size_t size, size_t alignment, relocation *r)
{
    uint32_t need = image_granules(im, size);
    uintptr_t off_alignment = (uintptr_t)image_payload(im, b->offset) & (alignment - 1u);
    r->old_bytes = image_usable(im, b->size);
    r->merged.offset = 0;
    r->status = TARN_E_ARGUMENT;
    if (!is_power_of_two(alignment)) {
        return;
    }
    r->status = off_alignment == 0 ? resize_block(im, b, need) : TARN_E_EXHAUSTED;
    bool stays = (b->header & BLOCK_MARK) != 0; /* bytes of a live pool must not move */
    if (r->status != TARN_E_EXHAUSTED || need < b->size || stays || alignment > (size_t)1 << im->shift) {
        return;
    }
    unsigned char *old_words = owner_word(im, b->offset);
    if (engine_of(im)->absorb_left(im, b, need, &r->merged) != TARN_OK) {
        r->merged.offset = 0;
        return;
    }
    memmove(owner_word(im, r->merged.offset), old_words, im->lead_bytes - 4u);
    r->moved = image_payload(im, r->merged.offset);
    r->status = TARN_OK;
}

/* The merged block may be larger than asked for: its tail goes back once the payload has left it. */
static void relocate_end(const tarn_pool *pool, const relocation *r, size_t size)
{
    access a;
    block_ref b;
    if (access_begin(pool, &a) != TARN_OK) {
        return;
    }
    if (block_recognise(&a.im, r->moved, &b) == TARN_OK && b.size == r->merged.size) {
        engine_of(&a.im)->trim(&a.im, &b, image_granules(&a.im, size));
    }
    access_end(&a);
}

/* A new block, the contents, and the old block back. */
static void *move_block(tarn_pool *pool, void *address, size_t old_bytes, size_t size, size_t alignment)
{
    void *moved = tarn_alloc_aligned(pool, size, alignment);
    if (moved == NULL) {
        return NULL;
    }
    memcpy(moved, address, old_bytes < size ? old_bytes : size);
    (void)tarn_free(pool, address);
    return moved;
}

void *tarn_realloc_aligned(tarn_pool *pool, void *address, size_t size, size_t alignment)
{
    if (address == NULL) {
        return tarn_alloc_aligned(pool, size, alignment);
    }
    access a;
    block_ref b;
    relocation r;
    event_raise(TARN_EVENT_RESIZE, TARN_OK, pool, address, size, alignment);
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        event_raise(TARN_EVENT_UNDO, status, pool, address, size, alignment);
        refuse_request(pool, status, size, alignment);
        return NULL;
    }
    status = block_recognise(&a.im, address, &b);
    if (status != TARN_OK) {
        count_refusal(&a.im);
        access_end(&a);
        event_raise(TARN_EVENT_UNDO, status, pool, address, size, alignment);
        (void)refuse_pointer(pool, status, address);
        return NULL;
    }
    relocate_begin(&a.im, &b, size, alignment, &r);
    if (r.status != TARN_OK && r.status != TARN_E_EXHAUSTED) {
        count_refusal(&a.im); /* an exhausted one goes on to move_block(), which counts */
    }
    access_end(&a);
    if (r.status == TARN_OK && r.merged.offset == 0) {
        return address;
    }
    event_raise(TARN_EVENT_UNDO, r.status, pool, address, size, alignment);
    if (r.status == TARN_E_EXHAUSTED) {
        return move_block(pool, address, r.old_bytes, size, alignment);
    }
    if (r.status != TARN_OK) {
        refuse_request(pool, r.status, size, alignment);
        return NULL;
    }
    event_raise(TARN_EVENT_FREE, TARN_OK, pool, address, 0, 0);
    memmove(r.moved, address, r.old_bytes < size ? r.old_bytes : size);
    relocate_end(pool, &r, size);
    event_raise(TARN_EVENT_ALLOC, TARN_OK, pool, r.moved, size, alignment);
    return r.moved;
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

tarn_status tarn_owner_set(tarn_pool *pool, void *address, uint32_t owner)
{
    access a;
    block_ref b;
    tarn_status status = open_block(pool, address, &a, &b);
    if (status != TARN_OK) {
        return status;
    }
    if (has_owner(&a.im)) {
        word_store(owner_word(&a.im, b.offset), owner);
    } else {
        status = TARN_E_ARGUMENT;
    }
    access_end(&a);
    return status;
}

/* ---- nesting ---- */

tarn_status tarn_block_carries(tarn_pool *pool, const void *start, size_t bytes)
{
    access a;
    block_ref b;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    uintptr_t distance = (uintptr_t)start - (uintptr_t)a.im.base;
    status = TARN_E_NOT_A_BLOCK;
    if (block_recognise(&a.im, start, &b) == TARN_OK || block_around(&a.im, (uint32_t)(distance >> a.im.shift), &b)) {
        uintptr_t into = (uintptr_t)start - (uintptr_t)image_payload(&a.im, b.offset);
        size_t usable = image_usable(&a.im, b.size);
        if (block_used(b.header) && into <= usable && bytes <= usable - into) {
            block_write(&a.im, b.offset, b.size, b.header | BLOCK_MARK);
            status = TARN_OK;
        }
    }
    access_end(&a);
    return status;
}
