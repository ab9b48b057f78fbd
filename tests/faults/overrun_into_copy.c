/* SPDX-License-Identifier: MIT */
/* a is written two bytes past what it can hold, in a pool with backup: the copy of its header. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), 2);
}

static const told copy = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_BACKUP,
                          .guess = TARN_GUESS_OVERRUN,
                          .amount = 2,
                          .block = A,
                          .first_bad = {END, A, -4}};

const fault the_fault = {.commit = commit, .guards = TARN_POOL_BACKUP, .from = 3, .tier = {[3] = &copy}};
