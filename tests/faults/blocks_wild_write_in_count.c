/* SPDX-License-Identifier: MIT */
/* The word that says how many blocks there are is overwritten. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(s->memory + 40, 4);
}

static const told control = {.status = TARN_E_DAMAGED,
                             .rule = TARN_RULE_BLOCKS_HEADER,
                             .guess = TARN_GUESS_WILD_WRITE,
                             .at = {IMAGE, NONE, 0},
                             .first_bad = {IMAGE, NONE, 0}};

const fault the_fault = {.commit = commit, .kind = BLOCK_POOL, .tier = {NULL, NULL, &control, &control, &control}};
