/* SPDX-License-Identifier: MIT */
/*
 * Block pools in the registry: names, a full table, what ends with the block that carries it. The same in every build
 * (TARN_BLOCKS_SYNC_*).
 */
#include "registry.h"
#include "tarn/blocks.h"
#include "test.h"

enum { ROOM = 65536 };

static _Alignas(4096) unsigned char memory[ROOM];

static void pools_have_names_and_a_place_in_the_list(void **state)
{
    (void)state;
    tarn_registration entry;
    tarn_blocks *one;
    tarn_blocks *two;
    tarn_blocks *hidden;
    assert_int_equal(tarn_blocks_init(&one, memory, 1024, 8, &(tarn_blocks_options){.name = "one"}), TARN_OK);
    assert_int_equal(tarn_blocks_init(&two, memory + 1024, 1024, 8, &(tarn_blocks_options){.name = "two"}), TARN_OK);
    tarn_blocks_options unlisted = {.name = "hidden", .flags = TARN_BLOCKS_UNREGISTERED};
    assert_int_equal(tarn_blocks_init(&hidden, memory + 2048, 1024, 8, &unlisted), TARN_OK);
    assert_ptr_equal(tarn_blocks_named("one"), one);
    assert_ptr_equal(tarn_blocks_named("two"), two);
    assert_null(tarn_blocks_named("tw"));
    assert_null(tarn_blocks_named("hidden"));
    assert_null(tarn_blocks_named(NULL));
    assert_true(tarn_registered(TARN_FACE_BLOCKS, 1, &entry));
    assert_ptr_equal(entry.pool, two);
    assert_int_equal(entry.bytes, 1024);
    assert_false(tarn_registered(TARN_FACE_BLOCKS, 2, &entry));
    assert_int_equal(tarn_blocks_init(&one, memory, 512, 8, &(tarn_blocks_options){.name = "again"}), TARN_OK);
    assert_false(tarn_registered(TARN_FACE_BLOCKS, 2, &entry));
    assert_ptr_equal(tarn_blocks_named("again"), one);
    assert_null(tarn_blocks_named("one"));
    assert_int_equal(tarn_blocks_deinit(one), TARN_OK);
    assert_int_equal(tarn_blocks_deinit(two), TARN_OK);
    assert_int_equal(tarn_blocks_deinit(hidden), TARN_OK);
    assert_false(tarn_registered(TARN_FACE_BLOCKS, 0, &entry));
}

static void a_full_registry_is_no_failure_and_said(void **state)
{
    (void)state;
    enum { PIECE = 72, MOST = ROOM / PIECE };
    static tarn_blocks *pools[MOST];
    watch w;
    uint32_t made = 0;
    watch_begin(&w);
    while (made < MOST && watch_status(&w, TARN_EVENT_UNLISTED_INIT) != TARN_E_REGISTRY_FULL) {
        watch_clear(&w);
        assert_int_equal(tarn_blocks_init(&pools[made], memory + PIECE * made, PIECE, 8, NULL), TARN_OK);
        made++;
    }
    assert_int_equal(watch_status(&w, TARN_EVENT_INIT), TARN_OK);
    assert_int_equal(watch_status(&w, TARN_EVENT_UNLISTED_INIT), TARN_E_REGISTRY_FULL);
    watch_end(&w);
    assert_non_null(tarn_blocks_get(pools[made - 1u]));
    for (uint32_t i = 0; i < made; i++) {
        assert_int_equal(tarn_blocks_deinit(pools[i]), TARN_OK);
    }
    print_message("%u pools listed\n", (unsigned)made - 1u);
}

static void a_block_that_carries_a_block_pool_ends_it(void **state)
{
    (void)state;
    tarn_pool *outer;
    tarn_blocks *inner;
    tarn_registration entry;
    watch w;
    assert_int_equal(tarn_init(&outer, memory, 8192, NULL), TARN_OK);
    void *block = tarn_alloc(outer, 1024);
    assert_int_equal(tarn_blocks_init(&inner, block, 1024, 16, NULL), TARN_OK);
    void *given = tarn_blocks_get(inner);
    assert_int_equal(tarn_free(outer, given), TARN_E_NOT_A_BLOCK);
    watch_begin(&w);
    assert_int_equal(tarn_free(outer, block), TARN_OK);
    assert_int_equal(watch_status(&w, TARN_EVENT_UNLIST), TARN_OK);
    watch_end(&w);
    assert_false(tarn_registered(TARN_FACE_BLOCKS, 0, &entry));
    assert_int_equal(tarn_blocks_put(inner, given), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_check(outer, NULL), TARN_OK);
    assert_int_equal(tarn_deinit(outer), TARN_OK);
}

static uint32_t mynewt_ends;

static void end_mynewt(const tarn_registration *entry)
{
    (void)entry;
    mynewt_ends++;
}

/* A pool of Mynewt is a structure of its own: what lies at the handle must be neither believed nor changed. */
static void a_carried_mynewt_pool_is_unlisted_unread(void **state)
{
    (void)state;
    tarn_pool *outer;
    tarn_blocks *image;
    tarn_registration entry;
    unsigned char before[64];
    assert_int_equal(tarn_init(&outer, memory, 8192, NULL), TARN_OK);
    unsigned char *block = tarn_alloc(outer, 1024);
    tarn_blocks_options unlisted = {.flags = TARN_BLOCKS_UNREGISTERED};
    assert_int_equal(tarn_blocks_init(&image, block + 64, 512, 16, &unlisted), TARN_OK);
    memcpy(before, image, sizeof before);
    tarn_registration mynewt = {(tarn_pool *)(void *)image, 512, NULL, TARN_FACE_MYNEWT};
    assert_int_equal(tarn_registry_enter(&mynewt, &(const registry_kind){NULL, end_mynewt}, NULL), TARN_OK);
    assert_int_equal(tarn_free(outer, block), TARN_OK);
    assert_int_equal(mynewt_ends, 1);
    assert_false(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_memory_equal(image, before, sizeof before);
    assert_int_equal(tarn_deinit(outer), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_have_names_and_a_place_in_the_list),
        cmocka_unit_test(a_full_registry_is_no_failure_and_said),
        cmocka_unit_test(a_block_that_carries_a_block_pool_ends_it),
        cmocka_unit_test(a_carried_mynewt_pool_is_unlisted_unread),
    };
    if (!has_registry()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
