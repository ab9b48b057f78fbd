/* SPDX-License-Identifier: MIT */
/*
 * Blocks: LOS_MemAlloc(), LOS_MemAllocAlign(), LOS_MemRealloc(), LOS_MemFree(). What LiteOS refuses and the core would
 * serve (size 0, sizes with a flag bit) is refused here; everything about pointers is the core's.
 */
#include "called.h"
#include "face.h"
#include "text.h"

MALLOC_HOOK g_MALLOC_HOOK;

static bool legal(const VOID *pool, UINT32 size)
{
    return pool != NULL && size != 0 && size < SIZE_LIMIT;
}

static VOID say_no_room_linear(UINT32 size)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] there's not enough whole to alloc ");
    tarn_liteos_put_hex(&text, size, 0);
    tarn_liteos_put(&text, " Bytes!\n");
    tarn_liteos_put_end(&text);
}

static VOID say_no_room_debug(const VOID *pool, UINT32 node_size, const CHAR *caller)
{
    static const CHAR dashes[] = "[ERR] ----------------------------------------------------"
                                 "-------------------------------------------------------\n";
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, dashes);
    tarn_liteos_put_end(&text);
    OsMemInfoPrint(pool);
    tarn_liteos_put(&text, "[ERR] [");
    tarn_liteos_put(&text, caller);
    tarn_liteos_put(&text, "] No suitable free block, require free node size: ");
    tarn_liteos_put_hex(&text, node_size, 0);
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put(&text, dashes);
    tarn_liteos_put_end(&text);
}

/* Every refusal for want of room passes here; says what LiteOS's algorithm of the pool says. */
static VOID *no_room(const VOID *pool, UINT32 size, const CHAR *caller)
{
    tarn_stats stats;
    if (counts_of(pool, &stats)) {
        if (tarn_liteos_reports_exhaustion()) {
            say_no_room_debug(pool, ((size + NODE_GRANULE - 1u) & ~(NODE_GRANULE - 1u)) + node_head(&stats), caller);
        } else if (stats.engine == TARN_ENGINE_LINEAR) {
            say_no_room_linear(size);
        }
    }
    return NULL;
}

/* True if the option to check the pool at each allocation is on and finds damage, which copies do not repair. */
static bool refused_by_check(VOID *pool, const CHAR *caller, INT32 line)
{
    const struct tarn_liteos_backup *backup = tarn_liteos_backup();
    return tarn_liteos_checks_each_alloc() && tarn_liteos_check_failed(pool, caller, line) &&
           !(backup != NULL && backup->repair(pool_of(pool), NULL) == TARN_OK);
}

VOID *tarn_liteos_alloc(VOID *pool, UINT32 size, const VOID *caller)
{
    if (!legal(pool, size)) {
        return NULL;
    }
    MALLOC_HOOK hook = g_MALLOC_HOOK;
    if (hook != NULL) {
        hook();
    }
    if (refused_by_check(pool, "LOS_MemAlloc", __LINE__)) {
        return NULL;
    }
    VOID *block = tarn_alloc_called(pool_of(pool), size, 1, NULL, caller);
    return block != NULL ? block : no_room(pool, size, "LOS_MemAlloc");
}

PUBLIC_ENTRY VOID *LOS_MemAlloc(VOID *pool, UINT32 size)
{
    return tarn_liteos_alloc(pool, size, caller_here());
}

VOID *tarn_liteos_alloc_align(VOID *pool, UINT32 size, UINT32 boundary, const VOID *caller)
{
    bool power_of_two = boundary != 0 && (boundary & (boundary - 1u)) == 0;
    if (!legal(pool, size) || !power_of_two || boundary >= SIZE_LIMIT || size >= SIZE_LIMIT - boundary) {
        return NULL;
    }
    if (refused_by_check(pool, "LOS_MemAllocAlign", __LINE__)) {
        return NULL;
    }
    boundary = boundary < NODE_GRANULE ? NODE_GRANULE : boundary; /* never from a slab */
    VOID *block = tarn_alloc_called(pool_of(pool), size, boundary, NULL, caller);
    return block != NULL ? block : no_room(pool, size, "LOS_MemAllocAlign");
}

PUBLIC_ENTRY VOID *LOS_MemAllocAlign(VOID *pool, UINT32 size, UINT32 boundary)
{
    return tarn_liteos_alloc_align(pool, size, boundary, caller_here());
}

static bool is_linear(const VOID *pool)
{
    tarn_stats stats;
    return counts_of(pool, &stats) && stats.engine == TARN_ENGINE_LINEAR;
}

/* bestfit_little's message; bestfit has none. To the core, the pool's control data is foreign too. */
static VOID say_foreign(const VOID *pool, const VOID *ptr)
{
    bool outside = (UINTPTR)ptr - (UINTPTR)pool >= LOS_MemPoolSizeGet(pool);
    if (outside && is_linear(pool)) {
        tarn_liteos_text text;
        text_begin(&text);
        tarn_liteos_put(&text, "[ERR] ");
        put_address(&text, ptr);
        tarn_liteos_put(&text, " out of range!\n");
        tarn_liteos_put_end(&text);
    }
}

UINT32 tarn_liteos_free(VOID *pool, VOID *ptr, const VOID *caller)
{
    tarn_status status = tarn_free_called(pool_of(pool), ptr, caller);
    const struct tarn_liteos_backup *backup = status == TARN_E_NOT_A_BLOCK ? tarn_liteos_backup() : NULL;
    if (backup != NULL) {
        backup->say_wild(pool, ptr);
    }
    if (status != TARN_OK && tarn_liteos_reports_refusals()) {
        tarn_liteos_say_refused("LOS_MemFree", pool, ptr, status);
    } else if (status == TARN_E_FOREIGN) {
        say_foreign(pool, ptr);
    }
    return status == TARN_OK ? LOS_OK : LOS_NOK;
}

PUBLIC_ENTRY UINT32 LOS_MemFree(VOID *pool, VOID *ptr)
{
    return tarn_liteos_free(pool, ptr, caller_here());
}

static VOID free_by_realloc(VOID *pool, VOID *ptr, const VOID *caller)
{
    if (tarn_liteos_free(pool, ptr, caller) != LOS_OK && is_linear(pool)) {
        tarn_liteos_text text;
        text_begin(&text);
        tarn_liteos_put(&text, "[ERR] LOS_MemRealloc, ");
        tarn_liteos_put_number(&text, __LINE__, 0);
        tarn_liteos_put(&text, "\n");
        tarn_liteos_put_end(&text);
    }
}

static VOID say_carries_pool(const VOID *ptr)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] node[");
    put_address(&text, ptr);
    tarn_liteos_put(&text, "] carries a pool and cannot be moved\n");
    tarn_liteos_put_end(&text);
}

static bool carries_pool(const VOID *pool, const VOID *ptr)
{
    tarn_block block;
    return block_of(pool, ptr, &block) && block.state == TARN_BLOCK_CARRIES_POOL;
}

/* LiteOS checks where the block moves. Whether it will, only the core can tell, and only by doing it; so whatever asks
 * for more than the block holds counts as an allocation here. */
static bool growth_refused_by_check(VOID *pool, const VOID *ptr, UINT32 size)
{
    return tarn_liteos_checks_each_alloc() && size > tarn_usable(const_pool_of(pool), ptr) &&
           refused_by_check(pool, "LOS_MemRealloc", __LINE__);
}

VOID *tarn_liteos_realloc(VOID *pool, VOID *ptr, UINT32 size, const VOID *caller)
{
    tarn_block kept;
    if (pool == NULL || size >= SIZE_LIMIT) {
        return NULL;
    }
    if (ptr == NULL) {
        return tarn_liteos_alloc(pool, size, caller);
    }
    if (size == 0) {
        free_by_realloc(pool, ptr, caller);
        return NULL;
    }
    if (growth_refused_by_check(pool, ptr, size)) {
        return NULL;
    }
    VOID *block = tarn_realloc_called(pool_of(pool), ptr, size, 1, caller);
    while (block == NULL && carries_pool(pool, ptr) &&
           tarn_liteos_box_gives_way(ptr, tarn_usable(const_pool_of(pool), ptr))) {
        block = tarn_realloc_called(pool_of(pool), ptr, size, 1, caller);
    }
    if (block == NULL && block_of(pool, ptr, &kept)) {
        if (kept.state == TARN_BLOCK_CARRIES_POOL) {
            say_carries_pool(ptr);
            return NULL;
        }
        return no_room(pool, size, "LOS_MemRealloc");
    }
    return block;
}

PUBLIC_ENTRY VOID *LOS_MemRealloc(VOID *pool, VOID *ptr, UINT32 size)
{
    return tarn_liteos_realloc(pool, ptr, size, caller_here());
}
