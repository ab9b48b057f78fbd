/* SPDX-License-Identifier: MIT */
/**
 * @file watch.h
 * @brief Low water that lasts: a callback once free memory has been short for a given time, not for every dip.
 *
 * A watch looks whenever something happened to its pool that may have changed what is free, and whenever it is polled.
 * Its time runs by a clock that the program gives; between two looks nothing is noticed, so a program that may be idle
 * polls. A free is looked at when the next event or poll comes, since it is told before the pool takes the block back.
 */
#ifndef TARN_WATCH_H
#define TARN_WATCH_H

#include <stdbool.h>

#include "tarn/blocks.h"
#include "tarn/events.h"
#include "tarn/inspect.h"
#include "tarn/regions.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tarn_watch tarn_watch;

/** Returns milliseconds since some moment, modulo 2^32. */
typedef uint32_t tarn_watch_clock(void *context);

/** Returns what is free, in bytes: tarn_watch_pool(), tarn_watch_heap(), tarn_watch_blocks(), or another measure. */
typedef uint64_t tarn_watch_measure(const tarn_pool *pool);

/** Called outside every lock, once per crossing: free bytes, and for how many milliseconds it has been short. */
typedef void tarn_watch_low(tarn_watch *watch, uint64_t free, uint32_t milliseconds);

/** A watch: filled in by the caller up to the context, and left alone while it is on. */
struct tarn_watch {
    tarn_pool *pool;             /**< pool, heap or block pool */
    tarn_watch_measure *measure; /**< what is free in it */
    uint64_t threshold;          /**< bytes; short is less */
    uint64_t hysteresis;     /**< once called, it is not called again before this much more than threshold is free */
    uint32_t milliseconds;   /**< how long it must be short without a look that finds more */
    uint32_t reserved;       /**< 0 */
    tarn_watch_clock *clock; /**< may be NULL if milliseconds is 0 */
    tarn_watch_low *low;     /**< the callback; may use and free from the pool */
    void *context;           /**< for clock, and for the callback to find */
    uint32_t state;          /**< tarn's own, as what follows */
    uint32_t since;
};

/**
 * Returns the bytes free in a variable pool. Fails: 0 if it is none.
 *
 * Units: bytes. Bound: constant. Interrupts: as the port. Lock: pool. Source: tarn.
 */
static inline uint64_t tarn_watch_pool(const tarn_pool *pool)
{
    tarn_stats stats;
    return tarn_counts_get(pool, &stats) == TARN_OK ? stats.free : 0;
}

#ifdef __cplusplus /* the casts are those of C, which has no others */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#endif
/**
 * Returns the bytes free in a heap of regions. Fails: 0 if it is none.
 *
 * Units: bytes. Bound: as tarn_heap_stats(). Interrupts: as the port. Lock: heap. Source: tarn.
 */
static inline uint64_t tarn_watch_heap(const tarn_pool *pool)
{
    tarn_stats stats;
    return tarn_heap_stats((tarn_heap *)(uintptr_t)pool, NULL, &stats) == TARN_OK ? stats.free : 0;
}

/**
 * Returns the bytes free in a block pool. Fails: 0 if it is none.
 *
 * Units: bytes. Bound: as tarn_blocks_stats(). Interrupts: as the port. Lock: as built. Source: tarn.
 */
static inline uint64_t tarn_watch_blocks(const tarn_pool *pool)
{
    tarn_stats stats;
    return tarn_blocks_stats((const tarn_blocks *)(const void *)pool, &stats) == TARN_OK ? stats.free : 0;
}
#ifdef __cplusplus
#pragma GCC diagnostic pop
#endif

/**
 * Begins to watch, as a sink of events. A block pool tells of get and put if it was made with #TARN_BLOCKS_EVENTS, or
 * after this.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL (watch, pool, measure or callback), #TARN_E_ARGUMENT (a time and no clock),
 * #TARN_E_REGISTRY_FULL (4 sinks are installed).
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_watch_on(tarn_watch *watch);

/**
 * Ends what tarn_watch_on() began; on another thread the callback may still be running.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if it is not on.
 * Bound: constant. Interrupts: no. Lock: registry. Source: tarn.
 */
tarn_status tarn_watch_off(tarn_watch *watch);

/**
 * Looks now, on or off, and calls back if it is time.
 *
 * Returns: true if it called back. Fails: false, as it does where there is nothing to tell.
 * Bound: the measure's and the clock's. Interrupts: as the measure. Lock: the watch's own, for a few instructions.
 * Source: tarn.
 */
bool tarn_watch_poll(tarn_watch *watch);

#ifdef __cplusplus
}
#endif

#endif
