/* SPDX-License-Identifier: MIT */
/*
 * Port `bare`: reports go where the board's messages go, as text. A program that defines its own tarn_port_report()
 * replaces this.
 *
 * Bound: writing some ten lines.
 */
#include "tarn/port.h"
#include "tarn/report.h"

#include "board.h"

static void to_board(const char *text, size_t length, void *context)
{
    (void)context;
    tarn_board_write(text, length);
}

void tarn_port_report(const tarn_report *report)
{
    tarn_report_text(report, to_board, NULL);
}
