/* SPDX-License-Identifier: MIT */
/*
 * A shadow of a pool: what a program believes it holds, kept apart from the pool, and random steps on both.
 *
 * M1 every block that the pool handed out keeps the bytes written to it, until it is given back
 * M2 every block is on the granule and on the alignment asked for, and holds what was asked for
 * M3 the used blocks that a walk sees are exactly those handed out, so that none overlap
 * M4 statistics equal the shadow's, refusals included
 * M5 every call answers what the contract says: a request up to tarn_largest() is served, a bad pointer is refused
 * M6 with all blocks given back the pool is one free block
 * M7 a reader of the pool's bytes, which has no block given back first that is parked, finds the same
 *
 * A broken one fails the running cmocka test with shape, seed and step.
 */
#ifndef TARN_TESTS_SUPPORT_MODEL_H
#define TARN_TESTS_SUPPORT_MODEL_H

#include "test.h"

typedef enum model_op {
    MODEL_ALLOC,
    MODEL_ALIGNED,
    MODEL_CALLOC,
    MODEL_REALLOC,
    MODEL_REALLOC_ALIGNED,
    MODEL_RESIZE,
    MODEL_FREE,
    MODEL_BAD_FREE,
    MODEL_RESET,
    MODEL_GROW,
    MODEL_RELOCATE,
    MODEL_OPS
} model_op;

/* How often each operation was done and refused, and what else happened; added up over models. */
typedef struct model_counts {
    uint64_t done[MODEL_OPS];
    uint64_t refused[MODEL_OPS];
    uint64_t in_place;     /* realloc that kept the address */
    uint64_t moved;        /* realloc that did not */
    uint64_t bad_interior; /* refused pointers by kind */
    uint64_t bad_double;
    uint64_t bad_outside;
    uint64_t false_accepts; /* interior pointers that keyed recognition would have taken */
    uint64_t exhaustions;   /* full, then drained to nothing */
    uint64_t checks;        /* tarn_check() with walk and statistics compared */
} model_counts;

typedef struct model_block {
    unsigned char *at;
    size_t size;     /* asked for */
    size_t occupied; /* bytes in the pool, overhead included */
    size_t alignment;
    uint32_t pattern;
} model_block;

typedef struct model {
    shape shape;
    tarn_pool *pool;
    unsigned char *memory; /* where the pool lies */
    unsigned char *spare;  /* as large; relocation swaps the two */
    size_t bytes;          /* now; grows to shape.bytes */
    uint64_t seed;
    uint64_t step;
    prng random;
    model_block *blocks;
    uint32_t live;
    uint32_t capacity;
    uint32_t size_log2; /* sizes asked for are below 2^this, smaller ones more often */
    bool filling;
    uint64_t used;
    uint64_t peak;
    uint32_t refusals;
    uint32_t max_alignment;
    model_counts *counts;
} model;

/* Most blocks that a model holds at a time. */
enum { MODEL_CAPACITY = 4096 };

/* Makes the pool in memory, about 3/4 of shape->bytes at first. Both buffers hold shape->bytes and are aligned to
 * 4096 bytes; blocks has MODEL_CAPACITY entries. Sizes are chosen for about typical live blocks. */
void model_begin(model *m, const shape *s, unsigned char *memory, unsigned char *spare, model_block *blocks,
                 uint32_t typical, uint64_t seed, model_counts *counts);

/* One random operation. */
void model_step(model *m);

/* M1, M3, M4 and tarn_check(). */
void model_verify(model *m);

/* Gives every block back, verifies M6 and ends the pool. */
void model_end(model *m);

const char *model_op_name(model_op op);

#endif
