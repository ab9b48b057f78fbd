/* SPDX-License-Identifier: MIT */
/*
 * AddressSanitizer: what the program may not touch is poisoned by hand.
 *
 * Its shadow has one byte for eight, of which the first so many are in bounds: where a block ends within eight bytes,
 * or begins there in a pool of granule 4, the others may stay in bounds. It errs to that side only.
 *
 * tarn's own words are read and written without its checks, whoever compiled tarn. It has no way to look away for one
 * thread: where tarn copies or fills a block to its end, the end is in bounds meanwhile.
 * Its reports know the memory that the pool lies in; a line before them tells the block.
 * Bound: see follow.c; the line, blocks of the pool.
 */
#include <stdio.h>

#include "follow.h"
#include "image.h"
#include "tarn/blocks.h"
#include "tarn/inspect.h"

#if defined(__has_include) && defined(__GNUC__)
#if __has_include(<sanitizer/asan_interface.h>)
#define WITH_ASAN 1
#endif
#endif

#if !defined(WITH_ASAN)

tarn_status tarn_asan_install(void)
{
    return TARN_E_UNAVAILABLE;
}

tarn_status tarn_asan_remove(void)
{
    return TARN_E_ARGUMENT;
}

#else

#include <sanitizer/asan_interface.h>

/* There in programs that are linked with it, NULL in others. */
#pragma weak __asan_poison_memory_region
#pragma weak __asan_unpoison_memory_region
#pragma weak __asan_region_is_poisoned
#pragma weak __asan_address_is_poisoned
#pragma weak __asan_set_error_report_callback
#pragma weak __asan_get_report_address

static void open_bytes(const void *start, size_t bytes)
{
    __asan_unpoison_memory_region(start, bytes);
}

static void close_bytes(const void *start, size_t bytes)
{
    __asan_poison_memory_region(start, bytes);
}

static void claim(const followed *f)
{
    __asan_poison_memory_region(f->start, f->bytes);
}

static void yield(const followed *f)
{
    __asan_unpoison_memory_region(f->start, f->bytes);
}

static void give(const followed *f, const void *block, size_t size, bool defined)
{
    (void)f;
    (void)defined;
    __asan_unpoison_memory_region(block, size);
}

static void take(const followed *f, const void *block, size_t size)
{
    (void)f;
    __asan_poison_memory_region(block, size);
}

static void change(const followed *f, const void *block, size_t old, size_t size, bool defined)
{
    (void)f;
    (void)defined;
    if (size < old) {
        __asan_poison_memory_region((const char *)block + size, old - size);
    } else {
        __asan_unpoison_memory_region(block, size);
    }
}

/* Of the eight bytes that a range begins in, __asan_region_is_poisoned() looks at the first one only. */
static size_t extent(const void *block, size_t most)
{
    unsigned char *bytes = (unsigned char *)(uintptr_t)block;
    size_t at = 0;
    while (at < most && (uintptr_t)(bytes + at) % 8u != 0) {
        if (__asan_address_is_poisoned(bytes + at)) {
            return at;
        }
        at++;
    }
    unsigned char *bad = at < most ? __asan_region_is_poisoned(bytes + at, most - at) : NULL;
    return bad != NULL ? (size_t)(bad - bytes) : most;
}

/* tarn refuses it and tells why. */
static void stray(const followed *f, const void *address)
{
    (void)f;
    (void)address;
}

static void look_on(void)
{
}

/* ---- the line before a report ---- */

typedef struct search {
    const unsigned char *base;
    const unsigned char *address;
    const unsigned char *before; /* the last block out that begins at or before the address, NULL if none */
    size_t usable;
} search;

static bool note_before(const tarn_block *block, void *context)
{
    search *s = context;
    const unsigned char *payload = s->base + block->offset;
    if (tarn_block_counts(block) && payload <= s->address) {
        s->before = payload;
        s->usable = block->usable;
    }
    return payload <= s->address;
}

static void tell_block(const char *report)
{
    followed f;
    (void)report;
    search s = {NULL, __asan_get_report_address(), NULL, 0};
    if (!tarn_follow_find(s.address, &f)) {
        return;
    }
    const tarn_pool *pool = (const tarn_pool *)(const void *)f.pool;
    s.base = f.is_blocks ? f.pool : image_base(pool);
    (void)(f.is_blocks ? tarn_blocks_walk((const tarn_blocks *)(const void *)pool, note_before, &s)
                       : tarn_walk(pool, note_before, &s));
    size_t size = s.before != NULL ? extent(s.before, s.usable) : 0;
    if (s.before == NULL) {
        fprintf(stderr, "tarn: %p is in pool %p, in front of all its blocks\n", (const void *)s.address,
                (const void *)f.pool);
    } else {
        fprintf(stderr, "tarn: %p is in pool %p, %zu bytes after block %p of size %zu%s\n", (const void *)s.address,
                (const void *)f.pool, (size_t)(s.address - s.before) - size, (const void *)s.before, size,
                s.address < s.before + s.usable + f.gap ? "" : ", in memory that is no block's");
    }
}

static const follow_tool shadow = {open_bytes, close_bytes, claim, yield,   give,   take,
                                   change,     extent,      stray, look_on, look_on};

tarn_status tarn_asan_install(void)
{
    if (__asan_poison_memory_region == NULL) {
        return TARN_E_UNAVAILABLE;
    }
    tarn_status status = tarn_follow(&shadow);
    if (status == TARN_OK) {
        __asan_set_error_report_callback(tell_block);
    }
    return status;
}

tarn_status tarn_asan_remove(void)
{
    tarn_status status = tarn_follow_end(&shadow);
    if (status == TARN_OK) {
        __asan_set_error_report_callback(NULL);
    }
    return status;
}

#endif
