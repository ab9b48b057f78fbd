/* SPDX-License-Identifier: MIT */
/*
 * The sinks and how events reach them.
 *
 * The table is copied under the lock and called without it, so that a sink may install, remove, or use any pool. What a
 * sink does itself is not told to sinks: the port's per-thread byte marks that one is at work.
 * Bound: constant, plus what the sinks do.
 */
#include "events.h"

#include <stdbool.h>

#include "tarn/port.h"

enum { SINKS_MAX = 4 };

typedef struct listener {
    tarn_sink *sink;
    void *context;
} listener;

static listener listeners[SINKS_MAX];

uint32_t tarn_event_sinks;

static uint32_t sinks_copy(listener copy[SINKS_MAX])
{
    uintptr_t state = tarn_port_lock(listeners);
    uint32_t count = tarn_event_sinks;
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = listeners[i];
    }
    tarn_port_unlock(listeners, state);
    return count;
}

void tarn_event_raise(const tarn_event *event)
{
    unsigned char *guard = tarn_port_event_guard();
    if (*guard != 0) {
        return;
    }
    *guard = 1;
    listener copy[SINKS_MAX];
    uint32_t count = sinks_copy(copy);
    for (uint32_t i = 0; i < count; i++) {
        copy[i].sink(event, copy[i].context);
    }
    *guard = 0;
}

tarn_status tarn_events_add(tarn_sink *sink, void *context)
{
    if (sink == NULL) {
        return TARN_E_NULL;
    }
    uintptr_t state = tarn_port_lock(listeners);
    uint32_t count = tarn_event_sinks;
    bool room = count < SINKS_MAX;
    if (room) {
        listeners[count].sink = sink;
        listeners[count].context = context;
        word_store_shared(&tarn_event_sinks, count + 1u);
    }
    tarn_port_unlock(listeners, state);
    return room ? TARN_OK : TARN_E_REGISTRY_FULL;
}

tarn_status tarn_events_remove(tarn_sink *sink, void *context)
{
    uintptr_t state = tarn_port_lock(listeners);
    uint32_t count = tarn_event_sinks;
    uint32_t at = 0;
    while (at < count && !(listeners[at].sink == sink && listeners[at].context == context)) {
        at++;
    }
    bool found = at < count;
    for (uint32_t i = at; i + 1u < count; i++) {
        listeners[i] = listeners[i + 1u];
    }
    if (found) {
        word_store_shared(&tarn_event_sinks, count - 1u);
    }
    tarn_port_unlock(listeners, state);
    return found ? TARN_OK : TARN_E_ARGUMENT;
}
