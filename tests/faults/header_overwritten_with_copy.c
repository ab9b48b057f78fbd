/* SPDX-License-Identifier: MIT */
/* The whole header of b is written over, in a pool with backup, and a is given back: the copy stays. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    set_word(s->block[B] - 4, 0x5A5A5A5A);
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_OVERRUN,
                            .amount = 4,
                            .block = B,
                            .left = A,
                            .first_bad = {LEAD, B, 0}};

const fault the_fault = {.commit = commit, .guards = TARN_POOL_BACKUP, .from = 3, .tier = {[3] = &header}};
