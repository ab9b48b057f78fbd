/* SPDX-License-Identifier: MIT */
/* What the tests of block pools share: a pool, its check and its counts. */
#ifndef TARN_TESTS_UNIT_BLOCKS_POOL_H
#define TARN_TESTS_UNIT_BLOCKS_POOL_H

#include "tarn/blocks.h"
#include "tarn/port.h"
#include "tarn/report.h"
#include "test.h"

enum { ROOM = 65536, COUNT = 10 };

static _Alignas(4096) unsigned char memory[ROOM];

static inline tarn_blocks *make(size_t size, const tarn_blocks_options *options)
{
    tarn_blocks *pool = NULL;
    memset(memory, 0xA5, sizeof memory);
    assert_int_equal(tarn_blocks_init(&pool, memory, sizeof memory, size, options), TARN_OK);
    assert_ptr_equal(pool, memory);
    return pool;
}

static inline void assert_blocks_sound(const tarn_blocks *pool)
{
    tarn_finding found;
    if (tarn_blocks_check(pool, &found) != TARN_OK) {
        fail_msg("rule B%u at byte %lu: expected 0x%x, found 0x%x", (unsigned)found.rule - 31u,
                 (unsigned long)found.offset, (unsigned)found.expected, (unsigned)found.found);
    }
}

static inline tarn_stats stats_of(const tarn_blocks *pool)
{
    tarn_stats stats;
    assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
    return stats;
}

#endif
