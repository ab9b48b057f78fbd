/* SPDX-License-Identifier: MIT */
/*
 * What the core's test programs share: cmocka with the headers it wants, a seeded generator, how much to run, and pools
 * of every shape that this library was built for.
 *
 * TARN_TEST_SEED seeds every random test (default: DEFAULT_SEED); TARN_TEST_SCALE is the percentage of a random test to
 * run (default: 100).
 */
#ifndef TARN_TESTS_SUPPORT_TEST_H
#define TARN_TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "listening.h"
#include "prng.h"
#include "tarn/events.h"
#include "tarn/inspect.h"
#include "tarn/pool.h"

#define DEFAULT_SEED UINT64_C(20261120)

/* The largest pool of a test that has a list of sizes; a build for a board says less, and what is larger is left out. */
#ifndef TEST_LARGEST
#define TEST_LARGEST (UINT32_C(64) << 20)
#endif

/* A function whose address stands for the place of its code: neither inlined nor copied for some of its callers. */
#if defined(__clang__)
#define SEPARATE __attribute__((noinline))
#else
#define SEPARATE __attribute__((noinline, noclone))
#endif

/* ---- chance ---- */

uint64_t test_seed(void);

/* The part of full that TARN_TEST_SCALE asks for, at least 1. */
uint64_t test_scaled(uint64_t full);

/* ---- shapes of pools ---- */

typedef struct shape {
    uint32_t engine;
    uint32_t granule;
    uint32_t extension_words;
    uint32_t recognition;
    size_t bytes;
    uint32_t flags; /* TARN_POOL_*, SHAPE_PARKS */
} shape;

/* No flag of a pool's: each list may hold 256 bytes of parked blocks. */
#define SHAPE_PARKS (UINT32_C(1) << 31)

enum { SHAPE_TEXT = 96 };

/* Writes "tlsf granule 8 ext 1 exact 4096 bytes" and returns text. */
const char *shape_text(const shape *s, char text[SHAPE_TEXT]);

tarn_options shape_options(const shape *s);

/* The engines this library was built with, in order; returns how many. */
uint32_t engines_built(uint32_t engines[3]);

const char *engine_name(uint32_t engine);

/* A pool of this shape in memory, or a failed test. */
tarn_pool *pool_make(const shape *s, void *memory);

/* Fails the test, naming the rule and the shape, if tarn_check() finds anything. */
void assert_sound(const tarn_pool *pool, const char *when);

/* ---- events ---- */

enum { WATCH_MAX = 64 };

/* The last events raised since watch_begin(). */
typedef struct watch {
    tarn_event events[WATCH_MAX];
    uint32_t count;
} watch;

/* Skips the test in a build without events. */
void watch_begin(watch *w);

void watch_end(watch *w);

/* Forgets what was seen. */
void watch_clear(watch *w);

/* Status of the newest event of this kind; -1 if there was none. */
tarn_status watch_status(const watch *w, uint32_t kind);

/* ---- memory between pages that cannot be touched ---- */

typedef struct guarded {
    unsigned char *bytes; /* size bytes; the byte after them faults */
    size_t size;
    unsigned char *mapping;
    size_t mapped;
} guarded;

/* size is a multiple of 16; bytes is aligned to 16, and to 4096 if size is a multiple of it. */
guarded guarded_map(size_t size);

void guarded_unmap(const guarded *g);

/* False if bytes in front of g->bytes, up to the page before, were written. */
bool guarded_intact(const guarded *g);

#endif
