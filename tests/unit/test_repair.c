/* SPDX-License-Identifier: MIT */
/*
 * Repairing pools: one bit at a time.
 *
 * RT1 for each bit of the metadata of a pool in use, flipped: either the pool is repaired and is, byte for byte, what
 *     it was but for counts that cannot be known and for lists' order, or the call says what it could not put right
 * RT2 every flipped bit of a block's header that no other bit explains is put right
 * RT3 a pool where no header is left is not touched
 */
#include "anatomy.h"
#include "test.h"

enum { BYTES = 2048, BLOCKS = 20, PARTS = 1024 };

static _Alignas(16) unsigned char memory[BYTES];
static unsigned char *blocks[BLOCKS];
static uint64_t flipped[PART_KINDS];
static uint64_t repaired[PART_KINDS];

static tarn_pool *make(const shape *s)
{
    memset(memory, 0, sizeof memory);
    tarn_pool *pool = pool_make(s, memory);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        blocks[i] = tarn_alloc(pool, 20u + 3u * i);
        memset(blocks[i], 0x41, 20u + 3u * i);
    }
    for (uint32_t i = 0; i < BLOCKS; i += 3) {
        assert_int_equal(tarn_free(pool, blocks[i]), TARN_OK);
        blocks[i] = NULL;
    }
    return pool;
}

/* Everything the program has is still its, and the pool serves on. */
static void use_up(tarn_pool *pool)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        for (uint32_t k = 0; blocks[i] != NULL && k < 20u + 3u * i; k++) {
            assert_int_equal(blocks[i][k], 0x41);
        }
        assert_true(blocks[i] == NULL || tarn_free(pool, blocks[i]) == TARN_OK);
    }
    tarn_stats stats;
    assert_sound(pool, "repaired and emptied");
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_true(stats.blocks == 0 && stats.free_blocks == 1);
}

static void flip(const shape *s, const part *p, uint32_t bit)
{
    tarn_finding finding;
    tarn_pool *pool = make(s);
    static unsigned char broken[BYTES];
    memory[p->at + bit / 8u] ^= (unsigned char)(1u << bit % 8u);
    if (tarn_check(pool, NULL) == TARN_OK) {
        return; /* a word that nothing is said about: refusals, an owner's words */
    }
    memcpy(broken, memory, BYTES);
    flipped[p->kind]++;
    tarn_status status = tarn_repair(pool, &finding);
    if (status == TARN_OK) {
        repaired[p->kind]++;
        assert_sound(pool, "repaired");
        use_up(pool);
        return;
    }
    assert_true(status == TARN_E_DAMAGED || status == TARN_E_NOT_A_POOL);
    assert_true(status != TARN_E_DAMAGED || finding.rule != 0);
    if (finding.rule <= TARN_RULE_MERGED || finding.rule == TARN_RULE_TAG) {
        assert_memory_equal(broken, memory, BYTES);
    }
}

static void test_every_bit(void **state)
{
    static part parts[PARTS];
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < count * 4u; i++) {
        shape s = {engines[i / 4u], 8, i % 2u * 3u, TARN_RECOGNISE_KEYED + i / 2u % 2u, BYTES, 0};
        (void)make(&s);
        size_t parts_count = anatomy(memory, parts, PARTS);
        for (size_t k = 0; k < parts_count; k++) {
            for (uint32_t bit = 0; bit < 8u * (uint32_t)parts[k].width; bit++) {
                flip(&s, &parts[k], bit);
            }
        }
    }
    for (uint32_t kind = 0; kind < PART_KINDS; kind++) {
        printf("  %-18s %6lu of %6lu put right\n", part_name((part_kind)kind), (unsigned long)repaired[kind],
               (unsigned long)flipped[kind]);
    }
    /* A linear pool keeps no index: where no other engine is built, nothing of one is flipped. */
    bool indexed = engines[0] != TARN_ENGINE_LINEAR;
    static const part_kind sure[] = {PART_USED,   PART_PEAK,        PART_BLOCKS,      PART_LISTED, PART_MAP,
                                     PART_BITMAP, PART_HEAD,        PART_HEADER_FREE, PART_NEXT,   PART_WHERE,
                                     PART_TAG,    PART_HEADER_USED, PART_HEADER_TOP};
    for (uint32_t i = 0; i < sizeof sure / sizeof sure[0]; i++) {
        assert_true(flipped[sure[i]] != 0 || !indexed);
        assert_true(repaired[sure[i]] >= flipped[sure[i]] - flipped[sure[i]] / 50u);
    }
}

static void test_lost_headers_are_left_alone(void **state)
{
    (void)state;
    static unsigned char broken[BYTES];
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_KEYED, BYTES, 0};
    tarn_finding finding;
    tarn_pool *pool = make(&s);
    memset(blocks[4] - 4, 0x99, 4);
    memcpy(broken, memory, BYTES);
    assert_int_equal(tarn_repair(pool, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.rule, TARN_RULE_CHECK);
    assert_int_equal(finding.offset, blocks[4] - memory);
    assert_memory_equal(broken, memory, BYTES);
    assert_int_equal(tarn_repair(NULL, NULL), TARN_E_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_bit),
                                       cmocka_unit_test(test_lost_headers_are_left_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
