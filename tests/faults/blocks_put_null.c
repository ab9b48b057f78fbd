/* SPDX-License-Identifier: MIT */
/* NULL is put. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = NULL;
}

static const told refused = {.status = TARN_E_NULL, .no_record = true};

const fault the_fault = {.commit = commit, .kind = BLOCK_POOL, .tier = {NULL, &refused, &refused, &refused, NULL}};
