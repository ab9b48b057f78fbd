/* SPDX-License-Identifier: MIT */
/*
 * The place of the check in steps: a section of two words in front of the account, in pools that ask for it.
 *
 *   next   payload offset of the block or wilderness to be looked at next; 0: a round begins, with the control data
 *   seen   up to where free memory and the exact map have been looked at in this round, in granules; while next is 0,
 *          how many parts of the control data; stored with next mixed in, so that a stray write to next shows in it
 *
 * A block that swallows the header at the place takes the place along, so that each operation which merges blocks or
 * lets one grow says here over which granules (pool_ops.h). It never goes forward but by the check: what has been there
 * since a round began is seen in that round.
 *
 * I19 the words are of this pool: next is 0, the start of a block, or the wilderness; seen is no more than there is
 * Bound: constant.
 */
#ifndef TARN_SRC_CURSOR_H
#define TARN_SRC_CURSOR_H

#include "block.h"

enum { CURSOR_NEXT, CURSOR_SEEN };

typedef struct cursor_place {
    uint32_t next;
    uint32_t seen;
} cursor_place;

static inline uint32_t cursor_mix(uint32_t key, uint32_t next)
{
    const uint32_t salt = UINT32_C(0x0C0850A5); /* a header in its place proves nothing */
    return block_mix(key ^ salt, next, 0);
}

/* First byte of the section. */
static inline unsigned char *cursor_words(const image *im)
{
    return image_payload(im, im->first) - layout_front_bytes(im->layout);
}

static inline cursor_place cursor_get(const image *im)
{
    uint32_t next = word_load(cursor_words(im));
    return (cursor_place){next, word_load(cursor_words(im) + 4u * CURSOR_SEEN) ^ cursor_mix(im->key, next)};
}

static inline void cursor_set(const image *im, cursor_place c)
{
    word_store(cursor_words(im), c.next);
    word_store(cursor_words(im) + 4u * CURSOR_SEEN, c.seen ^ cursor_mix(im->key, c.next));
}

/* A round begins: of a pool being made, reset or put right. */
static inline void cursor_reset(const image *im)
{
    if (layout_has_cursor(im->layout)) {
        cursor_set(im, (cursor_place){0, 0});
    }
}

/* Takes the place to start if it lies behind that and in front of end. */
void tarn_cursor_move(const image *im, uint32_t start, uint32_t end);

/* Where the granules between start and end have become parts of what begins at start. */
static inline void cursor_absorb(const image *im, uint32_t start, uint32_t end)
{
    if (layout_has_cursor(im->layout)) {
        image copy =
            *im; /* so that a compiler which knows what im is need not put it where this call could change it */
        tarn_cursor_move(&copy, start, end);
    }
}

#endif
