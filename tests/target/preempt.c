/* SPDX-License-Identifier: MIT */
/*
 * Interrupts that arrive at every instruction of a call: on a core whose time passes by instructions alone, a
 * timer (TARN_TARGET_TIMER) is set off one tick later each time a call is made, until it comes after the call's end.
 * Its handler frees what it had, allocates, writes, and takes and gives back a block of the same pools. After each call
 * every block holds what its owner wrote and the pools are checked in full.
 *
 * Within the lock the interrupt waits until the mask is gone; where it was taken is noted by the address that it
 * returned to. Prints per call how many arrivals and addresses there were; exit status 0 if nothing was wrong.
 */
#include <stdio.h>
#include <string.h>

#include "tarn/blocks.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"
#include TARN_TARGET_TIMER

enum { POOL_BYTES = 4096, BLOCK_BYTES = 24, BLOCKS = 6, SIZE = 40, MOST_TICKS = 20000, CODE_WORDS = 1 << 12 };

static _Alignas(16) unsigned char memory[POOL_BYTES];
static _Alignas(16) unsigned char block_memory[1024];
static tarn_pool *pool;
static tarn_blocks *blocks;

/* ---- the handler ---- */

static volatile uint32_t came;
static volatile uintptr_t returned_to;
static unsigned char *held;
static unsigned wrong;

static void expect(int right)
{
    wrong += !right;
}

static int holds(const unsigned char *at, unsigned char value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (at[i] != value) {
            return 0;
        }
    }
    return 1;
}

void interrupted(uintptr_t address)
{
    timer_stop();
    returned_to = address;
    came++;
    if (held != NULL) {
        expect(holds(held, 0xAA, SIZE) && tarn_free(pool, held) == TARN_OK);
    }
    held = tarn_alloc(pool, SIZE);
    expect(held != NULL);
    memset(held, 0xAA, SIZE);
    void *block = tarn_blocks_get(blocks);
    if (block != NULL) {
        memset(block, 0xBB, BLOCK_BYTES);
        expect(tarn_blocks_put(blocks, block) == TARN_OK);
    }
}

/* ---- the calls ---- */

static unsigned char *first;
static unsigned char *second;

static unsigned char *filled(unsigned char *at, unsigned char value, size_t size)
{
    expect(at != NULL);
    return at == NULL ? NULL : memset(at, value, size);
}

static void do_alloc(void)
{
    first = tarn_alloc(pool, SIZE);
}

static void after_alloc(void)
{
    (void)filled(first, 1, SIZE);
    expect(tarn_free(pool, first) == TARN_OK);
}

static void before_free(void)
{
    first = filled(tarn_alloc(pool, SIZE), 1, SIZE);
    second = filled(tarn_alloc(pool, SIZE), 2, SIZE);
}

static void do_free(void)
{
    expect(tarn_free(pool, first) == TARN_OK);
}

static void after_free(void)
{
    expect(holds(second, 2, SIZE) && tarn_free(pool, second) == TARN_OK);
}

/* The right neighbour is in use: the block moves, and its contents with it. */
static void do_realloc(void)
{
    first = tarn_realloc(pool, first, 4u * SIZE);
}

static void after_realloc(void)
{
    expect(first != NULL && holds(first, 1, SIZE) && tarn_free(pool, first) == TARN_OK);
    after_free();
}

/* Shrinks where it stands, and gives the rest back. */
static void do_resize(void)
{
    expect(tarn_resize(pool, first, 8) == TARN_OK);
}

static void after_resize(void)
{
    expect(holds(first, 1, 8) && tarn_free(pool, first) == TARN_OK);
    after_free();
}

static void do_aligned(void)
{
    first = tarn_alloc_aligned(pool, SIZE, 128);
}

static void do_calloc(void)
{
    first = tarn_calloc(pool, 1, SIZE);
}

static void after_calloc(void)
{
    expect(first != NULL && holds(first, 0, SIZE));
    after_alloc();
}

static void do_get(void)
{
    first = tarn_blocks_get(blocks);
}

static void after_get(void)
{
    (void)filled(first, 3, BLOCK_BYTES);
    expect(tarn_blocks_put(blocks, first) == TARN_OK);
}

static void before_put(void)
{
    first = filled(tarn_blocks_get(blocks), 3, BLOCK_BYTES);
    second = filled(tarn_blocks_get(blocks), 4, BLOCK_BYTES);
}

static void do_put(void)
{
    expect(tarn_blocks_put(blocks, first) == TARN_OK);
}

static void after_put(void)
{
    expect(holds(second, 4, BLOCK_BYTES) && tarn_blocks_put(blocks, second) == TARN_OK);
}

static void nothing(void)
{
}

typedef struct call {
    const char *name;
    void (*before)(void);
    void (*run)(void);
    void (*after)(void);
} call;

static const call calls[] = {
    {"alloc", nothing, do_alloc, after_alloc},
    {"free", before_free, do_free, after_free},
    {"realloc that moves", before_free, do_realloc, after_realloc},
    {"resize", before_free, do_resize, after_resize},
    {"aligned alloc", nothing, do_aligned, after_alloc},
    {"calloc", nothing, do_calloc, after_calloc},
    {"blocks get", nothing, do_get, after_get},
    {"blocks put", before_put, do_put, after_put},
};

/* ---- the sweep ---- */

static uintptr_t seen[CODE_WORDS];
static uint32_t distinct;

static void note(uintptr_t address)
{
    for (uint32_t i = 0; i < distinct; i++) {
        if (seen[i] == address) {
            return;
        }
    }
    if (distinct < CODE_WORDS) {
        seen[distinct++] = address;
    }
}

static uint32_t sweep(const call *c, const char *pools)
{
    uint32_t arrivals = 0;
    uint32_t late = 0;
    distinct = 0;
    /* Some in a row after the end: the handler's own work changes how long the next call takes. */
    for (uint32_t ticks = 1; ticks < MOST_TICKS && late < 64; ticks++) {
        c->before();
        came = 0;
        timer_set_off(ticks);
        c->run();
        timer_stop();
        late = came == 0 ? late + 1u : 0;
        if (came != 0) {
            arrivals++;
            note(returned_to);
        }
        c->after();
        expect(tarn_check(pool, NULL) == TARN_OK && tarn_blocks_check(blocks, NULL) == TARN_OK);
    }
    expect(late == 64 && arrivals != 0);
    printf("%s, %s: %u arrivals, taken at %u addresses\n", pools, c->name, (unsigned)arrivals, (unsigned)distinct);
    return distinct;
}

static uint32_t sweep_pools(const char *name, uint32_t engine, uint32_t park)
{
    uint32_t addresses = 0;
    tarn_options options = {.engine = engine, .park = park, .name = name};
    held = NULL;
    expect(tarn_init(&pool, memory, sizeof memory, &options) == TARN_OK);
    expect(tarn_blocks_init(&blocks, block_memory, sizeof block_memory, BLOCK_BYTES, NULL) == TARN_OK);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        addresses += sweep(&calls[i], name);
    }
    return addresses;
}

/* The first of these are tried. */
#ifndef TARN_TARGET_POOLS
#define TARN_TARGET_POOLS 4
#endif

int main(void)
{
    static const struct {
        const char *name;
        uint32_t engine;
        uint32_t park;
    } kinds[] = {{"tlsf", TARN_ENGINE_TLSF, 0},
                 {"tlsf that parks", TARN_ENGINE_TLSF, 256},
                 {"bestfit", TARN_ENGINE_BESTFIT, 0},
                 {"linear", TARN_ENGINE_LINEAR, 0}};
    uint32_t addresses = 0;
    timer_begin();
    for (size_t i = 0; i < TARN_TARGET_POOLS; i++) {
        addresses += sweep_pools(kinds[i].name, kinds[i].engine, kinds[i].park);
    }
    printf("preempt: taken at %u addresses in all, %u wrong\n", (unsigned)addresses, wrong);
    return wrong != 0;
}
