/* SPDX-License-Identifier: MIT */
/*
 * How pools begin: all choices are made once, in a plan that is computed and refused before a byte is written. Its
 * geometry depends on the size only through the width of the header's size field, so that growing within that width
 * moves nothing.
 *
 * Bound: clears the control data.
 */
#include "config.h"

#ifndef TARN_ONLY_PLAIN

#include "access.h"
#include "account.h"
#include "cursor.h"
#include "events.h"
#include "fill.h"
#include "park.h"
#include "policy.h"
#include "quarantine.h"
#include "registry.h"
#include "slab.h"

typedef struct pool_plan {
    unsigned char *base;
    uint32_t layout;
    uint32_t key;
    uint32_t first;
    uint32_t end;
    uint32_t tail;
    uint32_t table_words; /* of exact map or slab; 0: neither */
    slab_plan slab;
    uint32_t quarantine; /* granules, if there is one */
    uint32_t park;       /* granules of a list of parked blocks; 0: there are none */
} pool_plan;

static uint32_t engine_number(uint32_t asked)
{
    if (asked != TARN_ENGINE_DEFAULT) {
        return asked;
    }
    for (uint32_t number = TARN_ENGINE_TLSF; number < TARN_ENGINE_LINEAR; number++) {
        if (engine_is_in(number)) {
            return number;
        }
    }
    return TARN_ENGINE_LINEAR;
}

static tarn_status options_verify(const tarn_options *options)
{
    bool granule = options->granule == 0 || options->granule == 4 || options->granule == 8 || options->granule == 16;
    uint32_t flags = TARN_POOL_UNLOCKED | TARN_POOL_UNREGISTERED | TARN_POOL_ZEROED | TARN_POOL_GUARD |
                     TARN_POOL_POISON | TARN_POOL_ZERO_ON_FREE | TARN_POOL_BACKUP | TARN_POOL_CURSOR | POOL_TELLS_WIDTH;
    if (!granule || options->engine > TARN_ENGINE_LINEAR || options->extension_words > 7 ||
        options->recognition > TARN_RECOGNISE_EXACT || (options->flags & ~flags) != 0 ||
        options->modules > IMAGE_MODULES_MAX || (options->modules != 0 && options->extension_words == 0) ||
        options->policy > TARN_POLICY_REPAIR || options->slab > SLAB_LARGEST) {
        return TARN_E_ARGUMENT;
    }
    if (options->policy == TARN_POLICY_REPAIR && tarn_policy_repairer == NULL) {
        return TARN_E_UNAVAILABLE;
    }
    return engine_is_in(engine_number(options->engine)) ? TARN_OK : TARN_E_ENGINE;
}

/* Bits for the sizes of a pool whose end is at most this; 0 if no header has as many. */
static uint32_t size_bits_for(uint64_t end, uint32_t shift)
{
    uint64_t widest = end - (IMAGE_HEADER_BYTES >> shift);
    if (widest >> IMAGE_SIZE_BITS_MAX != 0) {
        return 0;
    }
    uint32_t bits = widest == 0 ? 0 : highest_bit((uint32_t)widest) + 1u;
    if (end > UINT16_MAX && bits <= IMAGE_NARROW_BITS) {
        bits = IMAGE_NARROW_BITS + 1u;
    }
    return bits < IMAGE_SIZE_BITS_MIN ? IMAGE_SIZE_BITS_MIN : bits;
}

/* The layout's bits for options that are flags of tail, fill and sections. */
static uint32_t option_bits(uint32_t flags)
{
    return ((flags & TARN_POOL_GUARD) != 0 ? 1u : 0u) << LAYOUT_GUARD |
           ((flags & TARN_POOL_POISON) != 0 ? 1u : 0u) << LAYOUT_POISON |
           ((flags & TARN_POOL_ZERO_ON_FREE) != 0 ? 1u : 0u) << LAYOUT_ZERO |
           ((flags & TARN_POOL_BACKUP) != 0 ? 1u : 0u) << LAYOUT_BACKUP |
           ((flags & TARN_POOL_CURSOR) != 0 ? 1u : 0u) << LAYOUT_CURSOR;
}

/* What tarn_options.slab asks for, of a pool of so many granules. */
static slab_plan slab_asked(uint32_t slab, uint32_t granules, uint32_t shift)
{
    slab_plan made = {SLAB_PAGE_SHIFT, 0, false, true, UINT32_MAX, 0, NULL, NULL};
    if (slab == TARN_SLAB_DEFAULT) {
        slab = (uint64_t)granules << shift >= SLAB_DEFAULT_POOL ? SLAB_DEFAULT_LARGEST : 0;
    }
    made.classes = (slab + (UINT32_C(1) << shift) - 1u) >> shift;
    return made;
}

static uint32_t limit_granules(size_t bytes, uint32_t shift)
{
    return bytes >> shift > UINT32_MAX ? UINT32_MAX : (uint32_t)(bytes >> shift);
}

/* Fills in what the granule, engine and sizes decide. The lead is not part of it yet. */
static tarn_status plan_geometry(pool_plan *p, const tarn_options *options, uint64_t end_limit, uint32_t shift)
{
    uint32_t size_bits = size_bits_for(end_limit, shift);
    uint32_t check_bits = IMAGE_SIZE_BITS_MAX - size_bits;
    bool told = (options->flags & POOL_TELLS_WIDTH) != 0;
    if (size_bits == 0 || (told && size_bits > WIDTH_LARGEST)) {
        return TARN_E_TOO_LARGE;
    }
    if (told) {
        check_bits = width_check_for(size_bits);
        size_bits = IMAGE_SIZE_BITS_MAX - width_told_bits(check_bits) - check_bits;
    }
    p->park = park_limit(options->park, p->end, shift);
    if (p->slab.bytes == NULL) {
        p->slab = slab_asked(options->slab, p->end, shift);
    }
    bool lists = p->park != 0 || p->slab.classes != 0;
    bool exact = options->recognition == TARN_RECOGNISE_EXACT ||
                 (options->recognition == TARN_RECOGNISE_AUTO && check_bits < IMAGE_CHECK_BITS_MIN && !lists &&
                  TARN_ON(TARN_WITH_EXACT));
    uint32_t engine = engine_number(options->engine);
    p->layout = (shift - 2u) << LAYOUT_GRANULE | (engine - 1u) << LAYOUT_ENGINE |
                options->extension_words << LAYOUT_EXTENSION | check_bits << LAYOUT_CHECK |
                (exact || p->slab.classes != 0 ? 1u : 0u) << LAYOUT_MAP |
                ((options->flags & TARN_POOL_UNLOCKED) != 0 ? 1u : 0u) << LAYOUT_UNLOCKED |
                (told ? 1u : 0u) << LAYOUT_TOLD | option_bits(options->flags) | options->modules << LAYOUT_MODULES |
                (options->quarantine != 0 ? 1u : 0u) << LAYOUT_QUARANTINE | (lists ? 1u : 0u) << LAYOUT_PARKS;
    if (layout_is_absent(p->layout)) {
        return TARN_E_UNAVAILABLE;
    }
    if (lists && check_bits < IMAGE_PARK_CHECK_BITS) {
        return TARN_E_TOO_LARGE;
    }
    if (!layout_is_legal(p->layout) || (lists && exact) || (p->park != 0 && options->extension_words != 0)) {
        return TARN_E_ARGUMENT; /* parked blocks or pages, and what they cannot have */
    }
    uint64_t words =
        layout_has_slab(p->layout) ? tarn_slab_words(&p->slab, p->layout, end_limit) : (end_limit + 31u) >> 5;
    p->table_words = layout_has_table(p->layout) ? (uint32_t)words : 0;
    p->quarantine = limit_granules(options->quarantine, shift);
    uint64_t first = layout_first(p->layout, p->table_words, engine_of_layout(p->layout)->index_bytes(size_bits));
    if (first + layout_minimum(p->layout) > p->end) {
        return TARN_E_TOO_SMALL;
    }
    p->first = (uint32_t)first;
    return TARN_OK;
}

static tarn_status plan_make(pool_plan *p, uintptr_t address, size_t bytes, const tarn_options *options)
{
    tarn_status status = options_verify(options);
    if (status != TARN_OK) {
        return status;
    }
    uintptr_t base = (address + (IMAGE_ALIGNMENT - 1u)) & ~(uintptr_t)(IMAGE_ALIGNMENT - 1u);
    uint32_t shift = options->granule == 0 ? 3u : highest_bit(options->granule);
    if (address + bytes < address || base < address) {
        return TARN_E_ARGUMENT;
    }
    if ((base & ((UINT32_C(1) << shift) - 1u)) != 0) {
        return TARN_E_MISALIGNED;
    }
    uint32_t lead = (uint32_t)(base - address);
    size_t room = bytes > lead ? bytes - lead : 0;
    size_t limit = options->max_bytes > bytes ? options->max_bytes - lead : room;
    if (room < IMAGE_HEADER_BYTES) {
        return TARN_E_TOO_SMALL;
    }
    if ((uint64_t)limit >> shift > UINT64_C(1) << (IMAGE_SIZE_BITS_MAX + 1u)) {
        return TARN_E_TOO_LARGE;
    }
    p->base = (unsigned char *)base;
    p->end = (uint32_t)(room >> shift);
    status = plan_geometry(p, options, limit >> shift, shift);
    if (status != TARN_OK) {
        return status;
    }
    uint32_t keyed = p->layout & LAYOUT_KEYED_MASK;
    p->key = options->key != 0 ? options->key : block_mix(keyed, p->end, p->first);
    p->layout |= lead << LAYOUT_LEAD;
    p->tail = (uint32_t)(room & ((UINT32_C(1) << shift) - 1u));
    return TARN_OK;
}

static void pool_format(const pool_plan *p, bool zeroed, uint32_t policy)
{
    if (!zeroed) {
        memset(p->base, 0, ((size_t)p->first << layout_shift(p->layout)) - 4u);
    }
    word_store(p->base + 4u * IMAGE_LAYOUT, p->layout);
    word_store(p->base + 4u * IMAGE_KEY, p->key);
    word_store(p->base + 4u * IMAGE_FIRST, p->first);
    word_store(p->base + 4u * IMAGE_END, p->end);
    word_store(p->base + 4u * IMAGE_TALLIES,
               policy << TALLY_POLICY | p->tail << TALLY_TAIL | layout_shift(p->layout) << TALLY_ALIGNMENT);
    if (p->table_words != 0) {
        word_store(p->base + IMAGE_HEADER_BYTES + layout_park_bytes(p->layout), p->table_words);
    }
    if (layout_parks(p->layout)) {
        word_store(p->base + 4u * IMAGE_PARK_LIMIT, p->park);
        tarn_park_format(p->base);
    }
    image im = image_open(p->base);
    if (layout_has_slab(p->layout)) {
        tarn_slab_format(&im, &p->slab);
    }
    image_seal(p->base);
    if (layout_parks(p->layout)) {
        tarn_park_forget(&im);
    }
    account_format(&im);
    if (layout_quarantines(p->layout)) {
        uint32_t most = wait_limit_most(p->layout);
        wait_limit_set(&im, p->quarantine < most ? p->quarantine : most);
    }
    cursor_reset(&im);
    block_set_top(&im, p->first);
    if (layout_fills(p->layout) && !(zeroed && layout_zeroes(p->layout))) {
        tarn_fill_wilderness(&im, NULL);
    }
    if (layout_has_slab(p->layout)) {
        tarn_slab_start(&im);
    }
    word_store_shared(p->base + 4u * IMAGE_MAGIC, IMAGE_MAGIC_VALUE);
}

static const tarn_options default_options;

tarn_status tarn_init_as(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options, uint32_t face,
                         tarn_registration *conflict)
{
    return tarn_init_slab(pool, memory, bytes, options, face, conflict, NULL);
}

tarn_status tarn_init_slab(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options, uint32_t face,
                           tarn_registration *conflict, const slab_plan *slab)
{
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    *pool = NULL;
    if (memory == NULL) {
        return TARN_E_NULL;
    }
    static const slab_plan as_asked;
    pool_plan p;
    p.slab = slab != NULL ? *slab : as_asked;
    options = options != NULL ? options : &default_options;
    tarn_status status = plan_make(&p, (uintptr_t)memory, bytes, options);
    if (status != TARN_OK) {
        return status;
    }
    tarn_pool *handle = (tarn_pool *)memory;
    tarn_registration entry = {handle, bytes, options->name, face};
    bool listed = (options->flags & TARN_POOL_UNREGISTERED) == 0;
    status = listed ? tarn_registry_enter(&entry, &tarn_image_kind, conflict) : TARN_OK;
    if (status == TARN_E_OVERLAP || (status == TARN_E_REGISTRY_FULL && face == TARN_FACE_LITEOS)) {
        return status;
    }
    event_enter(handle, memory, bytes);
    pool_format(&p, (options->flags & TARN_POOL_ZEROED) != 0, options->policy);
    event_leave(handle, memory, bytes);
    *pool = handle;
    event_raise(TARN_EVENT_INIT, TARN_OK, handle, NULL, bytes, 0);
    if (status == TARN_E_REGISTRY_FULL) {
        event_raise(TARN_EVENT_UNLISTED_INIT, status, handle, NULL, bytes, 0);
    }
    return TARN_OK;
}

tarn_status tarn_init_interface(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options,
                                uint32_t interface_word)
{
    bool private_flag = options != NULL && (options->flags & POOL_TELLS_WIDTH) != 0;
    if (interface_word != TARN_INTERFACE || private_flag) {
        if (pool != NULL) {
            *pool = NULL;
        }
        return private_flag ? TARN_E_ARGUMENT : TARN_E_INTERFACE;
    }
    return tarn_init_as(pool, memory, bytes, options, TARN_FACE_NATIVE, NULL);
}

size_t tarn_overhead(size_t bytes, const tarn_options *options)
{
    options = options != NULL ? options : &default_options;
    return (options->flags & POOL_TELLS_WIDTH) == 0 ? tarn_overhead_as(bytes, options) : 0;
}

size_t tarn_overhead_as(size_t bytes, const tarn_options *options)
{
    pool_plan p;
    p.slab.bytes = NULL;
    if (plan_make(&p, 0, bytes, options) != TARN_OK) {
        return 0;
    }
    return (size_t)p.first << layout_shift(p.layout);
}

#endif
