/* SPDX-License-Identifier: MIT */
/*
 * The verb `run`: a program, unchanged, with its malloc on a tarn pool.
 */
#define _GNU_SOURCE /* the e of fopen() */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tarn.h"

static const char help[] =
    "usage: tarn run [--engine ENGINE] [--pool SIZE] [--words N] [--guard] [--quarantine SIZE]\n"
    "                [--policy POLICY] [--fail RULE] [--leaks] [--report FILE] [--]\n"
    "                PROGRAM [ARGUMENT...]\n"
    "\n"
    "Runs PROGRAM with malloc and its family replaced by one tarn pool, and prints what the\n"
    "pool saw when it ends. The programs that it starts are run and reported in the same way.\n"
    "\n"
    "  --engine ENGINE   how free blocks are found: tlsf (default), bestfit, linear\n"
    "  --pool SIZE       bytes of the pool, or with k, m, g; at most 8g. Default: 8g, or half of\n"
    "                    what the process may map. Memory is taken only as it is touched\n"
    "  --words N         words noted with each block, 0 (default) to 4: thread, call site, number\n"
    "                    of the allocation, a tag; for dumps and debuggers\n"
    "  --guard           a word behind each block, and writes past the size asked for are found when\n"
    "                    the block is freed or resized\n"
    "  --quarantine SIZE bytes that freed blocks may hold while they wait, filled, before they are\n"
    "                    handed out again; writes to them meanwhile and second frees are found\n"
    "  --policy POLICY   what becomes of a block that was written past, beside a report: stop ends the\n"
    "                    program (default), continue frees it, isolate takes it away and never hands it\n"
    "                    out again; repair ends the program for it, but puts the heap's own data right\n"
    "                    where that is possible\n"
    "  --fail RULE       requests that fail: nth=N, every=N, chance=N (of 65536), seed=N, from=SIZE,\n"
    "                    to=SIZE, once, persistent; several with commas between\n"
    "  --leaks           list what is still allocated at exit on standard error, by thread and call\n"
    "                    site; --words 2 unless that or TARN_WORDS says otherwise\n"
    "  --report FILE     write the report there and not to standard error; - is standard output\n"
    "\n"
    "For dynamically linked glibc programs that are not setuid; others are refused. A process\n"
    "that ends by a signal or by _exit() leaves no report.\n"
    "\n"
    "The exit status is PROGRAM's; if a signal ended it, tarn ends by the same. 125: tarn could\n"
    "not do its part, 126: PROGRAM cannot be executed, 127: there is no PROGRAM, 2: wrong usage.\n";

/* A list without call sites is of little use. */
static int set_leaks(const run_request *request)
{
    bool chosen = request->words != NULL || getenv("TARN_WORDS") != NULL;
    int failed = chosen ? 0 : environment_set("TARN_WORDS", "2");
    return failed != 0 ? failed : environment_set("TARN_LEAKS", "1");
}

static int set_environment(const run_request *request, const char *library, const char *records)
{
    int failed = preload_set(library, false);
    if (failed == 0 && request->engine != NULL) {
        failed = environment_set("TARN_ENGINE", request->engine);
    }
    if (failed == 0 && request->pool != NULL) {
        failed = environment_set("TARN_POOL", request->pool);
    }
    if (failed == 0 && request->words != NULL) {
        failed = environment_set("TARN_WORDS", request->words);
    }
    if (failed == 0 && request->guard) {
        failed = environment_set("TARN_GUARD", "1");
    }
    if (failed == 0 && request->leaks) {
        failed = set_leaks(request);
    }
    if (failed == 0 && request->quarantine != NULL) {
        failed = environment_set("TARN_QUARANTINE", request->quarantine);
    }
    if (failed == 0 && request->policy != NULL) {
        failed = environment_set("TARN_POLICY", request->policy);
    }
    if (failed == 0 && request->fail != NULL) {
        failed = environment_set("TARN_FAIL", request->fail);
    }
    return failed != 0 ? failed : environment_set("TARN_REPORT", records);
}

static int open_report(const char *name, FILE **out)
{
    *out = stderr;
    if (name != NULL && strcmp(name, "-") == 0) {
        *out = stdout;
    } else if (name != NULL) {
        *out = fopen(name, "we");
    }
    if (*out == NULL) {
        tarn_message("cannot write '%s': %s", name, strerror(errno));
        return TARN_EXIT_FAILED;
    }
    return 0;
}

static void close_report(const char *name, FILE *out)
{
    bool failed = fflush(out) != 0 || ferror(out) != 0;
    if (out != stderr && out != stdout) {
        failed = fclose(out) != 0 || failed;
    }
    if (failed) {
        tarn_message("cannot write '%s'", name != NULL ? name : "standard error");
    }
}

static int run(const run_request *request)
{
    char library[PATH_MAX], program[PATH_MAX], records[64];
    run_outcome outcome;
    FILE *out;
    int failed = preload_find(&preload_malloc, library, sizeof library);
    failed = failed != 0 ? failed : program_find(request->program[0], program, sizeof program);
    failed = failed != 0 ? failed : preload_check(&preload_malloc, program, library);
    int descriptor = failed == 0 ? records_open(records, sizeof records) : -1;
    if (descriptor < 0) {
        return failed != 0 ? failed : TARN_EXIT_FAILED;
    }
    failed = open_report(request->report_file, &out);
    failed = failed != 0 ? failed : set_environment(request, library, records);
    failed = failed != 0 ? failed : program_run(program, request->program, &outcome);
    if (failed != 0) {
        return failed;
    }
    records_print(out, descriptor, request->program[0], &outcome);
    close_report(request->report_file, out);
    end_like(outcome.status);
}

int tarn_run(char **arguments)
{
    run_request request;
    int failed = run_options_read(arguments, &request);
    if (failed != 0) {
        return failed;
    }
    return request.program == NULL ? tarn_print(help) : run(&request);
}
