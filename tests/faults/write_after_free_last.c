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

const fault the_fault = {.commit = commit, .use = use, .prepare = prepare, .tier = {NULL, NULL, NULL, NULL, NULL}};
