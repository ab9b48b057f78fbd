/* SPDX-License-Identifier: MIT */
/* b is given back, its place handed out again, and b given back by who had it first. */
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

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, NULL, NULL, NULL, NULL}};
