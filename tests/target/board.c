/* SPDX-License-Identifier: MIT */
/*
 * The board of the test programs: the `bare` port over what QEMU's machines share. TARN_TARGET_CPU names the cpu_*.h of
 * the core; milliseconds pass with the calls that ask for them, since nothing else happens on such a board.
 */
#include <stdio.h>

#include "board.h"
#include TARN_TARGET_CPU

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
    return 0; /* main() */
}

void tarn_board_write(const char *text, size_t length)
{
    (void)fwrite(text, 1, length, stdout);
}

uint32_t tarn_board_milliseconds(void)
{
    static uint32_t now;
    return now++;
}

void tarn_board_idle(void)
{
}
