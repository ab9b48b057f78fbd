/* SPDX-License-Identifier: MIT */
/* b is written two bytes past its end. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(end_of(s, B), 2);
}

static const told guard = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_BLOCKS_GUARD,
                           .guess = TARN_GUESS_OVERRUN,
                           .amount = 2,
                           .block = B,
                           .left = A,
                           .at = {PAYLOAD, B, 40},
                           .first_bad = {PAYLOAD, B, 40}};

const fault the_fault = {.commit = commit, .kind = BLOCK_POOL, .tier = {NULL, NULL, NULL, &guard, NULL}};
