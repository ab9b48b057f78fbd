/* SPDX-License-Identifier: MIT */
/*
 * Reading the options of a verb (options.h), and saying what is wrong with them.
 */
#define _GNU_SOURCE /* getopt_long */
#include "options.h"

#include <getopt.h>

#include "tarn.h"

/* Above every character, so that getopt's reports tell long options from short ones. */
enum { FIRST_LONG = 256, LONG_HELP = FIRST_LONG + OPTIONS_MOST };

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
    int count = 0;
    int answer;
    make_table(options, table);
    while (arguments[count] != NULL) {
        count++;
    }
    opterr = 0;
    while ((answer = getopt_long(count, arguments, options->leads ? "+:h" : ":h", table, NULL)) != -1) {
        if (answer == 'h' || answer == LONG_HELP) {
            return OPTIONS_HELP;
        }
        bool known = answer >= FIRST_LONG && answer < FIRST_LONG + (int)options->count;
        int failed = known ? take_option(&options->rows[answer - FIRST_LONG], request)
                           : refuse_option(options, arguments, answer);
        if (failed != 0) {
            return failed;
        }
    }
    *rest = arguments + optind;
    return 0;
}
