/* SPDX-License-Identifier: MIT */
/*
 * What LiteOS's debug functions print, for docs/porting-liteos.md: each is called once, with what it needs switched on.
 *
 *   cc -g liteos_debug.c $(pkg-config --cflags --libs tarn-liteos) && TARN_LITEOS_SYS_MEM=64k ./a.out
 */
#include <stdio.h>

#define TARN_LMS_KEEP_NAMES
#include "los_lms.h"
#include "los_memory.h"
#include "los_memory_pri.h"
#include "los_memrecord_pri.h"
#include "tarn/liteos.h"

const tarn_liteos_settings tarn_liteos_config = {
    .callers = TARN_LITEOS_ON, .refusal_report = TARN_LITEOS_ON, .exhaustion_report = TARN_LITEOS_ON};

static UINT64 memory[2][512];
static VOID *const pool = memory[0];
static VOID *const copied = memory[1]; /* its nodes have copies of their heads */

static VOID head(const CHAR *what)
{
    (VOID) printf("\n-- %s\n", what);
}

static VOID look(UINT8 *block)
{
    UINT32 total = 0;
    UINT32 available = 0;
    head("OsMemInfoPrint(pool)");
    OsMemInfoPrint(pool);
    head("LOS_MemFreeNodeShow(pool)");
    (VOID) LOS_MemFreeNodeShow(pool);
    head("OsMemUsedNodeShow(pool)");
    OsMemUsedNodeShow(pool);
    head("LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_LOW)");
    (VOID) LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_LOW);
    head("LOS_MemNodeSizeCheck(pool, block, &total, &available)");
    UINT32 answer = LOS_MemNodeSizeCheck(pool, block, &total, &available);
    (VOID) printf("answers %u: %u bytes, %u of them available\n", answer, total, available);
    head("LOS_MemTaskIdGet(block)");
    (VOID) printf("task %u\n", LOS_MemTaskIdGet(block));
}

static VOID modules(VOID)
{
    head("LOS_MemMusedGet(3)");
    VOID *block = LOS_MemMalloc(pool, 100, 3);
    (VOID) printf("%u bytes\n", LOS_MemMusedGet(3));
    (VOID) LOS_MemMfree(pool, block, 3);
}

static VOID record(VOID)
{
    head("OsMemRecordShowSet(1) or memshowenable, an allocation and a free, OsMemRecordShow()");
    OsMemRecordShowSet(1);
    (VOID) LOS_MemFree(pool, LOS_MemAlloc(pool, 64));
    OsMemRecordShow();
    OsMemRecordShowSet(0);
}

static VOID shell(VOID)
{
    head("memcheck");
    (VOID) OsShellCmdMemCheck(0, NULL);
    head("free");
    (VOID) OsShellCmdFree(0, NULL);
}

static VOID refusals(UINT8 *block)
{
    head("LOS_MemFree(pool, block + 8)");
    (VOID) LOS_MemFree(pool, block + 8);
    head("LOS_MemAlloc(pool, 100000)");
    (VOID) LOS_MemAlloc(pool, 100000);
    head("OsMemSysNodeCheck(block of the system pool, NULL, 200, 0)");
    UINT8 *system = LOS_MemAlloc(OS_SYS_MEM_ADDR, 64);
    (VOID) OsMemSysNodeCheck(system, NULL, 200, 0);
    (VOID) LOS_MemFree(OS_SYS_MEM_ADDR, system);
}

/* What a copy that is checked tells of a write past the block's end. */
static VOID sanitizer(UINT8 *block)
{
    static const UINT8 text[] = "one byte too many!";
    head("LOS_LmsCheckPoolAdd(pool, sizeof memory[0]), KasanMemcpy(block, text, 17)");
    (VOID) LOS_LmsCheckPoolAdd(pool, sizeof memory[0]);
    (VOID) KasanMemcpy(block, text, 17);
    LOS_LmsCheckPoolDel(pool);
}

static VOID damage(UINT8 *block, UINT8 *behind)
{
    head("a head of copied is overwritten, LOS_MemFree(copied, node)");
    static tarn_liteos_settings settings;
    settings.head_backup = &tarn_liteos_head_backup;
    tarn_liteos_options(&settings);
    (VOID) LOS_MemInit(copied, sizeof memory[1]);
    UINT8 *node = LOS_MemAlloc(copied, 32);
    (VOID) LOS_MemAlloc(copied, 32);
    node[-4] ^= 0x5A;
    node[-2] ^= 0x5A;
    (VOID) LOS_MemFree(copied, node);
    head("block is written past its end, LOS_MemIntegrityCheck(pool)");
    for (UINT8 *at = block + 16; at < behind; at++) {
        *at = 0x41;
    }
    (VOID) LOS_MemIntegrityCheck(pool);
    head("LOS_MemBadNodeShow(pool)");
    (VOID) LOS_MemBadNodeShow(pool);
}

int main(VOID)
{
    (VOID) setvbuf(stdout, NULL, _IONBF, 0);
    (VOID) LOS_MemInit(pool, sizeof memory[0]);
    UINT8 *block = LOS_MemAlloc(pool, 16);
    UINT8 *behind = LOS_MemAlloc(pool, 48);
    look(block);
    modules();
    record();
    shell();
    refusals(block);
    sanitizer(block);
    damage(block, behind);
    return 0;
}
