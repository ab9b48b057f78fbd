/* SPDX-License-Identifier: MIT */
/* A free block of a pool that clears what it takes back is written into. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    spoil(s->block[B] + 30, 1);
}

static tarn_status use(scene *s)
{
    return take(s, SIZE);
}

static const told fill = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_FILL,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = B,
                          .left = A,
                          .first_bad = {PAYLOAD, B, 30},
                          .held = SIZE};

const fault the_fault = {.commit = commit,
                         .use = use,
                         .prepare = prepare,
                         .guards = TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE,
                         .tier = {NULL, NULL, NULL, &fill, NULL}};
