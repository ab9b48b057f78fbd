/* SPDX-License-Identifier: MIT */
/**
 * @file inject.h
 * @brief Failure injection: requests are refused by a rule, the same ones in every run.
 *
 * The rule and its counts lie in memory that the caller gives. What is refused is refused with #TARN_E_INJECTED, told
 * as FAIL, and counts among the pool's refusals. On one thread the same program refuses the same requests; on several,
 * the same numbers of them.
 */
#ifndef TARN_INJECT_H
#define TARN_INJECT_H

#include "tarn/gate.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @name Flags of tarn_injection.flags; without any, the rule holds for every request by itself. */
/**@{*/
#define TARN_INJECT_ONCE 1u       /**< nothing more is refused after the first */
#define TARN_INJECT_PERSISTENT 2u /**< everything that the rule is about is refused after the first */
#define TARN_INJECT_MODULE 4u     /**< only requests of this module count */
/**@}*/

/** Which requests count, which of these are refused, and what came of it. */
typedef struct tarn_injection {
    const tarn_pool *pool; /**< only requests of this pool, heap or block pool count; NULL: of all */
    size_t smallest;       /**< only requests of at least so many bytes count */
    size_t largest;        /**< only requests of at most so many bytes count; 0: no limit */
    uint32_t module;       /**< see #TARN_INJECT_MODULE */
    uint32_t nth;          /**< the so-many-th is refused, from 1; 0: none */
    uint32_t every;        /**< every so-many-th is refused; 0: none */
    uint32_t probability;  /**< of refusal, in 65536ths: 65536 refuses all */
    uint32_t seed;         /**< of chance */
    uint32_t flags;        /**< TARN_INJECT_* */
    uint32_t counted;      /**< out: requests that counted, at most 2^32 - 1 */
    uint32_t refused;      /**< out: those that were refused, at most 2^32 - 1 */
    uint32_t chance;       /**< the generator's state */
    uint32_t phase;        /**< requests that counted since the last of every so many */
} tarn_injection;

/**
 * Sets the counts of @p injection to 0 and applies its rule from now on, as a gate. It must stay in place until
 * tarn_injection_off().
 *
 * Returns: #TARN_OK. Fails: #TARN_E_NULL, #TARN_E_ARGUMENT (an unknown flag, both ONCE and PERSISTENT, a probability
 * above 65536, or no rule at all), #TARN_E_REGISTRY_FULL (4 gates are installed).
 * Bound: constant. Interrupts: no. Lock: gates. Source: tarn.
 */
tarn_status tarn_injection_on(tarn_injection *injection);

/**
 * Ends what tarn_injection_on() began; the counts stay. On another thread a request may still be looking at it.
 *
 * Returns: #TARN_OK. Fails: #TARN_E_ARGUMENT if it is not on.
 * Bound: constant. Interrupts: no. Lock: gates. Source: tarn.
 */
tarn_status tarn_injection_off(tarn_injection *injection);

#ifdef __cplusplus
}
#endif

#endif
