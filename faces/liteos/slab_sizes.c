/* SPDX-License-Identifier: MIT */
/*
 * The slab extension: LiteOS's classes as a plan for the core's slab (slab_plan.h), which serves them.
 *
 * F8 A page holds what LiteOS's allocator of a class holds, 512 bytes of objects unless LOS_SlabSizeCfg() says
 *    otherwise, and what the core needs beside them.
 * F9 A pool with classes that grow has one used node that nobody has, as the original has for its buckets.
 * Bound: constant; counting what is left, the pool's blocks and objects.
 */
#include "called.h"
#include "face.h"
#include "slab.h"
#include "text.h"

#define UNIT_SHIFT 6u       /* pages are multiples of 64 bytes */
#define FIXED_COVER 0x4000u /* classes that do not grow lie in front, behind control data that is shorter, */
#define PAGE_BESIDE 0x1000u /* each with no more than this, and half of its objects, beside these */
#define AUTO_LEAST_BUCKETS 4u

static const uint32_t class_size[SLAB_MEM_COUNT] = {SLAB_MEM_CALSS_STEP_SIZE, SLAB_MEM_CALSS_STEP_SIZE << 1,
                                                    SLAB_MEM_CALSS_STEP_SIZE << 2, SLAB_MEM_CALSS_STEP_SIZE << 3};
static UINT32 class_bytes[SLAB_MEM_COUNT] = {SLAB_MEM_ALLOCATOR_SIZE, SLAB_MEM_ALLOCATOR_SIZE, SLAB_MEM_ALLOCATOR_SIZE,
                                             SLAB_MEM_ALLOCATOR_SIZE};

VOID LOS_SlabSizeCfg(UINT32 *cfg, UINT32 cnt)
{
    if (cfg == NULL || cnt != SLAB_MEM_COUNT) {
        tarn_liteos_text text;
        text_begin(&text);
        tarn_liteos_put(&text, "[ERR] cfg is NULL, or cnt ");
        tarn_liteos_put_number(&text, cnt, 0);
        tarn_liteos_put(&text, " != SLAB_MEM_COUNT\n");
        tarn_liteos_put_end(&text);
        return;
    }
    for (UINT32 i = 0; i < SLAB_MEM_COUNT; i++) {
        class_bytes[i] = cfg[i] < SLAB_MEM_ALLOCATOR_SIZE ? SLAB_MEM_ALLOCATOR_SIZE : cfg[i];
    }
}

/* Classes of one page each, of the bytes that were asked for, this time. */
static VOID plan_fixed(liteos_slab *slab)
{
    uint64_t cover = FIXED_COVER;
    for (UINT32 i = 0; i < SLAB_MEM_COUNT; i++) {
        slab->objects[i] = class_bytes[i] / class_size[i];
        cover += class_bytes[i] + class_bytes[i] / 2u + PAGE_BESIDE;
        class_bytes[i] = SLAB_MEM_ALLOCATOR_SIZE;
    }
    slab->plan.limit = SLAB_MEM_COUNT;
    slab->plan.cover = cover > UINT32_MAX ? 0 : (UINT32)cover;
}

static bool plan_auto(UINTPTR size, liteos_slab *slab)
{
    UINTPTR buckets = size / SLAB_MEM_ALLOCATOR_SIZE >> SLAB_MEM_BUCKET_SIZE_TYPE;
    for (UINT32 i = 0; i < SLAB_MEM_COUNT; i++) {
        slab->objects[i] = SLAB_MEM_ALLOCATOR_SIZE / class_size[i];
    }
    slab->plan.limit = buckets > UINT32_MAX ? UINT32_MAX : (UINT32)buckets;
    return buckets >= AUTO_LEAST_BUCKETS;
}

/* What a pool is too small for is said at info level by the original, by default not at all. */
bool tarn_liteos_slab_plan(UINTPTR size, liteos_slab *slab)
{
    static const slab_plan classes = {UNIT_SHIFT, SLAB_MEM_COUNT, true, false, 0, 0, class_size, NULL};
    UINT32 kind = tarn_liteos_slab();
    slab->plan = classes;
    slab->plan.grows = kind == TARN_LITEOS_SLAB_AUTO;
    slab->plan.objects = slab->objects;
    if ((kind != TARN_LITEOS_ON && !slab->plan.grows) || size < SLAB_BASIC_NEED_SIZE) {
        return false;
    }
    if (slab->plan.grows) {
        return plan_auto(size, slab);
    }
    plan_fixed(slab);
    return true;
}

/* F9 */
VOID tarn_liteos_slab_made(tarn_pool *pool, const liteos_slab *slab)
{
    VOID *buckets = slab->plan.grows ? tarn_alloc_called(pool, 1, NODE_GRANULE, NULL, NULL) : NULL;
    if (buckets != NULL) {
        (VOID) tarn_owner_set(pool, buckets, TARN_OWNER(0, TARN_TASK_NONE));
    }
}

static bool count_owned(const tarn_block *block, void *context)
{
    *(UINT32 *)context += tarn_block_owned(block) ? 1u : 0;
    return true;
}

static VOID count_left(const tarn_view *view, void *context)
{
    UINT32 *left = (UINT32 *)context;
    tarn_block object;
    uint64_t position = 0;
    if (!layout_has_slab(view->layout)) {
        return;
    }
    *left = 0;
    (VOID) tarn_view_walk(view, count_owned, left);
    while (tarn_slab_next(view, &position, &object)) {
        ++*left;
    }
    bool node = slab_grows(view_get(view, IMAGE_SLAB + SLAB_SHAPE)) && *left != 0;
    *left -= node ? 1u : 0; /* F9 */
}

UINT32 tarn_liteos_blocks_left(const VOID *pool, const tarn_stats *stats)
{
    UINT32 left = stats->blocks;
    (VOID) tarn_look(const_pool_of(pool), count_left, &left);
    return left;
}
