/* SPDX-License-Identifier: MIT */
/*
 * The command line of `tarn run`. What is wrong with it is found here, before anything runs.
 */
#define _GNU_SOURCE /* getopt_long */
#include <getopt.h>
#include <stdint.h>
#include <string.h>

#include "../../faces/malloc/fail_text.h"
#include "../../faces/malloc/setting_text.h"
#include "tarn.h"

/* Above every character, so that getopt's reports tell long options from short ones. */
enum {
    OPTION_ENGINE = 256,
    OPTION_POOL,
    OPTION_WORDS,
    OPTION_GUARD,
    OPTION_POLICY,
    OPTION_REPORT,
    OPTION_FAIL,
    OPTION_HELP
};

static const struct option options[] = {{"engine", required_argument, NULL, OPTION_ENGINE},
                                        {"pool", required_argument, NULL, OPTION_POOL},
                                        {"words", required_argument, NULL, OPTION_WORDS},
                                        {"guard", no_argument, NULL, OPTION_GUARD},
                                        {"policy", required_argument, NULL, OPTION_POLICY},
                                        {"fail", required_argument, NULL, OPTION_FAIL},
                                        {"report", required_argument, NULL, OPTION_REPORT},
                                        {"help", no_argument, NULL, OPTION_HELP},
                                        {NULL, 0, NULL, 0}};

/* Whether the library to preload has the engine, only that library knows; it says so if not. */
static int read_engine(const char *value, run_request *request)
{
    if (tarn_engine_read(value) == TARN_ENGINE_DEFAULT) {
        tarn_message("unknown engine '%s': none of " TARN_ENGINE_NAMES, value);
        return TARN_EXIT_USAGE;
    }
    request->engine = value;
    return 0;
}

static int read_pool(const char *value, run_request *request)
{
    uint64_t bytes;
    if (!tarn_size_read(value, &bytes)) {
        tarn_message("'%s' is not a size: a number above 0, in bytes or with k, m or g behind it", value);
        return TARN_EXIT_USAGE;
    }
    if (bytes > TARN_MALLOC_LARGEST_POOL) {
        tarn_message("a pool of '%s' is too large: at most 8g", value);
        return TARN_EXIT_USAGE;
    }
    request->pool = value;
    return 0;
}

static int read_words(const char *value, run_request *request)
{
    uint32_t words;
    if (!tarn_words_read(value, &words)) {
        tarn_message("'%s' is no number of words: 0, 1, 2, 3 or 4", value);
        return TARN_EXIT_USAGE;
    }
    request->words = value;
    return 0;
}

static int read_policy(const char *value, run_request *request)
{
    uint32_t policy;
    if (!tarn_malloc_policy_read(value, &policy)) {
        tarn_message("unknown policy '%s': none of " TARN_MALLOC_POLICY_NAMES, value);
        return TARN_EXIT_USAGE;
    }
    request->policy = value;
    return 0;
}

static int read_fail(const char *value, run_request *request)
{
    tarn_injection rule;
    if (!tarn_fail_read(value, &rule)) {
        tarn_message("'%s' is no rule of " TARN_FAIL_WORDS, value);
        return TARN_EXIT_USAGE;
    }
    request->fail = value;
    return 0;
}

static int read_report(const char *value, run_request *request)
{
    if (value[0] == '\0') {
        tarn_message("--report needs the name of a file");
        return TARN_EXIT_USAGE;
    }
    request->report_file = value;
    return 0;
}

int tarn_refuse_option(const char *verb, char **arguments, int answer, int first_long)
{
    if (answer == ':') {
        tarn_message("option '%s' needs a value", arguments[optind - 1]);
    } else if (optopt > 0 && optopt < first_long) {
        tarn_message("unknown option '-%c'", optopt);
    } else {
        tarn_message("unknown option '%s'", arguments[optind - 1]);
    }
    fprintf(stderr, "Try `tarn %s --help`.\n", verb);
    return TARN_EXIT_USAGE;
}

static int take_option(char **arguments, int answer, run_request *request)
{
    switch (answer) {
    case OPTION_ENGINE:
        return read_engine(optarg, request);
    case OPTION_POOL:
        return read_pool(optarg, request);
    case OPTION_WORDS:
        return read_words(optarg, request);
    case OPTION_GUARD:
        request->guard = "1";
        return 0;
    case OPTION_POLICY:
        return read_policy(optarg, request);
    case OPTION_FAIL:
        return read_fail(optarg, request);
    case OPTION_REPORT:
        return read_report(optarg, request);
    default:
        return tarn_refuse_option("run", arguments, answer, OPTION_ENGINE);
    }
}

int run_options_read(char **arguments, run_request *request)
{
    int count = 0;
    while (arguments[count] != NULL) {
        count++;
    }
    memset(request, 0, sizeof *request);
    opterr = 0;
    int answer;
    /* '+': the first argument that is no option is the program, and what follows is the program's. */
    while ((answer = getopt_long(count, arguments, "+:h", options, NULL)) != -1) {
        if (answer == 'h' || answer == OPTION_HELP) {
            return 0;
        }
        int failed = take_option(arguments, answer, request);
        if (failed != 0) {
            return failed;
        }
    }
    if (arguments[optind] == NULL) {
        tarn_message("no program given");
        (void)fputs("Try `tarn run --help`.\n", stderr);
        return TARN_EXIT_USAGE;
    }
    request->program = arguments + optind;
    return 0;
}
