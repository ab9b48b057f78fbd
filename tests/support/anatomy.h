/* SPDX-License-Identifier: MIT */
/*
 * The parts of an image: every word of metadata in it, with its place, width and meaning.
 *
 * For tests that must reach one word on purpose: to break it, to flip each of its bits, to store it in the other byte
 * order. Written from the layout's description in src/, and read from images that are sound.
 */
#ifndef TARN_TESTS_SUPPORT_ANATOMY_H
#define TARN_TESTS_SUPPORT_ANATOMY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum part_kind {
    PART_MAGIC,
    PART_LAYOUT,
    PART_KEY,
    PART_FIRST,
    PART_END,
    PART_TOP,
    PART_USED,
    PART_PEAK,
    PART_BLOCKS,
    PART_TALLIES,
    PART_LISTED,
    PART_SEAL,
    PART_PARK,
    PART_MAP_LENGTH,
    PART_MAP,
    PART_BITMAP,
    PART_HEAD,
    PART_PARK_HEAD,
    PART_HEADER_USED,
    PART_HEADER_FREE,
    PART_HEADER_PARKED,
    PART_HEADER_TOP,
    PART_NEXT,
    PART_WHERE,
    PART_CHILD,
    PART_SLOT,
    PART_TAG,
    PART_EXTENSION,
    PART_TAIL,
    PART_COPY,
    PART_CURSOR,
    PART_QUARANTINE,
    PART_LINK,
    PART_PARK_LINK,
    PART_KINDS
} part_kind;

typedef struct part {
    part_kind kind;
    uint32_t offset; /* of the block it belongs to, in granules; 0 for control data */
    size_t at;       /* byte position in the image */
    size_t width;    /* bytes: 2 or 4 */
} part;

const char *part_name(part_kind kind);

/* Fills parts with all parts of the sound image whose first byte is at image; returns how many, at most capacity. */
size_t anatomy(const void *image, part *parts, size_t capacity);

/* The first part of this kind at or after index from; count if there is none. */
size_t part_find(const part *parts, size_t count, size_t from, part_kind kind);

/* What the part holds. */
uint32_t part_get(const void *image, const part *p);

void part_set(void *image, const part *p, uint32_t value);

/* Writes the header of the block at offset anew, with check bits that match. */
void part_seal(void *image, uint32_t offset, uint32_t size, uint32_t flags);

/* Granules of the block at offset, by its header. */
uint32_t part_size(const void *image, uint32_t offset);

/* Stores every part in the other byte order. */
void anatomy_swap(void *image, const part *parts, size_t count);

#endif
