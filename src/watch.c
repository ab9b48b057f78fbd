/* SPDX-License-Identifier: MIT */
/*
 * Low water that lasts.
 *
 * PLENTY -> SHORT at a look that finds less than the threshold, and back at one that does not; SHORT -> TOLD when the
 * time is over, which is when the callback is called; TOLD -> PLENTY at a look that finds the threshold and the
 * hysteresis. Measure, clock and callback run outside the lock, so that two looks may overlap: each is taken for what
 * it found, in the order in which they come to the lock.
 * Bound: constant, plus the program's functions.
 */
#include "tarn/watch.h"
#include "events.h"
#include "tarn/port.h"

enum { WATCH_PLENTY, WATCH_SHORT, WATCH_TOLD };

/* Under the lock: true if it is time to call. */
static bool take_look(tarn_watch *watch, uint64_t free, uint32_t now)
{
    if (free >= watch->threshold) {
        bool risen = watch->state != WATCH_TOLD || free - watch->threshold >= watch->hysteresis;
        watch->state = risen ? WATCH_PLENTY : WATCH_TOLD;
        return false;
    }
    if (watch->state == WATCH_PLENTY) {
        watch->state = WATCH_SHORT;
        watch->since = now;
    }
    bool due = watch->state == WATCH_SHORT && now - watch->since >= watch->milliseconds;
    if (due) {
        watch->state = WATCH_TOLD;
    }
    return due;
}

bool tarn_watch_poll(tarn_watch *watch)
{
    if (watch == NULL || watch->pool == NULL || watch->measure == NULL || watch->low == NULL) {
        return false;
    }
    uint32_t now = watch->clock != NULL ? watch->clock(watch->context) : 0;
    uint64_t free = watch->measure(watch->pool);
    uintptr_t state = tarn_port_lock(watch);
    bool due = take_look(watch, free, now);
    uint32_t since = watch->since;
    tarn_port_unlock(watch, state);
    if (due) {
        watch->low(watch, free, now - since);
    }
    return due;
}

static void watch_look(const tarn_event *event, void *context)
{
    tarn_watch *watch = context;
    if (event->pool == watch->pool && event->kind != TARN_EVENT_DEINIT && event->kind != TARN_EVENT_UNLIST) {
        (void)tarn_watch_poll(watch);
    }
}

tarn_status tarn_watch_on(tarn_watch *watch)
{
    if (watch == NULL || watch->pool == NULL || watch->measure == NULL || watch->low == NULL) {
        return TARN_E_NULL;
    }
    if (watch->clock == NULL && watch->milliseconds != 0) {
        return TARN_E_ARGUMENT;
    }
    watch->state = WATCH_PLENTY;
    watch->since = 0;
    return tarn_events_add_kinds(watch_look, watch, TARN_EVENTS_COMMON | TARN_EVENTS_OF(TARN_EVENT_RESIZED));
}

tarn_status tarn_watch_off(tarn_watch *watch)
{
    return tarn_events_remove(watch_look, watch);
}
