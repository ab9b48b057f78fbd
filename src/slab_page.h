/* SPDX-License-Identifier: MIT */
/*
 * Pages of a slab (slab.h) in an image under its lock: the words of the table and of a page, lists and live
 * bits. What becomes of pages is in slab_page.c, what becomes of their objects in slab.c.
 *
 * S1 Membership is a bit of the table, consulted before any byte of a page is read; then the page proves itself.
 * S2 An operation looks at all that it will write before it changes anything.
 * Bound: as slab.h says.
 */
#ifndef TARN_SRC_SLAB_PAGE_H
#define TARN_SRC_SLAB_PAGE_H

#include "engine.h"
#include "slab.h"

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

static inline uint32_t class_get(const image *im, uint32_t index, uint32_t word)
{
    return table_get(im, slab_row(index, word));
}

static inline void class_set(const image *im, uint32_t index, uint32_t word, uint32_t value)
{
    table_set(im, slab_row(index, word), value);
}

static inline slab_class class_of(const image *im, uint32_t index)
{
    uint32_t unit_shift = slab_unit_shift(table_get(im, SLAB_SHAPE));
    return slab_class_shape(im->layout, unit_shift, class_get(im, index, SLAB_BYTES),
                            class_get(im, index, SLAB_OBJECTS));
}

static inline unsigned char *unit_word(const image *im, uint32_t unit)
{
    return table_word(im, slab_bits(table_get(im, SLAB_SHAPE)) + (unit >> 5));
}

static inline uint32_t units_of(const image *im)
{
    return slab_units(table_get(im, SLAB_SHAPE), table_get(im, SLAB_LENGTH));
}

/* log2 of the granules of a unit. */
static inline uint32_t unit_log2(const image *im)
{
    return slab_unit_shift(table_get(im, SLAB_SHAPE)) - image_shift(im);
}

static inline bool unit_begins(const image *im, uint32_t offset)
{
    uint32_t log2 = unit_log2(im);
    uint32_t unit = offset >> log2;
    return unit << log2 == offset && unit < units_of(im) && (word_load(unit_word(im, unit)) >> (unit & 31u) & 1u) != 0;
}

/* ---- a page ---- */

static inline uint32_t page_get(const slab_page *page, uint32_t word)
{
    return word_load(page->at + 4u * word);
}

static inline void page_set(const slab_page *page, uint32_t word, uint32_t value)
{
    word_store(page->at + 4u * word, value);
}

static inline uint32_t live_words(const slab_page *page)
{
    return (page->shape.objects + 31u) >> 5;
}

static inline uint32_t live_sum(const image *im, const slab_page *page)
{
    uint32_t sum = slab_live_begin(im->key, page->offset);
    for (uint32_t i = 0; i < live_words(page); i++) {
        sum = slab_live_mix(sum, page_get(page, PAGE_LIVE + i));
    }
    return sum;
}

/* ---- slab_page.c ---- */

/* All that tells the page at offset from other bytes holds, but for its bit. */
bool tarn_slab_page_proves(const image *im, uint32_t offset, slab_page *page);

/* The page at offset; false if there is none, or it does not prove itself. */
bool tarn_slab_page_open(const image *im, uint32_t offset, slab_page *page);

/* A new page, in no list: TARN_E_EXHAUSTED, TARN_E_DAMAGED. */
tarn_status tarn_slab_page_make(const image *im, uint32_t index, slab_page *page);

/* What tarn_slab_page_make() would answer. */
tarn_status tarn_slab_page_would_make(const image *im, uint32_t index);

/* Gives an empty page that is in no list back to the engine; false if that finds damage. */
bool tarn_slab_page_end(const image *im, const slab_page *page);

/* ---- lists: pages with objects and room, by class ---- */

/* A page of the list of this class. */
static inline bool page_listed(const image *im, uint32_t offset, uint32_t index, slab_page *page)
{
    return tarn_slab_page_open(im, offset, page) && page->index == index;
}

/* What a link of a listed page names agrees. */
static inline bool next_agrees(const image *im, const slab_page *page)
{
    slab_page other;
    uint32_t next = page_get(page, PAGE_NEXT);
    return next == 0 || (page_listed(im, next, page->index, &other) && page_get(&other, PAGE_PREV) == page->offset);
}

static inline bool prev_agrees(const image *im, const slab_page *page)
{
    slab_page other;
    uint32_t prev = page_get(page, PAGE_PREV);
    if (prev == 0) {
        return class_get(im, page->index, SLAB_HEAD) == page->offset;
    }
    return page_listed(im, prev, page->index, &other) && page_get(&other, PAGE_NEXT) == page->offset;
}

/* Another page may be put in front of the list. */
static inline bool head_agrees(const image *im, uint32_t index)
{
    slab_page head;
    uint32_t offset = class_get(im, index, SLAB_HEAD);
    return offset == 0 || (page_listed(im, offset, index, &head) && page_get(&head, PAGE_PREV) == 0);
}

static inline void page_push(const image *im, const slab_page *page)
{
    uint32_t next = class_get(im, page->index, SLAB_HEAD);
    page_set(page, PAGE_NEXT, next);
    page_set(page, PAGE_PREV, 0);
    class_set(im, page->index, SLAB_HEAD, page->offset);
    if (next != 0) {
        word_store(image_payload(im, next) + 4u * PAGE_PREV, page->offset);
    }
}

static inline void page_unlink(const image *im, const slab_page *page)
{
    uint32_t next = page_get(page, PAGE_NEXT);
    uint32_t prev = page_get(page, PAGE_PREV);
    if (prev != 0) {
        word_store(image_payload(im, prev) + 4u * PAGE_NEXT, next);
    } else {
        class_set(im, page->index, SLAB_HEAD, next);
    }
    if (next != 0) {
        word_store(image_payload(im, next) + 4u * PAGE_PREV, prev);
    }
    page_set(page, PAGE_NEXT, 0);
    page_set(page, PAGE_PREV, 0);
}

/* ---- live objects ---- */

/* The first object that nobody has; false if there is none. */
static inline bool page_room(const slab_page *page, uint32_t *number)
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

static inline bool page_has_room(const slab_page *page)
{
    uint32_t number;
    return page_room(page, &number);
}

/* It has no object but number; with UINT32_MAX, none at all. */
static inline bool page_has_only(const slab_page *page, uint32_t number)
{
    uint32_t any = 0;
    for (uint32_t i = 0; i < live_words(page); i++) {
        uint32_t own = i == number >> 5 ? UINT32_C(1) << (number & 31u) : 0;
        any |= page_get(page, PAGE_LIVE + i) & ~own;
    }
    return any == 0;
}

static inline void page_flip(const image *im, const slab_page *page, uint32_t number)
{
    uint32_t word = PAGE_LIVE + (number >> 5);
    page_set(page, word, page_get(page, word) ^ UINT32_C(1) << (number & 31u));
    page_set(page, PAGE_LIVE_SEAL, live_sum(im, page));
}

#endif
