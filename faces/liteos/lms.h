/* SPDX-License-Identifier: MIT */
/*
 * What the files of the memory sanitizer share: the shadow, a byte for each 8 bytes of a watched pool.
 *
 * L1 A shadow byte is 1 to 8: so many of its 8 bytes, from the first on, may be accessed; or one of those below.
 * L2 The used blocks of a watched pool may be accessed up to the size asked for, nothing else in it.
 */
#ifndef TARN_FACE_LITEOS_LMS_H
#define TARN_FACE_LITEOS_LMS_H

#define TARN_LMS_KEEP_NAMES
#include "face.h"
#include "los_lms.h"

#define SHADOW_UNIT 8u
#define SHADOW_REDZONE 0u /* control data, headers, never handed out: what fresh memory says */
#define SHADOW_PROTECTED 0xFEu
#define SHADOW_FREED 0xFFu

/* A pool that is watched; bytes 0: none. */
typedef struct lms_pool {
    const VOID *pool;
    UINTPTR base;
    UINTPTR bytes;
    UINT8 *shadow;
    UINTPTR room; /* bytes of shadow, kept for the next pool */
} lms_pool;

extern lms_pool tarn_liteos_lms_pools[TARN_LMS_POOLS];

#endif
