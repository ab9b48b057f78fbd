/* SPDX-License-Identifier: MIT */
/* What the tests of policies share: a pool of a policy, what it told, and what a closed one does. */
#ifndef TARN_TESTS_UNIT_POLICY_H
#define TARN_TESTS_UNIT_POLICY_H

#include "anatomy.h"
#include "tarn/account.h"
#include "tarn/regions.h"
#include "tarn/report.h"
#include "tarn/why.h"
#include "test.h"

enum { BYTES = 4096, SIZE = 43, PARTS = 512 };

static _Alignas(16) unsigned char memory[BYTES];
static watch seen;
static uint32_t told_rule; /* of the report that was made when CORRUPT was raised last */
static uint32_t calls;

/* PT4: a sink that takes the lock. */
static inline void on_event(const tarn_event *event, void *context)
{
    (void)context;
    if (event->kind == TARN_EVENT_CORRUPT) {
        tarn_report report;
        tarn_status status = tarn_report_about(event->pool, event->block, event->status, &report);
        assert_true(status == TARN_OK || status == TARN_E_NOT_A_POOL); /* a heap */
        told_rule = report.rule;
    }
}

/* Without tarn_repairs_on() nobody looks for what a pointer was that is no block: CLOSE leaves the pool open. */
static inline void close_without_check(void)
{
    tarn_pool *pool;
    tarn_options options = {.policy = TARN_POLICY_CLOSE, .recognition = TARN_RECOGNISE_KEYED};
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    unsigned char *at = tarn_alloc(pool, SIZE);
    at[-3] ^= 0x02;
    assert_int_equal(tarn_free(pool, at), TARN_E_NOT_A_BLOCK);
    assert_non_null(tarn_alloc(pool, SIZE));
}

static inline int begin(void **state)
{
    (void)state;
    tarn_pool *pool;
    close_without_check();
    tarn_options options = {.policy = TARN_POLICY_REPAIR};
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_E_UNAVAILABLE);
    assert_int_equal(tarn_repairs_on(), TARN_OK);
    watch_begin(&seen);
    return tarn_events_add(on_event, NULL);
}

static inline int end(void **state)
{
    (void)state;
    watch_end(&seen);
    return tarn_events_remove(on_event, NULL);
}

static inline tarn_pool *make(uint32_t engine, uint32_t policy, uint32_t flags, uint32_t words)
{
    tarn_pool *pool;
    tarn_options options = {.engine = engine, .flags = flags, .policy = policy, .extension_words = words};
    memset(memory, 0, BYTES); /* headers of the pool before, which had the same key, would be blocks again */
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    watch_clear(&seen);
    told_rule = 0;
    return pool;
}

static inline tarn_stats stats_of(const tarn_pool *pool)
{
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    return stats;
}

static inline uint32_t state_at(const tarn_pool *pool, const void *at)
{
    tarn_block record;
    assert_int_equal(tarn_block_at(pool, at, &record), TARN_OK);
    return record.state;
}

static inline uint32_t told(uint32_t kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < seen.count && i < WATCH_MAX; i++) {
        count += seen.events[i].kind == kind;
    }
    return count;
}

/* Everything but looking is refused, until the pool is sound. */
static inline void is_closed(tarn_pool *pool, void *block)
{
    tarn_verdict verdict;
    tarn_stats stats = stats_of(pool);
    assert_true(stats.closed == 1 && stats.policy == TARN_POLICY_CLOSE && stats.largest_request == 0);
    assert_null(tarn_alloc(pool, 8));
    assert_int_equal(watch_status(&seen, TARN_EVENT_FAIL), TARN_E_CLOSED);
    assert_null(tarn_realloc(pool, block, 8));
    assert_int_equal(tarn_free(pool, block), TARN_E_CLOSED);
    assert_int_equal(watch_status(&seen, TARN_EVENT_REFUSE), TARN_E_CLOSED);
    assert_int_equal(tarn_resize(pool, block, 8), TARN_E_CLOSED);
    assert_int_equal(tarn_recognise(pool, block), TARN_E_CLOSED);
    assert_int_equal(tarn_usable(pool, block), 0);
    assert_int_equal(tarn_reset(pool), TARN_E_CLOSED);
    assert_int_equal(tarn_grow(pool, BYTES), TARN_E_CLOSED);
    assert_int_equal(tarn_largest(pool), 0);
    assert_int_equal(tarn_why(pool, 8, 0, &verdict), TARN_OK);
    assert_true(verdict.verdict == TARN_WHY_DAMAGED && verdict.status == TARN_E_CLOSED);
    assert_int_equal(tarn_check(pool, NULL), TARN_E_DAMAGED);
    assert_int_equal(tarn_reopen(pool, NULL), TARN_E_DAMAGED);
    assert_int_equal(stats_of(pool).closed, 1);
    calls += 12;
}

#endif
