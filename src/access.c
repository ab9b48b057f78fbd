/* SPDX-License-Identifier: MIT */
/*
 * Entering a pool, out of line: every call but those of plain pools does it, and once is enough code.
 *
 * Bound: constant, but for waiting for the lock.
 */
#include "access.h"

#ifdef TARN_ONLY_PLAIN
#ifdef TARN_SRC_SMALL

/* No call of this build closes a pool, and no handle is rounded up; the magic is looked at once, under the lock. */
tarn_status tarn_access_enter(const tarn_pool *pool, access *a, bool closed)
{
    unsigned char *base = (unsigned char *)(uintptr_t)pool;
    (void)closed;
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    if (((uintptr_t)base & (IMAGE_ALIGNMENT - 1u)) != 0) {
        return TARN_E_NOT_A_POOL;
    }
    a->state = layout_unlocked(word_load(base + 4u * IMAGE_LAYOUT)) ? 0 : tarn_port_lock(base);
    a->im = image_open(base);
    tarn_status status = TARN_E_NOT_A_POOL;
    if (access_is_pool(base)) {
        status = access_is_sane(&a->im) ? TARN_OK : TARN_E_DAMAGED;
    }
    if (status != TARN_OK) {
        access_end(a);
    }
    return status;
}

#endif
#else

/* What an image that is not admitted is. */
static tarn_status access_refusal(const unsigned char *base)
{
    return access_is_closed(base) ? TARN_E_CLOSED : TARN_E_NOT_A_POOL;
}

/* The magic is read again under it: the pool may have ended meanwhile. */
tarn_status tarn_access_enter(const tarn_pool *pool, access *a, bool closed)
{
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    unsigned char *base = image_base(pool);
    if (!access_admits(base, closed)) {
        return access_refusal(base);
    }
    uint32_t layout = word_load(base + 4u * IMAGE_LAYOUT);
    if ((uintptr_t)base - (uintptr_t)pool != layout_lead(layout)) {
        return TARN_E_NOT_A_POOL; /* an address near the handle that rounds up to the same image */
    }
    a->pool = pool;
    event_enter(pool, NULL, 0);
    a->locked = !layout_unlocked(layout);
    a->state = 0;
    if (a->locked) {
        a->state = tarn_port_lock(base);
    }
    a->im = image_open(base);
    bool alive = access_admits(base, closed);
    if (alive && access_is_sane(&a->im)) {
        return TARN_OK;
    }
    access_end(a);
    return alive ? TARN_E_DAMAGED : access_refusal(base);
}

#endif
