/* SPDX-License-Identifier: MIT */
/*
 * malloc and its family on the system pool, for firmware with picolibc or newlib. Compiled into the program, in front
 * of the C library, whose own then stays out; -fno-builtin-malloc keeps a compiler from knowing what is defined here.
 *
 * The contracts are those of C11 and POSIX; where they leave a choice, picolibc's is taken: malloc(0) gives a block of
 * its own, realloc(p, 0) frees and returns NULL. Every block is aligned for max_align_t, unless the program's options
 * give the pool a smaller granule. What the pool cannot serve is NULL and ENOMEM. A pointer that is no block is refused,
 * told to tarn_malloc_refused(), and changes nothing; realloc() of one is ENOMEM too.
 *
 * Safe in interrupts, and among the tasks of one core, as every call on the port `bare` is: each masks interrupts for
 * the engine's steps, not while it fills or copies. A refused request sets errno, in a handler that of the code which it
 * interrupted: a handler that may be refused keeps errno and puts it back. malloc may be called before main() and before
 * constructors, not before .bss is cleared. Two calls at once on one block are the program's race, as anywhere.
 *
 * Bound: the engine's; a store per byte for calloc and a copy per byte for a realloc that moves, interrupts enabled.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "system_pool.h"

/*
 * Declared here and not taken from <stdlib.h>: its attributes tell callers what a compiler must not assume about the
 * definitions.
 */
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);
void *reallocarray(void *block, size_t count, size_t size);
void free(void *block);
void *aligned_alloc(size_t alignment, size_t size);
void *memalign(size_t alignment, size_t size);
int posix_memalign(void **block, size_t alignment, size_t size);
size_t malloc_usable_size(void *block);

static void *or_enomem(void *block)
{
    if (block == NULL) {
        errno = ENOMEM;
    }
    return block;
}

static bool is_power_of_two(size_t value)
{
    return value != 0 && (value & (value - 1u)) == 0;
}

void *malloc(size_t size)
{
    return or_enomem(size > PTRDIFF_MAX ? NULL : tarn_alloc(tarn_system_pool(), size));
}

void *calloc(size_t count, size_t size)
{
    return or_enomem(tarn_calloc(tarn_system_pool(), count, size));
}

void free(void *block)
{
    tarn_status status = block == NULL ? TARN_OK : tarn_free(tarn_system_pool(), block);
    if (status != TARN_OK) {
        tarn_malloc_refused(block, status);
    }
}

void *realloc(void *block, size_t size)
{
    if (block == NULL) {
        return malloc(size);
    }
    if (size == 0) {
        free(block);
        return NULL;
    }
    void *moved = size > PTRDIFF_MAX ? NULL : tarn_realloc(tarn_system_pool(), block, size);
    if (moved == NULL) {
        tarn_status status = tarn_recognise(tarn_system_pool(), block);
        if (status != TARN_OK) {
            tarn_malloc_refused(block, status);
        }
    }
    return or_enomem(moved);
}

void *reallocarray(void *block, size_t count, size_t size)
{
    return size != 0 && count > PTRDIFF_MAX / size ? or_enomem(NULL) : realloc(block, count * size);
}

void *memalign(size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment)) {
        errno = EINVAL;
        return NULL;
    }
    return or_enomem(size > PTRDIFF_MAX ? NULL : tarn_alloc_aligned(tarn_system_pool(), size, alignment));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0) {
        return EINVAL;
    }
    void *found = size > PTRDIFF_MAX ? NULL : tarn_alloc_aligned(tarn_system_pool(), size, alignment);
    if (found == NULL) {
        return ENOMEM;
    }
    *block = found;
    return 0;
}

size_t malloc_usable_size(void *block)
{
    return block == NULL ? 0 : tarn_usable(tarn_system_pool(), block);
}
