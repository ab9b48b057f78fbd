/* SPDX-License-Identifier: MIT */
/* One bit of a free block's header changes. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[A];
    flip_bit(s->block[B] - 4, 4);
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_BIT_FLIP,
                            .amount = 4,
                            .block = B,
                            .left = A,
                            .first_bad = {PAYLOAD, B, -4}};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, &header, &header, &header, &header}};
