/* SPDX-License-Identifier: MIT */
/*
 * Measures what a pair of get and put of a 64-byte block takes, and prints three tables: one thread in four patterns,
 * called through the table of peers and by name, and several threads on one pool.
 *   main FOLDER ROUNDS         all peers, in short slices, one after the other in every round
 *   main FOLDER count NAME     pairs of one peer, last in first out, in count_pairs() for callgrind to count
 *   main FOLDER names          the peers
 * A ratio is the median over the rounds of the peer's time by the list's (with threads, the mutex list's) in the same
 * round, so that whatever else the machine does meets both.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "patterns.h"

enum { THREAD_SLICE = 200000, RING = 8, COUNTED = 1000, ROUNDS_LIMIT = 500 };

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

typedef bool which_peers(const peer *p);

static bool through_table(const peer *p)
{
    return p->direct == NULL;
}

static bool by_name(const peer *p)
{
    return p->direct != NULL;
}

static bool among_threads(const peer *p)
{
    return p->direct == NULL && p->shared;
}

static bool any_peer(const peer *p)
{
    return p->pool != NULL;
}

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

static void measure(const peer *peers, int count, which_peers *which, pattern *const *patterns, int columns, int rounds)
{
    for (int round = -1; round < rounds; round++) { /* the first is not counted */
        for (int i = 0; i < count; i++) {
            for (int c = 0; c < columns && which(&peers[i]); c++) {
                pattern *const *made = peers[i].direct != NULL ? peers[i].direct : patterns;
                samples[i][c][round < 0 ? 0 : round] = made[c](&peers[i]);
            }
        }
    }
}

static void print(const peer *peers, int count, which_peers *which, int columns, int rounds, int reference)
{
    for (int i = 0; i < count; i++) {
        if (!which(&peers[i])) {
            continue;
        }
        printf("| %s |", peers[i].name);
        for (int c = 0; c < columns; c++) {
            printf(" %.2f (%.2f) |", median(i, c, rounds, -1), median(i, c, rounds, reference));
        }
        if (which != by_name) {
            printf(" @%s@ |", peers[i].name);
        }
        printf("\n");
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
    static pattern *const together[] = {one_thread, two_threads};
    printf("| one thread | LIFO | batch of 64 | FIFO, 1,024 out | any of 10,000 | instructions, LIFO |\n");
    printf("|---|---|---|---|---|---|\n");
    measure(peers, count, any_peer, all_patterns, PATTERNS, rounds);
    print(peers, count, through_table, PATTERNS, rounds, find_peer(peers, count, "list, out of line"));
    printf("\n| one thread, called by name | LIFO | batch of 64 | FIFO, 1,024 out | any of 10,000 |\n");
    printf("|---|---|---|---|---|\n");
    print(peers, count, by_name, PATTERNS, rounds, find_peer(peers, count, "list, out of line, by name"));
    printf("\n| threads on one pool | one | two | instructions, LIFO |\n|---|---|---|---|\n");
    measure(peers, count, among_threads, together, 2, rounds);
    print(peers, count, among_threads, 2, rounds, find_peer(peers, count, "list under a mutex"));
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
    if (strcmp(argv[2], "names") == 0) {
        for (int i = 0; i < count; i++) {
            if (through_table(&peers[i])) {
                printf("%s\n", peers[i].name);
            }
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
