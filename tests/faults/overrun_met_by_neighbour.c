/* SPDX-License-Identifier: MIT */
/* a is written one byte past its end; the next call gives b back. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(end_of(s, A), 1);
}

static const told no_block = {.status = TARN_E_NOT_A_BLOCK,
                              .rule = TARN_RULE_CHECK,
                              .guess = TARN_GUESS_OVERRUN,
                              .amount = 1,
                              .block = B,
                              .left = A,
                              .first_bad = {LEAD, B, 0}};
static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_OVERRUN,
                            .amount = 1,
                            .block = B,
                            .left = A,
                            .first_bad = {LEAD, B, 0}};

const fault the_fault = {.commit = commit, .tier = {NULL, &no_block, &header, &header, &header}};
