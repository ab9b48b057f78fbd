/* SPDX-License-Identifier: MIT */
/* Mynewt pools as wholes: constants, init, clear, the list. */
#include "test_mynewt.h"

#include "los_memory.h"
#include "os/mynewt.h"

extern STAILQ_HEAD(, os_mempool) g_os_mempool_list;

static int fresh(void **state)
{
    (void)state;
    os_mempool_module_init();
    forget_faults();
    return 0;
}

/* ---- constants ---- */

/*
 * Covers: OS_OK OS_ENOMEM OS_EINVAL OS_INVALID_PARM OS_MEM_NOT_ALIGNED OS_BAD_MUTEX OS_TIMEOUT OS_ERR_IN_ISR
 * Covers: OS_ERR_PRIV OS_NOT_STARTED OS_ENOENT OS_EBUSY OS_ERROR os_error os_error_t
 */
static void error_numbers_are_the_documented_ones(void **state)
{
    (void)state;
    static const enum os_error numbers[] = {
        OS_OK,         OS_ENOMEM,   OS_EINVAL,      OS_INVALID_PARM, OS_MEM_NOT_ALIGNED, OS_BAD_MUTEX,   OS_TIMEOUT,
        OS_ERR_IN_ISR, OS_ERR_PRIV, OS_NOT_STARTED, OS_ENOENT,       OS_EBUSY,           MYNEWT_OS_ERROR};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_int_equal(numbers[i], i);
    }
    os_error_t error = OS_OK;
    assert_int_equal(sizeof error, 4);
    assert_int_equal(OS_ERROR, MYNEWT_OS_ERROR);
}

/* Covers: os_error_to_sys */
static void errors_have_system_numbers(void **state)
{
    (void)state;
    assert_int_equal(os_error_to_sys(OS_OK), 0);
    assert_int_equal(os_error_to_sys(OS_ENOMEM), SYS_ENOMEM);
    assert_int_equal(os_error_to_sys(OS_EINVAL), SYS_EINVAL);
    assert_int_equal(os_error_to_sys(OS_INVALID_PARM), SYS_EINVAL);
    assert_int_equal(os_error_to_sys(OS_TIMEOUT), SYS_ETIMEOUT);
    assert_int_equal(os_error_to_sys(OS_ENOENT), SYS_ENOENT);
    assert_int_equal(os_error_to_sys(OS_EBUSY), SYS_EBUSY);
    assert_int_equal(os_error_to_sys(OS_BAD_MUTEX), SYS_EUNKNOWN);
    assert_int_equal(os_error_to_sys(MYNEWT_OS_ERROR), SYS_EUNKNOWN);
}

/* The examples of the guide, in a file that says nothing: alignment 4, no option. */
static os_membuf_t of_eighty[OS_MEMPOOL_SIZE(10, 80)];
static uint8_t of_eighty_bytes[OS_MEMPOOL_BYTES(10, 80)];

/*
 * Covers: OS_ALIGNMENT os_membuf_t OS_ALIGN OS_MEMPOOL_BLOCK_SZ OS_MEMPOOL_SIZE OS_MEMPOOL_BYTES OS_MEMPOOL_F_EXT
 * Covers: OS_MEMPOOL_INFO_NAME_LEN OS_CFG_ALIGNMENT OS_CFG_ALIGN_4 MYNEWT_VAL OS_SYSVIEW_TRACE_MEMPOOL M1 M12 M17
 */
static void sizes_are_the_documented_ones(void **state)
{
    (void)state;
    assert_int_equal(OS_ALIGNMENT, 4);
    assert_int_equal(sizeof(os_membuf_t), 4);
    assert_int_equal(OS_CFG_ALIGNMENT, OS_CFG_ALIGN_4);
    assert_int_equal(sizeof of_eighty, 800);
    assert_int_equal(sizeof of_eighty_bytes, 800);
    assert_int_equal(of_eighty[0] + of_eighty_bytes[0], 0);
    assert_int_equal(OS_MEMPOOL_BLOCK_SZ(81), 81);
    assert_int_equal(OS_MEMPOOL_SIZE(10, 80), 200);
    assert_int_equal(OS_MEMPOOL_SIZE(10, 81), 210);
    /* A block holds a pointer: 10 words on 32 bits, as documented, 20 on 64. */
    assert_int_equal(OS_MEMPOOL_SIZE(10, 1), 10 * sizeof(void *) / 4);
    assert_int_equal(OS_MEMPOOL_SIZE(0, 80), 0);
    assert_int_equal(OS_MEMPOOL_SIZE(1 + 1, 40 + 40), 40);
    assert_int_equal(OS_MEMPOOL_F_EXT, 1);
    assert_int_equal(OS_MEMPOOL_INFO_NAME_LEN, 32);
    assert_int_equal(OS_ALIGN(80, 4), 80);
    assert_int_equal(OS_ALIGN(81, 4), 84);
    assert_int_equal(OS_ALIGN(0, 16), 0);
    assert_int_equal(MYNEWT_VAL(OS_MEMPOOL_CHECK) + MYNEWT_VAL(OS_MEMPOOL_POISON) + MYNEWT_VAL(OS_MEMPOOL_GUARD), 0);
    assert_int_equal(MYNEWT_VAL(OS_SYSVIEW_TRACE_MEMPOOL) + MYNEWT_VAL(OS_MEMPOOL_CHECK_MAP), 0);
}

/* Covers: struct_os_mempool struct_os_memblock struct_os_mempool_ext struct_os_mempool_info SLIST_FIRST */
static void members_are_where_code_expects_them(void **state)
{
    (void)state;
    struct os_mempool mp;
    struct os_mempool_ext ext;
    struct os_mempool_info info;
    assert_int_equal(offsetof(struct os_mempool, mp_block_size), 0);
    assert_int_equal(offsetof(struct os_mempool, mp_num_blocks), 4);
    assert_int_equal(offsetof(struct os_mempool, mp_num_free), 6);
    assert_int_equal(offsetof(struct os_mempool, mp_min_free), 8);
    assert_int_equal(offsetof(struct os_mempool, mp_flags), 10);
    assert_int_equal(sizeof mp.mp_membuf_addr, sizeof(uintptr_t));
    assert_ptr_equal(&SLIST_FIRST(&mp), &mp.slh_first);
    assert_int_equal(sizeof mp.mp_list.stqe_next + sizeof mp.name, 2 * sizeof(void *));
    assert_int_equal(offsetof(struct os_memblock, mb_next), 0);
    assert_int_equal(sizeof(struct os_memblock), sizeof(void *));
    assert_ptr_equal(&ext, &ext.mpe_mp);
    assert_int_equal(sizeof ext.mpe_put_cb + sizeof ext.mpe_put_arg, 2 * sizeof(void *));
    assert_int_equal(offsetof(struct os_mempool_info, omi_name), 4 * sizeof info.omi_num_blocks);
    assert_int_equal(sizeof info.omi_name + sizeof info.omi_min_free, 32 + sizeof(int));
}

/* ---- init ---- */

static struct os_mempool pool;
static struct os_mempool_ext extended;
static uint64_t memory[512];

/* Covers: os_mempool_init mp_block_size mp_num_blocks mp_num_free mp_min_free mp_flags mp_membuf_addr name mb_next */
static void init_chains_all_blocks_in_order_of_address(void **state)
{
    (void)state;
    uint32_t pools = 0;
    for (uint32_t size = 1; size <= 40; size++) {
        for (uint16_t blocks = 0; blocks <= 70; blocks = (uint16_t)(blocks * 3 / 2 + 1)) {
            for (uint32_t options = WORD; options <= WORD + 12u; options += options == WORD ? 4u : 8u) {
                bench b;
                bench_open(&b, blocks, size, "fresh", options);
                assert_int_equal(b.mp->mp_block_size, size);
                assert_int_equal(b.mp->mp_num_blocks, blocks);
                assert_int_equal(b.mp->mp_flags, 0);
                assert_int_equal(b.mp->mp_membuf_addr, (uintptr_t)b.buffer);
                assert_string_equal(b.mp->name, "fresh");
                assert_fresh(&b);
                bench_close(&b);
                pools++;
            }
        }
    }
    assert_nothing_told();
    print_message("%u pools of 1..40 bytes, 0..70 blocks, at alignments 4, 8 and 16\n", pools);
}

/* Covers: os_mempool_init OS_INVALID_PARM OS_MEM_NOT_ALIGNED */
static void init_refuses_in_the_documented_order(void **state)
{
    (void)state;
    char *odd = (char *)memory + 2;
    memset(&pool, 0x77, sizeof pool);
    struct os_mempool before = pool;
    assert_int_equal(os_mempool_init(NULL, 1, 4, memory, "n"), OS_INVALID_PARM);
    assert_int_equal(os_mempool_init(&pool, 1, 0, odd, "n"), OS_INVALID_PARM);
    assert_int_equal(os_mempool_init(&pool, 1, 4, NULL, "n"), OS_INVALID_PARM);
    assert_int_equal(os_mempool_init(&pool, 1, 4, odd, "n"), OS_MEM_NOT_ALIGNED);
    assert_int_equal(os_mempool_init(&pool, 0, 4, odd, "n"), OS_MEM_NOT_ALIGNED);
    assert_int_equal(os_mempool_ext_init(NULL, 1, 4, memory, "n"), OS_INVALID_PARM);
    assert_int_equal(tarn_mynewt_init(&pool, 1, 4, (char *)memory + 4, "n", TARN_MYNEWT_INTERFACE | 8u),
                     OS_MEM_NOT_ALIGNED);
    assert_int_equal(tarn_mynewt_init(&pool, 1, 4, (char *)memory + 8, "n", TARN_MYNEWT_INTERFACE | 16u),
                     (uintptr_t)memory % 16u == 8 ? OS_OK : OS_MEM_NOT_ALIGNED);
    (void)os_mempool_unregister(&pool);
    assert_nothing_told();
    memset(&pool, 0x77, sizeof pool);
    assert_int_equal(os_mempool_init(&pool, 65535, UINT32_MAX, (void *)(UINTPTR_MAX - 7u), "n"), OS_INVALID_PARM);
    assert_told(&pool, NULL, "too large");
    assert_memory_equal(&pool, &before, sizeof pool);
    assert_null(os_mempool_info_get_next(NULL, NULL));
    assert_int_equal(os_mempool_init(&pool, 0, 4, NULL, NULL), OS_OK);
    assert_int_equal(os_mempool_init(&pool, 0, 4, memory, NULL), OS_OK);
}

/* A word that no header of this version makes is refused, whatever else is right. */
static void init_refuses_option_words_that_are_none(void **state)
{
    (void)state;
    static const uint32_t words[] = {0,
                                     4,
                                     TARN_MYNEWT_INTERFACE,
                                     TARN_MYNEWT_INTERFACE | 5u,
                                     TARN_MYNEWT_INTERFACE | 32u,
                                     TARN_MYNEWT_INTERFACE | 12u,
                                     WORD | TARN_MYNEWT_MAP,
                                     WORD | 0x2000u,
                                     WORD | 0x00800000u,
                                     WORD + 0x01000000u,
                                     WORD + 0x00010000u,
                                     WORD - 0x00010000u,
                                     UINT32_MAX};
    memset(&pool, 0, sizeof pool);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_int_equal(tarn_mynewt_init(&pool, 1, 8, memory, "n", words[i]), OS_INVALID_PARM);
        assert_told(&pool, NULL, "option word refused");
        assert_null(os_memblock_get(&pool));
        assert_told(&pool, NULL, "no such pool");
    }
}

/* Covers: os_mempool_ext_init OS_MEMPOOL_F_EXT mpe_put_cb mpe_put_arg */
static void an_extended_pool_begins_without_callback(void **state)
{
    (void)state;
    memset(&extended, 0x77, sizeof extended);
    assert_int_equal(os_mempool_ext_init(&extended, 5, 10, memory, "ext"), OS_OK);
    assert_int_equal(extended.mpe_mp.mp_flags, OS_MEMPOOL_F_EXT);
    assert_null(extended.mpe_put_cb);
    assert_null(extended.mpe_put_arg);
    void *block = os_memblock_get(&extended.mpe_mp);
    assert_int_equal(os_memblock_put(&extended.mpe_mp, block), OS_OK);
    assert_int_equal(os_mempool_init(&extended.mpe_mp, 5, 10, memory, "plain"), OS_OK);
    assert_int_equal(extended.mpe_mp.mp_flags, 0);
}

typedef os_error_t plain_init(struct os_mempool *, uint16_t, uint32_t, void *, const char *);
typedef os_error_t plain_ext_init(struct os_mempool_ext *, uint16_t, uint32_t, void *, const char *);
extern plain_init plain_symbol __asm__("os_mempool_init");
extern plain_ext_init plain_ext_symbol __asm__("os_mempool_ext_init");

/* Covers: os_mempool_init os_mempool_ext_init */
static void the_plain_symbols_mean_the_defaults(void **state)
{
    (void)state;
    assert_int_equal(plain_symbol(&pool, 3, 81, (char *)memory + 4, "plain"), OS_OK);
    assert_int_equal((char *)SLIST_NEXT(SLIST_FIRST(&pool), mb_next) - (char *)SLIST_FIRST(&pool), 84);
    assert_int_equal(plain_ext_symbol(&extended, 3, 81, memory + 100, "plain"), OS_OK);
    assert_int_equal(extended.mpe_mp.mp_flags, OS_MEMPOOL_F_EXT);
    plain_init *pointer = os_mempool_init;
    assert_int_equal(pointer(&pool, 3, 81, memory, "pointer"), OS_OK);
}

/* The original links such a pool twice and iterates for ever. Covers: os_mempool_init M5 */
static void a_second_init_takes_the_pool_off_the_list_first(void **state)
{
    (void)state;
    static struct os_mempool other, third;
    assert_int_equal(os_mempool_init(&other, 1, 8, memory, "first"), OS_OK);
    assert_int_equal(os_mempool_init(&pool, 1, 8, memory + 8, "again"), OS_OK);
    assert_int_equal(os_mempool_init(&third, 1, 8, memory + 16, "third"), OS_OK);
    assert_non_null(os_memblock_get(&pool));
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(os_mempool_init(&pool, 2, 8, memory + 8 + 16 * i, "again"), OS_OK);
        uint32_t count = 0;
        struct os_mempool *mp;
        STAILQ_FOREACH(mp, &g_os_mempool_list, mp_list)
        {
            assert_true(++count <= 3);
        }
        assert_int_equal(count, 3);
        assert_ptr_equal(STAILQ_FIRST(&g_os_mempool_list), &other);
        assert_ptr_equal(g_os_mempool_list.stqh_last, &pool.mp_list.stqe_next);
    }
    assert_int_equal(os_mempool_init(&other, 1, 8, memory, "first"), OS_OK);
    assert_ptr_equal(STAILQ_FIRST(&g_os_mempool_list), &third);
    memset(&other, 0, sizeof other); /* cleared while it is listed, as start-up code does */
    assert_int_equal(os_mempool_init(&other, 1, 8, memory, "cleared"), OS_OK);
    assert_ptr_equal(os_mempool_get("cleared", NULL), &other);
}

/* ---- clear ---- */

/* Covers: os_mempool_clear M4 */
static void clear_reclaims_what_is_outstanding(void **state)
{
    (void)state;
    static const uint32_t options[] = {WORD, WORD | TARN_MYNEWT_CHECK | TARN_MYNEWT_MAP | TARN_MYNEWT_POISON |
                                                 TARN_MYNEWT_GUARD | TARN_MYNEWT_EXT};
    for (uint32_t i = 0; i < 2; i++) {
        bench b;
        bench_open(&b, 40, 33, "clear", options[i]);
        for (uint32_t round = 0; round < 3; round++) {
            for (uint32_t taken = 0; taken < 13 * round; taken++) {
                unsigned char *block = os_memblock_get(b.mp);
                memset(block, 0xEE, b.stride); /* the guard too: clear writes all anew */
            }
            assert_int_equal(os_mempool_clear(b.mp), OS_OK);
            assert_fresh(&b);
            assert_string_equal(b.mp->name, "clear");
            assert_ptr_equal(os_mempool_get("clear", NULL), b.mp);
        }
        bench_close(&b);
    }
    assert_int_equal(os_mempool_clear(NULL), OS_INVALID_PARM);
    assert_nothing_told();
    assert_int_equal(os_mempool_init(&pool, 0, 8, NULL, "empty"), OS_OK);
    assert_int_equal(os_mempool_clear(&pool), OS_OK);
    assert_null(os_memblock_get(&pool));
    assert_true(os_mempool_is_sane(&pool));
    assert_int_equal(os_memblock_from(&pool, memory) + os_memblock_from(&pool, NULL), 0);
    assert_nothing_told();
    assert_int_equal(os_memblock_put(&pool, memory), OS_INVALID_PARM);
    assert_told(&pool, memory, "outside the pool");
}

/* ---- the list ---- */

/* Covers: os_mempool_unregister g_os_mempool_list STAILQ_FOREACH STAILQ_FIRST STAILQ_NEXT mp_list */
static void unregistered_pools_work_on(void **state)
{
    (void)state;
    static struct os_mempool pools[4];
    assert_int_equal(os_mempool_unregister(NULL), OS_INVALID_PARM);
    memset(&pool, 0, sizeof pool);
    assert_int_equal(os_mempool_unregister(&pool), OS_INVALID_PARM);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(os_mempool_init(&pools[i], 4, 8, memory + 8 * i, "p"), OS_OK);
    }
    static const uint32_t order[] = {1, 3, 0, 2};
    for (uint32_t i = 0; i < 4; i++) {
        struct os_mempool *one = &pools[order[i]], *mp;
        struct os_mempool *after = STAILQ_NEXT(one, mp_list);
        assert_int_equal(os_mempool_unregister(one), OS_OK);
        assert_int_equal(os_mempool_unregister(one), OS_INVALID_PARM);
        assert_ptr_equal(STAILQ_NEXT(one, mp_list), after);
        uint32_t count = 0;
        STAILQ_FOREACH(mp, &g_os_mempool_list, mp_list)
        {
            assert_ptr_not_equal(mp, one);
            count++;
        }
        assert_int_equal(count, 3 - i);
        assert_int_equal(os_memblock_put(one, os_memblock_get(one)), OS_OK);
    }
    assert_null(STAILQ_FIRST(&g_os_mempool_list));
    assert_ptr_equal(g_os_mempool_list.stqh_last, &STAILQ_FIRST(&g_os_mempool_list));
    assert_nothing_told();
}

/*
 * What the management command mpstat does. Covers: os_mempool_info_get_next omi_block_size omi_num_blocks omi_num_free
 * Covers: omi_min_free omi_name M9 mpstat
 */
static void iteration_tells_each_pool_once_in_order(void **state)
{
    (void)state;
    static struct os_mempool pools[3];
    static const char *const names[] = {"a name of more than 31 characters, which is cut", NULL, ""};
    static const char *const shown[] = {"a name of more than 31 characte", "", ""};
    for (uint16_t i = 0; i < 3; i++) {
        assert_int_equal(os_mempool_init(&pools[i], (uint16_t)(i + 2), 30u + i, memory + 64 * i, names[i]), OS_OK);
        void *block = os_memblock_get(&pools[i]);
        assert_non_null(os_memblock_get(&pools[i]));
        assert_int_equal(os_memblock_put(&pools[i], block), OS_OK);
    }
    struct os_mempool *mp = NULL;
    struct os_mempool_info info;
    int count = 0;
    memset(&info, 0x77, sizeof info);
    while ((mp = os_mempool_info_get_next(mp, &info)) != NULL) {
        assert_ptr_equal(mp, &pools[count]);
        assert_int_equal(info.omi_block_size, 30 + count);
        assert_int_equal(info.omi_num_blocks, count + 2);
        assert_int_equal(info.omi_num_free, count + 1);
        assert_int_equal(info.omi_min_free, count);
        assert_string_equal(info.omi_name, shown[count]);
        count++;
    }
    assert_int_equal(count, 3);
    struct os_mempool_info before = info;
    assert_null(os_mempool_info_get_next(&pools[2], &info));
    assert_memory_equal(&info, &before, sizeof info);
    assert_ptr_equal(os_mempool_info_get_next(&pools[0], NULL), &pools[1]);
    /* The stale link of a pool that left leads on. */
    assert_int_equal(os_mempool_unregister(&pools[1]), OS_OK);
    assert_ptr_equal(os_mempool_info_get_next(&pools[1], &info), &pools[2]);
}

/* Covers: os_mempool_get M9 M11 */
static void pools_are_found_by_name(void **state)
{
    (void)state;
    static struct os_mempool pools[3];
    static char variable[] = "second";
    struct os_mempool_info info;
    memset(&info, 0x77, sizeof info);
    struct os_mempool_info before = info;
    assert_null(os_mempool_get("first", &info));
    assert_null(os_mempool_get(NULL, &info));
    assert_int_equal(os_mempool_init(&pools[0], 1, 8, memory, "first"), OS_OK);
    assert_int_equal(os_mempool_init(&pools[1], 2, 8, memory + 8, variable), OS_OK);
    assert_int_equal(os_mempool_init(&pools[2], 3, 8, memory + 16, "second"), OS_OK);
    assert_null(os_mempool_get(NULL, &info));
    assert_null(os_mempool_get("secon", &info));
    assert_null(os_mempool_get("second ", &info));
    assert_memory_equal(&info, &before, sizeof info);
    assert_ptr_equal(os_mempool_get("second", &info), &pools[1]);
    assert_int_equal(info.omi_num_blocks, 2);
    assert_ptr_equal(os_mempool_get("first", NULL), &pools[0]);
    assert_int_equal(os_mempool_init(&pools[0], 1, 8, memory, NULL), OS_OK);
    assert_ptr_equal(os_mempool_get(NULL, NULL), &pools[0]);
    assert_ptr_equal(os_mempool_get("", NULL), &pools[0]);
}

/* Covers: os_mempool_module_init */
static void module_init_forgets_all_pools(void **state)
{
    (void)state;
    need_registry();
    tarn_registration entry;
    assert_int_equal(os_mempool_init(&pool, 1, 8, memory, "p"), OS_OK);
    assert_int_equal(os_mempool_ext_init(&extended, 1, 8, memory + 8, "e"), OS_OK);
    assert_true(tarn_registered(TARN_FACE_MYNEWT, 1, &entry));
    os_mempool_module_init();
    assert_null(os_mempool_info_get_next(NULL, NULL));
    assert_false(tarn_registered(TARN_FACE_MYNEWT, 0, &entry));
    assert_non_null(os_memblock_get(&pool));
    assert_int_equal(os_mempool_init(&pool, 1, 8, memory, "p"), OS_OK);
    assert_ptr_equal(os_mempool_info_get_next(NULL, NULL), &pool);
}

/* The memory of a listed structure was used for something else: the list ends there, nothing is reached through it. */
static void a_structure_that_was_overwritten_ends_the_list(void **state)
{
    (void)state;
    static struct os_mempool pools[3], fourth;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(os_mempool_init(&pools[i], 1, 8, memory + 8 * i, "p"), OS_OK);
    }
    memset(&pools[1], 0xA5, sizeof pools[1]);
    assert_null(os_mempool_info_get_next(&pools[0], NULL));
    assert_null(os_mempool_info_get_next(&pools[1], NULL));
    assert_null(os_mempool_get("q", NULL));
    assert_int_equal(os_mempool_unregister(&pools[2]), OS_INVALID_PARM);
    assert_int_equal(os_mempool_init(&fourth, 1, 8, memory + 24, "q"), OS_OK);
    assert_ptr_equal(os_mempool_get("q", NULL), &fourth);
    assert_ptr_equal(STAILQ_NEXT(&pools[0], mp_list), &fourth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(error_numbers_are_the_documented_ones, fresh),
        cmocka_unit_test_setup(errors_have_system_numbers, fresh),
        cmocka_unit_test_setup(sizes_are_the_documented_ones, fresh),
        cmocka_unit_test_setup(members_are_where_code_expects_them, fresh),
        cmocka_unit_test_setup(init_chains_all_blocks_in_order_of_address, fresh),
        cmocka_unit_test_setup(init_refuses_in_the_documented_order, fresh),
        cmocka_unit_test_setup(init_refuses_option_words_that_are_none, fresh),
        cmocka_unit_test_setup(an_extended_pool_begins_without_callback, fresh),
        cmocka_unit_test_setup(the_plain_symbols_mean_the_defaults, fresh),
        cmocka_unit_test_setup(a_second_init_takes_the_pool_off_the_list_first, fresh),
        cmocka_unit_test_setup(clear_reclaims_what_is_outstanding, fresh),
        cmocka_unit_test_setup(unregistered_pools_work_on, fresh),
        cmocka_unit_test_setup(iteration_tells_each_pool_once_in_order, fresh),
        cmocka_unit_test_setup(pools_are_found_by_name, fresh),
        cmocka_unit_test_setup(module_init_forgets_all_pools, fresh),
        cmocka_unit_test_setup(a_structure_that_was_overwritten_ends_the_list, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
