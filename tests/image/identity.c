/* SPDX-License-Identifier: MIT */
/*
 * Writes the images of many pools, each after the same sequence of operations, for run_image_identity.sh to compare
 * between word sizes and compilers. A program of its own: nothing of the build but the sources of tarn is in it.
 *
 *   identity FILE      prints: images bytes operations refused
 *   identity ... -     prints a sum of each image instead: for boards, which have no files (run_target_identity.sh)
 *
 * IDENTITY_LARGEST, IDENTITY_OPERATIONS: the largest pool and the operations of a round, less on an emulated board.
 *
 * Every pool begins at a multiple of 4096 in zeroed memory (docs/design.md, The same bytes everywhere).
 */
#include <stdio.h>

#include "drive.h"
#include "tarn/inspect.h"

#ifndef IDENTITY_LARGEST
#define IDENTITY_LARGEST (1 << 20)
#endif
#ifndef IDENTITY_OPERATIONS
#define IDENTITY_OPERATIONS 2500
#endif

enum { LARGEST = IDENTITY_LARGEST, OPERATIONS = IDENTITY_OPERATIONS, ALIGNMENTS = 13, ROUNDS = 3, SEED = 20261120 };

static _Alignas(4096) unsigned char memory[LARGEST];

/* Blocks of several modules, more than the table has rows. */
static bool spread_owners(const tarn_block *block, void *context)
{
    static uint32_t turn;
    if (block->state != TARN_BLOCK_FREE) {
        turn = (turn + 1u) % 7u;
        (void)tarn_owner_set(context, memory + block->offset, TARN_OWNER(turn, 5));
    }
    return true;
}

typedef struct totals {
    FILE *file;
    unsigned long images;
    unsigned long bytes;
    unsigned long operations;
    unsigned long refused;
    int failed;
} totals;

/* FNV-1a, 64 bits. */
static uint64_t sum_of(size_t bytes)
{
    uint64_t sum = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < bytes; i++) {
        sum = (sum ^ memory[i]) * UINT64_C(0x100000001B3);
    }
    return sum;
}

static void write_image(totals *t, size_t bytes)
{
    if (t->file != NULL) {
        t->failed |= fwrite(memory, 1, bytes, t->file) != bytes;
    } else {
        uint64_t sum = sum_of(bytes);
        printf("%lu %08lx%08lx\n", t->images, (unsigned long)(sum >> 32), (unsigned long)(sum & UINT32_MAX));
    }
    t->images++;
    t->bytes += (unsigned long)bytes;
}

/* Sizes off every granule, and pools that have grown: the tail and the end are in the image too. */
static void write_pool(totals *t, size_t bytes, const tarn_options *options)
{
    tarn_pool *pool;
    drive d;
    memset(memory, 0, sizeof memory);
    if (tarn_init(&pool, memory, bytes, options) != TARN_OK) {
        t->failed = 1;
        return;
    }
    drive_begin(&d, pool, bytes, ALIGNMENTS, SEED);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        drive_run(&d, OPERATIONS);
        t->failed |= options->modules != 0 && tarn_walk(pool, spread_owners, pool) != TARN_OK;
        t->failed |= tarn_check(pool, NULL) != TARN_OK;
        write_image(t, bytes);
        t->operations += OPERATIONS;
        bytes = bytes < options->max_bytes ? options->max_bytes : bytes;
        t->failed |= tarn_grow(pool, bytes) != TARN_OK;
    }
    t->refused += (unsigned long)d.refused;
    t->failed |= tarn_deinit(pool) != TARN_OK;
}

static void write_shapes(totals *t, size_t bytes, uint32_t engine)
{
    static const uint32_t extensions[] = {0, 1, 4, 7};
    for (uint32_t i = 0; i < 24; i++) {
        tarn_options options;
        memset(&options, 0, sizeof options);
        options.engine = engine;
        options.granule = UINT32_C(4) << i % 3u;
        options.recognition = TARN_RECOGNISE_KEYED + i / 3u % 2u;
        options.extension_words = extensions[i / 6u];
        options.modules = bytes >= 1000 && options.extension_words != 0 && i % 4u == 3u ? 5 : 0;
        options.flags = i % 5u >= 2u ? TARN_POOL_GUARD << (i % 5u - 2u) : 0;
        options.max_bytes = i % 2u == 0 || bytes == LARGEST ? 0 : bytes + bytes / 3u;
        if (bytes < LARGEST || i < 6) {
            write_pool(t, bytes - i % 5u, &options);
        }
    }
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {256, 1000, 4096, 65536, LARGEST};
    totals t = {NULL, 0, 0, 0, 0, 0};
    bool sums = argc >= 2 && strcmp(argv[argc - 1], "-") == 0;
    t.file = argc == 2 && !sums ? fopen(argv[1], "wb") : NULL;
    if (!sums && t.file == NULL) {
        fprintf(stderr, "usage: identity FILE, or -\n");
        return 2;
    }
    for (uint32_t engine = TARN_ENGINE_TLSF; engine <= TARN_ENGINE_LINEAR; engine++) {
        for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            write_shapes(&t, sizes[i], engine);
        }
    }
    t.failed |= t.file != NULL && fclose(t.file) != 0;
    printf("%lu %lu %lu %lu\n", t.images, t.bytes, t.operations, t.refused);
    return t.failed;
}
