/* SPDX-License-Identifier: MIT */
/**
 * @file marks.h
 * @brief The functions by whose addresses the plugin knows where an operation begins and ends. They do nothing.
 */
#ifndef TARN_BENCH_MARKS_H
#define TARN_BENCH_MARKS_H

/** The first are also the kinds of operation. */
enum {
    MARK_MALLOC,
    MARK_ALIGNED,
    MARK_REALLOC,
    MARK_FREE,
    MARK_KINDS,
    MARK_END = MARK_KINDS, /**< of the operation that began last; then one of the next two */
    MARK_SERVED,
    MARK_REFUSED,
    MARK_SKIP,    /**< an operation that is not made: its block was refused, or it only prepares */
    MARK_MEASURE, /**< what comes before tells the overhead of a call */
    MARKS
};

#define MARK_NAMES                             \
    {                                          \
        "malloc", "aligned", "realloc", "free" \
    }
#define MARK_SYMBOLS                                                                                           \
    {                                                                                                          \
        "mark_malloc", "mark_aligned", "mark_realloc", "mark_free", "mark_end", "mark_served", "mark_refused", \
            "mark_skip", "mark_measure"                                                                        \
    }

void mark_malloc(void);
void mark_aligned(void);
void mark_realloc(void);
void mark_free(void);
void mark_end(void);
void mark_served(void);
void mark_refused(void);
void mark_skip(void);
void mark_measure(void);

#endif
