/* SPDX-License-Identifier: MIT */
/* b is cleared after it was given back. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    memset(s->block[B], 0, SIZE);
}

static tarn_status use(scene *s)
{
    return take(s, SIZE);
}

static const told link = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_LINKS,
                          .guess = TARN_GUESS_USE_AFTER_FREE,
                          .block = B,
                          .left = A,
                          .first_bad = {PAYLOAD, B, 0}};

const fault the_fault = {.commit = commit,
                         .use = use,
                         .prepare = prepare,
                         .engines = (1u << TARN_ENGINE_TLSF) | (1u << TARN_ENGINE_BESTFIT),
                         .tier = {NULL, NULL, &link, &link, &link}};
