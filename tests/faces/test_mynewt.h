/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the Mynewt face share: pools that end at a page which faults, and the faults that a call tells.
 *
 * A line `Covers: ENTRY ENTRY ...` in the comment of a test names what of the original's interface, and which cases in
 * which it asserts, crashes or corrupts, the test holds; docs/tables/mynewt-coverage.md is made from these lines.
 */
#ifndef TARN_TEST_MYNEWT_H
#define TARN_TEST_MYNEWT_H

#define _DEFAULT_SOURCE

#include <stdlib.h>
#include <unistd.h>

#include "test.h"

#include "os/os_mempool.h"
#include "tarn/mynewt.h"

/* ---- faults ---- */

typedef struct fault {
    const struct os_mempool *mp;
    const void *block;
    const char *what;
} fault;

static struct {
    uint32_t count;
    fault last[8];
} told;

static inline void forget_faults(void)
{
    told.count = 0;
}

#ifndef TEST_MYNEWT_OWN_FAULT
void tarn_mynewt_fault(const struct os_mempool *mp, const void *block, const char *what)
{
    told.last[told.count % 8u] = (fault){mp, block, what};
    told.count++;
}
#endif

/* Exactly one fault since the last time, and it is this one. */
static inline void assert_told(const struct os_mempool *mp, const void *block, const char *what)
{
    if (told.count != 1 || told.last[0].mp != mp || told.last[0].block != block ||
        strcmp(told.last[0].what, what) != 0) {
        fail_msg("%u faults, the first \"%s\" of %p, not one \"%s\" of %p", told.count,
                 told.count == 0 ? "" : told.last[0].what, told.count == 0 ? NULL : told.last[0].block, what, block);
    }
    forget_faults();
}

static inline void assert_nothing_told(void)
{
    if (told.count != 0) {
        fail_msg("%u faults, the first \"%s\" of %p", told.count, told.last[0].what, told.last[0].block);
    }
}

/* ---- pools ---- */

#define WORD (TARN_MYNEWT_INTERFACE | 4u)

/* A pool whose buffer has exactly the bytes that this takes by the documented arithmetic, and a page behind it that
 * faults. */
typedef struct bench {
    struct os_mempool_ext ext;
    struct os_mempool *mp;
    guarded memory;
    unsigned char *buffer;
    size_t bytes;
    size_t stride;
    size_t payload; /* of a block, guard excluded */
} bench;

static inline size_t round_to(size_t size, size_t multiple)
{
    return (size + multiple - 1u) / multiple * multiple;
}

static inline void bench_open(bench *b, uint16_t blocks, uint32_t block_size, const char *name, uint32_t options)
{
    size_t alignment = options & 0xFFu;
    b->payload = round_to(block_size < sizeof(void *) ? sizeof(void *) : block_size, alignment);
    b->stride = b->payload + ((options & TARN_MYNEWT_GUARD) != 0 ? alignment : 0);
    b->bytes = b->stride * blocks + ((options & TARN_MYNEWT_MAP) != 0 ? (blocks + 31u) / 32u * 4u : 0);
    size_t mapped = round_to(b->bytes == 0 ? 16 : b->bytes, 16);
    b->memory = guarded_map(mapped);
    /* The last byte is the one before the page, as far as the alignment allows. */
    b->buffer = b->memory.bytes + (mapped - b->bytes) / alignment * alignment;
    b->mp = &b->ext.mpe_mp;
    memset(&b->ext, 0xA5, sizeof b->ext);
    memset(b->buffer, 0x5A, b->bytes);
    assert_int_equal(tarn_mynewt_init(b->mp, blocks, block_size, b->buffer, name, options), OS_OK);
}

static inline void bench_close(bench *b)
{
    (void)os_mempool_unregister(b->mp);
    assert_true(guarded_intact(&b->memory));
    guarded_unmap(&b->memory);
}

static inline void *block_number(const bench *b, size_t index)
{
    return b->buffer + index * b->stride;
}

/* The free list as its bytes say it, in blocks from the head; fails if it leaves the buffer or does not end. */
static inline uint32_t chain_length(const bench *b)
{
    uint32_t count = 0;
    const unsigned char *at = (const unsigned char *)SLIST_FIRST(b->mp);
    while (at != NULL) {
        assert_true(at >= b->buffer && at < b->buffer + b->stride * b->mp->mp_num_blocks);
        assert_int_equal((size_t)(at - b->buffer) % b->stride, 0);
        assert_true(++count <= b->mp->mp_num_blocks);
        const unsigned char *next;
        memcpy(&next, at, sizeof next);
        at = next;
    }
    return count;
}

/* Every block is free, the chain in order of address: how a pool is after init and after clear. */
static inline void assert_fresh(const bench *b)
{
    const unsigned char *at = (const unsigned char *)SLIST_FIRST(b->mp);
    for (uint32_t i = 0; i < b->mp->mp_num_blocks; i++) {
        assert_ptr_equal(at, block_number(b, i));
        memcpy(&at, at, sizeof(void *));
    }
    assert_null(at);
    assert_int_equal(b->mp->mp_num_free, b->mp->mp_num_blocks);
    assert_int_equal(b->mp->mp_min_free, b->mp->mp_num_blocks);
    assert_true(os_mempool_is_sane(b->mp));
}

#endif
