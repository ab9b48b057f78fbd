/* SPDX-License-Identifier: MIT */
/*
 * Reading an image that nothing vouches for: every word is fetched inside the bytes given, in the image's byte order,
 * whatever the address. A word outside reads as 0.
 */
#ifndef TARN_SRC_VIEW_H
#define TARN_SRC_VIEW_H

#include "access.h"
#include "block.h"

static inline uint32_t swap_word(uint32_t value)
{
    return value >> 24 | (value >> 8 & UINT32_C(0xFF00)) | (value & UINT32_C(0xFF00)) << 8 | value << 24;
}

static inline uint32_t view_word(const tarn_view *view, uint64_t at)
{
    uint32_t value = 0;
    if (at <= view->bytes && view->bytes - at >= sizeof value) {
        value = word_load_loose(view->base + (size_t)at);
    }
    return view->swapped != 0 ? swap_word(value) : value;
}

static inline uint32_t view_byte(const tarn_view *view, uint64_t at)
{
    return at < view->bytes ? byte_load(view->base + (size_t)at) : 0;
}

static inline uint32_t view_half(const tarn_view *view, uint64_t at)
{
    uint32_t value = 0;
    if (at <= view->bytes && view->bytes - at >= sizeof(uint16_t)) {
        value = half_load_loose(view->base + (size_t)at);
    }
    return view->swapped != 0 ? value >> 8 | (value & 0xFF) << 8 : value;
}

static inline uint32_t view_get(const tarn_view *view, uint32_t index)
{
    return view_word(view, 4u * (uint64_t)index);
}

/* Byte position of a payload. */
static inline uint64_t view_payload(const tarn_view *view, uint32_t offset)
{
    return (uint64_t)offset << layout_shift(view->layout);
}

static inline uint32_t view_header(const tarn_view *view, uint32_t offset)
{
    return view_word(view, view_payload(view, offset) - 4u);
}

static inline uint32_t view_link(const tarn_view *view, uint32_t offset, uint32_t index)
{
    return view_word(view, view_payload(view, offset) + 4u * (uint64_t)index);
}

/* What the pure functions of block.h need; its base must not be used. */
static inline image view_geometry(const tarn_view *view)
{
    image im = image_shape(view->layout);
    im.key = view->key;
    im.first = view->first;
    return im;
}

/* Byte position of the last word of a block. */
static inline uint64_t view_last_word(const tarn_view *view, const block_ref *b)
{
    return view_payload(view, b->offset + b->size) - 4u * layout_extension(view->layout) - 8u;
}

/* Byte position of the engine's index. */
static inline uint64_t view_index(const tarn_view *view)
{
    uint64_t table = IMAGE_HEADER_BYTES + layout_park_bytes(view->layout);
    return layout_has_table(view->layout) ? table + 4u + 4u * (uint64_t)view_word(view, table) : table;
}

/* Byte position of the first block's first byte, where what account.h describes ends, and of where that begins. */
static inline uint64_t view_account_end(const tarn_view *view)
{
    return view_payload(view, view->first) - 4u * layout_extension(view->layout) - 4u;
}

static inline uint64_t view_account(const tarn_view *view)
{
    return view_account_end(view) - layout_account_bytes(view->layout);
}

/* Byte position of the quarantine's words. */
static inline uint64_t view_waits(const tarn_view *view)
{
    return view_account_end(view) - layout_behind_rows(view->layout);
}

/* Byte position right behind the payload of a used block, where what it needs while it waits begins. */
static inline uint64_t view_reserve(const tarn_view *view, const block_ref *b)
{
    return view_last_word(view, b) + 4u - layout_tail_bytes(view->layout);
}

static inline bool view_holds(const tarn_view *view, uint32_t offset)
{
    return offset - view->first < view->top - view->first;
}

/* Whether the exact map says that a used block begins at offset. */
static inline bool view_marked(const tarn_view *view, uint32_t offset)
{
    uint32_t word = view_word(view, IMAGE_HEADER_BYTES + 4u + 4u * (uint64_t)(offset >> 5));
    return (word >> (offset & 31u) & 1u) != 0;
}

/* Bytes of index that an engine needs, whether it is compiled in or not. */
uint32_t tarn_view_index_bytes(uint32_t layout);

/* Up to so many parts of a check in steps (inspect_some.c), under the lock of a pool that has a place for it; false if
 * one is broken. */
bool tarn_check_parts(const image *im, const tarn_view *view, uint32_t parts, tarn_finding *finding);

/* tarn_view_check() of an open view, but for what users' bytes break (I14 to I16: tails, guards, fills). A used block
 * whose tail is broken counts as used. */
tarn_status tarn_view_check_own(const tarn_view *view, tarn_finding *finding);

/* Enters the pool and opens its image for reading; on success the lock is held. */
tarn_status tarn_look_begin(const tarn_pool *pool, access *a, tarn_view *view);

/* The same for a check: *finding is zero, or names a header that is broken. */
tarn_status tarn_check_begin(const tarn_pool *pool, access *a, tarn_view *view, tarn_finding *finding);

/* tarn_walk() in one hold of the pool's lock, for visitors that only count: what they see is one moment. */
tarn_status tarn_walk_held(const tarn_pool *pool, tarn_visit *visit, void *context);

/* The same of tarn_slab_walk(). */
tarn_status tarn_slab_walk_held(const tarn_pool *pool, tarn_visit *visit, void *context);

/* Calls use with a view of the pool, in one hold of its lock. Returns as tarn_walk(). */
typedef void view_user(const tarn_view *view, void *context);
tarn_status tarn_look(const tarn_pool *pool, view_user *use, void *context);

/* The block at offset, by value; false if it breaks I2 or I3. */
bool tarn_view_block(const tarn_view *view, uint32_t offset, block_ref *found);

/* Whether a block counts as used: its header says so, and its tail, if there is one that holds, does not say that it
 * waits. */
bool tarn_view_counts(const tarn_view *view, const block_ref *b);

/* Whether a used block says that it waits to be free. */
bool tarn_view_waits(const tarn_view *view, const block_ref *b);

/* The block at offset, if it is one that waits. */
bool tarn_view_waiting(const tarn_view *view, uint32_t offset, block_ref *found);

/* Slack of a used block whose tail holds (I14); false if it does not, or there are no tails. */
bool tarn_view_slack(const tarn_view *view, const block_ref *b, uint32_t *slack);

/* This header at offset would prove itself and lead to another that does. */
bool tarn_view_leads_on(const tarn_view *view, uint32_t offset, uint32_t header);

/* The bit whose undoing makes it such a header, the lowest of several; 32 if there is none. */
uint32_t tarn_view_flipped_bit(const tarn_view *view, uint32_t offset, uint32_t header);

/* What the header says; the largest block is left to the caller. */
void tarn_view_header_stats(const tarn_view *view, tarn_stats *stats);

enum { SLICE = 8 }; /* blocks that a walk copies per hold of the lock: 448 bytes of stack */

/* Part of a walk. */
typedef struct slice {
    tarn_block blocks[SLICE];
    uint32_t count;
    bool last;
} slice;

/* Copies up to SLICE blocks that begin at or after *cursor, which moves past them; false if the walk meets damage. If
 * *cursor is not 0, *s is what the call before left. */
bool tarn_view_slice(const tarn_view *view, uint32_t *cursor, slice *s);

/* The record that a walk hands out. */
void tarn_view_describe(const tarn_view *view, const block_ref *b, tarn_block *record);

#endif
