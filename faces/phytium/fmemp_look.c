/* SPDX-License-Identifier: MIT */
/*
 * FMemp: what is used, and by what.
 */
#include "face.h"
#include "text.h"

static u32 saturated(uint64_t bytes)
{
    return bytes > UINT32_MAX ? UINT32_MAX : (u32)bytes;
}

void FMemProbe(FMemp *memp, u32 *total, u32 *used, u32 *max_used)
{
    tarn_stats stats;
    (void)tarn_heap_stats(fmemp_heap(memp), NULL, &stats);
    if (total != NULL) {
        *total = saturated(stats.capacity);
    }
    if (used != NULL) {
        *used = saturated(stats.used);
    }
    if (max_used != NULL) {
        *max_used = saturated(stats.peak);
    }
}

static void say_value(const char *what, uintptr_t value, bool negative)
{
    text t = tarn_phytium_text("FMEMP: ");
    tarn_phytium_put(&t, what);
    tarn_phytium_put(&t, negative ? "-" : "");
    tarn_phytium_put_number(&t, value);
    tarn_phytium_put_end(&t);
}

/* A copy of the address's live tag; false if it has none. */
static bool tag_of(const FMemp *memp, const void *payload, FMempTag *copy)
{
    uintptr_t state = tarn_port_lock(&tarn_phytium_tags);
    const fmemp_slot *s = fmemp_slot_of(memp, memp->tags_list);
    while (s != NULL && (s->tag.mem_addr != (uintptr_t)payload || s->tag.status != FMEMP_TAG_ALLOCATED)) {
        s = fmemp_slot_of(memp, s->tag.next);
    }
    if (s != NULL) {
        *copy = s->tag;
    }
    tarn_port_unlock(&tarn_phytium_tags, state);
    return s != NULL;
}

/* The number is the tag's, so that a block without one has none. */
static bool say_block(const tarn_region *region, void *payload, const tarn_block *block, void *context)
{
    (void)region;
    if (block->state == TARN_BLOCK_FREE) {
        return true;
    }
    FMempTag tag;
    bool tagged = tag_of(context, payload, &tag);
    text t = tarn_phytium_text("FMEMP:     [");
    if (tagged) {
        tarn_phytium_put_number(&t, tag.id);
    }
    tarn_phytium_put(&t, tagged ? "]: @" : "-]: @");
    tarn_phytium_put_address(&t, payload);
    tarn_phytium_put(&t, ", sz: ");
    tarn_phytium_put_number(&t, tagged ? tag.mem_size : block->usable);
    tarn_phytium_put(&t, ", st: allocated");
    if (tagged) {
        tarn_phytium_put(&t, ", msg: ");
        tarn_phytium_put(&t, tag.msg);
    }
    tarn_phytium_put_end(&t);
    return true;
}

void FMemListAll(FMemp *memp)
{
    tarn_heap *heap = fmemp_heap(memp);
    tarn_stats stats;
    tarn_region region;
    tarn_heap_finding finding;
    tarn_status status = tarn_heap_check(heap, NULL, &finding);
    bool damaged = status == TARN_E_DAMAGED;
    if (status != TARN_OK && !damaged) {
        return;
    }
    if (damaged && finding.memory == NULL) { /* the heap's table: nobody knows the regions */
        say_value("check tlsf: ", 1, true);
        return;
    }
    (void)tarn_heap_stats(heap, NULL, &stats);
    say_value("total memory: ", (uintptr_t)stats.capacity, false);
    say_value("used memory : ", (uintptr_t)stats.used, false);
    say_value("check tlsf: ", damaged, damaged);
    for (uint32_t i = 0; tarn_heap_region(heap, i, &region); i++) {
        damaged = tarn_heap_check(heap, region.memory, NULL) == TARN_E_DAMAGED;
        say_value("check tlsf pool: ", damaged, damaged);
    }
    text t = tarn_phytium_text("FMEMP: Memory block status:  ");
    tarn_phytium_put_end(&t);
    (void)tarn_heap_walk(heap, NULL, say_block, memp);
}
