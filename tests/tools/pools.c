/* SPDX-License-Identifier: MIT */
/*
 * A program with pools to look at, for the run_inspect_*.sh scripts. What it prints is what they expect.
 *
 *   pools image FILE     writes its memory, 8 sound pools in a row with user data that looks like pools between them
 *   pools wait           makes the same, prints "ready ADDRESS" and waits to be looked at
 *   pools held FILE      writes a pool whose one lost block is held back, and the header behind it broken, and a
 *                        block pool with a block held back
 *   pools slab FILE      writes a pool with a slab; ends with 3 where the library has none
 *   pools crash          writes past the end of a block, frees its neighbour's neighbour, and ends by SIGABRT
 *
 * Its blocks are taken by functions named take_*; every pool has all words up to the sequence number unless it says so: the
 * one with parked blocks has none.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tarn/blocks.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"

enum { ROOM = 16384, PARTS = 8, PARK = 256, WORDS = TARN_WORDS_SEQUENCE };

static _Alignas(4096) unsigned char memory[ROOM * PARTS];

/* Two callers, so that there are two call sites. The volatile result keeps each call from being the last act. */
static void *volatile taken;

static void *owned(tarn_pool *pool, void *block, uint32_t owner)
{
    if (block != NULL && tarn_owner_set(pool, block, owner) != TARN_OK) {
        exit(9);
    }
    return block;
}

__attribute__((noinline)) static void *take_buffer(tarn_pool *pool, size_t size)
{
    taken = tarn_alloc(pool, size); /* of a buffer */
    return owned(pool, taken, TARN_OWNER(3, 7));
}

__attribute__((noinline)) static void *take_message(tarn_pool *pool, size_t size)
{
    taken = tarn_alloc(pool, size);
    return owned(pool, taken, TARN_OWNER(5, 9));
}

static tarn_pool *make(uint32_t part, uint32_t engine, uint32_t granule)
{
    tarn_options options;
    tarn_pool *pool;
    memset(&options, 0, sizeof options);
    options.engine = engine;
    options.granule = granule;
    options.extension_words = WORDS;
    if (tarn_init(&pool, memory + part * (size_t)ROOM, ROOM - 64u, &options) != TARN_OK) {
        exit(9);
    }
    return pool;
}

/* 40 blocks, every third given back: 13 + 13 + 1 are live. */
static void fill(tarn_pool *pool)
{
    void *blocks[40];
    for (uint32_t i = 0; i < 40; i++) {
        blocks[i] = i % 3u == 0 ? take_message(pool, 24u + i) : take_buffer(pool, 100u + 3u * i);
    }
    for (uint32_t i = 0; i < 40; i += 3) {
        if (i != 0 && tarn_free(pool, blocks[i]) != TARN_OK) {
            exit(9);
        }
    }
}

static void make_blocks(uint32_t part, uint32_t flags)
{
    tarn_blocks_options options;
    tarn_blocks *pool;
    memset(&options, 0, sizeof options);
    options.flags = flags;
    if (tarn_blocks_init(&pool, memory + part * (size_t)ROOM, ROOM, 60, &options) != TARN_OK) {
        exit(9);
    }
    for (int i = 0; i < 20; i++) {
        void *block = tarn_blocks_get(pool);
        if (i % 4 == 0) {
            (void)tarn_blocks_put(pool, block);
        }
    }
}

/* A pool in a block of another, and in a free block the remains of one, which is none any more. */
static void make_nested(uint32_t part)
{
    tarn_pool *outer = make(part, TARN_ENGINE_TLSF, 8);
    void *block = take_buffer(outer, 4096);
    unsigned char *remains = take_message(outer, 5000);
    tarn_pool *inner;
    if (block == NULL || remains == NULL || tarn_init(&inner, block, 4096, NULL) != TARN_OK ||
        tarn_alloc(inner, 100) == NULL) {
        exit(9);
    }
    memcpy(remains + 512, block, 4096);
    (void)take_buffer(outer, 64);
    (void)tarn_free(outer, remains);
}

/* Parked blocks, in lists of several and of one, beside free ones that are too large to be parked; where the library has no
 * parked blocks all are free. */
static void make_parked(uint32_t part)
{
    tarn_options options;
    tarn_pool *pool;
    unsigned char *at = memory + part * (size_t)ROOM;
    memset(&options, 0, sizeof options);
    options.park = PARK;
    if (tarn_overhead(ROOM - 64u, &options) == 0) {
        options.park = 0;
    }
    if (tarn_init(&pool, at, ROOM - 64u, &options) != TARN_OK) {
        exit(9);
    }
    void *blocks[40];
    for (uint32_t i = 0; i < 40; i++) {
        blocks[i] = tarn_alloc(pool, i % 5u == 4u ? 600u : 20u + 24u * (i % 3u));
    }
    for (uint32_t i = 0; i < 40; i++) {
        if (i % 4u != 0 && tarn_free(pool, blocks[i]) != TARN_OK) {
            exit(9);
        }
    }
}

/* Bytes that begin as a pool does and are none. */
static void make_lies(uint32_t part)
{
    unsigned char *at = memory + part * (size_t)ROOM;
    memcpy(at + 64, memory, 64);     /* a whole header without blocks */
    memcpy(at + 1024, "\001trn", 4); /* a magic alone */
    memcpy(at + 2051, "brt\001", 4); /* another, the other way round, at an odd place */
    memcpy(at + 3000, "\201trb\377\377\377\377", 8);
    memcpy(at + ROOM - 4, "\001trn", 4); /* one that the file's end cuts off */
}

static void make_all(void)
{
    fill(make(0, TARN_ENGINE_TLSF, 8));
    fill(make(1, TARN_ENGINE_BESTFIT, 4));
    fill(make(2, TARN_ENGINE_LINEAR, 16));
    make_blocks(3, 0);
    make_blocks(4, TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER | TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON);
    make_nested(5);
    make_parked(6);
    make_lies(PARTS - 1u);
}

static int write_image(const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return 9;
    }
    int failed = fwrite(memory, 1, sizeof memory, file) != sizeof memory;
    return fclose(file) != 0 || failed ? 9 : 0;
}

/* The culprit: a buffer of 24 bytes written as if it had 40. */
static void overrun(void)
{
    tarn_pool *pool = make(6, TARN_ENGINE_TLSF, 8);
    (void)take_message(pool, 200);
    unsigned char *buffer = take_buffer(pool, 24);
    void *victim = take_message(pool, 48);
    if (buffer == NULL) {
        exit(9);
    }
    size_t usable = tarn_usable(pool, buffer);
    for (size_t i = 0; i < usable + 16u; i++) {
        ((volatile unsigned char *)buffer)[i] = 0x5A;
    }
    (void)tarn_free(pool, victim);
    abort();
}

/* A block written to after put, which get has found. */
static bool hold_in_blocks(uint32_t part)
{
    tarn_blocks_options options;
    tarn_blocks *pool;
    memset(&options, 0, sizeof options);
    options.flags = TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER | TARN_BLOCKS_POISON;
    if (tarn_blocks_init(&pool, memory + part * (size_t)ROOM, ROOM, 60, &options) != TARN_OK) {
        return false;
    }
    unsigned char *block = tarn_blocks_get(pool);
    if (block == NULL || tarn_blocks_put(pool, block) != TARN_OK) {
        return false;
    }
    block[40] ^= 0x10;
    return tarn_blocks_get(pool) == NULL;
}

/* A block written past its end and given back; then the header behind it is overwritten. */
static int write_held(const char *path)
{
    tarn_options options;
    tarn_pool *pool;
    memset(&options, 0, sizeof options);
    options.extension_words = WORDS;
    options.flags = TARN_POOL_GUARD;
    options.policy = TARN_POLICY_ISOLATE;
    if (tarn_init(&pool, memory + 6u * (size_t)ROOM, ROOM - 64u, &options) != TARN_OK) {
        return 9;
    }
    unsigned char *lost = take_buffer(pool, 200);
    unsigned char *behind = take_message(pool, 48);
    if (lost == NULL || behind == NULL) {
        return 9;
    }
    lost[200] ^= 0x10;
    if (tarn_free(pool, lost) != TARN_E_DAMAGED) {
        return 9;
    }
    behind[-1] ^= 0x55;
    behind[-2] ^= 0x55;
    return hold_in_blocks(0) ? write_image(path) : 9;
}

/* 50 messages and 20 buffers in the slab, 10 of them given back; a buffer that is a block of its own. */
static int write_slab(const char *path)
{
    tarn_options options;
    tarn_pool *pool;
    void *small[70];
    memset(&options, 0, sizeof options);
    options.extension_words = WORDS;
    options.slab = 32;
    if (tarn_overhead(ROOM - 64u, &options) == 0) {
        return 3;
    }
    if (tarn_init(&pool, memory, ROOM - 64u, &options) != TARN_OK) {
        return 9;
    }
    for (uint32_t i = 0; i < 70; i++) {
        small[i] = i < 50 ? take_message(pool, 24) : take_buffer(pool, 16);
    }
    for (uint32_t i = 50; i < 60; i++) {
        if (tarn_free(pool, small[i]) != TARN_OK) {
            return 9;
        }
    }
    return take_buffer(pool, 300) != NULL ? write_image(path) : 9;
}

int main(int count, char **arguments)
{
    const char *what = count > 1 ? arguments[1] : "";
    if (strcmp(what, "slab") == 0 && count == 3) {
        return write_slab(arguments[2]);
    }
    if (strcmp(what, "held") == 0 && count == 3) {
        return write_held(arguments[2]);
    }
    make_all();
    if (strcmp(what, "image") == 0 && count == 3) {
        return write_image(arguments[2]);
    }
    if (strcmp(what, "crash") == 0) {
        overrun();
    }
    if (strcmp(what, "wait") == 0) {
        printf("ready %p\n", (void *)memory);
        return fflush(stdout) == 0 && pause() == 0 ? 0 : 1;
    }
    return 2;
}
