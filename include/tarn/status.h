/* SPDX-License-Identifier: MIT */
/**
 * @file status.h
 * @brief What a call answers: one number for every outcome, and its text.
 *
 * Source of the definition: tarn. The numbers are part of the interface and never change meaning.
 */
#ifndef TARN_STATUS_H
#define TARN_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Outcome of a call; #TARN_OK is 0, every refusal is positive. */
typedef int32_t tarn_status;

#define TARN_OK 0             /**< done */
#define TARN_E_NULL 1         /**< a required pointer is NULL */
#define TARN_E_ARGUMENT 2     /**< an option or argument has no meaning */
#define TARN_E_TOO_SMALL 3    /**< the memory cannot hold a pool with one smallest block */
#define TARN_E_TOO_LARGE 4    /**< more than 2^29 granules, or more than the pool's geometry was made for */
#define TARN_E_MISALIGNED 5   /**< the address is not on the granule */
#define TARN_E_INTERFACE 6    /**< caller and library were built from different interface versions */
#define TARN_E_ENGINE 7       /**< the engine is not compiled into this library */
#define TARN_E_NOT_A_POOL 8   /**< no pool of this image version begins at the address */
#define TARN_E_OVERLAP 9      /**< the range conflicts with a registered pool */
#define TARN_E_FOREIGN 10     /**< the address lies outside the pool's memory for blocks */
#define TARN_E_NOT_A_BLOCK 11 /**< no block handed out by this pool begins at the address */
#define TARN_E_DOUBLE_FREE \
    12                       /**< the block at the address is already free, or the address lies behind the last block */
#define TARN_E_DAMAGED 13    /**< metadata that the call must rely on breaks an invariant */
#define TARN_E_EXHAUSTED 14  /**< no free block serves the request now */
#define TARN_E_NEVER_FITS 15 /**< the request exceeds what this pool could ever serve */
#define TARN_E_TRUNCATED 16  /**< the bytes given end before the image does */
#define TARN_E_REGISTRY_FULL 17 /**< the registry has no free entry */
#define TARN_E_IN_USE 18        /**< blocks of it are in use */
#define TARN_E_REGIONS_FULL 19  /**< the heap's table of regions has no free entry */
#define TARN_E_QUOTA 20         /**< the quota of the request's module leaves less than it takes */
#define TARN_E_CLOSED 21        /**< damage has closed the pool, see #TARN_POLICY_CLOSE and tarn_reopen() */
#define TARN_E_INJECTED 22      /**< failure injection refused the request (tarn/inject.h) */
#define TARN_E_UNAVAILABLE 23   /**< what the call needs is not here: a tool, or its header at build time */

/**
 * Returns the sentence fragment that describes @p status, never NULL ("unknown status" for others).
 *
 * Fails: never. Bound: constant. Interrupts: yes. Lock: none. Source: tarn.
 */
const char *tarn_status_text(tarn_status status);

#ifdef __cplusplus
}
#endif

#endif
