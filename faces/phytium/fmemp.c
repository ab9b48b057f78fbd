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

static bool is_listed(const tarn_heap *heap)
{
    tarn_registration entry;
    return tarn_registry_find(TARN_FACE_FMEMP, (const tarn_pool *)heap, &entry);
}

/* F3: whether there is a live heap with its list node. */
static bool is_live(tarn_heap *heap)
{
    return (is_listed(heap) || word_load_shared(&any_unlisted) != 0) && heap_is(heap) &&
           fmemp_control_of(heap)->node.pool_addr == (unsigned char *)heap + FMEMP_CONTROL_BYTES;
}

static bool lives(tarn_heap *heap, u32 life)
{
    return is_live(heap) && fmemp_control_of(heap)->life == life;
}

bool tarn_phytium_is_gone(tarn_heap *heap, u32 life)
{
    return is_listed(heap) ? !lives(heap, life) : word_load_shared(&any_unlisted) == 0;
}

static void forget(FMemp *memp)
{
    memp->pools_list = NULL;
    memp->tlsf_ptr = NULL;
    memp->is_ready = 0;
    memp->life = 0;
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

static void say_null(void)
{
    text t = tarn_phytium_text("[ERR] FMEMP: FMempInit is given no structure, memp is NULL.");
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

/* Tags outlive the pool in their table, free for other pools. reclaim() finds those of a pool that nobody ended
 * here. */
static void release_tags(FMemp *memp)
{
    uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
    for (fmemp_slot *s = fmemp_slot_of(memp, memp->tags_list); s != NULL; s = fmemp_slot_of(memp, s->tag.next)) {
        s->tag.status = FMEMP_TAG_FREEED;
        s->life = 0;
    }
    tarn_port_unlock(&tarn_phytium_tags, state);
}

static void end_heap(tarn_heap *heap)
{
    tarn_region region;
    for (uint32_t i = 0; tarn_heap_region(heap, i, &region); i++) {
        tarn_registry_drop_inside(region.memory, region.bytes, false);
    }
    (void)tarn_registry_leave((const tarn_pool *)heap);
    (void)tarn_heap_deinit(heap);
}

void FMempDeinit(FMemp *memp)
{
    tarn_heap *heap = fmemp_heap(memp);
    if (heap != NULL) {
        release_tags(memp);
        if (lives(heap, memp->life)) {
            end_heap(heap);
        } else if (is_listed(heap) && !heap_is(heap)) { /* tlsf_destroy() knows no registry */
            (void)tarn_registry_leave((const tarn_pool *)heap);
        }
    }
    if (memp != NULL && memp->is_ready == FT_COMPONENT_IS_READY) {
        forget(memp);
    }
}

void FMempRemove(FMemp *memp)
{
    FMempDeinit(memp);
}

/* ---- making ---- */

/* Whether the heap and its region have room; what FMempInit() was given is counted in the message. The region begins at
 * a multiple of 8 as the heap does. */
static FError verify_room(const unsigned char *begin, size_t bytes, size_t skipped)
{
    size_t least = FMEMP_CONTROL_BYTES + tarn_phytium_region_least(begin, FMEMP_LEAST);
    if (bytes < least) {
        tarn_phytium_say_few("FMempInit", bytes + skipped, least + skipped);
        return FMEMP_ERR_BAD_MALLOC;
    }
    tarn_status status = tarn_phytium_fits(begin, bytes - FMEMP_CONTROL_BYTES, FMEMP_LEAST);
    if (status != TARN_OK) {
        tarn_phytium_say_region("FMempInit", begin, status);
        return FMEMP_ERR_INIT_TLFS;
    }
    return FMEMP_SUCCESS;
}

static void end_listed(const tarn_registration *entry)
{
    (void)heap_void(entry->pool);
}

static void enter(FMemp *memp, tarn_heap *heap, size_t bytes)
{
    static const registry_kind kind = {tarn_heap_mark, end_listed};
    tarn_registration entry = {(tarn_pool *)heap, bytes, "FMemp", TARN_FACE_FMEMP};
    fmemp_control *control = fmemp_control_of(heap);
    control->node.pool_addr = (unsigned char *)heap + FMEMP_CONTROL_BYTES;
    control->node.list.next = NULL;
    control->life = tarn_registry_serial();
    control->untagged = 0;
    memp->pools_list = &control->node;
    memp->tlsf_ptr = heap;
    memp->life = control->life;
    memp->is_ready = FT_COMPONENT_IS_READY;
    if (tarn_registry_enter(&entry, &kind, NULL) == TARN_E_REGISTRY_FULL) {
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

/* The pool that the structure had elsewhere ends, if it is this structure's own (F4). */
static void leave_old(FMemp *memp, tarn_heap *old)
{
    if (old != NULL && fmemp_control_of(old)->life == memp->life) {
        warn(memp, " is initialised elsewhere: the pool it had ends.");
        FMempDeinit(memp);
    }
    forget(memp);
}

/* A failed init leaves a live pool as it is, and empties any other structure. */
static FError refuse(FMemp *memp, const tarn_heap *live, FError error)
{
    if (live == NULL) {
        forget(memp);
    }
    return error;
}

FError FMempInit(FMemp *memp, void *begin_addr, void *end_addr)
{
    uintptr_t given = (uintptr_t)begin_addr;
    uintptr_t begin = (given + IMAGE_ALIGNMENT - 1u) & ~(uintptr_t)(IMAGE_ALIGNMENT - 1u);
    uintptr_t end = (uintptr_t)end_addr;
    if (memp == NULL) {
        say_null();
        return FMEMP_ERR_INVALID_BUF;
    }
    tarn_heap *live = fmemp_heap(memp);
    live = live != NULL && is_live(live) ? live : NULL;
    if (begin_addr == NULL || given >= end || begin < given) {
        say_invalid(begin_addr, end_addr);
        return refuse(memp, live, FMEMP_ERR_INVALID_BUF);
    }
    if (live != NULL && (uintptr_t)live == begin) {
        return answer_live(memp);
    }
    unsigned char *aligned = (unsigned char *)begin_addr + (begin - given);
    size_t bytes = end > begin ? end - begin : 0;
    FError result = verify_room(aligned, bytes, begin - given);
    if (result != FMEMP_SUCCESS) {
        return refuse(memp, live, result);
    }
    leave_old(memp, live);
    return make_pool(memp, aligned, bytes);
}
