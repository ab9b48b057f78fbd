/* SPDX-License-Identifier: MIT */
/**
 * @file replay.h
 * @brief What the files of the verb `replay` share.
 */
#ifndef TARN_TOOLS_REPLAY_H
#define TARN_TOOLS_REPLAY_H

#include "../trace/trace.h"
#include "tarn.h"
#include "tarn/inspect.h"
#include "tarn/why.h"

/** What `tarn replay` was asked to do. */
typedef struct replay_request {
    const char *file; /**< NULL if only help was asked for */
    uint32_t engine;  /**< TARN_ENGINE_* */
    uint32_t granule; /**< bytes, 0: the default */
    uint32_t recognition;
    uint32_t park; /**< bytes of each size that may be parked, or #TARN_PARK_DEFAULT */
    uint32_t slab; /**< the largest request that pages of the slab serve, or #TARN_SLAB_DEFAULT */
    uint64_t pool; /**< bytes, 0: roomy */
    bool minimum;  /**< search the smallest pool, and use that */
    bool check, json;
    uint32_t rounds;
    uint32_t process; /**< number, 0: that with the most calls */
} replay_request;

/** Reads the command line of `replay`. Returns 0, or #TARN_EXIT_USAGE after a message. */
int replay_options_read(char **arguments, replay_request *request);

enum { REPLAY_SAMPLES = 64, REPLAY_FAILURES = 8, REPLAY_ROUNDS_MAX = 99, REPLAY_VERDICTS = TARN_WHY_DAMAGED + 1 };

/** The state of the pool after so many operations. */
typedef struct replay_sample {
    uint64_t ops;
    uint64_t live; /**< bytes as asked for, without what was refused */
    uint64_t used, free, largest_free;
    uint32_t blocks, free_blocks;
} replay_sample;

/** A request that the pool refused. */
typedef struct replay_failure {
    size_t op;
    tarn_verdict verdict;
} replay_failure;

/** Everything that is found out. */
typedef struct replay_result {
    const replay_request *request;
    const trace *t;
    tarn_stats stats; /**< at the end of the trace */
    uint32_t control; /**< bytes of the pool that no block can have */
    replay_sample samples[REPLAY_SAMPLES];
    uint64_t failed;                    /**< requests that were refused */
    uint64_t verdicts[REPLAY_VERDICTS]; /**< of these, by TARN_WHY_* */
    replay_failure first[REPLAY_FAILURES];
    uint32_t rounds;                 /**< that were timed */
    double nanoseconds, least, most; /**< per operation: median and spread of the rounds */
    double floor;                    /**< the same of the replay itself, median */
    uint64_t minimum;                /**< bytes of the smallest pool, 0 if not searched */
    uint32_t tries;                  /**< pools that were tried for it */
    uint64_t verified_blocks, verified_bytes, checks;
    char problem[200]; /**< what --check found first; empty: nothing */
} replay_result;

/** A pool to replay on, made anew for each pass in the same memory. */
typedef struct replay_pool {
    void *memory;
    size_t room; /**< bytes that are there */
    tarn_options options;
    tarn_pool *pool;
    size_t bytes;  /**< of the pool */
    void **blocks; /**< of each slot */
    uint32_t slots;
} replay_pool;

/** Gets memory. Returns 0, or #TARN_EXIT_FAILED after a message. */
int replay_pool_open(replay_pool *p, const replay_request *request, const trace *t, uint64_t bytes);
void replay_pool_close(replay_pool *p);
/** Makes the pool, of @p bytes; the blocks of the last pass are gone. */
tarn_status replay_pool_make(replay_pool *p, size_t bytes);

/** @name Passes: each begins with a new pool. */
/**@{*/
/** Runs until the first refusal. Returns whether there was none. */
bool replay_fits(replay_pool *p, const trace *t);
/** Takes samples and notes refusals; returns the nanoseconds that the operations took. */
uint64_t replay_observe(replay_pool *p, replay_result *result);
/** Returns the nanoseconds that the operations take. */
uint64_t replay_time(replay_pool *p, const trace *t);
/** The same without a pool. */
uint64_t replay_time_floor(replay_pool *p, const trace *t);
/** Fills and verifies every block, and has the pool checked. */
void replay_verify(replay_pool *p, replay_result *result);
/**@}*/

/** Where sample @p i of the operations is taken: after so many. */
static inline size_t replay_sample_end(const trace *t, unsigned i)
{
    return (size_t)((uint64_t)t->count * (i + 1) / REPLAY_SAMPLES);
}

/** Share of the free bytes that lie outside the largest free block. */
static inline double replay_scattered(const replay_sample *s)
{
    return s->free != 0 ? 1.0 - (double)s->largest_free / (double)s->free : 0.0;
}

/** The bytes of each size that a pool of so many parks at most: what the request, or #TARN_PARK_DEFAULT, stands for. */
static inline uint64_t replay_parks(const replay_request *request, uint64_t pool)
{
    uint64_t share = pool / 1024 < 4096 ? pool / 1024 : 4096;
    return request->park == TARN_PARK_DEFAULT ? share : request->park;
}

/** The largest request that the slab of a pool of so many serves, 0 if it has none. */
static inline uint64_t replay_slab(const replay_request *request, uint64_t pool)
{
    return request->slab == TARN_SLAB_DEFAULT ? (pool >= UINT64_C(0x20000) ? 32 : 0) : request->slab;
}

/** What an operation is called, and what it asks for. */
const char *replay_kind_text(unsigned kind);
static inline uint64_t replay_alignment(const trace_op *op)
{
    return op->kind == TRACE_ALIGNED ? UINT64_C(1) << op->alignment_log2 : 0;
}

void replay_print_text(FILE *out, const replay_result *result);
void replay_print_json(FILE *out, const replay_result *result);

/** @name The progress bar: on standard error, if that is a terminal, once a run takes longer than a second. */
/**@{*/
/** @p what is to be done next, in @p steps. */
void progress_begin(const char *what, uint64_t steps);
void progress_step(uint64_t steps);
void progress_end(void);
/**@}*/

#endif
