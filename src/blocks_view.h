/* SPDX-License-Identifier: MIT */
/*
 * Reading the image of a block pool that nothing vouches for: every word is fetched inside the bytes given, in the
 * image's byte order. A word outside reads as 0. Live pools are read the same way, while others may change them.
 */
#ifndef TARN_SRC_BLOCKS_VIEW_H
#define TARN_SRC_BLOCKS_VIEW_H

#include "blocks.h"

static inline uint32_t blocks_swap(uint32_t value)
{
    return value >> 24 | (value >> 8 & UINT32_C(0xFF00)) | (value & UINT32_C(0xFF00)) << 8 | value << 24;
}

static inline uint32_t blocks_view_order(const tarn_blocks_view *view, uint32_t value)
{
    return view->swapped != 0 ? blocks_swap(value) : value;
}

static inline bool blocks_view_holds(const tarn_blocks_view *view, uint64_t at)
{
    return (at & 3u) == 0 && at <= view->bytes && view->bytes - at >= 4u;
}

static inline uint32_t blocks_view_word(const tarn_blocks_view *view, uint64_t at)
{
    return blocks_view_holds(view, at) ? blocks_view_order(view, word_load_shared(view->base + (size_t)at)) : 0;
}

static inline uint32_t blocks_view_get(const tarn_blocks_view *view, uint32_t index)
{
    return blocks_view_word(view, 4u * (uint64_t)index);
}

/* A word of a block, which may have an owner by now who writes there. */
static inline uint32_t blocks_view_payload(const tarn_blocks_view *view, uint64_t at)
{
    return blocks_view_holds(view, at) ? blocks_view_order(view, word_load_racing(view->base + (size_t)at)) : 0;
}

/* What the functions below need of the header, once it is known to be legal. */
typedef struct blocks_shape {
    uint32_t layout, fresh, first, inverse, shift, stride, count, size;
} blocks_shape;

blocks_shape tarn_blocks_view_shape(const tarn_blocks_view *view);

static inline uint32_t blocks_shape_number(const blocks_shape *shape, uint32_t offset)
{
    return blocks_rotate((offset - shape->first) * shape->inverse, shape->shift);
}

/* False if the offset is none of a block that was ever handed out. */
static inline bool blocks_shape_has(const blocks_shape *shape, uint32_t offset)
{
    return blocks_shape_number(shape, offset) < shape->fresh;
}

static inline uint32_t blocks_shape_offset(const blocks_shape *shape, uint32_t number)
{
    return shape->first + number * shape->stride;
}

/* Whether a block is held back: in no list, and by the map, if there is one, not out. */
static inline bool blocks_view_held(const tarn_blocks_view *view, const blocks_shape *shape, uint32_t number)
{
    uint32_t offset = blocks_shape_offset(shape, number);
    uint32_t map = blocks_map_at() + (number >> 5) * 4u;
    return blocks_has(shape->layout, BLOCKS_HOLDS) && number < shape->fresh &&
           blocks_view_payload(view, offset) == blocks_held_mark(offset) &&
           !(blocks_has(shape->layout, TARN_BLOCKS_MAP) && (blocks_view_word(view, map) >> (number & 31u) & 1u) != 0);
}

/* A list and how many blocks it is said to have. */
typedef struct blocks_list {
    uint32_t head; /* offset, or what is no block's offset if the head is damaged */
    uint32_t count;
} blocks_list;

/* List 0 is the pool's, those after it the caches'. */
blocks_list tarn_blocks_view_list(const tarn_blocks_view *view, uint32_t index);

static inline uint32_t blocks_shape_lists(const blocks_shape *shape)
{
    return 1u + (uint32_t)BLOCKS_SLOT_LISTS * blocks_slots(shape->layout);
}

/* Blocks out, and not in a cache. */
uint32_t tarn_blocks_view_used(const tarn_blocks_view *view);

/* The most that were out at once since init or the last reset of the mark. */
uint32_t tarn_blocks_view_peak(const tarn_blocks_view *view);

enum { BLOCKS_WINDOW = 1024 };

/* Which of the blocks from one number on are free. */
typedef struct blocks_window {
    uint32_t from;
    uint32_t free[BLOCKS_WINDOW / 32];
} blocks_window;

static inline bool blocks_window_free(const blocks_window *window, uint32_t number)
{
    uint32_t place = number - window->from;
    return (window->free[place >> 5] >> (place & 31u) & 1u) != 0;
}

/* Fills the window by following every list; false if one breaks B2, or names a block twice or one too many (B3). In a
 * live pool other threads change their caches meanwhile: what of those does not hold is passed over. */
bool tarn_blocks_view_window(const tarn_blocks_view *view, uint32_t from, bool live, blocks_window *window);

void tarn_blocks_view_describe(const tarn_blocks_view *view, const blocks_shape *shape, uint32_t number, bool is_free,
                               tarn_block *record);

/* Calls use with a view of the pool, in its critical section where the build has one. Returns as tarn_blocks_walk(). */
typedef void blocks_view_user(const tarn_blocks_view *view, void *context);
tarn_status tarn_blocks_look(const tarn_blocks *pool, blocks_view_user *use, void *context);

/* Of a block that is held back: what was written to, if that still shows. */
bool tarn_blocks_check_held(const tarn_blocks_view *view, uint32_t number, tarn_finding *finding);

/* The check of blocks [from, from + blocks) by themselves: guard, map, and if the map says that one is free, link. */
bool tarn_blocks_check_range(const tarn_blocks_view *view, uint32_t *from, uint32_t blocks, tarn_finding *finding);

#endif
