#!/bin/sh
# SPDX-License-Identifier: MIT
# The threads of test_blocks_threads.c under the thread sanitizer, in every discipline that threads may share a pool in.
#   run_blocks_tsan.sh BUILD
set -eu
. tests/support/blocks_configs.sh
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo 'int main(void) { return 0; }' >"$work/empty.c"
# Its shadow wants 64 bits; a kernel with more random mappings than it knows refuses it.
{ gcc -fsanitize=thread "$work/empty.c" -o "$work/empty" && "$work/empty"; } >"$work/log" 2>&1 ||
    { echo "no thread sanitizer here: $(tail -n 1 "$work/log")"; exit 77; }
echo '#include <cmocka.h>' | gcc -fsyntax-only -x c -include stdarg.h -include stddef.h -include stdint.h -include setjmp.h - \
    2>/dev/null || { echo "no cmocka"; exit 77; }
for discipline in port atomic atomic32 cache; do
    blocks_config $discipline "$build" "$work/$discipline"
    gcc -std=gnu11 -O1 -g -fsanitize=thread -Wno-tsan -I "$work/$discipline" -I include -I src -I tests/support \
        tests/unit/test_blocks_threads.c tests/support/test.c src/*.c ports/posix/*.c -lcmocka -pthread -o "$work/threads"
    TARN_TEST_SCALE=${TARN_TEST_SCALE:-3} TSAN_OPTIONS=halt_on_error=1 "$work/threads" >"$work/output" 2>&1 || true
    if grep -q 'WARNING: ThreadSanitizer' "$work/output" || ! grep -q '\[  PASSED  \] 4 test' "$work/output"; then
        tail -n 40 "$work/output"
        echo "blocks_tsan: $discipline failed" >&2
        exit 1
    fi
done
echo "blocks_tsan: no race in: port atomic atomic32 cache"
