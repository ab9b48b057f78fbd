/* SPDX-License-Identifier: MIT */
/*
 * Doubly linked lists of free blocks, shared by the engines that keep any: heads in the image's index, links in blocks.
 *
 *   next    payload word 0: offset of the next block of the list, 0 at the end
 *   where   payload word 1, or the last extension word if there are any: the word that names this block,
 *           (list << 1) | 1 for a head, offset << 1 for the block before
 *
 * `where` lets a merge take a block out of its list without asking which list it is in. Heads are 16 bits wide in pools
 * whose offsets fit.
 *
 * I8 the word that `where` names holds this block's offset.
 * Bound: constant for everything here.
 */
#ifndef TARN_SRC_LINKS_H
#define TARN_SRC_LINKS_H

#include "block.h"

/* Heads of lists: where they lie and how wide they are. */
typedef struct heads {
    unsigned char *at;
    bool narrow;
} heads;

static inline bool heads_narrow(uint32_t size_bits)
{
    return ONLY_PLAIN || size_bits <= IMAGE_NARROW_BITS;
}

static inline uint32_t heads_bytes(uint32_t count, uint32_t size_bits)
{
    return heads_narrow(size_bits) ? (2u * count + 3u) & ~3u : 4u * count;
}

static inline uint32_t heads_get(heads table, uint32_t list)
{
    return ONLY_PLAIN || table.narrow ? half_load(table.at + 2u * list) : word_load(table.at + 4u * list);
}

static inline void heads_set(heads table, uint32_t list, uint32_t offset)
{
    if (ONLY_PLAIN || table.narrow) {
        half_store(table.at + 2u * list, offset);
    } else {
        word_store(table.at + 4u * list, offset);
    }
}

#define WHERE_HEAD 1u

static inline uint32_t where_head(uint32_t list)
{
    return list << 1 | WHERE_HEAD;
}

static inline uint32_t where_block(uint32_t offset)
{
    return offset << 1;
}

static inline bool where_is_head(uint32_t where)
{
    return (where & WHERE_HEAD) != 0;
}

/* A payload word of a free block. */
static inline uint32_t link_get(const image *im, uint32_t offset, uint32_t index)
{
    return word_load(image_payload(im, offset) + 4u * index);
}

static inline void link_set(const image *im, uint32_t offset, uint32_t index, uint32_t value)
{
    word_store(image_payload(im, offset) + 4u * index, value);
}

static inline unsigned char *where_word(const image *im, uint32_t offset)
{
    unsigned char *payload = image_payload(im, offset);
    return image_lead_bytes(im) == 4u ? payload + 4 : payload - 8;
}

static inline uint32_t where_get(const image *im, uint32_t offset)
{
    return word_load(where_word(im, offset));
}

static inline void where_set(const image *im, uint32_t offset, uint32_t where)
{
    word_store(where_word(im, offset), where);
}

/* Granules from the first block on in which a listed block may begin: its links lie inside the pool, and more than the
 * smallest block is left to the wilderness. */
static inline uint32_t link_reach(const image *im)
{
    uint32_t span = image_get(im, IMAGE_TOP) - im->first;
    return span > image_minimum(im) ? span - image_minimum(im) : 0;
}

static inline bool link_holds(const image *im, uint32_t offset)
{
    return offset - im->first < link_reach(im);
}

/* Puts the block in front of the list; true if the list was empty. */
static inline bool list_push(const image *im, heads table, uint32_t list, uint32_t offset)
{
    uint32_t next = heads_get(table, list);
    link_set(im, offset, 0, next);
    where_set(im, offset, where_head(list));
    heads_set(table, list, offset);
    if (next == 0) {
        return true;
    }
    where_set(im, next, where_block(offset));
    return false;
}

/* Takes the block out of the list it is in; true if that list, returned in *list, became empty. */
static inline bool list_remove(const image *im, heads table, uint32_t offset, uint32_t *list)
{
    uint32_t next = link_get(im, offset, 0);
    uint32_t where = where_get(im, offset);
    if (next != 0) {
        where_set(im, next, where);
    }
    if (!where_is_head(where)) {
        link_set(im, where >> 1, 0, next);
        return false;
    }
    *list = where >> 1;
    heads_set(table, *list, next);
    return next == 0;
}

/* Takes the head out of its list; true if that became empty. */
static inline bool list_pop(const image *im, heads table, uint32_t list, uint32_t offset)
{
    uint32_t next = link_get(im, offset, 0);
    heads_set(table, list, next);
    if (next != 0) {
        where_set(im, next, where_head(list));
    }
    return next == 0;
}

/* I8 around a listed block: the word said to name it does, and the next block names it. Then list_remove() writes what
 * it should and nothing else. */
static inline bool list_linked(const image *im, heads table, uint32_t lists, uint32_t offset)
{
    uint32_t next = link_get(im, offset, 0);
    uint32_t where = where_get(im, offset);
    if (next != 0 && !(link_holds(im, next) && where_get(im, next) == where_block(offset))) {
        return false;
    }
    if (where_is_head(where)) {
        return where >> 1 < lists && heads_get(table, where >> 1) == offset;
    }
    return link_holds(im, where >> 1) && link_get(im, where >> 1, 0) == offset;
}

/* The same of a block that was found as the head of a list. */
static inline bool list_leads(const image *im, uint32_t list, uint32_t offset)
{
    uint32_t next = link_get(im, offset, 0);
    return where_get(im, offset) == where_head(list) &&
           (next == 0 || (link_holds(im, next) && where_get(im, next) == where_block(offset)));
}

/* The same for the block that list_push() will put another in front of. */
static inline bool list_admits(const image *im, heads table, uint32_t list)
{
    uint32_t head = heads_get(table, list);
    return head == 0 || (link_holds(im, head) && where_get(im, head) == where_head(list));
}

#endif
