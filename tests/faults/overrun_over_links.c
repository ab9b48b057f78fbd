/* SPDX-License-Identifier: MIT */
/* a is written over header and links of the free block behind it. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), 12);
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_OVERRUN,
                            .amount = 4,
                            .block = B,
                            .left = A,
                            .first_bad = {LEAD, B, 0}};
static const told tail = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_TAIL,
                          .guess = TARN_GUESS_OVERRUN,
                          .amount = 4,
                          .block = A,
                          .first_bad = {PAYLOAD, A, SIZE}};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, &header, &header, &tail, &header}};
