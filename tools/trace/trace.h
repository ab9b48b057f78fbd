/* SPDX-License-Identifier: MIT */
/**
 * @file trace.h
 * @brief What a program asked of its allocator, in order: read from a file, ready to be replayed.
 *
 * Two formats are read: ATRACE1 (sizes and order of one process) and tarn's own (docs/replay.md), which `tarn record`
 * writes. Nothing in a file is trusted: what breaks its format's rules is refused with the reason and the place.
 */
#ifndef TARN_TOOLS_TRACE_TRACE_H
#define TARN_TOOLS_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Kinds of operation. */
enum { TRACE_MALLOC, TRACE_CALLOC, TRACE_ALIGNED, TRACE_REALLOC, TRACE_FREE, TRACE_KINDS };

/** One operation. Objects are numbered by slot: a slot is used again once its object is freed, so that whoever replays
 *  needs no more entries than objects ever lived at once. */
typedef struct trace_op {
    uint64_t size; /**< asked for, at least 1; of FREE, 0 */
    uint32_t slot;
    uint8_t kind;           /**< TRACE_* */
    uint8_t alignment_log2; /**< of ALIGNED */
} trace_op;

/** What tarn's own format knows of an operation beyond that. */
typedef struct trace_note {
    uint64_t time; /**< nanoseconds since the recording began */
    uint64_t site; /**< return address of the call, 0 if not known */
    uint32_t thread;
    uint32_t owner; /**< owner word, 0 if none */
} trace_note;

/** A process of a recording. */
typedef struct trace_process {
    uint64_t pid;
    uint64_t calls;     /**< that it made itself */
    uint64_t rows;      /**< of the recording, calls and what else counts as a place in it */
    uint64_t forked_at; /**< rows of the parent before the fork */
    uint32_t parent;    /**< number of the process that it was forked from, 0 if it began with a program */
    char program[64];
} trace_process;

enum { TRACE_WHY = 240 };

/** A trace in memory. */
typedef struct trace {
    trace_op *ops;
    trace_note *notes; /**< one for each operation, NULL if the format has none */
    size_t count;
    uint32_t slots;        /**< entries that a replay needs */
    uint64_t objects;      /**< allocated by malloc, calloc and aligned */
    uint64_t requested;    /**< bytes asked for in all, a realloc with its new size */
    uint64_t peak_bytes;   /**< most bytes, as asked for, that lived at once */
    uint64_t peak_objects; /**< most objects that lived at once */
    uint64_t peak_usable;  /**< most usable bytes of the recorded allocator at once, 0 if not known */
    uint64_t left;         /**< objects that live at the end */
    uint64_t kinds[TRACE_KINDS];
    uint64_t refused;   /**< calls that the recorded allocator refused; not among the operations */
    uint64_t unmatched; /**< frees and reallocs of blocks whose allocation was not recorded; not among them either */
    uint64_t lost;      /**< calls that the recorder says it missed */
    trace_process *processes;
    uint32_t process_count; /**< 0 if the format has none */
    uint32_t process;       /**< number, from 1, of the one that this is the trace of */
    const char *format;
    char why[TRACE_WHY]; /**< after a failure */
} trace;

/**
 * Reads the trace of one process from the file at @p path: the one with this number, from 1, or for 0 the one with the
 * most calls. What a forked process inherits comes first, as if it had made those calls. False with the reason in
 * trace.why; trace_free() it in either case.
 */
bool trace_load(trace *t, const char *path, uint32_t process);
void trace_free(trace *t);

#endif
