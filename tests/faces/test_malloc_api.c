/* SPDX-License-Identifier: MIT */
/* The malloc face, function by function, with every refusal; linked in place of the C library's malloc. */
#define _DEFAULT_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KIB ((size_t)1024)
#define MIB (KIB * KIB)

/* Through these the compiler sees neither sizes that it would warn about nor pairs that it would remove. */
static volatile size_t number;
static void *volatile pointer;

static size_t hidden(size_t value)
{
    number = value;
    return number;
}

static void *seen(void *value)
{
    pointer = value;
    return pointer;
}

static size_t page(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void fill(void *block, size_t size, unsigned salt)
{
    unsigned char *bytes = block;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (unsigned char)(salt + i * 31u);
    }
}

static void assert_filled(const void *block, size_t size, unsigned salt)
{
    const unsigned char *bytes = block;
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(bytes[i], (unsigned char)(salt + i * 31u));
    }
}

static void assert_zero(const void *block, size_t size)
{
    const unsigned char *bytes = block;
    for (size_t i = 0; i < size; i++) {
        assert_int_equal(bytes[i], 0);
    }
}

static void assert_refused(void *block, int error)
{
    assert_null(seen(block));
    assert_int_equal(errno, error);
    errno = 0;
}

static size_t resident_bytes(void)
{
    unsigned long total, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &total, &resident), 2);
    (void)fclose(file);
    return resident * page();
}

/* Sizes that no pool can serve, in one process or ever. */
static const size_t too_large[] = {SIZE_MAX, SIZE_MAX - 15, (size_t)PTRDIFF_MAX + 1, PTRDIFF_MAX, PTRDIFF_MAX - 4096};
#define TOO_LARGE (sizeof too_large / sizeof too_large[0])

/* 16 - 4 usable bytes in the smallest block: no other allocator here answers so. */
static void the_heap_is_ours(void **state)
{
    (void)state;
    void *block = malloc(hidden(1));
    assert_int_equal(malloc_usable_size(block), 12);
    free(block);
}

static void malloc_gives_aligned_blocks_of_any_size(void **state)
{
    (void)state;
    for (size_t size = 0; size < 5 * KIB; size += size < 300 ? 1 : 97) {
        void *block = malloc(hidden(size));
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 16, 0);
        assert_true(malloc_usable_size(block) >= size);
        fill(block, malloc_usable_size(block), (unsigned)size);
        assert_filled(block, malloc_usable_size(block), (unsigned)size);
        free(block);
    }
}

static void requests_for_nothing_give_pointers_of_their_own(void **state)
{
    (void)state;
    void *a = malloc(hidden(0));
    void *b = malloc(hidden(0));
    void *c = calloc(hidden(0), 5);
    void *d = calloc(5, hidden(0));
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    assert_non_null(d);
    assert_true(a != b && a != c && a != d && b != c && b != d && c != d);
    free(a);
    free(b);
    free(c);
    free(d);
}

static void malloc_refuses_what_cannot_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < TOO_LARGE; i++) {
        assert_refused(malloc(hidden(too_large[i])), ENOMEM);
    }
}

static void calloc_gives_zeros_in_used_memory_too(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 12, 13, 100, 4096, 127 * 1024, 128 * 1024, 128 * 1024 + 1, 1000001, 5242883};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        void *dirty = malloc(hidden(sizes[i]));
        assert_non_null(dirty);
        memset(dirty, 0xA5, malloc_usable_size(dirty));
        free(seen(dirty));
        errno = 0;
        void *clean = calloc(hidden(sizes[i]), 1);
        assert_non_null(clean);
        assert_int_equal(errno, 0);
        assert_zero(clean, sizes[i]);
        free(clean);
    }
}

static void calloc_refuses_products_that_overflow(void **state)
{
    (void)state;
    assert_refused(calloc(hidden(SIZE_MAX / 2 + 1), 2), ENOMEM);
    assert_refused(calloc(2, hidden(SIZE_MAX / 2 + 1)), ENOMEM);
    assert_refused(calloc(hidden((size_t)1 << (sizeof(size_t) * 4)), (size_t)1 << (sizeof(size_t) * 4)), ENOMEM);
    for (size_t i = 0; i < TOO_LARGE; i++) {
        assert_refused(calloc(1, hidden(too_large[i])), ENOMEM);
        assert_refused(calloc(hidden(too_large[i]), 1), ENOMEM);
    }
}

static void a_large_calloc_is_not_resident_until_touched(void **state)
{
    (void)state;
    const size_t size = 256 * MIB;
    void *dirty = malloc(hidden(8 * MIB)); /* the table will cover memory that was used before */
    memset(dirty, 1, 8 * MIB);
    free(seen(dirty));
    size_t before = resident_bytes();
    unsigned char *table = calloc(hidden(size), 1);
    assert_non_null(table);
    size_t after = resident_bytes();
    print_message("calloc of %zu MiB: %zu KiB became resident\n", size / MIB,
                  after > before ? (after - before) / KIB : 0);
    assert_true(after < before + 4 * MIB);
    for (size_t i = 0; i < size; i += 1009) {
        assert_int_equal(table[i], 0);
    }
    free(table);
    (void)malloc_trim(0);
}

static void realloc_keeps_contents_both_ways(void **state)
{
    (void)state;
    unsigned char *block = NULL;
    size_t size = 0;
    for (size_t next = 1; next < 3 * MIB; next = next * 2 + 5) {
        void *wall = malloc(24); /* now and then something stands in the way */
        block = realloc(block, hidden(next));
        assert_non_null(block);
        assert_filled(block, size, 7);
        fill(block, next, 7);
        size = next;
        if (next % 3 != 0) {
            free(wall);
        }
    }
    for (; size > 1; size /= 3) {
        block = realloc(block, hidden(size));
        assert_non_null(block);
        assert_filled(block, size, 7);
    }
    free(block);
}

static void realloc_follows_glibc_at_the_edges(void **state)
{
    (void)state;
    void *block = realloc(NULL, hidden(100));
    assert_non_null(block);
    errno = 0;
    assert_null(realloc(block, hidden(0)));
    assert_int_equal(errno, 0);
    block = realloc(NULL, hidden(0));
    assert_non_null(block);
    free(block);
}

static void a_refused_realloc_leaves_the_block(void **state)
{
    (void)state;
    void *block = malloc(hidden(1000));
    fill(block, 1000, 3);
    for (size_t i = 0; i < TOO_LARGE; i++) {
        assert_refused(realloc(seen(block), hidden(too_large[i])), ENOMEM);
        assert_refused(reallocarray(seen(block), hidden(too_large[i]), 1), ENOMEM);
        assert_refused(realloc(NULL, hidden(too_large[i])), ENOMEM);
    }
    assert_refused(reallocarray(seen(block), hidden(SIZE_MAX / 2 + 1), 2), ENOMEM);
    assert_refused(reallocarray(seen(block), 3, hidden(SIZE_MAX / 2)), ENOMEM);
    assert_filled(block, 1000, 3);
    block = reallocarray(seen(block), hidden(50), 40);
    assert_non_null(block);
    assert_true(malloc_usable_size(block) >= 2000);
    assert_filled(block, 1000, 3);
    assert_null(reallocarray(seen(block), hidden(0), 40));
}

static void free_keeps_errno_and_takes_null(void **state)
{
    (void)state;
    errno = 1234;
    free(NULL);
    free(seen(malloc(hidden(10))));
    free(seen(malloc(hidden(10 * MIB))));
    assert_int_equal(errno, 1234);
}

static void assert_aligned_block(void *block, size_t alignment, size_t size)
{
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % alignment, 0);
    assert_true(malloc_usable_size(block) >= size);
    fill(block, size, (unsigned)alignment);
}

static void aligned_requests_are_aligned(void **state)
{
    (void)state;
    for (size_t alignment = 1; alignment <= 4 * MIB; alignment *= 2) {
        for (size_t size = 0; size < 10000; size = size * 7 + 1) {
            void *a = aligned_alloc(hidden(alignment), size);
            void *b = memalign(hidden(alignment), size);
            void *c = NULL;
            assert_aligned_block(a, alignment, size);
            assert_aligned_block(b, alignment, size);
            int failed = posix_memalign(&c, hidden(alignment < sizeof(void *) ? sizeof(void *) : alignment), size);
            assert_int_equal(failed, 0);
            assert_aligned_block(c, alignment, size);
            assert_filled(a, size, (unsigned)alignment);
            assert_filled(b, size, (unsigned)alignment);
            free(b);
            free(a);
            free(c);
        }
    }
}

static void aligned_alloc_refuses_other_alignments(void **state)
{
    (void)state;
    static const size_t bad[] = {0, 3, 12, 24, 4097, SIZE_MAX};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_refused(aligned_alloc(hidden(bad[i]), 16), EINVAL);
    }
    assert_refused(aligned_alloc(hidden(SIZE_MAX / 2 + 1), 16), ENOMEM);
    for (size_t i = 0; i < TOO_LARGE; i++) {
        assert_refused(aligned_alloc(64, hidden(too_large[i])), ENOMEM);
    }
}

static void posix_memalign_answers_and_touches_nothing_else(void **state)
{
    (void)state;
    static const size_t bad[] = {0, 1, 2, 3, 24, SIZE_MAX};
    char mine;
    void *block = &mine;
    errno = 1234;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(posix_memalign(&block, hidden(bad[i]), 16), EINVAL);
    }
    for (size_t i = 0; i < TOO_LARGE; i++) {
        assert_int_equal(posix_memalign(&block, 64, hidden(too_large[i])), ENOMEM);
    }
    assert_int_equal(posix_memalign(&block, hidden(SIZE_MAX / 2 + 1), 16), ENOMEM);
    assert_ptr_equal(block, &mine);
    assert_int_equal(errno, 1234);
}

static void memalign_rounds_its_alignment_up(void **state)
{
    (void)state;
    static const size_t asked[] = {0, 1, 3, 17, 33, 100, 4097};
    static const size_t given[] = {16, 16, 16, 32, 64, 128, 8192};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        void *block = memalign(hidden(asked[i]), 40);
        assert_aligned_block(block, given[i], 40);
        free(block);
    }
    assert_refused(memalign(hidden(SIZE_MAX), 40), EINVAL);
    assert_refused(memalign(hidden(SIZE_MAX / 2 + 2), 40), EINVAL);
    assert_refused(memalign(hidden(SIZE_MAX / 2 + 1), 40), ENOMEM);
    assert_refused(memalign(64, hidden(SIZE_MAX)), ENOMEM);
}

static void pages_come_from_valloc_and_pvalloc(void **state)
{
    (void)state;
    void *a = valloc(hidden(10));
    void *b = pvalloc(hidden(1));
    void *c = pvalloc(hidden(page() + 1));
    void *d = pvalloc(hidden(0));
    assert_aligned_block(a, page(), 10);
    assert_aligned_block(b, page(), page());
    assert_aligned_block(c, page(), 2 * page());
    assert_aligned_block(d, page(), 0);
    free(a);
    free(b);
    free(c);
    free(d);
    for (size_t i = 0; i < TOO_LARGE; i++) {
        assert_refused(valloc(hidden(too_large[i])), ENOMEM);
        assert_refused(pvalloc(hidden(too_large[i])), ENOMEM);
    }
}

static void a_size_can_be_asked_of_blocks_only(void **state)
{
    (void)state;
    char mine[32];
    char *block = malloc(hidden(100));
    assert_int_equal(malloc_usable_size(NULL), 0);
    assert_int_equal(malloc_usable_size(seen(block + 16)), 0);
    assert_int_equal(malloc_usable_size(seen(mine)), 0);
    assert_int_equal(malloc_usable_size(block), 108);
    free(block);
}

/* Every second one of many blocks is freed, so that trimming meets all kinds of neighbours. */
enum { TRIMMED = 400 };

static void trim_gives_pages_back_and_nothing_else(void **state)
{
    (void)state;
    static char *blocks[TRIMMED];
    static size_t sizes[TRIMMED];
    for (size_t i = 0; i < TRIMMED; i++) {
        sizes[i] = i % 7 == 0 ? 100 + i : 300 * KIB + i * 8;
        blocks[i] = malloc(hidden(sizes[i]));
        assert_non_null(blocks[i]);
        fill(blocks[i], sizes[i], (unsigned)i);
    }
    for (size_t i = 0; i < TRIMMED; i += 2) {
        free(blocks[i]);
    }
    size_t before = resident_bytes();
    errno = 1234;
    assert_int_equal(malloc_trim(0), 1);
    assert_int_equal(errno, 1234);
    size_t after = resident_bytes();
    print_message("malloc_trim: %zu KiB resident before, %zu KiB after\n", before / KIB, after / KIB);
    assert_true(before - after >= 40 * MIB);
    for (size_t i = 1; i < TRIMMED; i += 2) {
        assert_filled(blocks[i], sizes[i], (unsigned)i);
    }
    for (size_t i = 0; i < TRIMMED; i += 2) { /* the index of free blocks still works, and merging too */
        blocks[i] = malloc(hidden(sizes[i] - i % 50));
        assert_non_null(blocks[i]);
        fill(blocks[i], sizes[i] - i % 50, (unsigned)i);
    }
    for (size_t i = 0; i < TRIMMED; i++) {
        assert_filled(blocks[i], sizes[i] - (i % 2 == 0 ? i % 50 : 0), (unsigned)i);
        free(blocks[i]);
    }
    assert_int_equal(malloc_trim(SIZE_MAX), 1);
}

/* Shrinks a block in place so that the free rest begins on a page, where trimming starts to give back. */
static char *free_rest_at_a_page(size_t size)
{
    char *block = malloc(hidden(size));
    assert_non_null(block);
    char *wall = malloc(hidden(size)); /* keeps the rest apart from the free space behind */
    assert_int_equal((wall - block + 15) / 16, (ptrdiff_t)(malloc_usable_size(block) + 4 + 15) / 16);
    memset(block, 0xA5, size);
    size_t boundary = 64 * KIB - (uintptr_t)block % page();
    uintptr_t before = (uintptr_t)block;
    char *kept = realloc(block, boundary - 4);
    assert_int_equal((uintptr_t)kept, before);
    return kept + boundary;
}

static void trim_spares_what_the_pool_keeps_at_the_start_of_a_page(void **state)
{
    (void)state;
    enum { RESTS = 6 };
    char *rests[RESTS];
    for (size_t i = 0; i < RESTS; i++) {
        rests[i] = free_rest_at_a_page(MIB + i / 3 * 100 * KIB);
    }
    assert_int_equal(malloc_trim(0), 1);
    size_t met = 0;
    for (size_t i = 0; i < RESTS; i++) {
        char *block = malloc(hidden(900 * KIB));
        assert_non_null(block);
        for (size_t j = 0; j < RESTS; j++) {
            met += block == rests[j];
        }
    }
    assert_int_equal(met, RESTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_heap_is_ours),
        cmocka_unit_test(malloc_gives_aligned_blocks_of_any_size),
        cmocka_unit_test(requests_for_nothing_give_pointers_of_their_own),
        cmocka_unit_test(malloc_refuses_what_cannot_be),
        cmocka_unit_test(calloc_gives_zeros_in_used_memory_too),
        cmocka_unit_test(calloc_refuses_products_that_overflow),
        cmocka_unit_test(a_large_calloc_is_not_resident_until_touched),
        cmocka_unit_test(realloc_keeps_contents_both_ways),
        cmocka_unit_test(realloc_follows_glibc_at_the_edges),
        cmocka_unit_test(a_refused_realloc_leaves_the_block),
        cmocka_unit_test(free_keeps_errno_and_takes_null),
        cmocka_unit_test(aligned_requests_are_aligned),
        cmocka_unit_test(aligned_alloc_refuses_other_alignments),
        cmocka_unit_test(posix_memalign_answers_and_touches_nothing_else),
        cmocka_unit_test(memalign_rounds_its_alignment_up),
        cmocka_unit_test(pages_come_from_valloc_and_pvalloc),
        cmocka_unit_test(a_size_can_be_asked_of_blocks_only),
        cmocka_unit_test(trim_gives_pages_back_and_nothing_else),
        cmocka_unit_test(trim_spares_what_the_pool_keeps_at_the_start_of_a_page),
    };
    return cmocka_run_group_tests_name("malloc, function by function", tests, NULL, NULL);
}
