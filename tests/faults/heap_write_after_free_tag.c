/* SPDX-License-Identifier: MIT */
/* The last word of a free block of a region is overwritten. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[C];
    spoil(s->block[C] - lead_of(s) - 4, 4);
}

static const told tag = {.status = TARN_E_DAMAGED,
                         .rule = TARN_RULE_TAG,
                         .guess = TARN_GUESS_USE_AFTER_FREE,
                         .block = B,
                         .left = A,
                         .first_bad = {END, B, -4}};

const fault the_fault = {.commit = commit, .prepare = prepare, .kind = HEAP, .tier = {NULL, NULL, &tag, &tag, &tag}};
