/* SPDX-License-Identifier: MIT */
/*
 * Verdicts: what tarn_why() says of a request is what happens when it is made.
 *
 * Y1 fits if and only if the request is served; the status is the one that the refusal's event has
 * Y2 a request of largest_request is served at this alignment and no larger one is
 * Y3 never fits: not even from the empty pool; exhausted: free < needed; fragmented: free >= needed
 * Y4 of fragmented: giving back the blocks between serves the request, and no run of fewer blocks spans it
 * Y5 the owners told are those of the blocks between
 * Y6 a view says the same, and of alignments above the granule no more than holds at any address
 * Y7 damage, foreign handles and bad arguments are answered as the contract says; nothing is counted
 * Y8 a heap's verdict is that of the region that serves, else of the closest; a block pool's is its count
 * Y9 a module's quota decides what the pool could serve, to the byte
 */
#include "tarn/why.h"

#include "regions.h"
#include "test.h"

enum { BYTES = 8192, HELD = 160, ROUNDS = 60 };

static _Alignas(4096) unsigned char pool_memory[BYTES];
static _Alignas(4096) unsigned char empty_memory[BYTES];

static void *held[HELD];

/* ---- states ---- */

static void shake(tarn_pool *pool, prng *random, uint32_t steps)
{
    for (uint32_t i = 0; i < steps; i++) {
        void **place = &held[prng_below(random, HELD)];
        if (*place != NULL) {
            assert_int_equal(tarn_free(pool, *place), TARN_OK);
            *place = NULL;
        } else if (prng_below(random, 3) != 0) {
            size_t alignment = (size_t)1 << prng_below(random, 8);
            *place = tarn_alloc_aligned(pool, prng_below(random, 200), alignment);
            if (*place != NULL) {
                (void)tarn_owner_set(pool, *place, TARN_OWNER(1u + prng_below(random, 3), 7));
            }
        }
    }
}

/* ---- Y1, Y2, Y3 ---- */

static uint64_t verdicts[TARN_WHY_DAMAGED + 1u];

static void try_it(tarn_pool *pool, size_t size, size_t alignment, const tarn_verdict *verdict)
{
    watch w;
    tarn_stats before;
    tarn_stats after;
    assert_int_equal(tarn_counts_get(pool, &before), TARN_OK);
    watch_begin(&w);
    void *block = tarn_alloc_aligned(pool, size, alignment == 0 ? 1 : alignment);
    watch_end(&w);
    assert_int_equal(block != NULL, verdict->verdict == TARN_WHY_FITS);
    if (block == NULL) {
        assert_int_equal(watch_status(&w, TARN_EVENT_FAIL), verdict->status);
        return;
    }
    assert_int_equal(tarn_counts_get(pool, &after), TARN_OK);
    assert_true(after.used - before.used >= verdict->needed);
    assert_int_equal(verdict->status, TARN_OK);
    assert_int_equal(tarn_free(pool, block), TARN_OK);
}

/* A pool of the same shape and address modulo a page, with nothing in it, serves whatever may ever fit. */
static void verify_ever(tarn_pool *empty, size_t size, size_t alignment, const tarn_verdict *v)
{
    void *block = tarn_alloc_aligned(empty, size, alignment == 0 ? 1 : alignment);
    assert_int_equal(block != NULL, v->verdict != TARN_WHY_NEVER_FITS);
    if (block != NULL) {
        assert_int_equal(tarn_free(empty, block), TARN_OK);
    }
}

static void verify_figures(const tarn_pool *pool, const tarn_verdict *v)
{
    tarn_stats stats;
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    assert_int_equal(v->free, stats.free);
    assert_int_equal(v->largest_free, stats.largest_free);
    assert_int_equal(v->free_blocks, stats.free_blocks);
    switch (v->verdict) {
    case TARN_WHY_NEVER_FITS:
        break;
    case TARN_WHY_EXHAUSTED:
        assert_true(v->free < v->needed);
        break;
    case TARN_WHY_FRAGMENTED:
        assert_true(v->free >= v->needed);
        break;
    default:
        assert_int_equal(v->verdict, TARN_WHY_FITS);
    }
}

static void verify_largest(tarn_pool *pool, size_t alignment)
{
    tarn_verdict v;
    assert_int_equal(tarn_why(pool, 1, alignment, &v), TARN_OK);
    size_t largest = (size_t)v.largest_request;
    void *block = largest == 0 ? NULL : tarn_alloc_aligned(pool, largest, alignment);
    assert_int_equal(block != NULL, largest != 0);
    if (block != NULL) {
        assert_int_equal(tarn_free(pool, block), TARN_OK);
    }
    for (size_t size = largest + 1u; size <= v.largest_free; size++) {
        assert_null(tarn_alloc_aligned(pool, size, alignment));
    }
}

static void verify_view(const tarn_pool *pool, size_t size, size_t alignment, const tarn_verdict *live)
{
    tarn_view view;
    tarn_verdict v;
    assert_int_equal(tarn_view_open(&view, pool_memory, sizeof pool_memory), TARN_OK);
    assert_int_equal(tarn_view_why(&view, size, alignment, &v), TARN_OK);
    tarn_stats stats;
    assert_int_equal(tarn_counts_get(pool, &stats), TARN_OK);
    assert_int_equal(v.needed, live->needed);
    assert_int_equal(v.free, live->free);
    if (alignment <= stats.granule) {
        assert_memory_equal(&v, live, sizeof v);
    } else {
        assert_true(v.largest_request <= live->largest_request);
        assert_true(v.verdict != TARN_WHY_FITS || live->verdict == TARN_WHY_FITS);
    }
}

static void verify_requests(tarn_pool *pool, tarn_pool *empty, prng *random)
{
    for (uint32_t i = 0; i < 12; i++) {
        size_t size = i == 0 ? SIZE_MAX : i == 1 ? BYTES - 600 : prng_below(random, i % 2 == 0 ? 300 : BYTES);
        size_t alignment = i % 3 == 0 ? 0 : (size_t)1 << prng_below(random, 11);
        tarn_verdict v;
        assert_int_equal(tarn_why(pool, size, alignment, &v), TARN_OK);
        verdicts[v.verdict]++;
        verify_figures(pool, &v);
        verify_ever(empty, size, alignment, &v);
        verify_view(pool, size, alignment, &v);
        try_it(pool, size, alignment, &v);
    }
    verify_largest(pool, (size_t)1 << prng_below(random, 9));
}

/* ---- Y4, Y5 ---- */

typedef struct list {
    tarn_block blocks[2 * HELD + 2];
    uint32_t count;
} list;

static bool note(const tarn_block *block, void *context)
{
    list *l = context;
    l->blocks[l->count++] = *block;
    return true;
}

/* The fewest used blocks in a run that spans needed bytes, and of such runs the fewest bytes in them. */
static uint32_t fewest(const list *l, uint64_t needed, uint64_t *least_bytes)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t from = 0; from < l->count; from++) {
        uint64_t span = 0;
        uint64_t bytes = 0;
        uint32_t used = 0;
        for (uint32_t i = from; i < l->count && span < needed; i++) {
            bool counts = l->blocks[i].state != TARN_BLOCK_FREE;
            span += l->blocks[i].size;
            bytes += counts ? l->blocks[i].size : 0;
            used += counts ? 1u : 0u;
        }
        if (span >= needed && (used < best || (used == best && bytes < *least_bytes))) {
            best = used;
            *least_bytes = bytes;
        }
    }
    return best;
}

static void release(tarn_pool *pool, void *block)
{
    for (uint32_t i = 0; i < HELD; i++) {
        if (held[i] == block) {
            held[i] = NULL;
        }
    }
    assert_int_equal(tarn_free(pool, block), TARN_OK);
}

static uint32_t owner_count(const tarn_verdict *v, uint32_t owner)
{
    for (uint32_t i = 0; i < v->owners; i++) {
        if (v->owner[i] == owner) {
            return v->owner_blocks[i];
        }
    }
    return 0;
}

static uint64_t fragmented;

static void verify_between(tarn_pool *pool, prng *random, const shape *s)
{
    static list l;
    tarn_verdict v;
    size_t size = 40 + prng_below(random, BYTES / 2);
    assert_int_equal(tarn_why(pool, size, 0, &v), TARN_OK);
    if (v.verdict != TARN_WHY_FRAGMENTED) {
        return;
    }
    l.count = 0;
    assert_int_equal(tarn_walk(pool, note, &l), TARN_OK);
    uint64_t least_bytes = 0;
    assert_int_equal(v.between, fewest(&l, v.needed, &least_bytes));
    assert_int_equal(v.between_bytes, least_bytes);
    uint64_t bytes = 0;
    uint32_t left = v.between;
    uint32_t owners[4] = {0};
    for (uint32_t i = 0; i < l.count && left != 0; i++) {
        if (l.blocks[i].offset >= v.between_at && l.blocks[i].state != TARN_BLOCK_FREE) {
            bytes += l.blocks[i].size;
            left--;
            owners[l.blocks[i].owner >> 20 & 3u]++;
            release(pool, pool_memory + l.blocks[i].offset);
        }
    }
    assert_int_equal(bytes, v.between_bytes);
    for (uint32_t module = 1; module < 4 && s->extension_words != 0; module++) {
        assert_int_equal(owner_count(&v, TARN_OWNER(module, 7)), owners[module]);
    }
    assert_true(s->extension_words != 0 || v.owners == 0);
    fragmented += v.between;
    if (v.between != 0) {
        void *block = tarn_alloc(pool, size);
        assert_non_null(block);
        assert_int_equal(tarn_free(pool, block), TARN_OK);
    }
}

static void a_verdict_is_what_happens(void **state)
{
    (void)state;
    prng random = prng_make(test_seed(), 0);
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    for (uint32_t i = 0; i < built * 9u; i++) {
        shape s = {engines[i / 9u], UINT32_C(4) << i % 3u, i / 3u % 3u, TARN_RECOGNISE_AUTO, BYTES, 0};
        tarn_pool *pool = pool_make(&s, pool_memory);
        tarn_pool *empty = pool_make(&s, empty_memory);
        memset(held, 0, sizeof held);
        for (uint64_t round = test_scaled(ROUNDS); round != 0; round--) {
            shake(pool, &random, 60);
            verify_requests(pool, empty, &random);
            verify_between(pool, &random, &s);
            assert_sound(pool, "after asking why");
        }
        assert_int_equal(tarn_deinit(pool), TARN_OK);
        assert_int_equal(tarn_deinit(empty), TARN_OK);
    }
    for (uint32_t v = TARN_WHY_FITS; v < TARN_WHY_OVER_QUOTA; v++) {
        printf("%s %lu, ", tarn_why_text(v), (unsigned long)verdicts[v]);
        assert_true(verdicts[v] != 0);
    }
    printf("%lu blocks between, seed %lu\n", (unsigned long)fragmented, (unsigned long)test_seed());
}

/* ---- Y7 ---- */

static void what_cannot_be_asked_is_refused(void **state)
{
    (void)state;
    tarn_verdict v;
    tarn_pool *pool;
    static _Alignas(8) unsigned char no_pool[256];
    assert_int_equal(tarn_init(&pool, pool_memory, BYTES, NULL), TARN_OK);
    assert_int_equal(tarn_why(pool, 8, 8, NULL), TARN_E_NULL);
    assert_int_equal(tarn_why(NULL, 8, 8, &v), TARN_E_NULL);
    assert_int_equal(tarn_why((tarn_pool *)no_pool, 8, 8, &v), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_why(pool, 8, 24, &v), TARN_E_ARGUMENT);
    assert_int_equal(v.status, TARN_E_ARGUMENT);
    assert_int_equal(tarn_why(pool, 8, SIZE_MAX / 2 + 1, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_NEVER_FITS);
    assert_string_equal(tarn_why_text(99), "unknown");
    void *block = tarn_alloc(pool, 40);
    memset((unsigned char *)block - 4, 0x5A, 8);
    assert_int_equal(tarn_why(pool, 8, 8, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_DAMAGED);
    assert_int_equal(v.status, TARN_E_DAMAGED);
    tarn_stats stats;
    assert_int_equal(tarn_counts_get(pool, &stats), TARN_OK);
    assert_int_equal(stats.refusals, 0);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- Y9 ---- */

static void a_quota_is_told_to_the_byte(void **state)
{
    (void)state;
    tarn_options options = {.extension_words = TARN_WORDS_OWNER, .modules = 4};
    tarn_purpose purpose = {0, 2, 0};
    tarn_pool *pool;
    tarn_verdict v;
    assert_int_equal(tarn_init(&pool, pool_memory, BYTES, &options), TARN_OK);
    assert_int_equal(tarn_quota_set(pool, 2, 1000), TARN_OK);
    void *first = tarn_alloc_for(pool, 300, &purpose);
    assert_non_null(first);
    assert_int_equal(tarn_why_for(pool, 1, &purpose, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_FITS);
    size_t largest = (size_t)v.largest_request;
    assert_true(largest > 600 && largest < 700);
    assert_int_equal(tarn_why_for(pool, largest + 1u, &purpose, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_OVER_QUOTA);
    assert_int_equal(v.status, TARN_E_QUOTA);
    assert_null(tarn_alloc_for(pool, largest + 1u, &purpose));
    assert_int_equal(tarn_why(pool, largest + 1u, 0, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_FITS);
    assert_int_equal(tarn_why_for(pool, BYTES, &purpose, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_NEVER_FITS);
    assert_non_null(tarn_alloc_for(pool, largest, &purpose));
    assert_int_equal(tarn_why_for(pool, 1, &purpose, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_OVER_QUOTA);
    assert_int_equal(v.largest_request, 0);
    purpose.module = 0x1000;
    assert_int_equal(tarn_why_for(pool, 1, &purpose, &v), TARN_E_ARGUMENT);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* Y6: alignments that the pool cannot have, up to the largest there is. */
static void an_impossible_alignment_never_fits(void **state)
{
    (void)state;
    tarn_pool *pool;
    tarn_view view;
    tarn_verdict v;
    assert_int_equal(tarn_init(&pool, pool_memory, 4096, NULL), TARN_OK);
    assert_int_equal(tarn_view_open(&view, pool, 4096), TARN_OK);
    for (uint32_t shift = 13; shift < 8u * (uint32_t)sizeof(size_t); shift++) {
        assert_int_equal(tarn_why(pool, 8, (size_t)1 << shift, &v), TARN_OK);
        assert_true(shift <= 13u + 3u || (v.verdict == TARN_WHY_NEVER_FITS && v.largest_request == 0));
        assert_int_equal(tarn_view_why(&view, 8, UINT64_C(1) << shift, &v), TARN_OK);
        assert_true(v.verdict == TARN_WHY_NEVER_FITS && v.between == 0 && v.largest_request == 0);
    }
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* ---- Y8 ---- */

static void a_heap_tells_of_its_closest_region(void **state)
{
    (void)state;
    tarn_verdict v;
    tarn_heap *heap = make_heap();
    tarn_region_options fast = with_capabilities(TARN_CAP_FAST);
    tarn_region_options slow = with_capabilities(TARN_CAP_EXTERNAL);
    static const uint32_t only_fast = TARN_CAP_FAST;
    static const uint32_t only_dma = TARN_CAP_DMA;
    tarn_request request = {&only_fast, 1, 0, 0};
    tarn_request impossible = {&only_dma, 1, 0, 0};
    add(heap, 0, &fast);
    add(heap, 1, &slow);
    assert_int_equal(tarn_heap_why(heap, 100, &request, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_FITS);
    assert_ptr_equal(v.region, memory[0]);
    assert_int_equal(v.largest_request, tarn_heap_largest(heap, &request));
    void *blocks[3];
    for (uint32_t i = 0; i < 3; i++) {
        blocks[i] = tarn_heap_alloc(heap, 2500, &request);
        assert_non_null(blocks[i]);
    }
    assert_int_equal(tarn_heap_free(heap, blocks[0]), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, blocks[2]), TARN_OK);
    assert_int_equal(tarn_heap_why(heap, 5400, &request, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_FRAGMENTED);
    assert_int_equal(v.between, 1);
    assert_ptr_equal(memory[0] + v.between_at, blocks[1]);
    assert_int_equal(tarn_heap_why(heap, 5400, NULL, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_FITS);
    assert_ptr_equal(v.region, memory[1]);
    assert_int_equal(tarn_heap_why(heap, 8, &impossible, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_NEVER_FITS);
    assert_null(v.region);
    assert_int_equal(tarn_heap_why(heap, REGION, &request, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_NEVER_FITS);
    impossible.alignment = 3;
    assert_int_equal(tarn_heap_why(heap, 8, &impossible, &v), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_why(NULL, 8, NULL, &v), TARN_E_NULL);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

/* What the request itself is told, of whichever region. */
static void a_heap_tells_of_a_quota(void **state)
{
    (void)state;
    tarn_verdict v;
    watch seen;
    tarn_heap *heap = make_heap();
    tarn_region_options counting = {.pool = {.extension_words = 1, .modules = 4}};
    tarn_region_options plain = {.rank = 1};
    tarn_request request = {.module = 2};
    add(heap, 0, &counting);
    assert_int_equal(tarn_heap_quota_set(heap, NULL, 2, 1024), TARN_OK);
    assert_non_null(tarn_heap_alloc(heap, 500, &request));
    assert_int_equal(tarn_heap_why(heap, 600, &request, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_OVER_QUOTA);
    assert_int_equal(v.status, TARN_E_QUOTA);
    assert_null(tarn_heap_alloc(heap, 600, &request));
    assert_null(tarn_heap_alloc(heap, (size_t)v.largest_request + 1u, &request));
    assert_non_null(tarn_heap_alloc(heap, (size_t)v.largest_request, &request));
    assert_int_equal(tarn_heap_why(heap, 1, &request, &v), TARN_OK);
    assert_true(v.verdict == TARN_WHY_OVER_QUOTA && v.largest_request == 0);
    assert_int_equal(tarn_heap_why(heap, 600, NULL, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_FITS);
    add(heap, 1, &plain); /* full: the quota is what is told all the same */
    assert_int_equal(tarn_heap_why(heap, 600, &request, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_FITS);
    while (tarn_heap_alloc(heap, 600, &request) != NULL) {
    }
    watch_begin(&seen);
    assert_null(tarn_heap_alloc(heap, 600, &request));
    assert_int_equal(watch_status(&seen, TARN_EVENT_FAIL), TARN_E_QUOTA);
    assert_int_equal(seen.events[0].verdict, TARN_WHY_OVER_QUOTA);
    watch_end(&seen);
    assert_int_equal(tarn_heap_why(heap, 600, &request, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_OVER_QUOTA);
    assert_ptr_equal(v.region, memory[0]);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

static void of_two_fragmented_regions_the_closer_is_told(void **state)
{
    (void)state;
    tarn_verdict v;
    tarn_heap *heap = make_heap();
    for (uint32_t i = 0; i < 2; i++) {
        tarn_region_options options = with_capabilities(TARN_CAP_USER(i));
        const uint32_t own = TARN_CAP_USER(i);
        tarn_request request = {&own, 1, 0, 0};
        void *blocks[4];
        size_t middle = i == 0 ? 500 : 1016; /* two neighbours in the first region, one in the second */
        add(heap, i, &options);
        blocks[0] = tarn_heap_alloc(heap, 2500, &request);
        blocks[1] = tarn_heap_alloc(heap, middle, &request);
        blocks[2] = i == 0 ? tarn_heap_alloc(heap, middle, &request) : NULL;
        blocks[3] = tarn_heap_alloc(heap, tarn_heap_largest(heap, &request), &request);
        assert_int_equal(tarn_heap_free(heap, blocks[0]), TARN_OK);
        assert_int_equal(tarn_heap_free(heap, blocks[3]), TARN_OK);
    }
    assert_int_equal(tarn_heap_why(heap, 7000, NULL, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_FRAGMENTED);
    assert_ptr_equal(v.region, memory[1]);
    assert_int_equal(v.between, 1);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

/* A sound one's; alignment and damage are for the view alone to say. */
static void view_of_a_block_pool_agrees(unsigned char *bytes, size_t size, const tarn_blocks *pool)
{
    tarn_blocks_view view;
    tarn_verdict one;
    tarn_verdict other;
    assert_int_equal(tarn_blocks_view_open(&view, bytes, size), TARN_OK);
    for (uint32_t asked = 0; asked < 30; asked++) {
        assert_int_equal(tarn_blocks_why(pool, asked, &one), TARN_OK);
        assert_int_equal(tarn_blocks_view_why(&view, asked, asked % 2u * 8u, &other), TARN_OK);
        assert_memory_equal(&one, &other, sizeof one);
    }
    assert_int_equal(tarn_blocks_view_why(&view, 8, 4096, &other), TARN_OK);
    assert_int_equal(other.verdict, TARN_WHY_NEVER_FITS);
    assert_int_equal(tarn_blocks_view_why(&view, 8, 24, &other), TARN_E_ARGUMENT);
    assert_int_equal(other.status, TARN_E_ARGUMENT);
    assert_int_equal(tarn_blocks_view_why(&view, 8, 8, NULL), TARN_E_NULL);
    assert_int_equal(tarn_blocks_view_why(NULL, 8, 8, &other), TARN_E_NULL);
    bytes[8] ^= 3; /* the list's first block */
    assert_int_equal(tarn_blocks_view_open(&view, bytes, size), TARN_OK);
    assert_int_equal(tarn_blocks_view_why(&view, 8, 8, &other), TARN_OK);
    assert_true(other.verdict == TARN_WHY_DAMAGED && other.status == TARN_E_DAMAGED);
    bytes[8] ^= 3;
}

static void a_block_pool_fits_never_or_is_exhausted(void **state)
{
    (void)state;
    static TARN_BLOCKS_STORAGE(storage, 2, 24);
    tarn_blocks *pool;
    tarn_verdict v;
    assert_int_equal(tarn_blocks_init(&pool, storage, sizeof storage, 24, NULL), TARN_OK);
    assert_int_equal(tarn_blocks_why(pool, 24, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_FITS);
    assert_int_equal(v.largest_request, 24);
    assert_int_equal(tarn_blocks_why(pool, 25, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_NEVER_FITS);
    view_of_a_block_pool_agrees(storage, sizeof storage, pool);
    assert_non_null(tarn_blocks_get(pool));
    assert_non_null(tarn_blocks_get(pool));
    view_of_a_block_pool_agrees(storage, sizeof storage, pool);
    assert_int_equal(tarn_blocks_why(pool, 8, &v), TARN_OK);
    assert_int_equal(v.verdict, TARN_WHY_EXHAUSTED);
    assert_int_equal(v.status, TARN_E_EXHAUSTED);
    assert_int_equal(v.needed, 24);
    assert_int_equal(tarn_blocks_why(NULL, 8, &v), TARN_E_NULL);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_is_what_happens),
        cmocka_unit_test(what_cannot_be_asked_is_refused),
        cmocka_unit_test(a_quota_is_told_to_the_byte),
        cmocka_unit_test(an_impossible_alignment_never_fits),
        cmocka_unit_test(a_heap_tells_of_its_closest_region),
        cmocka_unit_test(a_heap_tells_of_a_quota),
        cmocka_unit_test(of_two_fragmented_regions_the_closer_is_told),
        cmocka_unit_test(a_block_pool_fits_never_or_is_exhausted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
