/* SPDX-License-Identifier: MIT */
/*
 * The public operations on blocks in a build for plain pools alone (TARN_ONLY_PLAIN): what pool.c and resize.c do,
 * where nobody listens, no block has words or an end, and the policy is STOP.
 *
 * The engine's operations and giving parked blocks back are compiled here once more, with no names outside, so that
 * the compiler makes what is called once a part of its caller.
 *
 * P1 A refused call changes nothing but the refusal count.
 * P2 No user byte is read or written under the lock.
 * S2 What is done here is what the general operations would do: the same bytes in the image, the same answers.
 * Bound: one or two engine operations per call; a realloc that moves, three. Where blocks are parked and a request
 * finds no room, once more for each.
 */
#include "config.h"

#ifdef TARN_ONLY_PLAIN

#define TARN_SRC_SMALL
#define ENGINE_ONLY_LINKAGE SMALL_IN_CALLERS static inline

#include "access.h"
#include "called.h"
#include "registry.h"

#if defined(TARN_WITH_TLSF)
#include "index_tlsf.h"
#define ENGINE(name) tlsf_##name
#define ENGINE_NUMBER TARN_ENGINE_TLSF
#define ENGINE_FITS_BEST 0
#elif defined(TARN_WITH_BESTFIT)
#include "index_bestfit.h"
#define ENGINE(name) bestfit_##name
#define ENGINE_NUMBER TARN_ENGINE_BESTFIT
#define ENGINE_FITS_BEST 1
#else
#include "index_linear.h"
#define ENGINE(name) linear_##name
#define ENGINE_NUMBER TARN_ENGINE_LINEAR
#define ENGINE_FITS_BEST 1
#endif
#include "pool_ops.h"

#include "engine_only.h"

#include "steps.h"

#include "access.c"
#include "park.c"
#include "small_init.c"

/* Of a pool that was entered: counts a refusal, leaves, and passes the status on. */
static tarn_status end_with(const access *a, tarn_status status)
{
    if (status != TARN_OK) {
        count_refusal(&a->im);
    }
    access_end(a);
    return status;
}

/* ---- handing out ---- */

/* The granules may be asked for. */
static bool fits(const image *im, uint32_t need)
{
    return need != 0 && need <= image_get(im, IMAGE_END) - im->first;
}

/* What is parked, given back for a request without an alignment; apart, so that those with one are not linked. */
static tarn_status settle_for(const image *im, uint32_t need)
{
    return layout_parks(im->layout) ? park_settle(im, need, 1) : TARN_E_EXHAUSTED;
}

/* First what is parked, and when there is no room, with what is parked given back. */
static tarn_status take_block(const image *im, uint32_t need, uint32_t *offset)
{
    tarn_status status = TARN_E_EXHAUSTED;
    if (!fits(im, need)) {
        return TARN_E_NEVER_FITS;
    }
    if (park_has_list(im, park_size(im, need))) {
        status = park_pop(im, park_size(im, need), offset);
    }
    if (status == TARN_E_EXHAUSTED) {
        status = engine_of(im)->take(im, need, offset);
    }
    if (status == TARN_E_EXHAUSTED && settle_for(im, need) == TARN_OK) {
        status = engine_of(im)->take(im, need, offset);
    }
    return status;
}

/* The block of a pool that was entered, which it leaves. */
static void *handed_out(const access *a, tarn_status status, const uint32_t *offset)
{
    return end_with(a, status) == TARN_OK ? image_payload(&a->im, *offset) : NULL;
}

void *tarn_alloc(tarn_pool *pool, size_t size)
{
    access a;
    uint32_t offset;
    if (access_begin(pool, &a) != TARN_OK) {
        return NULL;
    }
    return handed_out(&a, take_block(&a.im, image_granules_plain(&a.im, size), &offset), &offset);
}

static tarn_status take_aligned(const image *im, uint32_t need, size_t alignment, uint32_t *offset)
{
    if (!is_power_of_two(alignment)) {
        return TARN_E_ARGUMENT;
    }
    tarn_status status = take_granules(im, need, alignment, offset);
    if (status == TARN_E_EXHAUSTED && layout_parks(im->layout) &&
        tarn_park_settle_for(im, need, (uint32_t)alignment) == TARN_OK) {
        status = take_granules(im, need, alignment, offset);
    }
    return status;
}

void *tarn_alloc_aligned(tarn_pool *pool, size_t size, size_t alignment)
{
    access a;
    uint32_t offset;
    if (is_power_of_two(alignment) && alignment <= 8u) {
        return tarn_alloc(pool, size);
    }
    if (access_begin(pool, &a) != TARN_OK) {
        return NULL;
    }
    return handed_out(&a, take_aligned(&a.im, image_granules_plain(&a.im, size), alignment, &offset), &offset);
}

void *tarn_alloc_for(tarn_pool *pool, size_t size, const tarn_purpose *purpose)
{
    size_t alignment = purpose == NULL || purpose->alignment == 0 ? 1 : purpose->alignment;
    bool legal = purpose == NULL || purpose->module <= MODULE_MAX;
    return tarn_alloc_aligned(pool, size, legal ? alignment : 0); /* 0 is refused */
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

void *tarn_alloc_called(tarn_pool *pool, size_t size, size_t alignment, const tarn_purpose *purpose, const void *caller)
{
    (void)purpose, (void)caller;
    return tarn_alloc_aligned(pool, size, alignment);
}

/* ---- taking back ---- */

tarn_status tarn_free(tarn_pool *pool, void *block)
{
    access a;
    block_ref b;
    tarn_status status = block == NULL ? TARN_E_NULL : access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = block_recognise(&a.im, block, &b);
    if (status == TARN_OK && !park_push(&a.im, &b)) {
        status = engine_of(&a.im)->release(&a.im, &b);
    }
    return end_with(&a, status);
}

tarn_status tarn_free_called(tarn_pool *pool, void *block, const void *caller)
{
    (void)caller;
    return tarn_free(pool, block);
}

/* ---- changing the size ---- */

/* The size where the block stands; under the lock. */
static tarn_status resize_here(const image *im, const void *block, const new_extent *w, block_ref *b)
{
    tarn_status status = block_recognise(im, block, b);
    return status == TARN_OK ? resize_uncounted(im, b, w) : status;
}

/* The same, in the pool. moves: in, the block may move; out, it has to, and then nothing is counted. *bytes is what it
 * held. */
static tarn_status resize_in_place(const tarn_pool *pool, const void *block, const new_extent *asked, bool *moves,
                                   size_t *bytes)
{
    access a;
    block_ref b;
    tarn_status status = block == NULL ? TARN_E_NULL : access_begin(pool, &a);
    if (status != TARN_OK) {
        *moves = false;
        return status;
    }
    const new_extent w = {asked->size, image_granules_plain(&a.im, asked->size), asked->alignment};
    status = resize_here(&a.im, block, &w, &b);
    *moves = *moves && status == TARN_E_EXHAUSTED && (b.header & BLOCK_MARK) == 0;
    if (layout_parks(a.im.layout) && status == TARN_E_EXHAUSTED && !(*moves && could_move(&a.im, &b, &w))) {
        access_settle(&a);
        status = resize_here(&a.im, block, &w, &b); /* its left neighbour may be free now */
        *moves = *moves && status == TARN_E_EXHAUSTED;
    }
    *bytes = *moves ? image_usable(&a.im, b.size) : 0;
    if (*moves) {
        access_end(&a);
        return status;
    }
    return end_with(&a, status);
}

tarn_status tarn_resize_called(tarn_pool *pool, void *block, size_t size, const void *caller)
{
    const new_extent w = {size, 0, 1};
    bool moves = false;
    size_t bytes;
    (void)caller;
    return resize_in_place(pool, block, &w, &moves, &bytes);
}

tarn_status tarn_resize(tarn_pool *pool, void *block, size_t size)
{
    return tarn_resize_called(pool, block, size, NULL);
}

/* Over the end of a free left neighbour; NULL if that is not possible. */
static void *move_left(const tarn_pool *pool, const void *block, const new_extent *w, size_t bytes)
{
    access a;
    origin unused = {.caller = NULL};
    void *moved = NULL;
    if (access_begin(pool, &a) == TARN_OK) {
        moved = relocate_left(&a.im, block, image_granules_plain(&a.im, w->size), w->alignment, &unused);
        access_end(&a);
    }
    if (moved != NULL) {
        memmove(moved, block, bytes);
    }
    return moved;
}

/* A new block, the contents, and the old block back. Damage may forbid that: then the old one is what the program
 * keeps. */
static void *move_away(tarn_pool *pool, void *block, const new_extent *w, size_t bytes)
{
    void *moved = tarn_alloc_aligned(pool, w->size, w->alignment);
    if (moved == NULL) {
        return NULL;
    }
    memcpy(moved, block, bytes < w->size ? bytes : w->size);
    if (tarn_free(pool, block) != TARN_OK && tarn_recognise(pool, block) == TARN_OK) {
        (void)tarn_free(pool, moved);
        return NULL;
    }
    return moved;
}

void *tarn_realloc_aligned(tarn_pool *pool, void *block, size_t size, size_t alignment)
{
    const new_extent w = {size, 0, alignment};
    bool moves = true;
    size_t bytes;
    if (block == NULL) {
        return tarn_alloc_aligned(pool, size, alignment);
    }
    if (resize_in_place(pool, block, &w, &moves, &bytes) == TARN_OK) {
        return block;
    }
    if (!moves) {
        return NULL;
    }
    void *moved = move_left(pool, block, &w, bytes);
    return moved != NULL ? moved : move_away(pool, block, &w, bytes);
}

void *tarn_realloc(tarn_pool *pool, void *block, size_t size)
{
    return tarn_realloc_aligned(pool, block, size, 1);
}

void *tarn_realloc_called(tarn_pool *pool, void *block, size_t size, size_t alignment, const void *caller)
{
    (void)caller;
    return tarn_realloc_aligned(pool, block, size, alignment);
}

#endif
