/* SPDX-License-Identifier: MIT */
/*
 * FMempInit() and FMempDeinit(): the buffer becomes a heap object, the list node that pools_list points at, and a region.
 *
 *   begin .. round up to 8 | heap object | FMempPoolList | region .......................... | end
 */
#include "face.h"
#include "text.h"

typedef struct control {
    unsigned char heap[FACE_HEAP_BYTES];
    FMempPoolList node;
} control;

#define CONTROL_BYTES ((sizeof(control) + IMAGE_ALIGNMENT - 1u) & ~(size_t)(IMAGE_ALIGNMENT - 1u))

/* F3: bytes of the live heap at this address; 0, without reading what is not listed, if there is none. */
static size_t live_bytes(const void *heap)
{
    tarn_registration entry = {NULL, 0, NULL, TARN_FACE_FMEMP};
    for (uint32_t i = 0; (const void *)entry.pool != heap; i++) {
        if (!tarn_registered(TARN_FACE_FMEMP, i, &entry)) {
            return 0;
        }
    }
    return heap != NULL && heap_is((const tarn_heap *)heap) ? entry.bytes : 0;
}

static void forget(FMemp *memp)
{
    memp->pools_list = NULL;
    memp->tlsf_ptr = NULL;
    memp->is_ready = 0;
    memp->tags_list = NULL;
}

static FError refuse_range(const void *begin, const void *end)
{
    text t = tarn_phytium_text("[ERR] FMEMP: Invalid input buf beg: ");
    tarn_phytium_put_address(&t, begin);
    tarn_phytium_put(&t, ", end: ");
    tarn_phytium_put_address(&t, end);
    tarn_phytium_put(&t, ".");
    tarn_phytium_put_end(&t);
    return FMEMP_ERR_INVALID_BUF;
}

static FError answer_live(const FMemp *memp)
{
    text t = tarn_phytium_text("[WARN] FMEMP: ");
    tarn_phytium_put_address(&t, memp);
    tarn_phytium_put(&t, " is initialised already and stays as it is.");
    tarn_phytium_put_end(&t);
    return TARN_ON(TARN_FMEMP_STRICT_INIT) ? FMEMP_ERR_ALREADY_INIT : FMEMP_SUCCESS;
}

/* The heap with its region in [begin, begin + bytes), begin a multiple of 8. */
static FError make_pool(unsigned char *begin, size_t bytes, tarn_heap **heap)
{
    size_t least = CONTROL_BYTES + tarn_phytium_region_least(begin + CONTROL_BYTES);
    if (bytes < least) {
        tarn_phytium_say_few("FMempInit", bytes, least);
        return FMEMP_ERR_BAD_MALLOC;
    }
    tarn_status status = tarn_phytium_fits(begin + CONTROL_BYTES, bytes - CONTROL_BYTES);
    if (status == TARN_OK) {
        status = tarn_heap_init_as(heap, begin, FACE_HEAP_BYTES, HEAP_TELLS_WIDTH);
    }
    if (status == TARN_OK) {
        status = tarn_phytium_add(*heap, begin + CONTROL_BYTES, bytes - CONTROL_BYTES);
    }
    if (status != TARN_OK) {
        tarn_phytium_say("FMempInit", begin, status);
        return FMEMP_ERR_INIT_TLFS;
    }
    return FMEMP_SUCCESS;
}

static void enter(FMemp *memp, tarn_heap *heap, size_t bytes)
{
    tarn_registration entry = {(tarn_pool *)heap, bytes, "FMemp", TARN_FACE_FMEMP};
    control *c = (control *)(void *)heap;
    c->node.pool_addr = (unsigned char *)heap + CONTROL_BYTES;
    c->node.list.next = NULL;
    memp->pools_list = &c->node;
    memp->tlsf_ptr = heap;
    memp->is_ready = FT_COMPONENT_IS_READY;
    (void)tarn_registry_enter_heap(&entry, tarn_heap_mark);
}

FError FMempInit(FMemp *memp, void *begin_addr, void *end_addr)
{
    uintptr_t begin = ((uintptr_t)begin_addr + IMAGE_ALIGNMENT - 1u) & ~(uintptr_t)(IMAGE_ALIGNMENT - 1u);
    uintptr_t end = (uintptr_t)end_addr;
    if (memp == NULL || begin_addr == NULL || (uintptr_t)begin_addr >= end) {
        return refuse_range(begin_addr, end_addr);
    }
    bool claims = memp->is_ready == FT_COMPONENT_IS_READY && (uintptr_t)memp->tlsf_ptr == begin;
    if (claims && live_bytes(memp->tlsf_ptr) != 0) {
        return answer_live(memp);
    }
    tarn_heap *heap = NULL;
    size_t bytes = end > begin ? end - begin : 0;
    forget(memp);
    FError result = make_pool((unsigned char *)begin_addr + (begin - (uintptr_t)begin_addr), bytes, &heap);
    if (result == FMEMP_SUCCESS) {
        enter(memp, heap, bytes);
    }
    return result;
}

/* Tags outlive the pool in their table; unreachable from here they are free for other pools. */
static void release_tags(FMemp *memp)
{
    uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
    for (FMempTag *tag = memp->tags_list; tag != NULL; tag = tag->next) {
        tag->mem_addr = 0;
        tag->status = FMEMP_TAG_FREEED;
    }
    memp->tags_list = NULL;
    tarn_port_unlock(&tarn_phytium_tags, state);
}

void FMempDeinit(FMemp *memp)
{
    if (memp == NULL || memp->is_ready != FT_COMPONENT_IS_READY) {
        return;
    }
    tarn_heap *heap = (tarn_heap *)memp->tlsf_ptr;
    size_t bytes = live_bytes(heap);
    if (bytes != 0) {
        release_tags(memp);
        tarn_registry_drop_inside(heap, bytes, true);
        (void)tarn_registry_leave((const tarn_pool *)heap);
        (void)tarn_heap_deinit(heap);
    }
    forget(memp);
}

void FMempRemove(FMemp *memp)
{
    FMempDeinit(memp);
}
