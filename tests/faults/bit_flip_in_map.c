/* SPDX-License-Identifier: MIT */
/* One bit of the exact map changes: b is not marked as used. */
#include "fault.h"

static void commit(scene *s)
{
    uint32_t offset = (uint32_t)(s->block[B] - s->memory) / 8u;
    s->amount = offset % 32u;
    s->bytes = (int32_t)(offset / 32u * 4u);
    s->suspect = s->block[B];
    flip_bit(image_word(s, 13) + s->bytes, s->amount);
}

static const told bit = {.status = TARN_E_NOT_A_BLOCK,
                         .rule = TARN_RULE_MAP,
                         .guess = TARN_GUESS_BIT_FLIP,
                         .block = B,
                         .left = A,
                         .first_bad = {IMAGE, NONE, 52}};
static const told check = {.status = TARN_E_DAMAGED,
                           .rule = TARN_RULE_MAP,
                           .guess = TARN_GUESS_BIT_FLIP,
                           .block = B,
                           .left = A,
                           .first_bad = {IMAGE, NONE, 52}};

const fault the_fault = {.commit = commit, .from = 2, .tier = {NULL, NULL, &bit, &bit, &check}};
