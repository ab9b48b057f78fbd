/* SPDX-License-Identifier: MIT */
/* One bit of the size at a free block's end changes; the block behind it is given back. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[C];
    flip_bit(s->block[C] - lead_of(s) - 4, 3);
}

static const told tag = {.status = TARN_E_DAMAGED,
                         .rule = TARN_RULE_TAG,
                         .guess = TARN_GUESS_BIT_FLIP,
                         .amount = 3,
                         .block = B,
                         .left = A,
                         .first_bad = {END, B, -4}};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, NULL, &tag, &tag, &tag}};
