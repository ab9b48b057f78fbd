/* SPDX-License-Identifier: MIT */
/**
 * @file tarn.h
 * @brief What the files of the `tarn` command share.
 */
#ifndef TARN_TOOLS_TARN_H
#define TARN_TOOLS_TARN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/** @name Exit codes of the command itself; otherwise it ends as the program that it ran does. */
/**@{*/
#define TARN_EXIT_USAGE 2       /**< an unknown verb, option or value */
#define TARN_EXIT_FAILED 125    /**< tarn could not do its part */
#define TARN_EXIT_NOT_RUN 126   /**< the program was found and could not be executed */
#define TARN_EXIT_NOT_FOUND 127 /**< there is no such program */
/**@}*/

/** Writes "tarn: ", the formatted message and a line end to stderr. */
void tarn_message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Writes @p text to stdout. Returns 0, or #TARN_EXIT_FAILED if it could not be written. */
int tarn_print(const char *text);

/** The verb `run`: @p arguments begins with "run" and ends with NULL. Returns the exit code, or ends the process as the
 *  program ended. */
int tarn_run(char **arguments);

/** The verb `inspect`: @p arguments as for tarn_run(). Returns the exit code. */
int tarn_inspect(char **arguments);

/** The verb `record`: as tarn_run(). */
int tarn_record_calls(char **arguments);

/** The verb `replay`: @p arguments as for tarn_run(). Returns the exit code. */
int tarn_replay(char **arguments);

/** What `tarn run` was asked to do. */
typedef struct run_request {
    const char *engine;      /**< NULL: as the environment says, else the library's default */
    const char *pool;        /**< the same */
    const char *words;       /**< the same */
    const char *policy;      /**< the same */
    const char *quarantine;  /**< NULL if not set: as the environment says, else none */
    bool leaks;              /**< if not set: as the environment says, else off */
    bool guard;              /**< if not set: as the environment says, else off */
    const char *fail;        /**< the same, without which nothing fails */
    const char *report_file; /**< NULL: stderr */
    char **program;          /**< the program's name and arguments; NULL if only help was asked for */
} run_request;

/** Reads the command line of `run`. Returns 0, or #TARN_EXIT_USAGE after a message. */
int run_options_read(char **arguments, run_request *request);

/** Finds the file that execvp() would take for @p name. Returns 0, or #TARN_EXIT_NOT_FOUND or #TARN_EXIT_NOT_RUN after
 *  a message. */
int program_find(const char *name, char *path, size_t size);

/** A library to preload. */
typedef struct preloaded {
    const char *name;
    const char *variable; /**< names another file to take */
} preloaded;

extern const preloaded preload_malloc, preload_record;

/** Finds the library from where this command lies. Returns 0, or #TARN_EXIT_FAILED after a message. */
int preload_find(const preloaded *library, char *path, size_t size);

/** Tells whether the library at @p library_path can be preloaded into the program at @p path. Returns 0, or
 *  #TARN_EXIT_FAILED after a message that says why not. */
int preload_check(const preloaded *library, const char *path, const char *library_path);

/** Adds @p library to what the programs that this process starts preload: behind what is there, so that a library that
 *  wraps malloc wraps ours, or in front. Returns 0, or #TARN_EXIT_FAILED after a message. */
int preload_set(const char *library, bool first);

/** Sets a variable. Returns 0, or #TARN_EXIT_FAILED after a message. */
int environment_set(const char *name, const char *value);

/** How a program ended. */
typedef struct run_outcome {
    pid_t pid;
    int status; /**< as waitpid() gives it */
} run_outcome;

/** Runs the program at @p path with this process's environment and waits for its end, passing on signals that are sent
 *  to this process. Returns 0, or an exit code after a message. */
int program_run(const char *path, char **arguments, run_outcome *outcome);

/** Ends this process in the way that @p status, from waitpid(), says. */
_Noreturn void end_like(int status);

/** Makes a file in memory for the records of the program and its children, and gives the path under which they can open
 *  it. Returns its descriptor, or -1 after a message. */
int records_open(char *path, size_t size);

/** Prints every record to @p out, the program's own first. */
void records_print(FILE *out, int descriptor, const char *program, const run_outcome *outcome);

#endif
