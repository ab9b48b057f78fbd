/* SPDX-License-Identifier: MIT */
/**
 * @file gate.h
 * @brief The program's say in requests: before one is served it may be refused, after one failed memory may be found.
 *
 * A gate hears of requests of variable pools, heaps of regions and block pools, and so of every face that is made of
 * them. A realloc is one request, which is asked for before anything is done, whatever its size; a resize in place asks
 * nobody. Of block pools it hears of tarn_blocks_get(): before, in pools with #TARN_BLOCKS_EVENTS, which init implies
 * while a gate is installed (builds with TARN_BLOCKS_ONLY_PLAIN have no such pools); after, in all.
 *
 * Gates run outside every lock of tarn, on the thread that asks. What a gate, or a sink of events, does itself passes
 * no gate: a function that gives memory back may allocate from the pool that it was called for.
 */
#ifndef TARN_GATE_H
#define TARN_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tarn/pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A request at the gate. */
typedef struct tarn_demand {
    tarn_pool *pool;    /**< pool, heap of regions or block pool */
    size_t size;        /**< bytes asked for; of block pools, of a block */
    size_t alignment;   /**< asked for, 0 or 1 if none in particular */
    uint32_t module;    /**< of #TARN_OWNER, 0 if not told */
    tarn_status status; /**< why it failed; before it is served, #TARN_OK */
} tarn_demand;

/** Asked before a request is served: #TARN_OK lets it pass, anything else refuses it with that status. */
typedef tarn_status tarn_gate_before(const tarn_demand *demand, void *context);

/** Asked when a request failed with #TARN_E_EXHAUSTED; true: memory was given back, and the request is tried exactly
 *  once more. */
typedef bool tarn_gate_after(const tarn_demand *demand, void *context);

/** What a gate consists of; either function may be NULL. */
typedef struct tarn_gate {
    tarn_gate_before *before;
    tarn_gate_after *after;
    void *context; /**< given to both */
} tarn_gate;

/**
 * Installs a gate, a copy of @p gate. Several may be: they are asked in order, `before` until one refuses, `after` all
 * of them. A request that a gate refuses counts among the pool's refusals, changes nothing else, and is told as FAIL
 * with the gate's status.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT (neither function), #TARN_E_REGISTRY_FULL (4 are installed),
 * #TARN_E_UNAVAILABLE (the library was built without events: TARN_WITH_EVENTS).
 * Bound: constant. Interrupts: no. Lock: gates. Source: tarn.
 */
tarn_status tarn_gate_add(const tarn_gate *gate);

/**
 * Removes a gate that was installed with the same contents; on another thread it may still be running.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT if there is none such.
 * Bound: constant. Interrupts: no. Lock: gates. Source: tarn.
 */
tarn_status tarn_gate_remove(const tarn_gate *gate);

#ifdef __cplusplus
}
#endif

#endif
