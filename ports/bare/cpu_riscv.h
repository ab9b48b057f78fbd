/* SPDX-License-Identifier: MIT */
/**
 * @file cpu_riscv.h
 * @brief The interrupt mask of RISC-V (rv32, rv64) in machine mode for a board file of the `bare` port; docs/porting.md
 * has one.
 *
 * The names are those of every cpu_*.h, so that a board file changes one include; of several, the first counts. One
 * hart: a mask keeps no other out. Firmware in supervisor mode has SIE of sstatus instead, and an illegal instruction
 * here. binutils 2.38 and later want Zicsr named: -march=rv32imac_zicsr, or -misa-spec=2.2.
 */
#ifndef TARN_PORTS_BARE_CPU_H
#define TARN_PORTS_BARE_CPU_H

#include <stdint.h>

/** MIE of mstatus. */
#define TARN_CPU_RISCV_MIE 8u

/**
 * Masks all interrupts of machine mode. Memory accesses are not moved across it by the compiler.
 *
 * Returns: MIE as it was, for tarn_cpu_unmask(). Fails: never. Bound: 2 instructions. Interrupts: yes.
 * Lock: is one. Source: tarn.
 */
static inline uintptr_t tarn_cpu_mask(void)
{
    uintptr_t before;
    __asm__ volatile("csrrci %0, mstatus, 8" : "=r"(before) : : "memory");
    return before & TARN_CPU_RISCV_MIE;
}

/**
 * Sets MIE again if it was set when tarn_cpu_mask() returned @p before, so that pairs nest.
 *
 * Returns: nothing. Fails: never. Bound: 1 instruction. Interrupts: yes. Lock: is one. Source: tarn.
 */
static inline void tarn_cpu_unmask(uintptr_t before)
{
    __asm__ volatile("csrs mstatus, %0" : : "r"(before) : "memory");
}

#endif
