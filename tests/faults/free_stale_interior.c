/* SPDX-License-Identifier: MIT */
/* A pointer 8 bytes into b is given back after b was. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    s->suspect = s->block[B] + 8;
}

static const told refused = {.status = TARN_E_NOT_A_BLOCK, .guess = TARN_GUESS_STALE, .block = B, .left = A};

const fault the_fault = {.commit = commit, .prepare = prepare, .tier = {NULL, &refused, &refused, &refused, NULL}};
