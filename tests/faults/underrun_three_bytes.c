/* SPDX-License-Identifier: MIT */
/* b is written three bytes in front of its first. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(s->block[B] - 3, 3);
}

static const told no_block = {.status = TARN_E_NOT_A_BLOCK,
                              .rule = TARN_RULE_CHECK,
                              .guess = TARN_GUESS_UNDERRUN,
                              .amount = 3,
                              .block = B,
                              .left = A,
                              .first_bad = {PAYLOAD, B, -3}};
static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_UNDERRUN,
                            .amount = 3,
                            .block = B,
                            .left = A,
                            .first_bad = {PAYLOAD, B, -3}};

const fault the_fault = {.commit = commit, .tier = {NULL, &no_block, &header, &header, &header}};
