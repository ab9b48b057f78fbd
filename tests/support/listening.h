/* SPDX-License-Identifier: MIT */
/*
 * What tests do about libraries that were built without something: a test that needs it is skipped, a program that
 * needs it throughout ends with 77.
 */
#ifndef TARN_TESTS_SUPPORT_LISTENING_H
#define TARN_TESTS_SUPPORT_LISTENING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "config.h"
#include "tarn/status.h"

/* status is what a call answered that adds a listener or a gate: the test is skipped in a build without events. */
static inline void assert_listening(tarn_status status)
{
    if (!TARN_ON(TARN_WITH_EVENTS) && status == TARN_E_UNAVAILABLE) {
        skip();
    }
    assert_int_equal(status, TARN_OK);
}

/* Skips the test in a build without events. */
static inline void need_events(void)
{
    if (!TARN_ON(TARN_WITH_EVENTS)) {
        skip();
    }
}

/* Skips the test in a build that lists no pools. */
static inline void need_registry(void)
{
    if (!TARN_ON(TARN_WITH_REGISTRY)) {
        skip();
    }
}

/* For main(): whether there are events, or what is missing in a line. */
static inline bool has_events(void)
{
    if (!TARN_ON(TARN_WITH_EVENTS)) {
        puts("built without events (TARN_WITH_EVENTS)");
    }
    return TARN_ON(TARN_WITH_EVENTS);
}

static inline bool has_registry(void)
{
    if (!TARN_ON(TARN_WITH_REGISTRY)) {
        puts("built without the list of pools (TARN_WITH_REGISTRY)");
    }
    return TARN_ON(TARN_WITH_REGISTRY);
}

#endif
