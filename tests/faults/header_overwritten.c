/* SPDX-License-Identifier: MIT */
/* b's header is overwritten from end to end: told as what comes from below, unless a's tail vouches for a. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(s->block[B] - 4, 4);
}

static const told no_block = {.status = TARN_E_NOT_A_BLOCK,
                              .rule = TARN_RULE_CHECK,
                              .guess = TARN_GUESS_OVERRUN,
                              .amount = 4,
                              .block = B,
                              .left = A,
                              .first_bad = {LEAD, B, 0}};
static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_OVERRUN,
                            .amount = 4,
                            .block = B,
                            .left = A,
                            .first_bad = {LEAD, B, 0}};
static const told above = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_CHECK,
                           .guess = TARN_GUESS_UNDERRUN,
                           .amount = 4,
                           .block = B,
                           .left = A,
                           .first_bad = {LEAD, B, 0}};

const fault the_fault = {.commit = commit, .tier = {NULL, &no_block, &header, &above, &header}};
