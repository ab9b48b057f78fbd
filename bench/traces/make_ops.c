/* SPDX-License-Identifier: MIT */
/*
 * Writes the files of operations that the benches read (ops.h).
 *
 *   make_ops trace TRACE LIMIT FILE     a trace's operations, at most LIMIT of them (0: all)
 *   make_ops growth BLOCKS PAIRS FILE   BLOCKS live blocks of 1 to 256 bytes, then PAIRS times a random one is freed and
 *                                       another size asked for; only these are measured
 *   make_ops full BYTES COUNT FILE      COUNT random operations that keep a pool of BYTES full: requests of 1 to 256 bytes,
 *                                       one in four of up to an eighth of BYTES, until they sum up to BYTES; then a
 *                                       random one is freed
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

/* Three in four are small; of the others every power of two is as likely. */
static uint64_t mixed_size(uint64_t *state, uint64_t most)
{
    if (random_next(state) % 4 != 0) {
        return 1 + random_next(state) % 256;
    }
    uint64_t below = most >> random_next(state) % 10;
    return 1 + random_next(state) % (below != 0 ? below : 1);
}

static void full(uint64_t bytes, uint64_t count, const char *out)
{
    bench_head head = {.count = count, .slots = count};
    trace_op *ops = calloc((size_t)count + 1, sizeof *ops);
    uint32_t *live = calloc((size_t)count + 1, sizeof *live); /* the first so many: what lives; behind: what does not */
    uint64_t *sizes = calloc((size_t)count + 1, sizeof *sizes);
    uint64_t state = UINT64_C(88172645463325252);
    uint64_t lives = 0;
    uint64_t sum = 0;
    if (bytes < 64 || ops == NULL || live == NULL || sizes == NULL) {
        bench_die("too small, or no memory", "make_ops");
    }
    for (size_t i = 0; i < count; i++) {
        live[i] = (uint32_t)i;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t size = mixed_size(&state, bytes / 8);
        bool frees = lives != 0 && (sum + size > bytes || random_next(&state) % 8 < 3);
        uint64_t place = frees ? random_next(&state) % lives : lives;
        uint32_t slot = live[place];
        ops[i] = (trace_op){.kind = frees ? TRACE_FREE : TRACE_MALLOC, .slot = slot, .size = frees ? 0 : size};
        sum += frees ? 0 - sizes[slot] : size;
        sizes[slot] = size;
        lives += frees ? UINT64_MAX : 1;
        live[place] = live[frees ? lives : place];
        live[frees ? lives : place] = slot;
    }
    find_peaks(&head, ops);
    write_ops(out, &head, ops);
    free(ops);
    free(live);
    free(sizes);
}

int main(int count, char **arguments)
{
    if (count == 5 && strcmp(arguments[1], "trace") == 0) {
        from_trace(arguments[2], strtoull(arguments[3], NULL, 10), arguments[4]);
    } else if (count == 5 && strcmp(arguments[1], "growth") == 0) {
        grown(strtoull(arguments[2], NULL, 10), strtoull(arguments[3], NULL, 10), arguments[4]);
    } else if (count == 5 && strcmp(arguments[1], "full") == 0) {
        full(strtoull(arguments[2], NULL, 10), strtoull(arguments[3], NULL, 10), arguments[4]);
    } else {
        bench_die("usage: make_ops trace TRACE LIMIT FILE | growth BLOCKS PAIRS FILE | full BYTES COUNT FILE",
                  "make_ops");
    }
    return 0;
}
