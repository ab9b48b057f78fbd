#!/bin/sh
# SPDX-License-Identifier: MIT
# A program that uses every function of the face builds with nothing but pkg-config tarn-phytium against an installed
# tree, 64-bit and 32-bit, in C and C++, with and without tags, and runs clean under address and undefined sanitizers.
#   run_phytium_install.sh BUILD
set -eu
. tests/support/variants.sh
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v "${CXX:=g++}" >/dev/null || { echo "no C++ compiler"; exit 77; }
command -v pkg-config >/dev/null || { echo "no pkg-config"; exit 77; }
sanitize='-O0 -g -fsanitize=address,undefined -fno-sanitize-recover=all'
program=tests/faces/phytium_every.c
count=0

for bits in 64 32; do
    flags=
    [ $bits = 64 ] || flags=$m32
    echo 'int main(void) { return 0; }' >"$work/empty.c"
    if ! gcc $flags $sanitize "$work/empty.c" -o "$work/empty" 2>"$work/log" || ! "$work/empty" 2>"$work/log"; then
        echo "no $bits-bit programs with sanitizers here: $(tail -n 1 "$work/log")"
        continue
    fi
    variant_installed "$build" sanitized$bits $flags $sanitize
    for language in "gcc -std=c11" "$CXX -x c++ -std=c++11"; do
        for tags in '' -DFMEMP_TAG_DEBUG; do
            # Linked by gcc, for a 32-bit C++ library is not there and not needed.
            $language -Wall -Wextra -Werror $tags $flags $sanitize $(pkg-config --cflags tarn-phytium) -c $program \
                -o "$work/program.o"
            gcc $flags $sanitize "$work/program.o" $(pkg-config --libs tarn-phytium) -o "$work/program"
            "$work/program" >"$work/output" 2>&1 || { cat "$work/output"; exit 1; }
            [ "$(tail -n 1 "$work/output")" = every ] || { cat "$work/output"; exit 1; }
            count=$((count + 1))
        done
    done
    sed -n "/^used:/s/^/$bits bits: /p" "$work/output"
done
[ $count -gt 0 ] || exit 77
echo "$count programs that use every function, clean under the sanitizers"
