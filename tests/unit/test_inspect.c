/* SPDX-License-Identifier: MIT */
/*
 * Looking at pools: statistics, walk, block_at, largest request; live, and in views of the bytes.
 *
 * N1 statistics are what a recount by a walk gives, live and in a view
 * N2 the largest request succeeds and one more byte does not
 * N3 a walk tiles the pool; with callbacks that use the pool every block that stays is seen exactly once
 *    and no block that never was, whatever users wrote
 * N4 every byte behind the control data belongs to one block, and block_at names it
 * N5 a view needs no alignment, no right to write, and not its own byte order
 */
#include "anatomy.h"
#include "drive.h"
#include "test.h"

#include <stdlib.h>
#include <sys/mman.h>

enum { BYTES = 16384, PARTS = 8192, ROUNDS = 40 };

static _Alignas(4096) unsigned char memory[BYTES];
static _Alignas(4096) unsigned char copy[BYTES + 16];
static part parts[PARTS];

typedef void pool_test(tarn_pool *pool, const shape *s);

/* Runs the test on pools of all kinds, each in many states. */
static void on_pools(pool_test *run)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    uint32_t states = 0;
    for (uint32_t i = 0; i < built * 48u; i++) {
        static drive d;
        static const uint32_t extensions[] = {0, 1, 3, 0};
        shape s = {engines[i / 48u],
                   UINT32_C(4) << i % 3u,
                   extensions[i / 3u % 4u],
                   TARN_RECOGNISE_KEYED + i / 12u % 2u,
                   i / 24u % 2u == 0 ? BYTES : 448,
                   i / 3u % 4u == 3u ? SHAPE_PARKS : 0};
        tarn_options options = shape_options(&s);
        if (tarn_overhead(s.bytes, &options) == 0) { /* parked blocks and the exact map exclude each other */
            continue;
        }
        tarn_pool *pool = pool_make(&s, memory);
        drive_begin(&d, pool, s.bytes, 8, test_seed());
        for (uint64_t round = test_scaled(ROUNDS); round != 0; round--) {
            run(pool, &s);
            drive_run(&d, 37);
            states++;
        }
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
    printf("%u states of pools, seed %lu\n", (unsigned)states, (unsigned long)test_seed());
}

/* ---- N1, N3 ---- */

typedef struct recount {
    const shape *shape;
    tarn_stats stats;
    uint64_t next; /* offset at which the next block must begin */
} recount;

static bool count_block(const tarn_block *block, void *context)
{
    recount *r = context;
    bool free = block->state == TARN_BLOCK_FREE;
    assert_true(r->next == 0 || block->offset == r->next);
    assert_int_equal(block->offset % r->shape->granule, 0);
    uint64_t overhead = 4u + 4u * r->shape->extension_words; /* the wilderness may be smaller */
    assert_int_equal(block->usable, block->size > overhead ? block->size - overhead : 0);
    r->next = block->offset + block->size;
    r->stats.used += free ? 0 : block->size;
    r->stats.free += free ? block->size : 0;
    r->stats.blocks += !free;
    r->stats.free_blocks += free;
    r->stats.largest_free = free && block->size > r->stats.largest_free ? block->size : r->stats.largest_free;
    return true;
}

static void compare_with_recount(const tarn_stats *stats, const recount *r)
{
    assert_int_equal(stats->used, r->stats.used);
    assert_int_equal(stats->free, r->stats.free);
    assert_int_equal(stats->capacity, r->stats.used + r->stats.free);
    assert_int_equal(stats->blocks, r->stats.blocks);
    assert_int_equal(stats->free_blocks, r->stats.free_blocks);
    assert_int_equal(stats->largest_free, r->stats.largest_free);
    assert_true(stats->peak >= stats->used && stats->peak <= stats->capacity);
    assert_int_equal(stats->engine, r->shape->engine);
    assert_int_equal(stats->granule, r->shape->granule);
    assert_int_equal(stats->extension_words, r->shape->extension_words);
    assert_int_equal(stats->overhead, 4u + 4u * r->shape->extension_words);
    assert_int_equal(stats->exact, r->shape->recognition == TARN_RECOGNISE_EXACT);
    assert_int_equal(stats->bytes, r->shape->bytes);
}

static void recount_pool(tarn_pool *pool, const shape *s)
{
    recount live = {s, {0}, 0};
    recount viewed = {s, {0}, 0};
    tarn_stats stats = {0};
    tarn_stats view_stats = {0};
    tarn_view view;
    assert_int_equal(tarn_walk(pool, count_block, &live), TARN_OK);
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    compare_with_recount(&stats, &live);
    assert_int_equal(tarn_view_open(&view, memory, s->bytes), TARN_OK);
    assert_int_equal(tarn_view_walk(&view, count_block, &viewed), TARN_OK);
    assert_int_equal(tarn_view_stats(&view, &view_stats), TARN_OK);
    compare_with_recount(&view_stats, &viewed);
    assert_memory_equal(&stats, &view_stats, sizeof stats);
    assert_int_equal(tarn_view_check(&view, NULL), TARN_OK);
}

static void statistics_are_what_a_recount_gives(void **state)
{
    (void)state;
    on_pools(recount_pool);
}

/* ---- N2 ---- */

/* On a copy of the bytes, which is a pool as it stands. */
static void request_largest(tarn_pool *pool, const shape *s)
{
    tarn_pool *other = (tarn_pool *)(void *)copy;
    size_t largest = tarn_largest(pool);
    memcpy(copy, memory, s->bytes);
    if (largest != 0) {
        void *block = tarn_alloc(other, largest);
        assert_non_null(block);
        assert_true(tarn_usable(other, block) >= largest);
    }
    memcpy(copy, memory, s->bytes);
    assert_null(tarn_alloc(other, largest + 1u));
    assert_int_equal(tarn_largest(other), largest);
}

static void largest_request_is_exact(void **state)
{
    (void)state;
    on_pools(request_largest);
}

/* ---- walks ---- */

static bool stop_at_third(const tarn_block *block, void *context)
{
    uint32_t *seen = context;
    (void)block;
    return ++*seen < 3;
}

static void a_walk_stops_when_told(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, BYTES, 0};
    tarn_pool *pool = pool_make(&s, memory);
    tarn_view view;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < 40; i++) {
        assert_non_null(tarn_alloc(pool, 20));
    }
    assert_int_equal(tarn_walk(pool, stop_at_third, &seen), TARN_OK);
    assert_int_equal(seen, 3);
    assert_int_equal(tarn_view_open(&view, memory, BYTES), TARN_OK);
    seen = 0;
    assert_int_equal(tarn_view_walk(&view, stop_at_third, &seen), TARN_OK);
    assert_int_equal(seen, 3);
    assert_int_equal(tarn_walk(pool, NULL, NULL), TARN_E_NULL);
    assert_int_equal(tarn_walk(NULL, stop_at_third, &seen), TARN_E_NULL);
    assert_int_equal(tarn_view_walk(&view, NULL, NULL), TARN_E_NULL);
    assert_int_equal(tarn_view_walk(NULL, stop_at_third, &seen), TARN_E_NULL);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

enum { KEPT = 150, CHURNED = 150 };

/* Blocks that stay for the whole walk and blocks that callbacks take and give back. */
typedef struct busy {
    tarn_pool *pool;
    prng random;
    unsigned char *kept[KEPT];
    uint32_t seen[KEPT];
    void *churned[CHURNED];
    uint64_t last;
    uint32_t calls;
} busy;

static bool use_while_walking(const tarn_block *block, void *context)
{
    busy *b = context;
    assert_true(block->offset > b->last && ++b->calls < 10u * (KEPT + CHURNED));
    b->last = block->offset;
    for (uint32_t i = 0; i < KEPT; i++) {
        b->seen[i] += block->offset == (uint64_t)(b->kept[i] - memory);
    }
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t pick = prng_below(&b->random, CHURNED);
        if (b->churned[pick] != NULL) {
            assert_int_equal(tarn_free(b->pool, b->churned[pick]), TARN_OK);
            b->churned[pick] = NULL;
        } else {
            b->churned[pick] = tarn_alloc(b->pool, prng_below(&b->random, 80));
        }
    }
    return true;
}

static void walk_while_used(uint32_t engine, uint64_t stream)
{
    static busy b;
    shape s = {engine, 8, 0, TARN_RECOGNISE_AUTO, BYTES, 0};
    memset(&b, 0, sizeof b);
    b.pool = pool_make(&s, memory);
    b.random = prng_make(test_seed(), stream);
    for (uint32_t i = 0; i < KEPT; i++) {
        b.churned[i % CHURNED] = tarn_alloc(b.pool, prng_below(&b.random, 40));
        b.kept[i] = tarn_alloc(b.pool, prng_below(&b.random, 40));
        assert_non_null(b.kept[i]);
    }
    assert_int_equal(tarn_walk(b.pool, use_while_walking, &b), TARN_OK);
    for (uint32_t i = 0; i < KEPT; i++) {
        assert_int_equal(b.seen[i], 1);
    }
    assert_sound(b.pool, "walked while used");
    assert_int_equal(tarn_deinit(b.pool), TARN_OK);
}

static void callbacks_may_use_the_pool(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    uint64_t walks = test_scaled(200);
    (void)state;
    for (uint64_t i = 0; i < walks; i++) {
        walk_while_used(engines[i % built], i);
    }
    printf("%lu walks, seed %lu\n", (unsigned long)walks, (unsigned long)test_seed());
}

/* ---- N4 ---- */

enum { ROW = 24, ROW_BYTES = 20 };

typedef struct forger {
    tarn_pool *pool;
    unsigned char *row[ROW];
    uint32_t at; /* the block at which it forges, and what is behind it */
    uint32_t seen;
    uint64_t size;
    unsigned char header[4];
} forger;

/* Makes one block of three, whose user writes into it the header of a block that was there before the walk. */
static bool forge_while_walking(const tarn_block *block, void *context)
{
    forger *f = context;
    assert_true(block->state == TARN_BLOCK_FREE || block->size == f->size || block->size == 3u * f->size);
    if (f->seen++ == f->at) {
        for (uint32_t i = f->at; i < f->at + 3u; i++) {
            assert_int_equal(tarn_free(f->pool, f->row[i]), TARN_OK);
        }
        unsigned char *merged = tarn_alloc(f->pool, ROW_BYTES + 2u * (size_t)f->size);
        assert_ptr_equal(merged, f->row[f->at]);
        memset(merged, 0x5A, ROW_BYTES + 2u * (size_t)f->size);
        memcpy(f->row[f->at + 1u] - 4, f->header, 4);
    }
    return true;
}

static void walk_over_a_forged_header(uint32_t engine, uint32_t recognition, uint32_t at)
{
    forger f = {NULL, {NULL}, at, 0, 0, {0}};
    tarn_block record;
    shape s = {engine, 8, 0, recognition, 4096, 0};
    f.pool = pool_make(&s, memory);
    for (uint32_t i = 0; i < ROW; i++) {
        f.row[i] = tarn_alloc(f.pool, ROW_BYTES);
        assert_int_equal(tarn_block_at(f.pool, f.row[i], &record), TARN_OK);
        f.size = record.size;
        if (i == at) {
            unsigned char *both = tarn_alloc(f.pool, ROW_BYTES + (size_t)f.size);
            memcpy(f.header, both - 4, 4);
            assert_int_equal(tarn_free(f.pool, both), TARN_OK);
        }
    }
    assert_int_equal(tarn_walk(f.pool, forge_while_walking, &f), TARN_OK);
    assert_sound(f.pool, "walked over a forged header");
    assert_int_equal(tarn_deinit(f.pool), TARN_OK);
}

static void a_walk_sees_no_block_that_never_was(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    (void)state;
    for (uint32_t at = 0; at + 3u < ROW; at++) {
        for (uint32_t i = 0; i < 2u * built; i++) {
            walk_over_a_forged_header(engines[i / 2u], TARN_RECOGNISE_KEYED + i % 2u, at);
        }
    }
    printf("%u headers forged\n", 2u * built * (ROW - 3u));
}

typedef struct bytes_of {
    uint32_t lead; /* bytes of header and extension words in front of a payload */
    tarn_block block[BYTES];
} bytes_of;

static bool note_bytes(const tarn_block *block, void *context)
{
    bytes_of *map = context;
    for (uint64_t at = block->offset - map->lead; at < block->offset - map->lead + block->size; at++) {
        map->block[at] = *block;
    }
    return true;
}

static void ask_for_every_byte(tarn_pool *pool, const shape *s)
{
    static bytes_of map;
    if (s->bytes > 1024) {
        return;
    }
    memset(&map, 0, sizeof map);
    map.lead = 4u + 4u * s->extension_words;
    assert_int_equal(tarn_walk(pool, note_bytes, &map), TARN_OK);
    for (size_t at = 0; at < s->bytes; at++) {
        tarn_block record = {0};
        tarn_status status = tarn_block_at(pool, memory + at, &record);
        assert_int_equal(status, map.block[at].size == 0 ? TARN_E_FOREIGN : TARN_OK);
        if (status == TARN_OK) {
            assert_memory_equal(&record, &map.block[at], sizeof record);
        }
    }
}

static void block_at_names_the_block_of_every_byte(void **state)
{
    (void)state;
    on_pools(ask_for_every_byte);
}

static void block_at_refuses(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, BYTES, 0};
    tarn_pool *pool = pool_make(&s, memory);
    unsigned char *block = tarn_calloc(pool, 1, 100);
    tarn_block record = {0};
    memset(copy, 0, sizeof copy);
    assert_int_equal(tarn_block_at(pool, NULL, &record), TARN_E_NULL);
    assert_int_equal(tarn_block_at(pool, block, NULL), TARN_E_NULL);
    assert_int_equal(tarn_block_at(NULL, block, &record), TARN_E_NULL);
    assert_int_equal(tarn_block_at((tarn_pool *)(void *)copy, block, &record), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_block_at(pool, memory + BYTES, &record), TARN_E_FOREIGN);
    assert_int_equal(tarn_block_at(pool, (void *)((uintptr_t)memory - 1u), &record), TARN_E_FOREIGN);
    assert_int_equal(tarn_block_at(pool, &record, &record), TARN_E_FOREIGN);
    block[-1] ^= 0x80;
    assert_int_equal(tarn_block_at(pool, block + 50, &record), TARN_E_DAMAGED);
    block[-1] ^= 0x80;
    assert_int_equal(tarn_block_at(pool, block + 50, &record), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- peak and refusals of the readers ---- */

static void peak_is_kept_until_it_is_reset(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, BYTES, 0};
    tarn_pool *pool = pool_make(&s, memory);
    tarn_stats stats = {0};
    void *block = tarn_alloc(pool, 5000);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
    block = tarn_alloc(pool, 100);
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_true(stats.peak == 5008 && stats.used == 104);
    assert_int_equal(tarn_peak_reset(pool), TARN_OK);
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(stats.peak, 104);
    assert_int_equal(tarn_peak_reset(NULL), TARN_E_NULL);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void readers_refuse_missing_pointers(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, BYTES, 0};
    tarn_pool *pool = pool_make(&s, memory);
    tarn_stats stats = {0};
    tarn_view view;
    tarn_view empty;
    memset(&empty, 0, sizeof empty);
    assert_int_equal(tarn_stats_get(pool, NULL), TARN_E_NULL);
    assert_int_equal(tarn_stats_get(NULL, &stats), TARN_E_NULL);
    assert_int_equal(tarn_check(NULL, NULL), TARN_E_NULL);
    assert_int_equal(tarn_check(pool, NULL), TARN_OK);
    assert_int_equal(tarn_view_open(NULL, memory, BYTES), TARN_E_NULL);
    assert_int_equal(tarn_view_open(&view, NULL, BYTES), TARN_E_NULL);
    assert_int_equal(tarn_view_stats(&empty, &stats), TARN_E_NULL);
    assert_int_equal(tarn_view_stats(NULL, &stats), TARN_E_NULL);
    assert_int_equal(tarn_view_check(&empty, NULL), TARN_E_NULL);
    assert_int_equal(tarn_view_check(NULL, NULL), TARN_E_NULL);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- N5 ---- */

static void view_at_odd_addresses(tarn_pool *pool, const shape *s)
{
    tarn_stats live = {0};
    assert_int_equal(tarn_stats_get(pool, &live), TARN_OK);
    for (size_t at = 1; at < 8; at++) {
        tarn_view view;
        tarn_stats stats = {0};
        memcpy(copy + at, memory, s->bytes);
        assert_int_equal(tarn_view_open(&view, copy + at, s->bytes), TARN_OK);
        assert_int_equal(tarn_view_check(&view, NULL), TARN_OK);
        assert_int_equal(tarn_view_stats(&view, &stats), TARN_OK);
        assert_memory_equal(&stats, &live, sizeof stats);
    }
}

static void a_view_may_begin_anywhere(void **state)
{
    (void)state;
    on_pools(view_at_odd_addresses);
}

static bool same_block(const tarn_block *block, void *context)
{
    bytes_of *map = context;
    assert_memory_equal(block, &map->block[block->offset - map->lead], sizeof *block);
    return true;
}

static uint32_t parked;

static void view_other_order(tarn_pool *pool, const shape *s)
{
    static bytes_of map;
    tarn_view view;
    tarn_stats own = {0};
    tarn_stats stats = {0};
    tarn_pool *adopted = NULL;
    (void)pool; /* nobody looks at it, so that what it has parked stays so */
    assert_int_equal(tarn_view_open(&view, memory, s->bytes), TARN_OK);
    assert_int_equal(tarn_view_stats(&view, &own), TARN_OK);
    map.lead = 4u + 4u * s->extension_words;
    assert_int_equal(tarn_view_walk(&view, note_bytes, &map), TARN_OK);
    size_t count = anatomy(memory, parts, PARTS);
    assert_true(count < PARTS);
    parked += part_find(parts, count, 0, PART_PARK_LINK) < count;
    memcpy(copy, memory, s->bytes);
    anatomy_swap(copy, parts, count);
    assert_int_equal(tarn_view_open(&view, copy, s->bytes), TARN_OK);
    assert_int_equal(tarn_view_check(&view, NULL), TARN_OK);
    assert_int_equal(tarn_view_stats(&view, &stats), TARN_OK);
    assert_memory_equal(&stats, &own, sizeof stats);
    assert_int_equal(tarn_view_walk(&view, same_block, &map), TARN_OK);
    assert_int_equal(tarn_adopt(&adopted, copy, s->bytes), TARN_E_NOT_A_POOL);
    assert_null(tarn_alloc((tarn_pool *)(void *)copy, 8));
}

static void a_view_reads_the_other_byte_order(void **state)
{
    (void)state;
    on_pools(view_other_order);
    printf("%u with parked blocks\n", (unsigned)parked);
}

static void a_view_never_writes(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 1, TARN_RECOGNISE_EXACT, BYTES, 0};
    void *page = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(page != MAP_FAILED);
    static drive d;
    drive_begin(&d, pool_make(&s, page), BYTES, 8, test_seed());
    drive_run(&d, 500);
    assert_int_equal(mprotect(page, BYTES, PROT_READ), 0);
    tarn_view view;
    tarn_stats stats = {0};
    recount counted = {&s, {0}, 0};
    assert_int_equal(tarn_view_open(&view, page, BYTES), TARN_OK);
    assert_int_equal(tarn_view_stats(&view, &stats), TARN_OK);
    assert_int_equal(tarn_view_walk(&view, count_block, &counted), TARN_OK);
    assert_int_equal(tarn_view_check(&view, NULL), TARN_OK);
    /* The readers of live pools do not write either. */
    const tarn_pool *pool = page;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(tarn_check(pool, NULL), TARN_OK);
    assert_true(tarn_largest(pool) != 0);
    assert_int_equal(mprotect(page, BYTES, PROT_READ | PROT_WRITE), 0);
    assert_int_equal(tarn_deinit(d.pool), TARN_OK);
    assert_int_equal(munmap(page, BYTES), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_are_what_a_recount_gives),
        cmocka_unit_test(largest_request_is_exact),
        cmocka_unit_test(a_walk_stops_when_told),
        cmocka_unit_test(callbacks_may_use_the_pool),
        cmocka_unit_test(a_walk_sees_no_block_that_never_was),
        cmocka_unit_test(block_at_names_the_block_of_every_byte),
        cmocka_unit_test(block_at_refuses),
        cmocka_unit_test(peak_is_kept_until_it_is_reset),
        cmocka_unit_test(readers_refuse_missing_pointers),
        cmocka_unit_test(a_view_may_begin_anywhere),
        cmocka_unit_test(a_view_reads_the_other_byte_order),
        cmocka_unit_test(a_view_never_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
