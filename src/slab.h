/* SPDX-License-Identifier: MIT */
/*
 * The slab: small objects without a header each, in pages that are blocks of the pool.
 *
 *   table, in the exact map's place:  length, shape, limit, sum, then five words for each class, then a bit per unit
 *   page:    [header][seal][next][prev][live seal][live ...][extension words ...][objects ...........................]
 *
 *   shape    log2 of a unit's bytes, classes, whether each class keeps a page, whether it takes more, units of the
 *            longest page
 *   limit    pages that there may be
 *   sum      of shape, limit and what an object and a page of each class are: they do not change
 *   class    bytes of an object, objects of a page, first of its pages that have both objects and room, an empty page
 *            that is kept, pages
 *   bit      a page's payload begins at this unit. Units are counted from the image's first byte, so that pages lie
 *            alike wherever the image is, and the next one fits behind
 *   seal     of offset, class and its shape, by the pool's key; the class in the lowest bits
 *   live     a bit for each object that somebody has; the live seal is a sum of them all: no object is given out, or
 *            taken back, by bits that were written over
 *
 * A page is a used block to everything else: figures count pages, not objects. What lies in a page is told from the
 * bits of the table alone, before any byte near it is read. Extension words of objects stand together behind the bits,
 * in the order of the objects. Whoever looks at a pool has empty pages given back first, but for those that their class
 * keeps.
 *
 * I21 each bit has its page, a used block that proves itself; a page with objects and room is in the list of its class
 *     once, an empty one is the one its class keeps, and every class counts its pages
 * Bound: an operation of the engine for a page that comes or goes; for each class a step, for each 32 objects of the
 * page a few, for each 32 units of the longest page a load. Of a native pool all three are limited: at most 32 classes,
 * 128 objects, one unit.
 */
#ifndef TARN_SRC_SLAB_H
#define TARN_SRC_SLAB_H

#include "block.h"
#include "slab_plan.h"

enum { SLAB_LENGTH, SLAB_SHAPE, SLAB_LIMIT, SLAB_SUM, SLAB_ROWS };

_Static_assert(IMAGE_SLAB + SLAB_SHAPE == IMAGE_SLAB_SHAPE, "the pool's seal is about the table's shape");

enum { SLAB_BYTES, SLAB_OBJECTS, SLAB_HEAD, SLAB_EMPTY, SLAB_PAGES, SLAB_ROW_WORDS };

enum { PAGE_SEAL, PAGE_NEXT, PAGE_PREV, PAGE_LIVE_SEAL, PAGE_LIVE };

enum { SLAB_UNIT_SHIFT = 0, SLAB_CLASSES = 4, SLAB_KEEPS = 12, SLAB_GROWS = 13, SLAB_REACH = 16 };

#define SLAB_CLASSES_MAX 64u
#define SLAB_CLASS_MASK (SLAB_CLASSES_MAX - 1u)
#define SLAB_REACH_MAX 0xFFFFu
#define SLAB_BYTES_MAX 4096u
#define SLAB_OBJECTS_MAX (UINT32_C(1) << 18)

/* What follows from an object's bytes and how many a page has; in bytes from the payload, but for size. */
typedef struct slab_class {
    uint32_t bytes;
    uint32_t objects;
    uint32_t words; /* where extension words begin */
    uint32_t first; /* where objects begin */
    uint32_t size;  /* granules of a page; 0: there can be none */
} slab_class;

static inline slab_class slab_class_shape(uint32_t layout, uint32_t unit_shift, uint32_t bytes, uint32_t objects)
{
    slab_class c = {bytes, objects, 0, 0, 0};
    uint32_t shift = layout_shift(layout);
    uint32_t granule = UINT32_C(1) << shift;
    uint32_t unit = UINT32_C(1) << unit_shift;
    if (bytes - 1u >= SLAB_BYTES_MAX || objects - 1u >= SLAB_OBJECTS_MAX || (bytes & (granule - 1u)) != 0) {
        return c;
    }
    uint32_t extension = 4u * layout_extension(layout);
    c.words = 4u * PAGE_LIVE + 4u * ((objects + 31u) >> 5);
    c.first = (c.words + extension * objects + granule - 1u) & ~(granule - 1u);
    uint32_t all = (c.first + bytes * objects + extension + 4u + unit - 1u) >> unit_shift;
    c.size = all <= SLAB_REACH_MAX ? all << (unit_shift - shift) : 0;
    return c;
}

/* The same of one of a plan's classes. */
slab_class tarn_slab_planned(const slab_plan *plan, uint32_t layout, uint32_t index);

/* Words of the table behind its length, in a pool of up to so many granules. */
uint64_t tarn_slab_words(const slab_plan *plan, uint32_t layout, uint64_t end);

static inline uint32_t slab_unit_shift(uint32_t shape)
{
    return word_field(shape, SLAB_UNIT_SHIFT, 4);
}

static inline uint32_t slab_classes(uint32_t shape)
{
    return word_field(shape, SLAB_CLASSES, 8);
}

static inline bool slab_keeps(uint32_t shape)
{
    return word_field(shape, SLAB_KEEPS, 1) != 0;
}

static inline bool slab_grows(uint32_t shape)
{
    return word_field(shape, SLAB_GROWS, 1) != 0;
}

static inline uint32_t slab_reach(uint32_t shape)
{
    return shape >> SLAB_REACH;
}

/* Index of a word of the table: of a class, and of the bits. */
static inline uint32_t slab_row(uint32_t index, uint32_t word)
{
    return SLAB_ROWS + SLAB_ROW_WORDS * index + word;
}

static inline uint32_t slab_bits(uint32_t shape)
{
    return slab_row(slab_classes(shape), 0);
}

/* Units that the table has bits for: those of words from slab_bits() to length. */
static inline uint32_t slab_units(uint32_t shape, uint32_t length)
{
    return 32u * (length + 1u - slab_bits(shape));
}

/* The words of a table that init, adopt and grow have made legal are what a call goes by. */
static inline bool slab_shape_is_legal(uint32_t shape, uint32_t length)
{
    return slab_unit_shift(shape) - 6u <= 3u && slab_classes(shape) - 1u < SLAB_CLASSES_MAX && slab_reach(shape) != 0 &&
           word_field(shape, SLAB_GROWS + 1u, 2) == 0 && length >= slab_bits(shape) && length >> 26 == 0;
}

/* A page's seal, and what is proved by it: its class and the shape of that. */
static inline uint32_t slab_page_seal(uint32_t key, uint32_t offset, uint32_t index, const slab_class *c)
{
    uint32_t body = c->bytes * UINT32_C(0x85EBCA6B) + c->objects * UINT32_C(0xC2B2AE35) + index;
    return (block_mix(key ^ UINT32_C(0x51AB51AB), offset, body) & ~SLAB_CLASS_MASK) | index;
}

/* Sums up a page's bits of live objects: begins with this, and goes on with each word. */
static inline uint32_t slab_live_begin(uint32_t key, uint32_t offset)
{
    return block_mix(key ^ UINT32_C(0x11FE11FE), offset, 0);
}

static inline uint32_t slab_live_mix(uint32_t sum, uint32_t word)
{
    sum = (sum ^ word) * UINT32_C(0x9E3779B1);
    return sum ^ sum >> 15;
}

/* The table's sum: begins with this, and goes on with each class. */
static inline uint32_t slab_sum_begin(uint32_t shape, uint32_t limit)
{
    return slab_live_mix(slab_live_mix(0, shape), limit);
}

static inline uint32_t slab_sum_mix(uint32_t sum, uint32_t bytes, uint32_t objects)
{
    return slab_live_mix(slab_live_mix(sum, bytes), objects);
}

/* The bits of a page's live words that have objects, in the word with this index. */
static inline uint32_t slab_live_mask(uint32_t objects, uint32_t word)
{
    uint32_t left = objects - 32u * word;
    return left >= 32u ? UINT32_MAX : (UINT32_C(1) << left) - 1u;
}

/* ---- an image under its lock (slab.c, slab_page.c, slab_plan.c) ---- */

typedef struct slab_page {
    unsigned char *at; /* its payload */
    uint32_t offset;
    uint32_t index; /* of its class */
    uint32_t size;  /* granules: a little more than its class needs where the rest would have been no block */
    slab_class shape;
} slab_page;

/* An object that somebody has. */
typedef struct slab_object {
    slab_page page;
    uint32_t number;        /* in the page */
    unsigned char *payload; /* its bytes */
    unsigned char *words;   /* its extension words */
} slab_object;

/* Writes the table's shape of a pool that is made, whose table is zero, and its length there. */
void tarn_slab_format(const image *im, const slab_plan *plan);

/* Takes the pages that classes keep, in a pool without any; what cannot be had is left out. */
void tarn_slab_start(const image *im);

/* Forgets all pages of a pool whose blocks are dropped, and begins anew. */
void tarn_slab_clear(const image *im);

struct origin; /* account.h */

/* An object of at least size bytes, aligned to the granule: TARN_E_EXHAUSTED if that is for the engine,
 * TARN_E_DAMAGED. */
tarn_status tarn_slab_take(const image *im, size_t size, size_t alignment, struct origin *o, void **taken);

/* The same of a larger one than need be, where neither its class nor the engine has room; never where classes keep
 * pages. */
tarn_status tarn_slab_take_larger(const image *im, size_t size, size_t alignment, struct origin *o, void **taken);

/* What the first of them would answer, or if that is TARN_E_EXHAUSTED the second. */
tarn_status tarn_slab_would_take(const image *im, size_t size, size_t alignment);

/* The largest request that they would serve, 0 if none. Always 0 where classes keep pages: an object there is one that
 * a class had from the beginning, and says nothing of the room in the pool. */
uint32_t tarn_slab_largest(const image *im);

/* Tells an object that somebody has from every other address: TARN_E_FOREIGN if it lies in no page and may be a block,
 * TARN_E_MISALIGNED, TARN_E_NOT_A_BLOCK, TARN_E_DOUBLE_FREE, TARN_E_DAMAGED. */
tarn_status tarn_slab_find(const image *im, const void *address, slab_object *found);

/* The same of the object that holds these bytes. */
tarn_status tarn_slab_find_around(const image *im, const void *start, size_t bytes, slab_object *found);

/* Takes it back: TARN_E_DAMAGED. */
tarn_status tarn_slab_put(const image *im, const slab_object *given);

/* Whether registered pools may lie in an object of its page; from tarn_slab_mark() on until the page is given back. */
bool tarn_slab_carries(const image *im, const slab_object *o);
void tarn_slab_mark(const image *im, const slab_object *o);

/* Gives empty pages back, but those that their class keeps; true if one was. */
bool tarn_slab_settle(const image *im);

/* The bits, lists and counts of pages that prove themselves made anew, in a pool whose blocks are sound; the rest is
 * left as it is. */
void tarn_slab_rebuild(const image *im);

/* tarn_slab_find() in any pool. */
static inline tarn_status slab_find(const image *im, const void *address, slab_object *found)
{
    return layout_has_slab(im->layout) ? tarn_slab_find(im, address, found) : TARN_E_FOREIGN;
}

static inline tarn_status slab_find_around(const image *im, const void *start, size_t bytes, slab_object *found)
{
    return layout_has_slab(im->layout) ? tarn_slab_find_around(im, start, bytes, found) : TARN_E_FOREIGN;
}

/* ---- bytes that nothing vouches for (slab_view.c) ---- */

/* The table's own words can be what they are: of a view whose layout names a slab. */
bool tarn_slab_is_legal(const tarn_view *view);

/* A page begins with the block at offset, as the table's bits say. */
bool tarn_slab_begins(const tarn_view *view, uint32_t offset);

/* I21 of a pool whose blocks are sound; the first word that breaks it in *at, what it has to be in *expected. */
bool tarn_slab_sound(const tarn_view *view, uint64_t *at, uint32_t *expected);

/* log2 of the granules of a unit, and the granules that the table has bits for. */
uint32_t tarn_slab_unit_log2(const tarn_view *view);
uint64_t tarn_slab_marks(const tarn_view *view);

/* Of I21, each on its own: that the table is its sum's and its classes name pages of theirs; that the page which begins
 * at offset, by a block that holds, proves itself, has its place, and is linked with its neighbours, if one begins there;
 * that none begins in the granules from from up to to. */
bool tarn_slab_table_sound(const tarn_view *view, uint64_t *at, uint32_t *expected);
bool tarn_slab_page_sound(const tarn_view *view, uint32_t offset, uint64_t *at, uint32_t *expected);
bool tarn_slab_unmarked(const tarn_view *view, uint32_t from, uint32_t to, uint64_t *at, uint32_t *expected);

/* What the byte position lies in: the object, live or not; false if it is in none. */
bool tarn_slab_describe(const tarn_view *view, uint64_t position, tarn_block *record);

/* Calls visit for each object that somebody has of the page that begins with the block at offset, if that is a page
 * which proves itself; false if visit did not want more. */
bool tarn_slab_visit(const tarn_view *view, uint32_t offset, tarn_visit *visit, void *context);

/* The first object somebody has at or behind *position, which moves past it; false if there is none. */
bool tarn_slab_next(const tarn_view *view, uint64_t *position, tarn_block *record);

#endif
