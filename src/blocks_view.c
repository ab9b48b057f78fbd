/* SPDX-License-Identifier: MIT */
/*
 * Views of block pools: opening bytes for reading, statistics, walk.
 *
 * V1 Nothing is written. V2 No read leaves the bytes given. V3 Every loop ends: a list is followed no further than it
 * is said to have blocks, and all lists together have no more than were ever handed out.
 * Bound: constant to open; blocks, and the lists once per window, to walk.
 */
#include "blocks_view.h"
#include "blocks_full.h"

blocks_shape tarn_blocks_view_shape(const tarn_blocks_view *view)
{
    blocks_shape shape;
    shape.layout = blocks_view_get(view, BLOCKS_LAYOUT);
    shape.fresh = blocks_view_get(view, BLOCKS_FRESH);
    shape.first = blocks_view_get(view, BLOCKS_FIRST);
    shape.inverse = blocks_view_get(view, BLOCKS_INVERSE);
    shape.shift = blocks_view_get(view, BLOCKS_SHIFT) & 31u;
    shape.stride = blocks_view_get(view, BLOCKS_STRIDE);
    shape.count = blocks_view_get(view, BLOCKS_COUNT);
    shape.size = blocks_view_get(view, BLOCKS_SIZE);
    return shape;
}

/* ---- the head in its three formats ---- */

static bool maker_is_big_endian(const tarn_blocks_view *view)
{
    uint32_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return (first == 0) != (view->swapped != 0);
}

static uint64_t counted_head(const tarn_blocks_view *view)
{
    uint32_t low = blocks_view_get(view, BLOCKS_HEAD);
    uint32_t high = blocks_view_get(view, BLOCKS_HEAD_HIGH);
    return maker_is_big_endian(view) ? (uint64_t)low << 32 | high : (uint64_t)high << 32 | low;
}

/* 1 is the offset of no block. */
static uint32_t offset_of_first(const blocks_shape *shape, uint32_t number_plus_1)
{
    if (number_plus_1 == 0) {
        return 0;
    }
    return number_plus_1 <= shape->count ? blocks_shape_offset(shape, number_plus_1 - 1u) : 1u;
}

static blocks_list pool_list(const tarn_blocks_view *view, const blocks_shape *shape)
{
    uint32_t head = blocks_view_get(view, BLOCKS_HEAD);
    uint32_t used = blocks_view_get(view, BLOCKS_TAKEN) - blocks_view_get(view, BLOCKS_GIVEN);
    blocks_list list = {head, shape->fresh - used};
    uint32_t format = shape->layout & 15u;
    if (format == BLOCKS_FORMAT_TAGGED_32) {
        list.head = offset_of_first(shape, head & UINT16_MAX);
    } else if (format == BLOCKS_FORMAT_COUNTED_64) {
        uint32_t width = blocks_view_get(view, BLOCKS_SHIFT) >> 8 & 31u;
        uint64_t counted = counted_head(view);
        uint32_t mask = (UINT32_C(1) << width) - 1u;
        list.head = offset_of_first(shape, (uint32_t)counted & mask);
        list.count = (uint32_t)(counted >> width) & mask;
    }
    return list;
}

blocks_list tarn_blocks_view_list(const tarn_blocks_view *view, uint32_t index)
{
    blocks_shape shape = tarn_blocks_view_shape(view);
    if (index == 0) {
        return pool_list(view, &shape);
    }
    uint64_t at = blocks_slot_list_at(shape.layout, shape.count, (index - 1u) / BLOCKS_SLOT_LISTS,
                                      (index - 1u) % BLOCKS_SLOT_LISTS);
    blocks_list list = {blocks_view_word(view, at + BLOCKS_LIST_HEAD), blocks_view_word(view, at + BLOCKS_LIST_COUNT)};
    return list;
}

/* ---- counts ---- */

uint32_t tarn_blocks_view_used(const tarn_blocks_view *view)
{
    blocks_shape shape = tarn_blocks_view_shape(view);
    uint64_t listed = 0;
    for (uint32_t i = 0; i < blocks_shape_lists(&shape); i++) {
        listed += tarn_blocks_view_list(view, i).count;
    }
    return listed <= shape.fresh ? shape.fresh - (uint32_t)listed : 0;
}

uint32_t tarn_blocks_view_peak(const tarn_blocks_view *view)
{
    uint32_t fresh = blocks_view_get(view, BLOCKS_FRESH);
    uint32_t mark = blocks_view_get(view, BLOCKS_MARK);
    return mark == 0 || mark > fresh ? fresh : mark - 1u;
}

tarn_status tarn_blocks_view_open(tarn_blocks_view *view, const void *bytes, size_t size)
{
    if (view == NULL || bytes == NULL) {
        return TARN_E_NULL;
    }
    memset(view, 0, sizeof *view);
    tarn_blocks_view v = {(const unsigned char *)bytes, size, 0, 0};
    if (((uintptr_t)bytes & 3u) != 0) {
        return TARN_E_MISALIGNED;
    }
    if (size < 4u) {
        return TARN_E_TRUNCATED;
    }
    uint32_t magic = blocks_view_get(&v, BLOCKS_MAGIC);
    v.swapped = (blocks_swap(magic) & ~BLOCKS_KINDS) == BLOCKS_PLAIN;
    magic = blocks_view_get(&v, BLOCKS_MAGIC);
    if ((magic & ~BLOCKS_KINDS) != BLOCKS_PLAIN) {
        return TARN_E_NOT_A_POOL;
    }
    if (size < BLOCKS_HEADER_BYTES) {
        return TARN_E_TRUNCATED;
    }
    uint32_t header[BLOCKS_HEADER_WORDS];
    for (uint32_t i = 0; i < BLOCKS_HEADER_WORDS; i++) {
        header[i] = blocks_view_get(&v, i);
    }
    if (blocks_is_absent(header[BLOCKS_LAYOUT])) {
        return TARN_E_UNAVAILABLE;
    }
    if (!tarn_blocks_header_legal((const unsigned char *)header)) {
        return TARN_E_DAMAGED;
    }
    if (header[BLOCKS_FIRST] + (uint64_t)header[BLOCKS_COUNT] * header[BLOCKS_STRIDE] > size) {
        return TARN_E_TRUNCATED;
    }
    *view = v;
    return TARN_OK;
}

tarn_status tarn_blocks_view_stats(const tarn_blocks_view *view, tarn_stats *stats)
{
    if (view == NULL || view->base == NULL || stats == NULL) {
        return TARN_E_NULL;
    }
    blocks_shape shape = tarn_blocks_view_shape(view);
    uint32_t used = tarn_blocks_view_used(view);
    uint32_t peak = tarn_blocks_view_peak(view);
    memset(stats, 0, sizeof *stats);
    stats->bytes = blocks_view_get(view, BLOCKS_BYTES);
    stats->capacity = (uint64_t)shape.count * shape.stride;
    stats->used = (uint64_t)used * shape.stride;
    stats->free = stats->capacity - stats->used;
    stats->peak = (uint64_t)(peak > used ? peak : used) * shape.stride;
    stats->largest_free = used < shape.count ? shape.stride : 0;
    stats->largest_request = used < shape.count ? blocks_usable(shape.size) : 0;
    stats->blocks = used;
    stats->free_blocks = shape.count - used;
    stats->refusals = blocks_view_get(view, BLOCKS_REFUSALS);
    stats->granule = blocks_alignment(shape.layout);
    stats->overhead = shape.stride - blocks_usable(shape.size);
    stats->exact = blocks_has(shape.layout, TARN_BLOCKS_MAP) ? 1u : 0u;
    stats->max_alignment = stats->granule;
    return TARN_OK;
}

/* ---- walk ---- */

/* Marks what one list names inside the window; *room is how many blocks the lists from here on can have. */
static bool window_add(const tarn_blocks_view *view, const blocks_shape *shape, const blocks_list *list,
                       blocks_window *window, uint32_t *room)
{
    uint32_t at = list->head;
    uint32_t left = list->count;
    if (left > *room) {
        return false;
    }
    *room -= left;
    for (; at != 0; at = blocks_view_payload(view, at)) {
        uint32_t number = blocks_shape_number(shape, at);
        uint32_t place = number - window->from;
        if (number >= shape->fresh || left-- == 0) {
            return false;
        }
        if (place < BLOCKS_WINDOW) {
            uint32_t bit = UINT32_C(1) << (place & 31u);
            if ((window->free[place >> 5] & bit) != 0) {
                return false;
            }
            window->free[place >> 5] |= bit;
        }
    }
    return true;
}

bool tarn_blocks_view_window(const tarn_blocks_view *view, uint32_t from, bool live, blocks_window *window)
{
    blocks_shape shape = tarn_blocks_view_shape(view);
    uint32_t room = shape.fresh;
    memset(window, 0, sizeof *window);
    window->from = from;
    for (uint32_t i = 0; i < blocks_shape_lists(&shape); i++) {
        blocks_list list = tarn_blocks_view_list(view, i);
        bool sound = window_add(view, &shape, &list, window, &room);
        if (!sound && !(live && i != 0)) {
            return false;
        }
    }
    for (uint32_t place = 0; place < BLOCKS_WINDOW; place++) {
        if (from + place >= shape.fresh) {
            window->free[place >> 5] |= UINT32_C(1) << (place & 31u);
        }
    }
    return true;
}

void tarn_blocks_view_describe(const tarn_blocks_view *view, const blocks_shape *shape, uint32_t number, bool is_free,
                               tarn_block *record)
{
    uint64_t owner = blocks_owners_at(shape->layout, shape->count) + 4u * (uint64_t)number;
    bool owned = !is_free && blocks_has(shape->layout, TARN_BLOCKS_OWNER);
    memset(record, 0, sizeof *record);
    record->offset = blocks_shape_offset(shape, number);
    record->size = shape->stride;
    record->usable = blocks_usable(shape->size);
    record->state = is_free                                 ? TARN_BLOCK_FREE
                    : blocks_view_held(view, shape, number) ? TARN_BLOCK_HELD_BACK
                                                            : TARN_BLOCK_USED;
    record->owner = owned ? blocks_view_word(view, owner) : 0;
}

tarn_status tarn_blocks_view_walk(const tarn_blocks_view *view, tarn_visit *visit, void *context)
{
    blocks_window window;
    tarn_block record;
    if (view == NULL || view->base == NULL || visit == NULL) {
        return TARN_E_NULL;
    }
    blocks_shape shape = tarn_blocks_view_shape(view);
    for (uint32_t number = 0; number < shape.count; number++) {
        if (number % BLOCKS_WINDOW == 0 && !tarn_blocks_view_window(view, number, false, &window)) {
            return TARN_E_DAMAGED;
        }
        tarn_blocks_view_describe(view, &shape, number, blocks_window_free(&window, number), &record);
        if (!visit(&record, context)) {
            return TARN_OK;
        }
    }
    return TARN_OK;
}
