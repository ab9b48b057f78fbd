/* SPDX-License-Identifier: MIT */
/**
 * @file verdict.h
 * @brief Why a request is, or would be, refused: one word for it. tarn/why.h asks, events tell.
 */
#ifndef TARN_VERDICT_H
#define TARN_VERDICT_H

/** @name Verdicts */
/**@{*/
#define TARN_WHY_UNKNOWN 0u    /**< it is not about room: a bad pointer, handle or argument */
#define TARN_WHY_FITS 1u       /**< it would be served, by having blocks leave the quarantine if need be */
#define TARN_WHY_NEVER_FITS 2u /**< it exceeds what the pool could ever serve */
#define TARN_WHY_EXHAUSTED 3u  /**< the pool has less free than it takes */
#define TARN_WHY_FRAGMENTED 4u /**< the pool has as much free as it takes, but not in one piece that serves */
#define TARN_WHY_OVER_QUOTA 5u /**< the quota of its module leaves less than it takes */
#define TARN_WHY_DAMAGED 6u    /**< metadata that it relies on breaks an invariant */
/**@}*/

#endif
