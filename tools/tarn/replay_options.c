/* SPDX-License-Identifier: MIT */
/*
 * The command line of `tarn replay`.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../../faces/malloc/setting_text.h"
#include "options.h"
#include "replay.h"

static int read_engine(const char *value, void *to)
{
    replay_request *request = to;
    request->engine = tarn_engine_read(value);
    if (request->engine == TARN_ENGINE_DEFAULT) {
        tarn_message("unknown engine '%s': none of " TARN_ENGINE_NAMES, value);
        return TARN_EXIT_USAGE;
    }
    return 0;
}

static int read_pool(const char *value, void *to)
{
    replay_request *request = to;
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

static int read_granule(const char *value, void *to)
{
    replay_request *request = to;
    int failed = read_number("--granule", value, 16, &request->granule);
    if (failed == 0 && request->granule != 4 && request->granule != 8 && request->granule != 16) {
        tarn_message("option '--granule': '%s' is none of 4, 8, 16", value);
        return TARN_EXIT_USAGE;
    }
    return failed;
}

static int read_recognition(const char *value, void *to)
{
    static const char *const names[] = {
        [TARN_RECOGNISE_AUTO] = "auto", [TARN_RECOGNISE_KEYED] = "keyed", [TARN_RECOGNISE_EXACT] = "exact"};
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(value, names[i]) == 0) {
            ((replay_request *)to)->recognition = i;
            return 0;
        }
    }
    tarn_message("option '--recognise': '%s' is none of auto, keyed, exact", value);
    return TARN_EXIT_USAGE;
}

/* Below 2 is no number of bytes: TARN_PARK_DEFAULT is one of these. */
static int read_park(const char *value, void *to)
{
    replay_request *request = to;
    uint64_t bytes = 0;
    if (strcmp(value, "default") == 0) {
        bytes = TARN_PARK_DEFAULT;
    } else if (strcmp(value, "0") != 0 && (!tarn_size_read(value, &bytes) || bytes < 2 || bytes > UINT32_MAX)) {
        tarn_message("option '--park': '%s' is neither default nor 0 nor a size from 2 to 4294967295", value);
        return TARN_EXIT_USAGE;
    }
    request->park = (uint32_t)bytes;
    return 0;
}

/* Below 2 is no number of bytes: TARN_SLAB_DEFAULT is one of these. */
static int read_slab(const char *value, void *to)
{
    replay_request *request = to;
    uint64_t bytes = 0;
    if (strcmp(value, "default") == 0) {
        bytes = TARN_SLAB_DEFAULT;
    } else if (strcmp(value, "0") != 0 && (!tarn_size_read(value, &bytes) || bytes < 2 || bytes > 128)) {
        tarn_message("option '--slab': '%s' is neither default nor 0 nor a size from 2 to 128", value);
        return TARN_EXIT_USAGE;
    }
    request->slab = (uint32_t)bytes;
    return 0;
}

static int read_rounds(const char *value, void *to)
{
    return read_number("--rounds", value, REPLAY_ROUNDS_MAX, &((replay_request *)to)->rounds);
}

static int read_process(const char *value, void *to)
{
    return read_number("--process", value, 999999, &((replay_request *)to)->process);
}

static const verb_option rows[] = {
    {"engine", read_engine, 0, 0},
    {"pool", read_pool, 0, 0},
    {"granule", read_granule, 0, 0},
    {"recognise", read_recognition, 0, 0},
    {"park", read_park, 0, 0},
    {"slab", read_slab, 0, 0},
    {"rounds", read_rounds, 0, 0},
    {"process", read_process, 0, 0},
    {"check", NULL, offsetof(replay_request, check), 0},
    {"json", NULL, offsetof(replay_request, json), 0},
};

static const verb_options options = {"replay", rows, sizeof rows / sizeof rows[0], false};

int replay_options_read(char **arguments, replay_request *request)
{
    char **rest;
    memset(request, 0, sizeof *request);
    request->rounds = 5;
    int failed = options_read(&options, arguments, request, &rest);
    if (failed != 0) {
        return failed == OPTIONS_HELP ? 0 : failed;
    }
    if (rest[0] == NULL || rest[1] != NULL) {
        return options_refuse(&options, rest[0] == NULL ? "no file given" : "more than one file given");
    }
    request->file = rest[0];
    return 0;
}
