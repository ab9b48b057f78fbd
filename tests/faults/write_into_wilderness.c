/* SPDX-License-Identifier: MIT */
/* What was never handed out is written into. */
#include "fault.h"

static void prepare(scene *s)
{
    s->block[B] = s->block[E] + 48;
}

static void commit(scene *s)
{
    spoil(s->block[B] + 152, 1);
}

static tarn_status use(scene *s)
{
    return take(s, 400);
}

static const told fill = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_FILL,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = B,
                          .left = E,
                          .first_bad = {PAYLOAD, B, 152},
                          .held = 400};

const fault the_fault = {.commit = commit, .use = use, .prepare = prepare, .tier = {NULL, NULL, NULL, &fill, NULL}};
