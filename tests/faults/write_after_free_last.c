/* SPDX-License-Identifier: MIT */
/* The last block was given back; its old owner writes into it. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, E);
}

static void commit(scene *s)
{
    spoil(s->block[E] + 20, 1);
}

static tarn_status use(scene *s)
{
    return take(s, SIZE);
}

static const told fill = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_FILL,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = E,
                          .left = D,
                          .first_bad = {PAYLOAD, E, 20},
                          .held = SIZE};

const fault the_fault = {.commit = commit, .use = use, .prepare = prepare, .tier = {NULL, NULL, NULL, &fill, NULL}};
