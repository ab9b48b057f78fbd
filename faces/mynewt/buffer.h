/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a pool's buffer.
 *
 *   [link][poison ...        ][guard]  [link] ...  [guard]  [map]
 *   |<----- payload ------->|
 *   |<--------- stride ------------->|
 *
 * The link is there while the block is free, the poison with POISON while it is free, the guard with GUARD at all
 * times, the map behind the last block with MAP: a bit per block, set while it is free. Links are native pointers, for
 * all to read; blocks may be aligned to less than a pointer is.
 *
 * Bound: constant, but for what fills or looks at a payload.
 */
#ifndef TARN_FACE_MYNEWT_BUFFER_H
#define TARN_FACE_MYNEWT_BUFFER_H

#include "../block_list.h"
#include "face.h"
#include "word.h"

#define POISON_WORD UINT32_C(0xDE7EC7ED)
#define GUARD_WORD UINT32_C(0xBAFF1ED1)

/* ---- places ---- */

static inline unsigned char *block_at(const struct os_mempool *mp, uint32_t index)
{
    return (unsigned char *)mp->mp_membuf_addr + index * mp->tarn_stride;
}

/* The block's number; for an address at which none begins, a number that no block has. */
static inline uintptr_t block_index(const struct os_mempool *mp, const void *address)
{
    return stride_number((uintptr_t)address - mp->mp_membuf_addr, mp->tarn_inverse, mp->tarn_shift);
}

static inline bool block_is_ours(const struct os_mempool *mp, const void *address)
{
    return block_index(mp, address) < mp->mp_num_blocks;
}

static inline uint32_t pool_alignment(const struct os_mempool *mp)
{
    return mp->tarn_options & 0xFFu;
}

static inline uintptr_t block_payload(const struct os_mempool *mp)
{
    return mp->tarn_stride - (face_has(mp, TARN_MYNEWT_GUARD) ? pool_alignment(mp) : 0);
}

/* ---- poison and guard ---- */

static inline void block_poison(const struct os_mempool *mp, unsigned char *block)
{
    uintptr_t end = block_payload(mp);
    for (uintptr_t at = sizeof(void *); at < end; at += 4) {
        word_store(block + at, POISON_WORD);
    }
}

static inline bool block_poison_holds(const struct os_mempool *mp, const unsigned char *block)
{
    uintptr_t end = block_payload(mp);
    uintptr_t at = sizeof(void *);
    while (at < end && word_load(block + at) == POISON_WORD) {
        at += 4;
    }
    return at >= end;
}

static inline bool block_guard_holds(const struct os_mempool *mp, const unsigned char *block)
{
    return word_load(block + block_payload(mp)) == GUARD_WORD;
}

/* ---- map ---- */

static inline uint32_t map_bytes(const struct os_mempool *mp)
{
    return face_has(mp, TARN_MYNEWT_MAP) ? (mp->mp_num_blocks + 31u) / 32u * 4u : 0;
}

static inline unsigned char *map_word(const struct os_mempool *mp, uintptr_t index)
{
    return block_at(mp, mp->mp_num_blocks) + index / 32u * 4u;
}

static inline bool map_is_free(const struct os_mempool *mp, const void *block)
{
    uintptr_t index = block_index(mp, block);
    return (word_load(map_word(mp, index)) >> (index % 32u) & 1u) != 0;
}

static inline void map_turn(const struct os_mempool *mp, const void *block)
{
    uintptr_t index = block_index(mp, block);
    unsigned char *word = map_word(mp, index);
    word_store(word, word_load(word) ^ UINT32_C(1) << (index % 32u));
}

#endif
