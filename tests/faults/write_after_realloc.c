/* SPDX-License-Identifier: MIT */
/* b has moved to be larger; its owner writes through the old pointer. */
#include "fault.h"

static void prepare(scene *s)
{
    (void)regrow(s, s->block[B], 200);
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
