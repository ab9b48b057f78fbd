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

size_t tarn_phytium_region_least(const void *memory)
{
    tarn_options options = {0};
    size_t bytes = IMAGE_HEADER_BYTES;
    options.flags = POOL_TELLS_WIDTH;
    while (tarn_overhead_as(bytes, &options) == 0 || bytes - tarn_overhead_as(bytes, &options) < TLSF_LEAST + 4u) {
        bytes += IMAGE_ALIGNMENT;
    }
    return bytes + ((0u - (uintptr_t)memory) & (IMAGE_ALIGNMENT - 1u));
}

tarn_status tarn_phytium_fits(const void *memory, size_t bytes)
{
    tarn_options options = {0};
    options.flags = POOL_TELLS_WIDTH;
    if (bytes < tarn_phytium_region_least(memory)) {
        return TARN_E_TOO_SMALL;
    }
    return tarn_overhead_as(bytes, &options) == 0 ? TARN_E_TOO_LARGE : TARN_OK;
}

void tarn_phytium_say(const char *who, const void *address, tarn_status status)
{
    text t = tarn_phytium_text("[ERR] ");
    tarn_phytium_put(&t, who);
    tarn_phytium_put(&t, ": ");
    tarn_phytium_put_address(&t, address);
    tarn_phytium_put(&t, ": ");
    tarn_phytium_put(&t, tarn_status_text(status));
    tarn_phytium_put_end(&t);
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

tarn_status tarn_phytium_free(tarn_heap *heap, void *block, const char *who)
{
    tarn_status status = tarn_heap_free(heap, block);
    if (status != TARN_OK) {
        tarn_phytium_say(who, block, status);
    }
    return status;
}

void *tarn_phytium_realloc(tarn_heap *heap, void *block, size_t size, const char *who)
{
    void *moved = tarn_heap_realloc(heap, block, size, NULL);
    if (moved == NULL) {
        tarn_status status = tarn_heap_recognise(heap, block);
        if (status != TARN_OK) {
            tarn_phytium_say(who, block, status);
        }
    }
    return moved;
}

void *tarn_phytium_aligned(tarn_heap *heap, size_t size, size_t alignment)
{
    tarn_request request = {NULL, 0, 0, alignment};
    return tarn_heap_alloc(heap, size, &request);
}
