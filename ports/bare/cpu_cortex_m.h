/* SPDX-License-Identifier: MIT */
/**
 * @file cpu_cortex_m.h
 * @brief Interrupt masks of Arm Cortex-M (v6-M, v7-M, v8-M) for a board file of the `bare` port; docs/porting.md has
 * one.
 *
 * The names are those of every cpu_*.h, so that a board file changes one include; of several, the first counts. NMI
 * and HardFault stay unmasked: their handlers must not use tarn. In unprivileged thread mode `cpsid` does nothing and
 * says nothing: call tarn privileged.
 */
#ifndef TARN_PORTS_BARE_CPU_H
#define TARN_PORTS_BARE_CPU_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Masks all interrupts of configurable priority. Memory accesses are not moved across it by the compiler.
 *
 * Returns: PRIMASK as it was, for tarn_cpu_unmask(). Fails: never. Bound: 2 instructions. Interrupts: yes.
 * Lock: is one. Source: tarn.
 */
static inline uintptr_t tarn_cpu_mask(void)
{
    uintptr_t before;
    __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(before) : : "memory");
    return before;
}

/**
 * Sets PRIMASK to what tarn_cpu_mask() returned, so that pairs nest.
 *
 * Returns: nothing. Fails: never. Bound: 1 instruction. Interrupts: yes. Lock: is one. Source: tarn.
 */
static inline void tarn_cpu_unmask(uintptr_t before)
{
    __asm__ volatile("msr primask, %0" : : "r"(before) : "memory");
}

/**
 * Returns whether the running code is an exception handler: a board without tasks may tag it otherwise than main().
 *
 * Fails: never. Bound: 2 instructions. Interrupts: yes. Lock: none. Source: tarn.
 */
static inline bool tarn_cpu_in_handler(void)
{
    uint32_t exception;
    __asm__ volatile("mrs %0, ipsr" : "=r"(exception));
    return exception != 0;
}

#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB == 2 && !defined(__ARM_ARCH_8M_BASE__)
/**
 * Masks the interrupts whose priority number is @p priority or higher, as it stands in BASEPRI (in its upper bits, not
 * 0); those more urgent keep their latency and must not use tarn. Not on v6-M and v8-M baseline, which lack BASEPRI.
 * On Cortex-M7 r0p1 an interrupt may still be taken at the instruction behind the write (erratum 837070): the isb, here.
 *
 * Returns: BASEPRI as it was, for tarn_cpu_unmask_from(). Fails: never. Bound: 3 instructions. Interrupts: yes.
 * Lock: is one. Source: tarn.
 */
static inline uintptr_t tarn_cpu_mask_from(uint32_t priority)
{
    uintptr_t before;
    __asm__ volatile("mrs %0, basepri\n\tmsr basepri_max, %1\n\tisb" : "=&r"(before) : "r"(priority) : "memory");
    return before;
}

/**
 * Sets BASEPRI to what tarn_cpu_mask_from() returned.
 *
 * Returns: nothing. Fails: never. Bound: 1 instruction. Interrupts: yes. Lock: is one. Source: tarn.
 */
static inline void tarn_cpu_unmask_from(uintptr_t before)
{
    __asm__ volatile("msr basepri, %0" : : "r"(before) : "memory");
}
#endif

#endif
