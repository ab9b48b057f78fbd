/* SPDX-License-Identifier: MIT */
/*
 * Port `posix`: any system with POSIX threads.
 *
 * Locks are mutexes of the process, not of the images: an address is hashed to one of TARN_LOCK_STRIPES. Two pools may
 * share one, which costs waiting and nothing else, because no lock is held when another is taken. They are initialised
 * by the linker, so they work before any constructor has run.
 *
 * A task is a thread; its tag is its place in the order in which threads first asked, from 0. After 0xFFFFF threads
 * have asked, further ones have no tag.
 *
 * Not async-signal-safe: a handler that calls tarn may wait for the thread that it interrupted. Not carried over a
 * fork() that happens while another thread is in tarn; only the malloc face promises that, with a lock of its own.
 *
 * Who called is read from the unwind tables, by the compilers' own library, and only for pools that note callers. The
 * unwinder may allocate: whoever is inside already, a signal handler too, is told of none. The malloc face's pool notes
 * none for that reason.
 *
 * Bound: waiting for the lock; for callers, the frames asked for and the tables of the objects loaded; otherwise
 * constant.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "tarn/config.h"
#include "tarn/port.h"

#if !defined(TARN_LOCK_STRIPES) || TARN_LOCK_STRIPES < 1 || TARN_LOCK_STRIPES > 65536
#error "tarn/config.h: TARN_LOCK_STRIPES is 1 to 65536"
#endif

/* A range designator, because the standard does not promise that zero bytes are an unlocked mutex. */
__extension__ static pthread_mutex_t stripes[TARN_LOCK_STRIPES] = {
    [0 ... TARN_LOCK_STRIPES - 1] = PTHREAD_MUTEX_INITIALIZER,
};

/* Initial-exec: reading these must never make the run-time linker allocate. */
#define PER_THREAD static _Thread_local __attribute__((tls_model("initial-exec")))

PER_THREAD uint32_t tag_plus_1;
PER_THREAD unsigned char event_guard;

static atomic_uint_least32_t tasks_seen;

/* Images begin on 8 bytes and often on a page: the product's high bits depend on all of the address. */
static pthread_mutex_t *stripe_of(const void *address)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)address >> 3) * UINT64_C(0x9E3779B97F4A7C15);
    return &stripes[(mixed >> 32) % TARN_LOCK_STRIPES];
}

uintptr_t tarn_port_lock(const void *address)
{
    (void)pthread_mutex_lock(stripe_of(address));
    return 0;
}

void tarn_port_unlock(const void *address, uintptr_t state)
{
    (void)state;
    (void)pthread_mutex_unlock(stripe_of(address));
}

uint32_t tarn_port_task(void)
{
    if (tag_plus_1 == 0) {
        /* The load keeps the counter from ever wrapping round to tags that were given out. */
        bool left = atomic_load_explicit(&tasks_seen, memory_order_relaxed) < TARN_TASK_NONE;
        uint32_t place = left ? atomic_fetch_add_explicit(&tasks_seen, 1, memory_order_relaxed) : TARN_TASK_NONE;
        tag_plus_1 = (place < TARN_TASK_NONE ? place : TARN_TASK_NONE) + 1u;
    }
    return tag_plus_1 - 1u;
}

unsigned char *tarn_port_event_guard(void)
{
    return &event_guard;
}

/* Through the program's own stdout and its buffer, so that listings keep their place between its printf()s. */
void tarn_port_print(const char *text, size_t length)
{
    (void)fwrite(text, 1, length, stdout);
}

/* ---- callers ---- */

#ifdef TARN_PORT_WITHOUT_CALLERS

uint32_t tarn_port_callers(const void **frames, uint32_t count)
{
    (void)frames;
    (void)count;
    return 0;
}

#else

#include <unwind.h>

PER_THREAD volatile bool walking;

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

#endif
