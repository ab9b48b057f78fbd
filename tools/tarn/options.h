/* SPDX-License-Identifier: MIT */
/**
 * @file options.h
 * @brief Reading the options of a verb from a table. What is wrong with a command line is found before anything runs.
 */
#ifndef TARN_TOOLS_OPTIONS_H
#define TARN_TOOLS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

/** Takes the value of an option, or what the option stands for. Returns 0, or #TARN_EXIT_USAGE after a message. */
typedef int option_reader(const char *value, void *request);

/** An option: either one with a value, which is read, or one that sets a bool of the request. */
typedef struct verb_option {
    const char *name;
    option_reader *read; /**< NULL: no value */
    size_t flag;         /**< offset of the bool */
    char letter;         /**< the same option in short, 0 if there is none */
} verb_option;

/** A verb and its options; --help and -h are all verbs'. */
typedef struct verb_options {
    const char *verb;
    const verb_option *rows;
    size_t count;
    bool leads; /**< the first argument that is no option ends them: what follows is not the verb's */
} verb_options;

enum { OPTIONS_MOST = 16, OPTIONS_HELP = -1 };

/** Reads the options in @p arguments, which begins with the verb and ends with NULL. Returns 0 and in @p *rest what is
 *  left; #OPTIONS_HELP if help was asked for; #TARN_EXIT_USAGE after a message. */
int options_read(const verb_options *options, char **arguments, void *request, char ***rest);

/** Says @p wrong, and where to read how it is done. Returns #TARN_EXIT_USAGE. */
int options_refuse(const verb_options *options, const char *wrong);

#endif
