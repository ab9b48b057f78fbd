/* SPDX-License-Identifier: MIT */
/* b is written one byte in front of its first: the guard of a breaks, and a is told to be the one. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(s->block[B] - 1, 1);
}

static const told guard = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_BLOCKS_GUARD,
                           .guess = TARN_GUESS_OVERRUN,
                           .amount = 4,
                           .block = A,
                           .at = {PAYLOAD, A, 44},
                           .first_bad = {PAYLOAD, A, 44}};

const fault the_fault = {.commit = commit, .kind = BLOCK_POOL, .size = 44, .tier = {NULL, NULL, NULL, &guard, NULL}};
