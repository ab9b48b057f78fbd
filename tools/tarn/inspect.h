/* SPDX-License-Identifier: MIT */
/**
 * @file inspect.h
 * @brief What the files of the verb `inspect` share.
 */
#ifndef TARN_TOOLS_INSPECT_H
#define TARN_TOOLS_INSPECT_H

#include "../reader/reader.h"
#include "tarn.h"

/** What `tarn inspect` was asked to do. */
typedef struct inspect_request {
    const char *file; /**< NULL with a process, or if only help was asked for */
    const char *elf;  /**< NULL: the files that a core or process names */
    long pid;         /**< 0: a file */
    uint64_t base;    /**< place of a raw file's first byte */
    uint64_t at;
    bool at_given; /**< only the pool there */
    bool raw, json, all;
    bool why, map, histogram, owners, leaks; /**< sections asked for */
    uint64_t why_size, why_alignment;
    bool since_given;
    uint32_t since;
} inspect_request;

/** Reads the command line of `inspect`. Returns 0, or #TARN_EXIT_USAGE after a message. */
int inspect_options_read(char **arguments, inspect_request *request);

/** What there is to print. */
typedef struct inspection {
    const inspect_request *request;
    reader *memory;
    const found_pools *found;
    symbols *names; /**< NULL if there is nothing to name from */
} inspection;

/** Prints everything as text. Returns how many pools are damaged. */
size_t inspect_print_text(FILE *out, const inspection *all);

/** Prints everything as one JSON object, docs/inspect.md. Returns how many pools are damaged. */
size_t inspect_print_json(FILE *out, const inspection *all);

/** What each pool's section needs. */
typedef struct pool_facts {
    tarn_stats stats;
    tarn_report report; /**< of the damage, if there is any */
    bool sound;
} pool_facts;

void inspect_facts(const found_pool *pool, pool_facts *facts);

/** @name Words for numbers. */
/**@{*/
const char *inspect_engine_text(const found_pool *pool, const tarn_stats *stats);
const char *inspect_order_text(const found_pool *pool);
/** The source: the file's name, or "process N"; and what kind it is. */
const char *inspect_kind_text(const reader *r);
/**@}*/

#endif
