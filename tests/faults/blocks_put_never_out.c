/* SPDX-License-Identifier: MIT */
/* A block that was never handed out is put. */
#include "fault.h"

static void commit(scene *s)
{
    s->block[A] = s->block[E] + (s->block[C] - s->block[B]);
    s->suspect = s->block[A];
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = A, .left = E};

const fault the_fault = {.commit = commit, .kind = BLOCK_POOL, .tier = {NULL, &refused, &refused, &refused, NULL}};
