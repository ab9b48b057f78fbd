/* SPDX-License-Identifier: MIT */
/*
 * Entering a pool: from a handle that may be anything to an image opened under its lock.
 */
#ifndef TARN_SRC_ACCESS_H
#define TARN_SRC_ACCESS_H

#include "engine.h"
#include "events.h"
#include "park.h"
#include "slab.h"
#include "tarn/port.h"

typedef struct access {
    image im;
#ifndef TARN_ONLY_PLAIN
    const tarn_pool *pool;
#endif
    uintptr_t state;
#ifndef TARN_ONLY_PLAIN
    bool locked;
#endif
} access;

#ifdef TARN_ONLY_PLAIN

static inline const tarn_pool *access_pool(const access *a)
{
    return (const tarn_pool *)a->im.base;
}

/* By the layout as it was under the lock. That of a pool in use changes in no call but its end and its next init, which
 * are the program's to keep apart from others. */
static inline void access_end(const access *a)
{
    if (!layout_unlocked(a->im.layout)) {
        tarn_port_unlock(a->im.base, a->state);
    }
}

#else

static inline const tarn_pool *access_pool(const access *a)
{
    return a->pool;
}

static inline void access_end(const access *a)
{
    if (a->locked) {
        tarn_port_unlock(a->im.base, a->state);
    }
    event_leave(a->pool, NULL, 0);
}

#endif

static inline bool access_is_pool(const unsigned char *base)
{
    return word_load_shared(base + 4u * IMAGE_MAGIC) == IMAGE_MAGIC_VALUE;
}

/* One that damage has closed (policy.h): nothing is done to it, but it may be looked at. */
static inline bool access_is_closed(const unsigned char *base)
{
    return word_load_shared(base + 4u * IMAGE_MAGIC) == IMAGE_CLOSED_VALUE;
}

/* closed: one that is closed will do. */
static inline bool access_admits(const unsigned char *base, bool closed)
{
    return access_is_pool(base) || (closed && access_is_closed(base));
}

/* I1, of words that init, adopt and grow have made legal: a call that went by one which has changed could leave the
 * pool. */
static inline bool access_is_whole(const image *im)
{
    uint32_t top = image_get(im, IMAGE_TOP);
    return image_is_sealed(im) && im->first <= top && top <= image_get(im, IMAGE_END);
}

static inline bool access_is_sane(const image *im)
{
    return access_is_whole(im) &&
           (ONLY_PLAIN ? layout_is_only_plain(im->layout) : engine_is_in(layout_engine(im->layout)));
}

/* closed: one that is closed will do. On success the lock is held. */
tarn_status tarn_access_enter(const tarn_pool *pool, access *a, bool closed);

/* To do something: TARN_E_CLOSED for a pool that is closed. */
static inline tarn_status access_begin(const tarn_pool *pool, access *a)
{
    return tarn_access_enter(pool, a, false);
}

/* To end or to open again. */
static inline tarn_status access_begin_any(const tarn_pool *pool, access *a)
{
    return tarn_access_enter(pool, a, true);
}

/* Of a pool that was entered: no block is parked any more, and no page is empty but those that their class keeps,
 * unless damage forbids that, or the pool is closed. */
static inline void access_settle(const access *a)
{
    if (layout_parks(a->im.layout) && access_is_pool(a->im.base)) {
        (void)tarn_park_settle(&a->im);
        if (layout_has_slab(a->im.layout)) {
            (void)tarn_slab_settle(&a->im);
        }
    }
}

/* To look. */
static inline tarn_status access_begin_settled(const tarn_pool *pool, access *a)
{
    tarn_status status = access_begin_any(pool, a);
    if (status == TARN_OK) {
        access_settle(a);
    }
    return status;
}

#endif
