/* SPDX-License-Identifier: MIT */
/* Four bytes in the middle of a free block are overwritten. */
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

const fault the_fault = {.commit = commit, .use = use, .prepare = prepare, .tier = {NULL, NULL, NULL, NULL, NULL}};
