/* SPDX-License-Identifier: MIT */
/*
 * malloc under threads, whichever is linked or preloaded: nanoseconds for a malloc and a free.
 *
 *   threads own|handed THREADS PAIRS malloc|floor
 *
 * own: each thread keeps 1,000 blocks of 1 to 512 bytes and, again and again, frees a random one and asks for another.
 * handed: the same with the blocks of all threads, so that with two, half are freed by the other one. floor: one
 * address for all of a thread's.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEPT = 1000, THREADS_MAX = 64 };

typedef struct worker {
    pthread_t thread;
    unsigned number;
    unsigned char everything[512]; /* what the floor gives */
    double nanoseconds;            /* of a pair */
} worker;

static _Alignas(64) worker workers[THREADS_MAX];
/* Atomic: whoever takes a block out of it has it alone. */
static _Atomic(unsigned char *) kept[THREADS_MAX][KEPT];
static pthread_barrier_t begin;
static unsigned threads;
static unsigned long pairs;
static bool handed, is_floor;

static uint64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

static unsigned char *take(worker *w, size_t size)
{
    unsigned char *block = is_floor ? w->everything : malloc(size);
    if (block == NULL) {
        abort();
    }
    block[0] = 1;
    block[size - 1] = 1;
    return block;
}

static void give(unsigned char *block)
{
    if (!is_floor) {
        free(block);
    }
}

static void *work(void *argument)
{
    worker *w = argument;
    uint64_t state = UINT64_C(88172645463325252) + w->number;
    _Atomic(unsigned char *) *mine = kept[w->number];
    for (unsigned i = 0; i < KEPT; i++) {
        atomic_store(&mine[i], take(w, 1 + random_next(&state) % 512));
    }
    (void)pthread_barrier_wait(&begin);
    uint64_t start = now();
    for (unsigned long i = 0; i < pairs; i++) {
        uint64_t random = random_next(&state);
        size_t place = random / 512 % KEPT;
        unsigned char *block = take(w, 1 + random % 512);
        if (handed) {
            give(atomic_exchange(&kept[random / 512 / KEPT % threads][place], block));
        } else {
            give(atomic_load_explicit(&mine[place], memory_order_relaxed));
            atomic_store_explicit(&mine[place], block, memory_order_relaxed);
        }
    }
    w->nanoseconds = (double)(now() - start) / (double)pairs;
    return NULL;
}

int main(int count, char **arguments)
{
    double sum = 0;
    threads = count == 5 ? (unsigned)atoi(arguments[2]) : 0;
    if (threads == 0 || threads > THREADS_MAX) {
        (void)fprintf(stderr, "usage: threads own|handed THREADS PAIRS malloc|floor\n");
        return 1;
    }
    handed = strcmp(arguments[1], "handed") == 0;
    is_floor = strcmp(arguments[4], "floor") == 0;
    pairs = strtoul(arguments[3], NULL, 10);
    (void)pthread_barrier_init(&begin, NULL, threads);
    for (unsigned i = 0; i < threads; i++) {
        workers[i].number = i;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            return 1;
        }
    }
    for (unsigned i = 0; i < threads; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        sum += workers[i].nanoseconds;
    }
    printf("%.3f\n", sum / threads);
    return 0;
}
