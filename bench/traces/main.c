/* SPDX-License-Identifier: MIT */
/*
 * One allocator on one file of operations.
 *
 *   replay ALLOCATOR.so OPS roomy|tight|BYTES PASSES   the nanoseconds per operation of each pass, and its refusals
 *   replay ALLOCATOR.so OPS min                        the smallest pool, a multiple of 8 bytes, found by halving
 *
 * The first and the last byte of each block are written to. Before the passes that count there is one that does not.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ops.h"

static uint64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* Returns how many requests were refused. What the floor gives is one address for all: only its first byte is there. */
static uint64_t pass(bench_run *run, size_t from, size_t until, bool whole)
{
    uint64_t refused = 0;
    const bench_allocator *a = run->allocator;
    unsigned char **blocks = run->blocks;
    for (size_t i = from; i < until; i++) {
        const trace_op *op = &run->ops[i];
        unsigned char *block = blocks[op->slot];
        if (op->kind == TRACE_FREE) {
            if (block != NULL) {
                a->give(block);
            }
            blocks[op->slot] = NULL;
            continue;
        }
        unsigned char *given = bench_ask(a, op, block);
        if (given != NULL) {
            given[0] = 1;
            given[whole ? op->size - 1 : 0] = 1;
            blocks[op->slot] = given;
        } else {
            refused++;
            blocks[op->slot] = op->kind == TRACE_REALLOC ? block : NULL;
        }
    }
    return refused;
}

static void time_passes(bench_run *run, int passes, const char *name)
{
    bool whole = strcmp(run->allocator->name, "floor") != 0;
    size_t first = (size_t)run->head->first;
    size_t count = (size_t)run->head->count;
    for (int n = 0; n <= passes; n++) {
        if (!run->allocator->open(run->memory, run->bytes)) {
            bench_die("cannot begin in the pool", name);
        }
        uint64_t refused = pass(run, 0, first, whole);
        uint64_t start = now();
        refused += pass(run, first, count, whole);
        double each = (double)(now() - start) / (double)(count - first);
        bench_give_all(run);
        if (n != 0) {
            printf("%.3f %llu\n", each, (unsigned long long)refused);
        }
    }
}

/* Whether all of it is served in so many bytes. */
static bool fits(bench_run *run, size_t bytes)
{
    if (bytes == 0 || !run->allocator->open(run->memory, bytes)) {
        return false;
    }
    bool served = pass(run, 0, (size_t)run->head->count, false) == 0;
    bench_give_all(run);
    return served;
}

static void find_minimum(bench_run *run, const char *name)
{
    size_t low = 0;
    size_t high = run->bytes / 8;
    if (!fits(run, high * 8)) {
        bench_die("does not serve it in a roomy pool", name);
    }
    for (size_t guess = (size_t)run->head->peak_bytes / 8 * 5 / 4; high - low > 1; guess = low + (high - low) / 2) {
        bool served = guess > low && guess < high && fits(run, guess * 8);
        low = !served && guess > low && guess < high ? guess : low;
        high = served ? guess : high;
    }
    printf("%zu %llu\n", high * 8, (unsigned long long)run->head->peak_bytes);
}

int main(int count, char **arguments)
{
    bool minimum = count == 4 && strcmp(arguments[3], "min") == 0;
    if (count != 5 && !minimum) {
        bench_die("usage: replay ALLOCATOR.so OPS roomy|tight|BYTES PASSES, or min", "replay");
    }
    bench_run run;
    bench_begin(&run, arguments[1], arguments[2], minimum ? "roomy" : arguments[3]);
    if (minimum) {
        find_minimum(&run, arguments[1]);
    } else {
        time_passes(&run, atoi(arguments[4]), arguments[1]);
    }
    return 0;
}
