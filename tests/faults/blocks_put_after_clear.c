/* SPDX-License-Identifier: MIT */
/* b is put after the pool took all blocks back. */
#include "fault.h"

static void prepare(scene *s)
{
    (void)tarn_blocks_clear(s->blocks);
}

static void commit(scene *s)
{
    s->suspect = s->block[B];
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = B, .left = A};

const fault the_fault = {
    .commit = commit, .prepare = prepare, .kind = BLOCK_POOL, .tier = {NULL, &refused, &refused, &refused, NULL}};
