/* SPDX-License-Identifier: MIT */
/* The word behind b that names the block which was given back after it is overwritten: b waits. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    spoil(s->block[B] + SIZE, 4);
    s->suspect = s->block[D];
}

static const told list = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_QUARANTINE,
                          .guess = TARN_GUESS_WILD_WRITE,
                          .block = B,
                          .left = A,
                          .at = {PAYLOAD, B, SIZE},
                          .first_bad = {PAYLOAD, B, SIZE}};

const fault the_fault = {.commit = commit,
                         .prepare = prepare,
                         .words = 2,
                         .quarantine = 1024,
                         .from = 3,
                         .tier = {NULL, NULL, NULL, &list, NULL}};
