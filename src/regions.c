/* SPDX-License-Identifier: MIT */
/*
 * Heaps of several regions: the object itself, regions that come and go, and which one an address lies in.
 *
 * A region's pool is made before the heap's lock is taken and entered under it, so that no event is raised and no
 * control data cleared while others wait.
 * Bound: each contract in regions.h.
 */
#include "heap.h"

#include "events.h"
#include "registry.h"
#include "steps.h"

tarn_status tarn_heap_init(tarn_heap **heap, void *memory, size_t bytes)
{
    if (heap == NULL) {
        return TARN_E_NULL;
    }
    *heap = NULL;
    if (memory == NULL) {
        return TARN_E_NULL;
    }
    if ((uintptr_t)memory % sizeof(void *) != 0) {
        return TARN_E_MISALIGNED;
    }
    if (bytes < TARN_HEAP_BYTES(1)) {
        return TARN_E_TOO_SMALL;
    }
    tarn_heap *made = memory;
    size_t regions = (bytes - sizeof *made) / (sizeof(heap_region) + sizeof(uint16_t));
    memset(made, 0, sizeof *made);
    made->capacity = regions > UINT16_MAX ? UINT16_MAX : (uint32_t)regions;
    word_store_shared(&made->magic, HEAP_MAGIC_VALUE);
    *heap = made;
    return TARN_OK;
}

tarn_status tarn_heap_deinit(tarn_heap *heap)
{
    if (heap == NULL) {
        return TARN_E_NULL;
    }
    return heap_void(heap) ? TARN_OK : TARN_E_NOT_A_POOL;
}

/* ---- adding ---- */

static const tarn_region_options plain_region;

static tarn_status options_verify(const tarn_region_options *options)
{
    uint32_t line = options->line;
    bool lines_legal = line == 0 || (is_power_of_two(line) && line >= HEAP_LINE_MIN && line <= HEAP_LINE_MAX &&
                                     line >= 4u * options->pool.extension_words + 4u && options->pool.granule != 4);
    bool pool_legal = (options->pool.flags & ~TARN_POOL_ZEROED) == 0 && options->pool.max_bytes == 0;
    return lines_legal && pool_legal && options->rank <= UINT8_MAX && options->reserved == 0 ? TARN_OK
                                                                                             : TARN_E_ARGUMENT;
}

static bool ranges_overlap(uintptr_t start, size_t bytes, uintptr_t other, size_t other_bytes)
{
    return start < other ? other - start < bytes : start - other < other_bytes;
}

/* Under the lock: room in the table, and a range that nothing else lies in. */
static tarn_status range_verify(const tarn_heap *heap, uintptr_t start, size_t bytes)
{
    if (heap->count == heap->capacity) {
        return TARN_E_REGIONS_FULL;
    }
    if (ranges_overlap(start, bytes, (uintptr_t)heap, TARN_HEAP_BYTES(heap->capacity))) {
        return TARN_E_OVERLAP;
    }
    uint32_t place = heap_place(heap, start);
    if (place < heap->count && heap->regions[place].start.value - start < bytes) {
        return TARN_E_OVERLAP;
    }
    image im;
    const heap_region *before = place == 0 ? NULL : &heap->regions[place - 1u];
    bool inside =
        before != NULL && (before->start.value == start ||
                           (region_open(before, &im) && start - before->start.value < region_bytes(before, &im)));
    return inside ? TARN_E_OVERLAP : TARN_OK;
}

/* Bytes to leave out in front, so that the first payload begins on a line: then all do (H4). */
static size_t line_skip(uintptr_t start, size_t bytes, uint32_t line, const tarn_options *pool)
{
    uintptr_t aligned = (start + IMAGE_ALIGNMENT - 1u) & ~(uintptr_t)(IMAGE_ALIGNMENT - 1u);
    uintptr_t payload = aligned + tarn_overhead_as(bytes, pool);
    return (size_t)(aligned - start + ((0u - payload) & (line - 1u)));
}

static void region_enter(tarn_heap *heap, const heap_region *region)
{
    uint16_t *turns = heap_turns(heap);
    uint32_t place = heap_place(heap, region->start.value);
    memmove(&heap->regions[place + 1u], &heap->regions[place], (heap->count - place) * sizeof *region);
    heap->regions[place] = *region;
    for (uint32_t i = 0; i < heap->count; i++) {
        turns[i] = (uint16_t)(turns[i] + (turns[i] >= place ? 1u : 0u));
    }
    uint32_t turn = heap->count;
    while (turn != 0 && heap->regions[turns[turn - 1u]].rank > region->rank) {
        turns[turn] = turns[turn - 1u];
        turn--;
    }
    turns[turn] = (uint16_t)place;
    heap->count++;
}

static tarn_status range_verify_locked(tarn_heap *heap, uintptr_t start, size_t bytes, const heap_region *enter)
{
    uintptr_t state;
    tarn_status status = heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    status = range_verify(heap, start, bytes);
    if (status == TARN_OK && enter != NULL) {
        region_enter(heap, enter);
    }
    heap_end(heap, state);
    return status;
}

tarn_status tarn_heap_add_as(tarn_heap *heap, void *memory, size_t bytes, const tarn_region_options *options,
                             uint32_t flags)
{
    options = options != NULL ? options : &plain_region;
    uintptr_t start = (uintptr_t)memory;
    tarn_status status = memory == NULL ? TARN_E_NULL : options_verify(options);
    if (status == TARN_OK && start + bytes < start) {
        status = TARN_E_ARGUMENT;
    }
    if (status == TARN_OK) {
        status = range_verify_locked(heap, start, bytes, NULL);
    }
    if (status != TARN_OK) {
        return status;
    }
    tarn_options pool = options->pool;
    pool.flags |= TARN_POOL_UNLOCKED | TARN_POOL_UNREGISTERED | flags;
    pool.max_bytes = bytes; /* so that leaving out bytes in front changes no geometry */
    size_t skip = options->line == 0 ? 0 : line_skip(start, bytes, options->line, &pool);
    if (skip > bytes) {
        return TARN_E_TOO_SMALL;
    }
    heap_region region = {{start}, options->capabilities, (uint16_t)skip, 0, (uint8_t)options->rank};
    region.line_log2 = (uint8_t)(options->line == 0 ? 0 : highest_bit(options->line));
    tarn_pool *made;
    status = tarn_init_as(&made, (unsigned char *)memory + skip, bytes - skip, &pool, TARN_FACE_NATIVE, NULL);
    if (status != TARN_OK) {
        return status;
    }
    status = range_verify_locked(heap, start, bytes, &region);
    if (status != TARN_OK) {
        (void)tarn_deinit(made);
    }
    return status;
}

tarn_status tarn_heap_add_interface(tarn_heap *heap, void *memory, size_t bytes, const tarn_region_options *options,
                                    uint32_t interface_word)
{
    return interface_word == TARN_REGIONS_INTERFACE ? tarn_heap_add_as(heap, memory, bytes, options, 0)
                                                    : TARN_E_INTERFACE;
}

/* ---- removing ---- */

static void region_leave(tarn_heap *heap, uint32_t place)
{
    uint16_t *turns = heap_turns(heap);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < heap->count; i++) {
        if (turns[i] != place) {
            turns[kept++] = (uint16_t)(turns[i] - (turns[i] > place ? 1u : 0u));
        }
    }
    heap->count--;
    memmove(&heap->regions[place], &heap->regions[place + 1u], (heap->count - place) * sizeof heap->regions[0]);
}

static bool note_owner(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)region;
    (void)payload;
    tarn_leftovers *left = context;
    if (block->state == TARN_BLOCK_FREE) {
        return true;
    }
    uint32_t i = 0;
    while (i < left->owners && left->owner[i] != block->owner) {
        i++;
    }
    if (i == TARN_LEFTOVER_OWNERS) {
        return true;
    }
    left->owners = i == left->owners ? i + 1u : left->owners;
    left->owner[i] = block->owner;
    left->owner_blocks[i]++;
    return true;
}

/* What became of a removal. */
typedef struct removal {
    tarn_leftovers left;
    tarn_pool *pool;
    bool owned; /* the blocks left have owner words */
} removal;

/* H3 anew, where the share of a destroyed image is not known. */
static void recount(tarn_heap *heap)
{
    image im;
    heap->used.value = 0;
    for (uint32_t i = 0; i < heap->count; i++) {
        if (region_open(&heap->regions[i], &im)) {
            heap->used.value += (uintptr_t)image_get(&im, IMAGE_USED) << im.shift;
        }
    }
}

/* Under the lock: the region leaves, or the reason why not. A pool that is no more cannot be asked who uses it. */
static tarn_status remove_idle(tarn_heap *heap, const void *memory, removal *r)
{
    image im;
    heap_region *region = heap_named(heap, memory);
    if (region == NULL) {
        return TARN_E_FOREIGN;
    }
    r->pool = region_pool(region);
    bool sound = region_open(region, &im);
    if (sound) {
        r->left.blocks = image_get(&im, IMAGE_BLOCKS);
        r->left.bytes = (uint64_t)image_get(&im, IMAGE_USED) << im.shift;
        r->owned = has_owner(&im);
        if (r->left.blocks != 0) {
            return TARN_E_IN_USE;
        }
        word_store_shared(im.base + 4u * IMAGE_MAGIC, IMAGE_VOID_VALUE);
    }
    region_leave(heap, (uint32_t)(region - heap->regions));
    recount(heap);
    return sound ? TARN_OK : TARN_E_DAMAGED;
}

tarn_status tarn_heap_remove(tarn_heap *heap, void *memory, tarn_leftovers *leftovers)
{
    uintptr_t state;
    removal r;
    memset(&r, 0, sizeof r);
    tarn_status status = memory == NULL ? TARN_E_NULL : heap_begin(heap, &state);
    if (status == TARN_OK) {
        status = remove_idle(heap, memory, &r);
        heap_end(heap, state);
    }
    if (status == TARN_OK) {
        event_raise(TARN_EVENT_DEINIT, TARN_OK, r.pool, NULL, 0, 0);
    }
    if (status == TARN_E_IN_USE && r.owned && leftovers != NULL) {
        (void)tarn_heap_walk(heap, memory, note_owner, &r.left);
    }
    if (leftovers != NULL) {
        *leftovers = r.left;
    }
    return status;
}

/* ---- which regions there are ---- */

void tarn_heap_describe(const heap_region *region, const image *im, tarn_region *record)
{
    record->memory = (void *)region->start.value;
    record->bytes = im == NULL ? 0 : region_bytes(region, im);
    record->pool = region_pool(region);
    record->capabilities = region->capabilities;
    record->line = region_line(region);
    record->rank = region->rank;
    record->reserved = 0;
}

bool tarn_heap_region(tarn_heap *heap, uint32_t index, tarn_region *record)
{
    uintptr_t state;
    image im;
    if (record == NULL || heap_begin(heap, &state) != TARN_OK) {
        return false;
    }
    bool found = index < heap->count;
    if (found) {
        const heap_region *region = &heap->regions[heap_turns(heap)[index]];
        tarn_heap_describe(region, region_open(region, &im) ? &im : NULL, record);
    }
    heap_end(heap, state);
    return found;
}

tarn_status tarn_heap_region_of(tarn_heap *heap, const void *address, tarn_region *record)
{
    uintptr_t state;
    image im;
    tarn_status status = address == NULL || record == NULL ? TARN_E_NULL : heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    const heap_region *region = heap_find(heap, address);
    status = TARN_E_FOREIGN;
    if (region != NULL && region_open(region, &im) &&
        (uintptr_t)address - region->start.value < region_bytes(region, &im)) {
        tarn_heap_describe(region, &im, record);
        status = TARN_OK;
    }
    heap_end(heap, state);
    return status;
}
