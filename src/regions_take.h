/* SPDX-License-Identifier: MIT */
/*
 * Requests to a heap (regions_take.c), for changes of size that turn into one (regions_blocks.c).
 */
#ifndef TARN_SRC_REGIONS_TAKE_H
#define TARN_SRC_REGIONS_TAKE_H

#include "heap.h"
#include "steps.h"

static inline size_t request_alignment(const tarn_request *request)
{
    return request == NULL ? 0 : request->alignment;
}

static inline uint32_t request_module(const tarn_request *request)
{
    return request == NULL ? 0 : request->module;
}

/* Counts a request that no region was asked for. */
void tarn_heap_refused(tarn_heap *heap);

/* Enters the heap. One whose blocks note callers is left to ask who they are, and entered again. */
tarn_status tarn_heap_enter_noting(tarn_heap *heap, origin *o, uintptr_t *state);

/* True, and the request refused, if a gate says so. */
bool tarn_heap_turned_away(tarn_heap *heap, size_t size, const tarn_request *request, const void *caller);

/* Serves a request that the gates, if there are any, let pass. */
void *tarn_heap_alloc_ungated(tarn_heap *heap, size_t size, const tarn_request *request, const void *caller);

#endif
