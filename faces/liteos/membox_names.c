/* SPDX-License-Identifier: MIT */
/*
 * LiteOS's names for memboxes: the kind that the library was configured with, for who asks for none. Decided when the
 * library is built, so that a program with static memboxes does not link the system pool. Bound: as the kind.
 */
#define TARN_LITEOS_MEMBOX_AS_CONFIGURED
#include "membox.h"

_Static_assert(!TARN_ON(LOSCFG_KERNEL_MEMBOX_STATIC) || !TARN_ON(LOSCFG_KERNEL_MEMBOX_DYNAMIC),
               "tarn/config.h: LOSCFG_KERNEL_MEMBOX_STATIC and LOSCFG_KERNEL_MEMBOX_DYNAMIC exclude each other");

#define DYNAMIC TARN_ON(LOSCFG_KERNEL_MEMBOX_DYNAMIC)

UINT32 LOS_MemboxInit(VOID *pool, UINT32 poolSize, UINT32 blkSize)
{
    return DYNAMIC ? tarn_liteos_system_box_init(pool, poolSize, blkSize)
                   : tarn_liteos_box_init(pool, poolSize, blkSize);
}

VOID *LOS_MemboxAlloc(VOID *pool)
{
    return DYNAMIC ? tarn_liteos_system_box_alloc(pool) : tarn_liteos_box_alloc(pool);
}

UINT32 LOS_MemboxFree(VOID *pool, VOID *box)
{
    return DYNAMIC ? tarn_liteos_system_box_free(pool, box) : tarn_liteos_box_free(pool, box);
}

VOID LOS_MemboxClr(VOID *pool, VOID *box)
{
    DYNAMIC ? tarn_liteos_system_box_clear(pool, box) : tarn_liteos_box_clear(pool, box);
}

VOID LOS_ShowBox(VOID *pool)
{
    DYNAMIC ? tarn_liteos_system_box_show(pool) : tarn_liteos_box_show(pool);
}
