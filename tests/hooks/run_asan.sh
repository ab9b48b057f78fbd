#!/bin/sh
# SPDX-License-Identifier: MIT
# What AddressSanitizer says of the planted faults of faults.c with the hook installed, and that it says nothing of
# valid.c: with tarn as built, and with tarn itself instrumented.
#   run_asan.sh BUILD
set -eu
. tests/hooks/hooks.sh
build=$1
export ASAN_OPTIONS=detect_leaks=0
echo 'int main(void) { return 0; }' >"$work/empty.c"
{ ${CC:-cc} $(hooks_flags "$build") -fsanitize=address "$work/empty.c" -o "$work/empty" && "$work/empty"; } \
    >"$work/log" 2>&1 || { echo "no address sanitizer here: $(tail -n 1 "$work/log")"; exit 77; }

# expect FAULT ACCESS TEXT: the access is reported, and the line before the report has the text.
expect() {
    ! "$work/faults" "$1" >"$work/log" 2>&1 || fail "$1: nothing found"
    grep -q 'ERROR: AddressSanitizer: \(use-after-poison\|unknown-crash\)' "$work/log" || fail "$1: another report"
    grep -q "^$2 of size 1 at" "$work/log" || fail "$1: no $2"
    block=$(sed -n 's/^planted: .* of block \(0x[0-9a-f]*\) of size .*/\1/p' "$work/log")
    grep -qF "$(printf '%s' "$3" | sed "s/%p/$block/")" "$work/log" || fail "$1: no '$3'"
    grep -q "^    #0 0x[0-9a-f]* in $1 " "$work/log" || fail "$1: another place"
    found=$((found + 1))
}

expect_all() {
    expect pool_overflow WRITE '0 bytes after block %p of size 40'
    expect pool_slack WRITE '0 bytes after block %p of size 33'
    expect pool_underflow READ ' bytes after block '
    expect pool_after_free READ ', in memory that is no block'
    expect pool_after_shrink WRITE '0 bytes after block %p of size 40'
    expect pool_after_move READ ' bytes after block '
    expect heap_overflow WRITE '0 bytes after block %p of size 40'
    expect heap_after_free READ ', in memory that is no block'
    expect blocks_overflow WRITE '0 bytes after block %p of size 40'
    expect blocks_guarded WRITE '0 bytes after block %p of size 40'
    expect blocks_slack WRITE '0 bytes after block %p of size 37'
    expect blocks_after_put READ ', in memory that is no block'
    expect nested_overflow WRITE '0 bytes after block %p of size 40'
    "$work/valid" >"$work/log" 2>&1 || fail "valid use is reported"
    tail -n 1 "$work/log"
    for face in $faces; do
        "$work/$face" >"$work/log" 2>&1 || fail "$face is reported"
    done
}

hooks_build "$build" "$work" -fsanitize=address
expect_all
cmake -S . -B "$work/own" -DCMAKE_C_COMPILER="${CC:-cc}" -DCMAKE_BUILD_TYPE=None -DTARN_TESTS=OFF -DTARN_MALLOC=OFF -DTARN_COMMAND=OFF \
    "-DCMAKE_C_FLAGS=$(hooks_flags "$build") -O1 -g -fsanitize=address" >"$work/log" 2>&1 || fail "no instrumented build"
cmake --build "$work/own" --parallel 2 >"$work/log" 2>&1 || fail "no instrumented build"
faces=
hooks_build "$work/own" "$work"
expect_all
echo "asan: $found faults reported, none in valid use and in the faces'$faces, tarn plain and instrumented"
