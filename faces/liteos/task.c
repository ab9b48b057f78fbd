/* SPDX-License-Identifier: MIT */
/*
 * Which task holds what. Nothing is counted while the program runs: the owner word of each block names its task, and
 * who asks walks the blocks. The port's tags are the ids; from the task limit on they mean code that is no task.
 */
#include "called.h"
#include "face.h"
#include "text.h"

static UINT32 slot_of(UINT32 task)
{
    UINT32 limit = tarn_liteos_task_limit();
    return task < limit ? task : limit;
}

static VOID say_out_of_range(const VOID *ptr)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] input ptr ");
    put_address(&text, ptr);
    tarn_liteos_put(&text, " is out of system memory range[");
    put_address(&text, tarn_liteos_system());
    tarn_liteos_put(&text, ", ");
    tarn_liteos_put_hex(&text, g_sys_mem_addr_end, 0);
    tarn_liteos_put(&text, "]\n");
    tarn_liteos_put_end(&text);
}

static VOID say_free_node(const VOID *ptr)
{
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "[ERR] input ptr ");
    put_address(&text, ptr);
    tarn_liteos_put(&text, " is belong to a free mem node\n");
    tarn_liteos_put_end(&text);
}

/* The smallest registered LiteOS pool around ptr that is larger than `above`; pools that contain an address nest, so
 * their sizes differ. */
static bool next_pool_around(const VOID *ptr, size_t above, tarn_registration *found)
{
    tarn_registration entry;
    bool any = false;
    for (UINT32 i = 0; tarn_registered(TARN_FACE_LITEOS, i, &entry); i++) {
        bool around = (UINTPTR)ptr - (UINTPTR)entry.pool < entry.bytes;
        if (around && entry.bytes > above && (!any || entry.bytes < found->bytes)) {
            *found = entry;
            any = true;
        }
    }
    return any;
}

/* An address in a pool's control data lies in no block of it, but in the block of the outer pool that carries it.
 * *holder begins all zero: smaller than any pool. */
static bool innermost_block(const VOID *ptr, tarn_block *block, tarn_registration *holder)
{
    while (next_pool_around(ptr, holder->bytes, holder)) {
        if (tarn_block_at(holder->pool, ptr, block) == TARN_OK) {
            return true;
        }
    }
    return false;
}

UINT32 LOS_MemTaskIdGet(const VOID *ptr)
{
    tarn_block block;
    tarn_registration holder = {0};
    tarn_stats stats;
    if (ptr == NULL || !innermost_block(ptr, &block, &holder) || !counts_of(holder.pool, &stats)) {
        say_out_of_range(ptr);
        return OS_INVALID;
    }
    if (block.state == TARN_BLOCK_FREE) {
        say_free_node(ptr);
        return OS_INVALID;
    }
    UINT32 task = owner_task(block.owner);
    if (stats.extension_words == 0) {
        return 0;
    }
    return task == TARN_TASK_NONE ? tarn_liteos_task_limit() : task;
}

typedef struct task_sum {
    UINT32 slot;
    UINT32 bytes;
} task_sum;

static bool add_if_of_task(const tarn_block *block, void *context)
{
    task_sum *sum = (task_sum *)context;
    if (tarn_block_owned(block) && slot_of(owner_task(block->owner)) == sum->slot) {
        sum->bytes += (UINT32)block->size;
    }
    return true;
}

typedef tarn_status walker(const tarn_pool *pool, tarn_visit *visit, void *context);

/* Calls visit for the blocks and objects of each registered LiteOS pool that has owner words. */
static VOID walk_owned(walker *walk, walker *walk_slab, tarn_visit *visit, const VOID **pool, VOID *context)
{
    tarn_registration entry;
    tarn_stats stats;
    for (UINT32 i = 0; tarn_registered(TARN_FACE_LITEOS, i, &entry); i++) {
        if (counts_of(entry.pool, &stats) && stats.extension_words != 0) {
            *pool = entry.pool;
            (void)walk(entry.pool, visit, context);
            (void)walk_slab(entry.pool, visit, context);
        }
    }
}

UINT32 OsMemTaskUsage(UINT32 taskId)
{
    const VOID *pool = NULL;
    task_sum sum = {slot_of(taskId), 0};
    walk_owned(tarn_walk_held, tarn_slab_walk_held, add_if_of_task, &pool, &sum);
    return sum.bytes;
}

typedef struct task_clearing {
    const VOID *pool;
    UINT32 task;
} task_clearing;

/* The walk holds no lock here: by now the block may be gone, and another of another task in its place. */
static bool disown_if_of_task(const tarn_block *block, void *context)
{
    const task_clearing *clearing = (const task_clearing *)context;
    if (tarn_block_owned(block) && owner_task(block->owner) == clearing->task) {
        VOID *payload = (VOID *)(image_address(clearing->pool) + (UINTPTR)block->offset);
        UINT32 owner = TARN_OWNER(owner_module(block->owner), TARN_TASK_NONE);
        (void)tarn_owner_replace((tarn_pool *)(UINTPTR)clearing->pool, payload, block->owner, owner);
    }
    return true;
}

VOID OsMemTaskClear(UINT32 taskId)
{
    if (taskId >= tarn_liteos_task_limit()) {
        return;
    }
    UINT32 bytes = OsMemTaskUsage(taskId);
    if (bytes == 0) {
        return;
    }
    tarn_liteos_text text;
    text_begin(&text);
    tarn_liteos_put(&text, "mem used of task '");
    tarn_liteos_put_number(&text, taskId, 0);
    tarn_liteos_put(&text, "' is:");
    tarn_liteos_put_hex(&text, bytes, 0);
    tarn_liteos_put(&text, ", not zero when task being deleted\n");
    tarn_liteos_put_end(&text);
    task_clearing clearing = {NULL, taskId};
    walk_owned(tarn_walk, tarn_slab_walk, disown_if_of_task, &clearing.pool, &clearing);
}

/* ---- blocks of a task that is gone ---- */

enum { TAKEN_AT_ONCE = 16 };

typedef struct task_blocks {
    const VOID *pool;
    VOID *blocks[TAKEN_AT_ONCE];
    UINT32 task, count;
} task_blocks;

/* A block that carries a pool goes too: the pools in it are unlisted, as at every free. */
static bool collect_if_of_task(const tarn_block *block, void *context)
{
    task_blocks *taken = (task_blocks *)context;
    if (tarn_block_owned(block) && owner_task(block->owner) == taken->task) {
        taken->blocks[taken->count++] = (VOID *)(image_address(taken->pool) + (UINTPTR)block->offset);
    }
    return taken->count < TAKEN_AT_ONCE;
}

/* The walk has ended, so nothing that it stands on is freed. */
static UINT32 free_of_task(walker *walk, VOID *pool, UINT32 taskID, const VOID *caller)
{
    task_blocks taken = {pool, {NULL}, taskID, TAKEN_AT_ONCE};
    while (taken.count == TAKEN_AT_ONCE) {
        taken.count = 0;
        if (walk(const_pool_of(pool), collect_if_of_task, &taken) != TARN_OK) {
            return LOS_OS_ERROR;
        }
        for (UINT32 i = 0; i < taken.count; i++) {
            if (tarn_liteos_free(pool, taken.blocks[i], caller) != LOS_OK) {
                return LOS_OS_ERROR;
            }
        }
    }
    return LOS_OK;
}

PUBLIC_ENTRY UINT32 LOS_MemFreeByTaskID(VOID *pool, UINT32 taskID)
{
    const VOID *caller = caller_here();
    tarn_stats stats;
    if (!counts_of(pool, &stats) || stats.extension_words == 0 || taskID >= tarn_liteos_task_limit()) {
        return LOS_OS_ERROR;
    }
    UINT32 result = free_of_task(tarn_walk, pool, taskID, caller);
    return result == LOS_OK ? free_of_task(tarn_slab_walk, pool, taskID, caller) : result;
}
