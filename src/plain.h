/* SPDX-License-Identifier: MIT */
/*
 * The plain shape: pools whose blocks have nothing but a header, and whose calls nobody watches.
 *
 * Most of what a pool may have is decided by its layout, and working out what it has not costs more than the operation.
 * For pools of this shape the operations of pool_ops.h are compiled once more with everything known but the engine's
 * own tables and the width of the check: granule 8, an aligned handle, no words, tails, copies, map, rows or cursor.
 * Pools that take a lock go the same way, a little longer, under it.
 *
 * PL1 What is done here is what the general operations would do: the same bytes in the image, the same answers. Where
 *     the words in front of the lists of parked blocks were written over it may serve, or leave to the engine, what
 *     they refuse or park; it does not leave the pool.
 * PL2 Whatever is not as it should be changes nothing here, and is answered by the general operations.
 * Bound: as the engine's operations.
 */
#ifndef TARN_SRC_PLAIN_H
#define TARN_SRC_PLAIN_H

#include "access.h"
#include "called.h"

static inline uint32_t plain_get(const tarn_pool *pool, uint32_t index)
{
    return word_load((const unsigned char *)pool + 4u * index);
}

/* A call on the pool may take a short way, as far as that is not told by its layout: it is open, and nobody listens or
 * is to be asked. */
static inline bool plain_is_open(const tarn_pool *pool)
{
    return TARN_ON(TARN_WITH_PLAIN) && pool != NULL && ((uintptr_t)pool & (IMAGE_ALIGNMENT - 1u)) == 0 &&
           word_load_shared(pool) == IMAGE_MAGIC_VALUE && word_load_shared(&tarn_event_kinds) == 0;
}

/* An open pool is a plain one, of those that take a lock or of those that take none. */
static inline bool plain_has_shape(const tarn_pool *pool, bool locked)
{
    uint32_t may = PLAIN_FIELDS | UINT32_C(1) << LAYOUT_PARKS;
    return (plain_get(pool, IMAGE_LAYOUT) & ~may) == (PLAIN_LAYOUT | (locked ? 0 : PLAIN_UNLOCKED));
}

static inline bool plain_admits(const tarn_pool *pool, bool locked)
{
    return plain_is_open(pool) && plain_has_shape(pool, locked);
}

/* It is one that parks, and the words that parking goes by, without looking at the seal, are what they were. */
static inline bool plain_admits_parking(const tarn_pool *pool, bool locked)
{
    uint32_t layout = plain_get(pool, IMAGE_LAYOUT);
    return layout_parks(layout) &&
           (plain_get(pool, IMAGE_PARK_WITNESS) ^ plain_get(pool, IMAGE_PARK_CHECK) ^ plain_get(pool, IMAGE_PARK_SIZE) ^
            plain_get(pool, IMAGE_PARK_TOGGLE) ^ plain_get(pool, IMAGE_KEY) ^
            (locked ? PARK_WITNESS_LOCKED : PARK_WITNESS_UNLOCKED)) == layout;
}

/* The image of a plain pool; engine is a constant. */
static inline image plain_open(tarn_pool *pool, uint32_t engine)
{
    unsigned char *base = (unsigned char *)pool;
    uint32_t fields = word_load(base + 4u * IMAGE_LAYOUT);
    fields &= UINT32_C(31) << LAYOUT_CHECK | UINT32_C(1) << LAYOUT_PARKS | PLAIN_UNLOCKED;
    image im = image_shape(fields | PLAIN_LAYOUT | (engine - 1u) << LAYOUT_ENGINE);
    im.base = base;
    im.key = word_load(base + 4u * IMAGE_KEY);
    im.first = word_load(base + 4u * IMAGE_FIRST);
    return im;
}

/* ---- parked blocks: park_pop() and park_push(), told that the granule is 8 and where to find the check ---- */

static inline unsigned char *plain_payload(tarn_pool *pool, size_t offset)
{
    return (unsigned char *)pool + 8u * offset;
}

/* What block_check() makes of offset and size, a header's bits of size alone. */
static inline uint32_t plain_mix(const tarn_pool *pool, size_t offset, uint32_t size)
{
    return block_mix(plain_get(pool, IMAGE_KEY), (uint32_t)offset, size);
}

static inline unsigned char *plain_head(tarn_pool *pool, size_t size)
{
    return (unsigned char *)pool + 4u * size + 4u * (IMAGE_PARK_HEADS - PARK_SMALLEST);
}

/* Requests below this many bytes are served by the list for this many: plain_unpark() takes them for blocks of one
 * granule, which are never parked, since for it to know better would cost every other request more. */
#define PLAIN_LEAST 5u

static inline size_t plain_size(size_t bytes)
{
    return (bytes + 11u) >> 3;
}

/* Where nothing was taken from a list, that is because the list, or what it goes by, is broken (PL2): it does not end
 * with park_none(). A layout that is broken may name lists that the pool is too small for. */
static inline bool plain_lists_broken(tarn_pool *pool, size_t bytes, bool locked)
{
    return layout_parks(plain_get(pool, IMAGE_LAYOUT)) &&
           (!plain_admits_parking(pool, locked) ||
            (bytes <= 8u * PARK_LARGEST - 4u &&
             word_load(plain_head(pool, plain_size(bytes < PLAIN_LEAST ? PLAIN_LEAST : bytes))) !=
                 4u * IMAGE_PARK_NONE >> 3));
}

/* A block of this size that is parked, now a used one; NULL if there is none. */
static inline void *plain_unpark(tarn_pool *pool, size_t bytes)
{
    if (bytes > 8u * PARK_LARGEST - 4u) {
        return NULL;
    }
    size_t size = plain_size(bytes);
    size_t offset = word_load(plain_head(pool, size));
    if ((uint32_t)offset - 1u >= plain_get(pool, IMAGE_TOP) ||
        plain_get(pool, IMAGE_TOP) > plain_get(pool, IMAGE_END)) {
        return NULL;
    }
    unsigned char *payload = plain_payload(pool, offset);
    word_forget();
    uint32_t header = word_load(payload - 4);
    uint32_t body = (uint32_t)size << BLOCK_SIZE_SHIFT;
    uint32_t check = plain_mix(pool, offset, body) ^ BLOCK_MARK * BLOCK_FLAG_MIX;
    check &= plain_get(pool, IMAGE_PARK_CHECK);
    if (((check + body + BLOCK_MARK) ^ header) & ~BLOCK_LEFT_FREE) {
        return NULL;
    }
    word_store(plain_head(pool, size), word_load(payload));
    word_store(payload - 4, header ^ plain_get(pool, IMAGE_PARK_TOGGLE));
    return payload;
}

/* Parks the block; false if that is not for it, or it is none. That the block is used, and that the next one says so,
 * are looked at in the checks: three bits of one differ with the flags, whatever else is in a header. */
static inline bool plain_park(tarn_pool *pool, unsigned char *payload)
{
    size_t distance = (size_t)(payload - (unsigned char *)pool);
    size_t offset = distance >> 3 | distance << (8u * sizeof distance - 3u); /* misaligned: behind any pool's end */
    if (offset - 1u >= plain_get(pool, IMAGE_TOP) || (uint32_t)offset < plain_get(pool, IMAGE_FIRST) ||
        plain_get(pool, IMAGE_TOP) > plain_get(pool, IMAGE_END)) {
        return false;
    }
    word_forget();
    uint32_t header = word_load(payload - 4);
    uint32_t bytes = header & plain_get(pool, IMAGE_PARK_SIZE);
    uint32_t wrong = plain_mix(pool, offset, bytes) ^ BLOCK_USED * BLOCK_FLAG_MIX ^ header;
    uint32_t end = (uint32_t)offset + (bytes >> 3);
    if ((wrong & plain_get(pool, IMAGE_PARK_CHECK)) != 0 || end > plain_get(pool, IMAGE_TOP) ||
        bytes - 8u * PARK_SMALLEST > 8u * (PARK_LARGEST - PARK_SMALLEST)) {
        return false;
    }
    word_forget();
    uint32_t right = word_load(payload + bytes - 4u);
    wrong =
        plain_mix(pool, end, right & plain_get(pool, IMAGE_PARK_SIZE)) ^ (right & BLOCK_FLAGS) * BLOCK_FLAG_MIX ^ right;
    if ((wrong & plain_get(pool, IMAGE_PARK_CHECK)) != 0) {
        return false;
    }
    word_forget();
    unsigned char *head = (unsigned char *)pool + (size_t)(bytes >> 1) + 4u * (IMAGE_PARK_HEADS - PARK_SMALLEST);
    uint32_t next = word_load(head);
    if (next >= plain_get(pool, IMAGE_TOP)) {
        return false;
    }
    uint32_t rest = word_load(plain_payload(pool, next) + 4) - (bytes >> 3);
    if (rest > plain_get(pool, IMAGE_PARK_LIMIT)) {
        return false;
    }
    word_store(payload, next);
    word_forget();
    word_store(payload + 4, rest);
    word_forget();
    word_store(payload - 4, header ^ plain_get(pool, IMAGE_PARK_TOGGLE));
    word_store(head, (uint32_t)offset);
    return true;
}

/* block_recognise() of a block that carries no pool, in a pool that was found whole, and the header to its right, which
 * has proved itself; false: whatever it would say. */
static inline bool plain_recognise(const image *im, const void *address, block_ref *found, uint32_t *right)
{
    size_t distance = (size_t)((const unsigned char *)address - im->base);
    size_t offset = distance >> 3 | distance << (8u * sizeof distance - 3u); /* misaligned: behind any pool's end */
    if (offset < im->first || offset >= image_get(im, IMAGE_TOP)) {
        return false;
    }
    uint32_t header = word_load((const unsigned char *)address - 4);
    uint32_t size = (header & im->body_mask) >> BLOCK_SIZE_SHIFT;
    uint32_t end = (uint32_t)offset + size;
    if (end > image_get(im, IMAGE_TOP) || end <= (uint32_t)offset) {
        return false;
    }
    uint32_t next = block_header(im, end);
    uint32_t expected = block_seal(im, (uint32_t)offset, size << BLOCK_SIZE_SHIFT | BLOCK_USED);
    uint32_t beside = block_seal(im, end, next & im->body_mask & ~BLOCK_LEFT_FREE);
    found->offset = (uint32_t)offset;
    found->size = size;
    found->header = header;
    *right = next;
    return (((header & ~BLOCK_LEFT_FREE) ^ expected) | (next ^ beside)) == 0;
}

#if TARN_ENGINES_IN == 1

static inline const tarn_engine *plain_engine(const tarn_pool *pool)
{
    uint32_t layout = word_load((const unsigned char *)pool + 4u * IMAGE_LAYOUT);
    return engine_is_in(layout_engine(layout)) ? engine_of_layout(layout) : NULL;
}

#else

static inline const tarn_engine *plain_engine(const tarn_pool *pool)
{
    return tarn_engines[layout_engine(word_load((const unsigned char *)pool + 4u * IMAGE_LAYOUT)) - 1u];
}

#endif

#endif
