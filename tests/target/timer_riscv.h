/* SPDX-License-Identifier: MIT */
/*
 * A timer that interrupts a RISC-V once, after so many ticks of the machine's clock: mtime and mtimecmp of the board
 * `virt`. The including file has interrupted(), which is handed the address that the interrupt returns to.
 */
#ifndef TARN_TESTS_TARGET_TIMER_RISCV_H
#define TARN_TESTS_TARGET_TIMER_RISCV_H

#include <stdint.h>

/* Each the low and the high word of 64 bits. */
#define MTIMECMP ((volatile uint32_t *)0x02004000u)
#define MTIME ((volatile uint32_t *)0x0200BFF8u)

__attribute__((used)) void interrupted(uintptr_t address);
void trapped(void);

/* Saves what a call may change: 16 registers, in words or double words. */
__attribute__((naked, aligned(4))) void trapped(void)
{
    __asm__ volatile(".if __riscv_xlen == 64\n"
                     ".macro keep register, place\n sd \\register, 8 * \\place(sp)\n .endm\n"
                     ".macro back register, place\n ld \\register, 8 * \\place(sp)\n .endm\n"
                     ".else\n"
                     ".macro keep register, place\n sw \\register, 8 * \\place(sp)\n .endm\n"
                     ".macro back register, place\n lw \\register, 8 * \\place(sp)\n .endm\n"
                     ".endif\n"
                     "addi sp, sp, -128\n"
                     "keep ra, 0\n keep t0, 1\n keep t1, 2\n keep t2, 3\n keep t3, 4\n keep t4, 5\n keep t5, 6\n"
                     "keep t6, 7\n keep a0, 8\n keep a1, 9\n keep a2, 10\n keep a3, 11\n keep a4, 12\n keep a5, 13\n"
                     "keep a6, 14\n keep a7, 15\n"
                     "csrr a0, mepc\n call interrupted\n"
                     "back ra, 0\n back t0, 1\n back t1, 2\n back t2, 3\n back t3, 4\n back t4, 5\n back t5, 6\n"
                     "back t6, 7\n back a0, 8\n back a1, 9\n back a2, 10\n back a3, 11\n back a4, 12\n back a5, 13\n"
                     "back a6, 14\n back a7, 15\n"
                     "addi sp, sp, 128\n mret\n"
                     ".purgem keep\n.purgem back\n");
}

static void timer_stop(void)
{
    MTIMECMP[1] = UINT32_MAX;
}

/* Interrupts of the machine's timer, and all that are on. */
static void timer_begin(void)
{
    timer_stop();
    __asm__ volatile("csrw mtvec, %0\n\tcsrs mie, %1\n\tcsrs mstatus, %2" : : "r"(trapped), "r"(1 << 7), "r"(1 << 3));
}

static void timer_set_off(uint32_t ticks)
{
    uint32_t high = MTIME[1];
    uint64_t when = ((uint64_t)high << 32 | MTIME[0]) + ticks; /* the low word turns after seven minutes */
    MTIMECMP[1] = UINT32_MAX;
    MTIMECMP[0] = (uint32_t)when;
    MTIMECMP[1] = (uint32_t)(when >> 32);
}

#endif
