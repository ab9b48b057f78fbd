/* SPDX-License-Identifier: MIT */
/*
 * The check in steps: every rule that one block, or one part of the control data, breaks on its own.
 *
 * A round is the index's heads and the slab's table, in pools with marks those in front of the first block, then the
 * blocks in order of address, then the wilderness. Where it stands is in the image (cursor.h). A block's left neighbour
 * cannot be found from it, so that I4 and I5 are looked at from the left: of each block and the one behind it.
 *
 * CS1 nothing of the user's is read, and nothing written but where the check stands
 * CS2 in a sound pool a part that was looked at is looked at again in the same round only where the place went back
 * CS3 each call looks at no more parts than asked for; a part has a bound of its own (CHECK_*)
 */
#include "account.h"
#include "check.h"
#include "fill.h"
#include "quarantine.h"
#include "slab.h"

/* ---- control data ---- */

/* What a head names begins the list, or the tree, that the head is of. */
static bool check_head(const check *c, uint32_t index)
{
    uint32_t at = head(c, index);
    bool root = index >= c->lists;
    if (at == 0) {
        return true;
    }
    bool fits = is_free_block(c, at) &&
                (root ? !bestfit_is_small(free_size(c, at)) && bestfit_trie(free_size(c, at)) == index - c->lists
                      : list_of(c, free_size(c, at)) == index);
    if (!fits) {
        return fail_at(c, TARN_RULE_LISTED, c->heads + (c->narrow ? 2u : 4u) * (uint64_t)index, index, at);
    }
    uint32_t named = root ? view_link(c->view, at, NODE_SLOT) : where(c, at);
    uint32_t wanted = root ? (index - c->lists) << 2 | SLOT_ROOT : where_head(index);
    return named == wanted || fail(c, TARN_RULE_LINKS, at, wanted, named);
}

/* What tarn_quarantine_sound() asks of the words of the list. */
static bool check_sums(const check *c)
{
    block_ref oldest;
    uint64_t at = view_waits(c->view);
    uint32_t blocks = view_word(c->view, at + 4u * WAIT_BLOCKS);
    uint32_t granules = view_word(c->view, at + 4u * WAIT_GRANULES);
    bool one = view_word(c->view, at + 4u * WAIT_OLDEST) == view_word(c->view, at + 4u * WAIT_NEWEST);
    if (blocks != 0 && one != (blocks == 1u)) {
        return fail_at(c, TARN_RULE_QUARANTINE, at + 4u * WAIT_BLOCKS, 1, blocks);
    }
    uint32_t least =
        blocks != 0 && tarn_view_waiting(c->view, view_word(c->view, at + 4u * WAIT_OLDEST), &oldest) ? oldest.size : 0;
    uint32_t sealed = wait_sealed(view_word(c->view, at + 4u * WAIT_SEAL)); /* tells which of the two is wrong */
    bool sound = granules >= least && (granules <= view_word(c->view, at + 4u * WAIT_LIMIT) || granules <= sealed) &&
                 (blocks != 0 || granules == 0);
    if (!sound) {
        return fail_at(c, TARN_RULE_QUARANTINE, at + 4u * WAIT_GRANULES, least, granules);
    }
    return tarn_check_limit(c, granules);
}

/* The ends of the list of those that wait. */
static bool check_ends(const check *c)
{
    block_ref b;
    bool none = layout_quarantines(c->view->layout) && view_word(c->view, view_waits(c->view) + 4u * WAIT_BLOCKS) == 0;
    for (uint32_t i = WAIT_OLDEST; layout_quarantines(c->view->layout) && i <= WAIT_NEWEST; i++) {
        uint64_t at = view_waits(c->view) + 4u * i;
        uint32_t offset = view_word(c->view, at);
        if (none ? offset != 0 : !tarn_view_waiting(c->view, offset, &b)) {
            return fail_at(c, TARN_RULE_QUARANTINE, at, 0, offset);
        }
    }
    return !layout_quarantines(c->view->layout) || check_sums(c);
}

/* Of I21 what is neither a page's nor a bit's. */
static bool some_check_table(const check *c)
{
    uint64_t at = 0;
    uint32_t wanted = 0;
    return !layout_has_slab(c->view->layout) || tarn_slab_table_sound(c->view, &at, &wanted) ||
           fail_at(c, TARN_RULE_SLAB, at, wanted, view_word(c->view, at));
}

static bool check_heads(const check *c, uint32_t part)
{
    uint32_t end = (part + 1u) * CHECK_HEADS < c->lists + c->tries ? (part + 1u) * CHECK_HEADS : c->lists + c->tries;
    for (uint32_t i = part * CHECK_HEADS; i < end; i++) {
        if (!tarn_check_bit(c, i) || !check_head(c, i)) {
            return false;
        }
    }
    return part != 0 || (tarn_check_spare(c) && tarn_check_peak(c, view_get(c->view, IMAGE_USED)) && check_ends(c) &&
                         some_check_table(c));
}

/* No page of the slab begins in the granules from from up to to. */
static bool check_no_page(const check *c, uint32_t from, uint32_t to)
{
    uint64_t at = 0;
    uint32_t wanted = 0;
    return tarn_slab_unmarked(c->view, from, to, &at, &wanted) ||
           fail_at(c, TARN_RULE_SLAB, at, wanted, view_word(c->view, at));
}

/* No mark in the exact map, or in the slab's table, on the granules from from up to to. */
static bool check_unmarked(const check *c, uint32_t from, uint32_t to)
{
    if (layout_has_slab(c->view->layout)) {
        return check_no_page(c, from, to);
    }
    for (uint32_t bit = from; bit < to; bit = (bit | 31u) + 1u) {
        uint32_t word = view_word(c->view, IMAGE_HEADER_BYTES + 4u + 4u * (uint64_t)(bit >> 5));
        uint32_t marks = word >> (bit & 31u) << (bit & 31u);
        if (to - (bit & ~UINT32_C(31)) < 32u) {
            marks &= (UINT32_C(1) << (to & 31u)) - 1u;
        }
        if (marks != 0) {
            return fail(c, TARN_RULE_MAP, (bit & ~UINT32_C(31)) + lowest_bit(marks), word ^ marks, word);
        }
    }
    return true;
}

/* True when these were the last of the control data. */
static bool step_front(check *c, bool *sound)
{
    uint32_t part = c->place.seen++;
    uint32_t listed = check_head_parts(c);
    uint32_t from = (part - listed) * check_marked(c);
    uint32_t to = c->view->first - from < check_marked(c) ? c->view->first : from + check_marked(c);
    *sound = part < listed ? check_heads(c, part) : check_unmarked(c, from, to);
    return c->place.seen == check_front_parts(c);
}

/* ---- one block ---- */

/* What a free block in a list, or in front of others in a tree, names next. */
static bool check_next(const check *c, const block_ref *b)
{
    bool tree = c->tries != 0 && !bestfit_is_small(b->size);
    uint32_t next = c->lists == 0 ? 0 : view_link(c->view, b->offset, 0);
    if (next == 0) {
        return true;
    }
    uint32_t size = free_size(c, next);
    bool fits = is_free_block(c, next) && (tree ? size == b->size && view_link(c->view, next, NODE_SLOT) == SLOT_BEHIND
                                                : list_of(c, size) == list_of(c, b->size));
    if (!fits) {
        return fail(c, TARN_RULE_LISTED, b->offset, 0, next);
    }
    uint32_t back = where(c, next);
    return back == where_block(b->offset) || fail(c, TARN_RULE_LINKS, next, where_block(b->offset), back);
}

/* I4 and I5 between a block and the one behind it. One that proves nothing is reported in its own turn. */
static bool some_check_behind(const check *c, const block_ref *b)
{
    uint32_t end = b->offset + b->size;
    bool is_free = block_free(b->header);
    block_ref next;
    if (end == c->view->top) {
        return !is_free || fail(c, TARN_RULE_MERGED, end, 1, 0);
    }
    if (!tarn_view_block(c->view, end, &next)) {
        return true;
    }
    bool flagged = (next.header & BLOCK_LEFT_FREE) != 0;
    if (flagged != is_free) {
        return fail(c, TARN_RULE_LEFT, end, is_free, flagged);
    }
    return !is_free || !block_free(next.header) || fail(c, TARN_RULE_MERGED, end, 1, 0);
}

/* A used block's module has at least this block. */
static bool some_check_row(const check *c, const block_ref *b)
{
    if (layout_modules(c->view->layout) == 0 || !tarn_view_counts(c->view, b)) {
        return true;
    }
    uint32_t owner = view_word(c->view, view_payload(c->view, b->offset) - image_lead_bytes(&c->im));
    uint32_t row = row_of_module(c->view->layout, owner_module(owner));
    uint64_t at = view_account(c->view) + 4u * ROW_WORDS * (uint64_t)row;
    uint32_t live = view_word(c->view, at + 4u * ROW_LIVE);
    uint32_t peak = view_word(c->view, at + 4u * ROW_PEAK);
    if (live < b->size || view_word(c->view, at + 4u * ROW_BLOCKS) == 0) {
        return fail_at(c, TARN_RULE_MODULES, at + 4u * ROW_LIVE, b->size, live);
    }
    return (peak >= live && peak <= c->view->end - c->view->first) ||
           fail_at(c, TARN_RULE_MODULES, at + 4u * ROW_PEAK, live, peak);
}

/* Of I18: what a waiting block names next waits too, or it is the newest. */
static bool check_link(const check *c, const block_ref *b)
{
    block_ref next;
    if (!block_used(b->header) || !tarn_view_waits(c->view, b)) {
        return true;
    }
    uint64_t at = view_reserve(c->view, b);
    uint32_t link = view_word(c->view, at);
    bool last = b->offset == view_word(c->view, view_waits(c->view) + 4u * WAIT_NEWEST);
    bool fits = last ? link == 0 : tarn_view_waiting(c->view, link, &next);
    return fits || fail_at(c, TARN_RULE_QUARANTINE, at, 0, link);
}

/* Of I21 what a page shows. */
static bool check_page(const check *c, const block_ref *b)
{
    uint64_t at = 0;
    uint32_t wanted = 0;
    return !layout_has_slab(c->view->layout) || tarn_slab_page_sound(c->view, b->offset, &at, &wanted) ||
           fail_at(c, TARN_RULE_SLAB, at, wanted, view_word(c->view, at));
}

/* Everything but what its pieces hold. */
static bool check_one(check *c, const block_ref *b)
{
    if (b->offset == c->view->top) {
        return tarn_check_top(c, false);
    }
    bool flagged = (b->header & BLOCK_LEFT_FREE) != 0;
    return tarn_check_block(c, b, flagged && b->offset != c->view->first) &&
           (!block_free(b->header) || check_next(c, b)) && some_check_behind(c, b) && some_check_row(c, b) &&
           tarn_check_number(c, b) && check_link(c, b) && check_page(c, b);
}

/* The next piece of a block, from where was looked at already: fill of free memory, and no mark but at the start. */
static bool check_piece(check *c, const block_ref *b)
{
    bool top = b->offset == c->view->top;
    bool mapped = check_marked(c) != UINT32_MAX;
    bool filled = block_used(b->header) && !top ? tarn_view_waits(c->view, b) : layout_poisons(c->view->layout);
    uint32_t end = top ? check_reach(c) : b->offset + b->size;
    uint32_t from = c->place.seen > b->offset ? c->place.seen : b->offset;
    uint32_t step = check_marked(c);
    if (filled && from < c->view->end) {
        step = (uint32_t)CHECK_BYTES >> image_shift(&c->im);
    }
    if (from >= end) {
        return true;
    }
    uint32_t to = end - from < step ? end : from + step;
    uint64_t at = TARN_NOWHERE;
    if (filled) {
        at = tarn_fill_broken_in(c->view, b, view_payload(c->view, from), view_payload(c->view, to));
    }
    c->place.seen = to;
    if (at != TARN_NOWHERE) {
        return fail(c, TARN_RULE_FILL, b->offset, fill_byte(c->view->layout), view_byte(c->view, at));
    }
    uint32_t marked = from == b->offset && !top ? 1u : 0; /* that mark is the block's own */
    return !mapped || check_unmarked(c, from + marked, to);
}

/* True when this was the last part of the round. */
static bool step_block(check *c, bool *sound)
{
    uint32_t at = c->place.next;
    block_ref b = {at, c->view->end - at, view_header(c->view, at)};
    if (at != c->view->top && !tarn_view_block(c->view, at, &b)) {
        *sound = tarn_check_broken(c, at, &b);
        return true;
    }
    bool whole = check_one(c, &b);
    *sound = whole && check_piece(c, &b);
    uint32_t end = at == c->view->top ? check_reach(c) : at + b.size;
    if (whole && c->place.seen < end) {
        return false;
    }
    c->place.seen = c->place.seen < end ? end : c->place.seen; /* what a broken block holds is not looked at */
    c->place.next = end;
    return at == c->view->top;
}

/* ---- the call ---- */

/* True when this was the last part of the round; the place is then at the beginning again. */
static bool step(check *c, bool *sound)
{
    bool over = false;
    if (c->place.next != 0) {
        over = step_block(c, sound);
    } else if (step_front(c, sound)) {
        c->place = (cursor_place){c->view->first, c->view->first};
    }
    if (over) {
        c->place = (cursor_place){0, 0};
    }
    return over;
}

bool tarn_check_parts(const image *im, const tarn_view *view, uint32_t parts, tarn_finding *finding)
{
    check c;
    tarn_check_open(&c, view, finding);
    c.local = true;
    bool over = false;
    bool sound = tarn_check_place(&c, true);
    if (!sound) {
        c.place = (cursor_place){0, 0};
        over = true;
    }
    while (sound && !over && parts-- != 0) {
        over = step(&c, &sound);
    }
    cursor_set(im, c.place);
    finding->round = over;
    return sound;
}

tarn_status tarn_check_some(tarn_pool *pool, uint32_t parts, tarn_finding *finding)
{
    access a;
    tarn_view view;
    tarn_finding unused;
    finding = finding != NULL ? finding : &unused;
    tarn_status status = tarn_check_begin(pool, &a, &view, finding);
    if (status != TARN_OK) {
        finding->round = status == TARN_E_DAMAGED; /* there is no place to go on from */
        return status;
    }
    if (!layout_has_cursor(view.layout)) {
        status = TARN_E_ARGUMENT;
    } else if (!tarn_check_parts(&a.im, &view, parts, finding)) {
        status = TARN_E_DAMAGED;
    }
    access_end(&a);
    return status;
}
