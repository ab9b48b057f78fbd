/* SPDX-License-Identifier: MIT */
/* A block of another pool is given back to this one. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->foreign;
}

static const told refused = {.status = TARN_E_FOREIGN, .guess = TARN_GUESS_OTHER_POOL};

const fault the_fault = {.commit = commit, .tier = {NULL, &refused, &refused, &refused, NULL}};
