/* SPDX-License-Identifier: MIT */
/*
 * What FMemp and tlsf.h do alike on a heap, and how they say no.
 */
#include "face.h"
#include "text.h"

const unsigned char tarn_phytium_tags = 0;

tarn_status tarn_phytium_add(tarn_heap *heap, void *memory, size_t bytes)
{
    return tarn_heap_add(heap, memory, bytes, NULL);
}

size_t tarn_phytium_region_least(const void *memory, size_t serves)
{
    tarn_options options = {0};
    size_t bytes = IMAGE_HEADER_BYTES;
    options.flags = POOL_TELLS_WIDTH;
    while (tarn_overhead_as(bytes, &options) == 0 || bytes - tarn_overhead_as(bytes, &options) < serves + 4u) {
        bytes += IMAGE_ALIGNMENT;
    }
    return bytes + ((0u - (uintptr_t)memory) & (IMAGE_ALIGNMENT - 1u));
}

tarn_status tarn_phytium_fits(const void *memory, size_t bytes, size_t serves)
{
    tarn_options options = {0};
    options.flags = POOL_TELLS_WIDTH;
    if (bytes < tarn_phytium_region_least(memory, serves)) {
        return TARN_E_TOO_SMALL;
    }
    return tarn_overhead_as(bytes, &options) == 0 ? TARN_E_TOO_LARGE : TARN_OK;
}

static void say_why(const char *who, const void *address, const char *why)
{
    text t = tarn_phytium_text("[ERR] ");
    tarn_phytium_put(&t, who);
    tarn_phytium_put(&t, ": ");
    tarn_phytium_put_address(&t, address);
    tarn_phytium_put(&t, ": ");
    tarn_phytium_put(&t, why);
    tarn_phytium_put_end(&t);
}

/* The core's words are about pools; a caller of these interfaces knows heaps and regions. */
static const char *heap_text(const void *address, tarn_status status)
{
    switch (status) {
    case TARN_E_NULL:
        return address == NULL ? "NULL pointer" : "the heap is NULL";
    case TARN_E_NOT_A_POOL:
        return "the heap is none, or has ended";
    default:
        return tarn_status_text(status);
    }
}

void tarn_phytium_say(const char *who, const void *address, tarn_status status)
{
    say_why(who, address, heap_text(address, status));
}

static const char *region_text(const void *address, tarn_status status)
{
    switch (status) {
    case TARN_E_MISALIGNED:
        return sizeof(void *) == 8 ? "the address is not a multiple of 8 (tlsf_align_size())"
                                   : "the address is not a multiple of 4 (tlsf_align_size())";
    case TARN_E_OVERLAP:
        return "overlaps the heap itself or another region of it";
    case TARN_E_FOREIGN:
        return "no region of this heap begins there";
    case TARN_E_TOO_LARGE:
        return "a region is 2 GiB at most";
    default:
        return heap_text(address, status);
    }
}

void tarn_phytium_say_region(const char *who, const void *address, tarn_status status)
{
    say_why(who, address, region_text(address, status));
}

void tarn_phytium_say_few(const char *who, size_t bytes, size_t least)
{
    text t = tarn_phytium_text("[ERR] ");
    tarn_phytium_put(&t, who);
    tarn_phytium_put(&t, ": ");
    tarn_phytium_put_number(&t, bytes);
    tarn_phytium_put(&t, " bytes are too few, it takes ");
    tarn_phytium_put_number(&t, least);
    tarn_phytium_put_end(&t);
}

tarn_status tarn_phytium_free(tarn_heap *heap, void *block, const char *who, const void *caller)
{
    tarn_status status = tarn_heap_free_called(heap, block, caller);
    if (status != TARN_OK) {
        tarn_phytium_say(who, block, status);
    }
    return status;
}

void *tarn_phytium_realloc(tarn_heap *heap, void *block, size_t size, const char *who, const void *caller)
{
    void *moved = tarn_heap_realloc_called(heap, block, size, NULL, caller);
    if (moved == NULL) {
        tarn_status status = tarn_heap_recognise(heap, block);
        if (status != TARN_OK) {
            tarn_phytium_say(who, block, status);
        }
    }
    return moved;
}

void *tarn_phytium_aligned(tarn_heap *heap, size_t size, size_t alignment, const void *caller)
{
    tarn_request request = {NULL, 0, 0, alignment};
    return tarn_heap_alloc_called(heap, size, &request, caller);
}
