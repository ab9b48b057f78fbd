/* SPDX-License-Identifier: MIT */
/*
 * What is done to one pool under the lock that guards it, for those who hold one: the operations on pools (pool.c,
 * resize.c) and those on heaps of several (regions_take.c, regions_blocks.c).
 *
 * Bound: one or two engine operations each, but for find_carrier().
 */
#ifndef TARN_SRC_STEPS_H
#define TARN_SRC_STEPS_H

#include "account.h"
#include "backup.h"
#include "engine.h"
#include "fill.h"
#include "tail.h"
#include "tarn/events.h"

static inline bool is_power_of_two(size_t value)
{
    return value != 0 && (value & (value - 1u)) == 0;
}

static inline void note_alignment(const image *im, size_t alignment)
{
    uint32_t log2 = highest_bit((uint32_t)alignment);
    if (log2 > image_tally(im, TALLY_ALIGNMENT, 5)) {
        image_set_tally(im, TALLY_ALIGNMENT, 5, log2);
    }
}

/* A pool whose blocks have nothing but a header. */
static inline bool block_is_plain(const image *im)
{
    return (im->layout & (LAYOUT_TAIL_MASK | LAYOUT_BACKUP_MASK | LAYOUT_EXTENSION_MASK)) == 0;
}

/* Takes a block of need granules, 0 meaning more than any; alignment is a power of two. */
static inline tarn_status take_granules(const image *im, uint32_t need, size_t alignment, uint32_t *offset)
{
    if (need == 0 || need > image_get(im, IMAGE_END) - im->first) {
        return TARN_E_NEVER_FITS;
    }
    if (alignment <= (size_t)1 << image_shift(im)) {
        return engine_of(im)->take(im, need, offset);
    }
    if (alignment > UINT32_MAX || alignment >> image_shift(im) > image_get(im, IMAGE_END)) {
        return TARN_E_NEVER_FITS;
    }
    tarn_status status = engine_of(im)->take_aligned(im, need, (uint32_t)alignment, offset);
    if (status == TARN_OK) {
        note_alignment(im, alignment);
    }
    return status;
}

/* What is free at offset, if it is, begins where no block began: the words there are bytes that were a user's. The last
 * one may hold a link. */
static inline void forget_former(const image *im, uint32_t offset)
{
    bool top = offset == image_get(im, IMAGE_TOP);
    uint32_t size = image_holds(im, offset) ? block_size(im, block_header(im, offset)) : 0;
    bool begins = words_count(im) > 1u && (top || block_is_free(im, offset, size));
    for (uint32_t i = 0; begins && i + 1u < words_count(im); i++) {
        word_store(owner_word(im, offset) + 4u * i, 0);
    }
}

/* take_granules() in a pool that may have extension words. What exceeds the pool is no matter of quota. */
static inline tarn_status take_noted(const image *im, uint32_t need, size_t alignment, origin *o, uint32_t *offset)
{
    bool fits = need != 0 && need <= image_get(im, IMAGE_END) - im->first;
    if (has_modules(im) && fits && !row_allows(account_row(im, row_of_module(im->layout, o->module)), need)) {
        return TARN_E_QUOTA;
    }
    tarn_status status = take_granules(im, need, alignment, offset);
    if (status == TARN_OK && has_owner(im)) {
        tarn_words_write(im, *offset, o);
        forget_former(im, *offset + block_size(im, block_header(im, *offset)));
    }
    return status;
}

/* What a block is to be: bytes, and the granules that they take; 0 means more than any pool has. */
typedef struct new_extent {
    size_t size;
    uint32_t need;
    size_t alignment;
} new_extent;

/* Whether a block of this size would find another place. */
static inline bool could_move(const image *im, const block_ref *b, const new_extent *w)
{
    bool fits = w->need != 0 && w->need <= image_get(im, IMAGE_END) - im->first && w->alignment <= UINT32_MAX &&
                w->alignment >> image_shift(im) <= image_get(im, IMAGE_END);
    bool allowed = !has_modules(im) || row_allows(row_of_owner(im, word_load(owner_word(im, b->offset))), w->need);
    return fits && allowed && engine_of(im)->would_take(im, w->need, (uint32_t)w->alignment) == TARN_OK;
}

/* Why a request for so many granules was refused. */
static inline uint32_t refusal_verdict(const image *im, tarn_status status, uint32_t need)
{
    switch (status) {
    case TARN_E_NEVER_FITS:
        return TARN_WHY_NEVER_FITS;
    case TARN_E_EXHAUSTED:
        return image_get(im, IMAGE_END) - im->first - image_get(im, IMAGE_USED) < need ? TARN_WHY_EXHAUSTED
                                                                                       : TARN_WHY_FRAGMENTED;
    case TARN_E_QUOTA:
        return TARN_WHY_OVER_QUOTA;
    case TARN_E_DAMAGED:
        return TARN_WHY_DAMAGED;
    default:
        return TARN_WHY_UNKNOWN;
    }
}

/* The row that a used block counts in; NULL in a pool without modules. */
static inline unsigned char *row_of_block(const image *im, const block_ref *b)
{
    return has_modules(im) ? row_of_owner(im, word_load(owner_word(im, b->offset))) : NULL;
}

static inline bool may_release_block(const image *im, const block_ref *b)
{
    const unsigned char *row = row_of_block(im, b);
    return (row == NULL || row_holds(row, b->size)) && engine_of(im)->may_release(im, b);
}

/* The same of cutting a block that is not to grow down to need granules. */
static inline bool may_trim_block(const image *im, const block_ref *b, uint32_t need)
{
    const unsigned char *row = row_of_block(im, b);
    return need != 0 && need <= b->size && (row == NULL || row_holds(row, b->size)) &&
           engine_of(im)->may_trim(im, b, need);
}

/* Takes a recognised block back, from its module too. */
static inline tarn_status release_counted(const image *im, const block_ref *b)
{
    if (!has_modules(im)) {
        return engine_of(im)->release(im, b);
    }
    unsigned char *row = row_of_block(im, b);
    tarn_status status = row_holds(row, b->size) ? engine_of(im)->release(im, b) : TARN_E_DAMAGED;
    if (status == TARN_OK) {
        row_take(row, b->size, 1);
    }
    return status;
}

/* What releases, in a pool where what merges is wiped, and has a copy. */
static inline tarn_status release_wiped(const image *im, const block_ref *b,
                                        tarn_status (*release)(const image *, const block_ref *))
{
    fill_note note = tarn_fill_note(im, b);
    tarn_status status = release(im, b);
    if (status == TARN_OK) {
        tarn_fill_released(im, b, &note);
        if (layout_has_backup(im->layout)) {
            tarn_backup_released(im, b, &note);
        }
    }
    return status;
}

/* release_counted() in any pool. */
static inline tarn_status release_block(const image *im, const block_ref *b)
{
    return layout_wipes(im->layout) ? release_wiped(im, b, release_counted) : release_counted(im, b);
}

/* Trim or extend. */
static inline tarn_status change_extent(const image *im, const block_ref *b, uint32_t need)
{
    tarn_status status = need > b->size ? engine_of(im)->extend(im, b, need) : engine_of(im)->trim(im, b, need);
    uint32_t size = has_owner(im) ? block_size(im, block_header(im, b->offset)) : b->size;
    if (size != b->size) {
        forget_former(im, b->offset + size);
    }
    return status;
}

/* The size where the block stands. What is cut off of a filled pool's block has been filled. */
static inline tarn_status change_block(const image *im, const block_ref *b, uint32_t need)
{
    bool grows = need > b->size;
    if (!layout_wipes(im->layout)) {
        return change_extent(im, b, need);
    }
    fill_note note = tarn_fill_note(im, b);
    uint32_t slack = layout_has_tail(im->layout) ? tail_slack(word_load(tail_word(im, b->offset, b->size))) : 0;
    if (layout_has_backup(im->layout)) {
        tarn_backup_leave(im, b);
    }
    tarn_status status = change_extent(im, b, need);
    if (status == TARN_OK && grows) {
        tarn_fill_extended(im, b, &note);
    } else if (status == TARN_OK) {
        tarn_fill_trimmed(im, b, &note, slack);
    }
    if (layout_has_backup(im->layout)) {
        tarn_backup_resized(im, b, &note);
    }
    return status;
}

/* The size where the block stands. One that carries a pool is not cut: that pool goes on using it. */
static inline tarn_status resize_uncounted(const image *im, const block_ref *b, const new_extent *w)
{
    if (!is_power_of_two(w->alignment)) {
        return TARN_E_ARGUMENT;
    }
    if (w->need == 0 || w->need > image_get(im, IMAGE_END) - im->first) {
        return TARN_E_NEVER_FITS;
    }
    if (((uintptr_t)image_payload(im, b->offset) & (w->alignment - 1u)) != 0) {
        return TARN_E_EXHAUSTED;
    }
    bool carries = (b->header & BLOCK_MARK) != 0;
    tarn_status status = TARN_OK;
    if (w->need > b->size || !carries) {
        status = change_block(im, b, w->need);
    }
    if (status == TARN_OK) {
        note_alignment(im, w->alignment);
        if (layout_has_tail(im->layout) && !(carries && w->size < block_usable(im, b))) {
            tarn_tail_write(im, b->offset, w->size);
        }
    }
    return status;
}

/* The size where the block stands, counted for its module. */
static inline tarn_status resize_block(const image *im, const block_ref *b, const new_extent *w)
{
    if (!has_modules(im)) {
        return resize_uncounted(im, b, w);
    }
    unsigned char *row = row_of_block(im, b);
    uint32_t before = image_get(im, IMAGE_USED);
    if (!row_holds(row, b->size)) {
        return TARN_E_DAMAGED;
    }
    if (w->need > b->size && !row_allows(row, w->need - b->size)) {
        return TARN_E_QUOTA;
    }
    tarn_status status = resize_uncounted(im, b, w);
    uint32_t after = image_get(im, IMAGE_USED);
    if (after >= before) {
        row_add(row, after - before, 0);
    } else {
        row_take(row, before - after, 0);
    }
    return status;
}

/* Module and tag of a used block, for the block that it moves to. */
static inline void keep_purpose(const image *im, const block_ref *b, origin *o)
{
    const unsigned char *words = owner_word(im, b->offset);
    if (has_owner(im)) {
        o->module = owner_module(word_load(words));
        o->tag = words_count(im) >= TARN_WORDS_TAG ? word_load(words + 4u * (TARN_WORDS_TAG - 1u)) : 0;
    }
}

/* The program's own word, of words that stand there. */
static inline tarn_status tag_store_at(const image *im, unsigned char *words, uint32_t tag)
{
    if (words_count(im) < TARN_WORDS_TAG) {
        return TARN_E_ARGUMENT;
    }
    word_store(words + 4u * (TARN_WORDS_TAG - 1u), tag);
    return TARN_OK;
}

/* A change of one of the words of a used block. */
typedef struct word_change {
    bool tags;                /* the tag, else the owner */
    uint32_t value;           /* it becomes */
    const uint32_t *expected; /* what the owner has to be, NULL: whatever */
    uint32_t before;          /* out: what the owner was */
} word_change;

/* TARN_E_DAMAGED: a row of a module that does not hold the block. */
static inline tarn_status change_word(const image *im, const block_ref *b, word_change *c)
{
    if (c->tags) {
        return tag_store_at(im, owner_word(im, b->offset), c->value);
    }
    c->before = has_owner(im) ? word_load(owner_word(im, b->offset)) : 0;
    bool asked = has_owner(im) && (c->expected == NULL || c->before == *c->expected);
    return asked ? tarn_account_give(im, b, c->value) : TARN_E_ARGUMENT;
}

/* The same of words that stand there, in a pool without modules. */
static inline tarn_status change_word_at(const image *im, unsigned char *words, word_change *c)
{
    if (c->tags) {
        return tag_store_at(im, words, c->value);
    }
    c->before = has_owner(im) ? word_load(words) : 0;
    if (!has_owner(im) || (c->expected != NULL && c->before != *c->expected)) {
        return TARN_E_ARGUMENT;
    }
    word_store(words, c->value);
    return TARN_OK;
}

/* The block begins further left, over the end of its free neighbour. Extension words are written here, the payload is
 * moved when the lock is given up; a tail would have to be written after that, so that pools with words there leave
 * it. NULL if that is not possible, or more than the module's quota leaves. */
static inline void *relocate_left(const image *im, const void *address, uint32_t need, size_t alignment, origin *o)
{
    block_ref b;
    block_ref moved;
    if (alignment > (size_t)1 << image_shift(im) || layout_has_end(im->layout) ||
        block_recognise(im, address, &b) != TARN_OK || need <= b.size) {
        return NULL;
    }
    unsigned char *row = row_of_block(im, &b);
    keep_purpose(im, &b, o);
    if ((row != NULL && (!row_holds(row, b.size) || !row_allows(row, need - b.size))) ||
        engine_of(im)->absorb_left(im, &b, need, &moved) != TARN_OK) {
        return NULL;
    }
    if (row != NULL) {
        row_take(row, b.size, 1);
    }
    if (has_owner(im)) {
        tarn_words_write(im, moved.offset, o);
    }
    if (has_owner(im) && moved.offset + moved.size != b.offset + b.size) {
        forget_former(im, moved.offset + moved.size);
    }
    return image_payload(im, moved.offset);
}

/* The event that tells a refusal: of a pointer, of a size, or because of damage. */
static inline uint32_t refusal_event(tarn_status status)
{
    bool about_pointer = status == TARN_E_NULL || status == TARN_E_NOT_A_POOL || status == TARN_E_FOREIGN ||
                         status == TARN_E_MISALIGNED || status == TARN_E_NOT_A_BLOCK || status == TARN_E_DOUBLE_FREE ||
                         status == TARN_E_CLOSED;
    if (about_pointer) {
        return TARN_EVENT_REFUSE;
    }
    return status == TARN_E_DAMAGED ? TARN_EVENT_CORRUPT : TARN_EVENT_FAIL;
}

/* The used block that wholly contains the range. Reads the headers before it, unless the range begins the block. */
static inline tarn_status find_carrier(const image *im, const void *start, size_t bytes, block_ref *b)
{
    uintptr_t distance = (uintptr_t)start - (uintptr_t)im->base;
    if (block_recognise(im, start, b) != TARN_OK && !block_around(im, (uint32_t)(distance >> image_shift(im)), b)) {
        return TARN_E_NOT_A_BLOCK;
    }
    if (!block_used(b->header) || (layout_has_tail(im->layout) && tarn_tail_admit(im, b) != TARN_OK)) {
        return TARN_E_NOT_A_BLOCK;
    }
    uintptr_t into = (uintptr_t)start - (uintptr_t)image_payload(im, b->offset);
    size_t usable = block_usable(im, b);
    bool inside = into <= usable && bytes <= usable - into;
    return inside ? TARN_OK : TARN_E_NOT_A_BLOCK;
}

#endif
