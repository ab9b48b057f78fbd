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
ran=0
for discipline in $blocks_disciplines; do
    blocks_config "$discipline" "$build" "$work/$discipline"
    flags="-std=gnu11 -O1 -g -I $work/$discipline -I include -I src -I tests/support"
    for source in src/*.c ports/posix/*.c tests/support/test.c; do
        $cc $flags -c "$source" -o "$work/$discipline/$(basename "$source" .c).o"
    done
    for test in tests/*/test_blocks*.c; do
        $cc $flags "$test" "$work/$discipline"/*.o -lcmocka -pthread -o "$work/program"
        TARN_TEST_SCALE=${TARN_TEST_SCALE:-20} "$work/program" >"$work/output" 2>&1 ||
            { cat "$work/output"; echo "blocks_disciplines: $discipline: $test failed" >&2; exit 1; }
        ran=$((ran + 1))
    done
done
echo "blocks_disciplines: $ran programs passed, in: $blocks_disciplines"
