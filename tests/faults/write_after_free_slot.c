/* SPDX-License-Identifier: MIT */
/* The word of a large free block that says where in the tree it hangs is overwritten. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    spoil(word_of(s, B, 4), 4);
}

static tarn_status use(scene *s)
{
    return take(s, 400);
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
                         .size = 400,
                         .engines = 1u << TARN_ENGINE_BESTFIT,
                         .tier = {NULL, NULL, &link, &link, &link}};
