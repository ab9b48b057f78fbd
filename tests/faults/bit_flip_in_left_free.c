/* SPDX-License-Identifier: MIT */
/* One bit of b's header changes that its check leaves out: whether a is free. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    flip_bit(s->block[B] - 4, 1);
}

static const told flag = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_LEFT,
                          .guess = TARN_GUESS_BIT_FLIP,
                          .amount = 1,
                          .block = B,
                          .left = A,
                          .first_bad = {PAYLOAD, B, -4}};

const fault the_fault = {.commit = commit, .tier = {NULL, &flag, &flag, &flag, &flag}};
