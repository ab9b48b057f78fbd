/* SPDX-License-Identifier: MIT */
/*
 * Pools of random options, all of them mixed: engine, granule, words, modules, recognition, guard, fills, copies, check
 * in steps, quarantine, policy. Random use, and where a guard watches now and then a write one byte past a block.
 *
 * OM1 Each block holds what was written into it until it is given back, whatever was mended, held or repaired meanwhile.
 * OM2 A call on a block that was written past is refused for damage; with CONTINUE it is made, and with REPAIR if the
 *     byte was a copy's. With ISOLATE the free takes the block out of circulation, with CLOSE the pool is closed until
 *     it is opened again. Where the byte was the tail's and blocks wait, nobody can tell whether this one does: then
 *     CONTINUE and ISOLATE refuse only.
 * OM3 But for such a byte, which the check finds too, nothing is ever found: by the full check, or by the one in steps.
 * OM4 When all blocks are given back, what is still used is what was set aside.
 */
#include "test.h"

#include "tarn/account.h"
#include "tarn/report.h"

enum { BYTES = 12288, LIVE = 40, STEPS = 300, LARGEST = 120 };

static _Alignas(16) unsigned char memory[BYTES];

typedef struct held {
    unsigned char *at;
    size_t size;
    unsigned char fill;
} held;

typedef struct mixed {
    tarn_pool *pool;
    tarn_options options;
    size_t bytes;
    held live[LIVE];
    uint32_t set_aside;
    prng random;
} mixed;

static uint64_t calls;
static uint64_t overruns;
static uint64_t refused;
static uint64_t kinds[TARN_POLICY_REPAIR + 1u]; /* overruns by policy */

static tarn_options random_options(prng *random)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    static const uint32_t flags[] = {TARN_POOL_GUARD, TARN_POOL_POISON, TARN_POOL_ZERO_ON_FREE, TARN_POOL_BACKUP,
                                     TARN_POOL_CURSOR};
    tarn_options options = {.engine = engines[prng_below(random, count)],
                            .granule = UINT32_C(4) << prng_below(random, 3),
                            .extension_words = prng_below(random, 8),
                            .recognition = prng_below(random, 3),
                            .policy = prng_below(random, TARN_POLICY_REPAIR + 1u)};
    for (uint32_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        options.flags |= prng_below(random, 2) == 0 ? flags[i] : 0;
    }
    options.modules = options.extension_words != 0 ? prng_below(random, 5) : 0;
    options.quarantine = prng_below(random, 2) == 0 ? 0 : 1u + prng_below(random, 4096);
    return options;
}

static void expect_kept(const held *h, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        assert_int_equal(h->at[i], h->fill);
    }
}

static void write_all(mixed *m, held *h, unsigned char *at, size_t size)
{
    *h = (held){at, size, (unsigned char)prng_next(&m->random)};
    memset(at, h->fill, size);
}

/* ---- calls ---- */

static void step_take(mixed *m, held *h)
{
    size_t size = 1u + prng_below(&m->random, LARGEST);
    size_t alignment = prng_below(&m->random, 4) == 0 ? (size_t)16 << prng_below(&m->random, 3) : 0;
    tarn_purpose purpose = {alignment, m->options.extension_words != 0 ? prng_below(&m->random, 6) : 0, 77};
    unsigned char *at = tarn_alloc_for(m->pool, size, &purpose);
    refused += at == NULL ? 1u : 0;
    if (at != NULL) {
        write_all(m, h, at, size);
    }
}

static tarn_status give(mixed *m, held *h)
{
    expect_kept(h, h->size);
    return tarn_free(m->pool, h->at);
}

/* True if the block is now of another size. */
static tarn_status change(mixed *m, held *h)
{
    size_t size = 1u + prng_below(&m->random, LARGEST);
    size_t kept = size < h->size ? size : h->size;
    expect_kept(h, h->size);
    unsigned char *at = h->at;
    tarn_status status = TARN_OK;
    if (prng_below(&m->random, 3) == 0) {
        status = tarn_resize(m->pool, h->at, size);
    } else {
        at = tarn_realloc(m->pool, h->at, size);
        status = at != NULL ? TARN_OK : TARN_E_EXHAUSTED;
    }
    if (status == TARN_OK) {
        h->at = at;
        expect_kept(h, kept);
        write_all(m, h, at, size);
    } else {
        refused++;
    }
    return status;
}

/* ---- a byte too far ---- */

/* Of the byte that was written. */
static bool tail_is_lost(const mixed *m)
{
    tarn_finding finding;
    assert_int_equal(tarn_check(m->pool, &finding), TARN_E_DAMAGED);
    return finding.rule == TARN_RULE_TAIL;
}

static void expect_refused(mixed *m, held *h, unsigned char *past)
{
    bool lost = tail_is_lost(m);
    bool unknown = m->options.quarantine != 0 && lost;
    tarn_status status = tarn_free(m->pool, h->at);
    if (status == TARN_OK && m->options.policy == TARN_POLICY_REPAIR && (m->options.flags & TARN_POOL_BACKUP) != 0) {
        h->at = NULL; /* the byte was the copy's, which is the pool's to put right */
        return;
    }
    assert_int_equal(status, TARN_E_DAMAGED);
    if (m->options.policy == TARN_POLICY_ISOLATE && !unknown) {
        assert_int_equal(tarn_free(m->pool, h->at), TARN_E_DOUBLE_FREE);
        m->set_aside++;
        h->at = NULL;
        return;
    }
    if (m->options.policy == TARN_POLICY_CLOSE) {
        assert_null(tarn_alloc(m->pool, 1));
        assert_int_equal(tarn_reopen(m->pool, NULL), TARN_E_DAMAGED);
    }
    *past ^= 0x3Cu;
    if (m->options.policy == TARN_POLICY_CLOSE) {
        assert_int_equal(tarn_reopen(m->pool, NULL), TARN_OK);
    }
}

static void step_overrun(mixed *m, held *h)
{
    unsigned char *past = h->at + h->size;
    overruns++;
    kinds[m->options.policy]++;
    *past ^= 0x3Cu;
    if (m->options.policy != TARN_POLICY_CONTINUE || (m->options.quarantine != 0 && tail_is_lost(m))) {
        expect_refused(m, h, past);
    } else if (prng_below(&m->random, 2) == 0) {
        assert_int_equal(give(m, h), TARN_OK);
        h->at = NULL;
    } else {
        tarn_status status = change(m, h);
        assert_true(status != TARN_E_DAMAGED); /* if there was no room the guard is whole again */
        expect_kept(h, h->size);
    }
}

static void step(mixed *m)
{
    held *h = &m->live[prng_below(&m->random, LIVE)];
    calls++;
    if (h->at == NULL) {
        step_take(m, h);
    } else if ((m->options.flags & TARN_POOL_GUARD) != 0 && prng_below(&m->random, 16) == 0) {
        step_overrun(m, h);
    } else if (prng_below(&m->random, 3) == 0) {
        (void)change(m, h);
    } else {
        assert_int_equal(give(m, h), TARN_OK);
        h->at = NULL;
    }
}

/* ---- runs ---- */

static void verify(mixed *m)
{
    assert_sound(m->pool, "mixed");
    if ((m->options.flags & TARN_POOL_CURSOR) != 0) {
        assert_int_equal(tarn_check_some(m->pool, 4, NULL), TARN_OK);
    }
}

static void empty(mixed *m)
{
    tarn_stats stats;
    for (uint32_t i = 0; i < LIVE; i++) {
        if (m->live[i].at != NULL) {
            assert_int_equal(give(m, &m->live[i]), TARN_OK);
        }
    }
    assert_int_equal(tarn_quarantine_flush(m->pool), TARN_OK);
    verify(m);
    assert_int_equal(tarn_stats_get(m->pool, &stats), TARN_OK);
    assert_int_equal(stats.blocks, m->set_aside);
    assert_int_equal(stats.quarantined_blocks, 0);
    assert_int_equal(tarn_deinit(m->pool), TARN_OK);
}

static void run(mixed *m)
{
    for (uint32_t i = 0; i < STEPS; i++) {
        step(m);
        if (i % 16u == 0) {
            verify(m);
        }
    }
    empty(m);
}

static void test_all_options_mixed(void **state)
{
    static mixed m;
    uint32_t pools = (uint32_t)test_scaled(8000);
    uint32_t made = 0;
    (void)state;
    assert_int_equal(tarn_repairs_on(), TARN_OK);
    for (uint32_t i = 0; i < pools; i++) {
        memset(&m, 0, sizeof m);
        m.random = prng_make(test_seed(), i);
        m.options = random_options(&m.random);
        m.bytes = 4096u + prng_below(&m.random, BYTES - 4096u);
        if (tarn_init(&m.pool, memory, m.bytes, &m.options) == TARN_OK) {
            made++;
            run(&m);
        }
    }
    printf("  %u pools (seed %llu): %lu calls, %lu refused, %lu writes past a block:", made,
           (unsigned long long)test_seed(), (unsigned long)calls, (unsigned long)refused, (unsigned long)overruns);
    for (uint32_t i = 0; i <= TARN_POLICY_REPAIR; i++) {
        printf(" %lu", (unsigned long)kinds[i]);
        assert_true(kinds[i] != 0);
    }
    printf(" by policy\n");
    assert_int_equal(made, pools);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_options_mixed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
