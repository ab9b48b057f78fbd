/* SPDX-License-Identifier: MIT */
/*
 * Random operations on a heap whose regions come and go, against a shadow of what the program holds: regions of every
 * engine, with and without cache lines and owner words, in static memory and in mappings far from it.
 *
 * RM1 every block keeps the bytes written to it (with lines: to the whole of its lines) until it is given back
 * RM2 every block lies in one region that the request allowed, on the alignment asked for
 * RM3 a region is removed if and only if the shadow holds no block of it, and the refusal counts those that it holds
 * RM4 used bytes, blocks and a walk agree with the shadow; the peak is at least the highest used that was seen
 * RM5 with all blocks given back nothing is used and every region can be removed
 */
#define _DEFAULT_SOURCE

#include "test.h"

#include <sys/mman.h>

#include "tarn/regions.h"

enum { PLACES = 12, PLACE_BYTES = 24576, BLOCKS = 600, FAR_PLACES = 4 };

typedef struct place {
    unsigned char *memory;
    size_t bytes;
    bool present;
    tarn_region_options options;
} place;

typedef struct held {
    unsigned char *at;
    size_t size;
    size_t usable;
    uint32_t place;
    unsigned char fill;
} held;

static _Alignas(64) unsigned char near_memory[PLACES][PLACE_BYTES];
static _Alignas(8) unsigned char heap_memory[TARN_HEAP_BYTES(PLACES)];
static place places[PLACES];
static held blocks[BLOCKS];
static tarn_heap *heap;
static prng chance;
static uint64_t step;
static uint64_t highest_used;

typedef struct counts {
    uint64_t allocs, refused, frees, resizes, moves, added, removed, kept, checks, lines;
} counts;

static counts done;

#define REQUIRE(condition)                                                                                  \
    do {                                                                                                    \
        if (!(condition)) {                                                                                 \
            fail_msg("step %llu, seed %llu: %s", (unsigned long long)step, (unsigned long long)test_seed(), \
                     #condition);                                                                           \
        }                                                                                                   \
    } while (0)

static uint32_t below(uint32_t limit)
{
    return prng_below(&chance, limit);
}

/* ---- regions ---- */

static void make_places(void)
{
    for (uint32_t i = 0; i < PLACES; i++) {
        places[i].memory = near_memory[i] + 4u * below(16);
        places[i].bytes = PLACE_BYTES - 64u - 8u * below(500);
        if (i < FAR_PLACES) {
            void *hint = (void *)(((uintptr_t)i + 1u) << (sizeof(void *) == 8 ? 44u : 28u));
            void *mapping = mmap(hint, PLACE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            assert_true(mapping != MAP_FAILED);
            places[i].memory = mapping;
            places[i].bytes = PLACE_BYTES;
        }
    }
}

static void drop_places(void)
{
    for (uint32_t i = 0; i < FAR_PLACES; i++) {
        assert_int_equal(munmap(places[i].memory, PLACE_BYTES), 0);
    }
}

static void add_region(uint32_t index)
{
    static const uint32_t lines[] = {0, 0, 0, 32, 64, 128};
    uint32_t engines[3];
    uint32_t engine_count = engines_built(engines);
    place *p = &places[index];
    memset(&p->options, 0, sizeof p->options);
    p->options.capabilities = below(8);
    p->options.rank = below(3);
    p->options.line = lines[below(6)];
    p->options.pool.engine = engines[below(engine_count)];
    p->options.pool.extension_words = below(3);
    p->options.pool.recognition = below(2) == 0 ? TARN_RECOGNISE_AUTO : TARN_RECOGNISE_EXACT;
    REQUIRE(tarn_heap_add(heap, p->memory, p->bytes, &p->options) == TARN_OK);
    REQUIRE(tarn_heap_add(heap, p->memory, p->bytes, &p->options) != TARN_OK);
    p->present = true;
    done.added++;
}

/* RM3 */
static void remove_region(uint32_t index)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < BLOCKS; i++) {
        live += blocks[i].at != NULL && blocks[i].place == index ? 1u : 0u;
    }
    tarn_leftovers left;
    tarn_status status = tarn_heap_remove(heap, places[index].memory, &left);
    REQUIRE(status == (live == 0 ? TARN_OK : TARN_E_IN_USE));
    REQUIRE(left.blocks == live);
    if (status == TARN_OK) {
        places[index].present = false;
        memset(places[index].memory, (int)below(256), places[index].bytes);
        done.removed++;
    } else {
        done.kept++;
    }
}

/* ---- blocks ---- */

static void random_request(tarn_request *request, uint32_t masks[2])
{
    masks[0] = below(4) == 0 ? below(8) : 0;
    masks[1] = below(8);
    request->capabilities = masks;
    request->count = below(3);
    request->module = 0;
    request->alignment = below(4) == 0 ? (size_t)1 << below(9) : 0;
}

static bool allows(const tarn_request *request, uint32_t capabilities)
{
    bool allowed = request->count == 0;
    for (uint32_t i = 0; i < request->count; i++) {
        allowed |= (capabilities & request->capabilities[i]) == request->capabilities[i];
    }
    return allowed;
}

/* RM2; the block is the program's from here on, to its last byte. */
static void take_over(held *h, unsigned char *at, size_t size, const tarn_request *request)
{
    tarn_region region;
    REQUIRE(tarn_heap_region_of(heap, at, &region) == TARN_OK);
    h->place = 0;
    while (h->place < PLACES && places[h->place].memory != region.memory) {
        h->place++;
    }
    REQUIRE(h->place < PLACES && places[h->place].present);
    REQUIRE(allows(request, places[h->place].options.capabilities));
    size_t alignment = request->alignment > 8 ? request->alignment : 8;
    alignment = region.line > alignment ? region.line : alignment;
    REQUIRE((uintptr_t)at % alignment == 0);
    h->at = at;
    h->size = size;
    h->usable = tarn_heap_usable(heap, at);
    REQUIRE(h->usable >= size && (region.line == 0 || h->usable % region.line == 0));
    h->fill = (unsigned char)below(256);
    memset(at, h->fill, h->usable);
    done.lines += region.line != 0 ? 1u : 0u;
}

static void require_bytes(const held *h, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        REQUIRE(h->at[i] == h->fill);
    }
}

static size_t random_size(void)
{
    return below(20) == 0 ? below(20000) : below(400);
}

static void allocate(held *h)
{
    uint32_t masks[2];
    tarn_request request;
    random_request(&request, masks);
    size_t size = random_size();
    size_t largest = tarn_heap_largest(heap, &request);
    unsigned char *at = tarn_heap_alloc(heap, size, &request);
    REQUIRE(at != NULL || size > largest || largest == 0 || request.alignment > 8);
    if (at != NULL) {
        REQUIRE(size <= largest);
        take_over(h, at, size, &request);
        done.allocs++;
    } else {
        done.refused++;
    }
}

static void reallocate(held *h)
{
    uint32_t masks[2];
    tarn_request request;
    random_request(&request, masks);
    size_t size = random_size();
    unsigned char *at = tarn_heap_realloc(heap, h->at, size, &request);
    if (at == NULL) {
        REQUIRE(tarn_heap_recognise(heap, h->at) == TARN_OK);
        done.refused++;
        return;
    }
    done.moves += at != h->at ? 1u : 0u;
    held moved = *h;
    moved.at = at;
    require_bytes(&moved, size < h->usable ? size : h->usable);
    take_over(h, at, size, &request);
    done.resizes++;
}

static void resize(held *h)
{
    size_t size = random_size();
    size_t kept = size < h->usable ? size : h->usable;
    if (tarn_heap_resize(heap, h->at, size) == TARN_OK) {
        require_bytes(h, kept);
        h->size = size;
        h->usable = tarn_heap_usable(heap, h->at);
        REQUIRE(h->usable >= size);
        memset(h->at, h->fill, h->usable);
        done.resizes++;
    } else {
        REQUIRE(tarn_heap_usable(heap, h->at) == h->usable);
        done.refused++;
    }
}

static void give_back(held *h)
{
    require_bytes(h, h->usable);
    REQUIRE(tarn_heap_free(heap, h->at) == TARN_OK);
    REQUIRE(tarn_heap_free(heap, h->at) != TARN_OK);
    h->at = NULL;
    done.frees++;
}

/* ---- the whole ---- */

typedef struct seen {
    uint32_t blocks;
    uint64_t used;
} seen;

static bool see(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)region;
    (void)payload;
    seen *s = context;
    if (block->state != TARN_BLOCK_FREE) {
        s->blocks++;
        s->used += block->size;
    }
    return true;
}

static void verify(void)
{
    tarn_heap_finding finding;
    tarn_stats stats;
    seen walked = {0, 0};
    uint32_t live = 0;
    REQUIRE(tarn_heap_check(heap, NULL, &finding) == TARN_OK);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (blocks[i].at != NULL) {
            require_bytes(&blocks[i], blocks[i].usable);
            live++;
        }
    }
    REQUIRE(tarn_heap_stats(heap, NULL, &stats) == TARN_OK);
    REQUIRE(tarn_heap_walk(heap, NULL, see, &walked) == TARN_OK);
    REQUIRE(stats.blocks == live && walked.blocks == live && stats.used == walked.used);
    REQUIRE(stats.used + stats.free == stats.capacity && stats.peak >= stats.used);
    highest_used = stats.used > highest_used ? stats.used : highest_used;
    REQUIRE(stats.peak >= highest_used);
    done.checks++;
}

static void random_step(void)
{
    held *h = &blocks[below(BLOCKS)];
    uint32_t index = below(PLACES);
    uint32_t what = below(100);
    if (what < 3) {
        if (places[index].present) {
            remove_region(index);
        } else {
            add_region(index);
        }
    } else if (h->at == NULL) {
        allocate(h);
    } else if (what < 30) {
        reallocate(h);
    } else if (what < 40) {
        resize(h);
    } else {
        give_back(h);
    }
}

static void drain(void)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (blocks[i].at != NULL) {
            give_back(&blocks[i]);
        }
    }
    tarn_stats stats;
    REQUIRE(tarn_heap_stats(heap, NULL, &stats) == TARN_OK);
    REQUIRE(stats.used == 0 && stats.blocks == 0);
    for (uint32_t i = 0; i < PLACES; i++) {
        if (places[i].present) {
            remove_region(i);
            REQUIRE(!places[i].present);
        }
    }
}

static void heaps_agree_with_their_shadow(void **state)
{
    (void)state;
    chance = prng_make(test_seed(), 31);
    make_places();
    assert_int_equal(tarn_heap_init(&heap, heap_memory, sizeof heap_memory), TARN_OK);
    uint64_t steps = test_scaled(2000000);
    for (step = 1; step <= steps; step++) {
        random_step();
        if (step % 2000 == 0) {
            verify();
        }
        if (step % 10000 == 0) {
            drain();
        }
    }
    verify();
    drain();
    drop_places();
    printf("  seed %llu: %llu steps; %llu allocations (%llu with lines), %llu refused, %llu frees, %llu resized, %llu "
           "moved; regions: %llu added, %llu removed, %llu kept because in use; %llu full checks\n",
           (unsigned long long)test_seed(), (unsigned long long)steps, (unsigned long long)done.allocs,
           (unsigned long long)done.lines, (unsigned long long)done.refused, (unsigned long long)done.frees,
           (unsigned long long)done.resizes, (unsigned long long)done.moves, (unsigned long long)done.added,
           (unsigned long long)done.removed, (unsigned long long)done.kept, (unsigned long long)done.checks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(heaps_agree_with_their_shadow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
