/* SPDX-License-Identifier: MIT */
/* b, of 33 bytes: the last byte that its block has to spare is written alone, so by nobody who went on too far. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(s->block[B] + 39, 1);
}

static const told guard = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_GUARD,
                           .guess = TARN_GUESS_WILD_WRITE,
                           .block = B,
                           .left = A,
                           .first_bad = {PAYLOAD, B, 39}};

const fault the_fault = {.commit = commit, .size = 33, .from = 3, .tier = {NULL, NULL, NULL, &guard, NULL}};
