/* SPDX-License-Identifier: MIT */
/*
 * The verb `record`: a program, unchanged, whose calls of malloc and its family are written to a trace.
 */
#include <limits.h>
#include <string.h>
#include <sys/wait.h>

#include "../record/ring.h"
#include "../trace/stream.h"
#include "drain.h"
#include "options.h"
#include "tarn.h"

static const char help[] =
    "usage: tarn record -o FILE [--] PROGRAM [ARGUMENT...]\n"
    "\n"
    "Runs PROGRAM and writes every call of malloc and its family to FILE, for `tarn replay`: when,\n"
    "by which thread, from where, of what size and alignment, and what came of it. The program keeps\n"
    "its own allocator. The programs that it starts are recorded into the same file.\n"
    "\n"
    "  -o, --output FILE  the trace, compressed; one that is there is replaced\n"
    "\n"
    "For dynamically linked glibc programs that are not setuid; others are refused. A process that\n"
    "ends by a signal or by _exit() is recorded to its last call. What still runs when PROGRAM has\n"
    "ended is recorded until then.\n"
    "\n"
    "The exit status is PROGRAM's; if a signal ended it, tarn ends by the same. 125: tarn could\n"
    "not do its part, 126: PROGRAM cannot be executed, 127: there is no PROGRAM, 2: wrong usage.\n";

typedef struct record_request {
    const char *file;
    char **program; /* NULL if only help was asked for */
} record_request;

static int read_output(const char *value, void *request)
{
    ((record_request *)request)->file = value;
    return 0;
}

static const verb_option rows[] = {{"output", read_output, 0, 'o'}};
static const verb_options options = {"record", rows, 1, true};

static int read_options(char **arguments, record_request *request)
{
    char **rest;
    memset(request, 0, sizeof *request);
    int failed = options_read(&options, arguments, request, &rest);
    if (failed != 0) {
        return failed == OPTIONS_HELP ? 0 : failed;
    }
    if (request->file == NULL || request->file[0] == '\0') {
        return options_refuse(&options, "no file given to record into: -o FILE");
    }
    if (rest[0] == NULL) {
        return options_refuse(&options, "no program given");
    }
    request->program = rest;
    return 0;
}

static void tell(const char *file, const drain_sums *sums)
{
    tarn_message("%llu calls of %u process%s in '%s'", (unsigned long long)sums->calls, sums->processes,
                 sums->processes == 1 ? "" : "es", file);
    if (sums->lost != 0) {
        tarn_message("%llu calls were under way when their process ended, and are not in it",
                     (unsigned long long)sums->lost);
    }
    if (sums->left_out != 0) {
        tarn_message("%u processes are not in it: more than %d ran at the same time", sums->left_out, RING_COUNT);
    }
    if (sums->cut != 0) {
        tarn_message("%u processes still run, and are in it up to here", sums->cut);
    }
}

static int record(const record_request *request)
{
    char library[PATH_MAX], program[PATH_MAX], path[64];
    run_outcome outcome;
    drain_sums sums;
    if (!sink_available()) {
        tarn_message("cannot record: this tarn was built without libzstd (Debian: libzstd-dev)");
        return TARN_EXIT_FAILED;
    }
    int failed = preload_find(&preload_record, library, sizeof library);
    failed = failed != 0 ? failed : program_find(request->program[0], program, sizeof program);
    failed = failed != 0 ? failed : preload_check(&preload_record, program, library);
    drain *d = failed == 0 ? drain_open(request->file, path, sizeof path) : NULL;
    if (d == NULL) {
        return failed != 0 ? failed : TARN_EXIT_FAILED;
    }
    failed = preload_set(library, true);
    failed = failed != 0 ? failed : environment_set(RING_VARIABLE, path);
    failed = failed != 0 ? failed : drain_start(d);
    if (failed != 0) {
        return failed;
    }
    failed = program_run(program, request->program, &outcome);
    drain_end(d, &sums);
    if (failed != 0) {
        return failed;
    }
    tell(request->file, &sums);
    if (WIFEXITED(outcome.status) && WEXITSTATUS(outcome.status) != 0) {
        tarn_message("the program ended with status %d", WEXITSTATUS(outcome.status));
    }
    if (sums.error != 0) {
        tarn_message("cannot write '%s': %s", request->file, strerror(sums.error));
        return TARN_EXIT_FAILED;
    }
    end_like(outcome.status);
}

int tarn_record_calls(char **arguments)
{
    record_request request;
    int failed = read_options(arguments, &request);
    if (failed != 0) {
        return failed;
    }
    return request.program == NULL ? tarn_print(help) : record(&request);
}
