#!/bin/sh
# SPDX-License-Identifier: MIT
# Block pools in builds that no other test runs. TARN_BLOCKS_SYNC_MASK with the flags that CMake compiles the core with:
# for a system, here and on AArch64 Linux, it is the port's lock, and does the same as TARN_BLOCKS_SYNC_PORT; for a
# board it masks. TARN_BLOCKS_ONLY_PLAIN with events: a pool made while somebody listens is whole.
#   run_blocks_builds.sh BUILD
set -eu
cd "$(dirname "$0")/../.."
. tests/support/blocks_configs.sh
. tests/target/cores.sh
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
seed=${TARN_TEST_SEED:-$(date +%s)}
pools=$((5 * ${TARN_TEST_SCALE:-100}))
include="-Iinclude -Isrc -Itests/support"
for name in port mask plain; do
    blocks_config $name "$build" "$work/$name"
done

fail() {
    echo "blocks_builds: $*" >&2
    exit 1
}

# objects FOLDER CONFIGURATION COMPILER... -- SOURCES...: with what CMake adds for the core
objects() {
    folder=$1 configuration=$2 command=
    shift 2
    while [ "$1" != -- ]; do
        command="$command $1"
        shift
    done
    shift
    mkdir -p "$folder"
    for source in "$@"; do
        $command -std=c11 -ffreestanding -I "$configuration" $include -c "$source" \
            -o "$folder/$(basename "$source" .c).o"
    done
}

# same WHERE EMULATOR COMPILER...: MASK and PORT answer the same, and leave the same bytes
same() {
    where=$1 emulator=$2
    shift 2
    objects "$work/$where/common" "$work/port" "$@" -- $beside
    for name in port mask; do
        objects "$work/$where/$name" "$work/$name" "$@" -- src/blocks*.c
        "$@" -std=gnu11 -I "$work/$name" $include tests/build/core_blocks.c "$work/$where/common"/*.o \
            "$work/$where/$name"/*.o -o "$work/$where/$name.program"
        $emulator "$work/$where/$name.program" "$seed" $pools >"$work/$where/$name.said" ||
            fail "$where: block pools of $name end with $?; seed $seed"
    done
    cmp "$work/$where/port.said" "$work/$where/mask.said" || fail "$where: MASK is not PORT; seed $seed"
    ran="$ran $where,"
}

# What these programs link with beside block pools.
beside="src/events.c src/gate.c src/registry.c src/status.c ports/nolock/port_nolock.c
    ports/nolock/port_nolock_event.c"
ran=
same here "" ${CC:-cc} -O1
if command -v aarch64-linux-gnu-gcc >/dev/null && command -v qemu-aarch64 >/dev/null; then
    same aarch64-linux qemu-aarch64 aarch64-linux-gnu-gcc -O1 -static
fi

# A board's get has the instruction that masks.
masks=
for core in cortex-m4 rv32 aarch64; do
    core_use $core
    [ -z "$(core_missing)" ] || continue
    case $core in
    cortex-*) mask=cpsid ;;
    rv*) mask=csrrc ;;
    *) mask='msr.*daifset' ;;
    esac
    objects "$work/$core" "$work/mask" $core_cc -Os -- src/blocks.c
    ${core_tools}objdump -d "$work/$core/blocks.o" | grep -qi "$mask" || fail "$core: block pools of MASK do not mask"
    masks="$masks $core,"
done

objects "$work/plain/objects" "$work/plain" ${CC:-cc} -O1 -- src/blocks*.c
${CC:-cc} -std=gnu11 -I "$work/plain" $include tests/build/blocks_listened.c "$work/here/common"/*.o \
    "$work/plain/objects"/*.o -o "$work/listened"
"$work/listened" >"$work/said" || fail "$(cat "$work/said")"
cat "$work/said"
echo "blocks_builds: MASK is PORT:$ran $(tail -n 1 "$work/here/mask.said"); masks:$masks seed $seed"
