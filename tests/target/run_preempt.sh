#!/bin/sh
# SPDX-License-Identifier: MIT
# Has an interrupt whose handler uses the same pools arrive at every instruction of a call, on an emulated Cortex-M
# whose time passes by instructions alone; with block pools as they come and once more with TARN_BLOCKS_SYNC_MASK. Then
# without the mask, to see that it matters.
#   run_preempt.sh BUILD
# CORES: Cortex-M rows of tests/target/cores.sh, default cortex-m3. TURNS: runs whose numbers must be the same, default
# 1.
set -eu
cd "$(dirname "$0")/../.."
. tests/target/cores.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tarn"
top=$PWD
flags="-std=gnu11 -Os -ffunction-sections -Wall -Wextra -Werror -I$work"
echo 'static inline __UINTPTR_TYPE__ tarn_cpu_mask(void) { return 0; }
static inline void tarn_cpu_unmask(__UINTPTR_TYPE__ before) { (void)before; }' >"$work/no_mask.h"

# compile_core: all that both programs have, in $work/core.a
compile_core() {
    rm -rf "$work/objects" "$work/core.a"
    mkdir -p "$work/objects"
    (
        cd "$work/objects"
        $core_cc $flags -I"$top/include" -I"$top/src" -I"$top/ports/bare" -c "$top"/src/*.c "$top"/ports/bare/*.c
    )
    ${core_tools}ar rc "$work/core.a" "$work/objects"/*.o
}

# program NAME MASK_HEADER
program() {
    $core_cc $flags "-DTARN_TARGET_CPU=\"$2\"" -Iinclude -Iports/bare -o "$work/$1.elf" tests/target/preempt.c \
        tests/target/board.c "$work/core.a" -Wl,--gc-sections $core_link
}

for core in ${CORES:-cortex-m3}; do
    core_use $core
    missing=$(core_missing)
    [ -z "$missing" ] || { echo "preempt: $missing is missing (Debian: $core_package)"; exit 77; }
    core_large
    case $core in
    cortex-m0) disciplines='PORT MASK' ;;
    *) disciplines='ATOMIC MASK' ;;
    esac
    for discipline in $disciplines; do
        sed "s/TARN_BLOCKS_SYNC_ATOMIC/TARN_BLOCKS_SYNC_$discipline/" configs/config.h.example >"$work/tarn/config.h"
        compile_core
        program with cpu_cortex_m.h
        for turn in $(seq "${TURNS:-1}"); do
            timeout 300 $core_run "$work/with.elf" $core_count,sleep=off </dev/null >"$work/turn$turn" 2>&1 || {
                cat "$work/turn$turn"
                echo "preempt: something was wrong on $core with block pools of $discipline"
                exit 1
            }
            cmp "$work/turn1" "$work/turn$turn" || { echo "preempt: two runs differ on $core"; exit 1; }
        done
        echo "$core, block pools of $discipline:"
        cat "$work/turn1"
    done
done
program without no_mask.h
if timeout 300 $core_run "$work/without.elf" $core_count </dev/null >"$work/without" 2>&1; then
    echo "preempt: nothing is wrong without the mask: nothing was tried"
    exit 1
fi
echo "preempt: without the mask it fails, as it must"
