/* SPDX-License-Identifier: MIT */
/*
 * The allocator behind this one, found once, at the first call; and a little memory for the time of looking, because
 * the run-time linker may allocate for it. That memory is never given back.
 *
 * Bound: a look-up of eleven names, once.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <string.h>

#include "record.h"

enum { EARLY_BYTES = 1 << 14, EARLY_GRANULE = 16 };

static next_allocator found;
static bool known, looking;
static _Alignas(EARLY_GRANULE) unsigned char early[EARLY_BYTES];
static size_t early_used;

/* The sizes of early blocks stand in front of them. */
void *early_take(size_t size)
{
    size_t needed = (size + EARLY_GRANULE - 1) / EARLY_GRANULE * EARLY_GRANULE + EARLY_GRANULE;
    if (size > EARLY_BYTES || needed > EARLY_BYTES - early_used) {
        return NULL;
    }
    unsigned char *block = early + early_used + EARLY_GRANULE;
    memcpy(block - EARLY_GRANULE, &size, sizeof size);
    early_used += needed;
    return block;
}

bool early_is(const void *block)
{
    return (uintptr_t)block - (uintptr_t)early < EARLY_BYTES;
}

size_t early_size(const void *block)
{
    size_t size;
    memcpy(&size, (const unsigned char *)block - EARLY_GRANULE, sizeof size);
    return size;
}

/* An object pointer is what dlsym() gives, and C has no cast from it to a function's. */
static void look_up(const char *name, void *function)
{
    void *address = dlsym(RTLD_NEXT, name);
    memcpy(function, &address, sizeof address);
}

static void look(void)
{
    looking = true;
    look_up("malloc", &found.malloc);
    look_up("calloc", &found.calloc);
    look_up("realloc", &found.realloc);
    look_up("reallocarray", &found.reallocarray);
    look_up("free", &found.free);
    look_up("aligned_alloc", &found.aligned_alloc);
    look_up("posix_memalign", &found.posix_memalign);
    look_up("memalign", &found.memalign);
    look_up("valloc", &found.valloc);
    look_up("pvalloc", &found.pvalloc);
    look_up("malloc_usable_size", &found.malloc_usable_size);
    looking = false;
    known = true;
}

const next_allocator *next(void)
{
    if (!known && !looking) {
        look();
    }
    return known ? &found : NULL;
}
