/* SPDX-License-Identifier: MIT */
/* a and b were given back and are one free block; b's old owner writes into it. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, A);
    must_give_back(s, B);
}

static void commit(scene *s)
{
    spoil(s->block[B] + 12, 4);
}

static tarn_status use(scene *s)
{
    return take(s, 88);
}

static const told fill = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_FILL,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = A,
                          .first_bad = {PAYLOAD, B, 12},
                          .held = 88};

const fault the_fault = {.commit = commit, .use = use, .prepare = prepare, .tier = {NULL, NULL, NULL, &fill, NULL}};
