/* SPDX-License-Identifier: MIT */
/*
 * Blocks on their way between the program and free memory that holds a fill: what is done to their bytes outside the
 * lock, and what that makes of them under it.
 *
 * L1 A block whose bytes are filled or looked at outside the lock is a used one for everybody else: in state leaving,
 *    or not yet handed out.
 * L2 A block that has been filled has left the program for good: damage that is met then leaves it held, or, once that
 *    was put right, lets it go on. Its free is not undone, refused or not.
 * Bound: a store or a load per byte of the block, outside the lock.
 */
#include "leave.h"

#include "events.h"
#include "quarantine.h"

/* ---- handing out ---- */

/* A tail whose block is nobody's: no slack is told apart from the payload. */
static void write_bare_tail(const image *im, const block_ref *b, uint32_t state)
{
    uint32_t reserve = layout_reserve_bytes(im->layout);
    word_store(tail_word(im, b->offset, b->size), tail_seal(im, b->offset, reserve | state << TAIL_STATE_SHIFT));
}

fill_break tarn_dress_block(const image *im, uint32_t offset, uint32_t top, size_t size)
{
    fill_break broken = {NULL, 0};
    uint32_t header = block_header(im, offset);
    block_ref b = {offset, block_size(im, header), header};
    if (layout_wipes(im->layout)) {
        const unsigned char *payload = image_payload(im, offset);
        const unsigned char *end = payload + image_usable(im, b.size) + layout_tail_bytes(im->layout);
        tarn_fill_taken(im, offset, top);
        if (layout_poisons(im->layout)) {
            broken = tarn_fill_break(im, payload + (size == 0 ? 1u : size), end);
        }
    }
    if (layout_has_backup(im->layout)) {
        tarn_backup_taken(im, offset);
    }
    if (broken.at != NULL) {
        write_bare_tail(im, &b, TAIL_HELD);
    } else if (layout_has_tail(im->layout)) {
        tarn_tail_write(im, offset, size);
    }
    return broken;
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
    tarn_tail_hold(im, b);
    exchange_words(im, b->offset, o);
}

bool tarn_hold_back(const tarn_pool *pool, const void *address, uint32_t key, origin *o, uint32_t *remedy)
{
    access a;
    block_ref b;
    *remedy = REMEDY_NONE;
    if (access_begin_any(pool, &a) != TARN_OK) {
        return false;
    }
    if (a.im.key != key) { /* what was looked at was not what was taken */
        *remedy = REMEDY_ANEW;
        access_end(&a);
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

bool tarn_give_held(const tarn_pool *pool, const void *address, uint32_t key, size_t size, const origin *o)
{
    access a;
    block_ref b;
    if (access_begin_any(pool, &a) != TARN_OK) {
        return false;
    }
    bool known = a.im.key == key && block_recognise(&a.im, address, &b) == TARN_OK;
    if (known) {
        tarn_tail_write(&a.im, b.offset, size);
        for (uint32_t i = has_modules(&a.im) ? 1u : 0; i < words_count(&a.im); i++) {
            word_store(owner_word(&a.im, b.offset) + 4u * i, o->former[i]);
        }
    } else {
        count_refusal(&a.im);
    }
    access_end(&a);
    return known;
}

void tarn_tell_held(const void *pool, const void *block, size_t size, size_t alignment, const void *caller,
                    fill_break broken)
{
    tarn_event event = {TARN_EVENT_CORRUPT,
                        TARN_E_DAMAGED,
                        (tarn_pool *)(uintptr_t)pool,
                        (void *)(uintptr_t)block,
                        size,
                        alignment,
                        caller,
                        TARN_WHY_DAMAGED,
                        broken.found,
                        broken.at};
    if (TARN_ON(TARN_WITH_EVENTS) && (word_load_shared(&tarn_event_kinds) & TARN_EVENTS_OF(TARN_EVENT_CORRUPT)) != 0) {
        tarn_event_raise(&event);
    }
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
static tarn_status take_back_filled(const tarn_pool *pool, const void *address, uint32_t key, uint32_t *remedy)
{
    access a;
    block_ref b;
    tarn_status status = access_begin_any(pool, &a); /* one closed meanwhile gets what was under way */
    if (status != TARN_OK) {
        return status;
    }
    if (a.im.key != key) {
        access_end(&a);
        return TARN_OK;
    }
    status = tarn_tail_leaving(&a.im, address, &b);
    status = status == TARN_OK ? release_block(&a.im, &b) : status;
    if (status != TARN_OK) {
        *remedy = tarn_policy_meet_leaving(&a.im, status);
    }
    access_end(&a);
    return status;
}

tarn_status tarn_leave_end(const tarn_pool *pool, const void *address, uint32_t key, const void *caller,
                           uint32_t *remedy)
{
    uint32_t layout = word_load(image_base(pool) + 4u * IMAGE_LAYOUT); /* it never changes */
    *remedy = REMEDY_NONE;
    return layout_quarantines(layout) ? tarn_quarantine_enter(pool, address, key, caller, remedy)
                                      : take_back_filled(pool, address, key, remedy);
}

void tarn_leave_mend(const image *im, const void *address, bool held)
{
    block_ref b;
    if (block_recognise(im, address, &b) != TARN_OK) {
        return;
    }
    if (tarn_tail_leaving(im, address, &b) == TARN_E_DAMAGED) {
        write_bare_tail(im, &b, TAIL_LEAVING);
        tarn_tail_forget_giver(im, &b);
    }
    if (held && tarn_tail_leaving(im, address, &b) == TARN_OK) {
        tarn_quarantine_set_aside(im, &b);
    }
}

bool tarn_leave_remedy(const tarn_pool *pool, uint32_t remedy, const void *address, uint32_t key)
{
    access a;
    if (access_begin_any(pool, &a) != TARN_OK) {
        return false;
    }
    if (a.im.key != key) {
        access_end(&a);
        return true;
    }
    tarn_leave_mend(&a.im, address, false); /* first: the repair counts a block with a broken tail as used */
    bool again = remedy == REMEDY_MEND || (remedy == REMEDY_REPAIR && tarn_policy_repairs(&a.im));
    if (!again) {
        tarn_leave_mend(&a.im, address, true);
        count_refusal(&a.im);
    }
    access_end(&a);
    return again;
}

tarn_status tarn_leave_filled(access *a, const block_ref *b, void *address, const void *caller, returned *r)
{
    const tarn_pool *pool = access_pool(a);
    bool waits = layout_quarantines(a->im.layout);
    bool may = may_release_block(&a->im, b) && (!waits || tarn_quarantine_sound(&a->im));
    if (may && waits) {
        tarn_quarantine_uncount(&a->im, b);
    } else if (may) {
        tarn_tail_set_state(&a->im, b, TAIL_LEAVING);
    } else {
        r->remedy = tarn_policy_meet(&a->im, TARN_E_DAMAGED, address, true);
    }
    access_end(a);
    if (!may) {
        return TARN_E_DAMAGED;
    }
    size_t bytes = image_usable(&a->im, b->size) + layout_reserve_bytes(a->im.layout);
    tarn_fill_outside(pool, a->im.layout, address, bytes);
    r->left = true;
    r->key = a->im.key;
    return tarn_leave_end(pool, address, r->key, caller, &r->remedy);
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
