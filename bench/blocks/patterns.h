/* SPDX-License-Identifier: MIT */
/* The patterns of one thread; PEER_GET and PEER_PUT are calls through the table unless defined before. */
#ifndef BENCH_BLOCKS_PATTERNS_H
#define BENCH_BLOCKS_PATTERNS_H

#include <stdint.h>
#include <time.h>

#include "peers.h"

#ifndef PEER_GET
#define PEER_GET(p) (p)->get((p)->pool)
#define PEER_PUT(p, block) (p)->put((p)->pool, block)
#endif

/* A slice is far shorter than a scheduler's, so that few are interrupted. */
enum { SLICE = 20000, HELD = 10000, BATCH = 64, QUEUE = 1024 };

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
        PEER_PUT(p, taken(PEER_GET(p)));
    }
    return (now() - start) / SLICE;
}

static double batch(const peer *p)
{
    double start = now();
    for (int i = 0; i < SLICE / BATCH; i++) {
        for (int j = 0; j < BATCH; j++) {
            h.block[j] = PEER_GET(p);
        }
        for (int j = 0; j < BATCH; j++) {
            PEER_PUT(p, h.block[j]);
        }
    }
    return (now() - start) / (SLICE / BATCH * BATCH);
}

static void take_all(const peer *p, int count)
{
    for (int i = 0; i < count; i++) {
        h.block[i] = PEER_GET(p);
    }
}

static void give_all(const peer *p, int count)
{
    for (int i = 0; i < count; i++) {
        PEER_PUT(p, h.block[i]);
    }
}

static double fifo(const peer *p)
{
    take_all(p, QUEUE);
    double start = now();
    for (int i = 0; i < SLICE; i++) {
        void **place = &h.block[i % QUEUE];
        PEER_PUT(p, *place);
        *place = PEER_GET(p);
    }
    double time = now() - start;
    give_all(p, QUEUE);
    return time / SLICE;
}

static void choose_order(void)
{
    for (int i = 0; i < SLICE; i++) {
        h.order[i] = next_random() % HELD;
    }
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
    choose_order();
    double start = now();
    for (int i = 0; i < SLICE; i++) {
        void **place = &h.block[h.order[i]];
        PEER_PUT(p, *place);
        *place = PEER_GET(p);
    }
    double time = now() - start;
    give_all(p, HELD);
    return time / SLICE;
}

static pattern *const all_patterns[PATTERNS] = {lifo, batch, fifo, any};

#endif
