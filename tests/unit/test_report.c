/* SPDX-License-Identifier: MIT */
/*
 * Reports: each planted fault is told as what it is, with the block, its left neighbour and the bytes. As text, and of
 * block pools and heaps: test_report_text.c.
 *
 * RP1 a write past a block's end: overrun of the left neighbour, by as many bytes as broke
 * RP2 a write in front of a block: underrun of its own block
 * RP3 one flipped bit in a header is told as that, with its number
 * RP4 a write into a free block: use after free, with its last owner where the pool keeps him; nobody is named where free
 *     memory begins inside what was a user's
 * RP5 refused pointers: double free, stale, interior, foreign, of another pool
 * RP6 a view of the image tells the same but for addresses; also in the other byte order
 * RP7 with reports on each refusal and damage is delivered once, with reports off none
 * RP9 damage that a call's policy, or the call, writes over is told as it was: the call's own block first, with its first
 *     bad byte and what that held
 */
#include "trio.h"

static _Alignas(4096) unsigned char other_memory[BYTES];

/* ---- RP1, RP2, RP3 ---- */

/* a's owner writes far enough to change the first bytes of b's header. */
static void overrun(const trio *t, uint32_t words)
{
    for (uint32_t into = 1; into <= 4u; into++) {
        unsigned char saved[64];
        unsigned char *from = t->b - t->lead;
        memcpy(saved, from, t->lead);
        for (uint32_t i = 0; i < t->lead - 4u + into; i++) {
            from[i] = (unsigned char)~from[i];
        }
        tarn_report r = damage_report(t);
        assert_int_equal(r.rule, TARN_RULE_CHECK);
        assert_int_equal(r.guess, TARN_GUESS_OVERRUN);
        assert_int_equal(r.amount, t->lead - 4u + into);
        assert_int_equal(r.first_bad, from - pool_memory);
        is_block(&r.left, t->a, words == 0 ? 0 : TARN_OWNER(1, 11));
        assert_ptr_equal(pool_memory + r.block.offset, t->b);
        assert_int_equal(r.block.owner, 0);
        assert_int_equal(r.block.size, t->c - t->b);
        memcpy(saved + 60, saved + t->lead - 4u, 4);
        assert_memory_equal(&r.expected, saved + 60, 4);
        memcpy(from, saved, t->lead);
    }
    assert_sound(t->pool, "with the header restored");
}

static void underrun(const trio *t, uint32_t words)
{
    for (uint32_t back = 1; back <= 3u; back++) {
        unsigned char saved[4];
        memcpy(saved, t->b - 4, 4);
        for (uint32_t i = 1; i <= back; i++) {
            t->b[-(int)i] = (unsigned char)~t->b[-(int)i];
        }
        tarn_report r = damage_report(t);
        assert_int_equal(r.guess, TARN_GUESS_UNDERRUN);
        assert_int_equal(r.amount, back);
        assert_int_equal(r.first_bad, t->b - back - pool_memory);
        is_block(&r.block, t->b, words == 0 ? 0 : TARN_OWNER(2, 22));
        memcpy(t->b - 4, saved, 4);
    }
}

static void bit_flips(const trio *t, uint32_t words)
{
    (void)words;
    for (uint32_t bit = 0; bit < 32u; bit++) {
        uint32_t header;
        memcpy(&header, t->b - 4, 4);
        uint32_t changed = header ^ UINT32_C(1) << bit;
        memcpy(t->b - 4, &changed, 4);
        tarn_report r = damage_report(t);
        assert_int_equal(r.guess, TARN_GUESS_BIT_FLIP);
        assert_int_equal(r.amount, bit);
        assert_ptr_equal(pool_memory + r.block.offset, t->b);
        memcpy(t->b - 4, &header, 4);
    }
}

static void writes_over_headers_are_told_by_their_direction(void **state)
{
    (void)state;
    on_trios(overrun);
    on_trios(underrun);
    on_trios(bit_flips);
}

/* ---- RP4 ---- */

static void write_after_free(const trio *t, uint32_t words)
{
    assert_int_equal(tarn_free(t->pool, t->b), TARN_OK);
    uint32_t tag;
    unsigned char *tag_at = t->c - t->lead - 4;
    memcpy(&tag, tag_at, 4);
    memset(tag_at, 0x55, 4);
    tarn_report r = damage_report(t);
    assert_int_equal(r.rule, TARN_RULE_TAG);
    assert_int_equal(r.guess, TARN_GUESS_USE_AFTER_FREE);
    assert_int_equal(r.first_bad, tag_at - pool_memory);
    assert_int_equal(r.block.state, TARN_BLOCK_FREE);
    is_block(&r.block, t->b, words > 1u ? TARN_OWNER(2, 22) : 0);
    is_block(&r.left, t->a, words == 0 ? 0 : TARN_OWNER(1, 11));
    memcpy(tag_at, &tag, 4);
}

static void a_write_into_a_free_block_names_its_last_owner(void **state)
{
    (void)state;
    on_trios(write_after_free);
}

/* What is free begins inside what was a user's: his bytes are no owner. */
enum { BY_REQUEST, BY_SHRINKING, BY_GROWING, BY_GROWING_LEFT, BY_WILDERNESS, BY_ALIGNMENT, SPLITS };

/* Returns the payload of the free block that it left. */
static unsigned char *split(const trio *t, int how)
{
    tarn_block record;
    unsigned char *at = t->b;
    memset(t->b, 2, 40 * SIZE);
    if (how != BY_SHRINKING && how < BY_WILDERNESS) {
        assert_int_equal(tarn_free(t->pool, t->b), TARN_OK);
    }
    if (how == BY_REQUEST) {
        at = tarn_alloc(t->pool, SIZE);
    } else if (how == BY_SHRINKING) {
        assert_int_equal(tarn_resize(t->pool, at, SIZE), TARN_OK);
    } else if (how == BY_GROWING) {
        at = t->a;
        assert_int_equal(tarn_resize(t->pool, at, 4 * SIZE), TARN_OK);
    } else if (how == BY_GROWING_LEFT) {
        unsigned char *first = tarn_alloc(t->pool, 10 * SIZE);
        at = tarn_alloc(t->pool, SIZE);
        assert_int_equal(tarn_free(t->pool, first), TARN_OK);
        at = tarn_realloc(t->pool, at, 32 * SIZE);
        assert_ptr_equal(at, first);
    } else {
        assert_int_equal(tarn_free(t->pool, t->c), TARN_OK);
        assert_int_equal(tarn_free(t->pool, t->b), TARN_OK); /* wilderness from here on */
        at = tarn_alloc(t->pool, SIZE);
        if (how == BY_ALIGNMENT) {
            assert_non_null(tarn_alloc_aligned(t->pool, SIZE, 512));
        } else {
            unsigned char *next = tarn_alloc(t->pool, SIZE);
            assert_non_null(tarn_alloc(t->pool, SIZE));
            assert_int_equal(tarn_free(t->pool, next), TARN_OK);
        }
    }
    assert_non_null(at);
    assert_int_equal(tarn_block_at(t->pool, at, &record), TARN_OK);
    return at + record.size;
}

static void split_and_break(uint32_t engine, uint32_t words, int how)
{
    tarn_options options = {.engine = engine, .extension_words = words};
    tarn_block record;
    trio t;
    memset(pool_memory, 0, sizeof pool_memory);
    assert_int_equal(tarn_init(&t.pool, pool_memory, BYTES, &options), TARN_OK);
    t.a = tarn_alloc(t.pool, SIZE);
    t.b = tarn_alloc(t.pool, 40 * SIZE);
    t.c = tarn_alloc(t.pool, SIZE);
    for (uint32_t i = 0; i < 200; i++) {
        assert_int_equal(tarn_free(t.pool, tarn_alloc(t.pool, 1)), TARN_OK); /* numbers */
    }
    unsigned char *rest = split(&t, how);
    assert_int_equal(tarn_block_at(t.pool, rest, &record), TARN_OK);
    assert_int_equal(record.state, TARN_BLOCK_FREE);
    memset(rest + record.size - 4u - 4u * words - 4u, 0x55, 4);
    tarn_report r = damage_report(&t);
    assert_int_equal(r.rule, TARN_RULE_TAG);
    assert_ptr_equal(pool_memory + r.block.offset, rest);
    if (how != BY_WILDERNESS) {
        assert_int_equal(r.block.owner, 0);
        assert_int_equal(r.block.site, 0);
        assert_int_equal(r.block.sequence, 0);
    } else if (words > 3u) {
        assert_true(r.block.site != 0 && r.block.sequence >= 204);
    }
}

static void where_no_block_began_nobody_is_named(void **state)
{
    uint32_t built[3];
    uint32_t count = engines_built(built);
    (void)state;
    for (uint32_t i = 0; i < count * 7u * SPLITS; i++) {
        split_and_break(built[i / (7u * SPLITS)], i / SPLITS % 7u + 1u, (int)(i % SPLITS));
    }
}

/* ---- RP9 ---- */

/* Each byte that a request for fewer bytes would write slack, copy, tail, link or site over. Returns whether it met it. */
static bool ask_for_written(const tarn_options *options, uint32_t i, size_t size)
{
    tarn_pool *pool;
    tarn_finding finding;
    memset(pool_memory, 0, sizeof pool_memory);
    assert_int_equal(tarn_init(&pool, pool_memory, BYTES, options), TARN_OK);
    unsigned char *other = tarn_alloc(pool, SIZE);
    unsigned char *at = tarn_alloc(pool, 3 * SIZE);
    (void)tarn_alloc(pool, SIZE);
    assert_int_equal(tarn_free(pool, at), TARN_OK);
    assert_int_equal(tarn_quarantine_flush(pool), TARN_OK);
    at[i] ^= 0x41;
    unsigned char byte = at[i];
    if (tarn_check(pool, &finding) != TARN_E_DAMAGED || finding.rule != TARN_RULE_FILL) {
        return false;
    }
    other[SIZE] ^= (options->flags & TARN_POOL_GUARD) != 0 ? 1 : 0; /* damage elsewhere, and earlier */
    uint32_t before = deliveries;
    unsigned char *now = tarn_alloc(pool, size);
    if (deliveries == before) {
        return false;
    }
    assert_int_equal(now != NULL, options->policy == TARN_POLICY_CONTINUE || options->policy == TARN_POLICY_ISOLATE);
    assert_int_equal(deliveries, before + 1);
    assert_int_equal(delivered.status, TARN_E_DAMAGED);
    assert_int_equal(delivered.rule, TARN_RULE_FILL);
    assert_int_equal(delivered.guess, TARN_GUESS_USE_AFTER_FREE);
    assert_int_equal(delivered.first_bad, at + i - pool_memory);
    assert_int_equal(delivered.found, byte);
    assert_ptr_equal(pool_memory + delivered.block.offset, at);
    other[SIZE] ^= (options->flags & TARN_POOL_GUARD) != 0 ? 1 : 0;
    assert_int_equal(tarn_reopen(pool, NULL), TARN_OK);
    assert_true(now == NULL || (tarn_usable(pool, now) == size && tarn_free(pool, now) == TARN_OK));
    assert_int_equal(tarn_check(pool, NULL), TARN_OK);
    (void)tarn_deinit(pool);
    return true;
}

static void what_a_request_writes_over_is_told_before(void **state)
{
    static const uint32_t flags[] = {0, TARN_POOL_GUARD, TARN_POOL_BACKUP, TARN_POOL_ZERO_ON_FREE | TARN_POOL_GUARD};
    static const size_t sizes[] = {1, 21, 3 * SIZE - 9, 3 * SIZE};
    uint32_t built[3];
    uint32_t count = engines_built(built);
    uint32_t met = 0;
    (void)state;
    assert_int_equal(tarn_repairs_on(), TARN_OK);
    assert_listening(tarn_reports_on());
    for (uint32_t i = 0; i < count * 4u * 2u * 5u * 4u; i++) {
        tarn_options options = {.engine = built[i / 160u],
                                .flags = TARN_POOL_POISON | flags[i % 4u],
                                .extension_words = i / 4u % 2u * 3u,
                                .quarantine = i / 4u % 2u * 400u,
                                .policy = i / 8u % 5u};
        for (uint32_t k = 0; k < 3 * SIZE; k++) {
            met += ask_for_written(&options, k, sizes[i / 40u % 4u]);
        }
    }
    assert_int_equal(tarn_reports_off(), TARN_OK);
    printf("  %u writes after free told as a request met them\n", (unsigned)met);
    assert_true(met > count * 5000u);
}

/* A policy that does away with a broken guard does so when that one has been told, whatever else is broken. */
static void the_block_of_the_call_comes_first(void **state)
{
    tarn_pool *pool;
    unsigned char *blocks[4];
    (void)state;
    assert_listening(tarn_reports_on());
    for (uint32_t i = 0; i < 12; i++) { /* CONTINUE, ISOLATE; free and resize; byte */
        tarn_options options = {.flags = TARN_POOL_GUARD, .policy = TARN_POLICY_CONTINUE + i % 2u};
        assert_int_equal(tarn_init(&pool, pool_memory, BYTES, &options), TARN_OK);
        for (uint32_t k = 0; k < 4; k++) {
            blocks[k] = tarn_alloc(pool, SIZE + 1);
        }
        blocks[0][SIZE + 1] ^= 0x21;
        blocks[2][SIZE + 1 + i / 4u] ^= 0x42;
        (void)(i / 2u % 2u == 0 ? tarn_free(pool, blocks[2]) : tarn_resize(pool, blocks[2], SIZE));
        assert_ptr_equal(pool_memory + delivered.block.offset, blocks[2]);
        assert_int_equal(delivered.rule, TARN_RULE_GUARD);
        assert_ptr_equal(pool_memory + delivered.first_bad, blocks[2] + SIZE + 1 + i / 4u);
        (void)tarn_deinit(pool);
    }
    assert_int_equal(tarn_reports_off(), TARN_OK);
}

static void control_data_are_written_wildly(void **state)
{
    (void)state;
    trio t = make_trio(TARN_ENGINE_DEFAULT, 0);
    uint32_t used;
    memcpy(&used, pool_memory + 24, 4);
    uint32_t wrong = used ^ 4u;
    memcpy(pool_memory + 24, &wrong, 4);
    tarn_report r = damage_report(&t);
    assert_int_equal(r.rule, TARN_RULE_COUNTS);
    assert_int_equal(r.guess, TARN_GUESS_BIT_FLIP);
    assert_int_equal(r.amount, 2);
    assert_int_equal(r.block.size, 0);
    wrong = used + 1000u;
    memcpy(pool_memory + 24, &wrong, 4);
    assert_int_equal(damage_report(&t).guess, TARN_GUESS_WILD_WRITE);
    memcpy(pool_memory + 24, &used, 4);
    pool_memory[4] ^= 0xFFu; /* the layout: no view can be opened */
    assert_int_equal(tarn_report_about(t.pool, NULL, TARN_E_DAMAGED, &r), TARN_OK);
    assert_int_equal(r.rule, TARN_RULE_HEADER);
    assert_int_equal(r.guess, TARN_GUESS_WILD_WRITE);
    pool_memory[4] ^= 0xFFu;
    end_trio(&t);
}

/* ---- RP5, RP7 ---- */

static void told_as(const trio *t, void *pointer, tarn_status status, uint32_t guess)
{
    uint32_t before = deliveries;
    assert_int_equal(tarn_free(t->pool, pointer), status);
    assert_int_equal(deliveries, before + 1u);
    assert_int_equal(delivered.status, status);
    assert_int_equal(delivered.guess, guess);
    assert_int_equal(delivered.rule, 0);
    assert_int_equal(delivered.address, (uintptr_t)pointer);
    assert_int_equal(delivered.task, tarn_port_task());
}

static void pointers(const trio *t, uint32_t words)
{
    static _Alignas(8) unsigned char foreign[64];
    tarn_pool *other;
    assert_int_equal(tarn_init(&other, other_memory, BYTES, NULL), TARN_OK);
    void *of_other = tarn_alloc(other, SIZE);
    assert_listening(tarn_reports_on());
    assert_listening(tarn_reports_on());
    told_as(t, foreign, TARN_E_FOREIGN, TARN_GUESS_FOREIGN);
    told_as(t, of_other, TARN_E_FOREIGN, TARN_GUESS_OTHER_POOL);
    assert_int_equal(delivered.other, (uintptr_t)other);
    told_as(t, t->b + 8, TARN_E_NOT_A_BLOCK, TARN_GUESS_INTERIOR);
    assert_int_equal(delivered.amount, 8);
    is_block(&delivered.block, t->b, words == 0 ? 0 : TARN_OWNER(2, 22));
    is_block(&delivered.left, t->a, words == 0 ? 0 : TARN_OWNER(1, 11));
    told_as(t, t->b + 3, TARN_E_MISALIGNED, TARN_GUESS_INTERIOR);
    assert_int_equal(delivered.amount, 3);
    for (uint32_t before = 1; before <= t->lead; before++) {
        told_as(t, t->b - before, tarn_recognise(t->pool, t->b - before), TARN_GUESS_HEADER);
        assert_int_equal(delivered.amount, before);
        is_block(&delivered.block, t->b, words == 0 ? 0 : TARN_OWNER(2, 22));
    }
    told_as(t, t->b - t->lead - 1u, tarn_recognise(t->pool, t->b - t->lead - 1u), TARN_GUESS_INTERIOR);
    is_block(&delivered.block, t->a, words == 0 ? 0 : TARN_OWNER(1, 11));
    assert_int_equal(tarn_free(t->pool, t->b), TARN_OK);
    told_as(t, t->b, TARN_E_DOUBLE_FREE, TARN_GUESS_DOUBLE_FREE);
    assert_int_equal(tarn_free(t->pool, t->a), TARN_OK);
    told_as(t, t->b, TARN_E_DOUBLE_FREE, TARN_GUESS_DOUBLE_FREE);
    told_as(t, t->b + 8, TARN_E_NOT_A_BLOCK, TARN_GUESS_STALE);
    assert_int_equal(tarn_free(t->pool, t->c), TARN_OK);
    told_as(t, t->c, TARN_E_DOUBLE_FREE, TARN_GUESS_DOUBLE_FREE);
    assert_int_equal(tarn_reports_off(), TARN_OK);
    assert_int_equal(tarn_reports_off(), TARN_E_ARGUMENT);
    uint32_t before = deliveries;
    assert_int_equal(tarn_free(t->pool, foreign), TARN_E_FOREIGN);
    assert_int_equal(deliveries, before);
    assert_int_equal(tarn_deinit(other), TARN_OK);
}

static void refused_pointers_are_told_as_what_they_are(void **state)
{
    (void)state;
    need_registry();
    on_trios(pointers);
}

static void damage_met_by_a_call_is_delivered(void **state)
{
    (void)state;
    trio t = make_trio(TARN_ENGINE_DEFAULT, 1);
    assert_listening(tarn_reports_on());
    memset(t.b - t.lead, 'A', t.lead); /* a is written past its end */
    uint32_t before = deliveries;
    assert_int_equal(tarn_free(t.pool, t.b), TARN_E_NOT_A_BLOCK);
    assert_int_equal(deliveries, before + 1u);
    assert_int_equal(delivered.rule, TARN_RULE_CHECK);
    assert_int_equal(delivered.guess, TARN_GUESS_OVERRUN);
    is_block(&delivered.left, t.a, TARN_OWNER(1, 11));
    assert_int_equal(tarn_free(t.pool, t.a), TARN_E_DAMAGED);
    assert_int_equal(deliveries, before + 2u);
    assert_int_equal(delivered.guess, TARN_GUESS_OVERRUN);
    assert_int_equal(tarn_reports_off(), TARN_OK);
    end_trio(&t);
}

/* The tail of the block in front is broken as well, and found first; what was asked for is the header. */
static void an_overrun_of_a_guarded_block_is_no_double_free(void **state)
{
    (void)state;
    tarn_pool *pool;
    tarn_options options = {.extension_words = TARN_WORDS_OWNER, .flags = TARN_POOL_GUARD};
    assert_int_equal(tarn_init(&pool, pool_memory, sizeof pool_memory, &options), TARN_OK);
    unsigned char *a = tarn_alloc_for(pool, 24, &(tarn_purpose){.module = 1});
    unsigned char *b = tarn_alloc(pool, 40);
    unsigned char *c = tarn_alloc(pool, 40);
    assert_non_null(c);
    assert_listening(tarn_reports_on());
    memset(a + 24, 'x', (size_t)(b - a) - 24u);
    assert_int_equal(tarn_free(pool, b), TARN_E_NOT_A_BLOCK);
    assert_int_equal(delivered.rule, TARN_RULE_CHECK);
    assert_int_equal(delivered.guess, TARN_GUESS_OVERRUN);
    assert_int_equal(delivered.block.offset, b - pool_memory);
    assert_int_equal(delivered.left.offset, a - pool_memory);
    assert_int_equal(tarn_free(pool, c + 8), TARN_E_NOT_A_BLOCK); /* nobody can tell what lies behind b */
    assert_int_equal(delivered.rule, TARN_RULE_CHECK);
    assert_int_equal(delivered.block.offset, b - pool_memory);
    assert_int_equal(tarn_reports_off(), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_over_headers_are_told_by_their_direction),
        cmocka_unit_test(a_write_into_a_free_block_names_its_last_owner),
        cmocka_unit_test(where_no_block_began_nobody_is_named),
        cmocka_unit_test(what_a_request_writes_over_is_told_before),
        cmocka_unit_test(the_block_of_the_call_comes_first),
        cmocka_unit_test(control_data_are_written_wildly),
        cmocka_unit_test(refused_pointers_are_told_as_what_they_are),
        cmocka_unit_test(damage_met_by_a_call_is_delivered),
        cmocka_unit_test(an_overrun_of_a_guarded_block_is_no_double_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
