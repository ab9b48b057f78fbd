/* SPDX-License-Identifier: MIT */
/*
 * Objects in pages, in an image under its lock (slab.h).
 *
 * S1 Membership is a bit of the table, consulted before any byte of a page is read; then the page proves itself.
 * S2 An operation looks at all that it will write before it changes anything.
 * Bound: as slab.h says.
 */
#include "slab.h"

#include "engine.h"
#include "steps.h"

/* ---- the table ---- */

static inline unsigned char *table_word(const image *im, uint32_t index)
{
    return im->base + 4u * (size_t)IMAGE_SLAB + 4u * (size_t)index;
}

static inline uint32_t table_get(const image *im, uint32_t index)
{
    return word_load(table_word(im, index));
}

static inline void table_set(const image *im, uint32_t index, uint32_t value)
{
    word_store(table_word(im, index), value);
}

static inline uint32_t row_get_of(const image *im, uint32_t index, uint32_t word)
{
    return table_get(im, slab_row(index, word));
}

static inline void row_set_of(const image *im, uint32_t index, uint32_t word, uint32_t value)
{
    table_set(im, slab_row(index, word), value);
}

static slab_class class_of(const image *im, uint32_t index)
{
    uint32_t unit_shift = slab_unit_shift(table_get(im, SLAB_SHAPE));
    return slab_class_shape(im->layout, unit_shift, row_get_of(im, index, SLAB_BYTES),
                            row_get_of(im, index, SLAB_OBJECTS));
}

/* The class that serves a request of this size: the smallest that holds it. */
static bool class_for(const image *im, size_t size, uint32_t *index)
{
    uint32_t classes = slab_classes(table_get(im, SLAB_SHAPE));
    uint32_t i = 0;
    while (i < classes && row_get_of(im, i, SLAB_BYTES) < size) {
        i++;
    }
    *index = i;
    return i < classes;
}

static unsigned char *unit_word(const image *im, uint32_t unit)
{
    return table_word(im, slab_bits(table_get(im, SLAB_SHAPE)) + (unit >> 5));
}

static uint32_t units_of(const image *im)
{
    return slab_units(table_get(im, SLAB_SHAPE), table_get(im, SLAB_LENGTH));
}

/* log2 of the granules of a unit. */
static uint32_t unit_log2(const image *im)
{
    return slab_unit_shift(table_get(im, SLAB_SHAPE)) - im->shift;
}

static void unit_mark(const image *im, uint32_t offset, bool begins)
{
    uint32_t unit = offset >> unit_log2(im);
    unsigned char *word = unit_word(im, unit);
    uint32_t bit = UINT32_C(1) << (unit & 31u);
    word_store(word, begins ? word_load(word) | bit : word_load(word) & ~bit);
}

static bool unit_begins(const image *im, uint32_t offset)
{
    uint32_t log2 = unit_log2(im);
    uint32_t unit = offset >> log2;
    return unit << log2 == offset && unit < units_of(im) && (word_load(unit_word(im, unit)) >> (unit & 31u) & 1u) != 0;
}

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

/* ---- pages ---- */

static inline uint32_t page_get(const slab_page *page, uint32_t word)
{
    return word_load(page->at + 4u * word);
}

static inline void page_set(const slab_page *page, uint32_t word, uint32_t value)
{
    word_store(page->at + 4u * word, value);
}

static uint32_t live_words(const slab_page *page)
{
    return (page->shape.objects + 31u) >> 5;
}

static uint32_t live_sum(const image *im, const slab_page *page)
{
    uint32_t sum = slab_live_begin(im->key, page->offset);
    for (uint32_t i = 0; i < live_words(page); i++) {
        sum = slab_live_mix(sum, page_get(page, PAGE_LIVE + i));
    }
    return sum;
}

/* All that tells the page at offset from other bytes holds, but for its bit. */
static bool page_proves(const image *im, uint32_t offset, slab_page *page)
{
    uint32_t header = block_header(im, offset);
    uint32_t size = block_size(im, header);
    page->at = image_payload(im, offset);
    page->offset = offset;
    if (!block_proves(im, offset, header) || !block_used(header) || size > image_get(im, IMAGE_TOP) - offset ||
        size << im->shift < 4u * (PAGE_LIVE + 1u)) {
        return false;
    }
    page->index = page_get(page, PAGE_SEAL) & SLAB_CLASS_MASK;
    if (page->index >= slab_classes(table_get(im, SLAB_SHAPE))) {
        return false;
    }
    page->shape = class_of(im, page->index);
    page->size = size;
    return page->shape.size != 0 && size >= page->shape.size && size - page->shape.size < im->minimum &&
           page_get(page, PAGE_SEAL) == slab_page_seal(im->key, offset, page->index, &page->shape) &&
           page_get(page, PAGE_LIVE_SEAL) == live_sum(im, page);
}

/* The page at offset; false if there is none, or it does not prove itself. */
static bool page_open(const image *im, uint32_t offset, slab_page *page)
{
    return image_holds(im, offset) && unit_begins(im, offset) && page_proves(im, offset, page);
}

/* A page of the list of this class. */
static bool page_listed(const image *im, uint32_t offset, uint32_t index, slab_page *page)
{
    return page_open(im, offset, page) && page->index == index;
}

/* What a link of a listed page names agrees. */
static bool next_agrees(const image *im, const slab_page *page)
{
    slab_page other;
    uint32_t next = page_get(page, PAGE_NEXT);
    return next == 0 || (page_listed(im, next, page->index, &other) && page_get(&other, PAGE_PREV) == page->offset);
}

static bool prev_agrees(const image *im, const slab_page *page)
{
    slab_page other;
    uint32_t prev = page_get(page, PAGE_PREV);
    if (prev == 0) {
        return row_get_of(im, page->index, SLAB_HEAD) == page->offset;
    }
    return page_listed(im, prev, page->index, &other) && page_get(&other, PAGE_NEXT) == page->offset;
}

/* Another page may be put in front of the list. */
static bool head_agrees(const image *im, uint32_t index)
{
    slab_page head;
    uint32_t offset = row_get_of(im, index, SLAB_HEAD);
    return offset == 0 || (page_listed(im, offset, index, &head) && page_get(&head, PAGE_PREV) == 0);
}

static void page_push(const image *im, const slab_page *page)
{
    uint32_t next = row_get_of(im, page->index, SLAB_HEAD);
    page_set(page, PAGE_NEXT, next);
    page_set(page, PAGE_PREV, 0);
    row_set_of(im, page->index, SLAB_HEAD, page->offset);
    if (next != 0) {
        word_store(image_payload(im, next) + 4u * PAGE_PREV, page->offset);
    }
}

static void page_unlink(const image *im, const slab_page *page)
{
    uint32_t next = page_get(page, PAGE_NEXT);
    uint32_t prev = page_get(page, PAGE_PREV);
    if (prev != 0) {
        word_store(image_payload(im, prev) + 4u * PAGE_NEXT, next);
    } else {
        row_set_of(im, page->index, SLAB_HEAD, next);
    }
    if (next != 0) {
        word_store(image_payload(im, next) + 4u * PAGE_PREV, prev);
    }
    page_set(page, PAGE_NEXT, 0);
    page_set(page, PAGE_PREV, 0);
}

/* The first object that nobody has; false if there is none. */
static bool page_room(const slab_page *page, uint32_t *number)
{
    for (uint32_t i = 0; i < live_words(page); i++) {
        uint32_t room = ~page_get(page, PAGE_LIVE + i) & slab_live_mask(page->shape.objects, i);
        if (room != 0) {
            *number = 32u * i + lowest_bit(room);
            return true;
        }
    }
    return false;
}

static bool page_has_room(const slab_page *page)
{
    uint32_t number;
    return page_room(page, &number);
}

/* It has no object but number; with UINT32_MAX, none at all. */
static bool page_has_only(const slab_page *page, uint32_t number)
{
    uint32_t any = 0;
    for (uint32_t i = 0; i < live_words(page); i++) {
        uint32_t own = i == number >> 5 ? UINT32_C(1) << (number & 31u) : 0;
        any |= page_get(page, PAGE_LIVE + i) & ~own;
    }
    return any == 0;
}

static void page_flip(const image *im, const slab_page *page, uint32_t number)
{
    uint32_t word = PAGE_LIVE + (number >> 5);
    page_set(page, word, page_get(page, word) ^ UINT32_C(1) << (number & 31u));
    page_set(page, PAGE_LIVE_SEAL, live_sum(im, page));
}

static void page_format(const image *im, const slab_page *page)
{
    for (uint32_t i = 0; i < live_words(page); i++) {
        page_set(page, PAGE_LIVE + i, 0);
    }
    for (uint32_t i = 0; i < words_count(im); i++) { /* nobody has the page */
        word_store(owner_word(im, page->offset) + 4u * i, i == 0 ? TARN_OWNER(0, TARN_TASK_NONE) : 0);
    }
    page_set(page, PAGE_SEAL, slab_page_seal(im->key, page->offset, page->index, &page->shape));
    page_set(page, PAGE_NEXT, 0);
    page_set(page, PAGE_PREV, 0);
    page_set(page, PAGE_LIVE_SEAL, live_sum(im, page));
    unit_mark(im, page->offset, true);
    row_set_of(im, page->index, SLAB_PAGES, row_get_of(im, page->index, SLAB_PAGES) + 1u);
}

static bool may_have_page(const image *im, uint32_t index, slab_class *shape)
{
    uint32_t pages = 0;
    for (uint32_t i = 0; i < slab_classes(table_get(im, SLAB_SHAPE)); i++) {
        pages += row_get_of(im, i, SLAB_PAGES);
    }
    *shape = class_of(im, index);
    return shape->size != 0 && shape->size >> unit_log2(im) <= slab_reach(table_get(im, SLAB_SHAPE)) &&
           pages < table_get(im, SLAB_LIMIT);
}

/* What alignments are counted from is the image's first byte. */
static image unmoved(const image *im)
{
    image alike = *im;
    alike.origin = 0;
    return alike;
}

static uint32_t unit_bytes(const image *im)
{
    return UINT32_C(1) << slab_unit_shift(table_get(im, SLAB_SHAPE));
}

/* A new page, in no list: TARN_E_EXHAUSTED, TARN_E_DAMAGED. */
static tarn_status page_make(const image *im, uint32_t index, slab_page *page)
{
    image alike = unmoved(im);
    block_ref b = {0, 0, 0};
    uint32_t peak = image_get(im, IMAGE_PEAK);
    page->index = index;
    if (!may_have_page(im, index, &page->shape)) {
        return TARN_E_EXHAUSTED;
    }
    tarn_status status = engine_of(im)->take_aligned(&alike, page->shape.size, unit_bytes(im), &b.offset);
    if (status != TARN_OK) {
        return status;
    }
    b.header = block_header(im, b.offset);
    b.size = block_size(im, b.header);
    if (has_owner(im)) {
        forget_former(im, b.offset + b.size);
    }
    if (b.offset >> unit_log2(im) >= units_of(im)) {
        (void)engine_of(im)->release(im, &b); /* the pool has grown past the bits of its table */
        image_set(im, IMAGE_PEAK, peak);
        return TARN_E_EXHAUSTED;
    }
    page->size = b.size;
    page->offset = b.offset;
    page->at = image_payload(im, b.offset);
    page_format(im, page);
    return TARN_OK;
}

/* Gives an empty page that is in no list back to the engine; false if that finds damage. */
static bool page_end(const image *im, const slab_page *page)
{
    block_ref b = {page->offset, page->size, block_header(im, page->offset)};
    if (!engine_of(im)->may_release(im, &b)) {
        return false;
    }
    page_set(page, PAGE_SEAL, 0);
    unit_mark(im, page->offset, false);
    row_set_of(im, page->index, SLAB_PAGES, row_get_of(im, page->index, SLAB_PAGES) - 1u);
    return engine_of(im)->release(im, &b) == TARN_OK;
}

/* The page that the next object of the class comes from, listed: TARN_E_EXHAUSTED, TARN_E_DAMAGED. */
static tarn_status page_for(const image *im, uint32_t index, slab_page *page)
{
    uint32_t offset = row_get_of(im, index, SLAB_HEAD);
    uint32_t empty = row_get_of(im, index, SLAB_EMPTY);
    if (offset != 0) {
        bool agrees = page_listed(im, offset, index, page) && page_get(page, PAGE_PREV) == 0 && page_has_room(page) &&
                      next_agrees(im, page);
        return agrees ? TARN_OK : TARN_E_DAMAGED;
    }
    if (empty != 0) {
        if (!page_listed(im, empty, index, page) || !page_has_only(page, UINT32_MAX)) {
            return TARN_E_DAMAGED;
        }
        row_set_of(im, index, SLAB_EMPTY, 0);
    } else {
        bool grows = slab_grows(table_get(im, SLAB_SHAPE));
        tarn_status status = grows ? page_make(im, index, page) : TARN_E_EXHAUSTED;
        if (status != TARN_OK) {
            return status;
        }
    }
    page_push(im, page);
    return TARN_OK;
}

/* ---- handing out ---- */

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
    return alignment < (size_t)1 << im->shift && class_for(im, size, index);
}

static tarn_status take_from(const image *im, uint32_t index, origin *o, void **taken)
{
    uint32_t number;
    slab_page page;
    tarn_status status = page_for(im, index, &page);
    if (status != TARN_OK || !page_room(&page, &number)) {
        return status;
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
    slab_class shape;
    slab_page page;
    image alike = unmoved(im);
    uint32_t offset = row_get_of(im, index, SLAB_HEAD);
    offset = offset != 0 ? offset : row_get_of(im, index, SLAB_EMPTY);
    if (offset != 0) {
        return page_listed(im, offset, index, &page) && page_has_room(&page) ? TARN_OK : TARN_E_DAMAGED;
    }
    bool grows = slab_grows(table_get(im, SLAB_SHAPE)) && may_have_page(im, index, &shape);
    return grows ? engine_of(im)->would_take(&alike, shape.size, unit_bytes(im)) : TARN_E_EXHAUSTED;
}

/* The classes behind this one that may serve for it. */
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
    while (*index < end && row_get_of(im, *index, SLAB_BYTES) < size) {
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
            return row_get_of(im, i, SLAB_BYTES);
        }
    }
    return 0;
}

/* ---- telling ---- */

bool tarn_slab_holds(const image *im, uintptr_t distance)
{
    slab_object unused;
    return tarn_slab_find(im, im->base + distance, &unused) != TARN_E_FOREIGN;
}

/* The page that a byte lies in, and how far from its payload: TARN_E_FOREIGN, TARN_E_DAMAGED. */
static tarn_status page_around(const image *im, uintptr_t distance, slab_page *page, uint32_t *into)
{
    uint32_t begin;
    if (distance >= (uintptr_t)image_get(im, IMAGE_END) << im->shift) {
        return TARN_E_FOREIGN;
    }
    uint32_t unit = (uint32_t)(distance >> slab_unit_shift(table_get(im, SLAB_SHAPE)));
    if (!page_before(im, unit, &begin)) {
        return TARN_E_FOREIGN;
    }
    if (!page_open(im, begin << unit_log2(im), page)) {
        return TARN_E_DAMAGED;
    }
    *into = (uint32_t)(distance - ((uintptr_t)page->offset << im->shift));
    return *into < page->size << im->shift ? TARN_OK : TARN_E_FOREIGN;
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
    if ((into & ((UINT32_C(1) << im->shift) - 1u)) != 0) {
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

/* ---- taking back ---- */

/* Everything that tarn_slab_put() writes agrees: the list that a full page is put in front of, or the one that an empty
 * page leaves. */
static bool may_put(const image *im, const slab_page *page, bool full, bool empties)
{
    bool lists =
        full ? empties || head_agrees(im, page->index) : !empties || (next_agrees(im, page) && prev_agrees(im, page));
    return lists && row_get_of(im, page->index, SLAB_PAGES) != 0;
}

/* What becomes of a page without objects: its class has room for it, or the engine gets it. What cannot be given back is
 * kept if there is room. */
static void page_emptied(const image *im, const slab_page *page)
{
    bool keeps = slab_keeps(table_get(im, SLAB_SHAPE));
    bool stays =
        row_get_of(im, page->index, SLAB_EMPTY) == 0 && (!keeps || row_get_of(im, page->index, SLAB_PAGES) == 1u);
    if (stays) {
        row_set_of(im, page->index, SLAB_EMPTY, page->offset);
    } else if (!page_end(im, page) && head_agrees(im, page->index)) {
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

bool tarn_slab_settle(const image *im)
{
    slab_page page;
    uint32_t shape = table_get(im, SLAB_SHAPE);
    bool any = false;
    for (uint32_t i = 0; i < slab_classes(shape); i++) {
        uint32_t empty = row_get_of(im, i, SLAB_EMPTY);
        bool kept = slab_keeps(shape) && row_get_of(im, i, SLAB_PAGES) == 1u;
        if (empty != 0 && !kept && page_listed(im, empty, i, &page) && page_has_only(&page, UINT32_MAX) &&
            page_end(im, &page)) {
            row_set_of(im, i, SLAB_EMPTY, 0);
            any = true;
        }
    }
    return any;
}

/* ---- beginnings ---- */

slab_class tarn_slab_planned(const slab_plan *plan, uint32_t layout, uint32_t index)
{
    if (plan->bytes != NULL) {
        return slab_class_shape(layout, plan->unit_shift, plan->bytes[index], plan->objects[index]);
    }
    uint32_t bytes = (index + 1u) << layout_shift(layout);
    uint32_t objects = (UINT32_C(1) << plan->unit_shift) / bytes;
    slab_class c = slab_class_shape(layout, plan->unit_shift, bytes, objects);
    while (objects > 1u && c.size << layout_shift(layout) > UINT32_C(1) << plan->unit_shift) {
        objects--;
        c = slab_class_shape(layout, plan->unit_shift, bytes, objects);
    }
    return c;
}

uint64_t tarn_slab_words(const slab_plan *plan, uint32_t layout, uint64_t end)
{
    uint32_t cover = plan->cover >> layout_shift(layout);
    end = cover != 0 && cover < end ? cover : end;
    uint64_t units = (end >> (plan->unit_shift - layout_shift(layout))) + 1u;
    return slab_row(plan->classes, 0) - 1u + (units + 31u) / 32u;
}

static void sum_set(const image *im)
{
    uint32_t shape = table_get(im, SLAB_SHAPE);
    uint32_t sum = slab_sum_begin(shape, table_get(im, SLAB_LIMIT));
    for (uint32_t i = 0; i < slab_classes(shape); i++) {
        sum = slab_sum_mix(sum, row_get_of(im, i, SLAB_BYTES), row_get_of(im, i, SLAB_OBJECTS));
    }
    table_set(im, SLAB_SUM, sum);
}

void tarn_slab_format(const image *im, const slab_plan *plan)
{
    uint32_t reach = 1;
    table_set(im, SLAB_LIMIT, plan->limit);
    for (uint32_t i = 0; i < plan->classes; i++) {
        slab_class c = tarn_slab_planned(plan, im->layout, i);
        uint32_t units = c.size >> (plan->unit_shift - im->shift);
        row_set_of(im, i, SLAB_BYTES, c.bytes);
        row_set_of(im, i, SLAB_OBJECTS, c.objects);
        reach = units > reach ? units : reach;
    }
    table_set(im, SLAB_SHAPE,
              plan->unit_shift << SLAB_UNIT_SHIFT | plan->classes << SLAB_CLASSES |
                  (plan->keeps ? 1u : 0u) << SLAB_KEEPS | (plan->grows ? 1u : 0u) << SLAB_GROWS | reach << SLAB_REACH);
    sum_set(im);
}

void tarn_slab_start(const image *im)
{
    slab_page page;
    uint32_t shape = table_get(im, SLAB_SHAPE);
    for (uint32_t i = 0; slab_keeps(shape) && i < slab_classes(shape); i++) {
        if (page_make(im, i, &page) == TARN_OK) {
            row_set_of(im, i, SLAB_EMPTY, page.offset);
        }
    }
}

/* All words behind the shape of the classes are zero in the beginning. */
static void forget(const image *im)
{
    uint32_t shape = table_get(im, SLAB_SHAPE);
    for (uint32_t i = 0; i < slab_classes(shape); i++) {
        row_set_of(im, i, SLAB_HEAD, 0);
        row_set_of(im, i, SLAB_EMPTY, 0);
        row_set_of(im, i, SLAB_PAGES, 0);
    }
}

void tarn_slab_clear(const image *im)
{
    uint32_t bits = slab_bits(table_get(im, SLAB_SHAPE));
    forget(im);
    memset(table_word(im, bits), 0, 4u * ((size_t)table_get(im, SLAB_LENGTH) + 1u - bits));
}

/* ---- once more ---- */

/* A bit for each page that proves itself, none where no used block begins; of a block whose seal or bits do not hold, what
 * was there. */
static void units_again(const image *im)
{
    slab_page page;
    uint32_t at = im->first;
    uint32_t log2 = unit_log2(im);
    for (uint32_t unit = 0; unit < units_of(im); unit++) {
        uint32_t offset = unit << log2;
        while (at < offset && image_holds(im, at)) {
            at += block_size(im, block_header(im, at));
        }
        bool begins = at == offset && image_holds(im, at) && block_used(block_header(im, at));
        unit_mark(im, offset, begins && (unit_begins(im, offset) || page_proves(im, offset, &page)));
    }
}

/* The page is the empty one that its class keeps; another that was goes back to the engine, and lies in front of it. */
static void page_keep(const image *im, const slab_page *page)
{
    slab_page other;
    uint32_t former = row_get_of(im, page->index, SLAB_EMPTY);
    if (former != 0 && page_listed(im, former, page->index, &other)) {
        (void)page_end(im, &other);
    }
    row_set_of(im, page->index, SLAB_EMPTY, page->offset);
}

void tarn_slab_rebuild(const image *im)
{
    slab_page page;
    units_again(im);
    forget(im);
    for (uint32_t offset = im->first; image_holds(im, offset); offset += block_size(im, block_header(im, offset))) {
        if (!page_open(im, offset, &page)) {
            continue;
        }
        row_set_of(im, page.index, SLAB_PAGES, row_get_of(im, page.index, SLAB_PAGES) + 1u);
        page_set(&page, PAGE_NEXT, 0);
        page_set(&page, PAGE_PREV, 0);
        if (page_has_only(&page, UINT32_MAX)) {
            page_keep(im, &page);
        } else if (page_has_room(&page)) {
            page_push(im, &page);
        }
    }
}
