/* SPDX-License-Identifier: MIT */
/*
 * The gates and how requests reach them.
 *
 * As with sinks (events.c), the table is copied under the lock and used without it, and the port's per-thread byte
 * marks that a gate is at work: whoever is marked, gate or sink, passes unasked.
 * Bound: constant, plus what the gates do.
 */
#include "gate.h"

#include "events.h"
#include "tarn/port.h"

enum { GATES_MAX = 4 };

static tarn_gate gates[GATES_MAX];

uint32_t tarn_gates;

static uint32_t gates_copy(tarn_gate copy[GATES_MAX])
{
    uintptr_t state = tarn_port_lock(gates);
    uint32_t count = tarn_gates;
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = gates[i];
    }
    tarn_port_unlock(gates, state);
    return count;
}

tarn_status tarn_gates_before(const tarn_demand *demand)
{
    unsigned char *guard = tarn_port_event_guard();
    if (*guard != 0) {
        return TARN_OK;
    }
    *guard = AT_WORK_GATE;
    tarn_gate copy[GATES_MAX];
    uint32_t count = gates_copy(copy);
    tarn_status status = TARN_OK;
    for (uint32_t i = 0; i < count && status == TARN_OK; i++) {
        if (copy[i].before != NULL) {
            status = copy[i].before(demand, copy[i].context);
        }
    }
    *guard = 0;
    return status;
}

bool tarn_gates_after(const tarn_demand *demand)
{
    unsigned char *guard = tarn_port_event_guard();
    if (*guard != 0) {
        return false;
    }
    *guard = AT_WORK_GATE;
    tarn_gate copy[GATES_MAX];
    uint32_t count = gates_copy(copy);
    bool relieved = false;
    for (uint32_t i = 0; i < count; i++) {
        if (copy[i].after != NULL && copy[i].after(demand, copy[i].context)) {
            relieved = true;
        }
    }
    *guard = 0;
    return relieved;
}

tarn_status tarn_gate_add(const tarn_gate *gate)
{
    if (gate == NULL) {
        return TARN_E_NULL;
    }
    if (gate->before == NULL && gate->after == NULL) {
        return TARN_E_ARGUMENT;
    }
    if (!TARN_ON(TARN_WITH_EVENTS)) {
        return TARN_E_UNAVAILABLE;
    }
    uintptr_t state = tarn_port_lock(gates);
    uint32_t count = tarn_gates;
    bool room = count < GATES_MAX;
    if (room) {
        gates[count] = *gate;
        word_store_shared(&tarn_gates, count + 1u);
    }
    tarn_port_unlock(gates, state);
    tarn_events_note_gates();
    return room ? TARN_OK : TARN_E_REGISTRY_FULL;
}

static bool is_same(const tarn_gate *one, const tarn_gate *other)
{
    return one->before == other->before && one->after == other->after && one->context == other->context;
}

tarn_status tarn_gate_remove(const tarn_gate *gate)
{
    if (gate == NULL) {
        return TARN_E_NULL;
    }
    uintptr_t state = tarn_port_lock(gates);
    uint32_t count = tarn_gates;
    uint32_t at = 0;
    while (at < count && !is_same(&gates[at], gate)) {
        at++;
    }
    bool found = at < count;
    for (uint32_t i = at; i + 1u < count; i++) {
        gates[i] = gates[i + 1u];
    }
    if (found) {
        word_store_shared(&tarn_gates, count - 1u);
    }
    tarn_port_unlock(gates, state);
    tarn_events_note_gates();
    return found ? TARN_OK : TARN_E_ARGUMENT;
}
