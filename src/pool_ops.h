/* SPDX-License-Identifier: MIT */
/*
 * The operations on blocks, compiled once per engine over that engine's index.
 *
 * The including file names the engine: ENGINE(x) expands to its functions x (insert, remove, find, links_lead, largest,
 * widest, index_bytes) and makes unique names for these. ENGINE_FITS_BEST says whether the wilderness competes by size (1) or
 * is the last resort (0).
 *
 * The wilderness is the free space behind the last block. It is in no list, may be of any size down to nothing, and is
 * always followed by nothing, so that a fresh pool needs no index and frees at its edge merge without one.
 *
 * Each operation looks at everything it relies on first and then changes the image (engine.h).
 * Bound: constant number of index operations; the engine's header states theirs.
 */
#ifndef ENGINE
#error "the including file defines ENGINE(name) and ENGINE_FITS_BEST"
#endif

/* Makes [offset, offset + size) a listed free block. */
static inline void ENGINE(enlist)(const image *im, uint32_t offset, uint32_t size)
{
    block_write(im, offset, size, 0);
    word_store(block_left_tag(im, offset + size), size);
    block_set_left_free(im, offset + size);
    ENGINE(insert)(im, offset, size);
    image_set(im, IMAGE_LISTED, image_get(im, IMAGE_LISTED) + 1u);
}

static inline void ENGINE(unlist)(const image *im, uint32_t offset, uint32_t size)
{
    ENGINE(remove)(im, offset, size);
    image_set(im, IMAGE_LISTED, image_get(im, IMAGE_LISTED) - 1u);
}

/* A free block that may be unlisted: it proves itself and its links lead into the pool. */
static inline bool ENGINE(is_listed)(const image *im, uint32_t offset, uint32_t size)
{
    return block_is_free(im, offset, size) && ENGINE(links_lead)(im, offset, size);
}

/* Turns the unlisted free space [offset, offset + size) into a used block of need granules and a free rest. */
static inline uint32_t ENGINE(carve)(const image *im, uint32_t offset, uint32_t size, uint32_t need, uint32_t flags)
{
    uint32_t rest = size - need;
    if (rest >= im->minimum) {
        block_write(im, offset, need, flags);
        ENGINE(enlist)(im, offset + need, rest);
        return need;
    }
    block_write(im, offset, size, flags);
    block_clear_left_free(im, offset + size);
    return size;
}

/* Every block handed out passes here. */
static inline void ENGINE(hand_out)(const image *im, uint32_t offset, uint32_t size)
{
    map_mark(im, offset);
    image_set(im, IMAGE_BLOCKS, image_get(im, IMAGE_BLOCKS) + 1u);
    count_used(im, size);
}

/* A gap in front of an aligned payload is no block if it is shorter than the minimum: then one alignment more. */
static inline uint32_t ENGINE(gap)(const image *im, uint32_t offset, uint32_t alignment)
{
    uint32_t step = alignment >> im->shift;
    uintptr_t past = (uintptr_t)image_payload(im, offset) & (alignment - 1u);
    uint32_t gap = past == 0 ? 0 : (uint32_t)((alignment - past) >> im->shift);
    if (gap != 0 && gap < im->minimum) {
        gap += (im->minimum - gap + step - 1u) / step * step;
    }
    return gap;
}

static tarn_status ENGINE(take_top)(const image *im, uint32_t gap, uint32_t need, uint32_t *taken)
{
    uint32_t top = image_get(im, IMAGE_TOP);
    uint32_t offset = top + gap;
    if (image_top_size(im) < gap || image_top_size(im) - gap < need) {
        return TARN_E_EXHAUSTED;
    }
    block_set_top(im, offset + need);
    block_write(im, offset, need, BLOCK_USED);
    if (gap != 0) {
        ENGINE(enlist)(im, top, gap);
    }
    ENGINE(hand_out)(im, offset, need);
    *taken = offset;
    return TARN_OK;
}

/* Takes a listed block apart: a free gap, the used block, a free rest. */
static tarn_status ENGINE(take_listed)(const image *im, uint32_t offset, uint32_t size, uint32_t gap, uint32_t need,
                                       uint32_t *taken)
{
    if (!ENGINE(is_listed)(im, offset, size)) {
        return TARN_E_DAMAGED;
    }
    ENGINE(unlist)(im, offset, size);
    uint32_t used = ENGINE(carve)(im, offset + gap, size - gap, need, BLOCK_USED);
    if (gap != 0) {
        ENGINE(enlist)(im, offset, gap);
    }
    ENGINE(hand_out)(im, offset + gap, used);
    *taken = offset + gap;
    return TARN_OK;
}

/* Size of the block that the index offered; 0 if it lies outside the pool, which is_listed() will refuse. */
static inline uint32_t ENGINE(offered_size)(const image *im, uint32_t offset)
{
    return image_holds(im, offset) ? block_size(im, block_header(im, offset)) : 0;
}

static tarn_status ENGINE(take)(const image *im, uint32_t need, uint32_t *taken)
{
    uint32_t offset = ENGINE(find)(im, need);
    if (offset == 0) {
        return ENGINE(take_top)(im, 0, need, taken);
    }
    uint32_t size = ENGINE(offered_size)(im, offset);
    if (ENGINE_FITS_BEST && image_top_size(im) >= need && image_top_size(im) < size) {
        return ENGINE(take_top)(im, 0, need, taken);
    }
    return size < need ? TARN_E_DAMAGED : ENGINE(take_listed)(im, offset, size, 0, need, taken);
}

/* First the block that an unaligned request would get, then one large enough wherever it begins, then the wilderness. */
static tarn_status ENGINE(take_aligned)(const image *im, uint32_t need, uint32_t alignment, uint32_t *taken)
{
    uint32_t slack = (alignment >> im->shift) + im->minimum;
    uint32_t wanted[2] = {need, need + slack};
    for (uint32_t attempt = 0; attempt < 2; attempt++) {
        uint32_t offset = ENGINE(find)(im, wanted[attempt]);
        if (offset == 0) {
            break;
        }
        uint32_t size = ENGINE(offered_size)(im, offset);
        if (size < wanted[attempt]) {
            return TARN_E_DAMAGED;
        }
        uint32_t gap = ENGINE(gap)(im, offset, alignment);
        if (gap <= size && size - gap >= need) {
            return ENGINE(take_listed)(im, offset, size, gap, need, taken);
        }
    }
    return ENGINE(take_top)(im, ENGINE(gap)(im, image_get(im, IMAGE_TOP), alignment), need, taken);
}

/* What lies to the right of a used block. */
typedef struct ENGINE(right) {
    uint32_t offset;
    uint32_t size; /* granules that are free there, 0 if none */
    bool is_top;
    bool damaged;
} ENGINE(right);

/* The header there proved itself when the block was recognised; its size and links still have to lead somewhere. */
static inline ENGINE(right) ENGINE(look_right)(const image *im, const block_ref *given)
{
    ENGINE(right) right = {given->offset + given->size, 0, false, false};
    if (right.offset == image_get(im, IMAGE_TOP)) {
        right.is_top = true;
        right.size = image_top_size(im);
        return right;
    }
    uint32_t header = block_header(im, right.offset);
    if (!block_used(header)) {
        right.size = block_size(im, header);
        right.damaged = right.size - 1u >= image_get(im, IMAGE_TOP) - right.offset - 1u ||
                        !ENGINE(links_lead)(im, right.offset, right.size);
    }
    return right;
}

/* Unlisting one neighbour wrote where its links said; if they lied, that was perhaps a link of the other, which then stays
 * unmerged. */
static inline void ENGINE(look_again)(const image *im, ENGINE(right) * right)
{
    if (right->size != 0 && !right->is_top && !ENGINE(is_listed)(im, right->offset, right->size)) {
        right->size = 0;
    }
}

/* Granules of the free left neighbour, 0 if it is used; *damaged if flag, tag and header disagree. */
static inline uint32_t ENGINE(look_left)(const image *im, const block_ref *given, bool *damaged)
{
    if ((given->header & BLOCK_LEFT_FREE) == 0) {
        return 0;
    }
    uint32_t size = word_load(block_left_tag(im, given->offset));
    *damaged = size > given->offset || !ENGINE(is_listed)(im, given->offset - size, size);
    return size;
}

static tarn_status ENGINE(release)(const image *im, const block_ref *given)
{
    bool damaged = false;
    uint32_t left = ENGINE(look_left)(im, given, &damaged);
    ENGINE(right) right = ENGINE(look_right)(im, given);
    if (damaged || right.damaged) {
        return TARN_E_DAMAGED;
    }
    uint32_t start = given->offset - left;
    map_clear(im, given->offset);
    if (left != 0) {
        ENGINE(unlist)(im, start, left);
        block_void(im, given->offset);
        ENGINE(look_again)(im, &right);
    }
    uint32_t size = left + given->size + right.size;
    if (right.is_top) {
        block_set_top(im, start);
    } else {
        if (right.size != 0) {
            ENGINE(unlist)(im, right.offset, right.size);
        }
        ENGINE(enlist)(im, start, size);
    }
    image_set(im, IMAGE_BLOCKS, image_get(im, IMAGE_BLOCKS) - 1u);
    count_unused(im, given->size);
    return TARN_OK;
}

static tarn_status ENGINE(extend)(const image *im, const block_ref *given, uint32_t need)
{
    ENGINE(right) right = ENGINE(look_right)(im, given);
    if (right.damaged) {
        return TARN_E_DAMAGED;
    }
    if (right.size < need - given->size) {
        return TARN_E_EXHAUSTED;
    }
    uint32_t size = need;
    if (right.is_top) {
        block_set_top(im, given->offset + need);
        block_write(im, given->offset, need, given->header);
    } else {
        ENGINE(unlist)(im, right.offset, right.size);
        size = ENGINE(carve)(im, given->offset, given->size + right.size, need, given->header);
    }
    count_used(im, size - given->size);
    return TARN_OK;
}

static void ENGINE(trim)(const image *im, const block_ref *given, uint32_t need)
{
    ENGINE(right) right = ENGINE(look_right)(im, given);
    uint32_t rest = given->size - need;
    if (rest == 0 || right.damaged) {
        return;
    }
    if (right.is_top) {
        block_write(im, given->offset, need, given->header);
        block_set_top(im, given->offset + need);
        count_unused(im, rest);
        return;
    }
    if (right.size == 0 && rest < im->minimum) {
        return;
    }
    if (right.size != 0) {
        ENGINE(unlist)(im, right.offset, right.size);
    }
    block_write(im, given->offset, need, given->header);
    ENGINE(enlist)(im, given->offset + need, rest + right.size);
    count_unused(im, rest);
}

static tarn_status ENGINE(absorb_left)(const image *im, const block_ref *given, uint32_t need, block_ref *merged)
{
    bool damaged = false;
    uint32_t left = ENGINE(look_left)(im, given, &damaged);
    ENGINE(right) right = ENGINE(look_right)(im, given);
    if (damaged || right.damaged) {
        return TARN_E_DAMAGED;
    }
    uint32_t size = left + given->size;
    if (left == 0 || size + right.size < need) {
        return TARN_E_EXHAUSTED;
    }
    ENGINE(unlist)(im, given->offset - left, left);
    ENGINE(look_again)(im, &right);
    if (size + right.size < need) {
        ENGINE(enlist)(im, given->offset - left, left);
        return TARN_E_DAMAGED;
    }
    if (size < need && right.is_top) {
        block_set_top(im, given->offset - left + need);
        size = need;
    } else if (size < need) {
        ENGINE(unlist)(im, right.offset, right.size);
        size += right.size;
        block_clear_left_free(im, right.offset + right.size);
    }
    map_clear(im, given->offset);
    block_void(im, given->offset);
    merged->offset = given->offset - left;
    merged->size = size;
    block_write(im, merged->offset, size, given->header & ~BLOCK_LEFT_FREE);
    merged->header = block_header(im, merged->offset);
    map_mark(im, merged->offset);
    count_used(im, size - given->size);
    return TARN_OK;
}

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

static void ENGINE(rebuild)(const image *im)
{
    memset(image_index(im), 0, ENGINE(index_bytes)(layout_size_bits(im->layout)));
    image_set(im, IMAGE_LISTED, 0);
    uint32_t offset = im->first;
    while (offset != image_get(im, IMAGE_TOP)) {
        uint32_t header = block_header(im, offset);
        uint32_t size = block_size(im, header);
        if (!block_used(header)) {
            ENGINE(insert)(im, offset, size);
            image_set(im, IMAGE_LISTED, image_get(im, IMAGE_LISTED) + 1u);
        }
        offset += size;
    }
}

/* The engine's table. */
#define ENGINE_OPERATIONS                                                                                       \
    {                                                                                                           \
        ENGINE(index_bytes), ENGINE(take), ENGINE(take_aligned), ENGINE(release), ENGINE(extend), ENGINE(trim), \
            ENGINE(absorb_left), ENGINE(largest_request), ENGINE(widest_block), ENGINE(rebuild)                 \
    }
