/* SPDX-License-Identifier: MIT */
/* One bit of a block that is in changes. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    flip_bit(s->block[B] + 8, 17);
}

static tarn_status use(scene *s)
{
    tarn_status status = take(s, 0);
    s->pointer = status == TARN_OK ? NULL : s->block[B];
    return status;
}

static const told fill = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_BLOCKS_POISON,
                          .guess = TARN_GUESS_BIT_FLIP,
                          .amount = 17,
                          .block = B,
                          .left = A,
                          .at = {PAYLOAD, B, 8},
                          .first_bad = {PAYLOAD, B, 8}};

const fault the_fault = {
    .commit = commit, .use = use, .prepare = prepare, .kind = BLOCK_POOL, .tier = {NULL, NULL, NULL, &fill, NULL}};
