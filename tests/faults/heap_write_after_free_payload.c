/* SPDX-License-Identifier: MIT */
/* Four bytes in the middle of a free block of a region are overwritten. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    spoil(s->block[B] + 20, 4);
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
                          .first_bad = {PAYLOAD, B, 20},
                          .held = SIZE};

const fault the_fault = {.commit = commit,
                         .use = use,
                         .prepare = prepare,
                         .kind = HEAP,
                         .words = 2,
                         .tier = {NULL, NULL, NULL, &fill, NULL}};
