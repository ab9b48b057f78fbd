/* SPDX-License-Identifier: MIT */
/*
 * Init, get and put of block pools in a build where code is what counts (BLOCKS_SMALL): plain pools alone, nobody
 * listens, no pool is listed. What blocks_init.c and blocks_full.c do, in one straight line each: the same answers, the
 * same bytes in the image.
 *
 * S1 A refused call changes nothing but the refusal count.
 * S2 Get and put look at the header, by its sum, inside the critical section: what they rely on is what they saw.
 * S3 A head or a link that leads to no block is not followed.
 * Bound: constant.
 */
#include "blocks.h"

#if BLOCKS_SMALL

#include "blocks_full.h"

/* ---- init ---- */

typedef struct small_plan {
    uint32_t stride, alignment;
    uint32_t count; /* 0: as many as there is room for */
} small_plan;

/* What does not depend on the memory. */
SMALL_IN_CALLERS static inline tarn_status small_plan_make(small_plan *p, size_t size,
                                                           const tarn_blocks_options *options)
{
    if (size > UINT32_MAX - 8192u) {
        return TARN_E_TOO_LARGE;
    }
    uint32_t usable = blocks_usable((uint32_t)size);
    p->alignment = (usable | 16u) & (0u - (usable | 16u));
    p->count = 0;
    if (options != NULL) {
        p->count = options->count;
        if (options->alignment != 0) {
            p->alignment = options->alignment;
        }
        if ((p->alignment & (p->alignment - 1u)) != 0 || p->alignment - 4u > 4092u || options->slots > 255u ||
            options->flags > (BLOCKS_FLAGS_IN_IMAGE | TARN_BLOCKS_UNREGISTERED)) {
            return TARN_E_ARGUMENT;
        }
        if (options->slots != 0 || (options->flags & BLOCKS_FLAGS_IN_IMAGE) != 0) {
            return TARN_E_UNAVAILABLE;
        }
    }
    p->stride = (usable + p->alignment - 1u) & (0u - p->alignment);
    return TARN_OK;
}

/* Offset of the first block at this address. */
static inline uint32_t small_first(uintptr_t address, uint32_t alignment)
{
    uintptr_t first = (address + BLOCKS_HEADER_BYTES + alignment - 1u) & ~(uintptr_t)(alignment - 1u);
    return (uint32_t)(first - address);
}

size_t tarn_blocks_bytes(size_t count, size_t size, const tarn_blocks_options *options)
{
    small_plan p;
    if (count == 0 || count > blocks_count_limit() || small_plan_make(&p, size, options) != TARN_OK) {
        return 0;
    }
    uint64_t bytes = small_first(0, p.alignment) + (uint64_t)count * p.stride;
    return bytes <= UINT32_MAX ? (size_t)bytes : 0;
}

tarn_status tarn_blocks_init_interface(tarn_blocks **pool, void *memory, size_t bytes, size_t size,
                                       const tarn_blocks_options *options, uint32_t interface_word)
{
    unsigned char *b = (unsigned char *)memory;
    small_plan p;
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    *pool = NULL;
    if (interface_word != TARN_BLOCKS_INTERFACE) {
        return TARN_E_INTERFACE;
    }
    if (memory == NULL) {
        return TARN_E_NULL;
    }
    tarn_status status = small_plan_make(&p, size, options);
    if (status != TARN_OK) {
        return status;
    }
    if ((uintptr_t)b + bytes < bytes) {
        return TARN_E_ARGUMENT;
    }
    if (((uintptr_t)b & 7u) != 0) {
        return TARN_E_MISALIGNED;
    }
    if (bytes > UINT32_MAX) {
        return TARN_E_TOO_LARGE;
    }
    uint32_t first = small_first((uintptr_t)b, p.alignment);
    uint32_t room = bytes > first ? ((uint32_t)bytes - first) / p.stride : 0;
    uint32_t count = p.count != 0 ? p.count : room;
    if (count - 1u >= room) { /* none, or more than there is room for */
        return TARN_E_TOO_SMALL;
    }
    if (count > blocks_count_limit()) {
        return TARN_E_TOO_LARGE;
    }
    uint32_t shift = lowest_bit(p.stride);
    blocks_list_reset(b);
    blocks_set(b, BLOCKS_REFUSALS, 0);
    blocks_set(b, BLOCKS_MARK, 0);
    blocks_set(b, BLOCKS_LAYOUT,
               (uint32_t)BLOCKS_FORMAT << BLOCKS_LAYOUT_FORMAT | highest_bit(p.alignment) << BLOCKS_LAYOUT_ALIGNMENT);
    blocks_set(b, BLOCKS_FIRST, first);
    blocks_set(b, BLOCKS_INVERSE, blocks_inverse_of(p.stride >> shift));
    blocks_set(b, BLOCKS_SHIFT, shift | (highest_bit(count) + 1u) << 8);
    blocks_set(b, BLOCKS_STRIDE, p.stride);
    blocks_set(b, BLOCKS_COUNT, count);
    blocks_set(b, BLOCKS_SIZE, (uint32_t)size);
    blocks_set(b, BLOCKS_BYTES, (uint32_t)bytes);
    blocks_set(b, BLOCKS_SUM, tarn_blocks_sum(b));
    word_store_shared(b, BLOCKS_PLAIN);
    *pool = (tarn_blocks *)memory;
    return TARN_OK;
}

/* ---- get and put ---- */

/* As tarn_blocks_note_mark(), which is 4 bytes longer here. */
static inline void small_note_mark(unsigned char *b)
{
    uint32_t mark = blocks_word(b, BLOCKS_MARK);
    uint32_t used = blocks_used(b);
    if (mark == 0) {
        return;
    }
    if (mark <= used) {
        mark = used + 1u;
    }
    if (used >= blocks_fresh(b)) {
        mark = 0;
        word_store_shared(b, BLOCKS_PLAIN);
    }
    blocks_set(b, BLOCKS_MARK, mark);
}

/* In the critical section, of an admitted pool: the offset of a block, noted as out. False if there is none, or the
 * head or its link is damaged: nobody listens to be told which. */
static inline bool small_take(unsigned char *b, uint32_t *offset)
{
    uint32_t first = blocks_word(b, BLOCKS_HEAD);
    uint32_t fresh = blocks_fresh(b);
    if (first != 0) {
        if (blocks_number(b, first) >= fresh) {
            return false;
        }
        uint32_t next = word_load(b + first);
        if (TARN_ON(TARN_BLOCKS_CHECKS) && next != 0 && blocks_number(b, next) >= fresh) {
            return false;
        }
        blocks_set(b, BLOCKS_HEAD, next);
    } else {
        if (fresh >= blocks_word(b, BLOCKS_COUNT)) {
            return false;
        }
        first = blocks_offset(b, fresh);
        word_store_shared(b + 4u * BLOCKS_FRESH, fresh + 1u); /* who looks at the pool reads it outside the section */
    }
    blocks_count_taken(b, 1);
    small_note_mark(b);
    *offset = first;
    return true;
}

void *tarn_blocks_get(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    void *block = NULL;
    uintptr_t state = blocks_enter(b);
    if (tarn_blocks_admit(pool) == TARN_OK) {
        uint32_t offset;
        if (small_take(b, &offset)) {
            block = b + offset;
        } else {
            blocks_increment(b + 4u * BLOCKS_REFUSALS);
        }
    }
    blocks_leave(b, state);
    return block;
}

tarn_status tarn_blocks_put(tarn_blocks *pool, void *block)
{
    unsigned char *b = blocks_image(pool);
    uint32_t number;
    uintptr_t state = blocks_enter(b);
    tarn_status status = tarn_blocks_admit(pool);
    if (status == TARN_OK) {
        status = blocks_number_of(b, block, blocks_fresh(b), &number);
        if (status == TARN_OK && !blocks_push(b, block, number)) {
            status = TARN_E_DOUBLE_FREE;
        }
        if (status != TARN_OK) {
            blocks_increment(b + 4u * BLOCKS_REFUSALS);
        }
    }
    blocks_leave(b, state);
    return status;
}

#endif
