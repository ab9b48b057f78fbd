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
#include "listening.h"
#include "output.h"
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
