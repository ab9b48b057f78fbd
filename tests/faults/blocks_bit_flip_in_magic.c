/* SPDX-License-Identifier: MIT */
/* One bit of the block pool's first word changes: it is no pool any more. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    flip_bit(s->memory, 20);
}

static const told none = {.status = TARN_E_NOT_A_POOL, .no_record = true};

const fault the_fault = {.commit = commit, .kind = BLOCK_POOL, .tier = {NULL, &none, &none, &none, &none}};
