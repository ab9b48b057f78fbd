/* SPDX-License-Identifier: MIT */
/* One bit of the pool's count of blocks in use changes. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    flip_bit(image_word(s, 8), 4);
}

static const told count = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_COUNTS,
                           .guess = TARN_GUESS_BIT_FLIP,
                           .amount = 4,
                           .at = {IMAGE, NONE, 32},
                           .first_bad = {IMAGE, NONE, 32}};

const fault the_fault = {.commit = commit, .later = TARN_RULE_COUNTS, .tier = {NULL, NULL, NULL, NULL, &count}};
