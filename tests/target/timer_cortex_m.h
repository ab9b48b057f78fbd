/* SPDX-License-Identifier: MIT */
/*
 * A timer that interrupts a Cortex-M once, after so many ticks of a clock of its own: SysTick (Arm v6-M and later).
 * The including file has interrupted(), which is handed the address that the interrupt returns to.
 */
#ifndef TARN_TESTS_TARGET_TIMER_CORTEX_M_H
#define TARN_TESTS_TARGET_TIMER_CORTEX_M_H

#include <stdint.h>

/* Control, reload, current value. */
#define SYSTICK ((volatile uint32_t *)0xE000E010u)

__attribute__((used)) void interrupted(uintptr_t address);
void arm_systick_isr(void);

/* The core pushed eight words, of which the seventh is the address that it returns to. */
__attribute__((naked)) void arm_systick_isr(void)
{
    __asm__ volatile("ldr r0, [sp, #24]\n\tpush {r4, lr}\n\tbl interrupted\n\tpop {r4, pc}");
}

static void timer_begin(void)
{
}

static void timer_stop(void)
{
    SYSTICK[0] = 0;
}

static void timer_set_off(uint32_t ticks)
{
    SYSTICK[1] = ticks;
    SYSTICK[2] = 0;
    SYSTICK[0] = 7;
}

#endif
