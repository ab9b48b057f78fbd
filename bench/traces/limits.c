/* SPDX-License-Identifier: MIT */
/*
 * What no allocator can do better, for the bench of traces; BENCH_LIMIT says which, none of them is usable as a pool:
 *
 *   0 floor   one address for every request: what the bench itself takes
 *   1 bump    the next bytes, from the beginning again once as many are gone as the pool has; blocks overlap, and nothing
 *             is ever given back
 *   2 header  a list for each size in units of 8 bytes and a header of 4 that names it; nothing is ever merged
 */
#define _GNU_SOURCE /* MAP_NORESERVE */
#include <string.h>
#include <sys/mman.h>

#include "allocator.h"

/* They live in memory of their own: in a tight pool they would write over their blocks, or over its end. */
#define ROOM ((size_t)1 << 30)

enum { GRANULE = 8, CLASSES = 1 << 20 };

static unsigned char *start, *at, *end, *again;
static void *lists[CLASSES];

static bool open_region(void *memory, size_t bytes)
{
    (void)memory;
    if (start == NULL) {
        void *room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (room == MAP_FAILED) {
            return false;
        }
        start = room;
        end = start + ROOM;
    }
    at = start;
    again = BENCH_LIMIT == 1 && bytes < ROOM ? start + bytes : end;
    memset(lists, 0, sizeof lists);
    return true;
}

static void *carve(size_t bytes)
{
    if (at > again || bytes > (size_t)(end - at)) {
        at = start;
    }
    void *block = at;
    at += bytes;
    return block;
}

static size_t units(size_t size)
{
    return (size + 4 + GRANULE - 1) / GRANULE;
}

static void *take_listed(size_t size)
{
    size_t class = units(size);
    void **block = class < CLASSES ? lists[class] : NULL;
    if (block != NULL) {
        memcpy(&lists[class], block, sizeof(void *));
        return block;
    }
    unsigned char *fresh = carve(class * GRANULE + GRANULE);
    uint32_t header = (uint32_t) class;
    memcpy(fresh + GRANULE - 4, &header, sizeof header);
    return fresh + GRANULE;
}

static uint32_t class_of(const void *block)
{
    uint32_t class;
    memcpy(&class, (const unsigned char *)block - 4, sizeof class);
    return class;
}

static void *take(size_t size)
{
    return BENCH_LIMIT == 0 ? start : BENCH_LIMIT == 1 ? carve((size + 7) / 8 * 8) : take_listed(size);
}

static void *take_aligned(size_t alignment, size_t size)
{
    (void)alignment; /* nobody looks */
    return take(size);
}

static void give(void *block)
{
    if (BENCH_LIMIT == 2 && class_of(block) < CLASSES) {
        uint32_t class = class_of(block);
        memcpy(block, &lists[class], sizeof(void *));
        lists[class] = block;
    }
}

static void *resize(void *block, size_t size)
{
    if (BENCH_LIMIT == 0 || (BENCH_LIMIT == 2 && class_of(block) == units(size))) {
        return block;
    }
    void *moved = take(size);
    size_t kept =
        BENCH_LIMIT == 2 && class_of(block) * (size_t)GRANULE - 4 < size ? class_of(block) * GRANULE - 4 : size;
    kept = kept < (size_t)(end - (unsigned char *)block) ? kept : (size_t)(end - (unsigned char *)block);
    memmove(moved, block, kept);
    give(block);
    return moved;
}

const bench_allocator bench_this = {BENCH_ALLOCATOR_VERSION, BENCH_NAME, open_region, take, take_aligned, resize, give};
