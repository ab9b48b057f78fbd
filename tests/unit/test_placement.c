/* SPDX-License-Identifier: MIT */
/*
 * Which free block an engine takes, by the definition of the engine, against all free blocks that a walk sees.
 *
 * F1 bestfit: of the free blocks that hold the request one of the smallest, the wilderness competing by its size
 * F2 linear: as F1, and of equals the one with the lowest address
 * F3 tlsf: a block of the bin that the request falls in, or of the first filled bin whose every block holds it; the
 *    wilderness only if there is neither
 * F4 every engine: the block taken begins where the free block began, and what is left of it is free
 */
#include "index_tlsf.h"
#include "test.h"

#include <stdlib.h>

enum { BYTES = 65536, HELD = 400, FREE_MAX = 2 * HELD, OPERATIONS = 20000 };

static _Alignas(4096) unsigned char memory[BYTES];

/* The free blocks of a pool, in granules; the last is the wilderness if there is one. */
typedef struct holes {
    uint32_t granule;
    uint32_t count;
    uint32_t offset[FREE_MAX];
    uint32_t size[FREE_MAX];
} holes;

static bool note_hole(const tarn_block *block, void *context)
{
    holes *h = context;
    if (block->state == TARN_BLOCK_FREE) {
        assert_true(h->count < FREE_MAX);
        h->offset[h->count] = (uint32_t)(block->offset / h->granule);
        h->size[h->count++] = (uint32_t)(block->size / h->granule);
    }
    return true;
}

static holes holes_of(const tarn_pool *pool, uint32_t granule)
{
    holes h;
    h.granule = granule;
    h.count = 0;
    assert_int_equal(tarn_walk(pool, note_hole, &h), TARN_OK);
    return h;
}

/* What the request costs at least; the block that it got may be larger by a rest that is no block. */
static uint32_t need_of(const shape *s, size_t size)
{
    uint32_t words = 1u + s->extension_words;
    uint32_t links = s->engine == TARN_ENGINE_LINEAR ? 1u : s->extension_words == 0 ? 3u : 2u;
    uint32_t minimum = (4u * (words + links) + s->granule - 1u) / s->granule;
    uint32_t need = ((uint32_t)size + 4u * words + s->granule - 1u) / s->granule;
    return need < minimum ? minimum : need;
}

/* The hole in which the block begins; F4. */
static uint32_t taken_from(const holes *h, const unsigned char *block)
{
    uint32_t offset = (uint32_t)((size_t)(block - memory) / h->granule);
    for (uint32_t i = 0; i < h->count; i++) {
        if (h->offset[i] == offset) {
            return i;
        }
    }
    fail_msg("a block was taken from the middle of a free one");
    return 0;
}

/* ---- F1, F2 ---- */

static uint32_t smallest_that_holds(const holes *h, uint32_t need)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < h->count; i++) {
        best = h->size[i] >= need && h->size[i] < best ? h->size[i] : best;
    }
    return best;
}

static void judge_best(const shape *s, const holes *h, uint32_t need, uint32_t taken)
{
    uint32_t best = smallest_that_holds(h, need);
    if (h->size[taken] != best) {
        fail_msg("%s: need %u took %u, %u was there", engine_name(s->engine), (unsigned)need, (unsigned)h->size[taken],
                 (unsigned)best);
    }
    for (uint32_t i = 0; s->engine == TARN_ENGINE_LINEAR && i < taken; i++) {
        assert_int_not_equal(h->size[i], best);
    }
}

/* ---- F3 ---- */

static void judge_good(const holes *h, uint32_t need, uint32_t taken, bool has_wilderness)
{
    uint32_t ranges = tlsf_ranges(13); /* of a pool of 2^13 granules at most, as these are */
    uint32_t own = tlsf_bin(ranges, need);
    uint32_t above = tlsf_bin_above(ranges, need);
    uint32_t listed = has_wilderness ? h->count - 1u : h->count;
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < listed; i++) {
        uint32_t bin = tlsf_bin(ranges, h->size[i]);
        first = bin >= above && bin < first ? bin : first;
    }
    if (taken == listed) {
        assert_int_equal(first, UINT32_MAX);
        return;
    }
    uint32_t bin = tlsf_bin(ranges, h->size[taken]);
    assert_true(h->size[taken] >= need && (bin == own || bin == first));
}

/* ---- the run ---- */

static void judge(const shape *s, const tarn_pool *pool, const holes *h, size_t size, const unsigned char *block)
{
    uint32_t need = need_of(s, size);
    if (block == NULL) {
        assert_true(s->engine == TARN_ENGINE_TLSF || smallest_that_holds(h, need) == UINT32_MAX);
        return;
    }
    uint32_t taken = taken_from(h, block);
    bool has_wilderness = h->count != 0 && h->offset[h->count - 1u] + h->size[h->count - 1u] == BYTES / s->granule;
    if (s->engine == TARN_ENGINE_TLSF) {
        judge_good(h, need, taken, has_wilderness);
    } else {
        judge_best(s, h, need, taken);
    }
    holes after = holes_of(pool, s->granule);
    bool left = h->size[taken] > tarn_usable(pool, block) / s->granule + 1u;
    assert_true(after.count == h->count || (after.count + 1u == h->count && !left));
}

static void run(const shape *s)
{
    static void *held[HELD];
    tarn_pool *pool = pool_make(s, memory);
    prng random = prng_make(test_seed(), s->engine);
    memset(held, 0, sizeof held);
    for (uint64_t i = test_scaled(OPERATIONS); i != 0; i--) {
        void **pick = &held[prng_below(&random, HELD)];
        if (*pick != NULL) {
            assert_int_equal(tarn_free(pool, *pick), TARN_OK);
            *pick = NULL;
        } else {
            holes h = holes_of(pool, s->granule);
            size_t size = prng_below(&random, UINT32_C(2) << prng_below(&random, 11));
            *pick = tarn_alloc(pool, size);
            judge(s, pool, &h, size, *pick);
        }
    }
    assert_sound(pool, "placement");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static void engines_take_the_block_that_they_should(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < built * 2u; i++) {
        shape s = {engines[i / 2u], 8, i % 2u, TARN_RECOGNISE_AUTO, BYTES, 0};
        run(&s);
    }
    printf("%lu operations in each of %u pools, seed %lu\n", (unsigned long)test_scaled(OPERATIONS),
           (unsigned)built * 2u, (unsigned long)test_seed());
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(engines_take_the_block_that_they_should)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
