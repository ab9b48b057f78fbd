/* SPDX-License-Identifier: MIT */
/* One bit of the pool's count of free blocks that are listed changes. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    flip_bit(image_word(s, 10), 3);
}

static const told count = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_COUNTS,
                           .guess = TARN_GUESS_BIT_FLIP,
                           .amount = 3,
                           .at = {IMAGE, NONE, 40},
                           .first_bad = {IMAGE, NONE, 40}};

const fault the_fault = {.commit = commit, .later = TARN_RULE_COUNTS, .tier = {NULL, NULL, NULL, NULL, &count}};
