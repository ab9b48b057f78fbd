/* SPDX-License-Identifier: MIT */
/*
 * The marks: out of line, each with an address of its own.
 */
#include "marks.h"

#define MARK(name)                         \
    void name(void)                        \
    {                                      \
        __asm__ volatile("" ::: "memory"); \
    }

MARK(mark_malloc)
MARK(mark_aligned)
MARK(mark_realloc)
MARK(mark_free)
MARK(mark_end)
MARK(mark_served)
MARK(mark_refused)
MARK(mark_skip)
MARK(mark_measure)
