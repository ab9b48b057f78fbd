/* SPDX-License-Identifier: MIT */
/*
 * Valgrind's memcheck: one mempool per pool, named by its handle.
 *
 * While tarn touches its own words memcheck reports nothing for the thread; what is read out of bounds counts as
 * defined, and what is written there changes nothing, so that links and headers need no bounds of their own.
 * Bound: see follow.c.
 */
#include "follow.h"

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#define WITH_VALGRIND 1
#endif
#endif

#if !defined(WITH_VALGRIND)

tarn_status tarn_valgrind_install(void)
{
    return TARN_E_UNAVAILABLE;
}

tarn_status tarn_valgrind_remove(void)
{
    return TARN_E_ARGUMENT;
}

#else

/* The requests' own code is not written for these warnings. */
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wcast-qual"
#include <valgrind/memcheck.h>

static void open_bytes(const void *start, size_t bytes)
{
    (void)VALGRIND_MAKE_MEM_DEFINED(start, bytes);
}

static void close_bytes(const void *start, size_t bytes)
{
    (void)VALGRIND_MAKE_MEM_NOACCESS(start, bytes);
}

/* How many of the bytes from block on, at most `most`, are in bounds. */
static size_t extent(const void *block, size_t most)
{
    VALGRIND_DISABLE_ERROR_REPORTING;
    uintptr_t bad = (uintptr_t)VALGRIND_CHECK_MEM_IS_ADDRESSABLE(block, most);
    VALGRIND_ENABLE_ERROR_REPORTING;
    return bad != 0 ? (size_t)(bad - (uintptr_t)block) : most;
}

/* ---- red zones: a pool's gap, so that memcheck says which block an address beside one belongs to. It closes them
 * when a block is given or freed, also those that reach over the ends of the pool's range: what was open there stays
 * so. ---- */

enum { ZONE_MAX = 32 };

static size_t zone(const followed *f)
{
    return f->gap < ZONE_MAX ? f->gap : (size_t)ZONE_MAX;
}

typedef struct fringe {
    unsigned char *start;
    size_t bytes;
    unsigned char is_open[ZONE_MAX];
    unsigned char bits[ZONE_MAX];
} fringe;

static fringe fringe_note(const void *start, size_t bytes)
{
    fringe e = {(unsigned char *)(uintptr_t)start, bytes, {0}, {0}};
    for (size_t i = 0; i < bytes; i++) {
        e.is_open[i] = extent(e.start + i, 1) == 1;
        if (e.is_open[i]) {
            (void)VALGRIND_GET_VBITS(e.start + i, &e.bits[i], 1);
        }
    }
    return e;
}

static void fringe_restore(const fringe *e)
{
    for (size_t i = 0; i < e->bytes; i++) {
        if (e->is_open[i]) {
            (void)VALGRIND_MAKE_MEM_DEFINED(e->start + i, 1);
            (void)VALGRIND_SET_VBITS(e->start + i, &e->bits[i], 1);
        }
    }
}

/* What lies beside the pool's range within a zone of the bytes from `into` on. */
typedef struct fringes {
    fringe before;
    fringe behind;
} fringes;

static fringes fringes_note(const followed *f, size_t into, size_t size)
{
    size_t front = into < zone(f) ? zone(f) : 0;
    size_t rear = f->bytes - into < size + zone(f) ? zone(f) : 0;
    fringes e = {fringe_note(f->start - front, front), fringe_note(f->start + f->bytes, rear)};
    return e;
}

static fringes fringes_of(const followed *f, const void *block, size_t size)
{
    return fringes_note(f, (size_t)((const unsigned char *)block - f->start), size);
}

static void fringes_restore(const fringes *e)
{
    fringe_restore(&e->before);
    fringe_restore(&e->behind);
}

static void destroy(const followed *f)
{
    fringes beside = fringes_note(f, 0, f->bytes);
    VALGRIND_DESTROY_MEMPOOL(f->pool);
    fringes_restore(&beside);
}

static void claim(const followed *f)
{
    if (VALGRIND_MEMPOOL_EXISTS(f->pool)) {
        destroy(f);
    }
    VALGRIND_CREATE_MEMPOOL(f->pool, zone(f), 0);
    (void)VALGRIND_MAKE_MEM_NOACCESS(f->start, f->bytes);
}

static void yield(const followed *f)
{
    destroy(f);
    (void)VALGRIND_MAKE_MEM_DEFINED(f->start, f->bytes);
}

static void give(const followed *f, const void *block, size_t size, bool defined)
{
    fringes beside = fringes_of(f, block, size);
    VALGRIND_MEMPOOL_ALLOC(f->pool, block, size);
    fringes_restore(&beside);
    if (defined) {
        (void)VALGRIND_MAKE_MEM_DEFINED(block, size);
    }
}

static void take(const followed *f, const void *block, size_t size)
{
    fringes beside = fringes_of(f, block, size);
    VALGRIND_MEMPOOL_FREE(f->pool, block);
    (void)VALGRIND_MAKE_MEM_NOACCESS(block, size);
    fringes_restore(&beside);
}

static void change(const followed *f, const void *block, size_t old, size_t size, bool defined)
{
    VALGRIND_MEMPOOL_CHANGE(f->pool, block, block, size);
    if (size < old) {
        (void)VALGRIND_MAKE_MEM_NOACCESS((const char *)block + size, old - size);
    } else if (defined) {
        (void)VALGRIND_MAKE_MEM_DEFINED((const char *)block + old, size - old);
    } else {
        (void)VALGRIND_MAKE_MEM_UNDEFINED((const char *)block + old, size - old);
    }
}

/* memcheck reports it, with what it knows about the address. */
static void stray(const followed *f, const void *address)
{
    VALGRIND_MEMPOOL_FREE(f->pool, address);
}

static void look_away(void)
{
    VALGRIND_DISABLE_ERROR_REPORTING;
}

static void look_again(void)
{
    VALGRIND_ENABLE_ERROR_REPORTING;
}

static const follow_tool memcheck = {open_bytes, close_bytes, claim, yield,     give,      take,
                                     change,     extent,      stray, look_away, look_again};

tarn_status tarn_valgrind_install(void)
{
    return RUNNING_ON_VALGRIND ? tarn_follow(&memcheck) : TARN_E_UNAVAILABLE;
}

tarn_status tarn_valgrind_remove(void)
{
    return tarn_follow_end(&memcheck);
}

#endif
