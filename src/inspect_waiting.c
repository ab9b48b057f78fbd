/* SPDX-License-Identifier: MIT */
/*
 * Of the full check (inspect_check.c), and the check in steps: the list of the blocks that wait, and its limit (I18,
 * quarantine.h).
 *
 * Bound: the blocks that wait.
 */
#include "check.h"
#include "quarantine.h"

static bool check_wait(const check *c, uint32_t word, uint32_t wanted)
{
    uint64_t at = view_waits(c->view) + 4u * (uint64_t)word;
    uint32_t stated = view_word(c->view, at);
    return stated == wanted || fail_at(c, TARN_RULE_QUARANTINE, at, wanted, stated);
}

bool tarn_check_limit(const check *c, uint32_t granules)
{
    uint32_t layout = c->view->layout;
    uint32_t limit = view_word(c->view, view_waits(c->view) + 4u * WAIT_LIMIT);
    uint32_t sealed = wait_sealed(view_word(c->view, view_waits(c->view) + 4u * WAIT_SEAL));
    if (wait_limit_may_be(layout, sealed, granules)) {
        return check_wait(c, WAIT_LIMIT, sealed);
    }
    return (limit >= granules || check_wait(c, WAIT_LIMIT, granules)) &&
           (limit <= wait_limit_most(layout) || check_wait(c, WAIT_LIMIT, wait_limit_most(layout))) &&
           check_wait(c, WAIT_SEAL, wait_seal(limit));
}

/* As many steps as blocks wait lead from the oldest to the newest and no further: then each was met once. */
bool tarn_check_waiting(const check *c)
{
    block_ref b = {0, 0, 0};
    uint64_t at = view_waits(c->view);
    if (!layout_quarantines(c->view->layout)) {
        return true;
    }
    for (uint32_t left = c->waiting; left != 0; left--) {
        uint32_t next = view_word(c->view, at);
        if (!tarn_view_waiting(c->view, next, &b)) {
            return fail_at(c, TARN_RULE_QUARANTINE, at, 0, next);
        }
        at = view_reserve(c->view, &b);
    }
    uint32_t end = view_word(c->view, at);
    if (end != 0) {
        return fail_at(c, TARN_RULE_QUARANTINE, at, 0, end);
    }
    return check_wait(c, WAIT_NEWEST, b.offset) && check_wait(c, WAIT_BLOCKS, c->waiting) &&
           check_wait(c, WAIT_GRANULES, c->waiting_granules) && tarn_check_limit(c, c->waiting_granules);
}
