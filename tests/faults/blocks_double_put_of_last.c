/* SPDX-License-Identifier: MIT */
/* All blocks are in, and b is put once more. */
#include "fault.h"

static void prepare(scene *s)
{
    for (uint32_t block = A; block < NEIGHBOURS; block++) {
        must_give_back(s, block);
    }
}

static void commit(scene *s)
{
    s->suspect = s->block[B];
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .guess = TARN_GUESS_DOUBLE_FREE, .block = B, .left = A};

const fault the_fault = {
    .commit = commit, .prepare = prepare, .kind = BLOCK_POOL, .tier = {NULL, &refused, &refused, &refused, NULL}};
