/* SPDX-License-Identifier: MIT */
/* One bit of the map changes: b is not marked as out. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    flip_bit(s->memory + 64, 1);
}

static const told refused = {.status = TARN_E_DOUBLE_FREE, .block = B, .left = A};
static const told map = {
    .status = TARN_E_DAMAGED, .rule = TARN_RULE_BLOCKS_MAP, .guess = TARN_GUESS_WILD_WRITE, .at = {IMAGE, NONE, 64}};

const fault the_fault = {
    .commit = commit, .kind = BLOCK_POOL, .from = 2, .tier = {NULL, NULL, &refused, &refused, &map}};
