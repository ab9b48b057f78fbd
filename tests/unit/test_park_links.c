/* SPDX-License-Identifier: MIT */
/*
 * Writing to a block after it was freed, where freed blocks are parked (tarn_options.park): the link and the rest of the
 * budget lie in what was the user's. Whatever is written, and whatever is called next: bytes of live blocks stay as they
 * are, nothing outside the pool is touched, and no block is handed out that overlaps a live one. A check says what is
 * wrong as long as it is there, and a repair puts it right.
 *
 * For each engine, with a lock and without, each of three parked blocks of one list and each of its first three words:
 * every value of a set that leads to blocks, their headers and payloads, the pool's edges, control data and nowhere, alone
 * and in neighbouring pairs.
 */
#include "tarn/report.h"
#include "test.h"

enum { BYTES = 8192, BLOCKS = 9, SIZE = 44, WORDS = 3, VALUES = 48, LATER = 4, PARK = 256 };

typedef struct scene {
    tarn_pool *pool;
    guarded memory;
    unsigned char *block[BLOCKS + LATER];
    size_t held[BLOCKS + LATER]; /* bytes that must stay as they are; 0 of no live block */
} scene;

typedef struct tally {
    uint32_t tried;
    uint32_t told;   /* that a list is broken */
    uint32_t passed; /* nothing was broken that a later call has not overwritten */
} tally;

static unsigned char fill_of(uint32_t i)
{
    return (unsigned char)(0x40u + i);
}

static bool is_freed(uint32_t i)
{
    return i == 2 || i == 4 || i == 6;
}

static void hold(scene *s, uint32_t i, unsigned char *block)
{
    s->block[i] = block;
    s->held[i] = block != NULL ? SIZE : 0;
    if (block != NULL) {
        memset(block, fill_of(i), s->held[i]);
    }
}

/* Blocks 2, 4 and 6 are parked, the last first in the list. */
static void set_up(scene *s, const tarn_options *options)
{
    memset(s->memory.bytes, 0, s->memory.size);
    assert_int_equal(tarn_init(&s->pool, s->memory.bytes, s->memory.size, options), TARN_OK);
    for (uint32_t i = 0; i < BLOCKS + LATER; i++) {
        hold(s, i, i < BLOCKS ? tarn_alloc(s->pool, SIZE) : NULL);
    }
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (is_freed(i)) {
            assert_int_equal(tarn_free(s->pool, s->block[i]), TARN_OK);
            s->held[i] = 0;
        }
    }
}

static void assert_live_blocks_intact(const scene *s)
{
    for (uint32_t i = 0; i < BLOCKS + LATER; i++) {
        for (size_t at = 0; at < s->held[i]; at++) {
            assert_int_equal(s->block[i][at], fill_of(i));
        }
    }
    assert_true(guarded_intact(&s->memory));
}

/* Offsets of blocks, what lies around them, and the edges; then values without sense. */
static uint32_t value_of(const scene *s, uint32_t i)
{
    static const uint32_t senseless[] = {0,  1,          2,          3,          8,          9,
                                         63, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF8, 0xFFFFFFFE, 0xFFFFFFFF};
    uint32_t offset = (uint32_t)((size_t)(s->block[i % BLOCKS] - s->memory.bytes) / 8u);
    if (i >= VALUES - 12u) {
        return senseless[i - (VALUES - 12u)];
    }
    return i < 4u * BLOCKS - 4u ? offset + i / BLOCKS : BYTES / 8u + 1u - i % 4u;
}

/* A block that was handed out lies in the pool; that it overlaps no live one is seen from what it is filled with. */
static void take(scene *s, uint32_t i, size_t size)
{
    unsigned char *block = tarn_alloc(s->pool, size);
    assert_true(block == NULL || (block > s->memory.bytes && block + SIZE <= s->memory.bytes + BYTES));
    hold(s, i, block);
    assert_live_blocks_intact(s);
}

static void give(scene *s, uint32_t i)
{
    size_t held = s->held[i];
    s->held[i] = 0;
    if (held != 0 && tarn_free(s->pool, s->block[i]) != TARN_OK) {
        s->held[i] = held;
    }
    assert_live_blocks_intact(s);
}

static void live_on(scene *s, uint32_t way)
{
    for (uint32_t i = 0; i < LATER; i++) {
        take(s, BLOCKS + i, i == way % LATER ? SIZE + 200u : SIZE);
        if (i == way / 4u % LATER) {
            give(s, 3);
        }
    }
    give(s, BLOCKS + 1);
    if (tarn_resize(s->pool, s->block[5], SIZE + 40u) == TARN_OK) {
        assert_live_blocks_intact(s);
    }
    unsigned char *grown = tarn_realloc(s->pool, s->block[7], SIZE + 60u);
    s->block[7] = grown != NULL ? grown : s->block[7];
    give(s, 0);
    assert_live_blocks_intact(s);
}

/* Once as the bytes are, once as the pool is after what is parked was given back as far as that goes. */
static void check_and_repair(scene *s, tally *t)
{
    tarn_view view;
    tarn_finding finding;
    assert_int_equal(tarn_view_open(&view, s->memory.bytes, BYTES), TARN_OK);
    tarn_status status = tarn_view_check(&view, &finding);
    t->told += status == TARN_E_DAMAGED && finding.rule == TARN_RULE_PARKED ? 1u : 0;
    assert_true(status == TARN_OK || finding.rule == TARN_RULE_PARKED);
    t->passed += status == TARN_OK ? 1u : 0;
    status = tarn_check(s->pool, &finding);
    assert_true(status == TARN_OK || finding.rule == TARN_RULE_PARKED);
    assert_live_blocks_intact(s);
    assert_int_equal(tarn_repair(s->pool, NULL), TARN_OK);
    assert_sound(s->pool, "repaired");
    assert_live_blocks_intact(s);
    uint32_t live = 0;
    tarn_stats stats;
    for (uint32_t i = 0; i < BLOCKS + LATER; i++) {
        live += s->held[i] != 0 ? 1u : 0;
    }
    assert_int_equal(tarn_stats_get(s->pool, &stats), TARN_OK);
    assert_int_equal(stats.blocks, live);
    take(s, BLOCKS + LATER - 1u, 2000); /* what was taken there is lost to the test, not to the pool */
}

static void attempt(scene *s, const tarn_options *options, uint32_t block, uint32_t word, uint32_t i, tally *t)
{
    for (uint32_t way = 0; way < 2; way++) {
        set_up(s, options);
        uint32_t first = value_of(s, i % VALUES);
        uint32_t second = value_of(s, i / VALUES);
        memcpy(s->block[block] + 4u * word, &first, 4);
        if (i >= VALUES && word + 1u < WORDS) {
            memcpy(s->block[block] + 4u * word + 4u, &second, 4);
        }
        t->tried++;
        if (way != 0) {
            live_on(s, i);
        }
        check_and_repair(s, t);
        assert_int_equal(tarn_deinit(s->pool), TARN_OK);
    }
}

/* Requests of a size whose list is broken are refused, with a lock or without, until a repair. */
static void a_broken_list_refuses_its_size(void **state)
{
    (void)state;
    scene s = {.memory = guarded_map(BYTES)};
    for (uint32_t flags = 0; flags <= TARN_POOL_UNLOCKED; flags += TARN_POOL_UNLOCKED) {
        tarn_options options = {.park = PARK, .flags = flags};
        set_up(&s, &options);
        memset(s.block[4], 0xFF, 4);
        assert_ptr_equal(tarn_alloc(s.pool, SIZE), s.block[6]);
        assert_ptr_equal(tarn_alloc(s.pool, SIZE), s.block[4]);
        assert_null(tarn_alloc(s.pool, SIZE));
        assert_non_null(tarn_alloc(s.pool, SIZE + 8));
        assert_int_equal(tarn_free(s.pool, s.block[6]), TARN_OK);
        assert_null(tarn_alloc(s.pool, SIZE));
        assert_int_equal(tarn_repair(s.pool, NULL), TARN_OK);
        assert_ptr_equal(tarn_alloc(s.pool, SIZE), s.block[2]);
        assert_sound(s.pool, "repaired");
    }
    guarded_unmap(&s.memory);
}

/* From the bytes as they are, with the block; from the pool, which has handed out what it could. */
static void a_report_tells_use_after_free(void **state)
{
    (void)state;
    scene s = {.memory = guarded_map(BYTES)};
    for (uint32_t word = 0; word < 2; word++) {
        tarn_view view;
        tarn_report report;
        tarn_options options = {.park = PARK};
        set_up(&s, &options);
        memset(s.block[4] + 4u * word, 0x5A, 4);
        assert_int_equal(tarn_view_open(&view, s.memory.bytes, BYTES), TARN_OK);
        assert_int_equal(tarn_view_report(&view, 0, TARN_E_DAMAGED, &report), TARN_OK);
        assert_int_equal(report.rule, TARN_RULE_PARKED);
        assert_int_equal(report.guess, TARN_GUESS_USE_AFTER_FREE);
        uint32_t named = word == 0 ? 4u : 6u; /* whose rest follows from what is wrong below it */
        assert_ptr_equal(s.memory.bytes + report.block.offset, s.block[named]);
        assert_int_equal(report.block.state, TARN_BLOCK_FREE);
        assert_ptr_equal(s.memory.bytes + report.left.offset, s.block[named - 1u]);
    }
    memset(s.block[4], 0x5A, 4);
    tarn_report report;
    assert_int_equal(tarn_report_about(s.pool, NULL, TARN_E_DAMAGED, &report), TARN_OK);
    assert_int_equal(report.rule, TARN_RULE_PARKED);
    assert_int_equal(report.guess, TARN_GUESS_USE_AFTER_FREE);
    guarded_unmap(&s.memory);
}

static void writes_into_parked_blocks_reach_no_other(void **state)
{
    (void)state;
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    scene s = {.memory = guarded_map(BYTES)};
    for (uint32_t e = 0; e < 2 * count; e++) {
        tarn_options options = {.engine = engines[e / 2], .park = PARK};
        options.flags = e % 2 == 0 ? 0 : TARN_POOL_UNLOCKED;
        tally t = {0, 0, 0};
        for (uint32_t i = 0; i < VALUES * VALUES; i += i < VALUES ? 1u : 11u) {
            for (uint32_t at = 0; at < 3 * WORDS; at++) {
                attempt(&s, &options, 2u + at / WORDS * 2u, at % WORDS, i, &t);
            }
        }
        print_message("%s%s: %u writes, %u told by the check, %u gone or of no account\n", engine_name(engines[e / 2]),
                      e % 2 == 0 ? "" : ", unlocked", (unsigned)t.tried, (unsigned)t.told, (unsigned)t.passed);
        assert_true(t.told > t.tried / 4u);
    }
    guarded_unmap(&s.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_broken_list_refuses_its_size),
                                       cmocka_unit_test(a_report_tells_use_after_free),
                                       cmocka_unit_test(writes_into_parked_blocks_reach_no_other)};
    tarn_options options = {.park = PARK};
    if (tarn_overhead(BYTES, &options) == 0) {
        printf("built without parked blocks\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
