/* SPDX-License-Identifier: MIT */
/*
 * The list of free blocks made anew from the map, when a link or the head leads nowhere any more.
 *
 * BR1 The map is believed: what it does not mark, and is not held back, is free.
 * Bound: blocks.
 */
#include "blocks_full.h"
#include "events.h"

static bool is_held(const unsigned char *b, uint32_t layout, uint32_t offset)
{
    return blocks_has(layout, BLOCKS_HOLDS) && word_load(b + offset) == blocks_held_mark(offset);
}

/* From behind, so that blocks come in order of address. Returns how many are out. */
static uint32_t relink(unsigned char *b, uint32_t layout, uint32_t *head)
{
    uint32_t used = 0;
    for (uint32_t number = blocks_fresh(b); number-- != 0;) {
        uint32_t offset = blocks_offset(b, number);
        bool out = (word_load(blocks_map_word(b, number)) & blocks_map_bit(number)) != 0;
        if (out || is_held(b, layout, offset)) {
            used++;
        } else {
            word_store_shared(b + offset, *head);
            *head = offset;
        }
    }
    return used;
}

tarn_status tarn_blocks_repair(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    tarn_status status = tarn_blocks_admit(pool);
    uint32_t layout = status == TARN_OK ? blocks_word(b, BLOCKS_LAYOUT) : 0;
    if (status == TARN_OK && !blocks_has(layout, TARN_BLOCKS_MAP)) {
        status = TARN_E_ARGUMENT;
    }
    if (status != TARN_OK) {
        return status;
    }
    event_enter(b, NULL, 0);
    uintptr_t state = blocks_enter(b);
    if (blocks_alive(b)) {
        uint32_t head = 0;
        uint32_t used = relink(b, layout, &head);
        blocks_list_set(b, head, used);
        if (blocks_shared(b, BLOCKS_MARK) != 0) {
            blocks_raise(b + 4u * BLOCKS_MARK, used + 1u);
        }
    } else {
        status = TARN_E_NOT_A_POOL;
    }
    blocks_leave(b, state);
    event_leave(b, NULL, 0);
    if (status == TARN_OK) {
        tarn_blocks_wake(b, layout);
    }
    return status;
}
