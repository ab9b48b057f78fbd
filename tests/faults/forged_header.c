/* SPDX-License-Identifier: MIT */
/* What b's header was is written back into the block that lies there now: without the map that is a block. */
#include "fault.h"

static uint32_t header;

static void prepare(scene *s)
{
    header = get_word(s->block[B] - 4);
    must_give_back(s, A);
    must_give_back(s, B);
    (void)take(s, s->tier == 3 ? 88 : 92);
}

static void commit(scene *s)
{
    set_word(s->block[B] - 4, header);
    s->suspect = s->block[B];
}

static const told refused = {.status = TARN_E_NOT_A_BLOCK, .guess = TARN_GUESS_INTERIOR, .amount = 48, .block = A};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, NULL, &refused, &refused, NULL}};
