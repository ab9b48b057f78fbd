/* SPDX-License-Identifier: MIT */
/*
 * Failure injection: a gate that counts requests and refuses by the count or by chance.
 *
 * Every request that counts takes one step of the generator where chance plays a part, refused or not, so that which
 * ones it picks does not depend on the other rules.
 * Bound: constant, under the injection's own lock.
 */
#include "tarn/inject.h"
#include "events.h"
#include "gate.h"
#include "tarn/port.h"

enum { CHANCE_CERTAIN = 65536 };

static bool concerns(const tarn_injection *rule, const tarn_demand *demand)
{
    return (rule->pool == NULL || rule->pool == demand->pool) && demand->size >= rule->smallest &&
           (rule->largest == 0 || demand->size <= rule->largest) &&
           ((rule->flags & TARN_INJECT_MODULE) == 0 || rule->module == demand->module);
}

/* xorshift32 (Marsaglia 2003), whose state is never 0; the high half is the better one. */
static bool happens(tarn_injection *rule)
{
    if (rule->probability == 0) {
        return false;
    }
    uint32_t x = rule->chance;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    rule->chance = x;
    return x >> 16 < rule->probability;
}

/* The counts stop at their end, and what comes every so often has a count of its own, so that nothing begins again. */
static bool is_due(tarn_injection *rule)
{
    bool counts = rule->counted != UINT32_MAX;
    rule->counted += counts ? 1u : 0u;
    rule->phase++;
    bool again = rule->every != 0 && rule->phase >= rule->every;
    rule->phase = again ? 0 : rule->phase;
    return again || (counts && rule->counted == rule->nth);
}

/* Under the lock. */
static bool refuses(tarn_injection *rule)
{
    bool chosen = happens(rule);
    chosen = is_due(rule) || chosen;
    if (rule->refused != 0) {
        chosen = (rule->flags & TARN_INJECT_PERSISTENT) != 0 || (chosen && (rule->flags & TARN_INJECT_ONCE) == 0);
    }
    rule->refused += chosen && rule->refused != UINT32_MAX ? 1u : 0u;
    return chosen;
}

static tarn_status inject(const tarn_demand *demand, void *context)
{
    tarn_injection *rule = context;
    if (!concerns(rule, demand)) {
        return TARN_OK;
    }
    uintptr_t state = tarn_port_lock(rule);
    bool refused = refuses(rule);
    tarn_port_unlock(rule, state);
    return refused ? TARN_E_INJECTED : TARN_OK;
}

static bool is_legal(const tarn_injection *rule)
{
    uint32_t both = TARN_INJECT_ONCE | TARN_INJECT_PERSISTENT;
    bool flags = (rule->flags & ~(both | TARN_INJECT_MODULE)) == 0 && (rule->flags & both) != both;
    return flags && rule->probability <= CHANCE_CERTAIN &&
           (rule->nth != 0 || rule->every != 0 || rule->probability != 0);
}

tarn_status tarn_injection_on(tarn_injection *injection)
{
    if (injection == NULL) {
        return TARN_E_NULL;
    }
    if (!is_legal(injection)) {
        return TARN_E_ARGUMENT;
    }
    injection->counted = 0;
    injection->refused = 0;
    injection->phase = 0;
    injection->chance = (injection->seed * UINT32_C(0x9E3779B1)) ^ UINT32_C(0x85EBCA6B);
    injection->chance = injection->chance != 0 ? injection->chance : 1u;
    tarn_gate gate = {inject, NULL, injection};
    return tarn_gate_add(&gate);
}

tarn_status tarn_injection_off(tarn_injection *injection)
{
    tarn_gate gate = {inject, NULL, injection};
    return tarn_gate_remove(&gate);
}
