/* SPDX-License-Identifier: MIT */
/*
 * What a heap and a block cost, beside the sizes that mattconte/tlsf 3.1 publishes. The figures of this side are
 * measured on real heaps and are the same on 32 and 64 bits; those of the other are computed from its constants.
 *
 * With --table it prints docs/tables/phytium-cost.md instead.
 */
#define _DEFAULT_SOURCE

#include "test.h"

#include <sys/mman.h>

#include "fmempory_pool.h"
#include "tarn/regions.h"

/* mattconte/tlsf 3.1, as published. */
typedef struct published {
    unsigned long control, pool, block, minimum, alignment;
} published;

static const published wide = {6536, 16, 8, 24, 8};
static const published narrow = {3188, 8, 4, 12, 4};

static const size_t heaps[] = {2048, 4096, 5000, 9000, 16384, 65536, 1 << 20, 4 << 20, 64 << 20};
enum { HEAPS = sizeof heaps / sizeof heaps[0], MAPPED = 64 << 20 };

static unsigned char *memory;

static int map_memory(void)
{
    memory = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return memory != MAP_FAILED ? 0 : 1;
}

/* The largest request that a fresh heap of so many bytes serves; 0 if there can be no such heap. */
static unsigned long measured(size_t bytes)
{
    tlsf_t tlsf = tlsf_create_with_pool(memory, bytes);
    return (unsigned long)tarn_heap_largest((tarn_heap *)tlsf, NULL);
}

static unsigned long computed(const published *p, size_t bytes)
{
    unsigned long least = p->control + p->pool + p->minimum;
    return bytes < least ? 0 : ((unsigned long)bytes - p->control - p->pool) / p->alignment * p->alignment;
}

static unsigned long cost_of(size_t size)
{
    tarn_stats stats;
    tlsf_t tlsf = tlsf_create_with_pool(memory, 65536);
    (void)tlsf_malloc(tlsf, size);
    (void)tarn_heap_stats((tarn_heap *)tlsf, NULL, &stats);
    return (unsigned long)stats.used;
}

static unsigned long computed_cost(const published *p, size_t size)
{
    unsigned long rounded = ((unsigned long)size + p->alignment - 1) / p->alignment * p->alignment;
    return (rounded < p->minimum ? p->minimum : rounded) + p->block;
}

/* FMempInit() of the original takes 20 bytes for its list node first. */
static unsigned long computed_fmemp(const published *p, size_t bytes)
{
    unsigned long whole = computed(p, bytes);
    return whole == 0 ? 0 : whole - computed_cost(p, 20);
}

/* In a buffer aligned to 4, as the SDK's example has it. */
static unsigned long measured_fmemp(size_t bytes)
{
    FMemp memp;
    memset(&memp, 0, sizeof memp);
    (void)FMempInit(&memp, memory + 4, memory + 4 + bytes);
    unsigned long largest = (unsigned long)tarn_heap_largest((tarn_heap *)memp.tlsf_ptr, NULL);
    FMempDeinit(&memp);
    return largest;
}

static void row(const char *what, unsigned long here, unsigned long there64, unsigned long there32)
{
    printf("| %s | %lu | %lu | %lu |\n", what, here, there64, there32);
}

static int print_table(void)
{
    char what[80];
    printf("| bytes | tarn, 32 and 64 bits | mattconte/tlsf, 64 bits | 32 bits |\n|---|---|---|---|\n");
    row("control structure, `tlsf_size()`", (unsigned long)tlsf_size(), wide.control, narrow.control);
    row("region, at most, but for a map above 1 MiB, `tlsf_pool_overhead()`", (unsigned long)tlsf_pool_overhead(),
        wide.pool, narrow.pool);
    row("block, `tlsf_alloc_overhead()`", (unsigned long)tlsf_alloc_overhead(), wide.block, narrow.block);
    row("smallest block holds, `tlsf_block_size_min()`", (unsigned long)tlsf_block_size_min(), wide.minimum,
        narrow.minimum);
    const size_t requests[] = {1, 12, 20, 24, 100, 1000};
    for (uint32_t i = 0; i < 6; i++) {
        (void)snprintf(what, sizeof what, "a request for %u takes", (unsigned)requests[i]);
        row(what, cost_of(requests[i]), computed_cost(&wide, requests[i]), computed_cost(&narrow, requests[i]));
    }
    for (uint32_t i = 0; i < HEAPS; i++) {
        (void)snprintf(what, sizeof what, "a heap in %lu serves at once", (unsigned long)heaps[i]);
        row(what, measured(heaps[i]), computed(&wide, heaps[i]), computed(&narrow, heaps[i]));
    }
    for (size_t bytes = 5000; bytes <= 9000; bytes += 4000) {
        (void)snprintf(what, sizeof what, "an FMemp in %u serves at once", (unsigned)bytes);
        row(what, measured_fmemp(bytes), computed_fmemp(&wide, bytes), computed_fmemp(&narrow, bytes));
    }
    return 0;
}

/* Covers: tlsf_size tlsf_pool_overhead tlsf_alloc_overhead P17 */
static void a_heap_up_to_1_mib_serves_more_than_the_original(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < HEAPS; i++) {
        unsigned long here = measured(heaps[i]);
        tlsf_t tlsf = tlsf_create_with_pool(memory, heaps[i]);
        assert_non_null(tlsf_malloc(tlsf, here));
        tlsf = tlsf_create_with_pool(memory, heaps[i]);
        assert_null(tlsf_malloc(tlsf, here + 1));
        if (heaps[i] <= 1 << 20) {
            assert_true(here > computed(&wide, heaps[i]) && here > computed(&narrow, heaps[i]));
        } else {
            assert_true(here > heaps[i] - heaps[i] / 64 - 4096);
        }
    }
}

/* No request takes more than 64 bits' original; 32 bits' granule of 4 saves up to 4 bytes. Covers: P17 */
static void a_block_takes_what_the_table_says(void **state)
{
    (void)state;
    for (size_t size = 1; size < 400; size++) {
        unsigned long here = cost_of(size);
        assert_true(here == (size + 4 + 7) / 8 * 8 || (size <= 12 && here == 16));
        assert_true(here <= computed_cost(&wide, size));
        assert_true(here <= computed_cost(&narrow, size) + 4);
    }
}

int main(int argc, char **argv)
{
    if (map_memory() != 0) {
        return 1;
    }
    if (argc == 2 && strcmp(argv[1], "--table") == 0) {
        return print_table();
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heap_up_to_1_mib_serves_more_than_the_original),
        cmocka_unit_test(a_block_takes_what_the_table_says),
    };
    if (tlsf_size() > 1024) {
        printf("the figures are of heaps with TARN_TLSF_REGIONS of 37 at most\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
