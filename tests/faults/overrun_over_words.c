/* SPDX-License-Identifier: MIT */
/* a is written over b's owner, call site and header: whose b was is lost. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), lead_of(s));
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_OVERRUN,
                            .amount = 4,
                            .by_lead = true,
                            .block = B,
                            .left = A,
                            .first_bad = {LEAD, B, 0}};
static const told tail = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_TAIL,
                          .guess = TARN_GUESS_OVERRUN,
                          .amount = 4,
                          .block = A,
                          .first_bad = {PAYLOAD, A, SIZE}};

const fault the_fault = {.commit = commit, .words = 2, .tier = {NULL, &header, &header, &tail, &header}};
