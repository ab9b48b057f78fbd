/* SPDX-License-Identifier: MIT */
/* One bit of the copy of b's header changes, in a pool with backup. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    flip_bit(end_of(s, B), 9);
}

static const told copy = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_BACKUP,
                          .guess = TARN_GUESS_BIT_FLIP,
                          .amount = 9,
                          .block = B,
                          .left = A,
                          .first_bad = {END, B, -4}};

const fault the_fault = {.commit = commit, .guards = TARN_POOL_BACKUP, .words = 1, .from = 3, .tier = {[3] = &copy}};
