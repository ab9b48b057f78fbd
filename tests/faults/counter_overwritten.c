/* SPDX-License-Identifier: MIT */
/* The number of the next allocation is cleared: blocks in use have higher ones. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    set_word(s->block[A] - lead_of(s) - 4, 0);
}

static const told number = {
    .status = TARN_E_DAMAGED, .rule = TARN_RULE_SEQUENCE, .guess = TARN_GUESS_WILD_WRITE, .block = A};

const fault the_fault = {.commit = commit, .words = 3, .tier = {NULL, NULL, NULL, NULL, &number}};
