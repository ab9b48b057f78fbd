/* SPDX-License-Identifier: MIT */
/*
 * Low water that lasts, and the recorder: what each tells, when, and how often.
 *
 * W1 called once the pool has been short for the time, by the program's clock, and once per crossing
 * W2 a dip shorter than that is not told
 * R1 every event is one record, in order, with what was in it; what the writer drops is counted and leaves a gap
 * R2 the head comes first, whatever other threads do meanwhile; a recorder for which there is no room says so
 */
#include "tarn/hooks.h"
#include "tarn/port.h"
#include "tarn/watch.h"
#include "test.h"

#include <pthread.h>

enum { BYTES = 8192 };

static _Alignas(16) unsigned char memory[BYTES];
static uint32_t now;
static uint32_t calls;
static uint64_t told_free;
static uint32_t told_time;

static uint32_t clock_now(void *context)
{
    (void)context;
    return now;
}

static void low(tarn_watch *w, uint64_t free, uint32_t milliseconds)
{
    calls++;
    told_free = free;
    told_time = milliseconds;
    void *block = tarn_alloc(w->pool, 8); /* a callback may use the pool */
    assert_int_equal(tarn_free(w->pool, block), TARN_OK);
}

static tarn_pool *make(tarn_watch *w, uint32_t milliseconds)
{
    tarn_pool *pool = NULL;
    assert_int_equal(tarn_init(&pool, memory, BYTES, NULL), TARN_OK);
    *w = (tarn_watch){.pool = pool,
                      .measure = tarn_watch_pool,
                      .threshold = 3000,
                      .hysteresis = 1000,
                      .milliseconds = milliseconds,
                      .clock = clock_now,
                      .low = low};
    now = UINT32_MAX - 5u; /* the clock wraps round */
    calls = 0;
    assert_listening(tarn_watch_on(w));
    return pool;
}

/* W1, W2 */
static void lasting_low_water_is_told_once(void **state)
{
    tarn_watch w;
    (void)state;
    tarn_pool *pool = make(&w, 100);
    void *block = tarn_alloc(pool, 5500);
    now += 99;
    assert_false(tarn_watch_poll(&w));
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_false(tarn_watch_poll(&w)); /* it was a dip */
    now += 100;
    block = tarn_alloc(pool, 5500);
    assert_false(tarn_watch_poll(&w));
    now += 100;
    void *small = tarn_alloc(pool, 8); /* the event is a look */
    assert_true(calls == 1 && told_time == 100 && told_free < 3000);
    now += 1000;
    assert_false(tarn_watch_poll(&w));
    assert_int_equal(tarn_resize(pool, block, 5000), TARN_OK); /* over the threshold, not over the hysteresis */
    assert_false(tarn_watch_poll(&w));
    assert_int_equal(tarn_resize(pool, block, 5500), TARN_OK);
    now += 1000;
    assert_false(tarn_watch_poll(&w));
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_false(tarn_watch_poll(&w)); /* risen: armed again */
    assert_non_null(tarn_alloc(pool, 5500));
    now += 100;
    assert_true(tarn_watch_poll(&w));
    assert_int_equal(calls, 2);
    assert_int_equal(tarn_watch_off(&w), TARN_OK);
    assert_int_equal(tarn_watch_off(&w), TARN_E_ARGUMENT);
    assert_int_equal(tarn_free(pool, small), TARN_OK);
}

static void without_a_time_the_crossing_is_told(void **state)
{
    tarn_watch w;
    (void)state;
    tarn_pool *pool = make(&w, 0);
    assert_non_null(tarn_alloc(pool, 5500));
    assert_int_equal(calls, 1);
    assert_int_equal(tarn_watch_off(&w), TARN_OK);
    w.milliseconds = 1;
    w.clock = NULL;
    assert_int_equal(tarn_watch_on(&w), TARN_E_ARGUMENT);
    w.low = NULL;
    assert_int_equal(tarn_watch_on(&w), TARN_E_NULL);
    assert_false(tarn_watch_poll(NULL));
}

static void block_pools_are_watched_by_their_measure(void **state)
{
    tarn_blocks *blocks = NULL;
    (void)state;
    assert_int_equal(tarn_blocks_init(&blocks, memory, 1024, 64, NULL), TARN_OK);
    tarn_pool *pool = (tarn_pool *)(void *)blocks;
    assert_true(tarn_watch_blocks(pool) >= 14 * 64);
    assert_non_null(tarn_blocks_get(blocks));
    assert_true(tarn_watch_blocks(pool) < 15 * 64);
    assert_int_equal(tarn_watch_pool(pool), 0);
    assert_int_equal(tarn_blocks_deinit(blocks), TARN_OK);
}

/* ---- recorder ---- */

typedef struct tape {
    tarn_record records[32];
    uint32_t count;
    uint32_t drop_at; /* the so-many-th write is dropped, from 1 */
    uint32_t writes;
} tape;

static bool write_tape(const void *record, void *context)
{
    tape *t = context;
    if (++t->writes == t->drop_at) {
        return false;
    }
    memcpy(&t->records[t->count++], record, sizeof t->records[0]);
    return true;
}

static uint64_t tape_time(void *context)
{
    return 1000u + ((tape *)context)->writes;
}

/* R1 */
static void every_event_is_a_record(void **state)
{
    need_registry();
    static tape t;
    tarn_record_head head;
    tarn_recorder recorder = {.write = write_tape, .clock = tape_time, .context = &t};
    tarn_pool *pool = NULL;
    (void)state;
    memset(&t, 0, sizeof t);
    t.drop_at = 4;
    assert_listening(tarn_recorder_install(&recorder));
    assert_int_equal(tarn_init(&pool, memory, BYTES, NULL), TARN_OK);
    void *block = tarn_alloc_aligned(pool, 100, 64);
    assert_int_equal(tarn_resize(pool, block, 50), TARN_OK); /* dropped */
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_null(tarn_alloc(pool, BYTES));
    assert_int_equal(tarn_recorder_remove(&recorder), TARN_OK);
    assert_int_equal(tarn_recorder_remove(&recorder), TARN_E_ARGUMENT);
    assert_true(t.count == 5 && recorder.sequence == 5 && recorder.dropped == 1);
    memcpy(&head, &t.records[0], sizeof head);
    assert_true(head.magic == TARN_RECORD_MAGIC && head.version == TARN_RECORD_VERSION && head.record_bytes == 64);
    assert_true(head.word_bytes == sizeof(void *) && head.anchor == (uintptr_t)tarn_alloc);
    static const uint16_t kinds[] = {TARN_EVENT_INIT, TARN_EVENT_ALLOC, TARN_EVENT_FREE, TARN_EVENT_FAIL};
    static const uint32_t sequences[] = {0, 1, 3, 4};
    for (uint32_t i = 0; i < 4; i++) {
        const tarn_record *r = &t.records[i + 1u];
        assert_true(r->kind == kinds[i] && r->sequence == sequences[i] && r->time == 1001u + sequences[i]);
        assert_true(r->pool == (uintptr_t)pool && r->task == tarn_port_task());
    }
    assert_true(t.records[2].size == 100 && t.records[2].alignment == 64 && t.records[2].block == (uintptr_t)block);
    assert_true(t.records[4].status == TARN_E_NEVER_FITS && t.records[4].size == BYTES);
    assert_int_equal(tarn_recorder_install(NULL), TARN_E_NULL);
}

static void *use_the_pool(void *pool)
{
    for (uint32_t i = 0; i < 4; i++) {
        void *block = tarn_alloc(pool, 8);
        assert_int_equal(tarn_free(pool, block), TARN_OK);
    }
    return NULL;
}

/* A writer that is slow to store the head: another thread uses the pool meanwhile. */
static bool write_late(const void *record, void *context)
{
    static bool slow = true;
    bool first = slow;
    slow = false;
    if (first) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, use_the_pool, memory), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
    return write_tape(record, context);
}

static void ignore(const tarn_event *event, void *context)
{
    (void)event;
    (void)context;
}

/* R2 */
static void the_head_comes_first(void **state)
{
    static tape t;
    static uint32_t others[4];
    tarn_record_head head;
    tarn_recorder recorder = {.write = write_late, .context = &t};
    tarn_pool *pool = NULL;
    (void)state;
    memset(&t, 0, sizeof t);
    assert_int_equal(tarn_init(&pool, memory, BYTES, NULL), TARN_OK);
    assert_ptr_equal(pool, memory);
    assert_listening(tarn_recorder_install(&recorder));
    use_the_pool(pool);
    assert_int_equal(tarn_recorder_remove(&recorder), TARN_OK);
    memcpy(&head, &t.records[0], sizeof head);
    assert_int_equal(head.magic, TARN_RECORD_MAGIC);
    for (uint32_t i = 1; i < t.count; i++) {
        assert_int_equal(t.records[i].sequence, i - 1u);
    }
    assert_int_equal(t.count, 9);
    for (uint32_t i = 0; i < 4; i++) {
        assert_listening(tarn_events_add(ignore, &others[i]));
    }
    assert_int_equal(tarn_recorder_install(&recorder), TARN_E_REGISTRY_FULL);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(tarn_events_remove(ignore, &others[i]), TARN_OK);
    }
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void tools_that_are_not_there_say_so(void **state)
{
    (void)state;
    assert_int_equal(tarn_valgrind_remove(), TARN_E_ARGUMENT);
    assert_int_equal(tarn_asan_remove(), TARN_E_ARGUMENT);
    tarn_status valgrind = tarn_valgrind_install();
    tarn_status asan = tarn_asan_install();
    assert_true(valgrind == TARN_OK || valgrind == TARN_E_UNAVAILABLE);
    assert_true(asan == TARN_OK || asan == TARN_E_UNAVAILABLE || asan == TARN_E_IN_USE);
    assert_true(valgrind != TARN_OK || tarn_valgrind_remove() == TARN_OK);
    assert_true(asan != TARN_OK || tarn_asan_remove() == TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lasting_low_water_is_told_once),
        cmocka_unit_test(without_a_time_the_crossing_is_told),
        cmocka_unit_test(block_pools_are_watched_by_their_measure),
        cmocka_unit_test(every_event_is_a_record),
        cmocka_unit_test(the_head_comes_first),
        cmocka_unit_test(tools_that_are_not_there_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
