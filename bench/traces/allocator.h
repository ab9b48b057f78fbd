/* SPDX-License-Identifier: MIT */
/**
 * @file allocator.h
 * @brief How an allocator joins the bench of traces: a shared object that defines `bench_this`:
 * `const bench_allocator bench_this = {...};`
 *
 *     cc -O2 -shared -fPIC -I bench/traces mine.c -o mine.so
 *     bench/run --allocator ./mine.so BUILD
 *
 * All calls come from one thread. Whoever has no memory of its own lives in the region given to open().
 */
#ifndef TARN_BENCH_ALLOCATOR_H
#define TARN_BENCH_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_ALLOCATOR_VERSION 1u

typedef struct bench_allocator {
    uint32_t version; /**< #BENCH_ALLOCATOR_VERSION */
    const char *name;
    /** Begins anew in [memory, memory + bytes), page aligned; whatever lived before is gone. False if it cannot. */
    bool (*open)(void *memory, size_t bytes);
    /** These answer NULL for no memory. Sizes are at least 1, alignments powers of two. */
    void *(*take)(size_t size);
    void *(*take_aligned)(size_t alignment, size_t size);
    /** The block is one of its own, and stays as it is where the answer is NULL. */
    void *(*resize)(void *block, size_t size);
    void (*give)(void *block);
} bench_allocator;

#endif
