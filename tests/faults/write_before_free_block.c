/* SPDX-License-Identifier: MIT */
/* b is written one byte in front of its first after it was given back. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(s->block[B] - 1, 1);
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_UNDERRUN,
                            .amount = 1,
                            .block = B,
                            .left = A,
                            .first_bad = {PAYLOAD, B, -1}};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, &header, &header, &header, &header}};
