/* SPDX-License-Identifier: MIT */
/* The marks. */
#include "marks.h"

#if defined(__arm__)
__asm__(".syntax unified\n.thumb\n.text\n.globl call_marked\n.globl call_begin\n.globl call_end\n.thumb_func\n"
        ".type call_marked, %function\n"
        "call_marked:\n push {r4, lr}\n mov r4, r0\n mov r0, r1\n mov r1, r2\n mov r2, r3\n"
        "call_begin:\n blx r4\n"
        "call_end:\n pop {r4, pc}\n");
#elif defined(__riscv)
__asm__(".text\n.globl call_marked\n.globl call_begin\n.globl call_end\n.type call_marked, %function\n"
        "call_marked:\n addi sp, sp, -16\n sw ra, 12(sp)\n mv t0, a0\n mv a0, a1\n mv a1, a2\n mv a2, a3\n"
        "call_begin:\n jalr t0\n"
        "call_end:\n lw ra, 12(sp)\n addi sp, sp, 16\n ret\n");
#else
__asm__(".text\n.globl call_marked\n.globl call_begin\n.globl call_end\n.type call_marked, %function\n"
        "call_marked:\n sub $8, %rsp\n mov %rdi, %rax\n mov %rsi, %rdi\n mov %rdx, %rsi\n mov %rcx, %rdx\n"
        "call_begin:\n call *%rax\n"
        "call_end:\n add $8, %rsp\n ret\n");
#endif

/* Each is a place of its own, which nothing is removed from. */
#define MARK(name)                                     \
    __attribute__((noinline, noclone)) void name(void) \
    {                                                  \
        __asm__ volatile("# " #name : : : "memory");   \
    }

MARK(mark_served)
MARK(mark_moved)
MARK(mark_refused)
MARK(mark_skipped)
MARK(mark_finished)
