/* SPDX-License-Identifier: MIT */
/*
 * How pools begin in a build for plain pools alone (TARN_ONLY_PLAIN): the plan of init.c for the one shape that there
 * is. The image is the one that init.c makes.
 *
 * S1 Every option that is not this shape's is refused, TARN_E_UNAVAILABLE, before a byte is written.
 * Bound: clears the control data.
 */
#include "config.h"

#ifdef TARN_SRC_SMALL

#include "access.h"
#include "registry.h"

/* What a pool is to be. */
typedef struct plan {
    uint32_t layout;
    uint32_t first;
    uint32_t end;
    uint32_t key;
    uint32_t park; /* granules of a list of parked blocks; 0: there are none */
} plan;

static bool options_fit(const tarn_options *o)
{
    uint32_t flags = TARN_POOL_UNLOCKED | TARN_POOL_UNREGISTERED | TARN_POOL_ZEROED;
    uint32_t park = LAYOUT_PARKS_MASK != 0 ? 0 : o->park;
    bool engine = o->engine == TARN_ENGINE_DEFAULT || o->engine == ONLY_ENGINE;
    return engine && (o->granule & ~8u) == 0 && o->recognition <= TARN_RECOGNISE_KEYED &&
           ((o->flags & ~flags) | o->extension_words | o->modules | o->policy | o->quarantine | o->slab | park) == 0;
}

/* Every offset is below 2^16, and so is every size. */
static uint32_t size_bits_for(uint32_t end)
{
    uint32_t bits = highest_bit(end - IMAGE_HEADER_BYTES / 8u) + 1u;
    return bits < IMAGE_SIZE_BITS_MIN ? IMAGE_SIZE_BITS_MIN : bits;
}

static tarn_status plan_make(plan *p, size_t bytes, const tarn_options *o)
{
    size_t most = bytes;
    uint32_t unlocked = 0;
    p->key = 0;
    p->park = 0;
    if (o != NULL) {
        if (!options_fit(o)) {
            return TARN_E_UNAVAILABLE;
        }
        most = o->max_bytes > bytes ? o->max_bytes : bytes;
        unlocked = o->flags & TARN_POOL_UNLOCKED;
        p->key = o->key;
        p->park = o->park;
    }
    if (most >> 3 > UINT16_MAX) {
        return TARN_E_TOO_LARGE;
    }
    p->end = (uint32_t)bytes >> 3;
    if (p->end <= IMAGE_HEADER_BYTES / 8u) {
        return TARN_E_TOO_SMALL;
    }
    uint32_t size_bits = size_bits_for((uint32_t)most >> 3);
    p->park = LAYOUT_PARKS_MASK != 0 ? park_limit(p->park, p->end, 3) : 0;
    p->layout = PLAIN_LAYOUT | (ONLY_ENGINE - 1u) << LAYOUT_ENGINE | (IMAGE_SIZE_BITS_MAX - size_bits) << LAYOUT_CHECK |
                unlocked << LAYOUT_UNLOCKED | (p->park != 0 ? LAYOUT_PARKS_MASK : 0);
    uint32_t control = IMAGE_HEADER_BYTES + layout_park_bytes(p->layout) + 4u;
    p->first = (control + engine_of_layout(p->layout)->index_bytes(size_bits) + 7u) >> 3;
    if (p->key == 0) {
        p->key = block_mix(p->layout & LAYOUT_KEYED_MASK, p->end, p->first);
    }
    return p->first + layout_minimum(p->layout) > p->end ? TARN_E_TOO_SMALL : TARN_OK;
}

static void pool_format(unsigned char *base, size_t bytes, const plan *p)
{
    memset(base, 0, 8u * (size_t)p->first - 4u);
    word_store(base + 4u * IMAGE_LAYOUT, p->layout);
    word_store(base + 4u * IMAGE_KEY, p->key);
    word_store(base + 4u * IMAGE_FIRST, p->first);
    word_store(base + 4u * IMAGE_END, p->end);
    word_store(base + 4u * IMAGE_TALLIES, (uint32_t)(bytes & 7u) << TALLY_TAIL | 3u << TALLY_ALIGNMENT);
    image im = image_open(base);
    if (layout_parks(p->layout)) {
        word_store(base + 4u * IMAGE_PARK_LIMIT, p->park);
        tarn_park_format(base);
        tarn_park_forget(&im);
    }
    image_set(&im, IMAGE_SEAL, image_seal_of(&im, p->end, p->park));
    block_set_top(&im, p->first);
    word_store_shared(base + 4u * IMAGE_MAGIC, IMAGE_MAGIC_VALUE);
}

static tarn_status pool_make(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options)
{
    plan p;
    if (pool == NULL) {
        return TARN_E_NULL;
    }
    *pool = NULL;
    uintptr_t address = (uintptr_t)memory;
    if (memory == NULL) {
        return TARN_E_NULL;
    }
    if (address + bytes < address) {
        return TARN_E_ARGUMENT;
    }
    if ((address & (IMAGE_ALIGNMENT - 1u)) != 0) {
        return TARN_E_MISALIGNED;
    }
    tarn_status status = plan_make(&p, bytes, options);
    if (status == TARN_OK) {
        pool_format((unsigned char *)memory, bytes, &p);
        *pool = (tarn_pool *)memory;
    }
    return status;
}

tarn_status tarn_init_slab(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options, uint32_t face,
                           tarn_registration *conflict, const slab_plan *slab)
{
    (void)face, (void)conflict;
    if (slab == NULL) {
        return pool_make(pool, memory, bytes, options);
    }
    if (pool != NULL) {
        *pool = NULL;
    }
    return TARN_E_UNAVAILABLE;
}

tarn_status tarn_init_as(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options, uint32_t face,
                         tarn_registration *conflict)
{
    (void)face, (void)conflict;
    return pool_make(pool, memory, bytes, options);
}

tarn_status tarn_init_interface(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options,
                                uint32_t interface_word)
{
    if (interface_word != TARN_INTERFACE) {
        if (pool != NULL) {
            *pool = NULL;
        }
        return TARN_E_INTERFACE;
    }
    return pool_make(pool, memory, bytes, options);
}

size_t tarn_overhead_as(size_t bytes, const tarn_options *options)
{
    plan p;
    return plan_make(&p, bytes, options) == TARN_OK ? 8u * (size_t)p.first : 0;
}

size_t tarn_overhead(size_t bytes, const tarn_options *options)
{
    return tarn_overhead_as(bytes, options);
}

#endif
