/* SPDX-License-Identifier: MIT */
/*
 * Port `posix`: event counts. An address is hashed to one of a few numbers, each with a mutex and a condition variable
 * of its own; who waits for another address of the same number is woken too early, and says so to his caller.
 *
 * Time is the system's monotonic clock. Bound: waiting for the mutex; wait: the time given.
 */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* condition variables on a chosen clock, where the compiler is told -std=c11 */
#endif

#include <pthread.h>
#include <time.h>

#include "tarn/port.h"

enum { STRIPES = 16 };

typedef struct event {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t count;
} event;

static event events[STRIPES];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A condition variable that goes by the monotonic clock cannot be initialised by the linker. */
static void make_events(void)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    for (int i = 0; i < STRIPES; i++) {
        (void)pthread_mutex_init(&events[i].lock, NULL);
        (void)pthread_cond_init(&events[i].changed, &attributes);
    }
    (void)pthread_condattr_destroy(&attributes);
}

static event *event_of(const void *address)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)address >> 3) * UINT64_C(0x9E3779B97F4A7C15);
    (void)pthread_once(&once, make_events);
    return &events[(mixed >> 32) % STRIPES];
}

static int64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

uint32_t tarn_port_event_count(const void *address)
{
    event *e = event_of(address);
    (void)pthread_mutex_lock(&e->lock);
    uint32_t count = e->count;
    (void)pthread_mutex_unlock(&e->lock);
    return count;
}

uint32_t tarn_port_event_wait(const void *address, uint32_t seen, uint32_t milliseconds)
{
    event *e = event_of(address);
    int64_t end = now() + (int64_t)milliseconds * 1000000;
    struct timespec until = {(time_t)(end / 1000000000), (long)(end % 1000000000)};
    int status = 0;
    (void)pthread_mutex_lock(&e->lock);
    while (e->count == seen && status == 0) {
        status = milliseconds == UINT32_MAX ? pthread_cond_wait(&e->changed, &e->lock)
                                            : pthread_cond_timedwait(&e->changed, &e->lock, &until);
    }
    (void)pthread_mutex_unlock(&e->lock);
    int64_t left = end - now();
    if (milliseconds == UINT32_MAX) {
        return milliseconds;
    }
    return left > 0 ? (uint32_t)((left + 999999) / 1000000) : 0;
}

void tarn_port_event_wake(const void *address)
{
    event *e = event_of(address);
    (void)pthread_mutex_lock(&e->lock);
    e->count++;
    (void)pthread_cond_broadcast(&e->changed);
    (void)pthread_mutex_unlock(&e->lock);
}
