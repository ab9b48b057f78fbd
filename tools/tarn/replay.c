/* SPDX-License-Identifier: MIT */
/*
 * The verb `replay`: what a program asked of its allocator, asked of a pool.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../faces/malloc/setting_text.h"
#include "replay.h"

static const char help[] =
    "usage: tarn replay [OPTIONS] FILE\n"
    "\n"
    "Replays FILE, a trace of `tarn record` or in the format ATRACE1, on a pool, and tells how fast\n"
    "that is, how full the pool gets, how fragmented over time, and which requests fail and why.\n"
    "\n"
    "  --engine ENGINE    how free blocks are found: tlsf (default), bestfit, linear\n"
    "  --pool SIZE        bytes of the pool, or with k, m, g. Default: roomy, 4 times the peak of\n"
    "                     live bytes, 64 bytes for each object of it, and 1m\n"
    "  --pool min         search the smallest pool that serves the whole trace, and use that\n"
    "  --granule BYTES    4, 8 (default) or 16\n"
    "  --recognise HOW    auto (default), keyed or exact: how a pointer given back is known\n"
    "  --park BYTES       so many of each small size stay as they are when they are freed, for the\n"
    "                     next request of it; 0 (default): none\n"
    "  --park default     a 1024th of the pool, at most 4k\n"
    "  --slab BYTES       requests of up to so many, at most 128, come from pages that hold nothing\n"
    "                     else; 0 (default): none\n"
    "  --slab default     up to 32, in pools of 128k and more\n"
    "  --check            fill and verify every block, and check the pool 65 times\n"
    "  --rounds N         time N rounds, 1 to 99; default 5, 1 where a round takes over 10 seconds\n"
    "  --process N        of several recorded processes, the N-th; default: that with most calls\n"
    "  --json             one JSON object instead of text\n"
    "\n"
    "The exit status is 0 if every request was served and nothing was found wrong, 1 if not, 2 for\n"
    "wrong usage, and 125 if tarn could not do its part.\n";

enum { EXIT_SERVED = 0, EXIT_WRONG = 1 };

#define LONG_ROUND UINT64_C(10000000000) /* nanoseconds */

const char *replay_kind_text(unsigned kind)
{
    static const char *const names[TRACE_KINDS] = {"malloc", "calloc", "aligned", "realloc", "free"};
    return kind < TRACE_KINDS ? names[kind] : "?";
}

static uint64_t roomy(const trace *t)
{
    return 4 * t->peak_bytes + 64 * t->peak_objects + (UINT64_C(1) << 20);
}

/* ---- the smallest pool ---- */

static bool serves(replay_pool *p, replay_result *result, uint64_t bytes)
{
    result->tries++;
    progress_begin("searching", result->t->count);
    return replay_pool_make(p, (size_t)bytes) == TARN_OK && replay_fits(p, result->t);
}

/* Sizes are multiples of 8 bytes. Less than the live bytes cannot serve; `most` is known to. */
static uint64_t bisect(replay_pool *p, replay_result *result, uint64_t most)
{
    uint64_t too_small = result->t->peak_bytes / 8;
    uint64_t enough = most / 8;
    too_small -= too_small != 0;
    while (enough - too_small > 1) {
        uint64_t middle = too_small + (enough - too_small) / 2;
        if (serves(p, result, middle * 8)) {
            enough = middle;
        } else {
            too_small = middle;
        }
    }
    return enough * 8;
}

/* Most traces need little more than their peak, so the search begins there. */
static int find_minimum(replay_pool *p, replay_result *result)
{
    const trace *t = result->t;
    uint64_t room = p->room / 8 * 8;
    for (uint64_t spare = t->peak_bytes / 8 + 4096; result->minimum == 0; spare *= 2) {
        uint64_t bytes = (t->peak_bytes + spare) / 8 * 8;
        bytes = bytes < room ? bytes : room;
        if (serves(p, result, bytes)) {
            result->minimum = bisect(p, result, bytes);
        } else if (bytes == room) {
            progress_end();
            tarn_message("'%s': not even a pool of %llu bytes serves the trace", result->request->file,
                         (unsigned long long)room);
            return TARN_EXIT_FAILED;
        }
    }
    return 0;
}

/* ---- time ---- */

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, uint32_t count)
{
    qsort(values, count, sizeof *values, compare);
    return count % 2 != 0 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void measure(replay_pool *p, replay_result *result, uint64_t first)
{
    double times[REPLAY_ROUNDS_MAX], floors[REPLAY_ROUNDS_MAX];
    const trace *t = result->t;
    uint32_t rounds = first > LONG_ROUND ? 1 : result->request->rounds;
    progress_begin("timing", 2 * (uint64_t)rounds * t->count);
    for (uint32_t i = 0; i < rounds; i++) {
        uint64_t time = first;
        if (first <= LONG_ROUND) {
            (void)replay_pool_make(p, p->bytes);
            time = replay_time(p, t);
        }
        times[i] = (double)time / (double)t->count;
        floors[i] = (double)replay_time_floor(p, t) / (double)t->count;
    }
    result->rounds = rounds;
    result->nanoseconds = median(times, rounds);
    result->least = times[0];
    result->most = times[rounds - 1];
    result->floor = median(floors, rounds);
}

/* ---- everything ---- */

static int refuse_pool(const replay_result *result, uint64_t bytes, tarn_status status)
{
    const char *engine = tarn_engine_name(result->request->engine);
    progress_end();
    tarn_message("cannot make a pool of %llu bytes%s%s: %s", (unsigned long long)bytes, engine != NULL ? ", " : "",
                 engine != NULL ? engine : "", tarn_status_text(status));
    return TARN_EXIT_FAILED;
}

static int replay_on(replay_pool *p, replay_result *result, uint64_t bytes)
{
    tarn_status status = replay_pool_make(p, (size_t)bytes);
    if (status != TARN_OK) {
        return refuse_pool(result, bytes, status);
    }
    if (result->request->check) {
        progress_begin("checking", result->t->count);
        replay_verify(p, result);
        (void)replay_pool_make(p, (size_t)bytes);
    }
    progress_begin("replaying", result->t->count);
    uint64_t first = replay_observe(p, result);
    result->control = (uint32_t)(result->stats.bytes - result->stats.capacity);
    measure(p, result, first);
    progress_end();
    return 0;
}

static int replay_pool_and_all(const replay_request *request, replay_result *result)
{
    replay_pool p;
    uint64_t bytes = request->pool != 0 ? request->pool : roomy(result->t);
    int failed = replay_pool_open(&p, request, result->t, bytes);
    if (failed != 0) {
        return failed;
    }
    if (request->minimum) {
        tarn_status status = replay_pool_make(&p, p.room);
        failed = status != TARN_OK ? refuse_pool(result, bytes, status) : find_minimum(&p, result);
        bytes = result->minimum;
    }
    failed = failed != 0 ? failed : replay_on(&p, result, bytes);
    replay_pool_close(&p);
    return failed;
}

static int replay(const replay_request *request, const trace *t)
{
    replay_result *result = calloc(1, sizeof *result);
    if (result == NULL) {
        tarn_message("no memory");
        return TARN_EXIT_FAILED;
    }
    result->request = request;
    result->t = t;
    int code = replay_pool_and_all(request, result);
    if (code == 0) {
        (request->json ? replay_print_json : replay_print_text)(stdout, result);
        code = result->failed != 0 || result->problem[0] != '\0' ? EXIT_WRONG : EXIT_SERVED;
        if (fflush(stdout) != 0 || ferror(stdout) != 0) {
            tarn_message("cannot write to standard output");
            code = TARN_EXIT_FAILED;
        }
    }
    free(result);
    return code;
}

int tarn_replay(char **arguments)
{
    replay_request request;
    trace t;
    int code = replay_options_read(arguments, &request);
    if (code != 0) {
        return code;
    }
    if (request.file == NULL) {
        return tarn_print(help);
    }
    if (!trace_load(&t, request.file, request.process)) {
        tarn_message("'%s': %s", request.file, t.why);
        code = TARN_EXIT_FAILED;
    } else if (t.count == 0) {
        tarn_message("'%s': there is no operation in it", request.file);
        code = TARN_EXIT_FAILED;
    } else {
        code = replay(&request, &t);
    }
    trace_free(&t);
    return code;
}
