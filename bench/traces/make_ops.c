/* SPDX-License-Identifier: MIT */
/*
 * Writes the files of operations that the benches read (ops.h).
 *
 *   make_ops trace TRACE LIMIT FILE     a trace's operations, at most LIMIT of them (0: all)
 *   make_ops growth BLOCKS PAIRS FILE   BLOCKS live blocks of 1 to 256 bytes, then PAIRS times a random one is freed and
 *                                       another size asked for; only these are measured
 *
 * Prints the file's count, peak of bytes and peak of objects.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops.h"

static void write_ops(const char *path, bench_head *head, const trace_op *ops)
{
    head->magic = BENCH_OPS_MAGIC;
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(head, sizeof *head, 1, file) != 1 ||
        fwrite(ops, sizeof *ops, (size_t)head->count, file) != head->count || fclose(file) != 0) {
        bench_die("cannot write", path);
    }
    printf("%llu %llu %llu\n", (unsigned long long)head->count, (unsigned long long)head->peak_bytes,
           (unsigned long long)head->peak_objects);
}

/* The peaks of the first operations. */
static void find_peaks(bench_head *head, const trace_op *ops)
{
    uint64_t *sizes = calloc((size_t)head->slots + 1, sizeof *sizes);
    uint64_t bytes = 0;
    uint64_t objects = 0;
    if (sizes == NULL) {
        bench_die("no memory", "make_ops");
    }
    for (size_t i = 0; i < head->count; i++) {
        uint64_t *size = &sizes[ops[i].slot];
        objects += (uint64_t)(*size == 0) - (uint64_t)(ops[i].kind == TRACE_FREE);
        bytes += ops[i].size - *size;
        *size = ops[i].size;
        head->peak_bytes = bytes > head->peak_bytes ? bytes : head->peak_bytes;
        head->peak_objects = objects > head->peak_objects ? objects : head->peak_objects;
    }
    free(sizes);
}

static void from_trace(const char *path, uint64_t limit, const char *out)
{
    trace t;
    if (!trace_load(&t, path, 0)) {
        bench_die(t.why, path);
    }
    bench_head head = {.count = limit != 0 && limit < t.count ? limit : t.count, .slots = t.slots};
    find_peaks(&head, t.ops);
    write_ops(out, &head, t.ops);
    trace_free(&t);
}

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 11;
}

static void grown(uint64_t blocks, uint64_t pairs, const char *out)
{
    bench_head head = {.count = blocks + 2 * pairs, .first = blocks, .slots = blocks};
    trace_op *ops = calloc((size_t)head.count + 1, sizeof *ops);
    uint64_t state = UINT64_C(88172645463325252);
    if (blocks == 0 || ops == NULL) {
        bench_die("no blocks, or no memory", "make_ops");
    }
    for (size_t i = 0; i < blocks; i++) {
        ops[i] = (trace_op){.kind = TRACE_MALLOC, .slot = (uint32_t)i, .size = 1 + random_next(&state) % 256};
    }
    for (size_t i = (size_t)blocks; i < head.count; i += 2) {
        uint32_t slot = (uint32_t)(random_next(&state) % blocks);
        ops[i] = (trace_op){.kind = TRACE_FREE, .slot = slot};
        ops[i + 1] = (trace_op){.kind = TRACE_MALLOC, .slot = slot, .size = 1 + random_next(&state) % 256};
    }
    find_peaks(&head, ops);
    write_ops(out, &head, ops);
    free(ops);
}

int main(int count, char **arguments)
{
    if (count == 5 && strcmp(arguments[1], "trace") == 0) {
        from_trace(arguments[2], strtoull(arguments[3], NULL, 10), arguments[4]);
    } else if (count == 5 && strcmp(arguments[1], "growth") == 0) {
        grown(strtoull(arguments[2], NULL, 10), strtoull(arguments[3], NULL, 10), arguments[4]);
    } else {
        bench_die("usage: make_ops trace TRACE LIMIT FILE | growth BLOCKS PAIRS FILE", "make_ops");
    }
    return 0;
}
