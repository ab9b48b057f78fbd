/* SPDX-License-Identifier: MIT */
/*
 * The passes of a replay: the operations of a trace, one after the other, on a pool or on nothing.
 *
 * P1: an object that was refused is not there: it is not freed, and a realloc of it is a new request. One whose realloc
 *     was refused keeps its size.
 * P2: the first and the last byte of every block are written to, as the program would.
 * P3: the pass on nothing does the same but for the pool: what it takes is the replay's own.
 * P4: a pool that parks is looked at where samples are taken, in each pass: that has its parked blocks given back, and
 *     what comes after it lies elsewhere.
 *
 * Bound: the operations' and, for samples, that of tarn_stats_get().
 */
#define _GNU_SOURCE /* MAP_NORESERVE */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "replay.h"
#include "tarn/events.h"

/* So many operations pass between two looks at the clock. */
enum { STRIDE = 1 << 14 };

static uint64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- the pool ---- */

int replay_pool_open(replay_pool *p, const replay_request *request, const trace *t, uint64_t bytes)
{
    memset(p, 0, sizeof *p);
    p->options = (tarn_options){.engine = request->engine,
                                .granule = request->granule,
                                .recognition = request->recognition,
                                .park = request->park,
                                .slab = request->slab,
                                .flags = TARN_POOL_UNLOCKED | TARN_POOL_UNREGISTERED,
                                .name = "replay"};
    p->slots = t->slots;
    p->room = bytes <= SIZE_MAX / 2 ? (size_t)bytes : 0;
    p->blocks = calloc((size_t)t->slots + 1, sizeof *p->blocks);
    p->memory = p->room == 0
                    ? MAP_FAILED
                    : mmap(NULL, p->room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p->blocks == NULL || p->memory == MAP_FAILED) {
        tarn_message("no memory for a pool of %llu bytes", (unsigned long long)bytes);
        replay_pool_close(p);
        return TARN_EXIT_FAILED;
    }
    return 0;
}

void replay_pool_close(replay_pool *p)
{
    if (p->memory != NULL && p->memory != MAP_FAILED) {
        (void)munmap(p->memory, p->room);
    }
    free(p->blocks);
    memset(p, 0, sizeof *p);
}

tarn_status replay_pool_make(replay_pool *p, size_t bytes)
{
    memset(p->blocks, 0, (size_t)p->slots * sizeof *p->blocks);
    p->bytes = bytes;
    return tarn_init(&p->pool, p->memory, bytes, &p->options);
}

/* ---- the operations ---- */

/* Keeps a call from being seen through. */
__attribute__((noinline)) static void *nothing(void *memory, size_t size)
{
    __asm__ volatile("" : "+r"(memory) : "r"(size) : "memory");
    return memory;
}

static inline void *take(replay_pool *p, const trace_op *op, bool real)
{
    if (!real) {
        return nothing(p->memory, (size_t)op->size);
    }
    return op->kind == TRACE_ALIGNED ? tarn_alloc_aligned(p->pool, (size_t)op->size, (size_t)replay_alignment(op))
                                     : tarn_alloc(p->pool, (size_t)op->size);
}

static inline void *resize(replay_pool *p, void *block, const trace_op *op, bool real)
{
    return real ? tarn_realloc(p->pool, block, (size_t)op->size) : nothing(p->memory, (size_t)op->size);
}

static inline void give(replay_pool *p, void *block, bool real)
{
    if (real) {
        (void)tarn_free(p->pool, block);
    } else {
        (void)nothing(block, 0);
    }
}

/* P1 to P3; the answer is NULL for a refusal. */
__attribute__((always_inline)) static inline void *apply(replay_pool *p, const trace_op *op, bool real)
{
    void **entry = &p->blocks[op->slot];
    if (op->kind == TRACE_FREE) {
        if (*entry != NULL) {
            give(p, *entry, real);
        }
        *entry = NULL;
        return p->memory;
    }
    unsigned char *block = op->kind == TRACE_REALLOC ? resize(p, *entry, op, real) : take(p, op, real);
    if (block != NULL) {
        *entry = block;
        block[0] = 1;
        block[real ? (size_t)op->size - 1 : 0] = 1;
    } else if (op->kind != TRACE_REALLOC) {
        *entry = NULL;
    }
    return block;
}

/* Runs [from, until) and returns the first that was refused, or until. */
__attribute__((noinline)) static size_t run(replay_pool *p, const trace *t, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++) {
        if (apply(p, &t->ops[i], true) == NULL) {
            return i;
        }
    }
    return until;
}

__attribute__((noinline)) static void run_floor(replay_pool *p, const trace *t, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++) {
        (void)apply(p, &t->ops[i], false);
    }
}

/* ---- passes ---- */

/* P4 */
static void look(const replay_pool *p)
{
    tarn_stats stats;
    if (p->options.park != 0 || p->options.slab != 0) {
        (void)tarn_stats_get(p->pool, &stats);
    }
}

static bool fits_until(replay_pool *p, const trace *t, size_t from, size_t end)
{
    for (size_t i = from; i < end;) {
        size_t until = end - i > STRIDE ? i + STRIDE : end;
        if (run(p, t, i, until) != until) {
            progress_step(t->count - i);
            return false;
        }
        progress_step(until - i);
        i = until;
    }
    return true;
}

bool replay_fits(replay_pool *p, const trace *t)
{
    size_t from = 0;
    for (unsigned n = 0; n < REPLAY_SAMPLES; n++) {
        if (!fits_until(p, t, from, replay_sample_end(t, n))) {
            return false;
        }
        from = replay_sample_end(t, n);
        look(p);
    }
    return true;
}

static uint64_t time_until(replay_pool *p, const trace *t, size_t from, size_t end)
{
    uint64_t sum = 0;
    for (size_t i = from; i < end;) {
        size_t until = end - i > STRIDE ? i + STRIDE : end;
        size_t begin = i;
        uint64_t start = now();
        while (i < until) {
            i = run(p, t, i, until);
            i += i < until; /* refused: go on behind it */
        }
        sum += now() - start;
        progress_step(until - begin);
    }
    return sum;
}

static uint64_t time_floor_until(replay_pool *p, const trace *t, size_t from, size_t end)
{
    uint64_t sum = 0;
    for (size_t i = from; i < end;) {
        size_t until = end - i > STRIDE ? i + STRIDE : end;
        uint64_t start = now();
        run_floor(p, t, i, until);
        sum += now() - start;
        progress_step(until - i);
        i = until;
    }
    return sum;
}

uint64_t replay_time(replay_pool *p, const trace *t)
{
    uint64_t sum = 0;
    size_t from = 0;
    for (unsigned n = 0; n < REPLAY_SAMPLES; n++) {
        sum += time_until(p, t, from, replay_sample_end(t, n));
        from = replay_sample_end(t, n);
        look(p);
    }
    return sum;
}

uint64_t replay_time_floor(replay_pool *p, const trace *t)
{
    uint64_t sum = 0;
    size_t from = 0;
    memset(p->blocks, 0, (size_t)p->slots * sizeof *p->blocks);
    for (unsigned n = 0; n < REPLAY_SAMPLES; n++) {
        sum += time_floor_until(p, t, from, replay_sample_end(t, n));
        from = replay_sample_end(t, n);
    }
    return sum;
}

/* ---- observing ---- */

/* What the pool says in constant time of each refusal; the first few are looked into. */
static void on_refusal(const tarn_event *event, void *context)
{
    *(uint32_t *)context = event->verdict;
}

static void note_failure(const replay_pool *p, replay_result *result, size_t i, uint32_t verdict)
{
    const trace_op *op = &result->t->ops[i];
    if (result->failed < REPLAY_FAILURES) {
        replay_failure *f = &result->first[result->failed];
        f->op = i;
        (void)tarn_why(p->pool, (size_t)op->size, (size_t)replay_alignment(op), &f->verdict);
    }
    result->failed++;
    result->verdicts[verdict < REPLAY_VERDICTS ? verdict : TARN_WHY_UNKNOWN]++;
}

/* What lives, as asked for: told by the trace, and by what was refused. */
typedef struct live_sum {
    uint64_t *sizes; /* of each slot */
    uint64_t bytes;
    uint32_t verdict; /* of the last refusal */
} live_sum;

static void add_live(live_sum *live, const trace *t, size_t i, bool refused)
{
    const trace_op *op = &t->ops[i];
    if (!refused) {
        live->bytes += op->size - live->sizes[op->slot];
        live->sizes[op->slot] = op->size;
    } else if (op->kind != TRACE_REALLOC) {
        live->sizes[op->slot] = 0;
    }
}

static bool count_owned(const tarn_block *block, void *context)
{
    *(uint32_t *)context += tarn_block_owned(block) ? 1u : 0;
    return true;
}

/* Blocks that the program has, of a pool whose own count has pages instead of what lies in them. */
static uint32_t owned(const replay_pool *p)
{
    uint32_t count = 0;
    (void)tarn_walk(p->pool, count_owned, &count);
    (void)tarn_slab_walk(p->pool, count_owned, &count);
    return count;
}

static void take_sample(const replay_pool *p, replay_result *result, unsigned n, size_t ops, uint64_t live)
{
    (void)tarn_stats_get(p->pool, &result->stats);
    result->samples[n] = (replay_sample){.ops = ops,
                                         .live = live,
                                         .used = result->stats.used,
                                         .free = result->stats.free,
                                         .largest_free = result->stats.largest_free,
                                         .blocks = p->options.slab != 0 ? owned(p) : result->stats.blocks,
                                         .free_blocks = result->stats.free_blocks};
}

static uint64_t run_observed(replay_pool *p, replay_result *result, live_sum *live, size_t from, size_t until)
{
    uint64_t sum = 0;
    for (size_t i = from; i < until;) {
        uint64_t start = now();
        size_t stop = until - i > STRIDE ? i + STRIDE : until;
        size_t refused = run(p, result->t, i, stop);
        sum += now() - start;
        for (size_t j = i; j < refused; j++) {
            add_live(live, result->t, j, false);
        }
        progress_step(refused - i);
        i = refused;
        if (refused < stop) {
            note_failure(p, result, refused, live->verdict);
            add_live(live, result->t, refused, true);
            i++;
        }
    }
    return sum;
}

uint64_t replay_observe(replay_pool *p, replay_result *result)
{
    uint64_t sum = 0;
    size_t from = 0;
    live_sum live = {calloc((size_t)p->slots + 1, sizeof(uint64_t)), 0, 0};
    uint32_t kinds = TARN_EVENTS_OF(TARN_EVENT_FAIL) | TARN_EVENTS_OF(TARN_EVENT_CORRUPT);
    tarn_status status = tarn_events_add_kinds(on_refusal, &live.verdict, kinds);
    if (status != TARN_OK) {
        tarn_message("why requests are refused will not be told: %s", tarn_status_text(status));
    }
    for (unsigned n = 0; n < REPLAY_SAMPLES && live.sizes != NULL; n++) {
        size_t until = replay_sample_end(result->t, n);
        sum += run_observed(p, result, &live, from, until);
        take_sample(p, result, n, until, live.bytes);
        from = until;
    }
    (void)tarn_events_remove(on_refusal, &live.verdict);
    free(live.sizes);
    return sum;
}
