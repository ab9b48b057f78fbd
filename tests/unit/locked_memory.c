/* SPDX-License-Identifier: MIT */
/*
 * No byte of the program's is touched under a pool's lock: while it is held, the pages inside large blocks cannot be.
 *
 * The port's lock is wrapped (-Wl,--wrap): taking it takes all access from the pages, giving it back returns it. Blocks
 * have the same size and begin on pages, so that nothing of the pool's lies in the pages between the first and the last of
 * each. They are given back, taken, resized, moved, written to while they wait or are free; what fills, looks or copies
 * under the lock ends the program with SIGSEGV.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "prng.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"
#include "tarn/port.h"
#include "tarn/regions.h"

enum { PAGE = 4096, PAGES = 5, BLOCKS = 6, SIZE = PAGES * PAGE, BYTES = (BLOCKS + 1) * (PAGES + 1) * PAGE };

static _Alignas(PAGE) unsigned char memory[BYTES];
static _Alignas(8) unsigned char table[TARN_HEAP_BYTES(1)];
static unsigned char *places[BLOCKS];
static const void *guarded; /* the lock's address */
static unsigned long taken;

uintptr_t __real_tarn_port_lock(const void *address);
void __real_tarn_port_unlock(const void *address, uintptr_t state);
uintptr_t __wrap_tarn_port_lock(const void *address);
void __wrap_tarn_port_unlock(const void *address, uintptr_t state);

static void protect(int access)
{
    for (int i = 0; i < BLOCKS && places[i] != NULL; i++) {
        if (mprotect(places[i] + PAGE, (PAGES - 2) * PAGE, access) != 0) {
            abort();
        }
    }
}

uintptr_t __wrap_tarn_port_lock(const void *address)
{
    uintptr_t state = __real_tarn_port_lock(address);
    if (address == guarded) {
        protect(PROT_NONE);
        taken++;
    }
    return state;
}

void __wrap_tarn_port_unlock(const void *address, uintptr_t state)
{
    if (address == guarded) {
        protect(PROT_READ | PROT_WRITE);
    }
    __real_tarn_port_unlock(address, state);
}

/* A pool, or a heap of one region. */
typedef struct subject {
    tarn_pool *pool;
    tarn_heap *heap;
} subject;

static unsigned char *take(const subject *s)
{
    tarn_request request = {.alignment = PAGE};
    return s->heap != NULL ? tarn_heap_alloc(s->heap, SIZE, &request) : tarn_alloc_aligned(s->pool, SIZE, PAGE);
}

static tarn_status give(const subject *s, void *at)
{
    return s->heap != NULL ? tarn_heap_free(s->heap, at) : tarn_free(s->pool, at);
}

static tarn_status resize(const subject *s, void *at, size_t size)
{
    return s->heap != NULL ? tarn_heap_resize(s->heap, at, size) : tarn_resize(s->pool, at, size);
}

static void *move(const subject *s, void *at)
{
    tarn_request request = {.alignment = PAGE};
    return s->heap != NULL ? tarn_heap_realloc(s->heap, at, SIZE + PAGE / 2, &request)
                           : tarn_realloc_aligned(s->pool, at, SIZE + PAGE / 2, PAGE);
}

static void step(const subject *s, prng *random, unsigned char **held, bool writes)
{
    unsigned char **at = &held[prng_below(random, BLOCKS)];
    if (*at == NULL) {
        *at = take(s);
        if (*at != NULL) {
            memset(*at, 0x55, SIZE);
        }
        return;
    }
    unsigned char *moved;
    switch (prng_below(random, 6)) {
    case 0:
        if (resize(s, *at, SIZE - 100) == TARN_OK && resize(s, *at, SIZE) == TARN_OK) {
            (*at)[SIZE - 1] = 1;
        }
        break;
    case 1:
        moved = move(s, *at);
        *at = moved != NULL ? moved : *at;
        break;
    default:
        if (give(s, *at) != TARN_OK) {
            abort();
        }
        if (writes && prng_below(random, 8) == 0) {
            (*at)[PAGE + 5] = 1;
        }
        *at = NULL;
    }
}

static void run(const tarn_options *options, bool of_heap, bool writes)
{
    subject s = {NULL, NULL};
    tarn_region_options region = {.pool = *options};
    prng random = prng_make(1, options->engine);
    unsigned char *held[BLOCKS];
    memset(places, 0, sizeof places);
    guarded = NULL;
    bool made = of_heap ? tarn_heap_init(&s.heap, table, sizeof table) == TARN_OK &&
                              tarn_heap_add(s.heap, memory, BYTES, &region) == TARN_OK
                        : tarn_init(&s.pool, memory, BYTES, options) == TARN_OK;
    if (!made) {
        fprintf(stderr, "no pool of engine %u, flags %x, quarantine %zu\n", options->engine, options->flags,
                options->quarantine);
        exit(options->quarantine != 0 && of_heap ? 0 : 1);
    }
    for (int i = 0; i < BLOCKS; i++) {
        held[i] = take(&s);
        places[i] = held[i];
        if (held[i] == NULL) {
            abort();
        }
    }
    guarded = of_heap ? (const void *)s.heap : (const void *)memory;
    for (int i = 0; i < 3000; i++) {
        step(&s, &random, held, writes);
    }
    guarded = NULL;
    tarn_status status = of_heap ? tarn_heap_deinit(s.heap) : tarn_deinit(s.pool);
    if (status != TARN_OK) {
        abort();
    }
}

int main(int count, char **arguments)
{
    static const uint32_t flags[] = {0, TARN_POOL_GUARD, TARN_POOL_POISON, TARN_POOL_ZERO_ON_FREE,
                                     TARN_POOL_GUARD | TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE};
    bool heaps = count > 1 && strcmp(arguments[1], "heaps") == 0;
    unsigned pools = 0;
    for (uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        for (uint32_t i = 0; i < 20; i++, pools++) {
            tarn_options options = {.engine = engine, .flags = flags[i % 5u], .extension_words = i % 3u};
            options.quarantine = i % 10u < 5u || heaps ? 0 : 3u * SIZE;
            run(&options, heaps, i >= 10u);
        }
    }
    printf("%u %s, the lock taken %lu times while no page of a block could be touched\n", pools,
           heaps ? "heaps" : "pools", taken);
    return 0;
}
