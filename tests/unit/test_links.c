/* SPDX-License-Identifier: MIT */
/*
 * Writing to a block after it was freed changes the links that the pool keeps there. Whatever is written, and whatever
 * is called next: bytes of other live blocks stay as they are, nothing outside the pool is touched, and a call that
 * answers TARN_E_DAMAGED has changed nothing but the refusal count.
 *
 * For each engine with links, small and large freed blocks, and each of the words that may be links: every value from a
 * set that leads to heads, blocks, payloads, the pool's edges and nowhere, alone and in neighbouring pairs; then a
 * free, a resize, a reallocation and an allocation beside it.
 *
 * Headers of free blocks that merged stay where they were. One wrong word of metadata that leads to such a header, in
 * what has become a live block, leads to no allocation from there.
 */
#include "anatomy.h"
#include "test.h"

enum { BYTES = 8192, BLOCKS = 9, WORDS = 6, VALUES = 40, CALLS = 4, TALLIES = 36 };

typedef struct scene {
    tarn_pool *pool;
    guarded memory;
    unsigned char *block[BLOCKS];
    size_t size;
    size_t held[BLOCKS]; /* bytes that must stay as they are */
} scene;

static const uint32_t engines[] = {TARN_ENGINE_TLSF, TARN_ENGINE_BESTFIT};

/* Blocks 2, 4 and 6 are free, so that the one that is written to, 4, has company in its list or tree. */
static bool is_freed(uint32_t i)
{
    return i == 2 || i == 4 || i == 6;
}

static unsigned char fill_of(uint32_t i)
{
    return (unsigned char)(0x40u + i);
}

static void set_up(scene *s, uint32_t engine, uint32_t words, size_t size)
{
    tarn_options options = {.engine = engine, .extension_words = words};
    memset(s->memory.bytes, 0, s->memory.size);
    assert_int_equal(tarn_init(&s->pool, s->memory.bytes, s->memory.size, &options), TARN_OK);
    s->size = size;
    for (uint32_t i = 0; i < BLOCKS; i++) {
        s->block[i] = tarn_alloc(s->pool, is_freed(i) ? size + 8u * i : size);
        assert_non_null(s->block[i]);
        s->held[i] = tarn_usable(s->pool, s->block[i]);
        memset(s->block[i], fill_of(i), s->held[i]);
    }
    for (uint32_t i = 0; i < BLOCKS; i++) {
        if (is_freed(i)) {
            assert_int_equal(tarn_free(s->pool, s->block[i]), TARN_OK);
            s->held[i] = 0;
        }
    }
}

static void assert_live_blocks_intact(const scene *s)
{
    for (uint32_t i = 0; i < BLOCKS; i++) {
        for (size_t at = 0; at < s->held[i]; at++) {
            assert_int_equal(s->block[i][at], fill_of(i));
        }
    }
    assert_true(guarded_intact(&s->memory));
}

/* Offsets of blocks, of payload words and of the edges, as offset, as where, as slot; then values without sense. */
static uint32_t value_of(const scene *s, uint32_t i)
{
    static const uint32_t senseless[] = {0, 1, 2, 3, 7, 0x100, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF};
    uint32_t base = (uint32_t)((size_t)(s->block[i / 4u % BLOCKS] - s->memory.bytes) / 8u);
    uint32_t offset = i % 8u < 4u ? base : base + 1u;
    if (i >= VALUES - 10u) {
        return senseless[i - (VALUES - 10u)];
    }
    switch (i % 4u) {
    case 0:
        return offset;
    case 1:
        return offset << 1;
    case 2:
        return offset << 2;
    default:
        return BYTES / 8u - i % 3u;
    }
}

static tarn_status call(scene *s, uint32_t which)
{
    size_t held = s->held[which == 0 ? 3 : 5];
    tarn_status status = TARN_OK;
    switch (which) {
    case 0:
        status = tarn_free(s->pool, s->block[3]);
        s->held[3] = status == TARN_OK ? 0 : held;
        return status;
    case 1:
        return tarn_resize(s->pool, s->block[3], s->size + 40u);
    case 2:
        status = tarn_resize(s->pool, s->block[5], s->size - 24u);
        s->held[5] = status == TARN_OK ? s->size - 24u : held;
        return status;
    default:
        return tarn_alloc(s->pool, s->size + 30u) == NULL ? TARN_E_DAMAGED : TARN_OK;
    }
}

static void attempt(scene *s, uint32_t which, uint32_t *damaged)
{
    static unsigned char before[BYTES];
    memcpy(before, s->memory.bytes, BYTES);
    tarn_status status = call(s, which);
    assert_live_blocks_intact(s);
    if (status == TARN_E_DAMAGED) {
        memcpy(before + TALLIES, s->memory.bytes + TALLIES, 4);
        assert_memory_equal(before, s->memory.bytes, BYTES);
        ++*damaged;
    }
}

/* The words are those from the last extension word on: header left out, it is not a link. */
static unsigned char *word_at(const scene *s, uint32_t index)
{
    return index == 0 ? s->block[4] - 8 : s->block[4] + 4u * (index - 1u);
}

static void run(scene *s, uint32_t engine, uint32_t words, size_t size, uint32_t *tried, uint32_t *damaged)
{
    for (uint32_t index = words == 0 ? 1 : 0; index < WORDS; index++) {
        for (uint32_t i = 0; i < VALUES * VALUES; i++) {
            bool pair = i >= VALUES;
            uint32_t stride = pair ? 7u : 1u;
            if (i % stride != 0) {
                continue;
            }
            set_up(s, engine, words, size);
            uint32_t first = value_of(s, i % VALUES);
            uint32_t second = value_of(s, i / VALUES);
            memcpy(word_at(s, index), &first, 4);
            if (pair && index + 1u < WORDS) {
                memcpy(word_at(s, index + 1u), &second, 4);
            }
            attempt(s, i % CALLS, damaged);
            attempt(s, (i + 1u) % CALLS, damaged);
            ++*tried;
        }
    }
}

static void writes_after_free_reach_no_other_block(void **state)
{
    (void)state;
    scene s = {.memory = guarded_map(BYTES)};
    uint32_t built[3];
    uint32_t count = engines_built(built);
    for (uint32_t e = 0; e < sizeof engines / sizeof engines[0]; e++) {
        for (uint32_t words = 0; words < 3; words++) {
            for (size_t size = 40; size <= 440; size += 400) {
                uint32_t tried = 0;
                uint32_t damaged = 0;
                bool there = false;
                for (uint32_t i = 0; i < count; i++) {
                    there = there || built[i] == engines[e];
                }
                if (there) {
                    run(&s, engines[e], words, size, &tried, &damaged);
                    print_message("%s, %u extension words, blocks of %u: %u writes, %u calls answered damaged\n",
                                  engine_name(engines[e]), (unsigned)words, (unsigned)size, (unsigned)tried,
                                  (unsigned)damaged);
                    assert_true(damaged > tried / 10u);
                }
            }
        }
    }
    guarded_unmap(&s.memory);
}

/* ---- headers of blocks that merged ---- */

static _Alignas(16) unsigned char merged_memory[BYTES];

typedef struct merged {
    tarn_pool *pool;
    unsigned char *live; /* holds the header of a free block that is no more, */
    uint32_t stale;      /* whose payload's offset this was, */
    uint32_t before;     /* behind a block of so many granules */
} merged;

static merged merged_make(uint32_t engine)
{
    merged m;
    tarn_options options = {.engine = engine};
    unsigned char *blocks[6];
    assert_int_equal(tarn_init(&m.pool, merged_memory, BYTES, &options), TARN_OK);
    for (uint32_t i = 0; i < 6; i++) {
        blocks[i] = tarn_alloc(m.pool, i % 2u == 0 ? 44 : 100);
        assert_non_null(blocks[i]);
    }
    m.stale = (uint32_t)(blocks[2] - merged_memory) / 8u;
    m.before = (uint32_t)(blocks[2] - blocks[1]) / 8u;
    assert_int_equal(tarn_free(m.pool, blocks[2]), TARN_OK);
    assert_int_equal(tarn_free(m.pool, blocks[1]), TARN_OK);
    m.live = tarn_alloc(m.pool, 148);
    assert_ptr_equal(m.live, blocks[1]);
    assert_int_equal(tarn_free(m.pool, blocks[4]), TARN_OK); /* of the size that the stale header tells */
    return m;
}

/* Every head of a list leads to the stale header, or, where there are none, the header before it does. */
static void mislead(const merged *m)
{
    static part parts[256];
    size_t count = anatomy(merged_memory, parts, 256);
    uint32_t heads = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].kind == PART_HEAD && part_get(merged_memory, &parts[i]) != 0) {
            part_set(merged_memory, &parts[i], m->stale);
            heads++;
        }
    }
    uint32_t at = m->stale - m->before;
    for (size_t i = 0; heads == 0 && i < count; i++) {
        if (parts[i].kind == PART_HEADER_USED && parts[i].offset == at) {
            part_set(merged_memory, &parts[i], m->before << 3 | 1u);
        }
    }
}

static void headers_of_merged_blocks_are_none(void **state)
{
    (void)state;
    uint32_t built[3];
    uint32_t count = engines_built(built);
    for (uint32_t i = 0; i < count; i++) {
        merged m = merged_make(built[i]);
        mislead(&m);
        assert_int_equal(tarn_check(m.pool, NULL), TARN_E_DAMAGED);
        unsigned char *block = tarn_alloc(m.pool, 44);
        assert_true(block == NULL || block >= m.live + 148 || block + 44 <= m.live);
        assert_int_equal(tarn_deinit(m.pool), TARN_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(writes_after_free_reach_no_other_block),
                                       cmocka_unit_test(headers_of_merged_blocks_are_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
