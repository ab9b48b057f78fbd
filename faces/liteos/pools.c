/* SPDX-License-Identifier: MIT */
/*
 * Pools come and go: LOS_MemInit(), LOS_MemDeInit().
 */
#define TARN_LMS_KEEP_NAMES
#include "face.h"
#include "los_lms.h"
#include "record.h"
#include "text.h"

static VOID say_conflict(const VOID *pool, UINTPTR size, const tarn_registration *other)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] ");
    tarn_liteos_put_range(&text, pool, size);
    tarn_liteos_put(&text, " conflict with ");
    tarn_liteos_put_range(&text, other->pool, other->bytes);
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
}

/* A choice of the program that this library cannot follow; LiteOS has no such case and no text for it. */
static VOID say_impossible(tarn_status status)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] LOS_MemInit: ");
    tarn_liteos_put(&text, tarn_status_text(status));
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
}

/* An unlisted pool would be overlapped and listed by nobody, so there is none. LiteOS has no such limit. */
static VOID say_full(VOID)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] LOS_MemInit: ");
    tarn_liteos_put(&text, tarn_status_text(TARN_E_REGISTRY_FULL));
    tarn_liteos_put(&text, ", TARN_REGISTRY_CAPACITY is ");
    tarn_liteos_put_number(&text, TARN_REGISTRY_CAPACITY, 0);
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
}

static VOID say_lost_blocks(const VOID *pool, UINT32 blocks)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[WARN] pool ");
    put_address(&text, pool);
    tarn_liteos_put(&text, " deleted with ");
    tarn_liteos_put_number(&text, blocks, 0);
    tarn_liteos_put(&text, " blocks in use\n");
    tarn_liteos_put_end(&text);
}

/* Memboxes are no reason to refuse a pool: the original knows of none, and they may be there no longer. */
static bool refused_for_boxes(tarn_status status, const VOID *pool, UINTPTR size, const tarn_registration *other)
{
    if (status == TARN_E_OVERLAP && other->face == TARN_FACE_MEMBOX) {
        return tarn_liteos_box_gives_way(pool, size);
    }
    return status == TARN_E_REGISTRY_FULL && tarn_liteos_oldest_box_gives_way();
}

static tarn_status make_over_boxes(tarn_pool **handle, VOID *pool, UINTPTR size, const tarn_options *options,
                                   tarn_registration *other, const slab_plan *slab)
{
    tarn_status status;
    do {
        status = tarn_init_slab(handle, pool, size, options, TARN_FACE_LITEOS, other, slab);
    } while (refused_for_boxes(status, pool, size, other));
    return status;
}

UINT32 tarn_liteos_pool_make(VOID *pool, UINTPTR size, UINT32 flags)
{
    tarn_options options = {0};
    tarn_pool *handle = NULL;
    tarn_registration other = {0};
    tarn_status status;
    if (TARN_ON(LOSCFG_MEM_RECORDINFO)) {
        tarn_liteos_record_start();
    }
    options.engine = tarn_liteos_engine();
    options.granule = NODE_GRANULE;
    options.extension_words = tarn_liteos_words();
    options.recognition = tarn_liteos_recognition();
    options.flags = flags;
    const struct tarn_liteos_backup *backup = tarn_liteos_backup();
    if (backup != NULL) {
        options.flags |= TARN_POOL_BACKUP;
        options.policy = TARN_POLICY_REPAIR;
        backup->begin();
    }
    liteos_slab slab;
    bool paged = tarn_liteos_slab_plan(size, &slab);
    options.recognition = paged ? TARN_RECOGNISE_AUTO : options.recognition;
    status = make_over_boxes(&handle, pool, size, &options, &other, paged ? &slab.plan : NULL);
    if (paged && (status == TARN_E_TOO_SMALL || status == TARN_E_TOO_LARGE || status == TARN_E_UNAVAILABLE)) {
        paged = false; /* that there is no slab is no failure */
        options.recognition = tarn_liteos_recognition();
        status = make_over_boxes(&handle, pool, size, &options, &other, NULL);
    }
    if (paged && status == TARN_OK) {
        tarn_liteos_slab_made(handle, &slab);
    }
    if (status == TARN_E_OVERLAP) {
        say_conflict(pool, size, &other);
    } else if (status == TARN_E_REGISTRY_FULL) {
        say_full();
    } else if (status == TARN_E_ENGINE || status == TARN_E_ARGUMENT) {
        say_impossible(status);
    }
    if (TARN_ON(LOSCFG_KERNEL_LMS) && status == TARN_OK) {
        (void)LOS_LmsCheckPoolAdd(handle, (UINT32)size);
    }
    return status == TARN_OK ? LOS_OK : LOS_NOK;
}

UINT32 LOS_MemInit(VOID *pool, UINT32 size)
{
    (void)tarn_liteos_system(); /* the first pool of every list, as LiteOS starts it before any other */
    if (pool == NULL || size >= SIZE_LIMIT) {
        return LOS_NOK;
    }
    UINT32 result = tarn_liteos_pool_make(pool, size, 0);
    if (result == LOS_OK && (((UINTPTR)pool | size) & (sizeof(VOID *) - 1u)) != 0) {
        tarn_liteos_say_misaligned(pool, size);
    }
    return result;
}

static bool is_listed(const VOID *pool, tarn_registration *entry)
{
    for (UINT32 i = 0; tarn_registered(TARN_FACE_LITEOS, i, entry); i++) {
        if (entry->pool == const_pool_of(pool)) {
            return true;
        }
    }
    return false;
}

/* A listed pool whose header something else has overwritten: its entry is left to delete, and the pools inside. */
static UINT32 delete_entry(VOID *pool)
{
    tarn_registration entry;
    if (!is_listed(pool, &entry) || !tarn_registry_leave(pool_of(pool))) {
        return LOS_NOK;
    }
    tarn_registry_drop_inside(pool, entry.bytes, true);
    return LOS_OK;
}

UINT32 LOS_MemDeInit(VOID *pool)
{
    tarn_stats stats;
    UINT32 left = counts_of(pool, &stats) ? tarn_liteos_blocks_left(pool, &stats) : 0;
    if (tarn_deinit(pool_of(pool)) != TARN_OK) {
        return delete_entry(pool);
    }
    if (left != 0) {
        say_lost_blocks(pool, left);
    }
    return LOS_OK;
}
