/* SPDX-License-Identifier: MIT */
/*
 * Extension words: what each holds after every way a block comes and changes, in pools and heaps of regions; events
 * say the same; a table of modules or a counter that somebody wrote over is found.
 */
#include <stdlib.h>

#include "tarn/account.h"
#include "tarn/port.h"
#include "tarn/regions.h"
#include "test.h"

enum { BYTES = 16384, WORDS = 7 };

static _Alignas(4096) unsigned char memory[BYTES];
static _Alignas(16) unsigned char heap_memory[TARN_HEAP_BYTES(2)];
static tarn_pool *pool;
static watch seen;

static tarn_pool *make(uint32_t words, uint32_t modules)
{
    tarn_options options = {.extension_words = words, .modules = modules};
    assert_int_equal(tarn_init(&pool, memory, sizeof memory, &options), TARN_OK);
    return pool;
}

static tarn_block record_of(const void *block)
{
    tarn_block record;
    assert_int_equal(tarn_block_at(pool, block, &record), TARN_OK);
    return record;
}

/* Calls that return into here, and into whoever calls this. */
enum { ALLOC, ALIGNED, FOR, CALLOC, REALLOC_NULL, REALLOC, REALLOC_ALIGNED, HEAP, HEAP_CALLOC, WAYS };

SEPARATE static void *call(int way, void *object, void *block, size_t size)
{
    static const tarn_purpose purpose = {.module = 3, .tag = 0x7A6};
    void *answer = NULL;
    switch (way) {
    case ALLOC:
        answer = tarn_alloc(object, size);
        break;
    case ALIGNED:
        answer = tarn_alloc_aligned(object, size, 64);
        break;
    case FOR:
        answer = tarn_alloc_for(object, size, &purpose);
        break;
    case CALLOC:
        answer = tarn_calloc(object, 1, size);
        break;
    case REALLOC_NULL:
        answer = tarn_realloc(object, NULL, size);
        break;
    case REALLOC:
        answer = tarn_realloc(object, block, size);
        break;
    case REALLOC_ALIGNED:
        answer = tarn_realloc_aligned(object, block, size, 64);
        break;
    case HEAP:
        answer = tarn_heap_alloc(object, size, NULL);
        break;
    default:
        answer = tarn_heap_calloc(object, 1, size, NULL);
    }
    __asm__ volatile("" ::: "memory"); /* no tail call */
    return answer;
}

static bool lies_in(const void *address, uintptr_t function, size_t bytes)
{
    return (uintptr_t)address - function - 1u < bytes;
}

static void every_way_writes_every_word(void **state)
{
    (void)state;
    for (uint32_t words = 1; words <= WORDS; words++) {
        make(words, 0);
        for (int way = ALLOC; way <= REALLOC_NULL; way++) {
            watch_begin(&seen);
            tarn_block b = record_of(call(way, pool, NULL, 40));
            watch_end(&seen);
            assert_true(lies_in(seen.events[0].caller, (uintptr_t)call, 1024));
            assert_int_equal(b.owner, TARN_OWNER(way == FOR ? 3 : 0, tarn_port_task()));
            assert_ptr_equal(tarn_site_address(b.site), words >= 2 ? seen.events[0].caller : NULL);
            assert_int_equal(b.sequence, words >= 3 ? way : 0);
            assert_int_equal(b.tag, words >= 4 && way == FOR ? 0x7A6 : 0);
            for (uint32_t i = 0; i < TARN_WORDS_CALLERS_MAX; i++) {
                assert_true((b.callers[i] != 0) == (words > TARN_WORDS_TAG + i));
            }
            if (words > TARN_WORDS_TAG) {
                assert_true(lies_in(tarn_site_address(b.callers[0]), (uintptr_t)every_way_writes_every_word, 65536));
            }
        }
        assert_sound(pool, "with words");
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
}

/* Between blocks that stay, so that a growing one has to move. */
static void realloc_keeps_what_it_says(void **state)
{
    (void)state;
    make(WORDS, 4);
    unsigned char *left = call(ALLOC, pool, NULL, 400);
    unsigned char *block = call(FOR, pool, NULL, 100);
    assert_non_null(call(ALLOC, pool, NULL, 40));
    assert_int_equal(tarn_owner_set(pool, block, TARN_OWNER(3, 77)), TARN_OK);
    tarn_block first = record_of(block);
    assert_ptr_equal(call(REALLOC, pool, block, 60), block);
    tarn_block still = record_of(block);
    assert_int_equal(still.sequence, first.sequence);
    assert_int_equal(still.site, first.site);
    assert_int_equal(still.owner, TARN_OWNER(3, 77));
    assert_int_equal(tarn_free(pool, left), TARN_OK);
    for (int way = REALLOC; way <= REALLOC_ALIGNED; way++) { /* to the left, then elsewhere */
        unsigned char *moved = call(way, pool, block, way == REALLOC ? 300 : 2000);
        assert_true(way == REALLOC ? moved < block : moved > block);
        tarn_block now = record_of(moved);
        assert_int_equal(now.owner, TARN_OWNER(3, tarn_port_task()));
        assert_int_equal(now.tag, 0x7A6);
        assert_true(now.sequence > still.sequence && now.site != first.site);
        assert_true(lies_in(tarn_site_address(now.site), (uintptr_t)call, 1024));
        assert_true(lies_in(tarn_site_address(now.callers[0]), (uintptr_t)realloc_keeps_what_it_says, 65536));
        assert_sound(pool, "after a move");
        block = moved;
    }
    assert_int_equal(tarn_tag_set(pool, block, 5), TARN_OK);
    assert_int_equal(record_of(block).tag, 5);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* The C library calls this: its code, where programs may lie anywhere, is more than 2^32 bytes away. */
static void *sorted;
static const void *sorters[12];
static uint32_t sorter_count;

static SEPARATE int allocate_while_sorting(const void *left, const void *right)
{
    sorted = tarn_alloc(*(tarn_pool *const *)left, 24);
    sorter_count = tarn_port_callers(sorters, 12);
    return left < right ? -1 : 1;
}

static void callers_in_a_library_have_their_address(void **state)
{
    (void)state;
    tarn_options options = {.extension_words = WORDS};
    assert_int_equal(tarn_init(&pool, memory, sizeof memory, &options), TARN_OK);
    tarn_pool *both[2] = {pool, pool};
    qsort(both, 2, sizeof both[0], allocate_while_sorting);
    const void *caller = tarn_site_address(record_of(sorted).callers[0]);
    bool found = sorter_count == 0; /* a port without callers */
    for (uint32_t i = 0; i < sorter_count; i++) {
        found = found || sorters[i] == caller;
    }
    assert_true(found);
    assert_null(tarn_site_address(0));
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

static bool keep_record(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)region;
    (void)payload;
    if (block->state != TARN_BLOCK_FREE) {
        *(tarn_block *)context = *block;
    }
    return true;
}

static void heaps_note_the_same(void **state)
{
    (void)state;
    tarn_heap *heap;
    tarn_block b = {0};
    tarn_region_options options = {.pool = {.extension_words = WORDS, .modules = 3}};
    tarn_request request = {.module = 2};
    assert_int_equal(tarn_heap_init(&heap, heap_memory, sizeof heap_memory), TARN_OK);
    assert_int_equal(tarn_heap_add(heap, memory, sizeof memory, &options), TARN_OK);
    void *block = call(HEAP, heap, NULL, 40);
    assert_int_equal(tarn_heap_walk(heap, NULL, keep_record, &b), TARN_OK);
    assert_true(lies_in(tarn_site_address(b.site), (uintptr_t)call, 1024));
    assert_true(lies_in(tarn_site_address(b.callers[0]), (uintptr_t)heaps_note_the_same, 65536));
    assert_int_equal(tarn_heap_owner_set(heap, block, TARN_OWNER(1, 5)), TARN_OK);
    assert_int_equal(tarn_heap_tag_set(heap, block, 0x7A6), TARN_OK);
    assert_non_null(call(HEAP_CALLOC, heap, NULL, 40));
    assert_non_null(tarn_heap_realloc(heap, block, 4000, NULL));
    assert_int_equal(tarn_heap_walk(heap, NULL, keep_record, &b), TARN_OK);
    assert_int_equal(b.owner, TARN_OWNER(1, tarn_port_task()));
    assert_int_equal(b.tag, 0x7A6);
    assert_int_equal(b.sequence, 2);
    watch_begin(&seen);
    assert_null(tarn_heap_alloc(heap, sizeof memory, &request));
    assert_int_equal(seen.events[0].verdict, TARN_WHY_NEVER_FITS);
    assert_null(tarn_heap_alloc(heap, 14000, NULL));
    assert_int_equal(seen.events[1].verdict, TARN_WHY_EXHAUSTED);
    watch_end(&seen);
    assert_non_null(tarn_heap_alloc(heap, 40, &request));
    request.module = 0x1000;
    assert_null(tarn_heap_alloc(heap, 40, &request));
    assert_int_equal(tarn_heap_check(heap, NULL, NULL), TARN_OK);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

/* The constant-time part of why, in the event of the refusal. */
static void refusals_carry_a_verdict(void **state)
{
    (void)state;
    void *part[8];
    make(0, 0);
    for (int i = 0; i < 8; i++) {
        part[i] = tarn_alloc(pool, 1800);
        assert_non_null(part[i]);
    }
    static const uint32_t wanted[] = {TARN_WHY_NEVER_FITS, TARN_WHY_EXHAUSTED,  TARN_WHY_FRAGMENTED,
                                      TARN_WHY_UNKNOWN,    TARN_WHY_FRAGMENTED, TARN_WHY_UNKNOWN};
    watch_begin(&seen);
    (void)tarn_alloc(pool, sizeof memory);
    (void)tarn_alloc(pool, 4000);
    watch_end(&seen);
    for (int i = 1; i < 8; i += 2) {
        assert_int_equal(tarn_free(pool, part[i]), TARN_OK);
    }
    watch refused;
    watch_begin(&refused);
    (void)tarn_alloc(pool, 4000);
    (void)tarn_alloc_aligned(pool, 8, 3);
    assert_int_equal(tarn_resize(pool, part[2], 5000), TARN_E_EXHAUSTED);
    assert_int_equal(tarn_free(pool, part[1]), TARN_E_DOUBLE_FREE);
    watch_end(&refused);
    uint32_t got = 0;
    for (uint32_t i = 0; i < seen.count; i++) {
        assert_int_equal(seen.events[i].verdict, wanted[got++]);
    }
    for (uint32_t i = 0; i < refused.count; i++) {
        if (refused.events[i].kind == TARN_EVENT_FAIL || refused.events[i].kind == TARN_EVENT_REFUSE) {
            assert_int_equal(refused.events[i].verdict, wanted[got++]);
        }
    }
    assert_int_equal(got, 6);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* Every byte of table and counter, one by one; the check names the rule, or the byte is a limit's or harmless. */
static void forged_accounts_are_found(void **state)
{
    (void)state;
    tarn_finding finding;
    tarn_stats stats;
    uint32_t found[16] = {0};
    make(3, 3);
    tarn_pool *other;
    static _Alignas(16) unsigned char copy[BYTES];
    unsigned char *block = tarn_alloc(pool, 100);
    assert_non_null(tarn_alloc(pool, 100));
    assert_int_equal(tarn_stats_get(pool, &stats), TARN_OK);
    unsigned char *end = block - 16; /* three words and the header */
    for (unsigned char *at = end - 4 - 3 * 16; at < end; at++) {
        *at ^= 0x40;
        tarn_status status = tarn_check(pool, &finding);
        memcpy(copy, memory, sizeof copy);
        assert_int_equal(tarn_adopt(&other, copy, sizeof copy), status);
        assert_true(memcmp(copy, memory, sizeof copy) == 0 || status == TARN_OK);
        found[status == TARN_OK ? 0 : finding.rule]++;
        if (status == TARN_OK) {
            assert_int_equal(tarn_deinit(other), TARN_OK);
        } else {
            (void)tarn_free(pool, block + 8);
            assert_true(finding.rule == TARN_RULE_MODULES || finding.rule == TARN_RULE_SEQUENCE);
        }
        *at ^= 0x40;
    }
    assert_int_equal(found[TARN_RULE_MODULES], 3 * 12 - 3); /* a peak may be too high by little: its low byte */
    printf("forged bytes: %u as a module's, %u as a number, %u are limits or harmless\n",
           (unsigned)found[TARN_RULE_MODULES], (unsigned)found[TARN_RULE_SEQUENCE], (unsigned)found[0]);
    memset(end - 4, 0, 4); /* the counter: both blocks are ahead of it */
    assert_int_equal(tarn_check(pool, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.rule, TARN_RULE_SEQUENCE);
    memset(end - 4, 0xFF, 4);
    assert_sound(pool, "with a counter about to turn");
    assert_int_equal(record_of(tarn_alloc(pool, 8)).sequence, UINT32_MAX);
    assert_int_equal(record_of(tarn_alloc(pool, 8)).sequence, UINT32_C(0x80000000));
    assert_sound(pool, "with a counter that has turned");
    memset(end - 4 - 3 * 16, 0, 16); /* row 0 holds nothing, says it */
    watch_begin(&seen);
    assert_int_equal(tarn_free(pool, block), TARN_E_DAMAGED);
    assert_int_equal(watch_status(&seen, TARN_EVENT_CORRUPT), TARN_E_DAMAGED);
    assert_int_equal(tarn_resize(pool, block, 10), TARN_E_DAMAGED);
    assert_int_equal(tarn_owner_set(pool, block, 0), TARN_E_DAMAGED);
    watch_end(&seen);
    assert_int_equal(tarn_recognise(pool, block), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* What a view says is what the pool says, and goes with the image to another place. */
static void accounts_travel_with_the_image(void **state)
{
    (void)state;
    static _Alignas(16) unsigned char copy[BYTES];
    tarn_pool *moved;
    tarn_view view;
    tarn_module row, seen_row;
    uint32_t next;
    tarn_group rows[4];
    tarn_groups groups = {.rows = rows, .capacity = 4};
    make(4, 4);
    assert_int_equal(tarn_quota_set(pool, 3, 65536), TARN_OK);
    assert_non_null(call(FOR, pool, NULL, 100));
    memcpy(copy, memory, sizeof copy);
    assert_int_equal(tarn_view_open(&view, copy, sizeof copy), TARN_OK);
    assert_int_equal(tarn_module_get(pool, 3, &row), TARN_OK);
    assert_int_equal(tarn_view_module(&view, 3, &seen_row), TARN_OK);
    assert_memory_equal(&row, &seen_row, sizeof row);
    assert_int_equal(tarn_view_sequence(&view, &next), TARN_OK);
    assert_int_equal(next, 1);
    assert_int_equal(tarn_view_groups(&view, NULL, &groups), TARN_OK);
    assert_int_equal(groups.blocks, 1);
    assert_int_equal(rows[0].owner >> 20, 3);
    assert_int_equal(tarn_adopt(&moved, copy, sizeof copy), TARN_OK);
    assert_int_equal(tarn_module_get(moved, 3, &seen_row), TARN_OK);
    assert_memory_equal(&row, &seen_row, sizeof row);
    assert_int_equal(tarn_deinit(moved), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_writes_every_word),
        cmocka_unit_test(realloc_keeps_what_it_says),
        cmocka_unit_test(callers_in_a_library_have_their_address),
        cmocka_unit_test(heaps_note_the_same),
        cmocka_unit_test(refusals_carry_a_verdict),
        cmocka_unit_test(forged_accounts_are_found),
        cmocka_unit_test(accounts_travel_with_the_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
