/* SPDX-License-Identifier: MIT */
/*
 * The C library's malloc for the bench of traces, or whichever is preloaded in its place.
 */
#include <stdlib.h>

#include "allocator.h"

static bool open_nothing(void *memory, size_t bytes)
{
    (void)memory;
    (void)bytes;
    return true;
}

const bench_allocator bench_this = {BENCH_ALLOCATOR_VERSION, "malloc", open_nothing, malloc,
                                    aligned_alloc,           realloc,  free};
