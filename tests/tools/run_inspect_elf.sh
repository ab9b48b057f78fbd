#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn inspect`, with sanitizers, on corrupted ELF files: core files, and the files that --elf names, for a saved image
# and for a core file. A clear error or an answer, never a crash; tests/tools/corrupt_elf.c says what is done. 3000 of
# them are TARN_TEST_SCALE 100, a fifth the default; TARN_TEST_SEED as in test programs.
. "$(dirname "$0")/inspect_checks.sh"

has_elf || { echo "this tarn was built without elfutils"; exit 77; }
command -v gdb >/dev/null || { echo "gdb is missing"; exit 77; }
needs_sanitizers
"${CC:-cc}" -std=gnu11 -O1 $sanitizers -Iinclude -I"$build/generated/include" -Isrc -Dmain=tarn_main -c tools/tarn/main.c \
    -o "$work/main.o" 2>"$work/log" || fail "main.c does not build: $(cat "$work/log")"
command_needs="-ldw -lelf"
command_of "$work/corrupt_elf" $sanitizers -- tests/tools/corrupt_elf.c "$work/main.o" \
    $(find tools/tarn -name "*.c" ! -name main.c) tools/reader/*.c tools/reader/elf/*.c
native program
"$work/program" image "$work/image"
gdb -nx -q -batch -ex 'set confirm off' -ex 'run crash' -ex "generate-core-file $work/core" -ex kill "$work/program" \
    >"$work/gdb.log" 2>&1 </dev/null || true
[ -s "$work/core" ] || { tail -n 1 "$work/gdb.log"; exit 77; }

# corrupted COUNT NAME FILE...: a share of COUNT that TARN_TEST_SCALE says.
corrupted() {
    trials=$(($1 * ${TARN_TEST_SCALE:-20} / 100 + 1))
    shift
    ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99 DEBUGINFOD_URLS= "$work/corrupt_elf" "$trials" "$work" "$@" \
        >>"$work/summary" 2>"$work/err" || { tail -n 40 "$work/said"; fail "$(cat "$work/err")"; }
    pass
}
corrupted 1200 core "$work/core"
corrupted 1200 'elf of an image' "$work/program" "$work/image"
corrupted 600 'elf of a core' "$work/program" "$work/core"
done_with "$(cat "$work/summary")"
