/* SPDX-License-Identifier: MIT */
/*
 * Bytes per module: LOS_MemMalloc() and relatives. The module of a block is in its owner word; the count per module
 * is one table for all pools, under the port's lock.
 *
 * F5: a block's bytes are added to one count when it gets its module, and taken from that same count when it goes or
 * changes module through this file. A count never falls below zero, whatever else frees the block.
 */
#include "called.h"
#include "face.h"
#include "text.h"

static UINT32 used_bytes[MEM_MODULE_MAX + 1];

static bool known_module(UINT32 moduleId)
{
    if (moduleId <= MEM_MODULE_MAX) {
        return true;
    }
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] error module ID input!\n");
    tarn_liteos_put_end(&text);
    return false;
}

static VOID count_more(UINT32 module, uint64_t bytes)
{
    uintptr_t state = tarn_port_lock(used_bytes);
    used_bytes[module] += (UINT32)bytes;
    tarn_port_unlock(used_bytes, state);
}

static VOID count_less(UINT32 module, uint64_t bytes)
{
    uintptr_t state = tarn_port_lock(used_bytes);
    used_bytes[module] -= bytes < used_bytes[module] ? (UINT32)bytes : used_bytes[module];
    tarn_port_unlock(used_bytes, state);
}

static bool mark_module(VOID *pool, VOID *ptr, const tarn_block *block, UINT32 moduleId)
{
    UINT32 owner = TARN_OWNER(moduleId, owner_task(block->owner));
    return tarn_owner_replace(pool_of(pool), ptr, block->owner, owner) == TARN_OK;
}

/* The block is the caller's alone, so nothing changes between the look and the mark but, once, its task: deleted. */
static VOID *give_to_module(VOID *pool, VOID *ptr, UINT32 moduleId)
{
    tarn_block block;
    if (ptr != NULL && block_of(pool, ptr, &block)) {
        if (!mark_module(pool, ptr, &block, moduleId) && block_of(pool, ptr, &block)) {
            (void)mark_module(pool, ptr, &block, moduleId);
        }
        count_more(moduleId, block.size);
    }
    return ptr;
}

static VOID *alloc_for(VOID *pool, UINT32 size, UINT32 moduleId, const VOID *caller)
{
    return known_module(moduleId) ? give_to_module(pool, tarn_liteos_alloc(pool, size, caller), moduleId) : NULL;
}

PUBLIC_ENTRY VOID *LOS_MemMalloc(VOID *pool, UINT32 size, UINT32 moduleId)
{
    return alloc_for(pool, size, moduleId, caller_here());
}

PUBLIC_ENTRY VOID *LOS_MemMallocAlign(VOID *pool, UINT32 size, UINT32 boundary, UINT32 moduleId)
{
    const VOID *caller = caller_here();
    return known_module(moduleId)
               ? give_to_module(pool, tarn_liteos_alloc_align(pool, size, boundary, caller), moduleId)
               : NULL;
}

/* The module that the block counts for: the one in its owner word; the caller's word where there is none. */
static UINT32 module_of(const VOID *pool, const tarn_block *block, UINT32 moduleId)
{
    tarn_stats stats;
    UINT32 module = owner_module(block->owner);
    return counts_of(pool, &stats) && stats.extension_words != 0 && module <= MEM_MODULE_MAX ? module : moduleId;
}

/* The id that LOS_MemTaskIdGet() answers, also for a block that no task asked for. */
static UINT32 shown_task(const tarn_block *block)
{
    UINT32 task = owner_task(block->owner);
    return task == TARN_TASK_NONE ? tarn_liteos_task_limit() : task;
}

static VOID say_other_module(bool freeing, const VOID *ptr, const tarn_block *block, UINT32 moduleId)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, freeing ? "[ERR] node[" : "[ERR] a node[");
    put_address(&text, ptr);
    tarn_liteos_put(&text, "] alloced in module ");
    tarn_liteos_put_number(&text, owner_module(block->owner), 0);
    tarn_liteos_put(&text, freeing ? ", but free in module " : ", but realloc in module ");
    tarn_liteos_put_number(&text, moduleId, 0);
    tarn_liteos_put(&text, "\n node's taskId: ");
    if (freeing) {
        tarn_liteos_put_hex(&text, shown_task(block), 0);
    } else {
        tarn_liteos_put_number(&text, shown_task(block), 0);
    }
    tarn_liteos_put(&text, "\n");
    tarn_liteos_put_end(&text);
}

static UINT32 free_from(VOID *pool, VOID *ptr, UINT32 moduleId, const VOID *caller)
{
    tarn_block block;
    if (!known_module(moduleId) || !block_of(pool, ptr, &block)) {
        return LOS_NOK;
    }
    UINT32 holder = module_of(pool, &block, moduleId);
    if (holder != moduleId) {
        say_other_module(true, ptr, &block, moduleId);
    }
    if (tarn_liteos_free(pool, ptr, caller) != LOS_OK) {
        return LOS_NOK;
    }
    count_less(holder, block.size);
    return LOS_OK;
}

PUBLIC_ENTRY UINT32 LOS_MemMfree(VOID *pool, VOID *ptr, UINT32 moduleId)
{
    return free_from(pool, ptr, moduleId, caller_here());
}

PUBLIC_ENTRY VOID *LOS_MemMrealloc(VOID *pool, VOID *ptr, UINT32 size, UINT32 moduleId)
{
    const VOID *caller = caller_here();
    tarn_block block;
    if (!known_module(moduleId)) {
        return NULL;
    }
    if (ptr == NULL) {
        return alloc_for(pool, size, moduleId, caller);
    }
    if (size == 0) {
        (VOID) free_from(pool, ptr, moduleId, caller);
        return NULL;
    }
    if (!block_of(pool, ptr, &block)) {
        return NULL;
    }
    UINT32 holder = module_of(pool, &block, moduleId);
    if (holder != moduleId) {
        say_other_module(false, ptr, &block, moduleId);
    }
    VOID *moved = tarn_liteos_realloc(pool, ptr, size, caller);
    if (moved != NULL) {
        count_less(holder, block.size);
        (void)give_to_module(pool, moved, moduleId);
    }
    return moved;
}

UINT32 LOS_MemMusedGet(UINT32 moduleId)
{
    if (!known_module(moduleId)) {
        return OS_NULL_INT;
    }
    uintptr_t state = tarn_port_lock(used_bytes);
    UINT32 bytes = used_bytes[moduleId];
    tarn_port_unlock(used_bytes, state);
    return bytes;
}
