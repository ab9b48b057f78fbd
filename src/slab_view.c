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

uint32_t tarn_slab_unit_log2(const tarn_view *view)
{
    return unit_shift_of(view) - layout_shift(view->layout);
}

static uint32_t view_units_of(const tarn_view *view)
{
    return slab_units(view_table_get(view, SLAB_SHAPE), view_table_get(view, SLAB_LENGTH));
}

uint64_t tarn_slab_marks(const tarn_view *view)
{
    return (uint64_t)view_units_of(view) << tarn_slab_unit_log2(view);
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
    uint32_t unit = offset >> tarn_slab_unit_log2(view);
    return unit << tarn_slab_unit_log2(view) == offset && unit < view_units_of(view) &&
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

/* The page that begins at offset, by a block that holds, but for its objects; on failure *at is the word that is wrong. */
static bool page_read_front(const tarn_view *view, uint32_t offset, page *p, uint64_t *at)
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
    return size != 0 && p->b.size >= size && p->b.size - size < layout_minimum(view->layout) &&
           view_word(view, *at) == slab_page_seal(view->key, offset, p->index, &p->shape);
}

/* The same with its objects. */
static bool page_read(const tarn_view *view, uint32_t offset, page *p, uint64_t *at)
{
    if (!page_read_front(view, offset, p, at)) {
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

/* The page that begins last at or before the byte position, if it reaches there, but for its objects. */
static bool view_page_around(const tarn_view *view, uint64_t position, page *p)
{
    uint64_t at;
    uint32_t unit = (uint32_t)(position >> unit_shift_of(view));
    uint32_t reach = slab_reach(view_table_get(view, SLAB_SHAPE));
    for (uint32_t back = 0; back < reach && back <= unit; back++) {
        uint32_t offset = (unit - back) << tarn_slab_unit_log2(view);
        if (tarn_slab_begins(view, offset)) {
            return page_read_front(view, offset, p, &at) && position < view_payload(view, offset + p->b.size);
        }
    }
    return false;
}

bool tarn_slab_describe(const tarn_view *view, uint64_t position, tarn_block *record)
{
    page p;
    if (!layout_has_slab(view->layout) || position >= view_payload(view, view->end) ||
        !view_page_around(view, position, &p) || !live_holds(view, &p)) {
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

bool tarn_slab_visit(const tarn_view *view, uint32_t offset, tarn_visit *visit, void *context)
{
    page p;
    uint64_t at;
    tarn_block object;
    bool more = true;
    bool read = tarn_slab_begins(view, offset) && page_read(view, offset, &p, &at);
    for (uint32_t number = 0; read && more && number < p.shape.objects; number++) {
        if (view_object_is_live(view, &p, number)) {
            view_describe(view, &p, number, &object);
            more = visit(&object, context);
        }
    }
    return more;
}

bool tarn_slab_next(const tarn_view *view, uint64_t *position, tarn_block *record)
{
    page p;
    uint64_t at;
    if (!layout_has_slab(view->layout)) {
        return false;
    }
    /* That the page's objects hold was seen on the way to its first: to look again at each would cost their square. */
    if (view_page_around(view, *position, &p) && next_in(view, &p, *position, record)) {
        *position = record->offset + 1u;
        return true;
    }
    uint64_t past = (*position >> unit_shift_of(view)) + 1u;
    for (uint32_t unit = past < view_units_of(view) ? (uint32_t)past : view_units_of(view); unit < view_units_of(view);
         unit++) {
        uint32_t offset = unit << tarn_slab_unit_log2(view);
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

/* A page with objects and room is in a list, others are in none, and an empty one is the one that its class keeps. */
static bool page_kept(const tarn_view *view, const page *p, uint64_t *at, uint32_t *expected)
{
    for (uint32_t word = PAGE_NEXT; word <= PAGE_PREV && !is_partial(p); word++) {
        if (view_page_get(view, p, word) != 0) {
            return disagree(at, expected, page_word_at(view, p, word), 0);
        }
    }
    uint32_t empty = view_table_get(view, slab_row(p->index, SLAB_EMPTY));
    bool agrees = (empty == p->b.offset) == (p->live == 0);
    return agrees || disagree(at, expected, table_at(slab_row(p->index, SLAB_EMPTY)), p->live == 0 ? p->b.offset : 0);
}

/* Each bit has its page. */
static bool pages_sound(const tarn_view *view, sums *s, uint64_t *at, uint32_t *expected)
{
    page p;
    for (uint32_t unit = 0; unit < view_units_of(view); unit++) {
        uint32_t bits = view_word(view, unit_word_at(view, unit));
        uint64_t offset = (uint64_t)unit << tarn_slab_unit_log2(view);
        if ((bits >> (unit & 31u) & 1u) == 0) {
            unit += bits == 0 ? 31u - (unit & 31u) : 0;
            continue;
        }
        if (offset >= view->top || !page_read(view, (uint32_t)offset, &p, at)) {
            return offset < view->top
                       ? disagree(at, expected, *at, 0)
                       : disagree(at, expected, unit_word_at(view, unit), bits ^ UINT32_C(1) << (unit & 31u));
        }
        if (!page_kept(view, &p, at, expected)) {
            return false;
        }
        s->pages[p.index]++;
        s->listed[p.index] += is_partial(&p) ? 1u : 0;
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

/* ---- I21 in steps ---- */

bool tarn_slab_table_sound(const tarn_view *view, uint64_t *at, uint32_t *expected)
{
    page p;
    if (!sum_holds(view, at, expected)) {
        return false;
    }
    for (uint32_t i = 0; i < slab_classes(view_table_get(view, SLAB_SHAPE)); i++) {
        uint32_t first = view_table_get(view, slab_row(i, SLAB_HEAD));
        uint32_t empty = view_table_get(view, slab_row(i, SLAB_EMPTY));
        if (empty != 0 && !(tarn_slab_begins(view, empty) && page_read(view, empty, &p, at) && p.index == i)) {
            return disagree(at, expected, table_at(slab_row(i, SLAB_EMPTY)), 0);
        }
        if (first != 0 && !(tarn_slab_begins(view, first) && page_read(view, first, &p, at) && p.index == i &&
                            is_partial(&p) && view_page_get(view, &p, PAGE_PREV) == 0)) {
            return disagree(at, expected, table_at(slab_row(i, SLAB_HEAD)), 0);
        }
    }
    return true;
}

/* What a link of a listed page names is one of its list that names it back. */
static bool neighbour_sound(const tarn_view *view, const page *p, uint32_t link, uint64_t *at, uint32_t *expected)
{
    page other;
    uint64_t unused;
    uint32_t offset = view_page_get(view, p, link);
    if (offset == 0) {
        uint64_t head = table_at(slab_row(p->index, SLAB_HEAD));
        return link == PAGE_NEXT || view_word(view, head) == p->b.offset || disagree(at, expected, head, p->b.offset);
    }
    bool agrees = tarn_slab_begins(view, offset) && page_read_front(view, offset, &other, &unused) &&
                  other.index == p->index &&
                  view_page_get(view, &other, link == PAGE_NEXT ? PAGE_PREV : PAGE_NEXT) == p->b.offset;
    return agrees || disagree(at, expected, page_word_at(view, p, link), 0);
}

bool tarn_slab_page_sound(const tarn_view *view, uint32_t offset, uint64_t *at, uint32_t *expected)
{
    page p;
    if (!tarn_slab_begins(view, offset)) {
        return true;
    }
    if (!page_read(view, offset, &p, at)) {
        return disagree(at, expected, *at, 0);
    }
    return page_kept(view, &p, at, expected) &&
           (!is_partial(&p) ||
            (neighbour_sound(view, &p, PAGE_NEXT, at, expected) && neighbour_sound(view, &p, PAGE_PREV, at, expected)));
}

bool tarn_slab_unmarked(const tarn_view *view, uint32_t from, uint32_t to, uint64_t *at, uint32_t *expected)
{
    uint32_t granules = UINT32_C(1) << tarn_slab_unit_log2(view);
    uint32_t end = view_units_of(view);
    for (uint32_t unit = (from + granules - 1u) >> tarn_slab_unit_log2(view); unit < end; unit++) {
        uint32_t bits = view_word(view, unit_word_at(view, unit));
        if (unit << tarn_slab_unit_log2(view) >= to) {
            break;
        }
        if ((bits >> (unit & 31u) & 1u) != 0) {
            return disagree(at, expected, unit_word_at(view, unit), bits ^ UINT32_C(1) << (unit & 31u));
        }
        unit += bits == 0 ? 31u - (unit & 31u) : 0;
    }
    return true;
}

/* ---- I21 at once ---- */

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
