/* SPDX-License-Identifier: MIT */
/*
 * The check in steps of a heap of regions.
 *
 * RC1 a round goes through the regions in order of address and says when it is over; regions may come and go meanwhile
 * RC2 what is broken in a region, or in the table, is found and named in one round
 * RC3 a region without the place for it is refused by name, and the next call goes on behind it
 */
#include "regions.h"

enum { BLOCKS = 30 };

static unsigned char *blocks[BLOCKS];

static tarn_heap *make_filled_heap(void)
{
    tarn_heap *heap = make_heap();
    tarn_region_options options = {.pool = {.flags = TARN_POOL_CURSOR | TARN_POOL_GUARD}};
    for (uint32_t i = 0; i < 3; i++) {
        options.capabilities = 1u << i;
        options.pool.engine = TARN_ENGINE_DEFAULT;
        add(heap, i, &options);
    }
    for (uint32_t i = 0; i < BLOCKS; i++) {
        uint32_t mask = 1u << i % 3u;
        tarn_request request = {.capabilities = &mask, .count = 1};
        blocks[i] = tarn_heap_alloc(heap, 30u + 5u * i, &request);
        assert_non_null(blocks[i]);
    }
    for (uint32_t i = 0; i < BLOCKS; i += 4) {
        assert_int_equal(tarn_heap_free(heap, blocks[i]), TARN_OK);
        blocks[i] = NULL;
    }
    return heap;
}

/* Returns how many calls a round takes; the last that was found is in *finding, and how often in *times. */
static uint32_t round_of(tarn_heap *heap, uint32_t parts, tarn_heap_finding *finding, uint32_t *times)
{
    void *at = NULL;
    tarn_heap_finding found;
    uint32_t calls = 0;
    memset(finding, 0, sizeof *finding);
    *times = 0;
    do {
        if (tarn_heap_check_some(heap, &at, parts, &found) != TARN_OK) {
            *finding = found;
            ++*times;
        }
        assert_true((at == NULL) == (found.finding.round == 1) && ++calls < 1000);
    } while (at != NULL);
    return calls;
}

static void a_round_goes_through_all_regions(void **state)
{
    (void)state;
    tarn_heap *heap = make_filled_heap();
    tarn_heap_finding finding;
    uint32_t times;
    uint32_t single = round_of(heap, 1, &finding, &times);
    assert_int_equal(times, 0);
    assert_true(single > BLOCKS && round_of(heap, 5, &finding, &times) < single);
    assert_int_equal(round_of(heap, UINT32_MAX, &finding, &times), 3);
    assert_int_equal(times, 0);
    assert_heap_sound(heap);
    void *at = memory[1];
    assert_int_equal(tarn_heap_check_some(heap, &at, 3, NULL), TARN_OK);
    assert_ptr_equal(at, memory[1]);
    for (uint32_t i = 1; i < BLOCKS; i += 3) {
        assert_true(blocks[i] == NULL || tarn_heap_free(heap, blocks[i]) == TARN_OK);
    }
    assert_int_equal(tarn_heap_remove(heap, memory[1], NULL), TARN_OK);
    assert_int_equal(tarn_heap_check_some(heap, &at, 1, &finding), TARN_OK);
    assert_ptr_equal(at, memory[2]); /* the one behind the place of the one that went */
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

static void faults_are_found_and_named(void **state)
{
    (void)state;
    tarn_heap *heap = make_filled_heap();
    tarn_heap_finding finding;
    uint32_t times;
    for (uint32_t i = 1; i < BLOCKS; i++) {
        size_t size = 30u + 5u * i;
        if (blocks[i] == NULL || (size + 8u) % 8u == 0) {
            continue;
        }
        blocks[i][size] ^= 1;
        (void)round_of(heap, 1 + i % 4u, &finding, &times);
        blocks[i][size] ^= 1;
        assert_int_equal(times, 1);
        assert_ptr_equal(finding.memory, memory[i % 3u]);
        assert_int_equal(finding.finding.rule, TARN_RULE_GUARD);
        assert_int_equal(finding.finding.offset, blocks[i] - memory[i % 3u]);
    }
    heap_memory[60] ^= 1; /* an entry of the table */
    void *at = memory[1];
    assert_int_equal(tarn_heap_check_some(heap, &at, 1, &finding), TARN_E_DAMAGED);
    assert_true(finding.finding.rule == TARN_RULE_REGIONS && finding.memory == NULL && finding.finding.round == 1);
    heap_memory[60] ^= 1;
    memory[1][0] ^= 1; /* a region's header: its round is over, those behind it have theirs */
    assert_int_equal(round_of(heap, UINT32_MAX, &finding, &times), 3);
    assert_true(times == 1 && finding.memory == memory[1] && finding.finding.rule == TARN_RULE_HEADER);
    memory[1][0] ^= 1;
    assert_heap_sound(heap);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

static void regions_without_a_place_are_refused(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_heap_finding finding;
    tarn_region_options plain = {0};
    tarn_region_options lines = {.line = 64, .pool = {.flags = TARN_POOL_CURSOR}};
    void *at = NULL;
    assert_int_equal(tarn_heap_check_some(heap, &at, 1, &finding), TARN_OK); /* nothing is a round */
    assert_int_equal(finding.finding.round, 1);
    add(heap, 0, &plain);
    add(heap, 1, &lines);
    assert_int_equal(tarn_heap_check_some(heap, &at, 1, &finding), TARN_E_ARGUMENT);
    assert_ptr_equal(at, memory[1]);
    assert_int_equal(finding.finding.round, 0);
    assert_int_equal(tarn_heap_check_some(heap, &at, UINT32_MAX, &finding), TARN_OK);
    assert_true(at == NULL && finding.finding.round == 1);
    void *block = tarn_heap_alloc(heap, REGION - 4000, NULL);
    unsigned char *line = tarn_heap_alloc(heap, REGION - 2000, NULL);
    assert_true(block != NULL && line != NULL && (uintptr_t)line % 64u == 0);
    assert_int_equal(tarn_heap_check_some(heap, NULL, 1, &finding), TARN_E_NULL);
    assert_int_equal(tarn_heap_check_some(NULL, &at, 1, &finding), TARN_E_NULL);
    assert_int_equal(tarn_heap_check_some((tarn_heap *)(void *)memory[2], &at, 1, NULL), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_round_goes_through_all_regions),
                                       cmocka_unit_test(faults_are_found_and_named),
                                       cmocka_unit_test(regions_without_a_place_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
