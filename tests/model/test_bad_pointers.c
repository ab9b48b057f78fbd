/* SPDX-License-Identifier: MIT */
/*
 * Millions of pointers that no pool ever handed out, or not any more: every kind against every level of recognition.
 *
 * B1 what a pool can be sure of, it refuses always: outside, control data, wilderness, off the granule, freed, and with
 *    the exact map everything that is no block
 * B2 words that lie inside a block are taken for a header with probability at most 2^-w * (d + 2^-w): the check of w
 *    bits must match by chance, and the place that the size leads to must be one of the pool's headers (d is the share
 *    of granules at which one is) or match by chance too
 * B3 headers of a pool nested in a block lead to each other, not to the outer pool's: at most 2^-2w
 * B4 tarn_free() refuses what tarn_recognise() refuses, and the pool is sound afterwards
 *
 * With --table it prints docs/tables/recognition.md instead, from the same attempts with a fixed seed.
 */
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LARGE (UINT32_C(64) << 20)
#define LINEAR_MAX (UINT32_C(64) << 10) /* this engine walks all blocks for each allocation */

enum {
    BLOCKS_MAX = 1 << 19,
    GRANULE = 8,
    SMALLEST = 20,
    LARGEST = 220,
    FREE_EVERY = 64,
    SOME = 200000,
    MANY = 1000000
};

/* A level of recognition: a column of the table. */
typedef struct level {
    const char *name;
    size_t bytes;
    uint32_t recognition;
} level;

static const level levels[] = {
    {"exact, 64 KiB", UINT32_C(64) << 10, TARN_RECOGNISE_EXACT},
    {"exact, 64 MiB", LARGE, TARN_RECOGNISE_EXACT},
    {"keyed, 4 KiB", UINT32_C(4) << 10, TARN_RECOGNISE_KEYED},
    {"keyed, 64 KiB", UINT32_C(64) << 10, TARN_RECOGNISE_KEYED},
    {"keyed, 1 MiB", UINT32_C(1) << 20, TARN_RECOGNISE_KEYED},
    {"keyed, 64 MiB", LARGE, TARN_RECOGNISE_KEYED},
};

enum { LEVELS = sizeof levels / sizeof levels[0] };

static bool fits_here(const level *at)
{
    return at->bytes <= TEST_LARGEST;
}

/* A pool full of blocks, and the count of what was tried on it. */
typedef struct world {
    const level *at;
    shape shape;
    tarn_pool *pool;
    unsigned char *top; /* every payload lies below */
    prng random;
    uint32_t count; /* live blocks, first in blocks[] */
    uint32_t bits;  /* of the header check */
    double density; /* largest share of granules that began a block */
    uint64_t tried;
    uint64_t accepted;
} world;

static unsigned char *memory;
static unsigned char *blocks[BLOCKS_MAX];
static unsigned char *earlier[BLOCKS_MAX];
static unsigned char begins[TEST_LARGEST / GRANULE + 1u]; /* 1 where a live block's payload begins */

static unsigned char *begin_mark(const unsigned char *at)
{
    return &begins[(size_t)(at - memory) / GRANULE];
}

/* Hands a pointer to the pool and counts; some that are refused also to tarn_free() (B4). */
static void attempt(world *w, uintptr_t address)
{
    void *pointer = (void *)address;
    tarn_status status = tarn_recognise(w->pool, pointer);
    w->tried++;
    if (status == TARN_OK) {
        w->accepted++;
    } else if (w->tried % FREE_EVERY == 0) {
        assert_int_equal(tarn_free(w->pool, pointer), status);
    }
}

/* ---- filling the pool ---- */

static void add_block(world *w)
{
    unsigned char *at = tarn_alloc(w->pool, SMALLEST + prng_below(&w->random, LARGEST - SMALLEST));
    assert_non_null(at);
    blocks[w->count++] = at;
    *begin_mark(at) = 1;
}

/* Its pointer goes behind the live ones. */
static void remove_block(world *w, uint32_t index)
{
    unsigned char *at = blocks[index];
    assert_int_equal(tarn_free(w->pool, at), TARN_OK);
    *begin_mark(at) = 0;
    w->count--;
    blocks[index] = blocks[w->count];
    blocks[w->count] = at;
}

static void measure(world *w)
{
    unsigned char *first = memory + w->at->bytes;
    for (uint32_t i = 0; i < w->count; i++) {
        unsigned char *end = blocks[i] + tarn_usable(w->pool, blocks[i]) + 4u;
        w->top = i == 0 || end > w->top ? end : w->top;
        first = blocks[i] < first ? blocks[i] : first;
    }
    double density = (double)w->count * GRANULE / (double)(w->top - first);
    w->density = density > w->density ? density : w->density;
}

/* Blocks up to 7/8 of an empty pool, then every eighth given back. */
static void populate(world *w)
{
    tarn_stats stats;
    w->count = 0;
    memset(begins, 0, w->at->bytes / GRANULE + 1u);
    do {
        add_block(w);
        assert_int_equal(tarn_stats_get(w->pool, &stats), TARN_OK);
    } while (stats.used < stats.capacity / 8u * 7u && stats.largest_request > LARGEST);
    w->bits = stats.check_bits;
    measure(w);
    for (uint32_t i = w->count / 8u; i != 0; i--) {
        remove_block(w, prng_below(&w->random, w->count));
    }
}

static void repopulate(world *w)
{
    assert_int_equal(tarn_reset(w->pool), TARN_OK);
    populate(w);
}

/* ---- kinds that are certain ---- */

static void try_null(world *w, uint64_t attempts)
{
    assert_int_equal(tarn_free(w->pool, NULL), TARN_E_NULL);
    while (w->tried < attempts / 1000u + 1u) {
        attempt(w, 0);
    }
}

static void try_outside(world *w, uint64_t attempts)
{
    uintptr_t start = (uintptr_t)memory;
    while (w->tried < attempts) {
        uint32_t distance = prng_next(&w->random) >> prng_below(&w->random, 31);
        attempt(w, w->tried % 2u == 0 ? start - 1u - distance : start + w->at->bytes + distance);
    }
}

static void try_control(world *w, uint64_t attempts)
{
    tarn_options options = shape_options(&w->shape);
    uint32_t overhead = (uint32_t)tarn_overhead(w->at->bytes, &options);
    while (w->tried < attempts) {
        attempt(w, (uintptr_t)memory + prng_below(&w->random, overhead));
    }
}

static void try_wilderness(world *w, uint64_t attempts)
{
    uint32_t behind = (uint32_t)(memory + w->at->bytes - w->top);
    while (w->tried < attempts) {
        attempt(w, (uintptr_t)w->top + prng_below(&w->random, behind));
    }
}

static void try_misaligned(world *w, uint64_t attempts)
{
    while (w->tried < attempts) {
        uintptr_t block = (uintptr_t)blocks[prng_below(&w->random, w->count)];
        attempt(w, block + 1u + prng_below(&w->random, GRANULE - 1u));
    }
}

static void try_double(world *w, uint64_t attempts)
{
    while (w->tried < attempts) {
        remove_block(w, prng_below(&w->random, w->count));
        attempt(w, (uintptr_t)blocks[w->count]);
        if (tarn_largest(w->pool) > LARGEST) {
            add_block(w);
        } else {
            repopulate(w);
        }
    }
}

/* Gives half of the blocks back, so that they merge with whatever is free; returns how many there were. */
static uint32_t remove_half(world *w)
{
    uint32_t before = w->count;
    while (w->count > before / 2u) {
        remove_block(w, prng_below(&w->random, w->count));
    }
    return before;
}

static void try_stale(world *w, uint64_t attempts)
{
    while (w->tried < attempts) {
        uint32_t before = remove_half(w);
        for (uint32_t i = w->count; i < before; i++) {
            attempt(w, (uintptr_t)blocks[i]);
        }
        repopulate(w);
    }
}

/* As try_stale(), but then other blocks are handed out over the same bytes and nothing is written to them. */
static void try_covered(world *w, uint64_t attempts)
{
    while (w->tried < attempts) {
        uint32_t before = remove_half(w);
        uint32_t stale = before - w->count;
        memcpy(earlier, &blocks[w->count], stale * sizeof blocks[0]);
        while (w->count < before - before / 8u && tarn_largest(w->pool) > LARGEST) {
            add_block(w);
        }
        for (uint32_t i = 0; i < stale; i++) {
            if (*begin_mark(earlier[i]) == 0) {
                attempt(w, (uintptr_t)earlier[i]);
            }
        }
        repopulate(w);
    }
}

/* ---- kinds that look like headers by chance ---- */

/* Words that a user may store. */
typedef uint32_t data_word(world *w);

static uint32_t word_zero(world *w)
{
    (void)w;
    return 0;
}

static uint32_t word_text(world *w)
{
    uint32_t word = 0;
    for (uint32_t i = 0; i < 4; i++) {
        word = word << 8 | (32u + prng_below(&w->random, 95));
    }
    return word;
}

static uint32_t word_random(world *w)
{
    return prng_next(&w->random);
}

static uint32_t word_header(world *w)
{
    uint32_t word;
    memcpy(&word, blocks[prng_below(&w->random, w->count)] - 4, 4);
    return word;
}

/* Every place inside the block where a header could be is given a word, then each pointer behind one is tried. */
static void try_inside_block(world *w, unsigned char *block, data_word *data)
{
    size_t usable = tarn_usable(w->pool, block);
    for (size_t at = GRANULE; at < usable; at += GRANULE) {
        uint32_t word = data(w);
        memcpy(block + at - 4u, &word, 4);
    }
    for (size_t at = GRANULE; at < usable; at += GRANULE) {
        attempt(w, (uintptr_t)block + at);
    }
}

static void try_inside(world *w, uint64_t attempts, data_word *data)
{
    while (w->tried < attempts) {
        for (uint32_t i = 0; i < w->count && w->tried < attempts; i++) {
            try_inside_block(w, blocks[i], data);
        }
    }
}

static void try_zero(world *w, uint64_t attempts)
{
    try_inside(w, attempts, word_zero);
}

static void try_text(world *w, uint64_t attempts)
{
    try_inside(w, attempts, word_text);
}

static void try_random(world *w, uint64_t attempts)
{
    try_inside(w, attempts, word_random);
}

static void try_copied(world *w, uint64_t attempts)
{
    try_inside(w, attempts, word_header);
}

/* The right pointer, but something ran over the header: a word of chance stands there. */
static void try_overwritten(world *w, uint64_t attempts)
{
    while (w->tried < attempts) {
        unsigned char *block = blocks[prng_below(&w->random, w->count)];
        uint32_t header;
        uint32_t word = prng_next(&w->random);
        memcpy(&header, block - 4, 4);
        memcpy(block - 4, &word, 4);
        w->tried++;
        w->accepted += tarn_recognise(w->pool, block) == TARN_OK;
        memcpy(block - 4, &header, 4);
    }
}

/* A pool in one block of the outer, with as wide a check; its blocks, then what is left of them when it has ended. */
static void try_nested_pool(world *w, bool ended)
{
    uint32_t bytes = (uint32_t)w->at->bytes;
    shape inner = w->shape;
    tarn_pool *pool = NULL;
    uint32_t count = 0;
    assert_int_equal(tarn_reset(w->pool), TARN_OK);
    assert_non_null(tarn_alloc(w->pool, prng_below(&w->random, bytes / 32u)));
    inner.bytes = bytes / 16u * 13u - prng_below(&w->random, bytes / 8u);
    tarn_options options = shape_options(&inner);
    options.flags = TARN_POOL_UNREGISTERED;
    assert_int_equal(tarn_init(&pool, tarn_alloc(w->pool, inner.bytes), inner.bytes, &options), TARN_OK);
    do {
        earlier[count] = tarn_alloc(pool, SMALLEST + prng_below(&w->random, LARGEST - SMALLEST));
    } while (earlier[count] != NULL && ++count < BLOCKS_MAX);
    if (ended) {
        assert_int_equal(tarn_deinit(pool), TARN_OK);
    }
    for (uint32_t i = 0; i < count; i++) {
        attempt(w, (uintptr_t)earlier[i]);
    }
}

static void try_nested(world *w, uint64_t attempts)
{
    while (w->tried < attempts) {
        try_nested_pool(w, false);
    }
}

static void try_residue(world *w, uint64_t attempts)
{
    while (w->tried < attempts) {
        try_nested_pool(w, true);
    }
}

/* ---- kinds from an earlier life of the pool ---- */

/* Pointers from before that are no block now. */
static void try_earlier(world *w, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (*begin_mark(earlier[i]) == 0) {
            attempt(w, (uintptr_t)earlier[i]);
        }
    }
}

static void try_before_reset(world *w, uint64_t attempts)
{
    while (w->tried < attempts) {
        uint32_t count = w->count;
        memcpy(earlier, blocks, count * sizeof blocks[0]);
        repopulate(w);
        try_earlier(w, count);
    }
}

static void try_before_init(world *w, uint64_t attempts)
{
    while (w->tried < attempts) {
        uint32_t count = w->count;
        memcpy(earlier, blocks, count * sizeof blocks[0]);
        w->pool = pool_make(&w->shape, memory);
        populate(w);
        try_earlier(w, count);
    }
}

/* ---- the table ---- */

/* What is promised for a kind of pointer. */
typedef enum promise {
    NEVER,        /* B1 */
    CHANCE,       /* B2 at keyed levels, B1 at exact ones */
    CHANCE_TWICE, /* B3 at keyed levels, B1 at exact ones */
    DAMAGE,       /* B2 at every level: a block does begin there, its header was overwritten */
    NOTHING       /* not promised at keyed levels, B1 at exact ones */
} promise;

typedef struct kind {
    const char *name;
    void (*run)(world *w, uint64_t attempts);
    promise promise;
    uint32_t attempts; /* per engine and level */
} kind;

static const kind kinds[] = {
    {"NULL", try_null, NEVER, SOME},
    {"below or above the pool", try_outside, NEVER, SOME},
    {"control data", try_control, NEVER, SOME},
    {"wilderness", try_wilderness, NEVER, SOME},
    {"off the granule", try_misaligned, NEVER, SOME},
    {"freed just now", try_double, NEVER, SOME},
    {"freed and merged, not handed out again", try_stale, NEVER, SOME},
    {"freed, inside another block since", try_covered, CHANCE, SOME},
    {"inside a block: zeros", try_zero, NEVER, SOME},
    {"inside a block: text", try_text, CHANCE, MANY},
    {"inside a block: random words", try_random, CHANCE, MANY},
    {"inside a block: headers copied from other blocks", try_copied, CHANCE, MANY},
    {"block of a nested pool", try_nested, CHANCE_TWICE, SOME},
    {"block of a nested pool that has ended", try_residue, CHANCE_TWICE, SOME},
    {"from before tarn_reset()", try_before_reset, CHANCE, SOME},
    {"from before tarn_init() with the same key", try_before_init, NOTHING, SOME},
    {"a block whose header was overwritten", try_overwritten, DAMAGE, MANY},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* One cell: all engines together. */
typedef struct cell {
    uint64_t tried;
    uint64_t accepted;
    double bound; /* probability that is promised; -1 for none */
} cell;

static cell cells[KINDS][LEVELS];

static double bound_of(const kind *k, const world *w)
{
    bool exact = w->at->recognition == TARN_RECOGNISE_EXACT;
    double match = pow(2.0, -(double)w->bits);
    if (k->promise == DAMAGE || (k->promise == CHANCE && !exact)) {
        return match * (w->density + match);
    }
    if (k->promise == CHANCE_TWICE && !exact) {
        return match * match;
    }
    return k->promise == NOTHING && !exact ? -1.0 : 0.0;
}

static void run_cell(const kind *k, const level *at, uint32_t engine, uint64_t seed, uint64_t attempts, cell *result)
{
    world w;
    memset(&w, 0, sizeof w);
    shape s = {engine, GRANULE, 0, at->recognition, at->bytes, 0};
    w.at = at;
    w.shape = s;
    w.random = prng_make(seed, (uint64_t)(k - kinds) << 16 | (uint64_t)(at - levels) << 8 | engine);
    w.pool = pool_make(&s, memory);
    populate(&w);
    k->run(&w, attempts);
    assert_sound(w.pool, k->name);
    assert_int_equal(tarn_deinit(w.pool), TARN_OK);
    result->tried += w.tried;
    result->accepted += w.accepted;
    double bound = bound_of(k, &w);
    result->bound = bound > result->bound ? bound : result->bound;
}

static void run_all(uint64_t seed, uint64_t (*scaled)(uint64_t))
{
    uint32_t engines[3];
    uint32_t count = engines_built(engines);
    for (uint32_t k = 0; k < KINDS; k++) {
        for (uint32_t at = 0; at < LEVELS; at++) {
            cells[k][at].bound = -1.0;
            for (uint32_t i = 0; i < count && fits_here(&levels[at]); i++) {
                if (engines[i] != TARN_ENGINE_LINEAR || levels[at].bytes <= LINEAR_MAX) {
                    run_cell(&kinds[k], &levels[at], engines[i], seed, scaled(kinds[k].attempts), &cells[k][at]);
                }
            }
        }
    }
}

static int setup(void **state)
{
    (void)state;
    void *at = mmap(NULL, TEST_LARGEST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memory = at;
    return at == MAP_FAILED;
}

/* The bound, and six standard deviations of a count that keeps it. */
static bool within(const cell *c)
{
    double expected = c->bound * (double)c->tried;
    return c->bound < 0 || (double)c->accepted <= expected + 6.0 * sqrt(expected) + (expected > 0 ? 3.0 : 0.0);
}

static void test_bad_pointers_are_refused(void **state)
{
    uint64_t tried = 0;
    uint32_t broken = 0;
    (void)state;
    run_all(test_seed(), test_scaled);
    for (uint32_t k = 0; k < KINDS; k++) {
        for (uint32_t at = 0; at < LEVELS; at++) {
            const cell *c = &cells[k][at];
            bool holds = within(c);
            tried += c->tried;
            broken += !holds;
            if (c->accepted != 0 || !holds) {
                printf("%s, %s: %lu of %lu taken, %.1f promised at most%s\n", kinds[k].name, levels[at].name,
                       (unsigned long)c->accepted, (unsigned long)c->tried, c->bound * (double)c->tried,
                       c->bound < 0 ? " (nothing is)"
                       : holds      ? ""
                                    : ": BROKEN");
            }
        }
    }
    printf("%lu bad pointers of %u kinds at %u levels, seed %lu; every other cell: 0 taken\n", (unsigned long)tried,
           (unsigned)KINDS, (unsigned)LEVELS, (unsigned long)test_seed());
    assert_int_equal(broken, 0);
}

/* ---- docs/tables/recognition.md ---- */

static uint64_t in_full(uint64_t attempts)
{
    return attempts;
}

static void print_count(uint64_t count)
{
    if (count >= 1000000u) {
        printf("%.1f M", (double)count / 1e6);
    } else {
        printf("%lu", (unsigned long)count);
    }
}

static void print_cell(const cell *c)
{
    print_count(c->accepted);
    printf(" of ");
    print_count(c->tried);
    if (c->bound > 0) {
        printf("; at most 2^%.1f", log2(c->bound));
    } else if (c->bound < 0) {
        printf("; not told apart");
    }
    printf(" |");
}

static int print_table(void)
{
    run_all(DEFAULT_SEED, in_full);
    printf("| pointer |");
    for (uint32_t at = 0; at < LEVELS; at++) {
        printf(" %s |", levels[at].name);
    }
    printf("\n|---|");
    for (uint32_t at = 0; at < LEVELS; at++) {
        printf("---|");
    }
    for (uint32_t k = 0; k < KINDS; k++) {
        printf("\n| %s |", kinds[k].name);
        for (uint32_t at = 0; at < LEVELS; at++) {
            printf(" ");
            print_cell(&cells[k][at]);
        }
    }
    printf("\n");
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--table") == 0) {
        return setup(NULL) != 0 ? 1 : print_table();
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bad_pointers_are_refused)};
    return cmocka_run_group_tests(tests, setup, NULL);
}
