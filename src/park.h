/* SPDX-License-Identifier: MIT */
/*
 * Parked blocks: small blocks given back that are kept as they are, in a list for each size, until a request of that
 * size comes or memory is needed. What merges with its neighbours and is split again for the next request is where the
 * time of a pool goes; most requests are of a size that was just given back.
 *
 *   section, behind the header:  check, size, witness, toggle, none, limit, then a head for each size from 2
 *                                granules to 64
 *   parked: [header][next][rest] ...   the header says mark without used; a neighbour takes it for a used block
 *
 *   next   the block parked before it, or none: the place where words none and limit are the links of no block. The
 *          word in front of it is odd, as the header of a used block is and that of a parked one is not
 *   rest   granules that may still be parked below it: the budget of a list is in the list, and no count has to be kept
 *
 * Parked blocks are in the words used, peak and blocks of the image. Whoever looks at a pool has them given back first
 * (tarn_park_settle()), so that nobody sees one but a reader of bytes (view.h), who takes it for a free block.
 *
 * A head or a link may hold anything, since what lies in a parked block its former user can write: the block that one
 * names proves that it is parked and of this size before it is handed out, and none is ever read outside the pool.
 *
 * I20 a list has parked blocks of its size only, each once, and its rests add up to the limit; every parked block is in
 *     one
 * Bound: constant here; settling, the blocks parked: at most limit / size of each size.
 */
#ifndef TARN_SRC_PARK_H
#define TARN_SRC_PARK_H

#include "block.h"

#define PARK_SMALLEST 2u     /* granules; */
#define PARK_LEAST_BYTES 12u /* and header and two links must fit, which is more in a linear pool of granule 4 */
#define PARK_LARGEST (PARK_SMALLEST + IMAGE_PARK_LISTS - 1u)

/* The limit that tarn_options.park asks for, of a pool of so many granules. 0: nothing is parked. */
static inline uint32_t park_limit(uint32_t park, uint32_t granules, uint32_t shift)
{
    uint32_t most = 4096u >> shift;
    uint32_t limit = park >> shift;
    if (park == TARN_PARK_DEFAULT) {
        limit = granules >> 10 < most ? granules >> 10 : most;
    }
    return limit < PARK_SMALLEST ? 0 : limit;
}

/* What is at the end of every list. */
static inline uint32_t park_none(const image *im)
{
    return 4u * IMAGE_PARK_NONE >> image_shift(im);
}

static inline bool park_has_list(const image *im, uint32_t size)
{
    return layout_parks(im->layout) && size - PARK_SMALLEST < IMAGE_PARK_LISTS &&
           size << image_shift(im) >= PARK_LEAST_BYTES;
}

/* The size whose list serves a request of need granules. A block of one granule, which only linear pools have, is never
 * parked; where a granule is 8 bytes the smallest that is will do, and plain_unpark() need not know the engine. */
static inline uint32_t park_size(const image *im, uint32_t need)
{
    return need == 1u && image_shift(im) == 3u ? PARK_SMALLEST : need;
}

static inline unsigned char *park_head(const image *im, uint32_t size)
{
    return im->base + 4u * (IMAGE_PARK_HEADS - PARK_SMALLEST) + 4u * (size_t)size;
}

/* The block at offset proves that it is parked and of this size. That takes all bits of a header but one, so that what
 * lies in front of the first block, and is not looked for, proves it no more than anything else does; 0 has no
 * header. */
static inline bool park_holds(const image *im, uint32_t offset, uint32_t size)
{
    return offset - 1u < image_get(im, IMAGE_TOP) && (block_header(im, offset) & ~BLOCK_LEFT_FREE) ==
                                                         block_seal(im, offset, size << BLOCK_SIZE_SHIFT | BLOCK_MARK);
}

/* What differs between the headers of a used block and a parked one: the flags, and what they add to the check. */
static inline uint32_t park_difference(uint32_t check_mask)
{
    uint32_t check = (BLOCK_USED * BLOCK_FLAG_MIX) ^ (BLOCK_MARK * BLOCK_FLAG_MIX);
    return (check & check_mask) | BLOCK_USED | BLOCK_MARK;
}

static inline void park_toggle(const image *im, uint32_t offset)
{
    unsigned char *header = image_payload(im, offset) - 4;
    word_store(header, word_load(header) ^ park_difference(im->check_mask));
}

/* What is added to the witness, so that one look at it tells how a pool may be used. */
#define PARK_WITNESS_UNLOCKED UINT32_C(0)
#define PARK_WITNESS_LOCKED UINT32_C(0x5A5A5A5A)
#define PARK_WITNESS_OTHER UINT32_MAX

static inline uint32_t park_witness(uint32_t layout)
{
    if ((layout & ~(PLAIN_FIELDS | PLAIN_UNLOCKED)) != (PLAIN_LAYOUT | UINT32_C(1) << LAYOUT_PARKS)) {
        return PARK_WITNESS_OTHER;
    }
    return layout_unlocked(layout) ? PARK_WITNESS_UNLOCKED : PARK_WITNESS_LOCKED;
}

/* The words of the section from check to none, of a pool with this layout and key. */
static inline void park_words(uint32_t layout, uint32_t key, uint32_t words[IMAGE_PARK_LIMIT - IMAGE_PARK_CHECK])
{
    image im = image_shape(layout);
    uint32_t size = im.body_mask & ~BLOCK_FLAGS;
    uint32_t toggle = park_difference(im.check_mask);
    uint32_t sum = im.check_mask ^ size ^ toggle ^ key ^ layout;
    words[0] = im.check_mask;
    words[IMAGE_PARK_SIZE - IMAGE_PARK_CHECK] = size;
    words[IMAGE_PARK_WITNESS - IMAGE_PARK_CHECK] = sum ^ park_witness(layout);
    words[IMAGE_PARK_TOGGLE - IMAGE_PARK_CHECK] = toggle;
    words[IMAGE_PARK_NONE - IMAGE_PARK_CHECK] = 0;
}

/* Writes them: of a pool that is made, or whose layout or key have changed, or that is put right. */
void tarn_park_format(unsigned char *base);

/* Takes a block out of the list of its size, which there is; it is a used one then. TARN_E_EXHAUSTED: none is parked;
 * TARN_E_DAMAGED: what the list begins with is no such block. */
static inline tarn_status park_pop(const image *im, uint32_t size, uint32_t *taken)
{
    unsigned char *head = park_head(im, size);
    uint32_t offset = word_load(head);
    if (offset == park_none(im)) {
        return TARN_E_EXHAUSTED;
    }
    if (!park_holds(im, offset, size)) {
        return TARN_E_DAMAGED;
    }
    word_store(head, word_load(image_payload(im, offset)));
    park_toggle(im, offset);
    *taken = offset;
    return TARN_OK;
}

/* Parks a used block; false if it carries a pool, there is no list for it, or its budget is spent. */
static inline bool park_push(const image *im, const block_ref *b)
{
    if (!park_has_list(im, b->size) || (b->header & BLOCK_MARK) != 0) {
        return false;
    }
    unsigned char *head = park_head(im, b->size);
    uint32_t next = word_load(head);
    if (next != park_none(im) && !park_holds(im, next, b->size)) {
        return false; /* the next request of this size finds it */
    }
    uint32_t rest = word_load(image_payload(im, next) + 4) - b->size;
    if (rest > image_get(im, IMAGE_PARK_LIMIT)) {
        return false;
    }
    unsigned char *payload = image_payload(im, b->offset);
    word_store(payload, next);
    word_store(payload + 4, rest);
    park_toggle(im, b->offset);
    word_store(head, b->offset);
    return true;
}

/* Empties the lists, whatever is in them. */
void tarn_park_forget(const image *im);

/* Gives every parked block back to the engine. TARN_E_DAMAGED: some list, or what lies beside a block, is broken; the
 * rest stays parked. */
tarn_status tarn_park_settle(const image *im);

/* The same until a request for need granules can be served, or nothing is parked. */
tarn_status tarn_park_settle_for(const image *im, uint32_t need, uint32_t alignment);

/* The same by the blocks, not by the lists, in a pool whose blocks are sound: every one that says it is parked. */
void tarn_park_reap(const image *im);

#endif
