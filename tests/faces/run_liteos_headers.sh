#!/bin/sh
# SPDX-License-Identifier: MIT
# Each header of the LiteOS face alone, and the guide's example, under every language version and switch that a program
# may have: C11 to C2x, C++11 to C++20, pedantic, short enums, LOSCFG_* undefined, 1 and 0, a los_config.h of its own.
#   run_liteos_headers.sh BUILD
set -eu
build=$1
include="-I include -I $build/generated/include -I faces/liteos/include"
strict='-Wall -Wextra -Wshadow -Wundef -pedantic-errors -Werror'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0

command -v "${CXX:=g++}" >/dev/null || { echo "no C++ compiler"; exit 77; }
compilers="$CC $CXX"
for other in clang clang++; do
    command -v $other >/dev/null && compilers="$compilers $other"
done

# compile COMPILER LANGUAGE STANDARD FILE FLAGS...
compile() {
    compiler=$1 language=$2 standard=$3 file=$4
    shift 4
    $compiler -x "$language" -std="$standard" $strict "$@" $include -fsyntax-only "$file"
    count=$((count + 1))
}

cat >"$work/all.h" <<'END'
#include "los_memory.h"
#include "los_base.h"
#include "los_config.h"
#include "los_errno.h"
#include "los_membox.h"
#include "los_memory_pri.h"
#include "los_memstat_pri.h"
#include "los_printf.h"
#include "los_slab.h"
#include "los_typedef.h"
#include "tarn/liteos.h"
END
cat >"$work/use.c" <<'END'
#include "los_memory.h"
/* What callers of LOS_MemBadNodeShow() write themselves, and a private redeclaration of a public name. */
#ifdef __cplusplus
extern "C" {
#endif
extern VOID LOS_MemBadNodeShow(VOID *pool);
extern UINT8 *m_aucSysMem1;
extern VOID *LOS_MemboxAlloc(VOID *pool);
#ifdef __cplusplus
}
#endif
/* A membox's array is sized by the macro, and its members are read. */
static UINT8 membox[LOS_MEMBOX_SIZE(16, 4)];
static VOID *(*const membox_alloc)(VOID *pool) = LOS_MemboxAlloc;
UINT32 use_membox(OS_MEMBOX_S *info);
UINT32 use_membox(OS_MEMBOX_S *info)
{
    LOS_MEMBOX_NODE *node = OS_MEMBOX_NEXT(info + 1, info->uwBlkSize);
    if (LOS_MemboxInit(membox, sizeof membox, 16) != LOS_OK || membox_alloc(info) == NULL)
        LOS_ShowBox(info);
    else
        LOS_MemboxClr(info, node + 1);
    return LOS_MemboxFree(info, (UINT8 *)node + OS_MEMBOX_NODE_HEAD_SIZE) + info->uwBlkNum - info->uwBlkCnt +
           (info->stFreeList.pstNext == node);
}
UINT32 use(VOID);
UINT32 use(VOID)
{
    LOS_MEM_POOL_STATUS status = {};
    UINT32 total = 0, available = 0;
    VOID *block = LOS_MemAlloc(OS_SYS_MEM_ADDR, 0x10);
    UINT8 *bytes = (UINT8 *)LOS_MemAllocAlign(m_aucSysMem1, OS_SYS_MEM_SIZE / 64, 16);
    LOS_MemDeInit(bytes);
    if (LOS_MemInfoGet(OS_SYS_MEM_ADDR, &status) != LOS_OK) {
        PRINT_ERR("no %s\n", "info");
    }
    PRINTK("%u %u\n", status.uwTotalUsedSize, status.totalUsedSize);
    if (block == NULL || LOS_MemlntegrityCheck(OS_SYS_MEM_ADDR) == OS_INVALID)
        PRINT_WARN("dangling else\n");
    else
        PRINT_DEBUG("is fine\n");
    return LOS_MemNodeSizeCheck(OS_SYS_MEM_ADDR, block, &total, &available) + OS_ERROR;
}
END
sed 's/status = {}/status = {0}/' "$work/use.c" >"$work/use0.c"

# A header that defines an enumerator OS_ERROR, as Mynewt's does, before and after.
cat >"$work/os_error.c" <<'END'
#define TARN_MYNEWT_OS_ERROR_H
enum os_error { OS_OK = 0, OS_ERROR = 12 };
#include "los_memory.h"
int value(void);
int value(void) { return OS_ERROR == 12 && LOS_OS_ERROR == 0xFFFFFFFFu; }
END
# A program's own los_config.h, in front of ours on the path, included first and last.
mkdir "$work/own"
cat >"$work/own/los_config.h" <<'END'
#ifndef _LOS_CONFIG_H
#define _LOS_CONFIG_H
#define LOSCFG_BASE_CORE_TSK_LIMIT 9
#ifndef OS_SYS_MEM_SIZE
#define OS_SYS_MEM_SIZE 0x5000
#endif
#define BOARD_NAME "own"
#endif
END
printf '#include "los_config.h"\n#include "los_memory.h"\nconst char *own(void);\nconst char *own(void) { return BOARD_NAME; }\n' >"$work/own_first.c"
printf '#include "los_memory.h"\n#include "los_config.h"\nconst char *own(void);\nconst char *own(void) { return BOARD_NAME; }\n' >"$work/own_last.c"

switches_on='-DLOSCFG_MEM_MUL_POOL=1 -DLOSCFG_MEM_DEBUG=1 -DLOSCFG_MEM_MUL_MODULE=1 -DLOSCFG_MEM_TASK_STAT=1 -DLOSCFG_KERNEL_MEMBOX_DYNAMIC='
switches_off='-DLOSCFG_MEM_MUL_POOL=0 -DLOSCFG_MEM_DEBUG=0 -DLOSCFG_MEM_MUL_MODULE=0 -DLOSCFG_DEBUG_VERSION=0 -DLOSCFG_KERNEL_MEMBOX_DYNAMIC=0 -DLOSCFG_KERNEL_MEMBOX_STATIC'

for compiler in $compilers; do
    case $compiler in
    *++) language=c++ standards='c++11 c++14 c++17 c++20' use=$work/use.c ;;
    *) language=c standards='c11 c17 c2x' use=$work/use0.c ;;
    esac
    for standard in $standards; do
        for header in faces/liteos/include/*.h faces/liteos/include/tarn/*.h "$work/all.h"; do
            printf '#include "%s"\nextern int not_empty;\n' "$(cd "$(dirname "$header")" && pwd)/${header##*/}" >"$work/one.c"
            compile "$compiler" $language "$standard" "$work/one.c"
        done
        for flags in '' -fshort-enums -funsigned-char "$switches_on" "$switches_off" -DPRINT_LEVEL=5; do
            compile "$compiler" $language "$standard" "$use" $flags
        done
        compile "$compiler" $language "$standard" "$work/os_error.c"
        compile "$compiler" $language "$standard" "$work/own_first.c" -I "$work/own"
        compile "$compiler" $language "$standard" "$work/own_last.c" -I "$work/own"
    done
done
# The settings that the guide shows, behind the two headers that a program includes.
{
    printf '#include "los_memory.h"\n#include "tarn/liteos.h"\n'
    grep '^    const tarn_liteos_settings tarn_liteos_config = ' docs/porting-liteos.md
} >"$work/settings.c"
for standard in c11 c2x; do
    compile "$CC" c $standard "$work/settings.c"
    compile "$CC" c $standard examples/liteos_multi_pool.c
done
echo "liteos headers: $count compilations, without a warning"
