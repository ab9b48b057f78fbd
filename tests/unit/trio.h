/* SPDX-License-Identifier: MIT */
/* What the tests of reports share: a pool with three neighbours, reports of it live and from views, and their text. */
#ifndef TARN_TESTS_UNIT_TRIO_H
#define TARN_TESTS_UNIT_TRIO_H

#include "tarn/port.h"
#include "tarn/report.h"

#include "regions.h"
#include "test.h"

enum { BYTES = 4096, SIZE = 40 };

static _Alignas(4096) unsigned char pool_memory[BYTES];
static _Alignas(4096) unsigned char swapped[BYTES];

/* ---- delivery: this program takes its reports itself ---- */

static tarn_report delivered;
static uint32_t deliveries;

void tarn_port_report(const tarn_report *report)
{
    delivered = *report;
    deliveries++;
}

/* ---- a pool with three neighbours a, b, c ---- */

typedef struct trio {
    tarn_pool *pool;
    unsigned char *a, *b, *c;
    uint32_t lead;
} trio;

static inline trio make_trio(uint32_t engine, uint32_t words)
{
    tarn_options options = {.engine = engine, .extension_words = words};
    trio t;
    memset(pool_memory, 0, sizeof pool_memory);
    assert_int_equal(tarn_init(&t.pool, pool_memory, BYTES, &options), TARN_OK);
    t.a = tarn_alloc(t.pool, SIZE);
    t.b = tarn_alloc(t.pool, SIZE);
    t.c = tarn_alloc(t.pool, SIZE);
    t.lead = 4u + 4u * words;
    if (words != 0) {
        assert_int_equal(tarn_owner_set(t.pool, t.a, TARN_OWNER(1, 11)), TARN_OK);
        assert_int_equal(tarn_owner_set(t.pool, t.b, TARN_OWNER(2, 22)), TARN_OK);
        assert_int_equal(tarn_owner_set(t.pool, t.c, TARN_OWNER(3, 33)), TARN_OK);
    }
    return t;
}

static inline void end_trio(const trio *t)
{
    (void)tarn_deinit(t->pool);
}

/* The same words in the other byte order; payloads are words here too. */
static inline void swap_image(void)
{
    for (size_t i = 0; i < BYTES; i += 4) {
        for (size_t j = 0; j < 4; j++) {
            swapped[i + j] = pool_memory[i + 3 - j];
        }
    }
}

static inline void forget_places(tarn_report *report)
{
    report->pool = report->image = report->anchor = report->address = report->other = 0;
    report->task = TARN_TASK_NONE;
}

/* The report about the first damage, live and from views (RP6). */
static inline tarn_report damage_report(const trio *t)
{
    tarn_report live;
    tarn_report seen;
    tarn_view view;
    assert_int_equal(tarn_report_about(t->pool, NULL, TARN_E_DAMAGED, &live), TARN_OK);
    assert_int_equal(live.version, TARN_REPORT_VERSION);
    assert_int_equal(live.pool, (uintptr_t)t->pool);
    assert_int_equal(live.anchor, (uintptr_t)tarn_alloc);
    tarn_report bare = live;
    forget_places(&bare);
    assert_int_equal(tarn_view_open(&view, pool_memory, BYTES), TARN_OK);
    assert_int_equal(tarn_view_report(&view, TARN_NOWHERE, TARN_E_DAMAGED, &seen), TARN_OK);
    assert_memory_equal(&seen, &bare, sizeof seen);
    swap_image();
    assert_int_equal(tarn_view_open(&view, swapped, BYTES), TARN_OK);
    assert_int_equal(tarn_view_report(&view, TARN_NOWHERE, TARN_E_DAMAGED, &seen), TARN_OK);
    assert_int_equal(seen.rule, bare.rule);
    assert_int_equal(seen.offset, bare.offset);
    return live;
}

typedef void on_trio(const trio *t, uint32_t words);

static inline void on_trios(on_trio *run)
{
    uint32_t built[3];
    uint32_t count = engines_built(built);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t words = 0; words <= 4u; words++) {
            trio t = make_trio(built[i], words);
            run(&t, words);
            end_trio(&t);
        }
    }
}

static inline void is_block(const tarn_block *block, const unsigned char *payload, uint32_t owner)
{
    assert_ptr_equal(pool_memory + block->offset, payload);
    assert_int_equal(block->owner, owner);
}

#endif
