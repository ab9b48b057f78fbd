/* SPDX-License-Identifier: MIT */
/*
 * malloc and its family on one tarn pool, as a library to preload or to link.
 *
 * The contracts are those of C11, POSIX and glibc 2.36; where they leave a choice, glibc's is taken, so that a program
 * does not notice the change: malloc(0) and calloc(0, n) give a pointer of their own, realloc(p, 0) frees and returns
 * NULL, memalign() rounds its alignment up to a power of two. A size above PTRDIFF_MAX is refused. What the pool cannot
 * serve is NULL and ENOMEM. free() keeps errno. A pointer that is no block of the pool ends the program.
 *
 * Left out: mallinfo, mallopt, malloc_info and malloc_stats, which describe glibc's own arenas; programs that call them
 * get glibc's answers about an empty heap.
 *
 * Thread-safe and fork-safe. In a signal handler that interrupted one of these functions, requests are refused with
 * ENOMEM and free() does nothing: POSIX allows neither call, but programs that exit() from handlers make them.
 * Bound: that of the pool's engine, plus waiting for the one lock; a store per byte for calloc (outside the lock), a
 * copy per byte for a realloc that moves (under it).
 */
#define _DEFAULT_SOURCE /* MADV_DONTNEED */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "called.h"
#include "face.h"
#include "tarn/inspect.h"

#define EXPORTED __attribute__((visibility("default")))

/*
 * Declared here and not taken from <stdlib.h>: its attributes tell callers what a compiler must not assume about the
 * definitions.
 *
 * Common contract: Returns a block aligned to at least 16 bytes whose contents are undefined unless said. Fails: NULL
 * and ENOMEM where the pool has no room, for sizes above PTRDIFF_MAX, and in a handler that interrupted one of these.
 * Units: bytes. Bound: the engine's. Interrupts: no. Lock: the face's. Source: C11, POSIX, glibc.
 */

/** A block of at least @p size bytes. */
EXPORTED void *malloc(size_t size);

/** A block of @p count * @p size zero bytes. Fails also if the product overflows. Bound: a store per byte, unlocked. */
EXPORTED void *calloc(size_t count, size_t size);

/** The block with the new size, contents kept; NULL after freeing it for size 0. When it fails, the block stays as it
 *  is. Ends the program for a bad pointer. Bound: a copy per byte under the lock where the block moves. */
EXPORTED void *realloc(void *block, size_t size);

/** realloc() to @p count * @p size bytes. Fails also if the product overflows. */
EXPORTED void *reallocarray(void *block, size_t count, size_t size);

/** Gives the block back; NULL is nothing to do. errno is kept. Ends the program for a bad pointer. */
EXPORTED void free(void *block);

/** A block at a multiple of @p alignment. Fails also with EINVAL for what is no power of two. */
EXPORTED void *aligned_alloc(size_t alignment, size_t size);

/** Returns 0 and such a block in @p *block. Fails: ENOMEM, or EINVAL for an alignment that is no power of two or no
 *  multiple of a pointer's size, as the return value; errno and @p *block are kept. */
EXPORTED int posix_memalign(void **block, size_t alignment, size_t size);

/** aligned_alloc() that rounds the alignment up to a power of two. Fails also with EINVAL where there is none. */
EXPORTED void *memalign(size_t alignment, size_t size);

/** A block that begins on a page. */
EXPORTED void *valloc(size_t size);

/** A block that begins on a page, its size rounded up to whole pages. */
EXPORTED void *pvalloc(size_t size);

/** Returns how many bytes the block can hold; 0 for NULL, and where @p block is none or a handler interrupted. */
EXPORTED size_t malloc_usable_size(void *block);

/* From this size on, calloc() has the system drop whole pages instead of writing zeros, so that a large table which is
 * hardly used stays hardly resident; glibc maps fresh pages from the same size on. */
#define CLEAR_BY_PAGE_FROM ((size_t)128 * 1024)

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static bool is_power_of_two(size_t number)
{
    return number != 0 && (number & (number - 1)) == 0;
}

/* SIZE_MAX, which no pool serves, if the product overflows. */
static size_t product(size_t count, size_t size)
{
    return size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size;
}

static void *take(const tarn_malloc_heap *heap, size_t size, size_t alignment, const void *caller)
{
    if (size > PTRDIFF_MAX) {
        return NULL;
    }
    return tarn_alloc_called(heap->pool, size, alignment <= TARN_MALLOC_GRANULE ? 1 : alignment, NULL, caller);
}

static void *refuse(int error)
{
    errno = error;
    return NULL;
}

/* Gives the lock back and turns the pool's answer into the C library's. */
static void *answer(tarn_malloc_heap *heap, void *block)
{
    if (block == NULL) {
        heap->counts.refused++;
    }
    tarn_malloc_leave();
    return block != NULL ? block : refuse(ENOMEM);
}

/* True if the pool refused a request that it has room for (0 counts as 1), and a full check says why. */
static bool refused_by_damage(const tarn_malloc_heap *heap, size_t size)
{
    return size <= PTRDIFF_MAX && tarn_largest(heap->pool) >= (size != 0 ? size : 1) &&
           tarn_check(heap->pool, NULL) == TARN_E_DAMAGED;
}

/* For a damaged pool, ENOMEM would send its user looking in the wrong place. */
static void *answer_or_end(tarn_malloc_heap *heap, void *block, size_t size, const char *function)
{
    bool damaged = block == NULL && refused_by_damage(heap, size);
    block = answer(heap, block);
    if (damaged) {
        tarn_malloc_damaged_pool(function);
    }
    return block;
}

void *malloc(size_t size)
{
    tarn_malloc_heap *heap = tarn_malloc_enter();
    if (heap == NULL) {
        return refuse(ENOMEM);
    }
    heap->counts.malloc++;
    return answer_or_end(heap, take(heap, size, 0, caller_here()), size, "malloc");
}

/* Zeroes the first and the last part of a page, and has the system forget the pages between. */
static bool clear_by_page(unsigned char *block, size_t size)
{
    size_t page = page_bytes();
    size_t head = (page - ((uintptr_t)block & (page - 1))) & (page - 1);
    size_t whole = (size - head) & ~(page - 1);
    int before = errno;
    if (madvise(block + head, whole, MADV_DONTNEED) != 0) {
        errno = before;
        return false; /* locked into memory */
    }
    memset(block, 0, head);
    memset(block + head + whole, 0, size - head - whole);
    return true;
}

void *calloc(size_t count, size_t size)
{
    size_t bytes = product(count, size);
    tarn_malloc_heap *heap = tarn_malloc_enter();
    if (heap == NULL) {
        return refuse(ENOMEM);
    }
    heap->counts.calloc++;
    void *block = answer_or_end(heap, take(heap, bytes, 0, caller_here()), bytes, "calloc");
    if (block != NULL && (bytes < CLEAR_BY_PAGE_FROM || !clear_by_page(block, bytes))) {
        memset(block, 0, bytes);
    }
    return block;
}

/* Whether the policy has taken a block from the program whose guard was broken. */
static bool set_aside(const tarn_malloc_heap *heap, const void *block, tarn_status status)
{
    return heap->policy == TARN_POLICY_ISOLATE && status == TARN_E_DAMAGED &&
           tarn_recognise(heap->pool, block) == TARN_E_DOUBLE_FREE;
}

static void release(tarn_malloc_heap *heap, void *block, const char *function, const void *caller)
{
    tarn_status status = tarn_free_called(heap->pool, block, caller);
    bool settled = status == TARN_OK || set_aside(heap, block, status);
    tarn_malloc_leave();
    if (!settled) {
        tarn_malloc_bad_pointer(function, block, status);
    }
}

void free(void *block)
{
    tarn_malloc_heap *heap = block != NULL ? tarn_malloc_enter() : NULL;
    if (heap != NULL) {
        heap->counts.free++;
        release(heap, block, "free", caller_here());
    }
}

static void *resize(void *block, size_t size, const char *function, const void *caller)
{
    tarn_malloc_heap *heap = tarn_malloc_enter();
    if (heap == NULL) {
        return refuse(ENOMEM);
    }
    heap->counts.realloc++;
    if (block == NULL) {
        return answer_or_end(heap, take(heap, size, 0, caller), size, function);
    }
    if (size == 0) {
        release(heap, block, function, caller);
        return NULL;
    }
    void *moved = size <= PTRDIFF_MAX ? tarn_realloc_called(heap->pool, block, size, 1, caller) : NULL;
    tarn_status status = moved == NULL ? tarn_recognise(heap->pool, block) : TARN_OK;
    if (status != TARN_OK) {
        tarn_malloc_leave();
        tarn_malloc_bad_pointer(function, block, status);
    }
    return answer_or_end(heap, moved, size, function);
}

void *realloc(void *block, size_t size)
{
    return resize(block, size, "realloc", caller_here());
}

void *reallocarray(void *block, size_t count, size_t size)
{
    return resize(block, product(count, size), "reallocarray", caller_here());
}

static void *take_aligned(size_t alignment, size_t size, const void *caller)
{
    tarn_malloc_heap *heap = tarn_malloc_enter();
    if (heap == NULL) {
        return refuse(ENOMEM);
    }
    heap->counts.aligned++;
    return answer(heap, take(heap, size, alignment, caller));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment)) {
        return refuse(EINVAL);
    }
    return take_aligned(alignment, size, caller_here());
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    if (!is_power_of_two(alignment) || alignment % sizeof(void *) != 0) {
        return EINVAL;
    }
    int before = errno;
    void *taken = take_aligned(alignment, size, caller_here());
    errno = before;
    if (taken == NULL) {
        return ENOMEM;
    }
    *block = taken;
    return 0;
}

void *memalign(size_t alignment, size_t size)
{
    size_t rounded = TARN_MALLOC_GRANULE;
    while (rounded < alignment && rounded <= SIZE_MAX / 2) {
        rounded *= 2;
    }
    if (rounded < alignment) {
        return refuse(EINVAL);
    }
    return take_aligned(rounded, size, caller_here());
}

void *valloc(size_t size)
{
    return take_aligned(page_bytes(), size, caller_here());
}

void *pvalloc(size_t size)
{
    size_t page = page_bytes();
    size_t pages = size / page + (size % page != 0);
    return take_aligned(page, product(pages, page), caller_here());
}

size_t malloc_usable_size(void *block)
{
    const tarn_malloc_heap *heap = block != NULL ? tarn_malloc_enter() : NULL;
    if (heap == NULL) {
        return 0;
    }
    size_t size = tarn_usable(heap->pool, block);
    tarn_malloc_leave();
    return size;
}
