/* SPDX-License-Identifier: MIT */
/* a is written one byte past the size asked for, into bytes that its block has to spare. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    spoil(s->block[A] + SIZE, 1);
}

const fault the_fault = {.commit = commit, .tier = {NULL, NULL, NULL, NULL, NULL}};
