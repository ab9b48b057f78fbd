/* SPDX-License-Identifier: MIT */
/* a is written as far as b's header; the next call gives b back. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(end_of(s, A), (size_t)(s->block[B] - 3 - end_of(s, A)));
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
static const told tail = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_TAIL,
                          .guess = TARN_GUESS_OVERRUN,
                          .amount = 4,
                          .block = A,
                          .first_bad = {PAYLOAD, A, SIZE}};

const fault the_fault = {.commit = commit, .tier = {NULL, &no_block, &header, &tail, &header}};
