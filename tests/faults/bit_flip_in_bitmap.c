/* SPDX-License-Identifier: MIT */
/* One bit of the index changes that says which lists are empty. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[A];
    flip_bit(image_word(s, 29), 20);
}

static const told bits = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_BITMAP,
                          .guess = TARN_GUESS_BIT_FLIP,
                          .amount = 20,
                          .at = {IMAGE, NONE, 116},
                          .first_bad = {IMAGE, NONE, 116}};

const fault the_fault = {.commit = commit,
                         .from = 2,
                         .engines = (1u << TARN_ENGINE_TLSF) | (1u << TARN_ENGINE_BESTFIT),
                         .tier = {NULL, NULL, NULL, NULL, &bits}};
