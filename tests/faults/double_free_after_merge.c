/* SPDX-License-Identifier: MIT */
/* c is given back, then b, which becomes one free block with it, then c again. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, C);
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[C];
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = B, .left = A};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, &refused, &refused, &refused, NULL}};
