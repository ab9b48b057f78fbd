/* SPDX-License-Identifier: MIT */
/* A pointer 3 bytes into b is given back. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B] + 3;
}

static const told refused = {
    .status = TARN_E_MISALIGNED, .guess = TARN_GUESS_INTERIOR, .amount = 3, .block = B, .left = A};

const fault the_fault = {.commit = commit, .tier = {NULL, &refused, &refused, &refused, NULL}};
