/* SPDX-License-Identifier: MIT */
/*
 * Reports as text, and of block pools and heaps.
 *
 * RP8 the text names block, owner, neighbour and guess, as far as the pool notes them
 * RP9 block pools and heaps: guard, fill, link, pointers
 */
#include "trio.h"

/* ---- RP8 ---- */

static char text[2048];

static void collect(const char *piece, size_t length, void *context)
{
    size_t *at = context;
    assert_true(*at + length < sizeof text);
    assert_int_equal(piece[length - 1], '\n');
    memcpy(text + *at, piece, length);
    *at += length;
    text[*at] = '\0';
}

static void the_text_says_it_all(void **state)
{
    (void)state;
    trio t = make_trio(TARN_ENGINE_DEFAULT, 1);
    size_t length = 0;
    memset(t.b - t.lead, 'A', t.lead);
    tarn_report r = damage_report(&t);
    tarn_report_text(&r, collect, &length);
    printf("%s", text);
    assert_non_null(strstr(text, "tarn: overrun of the left neighbour by at least 8 bytes in pool 0x"));
    assert_false(tarn_report_is_own(&r) || tarn_report_is_own(NULL));
    assert_non_null(strstr(text, "rule I3 (block header) is broken at 0x"));
    assert_non_null(strstr(text, ": 0x41414141 instead of 0x"));
    assert_non_null(strstr(text, "left neighbour 0x"));
    assert_non_null(strstr(text, "used, module 1, task 11"));
    tarn_report header = {.status = TARN_E_NOT_A_BLOCK, .guess = TARN_GUESS_HEADER, .amount = 4};
    length = 0;
    tarn_report_text(&header, collect, &length);
    assert_non_null(strstr(text, "tarn: pointer into a header, before the block's payload by 4 bytes, given to pool"));
    tarn_report large = {.status = TARN_E_NOT_A_BLOCK, .guess = TARN_GUESS_DOUBLE_FREE};
    large.block.size = UINT64_C(1) << 33;
    large.block.usable = UINT32_MAX; /* what the record says of 4 GiB and more */
    length = 0;
    tarn_report_text(&large, collect, &length);
    assert_non_null(strstr(text, ", 4294967295 bytes or more, free"));
    forget_places(&r);
    length = 0;
    tarn_report_text(&r, collect, &length);
    assert_non_null(strstr(text, "is broken at offset 0x"));
    tarn_report_text(NULL, collect, &length);
    tarn_report_text(&r, NULL, NULL);
    for (uint32_t guess = 0; guess < 12u; guess++) {
        assert_true((strcmp(tarn_guess_text(guess), "unknown") == 0) == (guess > TARN_GUESS_HEADER));
    }
    assert_string_equal(tarn_rule_text(TARN_RULE_BLOCKS_GUARD), "guard");
    assert_string_equal(tarn_rule_text(999), "unknown rule");
    end_trio(&t);
}

/* An owner of 0 is told where the pool notes owners, and a number only where it notes numbers. */
static void the_text_tells_what_the_pool_notes(void **state)
{
    (void)state;
    for (uint32_t words = 0; words <= 4u; words++) {
        size_t length = 0;
        trio t = make_trio(TARN_ENGINE_DEFAULT, words);
        if (words != 0) {
            assert_int_equal(tarn_owner_set(t.pool, t.a, 0), TARN_OK);
            assert_int_equal(tarn_owner_set(t.pool, t.b, TARN_OWNER(0, TARN_TASK_NONE)), TARN_OK);
        }
        tarn_report r;
        assert_int_equal(tarn_report_about(t.pool, t.b, TARN_OK, &r), TARN_OK);
        tarn_report_text(&r, collect, &length);
        const char *left = strstr(text, "left neighbour");
        assert_non_null(left);
        assert_int_equal(r.block_words, words < 3u ? words : 3u);
        assert_int_equal(r.left_words, r.block_words);
        assert_int_equal(strstr(text, ", module 0") != NULL, words >= 1u);
        assert_int_equal(strstr(left, ", module 0, task 0") != NULL, words >= 1u);
        assert_true(words == 0 || strstr(text, ", task") > left); /* none: not in the block's own line */
        assert_int_equal(strstr(text, ", from ") != NULL, words >= 2u);
        assert_int_equal(strstr(text, ", allocation 1") != NULL, words >= 3u);
        assert_int_equal(strstr(left, ", allocation 0") != NULL, words >= 3u);
        end_trio(&t);
    }
}

/* What an overrun wrote over is not told as if it were known. */
static void the_text_names_no_lost_owner(void **state)
{
    (void)state;
    size_t length = 0;
    trio t = make_trio(TARN_ENGINE_DEFAULT, TARN_WORDS_SEQUENCE);
    memset(t.b - t.lead, 'A', t.lead);
    tarn_report r = damage_report(&t);
    tarn_report_text(&r, collect, &length);
    const char *block = strstr(text, "  block 0x");
    assert_non_null(block);
    assert_int_equal(r.block_words, 0);
    assert_int_equal(r.left_words, 3);
    assert_true(strstr(block, ", module") > strstr(block, "left neighbour"));
    end_trio(&t);
}

/* ---- RP9 ---- */

static void block_pools_tell_guard_fill_and_pointers(void **state)
{
    (void)state;
    tarn_blocks *pool;
    tarn_report r;
    tarn_blocks_options options = {0};
    options.flags = TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER | TARN_BLOCKS_GUARD | TARN_BLOCKS_POISON;
    assert_int_equal(tarn_blocks_init(&pool, pool_memory, BYTES, 24, &options), TARN_OK);
    unsigned char *a = tarn_blocks_get(pool);
    unsigned char *b = tarn_blocks_get(pool);
    assert_int_equal(tarn_blocks_owner_set(pool, a, TARN_OWNER(1, 11)), TARN_OK);
    assert_listening(tarn_reports_on());
    uint32_t before = deliveries;
    unsigned char saved = a[25];
    a[25] = (unsigned char)~saved;
    assert_int_equal(tarn_blocks_put(pool, a), TARN_E_DAMAGED);
    assert_int_equal(deliveries, before + 1u);
    assert_int_equal(delivered.kind, TARN_REPORT_BLOCKS);
    assert_int_equal(delivered.rule, TARN_RULE_BLOCKS_GUARD);
    assert_int_equal(delivered.guess, TARN_GUESS_OVERRUN);
    assert_int_equal(delivered.amount, 2);
    is_block(&delivered.block, a, TARN_OWNER(1, 11));
    size_t length = 0;
    tarn_report_text(&delivered, collect, &length);
    assert_non_null(strstr(text, "rule B6 (guard) is broken at 0x"));
    assert_non_null(strstr(text, "used, module 1, task 11\n"));
    a[25] = saved;
    assert_int_equal(tarn_blocks_put(pool, b + 4), TARN_E_NOT_A_BLOCK);
    assert_int_equal(delivered.guess, TARN_GUESS_INTERIOR);
    assert_int_equal(delivered.amount, 4);
    assert_ptr_equal(pool_memory + delivered.left.offset, a);
    assert_int_equal(tarn_blocks_put(pool, b), TARN_OK);
    assert_int_equal(tarn_blocks_put(pool, b), TARN_E_DOUBLE_FREE);
    assert_int_equal(delivered.guess, TARN_GUESS_DOUBLE_FREE);
    b[8] = 1;
    assert_int_equal(tarn_blocks_report(pool, NULL, TARN_E_DAMAGED, &r), TARN_OK);
    assert_int_equal(r.rule, TARN_RULE_BLOCKS_POISON);
    assert_int_equal(r.guess, TARN_GUESS_USE_AFTER_FREE);
    assert_ptr_equal(pool_memory + r.block.offset, b);
    assert_int_equal(tarn_reports_off(), TARN_OK);
    assert_int_equal(tarn_blocks_report(NULL, NULL, TARN_OK, &r), TARN_E_NULL);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
}

static void heaps_tell_of_the_region(void **state)
{
    (void)state;
    tarn_report r;
    tarn_heap *heap = make_heap();
    add(heap, 0, NULL);
    add(heap, 1, NULL);
    unsigned char *block = tarn_heap_alloc(heap, SIZE, NULL);
    assert_listening(tarn_reports_on());
    uint32_t before = deliveries;
    assert_int_equal(tarn_heap_free(heap, block + 16), TARN_E_NOT_A_BLOCK);
    assert_int_equal(deliveries, before + 1u);
    assert_int_equal(delivered.kind, TARN_REPORT_HEAP);
    assert_int_equal(delivered.guess, TARN_GUESS_INTERIOR);
    assert_int_equal(delivered.amount, 16);
    assert_int_equal(delivered.image + delivered.block.offset, (uintptr_t)block);
    assert_int_equal(tarn_heap_free(heap, &r), TARN_E_FOREIGN);
    assert_int_equal(delivered.guess, TARN_GUESS_FOREIGN);
    uint32_t header;
    memcpy(&header, block - 4, 4);
    memset(block - 4, 0x11, 4);
    assert_int_equal(tarn_heap_report(heap, NULL, TARN_E_DAMAGED, &r), TARN_OK);
    assert_int_equal(r.rule, TARN_RULE_CHECK);
    memcpy(block - 4, &header, 4);
    assert_int_equal(tarn_reports_off(), TARN_OK);
    assert_int_equal(tarn_heap_deinit(heap), TARN_OK);
}

static void what_cannot_be_reported_is_refused(void **state)
{
    (void)state;
    tarn_report r;
    static _Alignas(8) unsigned char no_pool[256];
    assert_int_equal(tarn_report_about(NULL, NULL, TARN_OK, &r), TARN_E_NULL);
    assert_int_equal(tarn_report_about((tarn_pool *)no_pool, NULL, TARN_OK, &r), TARN_E_NOT_A_POOL);
    assert_int_equal(tarn_report_about((tarn_pool *)no_pool, NULL, TARN_OK, NULL), TARN_E_NULL);
    assert_int_equal(tarn_view_report(NULL, 0, TARN_OK, &r), TARN_E_NULL);
    assert_int_equal(tarn_blocks_view_report(NULL, 0, TARN_OK, &r), TARN_E_NULL);
    assert_int_equal(tarn_heap_report(NULL, NULL, TARN_OK, &r), TARN_E_NULL);
    assert_int_equal(r.version, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_says_it_all),         cmocka_unit_test(the_text_tells_what_the_pool_notes),
        cmocka_unit_test(the_text_names_no_lost_owner), cmocka_unit_test(block_pools_tell_guard_fill_and_pointers),
        cmocka_unit_test(heaps_tell_of_the_region),     cmocka_unit_test(what_cannot_be_reported_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
