/* SPDX-License-Identifier: MIT */
/*
 * The command line of `tarn replay`.
 */
#define _GNU_SOURCE /* getopt_long */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "../../faces/malloc/setting_text.h"
#include "replay.h"

enum {
    OPTION_ENGINE = 256,
    OPTION_POOL,
    OPTION_GRANULE,
    OPTION_RECOGNISE,
    OPTION_ROUNDS,
    OPTION_PROCESS,
    OPTION_CHECK,
    OPTION_JSON,
    OPTION_HELP
};

static const struct option options[] = {{"engine", required_argument, NULL, OPTION_ENGINE},
                                        {"pool", required_argument, NULL, OPTION_POOL},
                                        {"granule", required_argument, NULL, OPTION_GRANULE},
                                        {"recognise", required_argument, NULL, OPTION_RECOGNISE},
                                        {"rounds", required_argument, NULL, OPTION_ROUNDS},
                                        {"process", required_argument, NULL, OPTION_PROCESS},
                                        {"check", no_argument, NULL, OPTION_CHECK},
                                        {"json", no_argument, NULL, OPTION_JSON},
                                        {"help", no_argument, NULL, OPTION_HELP},
                                        {NULL, 0, NULL, 0}};

static int read_engine(const char *value, replay_request *request)
{
    request->engine = tarn_engine_read(value);
    if (request->engine == TARN_ENGINE_DEFAULT) {
        tarn_message("unknown engine '%s': none of " TARN_ENGINE_NAMES, value);
        return TARN_EXIT_USAGE;
    }
    return 0;
}

static int read_pool(const char *value, replay_request *request)
{
    request->pool = 0;
    request->minimum = strcmp(value, "min") == 0;
    if (!request->minimum && !tarn_size_read(value, &request->pool)) {
        tarn_message("'%s' is neither min nor a size: a number above 0, in bytes or with k, m or g behind it", value);
        return TARN_EXIT_USAGE;
    }
    if (request->pool > TARN_MALLOC_LARGEST_POOL) {
        tarn_message("a pool of '%s' is too large: at most 8g", value);
        return TARN_EXIT_USAGE;
    }
    return 0;
}

/* A number from 1 to `most`, in decimal. */
static int read_number(const char *option, const char *value, uint32_t most, uint32_t *number)
{
    bool plain = value[0] != '\0' && strlen(value) < 10 && strspn(value, "0123456789") == strlen(value);
    *number = plain ? (uint32_t)strtoul(value, NULL, 10) : 0;
    if (*number == 0 || *number > most) {
        tarn_message("option '%s': '%s' is not a number from 1 to %u", option, value, most);
        return TARN_EXIT_USAGE;
    }
    return 0;
}

static int read_granule(const char *value, replay_request *request)
{
    int failed = read_number("--granule", value, 16, &request->granule);
    if (failed == 0 && request->granule != 4 && request->granule != 8 && request->granule != 16) {
        tarn_message("option '--granule': '%s' is none of 4, 8, 16", value);
        return TARN_EXIT_USAGE;
    }
    return failed;
}

static int read_recognition(const char *value, replay_request *request)
{
    static const char *const names[] = {
        [TARN_RECOGNISE_AUTO] = "auto", [TARN_RECOGNISE_KEYED] = "keyed", [TARN_RECOGNISE_EXACT] = "exact"};
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(value, names[i]) == 0) {
            request->recognition = i;
            return 0;
        }
    }
    tarn_message("option '--recognise': '%s' is none of auto, keyed, exact", value);
    return TARN_EXIT_USAGE;
}

static int take_option(char **arguments, int answer, replay_request *request)
{
    switch (answer) {
    case OPTION_ENGINE:
        return read_engine(optarg, request);
    case OPTION_POOL:
        return read_pool(optarg, request);
    case OPTION_GRANULE:
        return read_granule(optarg, request);
    case OPTION_RECOGNISE:
        return read_recognition(optarg, request);
    case OPTION_ROUNDS:
        return read_number("--rounds", optarg, REPLAY_ROUNDS_MAX, &request->rounds);
    case OPTION_PROCESS:
        return read_number("--process", optarg, 999999, &request->process);
    case OPTION_CHECK:
        request->check = true;
        return 0;
    case OPTION_JSON:
        request->json = true;
        return 0;
    default:
        return tarn_refuse_option("replay", arguments, answer, OPTION_ENGINE);
    }
}

static int take_file(char **arguments, int count, replay_request *request)
{
    request->file = arguments[optind];
    if (request->file != NULL && count - optind == 1) {
        return 0;
    }
    tarn_message("%s", request->file == NULL ? "no file given" : "more than one file given");
    (void)fputs("Try `tarn replay --help`.\n", stderr);
    return TARN_EXIT_USAGE;
}

int replay_options_read(char **arguments, replay_request *request)
{
    int count = 0;
    while (arguments[count] != NULL) {
        count++;
    }
    memset(request, 0, sizeof *request);
    request->rounds = 5;
    opterr = 0;
    int answer;
    while ((answer = getopt_long(count, arguments, ":h", options, NULL)) != -1) {
        if (answer == 'h' || answer == OPTION_HELP) {
            request->file = NULL;
            return 0;
        }
        int failed = take_option(arguments, answer, request);
        if (failed != 0) {
            return failed;
        }
    }
    return take_file(arguments, count, request);
}
