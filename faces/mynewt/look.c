/* SPDX-License-Identifier: MIT */
/*
 * Looking at Mynewt pools: what they hold, which there are.
 * Bound: blocks (is_sane), listed pools.
 */
#include "buffer.h"

int os_memblock_from(const struct os_mempool *mp, const void *block_addr)
{
    return mp != NULL && face_is_pool(mp) && block_is_ours(mp, block_addr) ? 1 : 0;
}

/* ---- is_sane, inside the section ---- */

static bool free_block_is_sane(const struct os_mempool *mp, const void *block)
{
    return block_is_ours(mp, block) && (!face_has(mp, TARN_MYNEWT_MAP) || map_is_free(mp, block)) &&
           (!face_has(mp, TARN_MYNEWT_GUARD) || block_guard_holds(mp, block)) &&
           (!face_has(mp, TARN_MYNEWT_POISON) || block_poison_holds(mp, block));
}

static bool chain_is_sane(const struct os_mempool *mp)
{
    const void *block = mp->slh_first;
    for (uint32_t i = 0; i < mp->mp_num_free; i++) {
        if (!free_block_is_sane(mp, block)) {
            return false;
        }
        block = link_load(block);
    }
    return block == NULL;
}

static bool map_is_sane(const struct os_mempool *mp)
{
    uint32_t marked = 0;
    for (uint32_t i = 0; i < mp->mp_num_blocks; i++) {
        marked += map_is_free(mp, block_at(mp, i)) ? 1u : 0u;
    }
    return marked == mp->mp_num_free;
}

bool os_mempool_is_sane(const struct os_mempool *mp)
{
    if (mp == NULL) {
        return false;
    }
    uintptr_t state = tarn_mynewt_enter();
    bool sane = face_is_pool(mp) && mp->mp_num_free <= mp->mp_num_blocks && mp->mp_min_free <= mp->mp_num_free &&
                chain_is_sane(mp) && (!face_has(mp, TARN_MYNEWT_MAP) || map_is_sane(mp));
    tarn_mynewt_leave(state);
    return sane;
}

/* ---- the list ---- */

/* A listed pool, or NULL at the end of the list and where it leads to what is no pool. */
static struct os_mempool *listed(struct os_mempool *mp)
{
    return mp != NULL && face_is_pool(mp) ? mp : NULL;
}

static void describe(const struct os_mempool *mp, struct os_mempool_info *info)
{
    uint32_t length = 0;
    info->omi_block_size = (int)mp->mp_block_size;
    info->omi_num_blocks = mp->mp_num_blocks;
    info->omi_num_free = mp->mp_num_free;
    info->omi_min_free = mp->mp_min_free;
    while (mp->name != NULL && length < OS_MEMPOOL_INFO_NAME_LEN - 1 && mp->name[length] != '\0') {
        info->omi_name[length] = mp->name[length];
        length++;
    }
    info->omi_name[length] = '\0';
}

struct os_mempool *os_mempool_info_get_next(struct os_mempool *mp, struct os_mempool_info *omi)
{
    uintptr_t state = tarn_mynewt_enter();
    struct os_mempool *next = NULL;
    if (mp == NULL) {
        next = listed(g_os_mempool_list.stqh_first);
    } else if (face_is_pool(mp)) {
        next = listed(mp->mp_list.stqe_next);
    }
    if (next != NULL && omi != NULL) {
        describe(next, omi);
    }
    tarn_mynewt_leave(state);
    return next;
}

static bool same_name(const char *a, const char *b)
{
    a = a != NULL ? a : "";
    b = b != NULL ? b : "";
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

struct os_mempool *os_mempool_get(const char *mempool_name, struct os_mempool_info *info)
{
    uintptr_t state = tarn_mynewt_enter();
    struct os_mempool *mp = listed(g_os_mempool_list.stqh_first);
    while (mp != NULL && !same_name(mp->name, mempool_name)) {
        mp = listed(mp->mp_list.stqe_next);
    }
    if (mp != NULL && info != NULL) {
        describe(mp, info);
    }
    tarn_mynewt_leave(state);
    return mp;
}
