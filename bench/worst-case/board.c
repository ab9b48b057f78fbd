/* SPDX-License-Identifier: MIT */
/*
 * The board of the measuring program: interrupts of one core are masked and unmasked, no tasks, no console.
 *
 * board_masked and board_unmasks are the instructions between which interrupts are masked, the second included: the
 * plugin counts from one to the other how long the lock is held.
 */
#include "board.h"

#if defined(__arm__)
#define MASK "mrs %0, primask\n cpsid i\n"
#define UNMASK "msr primask, %0\n"
#elif defined(__riscv)
#define MASK "csrrci %0, mstatus, 8\n"
#define UNMASK "csrw mstatus, %0\n"
#else
#define MASK "mov $0, %0\n"
#define UNMASK "nop # %0\n"
#endif

/* These two: not inlined, each label stands once. */
__attribute__((noinline, noclone)) uintptr_t tarn_board_mask(void)
{
    uintptr_t before;
    __asm__ volatile(MASK ".globl board_masked\nboard_masked:\n" : "=r"(before) : : "memory");
    return before;
}

__attribute__((noinline, noclone)) void tarn_board_unmask(uintptr_t state)
{
    __asm__ volatile(".globl board_unmasks\nboard_unmasks:\n" UNMASK : : "r"(state) : "memory");
}

uint32_t tarn_board_task(void)
{
    return 0xFFFFFu;
}

void tarn_board_write(const char *text, size_t length)
{
    (void)text;
    (void)length;
}
