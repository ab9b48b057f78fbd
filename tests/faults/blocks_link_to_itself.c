/* SPDX-License-Identifier: MIT */
/* The first word of a block that is in was made to name the block itself; it has been handed out since. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    set_word(s->block[B], (uint32_t)(s->block[B] - s->memory));
    (void)take(s, 0);
}

static tarn_status use(scene *s)
{
    tarn_status status = take(s, 0);
    s->pointer = status == TARN_OK ? NULL : s->block[B];
    return status;
}

static const told second = {.status = TARN_E_DAMAGED,
                            .rule = TARN_RULE_BLOCKS_COUNTS,
                            .guess = TARN_GUESS_WILD_WRITE,
                            .at = {IMAGE, NONE, 8},
                            .first_bad = {IMAGE, NONE, 8},
                            .takes_out = true};
static const told link = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_BLOCKS_LISTED,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .at = {IMAGE, NONE, 8},
                          .first_bad = {IMAGE, NONE, 8}};

const fault the_fault = {.commit = commit,
                         .use = use,
                         .prepare = prepare,
                         .kind = BLOCK_POOL,
                         .later = TARN_RULE_BLOCKS_COUNTS,
                         .tier = {NULL, NULL, &second, &second, &link}};
