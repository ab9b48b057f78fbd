/* SPDX-License-Identifier: MIT */
/*
 * What the full check (inspect_check.c) and the check in steps (inspect_some.c) share: the state of a check, what it
 * found, and the words of free blocks and of the index.
 *
 * Bound: constant for everything here.
 */
#ifndef TARN_SRC_CHECK_H
#define TARN_SRC_CHECK_H

#include "cursor.h"
#include "index_bestfit.h"
#include "index_tlsf.h"
#include "slab.h"
#include "view.h"

/* Byte position of the section that cursor.h describes. */
static inline uint64_t view_cursor(const tarn_view *view)
{
    return view_payload(view, view->first) - layout_front_bytes(view->layout);
}

/* The place of the check in steps; of a pool that has none, the beginning. */
static inline cursor_place view_place(const tarn_view *view)
{
    if (!layout_has_cursor(view->layout)) {
        return (cursor_place){0, 0};
    }
    uint32_t next = view_word(view, view_cursor(view));
    uint32_t seen = view_word(view, view_cursor(view) + 4u * CURSOR_SEEN) ^ cursor_mix(view->key, next);
    return (cursor_place){next, seen};
}

/* A check under way: totals of the walk, and what the index was found to reach. */
typedef struct check {
    const tarn_view *view;
    image im; /* geometry only */
    tarn_finding *finding;
    uint32_t used;
    uint32_t blocks;
    uint32_t marks; /* blocks that the map has */
    uint32_t parked;
    uint32_t waiting;
    uint32_t waiting_granules;
    uint32_t listed;
    uint32_t reached;
    uint64_t index; /* byte position of the engine's index */
    uint64_t heads; /* byte position of its heads */
    uint32_t lists; /* heads that begin lists */
    uint32_t tries; /* heads after them that are roots */
    bool narrow;
    bool local; /* one block at a time: what its neighbours and lists add up to is not looked at, nor is fill */
    bool own;   /* tarn_view_check_own() */
    cursor_place place;
    bool place_met; /* a block of the walk begins there */
} check;

static inline bool fail_at(const check *c, uint32_t rule, uint64_t at, uint32_t expected, uint32_t found)
{
    c->finding->rule = rule;
    c->finding->offset = at;
    c->finding->expected = expected;
    c->finding->found = found;
    return false;
}

static inline bool fail(const check *c, uint32_t rule, uint32_t offset, uint32_t expected, uint32_t found)
{
    return fail_at(c, rule, view_payload(c->view, offset), expected, found);
}

static inline uint32_t head(const check *c, uint32_t list)
{
    return c->narrow ? view_half(c->view, c->heads + 2u * (uint64_t)list)
                     : view_word(c->view, c->heads + 4u * (uint64_t)list);
}

static inline uint32_t where(const check *c, uint32_t offset)
{
    uint64_t payload = view_payload(c->view, offset);
    return view_word(c->view, image_lead_bytes(&c->im) == 4u ? payload + 4u : payload - 8u);
}

static inline uint32_t free_size(const check *c, uint32_t offset)
{
    return block_size(&c->im, view_header(c->view, offset));
}

/* The list that a free block of this size belongs to. */
static inline uint32_t list_of(const check *c, uint32_t size)
{
    return layout_engine(c->view->layout) == TARN_ENGINE_BESTFIT
               ? size
               : tlsf_bin(tlsf_ranges(layout_size_bits(c->view->layout)), size);
}

static inline bool is_free_block(const check *c, uint32_t offset)
{
    block_ref b;
    return view_holds(c->view, offset) && tarn_view_block(c->view, offset, &b) && block_free(b.header);
}

/* A block that says it is parked, in a pool that parks. */
static inline bool is_parked_block(const check *c, const block_ref *b)
{
    return layout_parks(c->view->layout) && block_parked(b->header);
}

enum { CHECK_HEADS = 32, CHECK_MARKS = 1024, CHECK_BYTES = 512 }; /* one part of a check in steps, at most */

/* In exact pools a mark stands for a granule, in those with a slab for a unit: granules whose marks make a part. */
static inline uint32_t check_marked(const check *c)
{
    uint32_t marks = CHECK_MARKS;
    return layout_has_slab(c->view->layout)  ? marks << tarn_slab_unit_log2(c->view)
           : layout_has_map(c->view->layout) ? marks
                                             : UINT32_MAX;
}

/* How many parts the control data is: heads of the index and, where there are marks, those in front of the first block. */
static inline uint32_t check_head_parts(const check *c)
{
    return (c->lists + c->tries) / CHECK_HEADS + 1u;
}

static inline uint32_t check_front_parts(const check *c)
{
    uint32_t step = check_marked(c);
    return check_head_parts(c) + (step == UINT32_MAX ? 0 : (c->view->first - 1u) / step + 1u);
}

/* The granules that there is something to look at in: there may be marks for more than the pool has. */
static inline uint32_t check_reach(const check *c)
{
    uint64_t marks = layout_has_slab(c->view->layout)  ? tarn_slab_marks(c->view)
                     : layout_has_map(c->view->layout) ? 32u * (uint64_t)view_word(c->view, IMAGE_HEADER_BYTES)
                                                       : 0;
    marks = marks > UINT32_MAX ? UINT32_MAX : marks;
    return marks > c->view->end ? (uint32_t)marks : c->view->end;
}

/* Begins a check of an open view; finding is there and zero. */
void tarn_check_open(check *c, const tarn_view *view, tarn_finding *finding);

/* One block that proves itself; left_free says what its left neighbour is. */
bool tarn_check_block(check *c, const block_ref *b, bool left_free);

/* Says which of I2 and I3 the block at offset breaks. */
bool tarn_check_broken(const check *c, uint32_t offset, const block_ref *b);

/* The header of the wilderness and, if not local, its fill. */
bool tarn_check_top(const check *c, bool left_free);

/* I9 of one head of the index. */
bool tarn_check_bit(const check *c, uint32_t index);

/* I9 of bits that have no head. */
bool tarn_check_spare(const check *c);

/* Of I10, what takes no counting: the peak is at least so much, and no more than there is. */
bool tarn_check_peak(const check *c, uint32_t used);

/* I13 of one block. */
bool tarn_check_number(const check *c, const block_ref *b);

/* Of I18, the limit and its seal, where so many granules wait. */
bool tarn_check_limit(const check *c, uint32_t granules);

/* I18, of all blocks that wait, which the walk has counted. */
bool tarn_check_waiting(const check *c);

/* I19; begins says whether a block begins there, or that this is not known. */
bool tarn_check_place(const check *c, bool begins);

#endif
