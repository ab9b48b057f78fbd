/* SPDX-License-Identifier: MIT */
/* A block of a region is written one byte past the size asked for, into bytes that it has to spare. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(s->block[A] + SIZE, 1);
}

static const told tail = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_TAIL,
                          .guess = TARN_GUESS_OVERRUN,
                          .amount = 1,
                          .block = A,
                          .first_bad = {PAYLOAD, A, SIZE}};

const fault the_fault = {.commit = commit, .kind = HEAP, .tier = {NULL, NULL, NULL, &tail, NULL}};
