/* SPDX-License-Identifier: MIT */
/*
 * malloc_trim(): gives the memory under free blocks back to the system, page by page. The address space stays; a page
 * that is used again is backed again and reads as zero, which is nothing that the pool relies on in either direction.
 *
 * T1: what the pool keeps in a free block is never in a page that is given back: its first KEPT_AT_START bytes (the
 *     header and at most 5 words of links, see the engines' pages) and its last two words.
 *
 * Bound: blocks, plus the system's work per page. Never called by free(): giving back is the program's decision.
 */
#define _DEFAULT_SOURCE /* MADV_DONTNEED */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "face.h"
#include "image.h"
#include "tarn/inspect.h"

#define EXPORTED __attribute__((visibility("default")))

EXPORTED int malloc_trim(size_t kept);

#define KEPT_AT_START 64u /* of a block: header and links take 24, the rest is room for an engine to come */
#define KEPT_AT_END 8u    /* the size tag, and the copy of the header in front of it */

typedef struct trimming {
    uintptr_t origin; /* where a block of offset 0 would begin, header included */
    uintptr_t page;
    bool gave_back;
} trimming;

static bool give_back(const tarn_block *block, void *context)
{
    trimming *work = context;
    if (block->state == TARN_BLOCK_FREE && block->size > KEPT_AT_START + KEPT_AT_END) {
        uintptr_t start = work->origin + (uintptr_t)block->offset;
        uintptr_t first = (start + KEPT_AT_START + work->page - 1) & ~(work->page - 1);
        uintptr_t last = (start + (uintptr_t)block->size - KEPT_AT_END) & ~(work->page - 1);
        if (first < last && madvise((void *)first, last - first, MADV_DONTNEED) == 0) {
            work->gave_back = true;
        }
    }
    return true;
}

/**
 * Gives every whole page inside free blocks back to the system. @p kept, which glibc takes as a number of bytes to keep
 * at the top, is ignored: the address space is kept in any case.
 *
 * Returns: 1 if there was such a page, else 0. Fails: never.
 * Bound: blocks. Interrupts: no. Lock: the face's, for the whole walk. Source: glibc.
 */
int malloc_trim(size_t kept)
{
    (void)kept;
    int before = errno;
    const tarn_malloc_heap *heap = tarn_malloc_enter();
    if (heap == NULL) {
        return 0;
    }
    const unsigned char *base = image_base(heap->pool);
    trimming work = {0, (uintptr_t)sysconf(_SC_PAGESIZE), false};
    tarn_stats stats;
    tarn_view view; /* a view's walk takes no lock, and reads each block once */
    if (tarn_counts_get(heap->pool, &stats) == TARN_OK && tarn_view_open(&view, base, heap->bytes) == TARN_OK) {
        work.origin = (uintptr_t)base - stats.overhead;
        (void)tarn_view_walk(&view, give_back, &work);
    }
    tarn_malloc_leave();
    errno = before;
    return work.gave_back ? 1 : 0;
}
