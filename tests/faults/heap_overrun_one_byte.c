/* SPDX-License-Identifier: MIT */
/* A block of a region is written one byte past its end. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), 1);
}

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
                          .amount = 1,
                          .block = A,
                          .first_bad = {PAYLOAD, A, SIZE}};

const fault the_fault = {.commit = commit, .kind = HEAP, .tier = {NULL, &header, &header, &tail, &header}};
