/* SPDX-License-Identifier: MIT */
/*
 * How block pools begin and end: init, adopt, deinit, clear, construct.
 *
 * All is computed and refused before a byte is written. Blocks are neither linked nor cleared: those that were never
 * handed out are known by their number.
 * Bound: control data of the pool; adopt and construct: its blocks.
 */
#include "blocks_full.h"
#include "blocks_view.h"
#include "events.h"
#include "gate.h"
#include "registry.h"

static tarn_pool *as_pool(const tarn_blocks *pool)
{
    return (tarn_pool *)(uintptr_t)pool;
}

static void end_listed(const tarn_registration *entry)
{
    (void)blocks_void(entry->pool);
}

/* Enters the registry before the memory is written: pools that lay there before end first. */
static tarn_status list_pool(const tarn_blocks *pool, size_t bytes, const char *name)
{
    static const registry_kind kind = {NULL, end_listed};
    tarn_registration entry = {as_pool(pool), bytes, name, TARN_FACE_BLOCKS};
    return tarn_registry_enter(&entry, &kind, NULL);
}

static void announce(const tarn_blocks *pool, size_t bytes, tarn_status listed)
{
    event_raise(TARN_EVENT_INIT, TARN_OK, as_pool(pool), NULL, bytes, 0);
    if (listed == TARN_E_REGISTRY_FULL) {
        event_raise(TARN_EVENT_UNLISTED_INIT, listed, as_pool(pool), NULL, bytes, 0);
    }
}

/* ---- the beginning ---- */

#if !BLOCKS_SMALL

typedef struct blocks_plan {
    uint32_t layout;
    uint32_t stride;
    uint32_t count;
    uint32_t first;
} blocks_plan;

static const tarn_blocks_options blocks_default_options;

static uint32_t natural_alignment(uint32_t usable, size_t size)
{
    uint32_t lowest = UINT32_C(1) << lowest_bit(usable);
    return size == 0 ? 4u : lowest > 16u ? 16u : lowest;
}

/* Stride and layout, which do not depend on the memory. */
static tarn_status plan_blocks(blocks_plan *p, size_t size, const tarn_blocks_options *options)
{
    uint32_t flags = BLOCKS_FLAGS_IN_IMAGE | TARN_BLOCKS_UNREGISTERED;
    uint32_t alignment = options->alignment;
    if (size > UINT32_MAX - 8192u) {
        return TARN_E_TOO_LARGE;
    }
    uint32_t usable = blocks_usable((uint32_t)size);
    alignment = alignment == 0 ? natural_alignment(usable, size) : alignment;
    if ((alignment & (alignment - 1u)) != 0 || alignment < 4u || alignment > 4096u || (options->flags & ~flags) != 0 ||
        options->slots > 255u) {
        return TARN_E_ARGUMENT;
    }
    if (BLOCKS_ONLY_PLAIN && (options->slots != 0 || (options->flags & BLOCKS_FLAGS_IN_IMAGE) != 0)) {
        return TARN_E_UNAVAILABLE;
    }
    bool told = !BLOCKS_ONLY_PLAIN &&
                ((options->flags & TARN_BLOCKS_EVENTS) != 0 ||
                 (TARN_ON(TARN_WITH_EVENTS) && word_load_shared(&tarn_event_kinds) != 0) || gate_is_there());
    p->layout = (uint32_t)BLOCKS_FORMAT << BLOCKS_LAYOUT_FORMAT |
                (options->flags & BLOCKS_FLAGS_IN_IMAGE) << BLOCKS_LAYOUT_FLAGS |
                (told ? TARN_BLOCKS_EVENTS : 0u) << BLOCKS_LAYOUT_FLAGS |
                highest_bit(alignment) << BLOCKS_LAYOUT_ALIGNMENT | options->slots << BLOCKS_LAYOUT_SLOTS;
    uint32_t guard = (options->flags & TARN_BLOCKS_GUARD) != 0 ? 4u : 0u;
    p->stride = (usable + guard + alignment - 1u) & ~(alignment - 1u);
    return TARN_OK;
}

/* Offset of the first block; lead is what the address misses of the alignment. */
static uint64_t first_for(const blocks_plan *p, uint64_t count, uint32_t lead)
{
    uint32_t alignment = blocks_alignment(p->layout);
    uint64_t control = blocks_control_bytes(p->layout, count);
    return ((control + lead + alignment - 1u) & ~(uint64_t)(alignment - 1u)) - lead;
}

static uint64_t bytes_for(const blocks_plan *p, uint64_t count, uint32_t lead)
{
    return first_for(p, count, lead) + count * p->stride;
}

/* As many blocks as the bytes hold. The estimate leaves out what rounding costs, less than two blocks. */
static uint64_t count_for(const blocks_plan *p, uint64_t bytes, uint32_t lead)
{
    uint64_t fixed = blocks_control_bytes(p->layout, 0);
    uint64_t eighths = 8u * (uint64_t)p->stride + (blocks_has(p->layout, TARN_BLOCKS_OWNER) ? 32u : 0u) +
                       (blocks_has(p->layout, TARN_BLOCKS_MAP) ? 1u : 0u);
    uint64_t count = bytes > fixed ? (bytes - fixed) * 8u / eighths : 0;
    if (BLOCKS_ONLY_PLAIN) { /* the same, without a division of 64 bits */
        count = bytes > fixed ? (uint32_t)(bytes - fixed) / p->stride : 0;
    }
    while (count != 0 && bytes_for(p, count, lead) > bytes) {
        count--;
    }
    return count;
}

static tarn_status blocks_plan_make(blocks_plan *p, uintptr_t address, size_t bytes, size_t size,
                                    const tarn_blocks_options *options)
{
    tarn_status status = plan_blocks(p, size, options);
    if (status != TARN_OK) {
        return status;
    }
    if (address + bytes < address) {
        return TARN_E_ARGUMENT;
    }
    if ((address & 7u) != 0) {
        return TARN_E_MISALIGNED;
    }
    if (bytes > UINT32_MAX) {
        return TARN_E_TOO_LARGE;
    }
    uint32_t lead = (uint32_t)(address & (blocks_alignment(p->layout) - 1u));
    uint64_t count = options->count != 0 ? options->count : count_for(p, bytes, lead);
    if (count == 0 || bytes_for(p, count, lead) > bytes) {
        return TARN_E_TOO_SMALL;
    }
    if (count > blocks_count_limit()) {
        return TARN_E_TOO_LARGE;
    }
    p->count = (uint32_t)count;
    p->first = (uint32_t)first_for(p, count, lead);
    return TARN_OK;
}

size_t tarn_blocks_bytes(size_t count, size_t size, const tarn_blocks_options *options)
{
    blocks_plan p;
    options = options != NULL ? options : &blocks_default_options;
    if (count == 0 || count > blocks_count_limit() || plan_blocks(&p, size, options) != TARN_OK) {
        return 0;
    }
    uint64_t bytes = bytes_for(&p, count, 0);
    return bytes <= UINT32_MAX ? (size_t)bytes : 0;
}

/* Small enough that all caches, each of two batches, can hold but half of the blocks, if one per batch allows it. */
static uint32_t batch_for(const blocks_plan *p)
{
    uint32_t slots = blocks_slots(p->layout);
    if (slots == 0) {
        return 0;
    }
    uint32_t share = p->count / (4u * slots);
    return share == 0 ? 1u : share < TARN_BLOCKS_BATCH ? share : TARN_BLOCKS_BATCH;
}

static void format_image(unsigned char *b, const blocks_plan *p, size_t bytes, size_t size)
{
    uint32_t shift = lowest_bit(p->stride);
    word_store_shared(b, BLOCKS_VOID);
    memset(b + 4, 0, (size_t)(blocks_control_bytes(p->layout, p->count) - 4u));
    blocks_set(b, BLOCKS_LAYOUT, p->layout);
    blocks_set(b, BLOCKS_FIRST, p->first);
    blocks_set(b, BLOCKS_INVERSE, blocks_inverse_of(p->stride >> shift));
    blocks_set(b, BLOCKS_SHIFT, shift | (highest_bit(p->count) + 1u) << 8 | batch_for(p) << 16);
    blocks_set(b, BLOCKS_STRIDE, p->stride);
    blocks_set(b, BLOCKS_COUNT, p->count);
    blocks_set(b, BLOCKS_SIZE, (uint32_t)size);
    blocks_set(b, BLOCKS_BYTES, (uint32_t)bytes);
    blocks_set(b, BLOCKS_SUM, blocks_sum(b));
    word_store_shared(b, blocks_magic_for(p->layout));
}

tarn_status tarn_blocks_init_interface(tarn_blocks **pool, void *memory, size_t bytes, size_t size,
                                       const tarn_blocks_options *options, uint32_t interface_word)
{
    blocks_plan p;
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    *pool = NULL;
    if (interface_word != TARN_BLOCKS_INTERFACE) {
        return TARN_E_INTERFACE;
    }
    if (memory == NULL) {
        return TARN_E_NULL;
    }
    options = options != NULL ? options : &blocks_default_options;
    tarn_status status = blocks_plan_make(&p, (uintptr_t)memory, bytes, size, options);
    if (status != TARN_OK) {
        return status;
    }
    bool unlisted = (options->flags & TARN_BLOCKS_UNREGISTERED) != 0;
    tarn_status listed = unlisted ? TARN_OK : list_pool((tarn_blocks *)memory, bytes, options->name);
    event_enter(memory, memory, bytes);
    format_image((unsigned char *)memory, &p, bytes, size);
    event_leave(memory, memory, bytes);
    *pool = (tarn_blocks *)memory;
    announce(*pool, bytes, listed);
    return TARN_OK;
}

#endif

/* ---- adopt ---- */

/* Strings the lists of a checked image, caches and all, into one in the build's own format. */
static void relist(unsigned char *b, const tarn_blocks_view *view)
{
    blocks_shape shape = tarn_blocks_view_shape(view);
    uint32_t layout = shape.layout;
    uint32_t used = tarn_blocks_view_used(view);
    uint32_t head = tarn_blocks_view_list(view, 0).head;
    for (uint32_t list = 1; list < blocks_shape_lists(&shape); list++) {
        uint32_t at = tarn_blocks_view_list(view, list).head;
        while (at != 0) {
            uint32_t next = word_load(b + at);
            word_store(b + at, head);
            head = at;
            at = next;
        }
    }
    memset(b + blocks_slots_at(layout, blocks_word(b, BLOCKS_COUNT)), 0,
           (size_t)TARN_BLOCKS_SLOT_BYTES * blocks_slots(layout));
    layout = (layout & ~15u) | (uint32_t)BLOCKS_FORMAT;
    blocks_set(b, BLOCKS_LAYOUT, layout);
    blocks_set(b, BLOCKS_SUM, blocks_sum(b));
    blocks_list_set(b, head, used);
    word_store_shared(b, blocks_word(b, BLOCKS_MARK) != 0 ? BLOCKS_FULL : blocks_magic_for(layout));
}

tarn_status tarn_blocks_adopt(tarn_blocks **pool, void *memory, size_t bytes)
{
    tarn_blocks_view view;
    unsigned char *b = (unsigned char *)memory;
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    *pool = NULL;
    if (((uintptr_t)memory & 7u) != 0) {
        return TARN_E_MISALIGNED;
    }
    tarn_status status = tarn_blocks_view_open(&view, memory, bytes);
    if (status == TARN_OK && view.swapped != 0) {
        status = TARN_E_NOT_A_POOL;
    }
    if (status != TARN_OK) {
        return status;
    }
    uint32_t alignment = blocks_alignment(blocks_word(b, BLOCKS_LAYOUT));
    if ((((uintptr_t)b + blocks_word(b, BLOCKS_FIRST)) & (alignment - 1u)) != 0) {
        return TARN_E_MISALIGNED;
    }
    if (blocks_word(b, BLOCKS_COUNT) > blocks_count_limit()) {
        return TARN_E_TOO_LARGE;
    }
    event_enter(b, NULL, 0);
    status = tarn_blocks_view_check(&view, NULL);
    event_leave(b, NULL, 0);
    if (status != TARN_OK) {
        return status;
    }
    event_enter(b, b, bytes);
    if (blocks_word(b, BLOCKS_BYTES) > bytes) {
        blocks_set(b, BLOCKS_BYTES, (uint32_t)bytes); /* what the maker had is not what there is */
    }
    relist(b, &view);
    event_leave(b, b, bytes);
    *pool = (tarn_blocks *)memory;
    announce(*pool, blocks_word(b, BLOCKS_BYTES), list_pool(*pool, blocks_word(b, BLOCKS_BYTES), NULL));
    return TARN_OK;
}

/* ---- the end, and beginning anew ---- */

tarn_status tarn_blocks_deinit(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    tarn_status status = tarn_blocks_admit(pool);
    if (status != TARN_OK) {
        return status;
    }
    tarn_blocks_view view = {b, blocks_word(b, BLOCKS_BYTES), 0, 0};
    uintptr_t state = blocks_enter(b);
    uint32_t used = tarn_blocks_view_used(&view);
    bool alive = blocks_void(b);
    blocks_leave(b, state);
    if (!alive) {
        return TARN_E_NOT_A_POOL;
    }
    tarn_blocks_wake(b, blocks_word(b, BLOCKS_LAYOUT));
    (void)tarn_registry_leave(as_pool(pool));
    event_raise(TARN_EVENT_DEINIT, TARN_OK, as_pool(pool), NULL, used, 0);
    return TARN_OK;
}

tarn_status tarn_blocks_clear(tarn_blocks *pool)
{
    unsigned char *b = blocks_image(pool);
    tarn_status status = tarn_blocks_admit(pool);
    if (status != TARN_OK) {
        return status;
    }
    event_raise(TARN_EVENT_RESET, TARN_OK, as_pool(pool), NULL, blocks_word(b, BLOCKS_BYTES), 0);
    uint32_t layout = blocks_word(b, BLOCKS_LAYOUT);
    uint64_t control = blocks_control_bytes(layout, blocks_word(b, BLOCKS_COUNT));
    uintptr_t state = blocks_enter(b);
    bool alive = blocks_alive(b);
    if (alive) {
        blocks_list_reset(b);
        blocks_set(b, BLOCKS_REFUSALS, 0);
        blocks_set(b, BLOCKS_MARK, 0);
        memset(b + BLOCKS_HEADER_BYTES, 0, (size_t)(control - BLOCKS_HEADER_BYTES));
        word_store_shared(b, blocks_magic_for(layout));
    }
    blocks_leave(b, state);
    if (!alive) {
        return TARN_E_NOT_A_POOL;
    }
    tarn_blocks_wake(b, layout);
    return TARN_OK;
}

tarn_status tarn_blocks_construct(tarn_blocks *pool, tarn_blocks_constructor *constructor, void *context)
{
    unsigned char *b = blocks_image(pool);
    tarn_status status = constructor != NULL ? tarn_blocks_admit(pool) : TARN_E_NULL;
    if (status != TARN_OK) {
        return status;
    }
    if (blocks_has(blocks_word(b, BLOCKS_LAYOUT), TARN_BLOCKS_POISON)) {
        return TARN_E_ARGUMENT;
    }
    if (blocks_shared(b, BLOCKS_FRESH) != 0) {
        return TARN_E_IN_USE;
    }
    uint32_t count = blocks_word(b, BLOCKS_COUNT);
    for (uint32_t number = 0; number < count; number++) {
        unsigned char *block = b + blocks_offset(b, number);
        size_t usable = blocks_usable(blocks_word(b, BLOCKS_SIZE));
        event_enter(b, block, usable);
        constructor(block, context);
        event_leave(b, block, usable);
    }
    return TARN_OK;
}

size_t tarn_blocks_usable(const tarn_blocks *pool)
{
    bool admitted = tarn_blocks_admit(pool) == TARN_OK;
    return admitted ? blocks_usable(blocks_word(blocks_image(pool), BLOCKS_SIZE)) : 0;
}
