/* SPDX-License-Identifier: MIT */
/*
 * Moving the place of the check in steps (cursor.h), under the pool's lock.
 *
 * Bound: constant.
 */
#include "cursor.h"

void tarn_cursor_move(const image *im, uint32_t start, uint32_t end)
{
    cursor_place c = cursor_get(im);
    if (c.next > start && c.next < end) {
        c.next = start;
        cursor_set(im, c);
    }
}
