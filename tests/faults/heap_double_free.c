/* SPDX-License-Identifier: MIT */
/* A block of a region is given back twice. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[B];
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = B, .left = A};

const fault the_fault = {
    .commit = commit, .prepare = prepare, .kind = HEAP, .words = 2, .tier = {NULL, &refused, &refused, &refused, NULL}};
