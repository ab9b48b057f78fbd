/* SPDX-License-Identifier: MIT */
/* A pointer 8 bytes in front of b is given back: it lies in a. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B] - 8;
}

static const told refused = {.status = TARN_E_NOT_A_BLOCK, .guess = TARN_GUESS_INTERIOR, .amount = 40, .block = A};

const fault the_fault = {.commit = commit, .tier = {NULL, &refused, &refused, &refused, NULL}};
