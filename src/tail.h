/* SPDX-License-Identifier: MIT */
/*
 * The tail word: the last word of every used block in pools that ask for it, where a free block has its tag.
 *
 *   used:  [extension words][header][payload asked for][slack][tail]
 *   tail, from the highest bit:  check 22 | state 2 | slack 8
 *
 * Slack is what the size asked for leaves in front of the tail, in bytes. It is filled when the block is handed out or
 * changes size, so that a write past that size is found, from the first byte on. It is tarn's, not the program's, and
 * never longer than a smallest block, a granule and what the block needs in quarantine, which is at its end.
 *
 * I14 a used block's tail proves itself, and the slack it names lies in the block
 * I15 the slack of a used block holds the fill
 * Bound: bytes of slack.
 */
#ifndef TARN_SRC_TAIL_H
#define TARN_SRC_TAIL_H

#include "block.h"

#define TAIL_SLACK_MAX 255u
#define TAIL_GUARD 0xA5u

#define TAIL_BODY_MASK 0x3FFu

enum { TAIL_STATE_SHIFT = 8 };

/* States of a block whose header says used. */
enum {
    TAIL_USED,
    TAIL_LEAVING,     /* given back, and being filled, or looked at, outside the lock */
    TAIL_QUARANTINED, /* given back, and waiting (quarantine.h) */
    TAIL_HELD         /* taken out of circulation: used in every count, nobody's */
};

static inline uint32_t tail_seal(const image *im, uint32_t offset, uint32_t body)
{
    const uint32_t salt = UINT32_C(0x5A17C0DE); /* a header in its place proves nothing */
    return (body | (block_mix(im->key ^ salt, offset, body) & ~TAIL_BODY_MASK)) ^ TAIL_GUARD;
}

/* Slack and state. The slack is stored as the fill would be changed by it: no slack is the fill and not 0, so that a
 * string's end past the size asked for changes a little-endian tail. */
static inline uint32_t tail_body(uint32_t word)
{
    return (word ^ TAIL_GUARD) & TAIL_BODY_MASK;
}

/* Every change of slack or state alone changes the check: a difference below 2^10, multiplied as block_mix() does, is
 * at least 2^10 away from 0. */
static inline bool tail_proves(const image *im, uint32_t offset, uint32_t word)
{
    return word == tail_seal(im, offset, tail_body(word));
}

static inline uint32_t tail_slack(uint32_t word)
{
    return tail_body(word) & TAIL_SLACK_MAX;
}

static inline uint32_t tail_state(uint32_t word)
{
    return tail_body(word) >> TAIL_STATE_SHIFT;
}

/* Whether the block counts as used. Where there is a quarantine, it does not from when it is given back. */
static inline bool tail_counts(uint32_t layout, uint32_t word)
{
    uint32_t state = tail_state(word);
    return state == TAIL_USED || state == TAIL_HELD || (state == TAIL_LEAVING && !layout_quarantines(layout));
}

static inline unsigned char *tail_word(const image *im, uint32_t offset, uint32_t size)
{
    return block_left_tag(im, offset + size);
}

/* Where the slack of a used block ends. */
static inline unsigned char *tail_slack_end(const image *im, unsigned char *tail)
{
    return tail - layout_backup_bytes(im->layout);
}

/* I14 of a recognised block: TARN_OK, TARN_E_DAMAGED, and TARN_E_DOUBLE_FREE of one that is not used. */
tarn_status tarn_tail_admit(const image *im, const block_ref *b);

/* The block at an address that a call has left behind, leaving, unless the pool was reset since: TARN_OK,
 * TARN_E_DAMAGED if its tail is broken, TARN_E_DOUBLE_FREE if it is in another state, else as block_recognise(). */
tarn_status tarn_tail_leaving(const image *im, const void *address, block_ref *b);

/* I15 of a block that was admitted. */
bool tarn_tail_guards(const image *im, const block_ref *b);

/* Puts a used block whose tail holds into another state. */
void tarn_tail_set_state(const image *im, const block_ref *b, uint32_t state);

/* Where the block was given back, if at all, is not known. */
void tarn_tail_forget_giver(const image *im, const block_ref *b);

/* Takes such a block out of circulation, of which that is not known. */
void tarn_tail_hold(const image *im, const block_ref *b);

/* Writes the tail of the used block at offset for a payload of this size, and fills its slack. */
void tarn_tail_write(const image *im, uint32_t offset, size_t size);

/* Tells a block that the program has from every other address. */
static inline tarn_status block_admit(const image *im, const void *address, block_ref *b)
{
    tarn_status status = block_recognise(im, address, b);
    return status == TARN_OK && layout_has_tail(im->layout) ? tarn_tail_admit(im, b) : status;
}

/* block_admit(), and that what is the pool's at its end is untouched, of a recognised block: TARN_E_DAMAGED,
 * TARN_E_DOUBLE_FREE. */
tarn_status tarn_tail_admit_whole(const image *im, const block_ref *b);

/* block_admit(), and what it had not been asked for is untouched: before it changes its size or is taken back. */
static inline tarn_status block_admit_whole(const image *im, const void *address, block_ref *b)
{
    tarn_status status = block_recognise(im, address, b);
    return status == TARN_OK && layout_has_end(im->layout) ? tarn_tail_admit_whole(im, b) : status;
}

/* Bytes that are the program's, of an admitted block. */
static inline size_t block_usable(const image *im, const block_ref *b)
{
    size_t usable = image_usable(im, b->size);
    if (!layout_has_tail(im->layout)) {
        return usable;
    }
    return usable + layout_reserve_bytes(im->layout) - tail_slack(word_load(tail_word(im, b->offset, b->size)));
}

#endif
