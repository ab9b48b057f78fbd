/* SPDX-License-Identifier: MIT */
/* The first block is written one byte in front of its first. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(s->block[A] - 1, 1);
}

static const told no_block = {.status = TARN_E_NOT_A_BLOCK,
                              .rule = TARN_RULE_CHECK,
                              .guess = TARN_GUESS_UNDERRUN,
                              .amount = 1,
                              .block = A,
                              .first_bad = {PAYLOAD, A, -1}};
static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_UNDERRUN,
                            .amount = 1,
                            .block = A,
                            .first_bad = {PAYLOAD, A, -1}};

const fault the_fault = {.commit = commit, .tier = {NULL, &no_block, &header, &header, &header}};
