/* SPDX-License-Identifier: MIT */
/*
 * FMempInit() and FMempDeinit(): the buffer becomes an fmemp_control, the heap object and the list node that pools_list
 * points at, and a region.
 *
 *   begin .. round up to 8 | fmemp_control | region ........................................... | end
 */
#include "face.h"
#include "text.h"

#include "events.h"

/* Set when the registry had no room for a pool, and never again cleared: from then on a heap that is not listed may be
 * one nevertheless. */
static uint32_t any_unlisted;

/* F3: the live heap that is this structure's own, NULL if there is none. */
static tarn_heap *own_heap(const FMemp *memp)
{
    tarn_registration entry;
    tarn_heap *heap = fmemp_heap(memp);
    if (heap == NULL || (!tarn_registry_find(TARN_FACE_FMEMP, (const tarn_pool *)heap, &entry) &&
                         word_load_shared(&any_unlisted) == 0)) {
        return NULL;
    }
    return heap_is(heap) && memp->pools_list->pool_addr == (unsigned char *)heap + FMEMP_CONTROL_BYTES ? heap : NULL;
}

static void forget(FMemp *memp)
{
    memp->pools_list = NULL;
    memp->tlsf_ptr = NULL;
    memp->is_ready = 0;
    memp->tags_list = NULL;
}

/* ---- what is said ---- */

static void say_invalid(const void *begin, const void *end)
{
    text t = tarn_phytium_text("[ERR] FMEMP: Invalid input buf beg: ");
    tarn_phytium_put_address(&t, begin);
    tarn_phytium_put(&t, ", end: ");
    tarn_phytium_put_address(&t, end);
    tarn_phytium_put(&t, ".");
    tarn_phytium_put_end(&t);
}

/* "[WARN] FMEMP: memp words": what the structure's pool comes to. */
static void warn(const FMemp *memp, const char *words)
{
    text t = tarn_phytium_text("[WARN] FMEMP: ");
    tarn_phytium_put_address(&t, memp);
    tarn_phytium_put(&t, words);
    tarn_phytium_put_end(&t);
}

static FError answer_live(const FMemp *memp)
{
    warn(memp, " is initialised already and stays as it is.");
    return TARN_ON(TARN_FMEMP_STRICT_INIT) ? FMEMP_ERR_ALREADY_INIT : FMEMP_SUCCESS;
}

/* ---- ending ---- */

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

static void end_pool(FMemp *memp, tarn_heap *heap)
{
    tarn_region region;
    release_tags(memp);
    for (uint32_t i = 0; tarn_heap_region(heap, i, &region); i++) {
        tarn_registry_drop_inside(region.memory, region.bytes, false);
    }
    (void)tarn_registry_leave((const tarn_pool *)heap);
    (void)tarn_heap_deinit(heap);
    forget(memp);
}

void FMempDeinit(FMemp *memp)
{
    tarn_heap *heap = own_heap(memp);
    if (heap != NULL) {
        end_pool(memp, heap);
    } else if (memp != NULL && memp->is_ready == FT_COMPONENT_IS_READY) {
        forget(memp);
    }
}

void FMempRemove(FMemp *memp)
{
    FMempDeinit(memp);
}

/* ---- making ---- */

/* Whether the heap and its region have room in [begin, begin + bytes), begin a multiple of 8. */
static FError verify_room(const unsigned char *begin, size_t bytes)
{
    const unsigned char *rest = begin + FMEMP_CONTROL_BYTES;
    size_t least = FMEMP_CONTROL_BYTES + tarn_phytium_region_least(rest, FMEMP_LEAST);
    if (bytes < least) {
        tarn_phytium_say_few("FMempInit", bytes, least);
        return FMEMP_ERR_BAD_MALLOC;
    }
    tarn_status status = tarn_phytium_fits(rest, bytes - FMEMP_CONTROL_BYTES, FMEMP_LEAST);
    if (status != TARN_OK) {
        tarn_phytium_say_region("FMempInit", begin, status);
        return FMEMP_ERR_INIT_TLFS;
    }
    return FMEMP_SUCCESS;
}

static void enter(FMemp *memp, tarn_heap *heap, size_t bytes)
{
    tarn_registration entry = {(tarn_pool *)heap, bytes, "FMemp", TARN_FACE_FMEMP};
    fmemp_control *control = fmemp_control_of(heap);
    control->node.pool_addr = (unsigned char *)heap + FMEMP_CONTROL_BYTES;
    control->node.list.next = NULL;
    control->untagged = 0;
    memp->pools_list = &control->node;
    memp->tlsf_ptr = heap;
    memp->is_ready = FT_COMPONENT_IS_READY;
    if (tarn_registry_enter_heap(&entry, tarn_heap_mark) == TARN_E_REGISTRY_FULL) {
        word_store_shared(&any_unlisted, 1);
        warn(memp, " is not listed: every entry of the registry (TARN_REGISTRY_CAPACITY) is taken.");
        event_raise(TARN_EVENT_UNLISTED_INIT, TARN_E_REGISTRY_FULL, entry.pool, NULL, bytes, 0);
    }
}

static FError make_pool(FMemp *memp, unsigned char *begin, size_t bytes)
{
    tarn_heap *heap = NULL;
    tarn_status status = tarn_heap_init_as(&heap, begin, FACE_HEAP_BYTES, HEAP_TELLS_WIDTH);
    if (status == TARN_OK) {
        status = tarn_phytium_add(heap, begin + FMEMP_CONTROL_BYTES, bytes - FMEMP_CONTROL_BYTES);
    }
    if (status != TARN_OK) {
        tarn_phytium_say_region("FMempInit", begin, status);
        return FMEMP_ERR_INIT_TLFS;
    }
    enter(memp, heap, bytes);
    return FMEMP_SUCCESS;
}

/* A live pool elsewhere ends only once the new one is known to have room. */
static FError begin_anew(FMemp *memp, tarn_heap *old, unsigned char *begin, size_t bytes)
{
    FError result = verify_room(begin, bytes);
    if (result != FMEMP_SUCCESS && old != NULL) {
        return result;
    }
    if (old != NULL) {
        warn(memp, " is initialised elsewhere: the pool it had ends.");
        end_pool(memp, old);
    }
    forget(memp);
    return result == FMEMP_SUCCESS ? make_pool(memp, begin, bytes) : result;
}

FError FMempInit(FMemp *memp, void *begin_addr, void *end_addr)
{
    uintptr_t begin = ((uintptr_t)begin_addr + IMAGE_ALIGNMENT - 1u) & ~(uintptr_t)(IMAGE_ALIGNMENT - 1u);
    uintptr_t end = (uintptr_t)end_addr;
    tarn_heap *old = own_heap(memp);
    if (memp == NULL || begin_addr == NULL || (uintptr_t)begin_addr >= end) {
        say_invalid(begin_addr, end_addr);
        if (memp != NULL && old == NULL) {
            forget(memp);
        }
        return FMEMP_ERR_INVALID_BUF;
    }
    if (old != NULL && (uintptr_t)old == begin) {
        return answer_live(memp);
    }
    unsigned char *aligned = (unsigned char *)begin_addr + (begin - (uintptr_t)begin_addr);
    return begin_anew(memp, old, aligned, end > begin ? end - begin : 0);
}
