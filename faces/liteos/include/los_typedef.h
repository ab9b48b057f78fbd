/* SPDX-License-Identifier: MIT */
/**
 * @file los_typedef.h
 * @brief The base types and return constants of Huawei LiteOS 5.0, as its user code spells them.
 *
 * Types are those of the originals and not the ones of <stdint.h>: where UINT32 and uint32_t are different types (bare
 * Arm), a pointer to one is no pointer to the other. NULL comes from <stddef.h> and is never defined here.
 */
#ifndef TARN_LOS_TYPEDEF_H
#define TARN_LOS_TYPEDEF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned char UINT8;
typedef unsigned short UINT16;
typedef unsigned int UINT32;
typedef signed char INT8;
typedef signed short INT16;
typedef signed int INT32;
typedef float FLOAT;
typedef double DOUBLE;
typedef char CHAR;

#ifdef __LP64__
typedef unsigned long UINT64;
typedef signed long INT64;
typedef unsigned long UINTPTR;
typedef signed long INTPTR;
#ifndef LOSCFG_AARCH64
#define LOSCFG_AARCH64
#endif
#else
__extension__ typedef unsigned long long UINT64;
__extension__ typedef signed long long INT64;
typedef unsigned int UINTPTR;
typedef signed int INTPTR;
#endif

typedef UINTPTR AARCHPTR;
typedef size_t BOOL;

#ifndef VOID
#define VOID void
#endif
#ifndef STATIC
#define STATIC static
#endif

#ifndef FALSE
#define FALSE 0U
#endif
#ifndef TRUE
#define TRUE 1U
#endif

#undef YES
#define YES 1
#undef NO
#define NO 0

#define OS_NULL_BYTE ((UINT8)0xFF)
#define OS_NULL_SHORT ((UINT16)0xFFFF)
#define OS_NULL_INT ((UINT32)0xFFFFFFFF)

#ifndef LOS_OK
#define LOS_OK 0
#endif
#ifndef LOS_NOK
#define LOS_NOK 1
#endif

#define OS_FAIL 1
#define OS_INVALID ((UINT32)(-1))

/* Mynewt's os/os_error.h has an enumerator of this name. Whichever header comes second leaves OS_ERROR as it is. */
#define LOS_OS_ERROR ((UINT32)(-1))
#if !defined(OS_ERROR) && !defined(TARN_MYNEWT_OS_ERROR_H) && !defined(H_OS_ERROR_)
#define OS_ERROR LOS_OS_ERROR
#endif

#endif
