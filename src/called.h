/* SPDX-License-Identifier: MIT */
/*
 * Who called: the public functions on blocks, with the address that the outermost of them returns to.
 *
 * A public function, of tarn or of a face, takes caller_here() and passes it on; what it calls of tarn on the way is
 * one of these, so that events and call-site words name the program's line and none of the library's.
 */
#ifndef TARN_SRC_CALLED_H
#define TARN_SRC_CALLED_H

#include "tarn/account.h"
#include "tarn/regions.h"

#if defined(__GNUC__)
/* A public function that a link-time optimiser inlined would return to wherever its caller does. */
#define PUBLIC_ENTRY __attribute__((noinline))

/* What a short function leaves to another must not make it a long one. */
#define APART __attribute__((noinline))

/* A short function that must be part of whoever calls it, for that to stay short. */
#define WITHIN __attribute__((always_inline)) static inline

/* A function that is compiled with all that it calls, so that what is known of their arguments is known in them. */
#define PLAIN_ENTRY __attribute__((flatten))

/* Where the function that this is written in returns to. */
WITHIN const void *caller_here(void)
{
    return __builtin_return_address(0);
}
#else
#define PUBLIC_ENTRY
#define APART
#define WITHIN static inline
#define PLAIN_ENTRY

static inline const void *caller_here(void)
{
    return NULL;
}
#endif

/* tarn_alloc_for(), with an alignment that has to be one; purpose NULL: none in particular, its alignment is not looked
 * at. */
void *tarn_alloc_called(tarn_pool *pool, size_t size, size_t alignment, const tarn_purpose *purpose,
                        const void *caller);
/* The same of what the gates have let pass. */
void *tarn_alloc_ungated(tarn_pool *pool, size_t size, size_t alignment, const tarn_purpose *purpose,
                         const void *caller);
void *tarn_realloc_called(tarn_pool *pool, void *block, size_t size, size_t alignment, const void *caller);
tarn_status tarn_resize_called(tarn_pool *pool, void *block, size_t size, const void *caller);
/* The module of a used block; 0 if it is none, or the pool notes no owners. */
uint32_t tarn_module_of(const tarn_pool *pool, const void *address);

tarn_status tarn_free_called(tarn_pool *pool, void *block, const void *caller);

void *tarn_heap_alloc_called(tarn_heap *heap, size_t size, const tarn_request *request, const void *caller);
void *tarn_heap_calloc_called(tarn_heap *heap, size_t count, size_t size, const tarn_request *request,
                              const void *caller);
void *tarn_heap_realloc_called(tarn_heap *heap, void *block, size_t size, const tarn_request *request,
                               const void *caller);
tarn_status tarn_heap_free_called(tarn_heap *heap, void *block, const void *caller);

#endif
