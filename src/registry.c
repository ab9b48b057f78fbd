/* SPDX-License-Identifier: MIT */
/*
 * The table of pools, in order of initialisation.
 *
 * R1 An entry is a claim, not a proof: its memory is read only through functions that verify magic and bounds.
 * R2 The registry's lock and a pool's lock are never held together.
 * R3 A LiteOS entry is entered only while no other entry overlaps it, but for pools that hold it inside one used block.
 * Bound: TARN_REGISTRY_CAPACITY steps; nested entries add one block lookup per containing pool.
 */
#include "registry.h"

#include "config.h"
#include "events.h"
#include "image.h"
#include "tarn/port.h"

static tarn_registration table[TARN_REGISTRY_CAPACITY];
static uint32_t entries;

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
static tarn_status claim(const tarn_registration *entry, tarn_registration *conflict)
{
    for (uint32_t i = 0; i < entries; i++) {
        if (replaces(entry, &table[i])) {
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

static bool entry_at(uint32_t index, tarn_registration *entry)
{
    uintptr_t state = tarn_port_lock(table);
    bool found = index < entries;
    if (found) {
        *entry = table[index];
    }
    tarn_port_unlock(table, state);
    return found;
}

/* The other part of R3: each pool around the new one must hold it inside one used block, which is marked. */
static tarn_status nest(const tarn_registration *entry, tarn_registration *conflict)
{
    tarn_registration outer;
    for (uint32_t i = 0; entry_at(i, &outer); i++) {
        if (range_overlap(entry, &outer) != OVERLAP_INSIDE) {
            continue;
        }
        tarn_status status = tarn_block_carries(outer.pool, entry->pool, entry->bytes);
        if (status != TARN_OK && entry->face == TARN_FACE_LITEOS) {
            *conflict = outer;
            return TARN_E_OVERLAP;
        }
    }
    return TARN_OK;
}

tarn_status tarn_registry_enter(const tarn_registration *entry, tarn_registration *conflict)
{
    tarn_registration unused;
    conflict = conflict != NULL ? conflict : &unused;
    uintptr_t state = tarn_port_lock(table);
    tarn_status status = claim(entry, conflict);
    tarn_port_unlock(table, state);
    if (status == TARN_E_OVERLAP) {
        return status;
    }
    tarn_status nested = nest(entry, conflict);
    if (nested != TARN_OK && status == TARN_OK) {
        (void)tarn_registry_leave(entry->pool);
    }
    return nested != TARN_OK ? nested : status;
}

bool tarn_registry_leave(const tarn_pool *pool)
{
    bool found = false;
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = entries; i-- != 0 && !found;) {
        found = table[i].pool == pool;
        if (found) {
            remove_at(i);
        }
    }
    tarn_port_unlock(table, state);
    return found;
}

void tarn_registry_resize(const tarn_pool *pool, size_t bytes)
{
    uintptr_t state = tarn_port_lock(table);
    for (uint32_t i = 0; i < entries; i++) {
        if (table[i].pool == pool) {
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
        unsigned char *base = image_base(dropped.pool);
        if (word_load(base) == IMAGE_MAGIC_VALUE) {
            word_store(base, IMAGE_VOID_VALUE);
        }
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
