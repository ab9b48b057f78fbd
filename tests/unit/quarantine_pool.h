/* SPDX-License-Identifier: MIT */
/* What the tests of the quarantine share: a pool in memory whose parts can be reached, and its blocks. */
#ifndef TARN_TESTS_UNIT_QUARANTINE_POOL_H
#define TARN_TESTS_UNIT_QUARANTINE_POOL_H

#include "tarn/account.h"
#include "tarn/report.h"
#include "tarn/why.h"
#include "test.h"

enum { BYTES = 4096, SIZE = 72 };

static _Alignas(4096) unsigned char memory[BYTES];
static watch seen;
static uint32_t engines[3];
static uint32_t engine_count;

static inline tarn_pool *make_with(const tarn_options *options)
{
    tarn_pool *pool = NULL;
    memset(memory, 0x31, BYTES);
    assert_int_equal(tarn_init(&pool, memory, BYTES, options), TARN_OK);
    assert_sound(pool, "made");
    return pool;
}

static inline tarn_pool *make(uint32_t engine, uint32_t words, uint32_t flags, size_t quarantine)
{
    tarn_options options = {.engine = engine, .extension_words = words, .flags = flags, .quarantine = quarantine};
    return make_with(&options);
}

static inline tarn_block block_at(const tarn_pool *pool, const void *at)
{
    tarn_block record;
    assert_int_equal(tarn_block_at(pool, at, &record), TARN_OK);
    return record;
}

static inline tarn_stats stats_of(const tarn_pool *pool)
{
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    return stats;
}

static inline void *take(tarn_pool *pool, size_t size)
{
    unsigned char *at = tarn_alloc(pool, size);
    assert_non_null(at);
    memset(at, 0x77, size);
    return at;
}

static inline void give(tarn_pool *pool, void *at)
{
    assert_int_equal(tarn_free(pool, at), TARN_OK);
    assert_sound(pool, "given back");
}

#endif
