/* SPDX-License-Identifier: MIT */
/* One bit of b's header changes: its size. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    flip_bit(s->block[B] - 4, 5);
}

static const told no_block = {.status = TARN_E_NOT_A_BLOCK,
                              .rule = TARN_RULE_CHECK,
                              .guess = TARN_GUESS_BIT_FLIP,
                              .amount = 5,
                              .block = B,
                              .left = A,
                              .first_bad = {PAYLOAD, B, -4}};
static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_BIT_FLIP,
                            .amount = 5,
                            .block = B,
                            .left = A,
                            .first_bad = {PAYLOAD, B, -4}};

const fault the_fault = {.commit = commit, .words = 1, .tier = {NULL, &no_block, &header, &header, &header}};
