/* SPDX-License-Identifier: MIT */
/*
 * Looking at live block pools: a view of the image, taken inside the critical section where the build has one.
 *
 * Bound: each contract in blocks.h.
 */
#include "blocks_full.h"
#include "blocks_view.h"
#include "events.h"

typedef struct blocks_look {
    tarn_blocks_view view;
    uintptr_t state;
} blocks_look;

static void look_end(const blocks_look *l)
{
    blocks_leave(l->view.base, l->state);
    event_leave(l->view.base, NULL, 0);
}

/* On success the critical section is entered. */
static tarn_status look_begin(const tarn_blocks *pool, blocks_look *l)
{
    const unsigned char *b = blocks_image(pool);
    tarn_status status = tarn_blocks_admit(pool);
    if (status != TARN_OK) {
        return status;
    }
    l->view.base = b;
    l->view.bytes = blocks_word(b, BLOCKS_BYTES);
    l->view.swapped = 0;
    l->view.reserved = 0;
    event_enter(b, NULL, 0);
    l->state = blocks_enter(b);
    if (!blocks_alive(b)) {
        look_end(l);
        return TARN_E_NOT_A_POOL;
    }
    return TARN_OK;
}

tarn_status tarn_blocks_stats(const tarn_blocks *pool, tarn_stats *stats)
{
    blocks_look l;
    if (stats == NULL) {
        return TARN_E_NULL;
    }
    memset(stats, 0, sizeof *stats);
    tarn_status status = look_begin(pool, &l);
    if (status == TARN_OK) {
        status = tarn_blocks_view_stats(&l.view, stats);
        look_end(&l);
    }
    return status;
}

/* ---- the low mark ---- */

uint32_t tarn_blocks_low(const tarn_blocks *pool)
{
    blocks_look l;
    if (look_begin(pool, &l) != TARN_OK) {
        return 0;
    }
    uint32_t low = blocks_view_get(&l.view, BLOCKS_COUNT) - tarn_blocks_view_peak(&l.view);
    look_end(&l);
    return low;
}

/* In the critical section. Where as many are out as ever before, fresh tells the peak and there is nothing to keep. */
static void set_mark(unsigned char *b)
{
    uint32_t used = blocks_used(b);
    bool kept = used < blocks_shared(b, BLOCKS_FRESH);
    word_store_shared(b + 4u * BLOCKS_MARK, kept ? used + 1u : 0);
    uint32_t magic = blocks_shared(b, BLOCKS_MAGIC);
    if ((magic == BLOCKS_PLAIN || magic == BLOCKS_MAPPED) && kept) {
        word_store_shared(b, BLOCKS_FULL);
    }
}

tarn_status tarn_blocks_low_reset(tarn_blocks *pool)
{
    blocks_look l;
    tarn_status status = look_begin(pool, &l);
    if (status == TARN_OK) {
        set_mark(blocks_image(pool));
        look_end(&l);
    }
    return status;
}

/* ---- walk ---- */

/* With ATOMIC a list may change while it is followed; one that looks damaged is followed again before it is said to
 * be. */
static bool window_settled(const tarn_blocks_view *view, uint32_t number, blocks_window *window)
{
    enum { ATTEMPTS = 16 };
    uint32_t attempts = (uint32_t)BLOCKS_FORMAT == (uint32_t)BLOCKS_FORMAT_OFFSET ? 1u : (uint32_t)ATTEMPTS;
    while (attempts-- != 0) {
        if (tarn_blocks_view_window(view, number, true, window)) {
            return true;
        }
    }
    return false;
}

tarn_status tarn_blocks_walk(const tarn_blocks *pool, tarn_visit *visit, void *context)
{
    blocks_look l;
    blocks_window window = {0, {0}};
    blocks_shape shape;
    uint32_t number = 0;
    if (visit == NULL) {
        return TARN_E_NULL;
    }
    do {
        tarn_status status = look_begin(pool, &l);
        if (status != TARN_OK) {
            return status;
        }
        shape = tarn_blocks_view_shape(&l.view);
        bool sound = window_settled(&l.view, number, &window);
        look_end(&l);
        if (!sound) {
            return TARN_E_DAMAGED;
        }
        for (; number < shape.count && number - window.from < BLOCKS_WINDOW; number++) {
            tarn_block record;
            event_enter(pool, NULL, 0); /* the mark of one that is held back lies in it */
            tarn_blocks_view_describe(&l.view, &shape, number, blocks_window_free(&window, number), &record);
            event_leave(pool, NULL, 0);
            if (!visit(&record, context)) {
                return TARN_OK;
            }
        }
    } while (number < shape.count);
    return TARN_OK;
}

tarn_status tarn_blocks_look(const tarn_blocks *pool, blocks_view_user *use, void *context)
{
    blocks_look l;
    tarn_status status = look_begin(pool, &l);
    if (status == TARN_OK) {
        use(&l.view, context);
        look_end(&l);
    }
    return status;
}

tarn_status tarn_blocks_at(const tarn_blocks *pool, const void *address, tarn_block *block)
{
    blocks_look l;
    blocks_window window;
    if (address == NULL || block == NULL) {
        return TARN_E_NULL;
    }
    tarn_status status = look_begin(pool, &l);
    if (status != TARN_OK) {
        return status;
    }
    blocks_shape shape = tarn_blocks_view_shape(&l.view);
    uintptr_t distance = (uintptr_t)address - (uintptr_t)pool - shape.first;
    uint64_t number =
        (uintptr_t)address - (uintptr_t)pool < shape.first ? UINT64_MAX : (uint64_t)distance / shape.stride;
    if (number >= shape.count) {
        status = TARN_E_FOREIGN;
    } else if (!window_settled(&l.view, (uint32_t)number, &window)) {
        status = TARN_E_DAMAGED;
    }
    if (status == TARN_OK) {
        tarn_blocks_view_describe(&l.view, &shape, (uint32_t)number, blocks_window_free(&window, (uint32_t)number),
                                  block);
    }
    look_end(&l);
    return status;
}

/* ---- check ---- */

static tarn_status check_begin(const tarn_blocks *pool, blocks_look *l, tarn_finding *finding)
{
    memset(finding, 0, sizeof *finding);
    tarn_status status = look_begin(pool, l);
    if (status == TARN_E_DAMAGED) {
        finding->rule = TARN_RULE_BLOCKS_HEADER;
    }
    return status;
}

tarn_status tarn_blocks_check(const tarn_blocks *pool, tarn_finding *finding)
{
    blocks_look l;
    tarn_finding unused;
    finding = finding != NULL ? finding : &unused;
    tarn_status status = check_begin(pool, &l, finding);
    if (status == TARN_OK) {
        status = tarn_blocks_view_check(&l.view, finding);
        look_end(&l);
    }
    return status;
}

tarn_status tarn_blocks_check_some(const tarn_blocks *pool, uint32_t *cursor, uint32_t blocks, tarn_finding *finding)
{
    blocks_look l;
    tarn_finding unused;
    finding = finding != NULL ? finding : &unused;
    if (cursor == NULL) {
        return TARN_E_NULL;
    }
    tarn_status status = check_begin(pool, &l, finding);
    if (status == TARN_OK) {
        uint32_t count = blocks_view_get(&l.view, BLOCKS_COUNT);
        *cursor = *cursor < count ? *cursor : 0;
        status = tarn_blocks_check_range(&l.view, cursor, blocks, finding) ? TARN_OK : TARN_E_DAMAGED;
        finding->round = *cursor == count;
        *cursor = *cursor == count ? 0 : *cursor;
        look_end(&l);
    } else if (status == TARN_E_DAMAGED) { /* no block can be told */
        *cursor = 0;
        finding->round = 1;
    }
    return status;
}

/* ---- one block, one name ---- */

static tarn_status recognise(unsigned char *b, const void *block, uint32_t *number)
{
    uint32_t offset = 0;
    tarn_status status = tarn_blocks_place(b, block, &offset, number);
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    if (status != TARN_OK) {
        return status;
    }
    bool mapped = blocks_has(layout, TARN_BLOCKS_MAP);
    if (blocks_used(b) == 0 ||
        (mapped && (word_load_shared(blocks_map_word(b, *number)) & blocks_map_bit(*number)) == 0)) {
        return TARN_E_DOUBLE_FREE;
    }
    bool guarded = blocks_has(layout, TARN_BLOCKS_GUARD);
    return guarded && word_load(blocks_guard_word(b, offset)) != blocks_guard(offset) ? TARN_E_DAMAGED : TARN_OK;
}

tarn_status tarn_blocks_recognise(const tarn_blocks *pool, const void *block)
{
    blocks_look l;
    uint32_t number = 0;
    tarn_status status = look_begin(pool, &l);
    if (status == TARN_OK) {
        status = recognise(blocks_image(pool), block, &number);
        look_end(&l);
    }
    return status;
}

tarn_status tarn_blocks_owner_set(tarn_blocks *pool, void *block, uint32_t owner)
{
    blocks_look l;
    uint32_t number = 0;
    unsigned char *b = blocks_image(pool);
    tarn_status status = look_begin(pool, &l);
    if (status != TARN_OK) {
        return status;
    }
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    status = blocks_has(layout, TARN_BLOCKS_OWNER) ? recognise(b, block, &number) : TARN_E_ARGUMENT;
    uint32_t before = owner;
    if (status == TARN_OK) {
        before = word_load_shared(blocks_owner_word(b, layout, number));
        word_store_shared(blocks_owner_word(b, layout, number), owner);
    }
    look_end(&l);
    if (before != owner && blocks_has(layout, TARN_BLOCKS_EVENTS)) {
        event_raise(TARN_EVENT_OWNER, TARN_OK, (const tarn_pool *)(const void *)pool, block, before, 0);
    }
    return status;
}

static bool same_text(const char *one, const char *other)
{
    while (*one != '\0' && *one == *other) {
        one++;
        other++;
    }
    return *one == *other;
}

tarn_blocks *tarn_blocks_named(const char *name)
{
    tarn_registration entry;
    for (uint32_t i = 0; name != NULL && tarn_registered(TARN_FACE_BLOCKS, i, &entry); i++) {
        if (entry.name != NULL && same_text(entry.name, name)) {
            return (tarn_blocks *)(void *)entry.pool;
        }
    }
    return NULL;
}
