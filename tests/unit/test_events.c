/* SPDX-License-Identifier: MIT */
/*
 * Events: which are raised, in what order, with what in them, and what sinks may do.
 *
 * E1 ALLOC comes after the block is owned, FREE and RESIZE before anything changes
 * E2 UNDO takes back the event announced just before, and says why
 * E3 what a sink does to pools is not told to sinks
 * E4 sinks are called in the order they were added, and may come and go
 * E5 RESIZED, ENTER and LEAVE are told to those who ask for them; the last two in pairs, around what sinks do too
 */
#include "test.h"

enum { BYTES = 8192 };

static _Alignas(4096) unsigned char memory[BYTES];
static watch seen;
static tarn_pool *pool;

static int begin(void **state)
{
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, BYTES, 0};
    (void)state;
    pool = pool_make(&s, memory);
    watch_begin(&seen);
    return 0;
}

static int end(void **state)
{
    (void)state;
    watch_end(&seen);
    (void)tarn_deinit(pool);
    return 0;
}

/* The kinds seen are these, all of the pool; they are then forgotten. */
static void assert_kinds(const uint32_t *kinds, uint32_t count)
{
    for (uint32_t i = 0; i < count && i < seen.count; i++) {
        if (seen.events[i].kind != kinds[i] || seen.events[i].pool != pool) {
            fail_msg("event %u is of kind %u, not %u", (unsigned)i, (unsigned)seen.events[i].kind, (unsigned)kinds[i]);
        }
    }
    assert_int_equal(seen.count, count);
    watch_clear(&seen);
}

static void assert_one(uint32_t kind, tarn_status status, const void *block, size_t size)
{
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.events[0].status, status);
    assert_ptr_equal(seen.events[0].block, block);
    assert_int_equal(seen.events[0].size, size);
    assert_kinds(&kind, 1);
}

static void a_pool_s_life_is_told(void **state)
{
    need_registry();
    static unsigned char other[1024];
    tarn_pool *second = NULL;
    (void)state;
    assert_int_equal(tarn_init(&second, other, sizeof other, NULL), TARN_OK);
    assert_int_equal(seen.count, 1);
    assert_true(seen.events[0].kind == TARN_EVENT_INIT && seen.events[0].pool == second);
    assert_true(seen.events[0].size == sizeof other && seen.events[0].status == TARN_OK);
    watch_clear(&seen);
    assert_int_equal(tarn_adopt(&second, other, sizeof other), TARN_OK);
    assert_true(seen.count == 1 && seen.events[0].kind == TARN_EVENT_INIT && seen.events[0].size == sizeof other);
    assert_non_null(tarn_alloc(second, 8));
    assert_non_null(tarn_alloc(second, 8));
    watch_clear(&seen);
    assert_int_equal(tarn_reset(second), TARN_OK);
    assert_true(seen.count == 1 && seen.events[0].kind == TARN_EVENT_RESET);
    assert_non_null(tarn_alloc(second, 8));
    watch_clear(&seen);
    assert_int_equal(tarn_deinit(second), TARN_OK);
    assert_true(seen.count == 1 && seen.events[0].kind == TARN_EVENT_DEINIT && seen.events[0].pool == second);
    assert_int_equal(seen.events[0].size, 1); /* blocks lost */
    watch_clear(&seen);
    assert_int_equal(tarn_init(&second, other, 8, NULL), TARN_E_TOO_SMALL);
    assert_int_equal(tarn_deinit(second), TARN_E_NULL);
    assert_int_equal(seen.count, 0);
}

static void requests_are_told_with_what_was_asked(void **state)
{
    (void)state;
    void *block = tarn_alloc(pool, 100);
    assert_one(TARN_EVENT_ALLOC, TARN_OK, block, 100);
    block = tarn_alloc_aligned(pool, 7, 64);
    assert_int_equal(seen.events[0].alignment, 64);
    assert_one(TARN_EVENT_ALLOC, TARN_OK, block, 7);
    block = tarn_calloc(pool, 3, 5);
    assert_one(TARN_EVENT_ALLOC, TARN_OK, block, 15);
    assert_null(tarn_alloc(pool, BYTES));
    assert_one(TARN_EVENT_FAIL, TARN_E_NEVER_FITS, NULL, BYTES);
    assert_null(tarn_alloc_aligned(pool, 7, 3));
    assert_one(TARN_EVENT_FAIL, TARN_E_ARGUMENT, NULL, 7);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_one(TARN_EVENT_FREE, TARN_OK, block, 0);
}

/* E2 */
static void refused_frees_are_undone(void **state)
{
    static const uint32_t kinds[] = {TARN_EVENT_FREE, TARN_EVENT_UNDO, TARN_EVENT_REFUSE};
    (void)state;
    unsigned char *block = tarn_calloc(pool, 1, 100);
    watch_clear(&seen);
    assert_int_equal(tarn_free(pool, block + 8), TARN_E_NOT_A_BLOCK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_ptr_equal(seen.events[i].block, block + 8);
        assert_int_equal(seen.events[i].status, i == 0 ? TARN_OK : TARN_E_NOT_A_BLOCK);
    }
    assert_kinds(kinds, 3);
    assert_int_equal(tarn_free(pool, NULL), TARN_E_NULL);
    assert_one(TARN_EVENT_REFUSE, TARN_E_NULL, NULL, 0);
}

static void resizes_are_told_and_undone(void **state)
{
    static const uint32_t refused[] = {TARN_EVENT_RESIZE, TARN_EVENT_UNDO, TARN_EVENT_FAIL};
    static const uint32_t bad[] = {TARN_EVENT_RESIZE, TARN_EVENT_UNDO, TARN_EVENT_REFUSE};
    (void)state;
    unsigned char *block = tarn_alloc(pool, 100);
    assert_non_null(tarn_alloc(pool, 8));
    watch_clear(&seen);
    assert_int_equal(tarn_resize(pool, block, 50), TARN_OK);
    assert_one(TARN_EVENT_RESIZE, TARN_OK, block, 50);
    assert_ptr_equal(tarn_realloc(pool, block, 60), block);
    assert_one(TARN_EVENT_RESIZE, TARN_OK, block, 60);
    assert_int_equal(tarn_resize(pool, block, 500), TARN_E_EXHAUSTED);
    assert_int_equal(seen.events[1].status, TARN_E_EXHAUSTED);
    assert_kinds(refused, 3);
    assert_int_equal(tarn_resize(pool, block + 8, 50), TARN_E_NOT_A_BLOCK);
    assert_kinds(bad, 3);
}

static void moving_is_told_as_alloc_and_free(void **state)
{
    /* FREE and its UNDO between: growing to the left was tried */
    static const uint32_t moved[] = {TARN_EVENT_RESIZE, TARN_EVENT_UNDO,  TARN_EVENT_FREE,
                                     TARN_EVENT_UNDO,   TARN_EVENT_ALLOC, TARN_EVENT_FREE};
    static const uint32_t merged[] = {TARN_EVENT_RESIZE, TARN_EVENT_UNDO, TARN_EVENT_FREE, TARN_EVENT_ALLOC};
    static const uint32_t refused[] = {TARN_EVENT_RESIZE, TARN_EVENT_UNDO, TARN_EVENT_FREE, TARN_EVENT_UNDO,
                                       TARN_EVENT_FAIL};
    (void)state;
    unsigned char *first = tarn_alloc(pool, 100);
    unsigned char *block = tarn_alloc(pool, 100);
    assert_non_null(tarn_alloc(pool, 8));
    watch_clear(&seen);
    assert_int_not_equal((uintptr_t)tarn_realloc(pool, first, 500), 0);
    assert_ptr_equal(seen.events[5].block, first);
    assert_kinds(moved, 6);
    unsigned char *lower = tarn_realloc(pool, block, 150); /* over the end of the free left neighbour */
    assert_true(lower > first && lower < block);
    assert_ptr_equal(seen.events[2].block, block);
    assert_ptr_equal(seen.events[3].block, lower);
    assert_kinds(merged, 4);
    assert_null(tarn_realloc(pool, lower, BYTES - 512));
    assert_kinds(refused, 5);
    assert_null(tarn_realloc(pool, lower + 8, 8));
    assert_int_equal(watch_status(&seen, TARN_EVENT_RESIZE), TARN_OK);
    assert_int_equal(watch_status(&seen, TARN_EVENT_REFUSE), watch_status(&seen, TARN_EVENT_UNDO));
    watch_clear(&seen);
}

static void damage_is_told_as_corrupt(void **state)
{
    (void)state;
    unsigned char *block = tarn_alloc(pool, 100);
    unsigned char *next = tarn_alloc(pool, 100);
    next[-1] ^= 0x40; /* the next header's check */
    watch_clear(&seen);
    assert_int_equal(tarn_free(pool, block), TARN_E_DAMAGED);
    assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    next[-1] ^= 0x40;
    assert_int_equal(tarn_free(pool, block), TARN_OK);
}

/* ---- sinks ---- */

/* E1: what is true of the block while the sink runs. */
static tarn_status during[TARN_EVENT_RESET + 1u];

static void ask(const tarn_event *event, void *context)
{
    (void)context;
    during[event->kind] = tarn_recognise(event->pool, event->block);
}

static void events_come_while_the_block_is_owned(void **state)
{
    (void)state;
    memset(during, 0xFF, sizeof during);
    assert_listening(tarn_events_add(ask, NULL));
    void *block = tarn_alloc(pool, 100);
    assert_int_equal(tarn_resize(pool, block, 50), TARN_OK);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_int_equal(tarn_events_remove(ask, NULL), TARN_OK);
    assert_int_equal(during[TARN_EVENT_ALLOC], TARN_OK);
    assert_int_equal(during[TARN_EVENT_RESIZE], TARN_OK);
    assert_int_equal(during[TARN_EVENT_FREE], TARN_OK);
}

/* E3 */
static void use_pool(const tarn_event *event, void *context)
{
    uint32_t *calls = context;
    (*calls)++;
    void *block = tarn_alloc(event->pool, 16);
    assert_non_null(block);
    block = tarn_realloc(event->pool, block, 64);
    assert_int_equal(tarn_free(event->pool, block), TARN_OK);
    assert_null(tarn_alloc(event->pool, SIZE_MAX));
}

static void sinks_are_not_told_of_themselves(void **state)
{
    uint32_t calls = 0;
    (void)state;
    assert_listening(tarn_events_add(use_pool, &calls));
    void *block = tarn_alloc(pool, 100);
    assert_int_equal(calls, 1);
    assert_int_equal(seen.count, 1);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_int_equal(calls, 2);
    assert_int_equal(seen.count, 2);
    assert_int_equal(tarn_events_remove(use_pool, &calls), TARN_OK);
    assert_sound(pool, "after sinks that used it");
}

static char order[8];
static uint32_t ordered;

static void note_letter(const tarn_event *event, void *context)
{
    (void)event;
    order[ordered++] = *(const char *)context;
}

/* E4; one of the four places is taken by the test's own sink. */
static void sinks_come_and_go(void **state)
{
    static char letters[] = "abcd";
    (void)state;
    assert_int_equal(tarn_events_add(NULL, NULL), TARN_E_NULL);
    for (uint32_t i = 0; i < 3; i++) {
        assert_listening(tarn_events_add(note_letter, &letters[i]));
    }
    assert_int_equal(tarn_events_add(note_letter, &letters[3]), TARN_E_REGISTRY_FULL);
    void *block = tarn_alloc(pool, 8);
    assert_string_equal(order, "abc");
    assert_int_equal(tarn_events_remove(note_letter, &letters[1]), TARN_OK);
    assert_int_equal(tarn_events_remove(note_letter, &letters[1]), TARN_E_ARGUMENT);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_string_equal(order, "abcac");
    assert_int_equal(tarn_events_remove(note_letter, &letters[0]), TARN_OK);
    assert_int_equal(tarn_events_remove(note_letter, &letters[2]), TARN_OK);
    assert_int_equal(tarn_events_remove(note_letter, NULL), TARN_E_ARGUMENT);
}

static void leave(const tarn_event *event, void *context)
{
    uint32_t *calls = context;
    (void)event;
    (*calls)++;
    assert_int_equal(tarn_events_remove(leave, context), TARN_OK);
}

static void a_sink_may_remove_itself(void **state)
{
    uint32_t calls = 0;
    (void)state;
    assert_listening(tarn_events_add(leave, &calls));
    assert_non_null(tarn_alloc(pool, 8));
    assert_non_null(tarn_alloc(pool, 8));
    assert_int_equal(calls, 1);
    assert_int_equal(seen.count, 2);
}

typedef struct tally {
    uint32_t entered;
    uint32_t depth;
    uint32_t kinds[TARN_EVENT_OWNER + 1u];
} tally;

static void count_kinds(const tarn_event *event, void *context)
{
    tally *t = context;
    t->kinds[event->kind]++;
    t->entered += event->kind == TARN_EVENT_ENTER ? 1u : 0u;
    t->depth += event->kind == TARN_EVENT_ENTER ? 1u : 0u;
    t->depth -= event->kind == TARN_EVENT_LEAVE ? 1u : 0u;
}

/* E5 */
static void kinds_are_told_on_request(void **state)
{
    tally all = {0};
    tally few = {0};
    uint32_t calls = 0;
    (void)state;
    assert_int_equal(tarn_events_add_kinds(count_kinds, &all, 0), TARN_E_ARGUMENT);
    assert_int_equal(tarn_events_add_kinds(count_kinds, &all, 1), TARN_E_ARGUMENT);
    assert_int_equal(tarn_events_add_kinds(NULL, &all, TARN_EVENTS_ALL), TARN_E_NULL);
    assert_listening(tarn_events_add_kinds(count_kinds, &all, TARN_EVENTS_ALL));
    assert_listening(tarn_events_add_kinds(count_kinds, &few, TARN_EVENTS_OF(TARN_EVENT_FREE)));
    void *block = tarn_alloc(pool, 100);
    assert_int_equal(tarn_resize(pool, block, 50), TARN_OK);
    assert_int_equal(tarn_resize(pool, block, BYTES), TARN_E_NEVER_FITS);
    assert_int_equal(tarn_check(pool, NULL), TARN_OK);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_true(all.kinds[TARN_EVENT_RESIZE] == 2 && all.kinds[TARN_EVENT_RESIZED] == 1);
    assert_true(all.entered >= 5 && all.depth == 0);
    assert_true(few.kinds[TARN_EVENT_FREE] == 1 && few.entered == 0 && few.kinds[TARN_EVENT_ALLOC] == 0);
    uint32_t before = all.entered;
    assert_listening(tarn_events_add(use_pool, &calls));
    assert_non_null(tarn_alloc(pool, 8));
    assert_true(all.entered >= before + 4u && all.depth == 0);
    assert_int_equal(tarn_events_remove(use_pool, &calls), TARN_OK);
    assert_int_equal(tarn_events_remove(count_kinds, &few), TARN_OK);
    assert_int_equal(tarn_events_remove(count_kinds, &all), TARN_OK);
    assert_int_equal(seen.events[1].kind, TARN_EVENT_RESIZE); /* the test's own sink saw no RESIZED */
    assert_int_equal(seen.events[2].kind, TARN_EVENT_RESIZE);
}

#define test(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_pool_s_life_is_told),
        test(requests_are_told_with_what_was_asked),
        test(refused_frees_are_undone),
        test(resizes_are_told_and_undone),
        test(moving_is_told_as_alloc_and_free),
        test(damage_is_told_as_corrupt),
        test(events_come_while_the_block_is_owned),
        test(sinks_are_not_told_of_themselves),
        test(sinks_come_and_go),
        test(a_sink_may_remove_itself),
        test(kinds_are_told_on_request),
    };
    if (!has_events()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
