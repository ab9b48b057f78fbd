/* SPDX-License-Identifier: MIT */
/*
 * The memory sanitizer's shadow: which pools are watched, and what events make of it.
 *
 * L1 and L2 of lms.h hold at every event: a block is opened after it was handed out, and closed before it is taken
 * back.
 * Bound: a store per 8 bytes of a block.
 */
#include "lms.h"
#include "tarn/events.h"
#include "text.h"

lms_pool tarn_liteos_lms_pools[TARN_LMS_POOLS];

static struct {
    UINT8 *memory;
    UINTPTR bytes;
} arena;

static bool listening;

static VOID say(const CHAR *line)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, line);
    tarn_liteos_put_end(&text);
}

/* ---- marks ---- */

static lms_pool *watched(const VOID *pool)
{
    for (UINT32 i = 0; i < TARN_LMS_POOLS; i++) {
        if (tarn_liteos_lms_pools[i].bytes != 0 && tarn_liteos_lms_pools[i].pool == pool) {
            return &tarn_liteos_lms_pools[i];
        }
    }
    return NULL;
}

static VOID mark(const lms_pool *p, UINTPTR from, UINTPTR bytes, UINT32 value)
{
    (void)memset(p->shadow + (from - p->base) / SHADOW_UNIT, (int)value, (bytes + SHADOW_UNIT - 1u) / SHADOW_UNIT);
}

/* What was open behind the new end is closed. */
static VOID open_block(const lms_pool *p, UINTPTR block, UINTPTR bytes)
{
    mark(p, block, bytes, SHADOW_UNIT);
    if (bytes % SHADOW_UNIT != 0) {
        mark(p, block + bytes - bytes % SHADOW_UNIT, 1, (UINT32)(bytes % SHADOW_UNIT));
    }
}

static VOID close_block(const lms_pool *p, VOID *block)
{
    UINTPTR usable = tarn_usable(const_pool_of(p->pool), block);
    mark(p, (UINTPTR)block, usable, SHADOW_FREED);
}

/* What the block would lose to a new size is closed. Whether it gets the size is not known yet, nor that it is one. */
static VOID cut_block(const lms_pool *p, const VOID *block, UINTPTR size)
{
    UINTPTR usable = tarn_usable(const_pool_of(p->pool), block);
    UINTPTR kept = (size + SHADOW_UNIT - 1u) & ~(UINTPTR)(SHADOW_UNIT - 1u);
    if (kept < usable) {
        mark(p, (UINTPTR)block + kept, usable - kept, SHADOW_FREED);
    }
}

static VOID forget(lms_pool *p)
{
    p->bytes = 0;
    p->pool = NULL;
}

static VOID on_event(const tarn_event *event, VOID *context)
{
    (void)context;
    lms_pool *p = watched(event->pool);
    if (p == NULL) {
        return;
    }
    switch (event->kind) {
    case TARN_EVENT_ALLOC:
        open_block(p, (UINTPTR)event->block, event->size);
        break;
    case TARN_EVENT_FREE:
        close_block(p, event->block);
        break;
    case TARN_EVENT_RESIZE:
        cut_block(p, event->block, event->size);
        break;
    case TARN_EVENT_RESIZED:
        open_block(p, (UINTPTR)event->block, event->size);
        break;
    case TARN_EVENT_UNDO:
        open_block(p, (UINTPTR)event->block, tarn_usable(event->pool, event->block));
        break;
    case TARN_EVENT_RESET:
        mark(p, p->base, p->bytes, SHADOW_FREED);
        break;
    case TARN_EVENT_DEINIT:
    case TARN_EVENT_UNLIST:
        forget(p);
        break;
    default:
        break;
    }
}

/* ---- pools ---- */

UINT32 tarn_liteos_lms_memory(VOID *memory, UINT32 bytes)
{
    if (memory == NULL || bytes == 0) {
        return LOS_NOK;
    }
    (void)memset(memory, SHADOW_REDZONE, bytes);
    uintptr_t state = tarn_port_lock(&arena);
    arena.memory = (UINT8 *)memory;
    arena.bytes = bytes;
    tarn_port_unlock(&arena, state);
    return LOS_OK;
}

static UINT8 *take_shadow(UINTPTR bytes)
{
    UINT8 *taken = NULL;
    uintptr_t state = tarn_port_lock(&arena);
    if (bytes <= arena.bytes) {
        taken = arena.memory;
        arena.memory += bytes;
        arena.bytes -= bytes;
    }
    tarn_port_unlock(&arena, state);
    return taken != NULL ? taken : (UINT8 *)tarn_liteos_map(bytes);
}

/* A place in the table whose shadow has room for the pool; one without a shadow if there is none. */
static lms_pool *find_place(UINTPTR room)
{
    lms_pool *place = NULL;
    for (UINT32 i = 0; i < TARN_LMS_POOLS; i++) {
        lms_pool *p = &tarn_liteos_lms_pools[i];
        if (p->bytes == 0 && p->room >= room) {
            return p;
        }
        place = p->bytes == 0 && (place == NULL || p->room == 0) ? p : place;
    }
    return place;
}

static bool give_shadow(lms_pool *place, UINTPTR room)
{
    if (place->room >= room) {
        (void)memset(place->shadow, SHADOW_REDZONE, room);
        return true;
    }
    place->shadow = take_shadow(room);
    place->room = place->shadow == NULL ? 0 : room;
    return place->shadow != NULL;
}

static bool listen(VOID)
{
    uint32_t kinds = TARN_EVENTS_COMMON | TARN_EVENTS_OF(TARN_EVENT_RESIZED);
    listening = listening || tarn_events_add_kinds(on_event, NULL, kinds) == TARN_OK;
    return listening;
}

static bool open_if_used(const tarn_block *block, VOID *context)
{
    const lms_pool *p = (const lms_pool *)context;
    if (block->state != TARN_BLOCK_FREE) {
        open_block(p, p->base + (UINTPTR)block->offset, block->usable);
    }
    return true;
}

UINT32 LOS_LmsCheckPoolAdd(const VOID *pool, UINT32 size)
{
    tarn_stats stats;
    lms_pool *place;
    if (!counts_of(pool, &stats)) {
        return 0;
    }
    if (watched(pool) != NULL) {
        return size;
    }
    UINTPTR base = image_address(pool); /* a multiple of the granule, and that of SHADOW_UNIT */
    UINTPTR bytes = (UINTPTR)pool + (UINTPTR)stats.bytes - base;
    UINTPTR room = (bytes + SHADOW_UNIT - 1u) / SHADOW_UNIT;
    place = find_place(room);
    if (place == NULL) {
        return 0;
    }
    if (!listen() || !give_shadow(place, room)) {
        say(listening ? "[ERR] LMS: no memory for the pool's shadow\n" : "[ERR] LMS: no room for its listener\n");
        return 0;
    }
    place->pool = pool;
    place->base = base;
    place->bytes = bytes;
    (void)tarn_walk(const_pool_of(pool), open_if_used, place);
    return size;
}

VOID LOS_LmsCheckPoolDel(const VOID *pool)
{
    lms_pool *p = watched(pool);
    if (p != NULL) {
        forget(p);
    }
}

static VOID mark_range(UINTPTR start, UINTPTR end, UINT32 value)
{
    for (UINT32 i = 0; i < TARN_LMS_POOLS; i++) {
        const lms_pool *p = &tarn_liteos_lms_pools[i];
        UINTPTR from = start < p->base ? p->base : start;
        UINTPTR to = end > p->base + p->bytes ? p->base + p->bytes : end;
        if (p->bytes != 0 && from < to) {
            mark(p, from, to - from, value);
        }
    }
}

VOID LOS_LmsAddrProtect(UINTPTR addrStart, UINTPTR addrEnd)
{
    mark_range(addrStart, addrEnd, SHADOW_PROTECTED);
}

VOID LOS_LmsAddrDisableProtect(UINTPTR addrStart, UINTPTR addrEnd)
{
    mark_range(addrStart, addrEnd, SHADOW_UNIT);
}
