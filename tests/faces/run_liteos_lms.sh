#!/bin/sh
# SPDX-License-Identifier: MIT
# A module built with -fsanitize=kernel-address: each access outside a block is reported at its line and goes ahead, and
# accesses inside blocks, on the stack and in static memory are not; where LOSCFG_KERNEL_LMS is on, without a call.
# Covers: LOSCFG_KERNEL_LMS
#   run_liteos_lms.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
! grep -q 'CMAKE_C_FLAGS:.*fsanitize' "$build/CMakeCache.txt" || { echo "another sanitizer is at work"; exit 77; }

cat >"$work/module.c" <<'END'
#include <string.h>
#include "los_lms.h"
#include "los_memory.h"

static UINT64 memory[1024];
static UINT8 elsewhere[64];

static UINT32 sum(const UINT8 *bytes, UINT32 count)
{
    UINT32 total = 0;
    for (UINT32 i = 0; i < count; i++) {
        total += bytes[i];
    }
    return total;
}

int main(int count, char **arguments)
{
    UINT8 local[64] = {0};
    char fault = count > 1 ? arguments[1][0] : '-';
    if (LOS_MemInit(memory, sizeof memory) != LOS_OK || LOS_LmsCheckPoolAdd(memory, sizeof memory) == 0) {
        return 9;
    }
    UINT8 *block = LOS_MemAlloc(memory, 30);
    UINT8 *other = LOS_MemAlloc(memory, 64);
    memset(local, 1, sizeof local);
    memcpy(block, local, 30);
    volatile UINT8 *bytes = block;
    volatile UINT32 *words = (volatile UINT32 *)(VOID *)block;
    switch (fault) {
    case 'o': bytes[30] = 1; break;
    case 'u': bytes[-1] = 1; break;
    case 'w': words[7] = 1; break;
    case 'f': (VOID)LOS_MemFree(memory, block); bytes[3] = 1; break;
    case 'r': (VOID)LOS_MemFree(memory, block); return bytes[0] == 77;
    case 'c': memcpy(block, local, 31); break;
    default: bytes[29] = 1; words[6] = 2; break;
    }
    return sum(local, 64) + sum(elsewhere, 64) + sum(other, 0) != 64;
}
END

tried=
for cc in ${CC:-cc} clang; do
    name=$(basename "$cc")
    case " $tried" in *" $name "*) continue ;; esac
    command -v "$cc" >/dev/null || continue
    kernel=-fsanitize=kernel-address
    ! "$cc" --version | grep -q clang || kernel="$kernel -mllvm -asan-instrumentation-with-call-threshold=0 -mllvm
-asan-stack=0 -mllvm -asan-globals=0"
    flags="-std=c11 -g -O1 -Wall -Iinclude -I$build/generated/include -Ifaces/liteos/include"
    "$cc" $flags $kernel -c "$work/module.c" -o "$work/module.o" 2>"$work/log" ||
        { cat "$work/log"; exit 1; }
    "$cc" "$work/module.o" -L"$build/lib" -ltarn-liteos -ltarn -ltarn-posix -ltarn -pthread -o "$work/program" 2>"$work/log" || {
        grep -q 'incompatible\|skipping' "$work/log" && { echo "$name: not for this build's word size"; continue; }
        cat "$work/log"
        exit 1
    }
    # fault LETTER PATTERN GUESS: that fault is told once, with its guess in the report.
    fault() {
        "$work/program" "$1" >"$work/out" 2>&1 || { echo "$name: $1 ended with $?: $(cat "$work/out")"; exit 1; }
        [ "$(grep -c 'LMS:' "$work/out")" = 1 ] && grep -q "LMS: $2" "$work/out" && grep -q "^tarn: $3" "$work/out" ||
            { echo "$name: fault $1 is told as: $(cat "$work/out")"; exit 1; }
    }
    "$work/program" >"$work/out" 2>&1 || { echo "$name: valid accesses ended with $?"; exit 1; }
    [ ! -s "$work/out" ] || { echo "$name: valid accesses are told: $(cat "$work/out")"; exit 1; }
    fault o 'heap buffer overflow: store of 1 bytes' 'overrun of the block by at least 1 byte '
    fault u 'heap buffer overflow: store of 1 bytes' ''
    fault w 'heap buffer overflow: store of 4 bytes' 'overrun of the block by at least 1 byte '
    fault f 'use after free: store of 1 bytes' 'use after free'
    fault r 'use after free: load of 1 bytes' 'use after free'
    fault c 'heap buffer overflow: store of 31 bytes' 'overrun of the block by at least 1 byte '
    tried="$tried$name "
done
[ -n "$tried" ] || { echo "no compiler can build it"; exit 77; }
echo "6 faults told, valid accesses not, with: $tried"
