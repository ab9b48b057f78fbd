/* SPDX-License-Identifier: MIT */
/*
 * What the `bare` port asks of a board, by the kernel of Zephyr: interrupts masked by irq_lock(), on one core.
 *
 * A task's number is made of the address of its thread, so that threads whose structures lie within 8 MiB have
 * different ones. Bound: the kernel's.
 */
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "board.h"

enum { NO_TASK = 0xFFFFF, ADDRESS_SHIFT = 3 };

uintptr_t tarn_board_mask(void)
{
    return irq_lock();
}

void tarn_board_unmask(uintptr_t state)
{
    irq_unlock((unsigned int)state);
}

uint32_t tarn_board_task(void)
{
    if (k_is_in_isr() || k_is_pre_kernel()) {
        return NO_TASK;
    }
    return (uint32_t)((uintptr_t)k_current_get() >> ADDRESS_SHIFT) % NO_TASK;
}

void tarn_board_write(const char *text, size_t length)
{
    printk("%.*s", (int)length, text);
}

uint32_t tarn_board_milliseconds(void)
{
    return k_uptime_get_32();
}

void tarn_board_idle(void)
{
    k_msleep(1);
}
