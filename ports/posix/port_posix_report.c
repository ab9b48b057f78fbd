/* SPDX-License-Identifier: MIT */
/*
 * Port `posix`: reports go to stderr, as text. A program that defines its own tarn_port_report() replaces this.
 *
 * Bound: writing some ten lines.
 */
#include <stdio.h>

#include "tarn/port.h"
#include "tarn/report.h"

static void to_stderr(const char *text, size_t length, void *context)
{
    (void)context;
    (void)fwrite(text, 1, length, stderr);
}

void tarn_port_report(const tarn_report *report)
{
    tarn_report_text(report, to_stderr, NULL);
}
