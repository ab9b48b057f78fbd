/* SPDX-License-Identifier: MIT */
/*
 * Filled free memory: pools with POISON or ZERO_ON_FREE. Pools with BACKUP (backup.h) have what merges wiped in the
 * same way.
 *
 * I16 every byte of a free block's payload but the engine's links at its start and copy and tag at its end holds the
 *     fill, and so does the wilderness from its payload on (verified with POISON only)
 *
 * A block that is given back is filled by whoever gives it back, outside the lock, in state leaving; what a call cuts
 * off is filled before it is. The engines know nothing of it: what they leave inside free memory (headers, tags, links
 * of what merged) or inside a block handed out is wiped here, before and after their operations.
 * Bound: constant under the lock.
 */
#ifndef TARN_SRC_FILL_H
#define TARN_SRC_FILL_H

#include "engine.h"
#include "tail.h"
#include "tarn/report.h"
#include "view.h"

#define FILL_POISON 0xDDu

static inline uint32_t fill_byte(uint32_t layout)
{
    return layout_zeroes(layout) ? 0 : FILL_POISON;
}

/* Bytes at the start of a free block of this size that the engine may use for links. */
uint32_t tarn_fill_links(uint32_t layout, uint32_t size);

/* Fills [from, to), bytes that are the pool's. */
void tarn_fill_write(const image *im, unsigned char *from, const unsigned char *to);

/* Whether [from, to) holds the fill. */
bool tarn_fill_holds(const image *im, const unsigned char *from, const unsigned char *to);

/* A byte that does not hold the fill. */
typedef struct fill_break {
    const unsigned char *at; /* NULL: there is none */
    uint32_t found;
} fill_break;

/* The first one in [from, to). */
fill_break tarn_fill_break(const image *im, const unsigned char *from, const unsigned char *to);

/* From the wilderness's payload, or from from, to the end: of a pool being made, reset or grown. */
void tarn_fill_wilderness(const image *im, unsigned char *from);

/* What lay around a block before an operation of the engine. */
typedef struct fill_note {
    uint32_t top;
    uint32_t left;  /* granules free to the left, 0 if none */
    uint32_t right; /* the same of a listed block to the right */
    uint32_t end;   /* offset behind the block */
} fill_note;

fill_note tarn_fill_note(const image *im, const block_ref *b);

/* After the block was released. */
void tarn_fill_released(const image *im, const block_ref *b, const fill_note *note);

/* After the block was cut: its payload had been filled from the new size on, tail and slack bytes in front of it not.
 * */
void tarn_fill_trimmed(const image *im, const block_ref *b, const fill_note *note, uint32_t slack);

/* After the block grew to its right. */
void tarn_fill_extended(const image *im, const block_ref *b, const fill_note *note);

/* After a block was taken at offset: top is where the wilderness began before. */
void tarn_fill_taken(const image *im, uint32_t offset, uint32_t top);

/* The first byte that breaks I16 in a free block, the wilderness, or a block that waits; TARN_NOWHERE if there is none.
 */
uint64_t tarn_fill_broken(const tarn_view *view, const block_ref *b);

/* The same of the byte positions from from up to to. */
uint64_t tarn_fill_broken_in(const tarn_view *view, const block_ref *b, uint64_t from, uint64_t to);

#endif
