/* SPDX-License-Identifier: MIT */
/* a is given back, then b, which disappears in it, then b again. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, A);
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[B];
}

static const told refused = {.status = TARN_E_NOT_A_BLOCK, .guess = TARN_GUESS_STALE, .block = A};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, &refused, &refused, &refused, NULL}};
