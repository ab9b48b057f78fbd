/* SPDX-License-Identifier: MIT */
/*
 * What every bench begins with: an allocator, operations, a pool.
 */
#define _GNU_SOURCE /* MAP_NORESERVE */
#include "ops.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void bench_die(const char *what, const char *name)
{
    (void)fprintf(stderr, "bench: %s: %s\n", name, what);
    exit(1);
}

const bench_allocator *bench_load(const char *path)
{
    void *object = dlopen(path, RTLD_NOW);
    if (object == NULL) {
        bench_die(dlerror(), path);
    }
    const bench_allocator *a = dlsym(object, "bench_this");
    if (a == NULL || a->version != BENCH_ALLOCATOR_VERSION) {
        bench_die("no allocator of this version", path);
    }
    return a;
}

static const bench_head *map_ops(const char *path)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0 || (size_t)status.st_size < sizeof(bench_head)) {
        bench_die("no file of operations", path);
    }
    const bench_head *head = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    (void)close(file);
    if (head == MAP_FAILED || head->magic != BENCH_OPS_MAGIC ||
        (uint64_t)status.st_size != sizeof *head + head->count * sizeof(trace_op)) {
        bench_die("no file of operations", path);
    }
    return head;
}

static size_t pool_bytes(const bench_head *head, const char *pool)
{
    if (strcmp(pool, "roomy") == 0) {
        return (size_t)(4 * head->peak_bytes + 64 * head->peak_objects + (1u << 20));
    }
    if (strcmp(pool, "tight") == 0) {
        return (size_t)(2 * head->peak_bytes);
    }
    return strcmp(pool, "short") == 0 ? (size_t)(head->peak_bytes / 10 * 9) : (size_t)strtoull(pool, NULL, 10);
}

void bench_begin(bench_run *run, const char *allocator, const char *ops, const char *pool)
{
    run->allocator = bench_load(allocator);
    run->head = map_ops(ops);
    run->ops = (const trace_op *)(run->head + 1);
    run->bytes = pool_bytes(run->head, pool);
    run->memory = mmap(NULL, run->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    run->blocks = calloc((size_t)run->head->slots + 1, sizeof *run->blocks);
    if (run->memory == MAP_FAILED || run->blocks == NULL) {
        bench_die("no memory", ops);
    }
}

void bench_give_all(bench_run *run)
{
    for (size_t i = 0; i < run->head->slots; i++) {
        if (run->blocks[i] != NULL) {
            run->allocator->give(run->blocks[i]);
            run->blocks[i] = NULL;
        }
    }
}
