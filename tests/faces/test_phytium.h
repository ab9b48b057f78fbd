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
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fmempory_pool.h"
#include "tarn/config.h"

#define BUFFER_BYTES (1u << 17)

static _Alignas(64) unsigned char buffer[BUFFER_BYTES];

/* ---- what a test needs of the configuration ---- */

static inline void need_regions(uint32_t count)
{
    if (TARN_TLSF_REGIONS < count) {
        printf("  needs %u regions, TARN_TLSF_REGIONS is %u\n", (unsigned)count, (unsigned)TARN_TLSF_REGIONS);
        skip();
    }
}

static inline void need_tags(uint32_t count)
{
    if (TARN_FMEMP_TAGS < count) {
        printf("  needs %u tags, TARN_FMEMP_TAGS is %u\n", (unsigned)count, (unsigned)TARN_FMEMP_TAGS);
        skip();
    }
}

/* Sizes in these tests are made for heaps of up to 2048 bytes, 77 regions; three pools are listed beside LiteOS's
 * own. */
static inline bool is_unfit(void)
{
    bool unfit = tlsf_size() > 2048 || TARN_REGISTRY_CAPACITY < 4;
    if (unfit) {
        printf("needs TARN_TLSF_REGIONS of 77 at most and TARN_REGISTRY_CAPACITY of 4 at least\n");
    }
    return unfit;
}

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
