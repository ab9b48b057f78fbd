/* SPDX-License-Identifier: MIT */
/* Two bytes of a block that is in are overwritten. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    spoil(s->block[B] + 12, 2);
}

static tarn_status use(scene *s)
{
    tarn_status status = take(s, 0);
    s->pointer = status == TARN_OK ? NULL : s->block[B];
    return status;
}

static const told fill = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_BLOCKS_POISON,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = B,
                          .left = A,
                          .at = {PAYLOAD, B, 12},
                          .first_bad = {PAYLOAD, B, 12}};

const fault the_fault = {
    .commit = commit, .use = use, .prepare = prepare, .kind = BLOCK_POOL, .tier = {NULL, NULL, NULL, &fill, NULL}};
