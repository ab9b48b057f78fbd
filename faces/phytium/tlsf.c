/* SPDX-License-Identifier: MIT */
/*
 * tlsf.h: heaps, regions and blocks.
 */
#include "face.h"
#include "text.h"

static tarn_heap *heap_of(tlsf_t tlsf)
{
    return (tarn_heap *)tlsf;
}

static tarn_heap *make_heap(const char *who, void *mem)
{
    tarn_heap *heap;
    tarn_status status = tarn_heap_init_as(&heap, mem, FACE_HEAP_BYTES, HEAP_TELLS_WIDTH);
    if (status != TARN_OK) {
        tarn_phytium_say_region(who, mem, status);
    }
    return heap;
}

static bool add_region(const char *who, tarn_heap *heap, void *mem, size_t bytes)
{
    tarn_status status =
        (uintptr_t)mem % sizeof(void *) == 0 ? tarn_phytium_fits(mem, bytes, TLSF_LEAST) : TARN_E_MISALIGNED;
    if (status == TARN_OK) {
        status = tarn_phytium_add(heap, mem, bytes);
    }
    if (status == TARN_E_TOO_SMALL) {
        tarn_phytium_say_few(who, bytes, tarn_phytium_region_least(mem, TLSF_LEAST));
    } else if (status != TARN_OK) {
        tarn_phytium_say_region(who, mem, status);
    }
    return status == TARN_OK;
}

tlsf_t tlsf_create(void *mem)
{
    return make_heap("tlsf_create", mem);
}

tlsf_t tlsf_create_with_pool(void *mem, size_t bytes)
{
    static const char who[] = "tlsf_create_with_pool";
    unsigned char *rest = mem == NULL ? NULL : (unsigned char *)mem + FACE_HEAP_BYTES;
    size_t least = FACE_HEAP_BYTES + tarn_phytium_region_least(rest, TLSF_LEAST);
    if (mem != NULL && bytes < least) {
        tarn_phytium_say_few(who, bytes, least);
        return NULL;
    }
    tarn_status status = mem == NULL ? TARN_OK : tarn_phytium_fits(rest, bytes - FACE_HEAP_BYTES, TLSF_LEAST);
    if (status != TARN_OK) {
        tarn_phytium_say_region(who, mem, status);
        return NULL;
    }
    tarn_heap *heap = make_heap(who, mem);
    if (heap != NULL && !add_region(who, heap, rest, bytes - FACE_HEAP_BYTES)) {
        (void)tarn_heap_deinit(heap);
        return NULL;
    }
    return heap;
}

void tlsf_destroy(tlsf_t tlsf)
{
    (void)tarn_heap_deinit(heap_of(tlsf));
}

pool_t tlsf_get_pool(tlsf_t tlsf)
{
    tarn_region region;
    return tarn_heap_region(heap_of(tlsf), 0, &region) ? region.memory : NULL;
}

pool_t tlsf_add_pool(tlsf_t tlsf, void *mem, size_t bytes)
{
    return add_region("tlsf_add_pool", heap_of(tlsf), mem, bytes) ? mem : NULL;
}

void tlsf_remove_pool(tlsf_t tlsf, pool_t pool)
{
    tarn_status status = tarn_heap_remove(heap_of(tlsf), pool, NULL);
    if (status != TARN_OK) {
        tarn_phytium_say_region("tlsf_remove_pool", pool, status);
    }
}

/* The smallest block of every engine holds this many, so that tlsf_block_size_min() is one number. */
static size_t at_least(size_t bytes)
{
    return bytes > TLSF_LEAST ? bytes : TLSF_LEAST;
}

static void *malloc_called(tlsf_t tlsf, size_t bytes, const void *caller)
{
    return bytes == 0 ? NULL : tarn_heap_alloc_called(heap_of(tlsf), at_least(bytes), NULL, caller);
}

PUBLIC_ENTRY void *tlsf_malloc(tlsf_t tlsf, size_t bytes)
{
    return malloc_called(tlsf, bytes, caller_here());
}

PUBLIC_ENTRY void *tlsf_memalign(tlsf_t tlsf, size_t align, size_t bytes)
{
    return bytes == 0 ? NULL : tarn_phytium_aligned(heap_of(tlsf), at_least(bytes), align, caller_here());
}

PUBLIC_ENTRY void *tlsf_realloc(tlsf_t tlsf, void *ptr, size_t size)
{
    if (ptr == NULL) {
        return malloc_called(tlsf, size, caller_here());
    }
    if (size == 0) {
        (void)tarn_phytium_free(heap_of(tlsf), ptr, "tlsf_free", caller_here());
        return NULL;
    }
    return tarn_phytium_realloc(heap_of(tlsf), ptr, at_least(size), "tlsf_realloc", caller_here());
}

PUBLIC_ENTRY void tlsf_free(tlsf_t tlsf, void *ptr)
{
    if (ptr != NULL) {
        (void)tarn_phytium_free(heap_of(tlsf), ptr, "tlsf_free", caller_here());
    }
}

size_t tlsf_block_size(void *ptr)
{
    if (ptr == NULL) {
        return 0;
    }
    event_enter(NULL, NULL, 0);
    uint32_t header = word_load((const unsigned char *)ptr - 4);
    event_leave(NULL, NULL, 0);
    uint32_t granules = (header & (UINT32_MAX >> (IMAGE_SIZE_BITS_MAX - width_of_header(header)))) >> BLOCK_SIZE_SHIFT;
    return (size_t)granules * 8u - 4u;
}

/* ---- limits ---- */

size_t tlsf_size(void)
{
    return FACE_HEAP_BYTES;
}

size_t tlsf_align_size(void)
{
    return sizeof(void *);
}

size_t tlsf_block_size_min(void)
{
    return TLSF_LEAST;
}

size_t tlsf_block_size_max(void)
{
    return ((size_t)8u << WIDTH_LARGEST) - 4u;
}

/* The control data of the largest regions, the most that any has, what alignment, the last granule and a map's length
 * may lose, and 1/63 of that: N / 63 more for the map is then enough, because the map lies in the region too. */
size_t tlsf_pool_overhead(void)
{
    tarn_options options = {0};
    options.flags = POOL_TELLS_WIDTH;
    options.recognition = TARN_RECOGNISE_KEYED;
    size_t bytes = tarn_overhead_as(UINT32_C(1) << 30, &options) + 3u * IMAGE_ALIGNMENT + tlsf_alloc_overhead();
    return bytes + bytes / 63u + 1u;
}

size_t tlsf_alloc_overhead(void)
{
    return 4;
}
