/* SPDX-License-Identifier: MIT */
/*
 * A pool that is reset while a call is outside its lock: what the call then finds in the place of its block is somebody
 * else's. Another thread is played by a sink of events, which are raised outside the lock: it resets the pool, takes
 * the place and is about to give it back, or has written to it.
 *
 * RB1 a free whose block has been filled is served, and leaves the place alone, whether blocks wait or not
 * RB2 so does one that has met damage, once that is told, whatever the policy
 * RB3 a request whose block is being looked at is served from the pool as it is, and nothing is told
 * RB4 one whose block was set aside, once that is told, does not hand the place out twice
 * RB5 a block that leaves the quarantine, and was written to: the place is left alone once that is told
 */
#include "test.h"

#include "block.h"
#include "tail.h"

enum { BYTES = 4096, SIZE = 100, FRESH = 0x41 };

#define KINDS                                                                                                   \
    (TARN_EVENTS_OF(TARN_EVENT_ENTER) | TARN_EVENTS_OF(TARN_EVENT_LEAVE) | TARN_EVENTS_OF(TARN_EVENT_CORRUPT) | \
     TARN_EVENTS_OF(TARN_EVENT_FAIL))

static _Alignas(16) unsigned char memory[BYTES];
static tarn_pool *pool;
static unsigned char *place; /* that the event is about, */
static unsigned char *fresh; /* and what was handed out there after the reset */
static uint32_t kind_awaited;
static uint32_t state_left; /* of the fresh block's tail */
static uint32_t told;

static void set_state(const unsigned char *payload, uint32_t state)
{
    block_ref b = {0, 0, 0};
    image im = image_open(image_base(pool));
    assert_int_equal(block_recognise(&im, payload, &b), TARN_OK);
    tarn_tail_set_state(&im, &b, state);
}

static bool is_in_state(const unsigned char *payload, uint32_t state)
{
    block_ref b = {0, 0, 0};
    image im = image_open(image_base(pool));
    assert_int_equal(block_recognise(&im, payload, &b), TARN_OK);
    return tail_state(word_load(tail_word(&im, b.offset, b.size))) == state;
}

static void on_event(const tarn_event *event, void *context)
{
    (void)context;
    told += event->kind == TARN_EVENT_CORRUPT || event->kind == TARN_EVENT_FAIL ? 1u : 0;
    if (event->kind == kind_awaited && event->block == place && fresh == NULL) {
        fresh = memory; /* not again from here */
        assert_int_equal(tarn_reset(pool), TARN_OK);
        fresh = tarn_alloc(pool, SIZE);
        assert_ptr_equal(fresh, place);
        memset(fresh, FRESH, SIZE);
        set_state(fresh, state_left);
    }
}

static void make(tarn_options options)
{
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    place = tarn_alloc(pool, SIZE);
    assert_non_null(place);
    memset(place, 1, SIZE);
}

static void await(uint32_t kind, uint32_t state)
{
    kind_awaited = kind;
    state_left = state;
    fresh = NULL;
    told = 0;
    assert_int_equal(tarn_events_add_kinds(on_event, NULL, KINDS), TARN_OK);
}

/* The fresh block is as it was left, and nothing else is used but what the call itself got. */
static void expect_alone(uint32_t others)
{
    tarn_stats stats;
    assert_int_equal(tarn_events_remove(on_event, NULL), TARN_OK);
    assert_non_null(fresh);
    assert_true(is_in_state(fresh, state_left));
    set_state(fresh, TAIL_USED);
    for (uint32_t i = 0; i < SIZE; i++) {
        assert_int_equal(fresh[i], FRESH);
    }
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(stats.blocks, 1u + others);
    assert_int_equal(stats.closed, 0);
    assert_sound(pool, "reset in between");
    assert_int_equal(tarn_free(pool, fresh), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- RB1 ---- */

static void a_free_that_fills(void **state)
{
    (void)state;
    for (uint32_t waits = 0; waits < 2; waits++) {
        make((tarn_options){.flags = TARN_POOL_POISON, .quarantine = waits * 1024u});
        await(TARN_EVENT_LEAVE, TAIL_LEAVING);
        assert_int_equal(tarn_free(pool, place), TARN_OK);
        assert_int_equal(told, 0);
        expect_alone(0);
    }
}

/* ---- RB2 ---- */

/* Breaks the block's tail while it is filled, before the other sink is awaited. */
static void on_fill(const tarn_event *event, void *context)
{
    (void)context;
    if (event->kind == TARN_EVENT_ENTER && event->block == place && fresh == NULL) {
        block_ref b = {0, 0, 0};
        image im = image_open(image_base(pool));
        assert_int_equal(block_recognise(&im, place, &b), TARN_OK);
        unsigned char *tail = tail_word(&im, b.offset, b.size);
        word_store(tail, word_load(tail) ^ UINT32_C(0x10000));
    }
}

static void a_free_that_met_damage(void **state)
{
    (void)state;
    assert_int_equal(tarn_repairs_on(), TARN_OK);
    for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
        for (uint32_t waits = 0; waits < 2 && policy != TARN_POLICY_CLOSE; waits++) {
            make((tarn_options){.flags = TARN_POOL_POISON, .quarantine = waits * 1024u, .policy = policy});
            assert_int_equal(tarn_events_add_kinds(on_fill, NULL, KINDS), TARN_OK);
            await(TARN_EVENT_CORRUPT, TAIL_LEAVING);
            assert_int_equal(tarn_free(pool, place), TARN_OK);
            assert_int_equal(told, 1);
            assert_int_equal(tarn_events_remove(on_fill, NULL), TARN_OK);
            expect_alone(0);
        }
    }
}

/* ---- RB3, RB4 ---- */

static void a_request_that_looks(void **state)
{
    (void)state;
    for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
        make((tarn_options){.flags = TARN_POOL_POISON, .policy = policy});
        assert_int_equal(tarn_free(pool, place), TARN_OK);
        await(TARN_EVENT_ENTER, TAIL_USED);
        unsigned char *other = tarn_alloc(pool, SIZE);
        assert_non_null(other);
        assert_ptr_not_equal(other, fresh);
        assert_int_equal(told, 0);
        expect_alone(1);
    }
}

static void a_request_whose_block_was_set_aside(void **state)
{
    (void)state;
    for (uint32_t policy = TARN_POLICY_CONTINUE; policy <= TARN_POLICY_ISOLATE; policy++) {
        make((tarn_options){.flags = TARN_POOL_POISON, .policy = policy});
        assert_int_equal(tarn_free(pool, place), TARN_OK);
        place[20] ^= 1u; /* after its free */
        await(TARN_EVENT_CORRUPT, TAIL_USED);
        unsigned char *other = tarn_alloc(pool, SIZE);
        assert_ptr_not_equal(other, fresh);
        assert_int_equal(told, 1);
        expect_alone(other != NULL ? 1 : 0);
    }
}

/* ---- RB5 ---- */

static void a_block_that_leaves_the_quarantine(void **state)
{
    (void)state;
    make((tarn_options){.quarantine = 1024});
    assert_int_equal(tarn_free(pool, place), TARN_OK);
    place[20] ^= 1u;
    await(TARN_EVENT_CORRUPT, TAIL_LEAVING);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_E_DAMAGED);
    assert_int_equal(told, 1);
    expect_alone(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_free_that_fills),
        cmocka_unit_test(a_free_that_met_damage),
        cmocka_unit_test(a_request_that_looks),
        cmocka_unit_test(a_request_whose_block_was_set_aside),
        cmocka_unit_test(a_block_that_leaves_the_quarantine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
