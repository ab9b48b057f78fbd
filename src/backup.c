/* SPDX-License-Identifier: MIT */
/*
 * Keeping copies of headers, and finding a block again by its copy (backup.h).
 *
 * Bound: constant; finding, the granules from the place to the wilderness.
 */
#include "backup.h"

#include "index_bestfit.h"

void tarn_backup_write(const image *im, uint32_t offset)
{
    uint32_t header = block_header(im, offset);
    unsigned char *copy = backup_word(im, offset, block_size(im, header), block_used(header));
    word_store(copy, backup_of(im, offset, header));
}

void tarn_backup_write_all(const image *im)
{
    uint32_t offset = im->first;
    while (offset != image_get(im, IMAGE_TOP)) {
        tarn_backup_write(im, offset);
        offset += block_size(im, block_header(im, offset));
    }
}

bool tarn_backup_holds(const image *im, const block_ref *b)
{
    return word_load(backup_word(im, b->offset, b->size, true)) == backup_of(im, b->offset, b->header);
}

/* In the words of a trie that a block does not use a copy of what it was before may lie: where `where` is in the last
 * extension word, and children where it hangs behind a node. */
static void wipe_gaps(const image *im, uint32_t offset)
{
    if (image_lead_bytes(im) != 4u) {
        link_set(im, offset, 1, 0);
    }
    if (link_get(im, offset, NODE_SLOT) == SLOT_BEHIND) {
        link_set(im, offset, NODE_CHILD, 0);
        link_set(im, offset, NODE_CHILD + 1u, 0);
    }
}

/* Of a listed block, if there is one. What lies there is no part of what the engine has looked at: it may be broken. */
static void write_free(const image *im, uint32_t offset)
{
    uint32_t size = image_holds(im, offset) ? block_size(im, block_header(im, offset)) : 0;
    if (!block_is_free(im, offset, size)) {
        return;
    }
    if (layout_engine(im->layout) == TARN_ENGINE_BESTFIT && !bestfit_is_small(size)) {
        wipe_gaps(im, offset);
    }
    tarn_backup_write(im, offset);
}

void tarn_backup_taken(const image *im, uint32_t offset)
{
    uint32_t header = block_header(im, offset);
    if ((header & BLOCK_LEFT_FREE) != 0) {
        write_free(im, offset - word_load(block_left_tag(im, offset)));
    }
    tarn_backup_write(im, offset);
    write_free(im, offset + block_size(im, header));
}

void tarn_backup_released(const image *im, const block_ref *b, const fill_note *note)
{
    write_free(im, b->offset - note->left);
}

void tarn_backup_leave(const image *im, const block_ref *b)
{
    word_store(backup_word(im, b->offset, b->size, true), 0);
}

void tarn_backup_resized(const image *im, const block_ref *b, const fill_note *note)
{
    uint32_t size = block_size(im, block_header(im, b->offset));
    if (size > b->size && note->right != 0) {
        word_store(backup_word(im, note->end, note->right, false), 0);
    }
    if (size != b->size) {
        write_free(im, b->offset + size);
    }
    tarn_backup_write(im, b->offset);
}

/* ---- finding ---- */

/* What follows a block of this size and state: a header that proves itself and says the same of its left neighbour, or
 * one that is lost. */
static bool may_lead_to(const tarn_view *view, const image *im, uint32_t next, bool is_free)
{
    uint32_t header = view_header(view, next);
    bool merged = is_free && next == view->top; /* it would be part of the wilderness (I4) */
    return !merged && (!block_proves(im, next, header) || ((header & BLOCK_LEFT_FREE) != 0) == is_free);
}

bool tarn_view_backup_find(const tarn_view *view, uint32_t offset, block_ref *found)
{
    static const uint32_t states[] = {0, BLOCK_USED, BLOCK_USED | BLOCK_MARK};
    image im = view_geometry(view);
    uint32_t count = 0;
    for (uint32_t size = image_minimum(&im); size <= view->top - offset; size++) {
        for (uint32_t i = 0; i < sizeof states / sizeof states[0]; i++) {
            uint32_t body = size << BLOCK_SIZE_SHIFT | states[i];
            block_ref b = {offset, size, block_seal(&im, offset, body)};
            if (view_word(view, view_backup(view, &b)) == backup_of(&im, offset, body) &&
                may_lead_to(view, &im, offset + size, states[i] == 0)) {
                *found = b;
                count++;
            }
        }
    }
    return count == 1;
}
