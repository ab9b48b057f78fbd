/* SPDX-License-Identifier: MIT */
/*
 * What the faces share whose pools are lists of native pointers in the caller's buffer, as the originals document them
 * (Mynewt, LiteOS membox): links, the number of a block, and when a link may be used.
 *
 * A link, the head included, is used after it has proved itself NULL or the start of a block; so a call never leaves
 * the buffer, whatever free blocks were overwritten with. Bound: constant.
 */
#ifndef TARN_FACES_BLOCK_LIST_H
#define TARN_FACES_BLOCK_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "word.h"

#define POINTER_BITS (8u * (uint32_t)sizeof(uintptr_t))

/* ---- links: blocks may be aligned to less than a pointer is ---- */

#if defined(__GNUC__)

typedef void *aliasing_link __attribute__((may_alias, aligned(4)));

static inline void *link_load(const void *block)
{
    return *(const aliasing_link *)block;
}

static inline void link_store(void *block, void *next)
{
    *(aliasing_link *)block = next;
}

#else

static inline void *link_load(const void *block)
{
    void *next;
    memcpy(&next, block, sizeof next);
    return next;
}

static inline void link_store(void *block, void *next)
{
    memcpy(block, &next, sizeof next);
}

#endif

/* ---- numbers ---- */

/* Modulo 2^(bits of a pointer), by Newton's iteration: an odd number is its own inverse to three bits, and each step
 * doubles them. */
static inline uintptr_t stride_inverse(uintptr_t odd)
{
    uintptr_t inverse = odd;
    for (uint32_t bits = 3; bits < POINTER_BITS; bits *= 2) {
        inverse *= 2u - odd * inverse;
    }
    return inverse;
}

/* The number of the block at a distance from the first; where none begins, a number that no block has. With stride =
 * odd * 2^shift, shift not 0, the product with the odd part's inverse undoes the multiplication by it, and the rotation
 * brings what is left over of the other part to the top. */
static inline uintptr_t stride_number(uintptr_t distance, uintptr_t inverse, uint32_t shift)
{
    uintptr_t product = distance * inverse;
    return product >> shift | product << (POINTER_BITS - shift);
}

/* ---- the list; whether a link is the start of a block of the pool, the face tells ---- */

/* Whether the head can be one of so many free blocks. */
static inline bool list_head_holds(const void *head, bool is_block, uint32_t free, uint32_t count)
{
    return free == 0 ? head == NULL : free <= count && is_block;
}

/* The same of what comes after it. */
static inline bool list_next_holds(const void *next, bool is_block, const void *head, uint32_t free)
{
    return free == 1 ? next == NULL : next != head && is_block;
}

#endif
