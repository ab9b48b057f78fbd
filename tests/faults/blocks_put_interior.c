/* SPDX-License-Identifier: MIT */
/* A pointer 4 bytes into b is put. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B] + 4;
}

static const told refused = {
    .status = TARN_E_NOT_A_BLOCK, .guess = TARN_GUESS_INTERIOR, .amount = 4, .block = B, .left = A};

const fault the_fault = {
    .commit = commit, .kind = BLOCK_POOL, .words = 1, .tier = {NULL, &refused, &refused, &refused, NULL}};
