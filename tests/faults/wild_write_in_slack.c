/* SPDX-License-Identifier: MIT */
/* b, of 33 bytes: the third byte past it is written alone, so by nobody who went on too far. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(s->block[B] + 35, 1);
}

static const told guard = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_GUARD,
                           .guess = TARN_GUESS_WILD_WRITE,
                           .block = B,
                           .left = A,
                           .first_bad = {PAYLOAD, B, 35}};

const fault the_fault = {.commit = commit, .words = 0, .size = 33, .tier = {NULL, NULL, NULL, &guard, NULL}};
