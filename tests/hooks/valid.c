/* SPDX-License-Identifier: MIT */
/*
 * Random use without a mistake, for the tools that the hooks talk to, which must have nothing to say: pools of every
 * engine, granule, recognition and some extension words; heaps of regions; block pools of every flag; pools in pools;
 * adopt, grow, reset and new pools over old ones. Every block is written and read to the last byte asked for.
 * TARN_TEST_SEED seeds it; the first argument is how many steps each pool takes (default 400).
 */
#include <stdio.h>
#include <stdlib.h>

#include "prng.h"
#include "tarn/blocks.h"
#include "tarn/hooks.h"
#include "tarn/regions.h"

enum { BLOCKS = 48, BYTES = 16384 };

static _Alignas(4096) unsigned char memory[BYTES];
static _Alignas(4096) unsigned char other[BYTES];
static unsigned long steps = 400;
static unsigned long done;
static uint64_t seed = UINT64_C(20261128);

/* What a pool, a heap or a block pool does with blocks. */
typedef struct user {
    void *pool;
    void *(*alloc)(void *pool, size_t size, size_t alignment);
    void *(*realloc)(void *pool, void *block, size_t size, size_t alignment);
    tarn_status (*resize)(void *pool, void *block, size_t size);
    tarn_status (*free)(void *pool, void *block);
    tarn_status (*check)(void *pool);
    size_t fixed; /* the size of every block, 0 for any */
    prng random;
    unsigned char *block[BLOCKS];
    size_t size[BLOCKS];
    unsigned char letter[BLOCKS];
} user;

static void must(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "valid: %s\n", what);
        exit(1);
    }
}

static void write_block(user *u, uint32_t i, size_t from)
{
    if (from == 0) {
        u->letter[i] = (unsigned char)prng_next(&u->random);
    }
    for (size_t at = from; at < u->size[i]; at++) {
        u->block[i][at] = u->letter[i];
    }
}

static void read_block(const user *u, uint32_t i, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        must(u->block[i][at] == u->letter[i], "a block's contents changed");
    }
}

static size_t pick_size(user *u)
{
    return u->fixed != 0 ? u->fixed : prng_below(&u->random, UINT32_C(1) << (2u + prng_below(&u->random, 8)));
}

static size_t pick_alignment(user *u)
{
    return prng_below(&u->random, 4) != 0 ? 1u : (size_t)1 << prng_below(&u->random, 8);
}

static void take(user *u, uint32_t i)
{
    size_t size = pick_size(u);
    u->block[i] = u->alloc(u->pool, size, pick_alignment(u));
    u->size[i] = size;
    if (u->block[i] != NULL) {
        write_block(u, i, 0);
    }
}

static void drop(user *u, uint32_t i)
{
    read_block(u, i, u->size[i]);
    must(u->free(u->pool, u->block[i]) == TARN_OK, "a free was refused");
    u->block[i] = NULL;
}

static void move(user *u, uint32_t i)
{
    size_t size = pick_size(u);
    unsigned char *moved = u->realloc(u->pool, u->block[i], size, pick_alignment(u));
    size_t kept = size < u->size[i] ? size : u->size[i];
    if (moved != NULL) {
        u->block[i] = moved;
        u->size[i] = size;
        read_block(u, i, kept);
        write_block(u, i, kept);
    } else {
        read_block(u, i, u->size[i]);
    }
}

static void resize(user *u, uint32_t i)
{
    size_t size = pick_size(u);
    size_t kept = size < u->size[i] ? size : u->size[i];
    if (u->resize(u->pool, u->block[i], size) == TARN_OK) {
        u->size[i] = size;
    } else {
        kept = u->size[i];
    }
    read_block(u, i, kept);
    write_block(u, i, kept);
}

static void step(user *u)
{
    uint32_t i = prng_below(&u->random, BLOCKS);
    uint32_t what = prng_below(&u->random, 8);
    done++;
    if (u->block[i] == NULL) {
        take(u, i);
    } else if (what < 4) {
        drop(u, i);
    } else if (what < 6 && u->realloc != NULL) {
        move(u, i);
    } else if (u->resize != NULL) {
        resize(u, i);
    }
    if (prng_below(&u->random, 32) == 0) {
        must(u->check(u->pool) == TARN_OK, "a check failed");
    }
}

static void run(user *u, uint64_t stream)
{
    u->random = prng_make(seed, stream);
    for (unsigned long i = 0; i < steps; i++) {
        step(u);
    }
}

static void forget(user *u)
{
    memset(u->block, 0, sizeof u->block);
}

/* ---- variable pools ---- */

static void *pool_alloc(void *pool, size_t size, size_t alignment)
{
    return alignment == 1 && size % 3 == 0 ? tarn_calloc(pool, size / 3, 3) : tarn_alloc_aligned(pool, size, alignment);
}

static void *pool_realloc(void *pool, void *block, size_t size, size_t alignment)
{
    return tarn_realloc_aligned(pool, block, size, alignment);
}

static tarn_status pool_resize(void *pool, void *block, size_t size)
{
    return tarn_resize(pool, block, size);
}

static tarn_status pool_free(void *pool, void *block)
{
    return tarn_free(pool, block);
}

static bool see(const tarn_block *block, void *context)
{
    (void)block;
    (*(uint32_t *)context)++;
    return true;
}

static tarn_status pool_check(void *pool)
{
    tarn_stats stats;
    uint32_t seen = 0;
    must(tarn_stats_get(pool, &stats) == TARN_OK && tarn_walk(pool, see, &seen) == TARN_OK, "looking failed");
    return tarn_check(pool, NULL);
}

/* Ends in each of the ways that a pool can end. */
static void end_pool(tarn_pool *pool, uint32_t way)
{
    if (way == 0) {
        must(tarn_deinit(pool) == TARN_OK, "deinit failed");
        memset(memory, 0x5A, sizeof memory);
    } else if (way == 1) {
        must(tarn_reset(pool) == TARN_OK, "reset failed");
        void *all = tarn_alloc(pool, tarn_largest(pool));
        must(all != NULL, "an empty pool refused");
        memset(all, 1, 16);
    }
}

static void run_pool(uint32_t engine, uint32_t granule, uint32_t words, uint32_t recognition, uint64_t stream)
{
    tarn_options options = {.engine = engine,
                            .granule = granule,
                            .extension_words = words,
                            .recognition = recognition,
                            .max_bytes = sizeof memory};
    tarn_pool *pool = NULL;
    must(tarn_init(&pool, memory + 13, sizeof memory / 2, &options) == TARN_OK, "init failed");
    user u = {pool, pool_alloc, pool_realloc, pool_resize, pool_free, pool_check, 0, {0}, {0}, {0}, {0}};
    run(&u, stream);
    must(tarn_grow(pool, sizeof memory - 13) == TARN_OK, "grow failed");
    run(&u, stream + 1);
    must(tarn_adopt(&pool, pool, sizeof memory - 13) == TARN_OK, "adopt failed");
    run(&u, stream + 2);
    end_pool(pool, (uint32_t)(stream % 3));
}

static void run_pools(void)
{
    uint64_t stream = 0;
    for (uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        for (uint32_t granule = 4; granule <= 16; granule *= 2) {
            for (uint32_t words = 0; words <= 3; words++) {
                uint32_t exact = words % 2 == 0 ? TARN_RECOGNISE_EXACT : TARN_RECOGNISE_KEYED;
                run_pool(engine, granule, words, exact, stream += 4);
            }
        }
    }
}

/* ---- pools in pools: ended, dropped with their block, or left to it ---- */

static void run_nested(uint64_t stream)
{
    tarn_pool *outer = NULL;
    tarn_pool *inner = NULL;
    tarn_options options = {.flags = stream % 3 == 2 ? TARN_POOL_UNREGISTERED : 0};
    must(tarn_init(&outer, other, sizeof other, NULL) == TARN_OK, "init failed");
    user around = {outer, pool_alloc, pool_realloc, pool_resize, pool_free, pool_check, 0, {0}, {0}, {0}, {0}};
    unsigned char *carrier = tarn_alloc(outer, 4001);
    must(carrier != NULL && tarn_init(&inner, carrier, 4001, &options) == TARN_OK, "nesting failed");
    user within = {inner, pool_alloc, pool_realloc, pool_resize, pool_free, pool_check, 0, {0}, {0}, {0}, {0}};
    run(&within, stream);
    run(&around, stream + 1);
    run(&within, stream + 2);
    if (stream % 3 == 0) {
        must(tarn_deinit(inner) == TARN_OK, "deinit failed");
        memset(carrier, 7, 4001);
    }
    must(tarn_free(outer, carrier) == TARN_OK, "a free was refused");
    run(&around, stream + 3);
    must(tarn_deinit(outer) == TARN_OK, "deinit failed");
    memset(other, 7, sizeof other);
}

/* ---- heaps ---- */

static void *heap_alloc(void *heap, size_t size, size_t alignment)
{
    tarn_request request = {.alignment = alignment};
    return size % 3 == 0 ? tarn_heap_calloc(heap, size / 3, 3, &request) : tarn_heap_alloc(heap, size, &request);
}

static void *heap_realloc(void *heap, void *block, size_t size, size_t alignment)
{
    tarn_request request = {.alignment = alignment};
    return tarn_heap_realloc(heap, block, size, &request);
}

static tarn_status heap_resize(void *heap, void *block, size_t size)
{
    return tarn_heap_resize(heap, block, size);
}

static tarn_status heap_free(void *heap, void *block)
{
    return tarn_heap_free(heap, block);
}

static tarn_status heap_check(void *heap)
{
    tarn_stats stats;
    must(tarn_heap_stats(heap, NULL, &stats) == TARN_OK, "looking failed");
    return tarn_heap_check(heap, NULL, NULL);
}

static void run_heap(uint32_t line, uint64_t stream)
{
    static _Alignas(8) unsigned char table[TARN_HEAP_BYTES(3)];
    tarn_region_options options = {.line = line, .pool = {.engine = TARN_ENGINE_TLSF}};
    tarn_heap *heap = NULL;
    must(tarn_heap_init(&heap, table, sizeof table) == TARN_OK, "init failed");
    must(tarn_heap_add(heap, memory, 6000, &options) == TARN_OK, "add failed");
    must(tarn_heap_add(heap, other + 8, 7000, &options) == TARN_OK, "add failed");
    user u = {heap, heap_alloc, heap_realloc, heap_resize, heap_free, heap_check, 0, {0}, {0}, {0}, {0}};
    run(&u, stream);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (u.block[i] != NULL && u.block[i] < memory + 6000 && u.block[i] >= memory) {
            drop(&u, i);
        }
    }
    must(tarn_heap_remove(heap, memory, NULL) == TARN_OK, "remove failed");
    memset(memory, 9, sizeof memory);
    run(&u, stream + 1);
    must(tarn_heap_deinit(heap) == TARN_OK, "deinit failed");
    memset(other, 9, sizeof other);
}

/* ---- block pools ---- */

static void *blocks_alloc(void *pool, size_t size, size_t alignment)
{
    (void)size;
    (void)alignment;
    return tarn_blocks_get(pool);
}

static tarn_status blocks_free(void *pool, void *block)
{
    return tarn_blocks_put(pool, block);
}

static tarn_status blocks_check(void *pool)
{
    tarn_stats stats;
    uint32_t seen = 0;
    must(tarn_blocks_stats(pool, &stats) == TARN_OK && tarn_blocks_walk(pool, see, &seen) == TARN_OK, "looking failed");
    return tarn_blocks_check(pool, NULL);
}

static void construct(void *block, void *context)
{
    memset(block, 3, *(size_t *)context);
}

static void run_blocks(size_t size, uint32_t flags, uint64_t stream)
{
    tarn_blocks_options options = {.flags = flags};
    tarn_blocks *pool = NULL;
    void *four[4];
    must(tarn_blocks_init(&pool, memory, 4096, size, &options) == TARN_OK, "init failed");
    if ((flags & TARN_BLOCKS_POISON) == 0) {
        must(tarn_blocks_construct(pool, construct, &size) == TARN_OK, "construct failed");
        unsigned char *built = tarn_blocks_get(pool);
        must(built != NULL && built[size - 1] == 3, "what was constructed is lost");
        must(tarn_blocks_put(pool, built) == TARN_OK, "a put was refused");
    }
    user u = {pool, blocks_alloc, NULL, NULL, blocks_free, blocks_check, size, {0}, {0}, {0}, {0}};
    run(&u, stream);
    if (tarn_blocks_get_many(pool, four, 4) == TARN_OK) {
        memset(four[3], 1, size);
        must(tarn_blocks_put_many(pool, four, 4) == TARN_OK, "a put was refused");
    }
    must(tarn_blocks_adopt(&pool, pool, 4096) == TARN_OK, "adopt failed");
    run(&u, stream + 1);
    must(tarn_blocks_clear(pool) == TARN_OK, "clear failed");
    forget(&u);
    run(&u, stream + 2);
    must(tarn_blocks_deinit(pool) == TARN_OK, "deinit failed");
    memset(memory, 9, sizeof memory);
}

static void run_all_blocks(void)
{
    for (uint32_t flags = 0; flags < 32; flags++) {
        run_blocks(4, flags, 1000 + flags);
        run_blocks(12, flags, 2000 + flags);
        run_blocks(37, flags, 3000 + flags);
    }
}

int main(int count, char **arguments)
{
    const char *given = getenv("TARN_TEST_SEED");
    seed = given != NULL ? strtoull(given, NULL, 0) : seed;
    steps = count > 1 ? strtoul(arguments[1], NULL, 0) : steps;
    bool under_valgrind = tarn_valgrind_install() == TARN_OK;
    must(under_valgrind || tarn_asan_install() == TARN_OK, "no tool");
    run_pools();
    for (uint64_t stream = 300; stream < 306; stream++) {
        run_nested(stream);
    }
    run_heap(0, 400);
    run_heap(64, 500);
    run_all_blocks();
    must((under_valgrind ? tarn_valgrind_remove() : tarn_asan_remove()) == TARN_OK, "remove failed");
    memset(memory, 1, sizeof memory);
    memset(other, 1, sizeof other);
    printf("valid: %lu steps, seed %llu\n", done, (unsigned long long)seed);
    return 0;
}
