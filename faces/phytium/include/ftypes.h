/* SPDX-License-Identifier: MIT */
/**
 * @file ftypes.h
 * @brief The base types and component marks of the Phytium standalone SDK, as its user code spells them.
 *
 * The guard is the SDK's own: whichever ftypes.h comes first is the one that counts, and both say the same. NULL comes
 * from <stddef.h> and is never defined here.
 */
#ifndef FTYPES_H
#define FTYPES_H

#include <stddef.h>
#include <stdint.h>

/* A compiler without a C library has none. */
#if __STDC_HOSTED__
#include <inttypes.h>
#endif

/** is_ready of a component that was initialised, and of one that runs. */
#define FT_COMPONENT_IS_READY 0x11111111U
#define FT_COMPONENT_IS_STARTED 0x22222222U

typedef uint8_t u8;
typedef char s8;
typedef uint16_t u16;
typedef short s16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;
typedef float f32;
typedef double f64;
typedef unsigned long boolean;
typedef size_t fsize_t;
typedef intptr_t intptr;
typedef uintptr_t uintptr;
typedef ptrdiff_t ptrdiff;

#ifndef TRUE
#define TRUE 1U
#endif
#ifndef FALSE
#define FALSE 0U
#endif

#endif
