#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn inspect` with sanitizers on files that were cut, corrupted or made to mislead: an answer, never a crash.
# TARN_TEST_SEED and TARN_TEST_SCALE as in test programs; tests/tools/mislead.py says what is done to the files, and
# tests/tools/corrupt_image.c to images whose seals are then made right.
. "$(dirname "$0")/inspect_checks.sh"

needs_sanitizers
elf=plain command_needs=
! has_elf || { elf=elf; command_needs="-ldw -lelf"; }
command_of "$work/sanitized" $sanitizers -- tools/tarn/*.c tools/reader/*.c tools/reader/$elf/*.c
native program
"$work/program" image "$work/image"
set -- "$work/image"
if [ $elf = elf ] && command -v gdb >/dev/null; then
    gdb -nx -q -batch -ex 'set confirm off' -ex 'run crash' -ex "generate-core-file $work/core" -ex kill \
        "$work/program" >/dev/null 2>&1 </dev/null || true
    [ ! -s "$work/core" ] || set -- "$@" "$work/core"
fi
"$python" tests/tools/mislead.py "$work/sanitized" "$work" "$@" >"$work/said" || fail "$(cat "$work/said")"

"$work/program" held "$work/held"
images="$work/image $work/held"
status "$work/program" slab "$work/slab" # 3: this library has none
[ "$status" != 0 ] || images="$images $work/slab"
for image in $images; do
    "$python" tests/tools/swap.py "$image" "$image.swapped"
done
command_needs=
command_of "$work/corrupt_image" $sanitizers -- tests/tools/corrupt_image.c tools/reader/*.c tools/reader/plain/*.c
"$work/corrupt_image" $((100 * ${TARN_TEST_SCALE:-100})) "$work" $images "$work"/*.swapped \
    >>"$work/said" 2>"$work/err" || fail "$(cat "$work/err")"
pass
done_with "$(cat "$work/said")"
