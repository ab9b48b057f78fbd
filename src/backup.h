/* SPDX-License-Identifier: MIT */
/*
 * Copies of headers: pools with BACKUP.
 *
 *   used:  [extension words][header][payload ....][slack][copy][tail]      (tail and slack where the pool has them)
 *   free:  [...........where][header][links].............[copy][size tag]
 *
 * A copy lies as far from its header as it can, so that a write over the one rarely reaches the other, and belongs to
 * one offset, size and state: it is no header, but what a multiplication makes of one, all 32 bits of it. So a block
 * whose header is lost is found again by trying every size. What merges, or is handed out, is wiped of copies (fill.h):
 * a stale one would tell of a block that is no more.
 *
 * I17 the copy of each block but the wilderness is that of its header
 * The engines know nothing of it: copies are written when they have done, under the same lock.
 * Bound: constant.
 */
#ifndef TARN_SRC_BACKUP_H
#define TARN_SRC_BACKUP_H

#include "fill.h"

/* The copy of a header; the flag that is not sealed is not in it. */
static inline uint32_t backup_of(const image *im, uint32_t offset, uint32_t header)
{
    const uint32_t salt = UINT32_C(0x2C91E6B5);
    return block_mix(im->key ^ salt, offset, header & im->body_mask & ~BLOCK_LEFT_FREE);
}

/* Bytes from the copy to the block's end. */
static inline uint32_t backup_distance(uint32_t layout, bool used)
{
    return used && !layout_has_tail(layout) ? 4u : 8u;
}

static inline unsigned char *backup_word(const image *im, uint32_t offset, uint32_t size, bool used)
{
    return block_left_tag(im, offset + size) + 4 - backup_distance(im->layout, used);
}

/* Byte position of the copy. */
static inline uint64_t view_backup(const tarn_view *view, const block_ref *b)
{
    return view_last_word(view, b) + 4u - backup_distance(view->layout, block_used(b->header));
}

/* Writes the copy of the header at offset, which is no wilderness's. */
void tarn_backup_write(const image *im, uint32_t offset);

/* Writes those of all blocks. */
void tarn_backup_write_all(const image *im);

/* I17 of a recognised block. */
bool tarn_backup_holds(const image *im, const block_ref *b);

/* After a block was taken at offset. */
void tarn_backup_taken(const image *im, uint32_t offset);

/* After the block was released. */
void tarn_backup_released(const image *im, const block_ref *b, const fill_note *note);

/* Before the block is trimmed or extended, and after that was done or refused: where the copy was, it stays nowhere. */
void tarn_backup_leave(const image *im, const block_ref *b);
void tarn_backup_resized(const image *im, const block_ref *b, const fill_note *note);

/* The one header that a copy proves at offset, where the one that is there does not: of the sizes that lead to a
 * header which proves itself, or is lost too. False if there is none, or more than one. */
bool tarn_view_backup_find(const tarn_view *view, uint32_t offset, block_ref *found);

#endif
