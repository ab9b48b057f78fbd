/* SPDX-License-Identifier: MIT */
/* The count of a module's granules is cleared; a block of it is given back. */
#include "fault.h"

static void commit(scene *s)
{
    s->suspect = s->block[B];
    set_word(s->block[A] - lead_of(s) - 32, 0);
}

static const told row = {.status = TARN_E_DAMAGED,
                         .rule = TARN_RULE_MODULES,
                         .guess = TARN_GUESS_WILD_WRITE,
                         .at = {LEAD, A, -32},
                         .first_bad = {LEAD, A, -32}};

const fault the_fault = {.commit = commit, .words = 1, .modules = 4, .tier = {NULL, NULL, &row, &row, &row}};
