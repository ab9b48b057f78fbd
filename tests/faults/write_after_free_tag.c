/* SPDX-License-Identifier: MIT */
/* The last word of a free block is overwritten; the block behind it is given back. */
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

const fault the_fault = {.commit = commit, .prepare = prepare, .words = 3, .tier = {NULL, NULL, &tag, &tag, &tag}};
