/* SPDX-License-Identifier: MIT */
/* tlsf.h: heaps, regions, blocks, limits, walking and checking. */
#include "test_phytium.h"

#include <sys/mman.h>

#include "tarn/regions.h"

static tlsf_t made(size_t bytes)
{
    tlsf_t tlsf = tlsf_create_with_pool(buffer, bytes);
    assert_ptr_equal(tlsf, buffer);
    return tlsf;
}

static size_t used_now(tlsf_t tlsf)
{
    tarn_stats stats;
    assert_int_equal(tarn_heap_stats((tarn_heap *)tlsf, NULL, &stats), TARN_OK);
    return (size_t)stats.used;
}

/* ---- heaps ---- */

/* Covers: tlsf_t pool_t tlsf_create tlsf_create_with_pool tlsf_destroy T8 */
static void create_refuses_what_cannot_be_a_heap(void **state)
{
    (void)state;
    memset(buffer, 0xCD, sizeof buffer);
    catch_output();
    tlsf_t none = tlsf_create(NULL);
    tlsf_t odd = tlsf_create(buffer + 1);
    tlsf_t odd_pool = tlsf_create_with_pool(buffer + 2, 9000);
    tlsf_t none_pool = tlsf_create_with_pool(NULL, 9000);
    const char *said = caught_output();
    assert_null(none);
    assert_null(odd);
    assert_null(odd_pool);
    assert_null(none_pool);
    const char *line = expected("[ERR] tlsf_create: %p: the address is not a multiple of %zu (tlsf_align_size())\n",
                                (void *)(buffer + 1), tlsf_align_size());
    assert_non_null(strstr(said, line));
    line = expected("[ERR] tlsf_create_with_pool: %p: the address is not a multiple of %zu (tlsf_align_size())\n",
                    (void *)(buffer + 2), tlsf_align_size());
    assert_non_null(strstr(said, line));
    for (size_t i = 0; i < sizeof buffer; i++) {
        assert_int_equal(buffer[i], 0xCD);
    }
    assert_ptr_equal(tlsf_create(buffer), buffer);
    for (size_t i = tlsf_size(); i < sizeof buffer; i++) {
        assert_int_equal(buffer[i], 0xCD);
    }
    tlsf_destroy(buffer);
    tlsf_destroy(NULL);
    assert_null(tlsf_malloc(buffer, 8));
}

/* Never a byte outside, never a handle without a region. Covers: tlsf_create_with_pool T3 */
static void create_with_pool_of_every_size_works_or_is_null(void **state)
{
    (void)state;
    size_t least = 0;
    for (size_t bytes = 0; bytes < 1400; bytes++) {
        memset(buffer, 0xCD, 2048);
        catch_output();
        tlsf_t tlsf = tlsf_create_with_pool(buffer, bytes);
        (void)caught_output();
        if (tlsf != NULL) {
            least = least == 0 ? bytes : least;
            assert_non_null(tlsf_malloc(tlsf, 1));
            assert_int_equal(tlsf_check(tlsf), 0);
        }
        for (size_t i = tlsf == NULL ? 0 : bytes; i < 2048; i++) {
            assert_int_equal(buffer[i], 0xCD);
        }
    }
    printf("  smallest heap with a region: %zu bytes\n", least);
    assert_in_range(least, tlsf_size() + 50, tlsf_size() + 200);
    catch_output();
    assert_null(tlsf_create_with_pool(buffer, 10));
    assert_said(expected("it takes %zu\n", least));
}

/* Where addresses end before 2 GiB do. Covers: tlsf_create_with_pool */
static void a_range_that_wraps_leaves_no_heap(void **state)
{
    (void)state;
    size_t bytes = (size_t)0x7FFFF000u;
    unsigned char *memory = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    if ((uintptr_t)memory + bytes > (uintptr_t)memory) {
        skip();
    }
    catch_output();
    tlsf_t tlsf = tlsf_create_with_pool(memory, bytes);
    assert_said("[ERR] tlsf_create_with_pool: ");
    assert_null(tlsf);
    assert_int_equal(tlsf_check(memory), -1);
    assert_int_equal(munmap(memory, 65536), 0);
}

/* Covers: tlsf_create_with_pool tlsf_destroy */
static void a_buffer_becomes_a_heap_again_without_an_end(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 50; i++) {
        tlsf_t tlsf = made(9000);
        while (tlsf_malloc(tlsf, 64 + i) != NULL) {
        }
        assert_int_equal(tlsf_check(tlsf), 0);
    }
}

/* ---- regions ---- */

/* Covers: tlsf_get_pool tlsf_add_pool tlsf_remove_pool T4 T5 */
static void regions_come_and_go(void **state)
{
    (void)state;
    need_regions(2);
    tlsf_t tlsf = tlsf_create(buffer);
    assert_null(tlsf_get_pool(tlsf));
    assert_null(tlsf_malloc(tlsf, 8));
    unsigned char *first = buffer + 4096, *second = buffer + 65536;
    assert_ptr_equal(tlsf_add_pool(tlsf, first, 8192), first);
    assert_ptr_equal(tlsf_add_pool(tlsf, second, 8192), second);
    assert_ptr_equal(tlsf_get_pool(tlsf), first);
    void *a = tlsf_malloc(tlsf, 6000);
    void *b = tlsf_malloc(tlsf, 6000);
    assert_true((unsigned char *)a < second && (unsigned char *)b > second);
    catch_output();
    tlsf_remove_pool(tlsf, first);
    assert_said("tlsf_remove_pool: ");
    assert_ptr_equal(tlsf_get_pool(tlsf), first);
    tlsf_free(tlsf, a);
    tlsf_remove_pool(tlsf, first);
    memset(first, 0xFF, 8192);
    assert_ptr_equal(tlsf_get_pool(tlsf), second);
    assert_null(tlsf_malloc(tlsf, 6000));
    tlsf_free(tlsf, b);
    tlsf_remove_pool(tlsf, second);
    catch_output();
    tlsf_remove_pool(tlsf, second);
    tlsf_remove_pool(NULL, second);
    assert_string_equal(caught_output(), expected("[ERR] tlsf_remove_pool: %p: no region of this heap begins there\n"
                                                  "[ERR] tlsf_remove_pool: %p: the heap is NULL\n",
                                                  (void *)second, (void *)second));
    assert_null(tlsf_get_pool(tlsf));
    assert_null(tlsf_get_pool(NULL));
}

/* Covers: tlsf_add_pool */
static void add_pool_refuses_what_cannot_be_a_region(void **state)
{
    (void)state;
    need_regions(2);
    tlsf_t tlsf = made(9000);
    const struct {
        void *mem;
        size_t bytes;
        const char *why;
    } bad[] = {
        {NULL, 4096, "NULL"},
        {buffer + 16385, 4096, "not a multiple of"},
        {buffer + 16384, 0, "0 bytes are too few, it takes "},
        {buffer + 16384, 40, "40 bytes are too few, it takes "},
        {buffer + 1024, 4096, "overlaps the heap itself or another region of it"},
        {buffer, 200, "overlaps the heap itself or another region of it"},
        {buffer + 16384, ((size_t)1 << 31) + 4096, "a region is 2 GiB at most"},
        {buffer + 16384, SIZE_MAX, "a region is 2 GiB at most"},
    };
    for (uint32_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        catch_output();
        pool_t pool = tlsf_add_pool(tlsf, bad[i].mem, bad[i].bytes);
        assert_said(bad[i].why);
        assert_ptr_equal(strstr(printed, "[ERR] tlsf_add_pool: "), printed);
        assert_null(pool);
    }
    catch_output();
    assert_null(tlsf_add_pool(NULL, buffer + 16384, 4096));
    (void)caught_output();
    assert_int_equal(tlsf_check(tlsf), 0);
}

/* N + pool_overhead serves N up to 1 MiB, and with N / 63 more beyond; block_size_min + pool_overhead is accepted.
 * Covers: tlsf_pool_overhead */
static void pool_overhead_is_enough_for_every_region(void **state)
{
    (void)state;
    static const size_t sizes[] = {1,     12,    13,     100,    1000,    4096,    16000,   16384,   20000,   60000,
                                   65536, 70000, 131072, 200000, 1047000, 1048576, 1049061, 5000000, 16000000};
    size_t room = 16500000;
    unsigned char *memory =
        mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(memory != MAP_FAILED);
    for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t off = 0; off < 16; off += sizeof(void *)) {
            for (size_t more = 0; more < 8; more++) {
                tlsf_t tlsf = tlsf_create(buffer);
                size_t bytes = sizes[i] + more;
                size_t region = bytes + tlsf_pool_overhead();
                region += region > 1u << 20 ? bytes / 63u : 0;
                assert_non_null(tlsf_add_pool(tlsf, memory + off, region));
                assert_non_null(tlsf_malloc(tlsf, bytes));
            }
        }
    }
    tlsf_t tlsf = tlsf_create(buffer);
    assert_non_null(tlsf_add_pool(tlsf, memory, tlsf_block_size_min() + tlsf_pool_overhead()));
    assert_int_equal(munmap(memory, room), 0);
}

/* Covers: tlsf_add_pool tlsf_size T9 */
static void a_heap_takes_as_many_regions_as_configured(void **state)
{
    (void)state;
    tlsf_t tlsf = tlsf_create(buffer);
    size_t configured = (tlsf_size() - 40) / 26;
    size_t added = 0;
    while (added < 100 && 4096 + (added + 1) * 512 <= sizeof buffer) {
        catch_output();
        pool_t pool = tlsf_add_pool(tlsf, buffer + 4096 + added * 512, 512);
        (void)caught_output();
        if (pool == NULL) {
            break;
        }
        added++;
    }
    assert_int_equal(added, configured);
    printf("  regions of one heap: %zu\n", added);
}

/* ---- blocks ---- */

/* Covers: tlsf_malloc tlsf_block_size tlsf_block_size_min tlsf_alloc_overhead T1 P17 */
static void malloc_serves_what_fits_and_refuses_what_wraps(void **state)
{
    (void)state;
    tlsf_t tlsf = made(BUFFER_BYTES);
    assert_null(tlsf_malloc(tlsf, 0));
    assert_null(tlsf_malloc(NULL, 8));
    for (size_t size = 1; size < 300; size++) {
        size_t before = used_now(tlsf);
        unsigned char *block = tlsf_malloc(tlsf, size);
        size_t holds = tlsf_block_size(block);
        assert_int_equal((uintptr_t)block % 8, 0);
        assert_true(holds >= size && holds >= tlsf_block_size_min());
        assert_true(holds < size + 8 || holds == tlsf_block_size_min());
        assert_int_equal(used_now(tlsf) - before, holds + tlsf_alloc_overhead());
        memset(block, 0x33, holds);
    }
    for (size_t less = 0; less < 40; less++) {
        assert_null(tlsf_malloc(tlsf, SIZE_MAX - less));
    }
    assert_null(tlsf_malloc(tlsf, tlsf_block_size_max()));
    assert_null(tlsf_malloc(tlsf, tlsf_block_size_max() + 1));
    assert_int_equal(tlsf_check(tlsf), 0);
}

/* Covers: tlsf_memalign T7 */
static void memalign_takes_powers_of_two(void **state)
{
    (void)state;
    tlsf_t tlsf = made(BUFFER_BYTES);
    for (size_t align = 1; align <= 8192; align *= 2) {
        for (size_t size = 1; size < 200; size += 37) {
            void *block = tlsf_memalign(tlsf, align, size);
            assert_non_null(block);
            assert_int_equal((uintptr_t)block % align, 0);
            assert_true(tlsf_block_size(block) >= size && tlsf_block_size(block) >= tlsf_block_size_min());
        }
    }
    assert_non_null(tlsf_memalign(tlsf, 0, 8));
    assert_null(tlsf_memalign(tlsf, 8, 0));
    assert_null(tlsf_memalign(tlsf, 3, 8));
    assert_null(tlsf_memalign(tlsf, 24, 8));
    assert_null(tlsf_memalign(tlsf, 4096, SIZE_MAX));
    assert_null(tlsf_memalign(tlsf, SIZE_MAX / 2 + 1, 4096));
    assert_int_equal(tlsf_check(tlsf), 0);
}

/* Covers: tlsf_realloc T2 */
static void realloc_beyond_the_limit_leaves_the_block_untouched(void **state)
{
    (void)state;
    tlsf_t tlsf = made(BUFFER_BYTES);
    assert_null(tlsf_realloc(tlsf, NULL, 0));
    unsigned char *block = tlsf_realloc(tlsf, NULL, 100);
    memset(block, 0x5C, 100);
    void *wall = tlsf_malloc(tlsf, 8);
    const size_t beyond[] = {tlsf_block_size_max(), tlsf_block_size_max() + 1, SIZE_MAX, SIZE_MAX - 3, SIZE_MAX - 7,
                             BUFFER_BYTES};
    for (uint32_t i = 0; i < 6; i++) {
        assert_null(tlsf_realloc(tlsf, block, beyond[i]));
        assert_int_equal(tlsf_block_size(block), 100);
        for (uint32_t b = 0; b < 100; b++) {
            assert_int_equal(block[b], 0x5C);
        }
    }
    unsigned char *moved = tlsf_realloc(tlsf, block, 5000);
    assert_int_equal(moved[99], 0x5C);
    assert_ptr_equal(tlsf_realloc(tlsf, moved, 50), moved);
    assert_ptr_equal(tlsf_realloc(tlsf, moved, 1), moved);
    assert_true(tlsf_block_size(moved) >= tlsf_block_size_min());
    assert_ptr_equal(tlsf_realloc(tlsf, moved, 4000), moved);
    assert_null(tlsf_realloc(tlsf, moved, 0));
    catch_output();
    assert_null(tlsf_realloc(tlsf, moved, 10));
    assert_said("tlsf_realloc");
    tlsf_free(tlsf, wall);
    assert_int_equal(used_now(tlsf), 0);
    assert_int_equal(tlsf_check(tlsf), 0);
}

/* Covers: tlsf_realloc tlsf_add_pool */
static void realloc_moves_to_a_region_with_room(void **state)
{
    (void)state;
    need_regions(2);
    tlsf_t tlsf = made(9000);
    assert_non_null(tlsf_add_pool(tlsf, buffer + 32768, 65536));
    unsigned char *block = tlsf_malloc(tlsf, 5000);
    memset(block, 0x21, 5000);
    unsigned char *moved = tlsf_realloc(tlsf, block, 40000);
    assert_true(moved > buffer + 32768);
    for (uint32_t i = 0; i < 5000; i++) {
        assert_int_equal(moved[i], 0x21);
    }
    tlsf_free(tlsf, moved);
    assert_int_equal(used_now(tlsf), 0);
}

/* Covers: tlsf_free T11 */
static void free_refuses_what_is_no_block_aloud(void **state)
{
    (void)state;
    tlsf_t tlsf = made(9000);
    unsigned char *block = tlsf_malloc(tlsf, 100);
    tlsf_free(tlsf, NULL);
    void *const bad[] = {block + 8, block + 4, buffer, &state, buffer + 20000};
    for (uint32_t i = 0; i < 5; i++) {
        catch_output();
        tlsf_free(tlsf, bad[i]);
        assert_said("[ERR] tlsf_free: ");
    }
    catch_output();
    tlsf_free(NULL, block);
    tlsf_free(buffer + 32768, block);
    assert_string_equal(caught_output(), expected("[ERR] tlsf_free: %p: the heap is NULL\n"
                                                  "[ERR] tlsf_free: %p: the heap is none, or has ended\n",
                                                  (void *)block, (void *)block));
    tlsf_free(tlsf, block);
    catch_output();
    tlsf_free(tlsf, block);
    assert_said("already free");
    assert_int_equal(used_now(tlsf), 0);
}

/* In regions of every width of header, against what the heap itself says. Covers: tlsf_block_size */
static void block_size_is_right_without_a_heap(void **state)
{
    (void)state;
    static const size_t sizes[] = {1000, 16384, 17000, 131072, 140000, 1048576, 1100000, 200000000};
    unsigned char *memory =
        mmap(NULL, 200000000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    assert_true(memory != MAP_FAILED);
    assert_int_equal(tlsf_block_size(NULL), 0);
    for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        tlsf_t tlsf = tlsf_create(buffer);
        assert_non_null(tlsf_add_pool(tlsf, memory, sizes[i]));
        for (size_t size = 1; size < sizes[i] / 3; size = size * 2 + 1) {
            void *block = tlsf_memalign(tlsf, size % 64 == 63 ? 64 : 0, size);
            assert_non_null(block);
            assert_int_equal(tlsf_block_size(block), tarn_heap_usable((tarn_heap *)tlsf, block));
            tlsf_free(tlsf, block);
        }
        assert_int_equal(tlsf_check(tlsf), 0);
    }
    assert_int_equal(munmap(memory, 200000000), 0);
}

typedef struct walked {
    tlsf_t tlsf;
    void *blocks[64];
    size_t sizes[64];
    uint32_t used;
    uint32_t free;
    uintptr_t last;
} walked;

static void note(void *ptr, size_t size, int used, void *user)
{
    walked *w = user;
    assert_true((uintptr_t)ptr > w->last);
    w->last = (uintptr_t)ptr;
    if (used != 0) {
        w->blocks[w->used] = ptr;
        w->sizes[w->used++] = size;
    } else {
        w->free++;
    }
}

/* Regions with capabilities, added by the interface of heaps: each function of tlsf.h knows their blocks; what would
 * take the width from their headers is refused. Covers: tlsf_block_size tlsf_walk_pool tlsf_check_pool */
static void regions_added_as_to_any_heap_tell_their_blocks(void **state)
{
    (void)state;
    need_regions(2);
    tlsf_t tlsf = made(9000);
    FMemp memp;
    memset(&memp, 0, sizeof memp);
    assert_int_equal(FMempInit(&memp, buffer + 65536, buffer + 65536 + 9000), FMEMP_SUCCESS);
    tarn_heap *const heaps[] = {(tarn_heap *)tlsf, (tarn_heap *)memp.tlsf_ptr};
    static const uint32_t fast[] = {TARN_CAP_FAST};
    for (uint32_t i = 0; i < 2; i++) {
        unsigned char *memory = buffer + 32768 + 65536 * i;
        tarn_region_options bad[4];
        memset(bad, 0, sizeof bad);
        bad[0].line = 64;
        bad[1].pool.extension_words = 1;
        bad[2].pool.granule = 16;
        bad[3].pool.granule = 4;
        for (uint32_t b = 0; b < 4; b++) {
            assert_int_equal(tarn_heap_add(heaps[i], memory, 16384, &bad[b]), TARN_E_ARGUMENT);
        }
        tarn_region_options options;
        tarn_request request;
        memset(&options, 0, sizeof options);
        memset(&request, 0, sizeof request);
        options.capabilities = TARN_CAP_FAST;
        request.capabilities = fast;
        request.count = 1;
        assert_int_equal(tarn_heap_add(heaps[i], memory, 16384, &options), TARN_OK);
        for (size_t size = 1; size < 3000; size = size * 2 + 1) {
            void *block = tarn_heap_alloc(heaps[i], size, &request);
            assert_true((uintptr_t)block - (uintptr_t)memory < 16384);
            assert_int_equal(tlsf_block_size(block), tarn_heap_usable(heaps[i], block));
            memset(block, 0x55, tlsf_block_size(block));
        }
        walked w = {tlsf, {NULL}, {0}, 0, 0, 0};
        tlsf_walk_pool(memory, note, &w);
        assert_int_equal(w.used, 11);
        assert_int_equal(tlsf_check_pool(memory), 0);
        assert_int_equal(tlsf_check(heaps[i]), 0);
    }
    FMempDeinit(&memp);
}

/* ---- limits ---- */

/* Covers: tlsf_size tlsf_align_size tlsf_block_size_min tlsf_block_size_max tlsf_pool_overhead tlsf_alloc_overhead */
static void limits_are_what_the_pages_say(void **state)
{
    (void)state;
    assert_int_equal(tlsf_alloc_overhead(), 4);
    assert_int_equal(tlsf_align_size(), sizeof(void *));
    assert_int_equal(tlsf_block_size_min(), 12);
    assert_int_equal(tlsf_block_size_max(), 0x7FFFFFFCu);
    assert_true(tlsf_size() < 3188);
    assert_true(tlsf_pool_overhead() < 1000);
}

/* ---- looking ---- */

static void free_each(void *ptr, size_t size, int used, void *user)
{
    walked *w = user;
    (void)size;
    if (used != 0) {
        tlsf_free(w->tlsf, ptr);
        w->used++;
    }
}

/* Covers: tlsf_walk_pool tlsf_walker */
static void a_walk_calls_for_every_block_and_may_free_it(void **state)
{
    (void)state;
    tlsf_t tlsf = made(9000);
    void *blocks[40];
    for (uint32_t i = 0; i < 40; i++) {
        blocks[i] = tlsf_malloc(tlsf, 20 + i);
    }
    tlsf_free(tlsf, blocks[7]);
    walked w = {tlsf, {NULL}, {0}, 0, 0, 0};
    tlsf_walk_pool(tlsf_get_pool(tlsf), note, &w);
    assert_int_equal(w.used, 39);
    assert_int_equal(w.free, 2);
    for (uint32_t i = 0; i < 39; i++) {
        assert_ptr_equal(w.blocks[i], blocks[i < 7 ? i : i + 1]);
        assert_int_equal(w.sizes[i], tlsf_block_size(w.blocks[i]));
    }
    w.used = 0;
    tlsf_walk_pool(tlsf_get_pool(tlsf), free_each, &w);
    assert_int_equal(w.used, 39);
    assert_int_equal(used_now(tlsf), 0);
    tlsf_walk_pool(NULL, note, &w);
    tlsf_walk_pool(buffer + 65536, note, &w);
}

/* Covers: tlsf_walk_pool */
static void a_walk_without_a_walker_prints(void **state)
{
    (void)state;
    tlsf_t tlsf = made(9000);
    unsigned char *block = tlsf_malloc(tlsf, 36);
    walked w = {tlsf, {NULL}, {0}, 0, 0, 0};
    tlsf_walk_pool(tlsf_get_pool(tlsf), note, &w);
    catch_output();
    tlsf_walk_pool(tlsf_get_pool(tlsf), NULL, NULL);
    const char *said = caught_output();
    const char *line = expected("\t%p used size: 24 (%p)\n\t", (void *)block, (void *)(block - 4));
    assert_int_equal(strncmp(said, line, strlen(line)), 0);
    assert_non_null(strstr(said, " free size: "));
}

/* Covers: tlsf_check tlsf_check_pool T6 */
static void a_check_counts_the_damaged_regions(void **state)
{
    (void)state;
    need_regions(3);
    tlsf_t tlsf = tlsf_create(buffer);
    unsigned char *blocks[3];
    for (uint32_t i = 0; i < 3; i++) {
        assert_non_null(tlsf_add_pool(tlsf, buffer + 4096 * (i + 1), 1024));
        blocks[i] = tlsf_malloc(tlsf, 600);
    }
    assert_int_equal(tlsf_check(tlsf), 0);
    assert_int_equal(tlsf_check(NULL), -1);
    assert_int_equal(tlsf_check_pool(NULL), -1);
    assert_int_equal(tlsf_check_pool(buffer + 65536), -1);
    memset(blocks[0] + 604, 0xFF, 4);
    assert_int_equal(tlsf_check(tlsf), -1);
    assert_int_equal(tlsf_check_pool(buffer + 4096), -1);
    assert_int_equal(tlsf_check_pool(buffer + 8192), 0);
    memset(blocks[2] + 604, 0xFF, 4);
    assert_int_equal(tlsf_check(tlsf), -2);
    tlsf = made(9000);
    buffer[43] ^= 1; /* the heap's table: where its region begins */
    assert_int_equal(tlsf_check_pool(buffer + tlsf_size()), 0);
    assert_int_equal(tlsf_check(tlsf), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_refuses_what_cannot_be_a_heap),
        cmocka_unit_test(create_with_pool_of_every_size_works_or_is_null),
        cmocka_unit_test(a_range_that_wraps_leaves_no_heap),
        cmocka_unit_test(a_buffer_becomes_a_heap_again_without_an_end),
        cmocka_unit_test(regions_come_and_go),
        cmocka_unit_test(add_pool_refuses_what_cannot_be_a_region),
        cmocka_unit_test(pool_overhead_is_enough_for_every_region),
        cmocka_unit_test(a_heap_takes_as_many_regions_as_configured),
        cmocka_unit_test(malloc_serves_what_fits_and_refuses_what_wraps),
        cmocka_unit_test(memalign_takes_powers_of_two),
        cmocka_unit_test(realloc_beyond_the_limit_leaves_the_block_untouched),
        cmocka_unit_test(realloc_moves_to_a_region_with_room),
        cmocka_unit_test(free_refuses_what_is_no_block_aloud),
        cmocka_unit_test(block_size_is_right_without_a_heap),
        cmocka_unit_test(regions_added_as_to_any_heap_tell_their_blocks),
        cmocka_unit_test(limits_are_what_the_pages_say),
        cmocka_unit_test(a_walk_calls_for_every_block_and_may_free_it),
        cmocka_unit_test(a_walk_without_a_walker_prints),
        cmocka_unit_test(a_check_counts_the_damaged_regions),
    };
    return is_unfit() ? 77 : cmocka_run_group_tests(tests, NULL, NULL);
}
