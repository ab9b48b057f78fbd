/* SPDX-License-Identifier: MIT */
/*
 * Engine `bestfit`: the smallest free block that serves, always.
 *
 * Sizes below 32 granules have an exact list each. Larger ones are in a bitwise trie per power of two (as D. Lea's
 * malloc keeps its large chunks): a node is itself a free block of any size in its subtree's range, its children differ
 * in the next bit of the size; blocks of a size that a node already has hang in a list behind that node.
 *
 *   index: word 0 bitmap of lists, word 1 bitmap of tries, then one head per list, then one root per trie
 *   block of 32 granules or more: next, where as in links.h, then words 2, 3 children, word 4 the slot that names it:
 *          (trie << 2) | 2 for a root, (parent << 2) | child for a child, 3 for a block that hangs behind a node
 *
 * I7 a free block is in the list or trie of its size, a node's size agrees with the bits of its path, once
 * I8 the word that slot or where names holds this block's offset   I9 a bit is set <=> the list or trie is not empty
 * Bound: proportional to the bits of the pool's size in granules, at most 29 steps down and 29 to the side.
 */
#ifndef TARN_SRC_INDEX_BESTFIT_H
#define TARN_SRC_INDEX_BESTFIT_H

#include "links.h"

enum {
    BESTFIT_LISTS = 32, /* exact lists for sizes 0..31; those below the minimum stay empty */
    BESTFIT_LISTS_LOG2 = 5,
    NODE_CHILD = 2, /* payload word of child 0; child 1 follows */
    NODE_SLOT = 4,
    SLOT_ROOT = 2,
    SLOT_BEHIND = 3,
    SLOT_KIND = 3
};

static inline uint32_t bestfit_tries(uint32_t size_bits)
{
    return size_bits > BESTFIT_LISTS_LOG2 ? size_bits - BESTFIT_LISTS_LOG2 : 0;
}

static inline uint32_t bestfit_lists(uint32_t size_bits)
{
    return size_bits > BESTFIT_LISTS_LOG2 ? (uint32_t)BESTFIT_LISTS : UINT32_C(1) << size_bits;
}

static inline uint32_t bestfit_index_bytes(uint32_t size_bits)
{
    return 8u + heads_bytes(bestfit_lists(size_bits) + bestfit_tries(size_bits), size_bits);
}

/* The index, opened. Roots follow the lists in the same table of heads. */
typedef struct bestfit_index {
    unsigned char *bitmaps;
    heads heads;
    uint32_t lists;
    uint32_t tries;
} bestfit_index;

static inline const bestfit_index *bestfit_open(const image *im, bestfit_index *index)
{
    uint32_t size_bits = im->size_bits;
    index->bitmaps = image_index(im);
    index->heads = (heads){index->bitmaps + 8, heads_narrow(size_bits)};
    index->lists = bestfit_lists(size_bits);
    index->tries = bestfit_tries(size_bits);
    return index;
}

static inline bool bestfit_is_small(uint32_t size)
{
    return size < BESTFIT_LISTS;
}

static inline uint32_t bestfit_trie(uint32_t size)
{
    return highest_bit(size) - BESTFIT_LISTS_LOG2;
}

/* The bits of size that its trie branches on, the first in bit 31. */
static inline uint32_t bestfit_path(uint32_t size)
{
    return size << 1 << (31u - highest_bit(size));
}

static inline void bestfit_set_bit(const bestfit_index *index, uint32_t word, uint32_t bit)
{
    word_store(index->bitmaps + 4u * word, word_load(index->bitmaps + 4u * word) | UINT32_C(1) << bit);
}

static inline void bestfit_clear_bit(const bestfit_index *index, uint32_t word, uint32_t bit)
{
    word_store(index->bitmaps + 4u * word, word_load(index->bitmaps + 4u * word) & ~(UINT32_C(1) << bit));
}

static inline uint32_t node_child(const image *im, uint32_t node, uint32_t side)
{
    return link_get(im, node, NODE_CHILD + side);
}

static inline uint32_t node_size(const image *im, uint32_t node)
{
    return block_size(im, block_header(im, node));
}

/* A node may be there: all its words lie inside the pool. */
static inline bool node_holds(const image *im, uint32_t node)
{
    return image_holds(im, node) && image_get(im, IMAGE_TOP) - node > BESTFIT_LISTS;
}

/* Writes the word that a slot names. */
static inline void slot_assign(const image *im, const bestfit_index *index, uint32_t slot, uint32_t node)
{
    if ((slot & SLOT_KIND) == SLOT_ROOT) {
        heads_set(index->heads, index->lists + (slot >> 2), node);
    } else {
        link_set(im, slot >> 2, NODE_CHILD + (slot & 1u), node);
    }
}

/* Hangs the block behind the node of its size. */
static inline void node_append(const image *im, uint32_t node, uint32_t offset)
{
    uint32_t next = link_get(im, node, 0);
    link_set(im, offset, 0, next);
    where_set(im, offset, where_block(node));
    link_set(im, offset, NODE_SLOT, SLOT_BEHIND);
    if (next != 0) {
        where_set(im, next, where_block(offset));
    }
    link_set(im, node, 0, offset);
}

/* Makes the block a leaf at the slot. */
static inline void node_plant(const image *im, const bestfit_index *index, uint32_t slot, uint32_t offset)
{
    link_set(im, offset, 0, 0);
    where_set(im, offset, 0);
    link_set(im, offset, NODE_CHILD, 0);
    link_set(im, offset, NODE_CHILD + 1, 0);
    link_set(im, offset, NODE_SLOT, slot);
    slot_assign(im, index, slot, offset);
}

static inline void trie_insert(const image *im, const bestfit_index *index, uint32_t offset, uint32_t size)
{
    uint32_t trie = bestfit_trie(size);
    uint32_t path = bestfit_path(size);
    uint32_t node = heads_get(index->heads, index->lists + trie);
    uint32_t slot = trie << 2 | SLOT_ROOT;
    while (node != 0) {
        if (node_size(im, node) == size) {
            node_append(im, node, offset);
            return;
        }
        uint32_t side = path >> 31;
        path <<= 1;
        slot = node << 2 | side;
        node = node_child(im, node, side);
    }
    node_plant(im, index, slot, offset);
    bestfit_set_bit(index, 1, trie);
}

/* Puts the heir where the node was: at its slot, with its children. */
static inline void node_replace(const image *im, const bestfit_index *index, uint32_t node, uint32_t heir)
{
    uint32_t slot = link_get(im, node, NODE_SLOT);
    link_set(im, heir, NODE_SLOT, slot);
    where_set(im, heir, 0);
    slot_assign(im, index, slot, heir);
    for (uint32_t side = 0; side < 2; side++) {
        uint32_t child = node_child(im, node, side);
        link_set(im, heir, NODE_CHILD + side, child);
        if (child != 0) {
            link_set(im, child, NODE_SLOT, heir << 2 | side);
        }
    }
}

static inline uint32_t node_any_child(const image *im, uint32_t node)
{
    uint32_t child = node_child(im, node, 1);
    return child != 0 ? child : node_child(im, node, 0);
}

/* Any leaf below the node, taken out of its slot; 0 if the node is a leaf itself. Any will do as heir: a node may have
 * every size of its subtree's range. */
static inline uint32_t node_pluck_leaf(const image *im, const bestfit_index *index, uint32_t node)
{
    uint32_t leaf = node_any_child(im, node);
    if (leaf == 0) {
        return 0;
    }
    for (uint32_t child = node_any_child(im, leaf); child != 0; child = node_any_child(im, leaf)) {
        leaf = child;
    }
    slot_assign(im, index, link_get(im, leaf, NODE_SLOT), 0);
    return leaf;
}

static inline void trie_remove(const image *im, const bestfit_index *index, uint32_t offset)
{
    uint32_t slot = link_get(im, offset, NODE_SLOT);
    uint32_t next = link_get(im, offset, 0);
    if (slot == SLOT_BEHIND) {
        uint32_t before = where_get(im, offset) >> 1;
        link_set(im, before, 0, next);
        if (next != 0) {
            where_set(im, next, where_block(before));
        }
        return;
    }
    uint32_t heir = next != 0 ? next : node_pluck_leaf(im, index, offset);
    if (heir != 0) {
        node_replace(im, index, offset, heir);
        return;
    }
    slot_assign(im, index, slot, 0);
    if ((slot & SLOT_KIND) == SLOT_ROOT) {
        bestfit_clear_bit(index, 1, slot >> 2);
    }
}

/* Lists and tries are told apart by the size itself. */
static inline uint32_t bestfit_list(const image *im, const bestfit_index *index, uint32_t size)
{
    (void)im;
    (void)index;
    return size;
}

static inline void bestfit_insert(const image *im, const bestfit_index *index, uint32_t offset, uint32_t size,
                                  uint32_t list)
{
    (void)list;
    if (!bestfit_is_small(size)) {
        trie_insert(im, index, offset, size);
    } else if (list_push(im, index->heads, size, offset)) {
        bestfit_set_bit(index, 0, size);
    }
}

static inline void bestfit_remove(const image *im, const bestfit_index *index, uint32_t offset, uint32_t size)
{
    uint32_t list;
    if (!bestfit_is_small(size)) {
        trie_remove(im, index, offset);
    } else if (list_remove(im, index->heads, offset, &list)) {
        bestfit_clear_bit(index, 0, list);
    }
}

/* ---- I8 around a block: what inserting and removing rely on ---- */

/* The word that the slot names holds this node. */
static inline bool slot_names(const image *im, const bestfit_index *index, uint32_t slot, uint32_t node)
{
    if ((slot & SLOT_KIND) == SLOT_ROOT) {
        return slot >> 2 < index->tries && heads_get(index->heads, index->lists + (slot >> 2)) == node;
    }
    return (slot & SLOT_KIND) != SLOT_BEHIND && node_holds(im, slot >> 2) &&
           node_child(im, slot >> 2, slot & 1u) == node;
}

/* A link that names nothing, or a node that says so itself. */
static inline bool node_answers(const image *im, uint32_t node, uint32_t slot)
{
    return node == 0 || (node_holds(im, node) && link_get(im, node, NODE_SLOT) == slot);
}

static inline bool behind_answers(const image *im, uint32_t node)
{
    uint32_t behind = link_get(im, node, 0);
    return node_answers(im, behind, SLOT_BEHIND) && (behind == 0 || where_get(im, behind) == where_block(node));
}

static inline bool node_linked(const image *im, const bestfit_index *index, uint32_t node)
{
    return slot_names(im, index, link_get(im, node, NODE_SLOT), node) &&
           node_answers(im, node_child(im, node, 0), node << 2) &&
           node_answers(im, node_child(im, node, 1), node << 2 | 1u) && behind_answers(im, node);
}

/* The block, and if it is a node with nothing behind it, every node on the way to the leaf that would replace it. */
static inline bool trie_linked(const image *im, const bestfit_index *index, uint32_t offset)
{
    if (link_get(im, offset, NODE_SLOT) == SLOT_BEHIND) {
        uint32_t before = where_get(im, offset) >> 1;
        return node_holds(im, before) && link_get(im, before, 0) == offset && behind_answers(im, offset);
    }
    uint32_t node = offset;
    for (uint32_t steps = 0; steps <= IMAGE_SIZE_BITS_MAX; steps++) {
        if (!node_linked(im, index, node)) {
            return false;
        }
        uint32_t child = node_any_child(im, node);
        if (child == 0 || link_get(im, offset, 0) != 0) {
            return true;
        }
        node = child;
    }
    return false;
}

/* Every node on the way to where a block of this size will be inserted. */
static inline bool trie_admits(const image *im, const bestfit_index *index, uint32_t size)
{
    uint32_t slot = bestfit_trie(size) << 2 | SLOT_ROOT;
    uint32_t path = bestfit_path(size);
    uint32_t node = heads_get(index->heads, index->lists + bestfit_trie(size));
    for (uint32_t steps = 0; steps <= IMAGE_SIZE_BITS_MAX && node != 0; steps++) {
        if (!node_answers(im, node, slot)) {
            return false;
        }
        if (node_size(im, node) == size) {
            return behind_answers(im, node);
        }
        uint32_t side = path >> 31;
        path <<= 1;
        slot = node << 2 | side;
        node = node_child(im, node, side);
    }
    return node == 0;
}

static inline bool bestfit_linked(const image *im, const bestfit_index *index, uint32_t offset, uint32_t size)
{
    return bestfit_is_small(size) ? list_linked(im, index->heads, index->lists, offset)
                                  : trie_linked(im, index, offset);
}

/* These two: of what bestfit_find() found, which may be anywhere in its list or trie. */
static inline bool bestfit_leads(const image *im, const bestfit_index *index, uint32_t offset, uint32_t size,
                                 uint32_t list)
{
    (void)list;
    return bestfit_linked(im, index, offset, size);
}

static inline void bestfit_pop(const image *im, const bestfit_index *index, uint32_t offset, uint32_t size,
                               uint32_t list)
{
    (void)list;
    bestfit_remove(im, index, offset, size);
}

static inline bool bestfit_admits(const image *im, const bestfit_index *index, uint32_t size, uint32_t list)
{
    (void)list;
    return bestfit_is_small(size) ? list_admits(im, index->heads, size) : trie_admits(im, index, size);
}

/* Best so far of a search. */
typedef struct candidate {
    uint32_t node;
    uint32_t size;
} candidate;

static inline void candidate_offer(candidate *best, uint32_t node, uint32_t size, uint32_t need)
{
    if (size >= need && size < best->size) {
        best->node = node;
        best->size = size;
    }
}

/* Offers every node on the path to the smallest size below (and including) the given node. */
static inline void trie_offer_smallest(const image *im, uint32_t node, uint32_t need, candidate *best)
{
    for (uint32_t steps = 0; steps <= IMAGE_SIZE_BITS_MAX && node_holds(im, node); steps++) {
        candidate_offer(best, node, node_size(im, node), need);
        uint32_t child = node_child(im, node, 0);
        node = child != 0 ? child : node_child(im, node, 1);
    }
}

/* The best of the trie that need itself falls in: down need's own path, then into the last subtree passed on its right,
 * whose sizes are all above need and below those of every subtree passed earlier. */
static inline void trie_offer_path(const image *im, uint32_t node, uint32_t need, candidate *best)
{
    uint32_t path = bestfit_path(need);
    uint32_t passed = 0;
    for (uint32_t steps = 0; steps <= IMAGE_SIZE_BITS_MAX && node_holds(im, node); steps++) {
        uint32_t size = node_size(im, node);
        candidate_offer(best, node, size, need);
        if (size == need) {
            return;
        }
        uint32_t right = node_child(im, node, 1);
        uint32_t side = path >> 31;
        path <<= 1;
        if (side == 0 && right != 0) {
            passed = right;
        }
        node = side != 0 ? right : node_child(im, node, 0);
    }
    trie_offer_smallest(im, passed, need, best);
}

/* A block behind the node if there is one: taking it leaves the trie as it is. */
static inline uint32_t node_spare(const image *im, uint32_t node)
{
    uint32_t behind = link_get(im, node, 0);
    return behind != 0 ? behind : node;
}

static inline uint32_t bestfit_find(const image *im, const bestfit_index *index, uint32_t need, uint32_t *list)
{
    *list = 0;
    uint32_t tries = word_load(index->bitmaps + 4);
    candidate best = {0, UINT32_MAX};
    uint32_t trie = 0;
    if (bestfit_is_small(need)) {
        uint32_t lists = word_load(index->bitmaps) & UINT32_MAX << need;
        if (lists != 0) {
            uint32_t size = lowest_bit(lists);
            return size < index->lists ? heads_get(index->heads, size) : 0;
        }
    } else {
        trie = bestfit_trie(need);
        if (trie < index->tries) {
            trie_offer_path(im, heads_get(index->heads, index->lists + trie), need, &best);
        }
        trie++;
    }
    uint32_t above = trie < index->tries ? tries >> trie << trie : 0;
    if (best.node == 0 && above != 0 && lowest_bit(above) < index->tries) {
        trie_offer_smallest(im, heads_get(index->heads, index->lists + lowest_bit(above)), need, &best);
    }
    return best.node == 0 ? 0 : node_spare(im, best.node);
}

static inline uint32_t bestfit_largest(const image *im)
{
    bestfit_index index;
    (void)bestfit_open(im, &index);
    uint32_t tries = word_load(index.bitmaps + 4);
    uint32_t lists = word_load(index.bitmaps);
    if (tries == 0 || highest_bit(tries) >= index.tries) {
        return lists == 0 ? 0 : highest_bit(lists);
    }
    uint32_t largest = 0;
    uint32_t node = heads_get(index.heads, index.lists + highest_bit(tries));
    for (uint32_t steps = 0; steps <= IMAGE_SIZE_BITS_MAX && node_holds(im, node); steps++) {
        uint32_t size = node_size(im, node);
        largest = size > largest ? size : largest;
        node = node_any_child(im, node);
    }
    return largest;
}

/* Finding is exact, so that the largest block is the largest request. */
static inline uint32_t bestfit_widest(const image *im)
{
    return bestfit_largest(im);
}

#endif
