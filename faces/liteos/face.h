/* SPDX-License-Identifier: MIT */
/*
 * What the files of the LiteOS face share: reading a pool's state in LiteOS terms, and text on its way to the port.
 *
 * F1: H, the header of a node, is what tarn keeps of a block, in front of it and behind: header, words, copy.
 * F2: the end node is counted as one used node of H bytes, so used(LiteOS) = used(tarn) + H.
 * F3: size - used - free is constant for a pool's life: bytes and capacity never change, and used + free = capacity.
 */
#ifndef TARN_FACE_LITEOS_H
#define TARN_FACE_LITEOS_H

#include "los_memory.h"
#include "los_memory_pri.h"
#include "los_memstat_pri.h"
#include "los_slab.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"
#include "tarn/port.h"

#include "config.h"
#include "events.h"
#include "image.h"
#include "registry.h"
#include "slab_plan.h"
#include "view.h"

/* Requests and pools from here on are refused: LiteOS keeps two flags in the upper bits of a size. */
#define SIZE_LIMIT 0x40000000u

/* Of every LiteOS pool: what sizes are rounded up to, and blocks aligned to. */
#define NODE_GRANULE 8u

/* The two halves of an owner word, which TARN_OWNER() puts together. */
static inline UINT32 owner_task(UINT32 owner)
{
    return owner & TARN_TASK_NONE;
}

static inline UINT32 owner_module(UINT32 owner)
{
    return owner >> 20;
}

static inline tarn_pool *pool_of(VOID *pool)
{
    return (tarn_pool *)pool;
}

static inline const tarn_pool *const_pool_of(const VOID *pool)
{
    return (const tarn_pool *)pool;
}

/* Walks give offsets from the image's first byte. */
static inline UINTPTR image_address(const VOID *pool)
{
    return (UINTPTR)image_base(const_pool_of(pool));
}

/* What LiteOS calls the size of the pool: whole pointer-size units of [pool, pool + bytes). */
static inline UINT32 reported_size(const VOID *pool, uint64_t bytes)
{
    UINTPTR unit = sizeof(VOID *);
    UINTPTR start = ((UINTPTR)pool + unit - 1u) & ~(unit - 1u);
    UINTPTR end = ((UINTPTR)pool + (UINTPTR)bytes) & ~(unit - 1u);
    return (UINT32)(end - start);
}

/* Everything but the largest free node, in constant time. */
static inline bool counts_of(const VOID *pool, tarn_stats *stats)
{
    return tarn_counts_get(const_pool_of(pool), stats) == TARN_OK;
}

/* F1 */
static inline UINT32 node_head(const tarn_stats *stats)
{
    return stats->overhead + stats->tail;
}

/* The used block that begins at ptr; false if there is none. */
static inline bool block_of(const VOID *pool, const VOID *ptr, tarn_block *block)
{
    return tarn_recognise(const_pool_of(pool), ptr) == TARN_OK &&
           tarn_block_at(const_pool_of(pool), ptr, block) == TARN_OK;
}

/* settings.c: what is in force, no field of it meaning "as configured" any more. */
UINT32 tarn_liteos_words(VOID);
bool tarn_liteos_has_waterline_column(VOID);
bool tarn_liteos_reports_exhaustion(VOID);
bool tarn_liteos_reports_refusals(VOID);
bool tarn_liteos_checks_each_alloc(VOID);
const struct tarn_liteos_backup *tarn_liteos_backup(VOID);
UINT32 tarn_liteos_engine(VOID);
UINT32 tarn_liteos_recognition(VOID);
UINT32 tarn_liteos_slab(VOID);
UINT32 tarn_liteos_query_failure(VOID);
UINT32 tarn_liteos_task_limit(VOID);
UINTPTR tarn_liteos_system_bytes(VOID);
VOID *tarn_liteos_system_memory(VOID);

/* memory.c: the functions on blocks, for whoever returns to caller. */
VOID *tarn_liteos_alloc(VOID *pool, UINT32 size, const VOID *caller);
VOID *tarn_liteos_alloc_align(VOID *pool, UINT32 size, UINT32 boundary, const VOID *caller);
VOID *tarn_liteos_realloc(VOID *pool, VOID *ptr, UINT32 size, const VOID *caller);
UINT32 tarn_liteos_free(VOID *pool, VOID *ptr, const VOID *caller);

/* pools.c: LOS_MemInit() without its limit of size, and with the flags of tarn_options. */
UINT32 tarn_liteos_pool_make(VOID *pool, UINTPTR size, UINT32 flags);

/* slab_sizes.c: what the slab of a pool of this size is to be; false if it has none. What LOS_SlabSizeCfg() has set is
 * used up then. Then what the pool has besides, once it is made; and how many blocks of a pool the program has. */
typedef struct liteos_slab {
    slab_plan plan;
    uint32_t objects[SLAB_MEM_COUNT];
} liteos_slab;
bool tarn_liteos_slab_plan(UINTPTR size, liteos_slab *slab);
VOID tarn_liteos_slab_made(tarn_pool *pool, const liteos_slab *slab);
UINT32 tarn_liteos_blocks_left(const VOID *pool, const tarn_stats *stats);

/* host.c: fresh memory that reads as zero, NULL if there is none or nobody to ask; and the size that the environment
 * asks for, 0 if none or, after a message, an unusable one. */
VOID *tarn_liteos_map(UINTPTR bytes);
UINTPTR tarn_liteos_environment_bytes(VOID);

/* sections.c: sizes of text, data, rodata and bss; false where the linker script does not tell. */
bool tarn_liteos_sections(UINTPTR sizes[4]);

/* check.c: prints what is wrong with a damaged pool; true if something is. */
bool tarn_liteos_check_failed(const VOID *pool, const CHAR *caller, INT32 line);

/* head_backup.c: what pools with copies of their nodes' heads need, reached through the setting alone. */
struct tarn_liteos_backup {
    VOID (*begin)(VOID); /* has damage told, and then repaired */
    tarn_status (*repair)(tarn_pool *pool, tarn_finding *finding);
    VOID (*say_wild)(const VOID *pool, const VOID *ptr); /* of a refused pointer, the node that it leads into */
};

/* list.c: the messages about pools that several functions give. */
VOID tarn_liteos_say_wrong_pool(const VOID *pool, INT32 line);

/* say.c: the message about a start that is not aligned, and why a call was refused; ptr NULL: none is concerned. */
VOID tarn_liteos_say_misaligned(const VOID *pool, UINT32 size);
VOID tarn_liteos_say_refused(const CHAR *function, const VOID *pool, const VOID *ptr, tarn_status status);

/* membox_list.c: takes one membox off the list that something made in [start, start + bytes) overruns, or the one that
 * was made first; false if there is none. */
bool tarn_liteos_box_gives_way(const VOID *start, UINTPTR bytes);
bool tarn_liteos_oldest_box_gives_way(VOID);

#endif
