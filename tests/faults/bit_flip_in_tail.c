/* SPDX-License-Identifier: MIT */
/* One bit of the word at b's end changes. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    flip_bit(end_of(s, B), 17);
}

static const told tail = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_TAIL,
                          .guess = TARN_GUESS_BIT_FLIP,
                          .amount = 17,
                          .block = B,
                          .left = A,
                          .first_bad = {PAYLOAD, B, SIZE}};

const fault the_fault = {.commit = commit, .from = 3, .tier = {NULL, NULL, NULL, &tail, NULL}};
