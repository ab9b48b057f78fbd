/* SPDX-License-Identifier: MIT */
/* The word that says whose a free block was is overwritten: nothing vouches for it. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(s->block[B] - lead_of(s), 4);
}

const fault the_fault = {.commit = commit, .prepare = prepare, .words = 2, .tier = {NULL, NULL, NULL, NULL, NULL}};
