/* SPDX-License-Identifier: MIT */
/*
 * The command line of `tarn inspect`.
 */
#define _GNU_SOURCE /* getopt_long */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "../../faces/malloc/setting_text.h"
#include "inspect.h"

/* Above every character, so that getopt's reports tell long options from short ones. */
enum {
    OPTION_AT = 256,
    OPTION_ELF,
    OPTION_JSON,
    OPTION_ALL,
    OPTION_RAW,
    OPTION_BASE,
    OPTION_PID,
    OPTION_WHY,
    OPTION_MAP,
    OPTION_HISTOGRAM,
    OPTION_OWNERS,
    OPTION_LEAKS,
    OPTION_SINCE,
    OPTION_HELP
};

static const struct option options[] = {{"at", required_argument, NULL, OPTION_AT},
                                        {"elf", required_argument, NULL, OPTION_ELF},
                                        {"json", no_argument, NULL, OPTION_JSON},
                                        {"all", no_argument, NULL, OPTION_ALL},
                                        {"raw", no_argument, NULL, OPTION_RAW},
                                        {"base", required_argument, NULL, OPTION_BASE},
                                        {"pid", required_argument, NULL, OPTION_PID},
                                        {"why", required_argument, NULL, OPTION_WHY},
                                        {"map", no_argument, NULL, OPTION_MAP},
                                        {"histogram", no_argument, NULL, OPTION_HISTOGRAM},
                                        {"owners", no_argument, NULL, OPTION_OWNERS},
                                        {"leaks", no_argument, NULL, OPTION_LEAKS},
                                        {"since", required_argument, NULL, OPTION_SINCE},
                                        {"help", no_argument, NULL, OPTION_HELP},
                                        {NULL, 0, NULL, 0}};

/* A number, decimal or hexadecimal after 0x, of at most `most`. */
static int read_number(const char *option, const char *text, uint64_t most, uint64_t *number)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = hexadecimal ? text + 2 : text;
    char *end = NULL;
    errno = 0;
    *number = strtoull(digits, &end, hexadecimal ? 16 : 10);
    /* strtoull() takes signs, blanks and a second 0x */
    bool plain = digits[0] != '\0' && strspn(digits, "0123456789abcdefABCDEF") == strlen(digits);
    if (!plain || *end != '\0' || errno != 0 || *number > most) {
        tarn_message("option '%s': '%s' is not a number from 0 to %#llx", option, text, (unsigned long long)most);
        return TARN_EXIT_USAGE;
    }
    return 0;
}

static bool read_alignment(const char *text, uint64_t *alignment)
{
    return tarn_size_read(text, alignment) && (*alignment & (*alignment - 1u)) == 0;
}

/* SIZE[:ALIGNMENT] */
static int read_why(const char *value, inspect_request *request)
{
    char size[64];
    const char *colon = strchr(value, ':');
    size_t length = colon != NULL ? (size_t)(colon - value) : strlen(value);
    request->why = true;
    request->why_alignment = 0;
    if (length < sizeof size) {
        memcpy(size, value, length);
        size[length] = '\0';
    }
    if (length >= sizeof size || !tarn_size_read(size, &request->why_size) ||
        (colon != NULL && !read_alignment(colon + 1, &request->why_alignment))) {
        tarn_message("'%s' is not SIZE or SIZE:ALIGNMENT: numbers above 0, in bytes or with k, m or g behind them, the "
                     "alignment a power of two",
                     value);
        return TARN_EXIT_USAGE;
    }
    return 0;
}

static int read_pid(const char *value, inspect_request *request)
{
    uint64_t pid;
    int failed = read_number("--pid", value, INT32_MAX, &pid);
    request->pid = (long)pid;
    if (failed == 0 && pid == 0) {
        tarn_message("option '--pid': there is no process 0");
        return TARN_EXIT_USAGE;
    }
    return failed;
}

static int read_since(const char *value, inspect_request *request)
{
    uint64_t since;
    int failed = read_number("--since", value, UINT32_MAX, &since);
    request->since = (uint32_t)since;
    request->since_given = request->leaks = true;
    return failed;
}

static int take_value(char **arguments, int answer, inspect_request *request)
{
    switch (answer) {
    case OPTION_AT:
        request->at_given = true;
        return read_number("--at", optarg, UINT64_MAX, &request->at);
    case OPTION_ELF:
        request->elf = optarg;
        return 0;
    case OPTION_BASE:
        request->raw = true;
        return read_number("--base", optarg, UINT64_MAX, &request->base);
    case OPTION_PID:
        return read_pid(optarg, request);
    case OPTION_WHY:
        return read_why(optarg, request);
    case OPTION_SINCE:
        return read_since(optarg, request);
    default:
        return tarn_refuse_option("inspect", arguments, answer, OPTION_AT);
    }
}

static int take_option(char **arguments, int answer, inspect_request *request)
{
    switch (answer) {
    case OPTION_JSON:
        request->json = true;
        return 0;
    case OPTION_ALL:
        request->all = true;
        return 0;
    case OPTION_RAW:
        request->raw = true;
        return 0;
    case OPTION_MAP:
        request->map = true;
        return 0;
    case OPTION_HISTOGRAM:
        request->histogram = true;
        return 0;
    case OPTION_OWNERS:
        request->owners = true;
        return 0;
    case OPTION_LEAKS:
        request->leaks = true;
        return 0;
    default:
        return take_value(arguments, answer, request);
    }
}

static int take_file(char **arguments, int count, inspect_request *request)
{
    const char *wrong = NULL;
    request->file = arguments[optind];
    if (request->pid == 0 && request->file == NULL) {
        wrong = "no file given";
    } else if (request->pid != 0 && request->file != NULL) {
        wrong = "a file and --pid exclude each other";
    } else if (request->pid != 0 && request->raw) {
        wrong = "--raw and --base are for files";
    } else if (count - optind > 1) {
        wrong = "more than one file given";
    }
    if (wrong == NULL) {
        return 0;
    }
    tarn_message("%s", wrong);
    (void)fputs("Try `tarn inspect --help`.\n", stderr);
    return TARN_EXIT_USAGE;
}

int inspect_options_read(char **arguments, inspect_request *request)
{
    int count = 0;
    while (arguments[count] != NULL) {
        count++;
    }
    memset(request, 0, sizeof *request);
    opterr = 0;
    int answer;
    while ((answer = getopt_long(count, arguments, ":h", options, NULL)) != -1) {
        if (answer == 'h' || answer == OPTION_HELP) {
            memset(request, 0, sizeof *request);
            return 0;
        }
        int failed = take_option(arguments, answer, request);
        if (failed != 0) {
            return failed;
        }
    }
    return take_file(arguments, count, request);
}
