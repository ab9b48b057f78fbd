/* SPDX-License-Identifier: MIT */
/*
 * Port `posix`: slots. A thread gets the lowest number that is free when it first asks, and gives it back when it ends;
 * the mutex around both makes what the thread before left in the slot visible to the next. Threads beyond the 256th
 * have none.
 *
 * Bound: constant, but for a thread's first call.
 */
#include <pthread.h>

#include "tarn/port.h"

enum { SLOTS = 256 };

_Thread_local uint32_t tarn_port_slot_plus_1;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t slots_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static unsigned char taken[SLOTS];

static void give_back(void *value)
{
    unsigned char *place = value;
    tarn_port_slot_plus_1 = 0;
    (void)pthread_mutex_lock(&lock);
    *place = 0;
    (void)pthread_mutex_unlock(&lock);
}

static void make_key(void)
{
    (void)pthread_key_create(&key, give_back);
}

__attribute__((noinline)) static uint32_t take_slot(void)
{
    uint32_t slot = 0;
    (void)pthread_once(&slots_once, make_key);
    (void)pthread_mutex_lock(&lock);
    while (slot < SLOTS && taken[slot] != 0) {
        slot++;
    }
    if (slot < SLOTS) {
        taken[slot] = 1;
    }
    (void)pthread_mutex_unlock(&lock);
    if (slot == SLOTS) {
        return TARN_SLOT_NONE;
    }
    if (pthread_setspecific(key, &taken[slot]) != 0) {
        give_back(&taken[slot]);
        return TARN_SLOT_NONE;
    }
    tarn_port_slot_plus_1 = slot + 1u;
    return slot;
}

uint32_t tarn_port_slot(void)
{
    return tarn_port_slot_plus_1 != 0 ? tarn_port_slot_plus_1 - 1u : take_slot();
}
