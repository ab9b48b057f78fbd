/* SPDX-License-Identifier: MIT */
/*
 * Entering a pool: from a handle that may be anything to an image opened under its lock.
 */
#ifndef TARN_SRC_ACCESS_H
#define TARN_SRC_ACCESS_H

#include "engine.h"
#include "tarn/port.h"

typedef struct access {
    image im;
    uintptr_t state;
    bool locked;
} access;

/* The magic is read again under the lock: the pool may have ended meanwhile. */
static inline tarn_status access_begin(const tarn_pool *pool, access *a)
{
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    unsigned char *base = image_base(pool);
    if (word_load(base) != IMAGE_MAGIC_VALUE) {
        return TARN_E_NOT_A_POOL;
    }
    uint32_t layout = word_load(base + 4u * IMAGE_LAYOUT);
    if ((uintptr_t)base - (uintptr_t)pool != word_field(layout, LAYOUT_LEAD, 3)) {
        return TARN_E_NOT_A_POOL; /* an address near the handle that rounds up to the same image */
    }
    a->locked = !layout_unlocked(layout);
    a->state = 0;
    if (a->locked) {
        a->state = tarn_port_lock(base);
        if (word_load(base) != IMAGE_MAGIC_VALUE) {
            tarn_port_unlock(base, a->state);
            return TARN_E_NOT_A_POOL;
        }
    }
    a->im = image_open(base);
    return TARN_OK;
}

static inline void access_end(const access *a)
{
    if (a->locked) {
        tarn_port_unlock(a->im.base, a->state);
    }
}

#endif
