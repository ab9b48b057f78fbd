/* SPDX-License-Identifier: MIT */
/*
 * Heaps of several regions at their edges: ends of the address space and of the table, ranges that are being added,
 * more owners than a refusal has room for, and options that change what a region is.
 */
#include "regions.h"

#include <pthread.h>
#include <semaphore.h>

#include "tarn/events.h"
#include "tlsf.h"

/* ---- ranges ---- */

/* The range must end inside the address space; a region above it shows which rule refused it. */
static void a_range_that_wraps_is_refused(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    add(heap, 1, NULL);
    size_t to_the_end = UINTPTR_MAX - (uintptr_t)memory[0];
    assert_int_equal(tarn_heap_add(heap, memory[0], to_the_end, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(heap, memory[0], to_the_end + 1u, NULL), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_add(heap, memory[0], to_the_end + 2u, NULL), TARN_E_ARGUMENT);
    assert_int_equal(tarn_heap_add(heap, memory[0], SIZE_MAX, NULL), TARN_E_ARGUMENT);
    void *last_page = (void *)(UINTPTR_MAX - 4095u);
    assert_int_equal(tarn_heap_add(heap, last_page, 8192, NULL), TARN_E_ARGUMENT);
    assert_heap_sound(heap);
}

/* A range of 8 bytes anywhere in the heap object is an overlap before it is too small. */
static void no_byte_of_the_heap_itself_can_be_added(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    for (size_t at = 0; at < sizeof heap_memory; at += 8) {
        assert_int_equal(tarn_heap_add(heap, heap_memory + at, 8, NULL), TARN_E_OVERLAP);
    }
    assert_int_equal(tarn_heap_add(heap, heap_memory + sizeof heap_memory, 8, NULL), TARN_E_TOO_SMALL);
    assert_int_equal(tarn_heap_add(heap, (void *)((uintptr_t)heap_memory - 8u), 8, NULL), TARN_E_TOO_SMALL);
}

enum { MOST = 65535 };

static _Alignas(8) unsigned char large_memory[TARN_HEAP_BYTES(MOST + 3) + REGION];

/* What a heap of more memory than it can use leaves alone may be a region of it. */
static void a_heap_has_65535_regions_at_most(void **state)
{
    (void)state;
    for (size_t asked = MOST - 1; asked <= MOST + 2; asked++) {
        tarn_heap *heap;
        size_t taken = TARN_HEAP_BYTES(asked < MOST ? asked : MOST);
        assert_int_equal(tarn_heap_init(&heap, large_memory, TARN_HEAP_BYTES(asked)), TARN_OK);
        for (uint32_t i = 0; i < REGIONS; i++) {
            add(heap, i, NULL);
        }
        assert_int_equal(tarn_heap_add(heap, large_memory + taken - 8, REGION, NULL), TARN_E_OVERLAP);
        assert_int_equal(tarn_heap_add(heap, large_memory + taken, REGION, NULL), TARN_OK);
        assert_heap_sound(heap);
    }
}

/* The bytes of a heap at an address that no heap can have are none. */
static void a_copy_of_a_heap_beside_its_alignment_is_none(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    add(heap, 0, NULL);
    for (size_t off = 1; off < sizeof(void *); off++) {
        memmove(large_memory + off, heap_memory, sizeof heap_memory);
        tarn_heap *copy = (tarn_heap *)(large_memory + off);
        assert_null(tarn_heap_alloc(copy, 8, NULL));
        assert_int_equal(tarn_heap_check(copy, NULL, NULL), TARN_E_NOT_A_POOL);
        assert_int_equal(tarn_heap_deinit(copy), TARN_E_NOT_A_POOL);
    }
    assert_heap_sound(heap);
}

/* ---- options ---- */

static void reserved_words_of_options_are_zero(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options options = {0};
    options.reserved = 1;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options.reserved = 0;
    add(heap, 0, &options);
}

/* tlsf_block_size() is told a block and nothing else, so that every header of such a heap says how wide it is. */
static void a_heap_of_tlsf_takes_plain_regions_only(void **state)
{
    (void)state;
    static _Alignas(8) unsigned char control[8192];
    assert_true(tlsf_size() <= sizeof control);
    tarn_heap *heap = (tarn_heap *)tlsf_create(control);
    assert_non_null(heap);
    tarn_region_options options = {0};
    options.line = 64;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options.line = 0;
    options.pool.extension_words = 1;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options.pool.extension_words = 0;
    options.pool.granule = 4;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options.pool.granule = 16;
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, &options), TARN_E_ARGUMENT);
    options.pool.granule = 8;
    add(heap, 0, &options);
    void *block = tarn_heap_alloc(heap, 100, NULL);
    assert_int_equal(tlsf_block_size(block), tarn_heap_usable(heap, block));
    tlsf_destroy(heap);
}

static void a_region_keeps_the_key_it_is_given(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options options = {0};
    tarn_stats given, other;
    options.pool.key = 0x1234567;
    add(heap, 0, &options);
    add(heap, 1, NULL);
    assert_int_equal(tarn_heap_stats(heap, memory[0], &given), TARN_OK);
    assert_int_equal(tarn_heap_stats(heap, memory[1], &other), TARN_OK);
    assert_int_equal(given.key, options.pool.key);
    assert_int_not_equal(other.key, options.pool.key);
}

/* Where the first line begins behind the region's end, nothing is written behind it either. */
static void a_region_shorter_than_its_first_line_is_too_small(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options options = {0};
    uint32_t added = 0;
    options.line = 4096;
    for (size_t bytes = 8; bytes <= 3u * 4096u; bytes += 8) {
        memset(large_memory + bytes, 0xC3, 64);
        tarn_status status = tarn_heap_add(heap, large_memory, bytes, &options);
        if (status == TARN_OK) {
            added++;
            assert_int_equal(tarn_heap_remove(heap, large_memory, NULL), TARN_OK);
        } else {
            assert_int_equal(status, TARN_E_TOO_SMALL);
        }
        for (size_t i = 0; i < 64; i++) {
            assert_int_equal(large_memory[bytes + i], 0xC3);
        }
    }
    assert_true(added > 0);
    print_message("%u of 1536 sizes hold a line of 4096\n", added);
}

/* ---- two callers ---- */

typedef struct rival {
    tarn_heap *heap;
    tarn_status beside; /* what adding other memory came to */
    tarn_status same;   /* what adding the same memory came to, after that */
} rival;

static void add_beside_and_the_same(const tarn_event *event, void *context)
{
    rival *r = context;
    if (event->kind == TARN_EVENT_INIT) {
        r->beside = tarn_heap_add(r->heap, memory[1], REGION, NULL);
        r->same = tarn_heap_add(r->heap, memory[0], REGION, NULL);
    }
}

/* A claim is a region's place in the table: the last place cannot be given twice, nor a claim lost for another's. */
static void a_claim_holds_while_others_come(void **state)
{
    (void)state;
    for (uint32_t places = 1; places <= 3; places++) {
        rival r = {NULL, TARN_OK, TARN_OK};
        assert_int_equal(tarn_heap_init(&r.heap, heap_memory, TARN_HEAP_BYTES(places)), TARN_OK);
        assert_listening(tarn_events_add(add_beside_and_the_same, &r));
        assert_int_equal(tarn_heap_add(r.heap, memory[0], REGION, NULL), TARN_OK);
        assert_int_equal(tarn_events_remove(add_beside_and_the_same, &r), TARN_OK);
        assert_int_equal(r.beside, places == 1 ? TARN_E_REGIONS_FULL : TARN_OK);
        assert_int_equal(r.same, places < 3 ? TARN_E_REGIONS_FULL : TARN_E_OVERLAP);
        assert_heap_sound(r.heap);
    }
}

/* Where each of two callers is while its region's pool is made. */
typedef struct meeting {
    tarn_heap *heap;
    sem_t reached[2];
    sem_t go_on[2];
    tarn_status status[2];
} meeting;

static meeting meet;

static void stop_while_coming(const tarn_event *event, void *context)
{
    meeting *m = context;
    uint32_t index = region_index(event->pool);
    if (event->kind == TARN_EVENT_INIT && index < 2) {
        (void)sem_post(&m->reached[index]);
        (void)sem_wait(&m->go_on[index]);
    }
}

static void *add_one(void *argument)
{
    uint32_t index = (uint32_t)(uintptr_t)argument;
    meet.status[index] = tarn_heap_add(meet.heap, memory[index], REGION, NULL);
    return NULL;
}

/* Two claims at once, the older of which becomes a region first. */
static void claims_are_kept_whichever_is_settled_first(void **state)
{
    (void)state;
    pthread_t threads[2];
    meet.heap = make_heap();
    assert_listening(tarn_events_add(stop_while_coming, &meet));
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(sem_init(&meet.reached[i], 0, 0) | sem_init(&meet.go_on[i], 0, 0), 0);
        assert_int_equal(pthread_create(&threads[i], NULL, add_one, (void *)(uintptr_t)i), 0);
        (void)sem_wait(&meet.reached[i]);
    }
    assert_int_equal(tarn_heap_add(meet.heap, memory[0], REGION, NULL), TARN_E_OVERLAP);
    assert_int_equal(tarn_heap_add(meet.heap, memory[1], REGION, NULL), TARN_E_OVERLAP);
    assert_null(tarn_heap_alloc(meet.heap, 100, NULL)); /* not before it is a region */
    (void)sem_post(&meet.go_on[0]);
    assert_int_equal(pthread_join(threads[0], NULL), 0);
    assert_int_equal(tarn_heap_add(meet.heap, memory[1], REGION, NULL), TARN_E_OVERLAP);
    (void)sem_post(&meet.go_on[1]);
    assert_int_equal(pthread_join(threads[1], NULL), 0);
    assert_int_equal(tarn_events_remove(stop_while_coming, &meet), TARN_OK);
    assert_int_equal(meet.status[0], TARN_OK);
    assert_int_equal(meet.status[1], TARN_OK);
    assert_heap_sound(meet.heap);
}

static void make_the_heap_anew(const tarn_event *event, void *context)
{
    tarn_heap *heap;
    if (event->kind == TARN_EVENT_INIT) {
        assert_int_equal(tarn_heap_init(&heap, context, sizeof heap_memory), TARN_OK);
    }
}

/* A heap made anew knows nothing of the region that was coming. */
static void a_region_of_a_forgotten_heap_is_no_pool(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_stats stats;
    tarn_region region;
    assert_listening(tarn_events_add(make_the_heap_anew, heap));
    assert_int_equal(tarn_heap_add(heap, memory[0], REGION, NULL), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_events_remove(make_the_heap_anew, heap), TARN_OK);
    assert_int_equal(tarn_stats_get((tarn_pool *)memory[0], &stats), TARN_E_NOT_A_POOL);
    assert_false(tarn_heap_region(heap, 0, &region));
    assert_heap_sound(heap);
}

/* ---- leaving ---- */

/* Two blocks of each of ten owners: the first eight are named with both, the rest is counted. */
static void a_refusal_names_eight_owners_and_counts_all_blocks(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options owned = {0};
    tarn_leftovers left[2];
    owned.pool.extension_words = 1;
    add(heap, 0, &owned);
    for (uint32_t i = 0; i < 20; i++) {
        void *block = tarn_heap_alloc(heap, 20, NULL);
        assert_int_equal(tarn_heap_owner_set(heap, block, TARN_OWNER(5, 100u + i % 10u)), TARN_OK);
    }
    memset(left, 0xA5, sizeof left);
    assert_int_equal(tarn_heap_remove(heap, memory[0], &left[0]), TARN_E_IN_USE);
    assert_int_equal(left[0].blocks, 20);
    assert_int_equal(left[0].bytes, 20 * 32);
    assert_int_equal(left[0].owners, TARN_LEFTOVER_OWNERS);
    for (uint32_t i = 0; i < TARN_LEFTOVER_OWNERS; i++) {
        assert_int_equal(left[0].owner[i], TARN_OWNER(5, 100u + i));
        assert_int_equal(left[0].owner_blocks[i], 2);
    }
    assert_int_equal(*(unsigned char *)&left[1], 0xA5);
    assert_int_equal(tarn_heap_remove(heap, memory[0], NULL), TARN_E_IN_USE);
}

static void what_is_removed_leaves_no_pool_and_no_leftovers(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_leftovers left, none;
    tarn_stats stats;
    memset(&none, 0, sizeof none);
    for (uint32_t i = 0; i < 3; i++) {
        add(heap, i, NULL);
    }
    memset(memory[1], 0, 64);
    memset(&left, 0xFF, sizeof left);
    assert_int_equal(tarn_heap_remove(heap, memory[1], &left), TARN_E_DAMAGED);
    assert_memory_equal(&left, &none, sizeof none);
    memset(&left, 0xFF, sizeof left);
    assert_int_equal(tarn_heap_remove(heap, memory[0], &left), TARN_OK);
    assert_memory_equal(&left, &none, sizeof none);
    assert_int_equal(tarn_stats_get((tarn_pool *)memory[0], &stats), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_heap_remove(heap, memory[2] + 8, NULL), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_remove(heap, NULL, &left), TARN_E_NULL);
    assert_heap_sound(heap);
}

/* ---- looking ---- */

static void a_record_says_what_was_given(void **state)
{
    (void)state;
    tarn_heap *heap = make_heap();
    tarn_region_options options = with_capabilities(TARN_CAP_DMA | TARN_CAP_USER(3));
    tarn_region region;
    tarn_stats stats;
    options.line = 64;
    options.rank = 7;
    assert_int_equal(tarn_heap_add(heap, memory[0] + 4, REGION - 4, &options), TARN_OK);
    assert_int_equal(tarn_heap_region_of(heap, memory[0] + 3, &region), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_region_of(heap, memory[1], &region), TARN_E_FOREIGN);
    assert_int_equal(tarn_heap_region_of(heap, NULL, &region), TARN_E_NULL);
    assert_int_equal(tarn_heap_region_of(heap, memory[0] + 4, NULL), TARN_E_NULL);
    assert_false(tarn_heap_region(heap, 0, NULL));
    assert_int_equal(tarn_heap_region_of(heap, &memory[0][REGION - 1], &region), TARN_OK);
    assert_ptr_equal(region.memory, memory[0] + 4);
    assert_int_equal(region.bytes, REGION - 4);
    assert_int_equal(region.capabilities, options.capabilities);
    assert_int_equal(region.line, 64);
    assert_int_equal(region.rank, 7);
    assert_int_equal(region.reserved, 0);
    assert_int_equal(tarn_stats_get(region.pool, &stats), TARN_OK);
    assert_true((uintptr_t)region.pool > (uintptr_t)region.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_that_wraps_is_refused),
        cmocka_unit_test(no_byte_of_the_heap_itself_can_be_added),
        cmocka_unit_test(a_heap_has_65535_regions_at_most),
        cmocka_unit_test(a_copy_of_a_heap_beside_its_alignment_is_none),
        cmocka_unit_test(reserved_words_of_options_are_zero),
        cmocka_unit_test(a_heap_of_tlsf_takes_plain_regions_only),
        cmocka_unit_test(a_region_keeps_the_key_it_is_given),
        cmocka_unit_test(a_region_shorter_than_its_first_line_is_too_small),
        cmocka_unit_test(a_claim_holds_while_others_come),
        cmocka_unit_test(claims_are_kept_whichever_is_settled_first),
        cmocka_unit_test(a_region_of_a_forgotten_heap_is_no_pool),
        cmocka_unit_test(a_refusal_names_eight_owners_and_counts_all_blocks),
        cmocka_unit_test(what_is_removed_leaves_no_pool_and_no_leftovers),
        cmocka_unit_test(a_record_says_what_was_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
