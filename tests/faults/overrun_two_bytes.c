/* SPDX-License-Identifier: MIT */
/* a is written two bytes past what it can hold. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), 2);
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_OVERRUN,
                            .amount = 2,
                            .block = B,
                            .left = A,
                            .first_bad = {LEAD, B, 0}};
static const told tail = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_TAIL,
                          .guess = TARN_GUESS_OVERRUN,
                          .amount = 2,
                          .block = A,
                          .first_bad = {PAYLOAD, A, SIZE}};

const fault the_fault = {.commit = commit, .tier = {NULL, &header, &header, &tail, &header}};
