/* SPDX-License-Identifier: MIT */
/* A block of a region is written one byte in front of its first. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(s->block[B] - 1, 1);
}

static const told no_block = {.status = TARN_E_NOT_A_BLOCK,
                              .rule = TARN_RULE_CHECK,
                              .guess = TARN_GUESS_UNDERRUN,
                              .amount = 1,
                              .block = B,
                              .left = A,
                              .first_bad = {PAYLOAD, B, -1}};
static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_UNDERRUN,
                            .amount = 1,
                            .block = B,
                            .left = A,
                            .first_bad = {PAYLOAD, B, -1}};

const fault the_fault = {
    .commit = commit, .kind = HEAP, .words = 1, .tier = {NULL, &no_block, &header, &header, &header}};
