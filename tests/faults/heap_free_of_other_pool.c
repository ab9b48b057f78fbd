/* SPDX-License-Identifier: MIT */
/* A block of a pool is given back to a heap of regions. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->foreign;
}

static const told refused = {.status = TARN_E_FOREIGN, .guess = TARN_GUESS_OTHER_POOL};

const fault the_fault = {.commit = commit, .kind = HEAP, .tier = {NULL, &refused, &refused, &refused, NULL}};
