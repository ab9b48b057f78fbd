/* SPDX-License-Identifier: MIT */
/* One bit of the pool's first word changes: it is no pool any more. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    flip_bit(image_word(s, 0), 9);
}

static const told none = {.status = TARN_E_NOT_A_POOL, .no_record = true};

const fault the_fault = {.commit = commit, .tier = {NULL, &none, &none, &none, &none}};
