/* SPDX-License-Identifier: MIT */
/*
 * What the files share that make reports about pools of blocks of any size: report_pool.c decides what a report is
 * about, report_damage.c what happened to a block there.
 */
#ifndef TARN_SRC_REPORT_SCENE_H
#define TARN_SRC_REPORT_SCENE_H

#include "report.h"

/* A place with what lies around it. */
typedef struct scene {
    const tarn_view *view;
    image im; /* geometry only */
    tarn_report *report;
    block_ref block; /* size 0: none */
    block_ref left;
} scene;

/* Whoever wrote over the header wrote over the extension words in front of it, too. */
static inline bool words_are_lost(const tarn_report *report)
{
    return report->guess == TARN_GUESS_OVERRUN || report->guess == TARN_GUESS_WILD_WRITE;
}

/* What the header of the block must have been and who wrote over it; the block as it was then. */
void tarn_report_header(scene *s);

/* The first bad byte and the guess of a rule about a block whose header holds. */
void tarn_report_block_rule(const scene *s);

#endif
