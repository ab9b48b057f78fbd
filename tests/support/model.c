/* SPDX-License-Identifier: MIT */
/* The shadow of a pool and its random steps; model.h has the numbered claims. */
#include "model.h"

#include <stdlib.h>

enum {
    EDGE = 256,  /* of larger blocks only the first and last bytes, */
    PROBES = 64, /* and some between, are written and verified */
    ALIGNMENT_LOG2_MAX = 12
};

const char *model_op_name(model_op op)
{
    static const char *const names[MODEL_OPS] = {
        "alloc", "alloc_aligned", "calloc", "realloc", "realloc_aligned", "resize",
        "free",  "bad free",      "reset",  "grow",    "relocate",
    };
    return names[op];
}

static void expect(const model *m, bool holds, const char *what)
{
    if (!holds) {
        char text[SHAPE_TEXT];
        fail_msg("%s: %s, seed %lu, step %lu, %u blocks live", what, shape_text(&m->shape, text),
                 (unsigned long)m->seed, (unsigned long)m->step, (unsigned)m->live);
    }
}

/* ---- contents (M1) ---- */

static unsigned char pattern_byte(uint32_t pattern, size_t index)
{
    return (unsigned char)(pattern >> (8u * (index & 3u)) ^ index * 29u);
}

/* The index after i that is written in a block of this size. */
static size_t next_index(size_t size, size_t i)
{
    bool all = size <= 2u * EDGE || i + 1u < EDGE || i + 1u >= size - EDGE;
    size_t step = all ? 1u : size / PROBES;
    return i + step < size - EDGE || all ? i + step : size - EDGE;
}

static void contents_write(const model_block *b)
{
    for (size_t i = 0; i < b->size; i = next_index(b->size, i)) {
        b->at[i] = pattern_byte(b->pattern, i);
    }
}

/* As much of what was written as lies below limit. */
static void contents_verify(const model *m, const model_block *b, size_t limit)
{
    for (size_t i = 0; i < b->size && i < limit; i = next_index(b->size, i)) {
        if (b->at[i] != pattern_byte(b->pattern, i)) {
            expect(m, false, "M1: a block's contents changed");
        }
    }
}

/* Bytes that 63 lists of at most 256 hold. */
enum { PARKED_MOST = 63 * 256 };

/* ---- the list of live blocks ---- */

static void note_used(model *m, uint64_t used)
{
    m->used = used;
    if (used > m->peak) {
        m->peak = used;
    }
}

static bool parks(const model *m)
{
    return (m->shape.flags & SHAPE_PARKS) != 0;
}

static bool has_tail(const model *m)
{
    return (m->shape.flags & (TARN_POOL_GUARD | TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE)) != 0;
}

/* What a block of the pool occupies: of what it can hold, or where that is what was asked for, by the walk's record. */
static size_t occupied_by(const model *m, const void *at)
{
    tarn_block record;
    if (!has_tail(m) && (m->shape.flags & TARN_POOL_BACKUP) == 0) {
        return tarn_usable(m->pool, at) + 4u + 4u * (size_t)m->shape.extension_words;
    }
    expect(m, tarn_block_at(m->pool, at, &record) == TARN_OK, "M2: a block is not found");
    return (size_t)record.size;
}

/* Takes up what the pool answered for a block: M2, the bytes it occupies, fresh contents. */
static void block_accept(model *m, model_block *b, void *at, size_t size, size_t alignment)
{
    size_t usable = tarn_usable(m->pool, at);
    size_t occupied = occupied_by(m, at);
    b->at = at;
    b->size = size;
    b->alignment = alignment;
    expect(m, (uintptr_t)at % m->shape.granule == 0, "M2: a block is off the granule");
    expect(m, (uintptr_t)at % alignment == 0, "M2: a block is off its alignment");
    expect(m, usable >= size && usable != 0, "M2: a block is smaller than asked for");
    expect(m, b->at >= m->memory && usable <= m->bytes && b->at - m->memory <= (ptrdiff_t)(m->bytes - usable),
           "M2: a block leaves the pool");
    expect(m, !has_tail(m) || usable == (size == 0 ? 1 : size), "M2: a block is not what was asked for");
    note_used(m, m->used - b->occupied + occupied);
    b->occupied = occupied;
    b->pattern = prng_next(&m->random);
    contents_write(b);
}

static void block_add(model *m, void *at, size_t size, size_t alignment)
{
    model_block *b = &m->blocks[m->live];
    b->occupied = 0;
    block_accept(m, b, at, size, alignment);
    m->live++;
}

static void block_forget(model *m, uint32_t index)
{
    m->used -= m->blocks[index].occupied;
    m->blocks[index] = m->blocks[--m->live];
}

/* ---- choices ---- */

/* Mostly small against the pool, skewed to smaller; sometimes what just fits, does not, or overflows. */
static size_t pick_size(model *m)
{
    uint32_t dice = prng_below(&m->random, 256);
    if (dice == 0) {
        return SIZE_MAX - prng_below(&m->random, 64);
    }
    if (dice == 1) {
        return tarn_largest(m->pool) + prng_below(&m->random, 2);
    }
    return prng_below(&m->random, UINT32_C(2) << prng_below(&m->random, m->size_log2));
}

static size_t pick_alignment(model *m)
{
    return (size_t)1 << prng_below(&m->random, ALIGNMENT_LOG2_MAX + 1);
}

static void note_alignment(model *m, size_t alignment)
{
    if (alignment > m->max_alignment) {
        m->max_alignment = (uint32_t)alignment;
    }
}

static void count(model *m, model_op op, bool done)
{
    m->counts->done[op] += done;
    m->counts->refused[op] += !done;
    m->refusals += !done;
}

/* ---- operations ---- */

/* M5: what fits is served, what does not is refused; an aligned request may fail with more slack than it needs. */
static void step_alloc(model *m, model_op op)
{
    size_t size = pick_size(m);
    size_t alignment = op == MODEL_ALIGNED ? pick_alignment(m) : 1;
    bool asks = !parks(m) || prng_below(&m->random, 64) == 0; /* whoever asks has what is parked given back */
    size_t largest = asks ? tarn_largest(m->pool) : SIZE_MAX;
    unsigned char *at;
    if (op == MODEL_CALLOC) {
        at = tarn_calloc(m->pool, size & 3u ? 1 : 4, size & 3u ? size : size / 4);
    } else if (op == MODEL_ALIGNED) {
        at = tarn_alloc_aligned(m->pool, size, alignment);
    } else {
        at = tarn_alloc(m->pool, size);
    }
    count(m, op, at != NULL);
    largest = at == NULL ? tarn_largest(m->pool) : largest;
    expect(m, at == NULL || size <= largest, "M5: more than the largest request was served");
    expect(m, at != NULL || size > largest || largest == 0 || alignment > m->shape.granule,
           "M5: a request up to the largest was refused");
    if (at == NULL) {
        m->filling = m->filling && size > 2u << m->size_log2;
        return;
    }
    for (size_t i = 0; op == MODEL_CALLOC && i < size; i++) {
        expect(m, at[i] == 0, "M5: calloc gave a byte that is not zero");
    }
    note_alignment(m, alignment);
    block_add(m, at, size, alignment);
}

static void step_realloc(model *m, bool aligned)
{
    model_block *b = &m->blocks[prng_below(&m->random, m->live)];
    model_block old = *b;
    size_t size = pick_size(m);
    size_t alignment = aligned ? pick_alignment(m) : 1;
    unsigned char *at =
        aligned ? tarn_realloc_aligned(m->pool, b->at, size, alignment) : tarn_realloc(m->pool, b->at, size);
    count(m, aligned ? MODEL_REALLOC_ALIGNED : MODEL_REALLOC, at != NULL);
    if (at == NULL) {
        contents_verify(m, &old, SIZE_MAX);
        expect(m, tarn_recognise(m->pool, old.at) == TARN_OK, "M5: a refused realloc lost the block");
        expect(m, size > tarn_largest(m->pool) || alignment > m->shape.granule, "M5: realloc refused what fits");
        return;
    }
    m->counts->in_place += at == old.at;
    m->counts->moved += at != old.at;
    size_t fresh = occupied_by(m, at);
    if (at + fresh <= old.at || at >= old.at + old.occupied) { /* for a moment both blocks were there */
        note_used(m, m->used + fresh);
        note_used(m, m->used - fresh);
    }
    old.at = at;
    contents_verify(m, &old, size);
    note_alignment(m, alignment);
    block_accept(m, b, at, size, alignment);
}

static void step_resize(model *m)
{
    model_block *b = &m->blocks[prng_below(&m->random, m->live)];
    size_t size = pick_size(m);
    size_t usable = tarn_usable(m->pool, b->at);
    tarn_status status = tarn_resize(m->pool, b->at, size);
    count(m, MODEL_RESIZE, status == TARN_OK);
    contents_verify(m, b, size);
    if (status == TARN_OK) {
        block_accept(m, b, b->at, size, b->alignment);
        return;
    }
    expect(m, status == TARN_E_EXHAUSTED || status == TARN_E_NEVER_FITS, "M5: resize gave another reason");
    expect(m, size > usable && tarn_usable(m->pool, b->at) == usable, "M5: a refused resize changed the block");
}

static void step_free(model *m, uint32_t index)
{
    model_block *b = &m->blocks[index];
    contents_verify(m, b, SIZE_MAX);
    expect(m, tarn_free(m->pool, b->at) == TARN_OK, "M5: a used block was refused");
    count(m, MODEL_FREE, true);
    block_forget(m, index);
}

static void refuse(model *m, void *at, uint64_t *kind, const char *what)
{
    expect(m, tarn_free(m->pool, at) != TARN_OK, what);
    count(m, MODEL_BAD_FREE, false);
    (*kind)++;
}

/* A pointer into a block: refused for sure by the map, and up to chance by the key. */
static void step_bad_interior(model *m)
{
    const model_block *b = &m->blocks[prng_below(&m->random, m->live)];
    if (b->size < 2) {
        return;
    }
    unsigned char *at = b->at + 1u + prng_below(&m->random, (uint32_t)b->size - 1u);
    bool exact = m->shape.recognition == TARN_RECOGNISE_EXACT;
    if (!exact && tarn_recognise(m->pool, at) == TARN_OK) {
        m->counts->false_accepts++;
        return;
    }
    refuse(m, at, &m->counts->bad_interior, "M5: an interior pointer was taken");
}

static void step_bad_free(model *m)
{
    uint32_t dice = prng_below(&m->random, 4);
    if (dice == 0) {
        refuse(m, m->memory + m->bytes + prng_below(&m->random, 64), &m->counts->bad_outside,
               "M5: a pointer past the pool was taken");
    } else if (dice == 1) {
        refuse(m, m->memory + prng_below(&m->random, 44), &m->counts->bad_outside, "M5: a control word was taken");
    } else if (m->live != 0 && dice == 2) {
        void *at = m->blocks[m->live - 1u].at;
        step_free(m, m->live - 1u);
        refuse(m, at, &m->counts->bad_double, "M5: a block was taken twice");
    } else if (m->live != 0) {
        step_bad_interior(m);
    }
}

static void step_reset(model *m)
{
    expect(m, tarn_reset(m->pool) == TARN_OK, "M5: reset was refused");
    count(m, MODEL_RESET, true);
    m->refusals = 0;
    m->live = 0;
    m->used = 0;
    m->peak = 0;
    m->max_alignment = m->shape.granule;
}

static void step_grow(model *m)
{
    size_t left = m->shape.bytes - m->bytes;
    size_t bytes = left == 0 ? m->bytes : m->bytes + 1u + prng_below(&m->random, (uint32_t)(left / 4u + 1u));
    bytes = bytes > m->shape.bytes ? m->shape.bytes : bytes;
    expect(m, tarn_grow(m->pool, bytes) == TARN_OK, "M5: growing within max_bytes was refused");
    count(m, MODEL_GROW, true);
    m->bytes = bytes;
}

/* The image's bytes elsewhere are the pool; the old place is scribbled over. */
static void step_relocate(model *m)
{
    tarn_pool *moved = NULL;
    memcpy(m->spare, m->memory, m->bytes);
    expect(m, tarn_deinit(m->pool) == TARN_OK, "M5: deinit was refused");
    memset(m->memory, 0xDD, m->bytes);
    expect(m, tarn_adopt(&moved, m->spare, m->bytes) == TARN_OK, "M5: a copied image was not adopted");
    count(m, MODEL_RELOCATE, true);
    for (uint32_t i = 0; i < m->live; i++) {
        m->blocks[i].at = m->spare + (m->blocks[i].at - m->memory);
    }
    unsigned char *spare = m->memory;
    m->memory = m->spare;
    m->spare = spare;
    m->pool = moved;
}

/* Turns from filling to draining when a request fails, and back when the pool is empty. */
static void step_fill_or_drain(model *m)
{
    bool take = prng_below(&m->random, 8) < (m->filling ? 6u : 2u);
    if (m->live == 0) {
        m->counts->exhaustions += !m->filling;
        m->filling = true;
        take = true;
    }
    if (m->live == m->capacity) {
        m->filling = false;
        take = false;
    }
    if (take) {
        uint32_t dice = prng_below(&m->random, 8);
        step_alloc(m, dice == 0 ? MODEL_CALLOC : dice == 1 ? MODEL_ALIGNED : MODEL_ALLOC);
    } else {
        step_free(m, prng_below(&m->random, m->live));
    }
}

/* The rare operations cost as much as the pool is large, so that they are rarer in larger ones. */
static void step_rare(model *m)
{
    uint32_t dice = prng_below(&m->random, 64 + (uint32_t)(m->shape.bytes >> 10));
    if (dice < 8) {
        step_reset(m);
    } else if (dice < 16) {
        step_relocate(m);
    } else if (dice < 24) {
        step_grow(m);
    } else {
        step_fill_or_drain(m);
    }
}

void model_step(model *m)
{
    uint32_t dice = prng_below(&m->random, 256);
    if (dice == 0) {
        step_rare(m);
    } else if (dice < 9) {
        step_bad_free(m);
    } else if (dice < 80 && m->live != 0) {
        uint32_t kind = dice % 3u;
        if (kind == 2) {
            step_resize(m);
        } else {
            step_realloc(m, kind == 1);
        }
    } else {
        step_fill_or_drain(m);
    }
    m->step++;
}

/* ---- verification ---- */

static int by_address(const void *left, const void *right)
{
    const unsigned char *a = ((const model_block *)left)->at;
    const unsigned char *b = ((const model_block *)right)->at;
    return a < b ? -1 : a > b;
}

/* A walk met with the sorted live blocks. */
typedef struct meeting {
    const model *m;
    const unsigned char *base;
    uint32_t met;
    uint32_t free_blocks;
    uint64_t used;
    uint64_t free;
    uint64_t widest;
} meeting;

static bool meet(const tarn_block *block, void *context)
{
    meeting *w = context;
    if (block->state == TARN_BLOCK_FREE) {
        w->free_blocks++;
        w->free += block->size;
        w->widest = block->size > w->widest ? block->size : w->widest;
        return true;
    }
    const model_block *b = &w->m->blocks[w->met];
    expect(w->m, w->met < w->m->live && b->at == w->base + block->offset && b->occupied == block->size,
           "M3: a walk's used block is not the next one handed out");
    w->met++;
    w->used += block->size;
    return true;
}

/* M7 */
static void verify_bytes(const model *m)
{
    tarn_view view;
    tarn_stats stats;
    tarn_finding found;
    char what[96];
    expect(m, tarn_view_open(&view, m->memory, m->bytes) == TARN_OK, "M7: the bytes are no pool");
    tarn_status status = tarn_view_check(&view, &found);
    (void)snprintf(what, sizeof what, "M7: I%u at byte %lu of the pool's: expected 0x%x, found 0x%x",
                   (unsigned)found.rule, (unsigned long)found.offset, (unsigned)found.expected, (unsigned)found.found);
    expect(m, status == TARN_OK, what);
    expect(m,
           tarn_view_stats(&view, &stats) == TARN_OK && stats.used == m->used && stats.blocks == m->live &&
               stats.used + stats.free == stats.capacity,
           "M7: the bytes say something else");
}

void model_verify(model *m)
{
    tarn_stats stats;
    meeting w = {m, m->memory, 0, 0, 0, 0, 0};
    verify_bytes(m);
    assert_sound(m->pool, "model");
    qsort(m->blocks, m->live, sizeof m->blocks[0], by_address);
    for (uint32_t i = 0; i < m->live; i++) {
        contents_verify(m, &m->blocks[i], SIZE_MAX);
    }
    expect(m, tarn_walk(m->pool, meet, &w) == TARN_OK && w.met == m->live, "M3: a walk missed blocks");
    expect(m, tarn_stats_get(m->pool, &stats) == TARN_OK, "M4: no statistics");
    expect(m, stats.used == m->used && stats.used == w.used && stats.blocks == m->live, "M4: used or blocks");
    expect(m, stats.free == w.free && stats.free_blocks == w.free_blocks, "M4: free");
    expect(m, stats.used + stats.free == stats.capacity && stats.bytes == m->bytes, "M4: capacity");
    expect(m, stats.largest_free == w.widest, "M4: largest free block");
    expect(m, stats.refusals == m->refusals, "M4: refusals");
    expect(m, parks(m) ? stats.peak >= m->peak && stats.peak <= m->peak + PARKED_MOST : stats.peak == m->peak,
           "M4: peak");
    expect(m, stats.max_alignment == m->max_alignment, "M4: alignment");
    m->counts->checks++;
}

void model_begin(model *m, const shape *s, unsigned char *memory, unsigned char *spare, model_block *blocks,
                 uint32_t typical, uint64_t seed, model_counts *counts)
{
    memset(m, 0, sizeof *m);
    m->shape = *s;
    m->memory = memory;
    m->spare = spare;
    m->blocks = blocks;
    m->capacity = MODEL_CAPACITY;
    m->filling = true;
    m->max_alignment = s->granule;
    m->seed = seed;
    m->random = prng_make(seed, s->engine + 4u * s->granule + 128u * s->extension_words + 1024u * s->recognition +
                                    ((uint64_t)s->bytes << 16));
    m->counts = counts;
    tarn_options options = shape_options(s);
    options.max_bytes = s->bytes;
    m->bytes = s->bytes - prng_below(&m->random, (uint32_t)(s->bytes / 4u));
    while (((size_t)2 << m->size_log2) < s->bytes / typical) {
        m->size_log2++;
    }
    m->size_log2 += 2; /* half of the sizes are below a quarter of the limit */
    tarn_status status = tarn_init(&m->pool, memory, m->bytes, &options);
    if (status == TARN_E_TOO_SMALL) {
        m->bytes = s->bytes;
        status = tarn_init(&m->pool, memory, m->bytes, &options);
    }
    expect(m, status == TARN_OK, tarn_status_text(status));
}

void model_end(model *m)
{
    tarn_stats stats;
    while (m->live != 0) {
        step_free(m, prng_below(&m->random, m->live));
    }
    model_verify(m);
    (void)tarn_stats_get(m->pool, &stats);
    expect(m, stats.free_blocks == 1 && stats.largest_free == stats.capacity, "M6: an empty pool is not one block");
    expect(m, tarn_deinit(m->pool) == TARN_OK, "M6: deinit was refused");
}
