/* SPDX-License-Identifier: MIT */
/*
 * What run_blocks_spin.sh compiles the core's sources with, ahead of everything else, and what blocks_atomic.pml calls:
 * the core's own get and put, cut at every atomic access to a pool.
 *
 * A call that is under way is what it has read so far. A step runs it from its start, answers from that record, makes
 * one access more, goes on to the next and leaves by longjmp; so the state of a call is data that spin can store.
 */
#ifndef BLOCKS_STEPS_H
#define BLOCKS_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEPS_BLOCKS = 3, STEPS_WORKERS = 3, STEPS_RECORD = 16, STEPS_IMAGE = 88 };

enum { STEPS_IDLE, STEPS_GET, STEPS_PUT };

/* What spin reports: the first fault of a run ends it. */
enum {
    STEPS_SOUND,
    STEPS_TWO_OWNERS,   /* a block was handed out that someone has */
    STEPS_LISTED,       /* the list is endless, leads nowhere or has a block that someone has */
    STEPS_LOST,         /* nobody is under way and a block is neither free nor someone's, or the count is wrong */
    STEPS_REFUSED,      /* the put of a block by its owner failed */
    STEPS_PUT_TWICE,    /* a put was accepted of a block that nobody had */
    STEPS_WRONG_DAMAGE, /* a get found damage where there is none */
    STEPS_WRONG_EMPTY   /* a get found the pool exhausted that never was meanwhile */
};

typedef struct steps_worker {
    uint8_t call;      /* STEPS_IDLE, GET or PUT */
    uint8_t block;     /* number of the block to put */
    uint8_t seen_none; /* at some moment of this call no block was free */
    uint8_t read;      /* accesses made */
    uint32_t record[STEPS_RECORD];
} steps_worker;

typedef struct steps_state {
    uint64_t image[STEPS_IMAGE / 8];
    uint8_t owner[STEPS_BLOCKS]; /* 0, or 1 + worker; with a map: 1 while its bit is set */
    steps_worker worker[STEPS_WORKERS];
} steps_state;

extern steps_state steps;

/* A pool of STEPS_BLOCKS blocks of which so many are in the list and the others fresh. */
void steps_start(int listed);

void steps_begin(int worker, int call, int block);

/* One access further; STEPS_SOUND or the fault. */
int steps_on(int worker);

bool steps_busy(int worker);
bool steps_may_get(int worker);

/* Whose block it is; with a map anyone may try. */
bool steps_may_put(int worker, int block);

/* The owner writes where the link was: 0 what no link is, 1 what might be one; not what is there. */
bool steps_may_scribble(int worker, int block, int how);
void steps_scribble(int block, int how);

/* ---- the core's view ---- */

uint64_t steps_load(const void *at, size_t size);
void steps_store(void *at, size_t size, uint64_t value);
bool steps_swap(void *at, size_t size, void *expected, uint64_t wanted);
uint64_t steps_fetch(void *at, size_t size, char operation, uint64_t value);

#if defined(STEPS_CORE)
#define __atomic_load_n(at, order) ((__typeof__(*(at)))steps_load(at, sizeof *(at)))
#define __atomic_store_n(at, value, order) steps_store(at, sizeof *(at), value)
#define __atomic_compare_exchange_n(at, expected, wanted, weak, order, order_2) \
    steps_swap(at, sizeof *(at), expected, wanted)
#define __atomic_fetch_add(at, value, order) ((__typeof__(*(at)))steps_fetch(at, sizeof *(at), '+', value))
#define __atomic_fetch_or(at, value, order) ((__typeof__(*(at)))steps_fetch(at, sizeof *(at), '|', value))
#define __atomic_fetch_and(at, value, order) ((__typeof__(*(at)))steps_fetch(at, sizeof *(at), '&', value))
#endif

#endif
