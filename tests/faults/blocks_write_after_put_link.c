/* SPDX-License-Identifier: MIT */
/* The first word of a block that is in is overwritten; the next request would be served by it. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    spoil(s->block[B], 4);
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

const fault the_fault = {.commit = commit,
                         .use = use,
                         .prepare = prepare,
                         .kind = BLOCK_POOL,
                         .words = 1,
                         .tier = {NULL, &link, &link, &link, &link}};
