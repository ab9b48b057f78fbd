/* SPDX-License-Identifier: MIT */
/*
 * From events to bytes: which of a pool's bytes the program may touch.
 *
 * L1 In a followed pool's range exactly the bytes [block, block + size asked for) of the blocks that are out are in
 *    bounds. Control data in front of the range stays in bounds.
 * L2 What grows is widened after the pool has it, what shrinks or leaves is narrowed before the pool gets it back: two
 *    threads cannot both be right about a byte.
 * L3 The tool knows how large a block is; what an UNDO needs is kept per thread, for one block.
 * L4 Entries wholly inside a block that is given back, a range that is taken over, or a pool that ends, end with it.
 *
 * Bound: pools followed, plus what it takes to recognise a block; the tools' own work grows with the bytes.
 */
#include "follow.h"

#include "blocks.h"
#include "heap.h"
#include "tarn/port.h"

enum { FOLLOWED_MAX = 256 };

static const follow_tool *tool;
static followed table[FOLLOWED_MAX];

/* What this thread announced last and may have to take back. */
typedef struct pending {
    const void *block;
    size_t size;    /* that were in bounds before */
    size_t usable;  /* that the block has */
    bool is_free;   /* FREE, else RESIZE */
    bool was_freed; /* and the FREE was not undone */
} pending;

static _Thread_local pending last;

/* The block that this thread is in, and how many of its bytes were in bounds before. */
static _Thread_local struct {
    const void *block;
    size_t size;
} visited;

/* ---- the table ---- */

/* A pool at the very start is another life of what begins there now, whatever its size was. */
static bool is_inside(const followed *f, const unsigned char *start, size_t bytes)
{
    bool inside = (uintptr_t)f->pool >= (uintptr_t)start && (uintptr_t)f->start - (uintptr_t)start + f->bytes <= bytes;
    return f->pool != NULL && (inside || f->pool == start);
}

/* Forgets one pool inside the range, which is copied to *gone; false if there is none. */
static bool forget_inside(const unsigned char *start, size_t bytes, followed *gone)
{
    bool found = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < FOLLOWED_MAX && !found; i++) {
        found = is_inside(&table[i], start, bytes);
        if (found) {
            *gone = table[i];
            table[i].pool = NULL;
        }
    }
    tarn_port_unlock(table, state);
    return found;
}

/* L4 */
static void drop_inside(const void *start, size_t bytes)
{
    followed gone;
    while (forget_inside(start, bytes, &gone)) {
        tool->yield(&gone);
    }
}

static bool enlist(const followed *f)
{
    bool room = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < FOLLOWED_MAX && !room; i++) {
        room = table[i].pool == NULL;
        if (room) {
            table[i] = *f;
        }
    }
    tarn_port_unlock(table, state);
    return room;
}

static bool find_pool(const void *pool, followed *f)
{
    bool found = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < FOLLOWED_MAX && !found; i++) {
        found = table[i].pool == pool && pool != NULL;
        *f = found ? table[i] : *f;
    }
    tarn_port_unlock(table, state);
    return found;
}

/* The smallest followed range that holds the address. */
bool tarn_follow_find(const void *address, followed *f)
{
    bool found = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < FOLLOWED_MAX; i++) {
        bool holds = table[i].pool != NULL && (uintptr_t)address - (uintptr_t)table[i].start < table[i].bytes;
        if (holds && (!found || table[i].bytes < f->bytes)) {
            *f = table[i];
            found = true;
        }
    }
    tarn_port_unlock(table, state);
    return found;
}

/* ---- what an event is about ---- */

/* A block, of a pool that is followed. */
typedef struct subject {
    followed pool;
    tarn_heap *heap; /* NULL if it is no heap's */
    size_t usable;   /* bytes that may be asked for at most; 0: no block that is out begins there */
} subject;

static size_t usable_of(const subject *s, const void *block)
{
    if (s->heap != NULL) {
        return tarn_heap_usable(s->heap, block);
    }
    if (!s->pool.is_blocks) {
        return tarn_usable((const tarn_pool *)(const void *)s->pool.pool, block);
    }
    const tarn_blocks *blocks = (const tarn_blocks *)(const void *)s->pool.pool;
    size_t size = blocks_word(s->pool.pool, BLOCKS_SIZE);
    return tarn_blocks_recognise(blocks, block) == TARN_OK ? size + (size == 0 ? 1u : 0u) : 0;
}

/* False if the event is about no pool that is followed. */
static bool find_subject(const tarn_event *event, subject *s)
{
    s->heap = NULL;
    if (!find_pool(event->pool, &s->pool)) {
        s->heap = (tarn_heap *)(void *)event->pool;
        if (event->pool == NULL || !heap_is(s->heap) || !tarn_follow_find(event->block, &s->pool)) {
            return false;
        }
    }
    s->usable = event->block != NULL ? usable_of(s, event->block) : 0;
    return true;
}

/* ---- pools ---- */

/* False for what is no image, and for an adopted block pool that tells nothing of its blocks. */
static bool describe(const tarn_event *event, followed *f)
{
    const unsigned char *pool = (const unsigned char *)(const void *)event->pool;
    unsigned char *base = image_base(event->pool);
    f->pool = pool;
    f->is_blocks = (uintptr_t)pool % 8u == 0 && blocks_alive(pool);
    if (f->is_blocks && !blocks_has(blocks_word(pool, BLOCKS_LAYOUT), TARN_BLOCKS_EVENTS)) {
        return false;
    }
    if (f->is_blocks) {
        f->start = pool + blocks_word(pool, BLOCKS_FIRST);
        f->gap = blocks_word(pool, BLOCKS_STRIDE) - blocks_word(pool, BLOCKS_SIZE);
    } else if (access_is_pool(base)) {
        image im = image_open(base);
        f->start = image_payload(&im, im.first) - image_lead_bytes(&im);
        f->gap = image_lead_bytes(&im);
    } else {
        return false;
    }
    size_t front = (size_t)(f->start - pool);
    f->bytes = event->size > front ? event->size - front : 0;
    return true;
}

static bool give_used(const tarn_block *block, void *context)
{
    const followed *f = context;
    const unsigned char *base = f->is_blocks ? f->pool : image_base((const tarn_pool *)(const void *)f->pool);
    if (tarn_block_counts(block)) {
        size_t size = f->is_blocks ? (size_t)block->size - f->gap : block->usable;
        tool->give(f, base + block->offset, size, true);
    }
    return true;
}

/* An adopted pool has blocks. */
static void begin(const tarn_event *event)
{
    followed f;
    if (!describe(event, &f)) {
        return;
    }
    drop_inside(event->pool, event->size);
    if (!enlist(&f)) {
        return;
    }
    tool->open(f.pool, (size_t)(f.start - f.pool));
    tool->claim(&f);
    if (f.is_blocks) {
        (void)tarn_blocks_walk((const tarn_blocks *)(const void *)f.pool, give_used, &f);
    } else {
        (void)tarn_walk(event->pool, give_used, &f);
    }
}

static void end(const tarn_event *event)
{
    followed f;
    if (find_pool(event->pool, &f)) {
        drop_inside(f.pool, (size_t)(f.start - f.pool) + f.bytes);
    }
}

/* The pool lies in memory that was given back: it is out of bounds as that memory is. */
static void unlist(const tarn_event *event)
{
    followed gone;
    (void)forget_inside((const unsigned char *)(const void *)event->pool, event->size, &gone);
}

static void reset(const tarn_event *event)
{
    followed f;
    if (find_pool(event->pool, &f)) {
        drop_inside(f.start, f.bytes);
        tool->yield(&f);
        tool->claim(&f);
    }
}

static void grow(const tarn_event *event)
{
    followed f;
    if (!find_pool(event->pool, &f)) {
        return;
    }
    size_t bytes = event->size - (size_t)(f.start - f.pool);
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < FOLLOWED_MAX; i++) {
        table[i].bytes = table[i].pool == f.pool ? bytes : table[i].bytes;
    }
    tarn_port_unlock(table, state);
    tool->close(f.start + f.bytes, bytes - f.bytes);
}

/* ---- blocks ---- */

static void alloc(const tarn_event *event)
{
    subject s;
    if (find_subject(event, &s)) {
        tool->give(&s.pool, event->block, event->size, s.pool.is_blocks);
    }
}

static void announce(const tarn_event *event, const subject *s)
{
    last.block = event->block;
    last.usable = s->usable;
    last.size = tool->extent(event->block, s->usable);
    last.is_free = event->kind == TARN_EVENT_FREE;
    last.was_freed = last.is_free;
}

static void give_back(const tarn_event *event)
{
    subject s;
    last.block = NULL;
    if (!find_subject(event, &s)) {
        return;
    }
    if (s.usable == 0) {
        tool->stray(&s.pool, event->block);
        return;
    }
    drop_inside(event->block, s.usable);
    announce(event, &s);
    tool->take(&s.pool, event->block, last.size);
}

/* L2: only what it loses. */
static void resize(const tarn_event *event)
{
    subject s;
    last.block = NULL;
    if (find_subject(event, &s) && s.usable != 0) {
        announce(event, &s);
        if (event->size < last.size) {
            tool->change(&s.pool, event->block, last.size, event->size, false);
        }
    }
}

static void resized(const tarn_event *event)
{
    subject s;
    if (find_subject(event, &s) && s.usable != 0) {
        size_t now = tool->extent(event->block, s.usable);
        if (now < event->size) {
            tool->change(&s.pool, event->block, now, event->size, false);
        }
    }
}

/* A block whose return failed for another reason than that growing to the left was tried may have carried pools, which
 * are forgotten: all of it is in bounds. */
static void undo(const tarn_event *event)
{
    subject s;
    if (last.block == NULL || last.block != event->block || !find_subject(event, &s)) {
        return;
    }
    if (last.is_free) {
        tool->give(&s.pool, event->block, event->status == TARN_E_EXHAUSTED ? last.size : last.usable, true);
    } else if (event->size < last.size) {
        tool->change(&s.pool, event->block, event->size, last.size, true);
    }
    last.block = NULL;
}

/* The bytes of a block that tarn copies or fills are in bounds meanwhile, to its end. A block that was freed and is
 * copied from lies in a new one over it, where they would count as unwritten. */
static void enter(const tarn_event *event)
{
    tool->pause();
    if (event->size != 0) {
        bool freed = last.was_freed && last.block == event->block;
        visited.block = event->block;
        visited.size = tool->extent(event->block, event->size);
        size_t kept = freed ? 0 : visited.size;
        tool->open((const unsigned char *)event->block + kept, event->size - kept);
    }
}

static void leave(const tarn_event *event)
{
    if (event->size != 0 && visited.block == event->block) {
        tool->close((const unsigned char *)event->block + visited.size, event->size - visited.size);
        visited.block = NULL;
    }
    tool->resume();
}

static void follow(const tarn_event *event, void *context)
{
    static void (*const reactions[])(const tarn_event *event) = {
        [TARN_EVENT_INIT] = begin,     [TARN_EVENT_DEINIT] = end,      [TARN_EVENT_ALLOC] = alloc,
        [TARN_EVENT_FREE] = give_back, [TARN_EVENT_RESIZE] = resize,   [TARN_EVENT_UNDO] = undo,
        [TARN_EVENT_UNLIST] = unlist,  [TARN_EVENT_RESET] = reset,     [TARN_EVENT_GROW] = grow,
        [TARN_EVENT_ENTER] = enter,    [TARN_EVENT_RESIZED] = resized, [TARN_EVENT_LEAVE] = leave};
    (void)context;
    if (event->kind < sizeof reactions / sizeof reactions[0] && reactions[event->kind] != NULL) {
        reactions[event->kind](event);
    }
}

/* ---- install ---- */

tarn_status tarn_follow(const follow_tool *wanted)
{
    uintptr_t state = tarn_port_lock(&tool);
    bool is_idle = tool == NULL;
    tool = is_idle ? wanted : tool;
    tarn_port_unlock(&tool, state);
    tarn_status status = is_idle ? tarn_events_add_kinds(follow, NULL, TARN_EVENTS_ALL) : TARN_E_IN_USE;
    if (is_idle && status != TARN_OK) {
        tool = NULL;
    }
    return status;
}

tarn_status tarn_follow_end(const follow_tool *unwanted)
{
    if (tool == NULL || tool != unwanted) {
        return TARN_E_ARGUMENT;
    }
    tarn_status status = tarn_events_remove(follow, NULL);
    if (status == TARN_OK) {
        drop_inside(NULL, SIZE_MAX);
        tool = NULL;
    }
    return status;
}
