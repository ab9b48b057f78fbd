/* SPDX-License-Identifier: MIT */
/* One bit of the header behind the last block changes. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[E];
    flip_bit(s->block[E] + 44, 20);
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_BIT_FLIP,
                            .amount = 20,
                            .left = E,
                            .at = {END, E, 4},
                            .first_bad = {END, E, 0}};

const fault the_fault = {.commit = commit, .tier = {NULL, &header, &header, &header, &header}};
