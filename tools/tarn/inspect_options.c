/* SPDX-License-Identifier: MIT */
/*
 * The command line of `tarn inspect`.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../../faces/malloc/setting_text.h"
#include "inspect.h"
#include "options.h"

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
static int read_why(const char *value, void *context)
{
    inspect_request *request = context;
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

static int read_pid(const char *value, void *context)
{
    inspect_request *request = context;
    uint64_t pid;
    int failed = read_number("--pid", value, INT32_MAX, &pid);
    request->pid = (long)pid;
    if (failed == 0 && pid == 0) {
        tarn_message("option '--pid': there is no process 0");
        return TARN_EXIT_USAGE;
    }
    return failed;
}

static int read_since(const char *value, void *context)
{
    inspect_request *request = context;
    uint64_t since;
    int failed = read_number("--since", value, UINT32_MAX, &since);
    request->since = (uint32_t)since;
    request->since_given = request->leaks = true;
    return failed;
}

static int read_at(const char *value, void *context)
{
    inspect_request *request = context;
    request->at_given = true;
    return read_number("--at", value, UINT64_MAX, &request->at);
}

static int read_elf(const char *value, void *context)
{
    ((inspect_request *)context)->elf = value;
    return 0;
}

static int read_base(const char *value, void *context)
{
    inspect_request *request = context;
    request->raw = true;
    return read_number("--base", value, UINT64_MAX, &request->base);
}

static const verb_option rows[] = {
    {"at", read_at, 0, 0},
    {"elf", read_elf, 0, 0},
    {"base", read_base, 0, 0},
    {"pid", read_pid, 0, 0},
    {"why", read_why, 0, 0},
    {"since", read_since, 0, 0},
    {"json", NULL, offsetof(inspect_request, json), 0},
    {"all", NULL, offsetof(inspect_request, all), 0},
    {"raw", NULL, offsetof(inspect_request, raw), 0},
    {"map", NULL, offsetof(inspect_request, map), 0},
    {"histogram", NULL, offsetof(inspect_request, histogram), 0},
    {"owners", NULL, offsetof(inspect_request, owners), 0},
    {"leaks", NULL, offsetof(inspect_request, leaks), 0},
};

static const verb_options options = {"inspect", rows, sizeof rows / sizeof rows[0], false};

static int take_file(char **rest, inspect_request *request)
{
    const char *wrong = NULL;
    request->file = rest[0];
    if (request->pid == 0 && request->file == NULL) {
        wrong = "no file given";
    } else if (request->pid != 0 && request->file != NULL) {
        wrong = "a file and --pid exclude each other";
    } else if (request->pid != 0 && request->raw) {
        wrong = "--raw and --base are for files";
    } else if (request->file != NULL && rest[1] != NULL) {
        wrong = "more than one file given";
    }
    return wrong == NULL ? 0 : options_refuse(&options, wrong);
}

int inspect_options_read(char **arguments, inspect_request *request)
{
    char **rest;
    memset(request, 0, sizeof *request);
    int failed = options_read(&options, arguments, request, &rest);
    if (failed == OPTIONS_HELP) {
        memset(request, 0, sizeof *request);
        return 0;
    }
    return failed != 0 ? failed : take_file(rest, request);
}
