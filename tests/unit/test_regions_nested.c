/* SPDX-License-Identifier: MIT */
/*
 * Blocks of an FMemp's heap that carry pools of their own: such a block grows where it is, is never moved nor cut, and
 * whoever gives it back ends the pools in it first.
 */
#include "regions.h"

#include "fmempory_pool.h"
#include "tarn/events.h"

enum { CARRIED = 1024, SIZE = 2500 };

static FMemp memp;
static watch seen;

/* A heap over memory[2], the others left for regions beside it. */
static tarn_heap *make_fmemp(void)
{
    FMempDeinit(&memp);
    memset(&memp, 0, sizeof memp);
    assert_int_equal(FMempInit(&memp, memory[2], memory[2] + REGION), FMEMP_SUCCESS);
    return (tarn_heap *)memp.tlsf_ptr;
}

static tarn_pool *carry(unsigned char *at)
{
    tarn_pool *pool;
    assert_int_equal(tarn_init(&pool, at, CARRIED, NULL), TARN_OK);
    assert_non_null(tarn_alloc(pool, 50));
    return pool;
}

static bool lives(tarn_pool *pool)
{
    tarn_stats stats;
    return tarn_stats_get(pool, &stats) == TARN_OK && stats.blocks == 1 && tarn_check(pool, NULL) == TARN_OK;
}

static uint32_t refusals(tarn_heap *heap)
{
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats(heap, NULL, &stats), TARN_OK);
    return stats.refusals;
}

static bool is_listed(const tarn_pool *pool)
{
    tarn_registration entry;
    for (uint32_t i = 0; tarn_registered(TARN_FACE_NATIVE, i, &entry); i++) {
        if (entry.pool == pool) {
            return true;
        }
    }
    return false;
}

/* Events of one kind about one pool. */
static uint32_t told(uint32_t kind, const tarn_pool *pool)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < seen.count; i++) {
        count += seen.events[i].kind == kind && seen.events[i].pool == pool ? 1u : 0u;
    }
    return count;
}

/* ---- changing size ---- */

/* Free space on the left, and elsewhere too: a block that carries nothing would move. */
static void what_carries_a_pool_is_not_moved(void **state)
{
    (void)state;
    for (uint32_t carrying = 0; carrying < 2; carrying++) {
        tarn_heap *heap = make_fmemp();
        unsigned char *left = tarn_heap_alloc(heap, SIZE, NULL);
        unsigned char *block = tarn_heap_alloc(heap, SIZE, NULL);
        assert_non_null(tarn_heap_alloc(heap, 100, NULL));
        tarn_pool *inner = carrying != 0 ? carry(block + 64) : NULL;
        assert_int_equal(tarn_heap_free(heap, left), TARN_OK);
        assert_int_equal(tarn_heap_add(heap, memory[4], REGION, NULL), TARN_OK);
        watch_begin(&seen);
        void *moved = tarn_heap_realloc(heap, block, SIZE + 1000, NULL);
        watch_end(&seen);
        if (carrying == 0) {
            assert_true(moved != NULL && moved != block);
            assert_int_equal(refusals(heap), 0);
            continue;
        }
        assert_null(moved);
        assert_int_equal(tarn_heap_recognise(heap, block), TARN_OK);
        assert_true(lives(inner));
        assert_int_equal(refusals(heap), 1);
        assert_int_equal(seen.count, 3);
        assert_int_equal(watch_status(&seen, TARN_EVENT_UNDO), TARN_E_EXHAUSTED);
        assert_int_equal(watch_status(&seen, TARN_EVENT_FAIL), TARN_E_EXHAUSTED);
        assert_heap_sound(heap);
    }
}

/* A request that its region does not serve would have the block moved out of it. */
static void what_carries_a_pool_stays_in_its_region(void **state)
{
    (void)state;
    const uint32_t fast[] = {TARN_CAP_FAST};
    const tarn_request request = {fast, 1, 0, 0};
    const tarn_region_options options = with_capabilities(TARN_CAP_FAST);
    tarn_heap *heap = make_fmemp();
    unsigned char *block = tarn_heap_alloc(heap, SIZE, NULL);
    tarn_pool *inner = carry(block);
    add(heap, 4, &options);
    assert_null(tarn_heap_realloc(heap, block, SIZE, &request));
    assert_true(lives(inner));
    assert_int_equal(refusals(heap), 1);
    assert_int_equal(tarn_deinit(inner), TARN_OK);
    void *moved = tarn_heap_realloc(heap, block, SIZE, &request);
    assert_int_equal(region_index(moved), 4);
}

static void what_carries_a_pool_is_not_cut_but_may_grow(void **state)
{
    (void)state;
    tarn_heap *heap = make_fmemp();
    unsigned char *block = tarn_heap_alloc(heap, SIZE, NULL);
    tarn_pool *inner = carry(block + SIZE - CARRIED);
    size_t usable = tarn_heap_usable(heap, block);
    assert_int_equal(tarn_heap_resize(heap, block, 100), TARN_OK);
    assert_int_equal(tarn_heap_usable(heap, block), usable);
    assert_ptr_equal(tarn_heap_realloc(heap, block, 100, NULL), block);
    assert_int_equal(tarn_heap_usable(heap, block), usable);
    assert_int_equal(tarn_heap_resize(heap, block, SIZE + 500), TARN_OK);
    assert_true(tarn_heap_usable(heap, block) >= SIZE + 500);
    assert_true(lives(inner));
    assert_int_equal(tarn_deinit(inner), TARN_OK);
    assert_int_equal(tarn_heap_resize(heap, block, 100), TARN_OK);
    assert_true(tarn_heap_usable(heap, block) < 200);
    assert_heap_sound(heap);
}

/* The mark goes with the last pool in the block, wherever in it that one begins, and not before. */
static void a_block_carries_until_its_last_pool_has_ended(void **state)
{
    (void)state;
    for (uint32_t first = 0; first < 2; first++) {
        tarn_heap *heap = make_fmemp();
        unsigned char *block = tarn_heap_alloc(heap, SIZE, NULL);
        assert_non_null(tarn_heap_alloc(heap, 8, NULL));
        tarn_pool *inner[2] = {carry(block), carry(block + CARRIED)};
        assert_int_equal(tarn_deinit(inner[first]), TARN_OK);
        assert_null(tarn_heap_realloc(heap, block, SIZE + 500, NULL));
        assert_int_equal(tarn_heap_resize(heap, block, 100), TARN_OK);
        assert_true(tarn_heap_usable(heap, block) >= SIZE);
        assert_true(lives(inner[1u - first]));
        assert_int_equal(tarn_deinit(inner[1u - first]), TARN_OK);
        assert_int_equal(tarn_heap_resize(heap, block, 100), TARN_OK);
        assert_true(tarn_heap_usable(heap, block) < 200);
    }
}

/* ---- giving back ---- */

static void who_gives_a_block_back_ends_the_pools_in_it(void **state)
{
    (void)state;
    tarn_heap *heap = make_fmemp();
    unsigned char *block = tarn_heap_alloc(heap, SIZE, NULL);
    unsigned char *other = tarn_heap_alloc(heap, SIZE, NULL);
    tarn_pool *inner[3] = {carry(block), carry(block + SIZE - CARRIED), carry(other)};
    watch_begin(&seen);
    assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    watch_end(&seen);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.events[0].kind, TARN_EVENT_FREE);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(told(TARN_EVENT_UNLIST, inner[i]), 1);
        assert_false(is_listed(inner[i]));
        assert_null(tarn_alloc(inner[i], 8));
    }
    assert_true(lives(inner[2]) && is_listed(inner[2]));
    assert_int_equal(tarn_heap_recognise(heap, block), TARN_E_DOUBLE_FREE);
    assert_int_equal(refusals(heap), 0);
    assert_heap_sound(heap);
    assert_int_equal(tarn_heap_free(heap, other), TARN_OK);
    assert_false(is_listed(inner[2]));
}

/* Pools in pools, and an FMemp among them: all that lies in the block ends with it. */
static void a_heap_in_a_block_ends_with_it(void **state)
{
    (void)state;
    tarn_heap *heap = make_fmemp();
    FMemp nested;
    tarn_registration entry;
    memset(&nested, 0, sizeof nested);
    unsigned char *block = tarn_heap_alloc(heap, 6000, NULL);
    assert_int_equal(FMempInit(&nested, block, block + 6000), FMEMP_SUCCESS);
    tarn_heap *within = (tarn_heap *)nested.tlsf_ptr;
    unsigned char *carrier = tarn_heap_alloc(within, SIZE, NULL);
    tarn_pool *innermost = carry(carrier);
    assert_int_equal(tarn_heap_resize(within, carrier, 100), TARN_OK);
    assert_true(tarn_heap_usable(within, carrier) >= SIZE);
    assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    assert_int_equal(tarn_heap_check(within, NULL, NULL), TARN_E_NOT_A_POOL);
    assert_false(is_listed(innermost));
    assert_null(tarn_alloc(innermost, 8));
    assert_true(tarn_registered(TARN_FACE_FMEMP, 0, &entry));
    assert_ptr_equal(entry.pool, heap);
    assert_false(tarn_registered(TARN_FACE_FMEMP, 1, &entry));
    assert_heap_sound(heap);
}

/* Whether the block can go is known before anything in it ends. */
static void a_block_that_cannot_go_keeps_its_pool(void **state)
{
    (void)state;
    tarn_heap *heap = make_fmemp();
    unsigned char *left = tarn_heap_alloc(heap, 100, NULL);
    unsigned char *block = tarn_heap_alloc(heap, SIZE, NULL);
    tarn_pool *inner = carry(block);
    unsigned char kept[4];
    assert_int_equal(tarn_heap_free(heap, left), TARN_OK);
    memcpy(kept, block - 8, sizeof kept);
    memset(block - 8, 0x5A, sizeof kept); /* the size that the free block on the left ends in */
    watch_begin(&seen);
    assert_int_equal(tarn_heap_free(heap, block), TARN_E_DAMAGED);
    watch_end(&seen);
    assert_int_equal(told(TARN_EVENT_UNLIST, inner), 0);
    assert_true(lives(inner) && is_listed(inner));
    assert_int_equal(refusals(heap), 1);
    memcpy(block - 8, kept, sizeof kept);
    assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    assert_false(is_listed(inner));
    assert_heap_sound(heap);
}

/* Regions that were added since, below and above, do not hide the one that the FMemp began with. */
static void blocks_are_found_whichever_region_they_lie_in(void **state)
{
    (void)state;
    tarn_heap *heap = make_fmemp();
    add(heap, 1, NULL);
    add(heap, 3, NULL);
    unsigned char *block = tarn_heap_alloc(heap, SIZE, NULL);
    assert_int_equal(region_index(block), 2);
    tarn_pool *inner = carry(block + 8);
    assert_int_equal(tarn_heap_resize(heap, block, 100), TARN_OK);
    assert_true(tarn_heap_usable(heap, block) >= SIZE);
    assert_int_equal(tarn_heap_free(heap, block), TARN_OK);
    assert_false(is_listed(inner));
}

/* A free neighbour on the left is remembered in the same header as the mark that comes and goes. */
static void a_mark_leaves_the_rest_of_a_header_alone(void **state)
{
    (void)state;
    tarn_heap *heap = make_fmemp();
    unsigned char *left = tarn_heap_alloc(heap, SIZE, NULL);
    unsigned char *block = tarn_heap_alloc(heap, SIZE, NULL);
    assert_non_null(tarn_heap_alloc(heap, 8, NULL));
    assert_int_equal(tarn_heap_free(heap, left), TARN_OK);
    tarn_pool *inner = carry(block);
    assert_heap_sound(heap);
    assert_int_equal(tarn_deinit(inner), TARN_OK);
    assert_heap_sound(heap);
    assert_ptr_equal(tarn_heap_realloc(heap, block, 2 * SIZE, NULL), left);
    assert_heap_sound(heap);
}

/* What begins or ends outside the block is not carried by it. */
static void a_pool_across_blocks_is_carried_by_none(void **state)
{
    (void)state;
    tarn_heap *heap = make_fmemp();
    unsigned char *first = tarn_heap_alloc(heap, 600, NULL);
    unsigned char *second = tarn_heap_alloc(heap, SIZE, NULL);
    tarn_pool *across = carry(second + SIZE - CARRIED + 400);
    assert_int_equal(tarn_heap_resize(heap, second, 100), TARN_OK);
    assert_true(tarn_heap_usable(heap, second) < 200);
    assert_int_equal(tarn_deinit(across), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, first), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, second), TARN_OK);
    FMempDeinit(&memp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_carries_a_pool_is_not_moved),
        cmocka_unit_test(what_carries_a_pool_stays_in_its_region),
        cmocka_unit_test(what_carries_a_pool_is_not_cut_but_may_grow),
        cmocka_unit_test(a_block_carries_until_its_last_pool_has_ended),
        cmocka_unit_test(who_gives_a_block_back_ends_the_pools_in_it),
        cmocka_unit_test(a_heap_in_a_block_ends_with_it),
        cmocka_unit_test(a_block_that_cannot_go_keeps_its_pool),
        cmocka_unit_test(blocks_are_found_whichever_region_they_lie_in),
        cmocka_unit_test(a_mark_leaves_the_rest_of_a_header_alone),
        cmocka_unit_test(a_pool_across_blocks_is_carried_by_none),
    };
    if (!has_registry()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
