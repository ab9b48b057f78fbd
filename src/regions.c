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

tarn_status tarn_heap_init_as(tarn_heap **heap, void *memory, size_t bytes, uint32_t flags)
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
    size_t regions = ((bytes & ~(size_t)7u) - sizeof *made) / (sizeof(heap_region) + sizeof(uint16_t));
    memset(made, 0, sizeof *made);
    made->capacity = (uint16_t)(regions > UINT16_MAX ? UINT16_MAX : regions);
    made->flags = (uint16_t)flags;
    made->sum = tarn_heap_sum(made);
    word_store_shared(&made->magic, HEAP_MAGIC_VALUE);
    *heap = made;
    return TARN_OK;
}

tarn_status tarn_heap_init(tarn_heap **heap, void *memory, size_t bytes)
{
    return tarn_heap_init_as(heap, memory, bytes, 0);
}

tarn_status tarn_heap_deinit(tarn_heap *heap)
{
    if (heap == NULL) {
        return TARN_E_NULL;
    }
    if (!heap_void(heap)) {
        return TARN_E_NOT_A_POOL;
    }
    for (uint32_t i = 0; i < heap->count && i < heap->capacity; i++) {
        event_raise(TARN_EVENT_DEINIT, TARN_OK, region_pool(&heap->regions[i]), NULL, 0, 0);
    }
    return TARN_OK;
}

/* ---- the table ---- */

static uint32_t sum_halves(uint32_t sum, const uint16_t *halves, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sum = (sum ^ halves[i]) * UINT32_C(0x01000193); /* FNV-1a */
    }
    return sum;
}

uint32_t tarn_heap_sum(const tarn_heap *heap)
{
    uint32_t sum = UINT32_C(0x811C9DC5) ^ heap->capacity;
    for (uint32_t i = 0; i < heap->count; i++) {
        const heap_region *r = &heap->regions[i];
        uint64_t start = r->start.value;
        uint64_t bytes = r->bytes.value;
        const uint16_t halves[] = {(uint16_t)start,
                                   (uint16_t)(start >> 16),
                                   (uint16_t)(start >> 32),
                                   (uint16_t)(start >> 48),
                                   (uint16_t)bytes,
                                   (uint16_t)(bytes >> 16),
                                   (uint16_t)(bytes >> 32),
                                   (uint16_t)(bytes >> 48),
                                   (uint16_t)r->capabilities,
                                   (uint16_t)(r->capabilities >> 16),
                                   r->skip,
                                   (uint16_t)(r->line_log2 << 8 | r->rank)};
        sum = sum_halves(sum, halves, sizeof halves / sizeof halves[0]);
    }
    return sum_halves(sum ^ heap->flags, heap_turns(heap), heap->count);
}

/* ---- adding ---- */

static const tarn_region_options plain_region;

/* What gives blocks a tail, which a region with lines has no place for. */
enum { TAILED = TARN_POOL_GUARD | TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE };

/* Whether a heap whose headers must tell their width can take such a region. */
static bool width_can_be_told(const tarn_region_options *options)
{
    return options->line == 0 && options->pool.extension_words == 0 && (options->pool.flags & TAILED) == 0 &&
           (options->pool.granule == 0 || options->pool.granule == 8);
}

static tarn_status region_options_verify(const tarn_heap *heap, const tarn_region_options *options)
{
    uint32_t line = options->line;
    bool lines_legal = line == 0 || (is_power_of_two(line) && line >= HEAP_LINE_MIN && line <= HEAP_LINE_MAX &&
                                     line >= 4u * options->pool.extension_words + 4u && options->pool.granule != 4);
    uint32_t flags = TARN_POOL_ZEROED | TARN_POOL_CURSOR | (line == 0 ? (uint32_t)TAILED : 0u);
    bool pool_legal = (options->pool.flags & ~flags) == 0 && options->pool.max_bytes == 0 &&
                      options->pool.quarantine == 0 && options->pool.slab == 0 &&
                      (options->pool.policy == TARN_POLICY_STOP || options->pool.policy == TARN_POLICY_CLOSE) &&
                      ((heap->flags & HEAP_TELLS_WIDTH) == 0 || width_can_be_told(options));
    return lines_legal && pool_legal && options->rank <= UINT8_MAX && options->reserved == 0 ? TARN_OK
                                                                                             : TARN_E_ARGUMENT;
}

static bool ranges_overlap(uintptr_t start, size_t bytes, uintptr_t other, size_t other_bytes)
{
    return start < other ? other - start < bytes : start - other < other_bytes;
}

static bool region_overlaps(const heap_region *region, uintptr_t start, size_t bytes)
{
    return ranges_overlap(start, bytes, region->start.value, region->bytes.value);
}

/* Under the lock: room in the table, and a range that nothing else lies in or is about to. */
static tarn_status range_verify(const tarn_heap *heap, uintptr_t start, size_t bytes)
{
    if (heap->count + heap->coming == heap->capacity) {
        return TARN_E_REGIONS_FULL;
    }
    uint32_t place = heap_place(heap, start);
    bool overlap = ranges_overlap(start, bytes, (uintptr_t)heap, TARN_HEAP_BYTES(heap->capacity)) ||
                   (place != 0 && region_overlaps(&heap->regions[place - 1u], start, bytes)) ||
                   (place < heap->count && region_overlaps(&heap->regions[place], start, bytes));
    for (uint32_t i = 1; i <= heap->coming && !overlap; i++) {
        overlap = region_overlaps(&heap->regions[heap->capacity - i], start, bytes);
    }
    return overlap ? TARN_E_OVERLAP : TARN_OK;
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

/* Claims the range (H6), so that two callers who add the same memory cannot both make a pool in it. */
static tarn_status region_claim(tarn_heap *heap, const heap_region *region)
{
    uintptr_t state;
    tarn_status status = heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    status = range_verify(heap, region->start.value, region->bytes.value);
    if (status == TARN_OK) {
        heap->coming++;
        heap->regions[heap->capacity - heap->coming] = *region;
    }
    heap_end(heap, state);
    return status;
}

/* Under the lock: takes the claim back; false if the heap has been made anew since. */
static bool claim_withdraw(tarn_heap *heap, uintptr_t start)
{
    heap_region *newest = &heap->regions[heap->capacity - heap->coming];
    for (uint32_t i = 1; i <= heap->coming; i++) {
        heap_region *claim = &heap->regions[heap->capacity - i];
        if (claim->start.value == start) {
            *claim = *newest;
            heap->coming--;
            return true;
        }
    }
    return false;
}

static void note_region(tarn_heap *heap, const tarn_options *pool)
{
    uint32_t notes = heap->notes;
    notes |= pool->extension_words >= TARN_WORDS_CALLERS ? (uint32_t)HEAP_NOTES_CALLERS : 0;
    notes |= (pool->flags & (TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE)) != 0 ? (uint32_t)HEAP_NOTES_FILL : 0;
    word_store_shared(&heap->notes, notes);
}

/* The claim becomes a region, or nothing if its pool could not be made. */
static tarn_status region_settle(tarn_heap *heap, const heap_region *region, const tarn_options *pool, tarn_status made)
{
    uintptr_t state;
    tarn_status status = heap_begin(heap, &state);
    if (status != TARN_OK) {
        return made != TARN_OK ? made : status;
    }
    if (!claim_withdraw(heap, region->start.value)) {
        status = TARN_E_NOT_A_POOL;
    } else if (made == TARN_OK) {
        region_enter(heap, region);
        note_region(heap, pool);
        heap->sum = tarn_heap_sum(heap);
    }
    heap_end(heap, state);
    return made != TARN_OK ? made : status;
}

/* What a region's pool is made with. A key of its own, so that pointers from an earlier heap in the same memory are
 * refused; a heap is no image, and nobody compares its regions' bytes. */
static tarn_options pool_options(const tarn_heap *heap, const tarn_region_options *options, size_t bytes)
{
    tarn_options pool = options->pool;
    pool.flags |= TARN_POOL_UNLOCKED | TARN_POOL_UNREGISTERED;
    pool.flags |= (heap->flags & HEAP_TELLS_WIDTH) != 0 ? POOL_TELLS_WIDTH : 0;
    pool.key = pool.key != 0 ? pool.key : block_mix(tarn_registry_serial(), (uint32_t)bytes, 0) | 1u;
    pool.max_bytes = bytes; /* so that leaving out bytes in front changes no geometry */
    return pool;
}

static tarn_status region_make(tarn_heap *heap, heap_region *region, const tarn_region_options *options)
{
    unsigned char *memory = (unsigned char *)region->start.value;
    size_t bytes = region->bytes.value;
    tarn_options pool = pool_options(heap, options, bytes);
    size_t skip = options->line == 0 ? 0 : line_skip(region->start.value, bytes, options->line, &pool);
    if (skip > bytes) {
        return TARN_E_TOO_SMALL;
    }
    region->skip = (uint16_t)skip;
    tarn_pool *made;
    return tarn_init_as(&made, memory + skip, bytes - skip, &pool, TARN_FACE_NATIVE, NULL);
}

static tarn_status region_add(tarn_heap *heap, heap_region *region, const tarn_region_options *options)
{
    tarn_status status = region_claim(heap, region);
    if (status != TARN_OK) {
        return status;
    }
    tarn_status made = region_make(heap, region, options);
    status = region_settle(heap, region, &options->pool, made);
    if (made == TARN_OK && status != TARN_OK) {
        (void)tarn_deinit(region_pool(region));
    }
    return status;
}

tarn_status tarn_heap_add_interface(tarn_heap *heap, void *memory, size_t bytes, const tarn_region_options *options,
                                    uint32_t interface_word)
{
    if (interface_word != TARN_REGIONS_INTERFACE) {
        return TARN_E_INTERFACE;
    }
    if (heap == NULL || memory == NULL) {
        return TARN_E_NULL;
    }
    if (!heap_is(heap)) {
        return TARN_E_NOT_A_POOL;
    }
    options = options != NULL ? options : &plain_region;
    uintptr_t start = (uintptr_t)memory;
    if (region_options_verify(heap, options) != TARN_OK || start + bytes < start) {
        return TARN_E_ARGUMENT;
    }
    heap_region region = {{start}, {bytes}, options->capabilities, 0, 0, (uint8_t)options->rank};
    region.line_log2 = (uint8_t)(options->line == 0 ? 0 : highest_bit(options->line));
    return region_add(heap, &region, options);
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

static bool region_note_owner(const tarn_block *block, void *context)
{
    tarn_leftovers *left = context;
    if (!tarn_block_owned(block)) {
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

/* Under the lock, so that the blocks and whose they are belong to one moment. */
static void note_owners(const image *im, tarn_leftovers *left)
{
    tarn_view view;
    if (has_owner(im) && image_view(im, &view) == TARN_OK) {
        (void)tarn_view_walk(&view, region_note_owner, left);
    }
}

/* H3 anew, where the share of a destroyed image is not known. */
static void region_recount(tarn_heap *heap)
{
    image im;
    heap->used.value = 0;
    for (uint32_t i = 0; i < heap->count; i++) {
        if (region_open_any(&heap->regions[i], &im)) {
            heap->used.value += (uintptr_t)image_get(&im, IMAGE_USED) << image_shift(&im);
        }
    }
}

/* Under the lock: the region leaves, or the reason why not. A pool that is no more cannot be asked who uses it. */
static tarn_status remove_idle(tarn_heap *heap, const void *memory, tarn_pool **pool, tarn_leftovers *left)
{
    image im;
    heap_region *region = heap_named(heap, memory);
    if (region == NULL) {
        return TARN_E_FOREIGN;
    }
    *pool = region_pool(region);
    bool sound = region_open_any(region, &im);
    if (sound) {
        left->blocks = image_get(&im, IMAGE_BLOCKS);
        left->bytes = (uint64_t)image_get(&im, IMAGE_USED) << image_shift(&im);
        if (left->blocks != 0) {
            note_owners(&im, left);
            return TARN_E_IN_USE;
        }
        word_store_shared(im.base + 4u * IMAGE_MAGIC, IMAGE_VOID_VALUE);
    }
    region_leave(heap, (uint32_t)(region - heap->regions));
    region_recount(heap);
    heap->sum = tarn_heap_sum(heap);
    return sound ? TARN_OK : TARN_E_DAMAGED;
}

tarn_status tarn_heap_remove(tarn_heap *heap, void *memory, tarn_leftovers *leftovers)
{
    uintptr_t state;
    tarn_leftovers unused;
    tarn_pool *pool = NULL;
    leftovers = leftovers != NULL ? leftovers : &unused;
    memset(leftovers, 0, sizeof *leftovers);
    tarn_status status = memory == NULL ? TARN_E_NULL : heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    status = remove_idle(heap, memory, &pool, leftovers);
    heap_end(heap, state);
    if (status == TARN_OK) {
        event_raise(TARN_EVENT_DEINIT, TARN_OK, pool, NULL, 0, 0);
    }
    return status;
}

/* ---- which regions there are ---- */

void tarn_heap_describe(const heap_region *region, tarn_region *record)
{
    record->memory = (void *)region->start.value;
    record->bytes = region->bytes.value;
    record->pool = region_pool(region);
    record->capabilities = region->capabilities;
    record->line = region_line(region);
    record->rank = region->rank;
    record->reserved = 0;
}

bool tarn_heap_region(tarn_heap *heap, uint32_t index, tarn_region *record)
{
    uintptr_t state;
    if (record == NULL || heap_begin(heap, &state) != TARN_OK) {
        return false;
    }
    const heap_region *region = heap_turn(heap, index);
    if (region != NULL) {
        tarn_heap_describe(region, record);
    }
    heap_end(heap, state);
    return region != NULL;
}

tarn_status tarn_heap_region_of(tarn_heap *heap, const void *address, tarn_region *record)
{
    uintptr_t state;
    tarn_status status = address == NULL || record == NULL ? TARN_E_NULL : heap_begin(heap, &state);
    if (status != TARN_OK) {
        return status;
    }
    const heap_region *region = heap_find(heap, address);
    if (region != NULL) {
        tarn_heap_describe(region, record);
    }
    heap_end(heap, state);
    return region != NULL ? TARN_OK : TARN_E_FOREIGN;
}
