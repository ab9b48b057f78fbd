/* SPDX-License-Identifier: MIT */
/*
 * A program that uses malloc as firmware does, for run_ports.sh: on the system pool of ports/bare_malloc, before main()
 * too. Prints one line; the exit status is 0 if every answer was right.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "system_pool.h"
#include "tarn/inspect.h"

int posix_memalign(void **block, size_t alignment, size_t size);

static void *early;
static unsigned failures;
static unsigned calls;

static void expect(int right)
{
    calls++;
    failures += !right;
}

__attribute__((constructor)) static void before_main(void)
{
    early = malloc(24);
}

static int aligned_to(const void *block, size_t alignment)
{
    return block != NULL && (uintptr_t)block % alignment == 0;
}

static void each_function(void)
{
    char *bytes = malloc(10);
    expect(aligned_to(bytes, _Alignof(max_align_t)));
    memcpy(bytes, "123456789", 10);
    bytes = realloc(bytes, 300);
    expect(bytes != NULL && strcmp(bytes, "123456789") == 0);
    expect(malloc_usable_size(bytes) >= 300);
    unsigned char *zero = calloc(7, 9);
    for (size_t i = 0; zero != NULL && i < 63; i++) {
        expect(zero[i] == 0);
    }
    for (size_t alignment = 16; alignment <= 256; alignment *= 2) {
        void *block = memalign(alignment, 5);
        void *other = aligned_alloc(alignment, alignment);
        void *third = NULL;
        expect(aligned_to(block, alignment) && aligned_to(other, alignment));
        expect(posix_memalign(&third, alignment, 40) == 0 && aligned_to(third, alignment));
        free(block);
        free(other);
        free(third);
    }
    expect(realloc(bytes, 0) == NULL);
    free(zero);
}

static void each_refusal(void)
{
    char *block = malloc(64);
    volatile size_t huge = SIZE_MAX / 2u; /* volatile: a compiler sees the mistakes and warns */
    volatile size_t inside = 16;
    void *none = &failures;
    errno = 0;
    expect(malloc(huge) == NULL && errno == ENOMEM);
    expect(calloc(huge, 4) == NULL);
    errno = 0;
    expect(memalign(24, 8) == NULL && errno == EINVAL);
    expect(posix_memalign(&none, 2, 8) == EINVAL && none == &failures);
    free(block + inside); /* told, and nothing else */
    expect(tarn_check(tarn_system_pool(), NULL) == TARN_OK);
    free(block);
}

int main(void)
{
    tarn_stats before;
    tarn_stats after;
    expect(early != NULL);
    tarn_stats_get(tarn_system_pool(), &before);
    each_function();
    each_refusal();
    tarn_stats_get(tarn_system_pool(), &after);
    expect(before.used == after.used);
    printf("malloc: %u calls, %u wrong, pool of %lu bytes\n", calls, failures, (unsigned long)after.bytes);
    return failures != 0;
}
