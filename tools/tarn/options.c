/* SPDX-License-Identifier: MIT */
/*
 * Reading the options of a verb (options.h), and saying what is wrong with them.
 */
#define _GNU_SOURCE /* getopt_long */
#include "options.h"

#include <getopt.h>
#include <string.h>

#include "tarn.h"

/* Above every character, so that getopt's reports tell long options from short ones. */
enum { FIRST_LONG = 256, LONG_HELP = FIRST_LONG + OPTIONS_MOST, LETTERS = 4 + 2 * OPTIONS_MOST };

static int say_how(const verb_options *options)
{
    fprintf(stderr, "Try `tarn %s --help`.\n", options->verb);
    return TARN_EXIT_USAGE;
}

int options_refuse(const verb_options *options, const char *wrong)
{
    tarn_message("%s", wrong);
    return say_how(options);
}

static int refuse_option(const verb_options *options, char **arguments, int answer)
{
    if (answer == ':') {
        tarn_message("option '%s' needs a value", arguments[optind - 1]);
    } else if (optopt > 0 && optopt < FIRST_LONG) {
        tarn_message("unknown option '-%c'", optopt);
    } else {
        tarn_message("unknown option '%s'", arguments[optind - 1]);
    }
    return say_how(options);
}

static void make_table(const verb_options *options, struct option table[OPTIONS_MOST + 2])
{
    size_t i;
    for (i = 0; i < options->count && i < OPTIONS_MOST; i++) {
        int valued = options->rows[i].read != NULL ? required_argument : no_argument;
        table[i] = (struct option){options->rows[i].name, valued, NULL, FIRST_LONG + (int)i};
    }
    table[i++] = (struct option){"help", no_argument, NULL, LONG_HELP};
    table[i] = (struct option){NULL, 0, NULL, 0};
}

/* The short options, as getopt wants them. */
static void make_letters(const verb_options *options, char letters[LETTERS])
{
    strcpy(letters, options->leads ? "+:h" : ":h");
    char *at = letters + strlen(letters);
    for (size_t i = 0; i < options->count && i < OPTIONS_MOST; i++) {
        if (options->rows[i].letter != 0) {
            *at++ = options->rows[i].letter;
            *at++ = ':';
        }
    }
    *at = '\0';
}

/* The row that getopt's answer stands for, NULL if it is none. */
static const verb_option *row_of(const verb_options *options, int answer)
{
    for (size_t i = 0; i < options->count; i++) {
        if (answer == FIRST_LONG + (int)i || (answer != 0 && answer == options->rows[i].letter)) {
            return &options->rows[i];
        }
    }
    return NULL;
}

static int take_option(const verb_option *option, void *request)
{
    if (option->read != NULL) {
        return option->read(optarg, request);
    }
    *(bool *)((char *)request + option->flag) = true;
    return 0;
}

int options_read(const verb_options *options, char **arguments, void *request, char ***rest)
{
    struct option table[OPTIONS_MOST + 2];
    char letters[LETTERS];
    int count = 0;
    int answer;
    make_table(options, table);
    make_letters(options, letters);
    while (arguments[count] != NULL) {
        count++;
    }
    opterr = 0;
    while ((answer = getopt_long(count, arguments, letters, table, NULL)) != -1) {
        if (answer == 'h' || answer == LONG_HELP) {
            return OPTIONS_HELP;
        }
        const verb_option *row = row_of(options, answer);
        int failed = row != NULL ? take_option(row, request) : refuse_option(options, arguments, answer);
        if (failed != 0) {
            return failed;
        }
    }
    *rest = arguments + optind;
    return 0;
}
