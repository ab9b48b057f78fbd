/* SPDX-License-Identifier: MIT */
/* The word that says how the pool is laid out is overwritten. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(image_word(s, 1), 1);
}

static const told control = {.status = TARN_E_DAMAGED,
                             .rule = TARN_RULE_HEADER,
                             .guess = TARN_GUESS_WILD_WRITE,
                             .at = {IMAGE, NONE, 0},
                             .first_bad = {IMAGE, NONE, 0}};

const fault the_fault = {.commit = commit, .tier = {NULL, &control, &control, &control, &control}};
