/* SPDX-License-Identifier: MIT */
/*
 * What a call prints, for tests that compare it: standard output is caught in a file between catch_output() and
 * caught_output().
 */
#ifndef TARN_TESTS_SUPPORT_OUTPUT_H
#define TARN_TESTS_SUPPORT_OUTPUT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static char printed[1u << 16];
static int kept_stdout = -1;
static FILE *caught;

static inline void catch_output(void)
{
    fflush(stdout);
    kept_stdout = dup(STDOUT_FILENO);
    caught = tmpfile();
    assert_non_null(caught);
    assert_true(dup2(fileno(caught), STDOUT_FILENO) >= 0);
}

static inline const char *caught_output(void)
{
    fflush(stdout);
    (void)dup2(kept_stdout, STDOUT_FILENO);
    close(kept_stdout);
    rewind(caught);
    size_t length = fread(printed, 1, sizeof printed - 1u, caught);
    printed[length] = '\0';
    fclose(caught);
    return printed;
}

/* printf into a buffer of its own; the expected text of a comparison. */
__attribute__((format(printf, 1, 2))) static inline const char *expected(const char *format, ...)
{
    static char text[1u << 16];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

#endif
