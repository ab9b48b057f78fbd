/* SPDX-License-Identifier: MIT */
/*
 * The heap object: a table of regions, sorted by address, and the order in which requests try them.
 *
 * H1 entries are sorted by start and do not overlap; each names an image that begins at round_up(start + skip, 8)
 * H2 turns is a permutation of the entries' indexes, by rank, then by time of adding
 * H3 used is the sum of what the images say is used; peak is its highest value since init or tarn_heap_peak_reset()
 * H4 in a region with lines of L bytes every payload begins on a line and every block is a multiple of L, so that the
 *    header of the next block lies in the line behind the payload's last, which is nobody's
 *
 * It holds pointers and is no image. Its size and layout are the same on 32 and 64 bits; it needs no more alignment than
 * a pointer, because callers of tlsf_create() give it no more.
 */
#ifndef TARN_SRC_HEAP_H
#define TARN_SRC_HEAP_H

#include "access.h"
#include "registry.h"
#include "tarn/regions.h"
#include "view.h"

#define HEAP_MAGIC_VALUE UINT32_C(0x6E727448)
#define HEAP_LINE_MIN 16u
#define HEAP_LINE_MAX 4096u

/* A word of the address space in 8 bytes, whatever its width. */
typedef union heap_word {
    uintptr_t value;
    uint32_t room[2];
} heap_word;

typedef struct heap_region {
    heap_word start; /* as the caller gave it */
    uint32_t capabilities;
    uint16_t skip;     /* bytes from start to the pool's handle; not 0 only with lines */
    uint8_t line_log2; /* 0: no lines */
    uint8_t rank;
} heap_region;

struct tarn_heap {
    uint32_t magic;
    uint32_t refusals;
    uint32_t capacity;
    uint32_t count;
    heap_word used; /* bytes in used blocks, headers included */
    heap_word peak;
    heap_region regions[]; /* capacity of them, then as many uint16_t turns */
};

_Static_assert(sizeof(struct tarn_heap) == 32 && sizeof(heap_region) == 16, "TARN_HEAP_BYTES says so");

static inline uint16_t *heap_turns(const tarn_heap *heap)
{
    return (uint16_t *)(uintptr_t)&heap->regions[heap->capacity];
}

static inline bool heap_is(const tarn_heap *heap)
{
    return (uintptr_t)heap % sizeof(void *) == 0 && word_load_shared(&heap->magic) == HEAP_MAGIC_VALUE;
}

/* ---- entering ---- */

/* The magic is read again under the lock: the heap may have ended meanwhile. */
static inline tarn_status heap_begin(const tarn_heap *heap, uintptr_t *state)
{
    if (heap == NULL) {
        return TARN_E_NULL;
    }
    if (!heap_is(heap)) {
        return TARN_E_NOT_A_POOL;
    }
    *state = tarn_port_lock(heap);
    if (!heap_is(heap)) {
        tarn_port_unlock(heap, *state);
        return TARN_E_NOT_A_POOL;
    }
    return TARN_OK;
}

static inline void heap_end(const tarn_heap *heap, uintptr_t state)
{
    tarn_port_unlock(heap, state);
}

/* Ends the heap there; false if there is none. */
static inline bool heap_void(const void *address)
{
    uintptr_t state;
    tarn_heap *heap = (tarn_heap *)(uintptr_t)address;
    if (heap_begin(heap, &state) != TARN_OK) {
        return false;
    }
    word_store_shared(&heap->magic, IMAGE_VOID_VALUE);
    heap_end(heap, state);
    return true;
}

/* ---- regions ---- */

static inline tarn_pool *region_pool(const heap_region *region)
{
    return (tarn_pool *)(region->start.value + region->skip);
}

static inline uint32_t region_line(const heap_region *region)
{
    return region->line_log2 == 0 ? 0 : UINT32_C(1) << region->line_log2;
}

/* The image, if its header still says that it is one and does not contradict itself. */
static inline bool region_open(const heap_region *region, image *im)
{
    unsigned char *base = image_base(region_pool(region));
    if (!access_is_pool(base)) {
        return false;
    }
    *im = image_open(base);
    return access_is_sane(im);
}

/* Bytes given to tarn_heap_add(). */
static inline size_t region_bytes(const heap_region *region, const image *im)
{
    return (size_t)(region->skip +
                    image_given_bytes(im->layout, image_get(im, IMAGE_END), image_get(im, IMAGE_TALLIES)));
}

/* How many regions begin at or before the address: the one that may hold it is the last of them. */
static inline uint32_t heap_place(const tarn_heap *heap, uintptr_t address)
{
    uint32_t low = 0;
    uint32_t high = heap->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2u;
        if (heap->regions[middle].start.value <= address) {
            low = middle + 1u;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The region that may hold the address, NULL if there is none. Whether it does, its image knows. */
static inline heap_region *heap_find(const tarn_heap *heap, const void *address)
{
    uint32_t place = heap_place(heap, (uintptr_t)address);
    return place == 0 ? NULL : (heap_region *)(uintptr_t)&heap->regions[place - 1u];
}

/* The region that begins there, NULL if none does. */
static inline heap_region *heap_named(const tarn_heap *heap, const void *memory)
{
    heap_region *region = heap_find(heap, memory);
    return region != NULL && region->start.value == (uintptr_t)memory ? region : NULL;
}

/* ---- sizes: with lines, payload and header's line are what a request takes and what a block gives (H4) ---- */

/* Granules of a block for size bytes; 0 if it exceeds every pool. */
static inline uint32_t region_granules(const heap_region *region, const image *im, size_t size)
{
    size_t line = region_line(region);
    if (line == 0) {
        return image_granules(im, size);
    }
    if (size > SIZE_MAX - 2u * line) {
        return 0;
    }
    size_t payload = size == 0 ? line : (size + line - 1u) & ~(line - 1u);
    return image_granules(im, payload + line - im->lead_bytes);
}

/* Bytes that a block of so many granules gives its owner. */
static inline size_t region_usable(const heap_region *region, const image *im, uint32_t granules)
{
    size_t line = region_line(region);
    if (line == 0) {
        return image_usable(im, granules);
    }
    size_t bytes = ((size_t)granules << im->shift) & ~(line - 1u);
    return bytes < 2u * line ? 0 : bytes - line;
}

/* Alignment to ask the pool for: lines align every block already. */
static inline size_t region_alignment(const heap_region *region, size_t alignment)
{
    return alignment <= region_line(region) || alignment == 0 ? 1u : alignment;
}

/* ---- counting (H3) ---- */

static inline void heap_count(tarn_heap *heap, const image *im, uint32_t used_before)
{
    heap->used.value += (uintptr_t)image_get(im, IMAGE_USED) << im->shift;
    heap->used.value -= (uintptr_t)used_before << im->shift;
    if (heap->used.value > heap->peak.value) {
        heap->peak.value = heap->used.value;
    }
}

/* The public record of a region. */
void tarn_heap_describe(const heap_region *region, const image *im, tarn_region *record);

/* tarn_heap_add() for a face: further flags of tarn_init_as() for the region's pool. */
tarn_status tarn_heap_add_as(tarn_heap *heap, void *memory, size_t bytes, const tarn_region_options *options,
                             uint32_t flags);

/* Marks blocks of a heap, as tarn_registry_enter_heap() wants it. */
carrier_marker tarn_heap_mark;

#endif
