/* SPDX-License-Identifier: MIT */
/* Raising events: one load and one branch where nobody listens. Never under a lock. */
#ifndef TARN_SRC_EVENTS_H
#define TARN_SRC_EVENTS_H

#include "config.h"
#include "tarn/events.h"
#include "word.h"

/* The kinds that somebody listens for, a sum of TARN_EVENTS_OF; and GATED if there are gates, so that one look at one
 * word tells whether a call concerns nobody but the pool. */
extern uint32_t tarn_event_kinds;

enum { GATED = 1 };

/* Makes GATED say whether there are gates. */
void tarn_events_note_gates(void);

/* What the port's per-thread byte says is at work: nothing that they do is told, or asked, again. */
enum { AT_WORK_SINK = 1, AT_WORK_GATE = 2 };

void tarn_event_raise(const tarn_event *event);

/* Raises ENTER or LEAVE; apart, so that those around every operation stay short. */
void tarn_event_pass(uint32_t kind, const void *pool, const void *block, size_t size);

static inline void event_raise_from(uint32_t kind, tarn_status status, const tarn_pool *pool, const void *block,
                                    size_t size, size_t alignment, const void *caller, uint32_t verdict)
{
    if (TARN_ON(TARN_WITH_EVENTS) && (word_load_shared(&tarn_event_kinds) & TARN_EVENTS_OF(kind)) != 0) {
        tarn_event event = {
            kind, status, (tarn_pool *)(uintptr_t)pool, (void *)(uintptr_t)block, size, alignment, caller, verdict,
            0,    NULL};
        tarn_event_raise(&event);
    }
}

static inline void event_raise(uint32_t kind, tarn_status status, const tarn_pool *pool, const void *block, size_t size,
                               size_t alignment)
{
    event_raise_from(kind, status, pool, block, size, alignment, NULL, TARN_WHY_UNKNOWN);
}

/* Around whatever reads or writes words that the program may not: headers, links and free memory of the pool. Nests.
 * With a block, also around copying or filling so many of its bytes, some of which the program did not ask for. */
static inline void event_enter(const void *pool, const void *block, size_t size)
{
    if (TARN_ON(TARN_WITH_EVENTS) && (word_load_shared(&tarn_event_kinds) & TARN_EVENTS_OF(TARN_EVENT_ENTER)) != 0) {
        tarn_event_pass(TARN_EVENT_ENTER, pool, block, size);
    }
}

static inline void event_leave(const void *pool, const void *block, size_t size)
{
    if (TARN_ON(TARN_WITH_EVENTS) && (word_load_shared(&tarn_event_kinds) & TARN_EVENTS_OF(TARN_EVENT_LEAVE)) != 0) {
        tarn_event_pass(TARN_EVENT_LEAVE, pool, block, size);
    }
}

#endif
