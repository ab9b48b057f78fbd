/* SPDX-License-Identifier: MIT */
/* The word that holds the highest use so far is overwritten. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(image_word(s, 7), 4);
}

static const told count = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_COUNTS,
                           .guess = TARN_GUESS_WILD_WRITE,
                           .at = {IMAGE, NONE, 28},
                           .first_bad = {IMAGE, NONE, 28}};

const fault the_fault = {.commit = commit, .tier = {NULL, NULL, NULL, NULL, &count}};
