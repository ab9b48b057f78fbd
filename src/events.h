/* SPDX-License-Identifier: MIT */
/* Raising events: one load and one branch where nobody listens. Never under a lock. */
#ifndef TARN_SRC_EVENTS_H
#define TARN_SRC_EVENTS_H

#include "tarn/events.h"
#include "word.h"

/* How many sinks are installed. */
extern uint32_t tarn_event_sinks;

void tarn_event_raise(const tarn_event *event);

static inline void event_raise_from(uint32_t kind, tarn_status status, const tarn_pool *pool, const void *block,
                                    size_t size, size_t alignment, const void *caller, uint32_t verdict)
{
    if (word_load_shared(&tarn_event_sinks) != 0) {
        tarn_event event = {kind,   status, (tarn_pool *)(uintptr_t)pool, (void *)(uintptr_t)block, size, alignment,
                            caller, verdict};
        tarn_event_raise(&event);
    }
}

static inline void event_raise(uint32_t kind, tarn_status status, const tarn_pool *pool, const void *block, size_t size,
                               size_t alignment)
{
    event_raise_from(kind, status, pool, block, size, alignment, NULL, TARN_WHY_UNKNOWN);
}

#endif
