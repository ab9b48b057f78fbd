/* SPDX-License-Identifier: MIT */
/*
 * Port `posix`: who called, from the unwind tables that the compilers' own library reads. Linked by programs whose pools
 * may note callers, and in use by those whose pools do.
 *
 * The per-thread guard answers 0 to whoever is inside already: a signal handler, or the unwinder where it allocates from
 * a malloc that is tarn's.
 *
 * Bound: frames asked for, and the tables of the objects loaded.
 */
#include <stdbool.h>
#include <stddef.h>
#include <unwind.h>

#include "tarn/port.h"

static _Thread_local __attribute__((tls_model("initial-exec"))) volatile bool walking;

typedef struct walk {
    const void **frames;
    uint32_t count;
    uint32_t found;
    bool begun;
} walk;

/* The first frame is tarn_port_callers() itself; it names where that stands, not where it returns to. */
static _Unwind_Reason_Code note_frame(struct _Unwind_Context *context, void *argument)
{
    walk *w = argument;
    if (!w->begun) {
        w->begun = true;
        return _URC_NO_REASON;
    }
    if (w->found == w->count) {
        return _URC_END_OF_STACK;
    }
    w->frames[w->found++] = (const void *)_Unwind_GetIP(context);
    return w->found < w->count ? _URC_NO_REASON : _URC_END_OF_STACK;
}

uint32_t tarn_port_callers(const void **frames, uint32_t count)
{
    walk w = {frames, count, 0, false};
    if (walking) {
        return 0;
    }
    walking = true;
    (void)_Unwind_Backtrace(note_frame, &w);
    walking = false;
    return w.found;
}
