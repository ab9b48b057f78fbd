/* SPDX-License-Identifier: MIT */
/* The word is overwritten that says where the check in steps stands. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(s->block[A] - lead_of(s) - 8, 4);
}

static const told found = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_CURSOR,
                           .guess = TARN_GUESS_WILD_WRITE,
                           .at = {LEAD, A, -8},
                           .first_bad = {LEAD, A, -8}};

const fault the_fault = {.commit = commit, .flags = TARN_POOL_CURSOR, .tier = {NULL, NULL, NULL, NULL, &found}};
