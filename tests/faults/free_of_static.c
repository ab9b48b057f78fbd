/* SPDX-License-Identifier: MIT */
/* The address of a static object is given back. */
#include "fault.h"

static _Alignas(8) unsigned char object[64];

static void commit(scene *s)
{
    s->suspect = &object;
}

static const told refused = {.status = TARN_E_FOREIGN, .guess = TARN_GUESS_FOREIGN};

const fault the_fault = {.commit = commit, .tier = {NULL, &refused, &refused, &refused, NULL}};
