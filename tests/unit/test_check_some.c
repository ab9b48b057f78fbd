/* SPDX-License-Identifier: MIT */
/*
 * The check in steps, tarn_check_some().
 *
 * CT1 what has no place for it is refused, and a call for no parts does nothing
 * CT2 in a sound pool of any shape each round ends, with nothing found, in whatever steps it is made
 * CT3 each bit of the metadata, of slack and of filled memory: flipped, it is found in the next round if the full check
 *     finds it and no count alone shows it, and not if the full check finds nothing
 * CT4 a call that finds something goes on behind it: two faults are both found in one round
 * CT5 the place that a round stands at is part of the image: it is checked, refused where it is forged, and read in
 *     either byte order; repair and reset begin anew
 * CT6 no operation leaves the place inside a block: each one, on each pattern of free blocks, from each place
 */
#include "anatomy.h"
#include "check.h"
#include "tarn/blocks.h"
#include "test.h"

enum { BYTES = 4096, PARTS = 4096, BLOCKS = 20, ENDLESS = 100000 };

static _Alignas(16) unsigned char memory[BYTES];
static _Alignas(16) unsigned char copied[BYTES];
static unsigned char *blocks[BLOCKS];
static part parts[PARTS];

/* Makes parts steps at a time until a round is over; what was found last in *finding. Returns how many calls. */
static uint32_t finish_round(tarn_pool *pool, uint32_t steps, tarn_finding *finding)
{
    tarn_finding found;
    uint32_t calls = 0;
    memset(finding, 0, sizeof *finding);
    do {
        tarn_status status = tarn_check_some(pool, steps, &found);
        assert_true(status == TARN_OK ? found.rule == 0 : status == TARN_E_DAMAGED && found.rule != 0);
        *finding = status == TARN_OK ? *finding : found;
        assert_true(++calls < ENDLESS);
    } while (found.round == 0);
    return calls;
}

static tarn_pool *make_with(const shape *s, uint32_t modules)
{
    memset(memory, 0, sizeof memory);
    tarn_pool *pool = NULL;
    tarn_options options = shape_options(s);
    options.modules = modules;
    assert_int_equal(tarn_init(&pool, memory, s->bytes, &options), TARN_OK);
    for (uint32_t i = 0; i < BLOCKS; i++) {
        blocks[i] = tarn_alloc(pool, 20u + 3u * i + (i % 5u == 1u ? 200u : 0));
        assert_non_null(blocks[i]);
    }
    for (uint32_t i = 1; i < BLOCKS; i += 2) {
        assert_int_equal(tarn_free(pool, blocks[i]), TARN_OK);
        blocks[i] = NULL;
    }
    return pool;
}

static tarn_pool *make(const shape *s)
{
    return make_with(s, 0);
}

/* ---- CT1 ---- */

static void refusals(void **state)
{
    (void)state;
    tarn_finding finding;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_AUTO, BYTES, 0};
    tarn_pool *pool = make(&s);
    memcpy(copied, memory, BYTES);
    assert_int_equal(tarn_check_some(pool, 8, &finding), TARN_E_ARGUMENT);
    assert_int_equal(finding.rule, 0);
    assert_int_equal(tarn_check_some(NULL, 8, NULL), TARN_E_NULL);
    assert_int_equal(tarn_check_some((tarn_pool *)(void *)(memory + 64), 8, &finding), TARN_E_NOT_A_POOL);
    assert_memory_equal(copied, memory, BYTES);
    s.flags = TARN_POOL_CURSOR;
    pool = make(&s);
    memcpy(copied, memory, BYTES);
    assert_int_equal(tarn_check_some(pool, 0, &finding), TARN_OK);
    assert_int_equal(finding.round, 0);
    assert_memory_equal(copied, memory, BYTES);
    memory[4u * IMAGE_TOP + 3u] ^= 0x80;
    assert_int_equal(tarn_check_some(pool, 8, &finding), TARN_E_DAMAGED);
    assert_int_equal(finding.rule, TARN_RULE_HEADER);
    assert_int_equal(finding.round, 1); /* who goes on until a round is over ends */
    memory[4u * IMAGE_TOP + 3u] ^= 0x80;
    assert_int_equal(tarn_check_some(pool, UINT32_MAX, NULL), TARN_OK);
    assert_int_equal(tarn_deinit(pool), TARN_OK);
    assert_int_equal(tarn_check_some(pool, 8, &finding), TARN_E_NOT_A_POOL);
}

/* The flag costs 8 bytes, of which rounding to the granule may hide some. */
static void the_place_costs_8_bytes(void **state)
{
    (void)state;
    for (uint32_t granule = 4; granule <= 16; granule *= 2) {
        tarn_options options = {.granule = granule};
        size_t without = tarn_overhead(BYTES, &options);
        options.flags = TARN_POOL_CURSOR;
        size_t more = tarn_overhead(BYTES, &options) - without;
        assert_true(granule == 16 ? more == 0 || more == 16 : more == 8);
    }
}

/* ---- shapes ---- */

static const uint32_t flags_of[] = {0, TARN_POOL_GUARD, TARN_POOL_GUARD | TARN_POOL_POISON,
                                    TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE};

typedef void with_shape(const shape *s);

static void each_shape(with_shape *run)
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t i = 0; i < count * 16u; i++) {
        shape s = {engines[i / 16u],
                   UINT32_C(4) << i % 3u,
                   (i * 5u + i / 16u) % 8u,
                   TARN_RECOGNISE_KEYED + i % 2u,
                   BYTES,
                   flags_of[i / 4u % 4u] | TARN_POOL_CURSOR};
        run(&s);
    }
}

/* ---- CT2 ---- */

static uint64_t rounds_made;

static void sound_rounds(const shape *s)
{
    tarn_pool *pool = make(s);
    tarn_finding finding;
    uint32_t whole = finish_round(pool, 1, &finding);
    assert_int_equal(finding.rule, 0);
    for (uint32_t steps = 2; steps < 2u * whole; steps += 1u + steps / 3u) {
        assert_int_equal(finish_round(pool, steps, &finding), (whole + steps - 1u) / steps);
        assert_int_equal(finding.rule, 0);
        rounds_made++;
    }
    assert_int_equal(finish_round(pool, UINT32_MAX, &finding), 1);
    assert_sound(pool, "after rounds");
}

static void sound_pools_stay_so(void **state)
{
    (void)state;
    each_shape(sound_rounds);
    printf("%lu rounds in sound pools\n", (unsigned long)rounds_made);
}

/* ---- CT3 ---- */

static uint64_t flipped[PART_KINDS + 2];
static uint64_t found_in_steps[PART_KINDS + 2];

/* A count is the first thing wrong only where nothing else is. */
static bool counts_alone(const tarn_finding *finding)
{
    return finding->rule == TARN_RULE_COUNTS || finding->rule == TARN_RULE_MODULES;
}

/* With the bit of the byte at at flipped, of a pool that stands somewhere in a round. */
static void flip(tarn_pool *pool, uint32_t kind, size_t at, uint32_t bit)
{
    tarn_finding whole;
    tarn_finding some;
    if (kind <= PART_MAP_LENGTH) {
        memcpy(copied, memory, BYTES); /* with another layout the place may be another */
    }
    memory[at] ^= (unsigned char)(1u << bit);
    tarn_status status = tarn_check(pool, &whole);
    tarn_status stepped = tarn_check_some(pool, 3, &some);
    if (status == TARN_E_NOT_A_POOL || whole.rule == TARN_RULE_HEADER) {
        assert_int_equal(stepped, status);
    } else if (kind != PART_CURSOR && stepped != TARN_E_ARGUMENT) { /* that was the flag's own bit */
        (void)finish_round(pool, 5, &some);                         /* the one that the fault came into */
        (void)finish_round(pool, 5, &some);
        if (status == TARN_OK || (some.rule == 0 && counts_alone(&whole))) {
            assert_int_equal(some.rule, 0);
        } else if (some.rule == 0) {
            fail_msg("%s bit %u at %lu: rule %u is not seen", kind < PART_KINDS ? part_name((part_kind)kind) : "memory",
                     bit, (unsigned long)at, whole.rule);
        }
        flipped[kind] += status != TARN_OK;
        found_in_steps[kind] += some.rule != 0;
    }
    memory[at] ^= (unsigned char)(1u << bit);
    if (kind <= PART_MAP_LENGTH) {
        memcpy(memory, copied, BYTES);
    }
}

/* Free memory and slack of a pool that fills them, every third byte. */
static void flip_filled(tarn_pool *pool, const shape *s)
{
    uint32_t fill = (s->flags & TARN_POOL_ZERO_ON_FREE) != 0 ? 0 : 0xDD;
    for (size_t at = (size_t)(blocks[0] - memory); at < s->bytes; at += 3) {
        bool filled = (s->flags & TARN_POOL_POISON) != 0 && memory[at] == fill;
        bool slack = (s->flags & TARN_POOL_GUARD) != 0 && memory[at] == 0xA5;
        if (filled || slack) {
            flip(pool, PART_KINDS + slack, at, at % 8u);
        }
    }
}

static void each_bit(const shape *s)
{
    tarn_pool *pool = make_with(s, s->extension_words != 0 ? 3 : 0);
    size_t count = anatomy(memory, parts, PARTS);
    uint32_t step = (uint32_t)(test_scaled(100) < 100 ? 7 : 1);
    for (size_t k = 0; k < count; k++) {
        for (uint32_t bit = (uint32_t)k % step; bit < 8u * (uint32_t)parts[k].width; bit += step) {
            flip(pool, parts[k].kind, parts[k].at + bit / 8u, bit % 8u);
        }
    }
    flip_filled(pool, s);
    assert_sound(pool, "all put back");
}

static void what_the_full_check_sees_the_steps_see(void **state)
{
    (void)state;
    each_shape(each_bit);
    for (uint32_t kind = 0; kind < PART_KINDS + 2u; kind++) {
        const char *name = kind == PART_KINDS ? "free memory" : "slack";
        printf("  %-18s %6lu of %6lu seen in steps\n", kind < PART_KINDS ? part_name((part_kind)kind) : name,
               (unsigned long)found_in_steps[kind], (unsigned long)flipped[kind]);
    }
    static const uint32_t all[] = {PART_BITMAP,     PART_HEAD, PART_MAP,   PART_HEADER_USED, PART_HEADER_FREE,
                                   PART_HEADER_TOP, PART_NEXT, PART_WHERE, PART_CHILD,       PART_SLOT,
                                   PART_TAG,        PART_TAIL, PART_KINDS, PART_KINDS + 1u};
    uint32_t engines[3];
    bool every = engines_built(engines) == 3; /* else there may be no index, or no tree */
    for (uint32_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        assert_true(flipped[all[i]] != 0 || !every);
        assert_int_equal(found_in_steps[all[i]], flipped[all[i]]);
    }
}

/* ---- CT4 ---- */

static void one_round_finds_several(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_KEYED, BYTES, TARN_POOL_CURSOR | TARN_POOL_GUARD};
    tarn_pool *pool = make(&s);
    blocks[2][26] ^= 1; /* behind 20 + 3 * 2 bytes */
    blocks[8][44] ^= 1;
    blocks[10][50] ^= 1;
    uint64_t offsets[4] = {0};
    uint32_t count = 0;
    tarn_finding finding;
    do {
        if (tarn_check_some(pool, 2, &finding) == TARN_E_DAMAGED) {
            assert_int_equal(finding.rule, TARN_RULE_GUARD);
            assert_true(count < 3);
            offsets[count++] = finding.offset;
        }
    } while (finding.round == 0);
    assert_int_equal(count, 3);
    assert_int_equal(offsets[0], blocks[2] - memory);
    assert_int_equal(offsets[1], blocks[8] - memory);
    assert_int_equal(offsets[2], blocks[10] - memory);
}

/* Behind a header that leads nowhere the steps cannot go: the round ends, and the next one comes there again. */
static void a_broken_header_ends_the_round(void **state)
{
    (void)state;
    shape s = {TARN_ENGINE_DEFAULT, 8, 0, TARN_RECOGNISE_KEYED, BYTES, TARN_POOL_CURSOR};
    tarn_pool *pool = make(&s);
    tarn_finding finding;
    blocks[6][-2] ^= 0x10;
    for (uint32_t i = 0; i < 3; i++) {
        (void)finish_round(pool, 2, &finding);
        assert_int_equal(finding.rule, TARN_RULE_CHECK);
        assert_int_equal(finding.offset, blocks[6] - memory);
    }
    blocks[6][-2] ^= 0x10;
    (void)finish_round(pool, 2, &finding);
    assert_int_equal(finding.rule, 0);
}

/* ---- CT5 ---- */

static void a_forged_place_is_found(const shape *s)
{
    tarn_pool *pool = make(s);
    tarn_pool *adopted;
    tarn_finding finding;
    tarn_view view;
    size_t count = anatomy(memory, parts, PARTS);
    for (uint32_t at = 0; at < 60; at++) {
        size_t word = part_find(parts, count, 0, PART_CURSOR) + at % 2u;
        assert_int_equal(tarn_check_some(pool, 1, NULL), TARN_OK);
        uint32_t honest = part_get(memory, &parts[word]);
        part_set(memory, &parts[word], honest ^ UINT32_C(1) << (at % 2u == 0 ? at % 32u : 16u + at / 2u % 16u));
        assert_int_equal(tarn_check(pool, &finding), TARN_E_DAMAGED);
        assert_int_equal(finding.rule, TARN_RULE_CURSOR);
        memcpy(copied, memory, BYTES);
        assert_int_equal(tarn_adopt(&adopted, copied, BYTES), TARN_E_DAMAGED);
        anatomy_swap(copied, parts, count);
        assert_int_equal(tarn_view_open(&view, copied, BYTES), TARN_OK);
        assert_int_equal(tarn_view_check(&view, &finding), TARN_E_DAMAGED);
        assert_int_equal(finding.rule, TARN_RULE_CURSOR);
        if (at % 3u == 0) {
            assert_int_equal(tarn_repair(pool, &finding), TARN_OK);
        } else if (at % 3u == 1u) {
            assert_int_equal(tarn_check_some(pool, 1, &finding), TARN_E_DAMAGED);
            assert_true(finding.rule == TARN_RULE_CURSOR && finding.round == 1);
        } else {
            part_set(memory, &parts[word], honest);
        }
        assert_sound(pool, "the place is right again");
    }
}

static void the_place_is_part_of_the_image(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    (void)state;
    for (uint32_t i = 0; i < built; i++) {
        shape s = {engines[i], 8, 0, TARN_RECOGNISE_EXACT, BYTES, TARN_POOL_CURSOR};
        a_forged_place_is_found(&s);
        tarn_pool *pool = make(&s);
        tarn_pool *adopted;
        tarn_view view;
        assert_int_equal(tarn_check_some(pool, 9, NULL), TARN_OK);
        memcpy(copied, memory, BYTES);
        assert_int_equal(tarn_adopt(&adopted, copied, BYTES), TARN_OK);
        for (uint32_t k = 0; k < 40; k++) { /* both go on from the same place */
            tarn_finding one;
            tarn_finding other;
            assert_int_equal(tarn_check_some(pool, 1, &one), TARN_OK);
            assert_int_equal(tarn_check_some(adopted, 1, &other), TARN_OK);
            assert_int_equal(one.round, other.round);
        }
        size_t count = anatomy(memory, parts, PARTS);
        memcpy(copied, memory, BYTES);
        anatomy_swap(copied, parts, count);
        assert_int_equal(tarn_view_open(&view, copied, BYTES), TARN_OK);
        assert_int_equal(tarn_view_check(&view, NULL), TARN_OK);
        assert_int_equal(tarn_reset(pool), TARN_OK);
        assert_sound(pool, "reset in a round");
    }
}

/* ---- CT6 ---- */

enum { FEW = 6, OPERATIONS = 60 };

static unsigned char *few[FEW];
static uint64_t moves;
static uint64_t tries;

/* FEW blocks, those of the pattern free again, and a wilderness or none; the check stands after this many steps. */
static tarn_pool *stand(const shape *s, uint32_t pattern, bool full, uint32_t steps)
{
    tarn_pool *pool = NULL;
    tarn_options options = shape_options(s);
    options.max_bytes = BYTES;
    memset(memory, 0, sizeof memory);
    assert_int_equal(tarn_init(&pool, memory, 1024, &options), TARN_OK);
    for (uint32_t i = 0; i < FEW; i++) {
        few[i] = tarn_alloc(pool, i + 1u == FEW && full ? tarn_largest(pool) : 40u);
        assert_non_null(few[i]);
    }
    for (uint32_t i = 0; i < FEW; i++) {
        if ((pattern >> i & 1u) != 0) {
            assert_int_equal(tarn_free(pool, few[i]), TARN_OK);
            few[i] = NULL;
        }
    }
    assert_int_equal(tarn_check_some(pool, steps, NULL), TARN_OK);
    return pool;
}

/* One of OPERATIONS operations; false if there is nothing to do it with. */
static bool operate(tarn_pool *pool, uint32_t operation)
{
    static const uint32_t sizes[] = {1, 20, 60, 100, 150, 400};
    unsigned char *block = few[operation % FEW];
    uint32_t size = sizes[operation / FEW % 6u];
    switch (operation / FEW) {
    case 0:
        return block != NULL && tarn_free(pool, block) == TARN_OK;
    case 1:
    case 2:
    case 3:
    case 4:
        return block != NULL && tarn_resize(pool, block, size) == TARN_OK;
    case 5:
        return block != NULL && tarn_realloc(pool, block, 130) != NULL;
    case 6:
        return tarn_alloc(pool, 20u * (operation % FEW) + 1u) != NULL;
    case 7:
        return tarn_alloc_aligned(pool, 20, 64u << operation % 3u) != NULL;
    case 8:
        return block != NULL && tarn_realloc(pool, block, 56) != NULL;
    default:
        return operation % 2u == 0 ? tarn_grow(pool, 1100u + operation) == TARN_OK : tarn_reset(pool) == TARN_OK;
    }
}

static uint32_t place_of(void)
{
    image im = image_open(memory);
    return cursor_get(&im).next;
}

static void operations_from_each_place(const shape *s, uint32_t pattern, bool full)
{
    tarn_finding finding;
    uint32_t whole = 1;
    tarn_pool *pool = stand(s, pattern, full, 0);
    whole = finish_round(pool, 1, &finding);
    for (uint32_t steps = 0; steps < whole; steps++) {
        for (uint32_t operation = 0; operation < OPERATIONS; operation++) {
            pool = stand(s, pattern, full, steps);
            uint32_t before = place_of();
            if (!operate(pool, operation)) {
                continue;
            }
            tries++;
            moves += place_of() != before;
            assert_true(place_of() <= before);
            assert_sound(pool, "after an operation in a round");
            (void)finish_round(pool, 1, &finding);
            assert_int_equal(finding.rule, 0);
        }
    }
}

static void no_operation_leaves_the_place_behind(void **state)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    uint32_t step = test_scaled(100) < 100 ? 5 : 1;
    (void)state;
    for (uint32_t i = 0; i < built * 3u; i++) {
        static const uint32_t flags[3] = {0, TARN_POOL_POISON, TARN_POOL_GUARD};
        shape s = {engines[i / 3u], 8, i % 3u, TARN_RECOGNISE_KEYED + i % 2u, 1024, TARN_POOL_CURSOR | flags[i % 3u]};
        for (uint32_t pattern = 0; pattern < 1u << FEW; pattern += step) {
            operations_from_each_place(&s, pattern, pattern % 2u == 0);
            operations_from_each_place(&s, pattern, pattern % 2u != 0 && i % 3u == 0);
        }
    }
    printf("%lu operations, %lu took the place along\n", (unsigned long)tries, (unsigned long)moves);
    assert_true(moves > tries / 100u);
}

/* ---- block pools have steps of the same kind ---- */

static void block_pools_say_when_a_round_is_over(void **state)
{
    (void)state;
    tarn_blocks_options options = {.count = 10, .flags = TARN_BLOCKS_GUARD};
    tarn_blocks *pool;
    tarn_finding finding;
    uint32_t cursor = 0;
    assert_int_equal(tarn_blocks_init(&pool, memory, BYTES, 16, &options), TARN_OK);
    unsigned char *out[4];
    for (uint32_t i = 0; i < 4; i++) {
        out[i] = tarn_blocks_get(pool);
    }
    out[1][16] ^= 1;
    out[3][16] ^= 1;
    uint32_t faults = 0;
    uint32_t calls = 0;
    do {
        faults += tarn_blocks_check_some(pool, &cursor, 4, &finding) == TARN_E_DAMAGED;
        assert_true((cursor == 0) == (finding.round == 1) && ++calls < 10);
    } while (finding.round == 0);
    assert_int_equal(faults, 2); /* each call ends with what it finds, and the next goes on behind it */
    assert_int_equal(calls, 4);
    memory[36] ^= 1;
    cursor = 4;
    assert_int_equal(tarn_blocks_check_some(pool, &cursor, 4, &finding), TARN_E_DAMAGED);
    assert_true(finding.rule == TARN_RULE_BLOCKS_HEADER && finding.round == 1 && cursor == 0);
    memory[36] ^= 1;
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(the_place_costs_8_bytes),
        cmocka_unit_test(sound_pools_stay_so),
        cmocka_unit_test(what_the_full_check_sees_the_steps_see),
        cmocka_unit_test(one_round_finds_several),
        cmocka_unit_test(a_broken_header_ends_the_round),
        cmocka_unit_test(the_place_is_part_of_the_image),
        cmocka_unit_test(no_operation_leaves_the_place_behind),
        cmocka_unit_test(block_pools_say_when_a_round_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
