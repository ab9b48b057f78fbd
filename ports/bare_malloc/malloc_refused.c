/* SPDX-License-Identifier: MIT */
/* What is said of a pointer that free() or realloc() refused: one line on the board's console. Bound: the board's. */
#include <string.h>

#include "board.h"
#include "system_pool.h"

static void put(const char *text)
{
    tarn_board_write(text, strlen(text));
}

__attribute__((weak)) void tarn_malloc_refused(const void *block, tarn_status status)
{
    char digits[2 * sizeof(uintptr_t) + 1];
    uintptr_t rest = (uintptr_t)block;
    for (size_t i = sizeof digits - 1u; i-- != 0; rest >>= 4) {
        digits[i] = "0123456789abcdef"[rest & 15u];
    }
    digits[sizeof digits - 1u] = '\0';
    put("malloc: 0x");
    put(digits);
    put(": ");
    put(tarn_status_text(status));
    put("\n");
}
