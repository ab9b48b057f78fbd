/* SPDX-License-Identifier: MIT */
/* a, of 33 bytes, is written three bytes past the size asked for. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(s->block[A] + 33, 3);
}

static const told guard = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_GUARD,
                           .guess = TARN_GUESS_OVERRUN,
                           .amount = 3,
                           .block = A,
                           .first_bad = {PAYLOAD, A, 33}};

const fault the_fault = {.commit = commit, .size = 33, .tier = {NULL, NULL, NULL, &guard, NULL}};
