/* SPDX-License-Identifier: MIT */
/*
 * A port that watches what the library does under a lock: no lock is taken while another is held, nothing printed and
 * no event raised under one, and each is given back. What breaks this ends the program; at the end it says how many
 * locks were taken.
 *
 *   TAG   the task tag of everybody; TARN_TASK_NONE: the same lock may nest, as where it masks interrupts
 */
#include <stdio.h>
#include <stdlib.h>

#include "tarn/events.h"
#include "tarn/port.h"

static const void *held;
static unsigned long taken;
static unsigned long depth;
static unsigned char guard;

static void refuse(const char *what)
{
    fprintf(stderr, "%s under a lock\n", what);
    abort();
}

uintptr_t tarn_port_lock(const void *address)
{
    if (held != NULL && (TAG != TARN_TASK_NONE || held != address)) {
        refuse("a lock");
    }
    held = address;
    taken++;
    return ++depth;
}

void tarn_port_unlock(const void *address, uintptr_t state)
{
    if (held != address || state != depth) {
        refuse("another lock given back");
    }
    if (--depth == 0) {
        held = NULL;
    }
}

uint32_t tarn_port_task(void)
{
    return TAG;
}

uint32_t tarn_port_callers(const void **frames, uint32_t count)
{
    return frames == NULL ? count : 0;
}

const void *tarn_port_code(const void *guess)
{
    return guess;
}

unsigned char *tarn_port_event_guard(void)
{
    return &guard;
}

void tarn_port_print(const char *text, size_t length)
{
    if (held != NULL) {
        refuse("printing");
    }
    (void)fwrite(text, 1, length, stdout);
}

static void sink(const tarn_event *event, void *context)
{
    (void)event;
    (void)context;
    if (held != NULL) {
        refuse("an event");
    }
}

__attribute__((constructor)) static void begin(void)
{
    (void)tarn_events_add(sink, NULL);
}

__attribute__((destructor)) static void end(void)
{
    if (held != NULL) {
        refuse("the end");
    }
    fprintf(stderr, "%lu locks taken\n", taken);
}
