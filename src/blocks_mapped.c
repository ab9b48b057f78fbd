/* SPDX-License-Identifier: MIT */
/*
 * Get and put of a pool that has the map and no other flag, in a straight line; and where blocks.c has only caches,
 * those of a plain pool. Whatever is out of the ordinary goes on to blocks_full.c before anything is changed, and is
 * answered there.
 *
 * P1 Every word of the header that never changes is looked at by its sum, and the magic by the layout.
 * Bound: constant.
 */
#include "blocks_full.h"
#include "tarn/events.h"

/* In the critical section: nothing but the map is to be done, and the header is what it was. */
static inline bool is_mapped(const unsigned char *b)
{
    uint32_t wanted = (uint32_t)BLOCKS_FORMAT | TARN_BLOCKS_MAP << BLOCKS_LAYOUT_FLAGS;
    uint32_t compared = 15u | BLOCKS_FLAGS_IN_IMAGE << BLOCKS_LAYOUT_FLAGS;
    return blocks_likely(blocks_magic(b) == BLOCKS_MAPPED) &&
           blocks_likely((blocks_word(b, BLOCKS_LAYOUT) & compared) == wanted) && blocks_unchanged(b) &&
           blocks_likely(blocks_fresh(b) <= blocks_word(b, BLOCKS_COUNT));
}

/* BLOCKS_NONE: the full path is to say what is the matter. */
static inline blocks_taking mapped_take(unsigned char *b, uint32_t *offset)
{
    uint32_t number;
    if (!is_mapped(b) || !blocks_likely(blocks_pop_number(b, offset, &number) == BLOCKS_TAKEN_ONE)) {
        return BLOCKS_NONE;
    }
    return blocks_map_mark(b, number) ? BLOCKS_TAKEN_ONE : BLOCKS_BROKEN;
}

void *tarn_blocks_get_mapped(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    uint32_t offset;
    if (!BLOCKS_ON_X86 && !blocks_likely(b != NULL)) {
        return tarn_blocks_get_full(pool);
    }
    if (TARN_ON(TARN_BLOCKS_CACHE) && blocks_take_listed(b, &offset)) {
        return b + offset;
    }
    uintptr_t state = blocks_enter(b);
    blocks_taking taking = mapped_take(b, &offset);
    blocks_leave(b, state);
    if (blocks_likely(taking == BLOCKS_TAKEN_ONE)) {
        return b + offset;
    }
    if (taking == BLOCKS_BROKEN) { /* listed and out: it stays with whom it was given to */
        return tarn_blocks_get_refused(pool, TARN_E_DAMAGED, b + offset);
    }
    return tarn_blocks_get_full(pool);
}

/* False: the full path is to say what is the matter. Else *status is what put answers. */
static inline bool give(unsigned char *b, void *block, tarn_status *status)
{
    uint32_t number;
    if (!is_mapped(b) || !blocks_locate(b, block, &number) || !blocks_likely(number < blocks_fresh(b)) ||
        !blocks_likely(blocks_used(b) != 0)) {
        return false;
    }
    bool listed = blocks_map_unmark(b, number) && blocks_push_out(b, block, number);
    *status = blocks_likely(listed) ? TARN_OK : TARN_E_DOUBLE_FREE;
    return true;
}

tarn_status tarn_blocks_put_mapped(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    tarn_status status = TARN_OK;
    if (!BLOCKS_ON_X86 && !blocks_likely(b != NULL)) {
        return tarn_blocks_put_full(pool, block);
    }
    if (TARN_ON(TARN_BLOCKS_CACHE) && blocks_give_listed(b, block)) {
        return TARN_OK;
    }
    uintptr_t state = blocks_enter(b);
    bool answered = give(b, block, &status);
    blocks_leave(b, state);
    if (!blocks_likely(answered)) {
        return tarn_blocks_put_full(pool, block);
    }
    return blocks_likely(status == TARN_OK) ? status : tarn_blocks_refuse(pool, status, TARN_EVENT_REFUSE, block);
}
