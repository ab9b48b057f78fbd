/* SPDX-License-Identifier: MIT */
/* A block of the pool that lies in b is given back to the outer pool. */
#include "fault.h"

static unsigned char *inner;

static void prepare(scene *s)
{
    tarn_pool *nested;
    (void)tarn_init(&nested, s->block[B], 600, NULL);
    inner = tarn_alloc(nested, SIZE);
}

static void commit(scene *s)
{
    s->amount = (uint32_t)(inner - s->block[B]);
    s->suspect = inner;
}

static const told refused = {.status = TARN_E_NOT_A_BLOCK, .guess = TARN_GUESS_INTERIOR, .block = B, .left = A};

const fault the_fault = {
    .commit = commit, .prepare = prepare, .size = 600, .tier = {NULL, &refused, &refused, &refused, NULL}};
