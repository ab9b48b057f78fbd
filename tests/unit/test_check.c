/* SPDX-License-Identifier: MIT */
/*
 * The full check finds what is wrong: every rule I1 to I11 broken on purpose, in one word, and every bit of every word
 * of metadata flipped.
 *
 * K1 a fault planted against a rule is reported as that rule, at the block or word where it was planted
 * K2 the check of a view says the same; nothing is written; with the word restored nothing is found
 * K3 a flipped bit is found unless no rule can tell it from another history: the tallies (refusals, tail, largest
 *    alignment), a higher peak, and the bit that says whether calls lock; in the layout and the map's length a flip may
 *    stay unseen where rounding to the granule leaves the first block in its place and no free block contradicts
 * K4 no reader faults on any of it; the memory ends at a page that does
 */
#include "anatomy.h"
#include "drive.h"
#include "image.h"
#include "test.h"

#include <stdlib.h>

enum { BYTES = 4096, PARTS = 4096, USED = 1, LEFT_FREE = 2, MARK = 4, TAIL_BIT = 23, ALIGNMENT_BIT = 27 };

static guarded memory;
static unsigned char sound[BYTES];
static part parts[PARTS];
static size_t part_count;

/* The pool of a planted fault. Of its blocks every second is free; two of them are alike and small, three large, two of
 * these alike, so that there are lists of two, a trie with a child, and a block behind a node. */
typedef struct garden {
    shape shape;
    tarn_pool *pool;
    uint32_t used[6]; /* offsets of blocks in granules, each left of the free one with the same index */
    uint32_t free[6]; /* the last is not free but the first used block behind them */
} garden;

static uint32_t offset_of(const shape *s, const unsigned char *block)
{
    return (uint32_t)((size_t)(block - memory.bytes) / s->granule);
}

static garden make_garden(const shape *s)
{
    static const size_t sizes[5] = {60, 60, 300, 340, 300};
    unsigned char *holes[5];
    garden g = {*s, pool_make(s, memory.bytes), {0}, {0}};
    for (uint32_t i = 0; i < 5; i++) {
        g.used[i] = offset_of(s, tarn_alloc(g.pool, 100));
        holes[i] = tarn_alloc(g.pool, sizes[i]);
        g.free[i] = offset_of(s, holes[i]);
    }
    g.used[5] = offset_of(s, tarn_alloc(g.pool, 100));
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(tarn_free(g.pool, holes[i]), TARN_OK);
    }
    assert_sound(g.pool, "garden");
    memcpy(sound, memory.bytes, s->bytes);
    part_count = anatomy(memory.bytes, parts, PARTS);
    return g;
}

/* The one part of this kind that belongs to the block at offset (0: control data). */
static const part *part_at(part_kind kind, uint32_t offset)
{
    for (size_t i = 0; i < part_count; i++) {
        if (parts[i].kind == kind && parts[i].offset == offset) {
            return &parts[i];
        }
    }
    fail_msg("no %s at %u", part_name(kind), (unsigned)offset);
    return NULL;
}

static uint32_t get(part_kind kind, uint32_t offset)
{
    return part_get(memory.bytes, part_at(kind, offset));
}

static void set(part_kind kind, uint32_t offset, uint32_t value)
{
    part_set(memory.bytes, part_at(kind, offset), value);
}

/* K1, K2: the finding, and the memory restored. */
static void expect_at(const garden *g, uint32_t rule, uint64_t at)
{
    static unsigned char broken[BYTES];
    tarn_finding live;
    tarn_finding viewed;
    tarn_view view;
    char text[SHAPE_TEXT];
    memcpy(broken, memory.bytes, BYTES);
    assert_int_equal(tarn_check(g->pool, &live), TARN_E_DAMAGED);
    if (live.rule != rule || live.offset != at) {
        fail_msg("%s: planted I%u at byte %lu, found I%u at byte %lu", shape_text(&g->shape, text), (unsigned)rule,
                 (unsigned long)at, (unsigned)live.rule, (unsigned long)live.offset);
    }
    if (rule == TARN_RULE_HEADER) {
        assert_int_not_equal(tarn_view_open(&view, memory.bytes, g->shape.bytes), TARN_OK);
    } else {
        assert_true(live.expected != live.found);
        assert_int_equal(tarn_view_open(&view, memory.bytes, g->shape.bytes), TARN_OK);
        assert_int_equal(tarn_view_check(&view, &viewed), TARN_E_DAMAGED);
        assert_memory_equal(&live, &viewed, sizeof live);
        assert_int_equal(tarn_view_check(&view, NULL), TARN_E_DAMAGED);
    }
    assert_memory_equal(broken, memory.bytes, BYTES);
    memcpy(memory.bytes, sound, g->shape.bytes);
    assert_int_equal(tarn_check(g->pool, &live), TARN_OK);
    assert_int_equal(live.rule, 0);
}

static void expect_block(const garden *g, uint32_t rule, uint32_t offset)
{
    expect_at(g, rule, (uint64_t)offset * g->shape.granule);
}

static void expect_word(const garden *g, uint32_t rule, const part *p)
{
    expect_at(g, rule, p->at);
}

typedef void planting(const garden *g);

/* Plants in pools of every engine, keyed and exact, granules 4 and 8, 0 and 2 extension words. */
static void plant(planting *faults)
{
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    for (uint32_t i = 0; i < built * 8u; i++) {
        shape s = {
            engines[i / 8u], UINT32_C(4) << i % 2u, i / 2u % 2u * 2u, TARN_RECOGNISE_KEYED + i / 4u % 2u, BYTES, 0};
        garden g = make_garden(&s);
        faults(&g);
        assert_int_equal(tarn_deinit(g.pool), TARN_OK);
    }
}

static bool has_index(const garden *g)
{
    return g->shape.engine != TARN_ENGINE_LINEAR;
}

/* ---- I1 to I6: the blocks ---- */

/* A word that cannot be, alone, and with a seal that says it can. */
static void header_fault(const garden *g, part_kind kind, uint32_t value)
{
    for (uint32_t sealed = 0; sealed < 2; sealed++) {
        set(kind, 0, value);
        if (sealed != 0) {
            image_seal(memory.bytes);
        }
        expect_at(g, TARN_RULE_HEADER, 0);
    }
}

static void header_faults(const garden *g)
{
    static const part_kind kinds[] = {PART_FIRST, PART_TOP, PART_END};
    static const part_kind sealed[] = {PART_LAYOUT, PART_KEY, PART_FIRST, PART_END, PART_SEAL};
    for (uint32_t i = 0; i < 3; i++) {
        header_fault(g, kinds[i], get(PART_FIRST, 0) - 1u);
    }
    header_fault(g, PART_FIRST, get(PART_FIRST, 0) + 1u);
    header_fault(g, PART_TOP, get(PART_END, 0) + 1u);
    header_fault(g, PART_LAYOUT, get(PART_LAYOUT, 0) | UINT32_C(1) << 31);
    if (g->shape.recognition == TARN_RECOGNISE_EXACT) {
        header_fault(g, PART_MAP_LENGTH, get(PART_MAP_LENGTH, 0) - 1u);
        set(PART_MAP_LENGTH, 0, get(PART_MAP_LENGTH, 0) + 1u);
        expect_at(g, TARN_RULE_HEADER, 0);
    }
    for (uint32_t bit = 0; bit < 32u * sizeof sealed / sizeof sealed[0];
         bit++) { /* the handle's place is in the layout */
        part_kind kind = sealed[bit / 32u];
        if (kind != PART_LAYOUT || bit - LAYOUT_LEAD >= 3u) {
            set(kind, 0, get(kind, 0) ^ UINT32_C(1) << bit % 32u);
            expect_at(g, TARN_RULE_HEADER, 0);
        }
    }
}

/* Granules of the smallest block: extension words, header, tag, and links where there is an index. */
static uint32_t minimum_of(const shape *s)
{
    uint32_t links = s->engine == TARN_ENGINE_LINEAR ? 0 : s->extension_words == 0 ? 2 : 1;
    return (4u * (s->extension_words + 2u + links) + s->granule - 1u) / s->granule;
}

static void tiling_faults(const garden *g)
{
    uint32_t top = get(PART_TOP, 0);
    uint32_t last = g->used[5];
    for (uint32_t size = 0; size < minimum_of(&g->shape); size++) {
        part_seal(memory.bytes, g->used[1], size, USED | LEFT_FREE);
        expect_block(g, TARN_RULE_TILING, g->used[1]);
    }
    part_seal(memory.bytes, last, top - last + 1u, USED | LEFT_FREE);
    expect_block(g, TARN_RULE_TILING, last);
}

static void check_faults(const garden *g)
{
    uint32_t top = get(PART_TOP, 0);
    for (uint32_t bit = 0; bit < 32; bit++) {
        if (bit == 1) {
            continue; /* the left-free flag is outside the check, see left_faults() */
        }
        set(PART_HEADER_USED, g->used[2], get(PART_HEADER_USED, g->used[2]) ^ UINT32_C(1) << bit);
        expect_block(g, TARN_RULE_CHECK, g->used[2]);
        set(PART_HEADER_FREE, g->free[2], get(PART_HEADER_FREE, g->free[2]) ^ UINT32_C(1) << bit);
        expect_block(g, TARN_RULE_CHECK, g->free[2]);
        set(PART_HEADER_TOP, top, get(PART_HEADER_TOP, top) ^ UINT32_C(1) << bit);
        expect_block(g, TARN_RULE_CHECK, top);
    }
    part_seal(memory.bytes, g->free[1], part_size(memory.bytes, g->free[1]), MARK); /* marks are for used blocks */
    expect_block(g, TARN_RULE_CHECK, g->free[1]);
    part_seal(memory.bytes, top, get(PART_END, 0) - top, LEFT_FREE);
    expect_block(g, TARN_RULE_CHECK, top);
    set(PART_END, 0, get(PART_END, 0) - 1u); /* the wilderness is as large as it says */
    image_seal(memory.bytes);
    expect_block(g, TARN_RULE_CHECK, top);
    set(PART_KEY, 0, get(PART_KEY, 0) + 1u);
    image_seal(memory.bytes);
    expect_block(g, TARN_RULE_CHECK, get(PART_FIRST, 0));
}

static void merge_faults(const garden *g)
{
    uint32_t offset = g->used[2]; /* between two free blocks */
    part_seal(memory.bytes, offset, part_size(memory.bytes, offset), LEFT_FREE);
    if (g->shape.recognition == TARN_RECOGNISE_EXACT) {
        expect_block(g, TARN_RULE_MAP, offset);
    } else {
        expect_block(g, TARN_RULE_MERGED, offset);
    }
    set(PART_TOP, 0, g->used[5]); /* as if the last block were wilderness: its left neighbour is free */
    part_seal(memory.bytes, g->used[5], get(PART_END, 0) - g->used[5], 0);
    expect_block(g, TARN_RULE_MERGED, g->used[5]);
}

static void left_faults(const garden *g)
{
    for (uint32_t i = 1; i <= 5; i++) {
        set(PART_HEADER_USED, g->used[i], get(PART_HEADER_USED, g->used[i]) & ~(uint32_t)LEFT_FREE);
        expect_block(g, TARN_RULE_LEFT, g->used[i]);
    }
    for (uint32_t i = 0; i < 5; i++) {
        set(PART_HEADER_FREE, g->free[i], get(PART_HEADER_FREE, g->free[i]) | LEFT_FREE);
        expect_block(g, TARN_RULE_LEFT, g->free[i]);
    }
    set(PART_HEADER_USED, g->used[0], get(PART_HEADER_USED, g->used[0]) | LEFT_FREE);
    expect_block(g, TARN_RULE_LEFT, g->used[0]);
}

static void tag_faults(const garden *g)
{
    for (uint32_t i = 0; i < 5; i++) {
        for (uint32_t bit = 0; bit < 32; bit++) {
            set(PART_TAG, g->free[i], get(PART_TAG, g->free[i]) ^ UINT32_C(1) << bit);
            expect_block(g, TARN_RULE_TAG, g->free[i]);
        }
    }
}

static void faults_in_blocks_are_told(void **state)
{
    (void)state;
    plant(header_faults);
    plant(tiling_faults);
    plant(check_faults);
    plant(merge_faults);
    plant(left_faults);
    plant(tag_faults);
}

/* ---- I7 to I9: the index ---- */

/* The head that names the block; NULL if none does. */
static const part *head_of(uint32_t offset)
{
    for (size_t i = part_find(parts, part_count, 0, PART_HEAD); i < part_count && parts[i].kind == PART_HEAD; i++) {
        if (part_get(memory.bytes, &parts[i]) == offset) {
            return &parts[i];
        }
    }
    return NULL;
}

/* Block 1 was freed after block 0 and is in front of it. */
static void list_faults(const garden *g)
{
    if (!has_index(g)) {
        return;
    }
    const part *head = head_of(g->free[1]);
    assert_non_null(head);
    assert_null(head_of(g->free[0]));
    assert_int_equal(get(PART_NEXT, g->free[1]), g->free[0]);
    set(PART_WHERE, g->free[1], get(PART_WHERE, g->free[1]) + 2u); /* another list's head */
    expect_block(g, TARN_RULE_LISTED, g->free[1]);
    set(PART_WHERE, g->free[1], UINT32_MAX); /* no list's head */
    expect_block(g, TARN_RULE_LISTED, g->free[1]);
    set(PART_NEXT, g->free[1], 0); /* the second block is dropped */
    expect_block(g, TARN_RULE_LINKS, g->free[0]);
    set(PART_WHERE, g->free[0], g->free[0] << 1); /* says that it follows itself */
    expect_block(g, TARN_RULE_LINKS, g->free[0]);
    set(PART_WHERE, g->free[0], get(PART_WHERE, g->free[1])); /* says that it is first */
    expect_block(g, TARN_RULE_LINKS, g->free[0]);
    part_set(memory.bytes, head, g->free[0]); /* the head skips the first block */
    expect_block(g, TARN_RULE_LINKS, g->free[1]);
    part_set(memory.bytes, head, 0);
    expect_block(g, TARN_RULE_LINKS, g->free[1]);
    set(PART_NEXT, g->free[0], g->free[1]); /* a circle: one more than there are, or one with two names */
    if (g->shape.engine == TARN_ENGINE_BESTFIT) {
        expect_block(g, TARN_RULE_LISTED, g->free[0]);
    } else {
        expect_block(g, TARN_RULE_LINKS, g->free[1]);
    }
    set(PART_NEXT, g->free[0], g->used[3]); /* a used block in a list */
    expect_block(g, TARN_RULE_LISTED, g->free[0]);
    set(PART_NEXT, g->free[0], g->free[3]); /* a block of another size */
    expect_block(g, TARN_RULE_LISTED, g->free[0]);
    set(PART_NEXT, g->free[0], 0x00FFFFFF); /* outside */
    expect_block(g, TARN_RULE_LISTED, g->free[0]);
}

/* A head that names a block in an empty list. */
static void head_faults(const garden *g)
{
    for (size_t i = part_find(parts, part_count, 0, PART_HEAD); i < part_count && parts[i].kind == PART_HEAD; i++) {
        if (part_get(memory.bytes, &parts[i]) == 0) {
            part_set(memory.bytes, &parts[i], g->free[0]);
            tarn_finding found;
            assert_int_equal(tarn_check(g->pool, &found), TARN_E_DAMAGED);
            assert_int_equal(found.rule, TARN_RULE_BITMAP);
            assert_true(parts[part_find(parts, part_count, 0, PART_BITMAP)].at <= found.offset);
            memcpy(memory.bytes, sound, g->shape.bytes);
        }
    }
}

/* Every bit of the bitmaps, those of no list included. */
static void bitmap_faults(const garden *g)
{
    for (size_t i = part_find(parts, part_count, 0, PART_BITMAP); i < part_count && parts[i].kind == PART_BITMAP; i++) {
        for (uint32_t bit = 0; bit < 32; bit++) {
            part_set(memory.bytes, &parts[i], part_get(memory.bytes, &parts[i]) ^ UINT32_C(1) << bit);
            expect_word(g, TARN_RULE_BITMAP, &parts[i]);
        }
    }
}

/* bestfit keeps blocks of 32 granules or more in tries; with granule 8 the holes of 300 and 340 bytes are such. */
static void trie_faults(const garden *g)
{
    if (g->shape.engine != TARN_ENGINE_BESTFIT || part_size(memory.bytes, g->free[2]) < 32) {
        return;
    }
    uint32_t node = g->free[2];   /* first of its size */
    uint32_t behind = g->free[4]; /* same size */
    uint32_t child = g->free[3];  /* larger */
    assert_int_equal(get(PART_NEXT, node), behind);
    assert_int_equal(get(PART_SLOT, behind), 3);
    assert_int_equal(get(PART_SLOT, child) >> 2, node);
    set(PART_NEXT, node, 0); /* the block behind is dropped */
    expect_block(g, TARN_RULE_LINKS, behind);
    set(PART_SLOT, behind, get(PART_SLOT, node)); /* calls itself root */
    expect_block(g, TARN_RULE_LISTED, node);
    set(PART_SLOT, child, get(PART_SLOT, child) ^ 1u); /* the other child's place */
    expect_block(g, TARN_RULE_LINKS, node);
    set(PART_SLOT, node, get(PART_SLOT, node) + 4u); /* the next trie's root */
    expect_block(g, TARN_RULE_LISTED, node);
    set(PART_SLOT, node, 3); /* calls itself a block behind another */
    expect_block(g, TARN_RULE_LINKS, node);
    part_set(memory.bytes, head_of(node), child); /* the root skips the node */
    expect_block(g, TARN_RULE_LINKS, node);
}

static void faults_in_the_index_are_told(void **state)
{
    (void)state;
    plant(list_faults);
    plant(head_faults);
    plant(bitmap_faults);
    plant(trie_faults);
}

/* ---- I10 and I11: counts and map ---- */

static void count_faults(const garden *g)
{
    static const part_kind kinds[] = {PART_USED, PART_BLOCKS, PART_PEAK};
    for (uint32_t i = 0; i < 3; i++) {
        const part *p = part_at(kinds[i], 0);
        set(kinds[i], 0, i == 2 ? get(PART_USED, 0) - 1u : get(kinds[i], 0) - 1u);
        expect_word(g, TARN_RULE_COUNTS, p);
        set(kinds[i], 0, UINT32_MAX);
        expect_word(g, TARN_RULE_COUNTS, p);
    }
    set(PART_PEAK, 0, get(PART_END, 0) - get(PART_FIRST, 0) + 1u);
    expect_word(g, TARN_RULE_COUNTS, part_at(PART_PEAK, 0));
    set(PART_LISTED, 0, get(PART_LISTED, 0) + 1u);
    expect_word(g, TARN_RULE_COUNTS, part_at(PART_LISTED, 0));
}

static void map_faults(const garden *g)
{
    if (g->shape.recognition != TARN_RECOGNISE_EXACT) {
        return;
    }
    size_t words = part_find(parts, part_count, 0, PART_MAP);
    for (uint32_t offset = 0; offset < get(PART_MAP_LENGTH, 0) * 32u; offset++) {
        const part *word = &parts[words + offset / 32u];
        uint32_t bits = part_get(memory.bytes, word);
        bool begins = (bits >> offset % 32u & 1u) != 0;
        bool free = false;
        for (uint32_t i = 0; i < 5; i++) {
            free = free || offset == g->free[i];
        }
        part_set(memory.bytes, word, bits ^ UINT32_C(1) << offset % 32u);
        if (begins || free) {
            expect_block(g, TARN_RULE_MAP, offset);
        } else {
            expect_at(g, TARN_RULE_MAP, part_at(PART_MAP_LENGTH, 0)->at);
        }
    }
}

static void faults_in_counts_and_map_are_told(void **state)
{
    (void)state;
    plant(count_faults);
    plant(map_faults);
}

/* ---- K3: every bit ---- */

typedef struct flips {
    uint32_t made;
    uint32_t found;
} flips;

static flips table[PART_KINDS];

static bool note_nothing(const tarn_block *block, void *context)
{
    (void)block;
    (void)context;
    return true;
}

/* K4: the readers, whatever they answer. */
static void read_all(tarn_pool *pool)
{
    tarn_stats stats;
    tarn_block record;
    (void)tarn_stats_get(pool, &stats);
    (void)tarn_walk(pool, note_nothing, NULL);
    (void)tarn_block_at(pool, memory.bytes + memory.size / 2u, &record);
}

/* A flip that says something else of the same blocks, if it leaves the first one in its place. */
static bool may_be_silent(const part *p)
{
    return p->kind == PART_LAYOUT || p->kind == PART_MAP_LENGTH;
}

/* A flip that no rule can tell from another history of the same pool. */
static bool is_silent(const part *p, uint32_t bit, uint32_t granule)
{
    uint32_t peak = get(PART_PEAK, 0);
    bool tail_too_large = bit >= TAIL_BIT && bit < ALIGNMENT_BIT && UINT32_C(1) << (bit - TAIL_BIT) >= granule;
    return (p->kind == PART_TALLIES && !tail_too_large) || p->kind == PART_EXTENSION ||
           (p->kind == PART_PEAK && peak >= get(PART_USED, 0) && peak <= get(PART_END, 0) - get(PART_FIRST, 0));
}

static void flip_part(tarn_pool *pool, const shape *s, const part *p)
{
    for (uint32_t bit = 0; bit < 8u * p->width; bit++) {
        part_set(memory.bytes, p, part_get(memory.bytes, p) ^ UINT32_C(1) << bit);
        bool found = tarn_check(pool, NULL) != TARN_OK;
        if (found == is_silent(p, bit, s->granule) && !may_be_silent(p)) {
            char text[SHAPE_TEXT];
            fail_msg("%s: bit %u of %s at byte %lu %s", shape_text(s, text), (unsigned)bit, part_name(p->kind),
                     (unsigned long)p->at, found ? "was found" : "was not found");
        }
        table[p->kind].made++;
        table[p->kind].found += found;
        read_all(pool);
        part_set(memory.bytes, p, part_get(memory.bytes, p) ^ UINT32_C(1) << bit);
    }
}

static void flip_all(const shape *s, uint64_t seed)
{
    static drive d;
    tarn_pool *pool = pool_make(s, memory.bytes);
    drive_begin(&d, pool, s->bytes, 8, seed);
    drive_run(&d, 400);
    part_count = anatomy(memory.bytes, parts, PARTS);
    for (size_t i = 0; i < part_count; i++) {
        flip_part(pool, s, &parts[i]);
    }
    assert_sound(pool, "flipped back");
    assert_int_equal(tarn_deinit(pool), TARN_OK);
}

/* A garden has what random states seldom have in a small pool: a trie with a child and a block behind a node. */
static void flip_garden(const garden *g)
{
    for (size_t i = 0; i < part_count; i++) {
        flip_part(g->pool, &g->shape, &parts[i]);
    }
}

static void every_flipped_bit_is_found(void **state)
{
    static const size_t sizes[] = {512, 4096};
    uint32_t engines[3];
    uint32_t built = engines_built(engines);
    (void)state;
    guarded_unmap(&memory);
    memset(table, 0, sizeof table);
    for (uint32_t i = 0; i < built * 12u; i++) {
        shape s = {engines[i / 12u],   UINT32_C(4) << i % 3u,
                   i / 3u % 2u,        TARN_RECOGNISE_KEYED + i / 3u % 2u,
                   sizes[i / 6u % 2u], 0};
        memory = guarded_map(s.bytes);
        flip_all(&s, test_seed() + i);
        guarded_unmap(&memory);
    }
    memory = guarded_map(BYTES);
    plant(flip_garden);
    printf("bits of metadata flipped, one at a time, seed %lu\n", (unsigned long)test_seed());
    for (uint32_t kind = 0; kind < PART_KINDS; kind++) {
        printf("  %-20s %7u flipped %7u found\n", part_name((part_kind)kind), (unsigned)table[kind].made,
               (unsigned)table[kind].found);
    }
    assert_true(table[PART_LAYOUT].found * 20u >= table[PART_LAYOUT].made * 19u);
}

static int setup(void **state)
{
    (void)state;
    memory = guarded_map(BYTES);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    guarded_unmap(&memory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_in_blocks_are_told),
        cmocka_unit_test(faults_in_the_index_are_told),
        cmocka_unit_test(faults_in_counts_and_map_are_told),
        cmocka_unit_test(every_flipped_bit_is_found),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
