/* SPDX-License-Identifier: MIT */
/*
 * What the programs of tests/faults share: each plants one fault, and says which tier promises to find it and what the
 * report then says, word for word.
 *
 * A pool with five neighbours A to E of SIZE bytes is made, prepare() uses it as one may, commit() does what one may
 * not. Then, in a new pool each time, by tier:
 *   1  always on: recognition and header checks, in a pool without map: tarn_recognise() of the suspect, and where it
 *      is refused the call itself; in a block pool without flags, the call
 *   2  always on: neighbours and links, and the exact map, where one was chosen: the call
 *   3  guards, poison and quarantine, where they were chosen: the call
 *   4  the full check, in the pool of tier 2, before any call
 * where "the call" is use(): the next one that comes near, by default the suspect's return.
 *
 * FA1 A tier that promises answers the status and delivers exactly the report that is expected, every field of it.
 * FA2 A tier that does not promise serves the call, and nothing is reported.
 * FA3 Afterwards, with the bytes that commit() changed put back, the pool is sound: a refusal has changed nothing.
 *     Where a call that was served has made more of the fault, the full check says so.
 * FA4 What tier 3 finds by a rule, the full check of that pool finds too, before any call.
 * FA5 All this is the same in every engine.
 */
#ifndef TARN_TESTS_FAULTS_FAULT_H
#define TARN_TESTS_FAULTS_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "tarn/account.h"
#include "tarn/blocks.h"
#include "tarn/regions.h"
#include "tarn/report.h"

enum { SIZE = 40, POOL_BYTES = 4096, TIERS = 5 };

/* The neighbours, in order of address. */
enum { NONE, A, B, C, D, E, NEIGHBOURS };

/* Kinds of scene. */
enum { POOL, BLOCK_POOL, HEAP };

/* What a place is counted from. */
enum { NOWHERE, PAYLOAD, END, LEAD, IMAGE };

typedef struct place {
    uint32_t from;
    uint32_t block; /* not for IMAGE */
    int32_t bytes;
} place;

/* What a tier answers. Fields not named are 0, as in the report. */
typedef struct told {
    tarn_status status;
    uint32_t rule;
    uint32_t guess;
    uint32_t amount;
    uint32_t block;
    uint32_t left;
    uint32_t held;   /* not 0: a request for so many bytes was refused, and the block it would have got set aside */
    place at;        /* of the broken rule; by default the payload of block */
    place first_bad; /* by default nowhere */
    bool by_lead;    /* amount counts from the last word of the lead: extension words come on top */
    bool takes_out;  /* the refused call has taken what it met out of the list: undoing the fault is too late */
    bool no_record;  /* refused, but nothing is there that a report could be about */
    bool aside;      /* the block has left the quarantine and been set aside */
} told;

typedef struct scene scene;

typedef struct fault {
    void (*commit)(scene *s);
    const told *tier[TIERS]; /* 1 to 4; NULL where finding it is not promised */
    tarn_status (*use)(scene *s);
    void (*prepare)(scene *s);
    void (*make)(scene *s); /* its own pool at s->memory; sets s->pool and s->block */
    uint32_t kind;
    uint32_t words;    /* extension words, or the owner word of a block pool */
    uint32_t size;     /* of the neighbours; 0: SIZE */
    uint32_t modules;  /* rows */
    uint32_t guards;   /* flags of tier 3; 0: GUARD and POISON */
    uint32_t flags;    /* of pools in every tier */
    size_t quarantine; /* of tier 3, bytes */
    uint32_t from;     /* lowest tier at which it can be committed, 0: 1; 3: in no other */
    uint32_t engines;  /* bit TARN_ENGINE_* for those that have what breaks; 0: all */
    uint32_t later; /* rule that the full check finds once a call was served in silence, where bytes alone do not undo
                         the fault */
} fault;

/* The program's. */
extern const fault the_fault;

struct scene {
    uint32_t tier;
    uint32_t engine;
    unsigned char *memory; /* POOL_BYTES; the pool's, or the heap's first region */
    tarn_pool *pool;
    tarn_blocks *blocks;
    tarn_heap *heap;
    unsigned char *block[NEIGHBOURS];
    uint32_t site[NEIGHBOURS];
    uint32_t freed[NEIGHBOURS]; /* the site of must_give_back(), 0 if it has not been called */
    tarn_pool *other;           /* another pool, with one block */
    unsigned char *foreign;     /* its block */
    void *suspect;              /* what commit() wants looked at and, by default, given back */
    void *pointer;              /* the last that was passed to the pool */
    void *taken;                /* by take() */
    uint32_t amount;            /* added to what is expected, */
    int32_t bytes;              /* and to places counted from IMAGE: where only the program's run tells */
};

/* Free, put or tarn_heap_free(), whatever the scene is. */
tarn_status give_back(scene *s, void *pointer);

/* An allocation; of block pools the size is not looked at. TARN_OK, or the status that was reported. */
tarn_status take(scene *s, size_t size);

/* Free, put: one that must succeed, in prepare(). */
void must_give_back(scene *s, uint32_t block);

/* tarn_realloc(); TARN_OK, or the status that was reported. */
tarn_status regrow(scene *s, void *pointer, size_t size);

/* TARN_OK if that is so; else the status that was reported last: for calls that have none. */
tarn_status answer(bool served);

/* The first byte behind what a neighbour may use. */
unsigned char *end_of(const scene *s, uint32_t block);

/* From the first byte of a block to its payload. */
uint32_t lead_of(const scene *s);

/* A payload word of a free block. */
static inline unsigned char *word_of(const scene *s, uint32_t block, uint32_t index)
{
    return s->block[block] + 4u * index;
}

/* A word of the image's header. */
static inline unsigned char *image_word(const scene *s, uint32_t index)
{
    return s->memory + 4u * index;
}

/* Changes every bit of some bytes. */
static inline void spoil(unsigned char *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (unsigned char)~at[i];
    }
}

static inline void flip_bit(unsigned char *word, uint32_t bit)
{
    uint32_t value;
    memcpy(&value, word, 4);
    value ^= UINT32_C(1) << bit;
    memcpy(word, &value, 4);
}

static inline void set_word(unsigned char *word, uint32_t value)
{
    memcpy(word, &value, 4);
}

static inline uint32_t get_word(const unsigned char *word)
{
    uint32_t value;
    memcpy(&value, word, 4);
    return value;
}

#endif
