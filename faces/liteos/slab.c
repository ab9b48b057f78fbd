/* SPDX-License-Identifier: MIT */
/*
 * The slab extension's table. There is no slab in this version: what a program says is kept for the one that has it.
 */
#include "face.h"
#include "text.h"

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
