/* SPDX-License-Identifier: MIT */
/* A block of a region, of 33 bytes, is written at an index too large: the last byte that it has to spare. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(s->block[B] + 39, 1);
}

static const told guard = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_GUARD,
                           .guess = TARN_GUESS_OVERRUN,
                           .amount = 7,
                           .block = B,
                           .left = A,
                           .first_bad = {PAYLOAD, B, 39}};

const fault the_fault = {
    .commit = commit, .kind = HEAP, .size = 33, .from = 3, .tier = {NULL, NULL, NULL, &guard, NULL}};
