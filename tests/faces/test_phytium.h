/* SPDX-License-Identifier: MIT */
/*
 * What the tests of the Phytium face share: memory, and the text that a call prints.
 *
 * A line `Covers: ENTRY ENTRY ...` in the comment of a test names what of the originals' interfaces, and which cases of
 * theirs that crash or corrupt, the test holds; docs/tables/phytium-coverage.md is made from these lines.
 */
#ifndef TARN_TEST_PHYTIUM_H
#define TARN_TEST_PHYTIUM_H

#define _DEFAULT_SOURCE

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fmempory_pool.h"

#define BUFFER_BYTES (1u << 17)

static _Alignas(64) unsigned char buffer[BUFFER_BYTES];

/* ---- what a call prints ---- */

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
    static char text[4096];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return text;
}

static inline void assert_said(const char *words)
{
    if (strstr(caught_output(), words) == NULL) {
        fail_msg("said \"%s\" and not \"%s\"", printed, words);
    }
}

static inline void assert_silent(void)
{
    assert_string_equal(caught_output(), "");
}

#endif
