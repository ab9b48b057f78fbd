/* SPDX-License-Identifier: MIT */
/*
 * The operations of pool_ops.h, which includes this, that change the size of a block: to its right, or over the end of
 * free space to its left.
 *
 * Each operation looks at everything it relies on first and then changes the image (engine.h).
 * Bound: constant number of index operations; the engine's header states theirs.
 */
#ifndef ENGINE
#error "the including file defines ENGINE(name)"
#endif

/* Takes wanted granules, which are there, from the free space to the right, of which rest stays; returns how many
 * came. */
static inline uint32_t ENGINE(take_right)(const image *im, const ENGINE(index) * index, const ENGINE(sides) * sides,
                                          uint32_t wanted, ENGINE(space) rest)
{
    if (wanted == 0) {
        return 0;
    }
    if (sides->is_top) {
        block_set_top(im, sides->next + wanted);
        return wanted;
    }
    ENGINE(remove)(im, index, sides->next, sides->right);
    if (rest.size != 0) {
        ENGINE(relist)(im, index, sides->next + wanted, rest);
        return wanted;
    }
    ENGINE(delist)(im, sides->next + sides->right);
    return sides->right;
}

/* What take_right() will leave in a list. */
static inline ENGINE(space)
    ENGINE(right_rest)(const image *im, const ENGINE(index) * index, const ENGINE(sides) * sides, uint32_t wanted)
{
    bool none = sides->is_top || wanted == 0;
    return ENGINE(space_of)(im, index, none ? 0 : ENGINE(rest)(im, sides->right, wanted));
}

static tarn_status ENGINE(extend)(const image *im, const block_ref *given, uint32_t need)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(sides) sides;
    uint32_t wanted = need - given->size;
    if (!ENGINE(look_right)(im, index, given, &sides)) {
        return TARN_E_DAMAGED;
    }
    if (sides.right < wanted) {
        return TARN_E_EXHAUSTED;
    }
    ENGINE(space) rest = ENGINE(right_rest)(im, index, &sides, wanted);
    if (!ENGINE(has_place)(im, index, rest)) {
        return TARN_E_DAMAGED;
    }
    uint32_t came = ENGINE(take_right)(im, index, &sides, wanted, rest);
    block_write(im, given->offset, given->size + came, given->header);
    cursor_absorb(im, given->offset, sides.next + came);
    count_used(im, came);
    return TARN_OK;
}

/* What trim() is about to do. */
typedef struct ENGINE(cut) {
    ENGINE(sides) sides;
    ENGINE(space) merged; /* what it will list */
    uint32_t freed;       /* what it will cut off: nothing if that would be no block */
} ENGINE(cut);

/* Everything that trim() will merge or write, looked at; where it cuts nothing off, nothing has to agree. */
static inline bool ENGINE(may_cut)(const image *im, const ENGINE(index) * index, const block_ref *given, uint32_t need,
                                   ENGINE(cut) * cut)
{
    bool sound = ENGINE(look_right)(im, index, given, &cut->sides);
    uint32_t freed = given->size - need;
    cut->freed = cut->sides.right == 0 && !cut->sides.is_top && freed < image_minimum(im) ? 0 : freed;
    if (cut->freed == 0) {
        return true;
    }
    cut->merged = ENGINE(space_of)(im, index, cut->sides.is_top ? 0 : freed + cut->sides.right);
    return sound && ENGINE(has_place)(im, index, cut->merged);
}

static bool ENGINE(may_trim)(const image *im, const block_ref *given, uint32_t need)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(cut) cut;
    return ENGINE(may_cut)(im, index, given, need, &cut);
}

static tarn_status ENGINE(trim)(const image *im, const block_ref *given, uint32_t need)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(cut) cut;
    if (!ENGINE(may_cut)(im, index, given, need, &cut)) {
        return TARN_E_DAMAGED;
    }
    if (cut.freed == 0) {
        return TARN_OK;
    }
    block_write(im, given->offset, need, given->header);
    if (cut.sides.is_top) {
        block_set_top(im, given->offset + need);
    } else {
        ENGINE(join)(im, index, &cut.sides, given->offset + need, cut.merged);
    }
    cursor_absorb(im, given->offset + need, ENGINE(past)(&cut.sides));
    count_unused(im, cut.freed);
    return TARN_OK;
}

/* The end of the left neighbour, all of it only if what would stay of it is no block; then what is still wanted from
 * the right. So the block grows by what was asked for, and the free space stays in as few pieces as it was. */
static tarn_status ENGINE(absorb_left)(const image *im, const block_ref *given, uint32_t need, block_ref *moved)
{
    ENGINE(index) opened;
    const ENGINE(index) *index = ENGINE(open)(im, &opened);
    ENGINE(sides) sides;
    if (!ENGINE(look_right)(im, index, given, &sides) || !ENGINE(look_left)(im, index, given, &sides)) {
        return TARN_E_DAMAGED;
    }
    uint32_t wanted = need - given->size;
    if (sides.left == 0 || sides.left + sides.right < wanted) {
        return TARN_E_EXHAUSTED;
    }
    ENGINE(space) stays = ENGINE(space_of)(im, index, sides.left > wanted ? ENGINE(rest)(im, sides.left, wanted) : 0);
    uint32_t came = sides.left - stays.size;
    uint32_t wanted_right = came < wanted ? wanted - came : 0;
    ENGINE(space) rest = ENGINE(right_rest)(im, index, &sides, wanted_right);
    if (!ENGINE(has_place)(im, index, stays) || !ENGINE(has_place)(im, index, rest)) {
        return TARN_E_DAMAGED;
    }
    ENGINE(unlist)(im, index, given->offset - sides.left, sides.left);
    moved->offset = given->offset - came;
    moved->size = came + given->size + ENGINE(take_right)(im, index, &sides, wanted_right, rest);
    map_clear(im, given->offset);
    block_void(im, given->offset);
    block_write(im, moved->offset, moved->size, given->header & ~BLOCK_LEFT_FREE);
    if (stays.size != 0) {
        ENGINE(enlist)(im, index, given->offset - sides.left, stays);
    }
    moved->header = block_header(im, moved->offset);
    cursor_absorb(im, moved->offset, moved->offset + moved->size);
    map_mark(im, moved->offset);
    count_used(im, moved->size - given->size);
    return TARN_OK;
}
