/* SPDX-License-Identifier: MIT */
/**
 * @file cpu_aarch64.h
 * @brief The interrupt mask of AArch64 (EL1 and above) for a board file of the `bare` port; docs/porting.md has one.
 *
 * The names are those of every cpu_*.h, so that a board file changes one include; of several, the first counts. One
 * core: a mask keeps no other out. SError stays unmasked: its handler must not use tarn.
 */
#ifndef TARN_PORTS_BARE_CPU_H
#define TARN_PORTS_BARE_CPU_H

#include <stdint.h>

/**
 * Masks IRQ and FIQ. Memory accesses are not moved across it by the compiler.
 *
 * Returns: DAIF as it was, for tarn_cpu_unmask(). Fails: never. Bound: 2 instructions. Interrupts: yes.
 * Lock: is one. Source: tarn.
 */
static inline uintptr_t tarn_cpu_mask(void)
{
    uintptr_t before;
    __asm__ volatile("mrs %0, daif\n\tmsr daifset, #3" : "=r"(before) : : "memory");
    return before;
}

/**
 * Sets DAIF to what tarn_cpu_mask() returned, so that pairs nest.
 *
 * Returns: nothing. Fails: never. Bound: 1 instruction. Interrupts: yes. Lock: is one. Source: tarn.
 */
static inline void tarn_cpu_unmask(uintptr_t before)
{
    __asm__ volatile("msr daif, %0" : : "r"(before) : "memory");
}

#endif
