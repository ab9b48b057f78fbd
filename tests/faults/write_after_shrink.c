/* SPDX-License-Identifier: MIT */
/* a was cut to 8 bytes; its owner still writes into what was cut off. */
#include "fault.h"

static void prepare(scene *s)
{
    (void)tarn_resize(s->pool, s->block[A], 8);
    s->block[B] = s->block[A] + 16;
}

static void commit(scene *s)
{
    spoil(s->block[A] + 28, 2);
}

static tarn_status use(scene *s)
{
    return take(s, 20);
}

static const told fill = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_FILL,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = B,
                          .left = A,
                          .first_bad = {PAYLOAD, A, 28},
                          .held = 20};

const fault the_fault = {.commit = commit, .use = use, .prepare = prepare, .tier = {NULL, NULL, NULL, &fill, NULL}};
