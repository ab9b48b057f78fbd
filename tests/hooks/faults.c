/* SPDX-License-Identifier: MIT */
/*
 * Programs with one mistake each, for the tools that the hooks talk to: faults FAULT. Prints what is about to happen,
 * with the block's address, then does it, then ends well: whatever else is seen is the tool's.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tarn/blocks.h"
#include "tarn/hooks.h"
#include "tarn/regions.h"

static _Alignas(64) unsigned char memory[16384];
static tarn_pool *pool;
static tarn_heap *heap;
static tarn_blocks *blocks;

static volatile unsigned char sink;

/* Blocks whose neighbours are in use, so that nothing but the hooks can tell. */
static unsigned char *pool_block(size_t size)
{
    (void)tarn_init(&pool, memory, sizeof memory, NULL);
    (void)tarn_alloc(pool, size);
    unsigned char *block = tarn_alloc(pool, size);
    (void)tarn_alloc(pool, size);
    return block;
}

static unsigned char *heap_block(size_t size)
{
    static _Alignas(8) unsigned char table[TARN_HEAP_BYTES(2)];
    (void)tarn_heap_init(&heap, table, sizeof table);
    (void)tarn_heap_add(heap, memory, sizeof memory, NULL);
    (void)tarn_heap_alloc(heap, size, NULL);
    unsigned char *block = tarn_heap_alloc(heap, size, NULL);
    (void)tarn_heap_alloc(heap, size, NULL);
    return block;
}

/* Without flags it tells of its blocks because a hook is installed. The next block is free. */
static unsigned char *blocks_block(size_t size, uint32_t flags)
{
    tarn_blocks_options options = {.flags = flags};
    (void)tarn_blocks_init(&blocks, memory, 1024, size, &options);
    (void)tarn_blocks_get(blocks);
    return tarn_blocks_get(blocks);
}

static void say(const char *what, const void *block, size_t size)
{
    fprintf(stderr, "planted: %s of block %p of size %zu\n", what, block, size);
}

static void pool_overflow(void)
{
    unsigned char *block = pool_block(40);
    say("byte after the end", block, 40);
    memset(block, 1, 40);
    block[40] = 1;
}

static void pool_slack(void)
{
    unsigned char *block = pool_block(33); /* the block has room for 36 */
    say("byte in the slack", block, 33);
    block[33] = 1;
}

static void pool_underflow(void)
{
    unsigned char *block = pool_block(40);
    say("byte in front", block, 40);
    sink = block[-1];
}

static void pool_after_free(void)
{
    unsigned char *block = pool_block(40);
    (void)tarn_free(pool, block);
    say("use after free", block, 40);
    sink = block[8];
}

static void pool_after_shrink(void)
{
    unsigned char *block = pool_block(200);
    (void)tarn_resize(pool, block, 40);
    say("byte after the end", block, 40);
    block[40] = 1;
}

static void pool_after_move(void)
{
    unsigned char *block = pool_block(40);
    unsigned char *moved = tarn_realloc(pool, block, 400);
    moved[399] = 1;
    say("use of what realloc moved", block, 40);
    sink = block[0];
}

static void pool_double_free(void)
{
    unsigned char *block = pool_block(40);
    (void)tarn_free(pool, block);
    say("double free", block, 40);
    (void)tarn_free(pool, block);
}

static void heap_overflow(void)
{
    unsigned char *block = heap_block(40);
    say("byte after the end", block, 40);
    block[40] = 1;
}

static void heap_after_free(void)
{
    unsigned char *block = heap_block(40);
    (void)tarn_heap_free(heap, block);
    say("use after free", block, 40);
    sink = block[8];
}

static void blocks_overflow(void)
{
    unsigned char *block = blocks_block(40, 0);
    say("byte after the end", block, 40);
    block[40] = 1;
}

static void blocks_guarded(void)
{
    unsigned char *block = blocks_block(40, TARN_BLOCKS_GUARD);
    (void)tarn_blocks_get(blocks);
    say("byte after the end", block, 40);
    block[40] = 1;
}

static void blocks_slack(void)
{
    unsigned char *block = blocks_block(37, 0);
    say("byte in the slack", block, 37);
    block[37] = 1;
}

static void blocks_after_put(void)
{
    unsigned char *block = blocks_block(40, 0);
    (void)tarn_blocks_put(blocks, block);
    say("use after put", block, 40);
    sink = block[8];
}

static void nested_overflow(void)
{
    unsigned char *carrier = pool_block(4000);
    tarn_pool *inner = NULL;
    (void)tarn_init(&inner, carrier, 4000, NULL);
    unsigned char *block = tarn_alloc(inner, 40);
    say("byte after the end", block, 40);
    block[40] = 1;
}

static const struct {
    const char *name;
    void (*commit)(void);
} faults[] = {{"pool_overflow", pool_overflow},         {"pool_slack", pool_slack},
              {"pool_underflow", pool_underflow},       {"pool_after_free", pool_after_free},
              {"pool_after_shrink", pool_after_shrink}, {"pool_after_move", pool_after_move},
              {"pool_double_free", pool_double_free},   {"heap_overflow", heap_overflow},
              {"heap_after_free", heap_after_free},     {"blocks_overflow", blocks_overflow},
              {"blocks_guarded", blocks_guarded},       {"blocks_slack", blocks_slack},
              {"blocks_after_put", blocks_after_put},   {"nested_overflow", nested_overflow}};

int main(int count, char **arguments)
{
    if (tarn_valgrind_install() != TARN_OK && tarn_asan_install() != TARN_OK) {
        fprintf(stderr, "faults: no tool\n");
        return 3;
    }
    for (size_t i = 0; count == 2 && i < sizeof faults / sizeof faults[0]; i++) {
        if (strcmp(arguments[1], faults[i].name) == 0) {
            faults[i].commit();
            return 0;
        }
    }
    return 2;
}
