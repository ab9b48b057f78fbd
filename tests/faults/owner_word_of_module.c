/* SPDX-License-Identifier: MIT */
/* The word that says whose b is is overwritten, in a pool that counts by module. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(s->block[B] - lead_of(s), 4);
}

static const told row = {.status = TARN_E_DAMAGED,
                         .rule = TARN_RULE_MODULES,
                         .guess = TARN_GUESS_WILD_WRITE,
                         .at = {LEAD, A, -32},
                         .first_bad = {LEAD, A, -32}};

const fault the_fault = {
    .commit = commit, .words = 1, .modules = 4, .later = TARN_RULE_MODULES, .tier = {NULL, NULL, NULL, NULL, &row}};
