#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_mynewt_threads.c under the thread sanitizer.
#   run_mynewt_tsan.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'int main(void) { return 0; }' >"$work/empty.c"
# Its shadow wants 64 bits; a kernel with more random mappings than it knows refuses it.
{ gcc -fsanitize=thread "$work/empty.c" -o "$work/empty" && "$work/empty"; } >"$work/log" 2>&1 ||
    { echo "no thread sanitizer here: $(tail -n 1 "$work/log")"; exit 77; }
printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h cmocka.h | gcc -fsyntax-only -x c - 2>/dev/null ||
    { echo "no cmocka"; exit 77; }
gcc -std=gnu11 -O1 -g -fsanitize=thread -I include -I "$build/generated/include" -I src -I faces/mynewt/include \
    -I tests/support tests/faces/test_mynewt_threads.c tests/support/test.c src/*.c ports/posix/*.c faces/mynewt/*.c \
    -lcmocka -pthread -o "$work/threads"
export TARN_TEST_SCALE=${TARN_TEST_SCALE:-20} TSAN_OPTIONS=halt_on_error=1
"$work/threads" 2>&1 | tail -n 20 >"$work/output" || true
cat "$work/output"
! grep -q 'WARNING: ThreadSanitizer' "$work/output" && grep -q '\[  PASSED  \] 1 test' "$work/output"
