/* SPDX-License-Identifier: MIT */
/*
 * What the files that make reports share.
 */
#ifndef TARN_SRC_REPORT_H
#define TARN_SRC_REPORT_H

#include "blocks_view.h"
#include "tarn/port.h"
#include "tarn/report.h"
#include "view.h"

/* A report with nothing in it yet. */
static inline void report_begin(tarn_report *report, uint32_t kind, tarn_status status)
{
    memset(report, 0, sizeof *report);
    report->version = TARN_REPORT_VERSION;
    report->kind = kind;
    report->status = status;
    report->task = TARN_TASK_NONE;
    report->offset = TARN_NOWHERE;
    report->first_bad = TARN_NOWHERE;
}

static inline void report_guess(tarn_report *report, uint32_t guess, uint32_t amount)
{
    report->guess = guess;
    report->amount = amount;
}

/* A single bit, and which one. */
static inline bool report_one_bit(uint32_t difference, uint32_t *bit)
{
    *bit = difference == 0 ? 0 : lowest_bit(difference);
    return difference != 0 && (difference & (difference - 1u)) == 0;
}

/* A word that differs: by one bit that changed by itself, or by a write. */
static inline void report_guess_word(tarn_report *report, uint32_t otherwise)
{
    uint32_t bit;
    if (report_one_bit(report->expected ^ report->found, &bit)) {
        report_guess(report, TARN_GUESS_BIT_FLIP, bit);
    } else {
        report_guess(report, otherwise, 0);
    }
}

/* The finding in the report. */
static inline void report_finding(tarn_report *report, const tarn_finding *finding)
{
    report->rule = finding->rule;
    report->offset = finding->offset;
    report->expected = finding->expected;
    report->found = finding->found;
    report->first_bad = finding->offset;
}

/* report_pool.c: the report about one view; of a refused pointer, at is its place. */
void tarn_report_view(const tarn_view *view, uint64_t at, tarn_status status, tarn_report *report);

/* report_pool.c: the report about what a check has found. */
void tarn_report_view_finding(const tarn_view *view, const tarn_finding *finding, tarn_report *report);

/* report_blocks.c: the same of a block pool. */
void tarn_report_blocks_view(const tarn_blocks_view *view, uint64_t at, tarn_status status, tarn_report *report);
void tarn_report_blocks_view_finding(const tarn_blocks_view *view, const tarn_finding *finding, tarn_report *report);

/* Read by nobody. A port that prints reports needs tarn_report_text(), and a linker that is given the port behind tarn
 * would not look for it any more: with this it is there. Sections that nobody refers to, the linker may drop. */
extern void (*const tarn_report_needs_text)(const tarn_report *, tarn_report_writer *, void *);

#endif
