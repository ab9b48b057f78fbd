/* SPDX-License-Identifier: MIT */
/* a is written one byte past its end, into the word that says whose b is. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(end_of(s, A), 1);
}

const fault the_fault = {.commit = commit, .words = 1, .tier = {NULL, NULL, NULL, NULL, NULL}};
