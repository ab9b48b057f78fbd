/* SPDX-License-Identifier: MIT */
/*
 * The operations on blocks, compiled once per engine over that engine's index.
 *
 * The including file names the engine: ENGINE(x) expands to its functions x (open, list, insert, remove, linked,
 * admits, find, leads, pop, largest, widest, index_bytes) and its type index, what there is to know of where its words
 * lie, and makes unique names for these. An operation opens the index once. ENGINE_FITS_BEST says whether the
 * wilderness competes by size (1) or is the last resort (0).
 *
 * The wilderness is the free space behind the last block. It is in no list, may be of any size down to nothing, and is
 * always followed by nothing, so that a fresh pool needs no index and frees at its edge merge without one.
 *
 * Each operation looks at everything it relies on first and then changes the image (engine.h).
 * Bound: constant number of index operations; the engine's header states theirs.
 */
#ifndef ENGINE
#error "the including file defines ENGINE(name), ENGINE_NUMBER and ENGINE_FITS_BEST"
#endif

#include "cursor.h"
#include "plain.h"

/* Free space that is to be listed: its granules, 0 if there is none, and the list that it belongs in. */
typedef struct ENGINE(space) {
    uint32_t size;
#ifndef TARN_ONLY_PLAIN
    uint32_t list;
#endif
} ENGINE(space);

#ifdef TARN_ONLY_PLAIN

/* Worked out where it is wanted: time for code. */
static inline ENGINE(space) ENGINE(space_of)(const image *im, const ENGINE(index) * index, uint32_t size)
{
    (void)im;
    (void)index;
    ENGINE(space) space = {size};
    return space;
}

static inline uint32_t ENGINE(list_of)(const image *im, const ENGINE(index) * index, ENGINE(space) space)
{
    return ENGINE(list)(im, index, space.size);
}

#else

static inline ENGINE(space) ENGINE(space_of)(const image *im, const ENGINE(index) * index, uint32_t size)
{
    ENGINE(space) space = {size, size == 0 ? 0 : ENGINE(list)(im, index, size)};
    return space;
}

static inline uint32_t ENGINE(list_of)(const image *im, const ENGINE(index) * index, ENGINE(space) space)
{
    (void)im;
    (void)index;
    return space.list;
}

#endif

/* Makes the space, which begins at offset, a listed free block in place of one that ended where it ends, which is
 * counted. */
static inline void ENGINE(relist)(const image *im, const ENGINE(index) * index, uint32_t offset, ENGINE(space) space)
{
    block_write(im, offset, space.size, 0);
    word_store(block_left_tag(im, offset + space.size), space.size);
    block_set_left_free(im, offset + space.size);
    ENGINE(insert)(im, index, offset, space.size, ENGINE(list_of)(im, index, space));
}

/* The same in place of none. */
static inline void ENGINE(enlist)(const image *im, const ENGINE(index) * index, uint32_t offset, ENGINE(space) space)
{
    ENGINE(relist)(im, index, offset, space);
    image_set(im, IMAGE_LISTED, image_get(im, IMAGE_LISTED) + 1u);
}

/* The listed block that ended at offset is free no more, and nothing of it is. */
static inline void ENGINE(delist)(const image *im, uint32_t offset)
{
    block_clear_left_free(im, offset);
    image_set(im, IMAGE_LISTED, image_get(im, IMAGE_LISTED) - 1u);
}

static inline void ENGINE(unlist)(const image *im, const ENGINE(index) * index, uint32_t offset, uint32_t size)
{
    ENGINE(remove)(im, index, offset, size);
    image_set(im, IMAGE_LISTED, image_get(im, IMAGE_LISTED) - 1u);
}

/* A free block that may be unlisted: it proves itself, and what points at it and what it points at agree (I8). */
static inline bool ENGINE(is_listed)(const image *im, const ENGINE(index) * index, uint32_t offset, uint32_t size)
{
    return image_holds(im, offset) && block_is_free(im, offset, size) && ENGINE(linked)(im, index, offset, size);
}

/* The space may be listed: there is none, or what it will be linked to agrees with itself. */
static inline bool ENGINE(has_place)(const image *im, const ENGINE(index) * index, ENGINE(space) space)
{
    return space.size == 0 || ENGINE(admits)(im, index, space.size, ENGINE(list_of)(im, index, space));
}

/* What is left of size granules when need are taken: free space of its own, or nothing if it is too small for that. */
static inline uint32_t ENGINE(rest)(const image *im, uint32_t size, uint32_t need)
{
    return size - need >= image_minimum(im) ? size - need : 0;
}

/* Every block handed out passes here. */
static inline void ENGINE(hand_out)(const image *im, uint32_t offset, uint32_t size)
{
    map_mark(im, offset);
    image_set(im, IMAGE_BLOCKS, image_get(im, IMAGE_BLOCKS) + 1u);
    count_used(im, size);
}

/* The free space that a request is served from. */
typedef struct ENGINE(choice) {
    uint32_t offset;
    uint32_t size;       /* 0 if the index offered what lies outside the pool */
    uint32_t gap;        /* granules that stay free in front of the payload */
    uint32_t list;       /* that it was found in; of the wilderness none */
    bool is_top;         /* it is the wilderness */
    ENGINE(space) front; /* the gap and */
    ENGINE(space) rest;  /* what stays free behind, as may_serve() found it */
} ENGINE(choice);

static inline tarn_status ENGINE(choose_top)(const image *im, uint32_t gap, uint32_t need, ENGINE(choice) * choice)
{
    choice->offset = image_get(im, IMAGE_TOP);
    choice->size = image_top_size(im);
    choice->gap = gap;
    choice->is_top = true;
    return choice->size >= gap && choice->size - gap >= need ? TARN_OK : TARN_E_EXHAUSTED;
}

/* What the index offers for need granules; false if nothing. */
static inline bool ENGINE(choose_listed)(const image *im, const ENGINE(index) * index, uint32_t need,
                                         ENGINE(choice) * choice)
{
    choice->offset = ENGINE(find)(im, index, need, &choice->list);
    choice->size = ONLY_PLAIN                        ? block_extent(im, choice->offset)
                   : image_holds(im, choice->offset) ? block_size(im, block_header(im, choice->offset))
                                                     : 0;
    choice->gap = 0;
    choice->is_top = false;
    return choice->offset != 0;
}

static inline tarn_status ENGINE(choose)(const image *im, const ENGINE(index) * index, uint32_t need,
                                         ENGINE(choice) * choice)
{
    if (!ENGINE(choose_listed)(im, index, need, choice)) {
        return ENGINE(choose_top)(im, 0, need, choice);
    }
    if (ENGINE_FITS_BEST && image_top_size(im) >= need && image_top_size(im) < choice->size) {
        return ENGINE(choose_top)(im, 0, need, choice);
    }
    return choice->size < need ? TARN_E_DAMAGED : TARN_OK;
}

/* First the block that an unaligned request would get, then one large enough wherever it begins, then the
 * wilderness. */
static inline tarn_status ENGINE(choose_aligned)(const image *im, const ENGINE(index) * index, uint32_t need,
                                                 uint32_t alignment, ENGINE(choice) * choice)
{
    uint32_t slack = (alignment >> image_shift(im)) + image_minimum(im);
    uint32_t wanted[2] = {need, need + slack};
    for (uint32_t attempt = 0; attempt < 2 && ENGINE(choose_listed)(im, index, wanted[attempt], choice); attempt++) {
        if (choice->size < wanted[attempt]) {
            return TARN_E_DAMAGED;
        }
        choice->gap = block_gap(im, choice->offset, alignment);
        if (choice->gap <= choice->size && choice->size - choice->gap >= need) {
            return TARN_OK;
        }
    }
    return ENGINE(choose_top)(im, block_gap(im, image_get(im, IMAGE_TOP), alignment), need, choice);
}

/* All that serve() relies on, looked at. */
static inline bool ENGINE(may_serve)(const image *im, const ENGINE(index) * index, ENGINE(choice) * choice,
                                     uint32_t need)
{
    choice->front = ENGINE(space_of)(im, index, choice->gap);
    if (choice->is_top) {
        return block_top_proves(im) && ENGINE(has_place)(im, index, choice->front);
    }
    choice->rest = ENGINE(space_of)(im, index, ENGINE(rest)(im, choice->size - choice->gap, need));
    return block_is_free(im, choice->offset, choice->size) &&
           ENGINE(leads)(im, index, choice->offset, choice->size, choice->list) &&
           ENGINE(has_place)(im, index, choice->front) && ENGINE(has_place)(im, index, choice->rest);
}

/* Takes the space apart: a free gap, the used block, a free rest. Returns the block's offset. */
static inline uint32_t ENGINE(serve)(const image *im, const ENGINE(index) * index, const ENGINE(choice) * choice,
                                     uint32_t need)
{
    uint32_t offset = choice->offset + choice->gap;
    uint32_t used = need;
    if (choice->is_top) {
        block_set_top(im, offset + need);
    } else {
        ENGINE(pop)(im, index, choice->offset, choice->size, choice->list);
        used = choice->size - choice->gap - choice->rest.size;
        if (choice->rest.size != 0) {
            ENGINE(relist)(im, index, offset + used, choice->rest);
        } else {
            ENGINE(delist)(im, offset + used);
        }
    }
    block_write(im, offset, used, BLOCK_USED);
    if (choice->gap != 0) {
        ENGINE(enlist)(im, index, choice->offset, choice->front);
    }
    ENGINE(hand_out)(im, offset, used);
    return offset;
}

static inline tarn_status ENGINE(take_chosen)(const image *im, const ENGINE(index) * index, tarn_status status,
                                              ENGINE(choice) * choice, uint32_t need, uint32_t *taken)
{
    if (status == TARN_OK && !ENGINE(may_serve)(im, index, choice, need)) {
        status = TARN_E_DAMAGED;
    }
    if (status == TARN_OK) {
        *taken = ENGINE(serve)(im, index, choice, need);
    }
    return status;
}

static tarn_status ENGINE(take)(const image *im, uint32_t need, uint32_t *taken)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(choice) choice;
    tarn_status status = ENGINE(choose)(im, index, need, &choice);
    return ENGINE(take_chosen)(im, index, status, &choice, need, taken);
}

static tarn_status ENGINE(take_aligned)(const image *im, uint32_t need, uint32_t alignment, uint32_t *taken)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(choice) choice;
    tarn_status status = ENGINE(choose_aligned)(im, index, need, alignment, &choice);
    return ENGINE(take_chosen)(im, index, status, &choice, need, taken);
}

SMALL_IN_CALLERS static SMALL_INLINE tarn_status ENGINE(would_take)(const image *im, uint32_t need, uint32_t alignment)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(choice) choice;
    bool aligned = alignment >> image_shift(im) > 1u;
    tarn_status status = aligned ? ENGINE(choose_aligned)(im, index, need, alignment, &choice)
                                 : ENGINE(choose)(im, index, need, &choice);
    return status == TARN_OK && !ENGINE(may_serve)(im, index, &choice, need) ? TARN_E_DAMAGED : status;
}

/* What lies beside a used block. */
typedef struct ENGINE(sides) {
    uint32_t left;  /* granules that are free to its left, 0 if none */
    uint32_t right; /* the same to its right */
    uint32_t next;  /* offset of what lies to its right */
    bool is_top;    /* that is the wilderness */
} ENGINE(sides);

/* These three: false if flags, tags, headers and links disagree. Then nothing may be changed. */
static inline bool ENGINE(look_right)(const image *im, const ENGINE(index) * index, const block_ref *given,
                                      ENGINE(sides) * sides)
{
    uint32_t next = given->offset + given->size;
    sides->next = next;
    sides->is_top = next == image_get(im, IMAGE_TOP);
    if (sides->is_top) {
        sides->right = image_top_size(im);
        return block_top_proves(im);
    }
    uint32_t header = block_header(im, next);
    sides->right = block_free(header) ? block_size(im, header) : 0;
    return !block_free(header) || ENGINE(is_listed)(im, index, next, sides->right);
}

/* The same where the header to the right was seen to prove itself. */
static inline bool ENGINE(look_right_proved)(const image *im, const ENGINE(index) * index, const block_ref *given,
                                             uint32_t header, ENGINE(sides) * sides)
{
    uint32_t next = given->offset + given->size;
    sides->next = next;
    sides->is_top = next == image_get(im, IMAGE_TOP);
    sides->right = block_free(header) ? block_size(im, header) : 0;
    if (sides->is_top) {
        return block_free(header) && sides->right == image_top_size(im);
    }
    return !block_free(header) ||
           (block_is_tagged(im, next, sides->right) && ENGINE(linked)(im, index, next, sides->right));
}

static inline bool ENGINE(look_left)(const image *im, const ENGINE(index) * index, const block_ref *given,
                                     ENGINE(sides) * sides)
{
    sides->left = 0;
    if ((given->header & BLOCK_LEFT_FREE) == 0) {
        return true;
    }
    uint32_t left = word_load(block_left_tag(im, given->offset));
    sides->left = left;
    return left <= given->offset - im->first && block_says_free(im, given->offset - left, left) &&
           ENGINE(linked)(im, index, given->offset - left, left);
}

/* The first offset that is not part of what lies to the right; the wilderness reaches to its end and includes it. */
static inline uint32_t ENGINE(past)(const ENGINE(sides) * sides)
{
    return sides->next + sides->right + (sides->is_top ? 1u : 0);
}

/* Of what release() will merge or write, what is not to the right, looked at. Where the block becomes part of the
 * wilderness nothing will be listed. */
static inline bool ENGINE(may_merge)(const image *im, const ENGINE(index) * index, const block_ref *given,
                                     ENGINE(sides) * sides, ENGINE(space) * merged)
{
    if (!ENGINE(look_left)(im, index, given, sides)) {
        return false;
    }
    *merged = ENGINE(space_of)(im, index, sides->is_top ? 0 : sides->left + given->size + sides->right);
    return ENGINE(has_place)(im, index, *merged);
}

/* Lists what begins at start, of which what is free to the right is the end. */
static inline void ENGINE(join)(const image *im, const ENGINE(index) * index, const ENGINE(sides) * sides,
                                uint32_t start, ENGINE(space) merged)
{
    if (sides->right != 0) {
        ENGINE(remove)(im, index, sides->next, sides->right);
        ENGINE(relist)(im, index, start, merged);
    } else {
        ENGINE(enlist)(im, index, start, merged);
    }
}

static bool ENGINE(may_release)(const image *im, const block_ref *given)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(sides) sides;
    ENGINE(space) merged;
    return ENGINE(look_right)(im, index, given, &sides) && ENGINE(may_merge)(im, index, given, &sides, &merged);
}

/* What was looked at. */
static inline void ENGINE(merge)(const image *im, const ENGINE(index) * index, const block_ref *given,
                                 const ENGINE(sides) * sides, ENGINE(space) merged)
{
    uint32_t start = given->offset - sides->left;
    map_clear(im, given->offset);
    if (sides->left != 0) {
        ENGINE(unlist)(im, index, start, sides->left);
        block_void(im, given->offset);
    }
    if (sides->is_top) {
        block_set_top(im, start);
    } else {
        ENGINE(join)(im, index, sides, start, merged);
    }
    cursor_absorb(im, start, ENGINE(past)(sides));
    image_set(im, IMAGE_BLOCKS, image_get(im, IMAGE_BLOCKS) - 1u);
    count_unused(im, given->size);
}

static tarn_status ENGINE(release)(const image *im, const block_ref *given)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(sides) sides;
    ENGINE(space) merged;
    if (!ENGINE(look_right)(im, index, given, &sides) || !ENGINE(may_merge)(im, index, given, &sides, &merged)) {
        return TARN_E_DAMAGED;
    }
    ENGINE(merge)(im, index, given, &sides, merged);
    return TARN_OK;
}

/* release() of a block that was recognised together with the header to its right. */
static inline bool ENGINE(release_proved)(const image *im, const block_ref *given, uint32_t header)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(sides) sides;
    ENGINE(space) merged;
    if (!ENGINE(look_right_proved)(im, index, given, header, &sides) ||
        !ENGINE(may_merge)(im, index, given, &sides, &merged)) {
        return false;
    }
    ENGINE(merge)(im, index, given, &sides, merged);
    return true;
}

#include "pool_ops_resize.h"

static uint32_t ENGINE(largest_request)(const image *im)
{
    uint32_t listed = ENGINE(largest)(im);
    uint32_t top = image_top_size(im);
    return listed > top ? listed : top;
}

static uint32_t ENGINE(widest_block)(const image *im)
{
    uint32_t listed = ENGINE(widest)(im);
    uint32_t top = image_top_size(im);
    return listed > top ? listed : top;
}

static void ENGINE(rebuild)(const image *im, bool keeps_marks)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    memset(image_index(im), 0, ENGINE(index_bytes)(im->size_bits));
    image_set(im, IMAGE_LISTED, 0);
    uint32_t offset = im->first;
    while (offset != image_get(im, IMAGE_TOP)) {
        uint32_t header = block_header(im, offset);
        uint32_t size = block_size(im, header);
        if (block_free(header)) {
            ENGINE(insert)(im, index, offset, size, ENGINE(list)(im, index, size));
            image_set(im, IMAGE_LISTED, image_get(im, IMAGE_LISTED) + 1u);
        } else if (!keeps_marks && !block_parked(header)) {
            block_write(im, offset, size, header & ~BLOCK_MARK);
        }
        offset += size;
    }
}

/* ---- plain pools (plain.h) ---- */

PLAIN_ENTRY static void *ENGINE(plain_alloc)(tarn_pool *pool, size_t size)
{
    if (!TARN_ON(TARN_WITH_PLAIN)) {
        return NULL;
    }
    image im = plain_open(pool, ENGINE_NUMBER);
    uint32_t need = image_granules_plain(&im, size);
    uint32_t offset;
    bool taken = need != 0 && access_is_whole(&im) && ENGINE(take)(&im, need, &offset) == TARN_OK;
    return taken ? image_payload(&im, offset) : NULL;
}

PLAIN_ENTRY static bool ENGINE(plain_free)(tarn_pool *pool, const void *block)
{
    if (!TARN_ON(TARN_WITH_PLAIN)) {
        return false;
    }
    image im = plain_open(pool, ENGINE_NUMBER);
    block_ref b;
    uint32_t right;
    return access_is_whole(&im) && plain_recognise(&im, block, &b, &right) && ENGINE(release_proved)(&im, &b, right);
}

PLAIN_ENTRY static tarn_status ENGINE(plain_resize)(tarn_pool *pool, const void *block, size_t size, size_t *usable)
{
    if (!TARN_ON(TARN_WITH_PLAIN)) {
        return TARN_E_ARGUMENT;
    }
    image im = plain_open(pool, ENGINE_NUMBER);
    block_ref b;
    uint32_t right;
    uint32_t need = image_granules_plain(&im, size);
    if (need == 0 || !access_is_whole(&im) || need > image_get(&im, IMAGE_END) - im.first ||
        !plain_recognise(&im, block, &b, &right)) {
        return TARN_E_ARGUMENT;
    }
    *usable = image_usable(&im, b.size);
    if (need == b.size) {
        return TARN_OK;
    }
    return need > b.size ? ENGINE(extend)(&im, &b, need) : ENGINE(trim)(&im, &b, need);
}

/* The engine's table. */
#define ENGINE_OPERATIONS                                                                                            \
    {                                                                                                                \
        ENGINE(index_bytes), ENGINE(take), ENGINE(take_aligned), ENGINE(would_take), ENGINE(may_release),            \
            ENGINE(release), ENGINE(extend), ENGINE(may_trim), ENGINE(trim), ENGINE(absorb_left),                    \
            ENGINE(largest_request), ENGINE(widest_block), ENGINE(rebuild), ENGINE(plain_alloc), ENGINE(plain_free), \
            ENGINE(plain_resize)                                                                                     \
    }
