/* SPDX-License-Identifier: MIT */
/* b is given back twice; where blocks wait before they are free, b does. */
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

const fault the_fault = {.commit = commit,
                         .prepare = prepare,
                         .words = 3,
                         .quarantine = 1024,
                         .tier = {NULL, &refused, &refused, &refused, NULL}};
