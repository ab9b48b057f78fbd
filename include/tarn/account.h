/* SPDX-License-Identifier: MIT */
/**
 * @file account.h
 * @brief Whose memory it is: modules with quotas, tasks, leaks by owner and call site.
 *
 * What a pool can tell depends on its extension words (#TARN_WORDS_OWNER and on) and its table of modules
 * (tarn_options.modules); a pool without either answers as said in each contract and costs nothing for it.
 *
 * A size here is what blocks occupy, headers and extension words included, as in tarn_stats.used.
 *
 * A block that is held back (#TARN_BLOCK_HELD_BACK) is nobody's: it is in no group and in no task's bytes, whatever
 * its words still say. In the row of the module that had it, and in its quota, it counts until it is free again.
 *
 * A call site is the return address of the outermost public function that was called, less the address of
 * tarn_alloc(), modulo 2^32; 0 where it is not known. It is the same wherever the program is loaded, and names a line
 * of the program's ELF file. Between two builds, or for code in another shared object than tarn, it is not the same.
 *
 * A sequence number counts the allocations of one pool from 0; after 2^32 - 1 comes 2^31. Every block that tarn_alloc()
 * and relatives hand out takes one, a block that a realloc moves as well. Two snapshots of the counter, and what was
 * allocated between them and is still there, is a leak check:
 *
 *     tarn_selection what = {.by_number = true, .open = true};
 *     tarn_sequence_get(pool, &what.first);
 *     ... the part of the program in question ...
 *     tarn_groups groups = {rows, 16, 0, 0, 0, 0};
 *     tarn_groups_get(pool, &what, &groups);
 */
#ifndef TARN_ACCOUNT_H
#define TARN_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tarn/events.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"
#include "tarn/port.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @name Modules */
/**@{*/

/** What a request says of itself; all-zero is tarn_alloc(). */
typedef struct tarn_purpose {
    size_t alignment; /**< a power of two; 0: the granule */
    uint32_t module;  /**< 0..0xFFF; 0: none in particular */
    uint32_t tag;     /**< the program's own */
} tarn_purpose;

/**
 * tarn_alloc() for a module and with a tag. What the pool has no word for is not kept. @p purpose NULL is tarn_alloc().
 *
 * Returns: the block. Fails: as tarn_alloc_aligned(), NULL for a module above 0xFFF, and NULL if the pool has a table
 * of modules and the module's quota leaves less than the block takes (event with #TARN_E_QUOTA).
 * Units: bytes. Bound: constant. Interrupts: as the port. Lock: pool. Source: tarn.
 */
void *tarn_alloc_for(tarn_pool *pool, size_t size, const tarn_purpose *purpose);

/**
 * Stores @p tag in the block's tag word.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if the pool has fewer than #TARN_WORDS_TAG extension words; else as
 * tarn_recognise(), with #TARN_E_DAMAGED counted, told and met by the policy as tarn_owner_set() does.
 * Bound: constant. Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_tag_set(tarn_pool *pool, void *block, uint32_t tag);

/** No limit. */
#define TARN_QUOTA_NONE UINT64_MAX

/**
 * Limits what the blocks of @p module may occupy together, to @p bytes rounded down to granules; modules that share the
 * table's last row share its quota. What is used already stays. A block handed out larger than asked for, because what
 * would be left of a free block is no block (it is smaller than the smallest), is served and counts in full.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED, #TARN_E_ARGUMENT (no table of modules,
 * or a module above 0xFFF).
 * Units: bytes. Bound: constant. Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_quota_set(tarn_pool *pool, uint32_t module, uint64_t bytes);

/** A row of the table of modules. */
typedef struct tarn_module {
    uint64_t live;   /**< bytes that its blocks occupy */
    uint64_t peak;   /**< highest value of live since init, reset or tarn_peak_reset() */
    uint64_t quota;  /**< bytes, #TARN_QUOTA_NONE if there is none */
    uint32_t blocks; /**< its used blocks, those held back too */
    uint32_t row;    /**< which row that is: the module's own, or the last */
} tarn_module;

/**
 * Copies the row in which @p module counts to @p *row: row 0 is that of blocks without a module, the last that of every
 * module beyond the table too. Rows are as many as tarn_stats.modules.
 *
 * Returns: #TARN_OK. Fails: as tarn_quota_set(), #TARN_E_NULL also for @p row; @p *row is then all zero.
 * Bound: constant. Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_module_get(const tarn_pool *pool, uint32_t module, tarn_module *row);

/**
 * tarn_module_get() on a view.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_view_module(const tarn_view *view, uint32_t module, tarn_module *row);
/**@}*/

/** @name Call sites and sequence numbers */
/**@{*/

#ifdef __cplusplus /* the casts are those of C, which has no others */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#endif
/**
 * Returns the address in this program, or in one of its libraries, that the word @p site stands for, by what the port
 * knows of where code lies; NULL for 0. Where two pieces of code share the low 32 bits, the one within 2 GiB of
 * tarn_alloc() is taken.
 *
 * Fails: as said, and NULL where there is no such code. Bound: the port's (tarn_port_code()). Interrupts: as the port.
 * Lock: none. Source: tarn.
 */
static inline const void *tarn_site_address(uint32_t site)
{
    uintptr_t distance = (uintptr_t)(intptr_t)(int32_t)site;
    return site == 0 ? NULL : tarn_port_code((const void *)((uintptr_t)&tarn_alloc + distance));
}
#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif

/**
 * Sets @p *next to the sequence number that the next block will get: a snapshot.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_DAMAGED, #TARN_E_ARGUMENT (fewer than
 * #TARN_WORDS_SEQUENCE words). @p *next is then 0.
 * Bound: constant. Interrupts: as the port. Lock: pool. Source: tarn.
 */
tarn_status tarn_sequence_get(const tarn_pool *pool, uint32_t *next);

/**
 * tarn_sequence_get() on a view.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
tarn_status tarn_view_sequence(const tarn_view *view, uint32_t *next);

/**
 * Tells whether a block with the number @p sequence was handed out from snapshot @p first on and before @p end, for
 * snapshots fewer than 2^31 allocations apart.
 *
 * Returns: as said. Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
bool tarn_sequence_between(uint32_t sequence, uint32_t first, uint32_t end);
/**@}*/

/** @name Leaks: the live blocks by owner and call site */
/**@{*/

/** Tells whether whoever owns blocks with this owner word (#TARN_OWNER) is gone. */
typedef bool tarn_owner_gone(uint32_t owner, void *context);

/** Which blocks are meant: those that somebody has (tarn_block_owned()) and that pass each test asked for. */
typedef struct tarn_selection {
    bool by_number;        /**< only those handed out from `first` on, and before `end` unless that is open */
    bool open;             /**< the end is now, whatever `end` says */
    uint32_t first;        /**< a snapshot */
    uint32_t end;          /**< a later one */
    tarn_owner_gone *gone; /**< only those whose owner is gone; NULL: all the same */
    void *context;         /**< of gone */
} tarn_selection;

/** Blocks of one owner from one call site; of pools without these words, 0 stands for them. */
typedef struct tarn_group {
    uint32_t owner;  /**< #TARN_OWNER */
    uint32_t site;   /**< see above */
    uint32_t blocks; /**< how many */
    uint32_t oldest; /**< the least sequence number among them */
    uint64_t bytes;  /**< that they occupy */
    uint64_t
        offset; /**< payload of the oldest, from the image's first byte; the first in address order without numbers */
} tarn_group;

/** Room for groups, and what came in. */
typedef struct tarn_groups {
    tarn_group *rows;         /**< the caller's, in the order in which they were met */
    uint32_t capacity;        /**< in: rows there are */
    uint32_t count;           /**< out: rows filled */
    uint32_t blocks;          /**< out: selected blocks, those without a row too */
    uint32_t unlisted_blocks; /**< out: selected blocks that found no row */
    uint64_t bytes;           /**< out: that the selected blocks occupy */
} tarn_groups;

/**
 * Sums up the blocks in use that @p what selects (NULL: all), by owner and call site.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL (pool or groups, or no rows for a capacity), #TARN_E_NOT_A_POOL,
 * #TARN_E_ARGUMENT (what asks for numbers of a pool without #TARN_WORDS_SEQUENCE, or for owners of one without words),
 * #TARN_E_DAMAGED; the counts of @p *groups are then 0.
 * Units: bytes. Bound: blocks times rows, as tarn_walk(); blocks that come and go meanwhile may or may not be in.
 * Interrupts: no. Lock: pool, released between slices; `gone` is called outside it. Source: tarn.
 */
tarn_status tarn_groups_get(const tarn_pool *pool, const tarn_selection *what, tarn_groups *groups);

/**
 * tarn_groups_get() on a view.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT, #TARN_E_DAMAGED. Bound: blocks times rows. Interrupts: yes.
 * Lock: none. Source: tarn.
 */
tarn_status tarn_view_groups(const tarn_view *view, const tarn_selection *what, tarn_groups *groups);
/**@}*/

/** @name Tasks */
/**@{*/

/** What one task holds. */
typedef struct tarn_task_use {
    uint64_t live;   /**< bytes its blocks occupy now */
    uint64_t peak;   /**< the most they did while somebody counted; 0 from tarn_task_live() */
    uint32_t task;   /**< its tag: the low 20 bits of an owner word */
    uint32_t blocks; /**< how many blocks it holds */
} tarn_task_use;

/**
 * Counts what the blocks of @p task occupy. Blocks belong to the task that they were handed out to, or that
 * tarn_owner_set() named since, whoever frees them.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_ARGUMENT (no extension words), #TARN_E_DAMAGED;
 * @p *use is then all zero.
 * Units: bytes. Bound: blocks. Interrupts: as the port, held for the walk. Lock: pool. Source: tarn.
 */
tarn_status tarn_task_live(const tarn_pool *pool, uint32_t task, tarn_task_use *use);

/** Peaks per task, kept in the caller's memory from events. Fields are private. */
typedef struct tarn_task_peaks {
    const tarn_pool *pool;
    tarn_task_use *rows;
    uint32_t capacity;
    uint32_t count;
    uint32_t missed;
    bool stale;
} tarn_task_peaks;

/**
 * Counts from now on what each task holds in @p pool, with @p rows for @p capacity tasks; ends with
 * tarn_task_peaks_stop(), before which none of the memory may go. A task that finds no row is not counted. A block that
 * tarn_owner_set() gives to another task is that task's from then on, one that is held back nobody's.
 *
 * Exact while one thread at a time uses the pool; else the peaks are off by what is being handed out or taken back at
 * the same moment.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_NOT_A_POOL, #TARN_E_ARGUMENT (no extension words), #TARN_E_DAMAGED,
 * #TARN_E_REGISTRY_FULL (no room for another sink).
 * Bound: blocks. A later allocation, free or change of owner adds rows; after a resize, a refused free or damage, the
 * blocks once.
 * Interrupts: no. Lock: pool, registry, peaks (one at a time). Source: tarn.
 */
tarn_status tarn_task_peaks_start(tarn_task_peaks *peaks, const tarn_pool *pool, tarn_task_use *rows,
                                  uint32_t capacity);

/**
 * Ends the counting.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT (it was not on). Bound: constant. Interrupts: no.
 * Lock: registry. Source: tarn.
 */
tarn_status tarn_task_peaks_stop(tarn_task_peaks *peaks);

/**
 * Copies what @p task holds, and held at most, to @p *use; all zero but the tag for one that never held any.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT (the task found no row).
 * Units: bytes. Bound: rows; after a resize, a refused free or damage, the blocks once. Interrupts: no. Lock: pool,
 * peaks (one at a time). Source: tarn.
 */
tarn_status tarn_task_peak_get(tarn_task_peaks *peaks, uint32_t task, tarn_task_use *use);
/**@}*/

#ifdef __cplusplus
}
#endif

#endif
