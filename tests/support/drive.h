/* SPDX-License-Identifier: MIT */
/*
 * A fixed sequence of operations on a pool, the same for the same seed wherever the pool lies and whoever compiled it.
 *
 * Blocks are known by their offset from the pool's first byte, contents are derived from the seed, and no decision
 * looks at an address, so that two pools driven alike must hold the same bytes. Needs no test framework.
 */
#ifndef TARN_TESTS_SUPPORT_DRIVE_H
#define TARN_TESTS_SUPPORT_DRIVE_H

#include "prng.h"
#include "tarn/pool.h"

enum { DRIVE_BLOCKS = 512 };

typedef struct drive {
    tarn_pool *pool;
    prng random;
    uint32_t size_log2;  /* sizes are below 2^this */
    uint32_t alignments; /* alignments are below 2^this; 0: none is asked for */
    uint32_t live;
    size_t at[DRIVE_BLOCKS]; /* offsets from the handle */
    uint32_t size[DRIVE_BLOCKS];
    uint64_t refused;
} drive;

/* A sequence for a pool of so many bytes. */
void drive_begin(drive *d, tarn_pool *pool, size_t bytes, uint32_t alignments, uint64_t seed);

/* The next operations: alloc, aligned, calloc, realloc, resize, free, bad frees, and now and then reset. Each block is
 * written full. */
void drive_run(drive *d, uint32_t operations);

#endif
