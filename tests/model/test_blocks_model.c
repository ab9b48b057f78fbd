/* SPDX-License-Identifier: MIT */
/*
 * Block pools against a model that knows which block is where: all options, alignments and many sizes, random calls,
 * good and bad addresses. After each round statistics, walk and check agree with the model; the size macros equal what
 * init needs, to the byte; a pool copied to another address, in its own build, goes on as if nothing had happened.
 */
#include <stdlib.h>

#include "tarn/blocks.h"
#include "tarn/config.h"
#include "test.h"

enum { ROOM = 1 << 16, MOST = 200, GUARD_BYTES = 64 };

static _Alignas(4096) unsigned char memory[ROOM];
static _Alignas(4096) unsigned char elsewhere[ROOM + 4096];

typedef struct model {
    tarn_blocks *pool;
    unsigned char *base; /* of the bytes that the pool is in now */
    size_t first;        /* offset of block 0 */
    size_t stride;
    uint32_t count;
    uint32_t flags;
    uint32_t usable;
    uint32_t fresh;
    uint32_t used;
    uint32_t peak;
    uint32_t refusals;
    bool out[MOST];
    unsigned char fill[MOST];
    bool seen[MOST];
    bool cached;
} model;

static unsigned char *block_of(const model *m, uint32_t number)
{
    return m->base + m->first + number * m->stride;
}

static void assert_told(const model *m, prng *random)
{
    tarn_stats stats;
    tarn_finding found;
    assert_int_equal(tarn_blocks_stats(m->pool, &stats), TARN_OK);
    assert_int_equal(stats.blocks, m->used);
    assert_int_equal(stats.free_blocks, m->count - m->used);
    assert_int_equal(stats.used, m->used * m->stride);
    assert_int_equal(stats.capacity, m->count * m->stride);
    assert_int_equal(stats.refusals, m->refusals);
    if (!m->cached) {
        assert_int_equal(stats.peak, m->peak * m->stride);
        assert_int_equal(tarn_blocks_low(m->pool), m->count - m->peak);
    }
    if (tarn_blocks_check(m->pool, &found) != TARN_OK) {
        fail_msg("rule %u at byte %lu: expected 0x%x, found 0x%x", (unsigned)found.rule, (unsigned long)found.offset,
                 (unsigned)found.expected, (unsigned)found.found);
    }
    uint32_t cursor = 0;
    do {
        assert_int_equal(tarn_blocks_check_some(m->pool, &cursor, 1u + prng_below(random, m->count), NULL), TARN_OK);
    } while (cursor != 0);
}

typedef struct walker {
    const model *m;
    uint32_t number;
} walker;

static bool compare_block(const tarn_block *block, void *context)
{
    walker *w = context;
    assert_int_equal(block->offset, w->m->first + w->number * w->m->stride);
    assert_int_equal(block->size, w->m->stride);
    assert_int_equal(block->usable, w->m->usable);
    assert_int_equal(block->state, w->m->out[w->number] ? TARN_BLOCK_USED : TARN_BLOCK_FREE);
    bool owned = (w->m->flags & TARN_BLOCKS_OWNER) != 0 && w->m->out[w->number];
    assert_true(owned || block->owner == 0);
    w->number++;
    return true;
}

static void assert_walked(const model *m)
{
    walker w = {m, 0};
    assert_int_equal(tarn_blocks_walk(m->pool, compare_block, &w), TARN_OK);
    assert_int_equal(w.number, m->count);
}

static void get_one(model *m, prng *random)
{
    unsigned char *block = tarn_blocks_get(m->pool);
    if (m->used == m->count) {
        assert_null(block);
        m->refusals++;
        return;
    }
    assert_non_null(block);
    size_t distance = (size_t)(block - m->base) - m->first;
    uint32_t number = (uint32_t)(distance / m->stride);
    assert_int_equal(distance % m->stride, 0);
    assert_true(number < m->count);
    assert_false(m->out[number]);
    if (!m->cached && m->used == m->fresh) {
        assert_int_equal(number, m->fresh);
        m->fresh++;
    }
    m->out[number] = true;
    m->seen[number] = true;
    m->used++;
    m->peak = m->used > m->peak ? m->used : m->peak;
    m->fill[number] = (unsigned char)prng_next(random);
    memset(block, m->fill[number], m->usable);
}

static void put_one(model *m, uint32_t number)
{
    unsigned char *block = block_of(m, number);
    for (uint32_t i = 0; i < m->usable; i++) {
        assert_int_equal(block[i], m->fill[number]);
    }
    assert_int_equal(tarn_blocks_recognise(m->pool, block), TARN_OK);
    assert_int_equal(tarn_blocks_put(m->pool, block), TARN_OK);
    m->out[number] = false;
    m->used--;
}

/* Whatever is no block that is out, as far as the options tell. */
static void put_bad(model *m, prng *random)
{
    uint32_t number = prng_below(random, m->count);
    unsigned char *block = block_of(m, number);
    tarn_status status = TARN_OK;
    switch (prng_below(random, 4)) {
    case 0:
        block += 1u + prng_below(random, (uint32_t)m->stride - 1u);
        status = TARN_E_NOT_A_BLOCK;
        break;
    case 1:
        block = m->base + prng_below(random, (uint32_t)m->first);
        status = TARN_E_FOREIGN;
        break;
    case 2:
        block = (unsigned char *)((uintptr_t)block_of(m, m->count) + prng_next(random) % 65536u);
        status = TARN_E_FOREIGN;
        break;
    default:
        if (m->out[number] || ((m->flags & TARN_BLOCKS_MAP) == 0 && m->seen[number] && m->used != 0) || m->cached) {
            return;
        }
        status = TARN_E_DOUBLE_FREE;
        break;
    }
    assert_int_equal(tarn_blocks_put(m->pool, block), status);
    m->refusals++;
}

/* Away to another address that agrees modulo the alignment, the old bytes destroyed. */
static void move_pool(model *m, size_t bytes)
{
    unsigned char *to = m->base == memory ? elsewhere + 4096 : memory;
    memcpy(to, m->base, bytes);
    memset(m->base, 0xEE, bytes);
    m->base = to;
    m->pool = (tarn_blocks *)(void *)to;
}

static void one_step(model *m, prng *random)
{
    uint32_t number = prng_below(random, m->count);
    uint32_t kind = prng_below(random, 16);
    if (kind == 0) {
        put_bad(m, random);
    } else if (kind == 1) {
        get_one(m, random); /* when all are out, too */
    } else if (m->out[number]) {
        put_one(m, number);
    } else if (kind < 12) {
        get_one(m, random);
    }
}

static void reset_mark(model *m)
{
    assert_int_equal(tarn_blocks_low_reset(m->pool), TARN_OK);
    m->peak = m->used;
}

static void clear_pool(model *m)
{
    assert_int_equal(tarn_blocks_clear(m->pool), TARN_OK);
    memset(m->out, 0, sizeof m->out);
    memset(m->seen, 0, sizeof m->seen);
    m->fresh = m->used = m->peak = m->refusals = 0;
}

static void run_pool(uint32_t size, uint32_t count, const tarn_blocks_options *options, prng *random, uint32_t steps)
{
    model m;
    memset(&m, 0, sizeof m);
    size_t bytes = tarn_blocks_bytes(count, size, options);
    size_t alignment = TARN_BLOCKS_ALIGNMENT(size, options->alignment);
    assert_int_equal(bytes, TARN_BLOCKS_BYTES_WITH(count, size, options->alignment, options->flags, options->slots));
    assert_true(bytes + GUARD_BYTES <= ROOM);
    memset(memory, 0xA5, sizeof memory);
    assert_int_equal(tarn_blocks_init(&m.pool, memory, bytes - 1u, size,
                                      &(tarn_blocks_options){.count = count,
                                                             .alignment = options->alignment,
                                                             .flags = options->flags,
                                                             .slots = options->slots}),
                     TARN_E_TOO_SMALL);
    assert_int_equal(tarn_blocks_init(&m.pool, memory, bytes, size, options), TARN_OK);
    tarn_stats stats;
    assert_int_equal(tarn_blocks_stats(m.pool, &stats), TARN_OK);
    m.base = memory;
    m.count = count;
    m.flags = options->flags;
    m.stride = TARN_BLOCKS_STRIDE(size, options->alignment, options->flags);
    m.usable = (uint32_t)tarn_blocks_usable(m.pool);
    m.first = bytes - count * m.stride;
#ifdef TARN_BLOCKS_CACHE
    m.cached = options->slots != 0;
#endif
    assert_int_equal(stats.free_blocks, count);
    assert_true(m.usable >= size);
    assert_int_equal((m.first + (uintptr_t)memory) % alignment, 0);
    for (uint32_t step = 0; step < steps; step++) {
        one_step(&m, random);
        if (step % 64 == 0) {
            assert_told(&m, random);
            assert_walked(&m);
        }
        if (step % 200 == 199) {
            move_pool(&m, bytes);
        }
        if (step % 300 == 299) {
            reset_mark(&m);
        }
        if (step % 700 == 699) {
            clear_pool(&m);
        }
    }
    assert_told(&m, random);
    for (size_t i = bytes; m.base == memory && i < bytes + GUARD_BYTES; i++) {
        assert_int_equal(memory[i], 0xA5);
    }
    assert_int_equal(tarn_blocks_deinit(m.pool), TARN_OK);
}

static void pools_do_what_the_model_does(void **state)
{
    (void)state;
    static const uint32_t alignments[] = {0, 4, 8, 16, 32, 64, 128};
    static const uint32_t sizes[] = {0, 1, 3, 4, 5, 8, 12, 16, 20, 24, 31, 48, 60, 64, 72, 100, 128, 200};
    prng random = prng_make(test_seed(), 1);
    uint32_t pools = 0;
    uint32_t steps = (uint32_t)test_scaled(800);
    for (uint32_t i = 0; i < sizeof alignments / sizeof alignments[0]; i++) {
        for (uint32_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
            for (uint32_t flags = 0; flags < 64; flags += 1u + prng_below(&random, 6)) {
                tarn_blocks_options options = {.alignment = alignments[i],
                                               .flags = flags | TARN_BLOCKS_UNREGISTERED,
                                               .slots = prng_below(&random, 4) == 0 ? 1u + prng_below(&random, 3) : 0};
                run_pool(sizes[j], 1u + prng_below(&random, MOST), &options, &random, steps);
                pools++;
            }
        }
    }
    print_message("seed %llu: %u pools, %u steps each\n", (unsigned long long)test_seed(), (unsigned)pools,
                  (unsigned)steps);
}

static void init_fits_as_many_blocks_as_the_macro_says(void **state)
{
    (void)state;
    prng random = prng_make(test_seed(), 2);
    uint32_t tried = (uint32_t)test_scaled(20000);
    for (uint32_t i = 0; i < tried; i++) {
        tarn_blocks *pool;
        tarn_stats stats;
        uint32_t size = prng_below(&random, 300);
        size_t bytes = prng_below(&random, ROOM);
        tarn_blocks_options options = {.alignment = prng_below(&random, 2) * (4u << prng_below(&random, 8)),
                                       .flags = prng_below(&random, 64) | TARN_BLOCKS_UNREGISTERED,
                                       .slots = prng_below(&random, 3)};
        tarn_status status = tarn_blocks_init(&pool, memory, bytes, size, &options);
        if (status != TARN_OK) {
            assert_int_equal(status, TARN_E_TOO_SMALL);
            assert_true(tarn_blocks_bytes(1, size, &options) > bytes);
            continue;
        }
        assert_int_equal(tarn_blocks_stats(pool, &stats), TARN_OK);
        assert_true(tarn_blocks_bytes(stats.free_blocks, size, &options) <= bytes);
        assert_true(tarn_blocks_bytes(stats.free_blocks + 1u, size, &options) > bytes);
    }
    print_message("%u pools hold as many blocks as their bytes allow, and no more\n", (unsigned)tried);
}

/* Integer constant expressions, and storage that they suffice for. */
static TARN_BLOCKS_STORAGE(plain, 7, sizeof(double[3]));
static TARN_BLOCKS_STORAGE_WITH(lines, 5, 48, 64, TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER, 2);
_Static_assert(TARN_BLOCKS_BYTES(1, 8) == 72, "64 bytes and the block");
_Static_assert(TARN_BLOCKS_NATURAL(24) == 8 && TARN_BLOCKS_NATURAL(48) == 16 && TARN_BLOCKS_NATURAL(6) == 8, "natural");

static void static_storage_is_exact(void **state)
{
    (void)state;
    tarn_blocks *pool;
    assert_int_equal(
        tarn_blocks_init(&pool, plain, sizeof plain, sizeof(double[3]), &(tarn_blocks_options){.count = 7}), TARN_OK);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
    tarn_blocks_options options = {
        .count = 5, .alignment = 64, .flags = TARN_BLOCKS_MAP | TARN_BLOCKS_OWNER, .slots = 2};
    assert_int_equal(tarn_blocks_init(&pool, lines, sizeof lines, 48, &options), TARN_OK);
    assert_int_equal((uintptr_t)tarn_blocks_get(pool) % 64, 0);
    assert_int_equal(tarn_blocks_deinit(pool), TARN_OK);
    assert_int_equal(tarn_blocks_init(&pool, lines, sizeof lines - 1u, 48, &options), TARN_E_TOO_SMALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_do_what_the_model_does),
        cmocka_unit_test(init_fits_as_many_blocks_as_the_macro_says),
        cmocka_unit_test(static_storage_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
