/* SPDX-License-Identifier: MIT */
/*
 * Blocks of Mynewt pools: get and put.
 *
 * What a put does is looked at in one go with doing it, inside the section (M4). Filling a block with poison is not
 * done there: the put is looked at, the block filled, and the put looked at once more.
 * Bound: constant; with CHECK and no map, free blocks; with POISON, a block's bytes.
 */
#include "buffer.h"

#define FAULT_OUTSIDE ((face_fault){TARN_E_FOREIGN, "outside the pool"})
#define FAULT_NO_BLOCK ((face_fault){TARN_E_NOT_A_BLOCK, "not the start of a block"})
#define FAULT_SURPLUS ((face_fault){TARN_E_DOUBLE_FREE, "all blocks are free"})
#define FAULT_TWICE ((face_fault){TARN_E_DOUBLE_FREE, "already free"})
#define FAULT_GUARD ((face_fault){TARN_E_DAMAGED, "guard word overwritten"})
#define FAULT_POISON ((face_fault){TARN_E_DAMAGED, "written while free"})
#define FAULT_NONE ((face_fault){TARN_OK, NULL})

/* ---- the free list, inside the section ---- */

static bool head_holds(const struct os_mempool *mp, const void *head)
{
    return list_head_holds(head, block_is_ours(mp, head), mp->mp_num_free, mp->mp_num_blocks);
}

static bool next_holds(const struct os_mempool *mp, const void *head, const void *next)
{
    return list_next_holds(next, block_is_ours(mp, next), head, mp->mp_num_free);
}

/* The link is read once: who writes to free blocks may do so between a look at it and its use. */
static void *take(struct os_mempool *mp)
{
    void *block = mp->slh_first;
    bool holds = head_holds(mp, block);
    void *next = holds ? link_load(block) : NULL;
    if (!holds || !next_holds(mp, block, next) || (face_has(mp, TARN_MYNEWT_MAP) && !map_is_free(mp, block))) {
        tarn_mynewt_note_fault(mp, block, FAULT_CHAIN);
        return NULL;
    }
    mp->slh_first = (struct os_memblock *)next;
    mp->mp_num_free--;
    if (mp->mp_min_free > mp->mp_num_free) {
        mp->mp_min_free = mp->mp_num_free;
    }
    if (face_has(mp, TARN_MYNEWT_MAP)) {
        map_turn(mp, block);
    }
    return block;
}

static void chain(struct os_mempool *mp, void *block)
{
    link_store(block, mp->slh_first);
    mp->slh_first = (struct os_memblock *)block;
    mp->mp_num_free++;
    if (face_has(mp, TARN_MYNEWT_MAP)) {
        map_turn(mp, block);
    }
}

/* ---- get ---- */

static void *get_any(struct os_mempool *mp)
{
    void *block = NULL;
    uintptr_t state = tarn_mynewt_enter();
    if (!face_is_pool(mp)) {
        tarn_mynewt_note_fault(mp, NULL, FAULT_NO_POOL);
    } else if (mp->mp_num_free != 0) {
        block = take(mp);
    }
    tarn_mynewt_leave(state);
    return block;
}

/* The block is nobody's any more and not yet the caller's. */
static bool is_fit(const struct os_mempool *mp, const void *block)
{
    if (face_has(mp, TARN_MYNEWT_GUARD) && !block_guard_holds(mp, block)) {
        (void)tarn_mynewt_refuse(mp, block, FAULT_GUARD);
        return false;
    }
    if (face_has(mp, TARN_MYNEWT_POISON) && !block_poison_holds(mp, block)) {
        (void)tarn_mynewt_refuse(mp, block, FAULT_POISON);
        return false;
    }
    return true;
}

void *os_memblock_get(struct os_mempool *mp)
{
    if (mp == NULL) {
        return NULL;
    }
    void *block = get_any(mp);
    while (block != NULL && !is_fit(mp, block)) {
        block = get_any(mp);
    }
    return block;
}

/* ---- put ---- */

/* CHECK without a map: the free list is searched, as long as it holds. */
static face_fault search(const struct os_mempool *mp, const void *block)
{
    const void *at = mp->slh_first;
    for (uint32_t i = 0; i < mp->mp_num_free; i++) {
        if (!block_is_ours(mp, at)) {
            return FAULT_CHAIN;
        }
        if (at == block) {
            return FAULT_TWICE;
        }
        at = link_load(at);
    }
    return at == NULL ? FAULT_NONE : FAULT_CHAIN;
}

static face_fault is_free(const struct os_mempool *mp, const void *block)
{
    if (block == mp->slh_first) {
        return FAULT_TWICE;
    }
    if (face_has(mp, TARN_MYNEWT_MAP)) {
        return map_is_free(mp, block) ? FAULT_TWICE : FAULT_NONE;
    }
    return face_has(mp, TARN_MYNEWT_CHECK) ? search(mp, block) : FAULT_NONE;
}

/* What speaks against putting the block, inside the section. */
static face_fault objection(const struct os_mempool *mp, const void *block)
{
    if (!face_is_pool(mp)) {
        return FAULT_NO_POOL;
    }
    if (!block_is_ours(mp, block)) {
        bool inside = (uintptr_t)block - mp->mp_membuf_addr < mp->mp_num_blocks * mp->tarn_stride;
        return inside ? FAULT_NO_BLOCK : FAULT_OUTSIDE;
    }
    if (!head_holds(mp, mp->slh_first)) {
        return FAULT_CHAIN;
    }
    face_fault fault = is_free(mp, block);
    if (fault.what == NULL && mp->mp_num_free == mp->mp_num_blocks) {
        fault = FAULT_SURPLUS;
    }
    if (fault.what == NULL && face_has(mp, TARN_MYNEWT_GUARD) && !block_guard_holds(mp, block)) {
        fault = FAULT_GUARD;
    }
    return fault;
}

/* Looks at a put, and does it if asked to. */
static os_error_t try_put(struct os_mempool *mp, void *block, bool really)
{
    uintptr_t state = tarn_mynewt_enter();
    face_fault fault = objection(mp, block);
    if (fault.what != NULL) {
        tarn_mynewt_note_fault(mp, block, fault);
    } else if (really) {
        chain(mp, block);
    }
    tarn_mynewt_leave(state);
    return fault.what == NULL ? OS_OK : OS_INVALID_PARM;
}

os_error_t os_memblock_put_from_cb(struct os_mempool *mp, void *block_addr)
{
    if (mp == NULL || block_addr == NULL) {
        return OS_INVALID_PARM;
    }
    if (face_has(mp, TARN_MYNEWT_POISON)) {
        os_error_t result = try_put(mp, block_addr, false);
        if (result != OS_OK) {
            return result;
        }
        block_poison(mp, block_addr);
    }
    return try_put(mp, block_addr, true);
}

static os_mempool_put_fn *callback_of(const struct os_mempool *mp)
{
    bool extended = face_is_pool(mp) && (mp->mp_flags & OS_MEMPOOL_F_EXT) != 0;
    return extended ? ((const struct os_mempool_ext *)mp)->mpe_put_cb : NULL;
}

os_error_t os_memblock_put(struct os_mempool *mp, void *block_addr)
{
    os_mempool_put_fn *callback = mp == NULL || block_addr == NULL ? NULL : callback_of(mp);
    if (callback == NULL) {
        return os_memblock_put_from_cb(mp, block_addr);
    }
    os_error_t result = try_put(mp, block_addr, false);
    struct os_mempool_ext *mpe = (struct os_mempool_ext *)mp;
    return result != OS_OK ? result : callback(mpe, block_addr, mpe->mpe_put_arg);
}
