/* SPDX-License-Identifier: MIT */
/*
 * The names by which newlib calls malloc itself, each with a first argument for its state, which is not used: errno of
 * malloc_bare.c is that of the running task. Compiled for newlib only; picolibc has no such names.
 *
 * Bound: as malloc_bare.c.
 */
#include <stddef.h>

#include <reent.h>

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
void *memalign(size_t alignment, size_t size);
size_t malloc_usable_size(void *block);

void *_malloc_r(struct _reent *state, size_t size);
void *_calloc_r(struct _reent *state, size_t count, size_t size);
void *_realloc_r(struct _reent *state, void *block, size_t size);
void _free_r(struct _reent *state, void *block);
void *_memalign_r(struct _reent *state, size_t alignment, size_t size);
size_t _malloc_usable_size_r(struct _reent *state, void *block);

void *_malloc_r(struct _reent *state, size_t size)
{
    (void)state;
    return malloc(size);
}

void *_calloc_r(struct _reent *state, size_t count, size_t size)
{
    (void)state;
    return calloc(count, size);
}

void *_realloc_r(struct _reent *state, void *block, size_t size)
{
    (void)state;
    return realloc(block, size);
}

void _free_r(struct _reent *state, void *block)
{
    (void)state;
    free(block);
}

void *_memalign_r(struct _reent *state, size_t alignment, size_t size)
{
    (void)state;
    return memalign(alignment, size);
}

size_t _malloc_usable_size_r(struct _reent *state, void *block)
{
    (void)state;
    return malloc_usable_size(block);
}
