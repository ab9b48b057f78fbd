#!/bin/sh
# SPDX-License-Identifier: MIT
# The block pools' test programs in every discipline and without link checks, not only as this build is configured.
#   run_blocks_disciplines.sh BUILD
set -eu
. tests/support/blocks_configs.sh
build=$1
cc=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '#include <cmocka.h>' | $cc -fsyntax-only -x c -include stdarg.h -include stddef.h -include stdint.h \
    -include setjmp.h - 2>/dev/null || { echo "no cmocka"; exit 77; }

# objects CONFIGURATION FOLDER SOURCES...
objects() {
    configuration=$1 folder=$2
    shift 2
    mkdir -p "$folder"
    for source in "$@"; do
        $cc -std=gnu11 -O1 -g -I "$configuration" -I include -I src -I tests/support -c "$source" \
            -o "$folder/$(basename "$source" .c).o"
    done
}

# What is not about block pools is compiled once.
blocks_config port "$build" "$work/common"
objects "$work/common" "$work/common" $(ls src/*.c | grep -v '/blocks') ports/posix/*.c tests/support/test.c
ran=0
for discipline in $blocks_disciplines; do
    blocks_config "$discipline" "$build" "$work/$discipline"
    objects "$work/$discipline" "$work/$discipline" src/blocks*.c
    for test in tests/*/test_blocks*.c; do
        $cc -std=gnu11 -O1 -g -I "$work/$discipline" -I include -I src -I tests/support "$test" "$work/common"/*.o \
            "$work/$discipline"/*.o -lcmocka -pthread -o "$work/program"
        TARN_TEST_SCALE=${TARN_TEST_SCALE:-20} "$work/program" >"$work/output" 2>&1 ||
            { cat "$work/output"; echo "blocks_disciplines: $discipline: $test failed" >&2; exit 1; }
        ran=$((ran + 1))
    done
done
echo "blocks_disciplines: $ran programs passed, in: $blocks_disciplines"
