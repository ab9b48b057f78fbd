/* SPDX-License-Identifier: MIT */
/*
 * The image: what the bytes of a pool are, from the first on. Everything is a 32-bit word in the byte order of its
 * maker; places are offsets counted in granules from the image's first byte, never addresses.
 *
 *   word   0 magic and version   the three letters "trn" and TARN_IMAGE_VERSION; its byte order is the image's
 *          1 layout              granule, engine, extension words, check width, sections, lead (layout.h); never changes
 *          2 key                 salt of the header checks
 *          3 first               payload offset of the first block
 *          4 end                 payload offset just past the last block; the header in front of it closes the image
 *          5 top                 payload offset of the wilderness, the free space after the last block
 *          6 used                granules in used blocks
 *          7 peak                highest value of used
 *          8 blocks              used blocks
 *          9 tallies             refused requests and frees, policy, tail, largest alignment asked for (below)
 *         10 listed              free blocks in the engine's index (the wilderness is not)
 *         11 seal                of layout, key, first, end and what sections are sealed by: every call looks at it
 *   then, if the layout names them, the lists of parked blocks (park.h);
 *   then, if the layout names it, the exact map: its length in words, then one bit per granule; where it names map and
 *   lists both, in the map's place the table of the slab (slab.h): its length in words, then these;
 *   then the engine's index; then what cursor.h and account.h describe, up to the first block's first byte; then the
 *   blocks.
 *
 * I1: magic, layout and geometry are legal and consistent: the control data ends where first begins, first <= top <=
 *     end, end within the bytes; the seal is theirs.
 * Bound: constant for everything here.
 */
#ifndef TARN_SRC_IMAGE_H
#define TARN_SRC_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "layout.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"
#include "tarn/version.h"
#include "word.h"

#ifdef TARN_ONLY_PLAIN
#include "bins.h"
#endif

enum {
    IMAGE_MAGIC,
    IMAGE_LAYOUT,
    IMAGE_KEY,
    IMAGE_FIRST,
    IMAGE_END,
    IMAGE_TOP,
    IMAGE_USED,
    IMAGE_PEAK,
    IMAGE_BLOCKS,
    IMAGE_TALLIES,
    IMAGE_LISTED,
    IMAGE_SEAL,
    IMAGE_WORDS,
    /* The section of parked blocks: what follows from the layout, for who has no time to work it out; */
    IMAGE_PARK_CHECK = IMAGE_WORDS, /* the header bits that are check */
    IMAGE_PARK_SIZE,                /* those that are size */
    IMAGE_PARK_WITNESS,             /* a sum of layout, key and these three, and how the pool may be used (park.h) */
    IMAGE_PARK_TOGGLE,              /* those that tell a parked block from a used one */
    IMAGE_PARK_NONE,                /* zero: with the next word, the links of no block, at the end of every list */
    IMAGE_PARK_LIMIT,               /* granules that a list may hold */
    IMAGE_PARK_HEADS                /* of the lists: the block parked last */
};

#define IMAGE_HEADER_BYTES (4u * IMAGE_WORDS)
#define IMAGE_MAGIC_VALUE (UINT32_C(0x6E727400) | TARN_IMAGE_VERSION)
#define IMAGE_VOID_VALUE UINT32_C(0x6E7274FF)   /* a pool that was deinitialised */
#define IMAGE_CLOSED_VALUE UINT32_C(0x6E7274C6) /* a pool that damage closed (policy.h) */
#define IMAGE_ALIGNMENT 8u                      /* of the image's first byte, whatever the granule */

#define IMAGE_PARK_LISTS 63u
#define IMAGE_PARK_BYTES (4u * (IMAGE_PARK_HEADS + IMAGE_PARK_LISTS - IMAGE_WORDS))

/* Fields of the tallies word: lowest bit. */
enum {
    TALLY_REFUSALS = 0,   /* 20 bits, saturating */
    TALLY_POLICY = 20,    /* 3 bits: TARN_POLICY_* */
    TALLY_TAIL = 23,      /* 4 bits: bytes given past the last whole granule */
    TALLY_ALIGNMENT = 27, /* 5 bits: log2 of the largest alignment asked for */
    TALLY_REFUSALS_BITS = 20
};

/* Bytes of the section behind the header. */
static inline uint32_t layout_park_bytes(uint32_t layout)
{
    return layout_parks(layout) ? IMAGE_PARK_BYTES : 0;
}

/* Payload offset of the first block behind the control data that a layout names: header, sections, index, account. */
static inline uint64_t layout_first(uint32_t layout, uint32_t table_words, uint32_t index_bytes)
{
    uint64_t table = layout_has_table(layout) ? 4u + 4u * (uint64_t)table_words : 0;
    uint64_t control =
        IMAGE_HEADER_BYTES + layout_park_bytes(layout) + table + index_bytes + layout_front_bytes(layout);
    uint32_t shift = layout_shift(layout);
    return (control + (UINT64_C(1) << shift) - 1u) >> shift;
}

/* An image opened for work: the words that every operation needs, in registers. What a build for plain pools knows of
 * all its pools is not among them. */
typedef struct image {
    unsigned char *base;
    uint32_t layout;
    uint32_t key;
    uint32_t size_bits;  /* width of a header's size field */
    uint32_t body_mask;  /* header bits that are size and flags */
    uint32_t check_mask; /* header bits that are check */
#ifndef TARN_ONLY_PLAIN
    uint32_t width_code; /* what the remaining bits, if any, hold: the width of the size field */
    uint32_t shift;      /* log2(granule) */
    uint32_t lead_bytes; /* from a block's first byte to its payload: extension words and header */
    uint32_t minimum;    /* granules of the smallest free block */
#else
    unsigned char *index; /* the engine's index; of tlsf, its bitmap, */
    unsigned char *heads; /* its heads of lists, */
    uint32_t ranges;      /* and log2 of its bins per power of two */
#endif
    uint32_t first;   /* payload offset of the first block */
    uintptr_t origin; /* address that alignments are counted from: base, or 0 for what lies alike anywhere */
} image;

#ifdef TARN_ONLY_PLAIN

static inline uint32_t image_width_code(const image *im)
{
    (void)im;
    return 0;
}

static inline uint32_t image_shift(const image *im)
{
    return layout_shift(im->layout);
}

static inline uint32_t image_lead_bytes(const image *im)
{
    (void)im;
    return 4;
}

static inline uint32_t image_minimum(const image *im)
{
    return layout_minimum(im->layout);
}

/* What follows from the layout word alone; base and the rest of the header are the caller's to fill in. */
static inline image image_shape(uint32_t layout)
{
    image im;
    uint32_t check = layout_check_bits(layout);
    im.base = NULL;
    im.layout = layout;
    im.key = 0;
    im.first = 0;
    im.origin = 0;
    im.size_bits = IMAGE_SIZE_BITS_MAX - check;
    im.body_mask = UINT32_MAX >> check;
    im.check_mask = ~im.body_mask;
    return im;
}

#else

/* No functions: behind a call, which it is until it is inlined, a compiler takes what depends on it for unlikely. */
#define image_width_code(im) ((im)->width_code)
#define image_shift(im) ((im)->shift)
#define image_lead_bytes(im) ((im)->lead_bytes)
#define image_minimum(im) ((im)->minimum)

/* What follows from the layout word alone; base and the rest of the header are the caller's to fill in. Written out twice:
 * a part in common, called by both, costs tlsf's free 0.7 instructions in the mean. */
static inline image image_shape(uint32_t layout)
{
    image im;
    uint32_t check = layout_check_bits(layout);
    im.base = NULL;
    im.layout = layout;
    im.key = 0;
    im.first = 0;
    im.origin = 0;
    im.size_bits = IMAGE_SIZE_BITS_MAX - check;
    im.body_mask = UINT32_MAX >> check;
    im.check_mask = ~im.body_mask;
    im.width_code = 0;
    if (layout_told(layout)) {
        uint32_t told = width_told_bits(check);
        im.size_bits -= told;
        im.body_mask >>= told;
        im.check_mask >>= told;
        im.width_code = width_code(check);
    }
    im.shift = layout_shift(layout);
    im.lead_bytes = 4u * layout_extension(layout) + 4u;
    im.minimum = layout_minimum(layout);
    return im;
}

#endif

static inline uint32_t image_get(const image *im, uint32_t index)
{
    return word_load(im->base + 4u * index);
}

static inline void image_set(const image *im, uint32_t index, uint32_t value)
{
    word_store(im->base + 4u * index, value);
}

/* Tells the words apart that say where everything lies: each step can be undone, so that a change of any one of them
 * changes it. section is what the sections are sealed by. */
static inline uint32_t image_seal_of(const image *im, uint32_t end, uint32_t section)
{
    uint32_t mixed = (im->layout * UINT32_C(0x9E3779B1) ^ end) * UINT32_C(0xB504F32D) ^ im->first;
    return (mixed * UINT32_C(0x9E3779B1) ^ section) * UINT32_C(0xB504F32D) ^ im->key;
}

static inline unsigned char *image_base(const tarn_pool *pool)
{
    uintptr_t handle = (uintptr_t)pool;
    return (unsigned char *)((handle + (IMAGE_ALIGNMENT - 1u)) & ~(uintptr_t)(IMAGE_ALIGNMENT - 1u));
}

#ifdef TARN_ONLY_PLAIN

/* In a build with one engine and one shape of pools the image is opened together with the engine's index. */
static inline void image_find_index(image *im)
{
    im->index = im->base + IMAGE_HEADER_BYTES + layout_park_bytes(im->layout);
    im->heads = im->index + 4u * tlsf_bitmap_words(im->size_bits);
    im->ranges = tlsf_ranges(im->size_bits);
}

#else

/* Here an engine finds it. */
static inline void image_find_index(const image *im)
{
    (void)im;
}

#endif

static inline image image_open(unsigned char *base)
{
    image im = image_shape(word_load(base + 4u * IMAGE_LAYOUT));
    im.base = base;
    image_find_index(&im);
    im.key = word_load(base + 4u * IMAGE_KEY);
    im.first = word_load(base + 4u * IMAGE_FIRST);
    im.origin = (uintptr_t)base;
    return im;
}

/* Where the word of a section that is sealed lies, of a layout that has one. */
static inline uint32_t layout_sealed_word(uint32_t layout)
{
    return layout_parks(layout) ? IMAGE_PARK_LIMIT : IMAGE_WORDS;
}

/* Where the table of the slab begins, of a layout that has one (slab.h): its length, then its shape. */
#define IMAGE_SLAB (IMAGE_PARK_HEADS + IMAGE_PARK_LISTS)
#define IMAGE_SLAB_SHAPE (IMAGE_SLAB + 1)

/* What the sections of a pool with a slab are sealed by. */
static inline uint32_t image_slab_seal(uint32_t limit, uint32_t length, uint32_t form)
{
    return ((limit * UINT32_C(0x9E3779B1) ^ length) * UINT32_C(0xB504F32D) ^ form) * UINT32_C(0x9E3779B1);
}

/* The map's length or the limit of what is parked, in a pool with a slab this and more; 0 without any. */
static inline uint32_t image_sealed_word(const image *im)
{
    if (layout_has_slab(im->layout)) {
        return image_slab_seal(image_get(im, IMAGE_PARK_LIMIT), image_get(im, IMAGE_SLAB),
                               image_get(im, IMAGE_SLAB_SHAPE));
    }
    bool has = layout_has_map(im->layout) || layout_parks(im->layout);
    return has ? image_get(im, layout_sealed_word(im->layout)) : 0;
}

/* Layout, key, first, end and that word are what they were when they were sealed. A layout that is not may name a
 * section that the pool is too small for. */
static inline bool image_is_sealed(const image *im)
{
    size_t sealed = IMAGE_HEADER_BYTES + IMAGE_PARK_BYTES + (layout_has_slab(im->layout) ? 8u : 0);
    bool fits = !layout_parks(im->layout) || (size_t)im->first << image_shift(im) > sealed;
    return fits && image_get(im, IMAGE_SEAL) == image_seal_of(im, image_get(im, IMAGE_END), image_sealed_word(im));
}

/* Seals the words as they are now in the image. */
static inline void image_seal(unsigned char *base)
{
    image im = image_open(base);
    image_set(&im, IMAGE_SEAL, image_seal_of(&im, image_get(&im, IMAGE_END), image_sealed_word(&im)));
}

static inline unsigned char *image_payload(const image *im, uint32_t offset)
{
    return im->base + ((size_t)offset << image_shift(im));
}

/* First byte of the engine's index: past the header, the parked lists and the map or the slab's table. */
static inline unsigned char *image_index(const image *im)
{
    unsigned char *after = im->base + IMAGE_HEADER_BYTES + layout_park_bytes(im->layout);
    if (layout_has_table(im->layout)) {
        after += 4u + 4u * (size_t)word_load(after);
    }
    return after;
}

/* The view of an image that was entered. */
static inline tarn_status image_view(const image *im, tarn_view *view)
{
    return tarn_view_open(view, im->base, (size_t)image_get(im, IMAGE_END) << image_shift(im));
}

static inline uint32_t image_top_size(const image *im)
{
    return image_get(im, IMAGE_END) - image_get(im, IMAGE_TOP);
}

/* True if a block may begin at the offset: not control data, not the wilderness. */
static inline bool image_holds(const image *im, uint32_t offset)
{
    return offset - im->first < image_get(im, IMAGE_TOP) - im->first;
}

/* Size given by the caller, from handle to the last byte. */
static inline uint64_t image_given_bytes(uint32_t layout, uint32_t end, uint32_t tallies)
{
    return layout_lead(layout) + ((uint64_t)end << layout_shift(layout)) + word_field(tallies, TALLY_TAIL, 4);
}

static inline uint32_t image_tally(const image *im, uint32_t low, uint32_t width)
{
    return word_field(image_get(im, IMAGE_TALLIES), low, width);
}

static inline void image_set_tally(const image *im, uint32_t low, uint32_t width, uint32_t value)
{
    image_set(im, IMAGE_TALLIES, word_with_field(image_get(im, IMAGE_TALLIES), low, width, value));
}

/* Granules of a block whose payload holds size bytes, in a pool whose blocks end with it; 0 if that is too many. */
static inline uint32_t image_granules_plain(const image *im, size_t size)
{
    size_t limit = (size_t)image_get(im, IMAGE_END) << image_shift(im);
    if (size > limit) {
        return 0;
    }
    uint32_t granules =
        (uint32_t)((size + image_lead_bytes(im) + (((size_t)1 << image_shift(im)) - 1u)) >> image_shift(im));
    return granules < image_minimum(im) ? image_minimum(im) : granules;
}

/* The same in any pool. */
static inline uint32_t image_granules(const image *im, size_t size)
{
    if (layout_has_end(im->layout) && size < SIZE_MAX - 16u) {
        size = (size == 0 ? 1u : size) + layout_tail_bytes(im->layout);
    }
    return image_granules_plain(im, size);
}

/* Bytes of payload in a block of so many granules, which are at least the minimum. */
static inline size_t image_usable(const image *im, uint32_t granules)
{
    return ((size_t)granules << image_shift(im)) - image_lead_bytes(im) - layout_tail_bytes(im->layout);
}

/* The largest request that free space of so many granules serves; 0 if none: a smallest free block need not hold what a
 * block needs that is to wait. */
static inline size_t image_request(const image *im, uint32_t granules)
{
    size_t bytes = (size_t)granules << image_shift(im);
    size_t around = image_lead_bytes(im) + layout_tail_bytes(im->layout);
    return granules >= image_minimum(im) && bytes > around ? bytes - around : 0;
}

/* ---- the exact map: bit o is set if and only if a used block's payload begins at o (I11) ---- */

static inline unsigned char *map_word(const image *im, uint32_t offset)
{
    return im->base + IMAGE_HEADER_BYTES + 4u + 4u * (size_t)(offset >> 5);
}

static inline bool map_test(const image *im, uint32_t offset)
{
    return (word_load(map_word(im, offset)) >> (offset & 31u) & 1u) != 0;
}

static inline void map_mark(const image *im, uint32_t offset)
{
    if (layout_has_map(im->layout)) {
        unsigned char *word = map_word(im, offset);
        word_store(word, word_load(word) | UINT32_C(1) << (offset & 31u));
    }
}

static inline void map_clear(const image *im, uint32_t offset)
{
    if (layout_has_map(im->layout)) {
        unsigned char *word = map_word(im, offset);
        word_store(word, word_load(word) & ~(UINT32_C(1) << (offset & 31u)));
    }
}

#endif
