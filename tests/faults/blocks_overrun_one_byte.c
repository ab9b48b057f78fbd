/* SPDX-License-Identifier: MIT */
/* a is written one byte past its end. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), 1);
}

static const told guard = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_BLOCKS_GUARD,
                           .guess = TARN_GUESS_OVERRUN,
                           .amount = 1,
                           .block = A,
                           .at = {PAYLOAD, A, 40},
                           .first_bad = {PAYLOAD, A, 40}};

const fault the_fault = {.commit = commit, .kind = BLOCK_POOL, .words = 1, .tier = {NULL, NULL, NULL, &guard, NULL}};
