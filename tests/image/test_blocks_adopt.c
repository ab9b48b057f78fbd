/* SPDX-License-Identifier: MIT */
/*
 * Images of block pools that another build made: every format of the head and every mark is taken over as it means, and
 * what only the check sees is found before.
 */
#include "tarn/blocks.h"

#include "blocks_sign.h"
#include "test.h"

enum { COUNT = 12, SIZE = 24, ROOM = 4096, HEADER = 64, HEAD = 8, USED = 16, MARK = 56, SLOT_LIST = HEADER + 48 };

static _Alignas(64) unsigned char memory[ROOM];

static tarn_blocks *make(uint32_t flags, uint32_t slots)
{
    tarn_blocks *pool;
    tarn_blocks_options options = {.count = COUNT, .flags = flags | TARN_BLOCKS_UNREGISTERED, .slots = slots};
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_blocks_init(&pool, memory, sizeof memory, SIZE, &options), TARN_OK);
    return pool;
}

static uint32_t word_of(uint32_t at)
{
    uint32_t word;
    memcpy(&word, memory + at, sizeof word);
    return word;
}

static void set_word(uint32_t at, uint32_t word)
{
    memcpy(memory + at, &word, sizeof word);
}

static uint32_t offset_of(const void *block)
{
    return (uint32_t)((const unsigned char *)block - memory);
}

/* A list of two blocks, one out, with tags that reach into each word of the head; as src/blocks.h has the formats. */
static void write_head(uint32_t format, uint32_t number, uint32_t offset)
{
    uint64_t counted = (number + 1u) | UINT64_C(2) << 4 | UINT64_C(0x12345678) << 30; /* COUNT takes 4 bits */
    set_word(4, (word_of(4) & ~15u) | format);
    set_word(HEAD, format == 0 ? offset : (number + 1u) | 0xABCD0000u);
    set_word(HEAD + 4, 0);
    set_word(USED, format == 1 ? 0 : 1);
    if (format == 1) {
        memcpy(memory + HEAD, &counted, sizeof counted);
    }
    blocks_sign(memory);
}

static void every_format_of_the_head_is_taken_over(void **state)
{
    (void)state;
    tarn_stats stats;
    for (uint32_t format = 0; format < 3; format++) {
        tarn_blocks *pool = make(0, 0);
        void *blocks[3];
        assert_int_equal(tarn_blocks_get_many(pool, blocks, 3), TARN_OK);
        uint32_t own = word_of(4) & 15u;
        assert_int_equal(tarn_blocks_put(pool, blocks[0]), TARN_OK);
        assert_int_equal(tarn_blocks_put(pool, blocks[1]), TARN_OK);
        write_head(format, 1, offset_of(blocks[1]));
        assert_int_equal(tarn_blocks_adopt(&pool, memory, sizeof memory), TARN_OK);
        assert_int_equal(word_of(4) & 15u, own);
        assert_int_equal(own == 1 ? word_of(USED) : word_of(HEAD + 4), 0);
        assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
        assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
        assert_int_equal(stats.blocks, 1);
        assert_ptr_equal(tarn_blocks_get(pool), blocks[1]);
        assert_ptr_equal(tarn_blocks_get(pool), blocks[0]);
        assert_ptr_equal(tarn_blocks_get(pool), (unsigned char *)blocks[2] + SIZE);
        assert_int_equal(tarn_blocks_put(pool, blocks[2]), TARN_OK);
        assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
        assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
    }
}

static void a_mark_is_kept_on(void **state)
{
    (void)state;
    void *blocks[4];
    tarn_blocks *pool = make(0, 0);
    assert_int_equal(tarn_blocks_get_many(pool, blocks, 4), TARN_OK);
    assert_int_equal(tarn_blocks_put_many(pool, blocks, 2), TARN_OK);
    assert_int_equal(tarn_blocks_low_reset(pool), TARN_OK);
    assert_int_equal(tarn_blocks_adopt(&pool, memory, sizeof memory), TARN_OK);
    assert_int_equal(tarn_blocks_low(pool), COUNT - 2);
    assert_non_null(tarn_blocks_get(pool));
    assert_int_equal(tarn_blocks_low(pool), COUNT - 3);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
}

static void assert_found(uint32_t rule, uint32_t at, uint32_t expected, uint32_t word)
{
    tarn_finding found;
    tarn_blocks *pool = (tarn_blocks *)(void *)memory;
    assert_int_equal(tarn_blocks_check(pool, &found), TARN_E_DAMAGED);
    assert_int_equal(found.rule, rule);
    assert_int_equal(found.offset, at);
    assert_int_equal(found.expected, expected);
    assert_int_equal(found.found, word);
    assert_int_equal(tarn_blocks_adopt(&pool, memory, sizeof memory), TARN_E_DAMAGED);
}

/* A mark says how many were out at most: no more than ever, no fewer than now. */
static void a_mark_that_cannot_be_is_refused(void **state)
{
    (void)state;
    void *blocks[4];
    tarn_blocks *pool = make(0, 0);
    assert_int_equal(tarn_blocks_get_many(pool, blocks, 4), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, blocks[0]), TARN_OK);
    set_word(MARK, 6);
    assert_found(TARN_RULE_BLOCKS_COUNTS, MARK, 4, 6);
    assert_int_equal(tarn_blocks_low(pool), COUNT - 4);
    set_word(MARK, 3);
    assert_found(TARN_RULE_BLOCKS_COUNTS, MARK, 4, 3);
    set_word(MARK, 4);
    assert_int_equal(tarn_blocks_check(pool, NULL), TARN_OK);
}

/* The pool's list and a cache, or two caches, with the same blocks in them. */
static void a_block_in_two_lists_is_refused(void **state)
{
    (void)state;
    tarn_blocks *pool = make(0, 1);
    void *one = tarn_blocks_get(pool);
    void *two = NULL;
    for (int i = 0; i < COUNT / 2; i++) { /* so many out that the lists together are not too long */
        two = tarn_blocks_get(pool);
    }
    assert_int_equal(tarn_blocks_put(pool, two), TARN_OK);
    if (word_of(SLOT_LIST) != 0) { /* the build uses caches: the spare list is made to be the one in use */
        memcpy(memory + SLOT_LIST + 12, memory + SLOT_LIST, 12);
    } else {
        set_word(SLOT_LIST, offset_of(two));
        set_word(SLOT_LIST + 4, offset_of(two));
        set_word(SLOT_LIST + 8, 1);
    }
    assert_found(TARN_RULE_BLOCKS_LISTED, offset_of(one), 1, 2);
}

static void a_block_that_is_out_has_its_bit(void **state)
{
    (void)state;
    tarn_blocks *pool = make(TARN_BLOCKS_MAP, 0);
    assert_non_null(tarn_blocks_get(pool));
    assert_non_null(tarn_blocks_get(pool));
    memory[HEADER] ^= 2;
    assert_found(TARN_RULE_BLOCKS_MAP, HEADER, 2, 1);
}

/* What the check in steps sees by the map alone. */
static void steps_see_links_and_fill(void **state)
{
    (void)state;
    tarn_finding found;
    uint32_t cursor = 0;
    tarn_blocks *pool = make(TARN_BLOCKS_MAP | TARN_BLOCKS_POISON, 0);
    unsigned char *one = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_put(pool, one), TARN_OK);
    one[8] ^= 1;
    assert_int_equal(tarn_blocks_check_some(pool, &cursor, 1, &found), TARN_E_DAMAGED);
    assert_int_equal(found.rule, TARN_RULE_BLOCKS_POISON);
    assert_int_equal(found.offset, offset_of(one) + 8u);
    one[8] ^= 1;
    one[0] = 1;
    cursor = COUNT; /* beyond the end is the beginning */
    assert_int_equal(tarn_blocks_check_some(pool, &cursor, 1, &found), TARN_E_DAMAGED);
    assert_int_equal(found.rule, TARN_RULE_BLOCKS_LINK);
    assert_int_equal(found.offset, offset_of(one));
    assert_int_equal(cursor, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_of_the_head_is_taken_over), cmocka_unit_test(a_mark_is_kept_on),
        cmocka_unit_test(a_mark_that_cannot_be_is_refused),       cmocka_unit_test(a_block_in_two_lists_is_refused),
        cmocka_unit_test(a_block_that_is_out_has_its_bit),        cmocka_unit_test(steps_see_links_and_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
