#!/bin/sh
# SPDX-License-Identifier: MIT
# The same operations leave the same bytes: 64-bit and 32-bit programs, gcc and clang, -O2 and -O0.
#   run_image_identity.sh BUILD      (a build folder, for its generated configuration)
# Call sites are places in one build's program: every caller is unknown here, as with a compiler that cannot tell.
# Builds identity.c with each from the sources, compares what they write, and prints what was compared.
set -eu
cd "$(dirname "$0")/../.."
. tests/support/narrow.sh
configuration=$1/generated/include
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# image NAME COMPILER FLAGS...
image() {
    name=$1
    shift
    "$@" -std=gnu11 '-D__builtin_return_address(level)=0' -Iinclude -I"$configuration" -Itests/support -o "$work/$name" \
        tests/image/identity.c tests/support/drive.c src/*.c ports/nolock/*.c || return 1
    $runner "$work/$name" "$work/$name.images" >"$work/$name.counts" || {
        echo "image_identity: $name: an operation went wrong" >&2
        exit 1
    }
}

for symbol in TARN_WITH_TLSF TARN_WITH_BESTFIT TARN_WITH_LINEAR; do
    grep -q "define $symbol 1" "$configuration/tarn/config.h" || {
        echo "this configuration has not all engines ($symbol)"
        exit 77
    }
done
cc=${CC:-cc}
narrow_runs "$cc" || { echo "$narrow_why"; exit 77; }

names= seen=
for compiler in "$cc" gcc clang; do
    path=$(readlink -f "$(command -v "$compiler")") || continue
    case " $seen " in *" $path "*) continue ;; esac
    seen="$seen $path"
    for flags in "-O2" "-O0" "-m32 -O3"; do
        name=$(basename "$compiler")$(echo "$flags" | tr -d ' ')
        runner=$(narrow_of "$flags")
        image "$name" "$compiler" $flags || { echo "image_identity: $name does not build" >&2; exit 1; }
        names="$names $name"
        [ -e "$work/first" ] || { mv "$work/$name.images" "$work/first"; counts=$work/$name.counts; continue; }
        cmp "$work/first" "$work/$name.images" || {
            echo "image_identity: $name writes other bytes than $cc -O2" >&2
            exit 1
        }
        rm "$work/$name.images"
    done
done
read -r images bytes operations refused <"$counts"
echo "identical in$names: $images images, $bytes bytes, after $operations operations, $refused refused"
