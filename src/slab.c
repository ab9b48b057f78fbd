/* SPDX-License-Identifier: MIT */
/*
 * Objects in pages, in an image under its lock (slab.h): handed out, told from other addresses, taken back.
 *
 * Bound: as slab.h says.
 */
#include "slab.h"

#include "slab_page.h"
#include "steps.h"

/* ---- handing out ---- */

/* The class that serves a request of this size: the smallest that holds it. */
static bool class_for(const image *im, size_t size, uint32_t *index)
{
    uint32_t classes = slab_classes(table_get(im, SLAB_SHAPE));
    uint32_t i = 0;
    while (i < classes && class_get(im, i, SLAB_BYTES) < size) {
        i++;
    }
    *index = i;
    return i < classes;
}

/* The page that the class has for its next object, the first of its list or the empty one: TARN_E_EXHAUSTED if there is
 * none, TARN_E_DAMAGED. */
static tarn_status page_there(const image *im, uint32_t index, slab_page *page)
{
    uint32_t first = class_get(im, index, SLAB_HEAD);
    uint32_t empty = class_get(im, index, SLAB_EMPTY);
    if (first == 0 && empty == 0) {
        return TARN_E_EXHAUSTED;
    }
    bool proves = page_listed(im, first != 0 ? first : empty, index, page);
    bool agrees =
        proves && (first == 0 ? page_has_only(page, UINT32_MAX)
                              : page_get(page, PAGE_PREV) == 0 && page_has_room(page) && next_agrees(im, page));
    return agrees ? TARN_OK : TARN_E_DAMAGED;
}

/* The page that the next object of the class comes from, listed and with room: TARN_E_EXHAUSTED, TARN_E_DAMAGED. */
static tarn_status page_for(const image *im, uint32_t index, slab_page *page)
{
    bool listed = class_get(im, index, SLAB_HEAD) != 0;
    tarn_status status = page_there(im, index, page);
    if (status == TARN_OK && !listed) {
        class_set(im, index, SLAB_EMPTY, 0);
    } else if (status == TARN_E_EXHAUSTED && slab_grows(table_get(im, SLAB_SHAPE))) {
        status = tarn_slab_page_make(im, index, page);
    }
    if (status == TARN_OK && !listed) {
        page_push(im, page);
    }
    return status;
}

static slab_object object_of(const image *im, const slab_page *page, uint32_t number)
{
    slab_object o;
    o.page = *page;
    o.number = number;
    o.payload = page->at + page->shape.first + (size_t)page->shape.bytes * number;
    o.words = page->at + page->shape.words + 4u * (size_t)words_count(im) * number;
    return o;
}

static bool serves(const image *im, size_t size, size_t alignment, uint32_t *index)
{
    return alignment < (size_t)1 << image_shift(im) && class_for(im, size, index);
}

static tarn_status take_from(const image *im, uint32_t index, origin *o, void **taken)
{
    uint32_t number;
    slab_page page;
    tarn_status status = page_for(im, index, &page);
    if (status != TARN_OK || !page_room(&page, &number)) {
        return status != TARN_OK ? status : TARN_E_DAMAGED;
    }
    page_flip(im, &page, number);
    if (!page_has_room(&page)) {
        page_unlink(im, &page);
    }
    slab_object object = object_of(im, &page, number);
    if (has_owner(im)) {
        tarn_words_store(im, object.words, o);
    }
    *taken = object.payload;
    return TARN_OK;
}

/* What take_from() would answer. */
static tarn_status would_take_from(const image *im, uint32_t index)
{
    slab_page page;
    tarn_status status = page_there(im, index, &page);
    bool grows = slab_grows(table_get(im, SLAB_SHAPE));
    return status == TARN_E_EXHAUSTED && grows ? tarn_slab_page_would_make(im, index) : status;
}

/* Classes below this number may serve for a smaller one that has no room: none where each keeps its pages. */
static uint32_t classes_behind(const image *im)
{
    uint32_t shape = table_get(im, SLAB_SHAPE);
    return slab_keeps(shape) ? 0 : slab_classes(shape);
}

/* The next of them; false if there is none. Where one's bytes were written over, they no longer grow. */
static bool class_behind(const image *im, size_t size, uint32_t *index)
{
    uint32_t end = classes_behind(im);
    ++*index;
    while (*index < end && class_get(im, *index, SLAB_BYTES) < size) {
        ++*index;
    }
    return *index < end;
}

tarn_status tarn_slab_take(const image *im, size_t size, size_t alignment, origin *o, void **taken)
{
    uint32_t index;
    return serves(im, size, alignment, &index) ? take_from(im, index, o, taken) : TARN_E_EXHAUSTED;
}

tarn_status tarn_slab_take_larger(const image *im, size_t size, size_t alignment, origin *o, void **taken)
{
    uint32_t index;
    tarn_status status = TARN_E_EXHAUSTED;
    bool may = serves(im, size, alignment, &index);
    while (may && status == TARN_E_EXHAUSTED && class_behind(im, size, &index)) {
        status = take_from(im, index, o, taken);
    }
    return status;
}

tarn_status tarn_slab_would_take(const image *im, size_t size, size_t alignment)
{
    uint32_t index;
    if (!serves(im, size, alignment, &index)) {
        return TARN_E_EXHAUSTED;
    }
    tarn_status status = would_take_from(im, index);
    while (status == TARN_E_EXHAUSTED && class_behind(im, size, &index)) {
        status = would_take_from(im, index);
    }
    return status;
}

uint32_t tarn_slab_largest(const image *im)
{
    for (uint32_t i = classes_behind(im); i-- != 0;) {
        if (would_take_from(im, i) == TARN_OK) {
            return class_get(im, i, SLAB_BYTES);
        }
    }
    return 0;
}

/* ---- telling ---- */

/* The last page that begins at this unit or before it, no farther than the longest page is; false if there is none. */
static bool page_before(const image *im, uint32_t unit, uint32_t *begin)
{
    uint32_t reach = slab_reach(table_get(im, SLAB_SHAPE));
    uint32_t units = units_of(im);
    uint32_t at = unit < units ? unit : units - 1u;
    while (unit - at < reach) {
        uint32_t bits = word_load(unit_word(im, at)) & UINT32_MAX >> (31u - (at & 31u));
        if (bits != 0) {
            *begin = (at & ~31u) + highest_bit(bits);
            return unit - *begin < reach;
        }
        if (at < 32u) {
            return false;
        }
        at = (at & ~31u) - 1u;
    }
    return false;
}

/* The page that a byte lies in, and how far from its payload: TARN_E_FOREIGN, TARN_E_DAMAGED. */
static tarn_status page_around(const image *im, uintptr_t distance, slab_page *page, uint32_t *into)
{
    uint32_t begin;
    if (distance >= (uintptr_t)image_get(im, IMAGE_END) << image_shift(im)) {
        return TARN_E_FOREIGN;
    }
    uint32_t unit = (uint32_t)(distance >> slab_unit_shift(table_get(im, SLAB_SHAPE)));
    if (!page_before(im, unit, &begin)) {
        return TARN_E_FOREIGN;
    }
    if (!tarn_slab_page_open(im, begin << unit_log2(im), page)) {
        return TARN_E_DAMAGED;
    }
    *into = (uint32_t)(distance - ((uintptr_t)page->offset << image_shift(im)));
    return *into < page->size << image_shift(im) ? TARN_OK : TARN_E_FOREIGN;
}

static bool object_is_live(const slab_page *page, uint32_t number)
{
    return (page_get(page, PAGE_LIVE + (number >> 5)) >> (number & 31u) & 1u) != 0;
}

tarn_status tarn_slab_find_around(const image *im, const void *start, size_t bytes, slab_object *found)
{
    slab_page page;
    uint32_t into;
    tarn_status status = page_around(im, (uintptr_t)start - (uintptr_t)im->base, &page, &into);
    if (status != TARN_OK) {
        return status;
    }
    uint32_t number = into < page.shape.first ? page.shape.objects : (into - page.shape.first) / page.shape.bytes;
    if (number >= page.shape.objects || !object_is_live(&page, number)) {
        return TARN_E_NOT_A_BLOCK;
    }
    *found = object_of(im, &page, number);
    size_t from = (size_t)into - page.shape.first - (size_t)number * page.shape.bytes;
    return bytes <= page.shape.bytes - from ? TARN_OK : TARN_E_NOT_A_BLOCK;
}

tarn_status tarn_slab_find(const image *im, const void *address, slab_object *found)
{
    uint32_t into;
    slab_page page;
    uintptr_t distance = (uintptr_t)address - (uintptr_t)im->base;
    tarn_status status = page_around(im, distance, &page, &into);
    if (status != TARN_OK) {
        return status;
    }
    if ((into & ((UINT32_C(1) << image_shift(im)) - 1u)) != 0) {
        return TARN_E_MISALIGNED;
    }
    uint32_t number = (into - page.shape.first) / page.shape.bytes; /* too many in front of the first */
    if (into < page.shape.first || number >= page.shape.objects ||
        page.shape.first + number * page.shape.bytes != into) {
        return TARN_E_NOT_A_BLOCK;
    }
    if (!object_is_live(&page, number)) {
        return TARN_E_DOUBLE_FREE;
    }
    *found = object_of(im, &page, number);
    return TARN_OK;
}

bool tarn_slab_holds(const image *im, uintptr_t distance)
{
    slab_object unused;
    return tarn_slab_find(im, im->base + distance, &unused) != TARN_E_FOREIGN;
}

/* ---- taking back ---- */

/* Everything that tarn_slab_put() writes agrees: the list that a full page is put in front of, or the one that an empty
 * page leaves. */
static bool may_put(const image *im, const slab_page *page, bool full, bool empties)
{
    bool lists =
        full ? empties || head_agrees(im, page->index) : !empties || (next_agrees(im, page) && prev_agrees(im, page));
    return lists && class_get(im, page->index, SLAB_PAGES) != 0;
}

/* What becomes of a page without objects: its class has room for it, or the engine gets it. What cannot be given back
 * is kept if there is room. */
static void page_emptied(const image *im, const slab_page *page)
{
    bool keeps = slab_keeps(table_get(im, SLAB_SHAPE));
    bool stays =
        class_get(im, page->index, SLAB_EMPTY) == 0 && (!keeps || class_get(im, page->index, SLAB_PAGES) == 1u);
    if (stays) {
        class_set(im, page->index, SLAB_EMPTY, page->offset);
    } else if (!tarn_slab_page_end(im, page) && head_agrees(im, page->index)) {
        page_push(im, page);
    }
}

tarn_status tarn_slab_put(const image *im, const slab_object *given)
{
    const slab_page *page = &given->page;
    bool full = !page_has_room(page);
    bool empties = page_has_only(page, given->number);
    if (!may_put(im, page, full, empties)) {
        return TARN_E_DAMAGED;
    }
    page_flip(im, page, given->number);
    if (empties && !full) {
        page_unlink(im, page);
    }
    if (empties) {
        page_emptied(im, page);
    } else if (full) {
        page_push(im, page);
    }
    return TARN_OK;
}

bool tarn_slab_carries(const image *im, const slab_object *o)
{
    return (block_header(im, o->page.offset) & BLOCK_MARK) != 0;
}

void tarn_slab_mark(const image *im, const slab_object *o)
{
    uint32_t header = block_header(im, o->page.offset);
    block_write(im, o->page.offset, o->page.size, header | BLOCK_MARK);
}
