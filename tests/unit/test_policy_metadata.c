/* SPDX-License-Identifier: MIT */
/*
 * Policies: what a pool does about damage to its own data that a call meets, and a block on its way.
 *
 * PT3 broken links and headers: all but REPAIR and CLOSE refuse as STOP does; REPAIR serves
 * PT3a a pointer that is no block because its own header is broken: REPAIR puts it right, CLOSE closes
 * PT4 each time CORRUPT is told once, without a lock, while a report can still see what is broken
 */
#include "policy.h"

/* ---- PT3 ---- */

static tarn_pool *with_free_block(uint32_t engine, uint32_t policy, unsigned char **at)
{
    tarn_pool *pool = make(engine, policy, 0, 0);
    unsigned char *blocks[5];
    for (uint32_t i = 0; i < 5; i++) {
        blocks[i] = tarn_alloc(pool, SIZE);
    }
    assert_int_equal(tarn_free(pool, blocks[1]), TARN_OK);
    assert_int_equal(tarn_free(pool, blocks[3]), TARN_OK);
    *at = blocks[2];
    watch_clear(&seen);
    return pool;
}

static void meet_damage(uint32_t engine, uint32_t policy, part_kind kind)
{
    static part parts[PARTS];
    unsigned char *at;
    unsigned char kept[4];
    tarn_pool *pool = with_free_block(engine, policy, &at);
    size_t count = anatomy(memory, parts, PARTS);
    size_t which = part_find(parts, count, 0, kind);
    if (which == count) {
        return; /* the engine has none */
    }
    const part *p = &parts[which];
    memcpy(kept, memory + p->at, 4);
    memory[p->at] ^= 0x08; /* one bit */
    tarn_status status = tarn_free(pool, at);
    bool repairs = policy == TARN_POLICY_REPAIR;
    assert_int_equal(status, repairs ? TARN_OK : TARN_E_DAMAGED);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_true(told_rule != 0);
    if (policy == TARN_POLICY_CLOSE) {
        is_closed(pool, at);
    }
    assert_int_equal(stats_of(pool).refusals, repairs ? 0 : 1);
    if (!repairs) {
        memcpy(memory + p->at, kept, 4);
        assert_int_equal(tarn_reopen(pool, NULL), TARN_OK);
        assert_int_equal(tarn_free(pool, at), TARN_OK);
    }
    assert_sound(pool, "met");
    calls++;
}

static void test_broken_metadata(void **state)
{
    static const part_kind kinds[] = {PART_TAG, PART_NEXT, PART_WHERE, PART_HEADER_FREE};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    calls = 0;
    for (uint32_t i = 0; i < count * 4u; i++) {
        for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
            meet_damage(engines[i / 4u], policy, kinds[i % 4u]);
        }
    }
    printf("  %u frees beside broken metadata\n", (unsigned)calls);
}

/* ---- damage met while a block is on its way ---- */

static unsigned char *leaving; /* the block during whose filling the byte below is broken */
static unsigned char *breaks;
static unsigned char mask;

static void break_meanwhile(const tarn_event *event, void *context)
{
    (void)context;
    if (event->kind == TARN_EVENT_ENTER && event->block == leaving && event->size != 0 && breaks != NULL) {
        *breaks ^= mask;
        breaks = NULL;
    }
}

static void leave_into_damage(uint32_t engine, uint32_t policy, uint32_t flags, size_t quarantine, bool own)
{
    static part parts[PARTS];
    tarn_pool *pool;
    unsigned char *blocks[5];
    tarn_options options = {.engine = engine,
                            .flags = flags,
                            .policy = policy,
                            .quarantine = quarantine,
                            .extension_words = 2,
                            .modules = 2};
    memset(memory, 0, BYTES);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < 5; i++) {
        blocks[i] = tarn_alloc(pool, i == 2 ? 2 * SIZE : SIZE);
    }
    assert_int_equal(tarn_free(pool, blocks[1]), TARN_OK);
    assert_int_equal(tarn_free(pool, blocks[3]), TARN_OK); /* of two tags one may be put right */
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    uint32_t used = stats_of(pool).blocks;
    size_t count = anatomy(memory, parts, PARTS);
    size_t which = part_find(parts, count, 0, PART_TAG);
    assert_true(which < count);
    tarn_block record;
    assert_int_equal(tarn_block_at(pool, blocks[2], &record), TARN_OK);
    breaks = own ? blocks[2] + record.size - 4u - 8u - 4u : memory + parts[which].at; /* own tail, or a free tag */
    unsigned char *broken = breaks;
    mask = 0x08;
    leaving = blocks[2];
    watch_clear(&seen);
    tarn_status status = tarn_free(pool, blocks[2]);
    bool serves = policy == TARN_POLICY_REPAIR || (own && policy == TARN_POLICY_CONTINUE);
    assert_null(breaks);
    assert_int_equal(status, serves ? TARN_OK : TARN_E_DAMAGED);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_int_equal(told(TARN_EVENT_UNDO), 0);
    assert_int_equal(told(TARN_EVENT_REFUSE), 0);
    assert_int_equal(stats_of(pool).refusals, serves ? 0 : 1);
    assert_int_equal(stats_of(pool).closed, policy == TARN_POLICY_CLOSE);
    assert_int_equal(stats_of(pool).blocks, serves ? used - 1u : used);
    if (!serves) {
        assert_int_equal(state_at(pool, blocks[2]), TARN_BLOCK_HELD_BACK);
        *broken ^= own ? 0 : 0x08;
        assert_int_equal(tarn_reopen(pool, NULL), TARN_OK);
        assert_int_equal(tarn_free(pool, blocks[2]), TARN_E_DOUBLE_FREE);
    }
    assert_sound(pool, "left into damage");
    calls++;
}

static void test_damage_met_by_a_block_that_leaves(void **state)
{
    static const uint32_t flags[] = {TARN_POOL_GUARD | TARN_POOL_POISON, TARN_POOL_ZERO_ON_FREE, 0};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    calls = 0;
    assert_listening(tarn_events_add_kinds(break_meanwhile, NULL, TARN_EVENTS_OF(TARN_EVENT_ENTER)));
    for (uint32_t i = 0; i < count * 6u; i++) {
        for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
            if (i % 3u != 2u || i / 3u % 2u != 0) { /* without a fill nothing is done outside the lock */
                leave_into_damage(engines[i / 6u], policy, flags[i % 3u], i / 3u % 2u * 88u, false);
                leave_into_damage(engines[i / 6u], policy, flags[i % 3u], i / 3u % 2u * 88u, true);
            }
        }
    }
    assert_int_equal(tarn_events_remove(break_meanwhile, NULL), TARN_OK);
    printf("  %u frees that met damage on their way\n", (unsigned)calls);
}

/* It leaves because of another call, which is served. */
static void leave_the_quarantine(uint32_t engine, uint32_t policy, uint32_t flags, bool fill)
{
    static part parts[PARTS];
    tarn_pool *pool;
    unsigned char *blocks[6];
    tarn_options options = {
        .engine = engine, .flags = flags, .policy = policy, .quarantine = 88, .extension_words = 2, .modules = 2};
    memset(memory, 0, BYTES);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < 6; i++) {
        blocks[i] = tarn_alloc(pool, SIZE);
    }
    assert_int_equal(tarn_free(pool, blocks[1]), TARN_OK);
    assert_int_equal(tarn_free(pool, blocks[3]), TARN_OK);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_int_equal(tarn_free(pool, blocks[2]), TARN_OK);
    assert_int_equal(state_at(pool, blocks[2]), TARN_BLOCK_QUARANTINED);
    size_t which = part_find(parts, anatomy(memory, parts, PARTS), 0, PART_TAG);
    unsigned char *broken = fill ? blocks[2] + 5 : memory + parts[which].at;
    *broken ^= 0x08;
    watch_clear(&seen);
    told_rule = 0;
    assert_int_equal(tarn_free(pool, blocks[5]), TARN_OK);
    bool repairs = !fill && policy == TARN_POLICY_REPAIR;
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_int_equal(told_rule, fill ? TARN_RULE_FILL : TARN_RULE_TAG);
    assert_int_equal(told(TARN_EVENT_UNDO), 0);
    assert_int_equal(stats_of(pool).closed, policy == TARN_POLICY_CLOSE);
    assert_int_equal(stats_of(pool).refusals, 0);
    assert_int_equal(stats_of(pool).blocks, repairs ? 2 : 3);
    if (!repairs) {
        assert_int_equal(state_at(pool, blocks[2]), TARN_BLOCK_HELD_BACK);
        *broken ^= 0x08;
        assert_int_equal(tarn_reopen(pool, NULL), TARN_OK);
        assert_int_equal(tarn_free(pool, blocks[2]), TARN_E_DOUBLE_FREE);
    }
    assert_int_equal(state_at(pool, blocks[5]), TARN_BLOCK_QUARANTINED);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    assert_sound(pool, "left the quarantine");
    calls++;
}

static void test_damage_met_by_a_block_that_leaves_the_quarantine(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    calls = 0;
    for (uint32_t i = 0; i < count * 2u; i++) {
        for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
            leave_the_quarantine(engines[i / 2u], policy, i % 2u * TARN_POOL_POISON, false);
            leave_the_quarantine(engines[i / 2u], policy, i % 2u * TARN_POOL_POISON, true);
        }
    }
    printf("  %u frees whose oldest block met damage\n", (unsigned)calls);
}

static tarn_pool *make_waiting(uint32_t policy, unsigned char *blocks[4])
{
    tarn_pool *pool;
    tarn_options options = {.policy = policy, .quarantine = 400};
    memset(memory, 0, BYTES);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < 4; i++) {
        blocks[i] = tarn_alloc(pool, SIZE);
    }
    assert_int_equal(tarn_free(pool, blocks[1]), TARN_OK);
    assert_int_equal(tarn_free(pool, blocks[2]), TARN_OK);
    watch_clear(&seen);
    return pool;
}

/* The list of those that wait, met by a flush and by the free of one that would enter while it is filled. */
static void meet_broken_list(uint32_t policy, bool frees)
{
    static part parts[PARTS];
    unsigned char *blocks[4];
    tarn_pool *pool = make_waiting(policy, blocks);
    size_t which = part_find(parts, anatomy(memory, parts, PARTS), 0, PART_QUARANTINE);
    unsigned char *broken = memory + parts[which].at;
    breaks = broken;
    leaving = blocks[3];
    if (!frees) {
        *broken ^= mask;
    }
    bool repairs = policy == TARN_POLICY_REPAIR;
    assert_int_equal(frees ? tarn_free(pool, blocks[3]) : tarn_quarantine_flush(pool),
                     repairs ? TARN_OK : TARN_E_DAMAGED);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_int_equal(told(TARN_EVENT_UNDO), 0);
    assert_int_equal(stats_of(pool).refusals, repairs ? 0 : 1);
    assert_int_equal(stats_of(pool).closed, policy == TARN_POLICY_CLOSE);
    if (!repairs) {
        *broken ^= mask;
        assert_int_equal(tarn_reopen(pool, NULL), TARN_OK);
        assert_int_equal(state_at(pool, blocks[3]), frees ? TARN_BLOCK_HELD_BACK : TARN_BLOCK_USED);
    }
    assert_sound(pool, "met a broken list");
    calls++;
}

/* The header of the oldest is overwritten while its fill is looked at: that is not passed over. */
static void lose_header(uint32_t policy)
{
    unsigned char *blocks[4];
    tarn_pool *pool = make_waiting(policy, blocks);
    leaving = blocks[1];
    breaks = blocks[1] - 2;
    bool repairs = policy == TARN_POLICY_REPAIR;
    assert_int_equal(tarn_quarantine_flush(pool), repairs ? TARN_OK : TARN_E_DAMAGED);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_int_equal(stats_of(pool).closed, policy == TARN_POLICY_CLOSE);
    if (repairs) {
        assert_sound(pool, "put right while it left");
        assert_int_equal(state_at(pool, blocks[1]), TARN_BLOCK_FREE);
    }
    calls++;
}

static void test_damage_met_by_the_quarantine(void **state)
{
    (void)state;
    calls = 0;
    mask = 0x08;
    assert_listening(tarn_events_add_kinds(break_meanwhile, NULL, TARN_EVENTS_OF(TARN_EVENT_ENTER)));
    for (uint32_t policy = TARN_POLICY_STOP; policy <= TARN_POLICY_REPAIR; policy++) {
        meet_broken_list(policy, false);
        meet_broken_list(policy, true);
        lose_header(policy);
    }
    assert_int_equal(tarn_events_remove(break_meanwhile, NULL), TARN_OK);
    printf("  %u calls that met broken lists and headers of blocks that wait\n", (unsigned)calls);
}

/* The block's own header: to recognition it is no block, and only a check tells why. */
static void test_repair_looks_at_pointers_that_are_no_block(void **state)
{
    unsigned char *at;
    (void)state;
    tarn_pool *pool = with_free_block(TARN_ENGINE_DEFAULT, TARN_POLICY_REPAIR, &at);
    at[-3] ^= 0x02;
    assert_int_equal(tarn_free(pool, at), TARN_OK);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_int_equal(told_rule, TARN_RULE_CHECK);
    assert_sound(pool, "repaired");
    watch_clear(&seen);
    unsigned char *used = tarn_alloc(pool, SIZE);
    watch_clear(&seen);
    assert_int_equal(tarn_free(pool, used + 8), TARN_E_NOT_A_BLOCK);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 0);
    assert_int_equal(told(TARN_EVENT_REFUSE), 1);
    assert_int_equal(stats_of(pool).refusals, 1);
}

/* The same with CLOSE: refused as the pointer was, and the pool is closed if its block's header is what is lost. */
static void test_close_looks_at_pointers_that_are_no_block(void **state)
{
    (void)state;
    for (uint32_t resizes = 0; resizes < 2; resizes++) {
        unsigned char *at;
        tarn_pool *pool = with_free_block(TARN_ENGINE_DEFAULT, TARN_POLICY_CLOSE, &at);
        unsigned char *other = tarn_alloc(pool, SIZE);
        watch_clear(&seen);
        assert_int_equal(tarn_free(pool, other + 8), TARN_E_NOT_A_BLOCK);
        assert_int_equal(told(TARN_EVENT_CORRUPT), 0);
        assert_int_equal(stats_of(pool).closed, 0);
        at[-3] ^= 0x02;
        assert_int_equal(resizes ? tarn_resize(pool, at, 8) : tarn_free(pool, at), TARN_E_NOT_A_BLOCK);
        assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
        assert_int_equal(told(TARN_EVENT_REFUSE), 2);
        assert_int_equal(told(TARN_EVENT_UNDO), 2);
        assert_int_equal(told_rule, TARN_RULE_CHECK);
        assert_int_equal(stats_of(pool).refusals, 2);
        is_closed(pool, other);
        at[-3] ^= 0x02;
        assert_int_equal(tarn_reopen(pool, NULL), TARN_OK);
        assert_int_equal(tarn_free(pool, at), TARN_OK);
        assert_sound(pool, "closed for a lost header");
    }
}

/* A guard that is broken elsewhere stays as it is, and keeps nobody from being served. */
static void repair_beside_a_guard(uint32_t engine, uint32_t flags, part_kind kind)
{
    static part parts[PARTS];
    unsigned char *blocks[5];
    tarn_pool *pool = make(engine, TARN_POLICY_REPAIR, flags, 0);
    for (uint32_t i = 0; i < 5; i++) {
        blocks[i] = tarn_alloc(pool, SIZE);
    }
    assert_int_equal(tarn_free(pool, blocks[1]), TARN_OK);
    assert_int_equal(tarn_free(pool, blocks[3]), TARN_OK);
    blocks[0][SIZE] ^= 1;
    size_t count = anatomy(memory, parts, PARTS);
    size_t which = part_find(parts, count, 0, kind);
    if (which == count) {
        return;
    }
    memory[parts[which].at] ^= 0x08;
    watch_clear(&seen);
    assert_int_equal(tarn_free(pool, blocks[2]), TARN_OK);
    assert_non_null(tarn_alloc(pool, SIZE));
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_int_equal(tarn_free(pool, blocks[4] + 8), TARN_E_NOT_A_BLOCK);
    assert_int_equal(told(TARN_EVENT_CORRUPT), 1);
    assert_int_equal(tarn_free(pool, blocks[0]), TARN_E_DAMAGED);
    assert_int_equal(stats_of(pool).refusals, 2);
    blocks[0][SIZE] ^= 1;
    assert_int_equal(tarn_free(pool, blocks[0]), TARN_OK);
    assert_sound(pool, "repaired beside a broken guard");
    calls++;
}

static void test_repair_leaves_users_bytes_alone(void **state)
{
    static const part_kind kinds[] = {PART_TAG, PART_NEXT, PART_WHERE, PART_HEADER_FREE};
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    calls = 0;
    for (uint32_t i = 0; i < count * 4u; i++) {
        repair_beside_a_guard(engines[i / 4u], TARN_POOL_GUARD, kinds[i % 4u]);
        repair_beside_a_guard(engines[i / 4u], TARN_POOL_GUARD | TARN_POOL_BACKUP, kinds[i % 4u]);
    }
    printf("  %u repairs beside a broken guard\n", (unsigned)calls);
    assert_true(calls >= count * 4u);
}

/* What cannot be repaired is refused, told and counted once. */
static void test_repair_that_fails(void **state)
{
    unsigned char *at;
    (void)state;
    tarn_pool *pool = with_free_block(TARN_ENGINE_DEFAULT, TARN_POLICY_REPAIR, &at);
    memset(at - 4, 0x99, 4);
    assert_int_equal(tarn_free(pool, at), TARN_E_NOT_A_BLOCK);
    assert_int_equal(told(TARN_EVENT_CORRUPT) + told(TARN_EVENT_REFUSE), 2);
    assert_int_equal(stats_of(pool).refusals, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken_metadata),
        cmocka_unit_test(test_damage_met_by_a_block_that_leaves),
        cmocka_unit_test(test_damage_met_by_a_block_that_leaves_the_quarantine),
        cmocka_unit_test(test_damage_met_by_the_quarantine),
        cmocka_unit_test(test_repair_looks_at_pointers_that_are_no_block),
        cmocka_unit_test(test_close_looks_at_pointers_that_are_no_block),
        cmocka_unit_test(test_repair_leaves_users_bytes_alone),
        cmocka_unit_test(test_repair_that_fails),
    };
    if (!has_events()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, begin, end);
}
