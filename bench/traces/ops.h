/* SPDX-License-Identifier: MIT */
/**
 * @file ops.h
 * @brief Operations as the benches read them: a file of one header and entries of fixed width, the same on every word
 * size, so that a process that measures does nothing but map it. make_ops.c writes such files.
 */
#ifndef TARN_BENCH_OPS_H
#define TARN_BENCH_OPS_H

#include "../../tools/trace/trace.h"
#include "allocator.h"

#define BENCH_OPS_MAGIC UINT64_C(0x31305350424E5254)

typedef struct bench_head {
    uint64_t magic;
    uint64_t count;
    uint64_t first; /**< operations before this one prepare, and are not measured */
    uint64_t slots;
    uint64_t peak_bytes, peak_objects; /**< most that lived at once */
} bench_head;

_Static_assert(sizeof(trace_op) == 16, "entries have one width everywhere");

/** A run of operations on an allocator: what all benches begin with. */
typedef struct bench_run {
    const bench_allocator *allocator;
    const bench_head *head;
    const trace_op *ops;
    unsigned char **blocks; /**< of each slot, NULL where nothing lives */
    void *memory;           /**< the pool */
    size_t bytes;
} bench_run;

/** Ends the process with a message. */
_Noreturn void bench_die(const char *what, const char *name);
/** The allocator of a shared object. */
const bench_allocator *bench_load(const char *path);
/**
 * Maps the operations and finds memory for the pool. @p pool is roomy, 4 times the peak of live bytes, 64 bytes for each
 * object of it and 1 MiB; tight, twice the peak; short, nine tenths of it, so that requests are refused; or a number.
 */
void bench_begin(bench_run *run, const char *allocator, const char *ops, const char *pool);
/** Gives back whatever lives. */
void bench_give_all(bench_run *run);

/** Asks for what @p op wants; @p block is what its slot has. */
static inline void *bench_ask(const bench_allocator *a, const trace_op *op, void *block)
{
    if (op->kind == TRACE_REALLOC && block != NULL) {
        return a->resize(block, (size_t)op->size);
    }
    return op->kind == TRACE_ALIGNED ? a->take_aligned((size_t)1 << op->alignment_log2, (size_t)op->size)
                                     : a->take((size_t)op->size);
}

#endif
