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
    return take(s, 80);
}

const fault the_fault = {.commit = commit, .use = use, .prepare = prepare, .tier = {NULL, NULL, NULL, NULL, NULL}};
