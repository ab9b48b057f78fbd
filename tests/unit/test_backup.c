/* SPDX-License-Identifier: MIT */
/*
 * Copies of headers: pools with BACKUP.
 *
 * BT1 whatever is done to a pool, every block's copy is there, and no other place tells of a block that begins where
 *     one does
 * BT2 every header, of any block and of the wilderness, overwritten with anything, alone or all of them at once: the
 *     pool is repaired, byte for byte what it was but for the order of lists
 * BT3 every word of metadata, overwritten with anything: the pool is repaired, or is said not to be and then nothing
 *     has
 *     changed; no byte of a user ever does
 * BT4 a write past a block's end is found by free, resize and the check, and reported to the byte
 * BT5 with the policy REPAIR a free serves although the block's header is lost
 */
#include "anatomy.h"
#include "backup.h"
#include "drive.h"
#include "tarn/report.h"
#include "test.h"

enum { BYTES = 4096, BLOCKS = 24, PARTS = 1024, WAYS = 6 };

static _Alignas(16) unsigned char memory[BYTES];
static unsigned char whole[BYTES];
static unsigned char broken[BYTES];
static unsigned char *blocks[BLOCKS];
static prng random_words;
static size_t quarantine; /* of the pools that make() makes */

static const uint32_t ways[WAYS] = {TARN_POOL_BACKUP,
                                    TARN_POOL_BACKUP | TARN_POOL_GUARD,
                                    TARN_POOL_BACKUP | TARN_POOL_POISON,
                                    TARN_POOL_BACKUP | TARN_POOL_ZERO_ON_FREE,
                                    TARN_POOL_BACKUP | TARN_POOL_GUARD | TARN_POOL_POISON,
                                    TARN_POOL_BACKUP | TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE};

/* ---- BT1 ---- */

/* A look tries every size in each state: a word that is no copy passes with 2^-32, and then there are two blocks to choose
 * from and none is. In all these looks that is to be expected a fifth of a time, and where depends on the call sites in the
 * words, which change with each build. */
enum { LOOKS_IN_VAIN = 3 };
static uint32_t in_vain;

static void each_block_is_found_by_its_copy(const tarn_pool *pool)
{
    tarn_view view;
    block_ref b;
    block_ref found;
    assert_int_equal(tarn_view_open(&view, image_base(pool), BYTES), TARN_OK);
    for (uint32_t offset = view.first; offset != view.top; offset += b.size) {
        assert_true(tarn_view_block(&view, offset, &b));
        if (!tarn_view_backup_find(&view, offset, &found)) {
            in_vain++;
            continue;
        }
        assert_int_equal(found.size, b.size);
        assert_int_equal(found.header, b.header & ~BLOCK_LEFT_FREE);
    }
}

static void drive_one(const shape *s, uint64_t seed)
{
    static drive d;
    tarn_pool *pool = pool_make(s, memory);
    drive_begin(&d, pool, BYTES, 8, seed);
    for (uint64_t i = 0; i < test_scaled(25); i++) {
        drive_run(&d, 160);
        assert_sound(pool, "driven");
        each_block_is_found_by_its_copy(pool);
    }
    tarn_pool *adopted;
    assert_int_equal(tarn_adopt(&adopted, memory, BYTES), TARN_OK);
    assert_sound(adopted, "adopted");
}

static void test_copies_are_kept(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    uint32_t pools = 0;
    (void)state;
    for (uint32_t i = 0; i < count * 3u * 3u * WAYS; i++, pools++) {
        shape s = {engines[i % count],
                   UINT32_C(4) << i / count % 3u,
                   i / count / 3u % 3u,
                   TARN_RECOGNISE_KEYED + i % 2u,
                   BYTES,
                   ways[i / count / 9u]};
        drive_one(&s, test_seed() + i);
    }
    printf("  %u pools, %lu operations each, %u looks in vain\n", (unsigned)pools,
           (unsigned long)(160u * test_scaled(25)), (unsigned)in_vain);
    assert_in_range(in_vain, 0, LOOKS_IN_VAIN);
}

static void test_a_block_that_carries_a_pool_has_a_copy(void **state)
{
    (void)state;
    tarn_pool *inner;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_KEYED, BYTES, TARN_POOL_BACKUP};
    tarn_pool *pool = pool_make(&s, memory);
    void *at = tarn_alloc(pool, 600);
    assert_int_equal(tarn_init(&inner, at, 600, NULL), TARN_OK);
    assert_sound(pool, "carrying");
    each_block_is_found_by_its_copy(pool);
    assert_int_equal(tarn_deinit(inner), TARN_OK);
    assert_sound(pool, "not any more");
    assert_int_equal(tarn_free(pool, at), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- BT2, BT3 ---- */

static tarn_pool *make(const shape *s, uint32_t policy)
{
    tarn_pool *pool;
    tarn_options options = shape_options(s);
    options.policy = policy;
    options.quarantine = quarantine;
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        blocks[i] = tarn_alloc(pool, 20u + 5u * i);
        assert_non_null(blocks[i]);
        memset(blocks[i], 0x41, 20u + 5u * i);
    }
    for (uint32_t i = 1; i < BLOCKS; i += 3) {
        assert_int_equal(tarn_free(pool, blocks[i]), TARN_OK);
        blocks[i] = NULL;
    }
    memcpy(whole, memory, BYTES);
    return pool;
}

static void users_bytes_are_theirs(void)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        for (uint32_t k = 0; blocks[i] != NULL && k < 20u + 5u * i; k++) {
            assert_int_equal(blocks[i][k], 0x41);
        }
    }
}

static uint32_t another(const part *p)
{
    uint32_t is = part_get(whole, p);
    uint32_t value = prng_next(&random_words);
    value = p->width == 2 ? value & 0xFFFFu : value;
    return value != is ? value : ~is;
}

/* The metadata of blocks and the wilderness, and the exact map, as they were; links may be in another order. */
static void as_it_was(const part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        part_kind kind = parts[i].kind;
        bool same = kind == PART_HEADER_USED || kind == PART_HEADER_FREE || kind == PART_HEADER_TOP ||
                    kind == PART_TAG || kind == PART_TAIL || kind == PART_COPY || kind == PART_MAP ||
                    kind == PART_USED || kind == PART_BLOCKS || kind == PART_LISTED;
        if (same) {
            assert_int_equal(part_get(memory, &parts[i]), part_get(whole, &parts[i]));
        }
    }
}

static bool is_header(part_kind kind)
{
    return kind == PART_HEADER_USED || kind == PART_HEADER_FREE || kind == PART_HEADER_TOP;
}

static uint64_t overwritten[PART_KINDS];
static uint64_t repaired[PART_KINDS];

static void overwrite(const shape *s, const part *parts, size_t count, const part *p)
{
    tarn_finding finding;
    tarn_pool *pool = make(s, TARN_POLICY_STOP);
    part_set(memory, p, another(p));
    if (tarn_check(pool, NULL) == TARN_OK) {
        return; /* a word that nothing is said about */
    }
    memcpy(broken, memory, BYTES);
    overwritten[p->kind]++;
    tarn_status status = tarn_repair(pool, &finding);
    users_bytes_are_theirs();
    if (status == TARN_OK) {
        repaired[p->kind]++;
        assert_sound(pool, "repaired");
        each_block_is_found_by_its_copy(pool);
        as_it_was(parts, count);
        return;
    }
    assert_true(!is_header(p->kind) && p->kind != PART_COPY);
    bool kept = finding.rule <= TARN_RULE_MERGED || finding.rule == TARN_RULE_TAG || finding.rule == TARN_RULE_BACKUP;
    assert_true(!kept || memcmp(broken, memory, BYTES) == 0);
}

static void all_headers(const shape *s, const part *parts, size_t count)
{
    tarn_pool *pool = make(s, TARN_POLICY_STOP);
    for (size_t i = 0; i < count; i++) {
        if (is_header(parts[i].kind)) {
            part_set(memory, &parts[i], another(&parts[i]));
        }
    }
    assert_int_equal(tarn_repair(pool, NULL), TARN_OK);
    users_bytes_are_theirs();
    as_it_was(parts, count);
    assert_sound(pool, "repaired");
}

static void test_every_word_overwritten(void **state)
{
    static part parts[PARTS];
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    random_words = prng_make(test_seed(), 30);
    for (uint32_t i = 0; i < count * 4u * WAYS; i++) {
        shape s = {engines[i % count],         8, i / count % 2u * 3u, TARN_RECOGNISE_KEYED + i % 2u, BYTES,
                   ways[i / count / 2u % WAYS]};
        quarantine = i / count / 2u < WAYS ? 0 : 300; /* some of the blocks given back wait, some are free */
        (void)make(&s, TARN_POLICY_STOP);
        size_t parts_count = anatomy(memory, parts, PARTS);
        for (size_t k = 0; k < parts_count; k++) {
            for (uint64_t times = 0; times < 1u + test_scaled(3); times++) {
                overwrite(&s, parts, parts_count, &parts[k]);
            }
        }
        for (uint32_t times = 0; times < 10; times++) {
            all_headers(&s, parts, parts_count);
        }
    }
    quarantine = 0;
    for (uint32_t kind = 0; kind < PART_KINDS; kind++) {
        if (overwritten[kind] != 0) {
            printf("  %-18s %6lu of %6lu put right\n", part_name((part_kind)kind), (unsigned long)repaired[kind],
                   (unsigned long)overwritten[kind]);
        }
    }
    assert_true(overwritten[PART_HEADER_USED] != 0 && overwritten[PART_HEADER_FREE] != 0 &&
                overwritten[PART_HEADER_TOP] != 0 && overwritten[PART_COPY] != 0 && overwritten[PART_LINK] != 0);
}

/* Header and copy of one block: nothing is left to go by, and nothing changes. */
static void test_a_header_lost_with_its_copy_is_left_alone(void **state)
{
    static part parts[PARTS];
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_KEYED, BYTES, TARN_POOL_BACKUP};
    tarn_pool *pool = make(&s, TARN_POLICY_STOP);
    size_t count = anatomy(memory, parts, PARTS);
    uint32_t tried = 0;
    for (size_t i = 0; i < count; i++) {
        size_t copy = part_find(parts, count, i, PART_COPY);
        if (parts[i].kind == PART_HEADER_USED && copy != count) {
            tarn_finding finding;
            memcpy(memory, whole, BYTES);
            part_set(memory, &parts[i], ~part_get(whole, &parts[i]));
            part_set(memory, &parts[copy], ~part_get(whole, &parts[copy]));
            memcpy(broken, memory, BYTES);
            assert_int_equal(tarn_repair(pool, &finding), TARN_E_DAMAGED);
            assert_int_equal(finding.rule, TARN_RULE_CHECK);
            assert_memory_equal(broken, memory, BYTES);
            tried++;
        }
    }
    assert_true(tried > BLOCKS / 2);
}

/* ---- BT4 ---- */

static void test_writes_past_the_end_meet_the_copy(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < count * 3u; i++) {
        shape s = {engines[i % count], UINT32_C(4) << i / count, 1, TARN_RECOGNISE_AUTO, BYTES, TARN_POOL_BACKUP};
        tarn_pool *pool = make(&s, TARN_POLICY_STOP);
        size_t usable = tarn_usable(pool, blocks[3]);
        for (uint32_t bytes = 1; bytes <= 4; bytes++) {
            tarn_finding finding;
            tarn_report report;
            for (uint32_t k = 0; k < bytes; k++) {
                blocks[3][usable + k] = (unsigned char)~blocks[3][usable + k];
            }
            assert_int_equal(tarn_check(pool, &finding), TARN_E_DAMAGED);
            assert_int_equal(finding.rule, TARN_RULE_BACKUP);
            assert_int_equal(finding.offset, blocks[3] - memory);
            assert_int_equal(tarn_report_about(pool, blocks[3], TARN_E_DAMAGED, &report), TARN_OK);
            assert_int_equal(report.guess, TARN_GUESS_OVERRUN);
            assert_int_equal(report.amount, bytes);
            assert_int_equal(report.first_bad, blocks[3] + usable - memory);
            assert_int_equal(tarn_free(pool, blocks[3]), TARN_E_DAMAGED);
            assert_int_equal(tarn_resize(pool, blocks[3], 5), TARN_E_DAMAGED);
            for (uint32_t k = 0; k < bytes; k++) {
                blocks[3][usable + k] = (unsigned char)~blocks[3][usable + k];
            }
        }
        assert_int_equal(tarn_free(pool, blocks[3]), TARN_OK);
        assert_sound(pool, "put right");
    }
}

/* BT4: so do those that leave the first bytes there as they were. */
static void test_writes_that_skip_bytes_are_overruns(void **state)
{
    (void)state;
    for (uint32_t flags = 0; flags <= TARN_POOL_GUARD; flags += TARN_POOL_GUARD) {
        tarn_pool *pool;
        tarn_options options = {.flags = TARN_POOL_BACKUP | flags};
        assert_int_equal(tarn_init(&pool, memory, BYTES, &options), TARN_OK);
        unsigned char *at = tarn_alloc(pool, 33);
        assert_non_null(tarn_alloc(pool, 33));
        tarn_block block;
        assert_int_equal(tarn_block_at(pool, at, &block), TARN_OK);
        unsigned char *copy = at + block.size - (flags != 0 ? 12 : 8); /* header; tail, copy */
        for (uint32_t from = 1; from < 4; from++) {
            for (uint32_t to = from + 1u; to <= 4; to++) {
                tarn_report report;
                for (uint32_t k = from; k < to; k++) {
                    copy[k] ^= 0xFF;
                }
                assert_int_equal(tarn_report_about(pool, at, TARN_E_DAMAGED, &report), TARN_OK);
                assert_int_equal(report.rule, TARN_RULE_BACKUP);
                assert_int_equal(report.guess, TARN_GUESS_OVERRUN);
                assert_int_equal(report.first_bad, copy + from - memory);
                assert_int_equal(at + tarn_usable(pool, at) + report.amount - memory, copy + to - memory);
                assert_int_equal(tarn_report_skipped(&report), copy + from - at - (ptrdiff_t)tarn_usable(pool, at));
                assert_true(tarn_report_is_own(&report));
                for (uint32_t k = from; k < to; k++) {
                    copy[k] ^= 0xFF;
                }
            }
        }
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

/* ---- BT5 ---- */

static void test_the_policy_finds_the_block_again(void **state)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    uint32_t frees = 0;
    (void)state;
    random_words = prng_make(test_seed(), 31);
    for (uint32_t i = 0; i < count * 2u * WAYS; i++) {
        shape s = {engines[i % count], 8, 1, TARN_RECOGNISE_KEYED + i / count % 2u, BYTES, ways[i / count / 2u]};
        tarn_pool *pool = make(&s, TARN_POLICY_REPAIR);
        for (uint32_t k = 0; k < BLOCKS; k++) {
            if (blocks[k] != NULL) {
                uint32_t word = prng_next(&random_words);
                memcpy(blocks[k] - 4, &word, 4);
                assert_int_equal(tarn_free(pool, blocks[k]), TARN_OK);
                blocks[k] = NULL;
                frees++;
            }
        }
        tarn_stats stats;
        assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
        assert_true(stats.blocks == 0 && stats.refusals == 0);
        assert_sound(pool, "emptied");
    }
    printf("  %u frees of blocks with a lost header\n", (unsigned)frees);
}

static void test_what_it_costs(void **state)
{
    (void)state;
    for (uint32_t way = 0; way < 2; way++) {
        shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_KEYED, BYTES, ways[way]};
        tarn_pool *pool = pool_make(&s, memory);
        tarn_stats stats;
        unsigned char *at = tarn_alloc(pool, 32);
        assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
        assert_int_equal(stats.tail, way == 0 ? 4 : 8);
        assert_int_equal(stats.used, (32u + 4u + stats.tail + 7u) / 8u * 8u);
        assert_true(tarn_usable(pool, at) >= 32);
        size_t largest = tarn_largest(pool);
        assert_null(tarn_alloc(pool, largest + 1u));
        assert_non_null(tarn_alloc(pool, largest));
    }
}

int main(void)
{
    (void)tarn_repairs_on();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copies_are_kept),
        cmocka_unit_test(test_a_block_that_carries_a_pool_has_a_copy),
        cmocka_unit_test(test_every_word_overwritten),
        cmocka_unit_test(test_a_header_lost_with_its_copy_is_left_alone),
        cmocka_unit_test(test_writes_past_the_end_meet_the_copy),
        cmocka_unit_test(test_writes_that_skip_bytes_are_overruns),
        cmocka_unit_test(test_the_policy_finds_the_block_again),
        cmocka_unit_test(test_what_it_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
