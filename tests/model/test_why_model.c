/* SPDX-License-Identifier: MIT */
/*
 * Verdicts against the truth, in pools of random options, all of them mixed: engine, granule, words, modules with
 * quotas, recognition, guards, fills, copies, quarantine, parked blocks, slab. What tarn_why() says is compared with
 * what the request itself is answered, made on the same bytes, which are then put back.
 *
 * WM1 a request is served if and only if the verdict is that it fits, and is refused with the verdict's status
 * WM2 largest_request is served, at every alignment from none to a page, and no larger request is
 * WM3 never: nor by the pool when it was new, if no quota says so first; exhausted: less is free than it takes; else
 *     fragmented
 * WM4 a verdict changes nothing that another look would not, and is the same twice
 * WM5 a view of the bytes says the same up to the granule, where what it does not look at (quotas, pages) is not there
 * WM6 what it took to serve a request leaves a sound pool, and a peak that is what was used at most
 */
#include "tarn/account.h"
#include "tarn/why.h"

#include "test.h"

enum { BYTES = 16384, LEAST = 6144, LIVE = 96, STEPS = 250, ASKED = 12, PAGE_LOG2 = 12 };

static _Alignas(4096) unsigned char memory[BYTES + 64];
static unsigned char kept[BYTES + 64];

typedef struct asked {
    tarn_pool *pool;
    tarn_options options;
    size_t bytes;
    void *live[LIVE];
    prng random;
} asked;

static uint64_t told[TARN_WHY_DAMAGED + 1u];
static uint64_t where_some_wait;
static uint64_t where_some_must_leave;
static uint64_t largest_by_alignment[PAGE_LOG2 + 1];

/* ---- pools ---- */

static void add_ends(tarn_options *options, prng *random)
{
    static const uint32_t flags[] = {TARN_POOL_GUARD, TARN_POOL_POISON, TARN_POOL_ZERO_ON_FREE, TARN_POOL_BACKUP,
                                     TARN_POOL_CURSOR};
    for (uint32_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        options->flags |= prng_below(random, 3) == 0 ? flags[i] : 0;
    }
    options->extension_words = prng_below(random, 2) == 0 ? 0 : prng_below(random, 8);
    options->modules = options->extension_words != 0 ? prng_below(random, 4) : 0;
    options->recognition = prng_below(random, 3);
    options->quarantine = prng_below(random, 3) == 0 ? 0 : 1u + prng_below(random, 6000);
}

static void add_parked_and_slab(tarn_options *options, prng *random)
{
    uint32_t kind = prng_below(random, 3);
    options->slab = kind != 0 ? 8u + prng_below(random, 121) : 0;
    options->park = kind != 1u ? 32u + prng_below(random, 600) : 0;
    options->extension_words = kind == 1u ? prng_below(random, 4) : 0;
}

static tarn_options random_options(prng *random)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    tarn_options options = {.engine = engines[prng_below(random, count)],
                            .granule = UINT32_C(4) << prng_below(random, 3)};
    if (prng_below(random, 3) != 0) {
        add_ends(&options, random);
    } else {
        add_parked_and_slab(&options, random);
    }
    return options;
}

/* A request's module has a quota in some pools. */
static void set_quotas(asked *p)
{
    for (uint32_t module = 0; module < p->options.modules; module++) {
        if (prng_below(&p->random, 2) == 0) {
            (void)tarn_quota_set(p->pool, module, 200u + prng_below(&p->random, 6000));
        }
    }
}

static tarn_purpose random_purpose(asked *p, size_t alignment)
{
    return (tarn_purpose){alignment, p->options.modules != 0 ? prng_below(&p->random, p->options.modules + 1u) : 0, 0};
}

static size_t random_alignment(prng *random)
{
    return prng_below(random, 2) == 0 ? 0 : (size_t)1 << prng_below(random, PAGE_LOG2 + 2u);
}

static void use(asked *p)
{
    uint32_t large = prng_below(&p->random, 2) == 0 ? 60 : 500;
    for (uint32_t i = 0; i < STEPS; i++) {
        void **place = &p->live[prng_below(&p->random, LIVE)];
        if (*place == NULL) {
            size_t alignment = prng_below(&p->random, 4) == 0 ? (size_t)1 << prng_below(&p->random, 9) : 0;
            tarn_purpose purpose = random_purpose(p, alignment);
            *place = tarn_alloc_for(p->pool, prng_below(&p->random, large), &purpose);
        } else if (prng_below(&p->random, 5) == 0) {
            (void)tarn_resize(p->pool, *place, prng_below(&p->random, large));
        } else {
            assert_int_equal(tarn_free(p->pool, *place), TARN_OK);
            *place = NULL;
        }
    }
}

/* ---- the truth ---- */

/* The block that the request gets, asked for in the way that such a request is. */
static void *request(const asked *p, size_t size, const tarn_purpose *purpose)
{
    void *block;
    if (purpose->module != 0) {
        block = tarn_alloc_for(p->pool, size, purpose);
    } else if (purpose->alignment == 0) {
        block = tarn_alloc(p->pool, size);
    } else {
        block = tarn_alloc_aligned(p->pool, size, purpose->alignment);
    }
    assert_true(purpose->alignment == 0 || ((uintptr_t)block & (purpose->alignment - 1u)) == 0);
    return block;
}

/* WM6, where blocks may have left for it. */
static void verify_served(const asked *p, const tarn_stats *before)
{
    tarn_stats after;
    if (p->options.quarantine != 0) {
        assert_int_equal(tarn_counts_get(p->pool, &after), TARN_OK);
        assert_int_equal(after.peak, before->peak > after.used ? before->peak : after.used);
        assert_sound(p->pool, "served");
    }
}

/* Whether it is served; the pool is then as it was. With status, what a refusal is told. */
static bool is_served(asked *p, size_t size, const tarn_purpose *purpose, tarn_status *status)
{
    watch w;
    tarn_stats before;
    assert_int_equal(tarn_counts_get(p->pool, &before), TARN_OK);
    memcpy(kept, memory, sizeof memory);
    if (status != NULL) {
        watch_begin(&w);
    }
    bool served = request(p, size, purpose) != NULL;
    if (status != NULL) {
        *status = served ? TARN_OK : watch_status(&w, TARN_EVENT_FAIL);
        watch_end(&w);
    }
    if (served && prng_below(&p->random, 4) == 0) {
        verify_served(p, &before);
    }
    memcpy(memory, kept, sizeof memory);
    return served;
}

static bool new_pool_serves(const asked *p, size_t size, size_t alignment)
{
    tarn_purpose purpose = {alignment, 0, 0};
    memcpy(kept, memory, sizeof memory);
    assert_int_equal(tarn_reset(p->pool), TARN_OK);
    if (p->options.modules != 0) {
        (void)tarn_quota_set(p->pool, 0, SIZE_MAX);
    }
    bool served = request(p, size, &purpose) != NULL;
    memcpy(memory, kept, sizeof memory);
    return served;
}

/* ---- WM1 to WM4 ---- */

static void verify_reason(const asked *p, size_t size, const tarn_purpose *purpose, const tarn_verdict *v)
{
    switch (v->verdict) {
    case TARN_WHY_NEVER_FITS:
        assert_false(new_pool_serves(p, size, purpose->alignment));
        break;
    case TARN_WHY_EXHAUSTED:
        assert_true(v->free < v->needed);
        break;
    case TARN_WHY_FRAGMENTED:
        assert_true(v->free >= v->needed);
        break;
    case TARN_WHY_OVER_QUOTA:
        assert_true(p->options.modules != 0);
        break;
    default:
        assert_int_equal(v->verdict, TARN_WHY_FITS);
    }
}

static void verify_view(const asked *p, size_t size, const tarn_purpose *purpose, const tarn_verdict *live)
{
    tarn_view view;
    tarn_verdict v;
    const tarn_options *o = &p->options;
    if (purpose->alignment > o->granule || o->modules != 0 || o->slab != 0 || o->park != 0) {
        return;
    }
    assert_int_equal(tarn_view_open(&view, p->pool, p->bytes), TARN_OK);
    assert_int_equal(tarn_view_why(&view, size, purpose->alignment, &v), TARN_OK);
    assert_memory_equal(&v, live, sizeof v);
}

static void ask(asked *p, size_t size, const tarn_purpose *purpose, tarn_verdict *v)
{
    tarn_verdict again;
    tarn_status status = TARN_OK;
    tarn_stats stats;
    assert_int_equal(tarn_why_for(p->pool, size, purpose, v), TARN_OK);
    assert_int_equal(tarn_why_for(p->pool, size, purpose, &again), TARN_OK);
    assert_memory_equal(v, &again, sizeof again);
    assert_int_equal(tarn_stats_get(p->pool, &stats), TARN_OK);
    told[v->verdict]++;
    bool tells = prng_below(&p->random, 2) == 0; /* while nobody listens, other code serves plain pools */
    bool served = is_served(p, size, purpose, tells ? &status : NULL);
    assert_int_equal(served, v->verdict == TARN_WHY_FITS);
    assert_int_equal(v->status, served ? TARN_OK : tells ? status : v->status);
    verify_reason(p, size, purpose, v);
    verify_view(p, size, purpose, v);
    where_some_wait += stats.quarantined_blocks != 0 ? 1u : 0;
    where_some_must_leave += served && size > stats.largest_request ? 1u : 0;
}

static void ask_largest(asked *p, const tarn_purpose *purpose)
{
    tarn_verdict v;
    assert_int_equal(tarn_why_for(p->pool, 1, purpose, &v), TARN_OK);
    size_t largest = (size_t)v.largest_request;
    assert_true(largest == 0 || is_served(p, largest, purpose, NULL));
    assert_false(is_served(p, largest + 1u, purpose, NULL));
    for (uint32_t i = 0; i < 4; i++) {
        assert_false(is_served(p, largest + 1u + prng_below(&p->random, i < 2 ? 100 : BYTES), purpose, NULL));
    }
    if (largest != 0) {
        ask(p, largest, purpose, &v);
        assert_int_equal(v.largest_request, largest);
    }
    ask(p, largest + 1u, purpose, &v);
    assert_int_equal(v.largest_request, largest);
}

static void ask_all(asked *p)
{
    tarn_verdict v;
    for (uint32_t i = 0; i < ASKED; i++) {
        tarn_purpose purpose = random_purpose(p, random_alignment(&p->random));
        ask(p, prng_below(&p->random, i % 2u == 0 ? 200 : 3000), &purpose, &v);
    }
    for (uint32_t log2 = 0; log2 <= PAGE_LOG2; log2 += 1u + prng_below(&p->random, 4)) {
        tarn_purpose purpose = random_purpose(p, log2 == 0 ? 0 : (size_t)1 << log2);
        ask_largest(p, &purpose);
        largest_by_alignment[log2]++;
    }
    tarn_purpose none = {0, 0, 0};
    ask(p, p->bytes, &none, &v);
}

/* ---- runs ---- */

static void run(asked *p)
{
    set_quotas(p);
    for (uint32_t round = 0; round < 3; round++) {
        use(p);
        ask_all(p);
        assert_sound(p->pool, "asked");
    }
    assert_int_equal(tarn_quarantine_flush(p->pool), TARN_OK);
    ask_all(p);
    assert_int_equal(tarn_deinit(p->pool), TARN_OK);
}

static void test_verdicts_agree_with_requests(void **state)
{
    static asked p;
    uint32_t pools = (uint32_t)test_scaled(1500);
    uint32_t made = 0;
    (void)state;
    for (uint32_t i = 0; i < pools; i++) {
        memset(&p, 0, sizeof p);
        p.random = prng_make(test_seed(), i);
        p.options = random_options(&p.random);
        p.bytes = LEAST + prng_below(&p.random, BYTES - LEAST + 1u);
        size_t shift = prng_below(&p.random, 4) * (p.options.granule == 16 ? 16u : 8u);
        memset(memory, 0, sizeof memory);
        if (tarn_init(&p.pool, memory + shift, p.bytes, &p.options) == TARN_OK) {
            made++;
            run(&p);
        }
    }
    printf("  %u pools (seed %llu):", made, (unsigned long long)test_seed());
    for (uint32_t v = TARN_WHY_FITS; v < TARN_WHY_DAMAGED; v++) {
        printf(" %s %lu,", tarn_why_text(v), (unsigned long)told[v]);
        assert_true(told[v] != 0);
    }
    printf(" %lu while blocks waited, %lu served once some had left\n", (unsigned long)where_some_wait,
           (unsigned long)where_some_must_leave);
    for (uint32_t log2 = 0; log2 <= PAGE_LOG2; log2++) {
        assert_true(largest_by_alignment[log2] != 0);
    }
    assert_true(where_some_wait != 0 && where_some_must_leave != 0);
    assert_int_equal(told[TARN_WHY_DAMAGED], 0);
    assert_true(made > pools - pools / 8u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_verdicts_agree_with_requests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
