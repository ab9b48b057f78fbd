/* SPDX-License-Identifier: MIT */
/**
 * @file liteos.h
 * @brief What the LiteOS face of tarn lets a program choose, and the system pool.
 *
 * Nothing here is needed to run LiteOS code. Every field that is zero means "as configured" (Kconfig), so a program
 * names only what it wants otherwise.
 */
#ifndef TARN_LITEOS_H
#define TARN_LITEOS_H

#include "los_typedef.h"
#include "tarn/pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @name Values of the switches in tarn_liteos_settings; 0 means as configured */
/**@{*/
#define TARN_LITEOS_ON 1u
#define TARN_LITEOS_OFF 2u
#define TARN_LITEOS_SLAB_AUTO 3u /**< of slab: on, and classes grow and shrink */
/**@}*/

struct tarn_liteos_backup;

/** Choices of the face. The first two concern the system pool; the next three, and the last three, pools that are
 * initialised from then on. */
typedef struct tarn_liteos_settings {
    VOID *system_memory;      /**< where the system pool lies; NULL: the host maps it, or OsMemSystemInit() says */
    UINTPTR system_bytes;     /**< its size; on a hosted system TARN_LITEOS_SYS_MEM in the environment goes first */
    UINT32 engine;            /**< TARN_ENGINE_* */
    UINT32 recognition;       /**< TARN_RECOGNISE_*; exact is the default above 4 MiB, and with LOSCFG_MEM_DEBUG */
    UINT32 owner;             /**< switch: each block has the owner word, module and task */
    UINT32 waterline_column;  /**< switch: LOS_MemPoolList prints the eighth column UsageWaterLine */
    UINT32 exhaustion_report; /**< switch: a request that finds no room prints the pool; LOSCFG_MEM_DEBUG */
    UINT32 check_each_alloc;  /**< switch: each allocation checks the pool; LOSCFG_BASE_MEM_NODE_INTEGRITY_CHECK */
    UINT32 query_failure;     /**< what size and count queries return for no pool: LOS_NOK, or OS_NULL_INT */
    UINT32 task_limit;        /**< LOSCFG_BASE_CORE_TSK_LIMIT, 64: the id of code that is no task */
    UINT32 refusal_report;    /**< switch: a refused LOS_MemFree prints the pointer and why; LOSCFG_MEM_DEBUG */
    UINT32 callers;           /**< switch: each block has all words, who called it too; LOSCFG_MEM_LEAKCHECK */
    const struct tarn_liteos_backup *head_backup; /**< &tarn_liteos_head_backup: each node's head has a copy, and is
                                                       repaired by it; LOSCFG_MEM_HEAD_BACKUP */
    UINT32 slab; /**< switch, or #TARN_LITEOS_SLAB_AUTO: requests of up to 128 bytes come from pages, los_slab.h;
                      LOSCFG_KERNEL_MEM_SLAB_EXTENTION. Not with head_backup; such pools are not recognised exactly */
} tarn_liteos_settings;

/** What tarn_liteos_settings.head_backup may name: the copies, which a program that does not name them does not link,
 * or none, whatever is configured. */
/**@{*/
extern const struct tarn_liteos_backup tarn_liteos_head_backup;
extern const struct tarn_liteos_backup tarn_liteos_no_backup;
/**@}*/

/**
 * The settings in force from the start. The library has an empty one; a program that defines its own (strong, const,
 * external linkage) replaces it, in the archive and, with gcc and clang, among objects too.
 */
extern const tarn_liteos_settings tarn_liteos_config;

/**
 * Replaces the settings at run time; fields that are zero, and NULL for all, mean as #tarn_liteos_config and Kconfig
 * say. Pools that exist keep their engine, recognition and words.
 *
 * Fails: never; an engine that is not compiled in makes LOS_MemInit() refuse, with a message.
 * Bound: constant. Interrupts: no. Lock: none, so call it before other threads use the face. Source: tarn.
 */
VOID tarn_liteos_options(const tarn_liteos_settings *settings);

/**
 * Returns the base of the system pool, making the pool if it is not there yet. On a hosted system it is made before
 * any constructor of default priority runs.
 *
 * Fails: NULL if there is no memory for it, or while another thread is making it.
 * Bound: as LOS_MemInit() the first time, then constant. Interrupts: as tarn_port_lock(), but for the first time.
 * Lock: port, registry (not both at once). Source: tarn.
 */
UINT8 *tarn_liteos_system(VOID);

/**
 * Returns the real size of the system pool in bytes, making the pool if it is not there yet.
 *
 * Fails: 0 as tarn_liteos_system(). Units: bytes. Bound, Interrupts, Lock: as tarn_liteos_system(). Source: tarn.
 */
UINT32 tarn_liteos_system_size(VOID);

#ifndef OS_SYS_MEM_ADDR
/** Base of the system pool, &m_aucSysMem1[0]; the call makes it right in any constructor, whatever its priority. */
#define OS_SYS_MEM_ADDR (&tarn_liteos_system()[0])
#endif
#ifndef OS_SYS_MEM_SIZE
/** Real size of the system pool, read when it is used. */
#define OS_SYS_MEM_SIZE (tarn_liteos_system_size())
#endif

#ifdef __cplusplus
}
#endif

#endif
