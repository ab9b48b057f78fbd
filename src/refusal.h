/* SPDX-License-Identifier: MIT */
/*
 * How operations on blocks (pool.c, resize.c) are refused: what is counted under the lock, what is told outside it, and
 * whether a call that met damage is made again.
 *
 * R1 A refused call is counted once and told once.
 * Bound: constant, but for the remedy REPAIR (policy.h).
 */
#ifndef TARN_SRC_REFUSAL_H
#define TARN_SRC_REFUSAL_H

#include "policy.h"

/* Why a call is refused. */
typedef struct refusal {
    tarn_status status;
    uint32_t verdict; /* TARN_WHY_* */
    uint32_t remedy;  /* REMEDY_* */
    void *held;       /* block that was set aside and counted, NULL if none was */
    uint32_t waiting; /* so many blocks wait whose leaving may help, or REMEDY_ANEW: not refused yet; 0 if it is */
    bool told;
    bool left;         /* the block has left the program (leave.h): there is nothing to undo */
    fill_break broken; /* of held, what tarn_dress_block() told */
    uint32_t key;      /* with left, or held: of the pool (leave.h) */
} refusal;

/* Of a call that got no further than the pool's header. */
static inline refusal refusal_of(tarn_status status)
{
    return (refusal){status, TARN_WHY_UNKNOWN, REMEDY_NONE, NULL, 0, false, false, {NULL, 0}, 0};
}

/* A pool that notes callers is left to ask who they are, and entered again. */
static inline tarn_status learn_callers(const tarn_pool *pool, access *a, origin *o)
{
    if (words_count(&a->im) < TARN_WORDS_CALLERS) {
        return TARN_OK;
    }
    access_end(a);
    tarn_origin_ask(o);
    return access_begin(pool, a);
}

/* Outside the lock, as all that follow. */
void tarn_refusal_count(const tarn_pool *pool);

/* Counted: the list of those that wait is broken. */
refusal tarn_refused_by_list(const tarn_pool *pool);

/* Asks the gates, of which there are some; true, counted and told if one refuses. */
bool tarn_refused_by_gate(const tarn_pool *pool, size_t size, size_t alignment, uint32_t module, const void *caller);

/* Tells what was refused, which has been counted: the pointer or the size. Returns the status for the caller to pass
 * on. */
tarn_status tarn_refuse(const tarn_pool *pool, const refusal *r, const void *block, size_t size, size_t alignment,
                        const void *caller);

/* Of a call on a block that met damage, after each try: tells of it and does what the pool's policy wants, once. True
 * if the call shall be made again. */
bool tarn_tries_again(const tarn_pool *pool, refusal *r, const void *block, size_t size, size_t alignment,
                      const void *caller);

#endif
