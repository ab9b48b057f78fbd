#!/bin/sh
# SPDX-License-Identifier: MIT
# Test programs of a face under the thread sanitizer.
#   tsan.sh BUILD FACE PROGRAM.c...
set -eu
build=$1 face=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'int main(void) { return 0; }' >"$work/empty.c"
# Its shadow wants 64 bits; a kernel with more random mappings than it knows refuses it.
{ gcc -fsanitize=thread "$work/empty.c" -o "$work/empty" && "$work/empty"; } >"$work/log" 2>&1 ||
    { echo "no thread sanitizer here: $(tail -n 1 "$work/log")"; exit 77; }
printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h cmocka.h | gcc -fsyntax-only -x c - 2>/dev/null ||
    { echo "no cmocka"; exit 77; }
export TARN_TEST_SCALE=${TARN_TEST_SCALE:-20} TSAN_OPTIONS=halt_on_error=1
for program in "$@"; do
    gcc -std=gnu11 -O1 -g -fsanitize=thread -I include -I "$build/generated/include" -I src -I "faces/$face/include" \
        -I tests/support "$program" tests/support/test.c src/*.c ports/posix/*.c "faces/$face"/*.c \
        -lcmocka -pthread -o "$work/program"
    "$work/program" 2>&1 | tail -n 20 >"$work/output" || true
    cat "$work/output"
    ! grep -Eq 'WARNING: ThreadSanitizer|\[  FAILED  \]' "$work/output" && grep -q '\[  PASSED  \]' "$work/output"
done
