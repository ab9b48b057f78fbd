/* SPDX-License-Identifier: MIT */
/*
 * What the environment asks of the heap.
 *
 * getenv() is not used: a library marked "initialise first" may allocate before the C library has taken over its
 * environment, and then the variables are read from /proc instead of being silently ignored.
 *
 * Bound: bytes of the environment, once per process.
 */
#define _POSIX_C_SOURCE 200809L /* O_CLOEXEC */
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "face.h"
#include "fail_text.h"
#include "setting_text.h"

extern char **environ;

/* Of a long value, the beginning is enough to know it again. */
static void complain(const char *variable, const char *value, const char *problem)
{
    char beginning[64];
    size_t length = strlen(value);
    size_t shown = length < sizeof beginning ? length : sizeof beginning - 1;
    memcpy(beginning, value, shown);
    beginning[shown] = '\0';
    tarn_malloc_text line = {.length = 0};
    tarn_malloc_text_add(&line, "tarn: ");
    tarn_malloc_text_add(&line, variable);
    tarn_malloc_text_add(&line, "=");
    tarn_malloc_text_add(&line, beginning);
    tarn_malloc_text_add(&line, shown < length ? "..." : "");
    tarn_malloc_text_add(&line, problem);
    tarn_malloc_text_write(&line, STDERR_FILENO);
}

static void set_engine(tarn_malloc_settings *settings, const char *value)
{
    settings->engine = tarn_engine_read(value);
    if (settings->engine == TARN_ENGINE_DEFAULT) {
        complain("TARN_ENGINE", value, " is none of " TARN_ENGINE_NAMES "; using the default\n");
    }
}

static void set_pool(tarn_malloc_settings *settings, const char *value)
{
    uint64_t bytes;
    if (!tarn_size_read(value, &bytes)) {
        complain("TARN_POOL", value, " is not a size such as 65536, 64k, 32m or 1g; using the default\n");
    } else if (bytes > TARN_MALLOC_LARGEST_POOL) {
        complain("TARN_POOL", value, " is more than 8g, the largest pool; using the default\n");
    } else {
        settings->pool_bytes = bytes;
    }
}

static void set_quarantine(tarn_malloc_settings *settings, const char *value)
{
    if (!tarn_size_read(value, &settings->quarantine_bytes)) {
        complain("TARN_QUARANTINE", value, " is not a size such as 65536, 64k, 32m or 1g; blocks do not wait\n");
    }
}

static void set_words(tarn_malloc_settings *settings, const char *value)
{
    if (!tarn_words_read(value, &settings->words)) {
        complain("TARN_WORDS", value, " is none of 0, 1, 2, 3, 4; using 0\n");
    }
}

static void set_guard(tarn_malloc_settings *settings, const char *value)
{
    if (!tarn_switch_read(value, &settings->guard)) {
        complain("TARN_GUARD", value, " is none of 0, 1; using 0\n");
    }
}

static void set_leaks(tarn_malloc_settings *settings, const char *value)
{
    if (!tarn_switch_read(value, &settings->leaks)) {
        complain("TARN_LEAKS", value, " is none of 0, 1; using 0\n");
    }
}

static void set_policy(tarn_malloc_settings *settings, const char *value)
{
    if (!tarn_malloc_policy_read(value, &settings->policy)) {
        complain("TARN_POLICY", value, " is none of " TARN_MALLOC_POLICY_NAMES "; using stop\n");
    }
}

static void set_report(tarn_malloc_settings *settings, const char *value)
{
    size_t length = strlen(value);
    if (length >= sizeof settings->report) {
        complain("TARN_REPORT", value, " is too long a path; writing no record\n");
        return;
    }
    memcpy(settings->report, value, length + 1);
}

static void set_fail(tarn_malloc_settings *settings, const char *value)
{
    settings->fails = tarn_fail_read(value, &settings->fail);
    if (!settings->fails) {
        complain("TARN_FAIL", value, " is no rule of " TARN_FAIL_WORDS "; failing nothing\n");
    }
}

/* The value if the variable has this name, else NULL. */
static const char *value_of(const char *variable, const char *name)
{
    size_t length = strlen(name);
    return strncmp(variable, name, length) == 0 && variable[length] == '=' ? variable + length + 1 : NULL;
}

/* An empty value is as good as none, so that one may write `TARN_POOL= program`. */
static void take(tarn_malloc_settings *settings, const char *variable)
{
    static const struct {
        const char *name;
        void (*set)(tarn_malloc_settings *settings, const char *value);
    } known[] = {{"TARN_ENGINE", set_engine}, {"TARN_POOL", set_pool},
                 {"TARN_WORDS", set_words},   {"TARN_GUARD", set_guard},
                 {"TARN_POLICY", set_policy}, {"TARN_REPORT", set_report},
                 {"TARN_FAIL", set_fail},     {"TARN_QUARANTINE", set_quarantine},
                 {"TARN_LEAKS", set_leaks}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const char *value = value_of(variable, known[i].name);
        if (value != NULL && value[0] != '\0') {
            known[i].set(settings, value);
        }
    }
}

/* /proc/self/environ: variables that end in a zero byte each. What the buffer cuts would be refused whole, too. */
static void take_from_proc(tarn_malloc_settings *settings)
{
    char variable[TARN_MALLOC_PATH_BYTES + 64] = {0};
    size_t length = 0;
    char chunk[512];
    ssize_t got;
    int file = open("/proc/self/environ", O_RDONLY | O_CLOEXEC);
    while (file >= 0 && (got = read(file, chunk, sizeof chunk)) > 0) {
        for (ssize_t i = 0; i < got; i++) {
            if (length < sizeof variable) {
                variable[length++] = chunk[i];
            }
            if (chunk[i] == '\0') {
                variable[length - 1] = '\0';
                take(settings, variable);
                length = 0;
            }
        }
    }
    if (file >= 0) {
        (void)close(file);
    }
}

void tarn_malloc_settings_read(tarn_malloc_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    if (getauxval(AT_SECURE) != 0) {
        return;
    }
    if (environ == NULL) {
        take_from_proc(settings);
        return;
    }
    for (char **variable = environ; *variable != NULL; variable++) {
        take(settings, *variable);
    }
}
