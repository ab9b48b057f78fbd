#!/bin/sh
# SPDX-License-Identifier: MIT
# Has an interrupt whose handler uses the same pools arrive at every instruction of a call, on emulated cores
# whose time passes by instructions alone, with block pools as they come and with TARN_BLOCKS_SYNC_MASK; before that on
# Cortex-M3 without the mask, to see that it matters.
#   run_preempt.sh BUILD
# CORES: rows of tests/target/cores.sh, Cortex-M and RISC-V, default cortex-m3 rv32. POOLS: how many kinds of pools, at
# most 4; unless told 1 on RISC-V and with MASK. TURNS: runs whose numbers must be the same, default 1.
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
    $core_cc $flags "-DTARN_TARGET_CPU=\"$2\"" "-DTARN_TARGET_TIMER=\"$timer\"" \
        -DTARN_TARGET_POOLS=$pools -Iinclude -Iports/bare -o "$work/$1.elf" tests/target/preempt.c \
        tests/target/board.c "$work/core.a" -Wl,--gc-sections $core_link
}

# prepare CORE: chooses it.
prepare() {
    core_use $1
    missing=$(core_missing)
    [ -z "$missing" ] || { echo "preempt: $missing is missing (Debian: $core_package)"; exit 77; }
    core_large
    # A tick must not be longer than an instruction: 40 ns of SysTick, 100 ns of RISC-V's clock.
    case $1 in
    rv*) timer=timer_riscv.h core_count='-icount shift=7' ;;
    *) timer=timer_cortex_m.h ;;
    esac
    own=ATOMIC
    [ $1 != cortex-m0 ] || own=PORT
}

# configure DISCIPLINE KINDS: compiles the core for so many kinds of pools, and block pools of the discipline.
configure() {
    sed "s/TARN_BLOCKS_SYNC_ATOMIC/TARN_BLOCKS_SYNC_$1/" configs/config.h.example >"$work/tarn/config.h"
    pools=${POOLS:-$2}
    compile_core
}

# sweep CORE DISCIPLINE KINDS
sweep() {
    configure $2 $3
    program with $core_cpu
    for turn in $(seq "${TURNS:-1}"); do
        timeout 300 $core_run "$work/with.elf" $core_count,sleep=off </dev/null >"$work/turn$turn" 2>&1 ||
            { cat "$work/turn$turn"; echo "preempt: something was wrong on $1, block pools of $2"; exit 1; }
        cmp "$work/turn1" "$work/turn$turn" || { echo "preempt: two runs differ on $1"; exit 1; }
    done
    echo "$1, block pools of $2:"
    cat "$work/turn1"
}

prepare cortex-m3
configure ATOMIC 1
program without no_mask.h
if timeout 300 $core_run "$work/without.elf" $core_count </dev/null >"$work/without" 2>&1; then
    echo "preempt: nothing is wrong without the mask: nothing was tried"
    exit 1
fi
echo "preempt: without the mask it fails, as it must"
for core in ${CORES:-cortex-m3 rv32}; do
    prepare $core
    case $core in
    rv*) sweep $core MASK 1 ;;
    *) sweep $core $own 4; sweep $core MASK 1 ;;
    esac
done
