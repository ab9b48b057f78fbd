#!/bin/sh
# SPDX-License-Identifier: MIT
# `tarn inspect` with sanitizers on files that were cut, corrupted or made to mislead: an answer, never a crash.
# TARN_TEST_SEED and TARN_TEST_SCALE as in test programs; tests/tools/mislead.py says what is done to the files.
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
done_with "$(cat "$work/said")"
