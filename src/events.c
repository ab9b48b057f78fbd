/* SPDX-License-Identifier: MIT */
/*
 * The sinks and how events reach them.
 *
 * The table is copied under the lock and called without it, so that a sink may install, remove, or use any pool. What a
 * sink does itself is not told to sinks: the port's per-thread byte marks that one is at work. ENTER and LEAVE are told
 * all the same, since whoever looks away meanwhile must do so for sinks too.
 * Bound: constant, plus what the sinks do.
 */
#include "events.h"

#include <stdbool.h>

#include "gate.h"
#include "tarn/port.h"

enum { SINKS_MAX = 4 };

typedef struct listener {
    tarn_sink *sink;
    void *context;
    uint32_t kinds;
} listener;

static listener listeners[SINKS_MAX];

static uint32_t sinks;

uint32_t tarn_event_kinds;

static uint32_t sinks_copy(listener copy[SINKS_MAX])
{
    uintptr_t state = tarn_port_lock(listeners);
    uint32_t count = sinks;
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = listeners[i];
    }
    tarn_port_unlock(listeners, state);
    return count;
}

static void tell(const tarn_event *event)
{
    listener copy[SINKS_MAX];
    uint32_t count = sinks_copy(copy);
    for (uint32_t i = 0; i < count; i++) {
        if ((copy[i].kinds & TARN_EVENTS_OF(event->kind)) != 0) {
            copy[i].sink(event, copy[i].context);
        }
    }
}

void tarn_event_raise(const tarn_event *event)
{
    unsigned char *guard = tarn_port_event_guard();
    unsigned char before = *guard;
    if ((before & AT_WORK_SINK) == 0) {
        *guard = (unsigned char)(before | AT_WORK_SINK);
        tell(event);
        *guard = before;
    } else if (event->kind >= TARN_EVENT_ENTER) {
        tell(event);
    }
}

void tarn_event_pass(uint32_t kind, const void *pool, const void *block, size_t size)
{
    tarn_event event = {
        kind, TARN_OK, (tarn_pool *)(uintptr_t)pool, (void *)(uintptr_t)block, size, 0, NULL, TARN_WHY_UNKNOWN,
        0,    NULL};
    tarn_event_raise(&event);
}

/* Under the lock. */
static void note_kinds(void)
{
    uint32_t kinds = gate_is_there() ? GATED : 0;
    for (uint32_t i = 0; i < sinks; i++) {
        kinds |= listeners[i].kinds;
    }
    word_store_shared(&tarn_event_kinds, kinds);
}

void tarn_events_note_gates(void)
{
    uintptr_t state = tarn_port_lock(listeners);
    note_kinds();
    tarn_port_unlock(listeners, state);
}

tarn_status tarn_events_add_kinds(tarn_sink *sink, void *context, uint32_t kinds)
{
    if (sink == NULL) {
        return TARN_E_NULL;
    }
    if (kinds == 0 || (kinds & ~TARN_EVENTS_ALL) != 0) {
        return TARN_E_ARGUMENT;
    }
    if (!TARN_ON(TARN_WITH_EVENTS)) {
        return TARN_E_UNAVAILABLE;
    }
    uintptr_t state = tarn_port_lock(listeners);
    bool room = sinks < SINKS_MAX;
    if (room) {
        listeners[sinks] = (listener){sink, context, kinds};
        sinks++;
        note_kinds();
    }
    tarn_port_unlock(listeners, state);
    return room ? TARN_OK : TARN_E_REGISTRY_FULL;
}

tarn_status tarn_events_add(tarn_sink *sink, void *context)
{
    return tarn_events_add_kinds(sink, context, TARN_EVENTS_COMMON);
}

tarn_status tarn_events_remove(tarn_sink *sink, void *context)
{
    uintptr_t state = tarn_port_lock(listeners);
    uint32_t count = sinks;
    uint32_t at = 0;
    while (at < count && !(listeners[at].sink == sink && listeners[at].context == context)) {
        at++;
    }
    bool found = at < count;
    for (uint32_t i = at; i + 1u < count; i++) {
        listeners[i] = listeners[i + 1u];
    }
    if (found) {
        sinks = count - 1u;
        note_kinds();
    }
    tarn_port_unlock(listeners, state);
    return found ? TARN_OK : TARN_E_ARGUMENT;
}
