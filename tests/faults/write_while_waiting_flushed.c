/* SPDX-License-Identifier: MIT */
/* b was given back; its old owner clears it. Where blocks wait, the program has all of them leave. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    if (s->tier == 3) {
        memset(s->block[B], 0, SIZE);
    }
}

/* What is told is not this call's own answer. */
static tarn_status use(scene *s)
{
    tarn_status status = tarn_quarantine_flush(s->pool);
    s->pointer = s->block[B];
    return s->tier == 3 ? answer(false) : status;
}

static const told fill = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_FILL,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = B,
                          .left = A,
                          .first_bad = {PAYLOAD, B, 0},
                          .aside = true,
                          .takes_out = true};

const fault the_fault = {.commit = commit,
                         .use = use,
                         .prepare = prepare,
                         .words = 3,
                         .quarantine = 1024,
                         .from = 3,
                         .tier = {NULL, NULL, NULL, &fill, NULL}};
