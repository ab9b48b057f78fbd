/* SPDX-License-Identifier: MIT */
/*
 * Heaps of several regions under attack: a table or an image that something wrote to, two callers who add the same
 * memory, and what every refusal counts.
 */
#include "regions.h"

#include "tarn/events.h"

/* Words of the heap object: magic, sum, refusals, capacity | count, coming | flags, reserved, used, peak, regions. */
enum { COUNT_AT = 14, USED_AT = 24, FIRST_REGION_AT = 40, REGION_BYTES = 24 };

static tarn_heap *heap_with(uint32_t regions)
{
    tarn_heap *heap = make_heap();
    for (uint32_t i = 0; i < regions; i++) {
        add(heap, i, NULL);
    }
    return heap;
}

static uint32_t refusals(tarn_heap *heap)
{
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    return stats.refusals;
}

/* ---- the table ---- */

static void assert_table_found(tarn_heap *heap)
{
    tarn_heap_finding finding;
    assert_int_equal(tarn_heap_check(heap, NULL, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.finding.rule, TARN_RULE_REGIONS);
    assert_null(finding.memory);
}

/* Each byte of the table in turn, with every bit of it wrong: no image may be looked for where it leads. */
static void every_byte_of_the_table_is_vouched_for(void **state)
{
    (void)state;
    tarn_heap *heap = heap_with(3);
    size_t turns = FIRST_REGION_AT + (size_t)REGION_BYTES * REGIONS;
    size_t tried = 0;
    for (size_t at = FIRST_REGION_AT; at < turns + 3u * sizeof(uint16_t); at++) {
        bool entries = at < FIRST_REGION_AT + 3u * REGION_BYTES;
        size_t field = (at - FIRST_REGION_AT) % REGION_BYTES % 8u;
        bool room = entries && (at - FIRST_REGION_AT) % REGION_BYTES < 16u && field >= sizeof(uintptr_t);
        if ((!entries && at < turns) || room) {
            continue; /* entries not in use; the upper half of a word of the address space on 32 bits */
        }
        heap_memory[at] ^= 0xFF;
        assert_table_found(heap);
        heap_memory[at] ^= 0xFF;
        tried++;
    }
    assert_heap_sound(heap);
    print_message("%zu bytes of a table of 3 regions, each found\n", tried);
}

static void a_count_beyond_the_table_stops_every_call(void **state)
{
    (void)state;
    tarn_heap *heap = heap_with(1);
    void *block = tarn_heap_alloc(heap, 100, NULL);
    tarn_region region;
    tarn_stats stats;
    heap_memory[COUNT_AT + 1] = 0x40;
    assert_table_found(heap);
    assert_null(tarn_heap_alloc(heap, 100, NULL));
    assert_int_equal(tarn_heap_free(heap, block), TARN_E_DAMAGED);
    assert_int_equal(tarn_heap_add(heap, memory[1], REGION, NULL), TARN_E_DAMAGED);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_E_DAMAGED);
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_E_DAMAGED);
    assert_false(tarn_heap_region(heap, 0, &region));
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
    assert_int_equal(tarn_heap_deinit(heap), TARN_E_NOT_A_POOL);
}

static void a_turn_beyond_the_table_is_not_followed(void **state)
{
    (void)state;
    tarn_heap *heap = heap_with(1);
    memset(heap_memory + FIRST_REGION_AT + (size_t)REGION_BYTES * REGIONS, 0xFF, sizeof(uint16_t));
    assert_null(tarn_heap_alloc(heap, 100, NULL));
    assert_table_found(heap);
}

static void a_wrong_sum_of_used_bytes_is_found(void **state)
{
    (void)state;
    tarn_heap *heap = heap_with(2);
    assert_non_null(tarn_heap_alloc(heap, 100, NULL));
    heap_memory[USED_AT] ^= 1;
    assert_table_found(heap);
}

static void a_heap_has_the_regions_its_size_says(void **state)
{
    (void)state;
    for (size_t regions = 1; regions < REGIONS; regions++) {
        size_t bytes = TARN_HEAP_BYTES(regions + 1u) - 1u;
        tarn_heap *heap;
        assert_int_equal(tarn_heap_init(&heap, heap_memory, bytes), TARN_OK);
        uint32_t added = 0;
        while (added < REGIONS && tarn_heap_add(heap, memory[added], REGION, NULL) == TARN_OK) {
            added++;
        }
        size_t most = (((bytes & ~(size_t)7u) - 40u) / 26u);
        assert_int_equal(added, most);
        assert_true(TARN_HEAP_BYTES(added) <= bytes && TARN_HEAP_BYTES(added + 1u) > bytes);
        assert_int_equal(tarn_heap_add(heap, memory[5], REGION, NULL), TARN_E_REGIONS_FULL);
    }
}

/* ---- images ---- */

/* The table knows where a region ends, whatever became of its image. */
static void a_destroyed_region_keeps_its_place(void **state)
{
    (void)state;
    tarn_heap *heap = heap_with(1);
    void *block = tarn_heap_alloc(heap, 4000, NULL);
    tarn_region region;
    assert_non_null(block);
    memset(memory[0], 0, 64);
    assert_int_equal(tarn_heap_add(heap, memory[0] + 1024, 2048, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_region_of(heap, block, &region), TARN_OK);
    assert_int_equal(region.bytes, REGION);
    assert_int_equal(tarn_heap_free(heap, block), TARN_E_DAMAGED);
}

/* An image that says it ends behind its region would lead the walk there. */
static void an_image_longer_than_its_region_is_damaged(void **state)
{
    (void)state;
    tarn_heap *heap = heap_with(1);
    void *block = tarn_heap_alloc(heap, 100, NULL);
    uint32_t end;
    memcpy(&end, memory[0] + 16, sizeof end);
    end *= 2u;
    memcpy(memory[0] + 16, &end, sizeof end);
    assert_null(tarn_heap_alloc(heap, 100, NULL));
    assert_int_equal(tarn_heap_free(heap, block), TARN_E_DAMAGED);
    tarn_heap_finding finding;
    assert_int_equal(tarn_heap_check(heap, NULL, &finding), TARN_E_DAMAGED);
    assert_ptr_equal(finding.memory, memory[0]);
}

/* One word of the header that contradicts the others: the region is passed over, and none of its blocks is taken. */
static void an_image_that_contradicts_itself_is_passed_over(void **state)
{
    (void)state;
    static const struct {
        uint32_t word;
        uint32_t flip;
    } wrong[] = {{1, 0x80000000u}, {1, 3u}, {3, 1u}, {3, 0x40000000u}, {5, 0x40000000u}, {5, UINT32_MAX}};
    for (uint32_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        tarn_heap *heap = heap_with(2);
        tarn_leftovers left;
        uint32_t word;
        void *block = tarn_heap_alloc(heap, 100, NULL);
        assert_int_equal(region_index(block), 0);
        memcpy(&word, memory[0] + 4u * wrong[i].word, sizeof word);
        word ^= wrong[i].flip;
        memcpy(memory[0] + 4u * wrong[i].word, &word, sizeof word);
        assert_int_equal(region_index(tarn_heap_alloc(heap, 100, NULL)), 1);
        assert_int_equal(tarn_heap_recognise(heap, block), TARN_E_DAMAGED);
        assert_int_equal(tarn_heap_free(heap, block), TARN_E_DAMAGED);
        assert_int_equal(tarn_heap_resize(heap, block, 200), TARN_E_DAMAGED);
        assert_int_equal(tarn_heap_usable(heap, block), 0);
        assert_true(tarn_heap_largest(heap, NULL) < REGION);
        assert_int_equal(tarn_heap_remove(heap, memory[0], &left), TARN_E_DAMAGED);
        assert_heap_sound(heap);
    }
}

/* A pointer from an earlier heap in the same memory, whose header nobody has written over, is not one of this heap. */
static void pointers_from_an_earlier_heap_are_refused(void **state)
{
    (void)state;
    tarn_heap *heap = heap_with(1);
    unsigned char *stale[8];
    for (uint32_t i = 0; i < 8; i++) {
        stale[i] = tarn_heap_alloc(heap, 100, NULL);
        assert_non_null(stale[i]);
    }
    heap = heap_with(1);
    unsigned char *over = tarn_heap_alloc(heap, 2000, NULL);
    assert_non_null(over);
    for (uint32_t i = 1; i < 8; i++) {
        assert_int_equal(tarn_heap_free(heap, stale[i]), TARN_E_NOT_A_BLOCK);
    }
    assert_int_equal(tarn_heap_free(heap, over), TARN_OK);
    assert_heap_sound(heap);
}

/* The registry does not know regions: a pool may be made over one. The heap takes it for damage, not for its own. */
static void a_pool_made_over_a_region_is_not_the_heaps(void **state)
{
    (void)state;
    tarn_heap *heap = heap_with(1);
    tarn_pool *pool;
    assert_int_equal(tarn_init(&pool, memory[0], REGION, NULL), TARN_OK);
    void *block = tarn_alloc(pool, 100);
    assert_null(tarn_heap_alloc(heap, 100, NULL));
    assert_int_equal(tarn_heap_free(heap, block), TARN_E_DAMAGED);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_E_DAMAGED);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- two callers ---- */

typedef struct rival {
    tarn_heap *heap;
    tarn_status other; /* what the second caller's add of the same memory came to */
    bool within;
} rival;

/* While the first caller's pool is made, a second adds the same memory. */
static void add_the_same(const tarn_event *event, void *context)
{
    rival *r = context;
    if (event->kind == TARN_EVENT_INIT && !r->within) {
        r->within = true;
        r->other = tarn_heap_add(r->heap, memory[0], REGION, NULL);
        r->within = false;
    }
}

static void memory_is_added_once_whoever_is_first(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    rival r = {heap, TARN_OK, false};
    assert_listening(tarn_events_add(add_the_same, &r));
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, NULL), TARN_OK);
    assert_int_equal(tarn_events_remove(add_the_same, &r), TARN_OK);
    assert_int_equal(r.other, TARN_E_OVERLAP);
    void *block = tarn_heap_alloc(heap, 100, NULL);
    assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    assert_heap_sound(heap);
}

/* The heap ends while a region's pool is made: the claim and the pool go with it. */
static void end_the_heap(const tarn_event *event, void *context)
{
    if (event->kind == TARN_EVENT_INIT) {
        assert_int_equal(tarn_heap_deinit(context), TARN_OK);
    }
}

static void a_region_of_an_ended_heap_is_no_pool(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    assert_listening(tarn_events_add(end_the_heap, heap));
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, NULL), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_events_remove(end_the_heap, heap), TARN_OK);
    tarn_stats stats;
    assert_int_equal(tarn_stats_get((tarn_pool *)memory[0], &stats), TARN_E_NOT_A_POOL);
}

/* A claim takes a place in the table as a region does, and gives it back where no pool could be made. */
static void a_failed_claim_gives_its_place_back(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    for (uint32_t i = 0; i < 3u * REGIONS; i++) {
        assert_int_equal(tarn_heap_add(heap, memory[i % REGIONS], 16, NULL), TARN_E_TOO_SMALL);
    }
    for (uint32_t i = 0; i < REGIONS; i++) {
        add(heap, i, NULL);
    }
    assert_heap_sound(heap);
}

/* ---- refusals ---- */

static void every_refused_request_is_counted(void **state)
{
    (void)state;
    tarn_heap *heap = heap_with(1);
    tarn_request odd = {NULL, 0, 0, 3};
    void *block = tarn_heap_alloc(heap, 100, NULL);
    assert_int_equal(refusals(heap), 0);
    assert_null(tarn_heap_alloc(heap, 10, &odd));
    assert_int_equal(refusals(heap), 1);
    assert_null(tarn_heap_calloc(heap, SIZE_MAX, 2, NULL));
    assert_int_equal(refusals(heap), 2);
    assert_null(tarn_heap_realloc(heap, block, 200, &odd));
    assert_int_equal(refusals(heap), 3);
    assert_int_equal(tarn_heap_recognise(heap, (unsigned char *)block + 8), TARN_E_NOT_A_BLOCK);
    assert_int_equal(tarn_heap_owner_set(heap, (unsigned char *)block + 8, 1), TARN_E_NOT_A_BLOCK);
    assert_int_equal(refusals(heap), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_of_the_table_is_vouched_for),
        cmocka_unit_test(a_count_beyond_the_table_stops_every_call),
        cmocka_unit_test(a_turn_beyond_the_table_is_not_followed),
        cmocka_unit_test(a_wrong_sum_of_used_bytes_is_found),
        cmocka_unit_test(a_heap_has_the_regions_its_size_says),
        cmocka_unit_test(a_destroyed_region_keeps_its_place),
        cmocka_unit_test(an_image_longer_than_its_region_is_damaged),
        cmocka_unit_test(an_image_that_contradicts_itself_is_passed_over),
        cmocka_unit_test(pointers_from_an_earlier_heap_are_refused),
        cmocka_unit_test(a_pool_made_over_a_region_is_not_the_heaps),
        cmocka_unit_test(memory_is_added_once_whoever_is_first),
        cmocka_unit_test(a_region_of_an_ended_heap_is_no_pool),
        cmocka_unit_test(a_failed_claim_gives_its_place_back),
        cmocka_unit_test(every_refused_request_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
