/* SPDX-License-Identifier: MIT */
/*
 * The `tarn` command: finds the verb. Each verb is a file or a few of its own.
 */
#include <stdarg.h>
#include <string.h>

#include "tarn.h"
#include "tarn/version.h"

static const char usage[] = "usage: tarn [--help | --version] VERB [OPTIONS]\n";

static const char help[] = "\n"
                           "Memory pools that you can see through.\n"
                           "\n"
                           "Verbs:\n"
                           "  run      run a program with its malloc on a pool, and tell what the pool saw\n"
                           "  record   run a program and write down what it asks of malloc\n"
                           "  replay   ask a pool the same, and tell how fast, how full and how small it can be\n"
                           "  inspect  find and check the pools in a dump, a core file or a live process\n"
                           "\n"
                           "`tarn VERB --help` describes a verb, `man tarn` everything.\n";

static const struct {
    const char *name;
    int (*act)(char **arguments);
} verbs[] = {{"run", tarn_run}, {"record", tarn_record_calls}, {"replay", tarn_replay}, {"inspect", tarn_inspect}};

void tarn_message(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)fputs("tarn: ", stderr);
    (void)vfprintf(stderr, format, values);
    (void)fputc('\n', stderr);
    va_end(values);
}

int tarn_print(const char *text)
{
    if (fputs(text, stdout) == EOF || fflush(stdout) == EOF) {
        tarn_message("cannot write to standard output");
        return TARN_EXIT_FAILED;
    }
    return 0;
}

static int print_help(void)
{
    int failed = tarn_print(usage);
    return failed != 0 ? failed : tarn_print(help);
}

int main(int count, char **arguments)
{
    const char *first = count > 1 ? arguments[1] : "";
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        return print_help();
    }
    if (strcmp(first, "--version") == 0) {
        return tarn_print("tarn " TARN_VERSION_STRING "\n");
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(first, verbs[i].name) == 0) {
            return verbs[i].act(arguments + 1);
        }
    }
    if (first[0] != '\0') {
        tarn_message("unknown %s '%s'", first[0] == '-' ? "option" : "verb", first);
    }
    (void)fputs(usage, stderr);
    (void)fputs("Try `tarn --help`.\n", stderr);
    return TARN_EXIT_USAGE;
}
