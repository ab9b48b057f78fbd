/* SPDX-License-Identifier: MIT */
/*
 * Verdicts of heaps against the truth: heaps of random regions, whose pools have random options. What tarn_heap_why()
 * says is compared with what the request itself is answered, made on the same bytes, which are then put back.
 *
 * WH1 a request is served if and only if the verdict is that it fits, and is refused with the verdict's status
 * WH2 what fits is the verdict of the region that the block then lies in, whatever order capabilities and ranks make
 * WH3 a request of largest_request is served, and by that region alone no larger one
 */
#include "tarn/account.h"
#include "tarn/regions.h"
#include "tarn/why.h"

#include "test.h"

enum { REGIONS = 3, ROOM = 8192, LIVE = 96, STEPS = 200, ASKED = 24 };

typedef struct arena {
    _Alignas(4096) unsigned char region[REGIONS][ROOM];
    _Alignas(8) unsigned char heap[TARN_HEAP_BYTES(REGIONS)];
} arena;

static arena memory;
static arena kept;
static tarn_heap *heap;
static void *live[LIVE];
static uint64_t told[TARN_WHY_DAMAGED + 1u];
static uint64_t out_of_order; /* served by another than the first region that would */

static tarn_region_options random_region(prng *random)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    tarn_region_options options = {.capabilities = prng_below(random, 8), .rank = prng_below(random, 3)};
    options.line = prng_below(random, 4) == 0 ? UINT32_C(16) << prng_below(random, 3) : 0;
    options.pool.engine = engines[prng_below(random, count)];
    options.pool.granule = options.line != 0 ? 0 : UINT32_C(4) << prng_below(random, 3);
    if (options.line == 0) {
        options.pool.extension_words = prng_below(random, 4);
        options.pool.modules = options.pool.extension_words != 0 ? prng_below(random, 4) : 0;
        options.pool.flags |= prng_below(random, 2) == 0 ? TARN_POOL_GUARD : 0;
        options.pool.flags |= prng_below(random, 3) == 0 ? TARN_POOL_POISON : 0;
    }
    return options;
}

static void make(prng *random)
{
    memset(&memory, 0, sizeof memory);
    memset(live, 0, sizeof live);
    assert_int_equal(tarn_heap_init(&heap, memory.heap, sizeof memory.heap), TARN_OK);
    for (uint32_t i = 0; i < REGIONS; i++) {
        tarn_region_options options = random_region(random);
        size_t bytes = 3072u + 16u * prng_below(random, (ROOM - 3072u) / 16u);
        assert_int_equal(tarn_heap_add(heap, memory.region[i], bytes, &options), TARN_OK);
        if (options.pool.modules > 1u && prng_below(random, 2) == 0) {
            (void)tarn_heap_quota_set(heap, memory.region[i], 1, 100u + prng_below(random, 4000));
        }
    }
}

/* Two masks at most; the list lies in masks. */
static tarn_request random_request(prng *random, uint32_t masks[2])
{
    masks[0] = prng_below(random, 8);
    masks[1] = prng_below(random, 2) == 0 ? 0 : prng_below(random, 8);
    size_t alignment = prng_below(random, 2) == 0 ? 0 : (size_t)1 << prng_below(random, 13);
    return (tarn_request){masks, prng_below(random, 3), prng_below(random, 3), alignment};
}

static void use(prng *random)
{
    for (uint32_t i = 0; i < STEPS; i++) {
        void **place = &live[prng_below(random, LIVE)];
        uint32_t masks[2];
        if (*place == NULL) {
            tarn_request request = random_request(random, masks);
            request.alignment = request.alignment > 256 ? 0 : request.alignment;
            *place = tarn_heap_alloc(heap, prng_below(random, 400), &request);
        } else {
            assert_int_equal(tarn_heap_free(heap, *place), TARN_OK);
            *place = NULL;
        }
    }
}

/* The region that the block lies in, NULL if none was served; all is then as it was. */
static const void *served_by(size_t size, const tarn_request *request, tarn_status *status)
{
    watch w;
    const void *region = NULL;
    memcpy(&kept, &memory, sizeof memory);
    watch_begin(&w);
    const unsigned char *at = tarn_heap_alloc(heap, size, request);
    *status = at != NULL ? TARN_OK : watch_status(&w, TARN_EVENT_FAIL);
    watch_end(&w);
    memcpy(&memory, &kept, sizeof memory);
    for (uint32_t i = 0; i < REGIONS && at != NULL; i++) {
        region = at >= memory.region[i] && at < memory.region[i] + ROOM ? memory.region[i] : region;
    }
    return region;
}

static void ask(size_t size, const tarn_request *request)
{
    tarn_verdict v;
    tarn_status status;
    assert_int_equal(tarn_heap_why(heap, size, request, &v), TARN_OK);
    const void *region = served_by(size, request, &status);
    told[v.verdict]++;
    assert_int_equal(region != NULL, v.verdict == TARN_WHY_FITS);
    assert_int_equal(v.status, status);
    if (region != NULL) {
        assert_ptr_equal(v.region, region);
        assert_true((size == 0 ? 1u : size) <= v.largest_request);
        out_of_order += region != memory.region[0] ? 1u : 0;
    }
    if (v.largest_request != 0) {
        assert_non_null(served_by((size_t)v.largest_request, request, &status));
        region = served_by((size_t)v.largest_request + 1u, request, &status);
        assert_true(region == NULL || region != v.region);
    }
}

static void test_heap_verdicts_agree_with_requests(void **state)
{
    uint64_t heaps = test_scaled(600);
    (void)state;
    for (uint64_t i = 0; i < heaps; i++) {
        prng random = prng_make(test_seed(), i);
        make(&random);
        for (uint32_t round = 0; round < 3; round++) {
            use(&random);
            for (uint32_t n = 0; n < ASKED; n++) {
                uint32_t masks[2];
                tarn_request request = random_request(&random, masks);
                ask(prng_below(&random, n % 2u == 0 ? 300 : 4000), &request);
            }
            assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
        }
        for (uint32_t r = 0; r < REGIONS; r++) {
            for (uint32_t n = 0; n < LIVE; n++) {
                if (live[n] != NULL) {
                    assert_int_equal(tarn_heap_free(heap, live[n]), TARN_OK);
                    live[n] = NULL;
                }
            }
            assert_int_equal(tarn_heap_remove(heap, memory.region[r], NULL), TARN_OK);
        }
        assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
    }
    printf("  %lu heaps (seed %lu):", (unsigned long)heaps, (unsigned long)test_seed());
    for (uint32_t v = TARN_WHY_FITS; v < TARN_WHY_DAMAGED; v++) {
        printf(" %s %lu,", tarn_why_text(v), (unsigned long)told[v]);
        assert_true(told[v] != 0);
    }
    printf(" %lu not by the first region\n", (unsigned long)out_of_order);
    assert_true(told[TARN_WHY_DAMAGED] == 0 && out_of_order != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_heap_verdicts_agree_with_requests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
