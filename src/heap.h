/* SPDX-License-Identifier: MIT */
/*
 * The heap object: a table of regions, sorted by address, and the order in which requests try them.
 *
 * H1 entries are sorted by start and do not overlap; each names an image that begins at round_up(start + skip, 8) and
 *    ends with the entry
 * H2 turns is a permutation of the entries' indexes, by rank, then by time of adding
 * H3 used is the sum of what the images say is used; peak is its highest value since init or tarn_heap_peak_reset()
 * H4 in a region with lines of L bytes every payload begins on a line and every block is a multiple of L, so that the
 *    header of the next block lies in the line behind the payload's last, which is nobody's
 * H5 sum is heap_sum() of the entries and turns, so that a table which something else wrote to is found before an image
 *    is looked for where it says
 * H6 the last `coming` entries of the table, in no order, are claims of ranges whose pools are being made; nothing else
 *    looks at them
 *
 * It holds pointers and is no image. Its size and layout are the same on 32 and 64 bits; it needs no more alignment
 * than a pointer, because callers of tlsf_create() give it no more.
 */
#ifndef TARN_SRC_HEAP_H
#define TARN_SRC_HEAP_H

#include "access.h"
#include "account.h"
#include "registry.h"
#include "tarn/regions.h"
#include "view.h"

#define HEAP_MAGIC_VALUE UINT32_C(0x6E727448)
#define HEAP_LINE_MIN 16u
#define HEAP_LINE_MAX 4096u

/* A heap whose regions all have granule 8, no extension words, no lines, and headers that tell their width
 * (width.h). */
#define HEAP_TELLS_WIDTH 1u

/* What some region has, or has had: blocks that note callers (TARN_WORDS_CALLERS), free memory that is filled. */
enum { HEAP_NOTES_CALLERS = 1, HEAP_NOTES_FILL = 2 };

/* A word of the address space in 8 bytes, whatever its width. */
typedef union heap_word {
    uintptr_t value;
    uint32_t room[2];
} heap_word;

typedef struct heap_region {
    heap_word start; /* as the caller gave it */
    heap_word bytes; /* as the caller gave them */
    uint32_t capabilities;
    uint16_t skip;     /* bytes from start to the pool's handle; not 0 only with lines */
    uint8_t line_log2; /* 0: no lines */
    uint8_t rank;
} heap_region;

struct tarn_heap {
    uint32_t magic;
    uint32_t sum;
    uint32_t refusals;
    uint16_t capacity;
    uint16_t count;
    uint16_t coming;
    uint16_t flags; /* HEAP_* */
    uint32_t notes; /* HEAP_NOTES_*, also looked at without the lock */
    heap_word used; /* bytes in used blocks, headers included */
    heap_word peak;
    heap_region regions[]; /* capacity of them, then as many uint16_t turns */
};

_Static_assert(sizeof(struct tarn_heap) == 40 && sizeof(heap_region) == 24, "TARN_HEAP_BYTES says so");

static inline uint16_t *heap_turns(const tarn_heap *heap)
{
    return (uint16_t *)(uintptr_t)&heap->regions[heap->capacity];
}

static inline bool heap_is(const tarn_heap *heap)
{
    return (uintptr_t)heap % sizeof(void *) == 0 && word_load_shared(&heap->magic) == HEAP_MAGIC_VALUE;
}

/* ---- entering ---- */

static inline void heap_end(const tarn_heap *heap, uintptr_t state)
{
    tarn_port_unlock(heap, state);
    event_leave(heap, NULL, 0);
}

/* The magic is read again under the lock: the heap may have ended meanwhile. The count bounds every step through the
 * table. */
static inline tarn_status heap_begin(const tarn_heap *heap, uintptr_t *state)
{
    if (heap == NULL) {
        return TARN_E_NULL;
    }
    if (!heap_is(heap)) {
        return TARN_E_NOT_A_POOL;
    }
    event_enter(heap, NULL, 0);
    *state = tarn_port_lock(heap);
    bool alive = heap_is(heap);
    if (alive && heap->count + heap->coming <= heap->capacity) {
        return TARN_OK;
    }
    heap_end(heap, *state);
    return alive ? TARN_E_DAMAGED : TARN_E_NOT_A_POOL;
}

/* Ends the heap there, damaged or not; false if there is none. */
static inline bool heap_void(const void *address)
{
    tarn_heap *heap = (tarn_heap *)(uintptr_t)address;
    if (heap == NULL || !heap_is(heap)) {
        return false;
    }
    uintptr_t state = tarn_port_lock(heap);
    bool alive = heap_is(heap);
    if (alive) {
        word_store_shared(&heap->magic, IMAGE_VOID_VALUE);
    }
    tarn_port_unlock(heap, state);
    return alive;
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

/* The image, if its header still says that it is one, of a heap, does not contradict itself, and ends with the region.
 * A pool that takes a lock is somebody else's: the registry does not know regions, so another may have been made
 * here. */
static inline bool region_open_as(const heap_region *region, image *im, bool closed)
{
    unsigned char *base = image_base(region_pool(region));
    if (!access_admits(base, closed)) {
        return false;
    }
    *im = image_open(base);
    uintptr_t left = region->bytes.value - ((uintptr_t)base - region->start.value);
    return layout_unlocked(im->layout) && access_is_sane(im) && image_get(im, IMAGE_END) <= left >> image_shift(im);
}

/* To do something. */
static inline bool region_open(const heap_region *region, image *im)
{
    return region_open_as(region, im, false);
}

/* To look or to remove: one that damage has closed too. */
static inline bool region_open_any(const heap_region *region, image *im)
{
    return region_open_as(region, im, true);
}

/* Why region_open() failed. */
static inline tarn_status region_refusal(const heap_region *region)
{
    return access_is_closed(image_base(region_pool(region))) ? TARN_E_CLOSED : TARN_E_DAMAGED;
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

/* The region that the address lies in, NULL if there is none. */
static inline heap_region *heap_find(const tarn_heap *heap, const void *address)
{
    uint32_t place = heap_place(heap, (uintptr_t)address);
    const heap_region *region = place == 0 ? NULL : &heap->regions[place - 1u];
    bool inside = region != NULL && (uintptr_t)address - region->start.value < region->bytes.value;
    return inside ? (heap_region *)(uintptr_t)region : NULL;
}

/* The region whose turn it is; NULL past the last, or where the table is destroyed. */
static inline const heap_region *heap_turn(const tarn_heap *heap, uint32_t index)
{
    const uint16_t *turns = heap_turns(heap);
    return index < heap->count && turns[index] < heap->count ? &heap->regions[turns[index]] : NULL;
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
    return image_granules(im, payload + line - image_lead_bytes(im));
}

/* Bytes that a block of so many granules gives its owner. */
static inline size_t region_usable(const heap_region *region, const image *im, uint32_t granules)
{
    size_t line = region_line(region);
    if (line == 0) {
        return image_usable(im, granules);
    }
    size_t bytes = ((size_t)granules << image_shift(im)) & ~(line - 1u);
    return bytes < 2u * line ? 0 : bytes - line;
}

/* Alignment to ask the pool for: lines align every block already. */
static inline size_t region_alignment(const heap_region *region, size_t alignment)
{
    return alignment <= region_line(region) || alignment == 0 ? 1u : alignment;
}

/* ---- requests ---- */

static inline bool request_is_legal(const tarn_request *request)
{
    return request == NULL || ((request->alignment & (request->alignment - 1u)) == 0 && request->module <= MODULE_MAX &&
                               (request->count == 0 || request->capabilities != NULL));
}

static inline uint32_t request_count(const tarn_request *request)
{
    return request == NULL || request->count == 0 ? 1u : request->count;
}

static inline uint32_t request_mask(const tarn_request *request, uint32_t index)
{
    return request == NULL || request->count == 0 ? 0 : request->capabilities[index];
}

static inline bool region_serves(const heap_region *region, uint32_t mask)
{
    return (region->capabilities & mask) == mask;
}

static inline bool region_serves_any(const heap_region *region, const tarn_request *request)
{
    for (uint32_t i = 0; i < request_count(request); i++) {
        if (region_serves(region, request_mask(request, i))) {
            return true;
        }
    }
    return false;
}

/* ---- counting (H3) ---- */

static inline void heap_count(tarn_heap *heap, const image *im, uint32_t used_before)
{
    heap->used.value += (uintptr_t)image_get(im, IMAGE_USED) << image_shift(im);
    heap->used.value -= (uintptr_t)used_before << image_shift(im);
    if (heap->used.value > heap->peak.value) {
        heap->peak.value = heap->used.value;
    }
}

/* What H5 says of the table now. */
uint32_t tarn_heap_sum(const tarn_heap *heap);

/* The public record of a region. */
void tarn_heap_describe(const heap_region *region, tarn_region *record);

/* tarn_heap_init() for a face: flags are HEAP_*. */
tarn_status tarn_heap_init_as(tarn_heap **heap, void *memory, size_t bytes, uint32_t flags);

/* Marks blocks of a heap that is listed. */
carrier_marker tarn_heap_mark;

#endif
