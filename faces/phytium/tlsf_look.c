/* SPDX-License-Identifier: MIT */
/*
 * tlsf.h: walking and checking.
 */
#include "face.h"
#include "text.h"

typedef struct walk {
    tlsf_walker walker;
    void *user;
    const unsigned char *base;
} walk;

static void print_block(void *ptr, size_t size, int used, void *user)
{
    (void)user;
    text t = tarn_phytium_text("\t");
    tarn_phytium_put_address(&t, ptr);
    tarn_phytium_put(&t, used != 0 ? " used size: " : " free size: ");
    tarn_phytium_put_hex(&t, size);
    tarn_phytium_put(&t, " (");
    tarn_phytium_put_address(&t, (const unsigned char *)ptr - 4);
    tarn_phytium_put(&t, ")");
    tarn_phytium_put_end(&t);
}

static bool visit(const tarn_block *block, void *context)
{
    const walk *w = context;
    void *payload = (void *)(uintptr_t)(w->base + (size_t)block->offset);
    w->walker(payload, block->usable, tarn_block_counts(block), w->user);
    return true;
}

void tlsf_walk_pool(pool_t pool, tlsf_walker walker, void *user)
{
    walk w = {walker != NULL ? walker : print_block, user, image_base(pool)};
    (void)tarn_walk(pool, visit, &w);
}

int tlsf_check(tlsf_t tlsf)
{
    tarn_heap *heap = (tarn_heap *)tlsf;
    tarn_region region;
    int damaged = 0;
    tarn_heap_finding finding;
    tarn_status status = tarn_heap_check(heap, NULL, &finding);
    if (status != TARN_E_DAMAGED || finding.memory == NULL) { /* where the table is damaged, nobody knows the regions */
        return status == TARN_OK ? 0 : -1;
    }
    for (uint32_t i = 0; tarn_heap_region(heap, i, &region); i++) {
        damaged += tarn_heap_check(heap, region.memory, NULL) == TARN_E_DAMAGED ? 1 : 0;
    }
    return damaged == 0 ? -1 : -damaged;
}

int tlsf_check_pool(pool_t pool)
{
    return tarn_check(pool, NULL) == TARN_OK ? 0 : -1;
}
