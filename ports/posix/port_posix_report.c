/* SPDX-License-Identifier: MIT */
/*
 * Port `posix`: reports go to stderr, as text. A program that defines its own tarn_port_report() replaces this.
 *
 * Bound: writing some ten lines; tarn_port_code() for each call site.
 */
#include <stdio.h>

#include "tarn/account.h"
#include "tarn/port.h"
#include "tarn/report.h"

static void to_stderr(const char *text, size_t length, void *context)
{
    (void)context;
    (void)fwrite(text, 1, length, stderr);
}

/* Code of libraries is often more than 2 GiB from tarn's. */
static uint64_t address_of(uint32_t site)
{
    return (uintptr_t)tarn_site_address(site);
}

void tarn_port_report(const tarn_report *report)
{
    tarn_report_text_resolved(report, to_stderr, NULL, address_of);
}
