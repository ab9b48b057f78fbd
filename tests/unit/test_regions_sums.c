/* SPDX-License-Identifier: MIT */
/*
 * Statistics, marks and checks of heaps of several regions: what is said of the whole is made from what is said of each
 * region, whatever their order, and what is said of a region is what its walk and its requests find.
 */
#include "heap.h"

#include "regions.h"

static uint64_t larger_of(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint32_t lesser_of(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static tarn_stats stats_of(tarn_heap *heap, const void *region)
{
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, region, &stats), TARN_OK);
    return stats;
}

/* ---- unlike regions ---- */

/* Three regions that differ in all that statistics tell. */
static void unlike(uint32_t index, tarn_region_options *options)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    memset(options, 0, sizeof *options);
    options->pool.engine = engines[index % count];
    options->pool.granule = index == 0 ? 16 : 8;
    options->pool.extension_words = index == 0 ? 3 : 0;
    options->pool.recognition = index == 1 ? TARN_RECOGNISE_EXACT : TARN_RECOGNISE_KEYED;
    options->line = index == 2 ? 64 : 0;
    options->capabilities = 1u << index;
}

/* Blocks of several sizes, every third given back, one on an alignment of its own. */
static void use(tarn_heap *heap, uint32_t index)
{
    const uint32_t mask = 1u << index;
    tarn_request request = {&mask, 1, 0, (size_t)256 >> index};
    void *blocks[9];
    assert_non_null(tarn_heap_alloc(heap, 40, &request));
    request.alignment = 0;
    for (uint32_t i = 0; i < 9; i++) {
        blocks[i] = tarn_heap_alloc(heap, 30u + 50u * i + 100u * index, &request);
        assert_non_null(blocks[i]);
    }
    for (uint32_t i = 0; i < 9; i += 3) {
        assert_int_equal(tarn_heap_free(heap, blocks[i]), TARN_OK);
    }
}

static const size_t bytes_of[3] = {REGION, REGION - 1024, REGION - 2048 - 4};

static void make_unlike(tarn_heap *heap, const uint32_t order[3])
{
    for (uint32_t place = 0; place < 3; place++) {
        tarn_region_options options;
        unlike(order[place], &options);
        unsigned char *at = memory[place] + (order[place] == 2 ? 4 : 0);
        assert_int_equal(tarn_heap_add(heap, at, bytes_of[order[place]], &options), TARN_OK);
    }
    for (uint32_t index = 0; index < 3; index++) {
        use(heap, index);
    }
}

static void add_up(tarn_stats *sum, const tarn_stats *one, bool first)
{
    sum->bytes += one->bytes;
    sum->capacity += one->capacity;
    sum->used += one->used;
    sum->free += one->free;
    sum->blocks += one->blocks;
    sum->free_blocks += one->free_blocks;
    sum->largest_free = larger_of(sum->largest_free, one->largest_free);
    sum->largest_request = larger_of(sum->largest_request, one->largest_request);
    sum->engine = first || sum->engine == one->engine ? one->engine : 0;
    sum->granule = first ? one->granule : lesser_of(sum->granule, one->granule);
    sum->check_bits = first ? one->check_bits : lesser_of(sum->check_bits, one->check_bits);
    sum->exact = first ? one->exact : lesser_of(sum->exact, one->exact);
    sum->extension_words = (uint32_t)larger_of(sum->extension_words, one->extension_words);
    sum->overhead = (uint32_t)larger_of(sum->overhead, one->overhead);
    sum->max_alignment = (uint32_t)larger_of(sum->max_alignment, one->max_alignment);
}

static void assert_same(const tarn_stats *whole, const tarn_stats *sum)
{
    assert_int_equal(whole->bytes, sum->bytes);
    assert_int_equal(whole->capacity, sum->capacity);
    assert_int_equal(whole->used, sum->used);
    assert_int_equal(whole->free, sum->free);
    assert_int_equal(whole->used + whole->free, whole->capacity);
    assert_int_equal(whole->blocks, sum->blocks);
    assert_int_equal(whole->free_blocks, sum->free_blocks);
    assert_int_equal(whole->largest_free, sum->largest_free);
    assert_int_equal(whole->largest_request, sum->largest_request);
    assert_int_equal(whole->engine, sum->engine);
    assert_int_equal(whole->granule, sum->granule);
    assert_int_equal(whole->check_bits, sum->check_bits);
    assert_int_equal(whole->exact, sum->exact);
    assert_int_equal(whole->extension_words, sum->extension_words);
    assert_int_equal(whole->overhead, sum->overhead);
    assert_int_equal(whole->max_alignment, sum->max_alignment);
    assert_int_equal(whole->key, 0);
}

static void the_whole_is_made_from_its_regions_in_any_order(void **state)
{
    (void)state;
    static const uint32_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    uint32_t engines[3];
    uint32_t mixed = engines_built(engines);
    for (uint32_t i = 0; i < 6; i++) {
        tarn_heap *heap = make_heap();
        tarn_stats sum;
        uint32_t granules = 0;
        memset(&sum, 0, sizeof sum);
        make_unlike(heap, orders[i]);
        for (uint32_t place = 0; place < 3; place++) {
            tarn_region region;
            assert_true(tarn_heap_region(heap, place, &region));
            tarn_stats one = stats_of(heap, region.memory);
            assert_int_equal(one.bytes, bytes_of[orders[i][place]]);
            assert_int_not_equal(one.key, 0);
            granules |= one.granule;
            add_up(&sum, &one, place == 0);
        }
        tarn_stats whole = stats_of(heap, NULL);
        assert_same(&whole, &sum);
        assert_int_equal(granules, 8 | 16);
        assert_int_equal(whole.engine, mixed > 1 ? 0 : engines[0]);
        assert_int_equal(whole.exact, 0);
        assert_int_equal(whole.extension_words, 3);
        assert_heap_sound(heap);
    }
    print_message("6 orders of 3 regions, %u engines\n", mixed);
}

/* ---- one region ---- */

typedef struct widest {
    uint64_t free;
    uint32_t free_blocks;
    uint32_t blocks;
} widest;

static bool note_widest(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)region;
    (void)payload;
    widest *w = context;
    if (block->state == TARN_BLOCK_FREE) {
        w->free = larger_of(w->free, block->size);
        w->free_blocks++;
    } else {
        w->blocks++;
    }
    return true;
}

static void a_regions_figures_are_what_a_walk_and_requests_find(void **state)
{
    (void)state;
    static const uint32_t order[3] = {0, 1, 2};
    tarn_heap *heap = make_heap();
    make_unlike(heap, order);
    for (uint32_t index = 0; index < 3; index++) {
        const uint32_t mask = 1u << index;
        const tarn_request request = {&mask, 1, 0, 0};
        tarn_region region;
        widest w = {0, 0, 0};
        assert_true(tarn_heap_region(heap, index, &region));
        tarn_stats stats = stats_of(heap, region.memory);
        assert_int_equal(tarn_heap_walk(heap, region.memory, note_widest, &w), TARN_OK);
        assert_int_equal(stats.largest_free, w.free);
        assert_int_equal(stats.free_blocks, w.free_blocks);
        assert_int_equal(stats.blocks, w.blocks);
        assert_int_equal(stats.largest_request, tarn_heap_largest(heap, &request));
        if (region.line == 0) {
            assert_int_equal(stats.max_alignment, 256u >> index);
        }
        assert_null(tarn_heap_alloc(heap, (size_t)stats.largest_request + 1u, &request));
        assert_non_null(tarn_heap_alloc(heap, (size_t)stats.largest_request, &request));
    }
}

/* Wherever the region ends: what is left behind the last whole line is nobody's. */
static void the_largest_request_is_exact_at_every_end(void **state)
{
    (void)state;
    for (uint32_t short_by = 0; short_by < 256; short_by += 8) {
        for (uint32_t line = 0; line <= 128; line += 64) {
            tarn_heap *heap = make_heap();
            tarn_region_options options = {0};
            options.line = line;
            assert_int_equal(tarn_heap_add(heap, memory[0], REGION - short_by, &options), TARN_OK);
            size_t largest = tarn_heap_largest(heap, NULL);
            assert_int_equal(stats_of(heap, memory[0]).largest_request, largest);
            assert_null(tarn_heap_alloc(heap, largest + 1u, NULL));
            void *block = tarn_heap_alloc(heap, largest, NULL);
            assert_int_equal(tarn_heap_usable(heap, block), largest);
        }
    }
}

/* Down to nothing: the largest request of a full region is 0, with lines and without, and is refused with 1. */
static void a_full_region_has_no_largest_request(void **state)
{
    (void)state;
    static const uint32_t lines[] = {0, 16, 64, 1024};
    for (uint32_t i = 0; i < 4; i++) {
        tarn_heap *heap = make_heap();
        tarn_region_options options = {0};
        options.line = lines[i];
        add(heap, 0, &options);
        size_t largest;
        while ((largest = tarn_heap_largest(heap, NULL)) != 0) {
            assert_true(largest < REGION);
            assert_int_equal(stats_of(heap, NULL).largest_request, largest);
            assert_non_null(tarn_heap_alloc(heap, largest > 3 * REGION / 4 ? largest / 2 : 1, NULL));
        }
        assert_null(tarn_heap_alloc(heap, 1, NULL));
        assert_null(tarn_heap_alloc(heap, 0, NULL));
        assert_int_equal(stats_of(heap, memory[0]).largest_request, 0);
        assert_heap_sound(heap);
    }
}

static void a_failed_question_leaves_no_figures(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_stats stats, none;
    memset(&none, 0, sizeof none);
    add(heap, 0, NULL);
    add(heap, 1, NULL);
    assert_non_null(tarn_heap_alloc(heap, 100, NULL));
    memset(memory[1], 0, 64);
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_E_DAMAGED);
    assert_memory_equal(&stats, &none, sizeof none);
    assert_int_equal(tarn_heap_stats(heap, memory[1], &stats), TARN_E_DAMAGED);
    assert_memory_equal(&stats, &none, sizeof none);
    assert_int_equal(tarn_heap_stats(heap, memory[0] + 8, &stats), TARN_E_FOREIGN);
    assert_memory_equal(&stats, &none, sizeof none);
    assert_int_equal(tarn_heap_stats(heap, NULL, NULL), TARN_E_NULL);
    assert_int_equal(stats_of(heap, memory[0]).blocks, 1);
}

/* ---- marks ---- */

static void a_reset_of_peaks_reaches_every_region(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    const uint32_t masks[] = {1, 2};
    uint64_t kept[2];
    for (uint32_t i = 0; i < 2; i++) {
        const tarn_region_options options = with_capabilities(masks[i]);
        const tarn_request request = {&masks[i], 1, 0, 0};
        add(heap, i, &options);
        assert_non_null(tarn_heap_alloc(heap, 100u * (i + 1u), &request));
        kept[i] = stats_of(heap, memory[i]).used;
        assert_int_equal(tarn_heap_free(heap, tarn_heap_alloc(heap, 3000, &request)), TARN_OK);
        assert_true(stats_of(heap, memory[i]).peak > kept[i] + 3000);
    }
    assert_int_equal(stats_of(heap, NULL).peak, kept[0] + stats_of(heap, memory[1]).peak);
    assert_int_equal(tarn_heap_peak_reset(heap), TARN_OK);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(stats_of(heap, memory[i]).peak, kept[i]);
    }
    assert_int_equal(stats_of(heap, NULL).peak, kept[0] + kept[1]);
    assert_heap_sound(heap);
}

/* ---- walks ---- */

typedef struct route {
    const void *memory[8];
    void *held[40];
    uint32_t regions;
    uint32_t blocks;
    uint32_t most; /* blocks to visit */
} route;

static bool follow(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)payload;
    (void)block;
    route *r = context;
    if (r->regions == 0 || r->memory[r->regions - 1u] != region->memory) {
        assert_true(r->regions < 8);
        r->memory[r->regions++] = region->memory;
    }
    r->blocks++;
    return r->blocks != r->most;
}

/* One region means that one, whatever comes behind it; all means each once, in order of address; false means enough. */
static void a_walk_goes_where_it_was_sent(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    for (uint32_t i = 0; i < 3; i++) {
        add(heap, 2u - i, NULL);
    }
    while (tarn_heap_alloc(heap, 200, NULL) != NULL) {
    }
    for (uint32_t i = 0; i < 3; i++) {
        route one = {{NULL}, {NULL}, 0, 0, 0};
        assert_int_equal(tarn_heap_walk(heap, memory[i], follow, &one), TARN_OK);
        assert_int_equal(one.regions, 1);
        assert_ptr_equal(one.memory[0], memory[i]);
    }
    route all = {{NULL}, {NULL}, 0, 0, 0};
    assert_int_equal(tarn_heap_walk(heap, NULL, follow, &all), TARN_OK);
    assert_int_equal(all.regions, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_ptr_equal(all.memory[i], memory[i]);
    }
    for (uint32_t most = 1; most < all.blocks; most += 7) {
        route some = {{NULL}, {NULL}, 0, 0, most};
        assert_int_equal(tarn_heap_walk(heap, NULL, follow, &some), TARN_OK);
        assert_int_equal(some.blocks, most);
    }
}

/* On the first block: gives all blocks of the region back and takes it out of the heap. */
static bool remove_own(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)payload;
    (void)block;
    route *r = context;
    tarn_heap *heap = (tarn_heap *)heap_memory;
    if (r->blocks++ == 0) {
        for (uint32_t i = 0; i < 40; i++) {
            assert_int_equal(tarn_heap_free(heap, r->held[i]), TARN_OK);
        }
        assert_int_equal(tarn_heap_remove(heap, region->memory, NULL), TARN_OK);
    }
    assert_ptr_equal(region->memory, memory[0]);
    return true;
}

/* The region that a walk was sent to is gone: up to 15 more of its blocks, and none of the region behind it. */
static void a_walk_of_one_region_ends_with_it(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    route r = {{NULL}, {NULL}, 0, 0, 0};
    for (uint32_t i = 0; i < 3; i++) {
        add(heap, i, NULL);
    }
    for (uint32_t i = 0; i < 40; i++) {
        r.held[i] = tarn_heap_alloc(heap, 20, NULL);
        assert_int_equal(region_index(r.held[i]), 0);
    }
    assert_int_equal(tarn_heap_walk(heap, memory[0], remove_own, &r), TARN_OK);
    assert_in_range(r.blocks, 1, 16);
    assert_heap_sound(heap);
}

/* ---- checks ---- */

/* Every region is looked at, and the first that is broken is named, by a check of all and by one of that region. */
static void a_check_names_the_region_and_the_rule(void **state)
{
    (void)state;
    for (uint32_t broken = 0; broken < 3; broken++) {
        tarn_heap *heap = make_heap();
        tarn_heap_finding all, one;
        void *blocks[3];
        for (uint32_t i = 0; i < 3; i++) {
            add(heap, i, NULL);
            blocks[i] = tarn_heap_alloc(heap, 5000, NULL);
            assert_int_equal(region_index(blocks[i]), i);
        }
        for (uint32_t i = broken; i < 3; i++) {
            ((unsigned char *)blocks[i])[-4] ^= 0x10;
        }
        assert_int_equal(tarn_heap_check(heap, NULL, &all), TARN_E_DAMAGED);
        assert_ptr_equal(all.memory, memory[broken]);
        assert_int_equal(tarn_heap_check(heap, memory[broken], &one), TARN_E_DAMAGED);
        assert_ptr_equal(one.memory, memory[broken]);
        assert_true(one.finding.rule != 0 && one.finding.rule != TARN_RULE_REGIONS);
        assert_int_equal(one.finding.rule, all.finding.rule);
        assert_int_equal(one.finding.offset, all.finding.offset);
        for (uint32_t i = 0; i < broken; i++) {
            assert_int_equal(tarn_heap_check(heap, memory[i], &one), TARN_OK);
            assert_null(one.memory);
            assert_int_equal(one.finding.rule, 0);
        }
    }
}

/* A peak below what is used, with a table that is sound. */
static void a_peak_that_never_was_is_found(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_heap_finding finding;
    add(heap, 0, NULL);
    assert_non_null(tarn_heap_alloc(heap, 100, NULL));
    heap->peak.value--;
    assert_int_equal(tarn_heap_check(heap, NULL, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.finding.rule, TARN_RULE_REGIONS);
    heap->peak.value++;
    assert_heap_sound(heap);
}

static void assert_forgery_found(tarn_heap *heap)
{
    tarn_heap_finding finding;
    heap->sum = tarn_heap_sum(heap);
    assert_int_equal(tarn_heap_check(heap, NULL, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.finding.rule, TARN_RULE_REGIONS);
    assert_null(finding.memory);
}

/* Entries out of order, entries that overlap and ranks out of order, each with the sum that belongs to them. */
static void a_table_that_vouches_for_nonsense_is_found(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options late = {0};
    late.rank = 1;
    add(heap, 0, NULL);
    add(heap, 1, NULL);
    add(heap, 2, &late);
    heap_region first = heap->regions[0];
    heap->regions[0] = heap->regions[1];
    heap->regions[1] = first;
    assert_forgery_found(heap);
    heap->regions[1] = heap->regions[0];
    heap->regions[0] = first;
    heap->regions[0].bytes.value++;
    assert_forgery_found(heap);
    heap->regions[0].bytes.value--;
    heap->regions[0].rank = 2;
    assert_forgery_found(heap);
    heap->regions[0].rank = 0;
    heap->sum = tarn_heap_sum(heap);
    assert_heap_sound(heap);
}

/* What decides where the turns lie, and what the headers say, is in the sum too. */
static void capacity_and_flags_are_vouched_for(void **state)
{
    (void)state;
    tarn_heap_finding finding;
    tarn_heap *heap = make_heap();
    add(heap, 0, NULL);
    heap->capacity--;
    memset(&heap->regions[heap->capacity], 0, sizeof heap->regions[0]); /* there its turns would be, as they are: 0 */
    assert_int_equal(tarn_heap_check(heap, NULL, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.finding.rule, TARN_RULE_REGIONS);
    heap->capacity++;
    heap->flags ^= 1;
    assert_int_equal(tarn_heap_check(heap, NULL, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.finding.rule, TARN_RULE_REGIONS);
}

/* An image that ends behind its region, but not by more than what lines leave out in front of it. */
static void an_image_ends_with_its_region_to_the_granule(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options options = {0};
    tarn_stats stats;
    tarn_region region;
    options.line = 1024;
    add(heap, 0, &options);
    assert_true(tarn_heap_region(heap, 0, &region));
    assert_true((unsigned char *)region.pool - memory[0] > 64);
    unsigned char *end = (unsigned char *)region.pool + 4 * IMAGE_END;
    word_store(end, word_load(end) + 2u);
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_E_DAMAGED);
    assert_null(tarn_heap_alloc(heap, 1, NULL));
    word_store(end, word_load(end) - 2u);
    assert_heap_sound(heap);
}

/* ---- modules ---- */

static tarn_module row_of(tarn_heap *heap, const void *region, uint32_t module)
{
    tarn_module row;
    assert_int_equal(tarn_heap_module_get(heap, region, module, &row), TARN_OK);
    return row;
}

/* Two regions that count, of different granules, and one that does not. */
static void modules_are_limited_and_summed_by_region(void **state)
{
    (void)state;
    tarn_module row;
    tarn_heap *heap = make_heap();
    tarn_region_options options[3] = {{.pool = {.extension_words = 1, .modules = 4}},
                                      {.pool = {.extension_words = 1, .modules = 8, .granule = 16}},
                                      {.rank = 1}};
    tarn_request request = {.module = 5};
    uint32_t in[3] = {0};
    add(heap, 2, &options[2]);
    assert_int_equal(tarn_heap_quota_set(heap, NULL, 5, 100), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_module_get(heap, NULL, 5, &row), TARN_E_ARGUMENT);
    add(heap, 0, &options[0]);
    add(heap, 1, &options[1]);
    assert_int_equal(row_of(heap, NULL, 5).quota, TARN_QUOTA_NONE);
    assert_int_equal(tarn_heap_quota_set(heap, NULL, 5, 1000), TARN_OK);
    assert_int_equal(row_of(heap, memory[0], 5).quota, 1000);
    assert_int_equal(row_of(heap, memory[1], 5).quota, 992);
    assert_int_equal(row_of(heap, NULL, 5).quota, 1992);
    assert_int_equal(row_of(heap, NULL, 5).row, 5); /* of the first region the last, 3 */
    for (int i = 0; i < 30; i++) {
        void *block = tarn_heap_alloc(heap, 200, &request);
        assert_non_null(block);
        in[region_index(block)]++;
    }
    assert_int_equal(in[0], 1000 / 208);
    assert_int_equal(in[1], 992 / 208);
    assert_int_equal(in[2], 30 - in[0] - in[1]);
    assert_int_equal(row_of(heap, NULL, 5).blocks, in[0] + in[1]);
    assert_int_equal(row_of(heap, NULL, 5).live, row_of(heap, memory[0], 5).live + row_of(heap, memory[1], 5).live);
    assert_int_equal(row_of(heap, NULL, 5).peak, row_of(heap, NULL, 5).live);
    assert_int_equal(tarn_heap_quota_set(heap, memory[1], 5, TARN_QUOTA_NONE), TARN_OK);
    assert_int_equal(row_of(heap, memory[0], 5).quota, 1000);
    assert_int_equal(row_of(heap, NULL, 5).quota, TARN_QUOTA_NONE);
    assert_int_equal(region_index(tarn_heap_alloc(heap, 200, &request)), 1);
    assert_int_equal(tarn_heap_quota_set(heap, memory[2], 5, 1), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_quota_set(heap, memory[0] + 8, 5, 1), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_quota_set(heap, NULL, 0x1000, 1), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_quota_set(NULL, NULL, 5, 1), TARN_E_NULL);
    assert_int_equal(tarn_heap_module_get(heap, NULL, 5, NULL), TARN_E_NULL);
    assert_int_equal(tarn_heap_module_get(heap, memory[2], 5, &row), TARN_E_ARGUMENT);
    assert_true(row.live == 0 && row.quota == 0);
    assert_heap_sound(heap);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
    assert_int_equal(tarn_heap_quota_set(heap, NULL, 5, 1), TARN_E_NOT_A_POOL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_is_made_from_its_regions_in_any_order),
        cmocka_unit_test(a_regions_figures_are_what_a_walk_and_requests_find),
        cmocka_unit_test(the_largest_request_is_exact_at_every_end),
        cmocka_unit_test(a_full_region_has_no_largest_request),
        cmocka_unit_test(a_failed_question_leaves_no_figures),
        cmocka_unit_test(a_reset_of_peaks_reaches_every_region),
        cmocka_unit_test(a_walk_goes_where_it_was_sent),
        cmocka_unit_test(a_walk_of_one_region_ends_with_it),
        cmocka_unit_test(a_check_names_the_region_and_the_rule),
        cmocka_unit_test(a_peak_that_never_was_is_found),
        cmocka_unit_test(a_table_that_vouches_for_nonsense_is_found),
        cmocka_unit_test(capacity_and_flags_are_vouched_for),
        cmocka_unit_test(modules_are_limited_and_summed_by_region),
        cmocka_unit_test(an_image_ends_with_its_region_to_the_granule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
