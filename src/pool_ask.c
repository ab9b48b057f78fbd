/* SPDX-License-Identifier: MIT */
/*
 * The public functions that ask about one block or write one of its words, and blocks that carry registered pools.
 *
 * Bound: constant; finding what carries a pool, the blocks in front of it.
 */
#include "access.h"
#include "called.h"
#include "events.h"
#include "refusal.h"
#include "registry.h"
#include "steps.h"
#include "tarn/account.h"

/* ---- asking about one block ---- */

/* What is asked about. */
typedef struct ask_resident {
    size_t usable;
    unsigned char *words;
    block_ref block; /* size 0: an object of the slab */
} ask_resident;

/* Tells what somebody has from every other address. */
static tarn_status find(const image *im, const void *address, ask_resident *r)
{
    slab_object o;
    r->block.size = 0;
    tarn_status status = slab_find(im, address, &o);
    if (status == TARN_OK) {
        r->usable = o.page.shape.bytes;
        r->words = o.words;
    } else if (status == TARN_E_FOREIGN) {
        status = block_admit(im, address, &r->block);
        if (status == TARN_OK) {
            r->usable = block_usable(im, &r->block);
            r->words = owner_word(im, r->block.offset);
        }
    }
    return status;
}

/* Enters the pool and recognises the block; on success the lock is held. */
static tarn_status open_block(const tarn_pool *pool, const void *address, access *a, ask_resident *r)
{
    if (address == NULL) {
        return TARN_E_NULL;
    }
    tarn_status status = access_begin(pool, a);
    if (status != TARN_OK) {
        return status;
    }
    status = find(&a->im, address, r);
    if (status != TARN_OK) {
        access_end(a);
    }
    return status;
}

tarn_status tarn_recognise(const tarn_pool *pool, const void *address)
{
    access a;
    ask_resident r;
    tarn_status status = open_block(pool, address, &a, &r);
    if (status == TARN_OK) {
        access_end(&a);
    }
    return status;
}

size_t tarn_usable(const tarn_pool *pool, const void *address)
{
    access a;
    ask_resident r;
    if (open_block(pool, address, &a, &r) != TARN_OK) {
        return 0;
    }
    access_end(&a);
    return r.usable;
}

uint32_t tarn_module_of(const tarn_pool *pool, const void *address)
{
    access a;
    ask_resident r;
    uint32_t module = 0;
    if (open_block(pool, address, &a, &r) == TARN_OK) {
        module = has_owner(&a.im) ? owner_module(word_load(r.words)) : 0;
        access_end(&a);
    }
    return module;
}

/* ---- changing a word of one block ---- */

/* Under the lock and out of it. Damage is counted, unless there is a remedy. */
static refusal try_change(const tarn_pool *pool, const void *address, word_change *c)
{
    access a;
    ask_resident about;
    refusal r = refusal_of(address == NULL ? TARN_E_NULL : access_begin(pool, &a));
    if (r.status != TARN_OK) {
        return r;
    }
    r.status = find(&a.im, address, &about);
    if (r.status == TARN_OK) {
        r.status = about.block.size != 0 ? change_word(&a.im, &about.block, c) : change_word_at(&a.im, about.words, c);
    }
    if (r.status == TARN_E_DAMAGED) {
        r.verdict = TARN_WHY_DAMAGED;
        r.remedy = tarn_policy_meet(&a.im, r.status, address, false);
    }
    access_end(&a);
    return r;
}

/* Refusals that are no damage are the answer and nothing more. */
static tarn_status change(const tarn_pool *pool, const void *address, word_change *c, const void *caller)
{
    refusal r;
    bool told = false;
    do {
        r = try_change(pool, address, c);
        r.told = told;
        told = true;
    } while (r.status == TARN_E_DAMAGED && tarn_tries_again(pool, &r, address, 0, 0, caller));
    if (r.status == TARN_E_DAMAGED && !r.told) {
        return tarn_refuse(pool, &r, address, 0, 0, caller);
    }
    if (r.status == TARN_OK && !c->tags && c->before != c->value) {
        event_raise_from(TARN_EVENT_OWNER, TARN_OK, pool, address, c->before, 0, caller, TARN_WHY_UNKNOWN);
    }
    return r.status;
}

PUBLIC_ENTRY tarn_status tarn_owner_set(tarn_pool *pool, void *address, uint32_t owner)
{
    word_change c = {false, owner, NULL, 0};
    return change(pool, address, &c, caller_here());
}

PUBLIC_ENTRY tarn_status tarn_owner_replace(tarn_pool *pool, void *address, uint32_t expected, uint32_t owner)
{
    word_change c = {false, owner, &expected, 0};
    return change(pool, address, &c, caller_here());
}

PUBLIC_ENTRY tarn_status tarn_tag_set(tarn_pool *pool, void *address, uint32_t tag)
{
    word_change c = {true, tag, NULL, 0};
    return change(pool, address, &c, caller_here());
}

/* ---- nesting ---- */

/* R1: the header of a pool that only an entry vouches for, before anything is reached through it. */
static bool entry_holds(const tarn_registration *entry)
{
    tarn_view view;
    const unsigned char *base = image_base(entry->pool);
    return tarn_view_open(&view, base, entry->bytes - (size_t)((uintptr_t)base - (uintptr_t)entry->pool)) == TARN_OK;
}

tarn_status tarn_carrier_mark(const tarn_registration *outer, const void *start, size_t bytes, bool carries,
                              carrier *found)
{
    access a;
    block_ref b;
    slab_object o;
    tarn_status status = TARN_E_NOT_A_POOL;
    if (entry_holds(outer)) {
        /* R4 holds in a closed one too. */
        status = carries ? access_begin(outer->pool, &a) : access_begin_any(outer->pool, &a);
    }
    if (status != TARN_OK) {
        return status;
    }
    status = slab_find_around(&a.im, start, bytes, &o);
    if (status == TARN_OK) {
        found->start = o.payload;
        found->bytes = o.page.shape.bytes;
        if (carries) {
            tarn_slab_mark(&a.im, &o);
        }
        access_end(&a);
        return status;
    }
    status = status == TARN_E_FOREIGN ? find_carrier(&a.im, start, bytes, &b) : TARN_E_NOT_A_BLOCK;
    if (status == TARN_OK) {
        found->start = image_payload(&a.im, b.offset);
        found->bytes = block_usable(&a.im, &b);
        block_write(&a.im, b.offset, b.size, carries ? b.header | BLOCK_MARK : b.header & ~BLOCK_MARK);
        if (layout_has_backup(a.im.layout)) {
            tarn_backup_write(&a.im, b.offset);
        }
    }
    access_end(&a);
    return status;
}
