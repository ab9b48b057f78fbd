/* SPDX-License-Identifier: MIT */
/**
 * @file record.h
 * @brief What the files of libtarn-record.so share. Nothing here may allocate.
 */
#ifndef TARN_TOOLS_RECORD_RECORD_H
#define TARN_TOOLS_RECORD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The allocator behind this library: what the program would use without it. */
typedef struct next_allocator {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*reallocarray)(void *, size_t, size_t);
    void (*free)(void *);
    void *(*aligned_alloc)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    size_t (*malloc_usable_size)(void *);
} next_allocator;

/** Returns the allocator behind this one; NULL while it is being looked for, when early_take() serves. */
const next_allocator *next(void);

/** @name Memory for the run-time linker while it looks for the next allocator. */
/**@{*/
void *early_take(size_t size);
bool early_is(const void *block);
size_t early_size(const void *block);
/**@}*/

/** Whether the call that begins here is to be recorded; then record_leave() ends it. */
bool record_enter(void);
void record_leave(void);

/** Between both: puts a call in the ring, waiting while it is full. errno is kept. */
void record_put(uint32_t kind, const void *block, size_t size, size_t usable, size_t alignment, const void *site);

#endif
