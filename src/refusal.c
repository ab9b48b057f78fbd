/* SPDX-License-Identifier: MIT */
/*
 * Counting and telling refusals, and trying again (refusal.h).
 */
#include "refusal.h"

#include "events.h"
#include "gate.h"
#include "leave.h"

void tarn_refusal_count(const tarn_pool *pool)
{
    access a;
    if (access_begin_any(pool, &a) == TARN_OK) {
        count_refusal(&a.im);
        access_end(&a);
    }
}

refusal tarn_refused_by_list(const tarn_pool *pool)
{
    access a;
    refusal r = {access_begin(pool, &a), TARN_WHY_DAMAGED, REMEDY_NONE, NULL, 0, false, false, {NULL, 0}, 0};
    if (r.status == TARN_OK) {
        r.status = TARN_E_DAMAGED;
        r.remedy = tarn_policy_meet(&a.im, r.status, NULL, false);
        access_end(&a);
    }
    return r;
}

bool tarn_refused_by_gate(const tarn_pool *pool, size_t size, size_t alignment, uint32_t module, const void *caller)
{
    tarn_status status = gate_ask(pool, size, alignment, module);
    if (status != TARN_OK) {
        tarn_refusal_count(pool);
        event_raise_from(TARN_EVENT_FAIL, status, pool, NULL, size, alignment, caller, TARN_WHY_UNKNOWN);
    }
    return status != TARN_OK;
}

tarn_status tarn_refuse(const tarn_pool *pool, const refusal *r, const void *block, size_t size, size_t alignment,
                        const void *caller)
{
    event_raise_from(refusal_event(r->status), r->status, pool, block, size, alignment, caller, r->verdict);
    return r->status;
}

static bool remedied(const tarn_pool *pool, refusal *r, const void *block, size_t size, size_t alignment,
                     const void *caller)
{
    if (r->status == TARN_E_NOT_A_BLOCK && !tarn_policy_suspects(pool)) {
        r->remedy = REMEDY_NONE;
        tarn_refusal_count(pool);
        return false;
    }
    event_raise_from(TARN_EVENT_CORRUPT, TARN_E_DAMAGED, pool, block, size, alignment, caller, TARN_WHY_DAMAGED);
    r->told = true;
    if (r->remedy == REMEDY_CLOSE) {
        tarn_refusal_count(pool);
        return false;
    }
    if (!(r->left ? tarn_leave_remedy(pool, r->remedy, block, r->key) : tarn_policy_remedy(pool, r->remedy, block))) {
        return false;
    }
    r->remedy = REMEDY_NONE;
    return true;
}

bool tarn_tries_again(const tarn_pool *pool, refusal *r, const void *block, size_t size, size_t alignment,
                      const void *caller)
{
    if (r->remedy != REMEDY_NONE && r->told) {
        if (r->left) {
            (void)tarn_leave_remedy(pool, REMEDY_HOLD, block, r->key);
        } else {
            tarn_refusal_count(pool);
        }
        return false;
    }
    return r->remedy != REMEDY_NONE && remedied(pool, r, block, size, alignment, caller);
}
