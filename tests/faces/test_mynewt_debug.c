/* SPDX-License-Identifier: MIT */
/*
 * A file compiled with CHECK, POISON, GUARD and the map at alignment 8: its macros, and the exact report of each fault
 * that they find.
 */
#define OS_ALIGNMENT 8
#define MYNEWT_VAL_OS_MEMPOOL_CHECK 1
#define MYNEWT_VAL_OS_MEMPOOL_POISON 1
#define MYNEWT_VAL_OS_MEMPOOL_GUARD (1)
#define MYNEWT_VAL_OS_MEMPOOL_CHECK_MAP 1
#define OS_CFG_ALIGNMENT OS_CFG_ALIGN_8

#include "test_mynewt.h"

enum { BLOCKS = 33, SIZE = 20, PAYLOAD = 24, STRIDE = 32 };

static os_membuf_t buffer[OS_MEMPOOL_SIZE(BLOCKS, SIZE)];
static struct os_mempool_ext pool;
static struct os_mempool *const mp = &pool.mpe_mp;

static int fresh(void **state)
{
    (void)state;
    os_mempool_module_init();
    memset(buffer, 0x5A, sizeof buffer);
    assert_int_equal(os_mempool_init(mp, BLOCKS, SIZE, buffer, "debug"), OS_OK);
    forget_faults();
    return 0;
}

static uint32_t word_at(const void *block, size_t off)
{
    uint32_t word;
    memcpy(&word, (const unsigned char *)block + off, sizeof word);
    return word;
}

static void *number(size_t index)
{
    return (unsigned char *)buffer + index * STRIDE;
}

/* Covers: OS_MEMPOOL_CHECK OS_MEMPOOL_POISON OS_MEMPOOL_GUARD OS_ALIGNMENT os_membuf_t OS_CFG_ALIGN_8 M17 */
static void macros_reserve_what_the_options_take(void **state)
{
    (void)state;
    assert_int_equal(sizeof(os_membuf_t), 8);
    assert_int_equal(_Alignof(os_membuf_t), 8);
    assert_int_equal(OS_MEMPOOL_BLOCK_SZ(20), 28);
    assert_int_equal(OS_CFG_ALIGNMENT, 8);
    assert_int_equal(sizeof buffer, BLOCKS * STRIDE + 8); /* two words of map */
    assert_int_equal(OS_MEMPOOL_BYTES(64, 1), 64 * 16 + 8);
    assert_int_equal(OS_MEMPOOL_BYTES(65, 1), 65 * 16 + 16);
    assert_int_equal(OS_MEMPOOL_SIZE(0, 8), 0);
}

/* Covers: OS_MEMPOOL_POISON OS_MEMPOOL_GUARD os_mempool_init os_mempool_clear os_memblock_put */
static void free_blocks_carry_poison_and_guard(void **state)
{
    (void)state;
    unsigned char *taken = os_memblock_get(mp);
    memset(taken, 0, PAYLOAD);
    assert_int_equal(os_memblock_put(mp, taken), OS_OK);
    for (size_t i = 0; i < BLOCKS; i++) {
        for (size_t off = sizeof(void *); off < PAYLOAD; off += 4) {
            assert_int_equal(word_at(number(i), off), 0xDE7EC7ED);
        }
        assert_int_equal(word_at(number(i), PAYLOAD), 0xBAFF1ED1);
        assert_int_equal(word_at(number(i), PAYLOAD + 4), 0x5A5A5A5A); /* the guard is one word */
    }
}

/* Every byte of the poison, of blocks in each place. The block stays out, the next one is served. Covers: M7 M8 */
static void a_block_written_while_free_is_not_handed_out(void **state)
{
    (void)state;
    uint32_t found = 0;
    for (size_t off = sizeof(void *); off < PAYLOAD; off++, found++) {
        assert_int_equal(os_mempool_clear(mp), OS_OK);
        unsigned char *block = number(0);
        block[off] ^= 0x10;
        assert_false(os_mempool_is_sane(mp));
        watch w;
        watch_begin(&w);
        assert_ptr_equal(os_memblock_get(mp), number(1));
        watch_end(&w);
        assert_told(mp, block, "written while free");
        assert_int_equal(w.count, 1);
        assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
        assert_ptr_equal(w.events[0].block, block);
        assert_int_equal(mp->mp_num_free, BLOCKS - 2);
        assert_true(os_mempool_is_sane(mp));
        /* Whoever wrote to it puts it, and it is a block like any other. */
        assert_int_equal(os_memblock_put(mp, block), OS_OK);
        assert_ptr_equal(os_memblock_get(mp), block);
    }
    assert_nothing_told();
    print_message("%u bytes of poison\n", found);
}

/* All blocks damaged: as many reports, and then none to hand out. */
static void get_passes_over_any_number_of_damaged_blocks(void **state)
{
    (void)state;
    for (size_t i = 0; i < BLOCKS; i++) {
        ((unsigned char *)number(i))[PAYLOAD - 1] = 0;
    }
    assert_null(os_memblock_get(mp));
    assert_int_equal(told.count, BLOCKS);
    assert_int_equal(mp->mp_num_free, 0);
    forget_faults();
    assert_int_equal(os_mempool_clear(mp), OS_OK);
    assert_true(os_mempool_is_sane(mp));
}

/* Covers: OS_MEMPOOL_GUARD M7 */
static void an_overwritten_guard_is_found_by_put_get_and_is_sane(void **state)
{
    (void)state;
    for (size_t off = PAYLOAD; off < PAYLOAD + 4u; off++) {
        assert_int_equal(os_mempool_clear(mp), OS_OK);
        unsigned char *block = os_memblock_get(mp);
        block[off] ^= 1;
        watch w;
        watch_begin(&w);
        assert_int_equal(os_memblock_put(mp, block), OS_INVALID_PARM);
        watch_end(&w);
        assert_told(mp, block, "guard word overwritten");
        assert_int_equal(watch_status(&w, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
        assert_int_equal(os_memblock_put_from_cb(mp, block), OS_INVALID_PARM);
        assert_told(mp, block, "guard word overwritten");
        assert_int_equal(mp->mp_num_free, BLOCKS - 1);
        assert_true(os_mempool_is_sane(mp)); /* it is not free */
        block[off] ^= 1;
        assert_int_equal(os_memblock_put(mp, block), OS_OK);
        block[off] ^= 1;
        assert_false(os_mempool_is_sane(mp));
        assert_ptr_equal(os_memblock_get(mp), number(1));
        assert_told(mp, block, "guard word overwritten");
    }
}

static os_error_t keep(struct os_mempool_ext *ome, void *data, void *argument)
{
    (void)data;
    ++*(int *)argument;
    return ome == &pool ? OS_OK : OS_EINVAL;
}

/* The original gives extended pools no guard. Covers: os_mempool_ext_init M6 */
static void extended_pools_have_guards_too(void **state)
{
    (void)state;
    int calls = 0;
    assert_int_equal(os_mempool_ext_init(&pool, BLOCKS, SIZE, buffer, "ext"), OS_OK);
    pool.mpe_put_cb = keep;
    pool.mpe_put_arg = &calls;
    unsigned char *block = os_memblock_get(mp);
    assert_int_equal(word_at(block, PAYLOAD), 0xBAFF1ED1);
    block[PAYLOAD] = 0;
    assert_int_equal(os_memblock_put(mp, block), OS_INVALID_PARM);
    assert_told(mp, block, "guard word overwritten");
    assert_int_equal(calls, 0);
    assert_int_equal(os_mempool_clear(mp), OS_OK);
    assert_int_equal(os_memblock_put(mp, os_memblock_get(mp)), OS_OK);
    assert_int_equal(calls, 1);
}

/* Covers: OS_MEMPOOL_CHECK */
static void the_map_knows_each_block_and_is_checked(void **state)
{
    (void)state;
    uint32_t *map = (uint32_t *)number(BLOCKS);
    assert_int_equal(map[0], 0xFFFFFFFF);
    assert_int_equal(map[1], 1);
    void *block = os_memblock_get(mp);
    assert_int_equal(map[0], 0xFFFFFFFE);
    assert_int_equal(os_memblock_put(mp, number(32)), OS_INVALID_PARM);
    assert_told(mp, number(32), "already free");
    assert_int_equal(os_memblock_put(mp, block), OS_OK);
    assert_int_equal(map[0], 0xFFFFFFFF);
    map[1] = 0; /* a free block that the map calls used */
    assert_false(os_mempool_is_sane(mp));
    map[1] = 1;
    map[0] = 0xFFFFFFFE; /* the head, too: it is not handed out */
    assert_false(os_mempool_is_sane(mp));
    assert_null(os_memblock_get(mp));
    assert_told(mp, number(0), "free list broken");
    assert_int_equal(os_mempool_clear(mp), OS_OK);
    assert_int_equal(map[0], 0xFFFFFFFF);
    assert_non_null(os_memblock_get(mp));
    map[0] = 0xFFFFFFFF; /* a used block that the map calls free */
    assert_false(os_mempool_is_sane(mp));
    map[1] = 0; /* and a free one that it calls used: the number is right again */
    assert_false(os_mempool_is_sane(mp));
}

/* A block no larger than a pointer has no poison. Covers: OS_MEMPOOL_POISON M1 */
static void blocks_of_a_pointer_carry_no_poison(void **state)
{
    (void)state;
    for (uint32_t size = 1; size <= sizeof(void *); size++) {
        bench b;
        bench_open(&b, 10, size, "small", (TARN_MYNEWT_OPTIONS & ~0xFFu) | 4u);
        assert_int_equal(b.stride, sizeof(void *) + 4u);
        assert_fresh(&b);
        unsigned char *block = os_memblock_get(b.mp);
        memset(block, 0xEE, sizeof(void *));
        assert_int_equal(os_memblock_put(b.mp, block), OS_OK);
        memset(block, 0xEE, sizeof(void *));
        assert_false(os_mempool_is_sane(b.mp)); /* the link */
        assert_null(os_memblock_get(b.mp));
        assert_told(b.mp, block, "free list broken");
        bench_close(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(macros_reserve_what_the_options_take, fresh),
        cmocka_unit_test_setup(free_blocks_carry_poison_and_guard, fresh),
        cmocka_unit_test_setup(a_block_written_while_free_is_not_handed_out, fresh),
        cmocka_unit_test_setup(get_passes_over_any_number_of_damaged_blocks, fresh),
        cmocka_unit_test_setup(an_overwritten_guard_is_found_by_put_get_and_is_sane, fresh),
        cmocka_unit_test_setup(extended_pools_have_guards_too, fresh),
        cmocka_unit_test_setup(the_map_knows_each_block_and_is_checked, fresh),
        cmocka_unit_test_setup(blocks_of_a_pointer_carry_no_poison, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
