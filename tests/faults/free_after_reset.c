/* SPDX-License-Identifier: MIT */
/* b is given back after the pool was reset. */
#include "fault.h"

static void prepare(scene *s)
{
    (void)tarn_reset(s->pool);
}

static void commit(scene *s)
{
    s->suspect = s->block[B];
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = A};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, &refused, &refused, &refused, NULL}};
