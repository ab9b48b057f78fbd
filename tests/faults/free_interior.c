/* SPDX-License-Identifier: MIT */
/* A pointer 8 bytes into b is given back. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B] + 8;
}

static const told refused = {
    .status = TARN_E_NOT_A_BLOCK, .guess = TARN_GUESS_INTERIOR, .amount = 8, .block = B, .left = A};

const fault the_fault = {.commit = commit, .words = 2, .tier = {NULL, &refused, &refused, &refused, NULL}};
