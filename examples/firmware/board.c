/* SPDX-License-Identifier: MIT */
/* The board of this firmware: one Cortex-M without tasks, whose console is picolibc's standard output. */
#include <stdio.h>

#include "board.h"
#include "cpu_cortex_m.h"

uintptr_t tarn_board_mask(void)
{
    return tarn_cpu_mask();
}

void tarn_board_unmask(uintptr_t state)
{
    tarn_cpu_unmask(state);
}

uint32_t tarn_board_task(void)
{
    return tarn_cpu_in_handler() ? 0xFFFFFu : 0;
}

void tarn_board_write(const char *text, size_t length)
{
    (void)fwrite(text, 1, length, stdout);
}
