/* SPDX-License-Identifier: MIT */
/*
 * Reports of what checks have found, wherever it lies.
 *
 * RF1 of two damages the check in steps finds both, and each is told with its own block, though tarn_report_about() tells
 *     the first alone
 * RF2 the report of what tarn_check() finds is the one that tarn_report_about() makes
 * RF3 a finding that is put right meanwhile is told without guess; any finding at all, without a read elsewhere
 * RF4 the same of block pools, and of the regions of a heap
 * RF5 a header of which nothing is known any more is told as it is found, with no word expected and no writer named
 * RF6 a sound block is not accused because the block in front of it is parked
 */
#include "tarn/blocks.h"
#include "tarn/regions.h"
#include "tarn/report.h"

#include "test.h"

enum { BYTES = 4096, BLOCKS = 8, SIZE = 40 };

static _Alignas(16) unsigned char memory[BYTES];
static unsigned char *blocks[BLOCKS];

static tarn_pool *make(uint32_t engine)
{
    tarn_pool *pool;
    tarn_options options = {
        .engine = engine, .extension_words = TARN_WORDS_OWNER, .flags = TARN_POOL_GUARD | TARN_POOL_CURSOR};
    memset(memory, 0, BYTES);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        blocks[i] = tarn_alloc(pool, SIZE);
        assert_int_equal(tarn_owner_set(pool, blocks[i], TARN_OWNER(i, 11u * i)), TARN_OK);
    }
    return pool;
}

/* ---- RF1 ---- */

static void is_about(const tarn_report *r, uint32_t rule, uint32_t guess, uint32_t i)
{
    assert_int_equal(r->rule, rule);
    assert_int_equal(r->guess, guess);
    assert_int_equal(r->status, TARN_E_DAMAGED);
    assert_ptr_equal(memory + r->block.offset, blocks[i]);
    assert_int_equal(r->block.owner, TARN_OWNER(i, 11u * i));
    assert_ptr_equal(memory + r->left.offset, blocks[i - 1u]);
    assert_int_equal(r->left.owner, TARN_OWNER(i - 1u, 11u * (i - 1u)));
}

static void each_damage_is_told(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t e = 0; e < count; e++) {
        tarn_finding finding;
        tarn_report r;
        tarn_pool *pool = make(engines[e]);
        uint32_t told = 0;
        memset(blocks[2] + SIZE, 'x', 4);
        blocks[5][-3] ^= 0x04;
        for (uint32_t i = 0; i < 64 && told < 2; i++) {
            if (tarn_check_some(pool, 1, &finding) == TARN_E_DAMAGED) {
                assert_int_equal(tarn_report_of_finding(pool, &finding, &r), TARN_OK);
                is_about(&r, told == 0 ? TARN_RULE_GUARD : TARN_RULE_CHECK,
                         told == 0 ? TARN_GUESS_OVERRUN : TARN_GUESS_BIT_FLIP, told == 0 ? 2u : 5u);
                told++;
            }
        }
        assert_int_equal(told, 2);
        assert_int_equal(tarn_report_about(pool, NULL, TARN_E_DAMAGED, &r), TARN_OK);
        is_about(&r, TARN_RULE_GUARD, TARN_GUESS_OVERRUN, 2);
        blocks[5][-3] ^= 0x04;
        assert_int_equal(tarn_report_of_finding(pool, &finding, &r), TARN_OK); /* RF3 */
        is_about(&r, TARN_RULE_CHECK, TARN_GUESS_NONE, 5);
        assert_int_equal(r.first_bad, TARN_NOWHERE);
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

/* ---- RF2 ---- */

/* Each byte of the image in turn. */
static void a_finding_is_told_as_the_check_tells_it(void **state)
{
    (void)state;
    uint32_t told = 0;
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT);
    assert_int_equal(tarn_free(pool, blocks[3]), TARN_OK);
    for (size_t at = 0; at < (size_t)(blocks[BLOCKS - 1u] - memory); at++) {
        tarn_finding finding;
        tarn_report about;
        tarn_report of;
        memory[at] ^= 0x18;
        if (tarn_check(pool, &finding) == TARN_E_DAMAGED) {
            assert_int_equal(tarn_report_about(pool, NULL, TARN_E_DAMAGED, &about), TARN_OK);
            assert_int_equal(tarn_report_of_finding(pool, &finding, &of), TARN_OK);
            assert_memory_equal(&of, &about, sizeof of);
            told++;
        }
        memory[at] ^= 0x18;
    }
    assert_true(told > 100u);
    assert_sound(pool, "put right");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- RF3 ---- */

static void no_finding_leads_astray(void **state)
{
    (void)state;
    tarn_report r;
    prng random = prng_make(test_seed(), 31);
    tarn_pool *pool = make(TARN_ENGINE_DEFAULT);
    for (uint64_t i = 0; i < test_scaled(20000); i++) {
        uint64_t far = (uint64_t)prng_below(&random, UINT32_MAX) << prng_below(&random, 33);
        tarn_finding finding = {prng_below(&random, 70), prng_below(&random, UINT32_MAX),
                                prng_below(&random, 2) == 0 ? far : prng_below(&random, BYTES + 64),
                                prng_below(&random, UINT32_MAX), 0};
        tarn_status status = tarn_report_of_finding(pool, &finding, &r);
        assert_int_equal(status, finding.rule == 0 ? TARN_E_ARGUMENT : TARN_OK);
        assert_int_equal(r.rule, finding.rule);
        assert_int_equal(r.offset, finding.rule == 0 ? 0 : finding.offset);
    }
    assert_sound(pool, "only looked at");
    tarn_finding finding = {TARN_RULE_CHECK, 0, 0, 0, 0};
    assert_int_equal(tarn_report_of_finding(NULL, &finding, &r), TARN_E_NULL);
    assert_int_equal(tarn_report_of_finding(pool, NULL, &r), TARN_E_NULL);
    assert_int_equal(tarn_report_of_finding(pool, &finding, NULL), TARN_E_NULL);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    assert_int_equal(tarn_report_of_finding(pool, &finding, &r), TARN_E_NOT_A_POOL);
    assert_int_equal(r.version, 0);
}

/* ---- RF4 ---- */

static void block_pools_tell_what_the_check_in_steps_finds(void **state)
{
    (void)state;
    tarn_blocks *pool;
    tarn_finding finding;
    tarn_report r;
    uint32_t cursor = 0;
    uint32_t told = 0;
    unsigned char *out[BLOCKS];
    tarn_blocks_options options = {.flags = TARN_BLOCKS_OWNER | TARN_BLOCKS_GUARD};
    assert_int_equal(tarn_blocks_init(&pool, memory, BYTES, 24, &options), TARN_OK);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        out[i] = tarn_blocks_get(pool);
        assert_int_equal(tarn_blocks_owner_set(pool, out[i], TARN_OWNER(i, i)), TARN_OK);
    }
    out[2][24] ^= 0x5A;
    out[6][24] ^= 0x5A;
    for (uint32_t i = 0; i < 64 && told < 2; i++) {
        if (tarn_blocks_check_some(pool, &cursor, 1, &finding) == TARN_E_DAMAGED) {
            uint32_t which = told == 0 ? 2u : 6u;
            assert_int_equal(tarn_blocks_report_of_finding(pool, &finding, &r), TARN_OK);
            assert_int_equal(r.rule, TARN_RULE_BLOCKS_GUARD);
            assert_int_equal(r.guess, TARN_GUESS_OVERRUN);
            assert_ptr_equal(memory + r.block.offset, out[which]);
            assert_int_equal(r.block.owner, TARN_OWNER(which, which));
            told++;
        }
    }
    assert_int_equal(told, 2);
    assert_int_equal(tarn_blocks_report_of_finding(NULL, &finding, &r), TARN_E_NULL);
    finding.rule = 0;
    assert_int_equal(tarn_blocks_report_of_finding(pool, &finding, &r), TARN_E_ARGUMENT);
}

static void heaps_tell_of_the_region(void **state)
{
    (void)state;
    static _Alignas(16) unsigned char table[TARN_HEAP_BYTES(2)];
    static _Alignas(16) unsigned char second[BYTES];
    tarn_heap *heap;
    tarn_heap_finding found;
    tarn_report r;
    memset(memory, 0, BYTES);
    assert_int_equal(tarn_heap_init(&heap, table, sizeof table), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, memory, BYTES, NULL), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, second, BYTES, NULL), TARN_OK);
    unsigned char *at = tarn_heap_alloc(heap, BYTES / 2, NULL);
    unsigned char *other = tarn_heap_alloc(heap, BYTES / 2, NULL);
    assert_true(at != NULL && other != NULL && (other < memory || other >= memory + BYTES));
    other[-3] ^= 0x04;
    assert_int_equal(tarn_heap_check(heap, NULL, &found), TARN_E_DAMAGED);
    assert_ptr_equal(found.memory, second);
    assert_int_equal(tarn_heap_report_of_finding(heap, &found, &r), TARN_OK);
    assert_int_equal(r.kind, TARN_REPORT_HEAP);
    assert_int_equal(r.pool, (uintptr_t)heap);
    assert_int_equal(r.guess, TARN_GUESS_BIT_FLIP);
    assert_int_equal(r.image + r.block.offset, (uintptr_t)other);
    found.memory = table;
    assert_int_equal(tarn_heap_report_of_finding(heap, &found, &r), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_report_of_finding(NULL, &found, &r), TARN_E_NULL);
    found = (tarn_heap_finding){NULL, {TARN_RULE_REGIONS, 1, 8, 2, 0}};
    assert_int_equal(tarn_heap_report_of_finding(heap, &found, &r), TARN_OK);
    assert_int_equal(r.rule, TARN_RULE_REGIONS);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

/* ---- RF5 and RF6 ---- */

static void what_is_lost_is_not_made_up(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t e = 0; e < count; e++) {
        tarn_report r;
        tarn_pool *pool = make(engines[e]);
        size_t stride = (size_t)(blocks[BLOCKS - 1] - blocks[BLOCKS - 2]);
        memset(blocks[BLOCKS - 1] - 4, 0x5A, 4);
        memset(blocks[BLOCKS - 1] + stride - 4, 0x5A, 4); /* that of the wilderness, which ends the block */
        assert_int_equal(tarn_report_about(pool, NULL, TARN_E_DAMAGED, &r), TARN_OK);
        assert_int_equal(r.rule, TARN_RULE_CHECK);
        assert_ptr_equal(memory + r.offset, blocks[BLOCKS - 1]);
        assert_int_equal(r.found, 0x5A5A5A5A);
        assert_int_equal(r.expected, r.found);
        assert_int_equal(r.guess, TARN_GUESS_WILD_WRITE);
        (void)tarn_deinit(pool);
    }
}

static void a_parked_neighbour_accuses_nobody(void **state)
{
    tarn_pool *pool;
    tarn_options options = {.park = 600};
    (void)state;
    if (tarn_init(&pool, memory, BYTES, &options) == TARN_E_UNAVAILABLE) {
        skip();
    }
    unsigned char *parked = tarn_alloc(pool, SIZE);
    unsigned char *sound = tarn_alloc(pool, SIZE);
    unsigned char *broken = tarn_alloc(pool, SIZE);
    assert_non_null(tarn_alloc(pool, SIZE));
    assert_int_equal(tarn_free(pool, parked), TARN_OK);
    memset(broken - 4, 0x41, 4);
    tarn_view view;
    tarn_report r;
    assert_int_equal(tarn_view_open(&view, memory, BYTES), TARN_OK);
    assert_int_equal(tarn_view_report(&view, (uint64_t)(sound - memory), TARN_E_DAMAGED, &r), TARN_OK);
    assert_int_equal(r.rule, TARN_RULE_CHECK);
    assert_ptr_equal(memory + r.block.offset, broken);
    (void)tarn_deinit(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_damage_is_told),
        cmocka_unit_test(a_finding_is_told_as_the_check_tells_it),
        cmocka_unit_test(no_finding_leads_astray),
        cmocka_unit_test(block_pools_tell_what_the_check_in_steps_finds),
        cmocka_unit_test(heaps_tell_of_the_region),
        cmocka_unit_test(what_is_lost_is_not_made_up),
        cmocka_unit_test(a_parked_neighbour_accuses_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
