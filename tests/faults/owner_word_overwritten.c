/* SPDX-License-Identifier: MIT */
/* The word that says whose b is is overwritten: nothing vouches for it in a pool without modules. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    spoil(s->block[B] - lead_of(s), 4);
}

const fault the_fault = {.commit = commit, .words = 1, .tier = {NULL, NULL, NULL, NULL, NULL}};
