/* SPDX-License-Identifier: MIT */
/**
 * @file marks.h
 * @brief By whose addresses the plugin knows what happens in the program.
 */
#ifndef TARN_BENCH_WORST_CASE_MARKS_H
#define TARN_BENCH_WORST_CASE_MARKS_H

#include <stdint.h>

/** Labels and functions, in the order of their names. */
enum {
    MARK_CALL_BEGIN,  /**< the instruction that calls; */
    MARK_CALL_END,    /**< the one that its function returns to */
    MARK_MASKED,      /**< the first with interrupts masked; */
    MARK_UNMASKS,     /**< the last */
    MARK_SETTLES,     /**< parked blocks are given back for a request that found no room */
    MARK_SETTLES_ALL, /**< the same, all of them */
    MARK_SERVED,      /**< the last call was served; */
    MARK_MOVED,       /**< served, and the block has another address; */
    MARK_REFUSED,     /**< refused */
    MARK_SKIPPED,     /**< an operation that was not made, since its block was refused before */
    MARK_FINISHED,    /**< a sequence is over */
    MARKS
};

#define MARK_SYMBOLS                                                                                           \
    {                                                                                                          \
        "call_begin", "call_end", "board_masked", "board_unmasks", "tarn_park_settle_for", "tarn_park_settle", \
            "mark_served", "mark_moved", "mark_refused", "mark_skipped", "mark_finished"                       \
    }

/** Calls @p function with three arguments, between the two labels. In assembly, so that nothing else lies there. */
uintptr_t call_marked(void (*function)(void), uintptr_t first, uintptr_t second, uintptr_t third);

void mark_served(void);
void mark_moved(void);
void mark_refused(void);
void mark_skipped(void);
void mark_finished(void);

#endif
