/* SPDX-License-Identifier: MIT */
/* b is given back, so much asked for again, and b given back by who had it first: where blocks wait, b still does. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
    (void)take(s, SIZE);
}

static void commit(scene *s)
{
    s->suspect = s->block[B];
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = B, .left = A};

const fault the_fault = {
    .commit = commit, .prepare = prepare, .words = 2, .quarantine = 1024, .tier = {NULL, NULL, NULL, &refused, NULL}};
