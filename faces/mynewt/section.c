/* SPDX-License-Identifier: MIT */
/*
 * The critical section of all Mynewt pools (M2). What there is to do when it is left for good: notes.c (M3).
 *
 * The owner is written by whoever holds the port's lock; another task that reads it meanwhile finds a tag that is not
 * its own, whichever it is. Threads that the port gives no tag may not nest.
 * Bound: constant; leaving, what was noted.
 */
#include "face.h"

#include "tarn/port.h"
#include "word.h"

const unsigned char tarn_mynewt_section = 0;

static uint32_t owner = TARN_TASK_NONE;
static uint32_t depth;

uintptr_t tarn_mynewt_enter(void)
{
    uint32_t task = tarn_port_task();
    if (task != TARN_TASK_NONE && word_load_shared(&owner) == task) {
        depth++;
        return 0;
    }
    uintptr_t state = tarn_port_lock(&tarn_mynewt_section);
    word_store_shared(&owner, task);
    depth++;
    return state;
}

/* One level less; false if that was the last of the task, and the lock is to be given up. */
static bool stays_inside(void)
{
    uint32_t task = owner;
    depth--;
    if (depth == 0) {
        word_store_shared(&owner, TARN_TASK_NONE);
    }
    return depth != 0 && task != TARN_TASK_NONE;
}

void tarn_mynewt_leave(uintptr_t state)
{
    if (stays_inside()) {
        return;
    }
    if (depth == 0 && tarn_mynewt_noted()) {
        tarn_mynewt_settle(state);
        return;
    }
    tarn_port_unlock(&tarn_mynewt_section, state);
}

void tarn_mynewt_leave_unnoted(uintptr_t state)
{
    if (!stays_inside()) {
        tarn_port_unlock(&tarn_mynewt_section, state);
    }
}

bool tarn_mynewt_inside(void)
{
    uint32_t task = tarn_port_task();
    bool mine = word_load_shared(&owner) == task;
    return mine && (task != TARN_TASK_NONE || depth != 0);
}
