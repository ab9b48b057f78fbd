/* SPDX-License-Identifier: MIT */
/* The last block is written one byte past its end, into the header of what was never handed out. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[E];
    spoil(end_of(s, E), 1);
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_OVERRUN,
                            .amount = 1,
                            .left = E,
                            .at = {END, E, 4},
                            .first_bad = {END, E, 0}};
static const told tail = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_TAIL,
                          .guess = TARN_GUESS_OVERRUN,
                          .amount = 1,
                          .block = E,
                          .left = D,
                          .first_bad = {PAYLOAD, E, SIZE}};

const fault the_fault = {.commit = commit, .tier = {NULL, &header, &header, &tail, &header}};
