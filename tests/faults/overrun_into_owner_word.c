/* SPDX-License-Identifier: MIT */
/* a is written one byte past its end, into the word that says whose b is. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), 1);
}

static const told guard = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_GUARD,
                           .guess = TARN_GUESS_OVERRUN,
                           .amount = 1,
                           .block = A,
                           .first_bad = {PAYLOAD, A, SIZE}};

const fault the_fault = {.commit = commit, .words = 1, .tier = {NULL, NULL, NULL, &guard, NULL}};
