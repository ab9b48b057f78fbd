/* SPDX-License-Identifier: MIT */
/*
 * How pools go on and end: adopt, deinit, reset, grow. How they begin: init.c, in a build for plain pools small_init.c.
 *
 * Bound: reset clears the control data; adopt reads every block twice; the others are constant.
 */
#include "access.h"
#include "account.h"
#include "backup.h"
#include "config.h"
#include "cursor.h"
#include "events.h"
#include "fill.h"
#include "park.h"
#include "registry.h"
#include "slab.h"

const registry_kind tarn_image_kind = {tarn_carrier_mark, tarn_pool_void};

static uint64_t image_bytes(const image *im)
{
    return image_given_bytes(im->layout, image_get(im, IMAGE_END), image_get(im, IMAGE_TALLIES));
}

/* The address may differ from the maker's, but not modulo the granule and the lead. */
static tarn_status adopt_place(const tarn_view *view, uintptr_t address)
{
    uint32_t granule = UINT32_C(1) << layout_shift(view->layout);
    uint32_t lead = (uint32_t)((uintptr_t)view->base - address);
    bool same = lead == layout_lead(view->layout) && ((uintptr_t)view->base & (granule - 1u)) == 0;
    return same ? TARN_OK : TARN_E_MISALIGNED;
}

/* Nothing is written before all of this holds. */
static tarn_status adopt_check(const void *memory, size_t bytes)
{
    tarn_view view;
    if (memory == NULL) {
        return TARN_E_NULL;
    }
    const unsigned char *base = image_base((const tarn_pool *)memory);
    size_t lead = (size_t)((uintptr_t)base - (uintptr_t)memory);
    event_enter(memory, NULL, 0);
    tarn_status status = tarn_view_open(&view, base, bytes > lead ? bytes - lead : 0);
    if (status == TARN_OK && view.swapped != 0) {
        status = TARN_E_NOT_A_POOL;
    }
    if (status == TARN_OK) {
        status = adopt_place(&view, (uintptr_t)memory);
    }
    if (status == TARN_OK && !engine_is_in(layout_engine(view.layout))) {
        status = TARN_E_ENGINE;
    }
    if (status == TARN_OK) {
        status = tarn_view_check(&view, NULL);
    }
    event_leave(memory, NULL, 0);
    return status;
}

/* What was true where the bytes come from, made true here. Returns the bytes of the image. */
static size_t adopt_image(void *memory, size_t bytes)
{
    event_enter(memory, memory, bytes);
    image im = image_open(image_base((tarn_pool *)memory));
    if (image_bytes(&im) > bytes) {
        image_set_tally(&im, TALLY_TAIL, 4, 0); /* bytes past the last granule that did not come along */
    }
    image_set(&im, IMAGE_LAYOUT, im.layout & ~(UINT32_C(1) << LAYOUT_UNLOCKED)); /* the maker's choice, not ours */
    image_seal(im.base);
    engine_of(&im)->rebuild(&im, false);
    if (layout_parks(im.layout)) {
        tarn_park_format(im.base);
        tarn_park_reap(&im);
    }
    if (layout_has_backup(im.layout)) {
        tarn_backup_write_all(&im);
    }
    word_store_shared(im.base + 4u * IMAGE_MAGIC, IMAGE_MAGIC_VALUE); /* one that was closed is sound */
    event_leave(memory, memory, bytes);
    return (size_t)image_bytes(&im);
}

tarn_status tarn_adopt(tarn_pool **pool, void *memory, size_t bytes)
{
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    *pool = NULL;
    tarn_status status = adopt_check(memory, bytes);
    if (status != TARN_OK) {
        return status;
    }
    tarn_registration entry = {(tarn_pool *)memory, adopt_image(memory, bytes), NULL, TARN_FACE_NATIVE};
    *pool = entry.pool;
    status = tarn_registry_enter(&entry, &tarn_image_kind, NULL);
    event_raise(TARN_EVENT_INIT, TARN_OK, *pool, NULL, entry.bytes, 0);
    if (status == TARN_E_REGISTRY_FULL) {
        event_raise(TARN_EVENT_UNLISTED_INIT, status, *pool, NULL, entry.bytes, 0);
    }
    return TARN_OK;
}

/* Ends the pool; on success *bytes is its size and *blocks how many it leaves behind. */
static tarn_status pool_end(const tarn_pool *pool, size_t *bytes, uint32_t *blocks)
{
    access a;
    tarn_status status = access_begin_settled(pool, &a);
    if (status == TARN_OK) {
        *bytes = (size_t)image_bytes(&a.im);
        *blocks = image_get(&a.im, IMAGE_BLOCKS);
        word_store_shared(a.im.base + 4u * IMAGE_MAGIC, IMAGE_VOID_VALUE);
        access_end(&a);
    }
    return status;
}

void tarn_pool_void(const tarn_registration *entry)
{
    size_t bytes;
    uint32_t blocks;
    (void)pool_end(entry->pool, &bytes, &blocks);
}

tarn_status tarn_deinit(tarn_pool *pool)
{
    size_t bytes;
    uint32_t blocks;
    tarn_status status = pool_end(pool, &bytes, &blocks);
    if (status != TARN_OK) {
        return status;
    }
    tarn_registry_drop_inside(pool, bytes, true);
    (void)tarn_registry_leave(pool);
    event_raise(TARN_EVENT_DEINIT, TARN_OK, pool, NULL, blocks, 0);
    return TARN_OK;
}

/* The key moves on, so that headers left in the wilderness prove nothing in the pool's next life. */
static void pool_clear(const image *im)
{
    if (layout_has_map(im->layout)) {
        unsigned char *map = im->base + IMAGE_HEADER_BYTES;
        memset(map + 4, 0, 4u * (size_t)word_load(map));
    }
    image_set(im, IMAGE_KEY, block_mix(im->key, im->first, 0));
    image_seal(im->base);
    image_set(im, IMAGE_USED, 0);
    image_set(im, IMAGE_PEAK, 0);
    image_set(im, IMAGE_BLOCKS, 0);
    image_set_tally(im, TALLY_REFUSALS, TALLY_REFUSALS_BITS, 0);
    image_set_tally(im, TALLY_ALIGNMENT, 5, image_shift(im));
    tarn_account_clear(im);
    if (layout_parks(im->layout)) {
        tarn_park_format(im->base);
        tarn_park_forget(im);
    }
    image fresh = image_open(im->base);
    cursor_reset(&fresh);
    block_set_top(&fresh, im->first);
    engine_of(&fresh)->rebuild(&fresh, false);
    if (layout_fills(im->layout)) {
        tarn_fill_wilderness(&fresh, NULL);
    }
    if (layout_has_slab(im->layout)) {
        tarn_slab_clear(&fresh);
        tarn_slab_start(&fresh);
    }
}

tarn_status tarn_reset(tarn_pool *pool)
{
    access a;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    size_t bytes = (size_t)image_bytes(&a.im);
    access_end(&a);
    event_raise(TARN_EVENT_RESET, TARN_OK, pool, NULL, bytes, 0);
    tarn_registry_drop_inside(pool, bytes, true);
    status = access_begin(pool, &a);
    if (status == TARN_OK) {
        pool_clear(&a.im);
        access_end(&a);
    }
    return status;
}

/* Under the lock: moves the end, or says why not. */
static tarn_status pool_extend(const image *im, size_t bytes)
{
    uint32_t lead = layout_lead(im->layout);
    uintptr_t start = (uintptr_t)im->base - lead;
    if (bytes < image_bytes(im) || start + bytes < start) {
        return TARN_E_ARGUMENT;
    }
    uint64_t end = (uint64_t)(bytes - lead) >> image_shift(im);
    uint32_t size_bits = im->size_bits;
    uint64_t mapped = layout_has_map(im->layout) ? 32u * (uint64_t)word_load(im->base + IMAGE_HEADER_BYTES) : end;
    bool narrow = size_bits <= IMAGE_NARROW_BITS && end > UINT16_MAX;
    if (narrow || end > mapped || (end - im->first) >> size_bits != 0) {
        return TARN_E_TOO_LARGE;
    }
    if (!block_top_proves(im)) {
        return TARN_E_DAMAGED;
    }
    uint32_t tail = (uint32_t)((bytes - lead) & (((size_t)1 << image_shift(im)) - 1u));
    unsigned char *old_end = image_payload(im, image_get(im, IMAGE_END)) - image_lead_bytes(im);
    image_set_tally(im, TALLY_TAIL, 4, tail);
    image_set(im, IMAGE_END, (uint32_t)end);
    image_seal(im->base);
    block_set_top(im, image_get(im, IMAGE_TOP));
    if (layout_fills(im->layout)) {
        tarn_fill_wilderness(im, old_end);
    }
    return TARN_OK;
}

tarn_status tarn_grow(tarn_pool *pool, size_t bytes)
{
    access a;
    tarn_status status = access_begin(pool, &a);
    if (status != TARN_OK) {
        return status;
    }
    status = pool_extend(&a.im, bytes);
    access_end(&a);
    if (status == TARN_OK) {
        tarn_registry_resize(pool, bytes);
        event_raise(TARN_EVENT_GROW, TARN_OK, pool, NULL, bytes, 0);
    }
    return status;
}
