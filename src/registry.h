/* SPDX-License-Identifier: MIT */
/*
 * The registry: which pools exist, in a table outside every image, and what may overlap what.
 *
 * Also the door by which faces make pools: tarn_init_as() is tarn_init() under a face's name and overlap rule.
 */
#ifndef TARN_SRC_REGISTRY_H
#define TARN_SRC_REGISTRY_H

#include "config.h"
#include "slab_plan.h"
#include "tarn/inspect.h"

/* A flag of tarn_options for tarn_init_as() and tarn_overhead_as() alone: every header tells the width of its own size
 * field (width.h), so that a block's size can be read without knowing its pool. Such pools have 2^28 granules at
 * most. */
#define POOL_TELLS_WIDTH (UINT32_C(1) << 31)

/*
 * tarn_init() for a face. TARN_FACE_LITEOS refuses every overlap with a registered pool (TARN_E_OVERLAP, the pool in
 * *conflict if that is not NULL) but one, a range wholly inside one used block, and with TARN_E_REGISTRY_FULL a pool
 * that could not be listed: its overlaps would go unnoticed. Every other face replaces an entry of
 * its own at the same start and overlaps freely. In either case a used block that contains the range is marked, so that
 * freeing it unlists the pool first.
 */
tarn_status tarn_init_as(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options, uint32_t face,
                         tarn_registration *conflict);

/* The same with a slab of this plan in place of tarn_options.slab, which NULL leaves. */
tarn_status tarn_init_slab(tarn_pool **pool, void *memory, size_t bytes, const tarn_options *options, uint32_t face,
                           tarn_registration *conflict, const slab_plan *slab);

/* tarn_overhead() that knows the flags of tarn_init_as(); options is not NULL. */
size_t tarn_overhead_as(size_t bytes, const tarn_options *options);

/* The payload of a block that carries a pool. */
typedef struct carrier {
    const void *start;
    size_t bytes;
} carrier;

/* Sets or clears the mark of the used block of the entry's pool that wholly contains the range. */
typedef tarn_status carrier_marker(const tarn_registration *outer, const void *start, size_t bytes, bool carries,
                                   carrier *found);

/* Ends the pool of an entry whose memory is given back; called with no lock held. */
typedef void registry_ender(const tarn_registration *entry);

/* What only its own code can do with an entry's memory (R1). Passed, because a program must not link the code of pools
 * that it has none of. */
typedef struct registry_kind {
    carrier_marker *mark; /* NULL: the blocks have no mark */
    registry_ender *end;
} registry_kind;

#ifdef TARN_WITH_REGISTRY

/* Enters a pool by the rule of its face: TARN_OK, TARN_E_OVERLAP, or TARN_E_REGISTRY_FULL. Every entry of a face is of
 * one kind. conflict may be NULL. */
tarn_status tarn_registry_enter(const tarn_registration *entry, const registry_kind *kind, tarn_registration *conflict);

/* Copies the entry of a face at this start to *entry; false if there is none. One hold of the lock, so that entries
 * which come and go meanwhile hide none. */
bool tarn_registry_find(uint32_t face, const tarn_pool *pool, tarn_registration *entry);

/* Takes the newest entry of an image at this start off the list; true if there was one. Blocks that carried it and no
 * other pool lose their mark. */
bool tarn_registry_leave(const tarn_pool *pool);

/* tarn_registry_leave() of a buffer of blocks of this face. */
bool tarn_registry_leave_buffer(uint32_t face, const void *start);

/* Notes the new size of a listed pool. */
void tarn_registry_resize(const tarn_pool *pool, size_t bytes);

/* Takes every pool that begins in [start, start + bytes), but not at start if spare is set, off the list and ends it;
 * raises TARN_EVENT_UNLIST for each. */
void tarn_registry_drop_inside(const void *start, size_t bytes, bool spare);

/* Whether a listed pool begins in [start, start + bytes). */
bool tarn_registry_any_inside(const void *start, size_t bytes);

#else

/* A build without: no pool is listed, and so none is found inside another. */
static inline tarn_status tarn_registry_enter(const tarn_registration *entry, const registry_kind *kind,
                                              tarn_registration *conflict)
{
    (void)entry, (void)kind, (void)conflict;
    return TARN_E_REGISTRY_FULL;
}

static inline bool tarn_registry_find(uint32_t face, const tarn_pool *pool, tarn_registration *entry)
{
    (void)face, (void)pool, (void)entry;
    return false;
}

static inline bool tarn_registry_leave(const tarn_pool *pool)
{
    (void)pool;
    return false;
}

static inline bool tarn_registry_leave_buffer(uint32_t face, const void *start)
{
    (void)face, (void)start;
    return false;
}

static inline void tarn_registry_resize(const tarn_pool *pool, size_t bytes)
{
    (void)pool, (void)bytes;
}

static inline void tarn_registry_drop_inside(const void *start, size_t bytes, bool spare)
{
    (void)start, (void)bytes, (void)spare;
}

static inline bool tarn_registry_any_inside(const void *start, size_t bytes)
{
    (void)start, (void)bytes;
    return false;
}

#endif

/* Another number each time, not 0 within the first 2^32: the key of a pool that is made where one like it may have
 * been. */
uint32_t tarn_registry_serial(void);

/* The kind of pools, and its parts (pool_ask.c, lifecycle.c). */
extern const registry_kind tarn_image_kind;
carrier_marker tarn_carrier_mark;
registry_ender tarn_pool_void;

#endif
