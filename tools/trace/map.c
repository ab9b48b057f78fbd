/* SPDX-License-Identifier: MIT */
/*
 * A table from numbers to slots: open addressing, linear probing, at most half full; what is taken out leaves no mark,
 * the entries behind it move up.
 *
 * Bound: constant on average. The hash is fixed, so a file made for it can have a probe read every entry.
 */
#include <stdlib.h>

#include "build.h"

struct slot_entry {
    uint64_t key;
    uint32_t slot;
    uint32_t used;
};

static size_t home(const slot_map *m, uint64_t key)
{
    return (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (m->room - 1);
}

/* The entry of the key, or the empty one where it would go. */
static size_t find(const slot_map *m, uint64_t key)
{
    size_t at = home(m, key);
    while (m->entries[at].used != 0 && m->entries[at].key != key) {
        at = (at + 1) & (m->room - 1);
    }
    return at;
}

static bool enlarge(slot_map *m)
{
    slot_map larger = {NULL, m->room != 0 ? m->room * 2 : 1024, m->count};
    larger.entries = calloc(larger.room, sizeof *larger.entries);
    if (larger.entries == NULL) {
        return false;
    }
    for (size_t i = 0; i < m->room; i++) {
        if (m->entries[i].used != 0) {
            larger.entries[find(&larger, m->entries[i].key)] = m->entries[i];
        }
    }
    free(m->entries);
    *m = larger;
    return true;
}

bool slot_map_put(slot_map *m, uint64_t key, uint32_t slot)
{
    if (m->count * 2 >= m->room && !enlarge(m)) {
        return false;
    }
    m->entries[find(m, key)] = (struct slot_entry){key, slot, 1};
    m->count++;
    return true;
}

/* Whether the entry at `from`, whose home is `wanted`, may move to the hole. */
static bool may_fill(size_t hole, size_t wanted, size_t from)
{
    return hole <= from ? wanted <= hole || wanted > from : wanted <= hole && wanted > from;
}

bool slot_map_get(const slot_map *m, uint64_t key, uint32_t *slot)
{
    size_t at = m->room != 0 ? find(m, key) : 0;
    if (m->room == 0 || m->entries[at].used == 0) {
        return false;
    }
    *slot = m->entries[at].slot;
    return true;
}

bool slot_map_take(slot_map *m, uint64_t key, uint32_t *slot)
{
    if (!slot_map_get(m, key, slot)) {
        return false;
    }
    size_t hole = find(m, key);
    for (size_t at = (hole + 1) & (m->room - 1); m->entries[at].used != 0; at = (at + 1) & (m->room - 1)) {
        if (may_fill(hole, home(m, m->entries[at].key), at)) {
            m->entries[hole] = m->entries[at];
            hole = at;
        }
    }
    m->entries[hole].used = 0;
    m->count--;
    return true;
}

void slot_map_free(slot_map *m)
{
    free(m->entries);
    *m = (slot_map){NULL, 0, 0};
}
