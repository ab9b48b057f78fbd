/* SPDX-License-Identifier: MIT */
/**
 * @file events.h
 * @brief The one neutral hook layer: what happens to pools, told to whoever listens.
 *
 * Recorders, sanitizers, probes and the faces' hooks hang here. No event is raised under a lock. ALLOC is raised after
 * the block is owned, FREE before the pool takes it back. A free that fails with the block set aside is not undone: the
 * program has it no more. A sink that uses a pool is not told about what it does itself, but for ENTER and LEAVE.
 */
#ifndef TARN_EVENTS_H
#define TARN_EVENTS_H

#include <stddef.h>
#include <stdint.h>

#include "tarn/pool.h"
#include "tarn/verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @name Kinds of event */
/**@{*/
#define TARN_EVENT_INIT 1u           /**< a pool was made or adopted; size = its bytes */
#define TARN_EVENT_DEINIT 2u         /**< a pool has ended; size = blocks that were used */
#define TARN_EVENT_ALLOC 3u          /**< block of size bytes was handed out */
#define TARN_EVENT_FREE 4u           /**< block is about to be taken back */
#define TARN_EVENT_RESIZE 5u         /**< block is about to get size bytes in place */
#define TARN_EVENT_UNDO 6u           /**< the resize or free just announced did not happen, status says why */
#define TARN_EVENT_FAIL 7u           /**< a request for size bytes was refused, status says why */
#define TARN_EVENT_REFUSE 8u         /**< a pointer was refused, status says why */
#define TARN_EVENT_CORRUPT 9u        /**< an operation met a broken invariant and stopped */
#define TARN_EVENT_UNLIST 10u        /**< a registered pool was dropped because the memory it lies in was given back */
#define TARN_EVENT_UNLISTED_INIT 11u /**< the registry is full: the pool works but is not listed */
#define TARN_EVENT_RESET 12u         /**< every block of the pool is about to be dropped */
#define TARN_EVENT_GROW 13u          /**< the pool now ends where size bytes do */
#define TARN_EVENT_RESIZED 14u       /**< block has got size bytes in place; told on request only, as what follows */
#define TARN_EVENT_ENTER 15u         /**< tarn is about to touch its words in the pool, and size bytes at block */
#define TARN_EVENT_LEAVE 16u         /**< tarn has done so */
#define TARN_EVENT_OWNER 17u         /**< block has got another owner word; size = the one before */
/**@}*/

/** @name Sets of kinds, for tarn_events_add_kinds() */
/**@{*/
#define TARN_EVENTS_OF(kind) (UINT32_C(1) << (kind))
/** What tarn_events_add() asks for: all kinds but RESIZED, ENTER, LEAVE and OWNER. */
#define TARN_EVENTS_COMMON ((UINT32_C(2) << TARN_EVENT_GROW) - UINT32_C(2))
/** Every kind: for tools that follow to the byte who may touch what. */
#define TARN_EVENTS_ALL ((UINT32_C(2) << TARN_EVENT_OWNER) - UINT32_C(2))
/**@}*/

/** One event. */
typedef struct tarn_event {
    uint32_t kind;      /**< TARN_EVENT_* */
    tarn_status status; /**< why, for UNDO, FAIL, REFUSE and CORRUPT; else TARN_OK */
    tarn_pool *pool;    /**< the pool concerned: pool, heap of regions or block pool; of Mynewt, the buffer */
    void *block;        /**< the block or pointer concerned, NULL if none */
    size_t size;        /**< bytes, see the kind */
    size_t alignment;   /**< bytes asked for, 0 if none in particular */
    const void *caller; /**< of events about blocks: where the outermost public function returns to; NULL: unknown */
    uint32_t verdict;   /**< of a refused size (FAIL, CORRUPT): TARN_WHY_* of tarn/verdict.h, as far as it is known in
                             constant time; else #TARN_WHY_UNKNOWN */
    uint32_t found;     /**< the byte that was at broken */
    const void
        *broken; /**< of CORRUPT about a block that was set aside at a request: the first byte that had been written
                             to where words of the pool's lie now; else NULL */
} tarn_event;

/** A listener. */
typedef void tarn_sink(const tarn_event *event, void *context);

/**
 * Adds a listener for #TARN_EVENTS_COMMON; several may be installed, they are called in order.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_REGISTRY_FULL (4 are installed), #TARN_E_UNAVAILABLE (the library was
 * built without events: TARN_WITH_EVENTS).
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_events_add(tarn_sink *sink, void *context);

/**
 * Adds a listener for the kinds in @p kinds, a sum of #TARN_EVENTS_OF. ENTER and LEAVE come in pairs on one thread,
 * also around what a sink does itself: a sink that wants them uses no pool while it handles one.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT (no kind, or one that there is not),
 * #TARN_E_REGISTRY_FULL (4 are installed), #TARN_E_UNAVAILABLE as tarn_events_add().
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_events_add_kinds(tarn_sink *sink, void *context, uint32_t kinds);

/**
 * Removes a listener added with the same arguments; one that runs on another thread at this moment may still finish.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if there is none such.
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_events_remove(tarn_sink *sink, void *context);

#ifdef __cplusplus
}
#endif

#endif
