/* SPDX-License-Identifier: MIT */
/**
 * @file rows.h
 * @brief The rows of tarn's own trace format: what they are called, what is in them, reading and writing one.
 *
 * The file says itself which rows and columns it has, so that one with more of them can still be read: docs/replay.md.
 */
#ifndef TARN_TOOLS_TRACE_ROWS_H
#define TARN_TOOLS_TRACE_ROWS_H

#include "stream.h"

#define RECORDING_NAME "TARNTRC"
#define RECORDING_MAGIC RECORDING_NAME "\n"
/** The version of the format, apart from all other versions of tarn. Rows and columns that come to it keep it. */
#define RECORDING_VERSION 1u

/** Rows, in the order in which rows.c names them. */
enum {
    ROW_PROCESS, /**< a process comes: its number is one more than that of the last */
    ROW_SITE,    /**< a call site of a process comes: the same */
    ROW_MALLOC,  /**< these three: an allocation has ended; block 0 is a refusal */
    ROW_CALLOC,
    ROW_ALIGNED,
    ROW_REALLOC, /**< a realloc of block begins */
    ROW_RESIZED, /**< the one that this thread began has ended; block 0: refused, or freed for size 0 */
    ROW_FREE,    /**< block is about to be freed */
    ROW_GAP,     /**< a call of which nothing is known but its place */
    ROW_END,     /**< the last row; number is that of all rows before it */
    ROW_KINDS
};

/** Columns, in the order in which rows.c names them. */
enum {
    COLUMN_PROCESS, /**< number of the process, from 1 */
    COLUMN_THREAD,
    COLUMN_TIME,  /**< nanoseconds since the recording began */
    COLUMN_SITE,  /**< number of the call site, from 1; 0 not known */
    COLUMN_OWNER, /**< owner word of the block, 0 none */
    COLUMN_SIZE,
    COLUMN_ALIGNMENT, /**< bytes */
    COLUMN_BLOCK,     /**< address */
    COLUMN_USABLE,    /**< bytes that the block can hold */
    COLUMN_NUMBER,    /**< pid of a process; rows; calls lost */
    COLUMN_PARENT,    /**< number of the process that this one was forked from, 0 for a new program */
    COLUMN_PLACE,     /**< rows of the parent before the fork, those of processes and sites not counted */
    COLUMN_ADDRESS,   /**< of a call site */
    COLUMN_LOST,      /**< calls that were not recorded */
    COLUMN_PROGRAM,   /**< text: its name */
    COLUMN_KINDS
};

enum { ROW_TEXT = 64, ROW_COLUMNS_MAX = 16, ROW_KINDS_MAX = 64 };

typedef struct row {
    unsigned kind; /**< ROW_*; ROW_KINDS for one that this version does not know */
    uint64_t value[COLUMN_KINDS];
    char text[ROW_TEXT]; /**< of COLUMN_PROGRAM */
} row;

/** How a file's rows look, as its head says. */
typedef struct row_format {
    unsigned kinds;                    /**< rows that the head names */
    unsigned char kind[ROW_KINDS_MAX]; /**< ROW_* of each */
    unsigned char columns[ROW_KINDS_MAX];
    unsigned char column[ROW_KINDS_MAX][ROW_COLUMNS_MAX];   /**< COLUMN_*, COLUMN_KINDS for an unknown one */
    unsigned char encoding[ROW_KINDS_MAX][ROW_COLUMNS_MAX]; /**< a number, ~ a difference, " a text */
    uint64_t last[COLUMN_KINDS];                            /**< what differences are from */
} row_format;

/** Reads the head, behind the magic. False with stream.why. */
bool rows_read_head(stream *s, row_format *f);
/** Reads a row. False with stream.why. Columns that the row does not have are 0. */
bool rows_read(stream *s, row_format *f, row *r);

/** Writes magic and head. */
void rows_write_head(sink *s, row_format *f, const char *about);
void rows_write(sink *s, row_format *f, const row *r);

#endif
