/* SPDX-License-Identifier: MIT */
/*
 * Discipline MASK: each call on a pool masks the interrupts of the core that runs it, in place, without a call to the
 * port: the `bare` port over the core's own mask, known when this is compiled. One core, privileged code, and every
 * interrupt whose handler uses a pool below that mask. Where the core is none that is known here, or the compiler is
 * that of a system which keeps the mask for itself, this is PORT. Whether the C library is hosted says nothing: CMake
 * has the core compiled freestanding for every system.
 */
#ifndef TARN_SRC_BLOCKS_MASK_H
#define TARN_SRC_BLOCKS_MASK_H

#include "blocks_exclusive.h"

#if defined(__linux__) || defined(__APPLE__) || defined(__FreeBSD__) || defined(__NetBSD__) || defined(__OpenBSD__) || \
    defined(_WIN32) || defined(__unix__)
#define BLOCKS_MASK_IS_THE_SYSTEMS 1
#else
#define BLOCKS_MASK_IS_THE_SYSTEMS 0
#endif

#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M' && !BLOCKS_MASK_IS_THE_SYSTEMS

#include "../ports/bare/cpu_cortex_m.h"

/* In the one register that a function may use and compilers take last. */
static inline uintptr_t blocks_enter(const unsigned char *b)
{
    (void)b;
    register uintptr_t before __asm__("r12") = tarn_cpu_mask();
    __asm__("" : "+r"(before));
    return before;
}

static inline void blocks_leave(const unsigned char *b, uintptr_t state)
{
    (void)b;
    tarn_cpu_unmask(state);
}

#elif (defined(__riscv) || defined(__aarch64__)) && !BLOCKS_MASK_IS_THE_SYSTEMS

#if defined(__riscv)
#include "../ports/bare/cpu_riscv.h"
#else
#include "../ports/bare/cpu_aarch64.h"
#endif

static inline uintptr_t blocks_enter(const unsigned char *b)
{
    (void)b;
    return tarn_cpu_mask();
}

static inline void blocks_leave(const unsigned char *b, uintptr_t state)
{
    (void)b;
    tarn_cpu_unmask(state);
}

#else

#include "blocks_port.h"

#endif

#endif
