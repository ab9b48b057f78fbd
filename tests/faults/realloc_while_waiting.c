/* SPDX-License-Identifier: MIT */
/* b is made larger after it was given back, and its place asked for again. */
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

static tarn_status use(scene *s)
{
    return regrow(s, s->block[B], 20);
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = B, .left = A};

const fault the_fault = {.commit = commit,
                         .use = use,
                         .prepare = prepare,
                         .words = 2,
                         .quarantine = 1024,
                         .tier = {NULL, NULL, NULL, &refused, NULL}};
