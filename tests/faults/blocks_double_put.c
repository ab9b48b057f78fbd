/* SPDX-License-Identifier: MIT */
/* b is put twice while others are out: known where the pool has the map. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[B];
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = B, .left = A};

const fault the_fault = {.commit = commit,
                         .prepare = prepare,
                         .kind = BLOCK_POOL,
                         .words = 1,
                         .later = TARN_RULE_BLOCKS_LISTED,
                         .tier = {NULL, NULL, &refused, &refused, NULL}};
