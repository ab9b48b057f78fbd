/* SPDX-License-Identifier: MIT */
/*
 * malloc and its family, recorded and passed on: the program keeps the allocator that it would have without this
 * library, and its addresses and usable sizes are what is recorded.
 *
 * Bound: the next allocator's, and that of a record.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../trace/rows.h"
#include "record.h"

#define EXPORTED __attribute__((visibility("default")))

/* Declared here and not taken from <stdlib.h>: its attributes tell callers what a compiler must not assume about the
 * definitions. The contracts are those of whoever comes next. */
EXPORTED void *malloc(size_t size);
EXPORTED void *calloc(size_t count, size_t size);
EXPORTED void *realloc(void *block, size_t size);
EXPORTED void *reallocarray(void *block, size_t count, size_t size);
EXPORTED void free(void *block);
EXPORTED void *aligned_alloc(size_t alignment, size_t size);
EXPORTED int posix_memalign(void **block, size_t alignment, size_t size);
EXPORTED void *memalign(size_t alignment, size_t size);
EXPORTED void *valloc(size_t size);
EXPORTED void *pvalloc(size_t size);

#define SITE __builtin_return_address(0)

static size_t usable_of(void *block)
{
    return block != NULL && next()->malloc_usable_size != NULL ? next()->malloc_usable_size(block) : 0;
}

/* SIZE_MAX if the product overflows: the next allocator refuses that. */
static size_t product(size_t count, size_t size)
{
    return size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size;
}

static void *taken(uint32_t kind, void *block, size_t size, size_t alignment, const void *site)
{
    record_put(kind, block, size, usable_of(block), alignment, site);
    record_leave();
    return block;
}

void *malloc(size_t size)
{
    if (next() == NULL) {
        return early_take(size);
    }
    bool recorded = record_enter();
    void *block = next()->malloc(size);
    return recorded ? taken(ROW_MALLOC, block, size, 0, SITE) : block;
}

void *calloc(size_t count, size_t size)
{
    if (next() == NULL) {
        return early_take(product(count, size));
    }
    bool recorded = record_enter();
    void *block = next()->calloc(count, size);
    return recorded ? taken(ROW_CALLOC, block, product(count, size), 0, SITE) : block;
}

/* What it moves to is the next allocator's, or early too. */
static void *move_early(void *block, size_t size)
{
    void *moved = malloc(size != 0 ? size : 1);
    if (moved != NULL) {
        memcpy(moved, block, early_size(block) < size ? early_size(block) : size);
    }
    return moved;
}

void *realloc(void *block, size_t size)
{
    if (block == NULL) {
        bool recorded = next() != NULL && record_enter();
        void *taken_block = next() != NULL ? next()->realloc(NULL, size) : early_take(size);
        return recorded ? taken(ROW_MALLOC, taken_block, size, 0, SITE) : taken_block;
    }
    if (early_is(block)) {
        return move_early(block, size);
    }
    bool recorded = record_enter();
    if (recorded) {
        record_put(ROW_REALLOC, block, size, 0, 0, SITE);
    }
    void *moved = next()->realloc(block, size);
    return recorded ? taken(ROW_RESIZED, moved, size, 0, SITE) : moved;
}

void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes = product(count, size);
    if (early_is(block)) {
        return move_early(block, bytes);
    }
    bool recorded = record_enter();
    if (recorded && block != NULL) {
        record_put(ROW_REALLOC, block, bytes, 0, 0, SITE);
    }
    void *moved = next()->reallocarray(block, count, size);
    return recorded ? taken(block != NULL ? ROW_RESIZED : ROW_MALLOC, moved, bytes, 0, SITE) : moved;
}

void free(void *block)
{
    if (block == NULL || early_is(block)) {
        return;
    }
    bool recorded = record_enter();
    if (recorded) {
        record_put(ROW_FREE, block, 0, 0, 0, SITE);
    }
    next()->free(block);
    if (recorded) {
        record_leave();
    }
}

/* Its alignment may be any number; it means the next power of two. */
static size_t rounded(size_t alignment)
{
    size_t power = 1;
    while (power < alignment && power <= SIZE_MAX / 2) {
        power *= 2;
    }
    return power;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    bool recorded = record_enter();
    void *block = next()->aligned_alloc(alignment, size);
    return recorded ? taken(ROW_ALIGNED, block, size, rounded(alignment), SITE) : block;
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    bool recorded = record_enter();
    int error = next()->posix_memalign(block, alignment, size);
    if (recorded) {
        (void)taken(ROW_ALIGNED, error == 0 ? *block : NULL, size, alignment, SITE);
    }
    return error;
}

void *memalign(size_t alignment, size_t size)
{
    bool recorded = record_enter();
    void *block = next()->memalign(alignment, size);
    return recorded ? taken(ROW_ALIGNED, block, size, rounded(alignment), SITE) : block;
}

void *valloc(size_t size)
{
    bool recorded = record_enter();
    void *block = next()->valloc(size);
    return recorded ? taken(ROW_ALIGNED, block, size, (size_t)sysconf(_SC_PAGESIZE), SITE) : block;
}

void *pvalloc(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bool recorded = record_enter();
    void *block = next()->pvalloc(size);
    return recorded ? taken(ROW_ALIGNED, block, (size + page - 1) / page * page, page, SITE) : block;
}
