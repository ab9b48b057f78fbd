/* SPDX-License-Identifier: MIT */
/**
 * @file record.h
 * @brief The record that a process leaves at its end: one line of text, read by `tarn run`.
 *
 * The line begins with TARN_RECORD_MARK, then "key=number" for each key in order, separated by blanks, then
 * " program=" and the program's name up to the line's end, bytes outside printable ASCII replaced by '?'.
 */
#ifndef TARN_FACES_MALLOC_RECORD_H
#define TARN_FACES_MALLOC_RECORD_H

/** First bytes of a record: its kind and the version of its keys. */
#define TARN_RECORD_MARK "tarn-malloc-1"

/** The keys' places in #TARN_RECORD_KEYS and in what is read back. */
enum {
    TARN_RECORD_PID,
    TARN_RECORD_ENGINE,      /* TARN_ENGINE_* */
    TARN_RECORD_POOL,        /* bytes given to the pool */
    TARN_RECORD_PEAK,        /* bytes, highest use; of a forked child: since the fork */
    TARN_RECORD_LIVE,        /* bytes in used blocks at exit */
    TARN_RECORD_LIVE_BLOCKS, /* used blocks at exit */
    TARN_RECORD_FREE,        /* bytes free at exit */
    TARN_RECORD_LARGEST,     /* bytes of the largest free block at exit */
    TARN_RECORD_MALLOC,      /* calls, as in tarn_malloc_counts */
    TARN_RECORD_CALLOC,
    TARN_RECORD_REALLOC,
    TARN_RECORD_ALIGNED,
    TARN_RECORD_FREE_CALLS,
    TARN_RECORD_REFUSED,
    TARN_RECORD_FIELDS
};

#define TARN_RECORD_KEYS                                                                                          \
    {                                                                                                             \
        "pid", "engine", "pool", "peak", "live", "live_blocks", "free", "largest", "malloc", "calloc", "realloc", \
            "aligned", "free_calls", "refused"                                                                    \
    }

/** Comes before the program's name. */
#define TARN_RECORD_PROGRAM " program="

/** No record is longer. */
#define TARN_RECORD_BYTES 1024u

#endif
