/* SPDX-License-Identifier: MIT */
/*
 * FMemp: blocks.
 */
#include "face.h"

static size_t at_least(size_t bytes)
{
    return bytes > FMEMP_LEAST ? bytes : FMEMP_LEAST;
}

void *FMempMalloc(FMemp *memp, fsize_t nbytes)
{
    tarn_heap *heap = fmemp_heap(memp);
    return heap == NULL ? NULL : tarn_heap_alloc_called(heap, at_least(nbytes), NULL, caller_here());
}

void *FMempCalloc(FMemp *memp, fsize_t count, fsize_t size)
{
    tarn_heap *heap = fmemp_heap(memp);
    if (heap == NULL || (size != 0 && count > SIZE_MAX / size)) {
        return NULL;
    }
    return tarn_heap_calloc_called(heap, 1, at_least(count * size), NULL, caller_here());
}

void *FMempMallocAlign(FMemp *memp, fsize_t size, fsize_t align)
{
    tarn_heap *heap = fmemp_heap(memp);
    void *block = heap == NULL ? NULL : tarn_phytium_aligned(heap, at_least(size), align, caller_here());
    if (block != NULL) {
        memset(block, 0, at_least(size));
    }
    return block;
}

void *FMempRealloc(FMemp *memp, void *ptr, fsize_t nbytes)
{
    tarn_heap *heap = fmemp_heap(memp);
    if (heap == NULL) {
        return NULL;
    }
    if (nbytes == 0) {
        if (ptr != NULL) {
            (void)tarn_phytium_free(heap, ptr, "FMempFree", caller_here());
        }
        return NULL;
    }
    return ptr == NULL ? tarn_heap_alloc_called(heap, nbytes, NULL, caller_here())
                       : tarn_phytium_realloc(heap, ptr, nbytes, "FMempRealloc", caller_here());
}

void FMempFree(FMemp *memp, void *ptr)
{
    tarn_heap *heap = fmemp_heap(memp);
    if (heap != NULL && ptr != NULL) {
        (void)tarn_phytium_free(heap, ptr, "FMempFree", caller_here());
    }
}
