/* SPDX-License-Identifier: MIT */
/*
 * Extension words, and the section of an image that counts by them. It ends where the first block begins:
 *
 *   per module, if the layout has rows:  live granules, peak of live, limit (all ones: none), used blocks
 *   if blocks given back wait:           the quarantine (quarantine.h)
 *   if blocks are numbered:              the counter, the number that the next block gets
 *
 * Everything here is done under the lock of the pool, by those who hand out blocks and take them back (steps.h).
 *
 * I12 each row's live and blocks are what the used blocks whose owner word counts there add up to; peak >= live
 * I13 a used block's number is below the counter, while that is below 2^31; past 2^32 - 1 it goes on from 2^31
 * A1  a row never wraps: what would take more from it than it holds is damage, found before anything changes
 * Bound: constant.
 */
#ifndef TARN_SRC_ACCOUNT_H
#define TARN_SRC_ACCOUNT_H

#include "block.h"
#include "tarn/port.h"

enum { ROW_LIVE, ROW_PEAK, ROW_LIMIT, ROW_BLOCKS, ROW_WORDS };

#define COUNTER_TURN UINT32_C(0x80000000)
#define MODULE_MAX 0xFFFu

/* ---- the words of a block ---- */

/* A pool's first extension word, right at the block's first byte. */
static inline unsigned char *owner_word(const image *im, uint32_t offset)
{
    return image_payload(im, offset) - image_lead_bytes(im);
}

static inline bool has_owner(const image *im)
{
    return image_lead_bytes(im) != 4u;
}

static inline bool has_modules(const image *im)
{
    return layout_modules(im->layout) != 0;
}

static inline uint32_t words_count(const image *im)
{
    return (image_lead_bytes(im) >> 2) - 1u;
}

static inline uint32_t owner_module(uint32_t owner)
{
    return owner >> 20;
}

/* What goes into the words of a block being handed out. */
typedef struct origin {
    const void *caller; /* NULL: unknown */
    uint32_t module;
    uint32_t tag;
    uint32_t count; /* of callers that are known */
    const void *callers[TARN_WORDS_CALLERS_MAX];
    uint32_t former[TARN_WORDS_TAG + TARN_WORDS_CALLERS_MAX]; /* words that the block had before */
} origin;

/* A place in the program, the same wherever it is loaded; 0: unknown. */
uint32_t tarn_site_of(const void *caller);

/* Asks the port who called the caller: outside every lock. */
void tarn_origin_ask(origin *o);

/* Writes the words of whatever was just taken, which stand there. */
void tarn_words_store(const image *im, unsigned char *at, origin *o);

/* Writes the words of a block just taken, and counts it for its module. */
void tarn_words_write(const image *im, uint32_t offset, origin *o);

/* ---- modules ---- */

/* The bytes of the section's end: the first block's first. */
static inline unsigned char *account_end(const image *im)
{
    return image_payload(im, im->first) - image_lead_bytes(im);
}

static inline unsigned char *account_counter(const image *im)
{
    return account_end(im) - 4;
}

static inline uint32_t row_of_module(uint32_t layout, uint32_t module)
{
    uint32_t last = layout_modules(layout) - 1u;
    return module < last ? module : last;
}

static inline unsigned char *account_row(const image *im, uint32_t row)
{
    return account_end(im) - layout_account_bytes(im->layout) + 4u * ROW_WORDS * (size_t)row;
}

/* The row that an owner word counts in. */
static inline unsigned char *row_of_owner(const image *im, uint32_t owner)
{
    return account_row(im, row_of_module(im->layout, owner_module(owner)));
}

static inline uint32_t row_get(const unsigned char *row, uint32_t index)
{
    return word_load(row + 4u * index);
}

static inline void row_set(unsigned char *row, uint32_t index, uint32_t value)
{
    word_store(row + 4u * index, value);
}

/* Whether the row's quota leaves so many granules. */
static inline bool row_allows(const unsigned char *row, uint32_t granules)
{
    uint32_t live = row_get(row, ROW_LIVE);
    uint32_t limit = row_get(row, ROW_LIMIT);
    return limit == UINT32_MAX || (live <= limit && granules <= limit - live);
}

static inline bool row_holds(const unsigned char *row, uint32_t granules)
{
    return row_get(row, ROW_LIVE) >= granules && row_get(row, ROW_BLOCKS) != 0;
}

static inline void row_add(unsigned char *row, uint32_t granules, uint32_t blocks)
{
    uint32_t live = row_get(row, ROW_LIVE) + granules;
    row_set(row, ROW_LIVE, live);
    row_set(row, ROW_BLOCKS, row_get(row, ROW_BLOCKS) + blocks);
    if (live > row_get(row, ROW_PEAK)) {
        row_set(row, ROW_PEAK, live);
    }
}

/* Of what row_holds(). */
static inline void row_take(unsigned char *row, uint32_t granules, uint32_t blocks)
{
    row_set(row, ROW_LIVE, row_get(row, ROW_LIVE) - granules);
    row_set(row, ROW_BLOCKS, row_get(row, ROW_BLOCKS) - blocks);
}

/* The section of a pool being made. */
static inline void account_format(const image *im)
{
    for (uint32_t row = 0; row < layout_modules(im->layout); row++) {
        row_set(account_row(im, row), ROW_LIMIT, UINT32_MAX);
    }
}

/* The section of a pool whose blocks are dropped, those that wait too: limits and counter stay. */
void tarn_account_clear(const image *im);

/* Sets every row's peak to what it holds. */
void tarn_account_peaks_reset(const image *im);

/* Limits what a module's row may hold, to bytes rounded down. */
static inline void account_limit(const image *im, uint32_t module, uint64_t bytes)
{
    uint64_t granules = bytes >> image_shift(im);
    uint32_t limit = granules >= UINT32_MAX ? UINT32_MAX : (uint32_t)granules;
    row_set(account_row(im, row_of_module(im->layout, module)), ROW_LIMIT, limit);
}

/* The block's owner word becomes this one: TARN_E_QUOTA, TARN_E_DAMAGED. */
tarn_status tarn_account_give(const image *im, const block_ref *b, uint32_t owner);

#endif
