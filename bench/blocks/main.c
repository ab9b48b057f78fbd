/* SPDX-License-Identifier: MIT */
/*
 * Measures what a pair of get and put of a 64-byte block takes, and prints two tables: one thread in four patterns, and
 * several threads on one pool.
 *   main FOLDER ROUNDS         all peers, in short slices, one after the other in every round
 *   main FOLDER count NAME     pairs of one peer, last in first out, in count_pairs() for callgrind to count
 *   main FOLDER names          the peers
 * A ratio is the median over the rounds of the peer's time by the list's (with threads, the mutex list's) in the same
 * round, so that whatever else the machine does meets both.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "peers.h"

/* A slice of one thread is far shorter than a scheduler's, so that few are interrupted; threads shall meet. */
enum { SLICE = 20000, THREAD_SLICE = 200000, HELD = 10000, BATCH = 64, QUEUE = 1024, RING = 8, COUNTED = 1000 };
enum { ROUNDS_LIMIT = 500, PATTERNS = 4 };

typedef struct held_blocks {
    void *block[HELD];
    uint32_t order[SLICE];
} held_blocks;

static held_blocks h;

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static uint32_t next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

/* The compiler may not take a block for unused. */
static void *taken(void *block)
{
    __asm__ volatile("" : "+r"(block) : : "memory");
    return block;
}

/* ---- patterns: each returns nanoseconds for a pair ---- */

static double lifo(const peer *p)
{
    double start = now();
    for (int i = 0; i < SLICE; i++) {
        p->put(p->pool, taken(p->get(p->pool)));
    }
    return (now() - start) / SLICE;
}

static double batch(const peer *p)
{
    double start = now();
    for (int i = 0; i < SLICE / BATCH; i++) {
        for (int j = 0; j < BATCH; j++) {
            h.block[j] = p->get(p->pool);
        }
        for (int j = 0; j < BATCH; j++) {
            p->put(p->pool, h.block[j]);
        }
    }
    return (now() - start) / (SLICE / BATCH * BATCH);
}

static void take_all(const peer *p, int count)
{
    for (int i = 0; i < count; i++) {
        h.block[i] = p->get(p->pool);
    }
}

static void give_all(const peer *p, int count)
{
    for (int i = 0; i < count; i++) {
        p->put(p->pool, h.block[i]);
    }
}

static double fifo(const peer *p)
{
    take_all(p, QUEUE);
    double start = now();
    for (int i = 0; i < SLICE; i++) {
        void **place = &h.block[i % QUEUE];
        p->put(p->pool, *place);
        *place = p->get(p->pool);
    }
    double time = now() - start;
    give_all(p, QUEUE);
    return time / SLICE;
}

/* 10,000 blocks in no order of address, any of which goes and comes back as another one. */
static double any(const peer *p)
{
    take_all(p, HELD);
    for (uint32_t i = HELD - 1; i > 0; i--) {
        uint32_t other = next_random() % (i + 1);
        void *block = h.block[i];
        h.block[i] = h.block[other];
        h.block[other] = block;
    }
    give_all(p, HELD);
    take_all(p, HELD);
    double start = now();
    for (int i = 0; i < SLICE; i++) {
        void **place = &h.block[h.order[i]];
        p->put(p->pool, *place);
        *place = p->get(p->pool);
    }
    double time = now() - start;
    give_all(p, HELD);
    return time / SLICE;
}

/* ---- threads: each keeps 8 blocks, and gives the oldest back for another ---- */

typedef struct worker {
    pthread_t thread;
    const peer *p;
    pthread_barrier_t *start;
    double time;
} worker;

static void *work(void *context)
{
    worker *w = context;
    const peer *p = w->p;
    void *ring[RING];
    if (p->enter != NULL) {
        p->enter();
    }
    for (int i = 0; i < RING; i++) {
        ring[i] = p->get(p->pool);
    }
    (void)pthread_barrier_wait(w->start);
    double start = now();
    for (int i = 0; i < THREAD_SLICE; i++) {
        p->put(p->pool, ring[i % RING]);
        ring[i % RING] = taken(p->get(p->pool));
    }
    w->time = (now() - start) / THREAD_SLICE;
    for (int i = 0; i < RING; i++) {
        p->put(p->pool, ring[i]);
    }
    if (p->leave != NULL) {
        p->leave();
    }
    return NULL;
}

static double threads(const peer *p, unsigned count)
{
    worker workers[2];
    pthread_barrier_t start;
    double sum = 0;
    (void)pthread_barrier_init(&start, NULL, count);
    for (unsigned i = 0; i < count; i++) {
        workers[i].p = p;
        workers[i].start = &start;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            abort();
        }
    }
    for (unsigned i = 0; i < count; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        sum += workers[i].time;
    }
    (void)pthread_barrier_destroy(&start);
    return sum / count;
}

static double one_thread(const peer *p)
{
    return threads(p, 1);
}

static double two_threads(const peer *p)
{
    return threads(p, 2);
}

/* ---- rounds and tables ---- */

typedef double pattern(const peer *p);

static double samples[PEER_LIMIT][PATTERNS][ROUNDS_LIMIT];

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Of the samples, by those of the reference where there is one. */
static double median(int which, int column, int rounds, int reference)
{
    double sorted[ROUNDS_LIMIT];
    for (int i = 0; i < rounds; i++) {
        sorted[i] = samples[which][column][i] / (reference < 0 ? 1 : samples[reference][column][i]);
    }
    qsort(sorted, (size_t)rounds, sizeof sorted[0], compare);
    return sorted[rounds / 2];
}

static void measure(const peer *peers, int count, bool shared, pattern *const *patterns, int columns, int rounds)
{
    for (int round = -1; round < rounds; round++) { /* the first is not counted */
        for (int i = 0; i < count; i++) {
            for (int c = 0; c < columns && (peers[i].shared || !shared); c++) {
                samples[i][c][round < 0 ? 0 : round] = patterns[c](&peers[i]);
            }
        }
    }
}

static void print(const peer *peers, int count, bool shared, int columns, int rounds, int reference)
{
    for (int i = 0; i < count; i++) {
        if (shared && !peers[i].shared) {
            continue;
        }
        printf("| %s |", peers[i].name);
        for (int c = 0; c < columns; c++) {
            printf(" %.2f (%.2f) |", median(i, c, rounds, -1), median(i, c, rounds, reference));
        }
        printf(" @%s@ |\n", peers[i].name);
    }
}

static int find_peer(const peer *peers, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(peers[i].name, name) == 0) {
            return i;
        }
    }
    abort();
}

static void tables(const peer *peers, int count, int rounds)
{
    static pattern *const alone[] = {lifo, batch, fifo, any};
    static pattern *const together[] = {one_thread, two_threads};
    printf("| one thread | LIFO | batch of 64 | FIFO, 1,024 out | any of 10,000 | instructions, LIFO |\n");
    printf("|---|---|---|---|---|---|\n");
    measure(peers, count, false, alone, PATTERNS, rounds);
    print(peers, count, false, PATTERNS, rounds, find_peer(peers, count, "list, out of line"));
    printf("\n| threads on one pool | one | two | instructions, LIFO |\n|---|---|---|---|\n");
    measure(peers, count, true, together, 2, rounds);
    print(peers, count, true, 2, rounds, find_peer(peers, count, "list under a mutex"));
}

__attribute__((noinline)) static void count_pairs(const peer *p)
{
    for (int i = 0; i < COUNTED; i++) {
        p->put(p->pool, taken(p->get(p->pool)));
    }
}

int main(int argc, char **argv)
{
    static peer peers[PEER_LIMIT];
    if (argc < 3) {
        return 2;
    }
    int count = peers_open(peers, argv[1]);
    for (int i = 0; i < SLICE; i++) {
        h.order[i] = next_random() % HELD;
    }
    if (strcmp(argv[2], "names") == 0) {
        for (int i = 0; i < count; i++) {
            printf("%s\n", peers[i].name);
        }
    } else if (strcmp(argv[2], "count") == 0 && argc == 4) {
        const peer *p = &peers[find_peer(peers, count, argv[3])];
        take_all(p, BATCH); /* what the first calls of all do is not a pair's */
        give_all(p, BATCH);
        count_pairs(p);
    } else {
        int rounds = atoi(argv[2]);
        tables(peers, count, rounds < 1 ? 1 : rounds > ROUNDS_LIMIT ? ROUNDS_LIMIT : rounds);
    }
    return 0;
}
