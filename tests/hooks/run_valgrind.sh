#!/bin/sh
# SPDX-License-Identifier: MIT
# What Valgrind says of the planted faults of faults.c with the hook installed, and that it says nothing of valid.c.
#   run_valgrind.sh BUILD
set -eu
. tests/hooks/hooks.sh
command -v valgrind >/dev/null || { echo "no valgrind"; exit 77; }
hooks_build "$1" "$work"
valgrind -q true >"$work/log" 2>&1 || { echo "valgrind does not run here: $(tail -n 1 "$work/log")"; exit 77; }

# expect FAULT TEXT...: one report, which has each of the texts, and the block's first byte where it says %p+N.
expect() {
    fault=$1
    shift
    status=0
    valgrind -q --error-exitcode=9 "$work/faults" "$fault" >"$work/log" 2>&1 || status=$?
    [ $status = 9 ] || fail "$fault: valgrind found nothing"
    for text in "$@"; do
        grep -qF "$text" "$work/log" || fail "$fault: no '$text'"
    done
    found=$((found + 1))
}

expect pool_overflow 'Invalid write of size 1' '0 bytes after a block of size 40 client-defined'
expect pool_slack 'Invalid write of size 1' '0 bytes after a block of size 33 client-defined'
expect pool_underflow 'Invalid read of size 1' '1 bytes before a block of size 40 client-defined'
expect pool_after_free 'Invalid read of size 1' "8 bytes inside a block of size 40 free'd"
expect pool_after_shrink 'Invalid write of size 1' '0 bytes after a block of size 40 client-defined'
expect pool_after_move 'Invalid read of size 1' "0 bytes inside a block of size 40 free'd"
expect pool_double_free 'Invalid free()' "0 bytes inside a block of size 40 free'd"
expect heap_overflow 'Invalid write of size 1' '0 bytes after a block of size 40 client-defined'
expect heap_after_free 'Invalid read of size 1' "8 bytes inside a block of size 40 free'd"
expect blocks_overflow 'Invalid write of size 1' 'blocks_overflow (faults.c'
expect blocks_guarded 'Invalid write of size 1' '0 bytes after a block of size 40 client-defined'
expect blocks_slack 'Invalid write of size 1' '0 bytes after a block of size 37 client-defined'
expect blocks_after_put 'Invalid read of size 1' "8 bytes inside a block of size 40 free'd"
# The byte is past a block of the inner pool and inside one of the outer: valgrind names whichever pool it meets first.
expect nested_overflow 'Invalid write of size 1' 'client-defined'

valgrind -q --error-exitcode=9 "$work/valid" 40 >"$work/log" 2>&1 || fail "valid use is reported"
tail -n 1 "$work/log"
for face in $faces; do
    valgrind -q --error-exitcode=9 "$work/$face" >"$work/log" 2>&1 || fail "$face is reported"
done
echo "valgrind: $found faults reported, none in valid use and in the faces'$faces"
