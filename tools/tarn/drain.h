/* SPDX-License-Identifier: MIT */
/**
 * @file drain.h
 * @brief Taking what recorded processes put in their rings (tools/record/ring.h) into a trace file.
 */
#ifndef TARN_TOOLS_DRAIN_H
#define TARN_TOOLS_DRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct drain drain;

/** What came of a recording. */
typedef struct drain_sums {
    uint64_t calls; /**< that are in the file */
    uint64_t lost;  /**< under way when their process ended; they may have happened or not */
    uint32_t processes;
    uint32_t left_out; /**< processes that found no ring, all that they called is missing */
    uint32_t cut;      /**< processes that still ran at the end */
    int error;         /**< errno of the first write that failed */
} drain_sums;

/** Makes the rings and the file, and gives the path by which processes find the rings. NULL after a message. */
drain *drain_open(const char *file, char *path, size_t size);

/** Starts a thread that takes records out. Returns 0, or an exit code after a message. */
int drain_start(drain *d);

/** Takes out what is left and ends the file. @p d is gone. */
void drain_end(drain *d, drain_sums *sums);

#endif
