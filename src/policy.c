/* SPDX-License-Identifier: MIT */
/*
 * Carrying policies out (policy.h).
 *
 * Bound: constant, but for REPAIR.
 */
#include "policy.h"

const policy_repairer *tarn_policy_repairer;

/* Tail or slack of a recognised block. */
static bool tail_is_broken(const image *im, const block_ref *b)
{
    if (!layout_has_tail(im->layout)) {
        return false;
    }
    tarn_status status = tarn_tail_admit(im, b);
    return status == TARN_E_DAMAGED || (status == TARN_OK && !tarn_tail_guards(im, b));
}

static bool copy_is_broken(const image *im, const block_ref *b)
{
    return layout_has_backup(im->layout) && !tarn_backup_holds(im, b);
}

/* Where blocks wait, one whose tail proves nothing may be one of those, which no count has. */
static bool may_be_gone(const image *im, const block_ref *b)
{
    return layout_quarantines(im->layout) && tarn_tail_admit(im, b) == TARN_E_DAMAGED;
}

/* A block whose extent is proved twice, by its header and the next, and whose owner wrote past the size asked for. */
static bool end_is_broken(const image *im, const void *address, block_ref *b)
{
    bool known = address != NULL && layout_has_end(im->layout) && block_recognise(im, address, b) == TARN_OK;
    return known && !may_be_gone(im, b) && (tail_is_broken(im, b) || copy_is_broken(im, b));
}

/* Without map, a block whose header is lost is told from none by nothing but the full check. */
static bool may_be_lost(const image *im, tarn_status status)
{
    return status == TARN_E_NOT_A_BLOCK && !layout_has_map(im->layout) && tarn_policy_repairer != NULL;
}

static uint32_t remedy_for(const image *im, tarn_status status, const void *address, bool frees)
{
    block_ref b;
    bool broken = status == TARN_E_DAMAGED && end_is_broken(im, address, &b);
    switch (policy_of(im)) {
    case TARN_POLICY_CONTINUE:
        return broken ? REMEDY_MEND : REMEDY_NONE;
    case TARN_POLICY_ISOLATE:
        return broken && frees && layout_has_tail(im->layout) ? REMEDY_HOLD : REMEDY_NONE;
    case TARN_POLICY_REPAIR:
        if ((broken && tail_is_broken(im, &b)) || tarn_policy_repairer == NULL) {
            return REMEDY_NONE; /* a user's bytes, or an image made elsewhere */
        }
        return status == TARN_E_DAMAGED || may_be_lost(im, status) ? REMEDY_REPAIR : REMEDY_NONE;
    case TARN_POLICY_CLOSE:
        return may_be_lost(im, status) ? REMEDY_CLOSE : REMEDY_NONE;
    default:
        return REMEDY_NONE;
    }
}

void tarn_policy_close(const image *im, tarn_status status)
{
    if (status == TARN_E_DAMAGED && policy_of(im) == TARN_POLICY_CLOSE) {
        word_store_shared(im->base + 4u * IMAGE_MAGIC, IMAGE_CLOSED_VALUE);
    }
}

uint32_t tarn_policy_meet(const image *im, tarn_status status, const void *address, bool frees)
{
    uint32_t remedy = remedy_for(im, status, address, frees);
    if (remedy == REMEDY_NONE) {
        count_refusal(im);
    }
    tarn_policy_close(im, status);
    return remedy;
}

static uint32_t remedy_for_leaving(const image *im, tarn_status status)
{
    uint32_t policy = policy_of(im);
    if (policy == TARN_POLICY_REPAIR && tarn_policy_repairer != NULL &&
        (status == TARN_E_DAMAGED || status == TARN_E_NOT_A_BLOCK)) {
        return REMEDY_REPAIR;
    }
    if (status != TARN_E_DAMAGED) {
        return REMEDY_NONE;
    }
    return policy == TARN_POLICY_CONTINUE ? REMEDY_MEND : REMEDY_HOLD;
}

uint32_t tarn_policy_meet_leaving(const image *im, tarn_status status)
{
    uint32_t remedy = remedy_for_leaving(im, status);
    if (remedy == REMEDY_NONE) {
        count_refusal(im);
    }
    tarn_policy_close(im, status);
    return remedy;
}

bool tarn_policy_repairs(const image *im)
{
    return policy_of(im) == TARN_POLICY_REPAIR && tarn_policy_repairer != NULL && tarn_policy_repairer->repairs(im);
}

uint32_t tarn_policy_hold(const image *im)
{
    switch (policy_of(im)) {
    case TARN_POLICY_CONTINUE:
        return REMEDY_GIVE;
    case TARN_POLICY_ISOLATE:
        return REMEDY_ANOTHER;
    default:
        count_refusal(im);
        tarn_policy_close(im, TARN_E_DAMAGED);
        return REMEDY_NONE;
    }
}

bool tarn_policy_suspects(const tarn_pool *pool)
{
    access a;
    tarn_status status = access_begin(pool, &a);
    bool damaged = status == TARN_E_DAMAGED;
    if (status == TARN_OK) {
        damaged = tarn_policy_repairer->suspects(&a.im);
        tarn_policy_close(&a.im, damaged ? TARN_E_DAMAGED : TARN_OK);
        access_end(&a);
    }
    return damaged;
}

/* Makes tail, slack and copy of the block anew; held: and takes it out of circulation. */
static bool mend(const image *im, const void *address, bool held)
{
    block_ref b;
    if (!end_is_broken(im, address, &b)) {
        return true; /* somebody else has seen to it */
    }
    if (tail_is_broken(im, &b)) {
        bool proves = tarn_tail_admit(im, &b) != TARN_E_DAMAGED;
        tarn_tail_write(im, b.offset, proves ? block_usable(im, &b) : image_usable(im, b.size));
    }
    if (held) {
        tarn_tail_hold(im, &b);
    }
    if (layout_has_backup(im->layout)) {
        tarn_backup_write(im, b.offset);
    }
    return !held;
}

bool tarn_policy_remedy(const tarn_pool *pool, uint32_t remedy, const void *address)
{
    access a;
    bool again = false;
    if (access_begin(pool, &a) != TARN_OK) {
        return false;
    }
    if (remedy == REMEDY_REPAIR) {
        again = tarn_policy_repairs(&a.im);
    } else {
        again = mend(&a.im, address, remedy == REMEDY_HOLD);
    }
    if (!again) {
        count_refusal(&a.im);
    }
    access_end(&a);
    return again;
}
