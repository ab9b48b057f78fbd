#!/bin/sh
# SPDX-License-Identifier: MIT
# The same calls leave the same bytes of a block pool: 64-bit and 32-bit programs, gcc and clang, in each discipline that
# has a format of its own.
#   run_blocks_identity.sh BUILD
set -eu
. tests/support/blocks_configs.sh
build=$1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'int main(void) { return 0; }' >"$work/empty.c"
$cc -m32 -o "$work/empty" "$work/empty.c" 2>"$work/why" || {
    echo "$cc -m32 cannot link a program: $(head -n 1 "$work/why")"
    exit 77
}
compilers=$cc
! command -v clang >/dev/null || compilers="$cc clang"
disciplines="port atomic atomic32 cache" # none leaves the bytes that port does
same=0
for discipline in $disciplines; do
    blocks_config "$discipline" "$build" "$work/$discipline"
    first=
    for compiler in $compilers; do
        for flags in "-O1" "-m32 -O1"; do
            $compiler $flags -std=gnu11 -idirafter /usr/include/x86_64-linux-gnu -I include -I "$work/$discipline" -I tests/support \
                -o "$work/program" tests/image/blocks_identity.c src/*.c ports/nolock/*.c
            "$work/program" "$work/images" >"$work/counts" ||
                { echo "blocks_identity: $discipline, $compiler $flags: a call went wrong" >&2; exit 1; }
            [ -n "$first" ] || { first=yes; cp "$work/images" "$work/first"; }
            cmp "$work/first" "$work/images" ||
                { echo "blocks_identity: $discipline: $compiler $flags writes other bytes" >&2; exit 1; }
            same=$((same + 1))
        done
    done
done
read -r images bytes calls <"$work/counts"
echo "blocks_identity: $same programs ($compilers; 64 and 32 bits; $disciplines): $images images of $bytes bytes in all," \
    "$calls calls, identical within each discipline"
