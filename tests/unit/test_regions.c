/* SPDX-License-Identifier: MIT */
/*
 * Heaps of several regions: the object, regions that come, leave and are looked at, function by function.
 */
#define _DEFAULT_SOURCE

#include "regions.h"

#include <pthread.h>
#include <sys/mman.h>

#include "tarn/port.h"

/* ---- the object ---- */

static void init_refuses_what_cannot_hold_a_heap(void **state)
{
    (void)state;
    tarn_heap *heap = (tarn_heap *)heap_memory;
    assert_int_equal(tarn_heap_init(NULL, heap_memory, sizeof heap_memory), TARN_E_NULL);
    assert_int_equal(tarn_heap_init(&heap, NULL, sizeof heap_memory), TARN_E_NULL);
    assert_null(heap);
    assert_int_equal(tarn_heap_init(&heap, heap_memory + 2, sizeof heap_memory - 2), TARN_E_MISALIGNED);
    assert_int_equal(tarn_heap_init(&heap, heap_memory, TARN_HEAP_BYTES(1) - 1), TARN_E_TOO_SMALL);
    assert_null(heap);
    assert_int_equal(tarn_heap_init(&heap, heap_memory, TARN_HEAP_BYTES(1)), TARN_OK);
}

static void every_call_refuses_what_is_no_heap(void **state)
{
    (void)state;
    static _Alignas(8) unsigned char garbage[TARN_HEAP_BYTES(2)];
    memset(garbage, 0xA5, sizeof garbage);
    tarn_heap *ended = make_heap();
    assert_int_equal(tarn_heap_deinit(ended), TARN_OK);
    tarn_heap *const none[] = {NULL, (tarn_heap *)garbage, (tarn_heap *)(garbage + 1), ended};
    for (uint32_t i = 0; i < 4; i++) {
        tarn_heap *heap = none[i];
        tarn_status status = i == 0 ? TARN_E_NULL : TARN_E_NOT_A_POOL;
        tarn_stats stats;
        tarn_region region;
        assert_int_equal(tarn_heap_deinit(heap), status);
        assert_int_equal(tarn_heap_add(heap, memory[0], REGION, NULL), status);
        assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), status);
        assert_null(tarn_heap_alloc(heap, 8, NULL));
        assert_null(tarn_heap_calloc(heap, 1, 8, NULL));
        assert_null(tarn_heap_realloc(heap, memory[0], 8, NULL));
        assert_int_equal(tarn_heap_resize(heap, memory[0], 8), status);
        assert_int_equal(tarn_heap_free(heap, memory[0]), status);
        assert_int_equal(tarn_heap_recognise(heap, memory[0]), status);
        assert_int_equal(tarn_heap_usable(heap, memory[0]), 0);
        assert_int_equal(tarn_heap_owner_set(heap, memory[0], 1), status);
        assert_false(tarn_heap_region(heap, 0, &region));
        assert_int_equal(tarn_heap_region_of(heap, memory[0], &region), status);
        assert_int_equal(tarn_heap_stats(heap, NULL, &stats), status);
        assert_int_equal(tarn_heap_peak_reset(heap), status);
        assert_int_equal(tarn_heap_largest(heap, NULL), 0);
        assert_int_equal(tarn_heap_check(heap, NULL, NULL), status);
    }
}

static void a_heap_without_regions_serves_nothing(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    assert_null(tarn_heap_alloc(heap, 1, NULL));
    assert_int_equal(tarn_heap_largest(heap, NULL), 0);
    assert_int_equal(used_bytes(heap), 0);
    assert_int_equal(tarn_heap_free(heap, memory[0]), TARN_E_FOREIGN);
    assert_heap_sound(heap);
}

/* ---- adding ---- */

static void add_refuses_overlap_and_leaves_memory_alone(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    add(heap, 1, NULL);
    memset(memory[0], 0x5A, REGION);
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION + 1, NULL), TARN_E_OVERLAP);
    assert_int_equal(memory[0][0], 0x5A);
    assert_int_equal(tarn_heap_add(heap, memory[1], REGION, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(heap, memory[1] + 512, 1024, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(heap, memory[1] + REGION - 8, 1024, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(heap, heap_memory, sizeof heap_memory, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(heap, heap_memory + 16, 64, NULL), TARN_E_OVERLAP);
    add(heap, 0, NULL);
    add(heap, 2, NULL);
    assert_heap_sound(heap);
}

static void add_refuses_illegal_options(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    const uint32_t bad_lines[] = {1, 8, 24, 48, 8192};
    tarn_region_options options = {0};
    for (uint32_t i = 0; i < 5; i++) {
        options.line = bad_lines[i];
        assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    }
    options.line = 16;
    options.pool.extension_words = 4; /* 20 bytes in front of a payload do not fit a line of 16 */
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options = (tarn_region_options){0};
    options.line = 64;
    options.pool.granule = 4;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options = (tarn_region_options){0};
    options.rank = 256;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options = (tarn_region_options){0};
    options.pool.flags = TARN_POOL_UNLOCKED;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options = (tarn_region_options){0};
    options.pool.max_bytes = REGION;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_add(heap, NULL, REGION, NULL), TARN_E_NULL);
    assert_int_equal(tarn_heap_add(heap, memory[0], 16, NULL), TARN_E_TOO_SMALL);
    assert_int_equal(tarn_heap_add(heap, memory[0], SIZE_MAX, NULL), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_add_interface(heap, memory[0], REGION, NULL, TARN_REGIONS_INTERFACE + 1u),
                     TARN_E_INTERFACE);
}

static void the_table_is_as_large_as_its_memory(void **state)
{
    (void)state;
    tarn_heap *heap;
    assert_int_equal(tarn_heap_init(&heap, heap_memory, TARN_HEAP_BYTES(3)), TARN_OK);
    uint32_t added = 0;
    while (added < REGIONS && tarn_heap_add(heap, memory[added], REGION, NULL) == TARN_OK) {
        added++;
    }
    assert_int_equal(added, 3);
    assert_int_equal(tarn_heap_add(heap, memory[added], REGION, NULL), TARN_E_REGIONS_FULL);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, memory[added], REGION, NULL), TARN_OK);
    assert_heap_sound(heap);
}

static void a_full_table_writes_nothing_behind_its_memory(void **state)
{
    (void)state;
    static _Alignas(8) unsigned char fenced[TARN_HEAP_BYTES(REGIONS) + 16];
    for (uint32_t regions = 1; regions <= REGIONS; regions++) {
        tarn_heap *heap;
        size_t bytes = TARN_HEAP_BYTES(regions);
        memset(fenced, 0xC3, sizeof fenced);
        assert_int_equal(tarn_heap_init(&heap, fenced, bytes), TARN_OK);
        for (uint32_t i = 0; i < REGIONS; i++) {
            (void)tarn_heap_add(heap, memory[REGIONS - 1u - i], REGION, NULL);
        }
        for (size_t i = bytes; i < sizeof fenced; i++) {
            assert_int_equal(fenced[i], 0xC3);
        }
    }
}

/* ---- leaving ---- */

static void a_region_in_use_stays_and_says_whose(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options owned = {0};
    tarn_leftovers left;
    void *blocks[12];
    owned.pool.extension_words = 1;
    add(heap, 2, &owned);
    add(heap, 0, NULL);
    for (uint32_t i = 0; i < 12; i++) {
        blocks[i] = tarn_heap_alloc(heap, 20, NULL);
        assert_int_equal(tarn_heap_owner_set(heap, blocks[i], TARN_OWNER(i % 3u, 77)), TARN_OK);
    }
    assert_int_equal(tarn_heap_remove(heap, memory[2], &left), TARN_E_IN_USE);
    assert_int_equal(left.blocks, 12);
    assert_int_equal(left.bytes, 12 * 32); /* 20 bytes, header and owner word, on granule 8 */
    assert_int_equal(left.owners, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(left.owner[i], TARN_OWNER(i, 77));
        assert_int_equal(left.owner_blocks[i], 4);
    }
    assert_int_equal(tarn_heap_remove(heap, memory[1], &left), TARN_E_FOREIGN);
    assert_int_equal(left.blocks, 0);
    for (uint32_t i = 0; i < 12; i++) {
        assert_int_equal(tarn_heap_free(heap, blocks[i]), TARN_OK);
    }
    assert_int_equal(tarn_heap_remove(heap, memory[2], &left), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, blocks[0]), TARN_E_FOREIGN);
    void *unowned = tarn_heap_alloc(heap, 20, NULL);
    assert_int_equal(tarn_heap_owner_set(heap, unowned, 1), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_remove(heap, memory[0], &left), TARN_E_IN_USE);
    assert_int_equal(left.blocks, 1);
    assert_int_equal(left.owners, 0);
    assert_heap_sound(heap);
}

static void a_region_leaves_while_others_live(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    for (uint32_t i = 0; i < 3; i++) {
        add(heap, i, NULL);
    }
    void *blocks[3];
    for (uint32_t i = 0; i < 3; i++) {
        blocks[i] = tarn_heap_alloc(heap, 6000, NULL);
        assert_int_equal(region_index(blocks[i]), i);
    }
    assert_int_equal(tarn_heap_free(heap, blocks[1]), TARN_OK);
    assert_int_equal(tarn_heap_remove(heap, memory[1], NULL), TARN_OK);
    memset(memory[1], 0xEE, REGION); /* it is the caller's again */
    assert_null(tarn_heap_alloc(heap, 6000, NULL));
    assert_int_equal(tarn_heap_free(heap, blocks[0]), TARN_OK);
    assert_int_equal(tarn_heap_free(heap, blocks[2]), TARN_OK);
    assert_heap_sound(heap);
    add(heap, 1, NULL);
    assert_heap_sound(heap);
    assert_int_equal(used_bytes(heap), 0);
}

static void a_destroyed_region_is_passed_over_found_and_removable(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    add(heap, 0, NULL);
    add(heap, 1, NULL);
    void *lost = tarn_heap_alloc(heap, 100, NULL);
    memset(memory[0], 0, 64);
    void *block = tarn_heap_alloc(heap, 100, NULL);
    assert_int_equal(region_index(block), 1);
    assert_int_equal(tarn_heap_free(heap, lost), TARN_E_DAMAGED);
    tarn_heap_finding finding;
    assert_int_equal(tarn_heap_check(heap, NULL, &finding), TARN_E_DAMAGED);
    assert_ptr_equal(finding.memory, memory[0]);
    assert_int_equal(finding.finding.rule, TARN_RULE_HEADER);
    assert_int_equal(tarn_heap_check(heap, memory[1], &finding), TARN_OK);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_E_DAMAGED);
    assert_heap_sound(heap);
    assert_int_equal(used_bytes(heap), 104);
}

static void *allocate_and_tell(void *heap)
{
    assert_non_null(tarn_heap_alloc(heap, 20, NULL));
    return (void *)(uintptr_t)tarn_port_task();
}

static void a_block_belongs_to_the_task_that_asked(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options owned = {0};
    tarn_leftovers left;
    pthread_t thread;
    void *task = NULL;
    owned.pool.extension_words = 1;
    add(heap, 0, &owned);
    (void)tarn_port_task(); /* the first tag, 0, is this thread's */
    assert_int_equal(pthread_create(&thread, NULL, allocate_and_tell, heap), 0);
    assert_int_equal(pthread_join(thread, &task), 0);
    assert_true((uintptr_t)task != 0);
    assert_int_equal(tarn_heap_remove(heap, memory[0], &left), TARN_E_IN_USE);
    assert_int_equal(left.owners, 1);
    assert_int_equal(left.owner[0], TARN_OWNER(0, (uintptr_t)task));
}

/* ---- looking ---- */

typedef struct visits {
    tarn_heap *heap;
    uint32_t blocks;
    uint32_t free_blocks;
    uintptr_t last;
    bool freeing;
} visits;

static bool count_visit(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    visits *v = context;
    assert_true((uintptr_t)payload > v->last);
    assert_true((uintptr_t)payload - (uintptr_t)region->memory < region->bytes);
    v->last = (uintptr_t)payload;
    if (block->state == TARN_BLOCK_FREE) {
        v->free_blocks++;
        return true;
    }
    v->blocks++;
    if (v->freeing) {
        assert_int_equal(tarn_heap_free(v->heap, payload), TARN_OK);
    }
    return true;
}

static void a_walk_sees_every_block_and_its_callback_may_free(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region region;
    for (uint32_t i = 0; i < 3; i++) {
        add(heap, 2u - i, NULL);
    }
    uint32_t blocks = 0;
    while (tarn_heap_alloc(heap, 100, NULL) != NULL) {
        blocks++;
    }
    visits v = {heap, 0, 0, 0, false};
    assert_int_equal(tarn_heap_walk(heap, NULL, count_visit, &v), TARN_OK);
    assert_int_equal(v.blocks, blocks);
    visits one = {heap, 0, 0, 0, false};
    assert_int_equal(tarn_heap_walk(heap, memory[1], count_visit, &one), TARN_OK);
    assert_int_equal(one.blocks, blocks / 3);
    assert_int_equal(tarn_heap_walk(heap, memory[3], count_visit, &one), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_walk(heap, NULL, NULL, NULL), TARN_E_NULL);
    assert_int_equal(tarn_heap_region_of(heap, memory[1] + 5000, &region), TARN_OK);
    assert_ptr_equal(region.memory, memory[1]);
    assert_int_equal(tarn_heap_region_of(heap, memory[3], &region), TARN_E_FOREIGN);
    visits freeing = {heap, 0, 0, 0, true};
    assert_int_equal(tarn_heap_walk(heap, NULL, count_visit, &freeing), TARN_OK);
    assert_int_equal(freeing.blocks, blocks);
    assert_int_equal(used_bytes(heap), 0);
    assert_heap_sound(heap);
}

static bool remove_others(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)payload;
    (void)block;
    visits *v = context;
    v->blocks++;
    (void)tarn_heap_remove(v->heap, region->memory, NULL);
    (void)tarn_heap_remove(v->heap, memory[1], NULL);
    return true;
}

static void regions_may_leave_during_a_walk(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    for (uint32_t i = 0; i < 3; i++) {
        add(heap, i, NULL);
    }
    visits v = {heap, 0, 0, 0, false};
    assert_int_equal(tarn_heap_walk(heap, NULL, remove_others, &v), TARN_OK);
    assert_int_equal(v.blocks, 2);
    tarn_region region;
    assert_false(tarn_heap_region(heap, 0, &region));
}

/* ---- anywhere ---- */

enum { MAPPED = 3 };

/* A static buffer, the stack's side and, if it can be had, the other half of the address space. */
static void regions_lie_anywhere_in_the_address_space(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    /* Low, high, and one between them for whoever keeps the ends to himself (valgrind): 1 GiB, with 64 bits 32 GiB. */
    const uintptr_t hints[MAPPED] = {0x10000000u, (UINTPTR_MAX >> (sizeof(void *) == 8 ? 29 : 2)) + 1u,
                                     UINTPTR_MAX / 2u / 4096u * 4096u - 0x40000000u};
    void *mapped[MAPPED];
    add(heap, 0, NULL);
    for (uint32_t i = 0; i < MAPPED; i++) {
        mapped[i] = mmap((void *)hints[i], 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(mapped[i] != MAP_FAILED);
        assert_int_equal(tarn_heap_add(heap, mapped[i], 65536, NULL), TARN_OK);
    }
    uintptr_t lowest = (uintptr_t)memory;
    uintptr_t highest = lowest;
    for (uint32_t i = 0; i < MAPPED; i++) {
        lowest = (uintptr_t)mapped[i] < lowest ? (uintptr_t)mapped[i] : lowest;
        highest = (uintptr_t)mapped[i] > highest ? (uintptr_t)mapped[i] : highest;
    }
    printf("  regions at %p, %p, %p, %p: %#zx apart\n", (void *)memory, mapped[0], mapped[1], mapped[2],
           (size_t)(highest - lowest));
    assert_true((highest - lowest) >> 30 >> (sizeof(void *) == 8 ? 2 : 0) != 0); /* 1 GiB; with 64 bits 4 GiB */
    void *blocks[1 + MAPPED];
    for (uint32_t i = 0; i < 1 + MAPPED; i++) {
        tarn_region region;
        blocks[i] = tarn_heap_alloc(heap, i == 0 ? 6000 : 40000, NULL);
        assert_non_null(blocks[i]);
        memset(blocks[i], 1, 6000);
        assert_int_equal(tarn_heap_region_of(heap, blocks[i], &region), TARN_OK);
        assert_ptr_equal(region.memory, i == 0 ? (void *)memory[0] : mapped[i - 1u]);
    }
    assert_heap_sound(heap);
    for (uint32_t i = 0; i < 1 + MAPPED; i++) {
        assert_int_equal(tarn_heap_free(heap, blocks[i]), TARN_OK);
    }
    for (uint32_t i = 0; i < MAPPED; i++) {
        assert_int_equal(tarn_heap_remove(heap, mapped[i], NULL), TARN_OK);
        assert_int_equal(munmap(mapped[i], 65536), 0);
    }
    assert_int_equal(tarn_heap_free(heap, blocks[1]), TARN_E_FOREIGN);
    assert_heap_sound(heap);
}

/* ---- headers that tell their width: the private flag cannot be had through the public door ---- */

static void the_private_flag_is_refused(void **state)
{
    (void)state;
    tarn_pool *pool;
    tarn_options options = {0};
    options.flags = UINT32_C(1) << 31;
    assert_int_equal(tarn_init(&pool, memory[0], REGION, &options), TARN_E_ARGUMENT);
    assert_null(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(init_refuses_what_cannot_hold_a_heap),
        cmocka_unit_test(every_call_refuses_what_is_no_heap),
        cmocka_unit_test(a_heap_without_regions_serves_nothing),
        cmocka_unit_test(add_refuses_overlap_and_leaves_memory_alone),
        cmocka_unit_test(add_refuses_illegal_options),
        cmocka_unit_test(the_table_is_as_large_as_its_memory),
        cmocka_unit_test(a_full_table_writes_nothing_behind_its_memory),
        cmocka_unit_test(a_region_in_use_stays_and_says_whose),
        cmocka_unit_test(a_block_belongs_to_the_task_that_asked),
        cmocka_unit_test(a_region_leaves_while_others_live),
        cmocka_unit_test(a_destroyed_region_is_passed_over_found_and_removable),
        cmocka_unit_test(a_walk_sees_every_block_and_its_callback_may_free),
        cmocka_unit_test(regions_may_leave_during_a_walk),
        cmocka_unit_test(regions_lie_anywhere_in_the_address_space),
        cmocka_unit_test(the_private_flag_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
