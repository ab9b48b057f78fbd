/* SPDX-License-Identifier: MIT */
/*
 * One allocator on one trace: prints the nanoseconds per operation of each pass, and how many requests it refused.
 *
 *   replay ALLOCATOR.so TRACE roomy|tight PASSES
 *
 * The pool is roomy, 4 times the peak of live bytes, 64 bytes for each object of it and 1 MiB, or tight, twice the
 * peak. The first and the last byte of each block are written to. Before the passes that count there is one that does
 * not.
 */
#define _GNU_SOURCE /* MAP_NORESERVE */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../../tools/trace/trace.h"
#include "allocator.h"

static void die(const char *what, const char *name)
{
    (void)fprintf(stderr, "bench: %s: %s\n", name, what);
    exit(1);
}

static uint64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void *ask(const bench_allocator *a, const trace_op *op, void *block)
{
    if (op->kind == TRACE_REALLOC && block != NULL) {
        return a->resize(block, (size_t)op->size);
    }
    return op->kind == TRACE_ALIGNED ? a->take_aligned((size_t)1 << op->alignment_log2, (size_t)op->size)
                                     : a->take((size_t)op->size);
}

/* Returns how many requests were refused. What the floor gives is one address for all: only its first byte is there. */
static uint64_t run(const bench_allocator *a, const trace *t, unsigned char **blocks, bool whole)
{
    uint64_t refused = 0;
    for (size_t i = 0; i < t->count; i++) {
        const trace_op *op = &t->ops[i];
        unsigned char *block = blocks[op->slot];
        if (op->kind == TRACE_FREE) {
            if (block != NULL) {
                a->give(block);
            }
            blocks[op->slot] = NULL;
            continue;
        }
        unsigned char *given = ask(a, op, block);
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

static void give_all(const bench_allocator *a, const trace *t, unsigned char **blocks)
{
    for (uint32_t i = 0; i < t->slots; i++) {
        if (blocks[i] != NULL) {
            a->give(blocks[i]);
            blocks[i] = NULL;
        }
    }
}

int main(int count, char **arguments)
{
    trace t;
    if (count != 5) {
        die("usage: replay ALLOCATOR.so TRACE roomy|tight PASSES", "replay");
    }
    void *object = dlopen(arguments[1], RTLD_NOW);
    const bench_allocator *a = object != NULL ? dlsym(object, "bench_this") : NULL;
    if (a == NULL || a->version != BENCH_ALLOCATOR_VERSION) {
        die("no allocator of this version", arguments[1]);
    }
    if (!trace_load(&t, arguments[2], 0)) {
        die(t.why, arguments[2]);
    }
    bool roomy = strcmp(arguments[3], "roomy") == 0;
    size_t bytes = (size_t)(roomy ? 4 * t.peak_bytes + 64 * t.peak_objects + (1u << 20) : 2 * t.peak_bytes);
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    unsigned char **blocks = calloc((size_t)t.slots + 1, sizeof *blocks);
    if (memory == MAP_FAILED || blocks == NULL) {
        die("no memory", arguments[2]);
    }
    bool whole = strcmp(a->name, "floor") != 0;
    for (int pass = 0; pass <= atoi(arguments[4]); pass++) {
        if (!a->open(memory, bytes)) {
            die("cannot begin in the pool", arguments[1]);
        }
        uint64_t start = now();
        uint64_t refused = run(a, &t, blocks, whole);
        double each = (double)(now() - start) / (double)t.count;
        give_all(a, &t, blocks);
        if (pass != 0) {
            printf("%.3f %llu\n", each, (unsigned long long)refused);
        }
    }
    return 0;
}
