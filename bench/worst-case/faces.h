/* SPDX-License-Identifier: MIT */
/**
 * @file faces.h
 * @brief The functions whose instructions are counted, by the interface that they belong to.
 */
#ifndef TARN_BENCH_WORST_CASE_FACES_H
#define TARN_BENCH_WORST_CASE_FACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Any function; it is called through call_marked(). */
typedef void (*any_function)(void);

/** What a pool is to be: what the line that begins a sequence says. */
typedef struct pool_wish {
    uint32_t engine;
    uint32_t bytes; /**< of the pool, or of each block */
    uint32_t count; /**< blocks, where they are of one size */
    uint32_t park;
    uint32_t slab;
    uint32_t words;
    bool locked;
} pool_wish;

/** One interface: alloc takes (handle, size), aligned these and an alignment, give (handle, block), resize and realloc
 * (handle, block, size). NULL where it has no such function. */
typedef struct face {
    const char *name;
    void *(*open)(const pool_wish *wish, unsigned char *memory, size_t bytes); /**< the handle; NULL: no such pool */
    void (*close)(void *handle); /**< so that its memory may be another's */
    any_function alloc;
    any_function aligned;
    any_function give;
    any_function resize;
    any_function realloc;
    bool alignment_first; /**< of aligned */
    bool gives_silently;  /**< give answers nothing */
} face;

/** Ends with one without a name. */
extern const face faces[];

#endif
