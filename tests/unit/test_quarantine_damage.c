/* SPDX-License-Identifier: MIT */
/*
 * Damage to what a quarantine is kept in, and what comes in between while a block leaves it.
 *
 * QD1 A free that is refused because of the list leaves everything as it was, pools nested in the block as well, and a
 *     realloc that would move its block keeps it.
 * QD2 A block that waits, and whose tail is overwritten, is not taken for a used one, whatever the policy; so a used
 *     one with such a tail is refused as well, and one whose slack alone was written to is not.
 * QD3 The check in steps finds what refuses frees; repair puts list and counter right.
 * QD4 A size that the pool can never have makes nobody leave.
 * QD5 A block that is looked at when the pool is reset is nobody's any more: what is there then is left alone.
 */
#include "anatomy.h"
#include "test.h"

#include "tail.h"
#include "tarn/account.h"

enum { BYTES = 4096, PARTS = 256 };

static _Alignas(16) unsigned char memory[BYTES];
static tarn_pool *pool;

static void make(tarn_options options)
{
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
}

/* Changes the part of this kind after so many others. */
static void flip(part_kind kind, uint32_t skipped)
{
    static part parts[PARTS];
    size_t count = anatomy(memory, parts, PARTS);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].kind == kind && skipped-- == 0) {
            part_set(memory, &parts[i], part_get(memory, &parts[i]) ^ 1u);
            return;
        }
    }
    fail_msg("no such %s", part_name(kind));
}

static tarn_stats counts(void)
{
    tarn_stats stats;
    assert_int_equal(tarn_counts_get(pool, &stats), TARN_OK);
    return stats;
}

/* ---- QD1 ---- */

static void a_refused_free_ends_no_nested_pool(void **state)
{
    (void)state;
    tarn_pool *nested;
    make((tarn_options){.flags = TARN_POOL_GUARD, .quarantine = 2048});
    void *carrier = tarn_alloc(pool, 1024);
    void *waits = tarn_alloc(pool, 32);
    assert_int_equal(tarn_init(&nested, carrier, 1024, NULL), TARN_OK);
    void *inside = tarn_alloc(nested, 16);
    assert_int_equal(tarn_free(pool, waits), TARN_OK);
    flip(PART_LINK, 0);
    assert_int_equal(tarn_free(pool, carrier), TARN_E_DAMAGED);
    assert_int_equal(tarn_free(nested, inside), TARN_OK);
    flip(PART_LINK, 0);
    assert_int_equal(tarn_free(pool, carrier), TARN_OK);
    assert_sound(pool, "freed");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void a_realloc_that_cannot_give_back_keeps_its_block(void **state)
{
    (void)state;
    make((tarn_options){.quarantine = 1024});
    void *waits = tarn_alloc(pool, 32);
    unsigned char *block = tarn_alloc(pool, 100);
    assert_non_null(tarn_alloc(pool, 32));
    assert_int_equal(tarn_free(pool, waits), TARN_OK);
    memset(block, 0x41, 100);
    tarn_stats before = counts();
    flip(PART_LINK, 0);
    assert_null(tarn_realloc(pool, block, 400));
    assert_int_equal(tarn_recognise(pool, block), TARN_OK);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(block[i], 0x41);
    }
    flip(PART_LINK, 0);
    assert_true(counts().refusals > before.refusals);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_sound(pool, "mended");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- QD2 ---- */

static void a_lost_tail_makes_no_block_used(void **state)
{
    (void)state;
    for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_ISOLATE; policy++) {
        make((tarn_options){.policy = policy, .quarantine = 1024});
        unsigned char *block = tarn_alloc(pool, 32);
        void *other = tarn_alloc(pool, 32);
        void *last = tarn_alloc(pool, 32);
        assert_int_equal(tarn_free(pool, other), TARN_OK);
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_int_equal(tarn_free(pool, last), TARN_OK);
        tarn_stats before = counts();
        flip(PART_TAIL, 0); /* block's, which is in the middle of the list */
        assert_int_equal(tarn_free(pool, block), TARN_E_DAMAGED);
        tarn_stats after = counts();
        assert_int_equal(after.used, before.used);
        assert_int_equal(after.quarantined_blocks, before.quarantined_blocks);
        flip(PART_TAIL, 0);
        assert_sound(pool, "undone");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

static void a_used_block_without_tail_stays(void **state)
{
    (void)state;
    static const uint32_t policies[] = {TARN_POLICY_CONTINUE, TARN_POLICY_ISOLATE};
    for (uint32_t i = 0; i < 2; i++) {
        make((tarn_options){.policy = policies[i], .quarantine = 1024});
        unsigned char *block = tarn_alloc(pool, 29);
        tarn_stats before = counts();
        flip(PART_TAIL, 0);
        assert_int_equal(tarn_free(pool, block), TARN_E_DAMAGED);
        assert_int_equal(tarn_resize(pool, block, 20), TARN_E_DAMAGED);
        flip(PART_TAIL, 0);
        assert_int_equal(tarn_recognise(pool, block), TARN_OK);
        assert_int_equal(counts().used, before.used);
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_sound(pool, "undone");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

static void slack_written_to_is_mended_before_it_waits(void **state)
{
    (void)state;
    make((tarn_options){.flags = TARN_POOL_GUARD, .policy = TARN_POLICY_CONTINUE, .quarantine = 1024});
    unsigned char *block = tarn_alloc(pool, 29);
    block[29] ^= 1u;
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_int_equal(counts().quarantined_blocks, 1);
    assert_sound(pool, "mended");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- QD3 ---- */

static void steps_find_what_refuses_frees(void **state)
{
    (void)state;
    for (uint32_t word = 0; word < 4; word++) { /* oldest, newest, granules, blocks */
        tarn_finding finding;
        make((tarn_options){.flags = TARN_POOL_CURSOR, .quarantine = 1024});
        void *block = tarn_alloc(pool, 32);
        flip(PART_QUARANTINE, word);
        assert_int_equal(tarn_free(pool, block), TARN_E_DAMAGED);
        assert_int_equal(tarn_check_some(pool, 64, &finding), TARN_E_DAMAGED);
        assert_int_equal(finding.rule, TARN_RULE_QUARANTINE);
        assert_int_equal(tarn_repair(pool, NULL), TARN_OK);
        assert_int_equal(tarn_free(pool, block), TARN_OK);
        assert_sound(pool, "repaired");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

/* QD3: a limit that no pool of this size can have. */
static void steps_find_an_impossible_limit(void **state)
{
    (void)state;
    enum { LIMIT = 4 };
    tarn_finding finding;
    make((tarn_options){.flags = TARN_POOL_CURSOR, .quarantine = SIZE_MAX});
    assert_sound(pool, "with the largest limit");
    static part parts[PARTS];
    size_t which = part_find(parts, anatomy(memory, parts, PARTS), 0, PART_QUARANTINE) + LIMIT;
    part_set(memory, &parts[which], part_get(memory, &parts[which]) + 1u);
    assert_int_equal(tarn_check(pool, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.offset, parts[which].at);
    assert_int_equal(finding.found, finding.expected + 1u);
    assert_int_equal(tarn_check_some(pool, 64, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.rule, TARN_RULE_QUARANTINE);
    assert_int_equal(finding.offset, parts[which].at);
    part_set(memory, &parts[which], finding.expected);
    assert_sound(pool, "undone");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* QD3: another limit that is possible, and a seal that is not the limit's. */
static void steps_find_another_limit(void **state)
{
    (void)state;
    enum { LIMIT = 4, SEAL = 5 };
    static part parts[PARTS];
    for (uint32_t word = LIMIT; word <= SEAL; word++) {
        for (uint32_t bit = 0; bit < 32; bit++) {
            tarn_finding finding;
            make((tarn_options){.flags = TARN_POOL_CURSOR, .quarantine = 1024});
            size_t which = part_find(parts, anatomy(memory, parts, PARTS), 0, PART_QUARANTINE) + word;
            uint32_t was = part_get(memory, &parts[which]);
            part_set(memory, &parts[which], was ^ UINT32_C(1) << bit);
            assert_int_equal(tarn_check(pool, &finding), TARN_E_DAMAGED);
            assert_int_equal(finding.rule, TARN_RULE_QUARANTINE);
            assert_int_equal(finding.offset, parts[which].at);
            assert_int_equal(finding.expected, was);
            assert_int_equal(tarn_check_some(pool, 64, &finding), TARN_E_DAMAGED);
            assert_int_equal(finding.rule, TARN_RULE_QUARANTINE);
            assert_int_equal(finding.offset, parts[which].at);
            assert_int_equal(tarn_repair(pool, NULL), TARN_OK);
            assert_int_equal(part_get(memory, &parts[which]), was);
            assert_sound(pool, "repaired");
            assert_int_equal(tarn_deinit(pool), TARN_OK);
        }
    }
}

static void the_counter_is_put_right_from_waiting_blocks(void **state)
{
    (void)state;
    make((tarn_options){.extension_words = TARN_WORDS_SEQUENCE, .quarantine = 1024});
    unsigned char *first = tarn_alloc(pool, 32);
    void *newest = tarn_alloc(pool, 32);
    assert_int_equal(tarn_free(pool, newest), TARN_OK);
    memset(first - 20, 0, 4); /* the counter, in front of words and header of the first block */
    assert_int_equal(tarn_check(pool, NULL), TARN_E_DAMAGED);
    assert_int_equal(tarn_repair(pool, NULL), TARN_OK);
    assert_sound(pool, "repaired");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- QD4 ---- */

static void sizes_that_never_fit_make_nobody_leave(void **state)
{
    (void)state;
    make((tarn_options){.quarantine = 2048});
    void *block = tarn_alloc(pool, 32);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(tarn_free(pool, tarn_alloc(pool, 100)), TARN_OK);
    }
    uint32_t waiting = counts().quarantined_blocks;
    assert_null(tarn_alloc(pool, BYTES - 20));
    assert_int_equal(tarn_resize(pool, block, BYTES - 20), TARN_E_NEVER_FITS);
    assert_null(tarn_realloc(pool, block, BYTES - 20));
    assert_int_equal(counts().quarantined_blocks, waiting);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- QD5 ---- */

static unsigned char *fresh; /* handed out after the reset, where the block waited */

/* Whether the block is in this state by its tail, which only the library's own calls put it in. */
static bool is_in_state(const unsigned char *payload, uint32_t state)
{
    block_ref b;
    image im = image_open(image_base(pool));
    return block_recognise(&im, payload, &b) == TARN_OK &&
           tail_state(word_load(tail_word(&im, b.offset, b.size))) == state;
}

static void set_state(const unsigned char *payload, uint32_t state)
{
    block_ref b;
    image im = image_open(image_base(pool));
    assert_int_equal(block_recognise(&im, payload, &b), TARN_OK);
    tarn_tail_set_state(&im, &b, state);
}

/* The first look at the block that leaves: the pool is reset, and the place handed out again, and leaves too as if
 * another thread were giving it back. */
static void reset_meanwhile(const tarn_event *event, void *context)
{
    (void)context;
    if (event->block != NULL && event->kind == TARN_EVENT_ENTER && fresh == NULL) {
        fresh = (unsigned char *)memory; /* not again from here */
        assert_int_equal(tarn_reset(pool), TARN_OK);
        fresh = tarn_alloc(pool, 100);
        assert_ptr_equal(fresh, event->block);
        memset(fresh, 0x41, 100);
        set_state(fresh, TAIL_LEAVING);
    }
}

static void a_reset_leaves_nothing_to_settle(void **state)
{
    (void)state;
    fresh = NULL;
    make((tarn_options){.quarantine = 1024});
    void *block = tarn_alloc(pool, 100);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_listening(tarn_events_add_kinds(reset_meanwhile, NULL, TARN_EVENTS_OF(TARN_EVENT_ENTER)));
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_int_equal(tarn_events_remove(reset_meanwhile, NULL), TARN_OK);
    assert_true(is_in_state(fresh, TAIL_LEAVING));
    set_state(fresh, TAIL_USED);
    assert_int_equal(tarn_recognise(pool, fresh), TARN_OK);
    assert_int_equal(counts().blocks, 1);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(fresh[i], 0x41);
    }
    assert_sound(pool, "settled");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_free_ends_no_nested_pool),
        cmocka_unit_test(a_realloc_that_cannot_give_back_keeps_its_block),
        cmocka_unit_test(a_lost_tail_makes_no_block_used),
        cmocka_unit_test(a_used_block_without_tail_stays),
        cmocka_unit_test(slack_written_to_is_mended_before_it_waits),
        cmocka_unit_test(steps_find_what_refuses_frees),
        cmocka_unit_test(steps_find_an_impossible_limit),
        cmocka_unit_test(steps_find_another_limit),
        cmocka_unit_test(the_counter_is_put_right_from_waiting_blocks),
        cmocka_unit_test(sizes_that_never_fit_make_nobody_leave),
        cmocka_unit_test(a_reset_leaves_nothing_to_settle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
