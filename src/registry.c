/* SPDX-License-Identifier: MIT */
/*
 * The table of pools, in order of initialisation.
 *
 * R1 An entry is a claim, not a proof: its memory is read only through functions that verify magic and bounds.
 * R2 The registry's lock and a pool's lock are never held together.
 * R3 A LiteOS entry is entered only while no other entry overlaps it, but for pools that hold it inside one used block.
 * R4 A used block is marked while a registered pool lies inside it.
 * Bound: TARN_REGISTRY_CAPACITY steps; nested entries add one block lookup per containing pool.
 */
#include "registry.h"

#include "blocks.h"
#include "config.h"
#include "events.h"
#include "heap.h"

static tarn_registration table[TARN_REGISTRY_CAPACITY];
static uint32_t entries;

/* Pools that were given a key of their own. */
static uint32_t serial;

/* Set with the first heap, and the first buffer of Mynewt blocks, that is entered and never again. */
static carrier_marker *mark_in_heap;
static registry_ender *end_buffer;

/* Position of one range to another. */
typedef enum overlap { OVERLAP_NONE, OVERLAP_INSIDE, OVERLAP_CONFLICT } overlap;

static overlap range_overlap(const tarn_registration *entry, const tarn_registration *old)
{
    uintptr_t start = (uintptr_t)entry->pool;
    uintptr_t end = start + entry->bytes;
    uintptr_t old_start = (uintptr_t)old->pool;
    uintptr_t old_end = old_start + old->bytes;
    if (start >= old_end || old_start >= end) {
        return OVERLAP_NONE;
    }
    return start > old_start && end <= old_end ? OVERLAP_INSIDE : OVERLAP_CONFLICT;
}

static bool replaces(const tarn_registration *entry, const tarn_registration *old)
{
    return entry->face != TARN_FACE_LITEOS && entry->face == old->face && entry->pool == old->pool;
}

static void remove_at(uint32_t index)
{
    entries--;
    for (uint32_t i = index; i < entries; i++) {
        table[i] = table[i + 1u];
    }
}

/* Under the lock: the geometric part of the rule (R3), and the entry itself. */
static tarn_status claim(const tarn_registration *entry, tarn_registration *conflict, tarn_registration *replaced)
{
    for (uint32_t i = 0; i < entries; i++) {
        if (replaces(entry, &table[i])) {
            *replaced = table[i];
            remove_at(i);
            break;
        }
        if (entry->face == TARN_FACE_LITEOS && range_overlap(entry, &table[i]) == OVERLAP_CONFLICT) {
            *conflict = table[i];
            return TARN_E_OVERLAP;
        }
    }
    if (entries == TARN_REGISTRY_CAPACITY) {
        return TARN_E_REGISTRY_FULL;
    }
    table[entries++] = *entry;
    return TARN_OK;
}

/* The entries around a range, from the smallest on; *outer says where to go on from, bytes 0 to begin. Ordered by size
 * and start, so that entries which come and go meanwhile make it neither skip nor repeat. */
static bool next_around(const tarn_registration *entry, tarn_registration *outer)
{
    tarn_registration last = *outer;
    bool found = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < entries; i++) {
        const tarn_registration *e = &table[i];
        bool later = e->bytes > last.bytes || (e->bytes == last.bytes && (uintptr_t)e->pool > (uintptr_t)last.pool);
        bool nearer = !found || e->bytes < outer->bytes ||
                      (e->bytes == outer->bytes && (uintptr_t)e->pool < (uintptr_t)outer->pool);
        if (later && nearer && range_overlap(entry, e) == OVERLAP_INSIDE) {
            *outer = *e;
            found = true;
        }
    }
    tarn_port_unlock(table, state);
    return found;
}

/* R1: the header of a pool that only an entry vouches for, before anything is reached through it. */
static bool entry_holds(const tarn_registration *entry)
{
    tarn_view view;
    const unsigned char *base = image_base(entry->pool);
    return tarn_view_open(&view, base, entry->bytes - (size_t)((uintptr_t)base - (uintptr_t)entry->pool)) == TARN_OK;
}

static carrier_marker *heap_marker(void)
{
    uintptr_t state = tarn_port_lock(table);
    carrier_marker *marker = mark_in_heap;
    tarn_port_unlock(table, state);
    return marker;
}

/* The entry of the image that begins there. Blocks of TARN_FACE_MYNEWT may begin with one: the same place, another
 * entry. */
static bool is_image(const tarn_registration *entry, const tarn_pool *pool)
{
    return entry->pool == pool && entry->face != TARN_FACE_MYNEWT;
}

static bool is_buffer(const tarn_registration *entry, const tarn_pool *pool)
{
    return entry->pool == pool && entry->face == TARN_FACE_MYNEWT;
}

/* Blocks of one size have no mark: what lies in them is not ended by giving them back. */
static tarn_status mark(const tarn_registration *outer, const void *start, size_t bytes, bool carries, carrier *found)
{
    if (outer->face == TARN_FACE_FMEMP) {
        return heap_marker()(outer->pool, start, bytes, carries, found);
    }
    bool has_image = outer->face != TARN_FACE_BLOCKS && outer->face != TARN_FACE_MYNEWT;
    return has_image && entry_holds(outer) ? tarn_carrier_mark(outer->pool, start, bytes, carries, found)
                                           : TARN_E_NOT_A_POOL;
}

/* The other part of R3, and R4: each pool around the new one must hold it inside one used block, which is marked. */
static tarn_status nest(const tarn_registration *entry, tarn_registration *conflict)
{
    tarn_registration outer = {NULL, 0, NULL, TARN_FACE_NATIVE};
    carrier unused;
    while (next_around(entry, &outer)) {
        bool held = mark(&outer, entry->pool, entry->bytes, true, &unused) == TARN_OK;
        if (!held && entry->face == TARN_FACE_LITEOS) {
            *conflict = outer;
            return TARN_E_OVERLAP;
        }
    }
    return TARN_OK;
}

static bool any_inside(const carrier *block)
{
    bool found = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < entries && !found; i++) {
        found = (uintptr_t)table[i].pool - (uintptr_t)block->start < block->bytes;
    }
    tarn_port_unlock(table, state);
    return found;
}

/* R4 after an entry has left. A pool that enters while its block loses the mark would find it gone: hence the second
 * look. */
static void unnest(const tarn_registration *entry)
{
    tarn_registration outer = {NULL, 0, NULL, TARN_FACE_NATIVE};
    carrier block;
    while (next_around(entry, &outer)) {
        if (mark(&outer, entry->pool, entry->bytes, false, &block) == TARN_OK && any_inside(&block)) {
            (void)mark(&outer, block.start, block.bytes, true, &block);
        }
    }
}

tarn_status tarn_registry_enter(const tarn_registration *entry, tarn_registration *conflict)
{
    tarn_registration unused;
    tarn_registration replaced = {NULL, 0, NULL, TARN_FACE_NATIVE};
    conflict = conflict != NULL ? conflict : &unused;
    uintptr_t state = tarn_port_lock(table);
    tarn_status status = claim(entry, conflict, &replaced);
    tarn_port_unlock(table, state);
    if (replaced.pool != NULL) {
        tarn_registry_drop_inside(replaced.pool, replaced.bytes, true);
    }
    if (status == TARN_E_OVERLAP || (status == TARN_E_REGISTRY_FULL && entry->face == TARN_FACE_LITEOS)) {
        return status;
    }
    tarn_status nested = nest(entry, conflict);
    if (nested != TARN_OK && status == TARN_OK) {
        (void)tarn_registry_leave(entry->pool);
    }
    return nested != TARN_OK ? nested : status;
}

tarn_status tarn_registry_enter_heap(const tarn_registration *entry, carrier_marker *marker)
{
    uintptr_t state = tarn_port_lock(table);
    mark_in_heap = mark_in_heap != NULL ? mark_in_heap : marker;
    tarn_port_unlock(table, state);
    return tarn_registry_enter(entry, NULL);
}

uint32_t tarn_registry_serial(void)
{
    uintptr_t state = tarn_port_lock(table);
    uint32_t number = ++serial;
    tarn_port_unlock(table, state);
    return number;
}

tarn_status tarn_registry_enter_buffer(const tarn_registration *entry, registry_ender *ender)
{
    uintptr_t state = tarn_port_lock(table);
    if (end_buffer == NULL) {
        end_buffer = ender; /* once: it is read without the lock by whoever has found an entry of the kind */
    }
    tarn_port_unlock(table, state);
    return tarn_registry_enter(entry, NULL);
}

typedef bool entry_choice(const tarn_registration *entry, const tarn_pool *pool);

static bool leave(const tarn_pool *pool, entry_choice *chosen)
{
    tarn_registration left = {NULL, 0, NULL, TARN_FACE_NATIVE};
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = entries; i-- != 0 && left.pool == NULL;) {
        if (chosen(&table[i], pool)) {
            left = table[i];
            remove_at(i);
        }
    }
    tarn_port_unlock(table, state);
    if (left.pool != NULL) {
        unnest(&left);
    }
    return left.pool != NULL;
}

bool tarn_registry_find(uint32_t face, const tarn_pool *pool, tarn_registration *entry)
{
    bool found = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < entries && !found; i++) {
        found = table[i].face == face && table[i].pool == pool;
        if (found) {
            *entry = table[i];
        }
    }
    tarn_port_unlock(table, state);
    return found;
}

bool tarn_registry_leave(const tarn_pool *pool)
{
    return leave(pool, is_image);
}

bool tarn_registry_leave_buffer(const void *start)
{
    return leave((const tarn_pool *)start, is_buffer);
}

void tarn_registry_resize(const tarn_pool *pool, size_t bytes)
{
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < entries; i++) {
        if (is_image(&table[i], pool)) {
            table[i].bytes = bytes;
        }
    }
    tarn_port_unlock(table, state);
}

/* One entry that begins inside, taken off the list. */
static bool drop_one(uintptr_t start, size_t bytes, bool spare, tarn_registration *dropped)
{
    bool found = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < entries && !found; i++) {
        uintptr_t distance = (uintptr_t)table[i].pool - start;
        found = distance < bytes && !(spare && distance == 0);
        if (found) {
            *dropped = table[i];
            remove_at(i);
        }
    }
    tarn_port_unlock(table, state);
    return found;
}

/* R1: by the face. A Mynewt pool is a structure and no image, and nothing of its buffer may be read. */
static void end_entry(const tarn_registration *entry)
{
    if (entry->face == TARN_FACE_MYNEWT) {
        end_buffer(entry);
    } else if (entry->face == TARN_FACE_BLOCKS) {
        (void)blocks_void(entry->pool);
    } else if (!heap_void(entry->pool)) {
        tarn_pool_void(entry->pool);
    }
}

void tarn_registry_drop_inside(const void *start, size_t bytes, bool spare)
{
    tarn_registration dropped = {NULL, 0, NULL, TARN_FACE_NATIVE};
    while (drop_one((uintptr_t)start, bytes, spare, &dropped)) {
        event_enter(dropped.pool, NULL, 0);
        end_entry(&dropped);
        event_leave(dropped.pool, NULL, 0);
        event_raise(TARN_EVENT_UNLIST, TARN_OK, dropped.pool, NULL, dropped.bytes, 0);
    }
}

bool tarn_registered(uint32_t face, uint32_t index, tarn_registration *entry)
{
    if (entry == NULL) {
        return false;
    }
    bool found = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < entries && !found; i++) {
        if (table[i].face == face && index-- == 0) {
            *entry = table[i];
            found = true;
        }
    }
    tarn_port_unlock(table, state);
    return found;
}
