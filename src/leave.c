/* SPDX-License-Identifier: MIT */
/*
 * Blocks on their way between the program and free memory that holds a fill: what is done to their bytes outside the
 * lock, and what that makes of them under it.
 *
 * L1 A block whose bytes are filled or looked at outside the lock is a used one for everybody else: in state leaving,
 *    or not yet handed out.
 * Bound: a store or a load per byte of the block, outside the lock.
 */
#include "leave.h"

#include "events.h"
#include "quarantine.h"

/* ---- handing out ---- */

bool tarn_dress_block(const image *im, uint32_t offset, uint32_t top, size_t size)
{
    bool sound = true;
    if (layout_wipes(im->layout)) {
        const unsigned char *payload = image_payload(im, offset);
        uint32_t granules = block_size(im, block_header(im, offset));
        const unsigned char *end = payload + image_usable(im, granules) + layout_tail_bytes(im->layout);
        tarn_fill_taken(im, offset, top);
        sound = !layout_poisons(im->layout) || tarn_fill_holds(im, payload + (size == 0 ? 1u : size), end);
    }
    if (layout_has_backup(im->layout)) {
        tarn_backup_taken(im, offset);
    }
    if (layout_has_tail(im->layout)) {
        tarn_tail_write(im, offset, size);
    }
    return sound;
}

/* Whether a block had the former words, of which there are some, and they are not what fills memory that never was one
 * (I13). */
static bool former_is_known(const image *im, const origin *o)
{
    if (words_count(im) > TARN_WORDS_SEQUENCE) { /* where it is the last word, a link lay there */
        uint32_t counter = word_load(account_counter(im));
        return counter >= COUNTER_TURN || o->former[TARN_WORDS_SEQUENCE - 1u] < counter;
    }
    return o->former[0] != fill_byte(im->layout) * UINT32_C(0x01010101);
}

/* The last of the former words was a link. */
static void exchange_words(const image *im, uint32_t offset, origin *o)
{
    uint32_t words = words_count(im);
    bool known = words != 0 && former_is_known(im, o);
    for (uint32_t i = has_modules(im) ? 1u : 0; i < words; i++) {
        unsigned char *at = owner_word(im, offset) + 4u * i;
        uint32_t present = word_load(at);
        word_store(at, known && i + 1u < words ? o->former[i] : 0);
        o->former[i] = present;
    }
}

void tarn_hold_block(const image *im, const block_ref *b, origin *o)
{
    tarn_tail_set_state(im, b, TAIL_HELD);
    if (layout_reserve_bytes(im->layout) > 4u) { /* where it was given back is not known */
        word_store(image_payload(im, b->offset) + image_usable(im, b->size) + 4, 0);
    }
    exchange_words(im, b->offset, o);
}

bool tarn_hold_back(const tarn_pool *pool, const void *address, origin *o, uint32_t *remedy)
{
    access a;
    block_ref b;
    *remedy = REMEDY_NONE;
    if (access_begin_any(pool, &a) != TARN_OK) {
        return false;
    }
    bool known = block_recognise(&a.im, address, &b) == TARN_OK;
    if (known) {
        *remedy = tarn_policy_hold(&a.im);
        tarn_hold_block(&a.im, &b, o);
    } else {
        count_refusal(&a.im);
        tarn_policy_close(&a.im, TARN_E_DAMAGED);
    }
    access_end(&a);
    return known;
}

bool tarn_give_held(const tarn_pool *pool, const void *address, const origin *o)
{
    access a;
    block_ref b;
    if (access_begin_any(pool, &a) != TARN_OK) {
        return false;
    }
    bool known = block_recognise(&a.im, address, &b) == TARN_OK;
    if (known) {
        tarn_tail_set_state(&a.im, &b, TAIL_USED);
        for (uint32_t i = has_modules(&a.im) ? 1u : 0; i < words_count(&a.im); i++) {
            word_store(owner_word(&a.im, b.offset) + 4u * i, o->former[i]);
        }
    } else {
        count_refusal(&a.im);
    }
    access_end(&a);
    return known;
}

bool tarn_payload_sound(const tarn_pool *pool, const image *im, const unsigned char *payload, size_t size)
{
    if (!layout_poisons(im->layout)) {
        return true;
    }
    event_enter(pool, payload, size);
    bool sound = tarn_fill_holds(im, payload, payload + size);
    event_leave(pool, payload, size);
    return sound;
}

/* ---- taking back ---- */

void tarn_fill_outside(const void *pool, uint32_t layout, unsigned char *from, size_t bytes)
{
    event_enter(pool, from, bytes);
    memset(from, (int)fill_byte(layout), bytes);
    event_leave(pool, from, bytes);
}

/* Takes back a block that has been filled. */
static tarn_status take_back_filled(const tarn_pool *pool, const void *address)
{
    access a;
    block_ref b;
    tarn_status status = access_begin_any(pool, &a); /* one closed meanwhile gets what was under way */
    if (status != TARN_OK) {
        return status;
    }
    status = block_recognise(&a.im, address, &b);
    if (status == TARN_OK) {
        status = release_block(&a.im, &b);
        if (status != TARN_OK) {
            tarn_tail_set_state(&a.im, &b, TAIL_HELD);
        }
    }
    if (status != TARN_OK) {
        count_refusal(&a.im);
    }
    access_end(&a);
    return status;
}

tarn_status tarn_leave_filled(access *a, const block_ref *b, void *address, const void *caller, uint32_t *remedy)
{
    const tarn_pool *pool = a->pool;
    bool waits = layout_quarantines(a->im.layout);
    bool may = may_release_block(&a->im, b) && (!waits || tarn_quarantine_sound(&a->im));
    if (may && waits) {
        tarn_quarantine_uncount(&a->im, b);
    } else if (may) {
        tarn_tail_set_state(&a->im, b, TAIL_LEAVING);
    } else {
        *remedy = tarn_policy_meet(&a->im, TARN_E_DAMAGED, address, true);
    }
    access_end(a);
    if (!may) {
        return TARN_E_DAMAGED;
    }
    size_t bytes = image_usable(&a->im, b->size) + layout_reserve_bytes(a->im.layout);
    tarn_fill_outside(pool, a->im.layout, address, bytes);
    return waits ? tarn_quarantine_enter(pool, address, caller) : take_back_filled(pool, address);
}

/* ---- shrinking ---- */

/* Whether it is a pool that fills free memory, as far as the word says that never changes. */
static bool pool_fills(const tarn_pool *pool)
{
    const unsigned char *base = image_base(pool);
    return pool != NULL && access_is_pool(base) && layout_fills(word_load(base + 4u * IMAGE_LAYOUT));
}

void tarn_fill_cut(const tarn_pool *pool, void *address, size_t size, size_t alignment)
{
    access a;
    block_ref b;
    bool stays = is_power_of_two(alignment) && ((uintptr_t)address & (alignment - 1u)) == 0;
    if (address == NULL || !stays || !pool_fills(pool) || access_begin(pool, &a) != TARN_OK) {
        return;
    }
    size = size == 0 ? 1u : size;
    bool cuts = block_admit_whole(&a.im, address, &b) == TARN_OK && (b.header & BLOCK_MARK) == 0 &&
                may_trim_block(&a.im, &b, image_granules(&a.im, size)); /* a refused call keeps the bytes (P1) */
    size_t bytes = cuts ? block_usable(&a.im, &b) : 0;
    access_end(&a);
    if (size < bytes) {
        tarn_fill_outside(pool, a.im.layout, (unsigned char *)address + size, bytes - size);
    }
}
