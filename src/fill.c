/* SPDX-License-Identifier: MIT */
/*
 * Keeping and verifying the fill of free memory (fill.h).
 *
 * Bound: a store or load per byte where a range is given; else constant.
 */
#include "fill.h"

#include "index_bestfit.h"

uint32_t tarn_fill_links(uint32_t layout, uint32_t size)
{
    if (layout_engine(layout) == TARN_ENGINE_LINEAR) {
        return 0;
    }
    if (layout_engine(layout) == TARN_ENGINE_BESTFIT && !bestfit_is_small(size)) {
        return 4u * NODE_SLOT + 4u;
    }
    return layout_extension(layout) == 0 ? 8u : 4u;
}

void tarn_fill_write(const image *im, unsigned char *from, const unsigned char *to)
{
    uint32_t byte = fill_byte(im->layout);
    for (; from < to; from++) {
        byte_store(from, byte);
    }
}

bool tarn_fill_holds(const image *im, const unsigned char *from, const unsigned char *to)
{
    uint32_t byte = fill_byte(im->layout);
    uint32_t word = byte * UINT32_C(0x01010101);
    uint32_t different = 0;
    for (; ((uintptr_t)from & 3u) != 0 && from < to; from++) {
        different |= byte_load(from) ^ byte;
    }
    for (; to > from && (size_t)(to - from) >= 4u; from += 4) {
        different |= word_load(from) ^ word;
    }
    for (; from < to; from++) {
        different |= byte_load(from) ^ byte;
    }
    return different == 0;
}

fill_break tarn_fill_break(const image *im, const unsigned char *from, const unsigned char *to)
{
    if (tarn_fill_holds(im, from, to)) {
        return (fill_break){NULL, 0};
    }
    while (byte_load(from) == fill_byte(im->layout)) {
        from++;
    }
    return (fill_break){from, byte_load(from)};
}

/* Where blocks end: the header of the wilderness, when it is empty, lies behind. */
static const unsigned char *blocks_end(const image *im)
{
    return image_payload(im, image_get(im, IMAGE_END)) - image_lead_bytes(im);
}

void tarn_fill_wilderness(const image *im, unsigned char *from)
{
    unsigned char *payload = image_payload(im, image_get(im, IMAGE_TOP));
    tarn_fill_write(im, from > payload ? from : payload, blocks_end(im));
}

/* Where the memory of a free block, or of the wilderness, begins that is not links. */
static unsigned char *free_memory(const image *im, uint32_t offset)
{
    bool top = offset == image_get(im, IMAGE_TOP);
    return image_payload(im, offset) +
           (top ? 0 : tarn_fill_links(im->layout, block_size(im, block_header(im, offset))));
}

/* Fills what of [from, to) lies in [low, high). */
static void wipe(const image *im, unsigned char *from, unsigned char *to, unsigned char *low, unsigned char *high)
{
    tarn_fill_write(im, from > low ? from : low, to < high ? to : high);
}

fill_note tarn_fill_note(const image *im, const block_ref *b)
{
    fill_note note = {image_get(im, IMAGE_TOP), 0, 0, b->offset + b->size};
    if ((b->header & BLOCK_LEFT_FREE) != 0) {
        note.left = word_load(block_left_tag(im, b->offset));
    }
    if (note.end != note.top) {
        uint32_t header = block_header(im, note.end);
        note.right = block_used(header) ? 0 : block_size(im, header);
    }
    return note;
}

/* Bytes of words of the pool's at the end of a block: tail or tag, and the copy. */
static uint32_t end_bytes(const image *im)
{
    return 4u + layout_backup_bytes(im->layout);
}

/* What lay where the block ended and merged: its tail, the header behind and, of a listed block, its links. low is
 * where the merged memory begins that is not links. */
static void wipe_right(const image *im, const fill_note *note, unsigned char *low)
{
    unsigned char *payload = image_payload(im, note->end);
    unsigned char *end = (unsigned char *)(uintptr_t)blocks_end(im);
    if (note->right != 0) {
        wipe(im, payload - image_lead_bytes(im) - end_bytes(im), payload + tarn_fill_links(im->layout, note->right),
             low, end);
    } else if (note->end == note->top) {
        wipe(im, payload - image_lead_bytes(im) - end_bytes(im), payload, low, end);
    }
}

void tarn_fill_released(const image *im, const block_ref *b, const fill_note *note)
{
    uint32_t start = b->offset - note->left;
    unsigned char *low = free_memory(im, start);
    unsigned char *payload = image_payload(im, b->offset);
    unsigned char *first = image_payload(im, start);
    wipe_right(im, note, low);
    if (note->left != 0) {
        wipe(im, payload - image_lead_bytes(im) - end_bytes(im), payload, low, payload);
        wipe(im, first, first + tarn_fill_links(im->layout, note->left), low, payload);
    }
}

void tarn_fill_trimmed(const image *im, const block_ref *b, const fill_note *note, uint32_t slack)
{
    uint32_t size = block_size(im, block_header(im, b->offset));
    if (size != b->size) {
        unsigned char *low = free_memory(im, b->offset + size);
        unsigned char *tail = tail_slack_end(im, block_left_tag(im, note->end));
        wipe(im, tail - slack, tail, low, tail);
        wipe_right(im, note, low);
    }
}

/* The links of the free block to the right, as far as they lie in what is left of it. */
void tarn_fill_extended(const image *im, const block_ref *b, const fill_note *note)
{
    uint32_t end = b->offset + block_size(im, block_header(im, b->offset));
    if (note->right != 0 && end != note->end + note->right) {
        unsigned char *payload = image_payload(im, note->end);
        unsigned char *low = free_memory(im, end);
        wipe(im, payload, payload + tarn_fill_links(im->layout, note->right), low, low + 4u * NODE_SLOT + 4u);
    }
}

/* The links that the memory was listed by lie in the gap, in the block and in the rest; its tag is where the block's
 * tail will be, or is that of the rest. */
void tarn_fill_taken(const image *im, uint32_t offset, uint32_t top)
{
    uint32_t header = block_header(im, offset);
    uint32_t end = offset + block_size(im, header);
    uint32_t gap = (header & BLOCK_LEFT_FREE) != 0 ? word_load(block_left_tag(im, offset)) : 0;
    if (offset >= top) {
        return;
    }
    uint32_t size = image_holds(im, end) ? block_size(im, block_header(im, end)) : 0;
    uint32_t rest = block_is_free(im, end, size) ? size : 0; /* the header of a used neighbour may be broken */
    unsigned char *links = image_payload(im, offset - gap);
    unsigned char *links_end = links + tarn_fill_links(im->layout, gap + (end - offset) + rest);
    unsigned char *tail = block_left_tag(im, end);
    if (gap != 0) {
        wipe(im, links, links_end, free_memory(im, offset - gap), block_left_tag(im, offset));
    }
    wipe(im, links, links_end, image_payload(im, offset), tail + 4);
    if (rest != 0) {
        wipe(im, links, links_end, free_memory(im, end), block_left_tag(im, end + rest));
    } else {
        tarn_fill_write(im, tail + 4 - end_bytes(im), tail + 4);
    }
}

uint64_t tarn_fill_broken_in(const tarn_view *view, const block_ref *b, uint64_t from, uint64_t to)
{
    bool plain = b->offset == view->top || block_used(b->header);
    uint64_t at = view_payload(view, b->offset) + (plain ? 0 : tarn_fill_links(view->layout, b->size));
    uint64_t end = b->offset == view->top ? view_last_word(view, b) + 4u
                                          : view_last_word(view, b) - layout_backup_bytes(view->layout);
    end = block_used(b->header) ? view_reserve(view, b) : end;
    at = at < from ? from : at;
    end = end > to ? to : end;
    while (at < end && view_byte(view, at) == fill_byte(view->layout)) {
        at++;
    }
    return at < end ? at : TARN_NOWHERE;
}

uint64_t tarn_fill_broken(const tarn_view *view, const block_ref *b)
{
    return tarn_fill_broken_in(view, b, 0, UINT64_MAX);
}
