/* SPDX-License-Identifier: MIT */
/*
 * The public functions that ask about one block or write one of its words, and blocks that carry registered pools.
 *
 * Bound: constant; finding what carries a pool, the blocks in front of it.
 */
#include "access.h"
#include "called.h"
#include "events.h"
#include "registry.h"
#include "steps.h"
#include "tarn/account.h"

/* ---- asking about one block ---- */

/* Enters the pool and recognises the block; on success the lock is held. */
static tarn_status open_block(const tarn_pool *pool, const void *address, access *a, block_ref *b)
{
    if (address == NULL) {
        return TARN_E_NULL;
    }
    tarn_status status = access_begin(pool, a);
    if (status != TARN_OK) {
        return status;
    }
    status = block_admit(&a->im, address, b);
    if (status != TARN_OK) {
        access_end(a);
    }
    return status;
}

tarn_status tarn_recognise(const tarn_pool *pool, const void *address)
{
    access a;
    block_ref b;
    tarn_status status = open_block(pool, address, &a, &b);
    if (status == TARN_OK) {
        access_end(&a);
    }
    return status;
}

size_t tarn_usable(const tarn_pool *pool, const void *address)
{
    access a;
    block_ref b;
    if (open_block(pool, address, &a, &b) != TARN_OK) {
        return 0;
    }
    size_t usable = block_usable(&a.im, &b);
    access_end(&a);
    return usable;
}

uint32_t tarn_module_of(const tarn_pool *pool, const void *address)
{
    access a;
    block_ref b;
    uint32_t module = 0;
    if (open_block(pool, address, &a, &b) == TARN_OK) {
        module = has_owner(&a.im) ? owner_module(word_load(owner_word(&a.im, b.offset))) : 0;
        access_end(&a);
    }
    return module;
}

/* Stores the owner if the block's is the expected one, or whatever it is if expected is NULL. */
static tarn_status owner_store(const tarn_pool *pool, const void *address, const uint32_t *expected, uint32_t owner)
{
    access a;
    block_ref b;
    tarn_status status = open_block(pool, address, &a, &b);
    if (status != TARN_OK) {
        return status;
    }
    uint32_t before = has_owner(&a.im) ? word_load(owner_word(&a.im, b.offset)) : 0;
    bool asked = has_owner(&a.im) && (expected == NULL || before == *expected);
    status = asked ? tarn_account_give(&a.im, &b, owner) : TARN_E_ARGUMENT;
    access_end(&a);
    if (status == TARN_OK && before != owner) {
        event_raise(TARN_EVENT_OWNER, TARN_OK, pool, address, before, 0);
    }
    return status;
}

tarn_status tarn_owner_set(tarn_pool *pool, void *address, uint32_t owner)
{
    return owner_store(pool, address, NULL, owner);
}

tarn_status tarn_owner_replace(tarn_pool *pool, void *address, uint32_t expected, uint32_t owner)
{
    return owner_store(pool, address, &expected, owner);
}

tarn_status tarn_tag_set(tarn_pool *pool, void *address, uint32_t tag)
{
    access a;
    block_ref b;
    tarn_status status = open_block(pool, address, &a, &b);
    if (status == TARN_OK) {
        status = tag_store(&a.im, &b, tag);
        access_end(&a);
    }
    return status;
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
    tarn_status status = TARN_E_NOT_A_POOL;
    if (entry_holds(outer)) {
        /* R4 holds in a closed one too. */
        status = carries ? access_begin(outer->pool, &a) : access_begin_any(outer->pool, &a);
    }
    if (status != TARN_OK) {
        return status;
    }
    status = find_carrier(&a.im, start, bytes, &b);
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
