/* SPDX-License-Identifier: MIT */
/*
 * The command line of `tarn run`.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../../faces/malloc/fail_text.h"
#include "../../faces/malloc/setting_text.h"
#include "options.h"
#include "tarn.h"

/* Whether the library to preload has the engine, only that library knows; it says so if not. */
static int read_engine(const char *value, void *request)
{
    if (tarn_engine_read(value) == TARN_ENGINE_DEFAULT) {
        tarn_message("unknown engine '%s': none of " TARN_ENGINE_NAMES, value);
        return TARN_EXIT_USAGE;
    }
    ((run_request *)request)->engine = value;
    return 0;
}

static int read_size(const char *value, uint64_t *bytes)
{
    if (!tarn_size_read(value, bytes)) {
        tarn_message("'%s' is not a size: a number above 0, in bytes or with k, m or g behind it", value);
        return TARN_EXIT_USAGE;
    }
    return 0;
}

static int read_quarantine(const char *value, void *request)
{
    uint64_t bytes;
    ((run_request *)request)->quarantine = value;
    return read_size(value, &bytes);
}

static int read_pool(const char *value, void *request)
{
    uint64_t bytes;
    if (read_size(value, &bytes) != 0) {
        return TARN_EXIT_USAGE;
    }
    if (bytes > TARN_MALLOC_LARGEST_POOL) {
        tarn_message("a pool of '%s' is too large: at most 8g", value);
        return TARN_EXIT_USAGE;
    }
    ((run_request *)request)->pool = value;
    return 0;
}

static int read_words(const char *value, void *request)
{
    uint32_t words;
    if (!tarn_words_read(value, &words)) {
        tarn_message("'%s' is no number of words: 0, 1, 2, 3 or 4", value);
        return TARN_EXIT_USAGE;
    }
    ((run_request *)request)->words = value;
    return 0;
}

static int read_policy(const char *value, void *request)
{
    uint32_t policy;
    if (!tarn_malloc_policy_read(value, &policy)) {
        tarn_message("unknown policy '%s': none of " TARN_MALLOC_POLICY_NAMES, value);
        return TARN_EXIT_USAGE;
    }
    ((run_request *)request)->policy = value;
    return 0;
}

static int read_fail(const char *value, void *request)
{
    tarn_injection rule;
    if (!tarn_fail_read(value, &rule)) {
        tarn_message("'%s' is no rule of " TARN_FAIL_WORDS, value);
        return TARN_EXIT_USAGE;
    }
    ((run_request *)request)->fail = value;
    return 0;
}

static int read_report(const char *value, void *request)
{
    if (value[0] == '\0') {
        tarn_message("--report needs the name of a file");
        return TARN_EXIT_USAGE;
    }
    ((run_request *)request)->report_file = value;
    return 0;
}

static const verb_option rows[] = {
    {"engine", read_engine, 0, 0},
    {"pool", read_pool, 0, 0},
    {"words", read_words, 0, 0},
    {"guard", NULL, offsetof(run_request, guard), 0},
    {"policy", read_policy, 0, 0},
    {"fail", read_fail, 0, 0},
    {"report", read_report, 0, 0},
    {"quarantine", read_quarantine, 0, 0},
    {"leaks", NULL, offsetof(run_request, leaks), 0},
};

static const verb_options options = {"run", rows, sizeof rows / sizeof rows[0], true};

int run_options_read(char **arguments, run_request *request)
{
    char **rest;
    memset(request, 0, sizeof *request);
    int failed = options_read(&options, arguments, request, &rest);
    if (failed != 0) {
        return failed == OPTIONS_HELP ? 0 : failed;
    }
    if (rest[0] == NULL) {
        return options_refuse(&options, "no program given");
    }
    request->program = rest;
    return 0;
}
