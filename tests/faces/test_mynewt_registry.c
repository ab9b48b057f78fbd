/* SPDX-License-Identifier: MIT */
/* Mynewt pools and the registry: their buffers are listed, and a pool ends with the memory that carries it. */
#include "test_mynewt.h"

#include "los_memory.h"
#include "os/mynewt.h"

static int fresh(void **state)
{
    (void)state;
    os_mempool_module_init();
    forget_faults();
    return 0;
}

static struct os_mempool pool;
static uint64_t memory[512];

static void the_registry_lists_buffers(void **state)
{
    (void)state;
    tarn_registration entry;
    assert_int_equal(os_mempool_init(&pool, 4, 24, memory, "listed"), OS_OK);
    assert_true(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_ptr_equal(entry.pool, memory);
    assert_int_equal(entry.bytes, OS_MEMPOOL_BYTES(4, 24));
    assert_string_equal(entry.name, "listed");
    assert_int_equal(os_mempool_init(&pool, 4, 24, memory + 8, "moved"), OS_OK);
    assert_true(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_ptr_equal(entry.pool, memory + 8);
    assert_false(tarn_registered(TARN_FACE_MYNEWT, 1, &entry));
    assert_int_equal(LOS_MemInit(memory, sizeof memory), LOS_NOK); /* LiteOS refuses to overlap */
    assert_int_equal(os_mempool_unregister(&pool), OS_OK);
    assert_false(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_int_equal(os_mempool_init(&pool, 0, 24, memory, "nothing"), OS_OK);
    assert_false(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    static struct os_mempool other;
    assert_int_equal(os_mempool_init(&other, 4, 24, memory, "other"), OS_OK);
    assert_int_equal(os_mempool_init(&pool, 4, 24, memory + 100, "elsewhere"), OS_OK);
    assert_true(tarn_registered(TARN_FACE_MYNEWT, 1, &entry));
    assert_int_equal(os_mempool_init(&pool, 0, 24, memory + 100, "nothing again"), OS_OK);
    assert_true(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_ptr_equal(entry.pool, memory);
    assert_false(tarn_registered(TARN_FACE_MYNEWT, 1, &entry));
    /* A pool without blocks takes no buffer, and none away. */
    assert_int_equal(os_mempool_init(&pool, 0, 24, memory, "at the other's"), OS_OK);
    assert_int_equal(os_mempool_unregister(&pool), OS_OK);
    assert_true(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_ptr_equal(entry.pool, memory);
}

static void a_full_registry_lists_no_more_and_says_so(void **state)
{
    (void)state;
    static struct os_mempool pools[40];
    watch w;
    watch_begin(&w);
    uint32_t unlisted = 0;
    for (uint32_t i = 0; i < 40; i++) {
        watch_clear(&w);
        assert_int_equal(os_mempool_init(&pools[i], 1, 8, memory + 2 * i, "p"), OS_OK);
        unlisted += watch_status(&w, TARN_EVENT_UNLISTED_INIT) == TARN_E_REGISTRY_FULL ? 1u : 0u;
        assert_non_null(os_memblock_get(&pools[i]));
    }
    watch_end(&w);
    assert_true(unlisted >= 8);
    uint32_t listed = 0;
    for (struct os_mempool *mp = NULL; (mp = os_mempool_info_get_next(mp, NULL)) != NULL;) {
        listed++;
    }
    assert_int_equal(listed, 40);
}

/* The block in which the buffer lies is freed: the pool ends first, its structure and the list stay whole. */
static void a_pool_ends_with_the_block_that_carries_it(void **state)
{
    (void)state;
    static struct os_mempool inside;
    tarn_registration entry;
    tarn_pool *carrier;
    assert_int_equal(tarn_init(&carrier, memory, sizeof memory, NULL), TARN_OK);
    void *buffer = tarn_alloc(carrier, OS_MEMPOOL_BYTES(8, 24));
    assert_int_equal(os_mempool_init(&inside, 8, 24, buffer, "inside"), OS_OK);
    void *block = os_memblock_get(&inside);
    watch w;
    watch_begin(&w);
    assert_int_equal(tarn_free(carrier, buffer), TARN_OK);
    watch_end(&w);
    assert_int_equal(watch_status(&w, TARN_EVENT_UNLIST), TARN_OK);
    assert_false(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_null(os_mempool_info_get_next(NULL, NULL));
    assert_null(os_memblock_get(&inside));
    assert_told(&inside, NULL, "no such pool");
    assert_int_equal(os_memblock_put(&inside, block), OS_INVALID_PARM);
    assert_told(&inside, block, "no such pool");
    assert_false(os_mempool_is_sane(&inside));
    assert_int_equal(os_memblock_from(&inside, block), 0);
    assert_int_equal(tarn_check(carrier, NULL), TARN_OK);
    assert_int_equal(tarn_deinit(carrier), TARN_OK);
}

/* Structure and buffer in one block, the pool still listed when it is freed and the block filled by others. */
static void a_structure_that_is_freed_leaves_no_trace_in_the_list(void **state)
{
    (void)state;
    struct in_one {
        struct os_mempool mp;
        os_membuf_t buffer[OS_MEMPOOL_SIZE(8, 24)];
    } * one;
    static struct os_mempool before, after;
    tarn_pool *carrier;
    assert_int_equal(tarn_init(&carrier, memory, sizeof memory / 2, NULL), TARN_OK);
    one = tarn_alloc(carrier, sizeof *one);
    assert_int_equal(os_mempool_init(&before, 1, 8, memory + 300, "before"), OS_OK);
    assert_int_equal(os_mempool_init(&one->mp, 8, 24, one->buffer, "inside"), OS_OK);
    assert_int_equal(os_mempool_init(&after, 1, 8, memory + 310, "after"), OS_OK);
    assert_int_equal(tarn_free(carrier, one), TARN_OK);
    void *other = tarn_alloc(carrier, sizeof *one);
    memset(other, 0xA5, sizeof *one);
    assert_ptr_equal(os_mempool_info_get_next(&before, NULL), &after);
    assert_null(os_mempool_get("inside", NULL));
    assert_int_equal(os_mempool_unregister(&before), OS_OK);
    assert_ptr_equal(os_mempool_info_get_next(NULL, NULL), &after);
    assert_int_equal(tarn_deinit(carrier), TARN_OK);
}

/* A native pool at the start of the first block shares its address with the buffer's entry, and neither is taken for
 * the other. */
static void an_image_in_a_block_is_an_entry_of_its_own(void **state)
{
    (void)state;
    tarn_registration entry;
    tarn_pool *nested, *deeper;
    assert_int_equal(os_mempool_init(&pool, 4, 800, memory, "outer"), OS_OK);
    void *block = os_memblock_get(&pool);
    assert_ptr_equal(block, memory);
    assert_int_equal(tarn_init(&nested, block, 700, NULL), TARN_OK);
    void *payload = tarn_alloc(nested, 300), *other = tarn_alloc(nested, 256);
    assert_int_equal(tarn_init(&deeper, payload, 300, NULL), TARN_OK);
    assert_int_equal(tarn_grow(nested, 800), TARN_OK);
    assert_true(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_int_equal(entry.bytes, OS_MEMPOOL_BYTES(4, 800));
    assert_int_equal(LOS_MemInit(os_memblock_get(&pool), 800), LOS_NOK); /* blocks carry no mark: refused */
    assert_non_null(other);
    assert_int_equal(LOS_MemInit(other, 256), LOS_NOK);
    assert_int_equal(tarn_deinit(nested), TARN_OK);
    assert_true(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_null(tarn_alloc(deeper, 8));
    assert_int_equal(tarn_init(&nested, block, 700, NULL), TARN_OK);
    assert_int_equal(os_mempool_unregister(&pool), OS_OK);
    assert_non_null(tarn_alloc(nested, 8));
    assert_true(tarn_registered(TARN_FACE_NATIVE, 0, &entry));
    assert_int_equal(os_mempool_init(&pool, 4, 800, memory, "outer"), OS_OK); /* its memory is made anew */
    assert_null(tarn_alloc(nested, 8));
}

static void use_what_is_being_made(const tarn_event *event, void *context)
{
    if (event->kind == TARN_EVENT_UNLIST) {
        ++*(uint32_t *)context;
        assert_null(os_memblock_get(&pool));
        assert_null(os_mempool_info_get_next(NULL, NULL));
    }
}

/* Who comes by while a pool is made anew finds none. */
static void a_pool_is_none_while_it_is_made(void **state)
{
    (void)state;
    uint32_t seen = 0;
    tarn_pool *nested;
    assert_int_equal(os_mempool_init(&pool, 4, 800, memory, "outer"), OS_OK);
    assert_non_null(os_memblock_get(&pool));
    assert_int_equal(tarn_init(&nested, os_memblock_get(&pool), 800, NULL), TARN_OK);
    assert_listening(tarn_events_add(use_what_is_being_made, &seen));
    assert_int_equal(os_mempool_init(&pool, 4, 800, memory, "outer"), OS_OK);
    assert_int_equal(tarn_events_remove(use_what_is_being_made, &seen), TARN_OK);
    assert_int_equal(seen, 1);
    assert_told(&pool, NULL, "no such pool");
    assert_non_null(os_memblock_get(&pool));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_registry_lists_buffers, fresh),
        cmocka_unit_test_setup(a_full_registry_lists_no_more_and_says_so, fresh),
        cmocka_unit_test_setup(a_pool_ends_with_the_block_that_carries_it, fresh),
        cmocka_unit_test_setup(a_structure_that_is_freed_leaves_no_trace_in_the_list, fresh),
        cmocka_unit_test_setup(an_image_in_a_block_is_an_entry_of_its_own, fresh),
        cmocka_unit_test_setup(a_pool_is_none_while_it_is_made, fresh),
    };
    if (!has_registry()) {
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
