/* SPDX-License-Identifier: MIT */
/*
 * Pages and their objects in bytes that nothing vouches for (slab.h): which blocks are pages, what lies in them, and
 * whether table and pages agree (I21).
 *
 * Bound: units, pages and objects; each list is followed no further than its class has pages.
 */
#include "slab.h"
#include "view.h"

static uint64_t table_at(uint32_t index)
{
    return 4u * (uint64_t)IMAGE_SLAB + 4u * (uint64_t)index;
}

static uint32_t view_table_get(const tarn_view *view, uint32_t index)
{
    return view_word(view, table_at(index));
}

static uint32_t unit_shift_of(const tarn_view *view)
{
    return slab_unit_shift(view_table_get(view, SLAB_SHAPE));
}

static uint32_t view_unit_log2(const tarn_view *view)
{
    return unit_shift_of(view) - layout_shift(view->layout);
}

static uint32_t view_units_of(const tarn_view *view)
{
    return slab_units(view_table_get(view, SLAB_SHAPE), view_table_get(view, SLAB_LENGTH));
}

static uint64_t unit_word_at(const tarn_view *view, uint32_t unit)
{
    return table_at(slab_bits(view_table_get(view, SLAB_SHAPE)) + (unit >> 5));
}

bool tarn_slab_is_legal(const tarn_view *view)
{
    return slab_shape_is_legal(view_table_get(view, SLAB_SHAPE), view_table_get(view, SLAB_LENGTH));
}

bool tarn_slab_begins(const tarn_view *view, uint32_t offset)
{
    if (!layout_has_slab(view->layout)) {
        return false;
    }
    uint32_t unit = offset >> view_unit_log2(view);
    return unit << view_unit_log2(view) == offset && unit < view_units_of(view) &&
           (view_word(view, unit_word_at(view, unit)) >> (unit & 31u) & 1u) != 0;
}

/* ---- pages ---- */

/* A page as it is read. */
typedef struct page {
    block_ref b;
    uint32_t index;
    uint32_t live; /* objects that somebody has */
    slab_class shape;
} page;

static uint64_t page_word_at(const tarn_view *view, const page *p, uint32_t word)
{
    return view_payload(view, p->b.offset) + 4u * (uint64_t)word;
}

static uint32_t view_page_get(const tarn_view *view, const page *p, uint32_t word)
{
    return view_word(view, page_word_at(view, p, word));
}

static slab_class view_class_of(const tarn_view *view, uint32_t index)
{
    return slab_class_shape(view->layout, unit_shift_of(view), view_table_get(view, slab_row(index, SLAB_BYTES)),
                            view_table_get(view, slab_row(index, SLAB_OBJECTS)));
}

static uint32_t view_count_bits(uint32_t word)
{
    uint32_t count = 0;
    for (; word != 0; word &= word - 1u) {
        count++;
    }
    return count;
}

/* The bits of live objects sum up to their seal. Counts them. */
static bool live_holds(const tarn_view *view, page *p)
{
    uint32_t sum = slab_live_begin(view->key, p->b.offset);
    p->live = 0;
    for (uint32_t i = 0; i < (p->shape.objects + 31u) >> 5; i++) {
        uint32_t word = view_page_get(view, p, PAGE_LIVE + i);
        if ((word & ~slab_live_mask(p->shape.objects, i)) != 0) {
            return false;
        }
        p->live += view_count_bits(word);
        sum = slab_live_mix(sum, word);
    }
    return view_page_get(view, p, PAGE_LIVE_SEAL) == sum;
}

/* The page that begins at offset, by a block that holds; on failure *at is the word that is wrong. */
static bool page_read(const tarn_view *view, uint32_t offset, page *p, uint64_t *at)
{
    *at = view_payload(view, offset) - 4u;
    if (!view_holds(view, offset) || !tarn_view_block(view, offset, &p->b) || !block_used(p->b.header)) {
        return false;
    }
    *at = page_word_at(view, p, PAGE_SEAL);
    p->index = view_word(view, *at) & SLAB_CLASS_MASK;
    if (p->index >= slab_classes(view_table_get(view, SLAB_SHAPE))) {
        return false;
    }
    p->shape = view_class_of(view, p->index);
    uint32_t size = p->shape.size;
    if (size == 0 || p->b.size < size || p->b.size - size >= layout_minimum(view->layout) ||
        view_word(view, *at) != slab_page_seal(view->key, offset, p->index, &p->shape)) {
        return false;
    }
    *at = page_word_at(view, p, PAGE_LIVE_SEAL);
    return live_holds(view, p);
}

static bool view_object_is_live(const tarn_view *view, const page *p, uint32_t number)
{
    return (view_page_get(view, p, PAGE_LIVE + (number >> 5)) >> (number & 31u) & 1u) != 0;
}

/* ---- objects ---- */

static void view_describe(const tarn_view *view, const page *p, uint32_t number, tarn_block *record)
{
    uint32_t *const words[] = {&record->owner,      &record->site,       &record->sequence,  &record->tag,
                               &record->callers[0], &record->callers[1], &record->callers[2]};
    uint32_t extension = layout_extension(view->layout);
    uint64_t payload = view_payload(view, p->b.offset);
    memset(record, 0, sizeof *record);
    record->offset = payload + p->shape.first + (uint64_t)p->shape.bytes * number;
    record->size = p->shape.bytes;
    record->usable = p->shape.bytes;
    bool live = view_object_is_live(view, p, number);
    bool may_carry = (p->b.header & BLOCK_MARK) != 0;
    record->state = !live ? TARN_BLOCK_FREE : may_carry ? TARN_BLOCK_CARRIES_POOL : TARN_BLOCK_USED;
    for (uint32_t i = 0; live && i < extension; i++) {
        *words[i] = view_word(view, payload + p->shape.words + 4u * ((uint64_t)extension * number + i));
    }
}

/* The page that begins last at or before the byte position, if it reaches there. */
static bool view_page_around(const tarn_view *view, uint64_t position, page *p)
{
    uint64_t at;
    uint32_t unit = (uint32_t)(position >> unit_shift_of(view));
    uint32_t reach = slab_reach(view_table_get(view, SLAB_SHAPE));
    for (uint32_t back = 0; back < reach && back <= unit; back++) {
        uint32_t offset = (unit - back) << view_unit_log2(view);
        if (tarn_slab_begins(view, offset)) {
            return page_read(view, offset, p, &at) && position < view_payload(view, offset + p->b.size);
        }
    }
    return false;
}

bool tarn_slab_describe(const tarn_view *view, uint64_t position, tarn_block *record)
{
    page p;
    if (!layout_has_slab(view->layout) || position >= view_payload(view, view->end) ||
        !view_page_around(view, position, &p)) {
        return false;
    }
    uint64_t into = position - view_payload(view, p.b.offset);
    uint64_t number = into < p.shape.first ? UINT64_MAX : (into - p.shape.first) / p.shape.bytes;
    if (number >= p.shape.objects) {
        return false;
    }
    view_describe(view, &p, (uint32_t)number, record);
    return true;
}

/* The first live object of the page at or behind the byte position. */
static bool next_in(const tarn_view *view, const page *p, uint64_t position, tarn_block *record)
{
    uint64_t first = view_payload(view, p->b.offset) + p->shape.first;
    uint64_t number = position <= first ? 0 : (position - first + p->shape.bytes - 1u) / p->shape.bytes;
    for (; number < p->shape.objects; number++) {
        if (view_object_is_live(view, p, (uint32_t)number)) {
            view_describe(view, p, (uint32_t)number, record);
            return true;
        }
    }
    return false;
}

bool tarn_slab_next(const tarn_view *view, uint64_t *position, tarn_block *record)
{
    page p;
    uint64_t at;
    if (!layout_has_slab(view->layout)) {
        return false;
    }
    if (view_page_around(view, *position, &p) && next_in(view, &p, *position, record)) {
        *position = record->offset + 1u;
        return true;
    }
    uint64_t past = (*position >> unit_shift_of(view)) + 1u;
    for (uint32_t unit = past < view_units_of(view) ? (uint32_t)past : view_units_of(view); unit < view_units_of(view);
         unit++) {
        uint32_t offset = unit << view_unit_log2(view);
        if (offset >= view->top) {
            break;
        }
        if (tarn_slab_begins(view, offset) && page_read(view, offset, &p, &at) && next_in(view, &p, 0, record)) {
            *position = record->offset + 1u;
            return true;
        }
    }
    return false;
}

/* ---- I21 ---- */

/* What the pages that bits name come to. */
typedef struct sums {
    uint32_t pages[SLAB_CLASSES_MAX];
    uint32_t listed[SLAB_CLASSES_MAX]; /* that have objects and room */
} sums;

static bool disagree(uint64_t *at, uint32_t *expected, uint64_t where, uint32_t value)
{
    *at = where;
    *expected = value;
    return false;
}

static bool is_partial(const page *p)
{
    return p->live != 0 && p->live != p->shape.objects;
}

/* Each bit has its page; an empty one is the one that its class keeps. */
static bool pages_sound(const tarn_view *view, sums *s, uint64_t *at, uint32_t *expected)
{
    page p;
    for (uint32_t unit = 0; unit < view_units_of(view); unit++) {
        uint32_t bits = view_word(view, unit_word_at(view, unit));
        uint64_t offset = (uint64_t)unit << view_unit_log2(view);
        if ((bits >> (unit & 31u) & 1u) == 0) {
            unit += bits == 0 ? 31u - (unit & 31u) : 0;
            continue;
        }
        if (offset >= view->top || !page_read(view, (uint32_t)offset, &p, at)) {
            return offset < view->top
                       ? disagree(at, expected, *at, 0)
                       : disagree(at, expected, unit_word_at(view, unit), bits ^ UINT32_C(1) << (unit & 31u));
        }
        for (uint32_t word = PAGE_NEXT; word <= PAGE_PREV && !is_partial(&p); word++) {
            if (view_page_get(view, &p, word) != 0) {
                return disagree(at, expected, page_word_at(view, &p, word), 0); /* it is in no list */
            }
        }
        s->pages[p.index]++;
        s->listed[p.index] += is_partial(&p) ? 1u : 0;
        uint32_t empty = view_table_get(view, slab_row(p.index, SLAB_EMPTY));
        if ((empty == p.b.offset) != (p.live == 0)) {
            return disagree(at, expected, table_at(slab_row(p.index, SLAB_EMPTY)), p.live == 0 ? p.b.offset : 0);
        }
    }
    return true;
}

/* The list has as many pages as there are with objects and room, each of them one of these. */
static bool list_sound(const tarn_view *view, uint32_t index, uint32_t left, uint64_t *at, uint32_t *expected)
{
    page p;
    uint64_t unused;
    uint32_t prev = 0;
    uint64_t link = table_at(slab_row(index, SLAB_HEAD));
    for (uint32_t offset = view_word(view, link); offset != 0; offset = view_word(view, link)) {
        if (left-- == 0 || !tarn_slab_begins(view, offset) || !page_read(view, offset, &p, &unused) ||
            p.index != index || !is_partial(&p)) {
            return disagree(at, expected, link, 0);
        }
        if (view_page_get(view, &p, PAGE_PREV) != prev) {
            return disagree(at, expected, page_word_at(view, &p, PAGE_PREV), prev);
        }
        prev = offset;
        link = page_word_at(view, &p, PAGE_NEXT);
    }
    return left == 0 || disagree(at, expected, link, 0);
}

static bool sum_holds(const tarn_view *view, uint64_t *at, uint32_t *expected)
{
    uint32_t shape = view_table_get(view, SLAB_SHAPE);
    uint32_t sum = slab_sum_begin(shape, view_table_get(view, SLAB_LIMIT));
    for (uint32_t i = 0; i < slab_classes(shape); i++) {
        sum = slab_sum_mix(sum, view_table_get(view, slab_row(i, SLAB_BYTES)),
                           view_table_get(view, slab_row(i, SLAB_OBJECTS)));
    }
    return view_table_get(view, SLAB_SUM) == sum || disagree(at, expected, table_at(SLAB_SUM), sum);
}

bool tarn_slab_sound(const tarn_view *view, uint64_t *at, uint32_t *expected)
{
    sums s;
    page p;
    memset(&s, 0, sizeof s);
    if (!sum_holds(view, at, expected) || !pages_sound(view, &s, at, expected)) {
        return false;
    }
    for (uint32_t i = 0; i < slab_classes(view_table_get(view, SLAB_SHAPE)); i++) {
        uint32_t empty = view_table_get(view, slab_row(i, SLAB_EMPTY));
        bool kept = empty == 0 || (tarn_slab_begins(view, empty) && page_read(view, empty, &p, at) && p.index == i);
        if (!kept) {
            return disagree(at, expected, table_at(slab_row(i, SLAB_EMPTY)), 0);
        }
        if (view_table_get(view, slab_row(i, SLAB_PAGES)) != s.pages[i]) {
            return disagree(at, expected, table_at(slab_row(i, SLAB_PAGES)), s.pages[i]);
        }
        if (!list_sound(view, i, s.listed[i], at, expected)) {
            return false;
        }
    }
    return true;
}
