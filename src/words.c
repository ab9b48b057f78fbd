/* SPDX-License-Identifier: MIT */
/*
 * Extension words: what is written into a block that is handed out, and what is counted by it (account.h).
 *
 * Bound: constant; asking for callers, the port's.
 */
#include "account.h"

#include "quarantine.h"
#include "tarn/account.h"

/* 0 is kept for "unknown": tarn_alloc() calls nobody. */
uint32_t tarn_site_of(const void *caller)
{
    return caller == NULL ? 0 : (uint32_t)((uintptr_t)caller - (uintptr_t)&tarn_alloc);
}

/* Frames of tarn and of a face that may lie between the port and the caller. */
enum { FRAMES_INSIDE = 13 };

void tarn_origin_ask(origin *o)
{
    const void *frames[FRAMES_INSIDE + TARN_WORDS_CALLERS_MAX];
    uint32_t there = tarn_port_callers(frames, FRAMES_INSIDE + TARN_WORDS_CALLERS_MAX);
    uint32_t at = 0;
    while (at < there && frames[at] != o->caller) {
        at++;
    }
    for (at++; at < there && o->count < TARN_WORDS_CALLERS_MAX; at++) {
        o->callers[o->count++] = frames[at];
    }
}

static uint32_t next_number(const image *im)
{
    uint32_t number = word_load(account_counter(im));
    word_store(account_counter(im), number == UINT32_MAX ? COUNTER_TURN : number + 1u);
    return number;
}

void tarn_words_store(const image *im, unsigned char *at, origin *o)
{
    uint32_t words[TARN_WORDS_TAG + TARN_WORDS_CALLERS_MAX] = {TARN_OWNER(o->module, tarn_port_task()),
                                                               tarn_site_of(o->caller), 0, o->tag};
    words[TARN_WORDS_SEQUENCE - 1u] = layout_numbers(im->layout) ? next_number(im) : 0;
    for (uint32_t i = 0; i < o->count; i++) {
        words[TARN_WORDS_TAG + i] = tarn_site_of(o->callers[i]);
    }
    for (uint32_t i = 0; i < words_count(im); i++) {
        o->former[i] = word_load(at + 4u * i);
        word_store(at + 4u * i, words[i]);
    }
}

void tarn_words_write(const image *im, uint32_t offset, origin *o)
{
    tarn_words_store(im, owner_word(im, offset), o);
    if (has_modules(im)) {
        uint32_t owner = word_load(owner_word(im, offset));
        row_add(row_of_owner(im, owner), block_size(im, block_header(im, offset)), 1);
    }
}

void tarn_account_clear(const image *im)
{
    for (uint32_t i = 0; i < layout_modules(im->layout); i++) {
        unsigned char *row = account_row(im, i);
        row_set(row, ROW_LIVE, 0);
        row_set(row, ROW_PEAK, 0);
        row_set(row, ROW_BLOCKS, 0);
    }
    for (uint32_t i = 0; layout_quarantines(im->layout) && i < WAIT_LIMIT; i++) {
        wait_set(im, i, 0);
    }
}

void tarn_account_peaks_reset(const image *im)
{
    for (uint32_t i = 0; i < layout_modules(im->layout); i++) {
        unsigned char *row = account_row(im, i);
        row_set(row, ROW_PEAK, row_get(row, ROW_LIVE));
    }
}

tarn_status tarn_account_give(const image *im, const block_ref *b, uint32_t owner)
{
    unsigned char *word = owner_word(im, b->offset);
    if (has_modules(im)) {
        unsigned char *from = row_of_owner(im, word_load(word));
        unsigned char *to = row_of_owner(im, owner);
        if (!row_holds(from, b->size)) {
            return TARN_E_DAMAGED;
        }
        if (from != to && !row_allows(to, b->size)) {
            return TARN_E_QUOTA;
        }
        row_take(from, b->size, 1);
        row_add(to, b->size, 1);
    }
    word_store(word, owner);
    return TARN_OK;
}
