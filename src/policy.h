/* SPDX-License-Identifier: MIT */
/*
 * What a pool does about damage that one of its calls has met, beside refusing it: the policy chosen at init.
 *
 * PL1 The policy is read by calls that are about to refuse and by no other.
 * PL2 A closed pool has another magic: the look at it that every call makes fails, and only then is closed told from
 *     no pool.
 * PL3 What is done about damage is done when CORRUPT has been raised, outside the lock, so that a report shows what was
 *     met; but a pool is closed at once.
 * Bound: constant, but for the remedies REPAIR and CLOSE: a full check, and of the first tarn_repair().
 */
#ifndef TARN_SRC_POLICY_H
#define TARN_SRC_POLICY_H

#include "access.h"
#include "steps.h"

static inline uint32_t policy_of(const image *im)
{
    return image_tally(im, TALLY_POLICY, 3);
}

/* What is left to do about a call that met damage, once its lock is given up. */
enum {
    REMEDY_NONE,    /* the call is refused and counted */
    REMEDY_MEND,    /* the guard is made anew, and the call made again */
    REMEDY_HOLD,    /* the block is taken out of circulation, and the call refused */
    REMEDY_REPAIR,  /* the pool is repaired, and the call made again */
    REMEDY_CLOSE,   /* the pool is closed if there is damage, and the call refused */
    REMEDY_GIVE,    /* the block that was set aside is handed out after all */
    REMEDY_ANOTHER, /* another block is looked for */
    REMEDY_ANEW     /* the pool was reset meanwhile: the call is made again, and nothing is told */
};

/* The full check, for the policies REPAIR and CLOSE, and the repair, under the lock and as far as they are about the
 * pool's own words: NULL until tarn_repairs_on(), so that programs without do not link them. */
typedef struct policy_repairer {
    bool (*suspects)(const image *im);
    bool (*repairs)(const image *im);
} policy_repairer;

extern const policy_repairer *tarn_policy_repairer;

/* Under the lock, of a call that met this status; counts the refusal if there is no remedy. address: the block that the
 * call is about, NULL for a request. */
uint32_t tarn_policy_meet(const image *im, tarn_status status, const void *address, bool frees);

/* The same of a block that has left the program, filled, and meets damage on its way. It cannot go back: the remedy is
 * REPAIR, MEND (its tail) or HOLD, and NONE only of what is no such block any more. */
uint32_t tarn_policy_meet_leaving(const image *im, tarn_status status);

/* Under the lock: repairs the pool if that is its policy; true if its own words are sound then. */
bool tarn_policy_repairs(const image *im);

/* Under the lock, of any call: closes the pool if that is its policy and the status is damage. */
void tarn_policy_close(const image *im, tarn_status status);

/* The same of a request that is refused because of a block that was set aside. */
uint32_t tarn_policy_hold(const image *im);

/* Outside the lock: whether there is damage, where a pointer that is no block made one look; closes the pool if that is
 * its policy. */
bool tarn_policy_suspects(const tarn_pool *pool);

/* Outside the lock: carries the remedy out; true if the call shall be made again. Counts the refusal if not. */
bool tarn_policy_remedy(const tarn_pool *pool, uint32_t remedy, const void *address);

#endif
