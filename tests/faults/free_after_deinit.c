/* SPDX-License-Identifier: MIT */
/* b is given back after the pool has ended. */
#include "fault.h"

static void commit(scene *s)
{
    (void)tarn_deinit(s->pool);
    s->suspect = s->block[B];
}

static const told refused = {.status = TARN_E_NOT_A_POOL, .no_record = true};

const fault the_fault = {.commit = commit, .tier = {NULL, &refused, &refused, &refused, &refused}};
