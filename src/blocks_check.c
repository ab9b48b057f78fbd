/* SPDX-License-Identifier: MIT */
/*
 * The full check of a block pool: B1 to B7, on bytes that nothing vouches for.
 *
 * The header was verified when the view was opened. Each list is followed as far as it is said to go (B2, B3, B4), with
 * each of its blocks looked at (B5, B7); then every block by number (B5, B6). With caches, the lists are compared for
 * blocks that are in two of them, window by window.
 *
 * Bound: blocks, their bytes where they are filled; with caches the lists once per window more.
 */
#include "blocks_full.h"
#include "blocks_view.h"

typedef struct blocks_check {
    const tarn_blocks_view *view;
    blocks_shape shape;
    tarn_finding *finding;
} blocks_check;

static bool blocks_fail(const blocks_check *c, uint32_t rule, uint64_t at, uint32_t expected, uint32_t found)
{
    c->finding->rule = rule;
    c->finding->offset = at;
    c->finding->expected = expected;
    c->finding->found = found;
    return false;
}

static blocks_check blocks_check_open(const tarn_blocks_view *view, tarn_finding *finding)
{
    blocks_check c = {view, tarn_blocks_view_shape(view), finding};
    return c;
}

static bool marked_out(const blocks_check *c, uint32_t number)
{
    uint32_t word = blocks_view_word(c->view, blocks_map_at() + 4u * (uint64_t)(number >> 5));
    return (word >> (number & 31u) & 1u) != 0;
}

/* ---- blocks that are in a list ---- */

static bool blocks_check_fill(const blocks_check *c, uint32_t offset)
{
    if (!blocks_has(c->shape.layout, TARN_BLOCKS_POISON)) {
        return true;
    }
    uint32_t usable = blocks_usable(c->shape.size);
    for (uint32_t at = 4; at < usable; at += 4u) {
        uint32_t word = blocks_view_payload(c->view, (uint64_t)offset + at);
        if (word != BLOCKS_FILL) {
            return blocks_fail(c, TARN_RULE_BLOCKS_POISON, (uint64_t)offset + at, BLOCKS_FILL, word);
        }
    }
    return true;
}

static bool blocks_check_listed(const blocks_check *c, uint32_t offset)
{
    uint32_t number = blocks_shape_number(&c->shape, offset);
    if (blocks_has(c->shape.layout, TARN_BLOCKS_MAP) && marked_out(c, number)) {
        return blocks_fail(c, TARN_RULE_BLOCKS_MAP, offset, 0, 1);
    }
    return blocks_check_fill(c, offset);
}

/* from: the word that holds the offset in hand, for the report. */
static bool blocks_check_list(const blocks_check *c, uint32_t index, uint32_t *listed)
{
    blocks_list list = tarn_blocks_view_list(c->view, index);
    uint64_t from = index == 0 ? 4u * BLOCKS_HEAD
                               : blocks_slot_list_at(c->shape.layout, c->shape.count, (index - 1u) / BLOCKS_SLOT_LISTS,
                                                     (index - 1u) % BLOCKS_SLOT_LISTS);
    uint32_t at = list.head;
    uint32_t left = list.count;
    uint32_t room = c->shape.fresh - *listed;
    if (left > room) {
        return blocks_fail(c, TARN_RULE_BLOCKS_COUNTS, from, room, left);
    }
    while (at != 0) {
        if (!blocks_shape_has(&c->shape, at)) {
            return blocks_fail(c, TARN_RULE_BLOCKS_LINK, from, 0, at);
        }
        if (left == 0) {
            return blocks_fail(c, TARN_RULE_BLOCKS_LISTED, from, 0, at);
        }
        if (!blocks_check_listed(c, at)) {
            return false;
        }
        left--;
        from = at;
        at = blocks_view_payload(c->view, at);
    }
    *listed += list.count;
    return left == 0 || blocks_fail(c, TARN_RULE_BLOCKS_COUNTS, from, list.count, list.count - left);
}

/* No block in two lists: only with caches is there more than one. */
static bool check_windows(const blocks_check *c)
{
    blocks_window window;
    for (uint32_t from = 0; blocks_slots(c->shape.layout) != 0 && from < c->shape.fresh; from += BLOCKS_WINDOW) {
        if (!tarn_blocks_view_window(c->view, from, false, &window)) {
            return blocks_fail(c, TARN_RULE_BLOCKS_LISTED, blocks_shape_offset(&c->shape, from), 1, 2);
        }
    }
    return true;
}

/* ---- blocks by number ---- */

static bool check_guard_word(const blocks_check *c, uint32_t number)
{
    uint32_t offset = blocks_shape_offset(&c->shape, number);
    uint64_t at = (uint64_t)offset + blocks_usable(c->shape.size);
    uint32_t word = blocks_view_payload(c->view, at);
    return word == blocks_guard(offset) || blocks_fail(c, TARN_RULE_BLOCKS_GUARD, at, blocks_guard(offset), word);
}

/* That of a block held back is why it is. */
static bool check_guard(const blocks_check *c, uint32_t number)
{
    bool guarded = blocks_has(c->shape.layout, TARN_BLOCKS_GUARD) && number < c->shape.fresh;
    return !guarded || blocks_view_held(c->view, &c->shape, number) || check_guard_word(c, number);
}

bool tarn_blocks_check_held(const tarn_blocks_view *view, uint32_t number, tarn_finding *finding)
{
    blocks_check c = blocks_check_open(view, finding);
    bool guarded = blocks_has(c.shape.layout, TARN_BLOCKS_GUARD);
    return blocks_check_fill(&c, blocks_shape_offset(&c.shape, number)) && (!guarded || check_guard_word(&c, number));
}

/* Where the map says that a block is free: what get would rely on. */
static bool blocks_check_mapped(const blocks_check *c, uint32_t number)
{
    uint32_t offset = blocks_shape_offset(&c->shape, number);
    if (!blocks_has(c->shape.layout, TARN_BLOCKS_MAP)) {
        return true;
    }
    if (number >= c->shape.fresh) {
        return !marked_out(c, number) || blocks_fail(c, TARN_RULE_BLOCKS_MAP, offset, 0, 1);
    }
    if (marked_out(c, number) || blocks_view_held(c->view, &c->shape, number)) {
        return true;
    }
    uint32_t link = blocks_view_payload(c->view, offset);
    bool leads = link == 0 || blocks_shape_has(&c->shape, link);
    return (leads || blocks_fail(c, TARN_RULE_BLOCKS_LINK, offset, 0, link)) && blocks_check_fill(c, offset);
}

bool tarn_blocks_check_range(const tarn_blocks_view *view, uint32_t *from, uint32_t blocks, tarn_finding *finding)
{
    blocks_check c = blocks_check_open(view, finding);
    bool sound = true;
    for (; sound && *from < c.shape.count && blocks != 0; blocks--) {
        sound = check_guard(&c, *from) && blocks_check_mapped(&c, *from);
        ++*from;
    }
    return sound;
}

static uint32_t blocks_count_bits(uint32_t word)
{
    uint32_t count = 0;
    for (; word != 0; word &= word - 1u) {
        count++;
    }
    return count;
}

/* ---- everything ---- */

static uint32_t count_held(const blocks_check *c)
{
    uint32_t held = 0;
    for (uint32_t number = 0; blocks_has(c->shape.layout, BLOCKS_HOLDS) && number < c->shape.fresh; number++) {
        held += blocks_view_held(c->view, &c->shape, number) ? 1u : 0u;
    }
    return held;
}

/* As many marks as blocks out that are not held back; that no listed block has one was seen, so the rest is where it
 * belongs. */
static bool blocks_check_map(const blocks_check *c, uint32_t used)
{
    uint32_t marks = 0;
    uint32_t bytes = blocks_map_bytes(c->shape.layout, c->shape.count);
    for (uint32_t at = 0; at < bytes; at += 4u) {
        marks += blocks_count_bits(blocks_view_word(c->view, blocks_map_at() + (uint64_t)at));
    }
    if (bytes == 0 || marks == used) {
        return true;
    }
    uint32_t held = count_held(c);
    return marks + held == used || blocks_fail(c, TARN_RULE_BLOCKS_MAP, blocks_map_at(), used - held, marks);
}

static bool blocks_check_counts(const blocks_check *c, uint32_t listed)
{
    uint32_t mark = blocks_view_get(c->view, BLOCKS_MARK);
    uint32_t used = c->shape.fresh - listed;
    if (mark != 0 && (mark - 1u > c->shape.fresh || mark - 1u < used)) {
        return blocks_fail(c, TARN_RULE_BLOCKS_COUNTS, 4u * BLOCKS_MARK, used + 1u, mark);
    }
    return blocks_check_map(c, used);
}

tarn_status tarn_blocks_view_check(const tarn_blocks_view *view, tarn_finding *finding)
{
    tarn_finding unused;
    finding = finding != NULL ? finding : &unused;
    memset(finding, 0, sizeof *finding);
    if (view == NULL || view->base == NULL) {
        return TARN_E_NULL;
    }
    blocks_check c = blocks_check_open(view, finding);
    uint32_t listed = 0;
    for (uint32_t i = 0; i < blocks_shape_lists(&c.shape); i++) {
        if (!blocks_check_list(&c, i, &listed)) {
            return TARN_E_DAMAGED;
        }
    }
    uint32_t from = 0;
    bool sound = check_windows(&c) && blocks_check_counts(&c, listed) &&
                 tarn_blocks_check_range(view, &from, UINT32_MAX, finding);
    return sound ? TARN_OK : TARN_E_DAMAGED;
}
