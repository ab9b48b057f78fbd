#!/bin/sh
# SPDX-License-Identifier: MIT
# Every LOS_ function of the guides is in the archive, and a program calling each links and runs, in C and C++, under
# each algorithm choice and with every option on.
#   run_liteos_link.sh BUILD
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v "${CXX:=g++}" >/dev/null || { echo "no C++ compiler"; exit 77; }
/usr/bin/python3 -c 'import kconfiglib' 2>/dev/null || { echo "python3-kconfiglib is missing"; exit 77; }

# The names of the guides (their tables), and those that user code reaches besides.
guides='LOS_MemInit LOS_MemDeInit LOS_MemAlloc LOS_MemFree LOS_MemRealloc LOS_MemAllocAlign LOS_MemPoolSizeGet
LOS_MemTotalUsedGet LOS_MemInfoGet LOS_MemPoolList LOS_MemFreeBlksGet LOS_MemUsedBlksGet LOS_MemTaskIdGet
LOS_MemLastUsedGet LOS_MemNodeSizeCheck LOS_MemFreeNodeShow LOS_MemIntegrityCheck LOS_MemCheckLevelSet
LOS_MemCheckLevelGet LOS_MemMalloc LOS_MemMfree LOS_MemMallocAlign LOS_MemMrealloc LOS_MemMusedGet'
others='LOS_MemUsedNodeShow LOS_MemFreeByTaskID LOS_LmsCheckPoolAdd LOS_LmsCheckPoolDel LOS_LmsAddrProtect
LOS_LmsAddrDisableProtect KasanMemcpy KasanMemmove KasanStrcat KasanStrcpy OsMemRecordShowSet OsMemRecordShow
OsMemRecordMalloc OsMemRecordFree OsMemResetEndNode OsShellCmdMemCheck OsShellCmdMemUsed OsShellCmdFree
OsShellCmdMemRead OsShellCmdMemRecordEnable OsShellCmdMemRecordDisable LOS_MemboxInit LOS_MemboxAlloc LOS_MemboxFree
LOS_MemboxClr LOS_ShowBox LOS_MemboxStatisticsGet LOS_SlabSizeCfg LOS_MemBadNodeShow OsMemSystemInit
OsMemExcInteractionInit OsMemIntegrityMultiCheck
OsMemInfoPrint OsMemUsedNodeShow OsMemSysNodeCheck OsMemTaskUsage OsMemTaskClear g_MALLOC_HOOK m_aucSysMem0
m_aucSysMem1 g_sys_mem_addr_end g_excInteractMemSize'

cat >"$work/calls.c" <<'END'
#include <string.h>

#include "los_lms.h"
#include "los_memory.h"
#include "los_memory_pri.h"
#include "los_memrecord_pri.h"
#include "los_memstat_pri.h"
#include "los_slab.h"

static UINT64 memory[512];
static UINT64 boxes[LOS_MEMBOX_SIZE(24, 4) / sizeof(UINT64)];

static VOID hook(VOID)
{
}

int main(void)
{
    CHAR text[64] = "text";
    UINT32 failures = 0, total = 0, available = 0, sizes[SLAB_MEM_COUNT] = {512, 512, 512, 512};
    LOS_MEM_POOL_STATUS status;
    g_MALLOC_HOOK = hook;
    LOS_SlabSizeCfg(sizes, SLAB_MEM_COUNT);
    failures += LOS_MemInit(memory, sizeof memory) != LOS_OK;
    VOID *a = LOS_MemAlloc(memory, 24);
    VOID *b = LOS_MemAllocAlign(memory, 24, 64);
    VOID *c = LOS_MemMalloc(memory, 24, 1);
    VOID *d = LOS_MemMallocAlign(memory, 24, 32, 1);
    a = LOS_MemRealloc(memory, a, 48);
    c = LOS_MemMrealloc(memory, c, 48, 1);
    failures += a == NULL || b == NULL || c == NULL || d == NULL;
    failures += LOS_MemMusedGet(1) == 0;
    failures += LOS_MemPoolSizeGet(memory) != sizeof memory;
    failures += LOS_MemTotalUsedGet(memory) < 128 || LOS_MemUsedBlksGet(memory) != 5;
    failures += LOS_MemFreeBlksGet(memory) == 0 || LOS_MemLastUsedGet(memory) <= (UINTPTR)d;
    failures += LOS_MemTaskIdGet(a) == OS_INVALID || LOS_MemInfoGet(memory, &status) != LOS_OK;
    failures += LOS_MemPoolList() != 2 || LOS_MemFreeNodeShow(memory) != LOS_OK;
    failures += LOS_MemIntegrityCheck(memory) != LOS_OK;
    failures += LOS_MemCheckLevelSet(LOS_MEM_CHECK_LEVEL_LOW) != LOS_OK || LOS_MemCheckLevelGet() != 0;
    failures += LOS_MemNodeSizeCheck(memory, a, &total, &available) != LOS_OK || total < 48;
    failures += OsMemSysNodeCheck(a, a, 8, 0) != LOS_OK || OsMemTaskUsage(0) % 4 != 0;
    OsMemRecordShowSet(1);
    OsMemRecordMalloc(a, 1);
    OsMemRecordFree(a, 1);
    OsMemRecordShow();
    OsMemResetEndNode(memory, 0);
    failures += OsShellCmdMemCheck(0, NULL) != LOS_OK || OsShellCmdMemUsed(0, NULL) != LOS_OK;
    failures += OsShellCmdFree(0, NULL) != LOS_OK || OsShellCmdMemRead(0, NULL) != OS_ERROR;
    failures += OsShellCmdMemRecordEnable(0, NULL) != LOS_OK || OsShellCmdMemRecordDisable(0, NULL) != LOS_OK;
    failures += LOS_LmsCheckPoolAdd(memory, sizeof memory) != sizeof memory;
    LOS_LmsAddrProtect((UINTPTR)a, (UINTPTR)a + 8);
    LOS_LmsAddrDisableProtect((UINTPTR)a, (UINTPTR)a + 8);
    (void)memcpy(a, text, 5);
    (void)memmove(a, text, 5);
    failures += strcmp(strcat(strcpy((CHAR *)a, text), text), "texttext") != 0;
    LOS_LmsCheckPoolDel(memory);
    LOS_MemUsedNodeShow(memory);
    failures += LOS_MemFreeByTaskID(memory, 1000) != OS_ERROR;
    OsMemTaskClear(63);
    OsMemInfoPrint(memory);
    OsMemUsedNodeShow(memory);
    OsMemIntegrityMultiCheck();
    LOS_MemBadNodeShow(memory);
    failures += LOS_MemMfree(memory, c, 1) != LOS_OK || LOS_MemMfree(memory, d, 1) != LOS_OK;
    failures += LOS_MemFree(memory, a) != LOS_OK || LOS_MemFree(memory, b) != LOS_OK;
    failures += LOS_MemDeInit(memory) != LOS_OK;
    failures += OsMemSystemInit(0) != LOS_NOK || OsMemExcInteractionInit(0) != LOS_NOK;
    failures += m_aucSysMem0 != m_aucSysMem1 || g_sys_mem_addr_end == 0 || g_excInteractMemSize != 0;
    failures += LOS_MemboxInit(boxes, sizeof boxes, 24) != LOS_OK;
    a = LOS_MemboxAlloc(boxes);
    LOS_MemboxClr(boxes, a);
    LOS_ShowBox(boxes);
    failures += a == NULL || LOS_MemboxStatisticsGet(boxes, &total, &available, sizes) != LOS_OK;
    failures += total != 4 || available != 1 || sizes[0] != LOS_MEMBOX_ALLIGNED(24 + OS_MEMBOX_NODE_HEAD_SIZE);
    failures += LOS_MemboxFree(boxes, a) != LOS_OK || LOS_MemboxFree(boxes, a) != LOS_NOK;
    PRINTK("failures: %u\n", failures);
    return failures != 0;
}
END

missing_in_headers=$(cat faces/liteos/include/*.h | sed -n 's/^[A-Za-z].*[ *]\(LOS_[A-Za-z]*\)(.*);$/\1/p' | sort -u |
    while read -r name; do case " $(echo $guides $others) " in *" $name "*) ;; *) echo "$name" ;; esac; done)
[ -z "$missing_in_headers" ] || { echo "declared, not tested here: $missing_in_headers"; exit 1; }

# archive NAME SOURCES...: libtarn-NAME.a of this configuration.
archive() {
    name=$1
    shift
    /usr/bin/python3 tests/support/objects.py "$work/cache" "$build/include" "$build/objects" $CC -std=gnu11 -O0 \
        -Iinclude -Isrc -Ifaces/liteos/include -- "$@"
    ar rc "$build/lib/libtarn-$name.a" "$build"/objects/*.o
}

for config in liteos-default bestfit-little tlsf-minimal everything; do
    build=$work/$config
    mkdir -p "$build/include/tarn" "$build/lib"
    scripts/kconfig defconfig "configs/$config.defconfig" "$build/.config"
    scripts/kconfig header "$build/.config" "$build/include/tarn/config.h" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
    archive liteos faces/liteos/*.c
    archive posix ports/posix/*.c
    archive core src/*.c
    nm -g --defined-only "$build"/lib/libtarn-liteos.a | awk 'NF == 3 { print $3 }' | sort >"$work/symbols"
    for name in $guides $others; do
        grep -qx "$name" "$work/symbols" || { echo "$config: $name is not in libtarn-liteos.a"; exit 1; }
    done
    # What the face adds to a program's names is LiteOS's or begins with tarn_.
    strangers=$(grep -vE '^(LOS_|OsMem|OsShellCmd|Kasan|__asan_|tarn_liteos_|m_aucSysMem|g_sys_mem_addr_end|g_excInteractMemSize|g_MALLOC_HOOK)' "$work/symbols" || true)
    [ -z "$strangers" ] || { echo "$config: other symbols: $strangers"; exit 1; }
    flags="-Wall -Wextra -Werror -I include -I $build/include -I faces/liteos/include"
    libraries="-L$build/lib -ltarn-liteos -ltarn-posix -ltarn-core -pthread"
    $CC -std=c11 $flags "$work/calls.c" $libraries -o "$work/calls_c"
    $CXX -x c++ -std=c++11 $flags "$work/calls.c" -x none $libraries -o "$work/calls_cxx"
    for program in calls_c calls_cxx; do
        "$work/$program" >"$work/output" || { tail -5 "$work/output"; echo "$config: $program failed"; exit 1; }
    done
    engine=$(sed -n 's/^#define TARN_LITEOS_ALGORITHM //p' "$build/include/tarn/config.h")
    echo "$config (engine $engine): $(echo $guides $others | wc -w) names found, linked and run in C and C++"
done
