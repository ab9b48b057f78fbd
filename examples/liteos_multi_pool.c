/* SPDX-License-Identifier: MIT */
/*
 * The multi-pool example of the LiteOS maintenance guide, unchanged, as a whole program: two pools are made inside
 * blocks of the system pool, listed, deleted and listed again.
 *
 *   cc liteos_multi_pool.c $(pkg-config --cflags --libs tarn-liteos) && ./a.out
 */
#include "los_memory.h"

void test(void);

void test(void)
{
    UINT32 ret = 0;
    UINT32 size = 0x100000;

    VOID *poolAddr1 = LOS_MemAlloc(OS_SYS_MEM_ADDR, size);
    ret = LOS_MemInit(poolAddr1, size);
    if (ret != 0) {
        PRINTK("LOS_MemInit failed\n");
        return;
    }

    VOID *poolAddr2 = LOS_MemAlloc(OS_SYS_MEM_ADDR, size);
    ret = LOS_MemInit(poolAddr2, size);
    if (ret != 0) {
        PRINTK("LOS_MemInit failed\n");
        return;
    }

    PRINTK("\n********step1 list the mem poll\n");
    LOS_MemPoolList();

    LOS_MemDeInit(poolAddr1);
    if (ret != 0) {
        PRINTK("LOS_MemDeInit failed\n");
        return;
    }

    PRINTK("\n********step2 list the mem poll\n");
    LOS_MemPoolList();

    LOS_MemDeInit(poolAddr2);
    if (ret != 0) {
        PRINTK("LOS_MemDeInit failed\n");
        return;
    }

    PRINTK("\n********step3 list the mem poll\n");
    LOS_MemPoolList();
}

int main(void)
{
    test();
    return 0;
}
