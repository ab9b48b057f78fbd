/* SPDX-License-Identifier: MIT */
/*
 * One heap over three kinds of memory: a little on-chip RAM, much external RAM, and RAM that a DMA engine writes behind
 * the cache, where every block owns whole cache lines. It shows what a request may ask for, that fallback happens only
 * where its list allows it, why a region cannot be removed and whose blocks are in the way, and what each region holds.
 *
 *   cc regions.c $(pkg-config --cflags --libs tarn) && ./a.out
 */
#include <tarn/regions.h>

#include <stdio.h>

enum { LINE = 64, NETWORK = 7, DISPLAY = 9, MOST = 8 };

/* On a board the linker script places these; to the heap they are ranges of addresses. */
static TARN_STORAGE(table, TARN_HEAP_BYTES(3));
static TARN_STORAGE(fast, 2 * 1024);
static TARN_STORAGE(external, 16 * 1024);
static TARN_STORAGE(dma, 4 * 1024);

static const uint32_t masks[] = {TARN_CAP_FAST, TARN_CAP_EXTERNAL, TARN_CAP_DMA};
static const tarn_request fast_only = {.capabilities = &masks[0], .count = 1};
static const tarn_request fast_or_external = {.capabilities = &masks[0], .count = 2};
static const tarn_request dma_only = {.capabilities = &masks[2], .count = 1};

static const char *name_of(uint32_t capabilities)
{
    return capabilities & TARN_CAP_FAST ? "fast" : capabilities & TARN_CAP_EXTERNAL ? "external" : "dma";
}

/* Which region a block lies in. */
static const char *place_of(tarn_heap *heap, const void *block)
{
    tarn_region region;
    return tarn_heap_region_of(heap, block, &region) == TARN_OK ? name_of(region.capabilities) : "no region";
}

/* Fast memory is asked first by requests that name none, DMA memory last; its blocks remember their owners. */
static tarn_heap *make_heap(void)
{
    const tarn_region_options on_chip = {.capabilities = TARN_CAP_FAST, .rank = 0};
    const tarn_region_options off_chip = {.capabilities = TARN_CAP_EXTERNAL, .rank = 1};
    const tarn_region_options device = {
        .capabilities = TARN_CAP_DMA, .line = LINE, .rank = 2, .pool = {.extension_words = 1}};
    tarn_heap *heap;
    tarn_status status = tarn_heap_init(&heap, table, sizeof table);
    if (status == TARN_OK) {
        status = tarn_heap_add(heap, fast, sizeof fast, &on_chip);
    }
    if (status == TARN_OK) {
        status = tarn_heap_add(heap, external, sizeof external, &off_chip);
    }
    if (status == TARN_OK) {
        status = tarn_heap_add(heap, dma, sizeof dma, &device);
    }
    printf("three regions: %s\n", tarn_status_text(status));
    return status == TARN_OK ? heap : NULL;
}

static void show_preference(tarn_heap *heap)
{
    unsigned served = 0;
    while (tarn_heap_alloc(heap, 400, &fast_only) != NULL) {
        served++;
    }
    printf("fast only: %u blocks, then refused\n", served);
    printf("fast or external: %s\n", place_of(heap, tarn_heap_alloc(heap, 400, &fast_or_external)));
    printf("anywhere, a small one: %s\n", place_of(heap, tarn_heap_alloc(heap, 16, NULL)));
}

static unsigned take_buffers(tarn_heap *heap, void **buffers)
{
    unsigned count = 0, whole = 0;
    while (count < 3 && (buffers[count] = tarn_heap_alloc(heap, 100, &dma_only)) != NULL) {
        uintptr_t begin = (uintptr_t)buffers[count], end = begin + tarn_heap_usable(heap, buffers[count]);
        whole += begin % LINE == 0 && end % LINE == 0;
        tarn_heap_owner_set(heap, buffers[count], TARN_OWNER(count == 1 ? DISPLAY : NETWORK, 0));
        count++;
    }
    printf("dma buffers for 100 bytes: %u, in %s; %u begin and end on a line\n", count, place_of(heap, buffers[0]),
           whole);
    return count;
}

static void show_leftovers(const tarn_leftovers *left)
{
    printf("  %u blocks in use, %u bytes with headers\n", (unsigned)left->blocks, (unsigned)left->bytes);
    for (uint32_t i = 0; i < left->owners; i++) {
        printf("  module %u has %u of them\n", (unsigned)(left->owner[i] >> 20), (unsigned)left->owner_blocks[i]);
    }
}

static void show_statistics(tarn_heap *heap)
{
    tarn_region region;
    tarn_stats now;
    for (uint32_t i = 0; tarn_heap_region(heap, i, &region); i++) {
        tarn_heap_stats(heap, region.memory, &now);
        printf("  %s: %u bytes, %u blocks, %u used, peak %u, largest request now %u\n", name_of(region.capabilities),
               (unsigned)region.bytes, (unsigned)now.blocks, (unsigned)now.used, (unsigned)now.peak,
               (unsigned)now.largest_request);
    }
    tarn_heap_stats(heap, NULL, &now);
    printf("  heap: %u blocks, %u used, peak %u, %u refusals\n", (unsigned)now.blocks, (unsigned)now.used,
           (unsigned)now.peak, (unsigned)now.refusals);
}

static bool remove_dma(tarn_heap *heap)
{
    tarn_leftovers left;
    tarn_status status = tarn_heap_remove(heap, dma, &left);
    printf("remove dma: %s\n", tarn_status_text(status));
    if (status == TARN_E_IN_USE) {
        show_leftovers(&left);
    }
    return status == TARN_OK;
}

int main(void)
{
    void *buffers[MOST] = {NULL};
    tarn_heap *heap = make_heap();
    if (heap == NULL) {
        return 1;
    }
    show_preference(heap);
    unsigned count = take_buffers(heap, buffers);
    show_statistics(heap);
    remove_dma(heap);
    for (unsigned i = 0; i < count; i++) {
        tarn_heap_free(heap, buffers[i]);
    }
    bool removed = remove_dma(heap);
    printf("dma without its region: %s\n", tarn_heap_alloc(heap, 100, &dma_only) == NULL ? "refused" : "served");
    tarn_status sound = tarn_heap_check(heap, NULL, NULL);
    show_statistics(heap);
    printf("check: %s\n", tarn_status_text(sound));
    return removed && sound == TARN_OK ? 0 : 1;
}
