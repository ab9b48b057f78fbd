/* SPDX-License-Identifier: MIT */
/* b was given back; its old owner writes a byte. Where blocks wait, a request that finds no room has b leave. */
#include "fault.h"

static void prepare(scene *s)
{
    for (size_t size = 512; size != 0; size /= 8) {
        while (take(s, size) == TARN_OK) {
        }
    }
    must_give_back(s, B);
    must_give_back(s, D);
}

static void commit(scene *s)
{
    s->block[B][20] ^= 1;
}

/* What is told is not this call's own answer. */
static tarn_status use(scene *s)
{
    tarn_status status = take(s, SIZE);
    s->pointer = s->block[B];
    return s->tier == 3 ? answer(false) : status;
}

static const told fill = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_FILL,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = B,
                          .left = A,
                          .first_bad = {PAYLOAD, B, 20},
                          .aside = true,
                          .takes_out = true};

const fault the_fault = {.commit = commit,
                         .use = use,
                         .prepare = prepare,
                         .words = 3,
                         .quarantine = 1024,
                         .guards = TARN_POOL_ZERO_ON_FREE,
                         .tier = {NULL, NULL, NULL, &fill, NULL}};
