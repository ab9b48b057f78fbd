/* SPDX-License-Identifier: MIT */
/* One bit of the first word of a block that is in changes. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    flip_bit(s->block[B], 1);
}

static tarn_status use(scene *s)
{
    return take(s, 0);
}

static const told link = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_BLOCKS_LINK,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = B,
                          .left = A,
                          .first_bad = {PAYLOAD, B, 0}};

const fault the_fault = {
    .commit = commit, .use = use, .prepare = prepare, .kind = BLOCK_POOL, .tier = {NULL, &link, &link, &link, &link}};
