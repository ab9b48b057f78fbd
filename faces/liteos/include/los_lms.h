/* SPDX-License-Identifier: MIT */
/**
 * @file los_lms.h
 * @brief The Lite Memory Sanitizer: accesses of instrumented code outside the blocks of LiteOS pools are reported at
 * the access itself.
 *
 * A module is instrumented with -fsanitize=kernel-address; clang needs besides `-mllvm
 * -asan-instrumentation-with-call-threshold=0 -mllvm -asan-stack=0 -mllvm -asan-globals=0`, which gcc implies. A module
 * that includes this header has its memcpy, memmove, strcat and strcpy checked too. What is not in a watched pool is
 * not judged, and what is not instrumented is not seen.
 *
 * The shadow has a byte for 8 bytes of pool and lies outside of it, where the original takes 1/16 of the pool: a pool
 * has the same bytes with and without. A fault is told by a `[ERR] LMS:` line and a report (tarn/report.h) handed to
 * tarn_port_report(); the access then goes ahead. A double or wild free is refused by LOS_MemFree() in any case.
 */
#ifndef TARN_LOS_LMS_H
#define TARN_LOS_LMS_H

#include <stddef.h>

#include "los_typedef.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Pools that can be watched at once. */
#define TARN_LMS_POOLS 8

/**
 * Gives @p bytes at @p memory to shadows, for systems that map none. They are never given back.
 *
 * Returns: LOS_OK. Fails: LOS_NOK for NULL or 0 bytes. Units: bytes. Bound: a store per byte. Interrupts: no. Lock:
 * port. Source: tarn.
 */
UINT32 tarn_liteos_lms_memory(VOID *memory, UINT32 bytes);

/**
 * Watches @p pool from now on; its used blocks may be accessed, the rest not. With LOSCFG_KERNEL_LMS, LOS_MemInit()
 * does so. No other thread may use the pool meanwhile. @p size is the original's, the pool's own size counts.
 *
 * Returns: @p size. Fails: 0 if @p pool is NULL or no pool, TARN_LMS_POOLS are watched, or, with an [ERR] line, there
 * is no memory for its shadow or no room for a sink of events. Units: bytes. Bound: blocks, and a store per 8 bytes.
 * Interrupts: no. Lock: port, registry, pool (one at a time). Source: OpenHarmony.
 */
UINT32 LOS_LmsCheckPoolAdd(const VOID *pool, UINT32 size);

/**
 * Watches @p pool no more; LOS_MemDeInit() does the same.
 *
 * Fails: never; others are ignored. Bound: constant. Interrupts: no. Lock: port. Source: OpenHarmony.
 */
VOID LOS_LmsCheckPoolDel(const VOID *pool);

/**
 * Has every access to [@p addrStart, @p addrEnd) reported, as far as it lies in watched pools; in whole 8 bytes.
 *
 * Fails: never. Bound: a store per 8 bytes. Interrupts: no. Lock: none. Source: OpenHarmony.
 */
VOID LOS_LmsAddrProtect(UINTPTR addrStart, UINTPTR addrEnd);

/**
 * Allows every access to [@p addrStart, @p addrEnd).
 *
 * Fails: never. Bound: a store per 8 bytes. Interrupts: no. Lock: none. Source: OpenHarmony.
 */
VOID LOS_LmsAddrDisableProtect(UINTPTR addrStart, UINTPTR addrEnd);

/**
 * Reports an access of @p size bytes at @p address that leaves what may be accessed.
 *
 * Returns: whether it does not. Fails: as said. Units: bytes. Bound: watched pools, size / 8; a report: as
 * tarn_report_about(). Interrupts: no. Lock: none; pool for a report. Source: tarn.
 */
BOOL tarn_liteos_lms_access(UINTPTR address, size_t size, BOOL store, const VOID *caller);

/** @name memcpy(), memmove(), strcat(), strcpy() that check both ranges first
 *  Common contract: Returns: as the C library's. Fails: reports and goes ahead. Units: bytes. Bound:
 *  tarn_liteos_lms_access(), and that of the C library's. Interrupts: no. Lock: none; pool for a report. Source: LiteOS
 * 5.0. */
/**@{*/
VOID *KasanMemcpy(VOID *__restrict dest, const VOID *__restrict src, size_t copyAmount);
VOID *KasanMemmove(VOID *dest, const VOID *src, size_t len);
CHAR *KasanStrcat(CHAR *s, const CHAR *append);
CHAR *KasanStrcpy(CHAR *dest, const CHAR *src);
/**@}*/

#ifndef TARN_LMS_KEEP_NAMES
#ifndef TARN_LITEOS_CHECKED_H /* that memcpy() does not write past a block; this one would only tell */
#define memcpy KasanMemcpy
#endif
#define memmove KasanMemmove
#define strcat KasanStrcat
#define strcpy KasanStrcpy
#endif

#ifdef __cplusplus
}
#endif

#endif
