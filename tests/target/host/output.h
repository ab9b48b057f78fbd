/* SPDX-License-Identifier: MIT */
/*
 * tests/support/output.h for boards: there is one standard output and no files, so that what is printed between
 * catch_output() and caught_output() is kept by the console itself (host.c).
 */
#ifndef TARN_TESTS_SUPPORT_OUTPUT_H
#define TARN_TESTS_SUPPORT_OUTPUT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

enum { PRINTED_MAX = 1u << 16 };

extern char printed[PRINTED_MAX];

void catch_output(void);
const char *caught_output(void);

/* printf into a buffer of its own; the expected text of a comparison. */
__attribute__((format(printf, 1, 2))) const char *expected(const char *format, ...);

#endif
