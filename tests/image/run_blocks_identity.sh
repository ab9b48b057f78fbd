#!/bin/sh
# SPDX-License-Identifier: MIT
# The same calls leave the same bytes of a block pool: 64-bit and 32-bit programs, gcc and clang, in each discipline that
# has a format of its own.
#   run_blocks_identity.sh BUILD
set -eu
. tests/support/blocks_configs.sh
. tests/support/narrow.sh
build=$1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
narrow_runs "$cc" || { echo "$narrow_why"; exit 77; }
compilers=$cc
! command -v clang >/dev/null || compilers="$cc clang"
disciplines="port atomic atomic32 cache" # none leaves the bytes that port does
same=0

# objects FOLDER CONFIGURATION COMPILER FLAGS... -- SOURCES...
objects() {
    folder=$1 configuration=$2 command=
    shift 2
    while [ "$1" != -- ]; do
        command="$command $1"
        shift
    done
    shift
    rm -rf "$folder"
    mkdir -p "$folder"
    for source in "$@"; do
        $command -std=gnu11 -idirafter /usr/include/x86_64-linux-gnu -I include -I src -I "$configuration" \
            -I tests/support -c "$source" -o "$folder/$(basename "$source" .c).o"
    done
}

for discipline in $disciplines; do
    blocks_config "$discipline" "$build" "$work/$discipline"
done
for compiler in $compilers; do
    for flags in "-O1" "-O0 -m32"; do
        # What is not about block pools is compiled once.
        objects "$work/common" "$work/port" $compiler $flags -- $(ls src/*.c | grep -v '/blocks') ports/nolock/*.c
        for discipline in $disciplines; do
            objects "$work/own" "$work/$discipline" $compiler $flags -- src/blocks*.c tests/image/blocks_identity.c
            $compiler $flags -o "$work/program" "$work/common"/*.o "$work/own"/*.o
            $(narrow_of "$flags") "$work/program" "$work/images" >"$work/counts" ||
                { echo "blocks_identity: $discipline, $compiler $flags: a call went wrong" >&2; exit 1; }
            [ -e "$work/$discipline.first" ] || cp "$work/images" "$work/$discipline.first"
            cmp "$work/$discipline.first" "$work/images" ||
                { echo "blocks_identity: $discipline: $compiler $flags writes other bytes" >&2; exit 1; }
            same=$((same + 1))
        done
    done
done
read -r images bytes calls <"$work/counts"
echo "blocks_identity: $same programs ($compilers; 64 and 32 bits; $disciplines): $images images of $bytes bytes in all," \
    "$calls calls, identical within each discipline"
