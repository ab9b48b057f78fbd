/* SPDX-License-Identifier: MIT */
/* The word that says which of the blocks that wait is the oldest is overwritten. */
#include "fault.h"

static void prepare(scene *s)
{
    must_give_back(s, B);
}

static void commit(scene *s)
{
    unsigned char *first = s->memory + ((size_t)get_word(image_word(s, 3)) << 3);
    unsigned char *oldest = first - lead_of(s) - 20; /* no module, no counter */
    set_word(oldest, ~get_word(oldest));
    s->bytes = (int32_t)(oldest - s->memory);
    s->suspect = s->block[D];
}

static const told list = {.status = TARN_E_DAMAGED,
                          .rule = TARN_RULE_QUARANTINE,
                          .guess = TARN_GUESS_WILD_WRITE,
                          .at = {IMAGE, NONE, 0},
                          .first_bad = {IMAGE, NONE, 0}};

const fault the_fault = {.commit = commit,
                         .prepare = prepare,
                         .words = 2,
                         .quarantine = 1024,
                         .from = 3,
                         .tier = {NULL, NULL, NULL, &list, NULL}};
