/* SPDX-License-Identifier: MIT */
/*
 * Pages as they come and go (slab_page.h): proved, taken from the engine and given back to it, one or all.
 *
 * Bound: as slab.h says; clearing, the table's words; making anew, blocks and units.
 */
#include "slab_page.h"

#include "steps.h"

bool tarn_slab_page_proves(const image *im, uint32_t offset, slab_page *page)
{
    uint32_t header = block_header(im, offset);
    uint32_t size = block_size(im, header);
    page->at = image_payload(im, offset);
    page->offset = offset;
    if (!block_proves(im, offset, header) || !block_used(header) || size > image_get(im, IMAGE_TOP) - offset ||
        size << image_shift(im) < 4u * (PAGE_LIVE + 1u)) {
        return false;
    }
    page->index = page_get(page, PAGE_SEAL) & SLAB_CLASS_MASK;
    if (page->index >= slab_classes(table_get(im, SLAB_SHAPE))) {
        return false;
    }
    page->shape = class_of(im, page->index);
    page->size = size;
    return page->shape.size != 0 && size >= page->shape.size && size - page->shape.size < image_minimum(im) &&
           page_get(page, PAGE_SEAL) == slab_page_seal(im->key, offset, page->index, &page->shape) &&
           page_get(page, PAGE_LIVE_SEAL) == live_sum(im, page);
}

bool tarn_slab_page_open(const image *im, uint32_t offset, slab_page *page)
{
    return image_holds(im, offset) && unit_begins(im, offset) && tarn_slab_page_proves(im, offset, page);
}

static void unit_mark(const image *im, uint32_t offset, bool begins)
{
    uint32_t unit = offset >> unit_log2(im);
    unsigned char *word = unit_word(im, unit);
    uint32_t bit = UINT32_C(1) << (unit & 31u);
    word_store(word, begins ? word_load(word) | bit : word_load(word) & ~bit);
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
    class_set(im, page->index, SLAB_PAGES, class_get(im, page->index, SLAB_PAGES) + 1u);
}

static bool may_have_page(const image *im, uint32_t index, slab_class *shape)
{
    uint32_t pages = 0;
    for (uint32_t i = 0; i < slab_classes(table_get(im, SLAB_SHAPE)); i++) {
        pages += class_get(im, i, SLAB_PAGES);
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

tarn_status tarn_slab_page_make(const image *im, uint32_t index, slab_page *page)
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

tarn_status tarn_slab_page_would_make(const image *im, uint32_t index)
{
    slab_class shape;
    image alike = unmoved(im);
    bool may = may_have_page(im, index, &shape);
    return may ? engine_of(im)->would_take(&alike, shape.size, unit_bytes(im)) : TARN_E_EXHAUSTED;
}

bool tarn_slab_page_end(const image *im, const slab_page *page)
{
    block_ref b = {page->offset, page->size, block_header(im, page->offset)};
    if (!engine_of(im)->may_release(im, &b)) {
        return false;
    }
    page_set(page, PAGE_SEAL, 0);
    unit_mark(im, page->offset, false);
    class_set(im, page->index, SLAB_PAGES, class_get(im, page->index, SLAB_PAGES) - 1u);
    return engine_of(im)->release(im, &b) == TARN_OK;
}

bool tarn_slab_settle(const image *im)
{
    slab_page page;
    uint32_t shape = table_get(im, SLAB_SHAPE);
    bool any = false;
    for (uint32_t i = 0; i < slab_classes(shape); i++) {
        uint32_t empty = class_get(im, i, SLAB_EMPTY);
        bool kept = slab_keeps(shape) && class_get(im, i, SLAB_PAGES) == 1u;
        if (empty != 0 && !kept && page_listed(im, empty, i, &page) && page_has_only(&page, UINT32_MAX) &&
            tarn_slab_page_end(im, &page)) {
            class_set(im, i, SLAB_EMPTY, 0);
            any = true;
        }
    }
    return any;
}

/* ---- all of them ---- */

void tarn_slab_start(const image *im)
{
    slab_page page;
    uint32_t shape = table_get(im, SLAB_SHAPE);
    for (uint32_t i = 0; slab_keeps(shape) && i < slab_classes(shape); i++) {
        if (tarn_slab_page_make(im, i, &page) == TARN_OK) {
            class_set(im, i, SLAB_EMPTY, page.offset);
        }
    }
}

/* All words behind the shape of the classes are zero in the beginning. */
static void forget(const image *im)
{
    uint32_t shape = table_get(im, SLAB_SHAPE);
    for (uint32_t i = 0; i < slab_classes(shape); i++) {
        class_set(im, i, SLAB_HEAD, 0);
        class_set(im, i, SLAB_EMPTY, 0);
        class_set(im, i, SLAB_PAGES, 0);
    }
}

void tarn_slab_clear(const image *im)
{
    uint32_t bits = slab_bits(table_get(im, SLAB_SHAPE));
    forget(im);
    memset(table_word(im, bits), 0, 4u * ((size_t)table_get(im, SLAB_LENGTH) + 1u - bits));
}

/* A bit for each page that proves itself, none where no used block begins; of a block whose seal or bits do not hold,
 * what was there. */
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
        unit_mark(im, offset, begins && (unit_begins(im, offset) || tarn_slab_page_proves(im, offset, &page)));
    }
}

/* The page is the empty one that its class keeps; another that was goes back to the engine, and lies in front of it. */
static void page_keep(const image *im, const slab_page *page)
{
    slab_page other;
    uint32_t former = class_get(im, page->index, SLAB_EMPTY);
    if (former != 0 && page_listed(im, former, page->index, &other)) {
        (void)tarn_slab_page_end(im, &other);
    }
    class_set(im, page->index, SLAB_EMPTY, page->offset);
}

void tarn_slab_rebuild(const image *im)
{
    slab_page page;
    units_again(im);
    forget(im);
    for (uint32_t offset = im->first; image_holds(im, offset); offset += block_size(im, block_header(im, offset))) {
        if (!tarn_slab_page_open(im, offset, &page)) {
            continue;
        }
        class_set(im, page.index, SLAB_PAGES, class_get(im, page.index, SLAB_PAGES) + 1u);
        page_set(&page, PAGE_NEXT, 0);
        page_set(&page, PAGE_PREV, 0);
        if (page_has_only(&page, UINT32_MAX)) {
            page_keep(im, &page);
        } else if (page_has_room(&page)) {
            page_push(im, &page);
        }
    }
}
