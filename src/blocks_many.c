/* SPDX-License-Identifier: MIT */
/*
 * Several blocks at once, all or none: a plain pool is entered once for all of them, others block by block.
 *
 * Bound: count times get or put.
 */
#include "blocks_cache.h"
#include "blocks_full.h"
#include "events.h"

static bool is_plain(const unsigned char *b)
{
    return blocks_shared(b, BLOCKS_MAGIC) == BLOCKS_PLAIN;
}

/* ---- get ---- */

/* In the critical section: how many were taken, and why not more. */
static size_t take_run(unsigned char *b, void **blocks, size_t count, tarn_status *status)
{
    size_t taken = 0;
    bool unused;
    for (; taken < count; taken++) {
        uint32_t offset = 0; /* gcc -O1 does not see that it is set */
        uint32_t number;
        blocks_taking taking = blocks_pop_number(b, &offset, &number);
        if (taking == BLOCKS_NONE) {
            taking = blocks_pop_fresh(b, &offset, &unused);
        }
        if (taking != BLOCKS_TAKEN_ONE) {
            *status = taking == BLOCKS_BROKEN ? TARN_E_DAMAGED : TARN_E_EXHAUSTED;
            return taken;
        }
        blocks[taken] = b + offset;
    }
    return taken;
}

/* In the critical section: back in reverse order, so that the list is as it was. */
static void return_run(unsigned char *b, void **blocks, size_t count)
{
    while (count-- != 0) {
        uint32_t offset = (uint32_t)((uintptr_t)blocks[count] - (uintptr_t)b);
        (void)blocks_push(b, blocks[count], blocks_number(b, offset));
        blocks[count] = NULL;
    }
}

/* *plain is false, and nothing done, if the pool is not plain (any more). */
static tarn_status get_run(unsigned char *b, void **blocks, size_t count, bool *plain)
{
    tarn_status status = TARN_OK;
    uintptr_t state = blocks_enter(b);
    *plain = is_plain(b);
    if (*plain) {
        size_t taken = take_run(b, blocks, count, &status);
        if (status != TARN_OK) {
            return_run(b, blocks, taken);
        }
    }
    blocks_leave(b, state);
    return status;
}

/* From the thread's cache, if it has one, or from the pool's list. */
static blocks_got get_next(tarn_blocks *pool)
{
    uint32_t offset;
    bool taken = tarn_blocks_cache_take(pool, &offset);
    return taken ? (blocks_got){blocks_image(pool) + offset, TARN_OK} : tarn_blocks_try(pool);
}

static tarn_status get_each(tarn_blocks *pool, void **blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        blocks_got got = get_next(pool);
        if (got.status != TARN_OK) {
            while (i-- != 0) {
                (void)tarn_blocks_put(pool, blocks[i]);
                blocks[i] = NULL;
            }
            return tarn_blocks_refuse(pool, got.status, TARN_EVENT_FAIL, got.block);
        }
        blocks[i] = got.block;
    }
    return TARN_OK;
}

tarn_status tarn_blocks_get_many(tarn_blocks *pool, void **blocks, size_t count)
{
    tarn_status status = blocks == NULL && count != 0 ? TARN_E_NULL : tarn_blocks_admit(pool);
    for (size_t i = 0; blocks != NULL && i < count; i++) {
        blocks[i] = NULL;
    }
    if (status == TARN_OK && count > blocks_word(blocks_image(pool), BLOCKS_COUNT)) {
        status = TARN_E_NEVER_FITS;
    }
    bool plain = true;
    if (status == TARN_OK) {
        status = get_run(blocks_image(pool), blocks, count, &plain);
    }
    if (!plain) {
        return get_each(pool, blocks, count);
    }
    return status == TARN_OK ? status : tarn_blocks_refuse(pool, status, TARN_EVENT_FAIL, NULL);
}

/* ---- put ---- */

/* In the critical section. */
static tarn_status put_run(unsigned char *b, void *const *blocks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t offset = (uint32_t)((uintptr_t)blocks[i] - (uintptr_t)b);
        if (!blocks_push(b, blocks[i], blocks_number(b, offset))) {
            return TARN_E_DOUBLE_FREE;
        }
    }
    return TARN_OK;
}

/* The first that put would refuse, count if none. */
static size_t find_refused(const tarn_blocks *pool, void *const *blocks, size_t count, tarn_status *status)
{
    for (size_t i = 0; i < count; i++) {
        *status = tarn_blocks_recognise(pool, blocks[i]);
        if (*status != TARN_OK) {
            return i;
        }
    }
    return count;
}

static tarn_status put_each(tarn_blocks *pool, void *const *blocks, size_t count)
{
    tarn_status status = TARN_OK;
    for (size_t i = 0; i < count && status == TARN_OK; i++) {
        status = tarn_blocks_put(pool, blocks[i]);
    }
    return status;
}

tarn_status tarn_blocks_put_many(tarn_blocks *pool, void *const *blocks, size_t count)
{
    unsigned char *b = blocks_image(pool);
    tarn_status status = blocks == NULL && count != 0 ? TARN_E_NULL : tarn_blocks_admit(pool);
    size_t refused = 0;
    if (status == TARN_OK) {
        refused = find_refused(pool, blocks, count, &status);
    }
    if (status != TARN_OK) {
        return tarn_blocks_refuse(pool, status, TARN_EVENT_REFUSE,
                                  blocks != NULL && refused < count ? blocks[refused] : NULL);
    }
    uintptr_t state = blocks_enter(b);
    bool plain = is_plain(b);
    if (count > blocks_used(b)) { /* more than are out: one stands there twice */
        status = TARN_E_DOUBLE_FREE;
    } else if (plain) {
        status = put_run(b, blocks, count);
    }
    blocks_leave(b, state);
    if (!plain && status == TARN_OK) {
        return put_each(pool, blocks, count);
    }
    return status == TARN_OK ? status : tarn_blocks_refuse(pool, status, TARN_EVENT_REFUSE, NULL);
}
