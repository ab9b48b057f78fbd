/* SPDX-License-Identifier: MIT */
/*
 * Blocks that enter the quarantine and leave it (quarantine.h).
 *
 * Bound: constant under the lock; of each block that leaves, a load per byte outside it.
 */
#include "quarantine.h"

#include "called.h"
#include "events.h"
#include "fill.h"
#include "leave.h"
#include "policy.h"
#include "refusal.h"
#include "steps.h"

/* What a block needs while it waits begins right behind its payload. */
static unsigned char *reserve_of(const image *im, const block_ref *b)
{
    return image_payload(im, b->offset) + image_usable(im, b->size);
}

/* ---- the list ---- */

/* The block at offset, if it is one that waits. */
static bool waits(const image *im, uint32_t offset, block_ref *b)
{
    if (!image_holds(im, offset)) {
        return false;
    }
    uint32_t header = block_header(im, offset);
    *b = (block_ref){offset, block_size(im, header), header};
    bool whole = block_proves(im, offset, header) && block_used(header) && b->size >= image_minimum(im) &&
                 b->size <= image_get(im, IMAGE_TOP) - offset;
    uint32_t tail = whole ? word_load(tail_word(im, offset, b->size)) : 0;
    return whole && tail_proves(im, offset, tail) && tail_state(tail) == TAIL_QUARANTINED;
}

static bool follows(const image *im, const block_ref *b, bool any)
{
    block_ref next;
    uint32_t link = word_load(reserve_of(im, b));
    return any ? waits(im, link, &next) : link == 0;
}

bool tarn_quarantine_sound(const image *im)
{
    block_ref oldest;
    block_ref newest;
    uint32_t blocks = wait_get(im, WAIT_BLOCKS);
    uint32_t granules = wait_get(im, WAIT_GRANULES);
    if (blocks == 0) {
        return (wait_get(im, WAIT_OLDEST) | wait_get(im, WAIT_NEWEST) | granules) == 0;
    }
    return granules <= wait_get(im, WAIT_LIMIT) && waits(im, wait_get(im, WAIT_OLDEST), &oldest) &&
           waits(im, wait_get(im, WAIT_NEWEST), &newest) && oldest.size <= granules &&
           (oldest.offset == newest.offset) == (blocks == 1u) && follows(im, &oldest, blocks != 1u) &&
           follows(im, &newest, false);
}

void tarn_quarantine_append(const image *im, const block_ref *b)
{
    block_ref newest;
    if (waits(im, wait_get(im, WAIT_NEWEST), &newest)) {
        word_store(reserve_of(im, &newest), b->offset);
    } else {
        wait_set(im, WAIT_OLDEST, b->offset);
    }
    word_store(reserve_of(im, b), 0);
    tarn_tail_set_state(im, b, TAIL_QUARANTINED);
    wait_set(im, WAIT_NEWEST, b->offset);
    wait_set(im, WAIT_GRANULES, wait_get(im, WAIT_GRANULES) + b->size);
    wait_set(im, WAIT_BLOCKS, wait_get(im, WAIT_BLOCKS) + 1u);
}

/* The oldest, off the list and leaving. */
static tarn_status take_oldest(const image *im, block_ref *b)
{
    if (wait_blocks(im) == 0) {
        return TARN_E_EXHAUSTED;
    }
    if (!tarn_quarantine_sound(im) || !waits(im, wait_get(im, WAIT_OLDEST), b)) {
        return TARN_E_DAMAGED;
    }
    uint32_t blocks = wait_get(im, WAIT_BLOCKS) - 1u;
    wait_set(im, WAIT_OLDEST, word_load(reserve_of(im, b)));
    wait_set(im, WAIT_NEWEST, blocks == 0 ? 0 : wait_get(im, WAIT_NEWEST));
    wait_set(im, WAIT_GRANULES, wait_get(im, WAIT_GRANULES) - b->size);
    wait_set(im, WAIT_BLOCKS, blocks);
    tarn_tail_set_state(im, b, TAIL_LEAVING);
    return TARN_OK;
}

static bool has_room(const image *im, const block_ref *b)
{
    uint32_t limit = wait_get(im, WAIT_LIMIT);
    uint32_t granules = wait_get(im, WAIT_GRANULES);
    return granules <= limit && b->size <= limit - granules;
}

/* ---- counts ---- */

void tarn_quarantine_uncount(const image *im, const block_ref *b)
{
    tarn_tail_set_state(im, b, TAIL_LEAVING);
    block_write(im, b->offset, b->size, b->header & ~BLOCK_MARK);
    if (layout_has_backup(im->layout)) {
        tarn_backup_write(im, b->offset);
    }
    count_unused(im, b->size);
    image_set(im, IMAGE_BLOCKS, image_get(im, IMAGE_BLOCKS) - 1u);
    if (has_modules(im)) {
        row_take(row_of_block(im, b), b->size, 1);
    }
}

void tarn_quarantine_set_aside(const image *im, const block_ref *b)
{
    tarn_tail_set_state(im, b, TAIL_HELD);
    if (!layout_quarantines(im->layout)) {
        return;
    }
    count_used(im, b->size);
    image_set(im, IMAGE_BLOCKS, image_get(im, IMAGE_BLOCKS) + 1u);
    if (has_modules(im)) {
        row_add(row_of_block(im, b), b->size, 1);
    }
}

/* A leaving block becomes free. What the engine takes off the counts has not been on them, and must not raise the peak.
 */
static tarn_status set_free(const image *im, const block_ref *b)
{
    if (!engine_of(im)->may_release(im, b)) {
        return TARN_E_DAMAGED;
    }
    unsigned char *reserve = reserve_of(im, b);
    image_set(im, IMAGE_USED, image_get(im, IMAGE_USED) + b->size);
    image_set(im, IMAGE_BLOCKS, image_get(im, IMAGE_BLOCKS) + 1u);
    if (!layout_wipes(im->layout)) {
        return engine_of(im)->release(im, b);
    }
    tarn_fill_write(im, reserve, reserve + layout_reserve_bytes(im->layout));
    return release_wiped(im, b, engine_of(im)->release);
}

/* ---- outside the lock ---- */

/* Under the lock. */
static tarn_status admit(const image *im, const block_ref *b, bool last, const void *caller, bool *again)
{
    if (layout_reserve_bytes(im->layout) > 4u) {
        word_store(reserve_of(im, b) + 4, tarn_site_of(caller));
    }
    if (!tarn_quarantine_sound(im)) {
        return TARN_E_DAMAGED;
    }
    if (has_room(im, b)) {
        tarn_quarantine_append(im, b);
        return TARN_OK;
    }
    *again = !last && b->size <= wait_get(im, WAIT_LIMIT);
    return *again ? TARN_OK : set_free(im, b);
}

tarn_status tarn_quarantine_enter(const tarn_pool *pool, const void *address, uint32_t key, const void *caller,
                                  uint32_t *remedy)
{
    access a;
    block_ref b;
    uint32_t left = 0;
    bool again = true;
    tarn_status status = TARN_OK;
    while (again) {
        again = false;
        status = access_begin_any(pool, &a); /* one closed meanwhile gets what was under way */
        if (status != TARN_OK) {
            return status;
        }
        if (a.im.key != key) {
            access_end(&a);
            return TARN_OK;
        }
        status = tarn_tail_leaving(&a.im, address, &b);
        status = status == TARN_OK ? admit(&a.im, &b, left == QUARANTINE_LEAVES, caller, &again) : status;
        if (status != TARN_OK) {
            *remedy = tarn_policy_meet_leaving(&a.im, status);
        }
        access_end(&a);
        if (again) {
            left = tarn_quarantine_leave(pool, caller, NULL) == TARN_OK ? left + 1u : QUARANTINE_LEAVES;
        }
    }
    return status;
}

static bool holds_fill(const tarn_pool *pool, const image *im, const unsigned char *payload, size_t bytes)
{
    event_enter(pool, payload, bytes);
    bool holds = tarn_fill_holds(im, payload, payload + bytes);
    event_leave(pool, payload, bytes);
    return holds;
}

/* What became of the block that was looked at: TARN_E_DAMAGED if it is not free, or its header is no more, and the key
 * says that the pool was not reset. */
static tarn_status quarantine_settle(const tarn_pool *pool, const unsigned char *payload, bool holds, uint32_t key)
{
    access a;
    block_ref b;
    if (access_begin_any(pool, &a) != TARN_OK) {
        return TARN_OK;
    }
    bool gone = a.im.key != key; /* what leaves there now is somebody else's */
    tarn_status status = gone ? TARN_E_NOT_A_BLOCK : tarn_tail_leaving(&a.im, payload, &b);
    if (status == TARN_OK && holds) {
        status = set_free(&a.im, &b);
    } else if (status == TARN_OK) {
        tarn_quarantine_set_aside(&a.im, &b);
        status = TARN_E_DAMAGED;
    }
    status = status == TARN_E_NOT_A_BLOCK && !gone ? TARN_E_DAMAGED : status;
    tarn_policy_close(&a.im, status);
    access_end(&a);
    return status;
}

/* What is left to do, once that is told, about one that is not free: true if it is now. */
static bool settle_told(const tarn_pool *pool, const unsigned char *payload, bool holds, uint32_t key)
{
    access a;
    block_ref b;
    if (access_begin_any(pool, &a) != TARN_OK) {
        return false;
    }
    if (a.im.key != key) {
        access_end(&a);
        return false;
    }
    tarn_leave_mend(&a.im, payload, false);
    bool settled = holds && tarn_policy_repairs(&a.im) && tarn_tail_leaving(&a.im, payload, &b) == TARN_OK &&
                   set_free(&a.im, &b) == TARN_OK;
    if (!settled) {
        tarn_leave_mend(&a.im, payload, true);
    }
    access_end(&a);
    return settled;
}

tarn_status tarn_quarantine_leave(const tarn_pool *pool, const void *caller, bool *whole)
{
    access a;
    block_ref b;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = take_oldest(&a.im, &b);
    access_end(&a);
    if (status != TARN_OK) {
        return status;
    }
    const unsigned char *payload = image_payload(&a.im, b.offset);
    bool holds = holds_fill(pool, &a.im, payload, image_usable(&a.im, b.size));
    bool settled = quarantine_settle(pool, payload, holds, a.im.key) != TARN_E_DAMAGED;
    if (!settled) {
        event_raise_from(TARN_EVENT_CORRUPT, TARN_E_DAMAGED, pool, payload, 0, 0, caller, TARN_WHY_UNKNOWN);
        settled = settle_told(pool, payload, holds, a.im.key);
    }
    if (whole != NULL) {
        *whole = settled;
    }
    return TARN_OK;
}

/* As many leave as wait now. */
static tarn_status have_all_leave(const tarn_pool *pool, const void *caller, bool *all)
{
    access a;
    bool whole = true;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    uint32_t blocks = wait_blocks(&a.im);
    access_end(&a);
    for (; status == TARN_OK && blocks != 0; blocks--) {
        status = tarn_quarantine_leave(pool, caller, &whole);
        *all = *all && whole;
    }
    return status == TARN_E_EXHAUSTED ? TARN_OK : status; /* others have emptied it meanwhile */
}

/* The list is broken: what the policy makes of it. */
static tarn_status flush_refused(const tarn_pool *pool, const void *caller, bool *all)
{
    refusal r = tarn_refused_by_list(pool);
    while (r.status == TARN_E_DAMAGED && tarn_tries_again(pool, &r, NULL, 0, 0, caller)) {
        r.status = have_all_leave(pool, caller, all);
        r.remedy = r.status == TARN_E_DAMAGED ? tarn_refused_by_list(pool).remedy : REMEDY_NONE;
    }
    return r.status == TARN_E_DAMAGED && !r.told ? tarn_refuse(pool, &r, NULL, 0, 0, caller) : r.status;
}

PUBLIC_ENTRY tarn_status tarn_quarantine_flush(tarn_pool *pool)
{
    const void *caller = caller_here();
    bool all = true;
    tarn_status status = have_all_leave(pool, caller, &all);
    if (status == TARN_E_DAMAGED) {
        status = flush_refused(pool, caller, &all);
    }
    bool done = status == TARN_OK || status == TARN_E_CLOSED; /* which this call may have brought about */
    return done && !all ? TARN_E_DAMAGED : status;
}
