/* SPDX-License-Identifier: MIT */
/*
 * One allocator on one file of operations, with marks around every call, for the plugin to count between.
 *
 *   count BASE.so ALLOCATOR.so OPS roomy|tight|short|BYTES
 *
 * BASE has the allocator's own way in (the same adapter) to functions that only return: each kind of call is made to it
 * once, in the same place of the program, before the operations begin.
 */
#include <stdio.h>

#include "../traces/ops.h"
#include "marks.h"

/* Nothing here but the call lies between two marks. Not inlined: every call is made by the same instructions. */
__attribute__((noinline)) static void *take(const bench_allocator *a, const trace_op *op)
{
    mark_malloc();
    void *given = a->take((size_t)op->size);
    mark_end();
    return given;
}

__attribute__((noinline)) static void *take_aligned(const bench_allocator *a, const trace_op *op)
{
    size_t alignment = (size_t)1 << op->alignment_log2;
    mark_aligned();
    void *given = a->take_aligned(alignment, (size_t)op->size);
    mark_end();
    return given;
}

__attribute__((noinline)) static void *resize(const bench_allocator *a, const trace_op *op, void *block)
{
    mark_realloc();
    void *given = a->resize(block, (size_t)op->size);
    mark_end();
    return given;
}

__attribute__((noinline)) static void give(const bench_allocator *a, void *block)
{
    mark_free();
    a->give(block);
    mark_end();
}

static void find_base(const bench_allocator *base)
{
    static const trace_op op = {.size = 1};
    static char block[1];
    (void)take(base, &op);
    (void)take_aligned(base, &op);
    (void)resize(base, &op, block);
    give(base, block);
    mark_measure();
}

/* Operations before the first that counts. */
static void prepare(bench_run *run)
{
    for (size_t i = 0; i < run->head->first; i++) {
        const trace_op *op = &run->ops[i];
        run->blocks[op->slot] = op->kind == TRACE_FREE ? NULL : bench_ask(run->allocator, op, run->blocks[op->slot]);
        mark_skip();
    }
}

static void *ask(const bench_allocator *a, const trace_op *op, void *block)
{
    if (op->kind == TRACE_REALLOC && block != NULL) {
        return resize(a, op, block);
    }
    return op->kind == TRACE_ALIGNED ? take_aligned(a, op) : take(a, op);
}

static void do_op(bench_run *run, const trace_op *op)
{
    unsigned char *block = run->blocks[op->slot];
    if (op->kind == TRACE_FREE) {
        if (block == NULL) {
            mark_skip();
            return;
        }
        give(run->allocator, block);
        mark_served();
        run->blocks[op->slot] = NULL;
        return;
    }
    unsigned char *given = ask(run->allocator, op, block);
    if (given != NULL) {
        mark_served();
        run->blocks[op->slot] = given;
    } else {
        mark_refused();
    }
}

int main(int count, char **arguments)
{
    if (count != 5) {
        bench_die("usage: count BASE.so ALLOCATOR.so OPS roomy|tight|short|BYTES", "count");
    }
    bench_run run;
    bench_begin(&run, arguments[2], arguments[3], arguments[4]);
    if (!run.allocator->open(run.memory, run.bytes)) {
        bench_die("cannot begin in the pool", arguments[2]);
    }
    find_base(bench_load(arguments[1]));
    prepare(&run);
    for (size_t i = (size_t)run.head->first; i < run.head->count; i++) {
        do_op(&run, &run.ops[i]);
    }
    return 0;
}
