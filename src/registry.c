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

#ifdef TARN_WITH_REGISTRY

#include "events.h"
#include "tarn/port.h"

static tarn_registration table[TARN_REGISTRY_CAPACITY];
static uint32_t entries;

/* By face; each is set with the first entry and never again, so that who has found an entry reads it without the
 * lock. */
static const registry_kind *registry_kinds[TARN_FACE_MEMBOX + 1u];

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

/* Whose entries are buffers of blocks and no images. */
static bool has_buffers(uint32_t face)
{
    return face == TARN_FACE_MYNEWT || face == TARN_FACE_MEMBOX;
}

/* The entry of what begins there: of a face with buffers that face's, of any other the image's. A buffer's blocks may
 * begin with an image: the same place, another entry. */
static bool is_entry(const tarn_registration *entry, uint32_t face, const tarn_pool *pool)
{
    return entry->pool == pool && (has_buffers(face) ? entry->face == face : !has_buffers(entry->face));
}

/* Blocks of one size have no mark: what lies in them is not ended by giving them back. */
static tarn_status mark(const tarn_registration *outer, const void *start, size_t bytes, bool carries, carrier *found)
{
    carrier_marker *marker = registry_kinds[outer->face]->mark;
    return marker != NULL ? marker(outer, start, bytes, carries, found) : TARN_E_NOT_A_POOL;
}

/* The other part of R3, and R4: each pool around the new one must hold it inside one used block, which is marked. A
 * membox around it is no objection: it may be there no longer. */
static tarn_status nest(const tarn_registration *entry, tarn_registration *conflict)
{
    tarn_registration outer = {NULL, 0, NULL, TARN_FACE_NATIVE};
    carrier unused;
    while (next_around(entry, &outer)) {
        bool held = mark(&outer, entry->pool, entry->bytes, true, &unused) == TARN_OK;
        if (!held && entry->face == TARN_FACE_LITEOS && outer.face != TARN_FACE_MEMBOX) {
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

bool tarn_registry_any_inside(const void *start, size_t bytes)
{
    const carrier range = {start, bytes};
    return any_inside(&range);
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

tarn_status tarn_registry_enter(const tarn_registration *entry, const registry_kind *kind, tarn_registration *conflict)
{
    tarn_registration unused;
    tarn_registration replaced = {NULL, 0, NULL, TARN_FACE_NATIVE};
    conflict = conflict != NULL ? conflict : &unused;
    uintptr_t state = tarn_port_lock(table);
    if (registry_kinds[entry->face] == NULL) {
        registry_kinds[entry->face] = kind;
    }
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

static bool leave(uint32_t face, const tarn_pool *pool)
{
    tarn_registration left = {NULL, 0, NULL, TARN_FACE_NATIVE};
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = entries; i-- != 0 && left.pool == NULL;) {
        if (is_entry(&table[i], face, pool)) {
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
    return leave(TARN_FACE_NATIVE, pool);
}

bool tarn_registry_leave_buffer(uint32_t face, const void *start)
{
    return leave(face, (const tarn_pool *)start);
}

void tarn_registry_resize(const tarn_pool *pool, size_t bytes)
{
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < entries; i++) {
        if (is_entry(&table[i], TARN_FACE_NATIVE, pool)) {
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

void tarn_registry_drop_inside(const void *start, size_t bytes, bool spare)
{
    tarn_registration dropped = {NULL, 0, NULL, TARN_FACE_NATIVE};
    while (drop_one((uintptr_t)start, bytes, spare, &dropped)) {
        event_enter(dropped.pool, NULL, 0);
        registry_kinds[dropped.face]->end(&dropped);
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

#endif
