/* SPDX-License-Identifier: MIT */
/* The last block is given back twice. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, E);
}

static void commit(scene *s)
{
    s->suspect = s->block[E];
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = E, .left = D};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, &refused, &refused, &refused, NULL}};
