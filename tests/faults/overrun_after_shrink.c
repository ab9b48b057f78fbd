/* SPDX-License-Identifier: MIT */
/* a was cut to 8 bytes, and its owner writes one byte past the new end. */
#include "fault.h"

static void prepare(scene *s)
{
    (void)tarn_resize(s->pool, s->block[A], 8);
    s->block[B] = end_of(s, A) + lead_of(s);
}

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), 1);
}

static const told header = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_CHECK,
                            .guess = TARN_GUESS_OVERRUN,
                            .amount = 1,
                            .block = B,
                            .left = A,
                            .first_bad = {LEAD, B, 0}};
static const told tail = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_TAIL,
                          .guess = TARN_GUESS_OVERRUN,
                          .amount = 1,
                          .block = A,
                          .first_bad = {PAYLOAD, A, 8}};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, &header, &header, &tail, &header}};
